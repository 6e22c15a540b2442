//! What an event means for a root: which folder to look at, which file to hold back, which folder to watch.

use std::path::{Path, PathBuf};

use super::Why;
use super::inbox::Batch;
use super::names::Interest;
use super::options::Moment;
use super::root::RootThread;
use super::settle::Touch;
use super::signs::{Loss, Sign};
use super::tree::Found;
use crate::scan::is_skipped_folder;

impl RootThread {
    /// Everything that came in.
    pub(super) fn handle(&mut self, batch: Batch, now: Moment) {
        for sign in batch.signs {
            self.handle_sign(sign, now);
        }
        match batch.lost {
            None => {}
            Some(Loss::Overflow) if self.options.hides_overflow() => {}
            Some(Loss::Overflow) => self.begin_rebuild(Why::Overflow, true),
            Some(Loss::Limit) => self.begin_rebuild(Why::Error, true),
            Some(Loss::Error(error)) => {
                tracing::warn!(root = %self.root.path.display(), error, "the system's watcher failed; starting another");
                self.begin_rebuild(Why::Error, true);
            }
        }
    }

    fn names_of(&self, real: &Path) -> Vec<PathBuf> {
        self.tree.as_ref().map(|tree| tree.names_of(real)).unwrap_or_default()
    }

    fn handle_sign(&mut self, sign: Sign, now: Moment) {
        match sign {
            Sign::Appeared(real) => self.by_name(&real, |root, path| root.appeared(path, Touch::Appeared, now)),
            Sign::FolderAppeared(real) => self.by_name(&real, |root, path| {
                if !is_skipped_folder(path) {
                    root.adopt(path, Touch::Appeared, now);
                }
            }),
            Sign::Arrived(real) => self.by_name(&real, |root, path| root.appeared(path, Touch::Arrived, now)),
            Sign::Written(real) => self.by_name(&real, |root, path| root.written(path, Touch::Written, now)),
            Sign::Closed(real) => self.by_name(&real, |root, path| root.written(path, Touch::Closed, now)),
            Sign::Touched(real) => self.by_name(&real, |root, path| root.touched(path, now)),
            Sign::Vanished(real) => self.by_name(&real, |root, path| root.vanished(path, now)),
            Sign::Changed(real) => {
                let is_there = std::fs::symlink_metadata(&real).is_ok();
                self.by_name(&real, |root, path| {
                    if is_there { root.appeared(path, Touch::Appeared, now) } else { root.vanished(path, now) }
                });
            }
            Sign::Renamed { from, to } => {
                let earlier = self.names_of(&from);
                let was_watched = Interest::of(&from) == Interest::Model && !earlier.is_empty();
                self.by_name(&to, |root, to| root.part.renamed(&earlier, to, was_watched));
            }
        }
    }

    fn by_name(&mut self, real: &Path, each: impl Fn(&mut Self, &Path)) {
        for path in self.names_of(real) {
            each(self, &path);
        }
    }

    fn appeared(&mut self, path: &Path, touch: Touch, now: Moment) {
        match Interest::of(path) {
            // Should a folder have such a name, the look at the file finds out.
            Interest::Model => self.part.touch(path, touch, now),
            Interest::Beside => self.part.folder_of(path, now),
            Interest::Unfinished => {}
            Interest::Other if is_skipped_folder(path) => {}
            Interest::Other => self.adopt(path, touch, now),
        }
    }

    fn written(&mut self, path: &Path, touch: Touch, now: Moment) {
        match Interest::of(path) {
            Interest::Model => self.part.touch(path, touch, now),
            Interest::Beside => self.part.folder_of(path, now),
            Interest::Unfinished | Interest::Other => {}
        }
    }

    fn touched(&mut self, path: &Path, now: Moment) {
        match Interest::of(path) {
            // What is held back is looked at anyway.
            Interest::Model if self.part.holds(path) => {}
            Interest::Model | Interest::Beside => self.part.folder_of(path, now),
            Interest::Unfinished => {}
            // A folder that could not be entered may be open now.
            Interest::Other if self.tree.as_ref().is_some_and(|tree| tree.knows(path)) => {
                self.part.gathering.folder(path, now);
            }
            Interest::Other => self.appeared(path, Touch::Appeared, now),
        }
    }

    fn vanished(&mut self, path: &Path, now: Moment) {
        let was_folder = self.tree.as_ref().is_some_and(|tree| tree.knows(path));
        let polled = self.stop_polling_below(path);
        if was_folder || polled {
            let below = self.tree.as_mut().map(|tree| tree.remove(path)).unwrap_or_default();
            self.part.folder_vanished(path, &below, now);
            // Another folder may be in its place already, and the system's watcher mistakes the one for the other.
            if std::fs::symlink_metadata(path).is_ok() {
                self.adopt(path, Touch::Appeared, now);
            }
            self.publish();
        } else {
            match Interest::of(path) {
                Interest::Model => self.part.vanished(path, now),
                Interest::Beside => self.part.folder_of(path, now),
                Interest::Unfinished | Interest::Other => {}
            }
        }
    }

    fn stop_polling_below(&mut self, path: &Path) -> bool {
        // The root's own folders are polled whether they are there or not.
        let bases = &self.bases;
        let mut any = false;
        self.status.lock().polled.retain(|folder, polled| {
            let is_gone = folder.starts_with(path) && !bases.iter().any(|(base, _)| base == folder);
            if is_gone {
                polled.inbox.stop();
                any = true;
            }
            !is_gone
        });
        any
    }

    /// Takes in a folder that is new here, with everything in it.
    pub(super) fn adopt(&mut self, folder: &Path, touch: Touch, now: Moment) {
        let Some(tree) = &mut self.tree else { return };
        let mut found = Found::default();
        let added = tree.add(folder, &mut found);
        if let Err(refused) = added {
            tracing::warn!(folder = %folder.display(), ?refused, "a new folder could not be watched");
            self.begin_rebuild(Why::Error, true);
            return;
        }
        for folder in &found.folders {
            self.part.gathering.folder(folder, now);
        }
        for model in &found.models {
            // What was copied here a moment ago may still be written to, and that began before anybody watched.
            self.part.touch(model, touch, now);
        }
        if self.is_too_scattered(&found.foreign) {
            self.begin_rebuild(Why::RootAppeared, false);
        } else {
            self.poll(found.foreign, (Why::RootAppeared, false));
        }
        self.publish();
    }
}
