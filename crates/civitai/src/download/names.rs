//! Turns names into addresses, and leaves only those that may be fetched from.
//!
//! It stands inside the HTTP client, not before it: the address that was checked is the one that is connected to, so a
//! name that answers differently the second time gains nothing.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::address::is_public;
use crate::origin::is_loopback;

/// The names of one client.
#[derive(Debug)]
pub(super) struct Names {
    /// The configured host, if it is a name of this machine: it may lead to this machine.
    own: Option<String>,
    /// The user's proxy, which may well have a private address. With it, the proxy resolves all other names.
    proxy: Option<String>,
}

/// A name behind which there is no address to fetch from.
#[derive(Debug)]
pub(super) struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its name leads to a private network")
    }
}

impl std::error::Error for NotPublic {}

impl Names {
    /// For downloads from `base` and from wherever it sends them.
    pub(super) fn new(base: &Url, proxy: Option<String>) -> Self {
        let own = match base.host() {
            Some(Host::Domain(name)) if is_loopback(base) => Some(name.to_owned()),
            _ => None,
        };
        Self { own, proxy }
    }

    fn reach(&self, host: &str) -> Reach {
        let is = |name: &Option<String>| name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(host));
        if is(&self.own) {
            Reach::ThisMachine
        } else if is(&self.proxy) {
            Reach::Anywhere
        } else {
            Reach::Public
        }
    }
}

/// Where a name may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Public,
    ThisMachine,
    Anywhere,
}

impl Reach {
    fn allows(self, address: SocketAddr) -> bool {
        match self {
            Self::Public => is_public(address.ip()),
            Self::ThisMachine => address.ip().is_loopback(),
            Self::Anywhere => true,
        }
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.reach(name.as_str());
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            let allowed: Vec<SocketAddr> = found.into_iter().filter(|address| reach.allows(*address)).collect();
            if allowed.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolved(names: &Names, host: &str) -> Result<Vec<SocketAddr>, String> {
        match names.resolve(host.parse().unwrap()).await {
            Ok(addresses) => Ok(addresses.collect()),
            Err(error) if error.is::<NotPublic>() => Err("not public".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn names(base: &str, proxy: Option<&str>) -> Names {
        Names::new(&Url::parse(base).unwrap(), proxy.map(str::to_owned))
    }

    #[tokio::test]
    async fn a_name_of_this_machine_leads_nowhere_unless_it_was_configured() {
        let not_public = Err("not public".to_owned());
        assert_eq!(resolved(&names("https://civitai.com", None), "localhost").await, not_public);
        assert_eq!(resolved(&names("http://127.0.0.1:4000", None), "localhost").await, not_public);
        let own = resolved(&names("http://localhost:4000", None), "localhost").await.unwrap();
        assert!(!own.is_empty() && own.iter().all(|address| address.ip().is_loopback()));
    }

    #[tokio::test]
    async fn the_users_proxy_may_be_on_a_private_network() {
        assert!(resolved(&names("https://civitai.com", Some("LOCALHOST")), "localhost").await.is_ok());
    }

    #[test]
    fn private_addresses_are_dropped_from_among_public_ones() {
        let at = |text: &str| SocketAddr::new(text.parse().unwrap(), 443);
        assert!(Reach::Public.allows(at("1.1.1.1")) && !Reach::Public.allows(at("10.0.0.1")));
        assert!(Reach::ThisMachine.allows(at("::1")) && !Reach::ThisMachine.allows(at("1.1.1.1")));
    }
}
