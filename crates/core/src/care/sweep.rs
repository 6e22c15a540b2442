//! Throws away what the lists name, after a look whether it still is what they said; and looks again at what lies beside
//! models where files came or went.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::duplicates;
use crate::durable::folder_of;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::files::{self, Entry, Plan};
use crate::roots::Layout;
use crate::scan::names_by_folder;
use crate::sidecar::{Orphan, look_in};
use crate::store::{Reach, RootRow, Store};
use crate::units::{FileId, OrphanId};

/// Copies of one content: the one that stays, and those that go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sweep {
    pub(crate) keep: FileId,
    pub(crate) trash: Vec<FileId>,
}

/// A plan that throws copies away. Blocks. Nothing is planned if anything about one of them is not as it was.
pub(crate) fn trash_copies(store: &Store, groups: &[Sweep]) -> Result<Plan> {
    let kept: HashSet<FileId> = groups.iter().map(|group| group.keep).collect();
    let mut named = HashSet::new();
    if groups.iter().flat_map(|group| &group.trash).any(|id| kept.contains(id) || !named.insert(*id)) {
        return Err(Error::invalid("A file is named twice, or is to stay and to go"));
    }
    let rows = store.read_blocking(|tx| {
        let rows = groups.iter().map(|group| duplicates::check(tx, group.keep, &group.trash));
        Ok(rows.collect::<Result<Vec<_>>>()?.concat())
    })?;
    files::trashes(&rows)
}

/// A plan that throws away what was left behind. Blocks. A file that has a model again, or has changed, stays; nothing is
/// planned then.
pub(crate) fn trash_orphans(store: &Store, ids: &[OrphanId]) -> Result<Plan> {
    let (rows, paths) = store.read_blocking(|tx| {
        let unknown = |id: &OrphanId| Error::not_found(format!("There is no file number {} without its model", id.0));
        let rows = ids.iter().map(|id| tx.orphan(*id)?.ok_or_else(|| unknown(id)));
        Ok((rows.collect::<Result<Vec<_>>>()?, tx.paths()?))
    })?;
    let known = names_by_folder(paths.iter().map(PathBuf::as_path));
    let mut looked: HashMap<&Path, Vec<Orphan>> = HashMap::new();
    for row in &rows {
        let folder = folder_of(&row.orphan.path);
        let nothing = HashSet::new();
        let now = looked.entry(folder).or_insert_with(|| look_in(folder, known.get(folder).unwrap_or(&nothing)));
        let is_same = |orphan: &&Orphan| orphan.path == row.orphan.path && orphan.size == row.orphan.size;
        if now.iter().find(is_same).is_none() {
            let message =
                format!("`{}` is no longer there, has changed, or has its model again", row.orphan.path.display());
            return Err(Error::new(Code::Io, message).hint("Scan, then look again"));
        }
    }
    let paths: Vec<PathBuf> = rows.into_iter().map(|row| row.orphan.path).collect();
    files::trashes_alone(&paths)
}

/// Looks at what lies beside models where something was done, or undone. Blocks. A failure leaves it to the next scan.
pub(crate) fn look_again(store: &Store, entry: &Entry) {
    let places = entry.steps.iter().flat_map(|step| std::iter::once(step.from.as_path()).chain(step.to.path()));
    let folders: BTreeSet<PathBuf> = places.map(|path| folder_of(path).to_owned()).collect();
    let looked = store.read_blocking(|tx| Ok((tx.roots()?, tx.paths()?))).and_then(|(roots, paths)| {
        let known = names_by_folder(paths.iter().map(PathBuf::as_path));
        let nothing = HashSet::new();
        let found: Vec<_> = folders
            .into_iter()
            .filter_map(|folder| {
                let root = root_of(&roots, &folder)?;
                let orphans = look_in(&folder, known.get(folder.as_path()).unwrap_or(&nothing));
                Some((root.id, folder, orphans))
            })
            .collect();
        store.write_blocking(|tx| {
            for (root, folder, orphans) in &found {
                tx.put_orphans(*root, &Reach::In(folder.clone()), orphans)?;
            }
            tx.publish(Event::LibraryChanged);
            Ok(())
        })
    });
    if let Err(error) = looked {
        tracing::warn!(%error, "what lies beside models could not be looked at again");
    }
}

/// The root that a folder of models lies in, unless its UI looks after everything in it.
fn root_of<'a>(roots: &'a [RootRow], folder: &Path) -> Option<&'a RootRow> {
    let is_hidden = |path: &Path| path.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b"."));
    let inside = roots.iter().filter(|root| folder.strip_prefix(&root.path).is_ok_and(|below| !is_hidden(below)));
    inside.max_by_key(|root| root.path.as_os_str().len()).filter(|root| root.layout != Layout::InvokeAi)
}
