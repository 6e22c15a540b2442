//! The system's trash, and what stands in for it where a drive has none.
//!
//! On Linux and its relatives the trash is two folders with a file of notes for each thing in them, after the Trash
//! specification of freedesktop.org (version 1.0). It is written here and not left to a library: where a file goes must be
//! known before it goes, or a crash at the wrong moment would leave it where nobody finds it. Elsewhere the system has the
//! only key to its trash, and a library speaks to it.

use std::path::{Path, PathBuf};

use crate::error::{Code, Error, Result};
use crate::units::UnixMillis;

/// Whether what is in the system's trash can be taken out of it again by a program.
pub(super) const CAN_RESTORE: bool = cfg!(any(windows, all(unix, not(target_os = "macos"))));

/// The folder that stands in, at the top of a root. Hidden: no scan and no UI looks into it.
const OWN: &str = ".modeldock-trash";

/// Where a file of this root goes if the system has no trash for it.
pub(super) fn own(root: &Path, path: &Path, at: UnixMillis) -> PathBuf {
    let inside =
        path.strip_prefix(root).map_or_else(|_| path.file_name().map(PathBuf::from), |rest| Some(rest.to_owned()));
    root.join(OWN).join(at.0.to_string()).join(inside.unwrap_or_default())
}

/// A place in a trash that is kept for one file.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) use freedesktop::{forget, reserve};

#[cfg(all(unix, not(target_os = "macos")))]
mod freedesktop {
    use std::fmt::Write as _;
    use std::fs::{DirBuilder, File};
    use std::io::{self, Write as _};
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
    use std::path::{Path, PathBuf};

    use crate::units::UnixMillis;

    /// Names tried for one file.
    const MOST_NAMES: u32 = 1000;

    /// Makes the notes for a file that is about to go into the trash, and says where it goes there.
    pub(crate) fn reserve(path: &Path, at: UnixMillis) -> io::Result<PathBuf> {
        let device = path.symlink_metadata()?.dev();
        let home = home_trash();
        let (trash, top) = match home.filter(|home| device_of(home) == Some(device)) {
            Some(home) => (home, None),
            None => {
                let top = top_of(path, device);
                (trash_of_drive(&top)?, Some(top))
            }
        };
        for folder in ["info", "files"] {
            DirBuilder::new().recursive(true).mode(0o700).create(trash.join(folder))?;
        }
        // On another drive paths are told from its top, so that they hold wherever it is mounted.
        let told = top.as_deref().and_then(|top| path.strip_prefix(top).ok()).unwrap_or(path);
        let notes = notes(told, at);
        let name = path.file_name().unwrap_or_default();
        for number in 1..=MOST_NAMES {
            let mut unique = name.to_owned();
            if number > 1 {
                unique.push(format!(".{number}"));
            }
            let place = trash.join("files").join(&unique);
            if place.symlink_metadata().is_ok() {
                continue;
            }
            let mut info = unique;
            info.push(".trashinfo");
            let info = trash.join("info").join(info);
            match File::options().write(true).create_new(true).open(&info) {
                Ok(mut file) => {
                    file.write_all(notes.as_bytes())?;
                    return Ok(place);
                }
                Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(source),
            }
        }
        Err(io::Error::other("the trash is full of files of this name"))
    }

    /// Takes the notes of a file away that is no longer in the trash, or did not get there.
    pub(crate) fn forget(place: &Path) {
        let (Some(trash), Some(name)) = (place.parent().and_then(Path::parent), place.file_name()) else { return };
        let mut info = name.to_owned();
        info.push(".trashinfo");
        // Notes without a file are what every trash cleans up by itself.
        let _ = std::fs::remove_file(trash.join("info").join(info));
    }

    fn home_trash() -> Option<PathBuf> {
        let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let data = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")))?;
        Some(data.join("Trash"))
    }

    /// The device of a folder that may not be there yet.
    fn device_of(folder: &Path) -> Option<u64> {
        folder.ancestors().find_map(|folder| folder.metadata().ok()).map(|metadata| metadata.dev())
    }

    /// The highest folder on the same device.
    fn top_of(path: &Path, device: u64) -> PathBuf {
        let real = path.parent().and_then(|folder| folder.canonicalize().ok()).unwrap_or_else(|| path.to_owned());
        let same = |folder: &&Path| folder.metadata().is_ok_and(|metadata| metadata.dev() == device);
        real.ancestors().take_while(same).last().unwrap_or(&real).to_owned()
    }

