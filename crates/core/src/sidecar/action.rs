//! What is to be done beside a model, or why nothing is.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::info::SidecarKind;
use super::media::Media;
use super::names;
use crate::paths::display;

/// One thing to do, decided but not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SidecarAction {
    /// Write a file that is not there.
    Create {
        /// The model it is for; without it, nothing is written.
        model: PathBuf,
        /// The new file.
        path: PathBuf,
        /// What it is.
        kind: SidecarKind,
        /// Its bytes.
        contents: Vec<u8>,
        /// Other names for the same thing: if one of them is taken by then, nothing is written.
        unless: Vec<PathBuf>,
    },
    /// Add keys to a JSON file.
    Extend {
        /// The model it is for; without it, nothing is written.
        model: PathBuf,
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: SidecarKind,
        /// The keys it gains.
        adds: Vec<&'static str>,
        /// The bytes it must still have.
        before: Vec<u8>,
        /// The bytes it gets.
        after: Vec<u8>,
    },
    /// Fetch a preview; its bytes decide what becomes of it.
    PreviewWanted(PreviewWanted),
    /// Do nothing.
    LeaveAlone {
        /// The file that might have been written.
        path: PathBuf,
        /// What it is.
        kind: SidecarKind,
        /// Why not.
        why: LeftAlone,
    },
}

/// A preview that a UI would show, if there were one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewWanted {
    /// The model it is for.
    pub model: PathBuf,
    /// Which of the version's previews to try, best first: pictures before videos, each in the author's order.
    pub candidates: Vec<usize>,
    /// What the UI can show.
    pub accepts: &'static [Media],
}

impl PreviewWanted {
    /// What to do with these bytes.
    pub fn with(self, bytes: Vec<u8>) -> SidecarAction {
        let kind = SidecarKind::Preview;
        let leave = |path: PathBuf, why| SidecarAction::LeaveAlone { path, kind, why };
        let named = |extension: &str| names::beside(&self.model, &format!("preview.{extension}"));
        let Some(media) = Media::of(&bytes) else {
            return leave(self.model, LeftAlone::UnknownBytes);
        };
        let Some(path) = named(media.extension()) else {
            return leave(self.model, LeftAlone::NothingKnown);
        };
        if !self.accepts.contains(&media) {
            return leave(path, LeftAlone::NotShown);
        }
        if names::is_too_long(&path) {
            return leave(path, LeftAlone::NameTooLong);
        }
        let unless = names::preview_names(&self.model);
        SidecarAction::Create { model: self.model, path, kind, contents: bytes, unless }
    }
}

impl SidecarAction {
    /// For a dry run: what would be done, without the bytes.
    pub fn step(&self) -> SidecarStep {
        match self {
            Self::Create { path, kind, .. } => SidecarStep::Create { path: display(path).0, kind: *kind },
            Self::Extend { path, kind, adds, .. } => SidecarStep::Extend {
                path: display(path).0,
                kind: *kind,
                adds: adds.iter().map(|key| (*key).to_owned()).collect(),
            },
            Self::PreviewWanted(wanted) => SidecarStep::FetchPreview { model: display(&wanted.model).0 },
            Self::LeaveAlone { path, kind, why } => {
                SidecarStep::LeaveAlone { path: display(path).0, kind: *kind, why: why.clone() }
            }
        }
    }
}

/// A [`SidecarAction`] for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum SidecarStep {
    /// A new file.
    Create {
        /// Where.
        path: String,
        /// What it is.
        kind: SidecarKind,
    },
    /// New keys in a file.
    Extend {
        /// Where.
        path: String,
        /// What it is.
        kind: SidecarKind,
        /// Which keys.
        adds: Vec<String>,
    },
    /// A new preview, whose name depends on its bytes.
    FetchPreview {
        /// For which model.
        model: String,
    },
    /// Nothing.
    LeaveAlone {
        /// Where something might have been written.
        path: String,
        /// What it is.
        kind: SidecarKind,
        /// Why not.
        why: LeftAlone,
    },
}

/// What became of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It is on disk.
    Written {
        /// Where.
        path: String,
    },
    /// Nothing was touched.
    LeftAlone {
        /// Where something might have been written.
        path: String,
        /// Why not.
        why: LeftAlone,
    },
}

/// Why a file is not written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum LeftAlone {
    /// There is one.
    AlreadyThere,
    /// There is a preview.
    HasPreview {
        /// This one.
        path: String,
    },
    /// It has all keys that could be added.
    NothingToAdd,
    /// Civitai says nothing that belongs in it.
    NothingKnown,
    /// It would speak of other models as well.
    Shared {
        /// Their file names.
        with: Vec<String>,
    },
    /// The UI looks after its folder itself.
    Managed,
    /// It is a link.
    Link,
    /// It cannot be added to.
    NotUsable {
        /// Why not.
        problem: String,
    },
    /// Another program keeps something else under this name.
    OtherPrograms,
    /// No disk takes a name that long.
    NameTooLong,
    /// The UI does not show such previews.
    NotShown,
    /// It is no picture or video that is known.
    UnknownBytes,
    /// No picture could be had.
    NoPicture,
    /// It changed while this was going on.
    Changed,
    /// It is write-protected.
    ReadOnly,
    /// It belongs to another user, and would not any more.
    OtherOwner,
    /// The model is not there any more.
    ModelGone,
}

impl fmt::Display for LeftAlone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyThere => f.write_str("there is one already"),
            Self::HasPreview { path } => write!(f, "there is a preview already: `{path}`"),
            Self::NothingToAdd => f.write_str("it has everything already"),
            Self::NothingKnown => f.write_str("Civitai says nothing that belongs in it"),
            Self::Shared { with } => write!(f, "it would speak of `{}` as well", with.join("`, `")),
            Self::Managed => f.write_str("the program looks after its folder itself"),
            Self::Link => f.write_str("it is a link"),
            Self::NotUsable { problem } => f.write_str(problem),
            Self::OtherPrograms => f.write_str("another program keeps something else under this name"),
            Self::NameTooLong => f.write_str("its name would be too long"),
            Self::NotShown => f.write_str("the program does not show such previews"),
            Self::UnknownBytes => f.write_str("it is no picture or video that Modeldock knows"),
            Self::NoPicture => f.write_str("no picture could be had"),
            Self::Changed => f.write_str("it was changed at the same moment"),
            Self::ReadOnly => f.write_str("it is write-protected"),
            Self::OtherOwner => f.write_str("it belongs to another user"),
            Self::ModelGone => f.write_str("the model is not there any more"),
        }
    }
}
