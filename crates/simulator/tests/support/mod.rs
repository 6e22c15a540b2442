//! A client without manners of its own: no redirects, no retries, no decoding.

#![expect(clippy::disallowed_types, reason = "the other side of these tests is a plain client")]

use std::error::Error;

use civitai_simulator::{Catalogue, Config, Simulator};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::Value;

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

pub(crate) struct Bench {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
}

#[allow(dead_code, reason = "every test binary uses its own part")]
impl Bench {
    pub(crate) async fn new() -> Result<Self, Box<dyn Error>> {
        Self::with(Config::default(), Catalogue::standard()).await
    }

    pub(crate) async fn with(config: Config, catalogue: Catalogue) -> Result<Self, Box<dyn Error>> {
        // Built together with the client crate, reqwest comes without cryptography of its own. An error only means that
        // another test was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            simulator: Simulator::start(config, catalogue).await?,
            client: Client::builder().redirect(Policy::none()).build()?,
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.base_url())
    }

    pub(crate) async fn get(&self, path: &str) -> reqwest::Result<Response> {
        self.client.get(self.url(path)).send().await
    }

    pub(crate) async fn get_authed(&self, path: &str) -> reqwest::Result<Response> {
        let token = self.simulator.token();
        self.client.get(self.url(path)).bearer_auth(token).send().await
    }

    pub(crate) async fn json(&self, path: &str) -> reqwest::Result<Value> {
        self.get(path).await?.json().await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> reqwest::Result<Response> {
        self.client.post(self.url(path)).json(body).send().await
    }

    /// SHA-256 of a catalogue file.
    pub(crate) fn sha256(&self, name: &str) -> String {
        self.simulator.catalogue().file_named(name).expect("the name is one of the catalogue's").hashes.sha256.clone()
    }

    /// Version number of a catalogue file.
    pub(crate) fn version(&self, name: &str) -> u64 {
        self.simulator.catalogue().file_named(name).expect("the name is one of the catalogue's").version_id
    }

    /// A signed URL for a file's version.
    pub(crate) async fn signed(&self, name: &str) -> Result<String, Box<dyn Error>> {
        let path = format!("/api/download/models/{}", self.version(name));
        let response = self.get_authed(&path).await?;
        assert_eq!(response.status(), 307);
        Ok(header(&response, "location").to_owned())
    }
}

#[allow(dead_code, reason = "every test binary uses its own part")]
pub(crate) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
