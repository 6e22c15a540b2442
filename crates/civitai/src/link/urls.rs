//! Where the relays are, as people name them.

use std::fmt;

use url::Url;

use crate::config::{ClientConfigError, origin_text, parse_base};

/// Where the relays of Civitai Link are: `https://host` or, for hosts of this machine only, `http://host:port`.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkUrls {
    /// The relay of civitai.com.
    pub com: String,
    /// The relay of civitai.red.
    pub red: String,
}

impl Default for LinkUrls {
    fn default() -> Self {
        Self { com: "https://link.civitai.com".to_owned(), red: "https://link.civitai.red".to_owned() }
    }
}

impl LinkUrls {
    /// From what a person names: civitai.com's first, civitai.red's second, in texts of their own or with a comma between.
    /// What is missing or empty keeps its default.
    pub fn named<S: AsRef<str>>(texts: &[S]) -> Result<Self, ClientConfigError> {
        let named: Vec<&str> = texts.iter().flat_map(|text| text.as_ref().split(',')).map(str::trim).collect();
        if named.len() > 2 {
            return Err(ClientConfigError::TooManyLinks(named.len()));
        }
        let mut urls = Self::default();
        for (place, name) in [&mut urls.com, &mut urls.red].into_iter().zip(named) {
            if !name.is_empty() {
                name.clone_into(place);
            }
        }
        urls.checked()?;
        Ok(urls)
    }

    pub(super) fn checked(&self) -> Result<(Url, Url), ClientConfigError> {
        let check = |text: &str| parse_base(text.trim()).map_err(|error| ClientConfigError::Link(Box::new(error)));
        Ok((check(&self.com)?, check(&self.red)?))
    }
}

impl fmt::Debug for LinkUrls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What did not pass the checks may hold a password.
        match self.checked() {
            Ok((com, red)) => write!(f, "LinkUrls({}, {})", origin_text(&com.origin()), origin_text(&red.origin())),
            Err(error) => write!(f, "LinkUrls({error:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(texts: &[&str]) -> (String, String) {
        let urls = LinkUrls::named(texts).unwrap();
        (urls.com, urls.red)
    }

    #[test]
    fn two_relays_are_named_in_one_text_or_two() {
        let both = ("http://127.0.0.1:1".to_owned(), "http://127.0.0.1:2".to_owned());
        assert_eq!(named(&["http://127.0.0.1:1", "http://127.0.0.1:2"]), both);
        assert_eq!(named(&[" http://127.0.0.1:1 , http://127.0.0.1:2"]), both);
        let default = LinkUrls::default();
        assert_eq!(named(&[]), (default.com.clone(), default.red.clone()));
        assert_eq!(named(&[""]), (default.com.clone(), default.red.clone()));
        assert_eq!(named(&["http://127.0.0.1:1"]), (both.0, default.red));
        assert_eq!(named(&[",http://127.0.0.1:2"]), (default.com, both.1));
    }

    #[test]
    fn a_relay_is_an_origin_and_not_in_the_open() {
        for wrong in ["http://link.civitai.com", "https://link.civitai.com/path", "ftp://link.civitai.com", "nonsense"]
        {
            let error = LinkUrls::named(&[wrong]).unwrap_err();
            assert!(matches!(error, ClientConfigError::Link(_)), "{wrong}");
            assert!(error.to_string().starts_with("The address of Civitai Link "), "{error}");
        }
        assert_eq!(LinkUrls::named(&["a,b", "c"]), Err(ClientConfigError::TooManyLinks(3)));
        let secret = LinkUrls { com: "https://me:canary@link.civitai.com".to_owned(), ..LinkUrls::default() };
        assert!(!format!("{secret:?} {}", secret.checked().unwrap_err()).contains("canary"));
    }
}
