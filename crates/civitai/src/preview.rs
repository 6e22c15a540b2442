//! Fetches preview pictures and videos from the hosts that serve Civitai's media.
//!
//! Redirects are followed by hand, because every hop must pass the same checks as the first address; and the key is
//! never sent, not even to the configured origin: no public picture needs it.

use modeldock_core::catalog::{CatalogErrorKind, PreviewBytes};
use reqwest::Response;
use reqwest::header::LOCATION;
use url::Url;

use crate::body;
use crate::failure::{Failure, Refusal, shown};
use crate::origin::check_media;
use crate::retry::Tries;
use crate::transport::{ContentType, Transport};

const HOPS: usize = 5;

/// At most `limit` bytes from `address`.
pub(crate) async fn fetch(transport: &Transport, address: &str, limit: usize) -> Result<PreviewBytes, Failure> {
    // The address comes from a reply, so it is not repeated unless it parses.
    let start = Url::parse(address).map_err(|_| Failure::unsent(400, "The address of a preview is not a URL"))?;
    let mut tries = Tries::default();
    loop {
        match fetch_once(transport, start.clone(), limit).await {
            Ok(bytes) => return Ok(PreviewBytes { bytes }),
            Err(failure) => transport.wait_or_give_up(&mut tries, failure).await?,
        }
    }
}

async fn fetch_once(transport: &Transport, start: Url, limit: usize) -> Result<Vec<u8>, Failure> {
    let _permit = transport.permit().await?;
    let mut url = start;
    for _ in 0..=HOPS {
        check(transport, &url)?;
        let response = transport.anonymous(&url).await?;
        match response.status().as_u16() {
            200 => return read(response, &url, limit).await,
            301 | 302 | 303 | 307 | 308 => url = target(&response, &url)?,
            _ => return Err(refusal(transport, &response, &url)),
        }
    }
    Err(Failure::odd(&url, "one redirect after another"))
}

fn check(transport: &Transport, url: &Url) -> Result<(), Failure> {
    check_media(&transport.base, url).map_err(|problem| {
        let place = match url.host() {
            Some(_) => crate::config::origin_text(&url.origin()),
            None => format!("{}:", url.scheme()),
        };
        Failure::unsent(403, format!("Modeldock does not fetch a preview from {place}: {problem}"))
    })
}

fn target(response: &Response, url: &Url) -> Result<Url, Failure> {
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let joined = location.and_then(|location| url.join(location).ok());
    joined.ok_or_else(|| Failure::odd(url, "a redirect to nowhere"))
}

async fn read(response: Response, url: &Url, limit: usize) -> Result<Vec<u8>, Failure> {
    match ContentType::of(response.headers()) {
        ContentType::Html => return Err(Failure::odd(url, "a web page instead of a picture")),
        ContentType::Json => return Err(Failure::odd(url, "data instead of a picture")),
        ContentType::Xml | ContentType::Other => {}
    }
    body::read(response, url, limit).await.map_err(|failure| {
        if failure.too_long {
            // It will be as large the next time.
            Failure::unsent(413, format!("{} is larger than {} KiB", shown(url), limit / 1024))
        } else {
            failure
        }
    })
}

fn refusal(transport: &Transport, response: &Response, url: &Url) -> Failure {
    let status = response.status().as_u16();
    let retry_after = transport.retry_after(response.headers());
    let html = ContentType::of(response.headers()) == ContentType::Html;
    // Storage words a 404 as it likes (XML, plain text, nothing); only a web page may be somebody else's.
    if matches!(status, 404 | 410) && !html {
        return Failure::new(CatalogErrorKind::NotFound, format!("Civitai has nothing at {}", shown(url)));
    }
    Failure::refused(&Refusal { url, status, retry_after, json: None, html, may_miss: false, had_token: false })
}
