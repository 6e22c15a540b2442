//! How each root is being watched, for people and for those who ask what is still being written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Method;
use super::inbox::Inbox;
use super::options::Moment;
use super::part::SharedSettling;
use crate::disk::FileSystem;

/// A listing that takes longer is told to people as a drive that does not answer.
const NO_ANSWER: Duration = Duration::from_secs(30);

/// Since when a thread has been waiting for a disk.
#[derive(Debug, Default)]
pub(super) struct Waiting(AtomicU64);

impl Waiting {
    /// It begins to wait.
    pub(super) fn begin(&self, now: Moment) {
        self.0.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX).max(1), Ordering::Relaxed);
    }

    /// It has its answer.
    pub(super) fn end(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    fn lasted(&self, now: Moment) -> Duration {
        match self.0.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            since => now.saturating_sub(Duration::from_millis(since)),
        }
    }
}

/// Why a folder is polled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Because {
    /// Others write to it behind the system's back.
    Of(FileSystem),
    /// The system refused to watch it, and what it said.
    Refused(String),
}

/// A polled folder, as others see it.
#[derive(Debug, Clone)]
pub(super) struct Polled {
    pub(super) because: Because,
    pub(super) waiting: Arc<Waiting>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) settling: SharedSettling,
}

/// What one root's threads let others know.
#[derive(Debug, Default)]
pub(super) struct Status {
    /// How many folders are watched by events.
    pub(super) watched: usize,
    /// Folders of the root that are not there.
    pub(super) missing: Vec<PathBuf>,
    /// Whether the threads have got as far as knowing.
    pub(super) is_known: bool,
    pub(super) polled: BTreeMap<PathBuf, Polled>,
}

/// Shared between a root's threads and the watcher.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedStatus(Arc<Mutex<Status>>);

impl SharedStatus {
    /// Nobody holds it while waiting for a disk.
    pub(super) fn lock(&self) -> MutexGuard<'_, Status> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For people.
    pub(super) fn method(&self, now: Moment, poll: Duration) -> (Method, Option<String>) {
        let status = self.lock();
        if !status.polled.is_empty() {
            let reasons: Vec<String> =
                status.polled.iter().map(|(folder, polled)| why_polled(folder, polled, now, poll)).collect();
            return (Method::Polling, Some(reasons.join("; ")));
        }
        let missing =
            status.missing.iter().map(|folder| format!("`{}`", folder.display())).collect::<Vec<_>>().join(", ");
        match (status.watched, status.is_known) {
            (1.., _) => (Method::Events, None),
            (0, true) => {
                (Method::Unwatched, Some(format!("{missing} cannot be found; it is looked for again and again")))
            }
            (0, false) => (Method::Unwatched, Some("Watching has only just begun".to_owned())),
        }
    }
}

fn why_polled(folder: &Path, polled: &Polled, now: Moment, poll: Duration) -> String {
    let waited = polled.waiting.lasted(now);
    let folder = folder.display();
    if waited >= NO_ANSWER {
        return format!("`{folder}` has not answered for {} seconds", waited.as_secs());
    }
    let seconds = poll.as_secs().max(1);
    match &polled.because {
        Because::Of(FileSystem::Fuse) => {
            format!(
                "`{folder}` lies on a drive that may not tell about changes; it is looked at every {seconds} seconds or so"
            )
        }
        Because::Of(FileSystem::Network | FileSystem::Local | FileSystem::Unknown) => {
            format!(
                "`{folder}` lies on a network drive, which does not tell about changes; it is looked at every {seconds} seconds or so"
            )
        }
        Because::Refused(why) => format!("{why}; `{folder}` is looked at every {seconds} seconds or so"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::WatchOptions;
    use crate::watch::settle::Settling;

    #[test]
    fn people_are_told_when_a_drive_does_not_answer() {
        let status = SharedStatus::default();
        let waiting = Arc::new(Waiting::default());
        let polled = Polled {
            because: Because::Of(FileSystem::Network),
            waiting: Arc::clone(&waiting),
            inbox: Arc::new(Inbox::new(0)),
            settling: Arc::new(Mutex::new(Settling::new(&WatchOptions::default(), true))),
        };
        status.lock().polled.insert("/mnt/nas".into(), polled);
        let text = |now| status.method(Duration::from_secs(now), Duration::from_secs(10)).1.unwrap();
        assert!(text(100).contains("network drive"), "{}", text(100));
        waiting.begin(Duration::from_secs(100));
        assert!(text(120).contains("network drive"), "{}", text(120));
        assert_eq!(text(150), "`/mnt/nas` has not answered for 50 seconds");
        waiting.end();
        assert!(text(150).contains("network drive"), "{}", text(150));
    }
}
