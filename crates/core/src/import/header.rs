//! What a safetensors file says about itself. Both hashes speak for the tensors behind the header, not for the file.
//!
//! A tool that changes the tensors and keeps the header keeps the hash as well, so nothing here is ever more than
//! [`Strength::Unchecked`](super::Strength).

use std::path::Path;
use std::sync::Arc;

use super::clue::{ClueHash, Recorded};
use super::read::MAX_SIDECAR;
use super::tool::Tool;
use crate::hash::safetensors;

/// The hashes in a file's header, if it has one.
pub(super) fn recorded(file: &Path) -> Vec<Recorded> {
    let is_safetensors = file
        .extension()
        .is_some_and(|extension| ["safetensors", "sft"].iter().any(|known| extension.eq_ignore_ascii_case(known)));
    if !is_safetensors {
        return Vec::new();
    }
    match safetensors::read_file_within(file, MAX_SIDECAR) {
        Ok(header) => {
            let source: Arc<Path> = file.into();
            hashes(&header.map(|header| header.metadata).unwrap_or_default(), &source)
        }
        Err(error) => {
            // The scan reads the same file next and tells people what is wrong with it.
            tracing::debug!(%error, "header was not read for its hashes");
            Vec::new()
        }
    }
}

fn hashes(metadata: &[(String, String)], source: &Arc<Path>) -> Vec<Recorded> {
    let hash = |(key, value): &(String, String)| {
        let (tool, digits) = match key.as_str() {
            "sshs_model_hash" => (Tool::Kohya, value.as_str()),
            "modelspec.hash_sha256" => (Tool::Modelspec, value.strip_prefix("0x").unwrap_or(value)),
            _ => return None,
        };
        Some(Recorded::new(tool, ClueHash::tensors(digits)?, source))
    };
    metadata.iter().filter_map(hash).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, name: &str, json: &str) -> std::path::PathBuf {
        let path = dir.join(name);
        let bytes = [&(json.len() as u64).to_le_bytes()[..], json.as_bytes(), b"tensors"].concat();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    #[test]
    fn both_keys_are_hashes_of_the_tensors() {
        let dir = tempfile::tempdir().unwrap();
        let (kohya, spec) = ("ab".repeat(32), "CD".repeat(32));
        let json = format!(r#"{{"__metadata__":{{"sshs_model_hash":"{kohya}","modelspec.hash_sha256":"0x{spec}"}}}}"#);
        let found = recorded(&write(dir.path(), "a.safetensors", &json));
        let found: Vec<_> = found.into_iter().map(|recorded| (recorded.tool, recorded.hash)).collect();
        let expected = [(Tool::Modelspec, ClueHash::Tensors([0xcd; 32])), (Tool::Kohya, ClueHash::Tensors([0xab; 32]))];
        assert_eq!(found, expected);
        assert!(recorded(&write(dir.path(), "a.ckpt", &json)).is_empty());
    }

    #[test]
    fn placeholders_and_nonsense_are_no_hashes() {
        let dir = tempfile::tempdir().unwrap();
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        for value in [nothing, "", "0x", "ab", "0x0xab", &"z".repeat(64), &format!("0x{nothing}")] {
            let json =
                format!(r#"{{"__metadata__":{{"sshs_model_hash":"{value}","modelspec.hash_sha256":"{value}"}}}}"#);
            assert!(recorded(&write(dir.path(), "a.safetensors", &json)).is_empty(), "{value}");
        }
    }

    #[test]
    fn claimed_header_lengths_cost_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        for length in [1_u64 << 63, u64::MAX, 100_000_000, 0] {
            std::fs::write(&path, [&length.to_le_bytes()[..], b"{}"].concat()).unwrap();
            assert!(recorded(&path).is_empty(), "{length}");
        }
        std::fs::write(&path, "").unwrap();
        assert!(recorded(&path).is_empty());
        assert!(recorded(dir.path()).is_empty());
        assert!(recorded(&dir.path().join("gone.safetensors")).is_empty());
    }
}
