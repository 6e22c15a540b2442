//! What the user chose about places in one root: other folders for some kinds, and subfolders in all of them.
//!
//! A chosen folder lies inside its root, because that is what is scanned, watched and known to be reachable.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::is_inside;
use super::template::Template;
use crate::error::{Error, Result};
use crate::roots::ModelKind;

/// The user's choices for one root.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct PlaceRules {
    /// A folder by kind, instead of the one the layout has: relative to the root, or absolute inside it.
    pub overrides: BTreeMap<ModelKind, String>,
    /// Which subfolder of a kind's folder a file goes to.
    pub template: Template,
}

impl PlaceRules {
    /// Whether every chosen folder is one in this root; the template was checked when it was read.
    pub fn check(&self, root: &Path) -> Result<()> {
        self.overrides.keys().try_for_each(|kind| self.folder_of(kind, root).map(|_| ()))
    }

    /// The folder chosen for a kind, absolute; `None` where the layout's stands.
    pub fn folder_of(&self, kind: &ModelKind, root: &Path) -> Result<Option<PathBuf>> {
        let Some(text) = self.overrides.get(kind) else { return Ok(None) };
        let refuse = |why: &str| {
            Err(Error::invalid(format!("The folder `{text}` for {} cannot be used: {why}", kind.label()))
                .hint(format!("Name a folder inside `{}`", root.display())))
        };
        let chosen = Path::new(text.trim());
        if chosen.as_os_str().is_empty() || text.contains('\0') {
            return refuse("it is empty or no path");
        }
        if chosen.components().any(|component| matches!(component, Component::ParentDir)) {
            return refuse("`..` leads out of a folder");
        }
        // A path with a drive but without a root (`D:models`) would replace the root when joined.
        let has_drive = chosen.components().any(|component| matches!(component, Component::Prefix(_)));
        if has_drive && !chosen.is_absolute() {
            return refuse("it names a drive, but not where on it");
        }
        let folder: PathBuf = root.join(chosen).components().collect();
        if folder != root && !is_inside(root, &folder) {
            return refuse("it is outside the root");
        }
        Ok(Some(folder))
    }
}
