//! Downloads over HTTP: Civitai says where the bytes are, storage gives them.
//!
//! The two halves share nothing but the address. [`resolve`] carries the key and follows no redirect; [`storage`] follows
//! redirects and has never seen the key. So no mistake in following one can send the key anywhere.

mod address;
mod body;
mod names;
mod part;
mod policy;
mod problem;
mod refusal;
mod resolve;
mod storage;

use async_trait::async_trait;
use modeldock_core::download::{Downloads, Opened, SignedAddress, Span, TransferError, Validator, Wanted};

pub(crate) use storage::Storage;

use crate::client::Client;

#[async_trait]
impl Downloads for Client {
    async fn resolve(&self, wanted: &Wanted) -> Result<SignedAddress, TransferError> {
        resolve::ask(self, wanted).await
    }

    async fn open(
        &self,
        address: &SignedAddress,
        span: Span,
        unless_changed: Option<&Validator>,
    ) -> Result<Opened, TransferError> {
        self.storage.open(&self.transport, address, span, unless_changed).await
    }
}
