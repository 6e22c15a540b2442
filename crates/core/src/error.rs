//! What can go wrong, said so that a person knows what to do next.
//!
//! An [`Error`] is a [`Code`] for programs, a message that names the path or URL, and often a hint. A code exists only
//! while some client branches on it (an exit code, a retry button, an empty state), so the list stays short.

use std::fmt;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Shorthand for results of the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure a client may branch on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request itself makes no sense: fix it, do not repeat it.
    InvalidRequest,
    /// What was asked for does not exist here.
    NotFound,
    /// A file or folder cannot be read or written.
    Io,
    /// A disk has no room left.
    DiskFull,
    /// Another process of Modeldock is doing this already.
    Busy,
    /// The user stopped it.
    Cancelled,
    /// The database was written by a newer Modeldock.
    NewerDatabase,
    /// The database cannot be used.
    Database,
    /// Civitai cannot be reached.
    Offline,
    /// Civitai asked to wait.
    RateLimited,
    /// Civitai wants a (valid) key.
    Unauthorised,
    /// Civitai does not let this user have it, whatever the key.
    Forbidden,
    /// The bytes are not the ones that Civitai measured.
    WrongContent,
    /// Civitai answered with something unusable.
    Server,
    /// A defect of Modeldock.
    Internal,
}

/// A failure with everything a person needs: what failed, on what, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[ts(rename = "WireError")]
pub struct Error {
    /// For programs.
    pub code: Code,
    /// For people: one line, no trailing period, names the path or URL.
    pub message: String,
    /// What to do next, where there is something to do.
    pub hint: Option<String>,
    /// Whether the same request may succeed later with nothing changed here.
    pub retryable: bool,
}

impl Error {
    /// An error of this code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let retryable = matches!(code, Code::Busy | Code::Offline | Code::RateLimited | Code::Server | Code::DiskFull);
        Self { code, message: message.into(), hint: None, retryable }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The caller's mistake.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, message)
    }

    /// Something asked for that is not here.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    /// A file system failure: `action` as in "Could not {action} `{path}`".
    pub fn io(action: &str, path: &Path, source: &io::Error) -> Self {
        let message = format!("Could not {action} `{}`: {}", path.display(), plain_words(source));
        let error = match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::new(Code::DiskFull, message),
            _ => Self::new(Code::Io, message),
        };
        match source.kind() {
            io::ErrorKind::PermissionDenied => error.hint("Check that your user may read it, then scan again"),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                error.hint("Free some space on that disk, then try again")
            }
            _ => error,
        }
    }
}

/// `No such file or directory (os error 2)` is for programmers; people get the words alone.
fn plain_words(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        _ => {
            let text = source.to_string();
            match text.rfind(" (os error ") {
                Some(end) => text[..end].to_lowercase(),
                None => text,
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_io_error_names_the_path_and_speaks_plainly() {
        let source = io::Error::from_raw_os_error(13);
        let error = Error::io("read", Path::new("/models/Lora"), &source);
        assert_eq!(error.message, "Could not read `/models/Lora`: permission denied");
        assert!(error.hint.is_some());
    }
}
