//! The unfinished file of a download: hidden, beside its place, and only ever ours.
//!
//! It lies in the folder where the finished file will be, so that giving it its name is one step of the file system. Its
//! name begins with a dot and ends in `.part`, which no UI lists and no scan reads. What was not made here, or is another
//! file by now, is neither written to nor removed.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::sink::cannot_write;
use crate::durable::{Renamed, folder_of, rename_new, sync_folder};
use crate::error::{Code, Error, Result};
use crate::scan::{FileIdentity, Fingerprint};
use crate::store::Part;
use crate::units::DownloadId;

/// How many foreign files of one name are gone around.
const MOST_TRIES: u32 = 100;

/// An unfinished file, open for reading and writing.
#[derive(Debug, Clone)]
pub(crate) struct PartFile {
    pub(crate) part: Part,
    pub(crate) file: Arc<File>,
}

/// What came of giving it its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Published {
    /// It has it, and will have it after a power cut.
    Yes(Fingerprint),
    /// Something else has the name.
    Taken,
}

impl PartFile {
    /// A new one beside `target`.
    ///
    /// Between making it and writing down that it was made, the process may end. What is left then is empty, and an empty
    /// file of this name is taken over.
    pub(crate) fn create(target: &Path, id: DownloadId) -> Result<Self> {
        let folder = folder_of(target);
        std::fs::create_dir_all(folder).map_err(|source| cannot_write(folder, &source))?;
        for number in 1..=MOST_TRIES {
            let path = path_of(target, id, number);
            match make(&path) {
                Ok(file) => {
                    let identity =
                        Fingerprint::of_handle(&file, &path).map_err(|source| cannot_write(&path, &source))?;
                    return Ok(Self { part: Part { path, identity: identity.identity }, file: Arc::new(file) });
                }
                Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(cannot_write(&path, &source)),
            }
        }
        Err(Error::new(Code::Io, format!("`{}` is full of unfinished files of this name", folder.display()))
            .hint("Remove the hidden `.part` files there, then try again"))
    }

    /// One that was made earlier; `None` if it is not there any more, or no longer the same file.
    pub(crate) fn reopen(part: &Part) -> Result<Option<Self>> {
        let file = match open(&part.path) {
            Ok(file) => file,
            Err(source) if is_gone(&source) => return Ok(None),
            Err(source) => return Err(Error::io("open", &part.path, &source)),
        };
        let metadata = file.metadata().map_err(|source| Error::io("open", &part.path, &source))?;
        let is_ours = metadata.is_file()
            && has_one_name(&metadata)
            && Fingerprint::of_metadata(&metadata, &part.path).is_ok_and(|print| print.identity == part.identity);
        Ok(is_ours.then(|| Self { part: part.clone(), file: Arc::new(file) }))
    }

    /// Makes room for `total` bytes, so that a full disk is met now and not in the middle.
    pub(crate) fn reserve(&self, total: u64) -> Result<()> {
        let reserved = reserve(&self.file, total);
        reserved.map_err(|source| cannot_write(&self.part.path, &source))
    }

    /// The bytes on the disk, then the name, then the name on the disk. Never takes another file's place.
    pub(crate) fn publish(&self, target: &Path) -> Result<Published> {
        let synced = if crate::sabotage::is_on("no_fsync") { Ok(()) } else { self.file.sync_all() };
        synced.map_err(|source| cannot_write(&self.part.path, &source))?;
        let renamed = rename_new(&self.part.path, target);
        if renamed.map_err(|source| cannot_write(target, &source))? == Renamed::Taken {
            return Ok(Published::Taken);
        }
        keep_name(target)?;
        let print = Fingerprint::of_path(target).map_err(|source| Error::io("read", target, &source))?;
        if print.identity != self.part.identity {
            let message = format!("`{}` was replaced the moment it was there", target.display());
            return Err(Error::new(Code::Io, message).hint("Another program writes to that folder"));
        }
        Ok(Published::Yes(print))
    }

    /// Puts it aside under a name that says so, for whoever wants to look into it.
    pub(crate) fn set_aside(&self) -> Result<PathBuf> {
        let aside = self.part.path.with_extension("bad");
        std::fs::rename(&self.part.path, &aside).map_err(|source| cannot_write(&aside, &source))?;
        Ok(aside)
    }
}

/// Removes an unfinished file, if it is the one that was made.
pub(crate) fn remove(part: &Part) -> Result<()> {
    match PartFile::reopen(part)? {
        Some(_) => std::fs::remove_file(&part.path).map_err(|source| Error::io("remove", &part.path, &source)),
        None => Ok(()),
    }
}

/// Removes what [`PartFile::create`] made for a download that ended before it was written down.
pub(crate) fn remove_unrecorded(target: &Path, id: DownloadId) {
    let path = path_of(target, id, 1);
    let is_empty = open(&path).is_ok_and(|file| is_empty(&file));
    if is_empty && let Err(source) = std::fs::remove_file(&path) {
        tracing::debug!(%source, path = %path.display(), "an empty file was left where it is");
    }
}

/// Removes what was put aside of it.
pub(crate) fn remove_aside(part: &Part) {
    let aside = Part { path: part.path.with_extension("bad"), identity: part.identity };
    if let Err(error) = remove(&aside) {
        tracing::warn!(%error, "a wrong download was left where it is");
    }
}

