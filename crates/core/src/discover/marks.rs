//! What of a model is here, on its way, or in the vault. Pure: the store brings what it found.
//!
//! A version is here by its number, where a file was matched with it, and by the hash of its files: a file that was renamed,
//! linked by hand, or uploaded twice at Civitai is still the same. A VAE that comes with it alone is not the model.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::listed::Listed;
use crate::hash::Sha256;
use crate::roots::ModelKind;
use crate::units::{CivitaiFileId, DownloadId, FileId, ModelId, VersionId};
use crate::vault::{is_model_file, is_model_of};

/// What of a model is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ModelMarks {
    /// The model.
    pub model: ModelId,
    /// Whether it is in the library.
    pub standing: Standing,
    /// Whether one of its versions is on its way.
    pub underway: bool,
    /// Whether one of its versions is in the vault, as last read.
    pub in_vault: bool,
    /// The versions of which there is something to say.
    pub versions: Vec<VersionMarks>,
}

/// Whether a model is in the library.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// No version of it.
    Absent,
    /// Not the one its page shows first, but another.
    Other,
    /// The one its page shows first.
    Newest,
}

/// What of a version is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct VersionMarks {
    /// The version.
    pub id: VersionId,
    /// The files of the library that are this model.
    pub here: Vec<FileId>,
    /// Its files whose very content is here.
    pub files: Vec<FileMark>,
    /// Downloads of it that have not ended.
    pub underway: Vec<Underway>,
    /// Whether it is in the vault, as last read.
    pub in_vault: bool,
}

/// A file of a version whose content is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct FileMark {
    /// The file at Civitai.
    pub file: CivitaiFileId,
    /// The file here.
    pub here: FileId,
}

/// A download that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Underway {
    /// The download.
    pub download: DownloadId,
    /// Which file of the version, where that is known.
    pub file: Option<CivitaiFileId>,
}

/// A version as far as it can be recognised here.
#[derive(Debug, Clone)]
pub(crate) struct MarkedVersion {
    pub(crate) id: VersionId,
    pub(crate) kind: ModelKind,
    pub(crate) files: Vec<MarkedFile>,
}

/// One file of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MarkedFile {
    pub(crate) id: CivitaiFileId,
    pub(crate) sha256: Sha256,
    pub(crate) is_model: bool,
}

impl MarkedVersion {
    /// Of a model, in its page's order.
    pub(crate) fn all_of(model: &Listed) -> Vec<Self> {
        let version = |version: &super::listed::ListedVersion| Self {
            id: version.id,
            kind: model.kind.clone(),
            files: version
                .files
                .iter()
                .filter_map(|file| {
                    let is_model = is_model_file(&model.kind, &file.file.file_type);
                    Some(MarkedFile { id: file.file.id, sha256: file.file.sha256?, is_model })
                })
                .collect(),
        };
        model.versions.iter().map(version).collect()
    }
}

/// What the store knows of some versions and hashes.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    /// Files that were matched with a version, and what they were found to be.
    pub(crate) matched: Vec<(VersionId, FileId, Option<ModelKind>)>,
    /// Files with a content.
    pub(crate) contents: Vec<(Sha256, FileId)>,
    /// Downloads of a version that have not ended.
    pub(crate) underway: Vec<(VersionId, Underway)>,
    /// Versions in the vault.
    pub(crate) in_vault: HashSet<VersionId>,
}

/// The marks of a model.
pub(crate) fn marks_of(model: ModelId, versions: &[MarkedVersion], presence: &Presence) -> ModelMarks {
    let all: Vec<VersionMarks> = versions.iter().map(|version| version_marks(version, presence)).collect();
    let standing = match all.iter().position(|version| !version.here.is_empty()) {
        Some(0) => Standing::Newest,
        Some(_) => Standing::Other,
        None => Standing::Absent,
    };
    let says = |version: &VersionMarks| {
        version.in_vault || !version.here.is_empty() || !version.files.is_empty() || !version.underway.is_empty()
    };
    ModelMarks {
        model,
        standing,
        underway: all.iter().any(|version| !version.underway.is_empty()),
        in_vault: all.iter().any(|version| version.in_vault),
        versions: all.into_iter().filter(says).collect(),
    }
}

