//! One request and its tries: the key, the limits and the classification of what comes back.
//!
//! Redirects are never followed here. The API sends none, so a redirect is a captive portal or a wrong address, and
//! following one is how keys leak.

mod once;

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use modeldock_core::catalog::CatalogErrorKind;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, RequestBuilder, Response, StatusCode};
use serde_json::value::RawValue;
use tokio::sync::Semaphore;
use url::Url;

use crate::body;
use crate::config::{ClientConfig, ClientConfigError, origin_text};
use crate::failure::{Failure, Refusal};
use crate::origin;
use crate::pace::Pace;
use crate::retry::Tries;
use crate::retry_after;
use crate::token::Token;

/// More than a few at once looks like an attack to the proxy before Civitai.
const AT_ONCE: usize = 4;

/// Civitai answers anything that looks like a browser with web pages and redirects.
pub(crate) const USER_AGENT: &str = concat!("modeldock/", env!("CARGO_PKG_VERSION"));

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// Against servers that drip: one byte in 29 s would pass every other limit.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(180);

/// One question to the API.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) url: Url,
    /// JSON to post; a plain GET without.
    pub(crate) post: Option<Vec<u8>>,
    /// Whether 404 is one of the endpoint's answers.
    pub(crate) may_miss: bool,
}

#[derive(Clone)]
pub(crate) struct Transport {
    http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) base_text: Arc<str>,
    /// Shared by all clones: whoever signs in or out does so for all of them.
    token: Arc<RwLock<Option<Token>>>,
    pub(crate) pace: Arc<dyn Pace>,
    permits: Arc<Semaphore>,
}

