//! Civitai's own description of a version, which most tools keep a copy of, and `.civitai.info`, which is nothing else.
//!
//! The description lists every file of the version, and any of them may be the one on disk, or an older one that is not
//! listed any more. So a file is picked by its size, and where several have it, by its name; a name alone counts only
//! where no size was kept.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::clue::{ClueHash, FileFacts, Recorded, size_fits};
use super::json::{Object, Objects, Scalar};
use super::tool::Tool;
use crate::units::{ModelId, VersionId};

/// A version as `/api/v1/model-versions` gives it. Civitai Helper's stand-in for a model Civitai does not know has the
/// same shape, with hashes it computed itself, the size in whole KiB, and empty texts for the ids.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct VersionJson {
    pub(super) id: Scalar,
    #[serde(rename = "modelId")]
    pub(super) model_id: Scalar,
    pub(super) files: Objects<FileJson>,
}

/// One file of a version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FileJson {
    name: Scalar,
    #[serde(rename = "sizeKB")]
    size_kb: Scalar,
    hashes: Object<HashesJson>,
}

/// Hashes in Civitai's spelling, which Stability Matrix shares.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct HashesJson {
    #[serde(rename = "SHA256")]
    sha256: Scalar,
    #[serde(rename = "BLAKE3")]
    blake3: Scalar,
    #[serde(rename = "AutoV3")]
    autov3: Scalar,
    #[serde(rename = "AutoV2")]
    autov2: Scalar,
}

impl HashesJson {
    pub(super) fn all(&self) -> Vec<ClueHash> {
        let sha256 = self.sha256.text().and_then(ClueHash::sha256);
        // A prefix of the SHA-256 says nothing beside it.
        let autov2 = if sha256.is_none() { self.autov2.text().and_then(ClueHash::autov2) } else { None };
        let blake3 = self.blake3.text().and_then(ClueHash::blake3);
        let autov3 = self.autov3.text().and_then(ClueHash::autov3);
        [sha256, blake3, autov3, autov2].into_iter().flatten().collect()
    }
}

impl FileJson {
    /// Nothing where it is zero: a size that was not known.
    fn size_kb(&self) -> Option<f64> {
        self.size_kb.float().filter(|size| *size > 0.0)
    }
}

impl VersionJson {
    pub(super) fn version_id(&self) -> Option<VersionId> {
        self.id.id().map(VersionId)
    }

    pub(super) fn model_id(&self) -> Option<ModelId> {
        self.model_id.id().map(ModelId)
    }

    /// Civitai's size of the file with this hash, in KiB.
    pub(super) fn size_kb_of(&self, hash: ClueHash) -> Option<f64> {
        self.files.0.iter().find(|file| file.hashes.0.all().contains(&hash)).and_then(FileJson::size_kb)
    }

    /// What it says about the file on disk, if exactly one of its files can be that.
    pub(super) fn recorded(&self, file: &FileFacts<'_>, source: &Arc<Path>) -> Vec<Recorded> {
        let Some(listed) = self.pick(file) else { return Vec::new() };
        let recorded = |hash: ClueHash| Recorded {
            expected_size_kb: listed.size_kb(),
            version_id: self.version_id(),
            model_id: self.model_id(),
            ..Recorded::new(Tool::CivitaiHelper, hash, source)
        };
        listed.hashes.0.all().into_iter().map(recorded).collect()
    }

    fn pick(&self, file: &FileFacts<'_>) -> Option<&FileJson> {
        let has_name = |listed: &&FileJson| {
            let name = file.path.file_name().and_then(|name| name.to_str());
            name.zip(listed.name.text()).is_some_and(|(name, listed)| name.eq_ignore_ascii_case(listed))
        };
        let with_hash = || self.files.0.iter().filter(|listed| !listed.hashes.0.all().is_empty());
        let sized = || with_hash().filter(|listed| listed.size_kb().is_some_and(|size| size_fits(file.size, size)));
        let unsized_and_named = || with_hash().filter(|listed| listed.size_kb().is_none()).filter(has_name);
        // One file is often listed several times, as a model and as a pruned model.
        only(sized()).or_else(|| only(sized().filter(has_name))).or_else(|| only(unsized_and_named()))
    }
}

