//! Carries a plan out: written down first, then step by step, then the library.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use super::journal::{ActivityState, Entry, Step, Target, What};
use super::plan::Plan;
use super::trash_bin;
use crate::durable::{Renamed, folder_of, rename_new, sync_folder};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::roots::{ScanPlan, model_folders};
use crate::scan::Fingerprint;
use crate::store::{FileRow, Keep, NewFile, RootRow, Store, WriteTx};
use crate::units::{ActionId, UnixMillis};

/// Does it. Blocks; what went wrong with single files is in the entry.
pub(crate) fn carry_out(store: &Store, plan: Plan, asked_by: &str) -> Result<Entry> {
    let now = UnixMillis::now();
    let mut entry = Entry {
        id: ActionId(0),
        at: now,
        what: plan.what,
        state: ActivityState::Begun,
        asked_by: asked_by.to_owned(),
        title: plan.title,
        models: plan.models,
        bytes: plan.bytes,
        steps: plan.steps,
        problem: None,
    };
    entry.id = {
        let entry = entry.clone();
        store.write_blocking(move |tx| tx.insert_action(&entry))?
    };
    let roots = store.read_blocking(|tx| tx.roots())?;
    let mut done: Vec<Step> = Vec::new();
    let mut blocked: BTreeSet<PathBuf> = BTreeSet::new();
    for at in 0..entry.steps.len() {
        // What is beside a model that could not go stays with it.
        if blocked.iter().any(|model| is_beside(&entry.steps[at], model)) {
            continue;
        }
        match take(store, &mut entry, at, &roots) {
            Ok(()) => done.push(entry.steps[at].clone()),
            Err(problem) => {
                if entry.steps[at].model.is_some() {
                    blocked.insert(entry.steps[at].from.clone());
                }
                entry.problem.get_or_insert(problem);
            }
        }
    }
    keep_names(&done, &mut entry.problem);
    entry.state = if done.is_empty() { ActivityState::Failed } else { ActivityState::Done };
    entry.models = u32::try_from(done.iter().filter(|step| step.model.is_some()).count()).unwrap_or(u32::MAX);
    entry.bytes = done.iter().map(|step| step.bytes).sum();
    entry.steps = done;
    let kept = entry.clone();
    store.write_blocking(move |tx| {
        tx.update_action(&kept)?;
        follow(tx, &kept.steps, &roots, kept.what == What::Trash, now)?;
        tx.publish(Event::LibraryChanged);
        tx.publish(Event::ActivityChanged);
        Ok(())
    })?;
    match (&entry.state, entry.problem.clone()) {
        (ActivityState::Failed, Some(problem)) => Err(problem),
        _ => Ok(entry),
    }
}

fn is_beside(step: &Step, model: &Path) -> bool {
    step.model.is_none()
        && folder_of(&step.from) == folder_of(model)
        && super::beside::companions(model, model).iter().any(|(path, _)| *path == step.from)
}

/// One step. Another file of the same name than the planned one is left alone.
fn take(store: &Store, entry: &mut Entry, at: usize, roots: &[RootRow]) -> Result<()> {
    let step = entry.steps[at].clone();
    let from = &step.from;
    let metadata = from.symlink_metadata().map_err(|source| Error::io("look at", from, &source))?;
    let print = Fingerprint::of_metadata(&metadata, from).map_err(|source| Error::io("look at", from, &source))?;
    if print.identity != step.identity() {
        return Err(Error::new(Code::Io, format!("`{}` is another file by now", from.display())));
    }
    match &step.to {
        Target::Path(to) | Target::Trashed(to) => rename(from, to),
        Target::Trash => throw_away(store, entry, at, roots),
    }
}

