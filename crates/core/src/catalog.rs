//! What the engine asks of Civitai, as a trait it owns; `modeldock-civitai` implements it over HTTP.
//!
//! The answers are reduced to what Modeldock keeps, but the raw JSON of a version travels along: what Civitai once said
//! must outlive its deletion there, including fields this version does not know yet.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::account::Accounts;
use crate::discover::{CatalogueWords, ListPage, ListQuery, Listed};
use crate::download::Downloads;
use crate::error::{Code, Error};
use crate::hash::{AnyHash, AutoV1, AutoV2, AutoV3, Blake3, Crc32, Sha256};
use crate::link::LinkService;
use crate::roots::ModelKind;
use crate::units::{CivitaiFileId, ModelId, VersionId};
use crate::vault::VaultService;

/// Most hashes one [`Catalog::ids_by_hash`] may ask for (API contract, section 1.4).
pub const IDS_PER_REQUEST: usize = 10_000;

/// Most hashes one [`Catalog::versions_by_hash`] may ask for (API contract, section 1.3).
pub const VERSIONS_PER_REQUEST: usize = 100;

/// Most models one [`Catalog::models`] may ask for (API contract, section 1.6).
pub const MODELS_PER_REQUEST: usize = 100;

/// Everything the engine asks of Civitai. One client answers all of it, with one key and one limit of requests.
pub trait Civitai: Catalog + Downloads + Accounts + VaultService + LinkService {}

impl<T: Catalog + Downloads + Accounts + VaultService + LinkService> Civitai for T {}

/// One look-up service for model files.
#[async_trait]
pub trait Catalog: Send + Sync + 'static {
    /// Where it is, for messages: `https://civitai.com`.
    fn base_url(&self) -> &str;

    /// What a person pasted, if it names a model: a page's address, an AIR, a version's number. Nothing is asked.
    fn reference(&self, text: &str) -> Option<Reference>;

    /// Which versions hold these files. Unknown hashes are missing from the answer; one hash may appear several times.
    async fn ids_by_hash(&self, hashes: &[Sha256]) -> Result<Vec<HashMatch>, CatalogError>;

    /// The versions that hold these files, in no order, repeated, and without those that Civitai cannot show.
    async fn versions_by_hash(&self, hashes: &[Sha256]) -> Result<Vec<ModelVersion>, CatalogError>;

    /// The version that holds a file with this hash, of whatever kind the text is.
    async fn version_by_hash(&self, hash: &str) -> Result<ModelVersion, CatalogError>;

    /// One version.
    async fn version(&self, id: VersionId) -> Result<ModelVersion, CatalogError>;

    /// One model with what its page says.
    async fn model(&self, id: ModelId) -> Result<Model, CatalogError>;

    /// A page of the catalogue.
    async fn list(&self, query: &ListQuery) -> Result<ListPage, CatalogError>;

    /// One model with all its versions, as its page has them.
    async fn listed(&self, id: ModelId) -> Result<Listed, CatalogError>;

    /// The words for kinds and base models that a list can be filtered by.
    async fn words(&self) -> Result<CatalogueWords, CatalogError>;

    /// Models with their versions, in no order. One that Civitai does not list is missing from the answer, which says
    /// nothing about it: whoever may not see it does not get it either.
    async fn models(&self, ids: &[ModelId]) -> Result<Vec<Model>, CatalogError>;

    /// The bytes of a preview picture or video, at most `limit` of them. Only from hosts that serve Civitai's media.
    async fn preview(&self, url: &str, limit: usize) -> Result<PreviewBytes, CatalogError>;
}

/// A model or version that a person means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The model, where it is named.
    pub model: Option<ModelId>,
    /// The version, where it is named; else the model's newest is meant.
    pub version: Option<VersionId>,
}

/// One row of the answer to a batch of hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashMatch {
    /// What was asked.
    pub sha256: Sha256,
    /// The version that holds it.
    pub version_id: VersionId,
    /// Its model; old servers leave it out.
    pub model_id: Option<ModelId>,
}

