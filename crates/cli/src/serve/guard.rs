//! Who may ask: decided from a request's head alone, before anything else.
//!
//! Any web page a user visits can make their browser send requests to this computer, and with DNS rebinding even read
//! the answers. So three things are checked on every request: the `Host` is ours (defeats rebinding), an `Origin` is
//! ours (defeats forms and sockets of other sites), and the secret is there (defeats other programs of other users).

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use modeldock_core::{Code, Error, Result};
use subtle::ConstantTimeEq as _;

/// The secret's length in bytes.
const SECRET: usize = 32;

/// The page may load only itself. `'self'` covers the WebSocket.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a request must show.
pub(super) struct Guard {
    /// `http` or `https`.
    scheme: &'static str,
    /// What a `Host` may be; the first is for the link.
    authorities: Vec<String>,
    token: String,
    cookie: String,
    cookie_name: String,
}

/// What is decided about a request.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Pass,
    /// The link was followed: give the cookie and go to the page.
    LetIn,
    Refuse(StatusCode, &'static str),
}

impl Guard {
    /// With fresh secrets. `hosts` are names and addresses besides the one that is listened on.
    pub(super) fn new(address: SocketAddr, hosts: &[String], encrypted: bool) -> Result<Self> {
        let (scheme, port, usual) =
            if encrypted { ("https", address.port(), 443) } else { ("http", address.port(), 80) };
        let mut authorities: Vec<String> = Vec::new();
        for host in hosts {
            let host = host.to_ascii_lowercase();
            let is_name = |text: &str| {
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
            };
            let is_address = host.parse::<std::net::Ipv6Addr>().is_ok();
            if !is_address && !is_name(&host) {
                return Err(Error::invalid(format!("`{host}` is no name of a computer"))
                    .hint("Give it without a scheme or port, like gpu-machine.lan or 192.168.1.20"));
            }
            authorities.push(if is_address { format!("[{host}]") } else { host });
        }
        let own = address.ip();
        if !own.is_unspecified() {
            authorities.push(if own.is_ipv6() { format!("[{own}]") } else { own.to_string() });
        }
        authorities.extend(["127.0.0.1", "localhost", "[::1]"].map(str::to_owned));
        // Browsers leave out the usual port.
        let with_port = |host: &String| format!("{host}:{port}");
        let with_port: Vec<String> = authorities.iter().map(with_port).collect();
        let without = if port == usual { authorities } else { Vec::new() };
        let authorities = with_port.into_iter().chain(without).collect();
        // Cookies ignore ports: two servers on one computer must not overwrite each other's.
        let cookie_name = format!("modeldock-{port}");
        Ok(Self { scheme, authorities, token: secret()?, cookie: secret()?, cookie_name })
    }

    /// The link that lets one in.
    pub(super) fn link(&self) -> String {
        let host = self.authorities.first().map(String::as_str).unwrap_or_default();
        format!("{}://{host}/?token={}", self.scheme, self.token)
    }

    fn is_own_authority(&self, authority: &str) -> bool {
        self.authorities.iter().any(|own| own.eq_ignore_ascii_case(authority))
    }

