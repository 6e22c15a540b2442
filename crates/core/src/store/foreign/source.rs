//! Where a stranger's database is read from: in its place while nobody uses it, from a copy while somebody may.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, OpenFlags};

use super::Bounds;
use crate::error::{Code, Error, Result};
use crate::hash::open_regular;
use crate::scan::Fingerprint;

/// How often a database that changes under the reader is looked at again.
const ATTEMPTS: u32 = 4;

/// How long its writer is given to finish between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// The files of a database at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State {
    database: Fingerprint,
    /// A log with something in it.
    log: Option<Fingerprint>,
    /// A change is under way, or was when its writer died.
    in_change: bool,
}

/// What to open.
pub(super) enum Source {
    /// The user's own file, at rest.
    InPlace(PathBuf),
    /// A copy with its log, gone with this value.
    Copy(PathBuf, #[expect(dead_code, reason = "held for its Drop")] tempfile::TempDir),
}

/// Calls `read` until the files did not change meanwhile. `None` if there is no such file.
pub(super) fn unchanged_while<T>(path: &Path, read: impl Fn(State) -> Result<Option<T>>) -> Result<Option<T>> {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            std::thread::sleep(PAUSE);
        }
        let Some(before) = State::of(path)? else { return Ok(None) };
        if before.in_change {
            continue;
        }
        // A write within the same tick of the file system's clock would leave the same time stamp.
        std::thread::sleep(before.settles_in());
        let answer = read(before);
        if State::of(path)? == Some(before) {
            return answer;
        }
    }
    let mut error = Error::new(Code::Busy, format!("`{}` is being written by another program", path.display()))
        .hint("Close that program, or start it once if it crashed; the next scan looks again");
    error.retryable = true;
    Err(error)
}

impl State {
    fn of(path: &Path) -> Result<Option<Self>> {
        let fail = |path: &Path, source: &io::Error| Error::io("read the hashes in", path, source);
        let database = match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => {
                Fingerprint::of_metadata(&metadata, path).map_err(|source| fail(path, &source))?
            }
            Ok(_) => {
                let source = io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
                return Err(fail(path, &source));
            }
            Err(source) if is_absent(&source) => return Ok(None),
            Err(source) => return Err(fail(path, &source)),
        };
        let log_path = beside(path, "-wal");
        let log = match Fingerprint::of_path(&log_path) {
            Ok(log) => Some(log).filter(|log| log.size > 0),
            Err(source) if is_absent(&source) => None,
            Err(source) => return Err(fail(&log_path, &source)),
        };
        let journal_path = beside(path, "-journal");
        let in_change = is_hot(&journal_path).map_err(|source| fail(&journal_path, &source))?;
        Ok(Some(Self { database, log, in_change }))
    }

    fn settles_in(&self) -> Duration {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
        let log = self.log.map_or(Duration::ZERO, |log| log.settles_in(now));
        self.database.settles_in(now).max(log)
    }

    /// Makes it readable. What is copied is checked by the caller, with everything else.
    pub(super) fn open(&self, path: &Path, bounds: Bounds) -> Result<Source> {
        let too_large = |most: u64| {
            let message = format!("`{}` is larger than {} MiB; its hashes are not used", path.display(), most >> 20);
            Error::new(Code::Io, message).hint("Modeldock reads those model files itself instead; nothing is lost")
        };
        let Some(log) = self.log else {
            return if self.database.size > bounds.file {
                Err(too_large(bounds.file))
            } else {
                Ok(Source::InPlace(path.to_owned()))
            };
        };
        if self.database.size.saturating_add(log.size) > bounds.copy {
            return Err(too_large(bounds.copy));
        }
        let fail = |source: io::Error| Error::io("copy the hashes in", path, &source);
        let folder = tempfile::Builder::new().prefix("modeldock-").tempdir().map_err(fail)?;
        let copy = folder.path().join("copy.db");
        copy_exactly(path, &copy, self.database.size).map_err(fail)?;
        copy_exactly(&beside(path, "-wal"), &beside(&copy, "-wal"), log.size).map_err(fail)?;
        Ok(Source::Copy(copy, folder))
    }
}

impl Source {
    pub(super) fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        match self {
            Self::InPlace(path) => Connection::open_with_flags(immutable_uri(path), flags | OpenFlags::SQLITE_OPEN_URI),
            Self::Copy(path, _) => Connection::open_with_flags(path, flags),
        }
    }
}

/// `path` with `suffix` after its last character, as SQLite names its own files.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn is_absent(source: &io::Error) -> bool {
    // A folder that is a file is a file that is not there.
    matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Whether this journal would have to be played back: a finished one is gone, empty, or begins with a zero.
fn is_hot(journal: &Path) -> io::Result<bool> {
    let mut first = [0; 1];
    match open_regular(journal) {
        Ok(mut file) => Ok(file.read(&mut first)? == 1 && first != [0]),
        Err(source) if is_absent(&source) => Ok(false),
        Err(source) => Err(source),
    }
}

fn copy_exactly(from: &Path, to: &Path, size: u64) -> io::Result<()> {
    // A file that grows meanwhile is not followed: the caller finds that it changed.
    io::copy(&mut open_regular(from)?.take(size), &mut File::create_new(to)?).map(|_| ())
}

/// `file:///…?immutable=1` with every byte that could mean something else encoded.
fn immutable_uri(path: &Path) -> String {
    use std::fmt::Write as _;

    let bytes = if cfg!(windows) {
        // `C:\x` is `/C:/x` in a URI; a share's `\\host\x` becomes `//host/x`, behind an empty authority.
        let text = path.to_string_lossy().replace('\\', "/");
        if text.starts_with('/') { text } else { format!("/{text}") }.into_bytes()
    } else {
        crate::paths::to_bytes(path)
    };
    let mut uri = "file://".to_owned();
    for byte in bytes {
        match byte {
            b'/' | b':' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(byte)),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push_str("?immutable=1");
    uri
}
