//! Reads from signed addresses, through redirects that each pass the same checks.
//!
//! An HTTP client of its own, which knows no key: nothing it sends can hold one. It does not decompress, since bytes are
//! counted against lengths, and speaks HTTP/1 only, since parallel parts are meant to be parallel connections.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use modeldock_core::download::{Opened, SignedAddress, Span, TransferError, TransferErrorKind, Validator};
use reqwest::Response;
use reqwest::header::{ACCEPT_ENCODING, IF_RANGE, RANGE};
use reqwest::redirect::Policy;
use url::Url;

use super::body::HttpBody;
use super::names::Names;
use super::policy::{self, HOPS, is_redirect};
use super::problem::{odd, stopped, storage, unanswered};
use super::{part, problem};
use crate::transport::{CONNECT_TIMEOUT, ContentType, Transport, USER_AGENT, innermost};

/// The storage behind one Civitai. Clones share connections.
#[derive(Clone)]
pub(crate) struct Storage {
    base: Url,
    stall: Duration,
    /// Made at the first download: loading the system's certificates a second time would delay every start.
    http: Arc<OnceLock<Result<reqwest::Client, String>>>,
}

impl Storage {
    /// Connects to nothing yet.
    pub(crate) fn new(base: Url, stall: Duration) -> Self {
        Self { base, stall, http: Arc::default() }
    }

    /// Asks for a part. A range is always sent, even from the beginning: its answer tells whether parts can be had, and
    /// how long the whole is.
    pub(super) async fn open(
        &self,
        transport: &Transport,
        address: &SignedAddress,
        span: Span,
        unless_changed: Option<&Validator>,
    ) -> Result<Opened, TransferError> {
        if span.end.is_some_and(|end| end <= span.start) {
            return Err(TransferError::new(TransferErrorKind::PastEnd(None), "A part without bytes was asked for"));
        }
        let start = Url::parse(address.secret())
            .map_err(|_| TransferError::new(TransferErrorKind::Refused, "The address of a download is not a URL"))?;
        let (url, response) = self.answer(start, span, unless_changed).await?;
        let status = response.status().as_u16();
        if !matches!(status, 200 | 206) {
            return Err(self.refusal(transport, &url, response).await);
        }
        let accepted = part::accept(status, response.headers(), span, unless_changed);
        let part::Accepted { start, is_part, total, length, validator } = accepted.map_err(|what| odd(&url, what))?;
        let body = HttpBody::new(response, url, length, self.stall);
        Ok(Opened { start, is_part, total, validator, body: Box::new(body) })
    }

    /// The first answer that is no redirect.
    async fn answer(
        &self,
        start: Url,
        span: Span,
        unless_changed: Option<&Validator>,
    ) -> Result<(Url, Response), TransferError> {
        let mut url = start;
        // Civitai's own redirect was the first of the hops.
        for _ in 0..HOPS {
            policy::check(&self.base, &url).map_err(|stop| stopped(&url, &stop))?;
            let response = self.ask(&url, span, unless_changed).await?;
            if !is_redirect(response.status().as_u16()) {
                return Ok((url, response));
            }
            url = policy::target(&self.base, &url, response.headers()).map_err(|stop| stopped(&url, &stop))?;
        }
        Err(odd(&url, "one redirect after another"))
    }

    async fn ask(&self, url: &Url, span: Span, unless_changed: Option<&Validator>) -> Result<Response, TransferError> {
        let range = match span.end {
            Some(end) => format!("bytes={}-{}", span.start, end - 1),
            None => format!("bytes={}-", span.start),
        };
        let mut request = self.http()?.get(url.clone()).header(ACCEPT_ENCODING, "identity").header(RANGE, range);
        if let Some(validator) = unless_changed {
            request = request.header(IF_RANGE, validator.as_str());
        }
        match tokio::time::timeout(self.stall, request.send()).await {
            Ok(answer) => answer.map_err(|error| unanswered(&storage(url), url, &error)),
            Err(_) => {
                let message = format!("{} did not answer in time", storage(url));
                Err(TransferError::new(TransferErrorKind::Offline, message))
            }
        }
    }

    async fn refusal(&self, transport: &Transport, url: &Url, response: Response) -> TransferError {
        let status = response.status().as_u16();
        let headers = response.headers();
        let retry_after = transport.retry_after(headers);
        let html = ContentType::of(headers) == ContentType::Html;
        if status == 416 {
            let kind = TransferErrorKind::PastEnd(part::length_past_end(headers));
            return TransferError::new(kind, format!("{} says that the file ends earlier", storage(url)));
        }
        let mut says_expired = false;
        if status == 400 {
            // Bounded in bytes there, and in time here.
            let read = tokio::time::timeout(self.stall, crate::body::read_error(response)).await;
            says_expired = read.is_ok_and(|body| part::is_about_signature(&body));
        }
        let message = match part::refusal(status, retry_after, html, says_expired) {
            TransferErrorKind::Expired => format!("{} no longer accepts the address ({status})", storage(url)),
            TransferErrorKind::Gone => format!("{} has no such file ({status})", storage(url)),
            TransferErrorKind::RateLimited(_) => format!("{} gets too many requests ({status})", storage(url)),
            TransferErrorKind::Server(_) => format!("{} has trouble ({status})", storage(url)),
            _ => return problem::odd(url, &format!("something other than a file ({status})")),
        };
        TransferError::new(part::refusal(status, retry_after, html, says_expired), message)
    }

    fn http(&self) -> Result<&reqwest::Client, TransferError> {
        let made = self.http.get_or_init(|| build(&self.base));
        made.as_ref().map_err(|problem| {
            let message = format!("Encrypted connections cannot be set up on this system: {problem}");
            TransferError::new(TransferErrorKind::Offline, message)
        })
    }
}

fn build(base: &Url) -> Result<reqwest::Client, String> {
    let is_simulator = base.scheme() == "http";
    let proxy = if is_simulator { None } else { proxy_host() };
    let mut builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
        .no_gzip()
        .http1_only()
        .connect_timeout(CONNECT_TIMEOUT)
        .dns_resolver(Arc::new(Names::new(base, proxy)));
    if is_simulator {
        builder = builder.no_proxy().tls_certs_only([]);
    }
    builder.build().map_err(|error| innermost(&error))
}

/// The host of the proxy that requests to storage go through, by the same rules that `reqwest` follows.
fn proxy_host() -> Option<String> {
    let anywhere = "https://storage.invalid/".parse().ok()?;
    let proxy = Matcher::from_system().intercept(&anywhere)?;
    proxy.uri().host().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Asks past the policy, as after a name that resolves to another address than it did a moment ago.
    async fn asked(base: &str, url: &str) -> TransferError {
        let client = build(&Url::parse(base).unwrap()).unwrap();
        let error = client.get(url).send().await.unwrap_err();
        unanswered("Storage", &Url::parse(url).unwrap(), &error)
    }

    #[tokio::test]
    async fn the_address_behind_a_name_is_checked_where_the_connection_is_made() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        for base in ["https://civitai.com", "http://127.0.0.1:1"] {
            let error = asked(base, &format!("http://localhost:{port}/x?X-Amz-Signature=canary")).await;
            assert_eq!(error.kind, TransferErrorKind::Refused, "{}", error.message);
            assert!(
                error.message.contains("private network") && !error.message.contains("canary"),
                "{}",
                error.message
            );
        }
        let heard = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
        assert!(heard.is_err(), "somebody connected");
    }
}