/// The one there is, however often it is there.
fn only<'a>(mut files: impl Iterator<Item = &'a FileJson>) -> Option<&'a FileJson> {
    let first = files.next()?;
    let hashes = first.hashes.0.all();
    files.all(|other| other.hashes.0.all() == hashes).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(json: &str, name: &str, size: u64) -> Vec<(ClueHash, Option<f64>)> {
        let version: VersionJson = serde_json::from_str(json).unwrap();
        let source: Arc<Path> = Path::new("/m/a.civitai.info").into();
        let path = Path::new("/m").join(name);
        let recorded = version.recorded(&FileFacts { path: &path, size, modified_ns: 0 }, &source);
        recorded.into_iter().map(|recorded| (recorded.hash, recorded.expected_size_kb)).collect()
    }

    fn file(name: &str, size_kb: &str, digit: char) -> String {
        let digits = digit.to_string().repeat(64);
        format!(
            r#"{{"name":"{name}","sizeKB":{size_kb},"type":"Model","hashes":{{"SHA256":"{digits}","CRC32":"00"}}}}"#
        )
    }

    fn hash(digit: char) -> ClueHash {
        ClueHash::sha256(&digit.to_string().repeat(64)).unwrap()
    }

    #[test]
    fn the_file_of_this_size_is_picked() {
        let json = format!(
            r#"{{"id":9,"modelId":8,"files":[{},{}]}}"#,
            file("a.safetensors", "2048.5", 'a'),
            file("b.safetensors", "100.25", 'b')
        );
        assert_eq!(picked(&json, "renamed.safetensors", 2048 * 1024 + 512), [(hash('a'), Some(2048.5))]);
        assert_eq!(picked(&json, "a.safetensors", 100 * 1024 + 256), [(hash('b'), Some(100.25))]);
        assert!(picked(&json, "a.safetensors", 2047 * 1024).is_empty());
    }

    #[test]
    fn the_size_may_miss_less_than_a_kib() {
        let json = format!(r#"{{"files":[{}]}}"#, file("a.pt", "100", 'a'));
        for (size, fits) in [(102_400, true), (103_423, true), (103_424, false), (101_377, true), (101_376, false)] {
            assert_eq!(!picked(&json, "a.pt", size).is_empty(), fits, "{size}");
        }
    }

    #[test]
    fn of_several_with_the_size_the_name_decides_or_nothing() {
        let json = format!(r#"{{"files":[{},{}]}}"#, file("a.pt", "100", 'a'), file("b.pt", "100.4", 'b'));
        assert_eq!(picked(&json, "B.PT", 102_400), [(hash('b'), Some(100.4))]);
        assert!(picked(&json, "c.pt", 102_400).is_empty());
        let twice = format!(r#"{{"files":[{},{}]}}"#, file("a.pt", "100", 'a'), file("b.pt", "100", 'a'));
        assert_eq!(picked(&twice, "c.pt", 102_400).len(), 1);
    }

    #[test]
    fn a_name_counts_only_where_no_size_was_kept() {
        let json = format!(r#"{{"files":[{}]}}"#, file("a.pt", "0", 'a'));
        assert_eq!(picked(&json, "a.pt", 5), [(hash('a'), None)]);
        assert!(picked(&json, "b.pt", 5).is_empty());
    }

    #[test]
    fn a_stand_in_for_an_unknown_model_is_read_without_ids() {
        let json = format!(
            r#"{{"id":"","modelId":"","files":[{}],"tags":[],"skeleton_file":true}}"#,
            file("a.pt", "100", 'a')
        );
        let version: VersionJson = serde_json::from_str(&json).unwrap();
        assert_eq!((version.version_id(), version.model_id()), (None, None));
        assert_eq!(picked(&json, "a.pt", 102_900), [(hash('a'), Some(100.0))]);
        let empty = r#"{"files":[{"name":"","sizeKB":0,"hashes":{"AutoV2":"","SHA256":""}}]}"#;
        assert!(picked(empty, "a.pt", 0).is_empty());
    }
}
