//! Notices that model folders change, and hints where to look.
//!
//! Events are hints, the scan is the truth. What a system says about files is late, doubled, out of order, and missing
//! where a queue ran over, a drive belongs to another machine, or the machine slept. So nothing here says what happened:
//! a [`Hint`] says where it is worth looking, and whenever something may have been missed, it says "everywhere". A hint
//! too many costs a few directory listings, a hint too few is made good by the schedule.
//!
//! ```text
//! system ─► Tree ─► Sign ─► Inbox ─► root's thread ─┬─ model files ─► Settling ─┐
//! folders without events ─► Snapshot ─► thread each ┴─ all the rest ────────────┴─► Gathering ─► Hint
//! ```
//!
//! - `signs` reduces the system's events, `names` says which names matter, `inbox` holds what waits;
//! - `tree` keeps the watched folders, `build` and `react` keep it right, `root` is the thread;
//! - `poll` and `snapshot` stand in where there are no events;
//! - `settle` holds back files that are being written, `debounce` gathers, `schedule` mistrusts the rest: all pure.
//!
//! Not heard of, and left to the schedule: writes to a file elsewhere that only a link in a root leads to, and writes
//! through a name of a file that lies outside every root.
//!
//! It is questionable whether every root needs threads of its own. A mount whose server has gone holds a thread inside
//! the kernel, beyond any time-out, and the alternative is one dead drive that silences all others.

mod build;
mod debounce;
mod inbox;
mod names;
mod options;
mod part;
mod poll;
mod react;
mod root;
mod schedule;
mod settle;
mod signs;
mod snapshot;
mod status;
mod tree;

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use options::{Clock, Now, WatchOptions};

use self::part::Teller;
use self::root::RunningRoot;
use crate::units::RootId;

/// Threads that wait for a disk are left behind after this long.
const LONGEST_GOODBYE: Duration = Duration::from_secs(1);

/// A root to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchRoot {
    /// Which.
    pub id: RootId,
    /// Where it is.
    pub path: PathBuf,
    /// The folders a scan of it walks ([`crate::roots::ScanPlan::bases`]). They need not exist.
    pub folders: Vec<PathBuf>,
}

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Something in these folders changed.
    Look {
        /// Whose folders they are.
        root: RootId,
        /// Not with the folders in them, which are named themselves. Some of these may be gone. A model file in them
        /// may still be being written; [`Watcher::unsettled`] knows.
        folders: Vec<PathBuf>,
        /// Model files whose contents were written to, and which have settled: what is known of their contents is not
        /// true any more, even if their size and times say so. A file with several names (hard links) is told under
        /// the one it was written to.
        written: Vec<PathBuf>,
    },
    /// Something may have been missed.
    LookAtAll {
        /// Look at everything in these.
        roots: Vec<RootId>,
        /// For people.
        why: Why,
        /// Whether writes to model files may be among what was missed, so that size and times may deceive.
        lost_events: bool,
    },
}

/// Why everything is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Watching has begun.
    Start,
    /// More happened at once than the system, or the watcher, remembers.
    Overflow,
    /// The system's watcher failed, or will not watch more.
    Error,
    /// More changed than is worth naming.
    TooMany,
    /// The machine slept.
    WokeUp,
    /// It is time again.
    Schedule,
    /// A folder that was not there is there, or another one has taken its place.
    RootAppeared,
    /// A folder without events changed in many places.
    Polled,
}

/// How a root is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The system tells about changes at once.
    Events,
    /// At least a part of it is listed again and again.
    Polling,
    /// Not at the moment.
    Unwatched,
}

/// Watches roots until it is dropped.
pub struct Watcher {
    roots: Mutex<Vec<Watched>>,
    options: WatchOptions,
    teller: Teller,
}

/// A root, and its thread or why there is none.
struct Watched {
    root: WatchRoot,
    running: Result<RunningRoot, String>,
}

impl Watcher {
    /// Begins to watch. Returns at once; each root's first hint is a [`Hint::LookAtAll`], given when it is watched, so
    /// that nothing falls between the look and the watching.
    ///
    /// `on_hint` is called on the watcher's threads, by one at a time, and should return soon: meanwhile the others wait.
    pub fn start(roots: Vec<WatchRoot>, options: WatchOptions, on_hint: impl Fn(Hint) + Send + 'static) -> Self {
        let watcher = Self { roots: Mutex::default(), options, teller: Teller::new(on_hint) };
        watcher.set_roots(roots);
        watcher
    }

    /// From now on these. Roots that are the same stay watched without a gap; the others begin with a look at all.
    pub fn set_roots(&self, roots: Vec<WatchRoot>) {
        let mut watched = self.lock();
        let (mut kept, ended): (Vec<Watched>, Vec<Watched>) =
            std::mem::take(&mut *watched).into_iter().partition(|watched| roots.contains(&watched.root));
        for root in roots {
            if !kept.iter().any(|watched| watched.root == root) {
                let running = RunningRoot::start(root.clone(), &self.options, self.teller.another());
                let running = running.map_err(|error| format!("A thread could not be started: {error}"));
                kept.push(Watched { root, running });
            }
        }
        *watched = kept;
        drop(watched);
        end(ended);
    }

    /// How each root is watched, and why not better.
    pub fn methods(&self) -> Vec<(RootId, Method, Option<String>)> {
        let now = self.options.clock.now().awake;
        let method = |watched: &Watched| match &watched.running {
            Ok(running) => running.status.method(now, self.options.poll),
            Err(why) => (Method::Unwatched, Some(why.clone())),
        };
        let with_id = |watched: &Watched| {
            let (method, why) = method(watched);
            (watched.root.id, method, why)
        };
        self.lock().iter().map(with_id).collect()
    }

    /// Model files that are still being written, or were a moment ago. A hint follows for each of them; a scan of their
    /// folder does well to leave them for that.
    pub fn unsettled(&self) -> Vec<PathBuf> {
        self.lock()
            .iter()
            .filter_map(|watched| watched.running.as_ref().ok())
            .flat_map(RunningRoot::unsettled)
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Watched>> {
        self.roots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watcher {
    /// No hint is given after this, but for one that is being given.
    fn drop(&mut self) {
        end(std::mem::take(&mut *self.lock()));
    }
}

fn end(watched: Vec<Watched>) {
    let running: Vec<RunningRoot> = watched.into_iter().filter_map(|watched| watched.running.ok()).collect();
    running.iter().for_each(RunningRoot::stop);
    let started = Instant::now();
    for root in running {
        root.join(LONGEST_GOODBYE.saturating_sub(started.elapsed()));
    }
}
