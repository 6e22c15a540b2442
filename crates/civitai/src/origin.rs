//! Which addresses get the key, and which may be asked for pictures. Pure: no name is resolved here.
//!
//! The two questions are kept apart on purpose. The key goes to the configured origin alone; pictures come from more
//! hosts and never carry the key, not even to that origin.

use url::{Host, Url};

/// Civitai's own domain, whose subdomains serve its media.
const MEDIA_DOMAIN: &str = ".civitai.com";

/// Whether the host is this machine. A name that merely contains `localhost` is not.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

/// Whether a request to `url` may carry the key: same scheme, host and port as the configured base, and not readable
/// on the way.
pub(crate) fn may_carry_token(base: &Url, url: &Url) -> bool {
    let private = url.scheme() == "https" || is_loopback(url);
    private && !has_userinfo(url) && url.origin() == base.origin()
}

/// Whether pictures may be fetched from `url`; else what is wrong with it, for people.
pub(crate) fn check_media(base: &Url, url: &Url) -> Result<(), &'static str> {
    if has_userinfo(url) {
        return Err("it holds a user name");
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(url) => {}
        _ => return Err("it is not an https address"),
    }
    let (Some(host), Some(base_host)) = (url.host_str(), base.host_str()) else {
        return Err("it has no host");
    };
    if is_loopback(url) {
        // The simulator serves media on a second port; nothing else may make Modeldock call a service of this machine.
        return if is_loopback(base) && host == base_host { Ok(()) } else { Err("it is on this machine") };
    }
    let configured = url.origin() == base.origin();
    let civitais = matches!(url.host(), Some(Host::Domain(_)))
        && host.len() > MEDIA_DOMAIN.len()
        && host.ends_with(MEDIA_DOMAIN)
        && url.port_or_known_default() == Some(443);
    if configured || civitais { Ok(()) } else { Err("it is not one of Civitai's hosts") }
}

pub(crate) fn has_userinfo(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_key_goes_to_the_configured_origin_alone() {
        let base = url("https://civitai.com");
        assert!(may_carry_token(&base, &url("https://civitai.com/api/v1/me")));
        assert!(may_carry_token(&base, &url("https://civitai.com:443/x")));
        for other in [
            "http://civitai.com/api/v1/me",
            "https://civitai.com:8443/api/v1/me",
            "https://image.civitai.com/x.png",
            "https://civitai.com.evil.example/",
            "https://evilcivitai.com/",
            "https://civitai.com@evil.example/",
            "https://me@civitai.com/",
            "http://127.0.0.1/",
            "file:///civitai.com",
        ] {
            assert!(!may_carry_token(&base, &url(other)), "{other}");
        }
        let simulator = url("http://127.0.0.1:4000");
        assert!(may_carry_token(&simulator, &url("http://127.0.0.1:4000/api/v1/me")));
        assert!(!may_carry_token(&simulator, &url("http://127.0.0.1:4001/storage")));
        assert!(!may_carry_token(&simulator, &url("http://localhost:4000/api/v1/me")));
        assert!(!may_carry_token(&simulator, &url("https://127.0.0.1:4000/api/v1/me")));
    }

    #[test]
    fn pictures_come_from_civitais_hosts_only() {
        let base = url("https://civitai.red");
        for good in [
            "https://image.civitai.com/xG1/uuid/original=true/1.jpeg",
            "https://image-b2.civitai.com/x.mp4",
            "https://civitai.red/images/1.png",
        ] {
            assert_eq!(check_media(&base, &url(good)), Ok(()), "{good}");
        }
        for bad in [
            "http://image.civitai.com/1.png",
            "https://image.civitai.com:8443/1.png",
            "https://image.civitai.com.evil.example/1.png",
            "https://evilcivitai.com/1.png",
            "https://civitai.red:8443/1.png",
            "https://x@image.civitai.com/1.png",
            "https://evil.example/image.civitai.com",
            "https://169.254.169.254/latest/meta-data",
            "http://127.0.0.1:4001/1.png",
            "https://localhost/1.png",
            "https://[::1]/1.png",
            "file:///etc/passwd",
            "data:image/png;base64,AAAA",
            "ftp://image.civitai.com/1.png",
        ] {
            assert!(check_media(&base, &url(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_simulator_may_serve_media_on_another_port_of_its_host() {
        let base = url("http://127.0.0.1:4000");
        assert_eq!(check_media(&base, &url("http://127.0.0.1:4001/1.png")), Ok(()));
        assert!(check_media(&base, &url("http://127.0.0.2:4001/1.png")).is_err());
        assert!(check_media(&base, &url("http://10.0.0.1:4001/1.png")).is_err());
    }
}