/// A version as Modeldock keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelVersion {
    /// Civitai's id.
    pub id: VersionId,
    /// The model it belongs to.
    pub model_id: ModelId,
    /// The version's own name, such as `v2.0`.
    pub name: String,
    /// The model's name.
    pub model_name: String,
    /// The model's kind.
    pub kind: ModelKind,
    /// The family it is made for, in Civitai's spelling: `SDXL 1.0`, `Pony`, …
    pub base_model: Option<String>,
    /// What to write in a prompt.
    pub trained_words: Vec<String>,
    /// HTML from the author: hostile until sanitised.
    pub description: Option<String>,
    /// `urn:air:…`, as Civitai says it or built from the ids.
    pub air: Option<String>,
    /// ISO 8601, as Civitai says it.
    pub published_at: Option<String>,
    /// Bit mask PG=1, PG13=2, R=4, X=8, XXX=16, Blocked=32; 0 is unrated.
    pub nsfw_level: u32,
    /// Whether it must be paid for at the moment.
    pub early_access: bool,
    /// `Archived`, `TakenDown`.
    pub mode: Option<String>,
    /// Empty for archived models.
    pub files: Vec<VersionFile>,
    /// Pictures and videos, in the author's order.
    pub previews: Vec<Preview>,
    /// The answer as it came, as JSON text.
    #[serde(skip)]
    pub raw: String,
}

/// One file of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionFile {
    /// Civitai's id.
    pub id: CivitaiFileId,
    /// The name a download would have.
    pub name: String,
    /// KiB with a fraction, as Civitai says it.
    pub size_kb: f64,
    /// `Model`, `VAE`, `Pruned Model`, … in Civitai's spelling.
    pub file_type: String,
    /// Whether the version's page offers it first.
    pub primary: bool,
    /// What Civitai measured. Any may be missing.
    pub sha256: Option<Sha256>,
    /// See [`crate::hash::Hashes`].
    pub blake3: Option<Blake3>,
    /// See [`crate::hash::Hashes`].
    pub crc32: Option<Crc32>,
    /// See [`crate::hash::Hashes`].
    pub autov1: Option<AutoV1>,
    /// See [`crate::hash::Hashes`].
    pub autov2: Option<AutoV2>,
    /// See [`crate::hash::Hashes`].
    pub autov3: Option<AutoV3>,
    /// What Civitai's look for code in a pickle ended with: `Success`, `Danger`, `Pending`, `Error`.
    #[serde(default)]
    pub pickle_scan: Option<String>,
    /// What Civitai found in the pickle, in its words.
    #[serde(default)]
    pub pickle_message: Option<String>,
    /// What Civitai's virus scanner ended with, in the same words as [`Self::pickle_scan`].
    #[serde(default)]
    pub virus_scan: Option<String>,
}

/// How far Civitai's size in KiB may be from a file's: it is told with two decimals. In bytes.
const SIZE_TOLERANCE: f64 = 8.0;

impl VersionFile {
    /// Whether Civitai measured this very hash.
    pub fn has(&self, hash: &AnyHash) -> bool {
        match hash {
            AnyHash::Sha256(hash) => self.sha256.as_ref() == Some(hash),
            AnyHash::Blake3(hash) => self.blake3.as_ref() == Some(hash),
            AnyHash::AutoV1(hash) => self.autov1.as_ref() == Some(hash),
            AnyHash::AutoV2(hash) => self.autov2.as_ref() == Some(hash),
            AnyHash::AutoV3(hash) => self.autov3.as_ref() == Some(hash),
        }
    }

    /// Whether it is exactly this long, as far as Civitai tells.
    pub fn is_of_size(&self, bytes: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "no file comes near the 8 PiB that a double counts exactly")]
        let difference = self.size_kb * 1024.0 - bytes as f64;
        difference.abs() < SIZE_TOLERANCE
    }
}

/// A preview picture or video.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Preview {
    /// Where Civitai keeps it.
    pub url: String,
    /// `image`, `video`, `audio`.
    pub media: String,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// One level of the bit mask.
    pub nsfw_level: u32,
    /// The prompt it was made with, if the author shows it.
    pub prompt: Option<String>,
}

