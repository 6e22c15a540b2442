//! Turns what went wrong into a [`CatalogError`] with words for people, and says whether to try again at once.
//!
//! A 404 counts as "not found" only when it looks like the API's own: a proxy, a captive portal or a mistyped address
//! answers 404 as well, and a file once taken for unknown would not be looked up again for days.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use modeldock_core::catalog::{CatalogError, CatalogErrorKind};
use serde_json::Value;
use url::Url;

use crate::config::origin_text;
use crate::retry::Again;

/// A failed try.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: CatalogError,
    pub(crate) again: Again,
    /// The answer was longer than allowed: a smaller question may have a shorter one.
    pub(crate) too_long: bool,
    /// What the server's own code calls the failure: `BAD_REQUEST`. Only there if it was the server that said no.
    pub(crate) code: Option<String>,
}

/// What a reply that is not a success looks like.
#[derive(Debug)]
pub(crate) struct Refusal<'a> {
    pub(crate) url: &'a Url,
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    /// The body, if its type says JSON and it is.
    pub(crate) json: Option<Value>,
    pub(crate) html: bool,
    /// Whether this endpoint answers 404 for things that do not exist.
    pub(crate) may_miss: bool,
    pub(crate) had_token: bool,
}

impl Failure {
    pub(crate) fn new(kind: CatalogErrorKind, message: impl Into<String>) -> Self {
        Self { error: CatalogError { kind, message: message.into() }, again: Again::Never, too_long: false, code: None }
    }

    fn again(mut self, again: Again) -> Self {
        self.again = again;
        self
    }

    /// Refused here, before anything was sent.
    pub(crate) fn unsent(status: u16, message: impl Into<String>) -> Self {
        Self::new(CatalogErrorKind::Refused(status), message)
    }

    /// An answer that is not what the API sends; `what` as in "answered with {what}".
    pub(crate) fn odd(url: &Url, what: &str) -> Self {
        Self::new(CatalogErrorKind::NotJson, format!("{} answered with {what}", shown(url)))
    }

    /// More bytes than allowed.
    pub(crate) fn too_long(url: &Url, limit: usize) -> Self {
        let failure = Self::odd(url, &format!("more than {} KiB", limit / 1024));
        Self { too_long: true, ..failure }
    }

    /// No connection was made, or it broke.
    pub(crate) fn offline(url: &Url, error: &reqwest::Error) -> Self {
        let (message, again) = broken(&format!("Civitai at {}", origin_text(&url.origin())), error);
        Self::new(CatalogErrorKind::Offline, message).again(again)
    }

    /// The classification of section 7 of the API contract.
    pub(crate) fn refused(refusal: &Refusal<'_>) -> Self {
        let Refusal { url, status, retry_after, json, html, may_miss, had_token } = refusal;
        let at = origin_text(&url.origin());
        let page = shown(url);
        let words = json.as_ref().and_then(server_words).map(|words| format!(": {words}")).unwrap_or_default();
        match *status {
            404 if *may_miss && is_api_error(json.as_ref()) => {
                Self::new(CatalogErrorKind::NotFound, format!("Civitai has nothing at {page}"))
            }
            404 if *html => Self::odd(url, "a web page instead of data (404)"),
            404 => Self::odd(url, "something other than data (404)"),
            401 if json.is_some() && *had_token => {
                Self::new(CatalogErrorKind::Unauthorised, format!("Civitai at {at} does not accept the key"))
            }
            401 if json.is_some() => {
                Self::new(CatalogErrorKind::Unauthorised, format!("Civitai at {at} wants a key for {page}"))
            }
            403 if json.is_some() => {
                Self::new(CatalogErrorKind::Unauthorised, format!("Civitai at {at} does not permit {page}{words}"))
            }
            // A challenge of the proxy before Civitai. It passes; no key would help.
            401 | 403 => Self::new(
                CatalogErrorKind::Server(*status, *retry_after),
                format!("{page} answered with a web page instead of data ({status})"),
            ),
            429 => {
                let message = match retry_after {
                    Some(wait) => format!("Civitai at {at} asks to wait {} s", wait.as_secs()),
                    None => format!("Civitai at {at} gets too many requests{words}"),
                };
                Self::new(CatalogErrorKind::RateLimited(*retry_after), message).again(Again::TooMany(*retry_after))
            }
            502..=504 | 520..=524 => Self::new(
                CatalogErrorKind::Server(*status, *retry_after),
                format!("Civitai at {at} is overloaded ({status}){words}"),
            )
            .again(Again::Overloaded(*retry_after)),
            500..=599 => Self {
                code: json.as_ref().and_then(trpc_code),
                ..Self::new(
                    CatalogErrorKind::Server(*status, *retry_after),
                    format!("Civitai at {at} has trouble with {page} ({status}){words}"),
                )
            },
            // "Request timeout" and "too early" are about the moment, not about the request.
            408 | 425 => Self::new(
                CatalogErrorKind::Server(*status, *retry_after),
                format!("Civitai at {at} did not take {page} in time ({status})"),
            ),
            _ => Self::new(
                CatalogErrorKind::Refused(*status),
                format!("Civitai at {at} refused {page} ({status}){words}"),
            ),
        }
    }
}

