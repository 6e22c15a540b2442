//! Keeps which sidecars and previews have lost their model, as a walk saw it.
//!
//! The models that the library knows or knew in a folder tell a preview of one from any other picture, so this is looked
//! at with the rows from before the look: a file that is gone since is just what leaves a preview behind.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::run::{Scan, Stop};
use crate::event::Event;
use crate::sidecar::{Orphan, look_in};
use crate::store::{FileRow, Reach};
use crate::units::RootId;

/// Most that are kept of one root: nobody looks through more.
const MOST_IN_A_ROOT: usize = 5_000;

/// Where a root was looked at, and which folders there may hold something.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) root: RootId,
    pub(super) looked_at: Vec<PathBuf>,
    pub(super) folders: BTreeSet<PathBuf>,
}

/// The names of models without their endings, in lower case, by their folder.
pub(crate) fn names_by_folder<'a>(paths: impl Iterator<Item = &'a Path>) -> HashMap<&'a Path, HashSet<String>> {
    let mut known: HashMap<&Path, HashSet<String>> = HashMap::new();
    for path in paths {
        if let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) {
            known.entry(folder).or_default().insert(stem.to_string_lossy().to_lowercase());
        }
    }
    known
}

impl Scan {
    /// Looks through the folders and keeps what was found, in place of what was known of where the walk went.
    pub(super) fn keep_orphans(&self, rows: &[FileRow], beside: Vec<Surroundings>) -> Result<(), Stop> {
        let known = names_by_folder(rows.iter().map(|row| row.path.as_path()));
        let nothing = HashSet::new();
        // Roots may overlap: the one that was added first has the folder, as it has the files.
        let mut taken: HashSet<PathBuf> = HashSet::new();
        for Surroundings { root, looked_at, folders } in beside {
            let mut orphans: Vec<Orphan> = Vec::new();
            for folder in folders.into_iter().filter(|folder| taken.insert(folder.clone())) {
                self.control.checkpoint()?;
                orphans.extend(look_in(&folder, known.get(folder.as_path()).unwrap_or(&nothing)));
                if orphans.len() >= MOST_IN_A_ROOT {
                    orphans.truncate(MOST_IN_A_ROOT);
                    break;
                }
            }
            orphans.sort_by(|a, b| a.path.cmp(&b.path));
            let reach = Reach::Below(looked_at);
            let had = self.store.read_blocking(|tx| tx.orphans_of(root, &reach))?;
            if had == orphans {
                continue;
            }
            self.store.write_blocking(|tx| {
                tx.put_orphans(root, &reach, &orphans)?;
                tx.publish(Event::LibraryChanged);
                Ok(())
            })?;
        }
        Ok(())
    }
}