fn version_marks(version: &MarkedVersion, presence: &Presence) -> VersionMarks {
    let with = |sha256: Sha256| presence.contents.iter().filter(move |(content, _)| *content == sha256);
    let contents = |file: &MarkedFile| with(file.sha256).map(|(_, here)| *here).collect::<Vec<_>>();
    let not_models: HashSet<FileId> = version.files.iter().filter(|file| !file.is_model).flat_map(contents).collect();
    let matched = presence
        .matched
        .iter()
        .filter(|(id, _, kind)| *id == version.id && is_model_of(&version.kind, kind.as_ref()))
        .map(|(_, here, _)| *here)
        .filter(|here| !not_models.contains(here));
    let by_content = version.files.iter().filter(|file| file.is_model).flat_map(contents);
    let mut here: Vec<FileId> = matched.chain(by_content).collect();
    here.sort_unstable();
    here.dedup();
    VersionMarks {
        id: version.id,
        here,
        files: version
            .files
            .iter()
            .filter_map(|file| Some(FileMark { file: file.id, here: contents(file).into_iter().min()? }))
            .collect(),
        underway: presence.underway.iter().filter(|(id, _)| *id == version.id).map(|(_, one)| *one).collect(),
        in_vault: presence.in_vault.contains(&version.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(id: i64, files: &[(i64, u8, bool)]) -> MarkedVersion {
        let file = |&(id, byte, is_model): &(i64, u8, bool)| MarkedFile {
            id: CivitaiFileId(id),
            sha256: Sha256::new([byte; 32]),
            is_model,
        };
        MarkedVersion { id: VersionId(id), kind: ModelKind::Checkpoint, files: files.iter().map(file).collect() }
    }

    fn here(marks: &ModelMarks) -> Vec<(i64, Vec<i64>)> {
        marks.versions.iter().map(|one| (one.id.0, one.here.iter().map(|file| file.0).collect())).collect()
    }

    #[test]
    fn a_version_is_here_by_its_number_and_by_its_content() {
        let versions = [version(2, &[(20, 2, true)]), version(1, &[(10, 1, true)])];
        let presence = Presence {
            matched: vec![(VersionId(1), FileId(5), None)],
            contents: vec![(Sha256::new([1; 32]), FileId(5)), (Sha256::new([2; 32]), FileId(7))],
            ..Presence::default()
        };
        let marks = marks_of(ModelId(9), &versions, &presence);
        assert_eq!(here(&marks), [(2, vec![7]), (1, vec![5])]);
        assert_eq!(marks.standing, Standing::Newest);
        let only_old = Presence { contents: vec![(Sha256::new([1; 32]), FileId(5))], ..Presence::default() };
        assert_eq!(marks_of(ModelId(9), &versions, &only_old).standing, Standing::Other);
    }

    #[test]
    fn its_vae_alone_is_not_the_model() {
        let versions = [version(1, &[(10, 1, true), (11, 8, false)])];
        let presence = Presence {
            matched: vec![(VersionId(1), FileId(3), Some(ModelKind::Vae)), (VersionId(1), FileId(4), None)],
            contents: vec![(Sha256::new([8; 32]), FileId(3)), (Sha256::new([8; 32]), FileId(4))],
            ..Presence::default()
        };
        let marks = marks_of(ModelId(9), &versions, &presence);
        assert_eq!((marks.standing, here(&marks)), (Standing::Absent, vec![(1, vec![])]));
        assert_eq!(marks.versions[0].files, [FileMark { file: CivitaiFileId(11), here: FileId(3) }]);
    }

    #[test]
    fn versions_of_which_nothing_is_known_are_left_out() {
        let versions = [version(2, &[]), version(1, &[])];
        let underway = Underway { download: DownloadId(4), file: None };
        let presence = Presence {
            underway: vec![(VersionId(2), underway)],
            in_vault: [VersionId(2), VersionId(77)].into(),
            ..Presence::default()
        };
        let marks = marks_of(ModelId(9), &versions, &presence);
        assert_eq!((marks.underway, marks.in_vault, marks.versions.len()), (true, true, 1));
        assert_eq!(marks.versions[0].underway, [underway]);
    }
}
