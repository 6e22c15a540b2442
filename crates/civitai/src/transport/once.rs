//! A request that goes out once and never again.
//!
//! No layer may repeat it: not [`crate::retry`], which is not asked; not the HTTP library, whose retries are off; and not
//! its pool, which sends a request again when a kept connection turns out to be closed: this client keeps none, so every
//! connection is fresh.

use reqwest::header::ACCEPT;
use serde_json::value::RawValue;

use super::{Ask, ContentType, Transport, builder, redacted};
use crate::body;
use crate::failure::Failure;
use crate::token::Token;

impl Transport {
    /// The JSON that answers an empty POST to the ask's address, tried once. After a failure nobody knows whether it was
    /// carried out, unless the server says so.
    pub(crate) async fn post_once(&self, ask: &Ask) -> Result<Box<RawValue>, Failure> {
        let token = self.token();
        self.post_once_as_is(ask, token.clone()).await.map_err(|failure| redacted(failure, token.as_ref()))
    }

    async fn post_once_as_is(&self, ask: &Ask, token: Option<Token>) -> Result<Box<RawValue>, Failure> {
        let _permit = self.permit().await?;
        let http = builder(&self.base).pool_max_idle_per_host(0).retry(reqwest::retry::never()).http1_only().build();
        let http = http.map_err(|error| Failure::offline(&ask.url, &error))?;
        let (request, had_token) =
            self.with_key(http.post(ask.url.clone()).header(ACCEPT, "application/json"), &ask.url, token);
        // An empty body, so that the length is announced: proxies refuse a POST without.
        let response = request.body(Vec::new()).send().await.map_err(|error| Failure::offline(&ask.url, &error))?;
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
}
