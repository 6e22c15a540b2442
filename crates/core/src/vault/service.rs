//! What the engine asks of a vault, as a trait it owns; `modeldock-civitai` implements it over HTTP.
//!
//! Civitai only toggles: what is in goes out. So [`VaultService::vault_toggle`] is sent once and never again by any
//! layer, also where nobody knows what became of it; [`super::change`] looks before and after.

use async_trait::async_trait;

use super::item::{VaultInfo, VaultItem};
use crate::catalog::CatalogError;
use crate::units::{VaultItemId, VersionId};

/// Most versions one [`VaultService::vault_holds`] may ask for: they travel in the address.
pub const HOLDINGS_PER_REQUEST: usize = 100;

/// One user's vault. Everything needs the user's key, and fails as unauthorised without.
#[async_trait]
pub trait VaultService: Send + Sync + 'static {
    /// The vault as a whole. `None`: this user has none, and no membership that would bring one.
    async fn vault(&self) -> Result<Option<VaultInfo>, CatalogError>;

    /// One page of what is in it, counted from 1, the newest first.
    async fn vault_page(&self, page: u32) -> Result<VaultPage, CatalogError>;

    /// Whether these versions are in it: one row for each, in any order.
    async fn vault_holds(&self, versions: &[VersionId]) -> Result<Vec<VaultHolding>, CatalogError>;

    /// Puts a version in if it is out, and takes it out if it is in. Sent once.
    async fn vault_toggle(&self, version: VersionId) -> Result<Toggled, ToggleError>;
}

/// A page of the vault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VaultPage {
    /// What could be read of it.
    pub items: Vec<VaultItem>,
    /// Elements without the ids that make an item.
    pub unreadable: u32,
    /// How many items there are on all pages, if the server says it.
    pub total: Option<u32>,
    /// How many pages there are, if the server says it.
    pub pages: Option<u32>,
}

/// Whether a version is in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultHolding {
    /// The version.
    pub version: VersionId,
    /// What holds it; `None`: it is not in.
    pub item: Option<VaultItem>,
}

/// What a toggle did, as Civitai says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toggled {
    /// The version is in now, as this item.
    In(VaultItemId),
    /// It is out now.
    Out,
}

/// A toggle that Civitai did not confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToggleError {
    /// What came instead of a yes. Unless `refusal` says more, nobody knows whether the toggle was carried out.
    pub error: CatalogError,
    /// Civitai itself said no. Its reason gets lost on the way; a code is all that comes.
    pub refusal: Option<Refusal>,
}

/// The code of a refusal, whose message Civitai loses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The version is not there (any more).
    NotFound,
    /// The user may not have it.
    NoAccess,
    /// No room, no membership, not published, or downloads switched off.
    BadRequest,
    /// Any other.
    Other,
}
