//! Does what was planned, and nothing else.
//!
//! Every file is written under a hidden temporary name in its own folder and brought to the disk before it gets its
//! name, so a crash leaves at most that temporary file. A new file gets its name only if nothing has it: the system
//! checks that in the same step (`renameat2` with `RENAME_NOREPLACE`, else a hard link), so no program can get in
//! between. For a file that is added to there is no such step; it is read once more immediately before it is replaced,
//! which leaves an instant of microseconds against the seconds in which a user edits.

use std::fs::Metadata;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::action::{LeftAlone, Outcome, SidecarAction};
use super::file::{Links, read_whole};
use super::names;
use crate::error::{Error, Result};
use crate::paths::display;

/// Does it. Only a failure of the disk is an error; whatever speaks against writing is an [`Outcome::LeftAlone`].
pub fn carry_out(action: SidecarAction) -> Result<Outcome> {
    let (path, why) = match action {
        SidecarAction::Create { model, path, contents, unless, .. } => {
            let why = create(&model, &path, &contents, &unless, || ())?;
            (path, why)
        }
        SidecarAction::Extend { model, path, before, after, .. } => {
            let why = replace(&model, &path, &before, &after, || ())?;
            (path, why)
        }
        SidecarAction::PreviewWanted(wanted) => (wanted.model, Some(LeftAlone::NoPicture)),
        SidecarAction::LeaveAlone { path, why, .. } => (path, Some(why)),
    };
    let path = display(&path).0;
    Ok(match why {
        None => Outcome::Written { path },
        Some(why) => Outcome::LeftAlone { path, why },
    })
}

/// `None` once it is written. `meanwhile` stands for whatever other programs do between the last look and the end.
fn create(
    model: &Path,
    path: &Path,
    contents: &[u8],
    unless: &[PathBuf],
    meanwhile: impl FnOnce(),
) -> Result<Option<LeftAlone>> {
    if !names::is_taken(model) {
        return Ok(Some(LeftAlone::ModelGone));
    }
    if names::is_too_long(path) {
        return Ok(Some(LeftAlone::NameTooLong));
    }
    if names::is_taken(path) {
        return Ok(Some(LeftAlone::AlreadyThere));
    }
    let temporary = write_temporary(path, contents, None)?;
    if let Some(there) = unless.iter().find(|other| names::is_taken(other)) {
        return Ok(Some(LeftAlone::HasPreview { path: display(there).0 }));
    }
    meanwhile();
    match temporary.persist_noclobber(path) {
        Ok(_) => {
            sync_folder(path);
            Ok(None)
        }
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Ok(Some(LeftAlone::AlreadyThere)),
        Err(failed) => Err(cannot_write(path, &failed.error)),
    }
}

/// `None` once it is written. `meanwhile` stands for whatever other programs do while the new file is being made.
fn replace(
    model: &Path,
    path: &Path,
    before: &[u8],
    after: &[u8],
    meanwhile: impl FnOnce(),
) -> Result<Option<LeftAlone>> {
    if !names::is_taken(model) {
        return Ok(Some(LeftAlone::ModelGone));
    }
    let metadata = match read_whole(path, Links::Refuse) {
        Ok((bytes, metadata)) if bytes == before => metadata,
        Ok(_) => return Ok(Some(LeftAlone::Changed)),
        Err(unread) => return Ok(Some(unread.into_reason(path))),
    };
    // A rename would get around the protection.
    if metadata.permissions().readonly() {
        return Ok(Some(LeftAlone::ReadOnly));
    }
    let temporary = write_temporary(path, after, Some(&metadata))?;
    if !has_owner_of(&temporary, &metadata) {
        return Ok(Some(LeftAlone::OtherOwner));
    }
    meanwhile();
    match read_whole(path, Links::Refuse) {
        Ok((bytes, _)) if bytes == before => {}
        _ => return Ok(Some(LeftAlone::Changed)),
    }
    temporary.persist(path).map_err(|failed| cannot_write(path, &failed.error))?;
    sync_folder(path);
    Ok(None)
}