impl Transport {
    pub(crate) fn new(config: ClientConfig) -> Result<Self, ClientConfigError> {
        let base = config.base()?;
        // The first provider of the process wins; which one it is makes no difference here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = builder(&base).build().map_err(|error| ClientConfigError::Tls(innermost(&error)))?;
        Ok(Self {
            http,
            base_text: origin_text(&base.origin()).into(),
            base,
            token: Arc::new(RwLock::new(config.token)),
            pace: config.pace,
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    /// The JSON that answers `ask`, tried as often as [`crate::retry`] allows.
    pub(crate) async fn json(&self, ask: &Ask) -> Result<Box<RawValue>, Failure> {
        let mut tries = Tries::default();
        loop {
            // Read anew for each try: somebody may have signed in meanwhile.
            let token = self.token();
            let failure = match self.json_once(ask, token.clone()).await {
                Ok(json) => return Ok(json),
                Err(failure) => redacted(failure, token.as_ref()),
            };
            self.wait_or_give_up(&mut tries, failure).await?;
        }
    }

    /// Waits if there is another try; gives `failure` back if not.
    pub(crate) async fn wait_or_give_up(&self, tries: &mut Tries, failure: Failure) -> Result<(), Failure> {
        match tries.next(failure.again, self.pace.jitter()) {
            Some(wait) => {
                tracing::debug!(reason = %failure.error, ?wait, "asking Civitai again");
                self.pace.sleep(wait).await;
                Ok(())
            }
            None => Err(failure),
        }
    }

    /// One GET without the key, whatever the host.
    pub(crate) async fn anonymous(&self, url: &Url) -> Result<Response, Failure> {
        let request = self.http.get(url.clone());
        request.send().await.map_err(|error| Failure::offline(url, &error))
    }

    /// One GET with the key, where it may go: says whether it went along. Takes no place among the requests that may run
    /// at once, so that a download never waits for look-ups.
    pub(crate) async fn keyed(&self, url: &Url) -> Result<(Response, bool), reqwest::Error> {
        let (request, had_token) = self.with_key(self.http.get(url.clone()), url, self.token());
        Ok((request.send().await?, had_token))
    }

    /// The key, if there is one.
    pub(crate) fn token(&self) -> Option<Token> {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks with another key from now on, or without one.
    pub(crate) fn set_token(&self, token: Option<Token>) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// The same connections and limits, with a key of its own.
    pub(crate) fn with_own_token(&self, token: Option<Token>) -> Self {
        Self { token: Arc::new(RwLock::new(token)), ..self.clone() }
    }

    /// Adds the key if there is one and it may go to `url`; says whether it did.
    fn with_key(&self, request: RequestBuilder, url: &Url, token: Option<Token>) -> (RequestBuilder, bool) {
        let token = token.filter(|_| origin::may_carry_token(&self.base, url));
        match token.and_then(|token| HeaderValue::from_str(&token.bearer()).ok()) {
            Some(mut value) => {
                value.set_sensitive(true);
                (request.header(AUTHORIZATION, value), true)
            }
            None => (request, false),
        }
    }

    /// A place among the requests that may run at once.
    pub(crate) async fn permit(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Failure> {
        // The semaphore is never closed; should that change, the request is merely refused.
        self.permits.acquire().await.map_err(|_| Failure::unsent(0, "The client of Civitai is shut down"))
    }

    async fn json_once(&self, ask: &Ask, token: Option<Token>) -> Result<Box<RawValue>, Failure> {
        let _permit = self.permit().await?;
        let request = match &ask.post {
            Some(body) => self.http.post(ask.url.clone()).header(CONTENT_TYPE, "application/json").body(body.clone()),
            None => self.http.get(ask.url.clone()),
        };
        let (request, had_token) = self.with_key(request.header(ACCEPT, "application/json"), &ask.url, token);
        let response = request.send().await.map_err(|error| Failure::offline(&ask.url, &error))?;
        if !response.status().is_success() {
            return Err(self.refusal(response, ask, had_token).await);
        }
        let kind = ContentType::of(response.headers());
        if kind != ContentType::Json {
            return Err(Failure::odd(&ask.url, kind.instead_of_data()));
        }
        let bytes = body::read(response, &ask.url, body::JSON_LIMIT).await?;
        serde_json::from_slice(&bytes).map_err(|_| Failure::odd(&ask.url, "broken data"))
    }

    async fn refusal(&self, response: Response, ask: &Ask, had_token: bool) -> Failure {
        let status = response.status();
        if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
            return Failure::odd(&ask.url, "a redirect to another place, which Modeldock does not follow");
        }
        let retry_after = self.retry_after(response.headers());
        let kind = ContentType::of(response.headers());
        let bytes = body::read_error(response).await;
        let json = (kind == ContentType::Json).then(|| serde_json::from_slice(&bytes).ok()).flatten();
        Failure::refused(&Refusal {
            url: &ask.url,
            status: status.as_u16(),
            retry_after,
            json,
            html: kind == ContentType::Html,
            may_miss: ask.may_miss,
            had_token,
        })
    }

    pub(crate) fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        retry_after::parse(text(headers, &RETRY_AFTER)?, text(headers, &DATE), self.pace.now())
    }

    /// `text` without the key in it.
    pub(crate) fn without_key(&self, text: &str) -> String {
        self.token().map_or_else(|| text.to_owned(), |token| token.redact(text))
    }

    /// A question nobody may answer without a key.
    pub(crate) fn require_token(&self) -> Result<(), Failure> {
        if self.token().is_some() {
            return Ok(());
        }
        let message = format!("No key for Civitai at {} is set", self.base_text);
        Err(Failure::new(CatalogErrorKind::Unauthorised, message))
    }
}

/// A client of this server in the making, with what holds for every request.
pub(crate) fn builder(base: &Url) -> ClientBuilder {
    let builder = reqwest::Client::builder()
        // Civitai answers anything that looks like a browser with web pages and redirects.
        .user_agent(USER_AGENT)
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .timeout(TOTAL_TIMEOUT);
    if base.scheme() == "http" {
        // A simulator on this machine: no proxy in between, and no need to load the system's certificates.
        return builder.no_proxy().tls_certs_only([]);
    }
    builder
}

fn redacted(mut failure: Failure, token: Option<&Token>) -> Failure {
    if let Some(token) = token {
        failure.error.message = token.redact(&failure.error.message);
    }
    failure
}

/// What a reply says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentType {
    Json,
    Html,
    Xml,
    Other,
}

impl ContentType {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let full = text(headers, &CONTENT_TYPE).unwrap_or_default();
        let essence = full.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/json" | "text/json" => Self::Json,
            "text/html" | "application/xhtml+xml" => Self::Html,
            "application/xml" | "text/xml" => Self::Xml,
            other if other.ends_with("+json") => Self::Json,
            _ => Self::Other,
        }
    }

    fn instead_of_data(self) -> &'static str {
        match self {
            Self::Html => "a web page instead of data",
            Self::Json | Self::Xml | Self::Other => "something other than data",
        }
    }
}

/// A header as text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
