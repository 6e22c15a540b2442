//! One thing that was done, as it is kept.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::paths::{from_bytes, to_bytes};
use crate::scan::FileIdentity;
use crate::units::{ActionId, ByteCount, FileId, UnixMillis};

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A model got another name.
    Rename,
    /// Models were put into another folder.
    Move,
    /// Models were thrown away.
    Trash,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ActivityState {
    /// Under way, or interrupted.
    Begun,
    /// Done, and can be undone.
    Done,
    /// Being undone, or interrupted in that.
    Undoing,
    /// As before.
    Undone,
    /// Nothing was done, or what was done was put back.
    Failed,
}

/// Something that was done, for people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Activity {
    /// The row.
    pub id: ActionId,
    /// When.
    pub at: UnixMillis,
    /// What.
    pub what: What,
    /// How it stands.
    pub state: ActivityState,
    /// Who asked: `user` or `site`.
    pub asked_by: String,
    /// The model's name, or how many there were.
    pub title: String,
    /// How many models.
    pub models: u32,
    /// How large they are, with everything beside them.
    pub bytes: ByteCount,
    /// Where the first one was.
    pub from: String,
    /// Where it is now; `None` for the system's trash.
    pub to: Option<String>,
    /// What did not go well.
    pub problem: Option<Error>,
    /// Whether it can be undone.
    pub can_undo: bool,
}

/// One file that goes from here to there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    #[serde(with = "exact")]
    pub(crate) from: PathBuf,
    pub(crate) to: Target,
    /// Which file it is: another of the same name is left alone.
    pub(crate) volume: u64,
    pub(crate) index: u64,
    pub(crate) bytes: u64,
    /// The model's row, if it is one and not something beside one.
    pub(crate) model: Option<FileId>,
}

/// Where a file goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Target {
    /// This path.
    Path(#[serde(with = "exact")] PathBuf),
    /// The system's trash.
    Trash,
    /// This path, in a trash that consists of files, with notes beside it.
    Trashed(#[serde(with = "exact")] PathBuf),
}

impl Target {
    /// Where the file is, if that can be told.
    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) | Self::Trashed(path) => Some(path),
            Self::Trash => None,
        }
    }
}

impl Step {
    pub(crate) fn identity(&self) -> FileIdentity {
        FileIdentity { volume: self.volume, index: self.index }
    }
}

/// One thing that was done, with its steps.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) id: ActionId,
    pub(crate) at: UnixMillis,
    pub(crate) what: What,
    pub(crate) state: ActivityState,
    pub(crate) asked_by: String,
    pub(crate) title: String,
    pub(crate) models: u32,
    pub(crate) bytes: u64,
    pub(crate) steps: Vec<Step>,
    pub(crate) problem: Option<Error>,
}

impl Entry {
    /// For people.
    pub(crate) fn told(self) -> Activity {
        let first = self.steps.iter().find(|step| step.model.is_some()).or(self.steps.first());
        let to = first.and_then(|step| match &step.to {
            Target::Path(path) => Some(path.display().to_string()),
            Target::Trash | Target::Trashed(_) => None,
        });
        let is_restorable = super::trash_bin::CAN_RESTORE || !self.steps.iter().any(|step| step.to == Target::Trash);
        Activity {
            can_undo: self.state == ActivityState::Done && !self.steps.is_empty() && is_restorable,
            from: first.map(|step| step.from.display().to_string()).unwrap_or_default(),
            to,
            id: self.id,
            at: self.at,
            what: self.what,
            state: self.state,
            asked_by: self.asked_by,
            title: self.title,
            models: self.models,
            bytes: ByteCount(self.bytes),
            problem: self.problem,
        }
    }
}

/// A path, byte for byte.
mod exact {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{from_bytes, to_bytes};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Form {
        Text(String),
        Bytes(Vec<u8>),
    }

    pub(super) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        match path.to_str() {
            Some(text) => Form::Text(text.to_owned()).serialize(to),
            None => Form::Bytes(to_bytes(path)).serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        Ok(match Form::deserialize(from)? {
            Form::Text(text) => PathBuf::from(text),
            Form::Bytes(bytes) => from_bytes(&bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_comes_back_as_it_was() {
        use std::os::unix::ffi::OsStrExt as _;
        for path in [PathBuf::from("/a/ü"), PathBuf::from(std::ffi::OsStr::from_bytes(b"/a/\xff.pt"))] {
            let step = Step { from: path.clone(), to: Target::Path(path), volume: 1, index: 2, bytes: 3, model: None };
            let text = serde_json::to_string(&step).unwrap();
            assert_eq!(serde_json::from_str::<Step>(&text).unwrap(), step);
        }
    }
}