/// What a model's page says beyond its versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Civitai's id.
    pub id: ModelId,
    /// Its name.
    pub name: String,
    /// HTML from the author: hostile until sanitised.
    pub description: Option<String>,
    /// The author's name.
    pub creator: Option<String>,
    /// Tags, lower case.
    pub tags: Vec<String>,
    /// The version its page shows first.
    pub newest_version: Option<VersionId>,
    /// The published ones, in the order of its page.
    pub versions: Vec<ListedVersion>,
}

/// A version as its model's page lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ListedVersion {
    /// Civitai's id.
    pub id: VersionId,
    /// The version's own name.
    pub name: String,
    /// The family it is made for, in Civitai's spelling.
    pub base_model: Option<String>,
    /// ISO 8601, as Civitai says it.
    pub published_at: Option<String>,
    /// Whether it must be paid for at the moment.
    pub early_access: bool,
    /// What can be downloaded of it. Empty for archived models.
    pub files: Vec<VersionFile>,
}

/// A preview's bytes.
#[derive(Debug, Clone)]
pub struct PreviewBytes {
    /// As they came.
    pub bytes: Vec<u8>,
}

/// Why Civitai gave no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogErrorKind {
    /// A real 404.
    NotFound,
    /// No connection, or it broke.
    Offline,
    /// 429, with how long it asks to wait if it says so.
    RateLimited(Option<Duration>),
    /// 401 or 403.
    Unauthorised,
    /// 5xx, or an overloaded proxy, with how long it asks to wait if it says so.
    Server(u16, Option<Duration>),
    /// The answer is not what Civitai's API sends: an HTML page, broken JSON, too long.
    NotJson,
    /// 400, 413 and other refusals: asking again is useless.
    Refused(u16),
}

/// A failed request, with what to tell people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CatalogError {
    /// For decisions.
    pub kind: CatalogErrorKind,
    /// For people. Names the URL without its query.
    pub message: String,
}

impl CatalogError {
    /// Whether the same question may be answered later with nothing changed here.
    pub fn is_temporary(&self) -> bool {
        match self.kind {
            CatalogErrorKind::NotFound | CatalogErrorKind::Refused(_) => false,
            CatalogErrorKind::Offline
            | CatalogErrorKind::RateLimited(_)
            | CatalogErrorKind::Unauthorised
            | CatalogErrorKind::Server(..)
            | CatalogErrorKind::NotJson => true,
        }
    }

    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            CatalogErrorKind::RateLimited(wait) | CatalogErrorKind::Server(_, wait) => wait,
            _ => None,
        }
    }

    /// The code a client branches on.
    pub fn code(&self) -> Code {
        match self.kind {
            CatalogErrorKind::NotFound => Code::NotFound,
            CatalogErrorKind::Offline => Code::Offline,
            CatalogErrorKind::RateLimited(_) => Code::RateLimited,
            CatalogErrorKind::Unauthorised => Code::Unauthorised,
            CatalogErrorKind::Server(..) | CatalogErrorKind::NotJson | CatalogErrorKind::Refused(_) => Code::Server,
        }
    }
}

impl From<CatalogError> for Error {
    fn from(error: CatalogError) -> Self {
        let hint = match error.kind {
            CatalogErrorKind::Offline => Some("Check your connection; Modeldock asks again by itself"),
            CatalogErrorKind::RateLimited(_) => Some("Civitai asks to wait; Modeldock asks again by itself"),
            CatalogErrorKind::Server(..) | CatalogErrorKind::NotJson => {
                Some("Civitai has trouble at the moment; Modeldock asks again by itself")
            }
            CatalogErrorKind::Unauthorised => Some("Civitai wants a valid key for this"),
            CatalogErrorKind::NotFound | CatalogErrorKind::Refused(_) => None,
        };
        let converted = Self::new(error.code(), error.message);
        match hint {
            Some(hint) => converted.hint(hint),
            None => converted,
        }
    }
}