/// The bytes on disk beside `path`, with the permissions of what they will replace. Dropping it removes it.
fn write_temporary(path: &Path, contents: &[u8], replaced: Option<&Metadata>) -> Result<NamedTempFile> {
    let fail = |source: &io::Error| cannot_write(path, source);
    let mut builder = tempfile::Builder::new();
    builder.prefix(".modeldock-").suffix(".tmp");
    // As any program's new file: the user's umask takes away what it takes away.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(folder_of(path)).map_err(|source| fail(&source))?;
    temporary.write_all(contents).map_err(|source| fail(&source))?;
    if let Some(metadata) = replaced {
        take_owner_of(&temporary, metadata);
        // After the owner: a change of owner takes bits away.
        temporary.as_file().set_permissions(metadata.permissions()).map_err(|source| fail(&source))?;
    }
    temporary.as_file().sync_all().map_err(|source| fail(&source))?;
    Ok(temporary)
}

/// Gives the new file to whom the old one belongs, where the system lets us; [`has_owner_of`] tells whether it did.
#[cfg(unix)]
fn take_owner_of(temporary: &NamedTempFile, metadata: &Metadata) {
    use std::os::unix::fs::MetadataExt;
    if !has_owner_of(temporary, metadata) {
        let _ = std::os::unix::fs::fchown(temporary.as_file(), Some(metadata.uid()), Some(metadata.gid()));
    }
}

#[cfg(not(unix))]
fn take_owner_of(_: &NamedTempFile, _: &Metadata) {}

#[cfg(unix)]
fn has_owner_of(temporary: &NamedTempFile, metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    temporary.as_file().metadata().is_ok_and(|new| new.uid() == metadata.uid() && new.gid() == metadata.gid())
}

#[cfg(not(unix))]
fn has_owner_of(_: &NamedTempFile, _: &Metadata) -> bool {
    true
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// So that the name survives a power cut too.
fn sync_folder(path: &Path) {
    // Some network file systems cannot; the file is there and whole all the same.
    #[cfg(unix)]
    let _ = std::fs::File::open(folder_of(path)).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = path;
}

fn cannot_write(path: &Path, source: &io::Error) -> Error {
    let error = Error::io("write", path, source);
    match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            error.hint("Check that your user may write to that folder")
        }
        _ => error,
    }
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
    fn a_file_that_appears_at_the_last_moment_stays() {
        let dir = tempfile::tempdir().unwrap();
        let [model, path] = ["a.pt", "a.json"].map(|name| dir.path().join(name));
        std::fs::write(&model, "model").unwrap();
        let appears = || std::fs::write(&path, "the user's").unwrap();
        assert_eq!(create(&model, &path, b"ours", &[], appears).unwrap(), Some(LeftAlone::AlreadyThere));
        assert_eq!(std::fs::read(&path).unwrap(), b"the user's");
        assert_eq!(names_in(dir.path()), ["a.json", "a.pt"]);
    }

    #[test]
    fn an_edit_while_the_new_file_is_made_stays() {
        let dir = tempfile::tempdir().unwrap();
        let [model, path] = ["a.pt", "a.json"].map(|name| dir.path().join(name));
        std::fs::write(&model, "model").unwrap();
        std::fs::write(&path, "before").unwrap();
        let edit = || std::fs::write(&path, "edited").unwrap();
        assert_eq!(replace(&model, &path, b"before", b"after", edit).unwrap(), Some(LeftAlone::Changed));
        assert_eq!(std::fs::read(&path).unwrap(), b"edited");
        let remove = || std::fs::remove_file(&path).unwrap();
        assert_eq!(replace(&model, &path, b"edited", b"after", remove).unwrap(), Some(LeftAlone::Changed));
        assert_eq!(names_in(dir.path()), ["a.pt"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_takes_the_place_is_not_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let [model, path, other] = ["a.pt", "a.json", "other"].map(|name| dir.path().join(name));
        for path in [&model, &path, &other] {
            std::fs::write(path, "same").unwrap();
        }
        let link = || {
            std::fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(&other, &path).unwrap();
        };
        assert_eq!(replace(&model, &path, b"same", b"after", link).unwrap(), Some(LeftAlone::Changed));
        assert!(path.is_symlink());
        assert_eq!(std::fs::read(&other).unwrap(), b"same");
    }
}
