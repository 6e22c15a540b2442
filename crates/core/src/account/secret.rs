//! A key that cannot be printed or written by accident, and does not stay in memory when it is no longer used.
//!
//! Neither `Debug` nor `Display` shows any part of it: even a prefix in a log narrows a search down, and helps nobody. It
//! can be read from JSON, which is how a person's page hands it over, but not written.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _};
use zeroize::Zeroizing;

/// A key for Civitai. Clones share it; the last one overwrites it.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

/// A text that cannot be a key. Does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nothing but white space.
    #[error("The key is empty")]
    Empty,
    /// It would not survive in an HTTP header.
    #[error("The key holds characters that no key has")]
    Characters,
    /// Far longer than any key.
    #[error("The key is too long")]
    Length,
}

/// OAuth tokens have up to a few hundred characters; longer ones are a pasted document.
pub(super) const LONGEST: usize = 4096;

/// A shorter key is not hinted at: four characters would be too much of it.
const HINT_FROM: usize = 20;

impl Secret {
    /// Takes a key as people paste it, with white space around.
    pub fn new(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if text.len() > LONGEST {
            return Err(SecretError::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::Characters);
        }
        Ok(Self(Arc::new(Zeroizing::new(text.to_owned()))))
    }

    /// The key itself, for a request's header and the places that keep it. Nobody else has use for it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Enough for its owner to tell it from another: the last four characters of a long one.
    pub(super) fn hint(&self) -> Option<String> {
        let long = self.0.len() >= HINT_FROM;
        long.then(|| format!("…{}", &self.0[self.0.len() - 4..]))
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        // Only ever compared with what was just written: no stranger measures how long it takes.
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([key])")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Serde's own complaint about another type would repeat the value.
        let Ok(serde_json::Value::String(text)) = serde_json::Value::deserialize(deserializer) else {
            return Err(D::Error::custom("the key is a text"));
        };
        Self::new(&Zeroizing::new(text)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = Secret::new(" canary-7f3a \n").unwrap();
        assert_eq!(format!("{key:?} {key} {key:#?}").matches("canary").count(), 0);
        assert_eq!(key.expose(), "canary-7f3a");
    }

    #[test]
    fn texts_that_are_no_keys_are_refused_without_repeating_them() {
        assert_eq!(Secret::new("  ").unwrap_err(), SecretError::Empty);
        for text in ["canary\r\nX-Evil: 1", "canary two", "canäry", "canary\0"] {
            let error = Secret::new(text).unwrap_err();
            assert_eq!(error, SecretError::Characters);
            assert!(!error.to_string().contains("can"));
        }
        assert_eq!(Secret::new(&"x".repeat(5000)).unwrap_err(), SecretError::Length);
    }

    #[test]
    fn json_of_another_type_is_refused_without_repeating_it() {
        for json in ["31337313373", "[\"canary\"]", "{\"canary\":1}", "\"canary two\"", "null"] {
            let error = serde_json::from_str::<Secret>(json).unwrap_err().to_string();
            assert!(!error.contains("canary") && !error.contains("31337"), "{error}");
        }
    }

    #[test]
    fn only_a_long_key_is_hinted_at_by_four_characters() {
        assert_eq!(Secret::new("0123456789abcdef012").unwrap().hint(), None);
        assert_eq!(Secret::new("0123456789abcdef0123").unwrap().hint().as_deref(), Some("…0123"));
    }
}