    /// A drive's own trash: the administrator's with a folder for each user, or this user's.
    fn trash_of_drive(top: &Path) -> io::Result<PathBuf> {
        let user = rustix::process::getuid().as_raw();
        let shared = top.join(".Trash");
        // Anybody's link or folder would be a way to read what others throw away.
        let is_proper =
            shared.symlink_metadata().is_ok_and(|metadata| metadata.is_dir() && metadata.mode() & 0o1000 != 0);
        let trash = if is_proper { shared.join(user.to_string()) } else { top.join(format!(".Trash-{user}")) };
        DirBuilder::new().recursive(true).mode(0o700).create(&trash)?;
        let metadata = trash.symlink_metadata()?;
        if metadata.is_dir() && metadata.uid() == user {
            Ok(trash)
        } else {
            Err(io::Error::other("the drive's trash belongs to somebody else"))
        }
    }

    /// What the trash notes of a file.
    fn notes(path: &Path, at: UnixMillis) -> String {
        let mut told = String::new();
        for byte in path.as_os_str().as_bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                    told.push(char::from(*byte));
                }
                _ => {
                    let _ = write!(told, "%{byte:02X}");
                }
            }
        }
        format!("[Trash Info]\nPath={told}\nDeletionDate={}\n", at.to_local_iso())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn notes_say_where_a_file_was_in_any_script() {
            let notes = notes(Path::new("/m/ä b.pt"), UnixMillis(0));
            assert!(notes.starts_with("[Trash Info]\nPath=/m/%C3%A4%20b.pt\nDeletionDate=19"), "{notes}");
        }

        #[test]
        fn two_files_of_one_name_get_two_places() {
            let dir = tempfile::tempdir().unwrap();
            let trash = trash_of_drive(dir.path()).unwrap();
            assert_eq!(trash.metadata().unwrap().mode() & 0o777, 0o700);
            std::os::unix::fs::symlink("/tmp", dir.path().join(".Trash")).unwrap();
            assert_eq!(trash_of_drive(dir.path()).unwrap(), trash, "a link is not trusted");
        }
    }
}

/// Puts a file into a trash that only the system may touch. Why it cannot is for people.
#[cfg(not(all(unix, not(target_os = "macos"))))]
pub(super) fn hand_over(path: &Path) -> std::result::Result<(), String> {
    trash::delete(path).map_err(|error| error.to_string())
}

/// Takes a file out of such a trash again, that was put there at this time or later.
#[cfg(windows)]
pub(super) fn restore(path: &Path, since: UnixMillis) -> Result<()> {
    use trash::os_limited::{list, restore_all};

    let failed = |why: &dyn std::fmt::Display| {
        let message = format!("`{}` could not be taken out of the recycle bin: {why}", path.display());
        Error::new(Code::Io, message).hint("Open the recycle bin and restore it there")
    };
    // Kept in seconds, and with another clock's idea of them.
    let earliest = since.0 / 1000 - 2;
    let is_it = |item: &trash::TrashItem| {
        path.file_name() == Some(item.name.as_os_str())
            && Some(item.original_parent.as_path()) == path.parent()
            && item.time_deleted >= earliest
    };
    let items = list().map_err(|error| failed(&error))?;
    let item = items.into_iter().filter(is_it).max_by_key(|item| item.time_deleted);
    let item = item.ok_or_else(|| failed(&"it is not there any more"))?;
    restore_all([item]).map_err(|error| failed(&error))
}

/// No program may look into the trash here.
#[cfg(not(windows))]
pub(super) fn restore(path: &Path, _: UnixMillis) -> Result<()> {
    let message = format!("`{}` can only be taken out of the trash by hand here", path.display());
    Err(Error::new(Code::Io, message).hint("Open the trash and choose Put Back"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trash_of_our_own_keeps_where_a_file_was() {
        let at = UnixMillis(5);
        assert_eq!(own(Path::new("/r"), Path::new("/r/a/b.pt"), at), Path::new("/r/.modeldock-trash/5/a/b.pt"));
        assert_eq!(own(Path::new("/r"), Path::new("/other/b.pt"), at), Path::new("/r/.modeldock-trash/5/b.pt"));
    }
}
