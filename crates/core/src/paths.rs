//! Where Modeldock keeps its own things, and how the user's paths are kept exactly.
//!
//! A path goes into the database as bytes, not as text: file names on Linux need not be Unicode, and a library that
//! cannot name such a file could not find it again.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;

use crate::error::{Code, Error, Result};

/// Modeldock's own folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    data_dir: PathBuf,
}

impl Paths {
    /// Everything below this folder.
    pub fn new(data_dir: PathBuf) -> Self {
        Self { data_dir }
    }

    /// The folder asked for, else `MODELDOCK_DATA_DIR`, else the platform's place for application data.
    pub fn resolve(explicit: Option<PathBuf>) -> Result<Self> {
        let named = explicit
            .or_else(|| std::env::var_os("MODELDOCK_DATA_DIR").filter(|dir| !dir.is_empty()).map(PathBuf::from));
        if let Some(dir) = named {
            return std::path::absolute(&dir)
                .map(Self::new)
                .map_err(|source| Error::io("use the data folder", &dir, &source));
        }
        directories::ProjectDirs::from("app", "Modeldock", "modeldock")
            .map(|dirs| Self::new(dirs.data_local_dir().to_owned()))
            .ok_or_else(|| {
                Error::new(Code::Io, "Your home folder is not known, so there is no place for the database")
                    .hint("Name a folder with --data-dir")
            })
    }

    /// The folder itself.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// What cannot be recomputed: roots, settings.
    pub fn state_db(&self) -> PathBuf {
        self.data_dir.join("state.db")
    }

    /// The last good copy of [`Self::state_db`].
    pub fn state_backup(&self) -> PathBuf {
        self.data_dir.join("state.backup.db")
    }

    /// What a scan can rebuild: files, hashes, Civitai's answers.
    pub fn cache_db(&self) -> PathBuf {
        self.data_dir.join("cache.db")
    }

    /// Preview pictures fetched from Civitai.
    pub fn previews_dir(&self) -> PathBuf {
        self.data_dir.join("previews")
    }

    /// How far files are that were left half read.
    pub(crate) fn partials_dir(&self) -> PathBuf {
        self.data_dir.join("partials")
    }

    /// Log files.
    pub fn logs_dir(&self) -> PathBuf {
        self.data_dir.join("logs")
    }

    /// Present after damage was met: the next start checks the whole cache.
    pub(crate) fn check_marker(&self) -> PathBuf {
        self.data_dir.join("cache.check")
    }

    /// Held by the process that runs the workers.
    pub(crate) fn owner_lock(&self) -> PathBuf {
        self.data_dir.join("owner.lock")
    }

    /// Held by the process that runs downloads.
    pub(crate) fn downloads_lock(&self) -> PathBuf {
        self.data_dir.join("downloads.lock")
    }

    /// Held by the process that keeps the link with the website.
    pub(crate) fn link_lock(&self) -> PathBuf {
        self.data_dir.join("link.lock")
    }

    /// Held while model files are moved about, by whatever process.
    pub(crate) fn files_lock(&self) -> PathBuf {
        self.data_dir.join("files.lock")
    }

    /// Held while a scan runs, by whatever process.
    pub(crate) fn scan_lock(&self) -> PathBuf {
        self.data_dir.join("scan.lock")
    }

    /// Makes the data folder, readable by this user alone.
    pub(crate) fn create(&self) -> Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.data_dir).map_err(|source| {
            Error::io("create the data folder", &self.data_dir, &source).hint("Name another folder with --data-dir")
        })
    }
}

/// `~` and `~/…` as the user's home; everything else as it is.
pub fn expand_home(path: &str) -> PathBuf {
    let rest = if path == "~" { Some("") } else { path.strip_prefix("~/").or_else(|| path.strip_prefix("~\\")) };
    match (rest, directories::BaseDirs::new()) {
        (Some(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => PathBuf::from(path),
    }
}

/// The path's exact bytes: the bytes themselves on Unix, UTF-16 little-endian on Windows.
pub(crate) fn to_bytes(path: &Path) -> Vec<u8> {
    #[cfg(windows)]
    {
        use std::os::windows::ffi::OsStrExt;
        path.as_os_str().encode_wide().flat_map(u16::to_le_bytes).collect()
    }
    #[cfg(not(windows))]
    {
        use std::os::unix::ffi::OsStrExt;
        path.as_os_str().as_bytes().to_vec()
    }
}

/// The inverse of [`to_bytes`].
pub(crate) fn from_bytes(bytes: &[u8]) -> PathBuf {
    #[cfg(windows)]
    let text = {
        use std::os::windows::ffi::OsStringExt;
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        OsString::from_wide(&units)
    };
    #[cfg(not(windows))]
    let text = {
        use std::os::unix::ffi::OsStringExt;
        OsString::from_vec(bytes.to_vec())
    };
    PathBuf::from(text)
}

/// The path for people, and its exact bytes as base64 where the text is not exact.
pub fn display(path: &Path) -> (String, Option<String>) {
    match path.to_str() {
        Some(text) => (text.to_owned(), None),
        None => {
            let exact = base64::engine::general_purpose::STANDARD.encode(to_bytes(path));
            (path.to_string_lossy().into_owned(), Some(exact))
        }
    }
}

/// The last component of a path for people; the whole path where there is none.
pub(crate) fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// `/models/../mnt/x` as `/mnt/x`, without asking the disk; right where no link is on the way.
pub(crate) fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_the_database_exactly() {
        let path = Path::new("/models/ünï \"quoted\" 🦀.safetensors");
        assert_eq!(from_bytes(&to_bytes(path)), path);
        assert_eq!(display(path).1, None);
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_are_kept_and_shown() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/models/\xff\xfe.ckpt"));
        assert_eq!(from_bytes(&to_bytes(path)), path);
        let (text, exact) = display(path);
        assert!(text.contains('\u{fffd}'));
        assert_eq!(exact.as_deref(), Some("L21vZGVscy//_i5ja3B0".replace('_', "/").as_str()));
    }
}
