//! Names that are given once, to nobody else's loss, and survive a power cut.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::TempPath;

/// What came of giving a file another name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Renamed {
    /// It has it.
    Yes,
    /// Something else has that name, and keeps it.
    Taken,
}

/// Gives a file another name on the same file system. Never takes another file's place, not even one that appears at the
/// same moment.
pub(crate) fn rename_new(from: &Path, to: &Path) -> io::Result<Renamed> {
    match TempPath::try_from_path(from)?.persist_noclobber(to) {
        Ok(()) => Ok(Renamed::Yes),
        Err(failed) => {
            let source = failed.error;
            // It would be deleted otherwise.
            failed.path.keep().map_err(|kept| kept.error)?;
            if source.kind() == io::ErrorKind::AlreadyExists { Ok(Renamed::Taken) } else { Err(source) }
        }
    }
}

/// The folder of a path.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// So that the names in a folder survive a power cut too.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        match File::open(folder).and_then(|folder| folder.sync_all()) {
            // Some network file systems cannot; the server keeps names as it keeps files.
            Err(source) if source.raw_os_error() == Some(rustix::io::Errno::INVAL.raw_os_error()) => Ok(()),
            synced => synced,
        }
    }
    #[cfg(not(unix))]
    {
        let _: Option<File> = None;
        let _ = folder;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_stays_with_its_file_and_nothing_is_lost() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::write(&a, "a").unwrap();
        std::fs::write(&b, "b").unwrap();
        assert_eq!(rename_new(&a, &b).unwrap(), Renamed::Taken);
        assert_eq!((std::fs::read(&a).unwrap(), std::fs::read(&b).unwrap()), (b"a".to_vec(), b"b".to_vec()));
        assert_eq!(rename_new(&a, &dir.path().join("c")).unwrap(), Renamed::Yes);
        assert!(!a.exists());
        assert!(rename_new(&b, &dir.path().join("nowhere/b")).is_err());
        assert_eq!(std::fs::read(&b).unwrap(), b"b");
        sync_folder(folder_of(&b)).unwrap();
    }
}