    fn decide(&self, method: &Method, path: &str, query: Option<&str>, headers: &HeaderMap) -> Verdict {
        use Verdict::{LetIn, Pass, Refuse};
        let one = |name: header::HeaderName| -> std::result::Result<Option<&str>, ()> {
            let mut values = headers.get_all(name).iter();
            match (values.next(), values.next()) {
                (None, _) => Ok(None),
                (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
                (Some(_), Some(_)) => Err(()),
            }
        };
        let Ok(Some(host)) = one(header::HOST) else {
            return Refuse(StatusCode::BAD_REQUEST, "One Host header is needed.");
        };
        if !self.is_own_authority(host) {
            return Refuse(StatusCode::MISDIRECTED_REQUEST, "This is not the address Modeldock listens on.");
        }
        let same_origin = match one(header::ORIGIN) {
            Ok(None) => true,
            Ok(Some(origin)) => {
                origin.split_once("://").is_some_and(|(scheme, authority)| scheme == self.scheme && authority == host)
            }
            Err(()) => false,
        };
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        let is_navigation = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
        let from_elsewhere = matches!(site, Some(b"cross-site" | b"same-site"));
        if !same_origin || (from_elsewhere && !(is_navigation && *method == Method::GET && path == "/")) {
            return Refuse(StatusCode::FORBIDDEN, "Other pages may not ask Modeldock anything.");
        }
        let token = query.and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")));
        if let (Some(token), "/", &Method::GET) = (token, path, method) {
            if is_same(token, &self.token) {
                return LetIn;
            }
            return Refuse(StatusCode::UNAUTHORIZED, "This link is from an earlier start. Use the newest one.");
        }
        let cookie = cookie(headers, &self.cookie_name).is_some_and(|value| is_same(value, &self.cookie));
        let bearer = match one(header::AUTHORIZATION) {
            Ok(Some(value)) => value.strip_prefix("Bearer ").is_some_and(|value| is_same(value, &self.token)),
            _ => false,
        };
        if !cookie && !bearer {
            return Refuse(StatusCode::UNAUTHORIZED, "Open the link that `modeldock serve` printed.");
        }
        // A form cannot send JSON, so this stops cross-site forms even in browsers that send no Origin with them.
        let is_json = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        if *method == Method::POST && !is_json {
            return Refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send JSON with Content-Type: application/json.");
        }
        Pass
    }
}

/// Lets a request through to its handler, or not; and gives every answer the headers that keep a page safe.
pub(super) async fn check(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let uri = request.uri();
    let mut response = match guard.decide(request.method(), uri.path(), uri.query(), request.headers()) {
        Verdict::Pass => next.run(request).await,
        Verdict::LetIn => {
            let secure = if guard.scheme == "https" { "; Secure" } else { "" };
            let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Lax{secure}", guard.cookie_name, guard.cookie);
            let headers = [
                (header::LOCATION, "/".to_owned()),
                (header::SET_COOKIE, cookie),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Verdict::Refuse(status, why) => (status, why).into_response(),
    };
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn secret() -> Result<String> {
    let mut bytes = [0; SECRET];
    getrandom::fill(&mut bytes).map_err(|source| {
        Error::new(Code::Internal, format!("The system gave no random numbers for a secret: {source}"))
    })?;
    Ok(bytes.iter().fold(String::with_capacity(2 * SECRET), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

fn is_same(given: &str, secret: &str) -> bool {
    given.as_bytes().ct_eq(secret.as_bytes()).into()
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(SocketAddr::from(([127, 0, 0, 1], 4310)), &[], false).unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[expect(clippy::needless_pass_by_value, reason = "it reads better where it is called")]
    fn status(guard: &Guard, method: Method, path: &str, query: Option<&str>, pairs: &[(&'static str, &str)]) -> u16 {
        match guard.decide(&method, path, query, &headers(pairs)) {
            Verdict::Pass => 200,
            Verdict::LetIn => 303,
            Verdict::Refuse(status, _) => status.as_u16(),
        }
    }

    #[test]
    fn only_our_own_addresses_are_answered() {
        let guard = guard();
        let bearer = format!("Bearer {}", guard.token);
        let ask = |host: &str| status(&guard, Method::GET, "/", None, &[("host", host), ("authorization", &bearer)]);
        for host in ["127.0.0.1:4310", "localhost:4310", "[::1]:4310"] {
            assert_eq!(ask(host), 200, "{host}");
        }
        let foreign = [
            "evil.example:4310",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost",
            "localhost.:4310",
            "0.0.0.0:4310",
            "127.0.0.1:4310.evil.example",
            "user@127.0.0.1:4310",
            "[::ffff:127.0.0.1]:4310",
            "LOCALHOST:4310x",
            "",
        ];
        for host in foreign {
            assert_eq!(ask(host), 421, "{host}");
        }
        assert_eq!(status(&guard, Method::GET, "/", None, &[("authorization", &bearer)]), 400);
        let twice = [("host", "localhost:4310"), ("host", "localhost:4310"), ("authorization", bearer.as_str())];
        assert_eq!(status(&guard, Method::GET, "/", None, &twice), 400);
    }

    #[test]
    fn beyond_this_computer_only_the_names_it_was_given_are_answered() {
        let hosts = ["GPU.lan".to_owned(), "fe80::1".to_owned()];
        let guard = Guard::new(SocketAddr::from(([0, 0, 0, 0], 443)), &hosts, true).unwrap();
        assert!(guard.link().starts_with("https://gpu.lan:443/?token="), "{}", guard.link());
        let bearer = format!("Bearer {}", guard.token);
        let ask = |host: &str, origin: &str| {
            let pairs = [("host", host), ("authorization", bearer.as_str()), ("origin", origin)];
            status(&guard, Method::GET, "/", None, &pairs)
        };
        for host in ["gpu.lan", "gpu.lan:443", "[fe80::1]", "localhost"] {
            assert_eq!(ask(host, &format!("https://{host}")), 200, "{host}");
            assert_eq!(ask(host, &format!("http://{host}")), 403, "{host}");
        }
        for host in ["0.0.0.0", "192.168.1.20", "evil.example", "gpu.lan:80", "gpu.lan.evil.example"] {
            assert_eq!(ask(host, &format!("https://{host}")), 421, "{host}");
        }
        for bad in ["", "http://x", "x:1", "a b", "x/y"] {
            assert!(Guard::new(SocketAddr::from(([0, 0, 0, 0], 1)), &[bad.to_owned()], false).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_pages_may_not_ask() {
        let guard = guard();
        let cookie = format!("{}={}", guard.cookie_name, guard.cookie);
        let ask = |extra: &[(&'static str, &str)]| {
            let mut pairs =
                vec![("host", "127.0.0.1:4310"), ("cookie", cookie.as_str()), ("content-type", "application/json")];
            pairs.extend_from_slice(extra);
            status(&guard, Method::POST, "/rpc/library_list", None, &pairs)
        };
        assert_eq!(ask(&[]), 200);
        assert_eq!(ask(&[("origin", "http://127.0.0.1:4310")]), 200);
        for origin in
            ["null", "http://evil.example", "https://127.0.0.1:4310", "http://localhost:4310", "http://127.0.0.1:4311"]
        {
            assert_eq!(ask(&[("origin", origin)]), 403, "{origin}");
        }
        assert_eq!(ask(&[("sec-fetch-site", "cross-site")]), 403);
        assert_eq!(ask(&[("sec-fetch-site", "same-origin")]), 200);
    }

    #[test]
    fn the_secret_is_needed_everywhere_and_forms_cannot_post() {
        let guard = guard();
        let host = ("host", "127.0.0.1:4310");
        for path in ["/", "/index.html", "/ws", "/preview/1/cover"] {
            assert_eq!(status(&guard, Method::GET, path, None, &[host]), 401, "{path}");
        }
        let wrong = format!("{}={}", guard.cookie_name, "0".repeat(64));
        assert_eq!(status(&guard, Method::GET, "/", None, &[host, ("cookie", &wrong)]), 401);
        let bearer = format!("Bearer {}", guard.token);
        let form = [host, ("authorization", bearer.as_str()), ("content-type", "text/plain")];
        assert_eq!(status(&guard, Method::POST, "/rpc/scan_start", None, &form), 415);
    }

    #[test]
    fn the_link_is_exchanged_for_a_cookie_and_an_old_one_is_not() {
        let guard = guard();
        let host = [("host", "127.0.0.1:4310")];
        let good = format!("token={}", guard.token);
        assert_eq!(status(&guard, Method::GET, "/", Some(&good), &host), 303);
        assert_eq!(status(&guard, Method::GET, "/", Some("token=abc"), &host), 401);
        assert_eq!(status(&guard, Method::GET, "/rpc/x", Some(&good), &host), 401);
        // Following the link from a chat or a mail is a navigation from another site.
        let followed = [host[0], ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
        assert_eq!(status(&guard, Method::GET, "/", Some(&good), &followed), 303);
    }

    #[test]
    fn every_combination_of_host_origin_and_secret_passes_only_if_all_three_are_right() {
        let guard = guard();
        let bearer = format!("Bearer {}", guard.token);
        let hosts = ["127.0.0.1:4310", "evil.example", "127.0.0.1:1", "[::1]:4310", "localhost:4310"];
        let origins = ["", "http://127.0.0.1:4310", "http://evil.example", "null", "file://", "http://localhost:4310"];
        let secrets = ["", bearer.as_str(), "Bearer x", "Basic x"];
        let mut cases = 0;
        for host in hosts {
            for origin in origins {
                for secret in secrets {
                    for method in [Method::GET, Method::POST] {
                        let mut pairs = vec![("host", host), ("content-type", "application/json")];
                        pairs.extend((!origin.is_empty()).then_some(("origin", origin)));
                        pairs.extend((!secret.is_empty()).then_some(("authorization", secret)));
                        let own_host = !matches!(host, "evil.example" | "127.0.0.1:1");
                        let own_origin = origin.is_empty() || origin == format!("http://{host}");
                        let wanted = own_host && own_origin && secret == bearer;
                        let passed = status(&guard, method, "/rpc/app_info", None, &pairs) == 200;
                        assert_eq!(passed, wanted, "{pairs:?}");
                        cases += 1;
                    }
                }
            }
        }
        assert!(cases >= 200);
    }
}
