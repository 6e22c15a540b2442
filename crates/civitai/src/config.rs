//! Where Civitai is and who asks.
//!
//! The base URL is an origin and nothing more. A path, a query or a user name in it would have to be carried through
//! every address built from it, and is always a mistake of pasting.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::{Origin, Url};

use crate::link::LinkUrls;
use crate::origin;
use crate::pace::{Pace, WallClock};
use crate::token::Token;

/// The site everybody means.
pub const DEFAULT_BASE_URL: &str = "https://civitai.com";

const STALL: Duration = Duration::from_secs(60);

/// What a [`crate::Client`] is made from.
#[derive(Clone)]
pub struct ClientConfig {
    /// `https://host` or, for hosts of this machine only, `http://host:port`.
    pub base_url: String,
    /// The user's key. Most look-ups work without.
    pub token: Option<Token>,
    /// How time passes between tries.
    pub pace: Arc<dyn Pace>,
    /// How long a download may bring less than 1 KiB before it counts as broken. There is no limit to the whole of it.
    pub stall: Duration,
    /// Where the relays of Civitai Link are.
    pub links: LinkUrls,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.to_owned(),
            token: None,
            pace: Arc::new(WallClock),
            stall: STALL,
            links: LinkUrls::default(),
        }
    }
}

impl ClientConfig {
    /// The defaults, but at this address.
    pub fn at(base_url: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), ..Self::default() }
    }

    /// With this key, or without one.
    #[must_use]
    pub fn token(mut self, token: Option<Token>) -> Self {
        self.token = token;
        self
    }

    /// With another clock.
    #[must_use]
    pub fn pace(mut self, pace: Arc<dyn Pace>) -> Self {
        self.pace = pace;
        self
    }

    /// With another patience for downloads.
    #[must_use]
    pub fn stall(mut self, stall: Duration) -> Self {
        self.stall = stall;
        self
    }

    /// With other relays of Civitai Link.
    #[must_use]
    pub fn links(mut self, links: LinkUrls) -> Self {
        self.links = links;
        self
    }

    /// The checked base URL.
    pub(crate) fn base(&self) -> Result<Url, ClientConfigError> {
        parse_base(self.base_url.trim())
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            // What did not pass the checks may hold a password.
            .field("base_url", &self.base().map(|base| origin_text(&base.origin())))
            .field("token", &self.token)
            .field("links", &self.links)
            .finish_non_exhaustive()
    }
}

/// Why no client can be made. The address is named only where it cannot hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientConfigError {
    /// Not a URL.
    #[error("The address of Civitai is not a URL: {0}")]
    NotAUrl(String),
    /// `ftp:`, `file:`, …
    #[error("The address of Civitai must begin with https://, not {0}:")]
    Scheme(String),
    /// `http:` to another machine: the key and the user's hashes would travel in the open.
    #[error("The address of Civitai must begin with https:// because {0} is another machine")]
    PlainHttp(String),
    /// A user name or password.
    #[error("The address of Civitai must not hold a user name or password")]
    UserInfo,
    /// A path, query or fragment.
    #[error("The address of Civitai must end after the host, like {0}")]
    Path(String),
    /// TLS cannot be set up, for example because the system has no certificates.
    #[error("Encrypted connections cannot be set up on this system: {0}")]
    Tls(String),
    /// The address of a relay of Civitai Link is wrong in one of these ways.
    #[error("{}", .0.to_string().replacen("The address of Civitai", "The address of Civitai Link", 1))]
    Link(Box<Self>),
    /// Civitai has two sites, each with a relay.
    #[error("There are two relays of Civitai Link, civitai.com's and civitai.red's, but {0} addresses were given")]
    TooManyLinks(usize),
}

pub(crate) fn parse_base(text: &str) -> Result<Url, ClientConfigError> {
    let url = Url::parse(text).map_err(|error| ClientConfigError::NotAUrl(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(ClientConfigError::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ClientConfigError::UserInfo);
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(ClientConfigError::Path(origin_text(&url.origin())));
    }
    if url.scheme() == "http" && !origin::is_loopback(&url) {
        return Err(ClientConfigError::PlainHttp(url.host_str().unwrap_or_default().to_owned()));
    }
    Ok(url)
}

/// `https://civitai.com`, without the slash that [`Url`] prints.
pub(crate) fn origin_text(origin: &Origin) -> String {
    origin.ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in [
            "https://civitai.com",
            "https://civitai.red/",
            "http://127.0.0.1:4000",
            "http://localhost:80",
            "http://[::1]:9",
        ] {
            assert!(parse_base(good).is_ok(), "{good}");
        }
        for bad in
            ["http://civitai.com", "http://127.0.0.1.evil.example", "http://localhost.evil.example", "http://10.0.0.1"]
        {
            assert!(matches!(parse_base(bad), Err(ClientConfigError::PlainHttp(_))), "{bad}");
        }
    }

    #[test]
    fn anything_beyond_an_origin_is_refused() {
        assert!(matches!(parse_base("https://civitai.com/api"), Err(ClientConfigError::Path(_))));
        assert!(matches!(parse_base("https://civitai.com/?token=canary"), Err(ClientConfigError::Path(_))));
        assert!(matches!(parse_base("https://civitai.com/#x"), Err(ClientConfigError::Path(_))));
        assert_eq!(parse_base("https://me:canary@civitai.com"), Err(ClientConfigError::UserInfo));
        assert_eq!(parse_base("https://canary@civitai.com"), Err(ClientConfigError::UserInfo));
        assert!(matches!(parse_base("file:///etc/passwd"), Err(ClientConfigError::Scheme(_))));
        assert!(matches!(parse_base("civitai.com"), Err(ClientConfigError::NotAUrl(_))));
        let path = parse_base("https://civitai.com/?token=canary").unwrap_err();
        assert!(!path.to_string().contains("canary"), "{path}");
    }
}
