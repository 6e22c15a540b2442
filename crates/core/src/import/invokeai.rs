//! `InvokeAI` keeps a hash of every model it installed, and in newer versions the file's size.
//!
//! A folder of parts has a hash of its parts' hashes. It is not refused here but finds no taker: its path is a
//! folder's, and only files are asked about.

use std::path::Path;
use std::sync::Arc;

use super::by_path::{ByPath, rows_or_problem};
use super::clue::{ClueHash, Recorded};
use super::tool::Tool;
use crate::error::Error;
use crate::store::foreign;

/// Reads an installation's database.
pub(super) fn read(root: &Path, noted: &mut ByPath, on_problem: &mut dyn FnMut(&Path, Error)) {
    let places = crate::roots::invokeai_places(root);
    let source: Arc<Path> = places.database.as_path().into();
    for model in rows_or_problem(foreign::invokeai_models(&places.database), &places.database, on_problem) {
        if let Some(hash) = hash(&model.hash).filter(|_| !model.path.is_empty()) {
            let recorded = Recorded { size: model.size, ..Recorded::new(Tool::InvokeAi, hash, &source) };
            noted.add(places.models.join(model.path), recorded);
        }
    }
}

/// `algorithm:digits`. The algorithm `random` hashes nothing, the others are not kept by Civitai.
fn hash(text: &str) -> Option<ClueHash> {
    match text.split_once(':')? {
        ("blake3", digits) => ClueHash::blake3(digits),
        ("sha256", digits) => ClueHash::sha256(digits),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashes_of_a_known_kind_count() {
        let digits = "ab".repeat(32);
        assert!(matches!(hash(&format!("blake3:{digits}")), Some(ClueHash::Blake3(_))));
        assert!(matches!(hash(&format!("sha256:{digits}")), Some(ClueHash::Sha256(_))));
        for other in [&format!("random:{digits}"), &format!("blake2s:{digits}"), &digits, "blake3:", ""] {
            assert_eq!(hash(other), None, "{other}");
        }
    }
}
