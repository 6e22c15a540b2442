//! What Civitai's lists and model pages say, as the engine wants it from a [`crate::catalog::Catalog`].
//!
//! A list's version knows less than a version asked for by itself and is not kept: it has no model of its own, and what is
//! downloaded is asked for once more by its number.

use serde::{Deserialize, Serialize};

use super::query::{CatalogueSort, Period};
use crate::catalog::{Preview, VersionFile};
use crate::roots::ModelKind;
use crate::units::{ModelId, VersionId};

/// What to list. Checked: an implementation may put it into a request as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Words; everything without.
    pub text: Option<String>,
    /// Only these kinds, in Civitai's spelling.
    pub kinds: Vec<String>,
    /// Only for these base models, in Civitai's spelling.
    pub base_models: Vec<String>,
    /// Only what has this tag.
    pub tag: Option<String>,
    /// Only what this author made.
    pub creator: Option<String>,
    /// The order.
    pub sort: CatalogueSort,
    /// Of which time.
    pub period: Period,
    /// Also what is rated above PG.
    pub mature: bool,
    /// Most models of one page, from 1.
    pub limit: u32,
    /// Where the page before ended, as the server said it.
    pub cursor: Option<String>,
}

/// A page of the catalogue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ListPage {
    /// In the server's order.
    pub models: Vec<Listed>,
    /// Where the next page begins; nothing after the last.
    pub next: Option<String>,
}

/// A model with its versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Civitai's id.
    pub id: ModelId,
    /// Its name.
    pub name: String,
    /// What sort of model it is.
    pub kind: ModelKind,
    /// HTML from the author: hostile until sanitised.
    pub description: Option<String>,
    /// The author's own mark that it is for adults.
    pub nsfw: bool,
    /// Bit mask of all its levels, see [`crate::catalog::ModelVersion::nsfw_level`]; 0 is unrated.
    pub nsfw_level: u32,
    /// The author's name; nothing where that is Civitai itself.
    pub creator: Option<String>,
    /// Tags, lower case.
    pub tags: Vec<String>,
    /// How often it was downloaded; authors may hide it.
    pub downloads: Option<u64>,
    /// Thumbs up.
    pub likes: Option<u64>,
    /// What its author permits.
    pub terms: Terms,
    /// `Archived`, `TakenDown`.
    pub mode: Option<String>,
    /// The page's own order: the first is the one it shows first.
    pub versions: Vec<ListedVersion>,
}

/// A version as lists have it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedVersion {
    /// Civitai's id.
    pub id: VersionId,
    /// The version's own name.
    pub name: String,
    /// The family it is made for, in Civitai's spelling.
    pub base_model: Option<String>,
    /// ISO 8601, as Civitai says it.
    pub published_at: Option<String>,
    /// What to write in a prompt.
    pub trained_words: Vec<String>,
    /// HTML from the author; only model pages have it.
    pub description: Option<String>,
    /// Who may download it at the moment.
    pub access: Access,
    /// `urn:air:…`, built from the ids.
    pub air: Option<String>,
    /// Empty for archived models.
    pub files: Vec<ListedFile>,
    /// Pictures and videos, in the author's order.
    pub previews: Vec<Preview>,
}

/// A file with what helps to choose it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedFile {
    /// As everywhere.
    pub file: VersionFile,
    /// `SafeTensor`, `PickleTensor`, `GGUF`, …
    pub format: Option<String>,
    /// `fp16`, `bf16`, …
    pub precision: Option<String>,
    /// `full`, `pruned`.
    pub extent: Option<String>,
    /// `Q8_0`, … of a quantised file.
    pub quant: Option<String>,
    /// What Civitai's search for code in pickles found.
    pub pickle_scan: ScanWord,
    /// What its search for viruses found.
    pub virus_scan: ScanWord,
}

/// What a scan at Civitai came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ScanWord {
    /// Nothing was found.
    Clean,
    /// It has not been scanned yet.
    Pending,
    /// Something dangerous was found.
    Danger,
    /// The scan did not work.
    Failed,
    /// Nothing is said, or in a word this version does not know.
    #[default]
    Unknown,
}

/// Who may download a version at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Access {
    /// Everybody, or everybody with a key.
    Open,
    /// Who has paid for it, until then. ISO 8601; nothing where the end is not said.
    EarlyAccess {
        /// When it opens for everybody.
        until: Option<String>,
    },
    /// Who has paid for it, for good.
    Paid,
}

/// What an author permits. Nothing where it is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Terms {
    /// Using it without naming its author.
    pub without_credit: Option<bool>,
    /// Earning with it: `Image`, `RentCivit`, `Rent`, `Sell`; empty: not at all.
    pub commercial: Option<Vec<String>>,
    /// Publishing what is made from it: merges, further training.
    pub derivatives: Option<bool>,
    /// Publishing those under other terms.
    pub other_terms: Option<bool>,
}

/// The words Civitai uses today, for filters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct CatalogueWords {
    /// Kinds of models, in Civitai's spelling.
    pub kinds: Vec<String>,
    /// Base models, in Civitai's spelling.
    pub base_models: Vec<String>,
}
