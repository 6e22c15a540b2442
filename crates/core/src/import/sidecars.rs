//! The files that tools write beside a model. They are found by name, and `a.safetensors` and `a.gguf` share the name.
//!
//! Where two models do, a sidecar without anything to check is anybody's, and therefore nobody's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::civitai::{FileJson, HashesJson, VersionJson};
use super::clue::{Clue, ClueHash, FileFacts, Moment, Recorded, Strength};
use super::json::{Object, Objects, Scalar};
use super::lora_manager::MetadataJson;
use super::read;
use super::tool::Tool;
use crate::units::{ModelId, VersionId};

/// What a model's sidecars say that fits it. `shared`: another model has the same name but for its ending.
pub(super) fn clues(file: &FileFacts<'_>, shared: bool) -> Vec<Clue> {
    let mut clues = of_name(file);
    clues.retain(|clue| !shared || clue.strength != Strength::Unchecked);
    clues.extend(rgthree(file));
    clues
}

fn of_name(file: &FileFacts<'_>) -> Vec<Clue> {
    let mut recorded = Vec::new();
    // Only the last ending goes: `v1.5.safetensors` has `v1.5.json`.
    if let Some((json, source)) = beside::<VersionJson>(file.path.with_extension("civitai.info")) {
        recorded.extend(json.recorded(file, &source));
    }
    if let Some((json, source)) = beside::<MetadataJson>(file.path.with_extension("metadata.json")) {
        recorded.extend(json.recorded(&source));
    }
    if let Some((json, source)) = beside::<StabilityMatrixJson>(file.path.with_extension("cm-info.json")) {
        recorded.extend(json.recorded(&source));
    }
    if let Some((json, source)) = beside::<BrowserPlusJson>(file.path.with_extension("json")) {
        recorded.extend(json.recorded(&source, || {
            beside::<ApiInfoJson>(file.path.with_extension("api_info.json")).map(|(json, _)| json)
        }));
    }
    recorded.iter().filter_map(|recorded| recorded.for_file(file)).collect()
}

/// The sidecar at this path, if there is one that can be read.
fn beside<T: DeserializeOwned + Default>(path: PathBuf) -> Option<(T, Arc<Path>)> {
    match read::json::<Object<T>>(&path, read::MAX_SIDECAR) {
        Ok(json) => json.map(|Object(json)| (json, path.into())),
        Err(error) => {
            // A broken note is not worth a person's attention: the model itself is read instead.
            tracing::debug!(path = %path.display(), %error, "sidecar was not read");
            None
        }
    }
}

/// `<name>.cm-info.json` of Stability Matrix: the hashes Civitai gave for the file it downloaded. Its `size` is
/// Civitai's word for pruned or full, not a number.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct StabilityMatrixJson {
    model_id: Scalar,
    version_id: Scalar,
    hashes: Object<HashesJson>,
}

impl StabilityMatrixJson {
    fn recorded(&self, source: &Arc<Path>) -> Vec<Recorded> {
        let recorded = |hash: ClueHash| Recorded {
            version_id: self.version_id.id().map(VersionId),
            model_id: self.model_id.id().map(ModelId),
            ..Recorded::new(Tool::StabilityMatrix, hash, source)
        };
        self.hashes.0.all().into_iter().map(recorded).collect()
    }
}

/// `<name>.json` of Civitai Browser+, which shares it with the web UI's own notes: the hash is what tells them apart.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct BrowserPlusJson {
    sha256: Scalar,
    #[serde(rename = "modelId")]
    model_id: Scalar,
}

/// `<name>.api_info.json` of Browser+: Civitai's answer for the model, or for the version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ApiInfoJson {
    id: Scalar,
    files: Objects<FileJson>,
    #[serde(rename = "modelVersions")]
    versions: Objects<VersionJson>,
}

impl ApiInfoJson {
    fn into_versions(self) -> Vec<VersionJson> {
        let mut versions = self.versions.0;
        versions.push(VersionJson { id: self.id, files: self.files, ..VersionJson::default() });
        versions
    }
}

impl BrowserPlusJson {
    fn recorded(&self, source: &Arc<Path>, api_info: impl FnOnce() -> Option<ApiInfoJson>) -> Option<Recorded> {
        let hash = self.sha256.text().and_then(ClueHash::sha256)?;
        // It never looks whether the file is still the one it hashed, so Civitai's size is the only check there is.
        let versions = api_info().map(ApiInfoJson::into_versions).unwrap_or_default();
        let version = versions.iter().find(|version| version.size_kb_of(hash).is_some());
        Some(Recorded {
            expected_size_kb: version.and_then(|version| version.size_kb_of(hash)),
            version_id: version.and_then(VersionJson::version_id),
            model_id: self.model_id.id().map(ModelId),
            ..Recorded::new(Tool::BrowserPlus, hash, source)
        })
    }
}

/// `<file>.rgthree-info.json`, which keeps the model's ending in its name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RgthreeJson {
    sha256: Scalar,
    /// Milliseconds.
    modified: Scalar,
    raw: Object<RgthreeRawJson>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RgthreeRawJson {
    civitai: Object<VersionJson>,
}

/// rgthree brings `modified` up to date whenever it looks at a model, but computes the hash once. A time that differs
/// therefore refutes the hash, and one that fits does not prove it: the strength comes from the size alone.
fn rgthree(file: &FileFacts<'_>) -> Option<Clue> {
    let mut name: OsString = file.path.as_os_str().to_owned();
    name.push(".rgthree-info.json");
    let (json, source) = beside::<RgthreeJson>(PathBuf::from(name))?;
    json.recorded(file.modified_ns, &source)?.for_file(file)
}

impl RgthreeJson {
    fn recorded(&self, modified_ns: i64, source: &Arc<Path>) -> Option<Recorded> {
        let hash = self.sha256.text().and_then(ClueHash::sha256)?;
        if !self.modified.float().and_then(Moment::milliseconds)?.fits(modified_ns) {
            return None;
        }
        let civitai = &self.raw.0.civitai.0;
        Some(Recorded {
            expected_size_kb: civitai.size_kb_of(hash),
            version_id: civitai.version_id(),
            model_id: civitai.model_id(),
            ..Recorded::new(Tool::Rgthree, hash, source)
        })
    }
}

#[cfg(test)]
mod tests;
