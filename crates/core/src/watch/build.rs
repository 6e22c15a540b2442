//! Finding out what a root consists of, and having each part of it watched the way it can be.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Why;
use super::poll::Poller;
use super::root::{Base, RootThread};
use super::signs::{self, Loss};
use super::status::Because;
use super::tree::{Found, Refused, Tree};
use crate::disk::{FileSystem, MountTable};
use crate::scan::Fingerprint;

/// Each folder that is polled has a thread. With more of them, the root is polled as a whole.
const MOST_POLLED: usize = 16;

impl RootThread {
    /// What one of the root's folders is now.
    pub(super) fn state_of(&self, folder: &Path) -> Base {
        if let Some(kind) = self.mounts.of(folder).filter(|kind| !kind.tells_changes()) {
            return Base::Foreign(kind);
        }
        let Some(metadata) = std::fs::metadata(folder).ok().filter(std::fs::Metadata::is_dir) else {
            return Base::Missing;
        };
        let kind = FileSystem::among(&self.mounts, folder);
        match Fingerprint::of_metadata(&metadata, folder) {
            Ok(print) if kind.tells_changes() => Base::Here(print.identity),
            Ok(_) => Base::Foreign(kind),
            Err(_) => Base::Missing,
        }
    }

    /// Watches everything anew.
    pub(super) fn build(&mut self, why: Why, lost_events: bool) {
        // The old one first: its watches count towards the limit.
        self.tree = None;
        self.refused = None;
        self.mounts = MountTable::read().unwrap_or_default();
        let mut found = Found::default();
        for at in 0..self.bases.len() {
            let state = self.state_of(&self.bases[at].0);
            self.bases[at].1 = state;
            if let Base::Foreign(kind) = state {
                found.foreign.push((self.bases[at].0.clone(), kind));
            }
        }
        let here = |bases: &[(PathBuf, Base)]| -> Vec<PathBuf> {
            bases.iter().filter(|(_, base)| matches!(base, Base::Here(_))).map(|(folder, _)| folder.clone()).collect()
        };
        let built = self.build_tree(&here(&self.bases), &mut found);
        let is_scattered = found.foreign.len() > MOST_POLLED + self.bases.len();
        if let Err(refused) = if is_scattered { Err(Refused::Elsewhere) } else { built } {
            self.refuse(refused, &mut found);
        }
        let wanted: BTreeSet<&Path> = found.foreign.iter().map(|(folder, _)| folder.as_path()).collect();
        let refused = self.refused.is_some();
        let here = here(&self.bases);
        self.status.lock().polled.retain(|folder, polled| {
            let is_kept = match polled.because {
                Because::Of(_) => wanted.contains(folder.as_path()),
                Because::Refused(_) => refused && here.contains(folder),
            };
            if !is_kept {
                polled.inbox.stop();
            }
            is_kept
        });
        if refused {
            for folder in here {
                self.poll_refused(folder, (why, lost_events));
            }
        }
        self.poll(found.foreign, (why, lost_events));
        self.publish();
        let now = self.now();
        self.plan_next_look(now);
        // Whoever polls tells it once it knows what to compare with.
        if self.tree.is_some() || self.status.lock().polled.is_empty() {
            self.part.gathering.everything(why, lost_events, now);
        }
    }

    fn build_tree(&mut self, bases: &[PathBuf], found: &mut Found) -> Result<(), Refused> {
        if bases.is_empty() {
            return Ok(());
        }
        let inbox = Arc::clone(&self.inbox);
        let hides_overflow = self.options.hides_overflow();
        let mut tree =
            Tree::new(self.mounts.clone(), self.options.most_watches, move |answer| match signs::read(answer) {
                Ok(signs) => signs.into_iter().for_each(|sign| inbox.push(sign)),
                Err(Loss::Overflow) if hides_overflow => {}
                Err(loss) => inbox.lost(loss),
            })?;
        bases.iter().try_for_each(|folder| tree.add(folder, found))?;
        self.tree = Some(tree);
        Ok(())
    }

    fn refuse(&mut self, refused: Refused, found: &mut Found) {
        tracing::warn!(root = %self.root.path.display(), ?refused, "not watched by events; looked at again and again");
        self.tree = None;
        self.refused = Some(refused);
        // Whoever polls the folder also polls what it links to.
        found.foreign.retain(|(folder, _)| self.bases.iter().any(|(base, _)| base == folder));
    }

    pub(super) fn poll(&mut self, foreign: Vec<(PathBuf, FileSystem)>, first: (Why, bool)) {
        for (folder, kind) in foreign {
            self.start_poller(folder, Because::Of(kind), first);
        }
    }

    /// Whether there would be too many threads with these as well.
    pub(super) fn is_too_scattered(&self, foreign: &[(PathBuf, FileSystem)]) -> bool {
        self.status.lock().polled.len() + foreign.len() > MOST_POLLED + self.bases.len()
    }

    fn poll_refused(&mut self, folder: PathBuf, first: (Why, bool)) {
        let why = match &self.refused {
            Some(Refused::Limit) if cfg!(target_os = "linux") => {
                "The system will not watch more folders (fs.inotify.max_user_watches or max_user_instances)".to_owned()
            }
            Some(Refused::Limit) => "The system will not watch more folders".to_owned(),
            Some(Refused::Elsewhere) => "Too many of its folders are links to other drives".to_owned(),
            Some(Refused::Failed(why)) => format!("The folder cannot be watched: {why}"),
            None => return,
        };
        self.start_poller(folder, Because::Refused(why), first);
    }

    fn start_poller(&mut self, folder: PathBuf, because: Because, first: (Why, bool)) {
        if self.status.lock().polled.contains_key(&folder) {
            return;
        }
        let polled = Poller::start(self.root.id, folder.clone(), because, first, &self.options, self.teller.clone());
        match polled {
            Ok(polled) => {
                self.status.lock().polled.insert(folder, polled);
            }
            // The schedule is left.
            Err(error) => tracing::error!(%error, folder = %folder.display(), "could not start a thread to look at it"),
        }
    }

    /// Lets others know.
    pub(super) fn publish(&self) {
        let mut status = self.status.lock();
        status.is_known = true;
        status.watched = self.tree.as_ref().map_or(0, Tree::len);
        status.missing =
            self.bases.iter().filter(|(_, base)| *base == Base::Missing).map(|(folder, _)| folder.clone()).collect();
    }
}
