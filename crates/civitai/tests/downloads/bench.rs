//! A client with the canary as its key, and a Civitai that accepts it.

use std::time::Duration;

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Catalogue, Config, Fault, Recorded, Simulator};
use modeldock_civitai::{Client, ClientConfig, Token};
use modeldock_core::download::{
    Downloads, Opened, SignedAddress, Span, TransferError, TransferErrorKind, Validator, Wanted,
};
use modeldock_core::units::{CivitaiFileId, VersionId};

use crate::support::CANARY;

pub(crate) const ALL: Span = Span { start: 0, end: None };
pub(crate) const PART: Span = Span { start: 100, end: Some(5100) };

pub(crate) struct Bench {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) bytes: Vec<u8>,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(Config::default(), Catalogue::standard()).await
    }

    pub(crate) async fn with(config: Config, catalogue: Catalogue) -> Self {
        let simulator = Simulator::start(Config { token: CANARY.to_owned(), ..config }, catalogue).await.unwrap();
        let config =
            ClientConfig::at(simulator.base_url()).token(Token::new(CANARY).ok()).stall(Duration::from_secs(20));
        let bytes = simulator.catalogue().file_named(known::LATEST).map(|file| file.spec.bytes.to_vec());
        Self { client: Client::new(config).unwrap(), bytes: bytes.unwrap_or_default(), simulator }
    }

    pub(crate) fn wanted(&self, name: &str) -> Wanted {
        let catalogue = self.simulator.catalogue();
        let file = catalogue.file_named(name).unwrap();
        let number = |id: u64| i64::try_from(id).unwrap();
        Wanted::File { version: VersionId(number(file.version_id)), file: CivitaiFileId(number(file.id)) }
    }

    pub(crate) async fn address(&self) -> SignedAddress {
        self.client.resolve(&self.wanted(known::LATEST)).await.unwrap()
    }

    pub(crate) fn on_storage(&self, action: Action) {
        self.simulator.faults().push(Fault::new(action).on_endpoint("storage"));
    }

    /// Opens a part while one fault is on, once.
    pub(crate) async fn open(
        &self,
        action: Action,
        span: Span,
        tag: Option<&Validator>,
    ) -> Result<Opened, TransferError> {
        let address = self.address().await;
        self.on_storage(action);
        let opened = self.client.open(&address, span, tag).await;
        self.simulator.faults().clear();
        opened
    }

    /// The requests to storage so far.
    pub(crate) fn storage(&self) -> Vec<Recorded> {
        self.simulator.requests().into_iter().filter(|request| request.endpoint == "storage").collect()
    }
}

/// Everything that comes until the end or an error.
pub(crate) async fn drain(opened: &mut Opened) -> (Vec<u8>, Option<TransferErrorKind>) {
    let mut bytes = Vec::new();
    loop {
        match opened.body.next().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return (bytes, None),
            Err(error) => {
                assert!(!error.message.contains("X-Amz") && !error.message.contains(CANARY), "{}", error.message);
                return (bytes, Some(error.kind));
            }
        }
    }
}
