//! Where a redirect may lead. Pure; names are checked where they are resolved, in [`super::names`].
//!
//! Storage hosts are not listed by name: Civitai chooses among several and changes them. What is refused is what no
//! storage of Civitai's can be: this machine, its network, another protocol.

use reqwest::header::{HeaderMap, LOCATION};
use url::{Host, Url};

use super::address::is_public;
use crate::config::origin_text;
use crate::origin::{has_userinfo, is_loopback};

/// Most redirects between the question and the bytes, Civitai's own included.
pub(super) const HOPS: usize = 5;

/// Signed addresses have some hundreds of characters.
const LONGEST: usize = 8 * 1024;

/// Why a redirect is not followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It names no place, or several.
    Nowhere,
    /// It leads to `place`, where nothing is fetched from because of `problem`.
    Refused { place: String, problem: &'static str },
}

/// Whether a status says that what was asked for is elsewhere.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Where an answer from `from` leads.
pub(super) fn target(base: &Url, from: &Url, headers: &HeaderMap) -> Result<Url, Stop> {
    let mut locations = headers.get_all(LOCATION).iter();
    let (Some(location), None) = (locations.next(), locations.next()) else {
        return Err(Stop::Nowhere);
    };
    let location = location.to_str().ok().filter(|text| text.len() <= LONGEST).ok_or(Stop::Nowhere)?;
    let mut url = from.join(location).map_err(|_| Stop::Nowhere)?;
    url.set_fragment(None);
    check(base, &url)?;
    Ok(url)
}

/// Whether bytes may be fetched from `url`, for a client of `base`.
pub(super) fn check(base: &Url, url: &Url) -> Result<(), Stop> {
    problem_with(base, url).map_or(Ok(()), |problem| Err(Stop::Refused { place: place(url), problem }))
}

fn problem_with(base: &Url, url: &Url) -> Option<&'static str> {
    if has_userinfo(url) {
        return Some("it holds a user name");
    }
    // A simulator serves its storage on a second port of the same host.
    let is_own = is_loopback(base) && url.host_str() == base.host_str();
    match url.scheme() {
        "https" => {}
        "http" if is_own => {}
        _ => return Some("it is not an https address"),
    }
    if is_own {
        return None;
    }
    match url.host() {
        Some(Host::Ipv4(address)) if is_public(address.into()) => None,
        Some(Host::Ipv6(address)) if is_public(address.into()) => None,
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => Some("it is in a private network"),
        Some(Host::Domain(name)) if is_local(name) => Some("it is on this machine"),
        Some(Host::Domain(_)) => None,
        None => Some("it has no host"),
    }
}

/// `localhost` and what is below it, which some resolvers answer themselves.
fn is_local(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.rsplit('.').next().is_some_and(|last| last.eq_ignore_ascii_case("localhost"))
}

/// An address for people: what is behind the host may be a secret, and what is before it an attack on the reader.
pub(super) fn place(url: &Url) -> String {
    match url.host() {
        Some(_) if matches!(url.scheme(), "http" | "https") => origin_text(&url.origin()),
        _ => format!("a `{}:` address", url.scheme()),
    }
}

#[cfg(test)]
mod tests;