/// Whether the file at `path` is this one, by another name.
pub(crate) fn is_at(identity: FileIdentity, path: &Path) -> bool {
    let print = std::fs::symlink_metadata(path).and_then(|metadata| Fingerprint::of_metadata(&metadata, path));
    print.is_ok_and(|print| print.identity == identity)
}

fn is_gone(source: &io::Error) -> bool {
    matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        // A link in its place.
        || source.raw_os_error() == Some(LOOP)
}

#[cfg(unix)]
const LOOP: i32 = rustix::io::Errno::LOOP.raw_os_error();
#[cfg(not(unix))]
const LOOP: i32 = -1;

fn path_of(target: &Path, id: DownloadId, number: u32) -> PathBuf {
    let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let tail = if number == 1 { String::new() } else { format!("-{number}") };
    folder_of(target).join(format!(".{name}.{}{tail}.part", id.0))
}

/// A file that was not there, or an empty one.
fn make(path: &Path) -> io::Result<File> {
    let made = File::options().read(true).write(true).create_new(true).open(path);
    match &made {
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            open(path).ok().filter(is_empty).map_or(made, Ok)
        }
        _ => made,
    }
}

/// Whether it is a file with nothing in it and no other name.
fn is_empty(file: &File) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0 && has_one_name(&metadata))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    let flags = OFlags::NONBLOCK | OFlags::NOFOLLOW;
    File::options().read(true).write(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).open(path)
}

#[cfg(unix)]
fn has_one_name(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) == 1
}

#[cfg(not(unix))]
fn has_one_name(_: &Metadata) -> bool {
    true
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn reserve(file: &File, total: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    if total == 0 {
        return Ok(());
    }
    match fallocate(file, FallocateFlags::empty(), 0, total) {
        // Some file systems cannot; a full disk is then met when it is full.
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::INTR) => Ok(()),
        other => other.map_err(Into::into),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn reserve(_: &File, _: u64) -> io::Result<()> {
    Ok(())
}

/// So that the name survives a power cut too.
fn keep_name(path: &Path) -> Result<()> {
    if crate::sabotage::is_on("no_folder_fsync") {
        return Ok(());
    }
    let folder = folder_of(path);
    sync_folder(folder).map_err(|source| cannot_write(folder, &source))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names_in(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_name_that_is_taken_stays_with_its_file() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("new/a.safetensors");
        let part = PartFile::create(&target, DownloadId(7)).unwrap();
        std::fs::write(&target, "the user's").unwrap();
        assert_eq!(part.publish(&target).unwrap(), Published::Taken);
        assert_eq!(std::fs::read(&target).unwrap(), b"the user's");
        assert_eq!(names_in(&dir.path().join("new")), [".a.safetensors.7.part", "a.safetensors"]);
        let other = dir.path().join("new/a (2).safetensors");
        assert!(matches!(part.publish(&other).unwrap(), Published::Yes(_)));
        assert!(is_at(part.part.identity, &other));
        assert_eq!(names_in(&dir.path().join("new")), ["a (2).safetensors", "a.safetensors"]);
    }

    #[test]
    fn what_is_not_ours_is_neither_used_nor_removed() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.pt");
        std::fs::write(dir.path().join(".a.pt.7.part"), "somebody's").unwrap();
        let made = PartFile::create(&target, DownloadId(7)).unwrap();
        assert_eq!(made.part.path, dir.path().join(".a.pt.7-2.part"));
        let foreign = Part { path: dir.path().join(".a.pt.7.part"), identity: made.part.identity };
        assert!(PartFile::reopen(&foreign).unwrap().is_none());
        remove(&foreign).unwrap();
        assert_eq!(std::fs::read(&foreign.path).unwrap(), b"somebody's");
        remove(&made.part).unwrap();
        assert!(PartFile::reopen(&made.part).unwrap().is_none());
        assert_eq!(names_in(dir.path()), [".a.pt.7.part"]);
    }

    #[test]
    fn an_empty_file_from_before_a_crash_is_taken_over_and_one_with_something_in_it_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.pt");
        let lost = PartFile::create(&target, DownloadId(7)).unwrap();
        let again = PartFile::create(&target, DownloadId(7)).unwrap();
        assert_eq!(lost.part, again.part);
        std::fs::write(&again.part.path, "bytes").unwrap();
        assert_ne!(PartFile::create(&target, DownloadId(7)).unwrap().part, again.part);
        remove_unrecorded(&target, DownloadId(7));
        assert_eq!(std::fs::read(&again.part.path).unwrap(), b"bytes");
        std::fs::write(&again.part.path, "").unwrap();
        remove_unrecorded(&target, DownloadId(7));
        assert_eq!(names_in(dir.path()), [".a.pt.7-2.part"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_its_place_is_not_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.pt");
        let made = PartFile::create(&target, DownloadId(1)).unwrap();
        let secret = dir.path().join("secret");
        std::fs::write(&secret, "keep").unwrap();
        std::fs::remove_file(&made.part.path).unwrap();
        std::os::unix::fs::symlink(&secret, &made.part.path).unwrap();
        assert!(PartFile::reopen(&made.part).unwrap().is_none());
        // A second name of the same file is as bad.
        let made = PartFile::create(&target, DownloadId(2)).unwrap();
        std::fs::hard_link(&made.part.path, dir.path().join("other")).unwrap();
        assert!(PartFile::reopen(&made.part).unwrap().is_none());
    }
}