/// The address without what may be secret: query, fragment, user name.
pub(crate) fn shown(url: &Url) -> String {
    format!("{}{}", origin_text(&url.origin()), url.path())
}

/// What to tell people of a request without a whole answer; `who` begins the sentence.
pub(crate) fn broken(who: &str, error: &reqwest::Error) -> (String, Again) {
    if error.is_timeout() {
        return (format!("{who} did not answer in time"), Again::Never);
    }
    let (reason, again) = reason(error);
    let message = if error.is_body() || error.is_decode() {
        format!("{who} broke off its answer: {reason}")
    } else {
        format!("{who} cannot be reached: {reason}")
    };
    (message, again)
}

/// Whether a 404's body is the API's: `{"error": "Model not found"}`.
pub(crate) fn is_api_error(json: Option<&Value>) -> bool {
    json.and_then(|value| value.get("error")).is_some_and(Value::is_string)
}

/// The code of a tRPC error that was written as JSON, as an object or as the text of one. Its message is not among what
/// gets written (API contract, section 0.3).
fn trpc_code(json: &Value) -> Option<String> {
    let error = match json.get("error")? {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let is_trpc = error.get("name").and_then(Value::as_str) == Some("TRPCError");
    let code = error.get("code")?.as_str()?;
    (is_trpc && code.len() <= 64).then(|| code.to_owned())
}

/// What the server says, as one short line. Bodies come in several shapes (API contract, section 0.3).
pub(crate) fn server_words(json: &Value) -> Option<String> {
    let candidates = [json.get("message"), json.get("error"), json.pointer("/error/message"), json.get("detail")];
    let text = candidates.into_iter().flatten().find_map(Value::as_str)?;
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line: String = words.join(" ").chars().take(120).collect();
    (!line.is_empty()).then_some(line)
}

/// The deepest cause that says something to people. `reqwest`'s own text repeats the URL with its query.
pub(crate) fn reason(error: &reqwest::Error) -> (String, Again) {
    let mut deepest = String::new();
    let mut source: Option<&(dyn StdError + 'static)> = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        if text.contains("dns error") {
            return ("its name cannot be resolved".to_owned(), Again::Broken);
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            if let Some(tls) = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return (tls_reason(tls), Again::Never);
            }
            if let Some(words) = io_reason(io.kind()) {
                return (words.to_owned(), Again::Broken);
            }
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return (tls_reason(tls), Again::Never);
        }
        deepest = text;
        source = cause.source();
    }
    if deepest.contains("closed before message completed") {
        "the connection ended early".clone_into(&mut deepest);
    }
    if deepest.is_empty() {
        "the connection failed".clone_into(&mut deepest);
    }
    let end = deepest.find(" (os error ").unwrap_or(deepest.len());
    (deepest[..end].to_owned(), Again::Broken)
}

pub(crate) fn io_reason(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some("connection refused"),
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            Some("the connection was reset")
        }
        io::ErrorKind::UnexpectedEof => Some("the connection ended early"),
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkDown => {
            Some("there is no network")
        }
        io::ErrorKind::TimedOut => Some("it did not answer in time"),
        _ => None,
    }
}

fn tls_reason(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(_) => "its certificate cannot be trusted".to_owned(),
        _ => "no encrypted connection could be made".to_owned(),
    }
}

#[cfg(test)]
mod tests;
