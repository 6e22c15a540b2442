//! Writes folders that look like real installations, with a list of what an app should find in them.
//!
//! File names on disk differ from Civitai's on purpose: people rename models, and recognition has to go by content.

mod contents;
mod tree;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::catalogue::{Catalogue, Id, Version};

pub use tree::write_trees;

/// What an app should make of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Expected {
    /// Civitai knows it.
    Known {
        /// The model.
        model_id: Id,
        /// The version that `by-hash` answers: the oldest of those with this content.
        version_id: Id,
        /// Title of the model.
        model_name: String,
    },
    /// A model Civitai has never seen.
    Unknown,
    /// Not a model: a preview, a sidecar, an unfinished download, a placeholder of the installation.
    Ignored,
}

/// A file that was written.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// Folder that tells its kind, relative to the tree, for example `models/Lora`.
    pub folder: String,
    /// Whether it is a link to another file in the list.
    pub symlink: bool,
    /// SHA-256, 64 upper-case digits, of models; `None` for the rest.
    pub sha256: Option<String>,
    /// What an app should make of it.
    #[serde(flatten)]
    pub expected: Expected,
}

/// The trees that [`write_trees`] wrote.
#[derive(Clone, Debug)]
pub struct SampleTrees {
    /// Root of the A1111 installation.
    pub a1111: PathBuf,
    /// Root of the `ComfyUI` installation.
    pub comfyui: PathBuf,
    /// LoRA folder outside both, reachable through `ComfyUI`'s `extra_model_paths.yaml` only.
    pub extra: PathBuf,
    /// Every file and link.
    pub written: Vec<Written>,
}

impl SampleTrees {
    /// Model files, without links, previews and the rest.
    pub fn models(&self) -> impl Iterator<Item = &Written> {
        self.written.iter().filter(|file| !file.symlink && file.expected != Expected::Ignored)
    }
}

/// Writes every file of `catalogue` into `folder` under its upload name, and returns the paths in catalogue order.
///
/// A later file of the same name gets its number as a prefix.
pub fn write_files(folder: &Path, catalogue: &Catalogue) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut taken = std::collections::HashSet::new();
    let mut paths = Vec::new();
    for file in catalogue.files() {
        let name = if taken.insert(&file.spec.name) {
            file.spec.name.clone()
        } else {
            format!("{}_{}", file.id, file.spec.name)
        };
        let path = folder.join(name);
        match &file.spec.generated {
            Some(content) => content.write_to(&mut fs::File::create(&path)?)?,
            None => fs::write(&path, &file.spec.bytes)?,
        }
        paths.push(path);
    }
    Ok(paths)
}

fn expected(catalogue: &Catalogue, sha256: &str) -> Expected {
    let known = |version: &Version| Expected::Known {
        model_id: version.model_id,
        version_id: version.id,
        model_name: catalogue.model_of(version).spec.name.clone(),
    };
    catalogue.version_by_hash(sha256).map_or(Expected::Unknown, known)
}
