//! `ComfyUI` keeps what it hashed in `user/comfyui.db`, with path, size and time to the nanosecond: the strongest clues
//! there are. It hashes only where its user switched that on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::by_path::{ByPath, rows_or_problem};
use super::clue::{ClueHash, Moment, Recorded};
use super::tool::Tool;
use crate::error::Error;
use crate::store::foreign;

/// Reads an installation's database.
pub(super) fn read(root: &Path, noted: &mut ByPath, on_problem: &mut dyn FnMut(&Path, Error)) {
    let database = root.join("user/comfyui.db");
    let source: Arc<Path> = database.as_path().into();
    for asset in rows_or_problem(foreign::comfyui_assets(&database), &database, on_problem) {
        let Some(hash) = asset.hash.strip_prefix("blake3:").and_then(ClueHash::blake3) else { continue };
        noted.add(
            PathBuf::from(asset.path),
            Recorded {
                size: asset.size,
                modified: asset.modified_ns.map(Moment::exactly),
                ..Recorded::new(Tool::ComfyUi, hash, &source)
            },
        );
    }
}
