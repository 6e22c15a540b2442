//! Decides where a verified file goes: the kind it is placed as, the folder a UI loads that kind from, the user's wishes.
//!
//! Pure: no file is touched and no configuration read here; the caller brings the layout's folders and answers whether
//! one exists. Nothing that comes from a server chooses a folder: it may only fill the fields of a template of the
//! user's, and each of those becomes one harmless folder name.

mod family;
mod folder;
mod kind;
mod rules;
mod template;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::path::{Component, Path, PathBuf};

use super::name::FileName;
use crate::error::{Code, Error, Result};
use crate::roots::{Layout, ModelKind};
use crate::units::RootId;

pub use folder::{RootFolders, folder_for};
pub use kind::place_kind;
pub use rules::PlaceRules;
pub use template::{PathFacts, Template};

/// Where a file will be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Absolute; it need not exist yet.
    pub folder: PathBuf,
    /// The file's name, which may be taken there: only the disk knows.
    pub name: FileName,
    /// Both together.
    pub path: PathBuf,
}

/// Where a file of this kind and name goes in this root, by its layout and what the user chose.
pub fn plan_path(
    root: &RootFolders<'_>,
    rules: &PlaceRules,
    kind: &ModelKind,
    facts: &PathFacts<'_>,
    name: FileName,
) -> Result<Planned> {
    let base = match rules.folder_of(kind, root.root)? {
        // A UI that manages its own files is not to be talked out of it.
        Some(chosen) if root.layout != Layout::InvokeAi => chosen,
        _ => folder_for(root, kind, name.as_str())?,
    };
    let folder = base.join(rules.template.render(facts));
    let path = folder.join(&name);
    if !is_inside(&base, &path) {
        // The names and the template see to it that this cannot be; a file in a wrong place is worth a second look.
        return Err(Error::new(Code::Internal, format!("`{}` is not inside `{}`", path.display(), base.display())));
    }
    Ok(Planned { folder, name, path })
}

/// Whether a path leads to something below a folder, by its components alone: no `..` behind the folder's own path.
pub fn is_inside(folder: &Path, path: &Path) -> bool {
    path.strip_prefix(folder).is_ok_and(|below| {
        let mut components = below.components().peekable();
        components.peek().is_some() && components.all(|component| matches!(component, Component::Normal(_)))
    })
}

/// A root that a download could go to.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its row. Rows count up, so they tell which root was added first.
    pub id: RootId,
    /// Whether it can be reached at the moment.
    pub online: bool,
    /// Its folders.
    pub folders: RootFolders<'a>,
    /// What lies there already.
    pub company: Company,
}

/// What of a root's models goes with a file that is to be placed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Company {
    /// Files of the same model, of whatever version.
    pub of_model: u32,
    /// Files of the same kind for the same base model.
    pub of_base: u32,
}

/// The root to offer for a file, among those that can be reached and whose UI loads it: the one that has the model in
/// another version; else the one with the most of its kind for its base model; else the first one added. A plain folder,
/// where at least everything can be kept, comes last, unless another version is kept there.
pub fn recommend(candidates: &[Candidate<'_>], kind: &ModelKind, file_name: &str) -> Option<RootId> {
    candidates
        .iter()
        .filter(|candidate| candidate.online && folder_for(&candidate.folders, kind, file_name).is_ok())
        .min_by_key(|candidate| {
            let Company { of_model, of_base } = candidate.company;
            let is_plain = candidate.folders.layout == Layout::Plain;
            (Reverse(of_model.min(1)), is_plain, Reverse(of_base), candidate.id)
        })
        .map(|candidate| candidate.id)
}
