//! What the library shows: the joined view of a file, its hashes and what Civitai said.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::hash::Hashes;
use crate::import::Tool;
use crate::roots::ModelKind;
use crate::sidecar::SidecarInfo;
use crate::units::{ByteCount, CivitaiFileId, FileId, ModelId, RootId, UnixMillis, VersionId};

/// What is known about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Civitai knows exactly this content.
    Matched,
    /// Civitai very likely knows it; the file has not been read in full yet.
    Probable,
    /// Civitai was asked and does not know this content.
    NotFound,
    /// Not read or not asked yet, or Civitai could not answer.
    Pending,
    /// The file itself cannot be read.
    Failed,
}

impl ItemState {
    /// Its name on the wire and in queries.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Probable => "probable",
            Self::NotFound => "not_found",
            Self::Pending => "pending",
            Self::Failed => "failed",
        }
    }

    /// The state of this name. What is not known is yet to be found out.
    pub(crate) fn parse(name: &str) -> Self {
        [Self::Matched, Self::Probable, Self::NotFound, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == name)
            .unwrap_or(Self::Pending)
    }
}

/// Where a file's hash came from. Only [`Provenance::Measured`] may be called verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Provenance {
    /// Modeldock read the whole file.
    Measured,
    /// Another tool measured it.
    Imported,
    /// From a small part of the file.
    Quick,
    /// Somebody says so.
    Claimed,
}

/// By what Civitai's version was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// The whole file's SHA-256.
    Sha256,
    /// The whole file's BLAKE3, where Civitai has no SHA-256 of it.
    Blake3,
    /// The tensors behind the header (AutoV3): the header was altered since the upload.
    Tensors,
    /// The tensor hash that the file's header claims. Nobody has checked the claim, so the match is only probable.
    Embedded,
    /// The only model inside an archive.
    ArchiveMember,
    /// The user said so.
    Link,
}

/// What was believed of a file before it was read in full, and turned out to be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Correction {
    /// Where the belief came from.
    pub provenance: Provenance,
    /// Whose measurement it was, if it was imported.
    pub source: Option<Tool>,
    /// The SHA-256 that was believed, upper case.
    pub sha256: String,
    /// When the file was read and the belief given up.
    pub at: UnixMillis,
}

/// One row of the library: one file, even where several links lead to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and flat on the wire")]
pub struct LibraryItem {
    /// The row.
    pub id: FileId,
    /// Absolute. Characters that are not Unicode are shown as `�`.
    pub path: String,
    /// The raw path as base64, only where `path` cannot show it exactly.
    pub path_bytes: Option<String>,
    /// Other paths that lead to the same file through links.
    pub also_at: Vec<String>,
    /// The path of the model root it is in.
    pub root: String,
    /// The same root's row.
    pub root_id: RootId,
    /// The file's own name.
    pub file_name: String,
    /// Its folder relative to the root, with `/`; empty at the top.
    pub folder: String,
    /// From Civitai if matched, else from the folder it is in.
    pub kind: ModelKind,
    /// Bytes.
    pub size: ByteCount,
    /// The file's own time.
    pub modified_at: UnixMillis,
    /// When Modeldock first saw it.
    pub added_at: UnixMillis,
    /// SHA-256 in upper case, once it is known.
    pub sha256: Option<String>,
    /// What is known.
    pub state: ItemState,
    /// Where the hash came from.
    pub provenance: Option<Provenance>,
    /// Whose measurement it is, if it was imported.
    pub hash_source: Option<Tool>,
    /// What was believed before and was wrong.
    pub corrected: Option<Correction>,
    /// By what Civitai's version was found; `None` where it was not.
    pub matched_by: Option<MatchedBy>,
    /// Since when Civitai no longer has it; what it said before is kept.
    pub removed_at: Option<UnixMillis>,
    /// Civitai's model.
    pub model_id: Option<ModelId>,
    /// Civitai's version.
    pub version_id: Option<VersionId>,
    /// Civitai's file.
    pub file_id: Option<CivitaiFileId>,
    /// Civitai's name for the model.
    pub model_name: Option<String>,
    /// Civitai's name for the version.
    pub version_name: Option<String>,
    /// The author at Civitai, once the model's page was asked for.
    pub creator: Option<String>,
    /// In Civitai's spelling.
    pub base_model: Option<String>,
    /// What to write in a prompt.
    pub trained_words: Vec<String>,
    /// `urn:air:…`.
    pub air: Option<String>,
    /// Content level of the cover at Civitai: PG=1, PG13=2, R=4, X=8, XXX=16, Blocked=32; 0 is unrated.
    pub cover_level: u32,
    /// How many previews there are at Civitai; preview 0 is the cover.
    pub preview_count: u32,
    /// Whether the cover is a video.
    pub preview_is_video: bool,
    /// Whether a picture lies beside the file on disk; it is shown before Civitai's.
    pub has_local_preview: bool,
    /// How many separate files of this content there are, this one included.
    pub copies: u32,
    /// Not on disk at the moment: its root is away, or the file is gone.
    pub missing: bool,
    /// Why it failed or is still pending.
    pub problem: Option<Error>,
    /// When Civitai will be asked (again).
    pub retry_at: Option<UnixMillis>,
    /// When Civitai was last asked.
    pub checked_at: Option<UnixMillis>,
    /// Since when the hash is known: when the file was read in full, or when the hash was taken over.
    pub hashed_at: Option<UnixMillis>,
    /// One of the user's favourites.
    pub favourite: bool,
    /// The user's rating, 1 to 5; 0 means none.
    pub rating: u8,
    /// The user's tags, in the order of the alphabet.
    pub tags: Vec<String>,
    /// Whether the user wrote a note.
    pub has_note: bool,
}