/// Into the system's trash, or into one of our own. Where it goes is written down before it goes, or nobody would find it
/// after a crash.
fn throw_away(store: &Store, entry: &mut Entry, at: usize, roots: &[RootRow]) -> Result<()> {
    let from = entry.steps[at].from.clone();
    let note = |entry: &mut Entry, to: Target| -> Result<()> {
        entry.steps[at].to = to;
        let kept = entry.clone();
        store.write_blocking(move |tx| tx.update_action(&kept))
    };
    #[cfg(all(unix, not(target_os = "macos")))]
    let refused = match trash_bin::reserve(&from, entry.at) {
        Ok(place) => {
            note(entry, Target::Trashed(place.clone()))?;
            let gone = rename(&from, &place);
            if gone.is_err() {
                trash_bin::forget(&place);
            }
            return gone;
        }
        Err(source) => source.to_string(),
    };
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    let refused = match trash_bin::hand_over(&from) {
        Ok(()) => return Ok(()),
        Err(why) => why,
    };
    tracing::info!(path = %from.display(), why = refused, "the system's trash does not take it; it goes to one of our own");
    let inside = roots.iter().filter(|root| from.starts_with(&root.path));
    let root = inside.max_by_key(|root| root.path.as_os_str().len());
    let to = trash_bin::own(root.map_or(folder_of(&from), |root| root.path.as_path()), &from, entry.at);
    note(entry, Target::Path(to.clone()))?;
    rename(&from, &to)
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<()> {
    let folder = folder_of(to);
    std::fs::create_dir_all(folder).map_err(|source| Error::io("make the folder", folder, &source))?;
    // On a file system that ignores case the new spelling of a name is taken, by the file itself.
    let is_respelled = from.parent() == to.parent()
        && Fingerprint::of_path(to).is_ok_and(|there| {
            Fingerprint::of_path(from).is_ok_and(|own| own.identity == there.identity) && has_one_name(from)
        });
    if is_respelled {
        return std::fs::rename(from, to).map_err(|source| Error::io("rename", from, &source));
    }
    match rename_new(from, to) {
        Ok(Renamed::Yes) => Ok(()),
        Ok(Renamed::Taken) => {
            Err(Error::new(Code::Io, format!("There is something called `{}` already", to.display())))
        }
        Err(source) => Err(Error::io("move", from, &source)),
    }
}

#[cfg(unix)]
fn has_one_name(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    path.symlink_metadata().is_ok_and(|metadata| metadata.nlink() == 1)
}

#[cfg(not(unix))]
fn has_one_name(_: &Path) -> bool {
    true
}

/// Brings all names to the disk.
pub(super) fn keep_names(steps: &[Step], problem: &mut Option<Error>) {
    let from = steps.iter().map(|step| folder_of(&step.from));
    let to = steps.iter().filter_map(|step| step.to.path().map(folder_of));
    for folder in from.chain(to).collect::<BTreeSet<_>>() {
        // A folder may have gone with its last file.
        if folder.is_dir()
            && let Err(source) = sync_folder(folder)
        {
            problem.get_or_insert(Error::io("write", folder, &source));
        }
    }
}

/// Brings the library's rows to where their files are now.
fn follow(tx: &mut WriteTx<'_>, steps: &[Step], roots: &[RootRow], trashed: bool, now: UnixMillis) -> Result<()> {
    let moved: HashMap<&Path, &Path> =
        steps.iter().filter_map(|step| Some((step.from.as_path(), step.to.path()?))).collect();
    for step in steps {
        let Some(row) = step.model.map(|id| tx.file_row(id)).transpose()?.flatten() else { continue };
        match &step.to {
            Target::Path(to) if !trashed => {
                let preview = row.local_preview.as_deref();
                let preview = preview.map(|preview| moved.get(preview).copied().unwrap_or(preview).to_owned());
                place(tx, &row, to, preview.as_deref(), roots, now)?;
            }
            _ => tx.set_gone(row.id, now)?,
        }
    }
    Ok(())
}

/// A row's file is at this path now, unchanged: its hash is kept, and need not be read again.
pub(super) fn place(
    tx: &mut WriteTx<'_>,
    row: &FileRow,
    path: &Path,
    preview: Option<&Path>,
    roots: &[RootRow],
    now: UnixMillis,
) -> Result<()> {
    let inside = roots.iter().filter(|root| path.starts_with(&root.path));
    let Some(root) = inside.max_by_key(|root| root.path.as_os_str().len()) else {
        return tx.set_gone(row.id, now);
    };
    let Ok(print) = Fingerprint::of_path(path) else { return Ok(()) };
    let plan = ScanPlan::new(model_folders(root.layout, &root.path));
    let kind = plan.kind_of(path);
    let new = NewFile {
        root: root.id,
        root_path: &root.path,
        path,
        kind: &kind,
        fingerprint: Some(print),
        local_preview: preview,
        problem: None,
    };
    // What the row knew of the file as it was is true of the file as it is, unless it was touched in between.
    let unchanged = row.fingerprint.is_some_and(|before| print.is_renamed_from(&before) || before == print);
    tx.move_file(row.id, &new)?;
    let id = tx.put_file(&new, if unchanged { Keep::Hash } else { Keep::Nothing }, now)?;
    if unchanged
        && !row.recheck
        && let Some(known) = &row.known
    {
        tx.set_hash(id, &print, known, now)?;
    }
    Ok(())
}
