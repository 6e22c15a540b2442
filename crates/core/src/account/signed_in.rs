//! The note of who is signed in and where the key is kept, without the key: `account.json`.
//!
//! It is why nobody's keyring is touched who never signed in, and how one process notices that another signed in or out.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Profile;
use super::files;
use super::keep::KeptIn;
use crate::error::{Code, Error, Result};
use crate::units::UnixMillis;

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SignedIn {
    /// The service.
    pub(super) origin: String,
    /// Where the key is.
    pub(super) kept_in: KeptIn,
    /// Whose it is, as last heard.
    pub(super) profile: Profile,
    /// When the key was taken; tells one key from the next.
    pub(super) at: UnixMillis,
    /// The keyring could not be used for this key, but holds an earlier one.
    pub(super) in_keyring: bool,
    /// The user signed out, but the key could not be removed from its place yet.
    pub(super) leaving: bool,
}

impl SignedIn {
    /// Whether signing out must look into the keyring.
    pub(super) fn may_be_in_keyring(&self) -> bool {
        self.in_keyring || self.kept_in == KeptIn::Keyring
    }
}

/// What the note says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// Nobody is signed in.
    Nobody,
    /// This one is.
    Signed(SignedIn),
    /// It cannot be read: a key may be anywhere.
    Unreadable,
}

/// The note of one data folder.
#[derive(Debug, Clone)]
pub(super) struct NoteFile(PathBuf);

impl NoteFile {
    pub(super) fn new(folder: &Path) -> Self {
        Self(folder.join("account.json"))
    }

    pub(super) fn read(&self) -> Note {
        match files::read(&self.0) {
            Ok(None) => Note::Nobody,
            Ok(Some(file)) => serde_json::from_slice(&file.bytes).map_or(Note::Unreadable, Note::Signed),
            Err(error) => {
                tracing::warn!(%error, "who is signed in cannot be read");
                Note::Unreadable
            }
        }
    }

    pub(super) fn write(&self, signed_in: &SignedIn) -> Result<()> {
        let text = serde_json::to_vec(signed_in).map_err(|source| {
            Error::new(Code::Internal, format!("`{}` cannot be written as JSON: {source}", self.0.display()))
        })?;
        files::write(&self.0, &text)
    }

    pub(super) fn remove(&self) -> Result<()> {
        files::remove(&self.0)
    }
}
