//! What is asked about a content that Civitai does not know by its SHA-256.
//!
//! Some tools write into a file's header, and its SHA-256 is another one from then on; its tensors are still the ones
//! that were uploaded. Some versions were uploaded as archives, or hashed before Civitai recorded every kind. An answer
//! is believed only if it names a file with the very hash that was asked about.

use std::path::{Path, PathBuf};

use crate::catalog::{CatalogError, CatalogErrorKind, ModelVersion, VersionFile};
use crate::error::Result;
use crate::hash::{AnyHash, AutoV3, Hashes, Sha256, archive, safetensors};
use crate::library::MatchedBy;

use super::{Resolver, SharedPatience, ask_patiently};

/// A hash to ask about, and what a match by it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Question {
    hash: AnyHash,
    by: MatchedBy,
}

impl Question {
    fn tensors(hash: AutoV3, by: MatchedBy) -> Option<Self> {
        (hash != AutoV3::OF_NOTHING).then_some(Self { hash: AnyHash::AutoV3(hash), by })
    }
}

/// A version found by another hash than the SHA-256.
#[derive(Debug, Clone)]
pub(super) struct FoundOtherwise {
    pub(super) version: ModelVersion,
    pub(super) file: VersionFile,
    pub(super) by: MatchedBy,
}

impl Resolver {
    /// Asks about one content by everything but its SHA-256. The outer error is ours, the inner one Civitai's.
    pub(super) async fn ask_otherwise(
        &self,
        sha256: Sha256,
        patience: &SharedPatience<'_>,
    ) -> Result<std::result::Result<Option<FoundOtherwise>, CatalogError>> {
        let (hashes, paths) = self.store.read(move |tx| Ok((tx.hashes(sha256)?, tx.paths_of(sha256)?))).await?;
        let Some(hashes) = hashes else { return Ok(Ok(None)) };
        for question in questions(hashes, paths).await {
            match ask_patiently(patience, self.catalog.version_by_hash(&question.hash.to_string())).await {
                Ok(version) => {
                    if let Some(file) = version.files.iter().find(|file| file.has(&question.hash)).cloned() {
                        return Ok(Ok(Some(FoundOtherwise { version, file, by: question.by })));
                    }
                }
                Err(error) if error.kind == CatalogErrorKind::NotFound => {}
                Err(error) => return Ok(Err(error)),
            }
        }
        Ok(Ok(None))
    }
}

/// In the order of how much they prove.
async fn questions(hashes: Hashes, paths: Vec<PathBuf>) -> Vec<Question> {
    let computed = hashes.autov3;
    let in_files = tokio::task::spawn_blocking(move || {
        let path = paths.iter().find(|path| path.is_file());
        path.map(|path| from_file(path, computed)).unwrap_or_default()
    });
    let in_files = in_files.await.unwrap_or_default();
    let blake3 = Question { hash: AnyHash::Blake3(hashes.blake3), by: MatchedBy::Blake3 };
    computed
        .and_then(|hash| Question::tensors(hash, MatchedBy::Tensors))
        .into_iter()
        .chain(in_files)
        .chain([blake3])
        .collect()
}

/// What a file says about itself: the tensor hash in its header, and the model in it if it is an archive.
fn from_file(path: &Path, computed: Option<AutoV3>) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    if let Ok(Some(header)) = safetensors::read_file(path) {
        for (key, value) in header.metadata {
            let is_hash = matches!(key.as_str(), "sshs_model_hash" | "modelspec.hash_sha256");
            let digits = value.trim().trim_start_matches("0x");
            let hash = digits.get(..AutoV3::BYTES * 2).and_then(|prefix| prefix.parse().ok());
            if let Some(hash) = hash.filter(|hash| is_hash && Some(*hash) != computed) {
                questions.extend(Question::tensors(hash, MatchedBy::Embedded));
            }
        }
    }
    // An archive that cannot be read as one is no archive to ask about.
    if let Ok(Some(member)) = archive::only_model(path) {
        questions.push(Question { hash: AnyHash::Sha256(member), by: MatchedBy::ArchiveMember });
    }
    questions.dedup();
    questions
}
