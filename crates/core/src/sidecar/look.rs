//! What is beside a model already, as far as writing must know it.

use std::path::{Path, PathBuf};

use super::action::LeftAlone;
use super::file::{Links, Unread, read_whole};
use super::names;

/// One look at a model's surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// `<base>.json`.
    pub a1111_json: Existing,
    /// Whether anything is called `<base>.civitai.info`.
    pub civitai_info: bool,
    /// The first preview, of whatever naming, even one that no UI could show.
    pub preview: Option<PathBuf>,
    /// Other models of the same base. Whoever knows them to be the same version takes them out.
    pub shared_with: Vec<PathBuf>,
}

/// A file that may be added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Existing {
    /// Nothing has the name.
    Absent,
    /// Its bytes.
    Bytes(Vec<u8>),
    /// Something that must not be touched.
    Unusable(LeftAlone),
}

/// Looks at what is beside a model.
pub fn look(model: &Path) -> Beside {
    let a1111_json = match names::beside(model, "json") {
        None => Existing::Absent,
        Some(path) => match read_whole(&path, Links::Refuse) {
            Ok((bytes, _)) => Existing::Bytes(bytes),
            Err(Unread::Missing) => Existing::Absent,
            Err(unread) => Existing::Unusable(unread.into_reason(&path)),
        },
    };
    Beside {
        a1111_json,
        civitai_info: names::beside(model, "civitai.info").is_some_and(|path| names::is_taken(&path)),
        preview: names::preview_names(model).into_iter().find(|path| names::is_taken(path)),
        shared_with: names::sharers(model),
    }
}
