//! Asks Civitai where a file is.
//!
//! Exactly one request, never repeated here: Civitai counts each of them against the user, so the engine alone decides
//! when to ask again. Its redirect is read, not followed.

use modeldock_core::download::{SignedAddress, TransferError, TransferErrorKind, Wanted};
use reqwest::Response;
use reqwest::header::CACHE_CONTROL;
use url::Url;

use super::policy;
use super::problem::{odd, stopped, unanswered};
use super::refusal::{Answer, classify};
use crate::body;
use crate::client::Client;
use crate::config::origin_text;
use crate::transport::{ContentType, text};

/// The address of `wanted` in storage.
pub(super) async fn ask(client: &Client, wanted: &Wanted) -> Result<SignedAddress, TransferError> {
    let transport = &client.transport;
    let answer = ask_once(client, &address(client, wanted)).await;
    answer.map_err(|error| TransferError { message: transport.without_key(&error.message), ..error })
}

/// Built from ids alone: addresses in replies hold whatever host the server believes it has.
fn address(client: &Client, wanted: &Wanted) -> Url {
    match wanted {
        Wanted::File { version, file } => client.download_url(*version, *file),
        Wanted::Vault { item, part, file } => {
            let mut url = client.url(&["api", "download", "vault", &item.0.to_string()]);
            url.query_pairs_mut().append_pair("type", part.as_str());
            if let Some(file) = file {
                url.query_pairs_mut().append_pair("fileId", &file.0.to_string());
            }
            url
        }
    }
}

async fn ask_once(client: &Client, url: &Url) -> Result<SignedAddress, TransferError> {
    let who = format!("Civitai at {}", origin_text(&url.origin()));
    let asked = client.transport.keyed(url).await;
    let (response, had_token) = asked.map_err(|error| unanswered(&who, url, &error))?;
    if policy::is_redirect(response.status().as_u16()) {
        let base = &client.transport.base;
        let target = policy::target(base, url, response.headers()).map_err(|stop| stopped(url, &stop))?;
        return signed(client, url, target, had_token);
    }
    Err(refusal(client, url, response, had_token).await)
}

/// The target, unless it is a page for people.
fn signed(client: &Client, url: &Url, target: Url, had_token: bool) -> Result<SignedAddress, TransferError> {
    if target.origin() == client.transport.base.origin() {
        let mut segments = target.path_segments().into_iter().flatten();
        match segments.next() {
            Some("login") if had_token => {
                let message = "Civitai does not accept the key for this file: it asks to sign in on its page";
                return Err(TransferError::new(TransferErrorKind::Unauthorised, message));
            }
            Some("login") => {
                let message = "Civitai gives this file only to those who sign in";
                return Err(TransferError::new(TransferErrorKind::Unauthorised, message));
            }
            Some("models" | "") | None => return Err(odd(url, "a web page instead of a file")),
            Some(_) => {}
        }
    }
    let target = String::from(target);
    if client.transport.without_key(&target) != target {
        let message = "Civitai's answer puts the key into an address, which Modeldock does not use";
        return Err(TransferError::new(TransferErrorKind::Refused, message));
    }
    Ok(SignedAddress::new(target))
}

async fn refusal(client: &Client, url: &Url, response: Response, had_token: bool) -> TransferError {
    let status = response.status().as_u16();
    let headers = response.headers();
    let retry_after = client.transport.retry_after(headers);
    let kind = ContentType::of(headers);
    let cache = text(headers, &CACHE_CONTROL).unwrap_or_default().to_ascii_lowercase();
    let is_private = cache.contains("private") && cache.contains("no-store");
    // A body that is no message may have any length; none of it is read.
    let bytes = if kind == ContentType::Json { body::read_error(response).await } else { Vec::new() };
    let json = serde_json::from_slice(&bytes).ok();
    classify(&Answer { url, status, kind, json, retry_after, is_private, had_token })
}