/// Everything the inspector shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct ItemDetail {
    /// The row.
    pub item: LibraryItem,
    /// All hashes, once the file has been read.
    pub hashes: Option<Hashes>,
    /// Pictures and videos at Civitai, in the author's order.
    pub previews: Vec<PreviewInfo>,
    /// About the version, sanitised HTML.
    pub version_description: Option<String>,
    /// About the model, sanitised HTML.
    pub model_description: Option<String>,
    /// The model's tags at Civitai.
    pub tags: Vec<String>,
    /// The user's note: plain text.
    pub note: String,
    /// The page at Civitai.
    pub civitai_url: Option<String>,
    /// ISO 8601.
    pub published_at: Option<String>,
    /// What the file says about itself.
    pub header: Option<HeaderInfo>,
    /// The other files with the same content.
    pub copies: Vec<CopyInfo>,
    /// What Civitai said about the version over time, newest first.
    pub answers: Vec<PastAnswer>,
    /// What other tools, and the user, wrote beside the file.
    pub sidecars: Vec<SidecarInfo>,
}

/// One answer of Civitai about a version, as long as it stayed the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct PastAnswer {
    /// When it was first given.
    pub first_at: UnixMillis,
    /// When it was last given.
    pub last_at: UnixMillis,
    /// Model and version as they were called then.
    pub name: String,
    /// Files it listed.
    pub files: u32,
    /// Previews it listed.
    pub previews: u32,
}

/// One preview. Its bytes come from the preview address of the item and this index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct PreviewInfo {
    /// Position, from 0.
    pub index: u32,
    /// Whether it is a video.
    pub video: bool,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// One level of the bit mask.
    pub nsfw_level: u32,
    /// The prompt it was made with.
    pub prompt: Option<String>,
}

/// A safetensors header in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct HeaderInfo {
    /// How many tensors it lists.
    pub tensors: u32,
    /// The length it promises for the whole file.
    pub expected_size: Option<ByteCount>,
    /// `__metadata__`, sorted by key; long values are cut.
    pub metadata: Vec<(String, String)>,
}

/// Another file with the same content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct CopyInfo {
    /// The row.
    pub id: FileId,
    /// Absolute.
    pub path: String,
    /// Whether it is not on disk at the moment.
    pub missing: bool,
}

/// Which items, in which order.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and flat on the wire")]
pub struct LibraryQuery {
    /// Every word must occur in a name, path, trigger word, creator, tag or base model, or begin a hash.
    pub search: String,
    /// Any of these kinds; none means all.
    pub kinds: Vec<ModelKind>,
    /// Any of these base models; none means all.
    pub base_models: Vec<String>,
    /// Any of these roots; none means all.
    pub roots: Vec<RootId>,
    /// Any of these states; none means all.
    pub states: Vec<ItemState>,
    /// Only contents that lie on disk more than once.
    pub duplicates: bool,
    /// Only what is not on disk at the moment.
    pub missing: bool,
    /// Any of these tags of the user's; none means all.
    pub tags: Vec<String>,
    /// Only the user's favourites.
    pub favourites: bool,
    /// By what.
    pub sort: Sort,
    /// The other way round.
    pub reverse: bool,
    /// How many to skip.
    pub offset: u32,
    /// How many to return, at most 50,000; 0 means 200.
    pub limit: u32,
}

/// The order of a list. Ties are broken by path, so that pages never overlap.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Newest file first.
    #[default]
    Newest,
    /// A to Z, by Civitai's name or the file's.
    Name,
    /// Largest first.
    Size,
    /// Last seen first.
    Added,
    /// Best rated first.
    Rating,
}

/// A part of the list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct LibraryPage {
    /// From `offset` on.
    pub items: Vec<LibraryItem>,
    /// How many match in all.
    pub total: u32,
    /// How many bytes they have in all.
    pub total_bytes: ByteCount,
}

/// How many items each choice would show: each facet is counted with every other filter applied, but not its own.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Facets {
    /// Everything in the library, unfiltered.
    pub all: u32,
    /// By kind, most first.
    pub kinds: Vec<FacetCount>,
    /// By base model, most first.
    pub base_models: Vec<FacetCount>,
    /// By root id (as text), in the roots' order.
    pub roots: Vec<FacetCount>,
    /// By state.
    pub states: Vec<FacetCount>,
    /// Contents that lie on disk more than once.
    pub duplicates: u32,
    /// Not on disk at the moment.
    pub missing: u32,
    /// By the user's tags, most first.
    pub tags: Vec<FacetCount>,
    /// The user's favourites.
    pub favourites: u32,
}

/// One choice of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct FacetCount {
    /// As the query wants it.
    pub value: String,
    /// For people.
    pub label: String,
    /// Items.
    pub count: u32,
}
