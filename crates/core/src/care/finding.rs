//! What is told of each thing that wants looking after, and of all of them together.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::library::LibraryItem;
use crate::roots::ModelKind;
use crate::sidecar::{Proof, SidecarKind};
use crate::units::{ByteCount, CivitaiFileId, DownloadId, FileId, OrphanId, UnixMillis, VersionId};

/// One list of things that want looking after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CareList {
    /// The same content in several files.
    Duplicates,
    /// Newer versions of what is here.
    Updates,
    /// Files that are not what they should be.
    Damaged,
    /// Files in a folder for another kind.
    Misplaced,
    /// Files that may run code when they are loaded.
    Unsafe,
    /// Sidecars and previews without their model.
    Orphans,
    /// Files that are not on disk.
    Missing,
}

impl CareList {
    /// Every list, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::Duplicates, Self::Updates, Self::Damaged, Self::Misplaced, Self::Unsafe, Self::Orphans, Self::Missing];
}

/// How long each list is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct CareSummary {
    /// Every list, empty ones as well, in their order.
    pub lists: Vec<CareCount>,
    /// What the updates are known from.
    pub updates: UpdateChecks,
}

/// How long a list is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct CareCount {
    /// Which.
    pub list: CareList,
    /// Things on it. Of updates only those for the same base model.
    pub count: u32,
    /// What they come to: for duplicates what could be freed, for updates what would be downloaded.
    pub bytes: ByteCount,
}

/// What is known of newer versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct UpdateChecks {
    /// Models of which a file is here.
    pub models: u32,
    /// Those whose versions Civitai was asked for.
    pub checked: u32,
    /// When it was asked about the one that it was asked about longest ago.
    pub oldest: Option<UnixMillis>,
    /// Newer versions for another base model than the file here.
    pub other_base: u32,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct CarePage {
    /// From `offset` on.
    pub findings: Vec<Finding>,
    /// How many there are in all.
    pub total: u32,
    /// What all of them come to, as in [`CareCount::bytes`].
    pub total_bytes: ByteCount,
}

/// One thing that wants looking after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "list", rename_all = "snake_case")]
pub enum Finding {
    /// See [`CareList::Duplicates`].
    Duplicates(Duplicates),
    /// See [`CareList::Updates`].
    Updates(Update),
    /// See [`CareList::Damaged`].
    Damaged(Damaged),
    /// See [`CareList::Misplaced`].
    Misplaced(Misplaced),
    /// See [`CareList::Unsafe`].
    Unsafe(Unsafe),
    /// See [`CareList::Orphans`].
    Orphans(LeftBehind),
    /// See [`CareList::Missing`].
    Missing(Missing),
}

/// Files with the same content, every one of them read in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Duplicates {
    /// Upper case.
    pub sha256: String,
    /// Of one file.
    pub size: ByteCount,
    /// What is freed if only `keep` and what is held stays.
    pub bytes: ByteCount,
    /// The one to keep, if nobody says otherwise.
    pub keep: FileId,
    /// All of them; names of one file are one.
    pub copies: Vec<CopyOfMany>,
}

/// One of several files with the same content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct CopyOfMany {
    /// The file.
    pub item: LibraryItem,
    /// Why it is left where it is.
    pub held: Option<Held>,
}

/// Why a copy is left where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Other paths lead to it: they would break, or keep its bytes on disk.
    Linked,
    /// InvokeAI keeps a database about it.
    Managed,
}

/// A newer version of a model than any that is here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Update {
    /// The newest of the model that is here.
    pub item: LibraryItem,
    /// The newer version.
    pub version_id: VersionId,
    /// Its name.
    pub version_name: String,
    /// The family it is made for.
    pub base_model: Option<String>,
    /// Whether that is the family of what is here.
    pub same_base: bool,
    /// ISO 8601.
    pub published_at: Option<String>,
    /// Whether it must be paid for at the moment.
    pub early_access: bool,
    /// About how large its main file is.
    pub size: ByteCount,
    /// How many versions for this family are newer than what is here, this one included.
    pub newer: u32,
    /// It is on its way already.
    pub underway: Option<DownloadId>,
}

/// A file that is not what it should be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Damaged {
    /// The file.
    pub item: LibraryItem,
    /// By what it shows.
    pub sign: Damage,
    /// The length that its header promises, where that is not its length.
    pub promised: Option<ByteCount>,
    /// What would be downloaded in its place.
    pub again: Option<Again>,
}

/// By what it shows that a file is not what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Damage {
    /// Its end is missing.
    TooShort,
    /// Something follows its end.
    TooLong,
    /// It is called safetensors and does not begin like one.
    NoHeader,
    /// Its tensors are those at Civitai, and its header is not.
    HeaderAltered,
    /// Another tool recorded another hash of it, and Civitai does not know the one it has.
    NotAsRecorded,
}

/// What can be downloaded in place of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Again {
    /// The version.
    pub version_id: VersionId,
    /// Which of its files; the main one if it is not known.
    pub file_id: Option<CivitaiFileId>,
}

/// A file in a folder for another kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Misplaced {
    /// The file; its kind is what Civitai says.
    pub item: LibraryItem,
    /// What its folder is for.
    pub folder_kind: ModelKind,
    /// Where its UI looks for such models: what it would be called there.
    pub to: Option<String>,
    /// Why it cannot be moved there.
    pub problem: Option<Error>,
}

/// A file that may run code when it is loaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Unsafe {
    /// The file.
    pub item: LibraryItem,
    /// What is known.
    pub risk: Risk,
    /// Civitai's own words about it.
    pub message: Option<String>,
    /// The same version without a pickle.
    pub safer: Option<Safer>,
}

/// What is known of a pickle. The worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Civitai's virus scanner found something.
    Virus,
    /// Civitai found code in it that does not belong there.
    Code,
    /// Civitai's scan did not come to an end.
    ScanFailed,
    /// Civitai has not scanned it, as far as it says.
    NotScanned,
    /// Civitai does not have this very file: nobody is known to have scanned it.
    Unknown,
}

/// A file of the same version that cannot run code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Safer {
    /// The version.
    pub version_id: VersionId,
    /// The file.
    pub file_id: CivitaiFileId,
    /// As Civitai calls it: a stranger's text.
    pub name: String,
    /// About how large it is.
    pub size: ByteCount,
    /// It is in the library already.
    pub here: Option<FileId>,
}

/// A sidecar or preview without its model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct LeftBehind {
    /// The row.
    pub id: OrphanId,
    /// Absolute. Characters that are not Unicode are shown as `�`.
    pub path: String,
    /// Whose file it is.
    pub kind: SidecarKind,
    /// How that is known.
    pub proof: Proof,
    /// Bytes.
    pub size: ByteCount,
}

/// A file that is not on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Missing {
    /// The file, as it was.
    pub item: LibraryItem,
    /// When it was found to be gone; `None`: its drive or folder cannot be reached, and it may be there.
    pub gone_at: Option<UnixMillis>,
    /// What can be downloaded in its place.
    pub again: Option<Again>,
}
