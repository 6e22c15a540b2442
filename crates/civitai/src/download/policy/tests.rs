//! The policy as tables.

use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn led(base: &str, from: &str, location: &str) -> Result<String, Stop> {
    let mut headers = HeaderMap::new();
    headers.append(LOCATION, location.parse().unwrap());
    target(&url(base), &url(from), &headers).map(String::from)
}

const SITE: &str = "https://civitai.com";
const SIMULATOR: &str = "http://127.0.0.1:4000";

#[test]
fn storage_may_be_anywhere_on_the_public_internet() {
    let from = "https://civitai.com/api/download/models/5?fileId=9";
    for (location, led_to) in [
        ("https://b.acct.r2.cloudflarestorage.com/k?X-Amz-Signature=1", None),
        ("https://f004.backblazeb2.com/file/x/y.safetensors", None),
        ("https://storage.example:8443/k", None),
        ("https://1.1.1.1/k", None),
        ("https://[2606:4700::1111]/k", None),
        ("https://civitai.com/elsewhere", None),
        ("//storage.example/k", Some("https://storage.example/k")),
        ("/elsewhere", Some("https://civitai.com/elsewhere")),
        ("?fileId=10", Some("https://civitai.com/api/download/models/5?fileId=10")),
        ("https://storage.example/k#part", Some("https://storage.example/k")),
        ("HTTPS://STORAGE.example/k", Some("https://storage.example/k")),
    ] {
        assert_eq!(led(SITE, from, location).as_deref(), Ok(led_to.unwrap_or(location)), "{location}");
    }
}

#[test]
fn it_is_never_this_machine_its_network_or_another_protocol() {
    for location in [
        "http://storage.example/k",
        "http://civitai.com/k",
        "http://1.1.1.1/k",
        "ftp://storage.example/k",
        "ws://storage.example/k",
        "file:///etc/passwd",
        "file://storage.example/share",
        "data:application/octet-stream;base64,AAAA",
        "javascript:alert(1)",
        "blob:https://civitai.com/1",
        "https://user@storage.example/k",
        "https://user:word@storage.example/k",
        "https://:word@storage.example/k",
        "https://civitai.com@storage.example/k",
        "https://127.0.0.1/k",
        "https://127.1/k",
        "https://2130706433/k",
        "https://0x7f000001/k",
        "https://0177.0.0.1/k",
        "https://0/k",
        "https://10.1.2.3/k",
        "https://100.64.0.1/k",
        "https://169.254.169.254/latest/meta-data",
        "https://172.16.0.1/k",
        "https://192.168.0.1/k",
        "https://224.0.0.1/k",
        "https://[::]/k",
        "https://[::1]/k",
        "https://[::ffff:127.0.0.1]/k",
        "https://[::ffff:a9fe:a9fe]/k",
        "https://[64:ff9b::a00:1]/k",
        "https://[2002:c0a8:1::1]/k",
        "https://[fd00:ec2::254]/k",
        "https://[fe80::1]/k",
        "https://[ff02::1]/k",
        "https://localhost/k",
        "https://LOCALHOST:8443/k",
        "https://localhost./k",
        "https://storage.localhost/k",
        "http://127.0.0.1:4000/k",
    ] {
        let stop = led(SITE, SITE, location).unwrap_err();
        assert!(matches!(stop, Stop::Refused { .. }), "{location}: {stop:?}");
        let Stop::Refused { place, .. } = stop else { continue };
        for secret in ["word", "etc", "AAAA", "alert", "meta-data"] {
            assert!(!place.contains(secret), "{place}");
        }
    }
}

#[test]
fn a_simulator_may_send_to_another_port_of_its_own_host_only() {
    assert_eq!(led(SIMULATOR, SIMULATOR, "http://127.0.0.1:4001/k").as_deref(), Ok("http://127.0.0.1:4001/k"));
    assert!(led(SIMULATOR, SIMULATOR, "https://127.0.0.1:4001/k").is_ok());
    assert!(led("http://localhost:1", "http://localhost:1", "http://localhost:2/k").is_ok());
    assert!(led("http://[::1]:1", "http://[::1]:1", "http://[::1]:2/k").is_ok());
    for location in [
        "http://127.0.0.2:4001/k",
        "http://localhost:4001/k",
        "http://[::1]:4001/k",
        "http://[::ffff:127.0.0.1]:4001/k",
        "http://10.0.0.1/k",
        "https://10.0.0.1/k",
        "http://storage.example/k",
        "http://me@127.0.0.1:4001/k",
    ] {
        assert!(matches!(led(SIMULATOR, SIMULATOR, location), Err(Stop::Refused { .. })), "{location}");
    }
}

#[test]
fn a_redirect_names_exactly_one_place() {
    let base = url(SITE);
    assert_eq!(target(&base, &base, &HeaderMap::new()), Err(Stop::Nowhere));
    let mut two = HeaderMap::new();
    two.append(LOCATION, "https://a.example/".parse().unwrap());
    two.append(LOCATION, "https://a.example/".parse().unwrap());
    assert_eq!(target(&base, &base, &two), Err(Stop::Nowhere));
    for nowhere in ["https://", "https://exa mple/", "https://[::1/", &format!("/{}", "x".repeat(9000))] {
        assert_eq!(led(SITE, SITE, nowhere), Err(Stop::Nowhere), "{nowhere}");
    }
}

#[test]
fn only_five_statuses_redirect() {
    let all: Vec<u16> = (100..600).filter(|status| is_redirect(*status)).collect();
    assert_eq!(all, [301, 302, 303, 307, 308]);
}
