//! The vault as it is shown: from the store alone, so it is there without a connection too.

use serde::{Deserialize, Serialize};

use super::item::{VaultInfo, VaultItem};
use super::state::VaultState;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::units::{FileId, UnixMillis};

/// The vault, with what of it is here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct VaultView {
    /// What can be done with it; nothing before Civitai was first asked.
    pub state: Option<VaultState>,
    /// What the state means and what to do about it, for people; nothing where all is well.
    pub advice: Option<String>,
    /// How full it is, as far as known.
    pub info: Option<VaultInfo>,
    /// What is in it, the newest first.
    pub items: Vec<VaultEntry>,
    /// When it was last read as a whole.
    pub synced_at: Option<UnixMillis>,
    /// Why the last reading failed or is not whole.
    pub problem: Option<Error>,
}

/// Something in the vault, and the files here that have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct VaultEntry {
    /// The item.
    pub item: VaultItem,
    /// Model files of the library with this version; empty: it is missing here.
    pub files: Vec<FileId>,
}

/// What the store knows.
pub(crate) async fn view(store: &Store) -> Result<VaultView> {
    store
        .read(|tx| {
            let (kept, mut items, mut local) = (tx.vault()?, tx.vault_items()?, tx.vault_files()?);
            items.sort_by_key(|item| (std::cmp::Reverse(item.added_at), item.id));
            let entry = |item: VaultItem| {
                let files = local.remove(&item.id).unwrap_or_default();
                VaultEntry { item, files }
            };
            Ok(VaultView {
                advice: kept.state.and_then(VaultState::advice).map(str::to_owned),
                state: kept.state,
                info: kept.info,
                items: items.into_iter().map(entry).collect(),
                synced_at: kept.synced_at,
                problem: kept.problem,
            })
        })
        .await
}
