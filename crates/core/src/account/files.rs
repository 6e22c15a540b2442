//! Reads and writes the account's small files, which only their owner may read at any moment.
//!
//! A file is made under another name with its final mode, filled, synced and renamed: whoever reads sees the old one or
//! the new one, and nobody else sees either.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};

/// No file of the account comes near this, in bytes.
const LARGEST: u64 = 16 * 1024;

/// How a file begins that is not finished. What a crash leaves of it is removed with the account.
const UNFINISHED: &str = ".account-";

/// A file's contents.
pub(super) struct Private {
    /// All of it.
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Others could read it until now.
    pub(super) was_open: bool,
}

/// The whole file if there is one. Takes away what others may do with it.
pub(super) fn read(path: &Path) -> Result<Option<Private>> {
    let failed = |source: &io::Error| {
        Error::io("read", path, source).hint("Check that it belongs to your user, or sign in again")
    };
    let odd =
        |what: &str| Error::new(Code::Io, format!("`{}` {what}", path.display())).hint("Remove it, then sign in again");
    let file = match open(path) {
        Ok(file) => file,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(&source)),
    };
    let metadata = file.metadata().map_err(|source| failed(&source))?;
    if !metadata.is_file() {
        return Err(odd("is not a regular file"));
    }
    let was_open = close_to_others(&file, &metadata).map_err(|source| failed(&source))?;
    // Room for all of it at once: growing would leave copies behind in memory.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(LARGEST + 1).unwrap_or(0)));
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|source| failed(&source))?;
    if bytes.len() as u64 > LARGEST {
        return Err(odd("is far larger than anything Modeldock writes there"));
    }
    Ok(Some(Private { bytes, was_open }))
}

/// Puts a file in place, readable by this user alone from its first moment.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |source: &io::Error| Error::io("write", path, source).hint("Check that your user may write there");
    let folder = path.parent().unwrap_or(Path::new("."));
    // Made with mode 0600; a umask can only take from that.
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder).map_err(|source| failed(&source))?;
    restore_owners_mode(file.as_file()).map_err(|source| failed(&source))?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(|source| failed(&source))?;
    file.persist(path).map_err(|source| failed(&source.error))?;
    sync_folder(folder).map_err(|source| failed(&source))
}

/// Removes a file, and makes sure that it is gone.
pub(super) fn remove(path: &Path) -> Result<()> {
    let failed = |source: &io::Error| Error::io("remove", path, source).hint("Remove it by hand");
    match std::fs::remove_file(path) {
        Ok(()) => sync_folder(path.parent().unwrap_or(Path::new("."))).map_err(|source| failed(&source))?,
        Err(source) if source.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(failed(&source)),
    }
    if path.symlink_metadata().is_ok() {
        return Err(Error::new(Code::Io, format!("`{}` is still there", path.display())).hint("Remove it by hand"));
    }
    Ok(())
}

/// Removes what writers left that were killed.
pub(super) fn remove_unfinished(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(UNFINISHED)) {
        // It is sealed, so that it stays is untidy and no more.
        let _ = std::fs::remove_file(entry.path());
    }
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // Opening a pipe would wait for a writer.
    let flags = rustix::fs::OFlags::NONBLOCK;
    File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

#[cfg(unix)]
fn close_to_others(file: &File, metadata: &std::fs::Metadata) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let was_open = metadata.permissions().mode() & 0o077 != 0;
    if was_open {
        restore_owners_mode(file)?;
    }
    Ok(was_open)
}

/// Elsewhere the user's own folder is closed to others by its access list, which files inherit.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix, where it can fail")]
fn close_to_others(_: &File, _: &std::fs::Metadata) -> io::Result<bool> {
    Ok(false)
}

#[cfg(unix)]
fn restore_owners_mode(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix, where it can fail")]
fn restore_owners_mode(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows cannot sync a folder; its file systems journal a rename.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as on Unix, where it can fail")]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
