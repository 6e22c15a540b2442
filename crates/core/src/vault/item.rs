//! What is in a vault, as it is kept and shown.
//!
//! The address of the cover is not kept: it is signed, so it expires, and until then it works for whoever has it.

use serde::{Deserialize, Serialize};

use crate::download::{VaultPart, Wanted};
use crate::roots::ModelKind;
use crate::units::{ByteCount, CivitaiFileId, ModelId, UnixMillis, VaultItemId, VersionId};

/// A version in the vault. It may have been deleted from the site since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct VaultItem {
    /// Civitai's id of the item, which is none of the version's.
    pub id: VaultItemId,
    /// The version it is a copy of.
    pub version_id: VersionId,
    /// Its model, where Civitai says it.
    pub model_id: Option<ModelId>,
    /// The model's name.
    pub model_name: String,
    /// The version's own name, such as `v2.0`.
    pub version_name: String,
    /// The author's name.
    pub creator: Option<String>,
    /// The model's kind.
    pub kind: ModelKind,
    /// The family it is made for, in Civitai's spelling.
    pub base_model: Option<String>,
    /// What the model is of: `style`, `character`, …
    pub category: Option<String>,
    /// Whether Civitai has copied it yet.
    pub status: VaultStatus,
    /// What Civitai said when it could not be copied.
    pub failure: Option<String>,
    /// The main file, then what belongs to it. Civitai tells no hashes here.
    pub files: Vec<VaultFile>,
    /// What the model files take up in the vault.
    pub model_size: ByteCount,
    /// What its page takes up.
    pub details_size: ByteCount,
    /// What its pictures take up.
    pub images_size: ByteCount,
    /// What the user wrote about it.
    pub notes: Option<String>,
    /// When it was put in.
    pub added_at: Option<UnixMillis>,
    /// When it was last copied anew.
    pub refreshed_at: Option<UnixMillis>,
}

impl VaultItem {
    /// For people: the model's and the version's name.
    pub fn title(&self) -> String {
        format!("{} {}", self.model_name, self.version_name).trim().to_owned()
    }

    /// What it takes up altogether.
    pub fn size(&self) -> ByteCount {
        let sizes = [self.model_size, self.details_size, self.images_size];
        ByteCount(sizes.iter().fold(0, |sum: u64, size| sum.saturating_add(size.0)))
    }

    /// A part of it, to be downloaded. `file` chooses among several model files; without it Civitai sends the main one.
    pub fn wanted(&self, part: VaultPart, file: Option<CivitaiFileId>) -> Wanted {
        Wanted::Vault { item: self.id, part, file }
    }
}

/// A model file in the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct VaultFile {
    /// Civitai's id.
    pub id: CivitaiFileId,
    /// The name a download would have. A stranger's: not a safe file name.
    pub name: String,
    /// Its size as Civitai says it, rounded there.
    pub size: ByteCount,
}

/// How far Civitai is with copying. The model file can be downloaded whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultStatus {
    /// Not copied yet.
    Pending,
    /// Copied.
    Stored,
    /// It could not be copied.
    Failed,
    /// A word this version does not know.
    Unknown,
}

/// A vault as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct VaultInfo {
    /// Civitai's number of whose it is, so that two accounts are not mixed up.
    pub owner: Option<i64>,
    /// What is in it.
    pub used: ByteCount,
    /// What fits; 0 once the membership has ended.
    pub storage: ByteCount,
    /// When it last changed.
    pub updated_at: Option<UnixMillis>,
}

impl VaultInfo {
    /// What still fits.
    pub fn room(&self) -> ByteCount {
        ByteCount(self.storage.0.saturating_sub(self.used.0))
    }
}
