//! LoRA Manager keeps a library in a database and writes `<name>.metadata.json` beside every model.
//!
//! Its `modified` is when the model was added, not the file's time, and its SHA-256 may be what Civitai says rather than
//! what lies on disk (which is why it reports false duplicates). So the size must fit, and it is all that can be said.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::by_path::{ByPath, rows_or_problem};
use super::civitai::VersionJson;
use super::clue::{ClueHash, Recorded};
use super::json::{Object, Scalar};
use super::tool::Tool;
use crate::error::Error;
use crate::store::foreign;
use crate::units::{ModelId, VersionId};

/// Most libraries looked into in one place.
const MAX_LIBRARIES: usize = 64;

/// The folder it keeps its settings in, below the user's configuration.
pub(super) const SETTINGS: &str = "ComfyUI-LoRA-Manager";

/// Reads the libraries in a settings folder.
pub(super) fn read(settings: &Path, noted: &mut ByPath, on_problem: &mut dyn FnMut(&Path, Error)) {
    // Older versions kept them under other names.
    let mut databases: Vec<PathBuf> = ["cache/model", "model_cache"]
        .iter()
        .flat_map(|folder| list(&settings.join(folder), |name| name.ends_with(".sqlite")))
        .collect();
    databases.push(settings.join("model_cache.sqlite"));
    for database in databases {
        let source: Arc<Path> = database.as_path().into();
        for model in rows_or_problem(foreign::lora_manager_models(&database), &database, on_problem) {
            let Some(size) = model.size.filter(|size| *size > 0) else { continue };
            let sha256 = model.sha256.as_deref().and_then(ClueHash::sha256);
            let autov3 = model.autov3.as_deref().and_then(ClueHash::autov3);
            for hash in [sha256, autov3].into_iter().flatten() {
                let recorded = Recorded {
                    size: Some(size),
                    version_id: model.version_id.filter(|id| *id > 0).map(VersionId),
                    model_id: model.model_id.filter(|id| *id > 0).map(ModelId),
                    ..Recorded::new(Tool::LoraManager, hash, &source)
                };
                noted.add(PathBuf::from(&model.path), recorded);
            }
        }
    }
}

/// Its folders among a `ComfyUI` installation's plugins: the portable ones keep their libraries there.
pub(super) fn plugins(root: &Path) -> Vec<PathBuf> {
    list(&root.join("custom_nodes"), |name| name.to_ascii_lowercase().contains("lora-manager"))
}

/// The first entries of a folder with such names, sorted. A folder that cannot be listed is most often none.
fn list(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let is_wanted = |path: &PathBuf| path.file_name().and_then(OsStr::to_str).is_some_and(&wanted);
    let mut found: Vec<PathBuf> =
        entries.filter_map(Result::ok).map(|entry| entry.path()).filter(is_wanted).take(MAX_LIBRARIES).collect();
    found.sort();
    found
}

/// `<name>.metadata.json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MetadataJson {
    sha256: Scalar,
    autov3: Scalar,
    size: Scalar,
    hash_status: Scalar,
    civitai: Object<VersionJson>,
}

impl MetadataJson {
    pub(super) fn recorded(&self, source: &Arc<Path>) -> Vec<Recorded> {
        let finished = self.hash_status.text().is_none_or(|status| status.is_empty() || status == "completed");
        let Some(size) = self.size.size().filter(|size| finished && *size > 0) else { return Vec::new() };
        let sha256 = self.sha256.text().and_then(ClueHash::sha256);
        let autov3 = self.autov3.text().and_then(ClueHash::autov3);
        let civitai = &self.civitai.0;
        let recorded = |hash: ClueHash| Recorded {
            size: Some(size),
            expected_size_kb: civitai.size_kb_of(hash),
            version_id: civitai.version_id(),
            model_id: civitai.model_id(),
            ..Recorded::new(Tool::LoraManager, hash, source)
        };
        [sha256, autov3].into_iter().flatten().map(recorded).collect()
    }
}
