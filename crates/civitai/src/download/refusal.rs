//! What Civitai means when it does not say where a file is. Pure: the table of sections 2.1 and 2.5 of the API contract.
//!
//! The status alone decides little: 401 also says "downloads are off", and the vault says "not permitted" with a 503.

use std::time::Duration;

use modeldock_core::download::{TransferError, TransferErrorKind};
use serde_json::Value;
use url::Url;

use super::problem::odd;
use crate::config::origin_text;
use crate::failure::{is_api_error, server_words};
use crate::transport::ContentType;

/// An answer that is no redirect.
#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) url: &'a Url,
    pub(super) status: u16,
    pub(super) kind: ContentType,
    /// The body, if its type says JSON and it is.
    pub(super) json: Option<Value>,
    pub(super) retry_after: Option<Duration>,
    /// `Cache-Control: private, no-store`. With a 404 it means that the file is there and storage could not be asked.
    pub(super) is_private: bool,
    pub(super) had_token: bool,
}

/// Which error it is.
pub(super) fn classify(answer: &Answer<'_>) -> TransferError {
    let Answer { url, status, kind, json, retry_after, .. } = answer;
    let html = *kind == ContentType::Html;
    let at = format!("Civitai at {}", origin_text(&url.origin()));
    let said = json.as_ref().and_then(server_words);
    let words = said.as_ref().map(|words| format!(": {words}")).unwrap_or_default();
    let error = TransferError::new;
    match *status {
        200..=299 if html => odd(url, "a web page instead of a file"),
        200..=299 if *kind == ContentType::Json => odd(url, &format!("a message instead of a file{words}")),
        200..=299 => odd(url, "something other than the address of a file"),
        // A challenge of the proxy before Civitai. It passes; no key would help.
        401 | 403 if html => error(
            TransferErrorKind::Server(*retry_after),
            format!("{at} answered with a web page instead of a file ({status})"),
        ),
        401 if says(json.as_ref(), &["disabled downloads"]) => {
            error(TransferErrorKind::Forbidden, format!("{at} does not give this file to anybody{words}"))
        }
        401 if answer.had_token => {
            error(TransferErrorKind::Unauthorised, format!("{at} does not accept the key for this file"))
        }
        401 => error(TransferErrorKind::Unauthorised, format!("{at} gives this file only to those who sign in")),
        403 if says(json.as_ref(), &["insufficient_scope"]) => {
            error(TransferErrorKind::Unauthorised, format!("{at} wants a key with more rights for this file{words}"))
        }
        403 if says(json.as_ref(), &["early access"]) => {
            error(TransferErrorKind::Forbidden, early_access(json.as_ref()))
        }
        403 => error(TransferErrorKind::Forbidden, format!("{at} does not permit this download{words}")),
        404 if answer.is_private && !html => {
            error(TransferErrorKind::Server(*retry_after), format!("{at} cannot find its file at the moment{words}"))
        }
        404 if is_api_error(json.as_ref()) => error(TransferErrorKind::Gone, format!("{at} has no such file{words}")),
        410 if !html => error(TransferErrorKind::Gone, format!("{at} no longer has this file{words}")),
        404 | 410 if html => odd(url, &format!("a web page instead of a file ({status})")),
        404 => odd(url, "something other than a file (404)"),
        429 => {
            let message = match retry_after {
                Some(wait) => format!("{at} asks to wait {} s{words}", wait.as_secs()),
                None => format!("{at} gets too many requests{words}"),
            };
            error(TransferErrorKind::RateLimited(*retry_after), message)
        }
        503 if says(json.as_ref(), &["you do not have permission", "does not allow downloads"]) => {
            error(TransferErrorKind::Forbidden, format!("{at} does not permit this download{words}"))
        }
        408 | 425 | 500..=599 => error(
            TransferErrorKind::Server(*retry_after),
            format!("{at} has trouble with this download ({status}){words}"),
        ),
        // What is left of the refusals is about the request, which would be the same the next time.
        400..=499 if !html => {
            error(TransferErrorKind::Forbidden, format!("{at} refused this download ({status}){words}"))
        }
        _ => odd(url, &format!("something other than a file ({status})")),
    }
}

/// Whether one of the texts in the body says one of `phrases`.
fn says(json: Option<&Value>, phrases: &[&str]) -> bool {
    ["error", "message"].into_iter().filter_map(|field| json?.get(field)?.as_str()).any(|text| {
        let text = text.to_ascii_lowercase();
        phrases.iter().any(|phrase| text.contains(phrase))
    })
}

fn early_access(json: Option<&Value>) -> String {
    let deadline = json.and_then(|json| json.get("deadline")?.as_str()?.parse::<jiff::Timestamp>().ok());
    match deadline {
        Some(deadline) => {
            let deadline = deadline.strftime("%Y-%m-%d %H:%M UTC");
            format!(
                "This version is in early access until {deadline}. Wait for it, or buy access on its page at Civitai"
            )
        }
        None => "This version is in early access. Wait for its end, or buy access on its page at Civitai".to_owned(),
    }
}

#[cfg(test)]
mod tests;
