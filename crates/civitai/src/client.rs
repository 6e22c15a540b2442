//! The client: the configured address, its endpoints as URLs, and the two questions the engine's trait does not ask.

use std::fmt;

use modeldock_core::catalog::CatalogError;
use modeldock_core::units::{CivitaiFileId, VersionId};
use serde::Serialize;
use url::Url;

use crate::account::{Account, Enums};
use crate::config::{ClientConfig, ClientConfigError};
use crate::download::Storage;
use crate::failure::Failure;
use crate::link::Relays;
use crate::token::Token;
use crate::transport::{Ask, Transport};
use crate::wire;

/// Civitai over HTTP. Clones share connections, the limit of requests at once, and the key.
///
/// The look-ups are methods of [`modeldock_core::catalog::Catalog`], the downloads of
/// [`modeldock_core::download::Downloads`].
#[derive(Clone)]
pub struct Client {
    pub(crate) transport: Transport,
    pub(crate) storage: Storage,
    pub(crate) relays: Relays,
}

impl Client {
    /// A client that has not connected to anything yet.
    pub fn new(config: ClientConfig) -> Result<Self, ClientConfigError> {
        let stall = config.stall;
        let relays = Relays::new(&config.links)?;
        let transport = Transport::new(config)?;
        let storage = Storage::new(transport.base.clone(), stall);
        Ok(Self { transport, storage, relays })
    }

    /// The same client with another key, or with none.
    #[must_use]
    pub fn with_token(&self, token: Option<Token>) -> Self {
        Self { transport: self.transport.with_own_token(token), ..self.clone() }
    }

    /// Whether a key is set. It may be a wrong one: [`Self::me`] finds out.
    pub fn has_token(&self) -> bool {
        self.transport.token().is_some()
    }

    /// Where a file is downloaded from, built from ids alone.
    ///
    /// Addresses in replies are not used: they hold whatever host the server believes it has, at times `undefined`.
    pub fn download_url(&self, version: VersionId, file: CivitaiFileId) -> Url {
        let mut url = self.url(&["api", "download", "models", &version.0.to_string()]);
        url.query_pairs_mut().append_pair("fileId", &file.0.to_string());
        url
    }

    /// The words Civitai uses for kinds and base models today.
    pub async fn enums(&self) -> Result<Enums, CatalogError> {
        self.known_words().await.map_err(|failure| failure.error)
    }

    pub(crate) async fn known_words(&self) -> Result<Enums, Failure> {
        self.one(&self.get(&["enums"], false)).await
    }

    /// Who the key belongs to. The only way to find out whether a key is valid: the look-ups ignore wrong ones.
    pub async fn me(&self) -> Result<Account, CatalogError> {
        self.account().await.map_err(|failure| failure.error)
    }

    async fn account(&self) -> Result<Account, Failure> {
        self.transport.require_token()?;
        self.one(&self.get(&["me"], false)).await
    }

    /// A GET below `/api/v1`. `may_miss`: the endpoint answers 404 for what does not exist.
    pub(crate) fn get(&self, path: &[&str], may_miss: bool) -> Ask {
        Ask { url: self.api(path), post: None, may_miss }
    }

    /// A POST of JSON below `/api/v1`. The ones in use only read, so they may be repeated.
    pub(crate) fn post(&self, path: &[&str], body: &impl Serialize) -> Result<Ask, Failure> {
        let body = serde_json::to_vec(body).map_err(|error| Failure::unsent(400, error.to_string()))?;
        Ok(Ask { url: self.api(path), post: Some(body), may_miss: false })
    }

    async fn one<T: serde::de::DeserializeOwned>(&self, ask: &Ask) -> Result<T, Failure> {
        let raw = self.transport.json(ask).await?;
        wire::read(&raw).ok_or_else(|| Failure::odd(&ask.url, "unexpected data"))
    }

    fn api(&self, path: &[&str]) -> Url {
        let segments: Vec<&str> = ["api", "v1"].iter().chain(path).copied().collect();
        self.url(&segments)
    }

    pub(crate) fn url(&self, segments: &[&str]) -> Url {
        let mut url = self.transport.base.clone();
        url.path_segments_mut().expect("the base is http or https, so it has a path").clear().extend(segments);
        url
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.transport.base_text)
            .field("token", &self.transport.token())
            .finish_non_exhaustive()
    }
}
