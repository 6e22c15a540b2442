//! Puts back what was done, and mends what a crash interrupted.

use std::path::Path;

use super::act::{keep_names, place, rename};
use super::journal::{ActivityState, Entry, Step, Target};
use super::trash_bin;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::scan::Fingerprint;
use crate::store::Store;
use crate::units::{ActionId, UnixMillis};

/// Undoes it. Blocks. Nothing is touched unless everything can be put back.
pub(crate) fn undo(store: &Store, id: ActionId) -> Result<Entry> {
    let entry = store.read_blocking(move |tx| tx.action(id))?;
    let entry = entry.ok_or_else(|| Error::not_found(format!("There is nothing with number {}", id.0)))?;
    if entry.state != ActivityState::Done {
        return Err(Error::invalid("That cannot be undone any more"));
    }
    for step in &entry.steps {
        check(step)?;
    }
    put_back(store, Entry { state: ActivityState::Undoing, problem: None, ..entry }, ActivityState::Undone)
}

fn check(step: &Step) -> Result<()> {
    if step.from.symlink_metadata().is_ok() && !is_there(step, &step.from) {
        let message = format!("Something else is called `{}` by now", step.from.display());
        return Err(Error::new(Code::Io, message).hint("Give it another name, then undo again"));
    }
    match step.to.path() {
        Some(to) if !is_there(step, to) => {
            Err(Error::new(Code::Io, format!("`{}` is not there any more, or is another file by now", to.display())))
        }
        _ => Ok(()),
    }
}

/// Whether this file is what has that name.
fn is_there(step: &Step, path: &Path) -> bool {
    let print = path.symlink_metadata().and_then(|metadata| Fingerprint::of_metadata(&metadata, path));
    print.is_ok_and(|print| print.identity == step.identity())
}

/// Mends what was interrupted: what was begun is put back, what was being undone is undone. Says how many there were.
pub(crate) fn mend(store: &Store) -> Result<usize> {
    let entries = store.read_blocking(|tx| tx.unfinished_actions())?;
    let count = entries.len();
    for entry in entries {
        let (then, problem) = match entry.state {
            ActivityState::Begun => {
                let problem = Error::new(Code::Cancelled, "It was interrupted, and what was done was put back");
                (ActivityState::Failed, Some(problem))
            }
            _ => (ActivityState::Undone, None),
        };
        let mended = put_back(store, Entry { state: ActivityState::Undoing, ..entry }, then)?;
        if mended.state == then {
            store.write_blocking(move |tx| tx.update_action(&Entry { problem, ..mended }))?;
        }
    }
    Ok(count)
}

/// Takes the steps back, the last one first. What cannot be taken back stays done, and is still in the entry.
fn put_back(store: &Store, mut entry: Entry, then: ActivityState) -> Result<Entry> {
    let kept = entry.clone();
    store.write_blocking(move |tx| tx.update_action(&kept))?;
    let roots = store.read_blocking(|tx| tx.roots())?;
    let (mut back, mut left) = (Vec::new(), Vec::new());
    for step in entry.steps.iter().rev() {
        match take_back(step, entry.at) {
            Ok(()) => back.push(step.clone()),
            Err(problem) => {
                entry.problem.get_or_insert(problem);
                left.push(step.clone());
            }
        }
    }
    keep_names(&back, &mut entry.problem);
    left.reverse();
    entry.state = if left.is_empty() { then } else { ActivityState::Done };
    if !left.is_empty() {
        entry.steps = left;
    }
    let kept = entry.clone();
    store.write_blocking(move |tx| {
        let now = UnixMillis::now();
        for step in &back {
            if let Some(row) = step.model.map(|id| tx.file_row(id)).transpose()?.flatten() {
                let preview = row.local_preview.clone();
                let was_beside = |step: &Step| step.to.path().is_some_and(|to| Some(to) == preview.as_deref());
                let preview =
                    back.iter().find(|step| was_beside(step)).map(|step| step.from.clone()).or(preview.clone());
                place(tx, &row, &step.from, preview.as_deref(), &roots, now)?;
            }
        }
        tx.update_action(&kept)?;
        tx.publish(Event::LibraryChanged);
        tx.publish(Event::ActivityChanged);
        Ok(())
    })?;
    Ok(entry)
}

/// One step, if it was taken at all.
fn take_back(step: &Step, since: UnixMillis) -> Result<()> {
    if is_there(step, &step.from) {
        #[cfg(all(unix, not(target_os = "macos")))]
        if let Target::Trashed(to) = &step.to {
            trash_bin::forget(to);
        }
        return Ok(());
    }
    match &step.to {
        Target::Path(to) => rename(to, &step.from),
        #[cfg(all(unix, not(target_os = "macos")))]
        Target::Trashed(to) => {
            let back = rename(to, &step.from);
            if back.is_ok() {
                trash_bin::forget(to);
            }
            back
        }
        // It never got as far as a trash.
        Target::Trash if step.from.symlink_metadata().is_ok() => Ok(()),
        _ => trash_bin::restore(&step.from, since),
    }
}
