//! What a folder without events held at one time, and what changed until another.
//!
//! Names, sizes and times of models and what lies beside them; nothing is read. A folder that could not be listed keeps
//! what it held before: a server that does not answer has not deleted anything.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::names::Interest;
use crate::scan::{FileIdentity, Fingerprint, MAX_DEPTH, MAX_LINKS_TO_A_FOLDER, is_skipped_folder};

/// Size and time of modification. Not the file's number: some network drives make a new one up at every mount.
type Stamp = (u64, i64);

/// Everything of interest below a folder.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Snapshot {
    folders: BTreeMap<PathBuf, BTreeMap<OsString, Stamp>>,
}

/// What one snapshot has that the one before had not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Folders to look at again for what came, went or changed beside models.
    pub(super) folders: Vec<PathBuf>,
    /// Model files that were not there.
    pub(super) appeared: Vec<PathBuf>,
    /// Model files that were there and are not what they were.
    pub(super) written: Vec<PathBuf>,
}

impl Snapshot {
    /// Lists everything. `None` if told to stop on the way.
    pub(super) fn take(top: &Path, before: &Self, is_stopped: impl Fn() -> bool) -> Option<Self> {
        let mut snapshot = Self::default();
        let mut visits: HashMap<FileIdentity, u32> = HashMap::new();
        let mut entries = WalkDir::new(top).follow_links(true).max_depth(MAX_DEPTH).into_iter();
        while let Some(entry) = entries.next() {
            if is_stopped() {
                return None;
            }
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    snapshot.keep(&error, top, before);
                    continue;
                }
            };
            let path = entry.path();
            if entry.file_type().is_dir() {
                let is_entered = entry.depth() == 0
                    || !is_skipped_folder(path) && (!entry.path_is_symlink() || may_enter(path, &mut visits));
                if is_entered {
                    snapshot.folders.entry(path.to_owned()).or_default();
                } else {
                    entries.skip_current_dir();
                }
            } else if matches!(Interest::of(path), Interest::Model | Interest::Beside)
                && let (Some(folder), Ok(metadata)) = (path.parent(), entry.metadata())
                && let Ok(print) = Fingerprint::of_metadata(&metadata, path)
            {
                let files = snapshot.folders.entry(folder.to_owned()).or_default();
                files.insert(entry.file_name().to_owned(), (print.size, print.modified));
            }
        }
        Some(snapshot)
    }

    /// Whether there is nothing, not even the top folder.
    pub(super) fn is_nothing(&self) -> bool {
        self.folders.is_empty()
    }

    fn keep(&mut self, error: &walkdir::Error, top: &Path, before: &Self) {
        let is_gone = error.io_error().is_some_and(|source| source.kind() == std::io::ErrorKind::NotFound);
        if is_gone || error.loop_ancestor().is_some() {
            return;
        }
        let blind = error.path().unwrap_or(top);
        for (folder, files) in
            before.folders.range(blind.to_owned()..).take_while(|(folder, _)| folder.starts_with(blind))
        {
            self.folders.insert(folder.clone(), files.clone());
        }
        if let (Some(folder), Some(name)) = (blind.parent(), blind.file_name())
            && let Some(stamp) = before.folders.get(folder).and_then(|files| files.get(name))
        {
            self.folders.entry(folder.to_owned()).or_default().insert(name.to_owned(), *stamp);
        }
    }

    /// What is different from `before`.
    pub(super) fn changes_since(&self, before: &Self) -> Changes {
        let nothing = BTreeMap::new();
        let mut changes = Changes::default();
        for (folder, files) in &self.folders {
            let earlier = before.folders.get(folder).unwrap_or(&nothing);
            let mut is_changed =
                earlier.keys().any(|name| !files.contains_key(name)) || !before.folders.contains_key(folder);
            for (name, stamp) in files {
                let was = earlier.get(name);
                if was == Some(stamp) {
                    continue;
                }
                let path = folder.join(name);
                match (Interest::of(&path), was) {
                    (Interest::Model, None) => changes.appeared.push(path),
                    (Interest::Model, Some(_)) => changes.written.push(path),
                    _ => is_changed = true,
                }
            }
            if is_changed {
                changes.folders.push(folder.clone());
            }
        }
        changes.folders.extend(before.folders.keys().filter(|folder| !self.folders.contains_key(*folder)).cloned());
        changes
    }
}

fn may_enter(link: &Path, visits: &mut HashMap<FileIdentity, u32>) -> bool {
    let Ok(print) = Fingerprint::of_path(link) else { return false };
    let visits = visits.entry(print.identity).or_default();
    *visits += 1;
    *visits <= MAX_LINKS_TO_A_FOLDER
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn take(top: &Path, before: &Snapshot) -> Snapshot {
        Snapshot::take(top, before, || false).unwrap()
    }

    #[test]
    fn each_sort_of_change_is_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path();
        std::fs::create_dir_all(top.join("gone/deep")).unwrap();
        std::fs::create_dir(top.join("lora")).unwrap();
        for name in ["lora/same.pt", "lora/longer.pt", "away.pt", "gone/deep/a.pt"] {
            std::fs::write(top.join(name), "x").unwrap();
        }
        let before = take(top, &Snapshot::default());
        assert_eq!(take(top, &before).changes_since(&before), Changes::default());

        std::fs::write(top.join("lora/longer.pt"), "xx").unwrap();
        std::fs::write(top.join("lora/new.pt"), "x").unwrap();
        std::fs::write(top.join("lora/new.pt.part"), "x").unwrap();
        std::fs::remove_file(top.join("away.pt")).unwrap();
        std::fs::remove_dir_all(top.join("gone")).unwrap();
        let changes = take(top, &before).changes_since(&before);
        assert_eq!(changes.appeared, [top.join("lora/new.pt")]);
        assert_eq!(changes.written, [top.join("lora/longer.pt")]);
        assert_eq!(changes.folders, [top.to_owned(), top.join("gone"), top.join("gone/deep")]);
    }

    #[test]
    fn a_picture_is_a_reason_to_look_and_a_link_loop_is_not_endless() {
        let dir = tempfile::tempdir().unwrap();
        symlink(dir.path(), dir.path().join("loop")).unwrap();
        let before = take(dir.path(), &Snapshot::default());
        std::fs::write(dir.path().join("a.preview.png"), "x").unwrap();
        let changes = take(dir.path(), &before).changes_since(&before);
        assert_eq!(changes, Changes { folders: vec![dir.path().to_owned()], ..Changes::default() });
    }

    #[test]
    fn what_cannot_be_listed_has_not_changed() {
        let dir = tempfile::tempdir().unwrap();
        let closed = dir.path().join("closed");
        std::fs::create_dir(&closed).unwrap();
        std::fs::write(closed.join("a.pt"), "x").unwrap();
        let before = take(dir.path(), &Snapshot::default());
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o0)).unwrap();
        // Root may list it all the same, and finds it unchanged.
        assert_eq!(take(dir.path(), &before).changes_since(&before), Changes::default());
        std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_top_that_is_not_there_is_nothing() {
        assert!(take(Path::new("/nowhere/at/all"), &Snapshot::default()).is_nothing());
    }
}
