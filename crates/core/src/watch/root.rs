//! The thread that watches one root by events, and has what gives no events polled.
//!
//! Every root has a thread, a queue and an instance of the system's watcher of its own. It costs two sleeping threads a
//! root; in return a burst in one root overflows only its own queue, a disk that hangs holds only its own root, and
//! everything is rebuilt by throwing it away, which is what happens after every loss.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::inbox::{Batch, Inbox};
use super::options::{Moment, WatchOptions};
use super::part::{Part, SharedSettling, Teller};
use super::schedule::{Patience, Schedule, WakeUp, chance};
use super::settle::Touch;
use super::status::{Because, SharedStatus};
use super::tree::{Refused, Tree};
use super::{WatchRoot, Why};
use crate::disk::{FileSystem, MountTable};
use crate::scan::FileIdentity;

/// A root being watched, as the watcher sees it.
pub(super) struct RunningRoot {
    pub(super) status: SharedStatus,
    settling: SharedSettling,
    inbox: Arc<Inbox>,
    teller: Teller,
    ended: Receiver<()>,
}

impl RunningRoot {
    /// Starts a root's thread.
    pub(super) fn start(root: WatchRoot, options: &WatchOptions, teller: Teller) -> std::io::Result<Self> {
        let inbox = Arc::new(Inbox::new(options.queue));
        let status = SharedStatus::default();
        let (alive, ended) = channel();
        let part = Part::new(root.id, options, false, Why::TooMany, teller.clone());
        let now = options.clock.now();
        let running = Self {
            status: status.clone(),
            settling: Arc::clone(&part.settling),
            inbox: Arc::clone(&inbox),
            teller: teller.clone(),
            ended,
        };
        let thread = RootThread {
            bases: root.folders.iter().map(|folder| (folder.clone(), Base::Missing)).collect(),
            root,
            part,
            inbox,
            status,
            teller,
            tree: None,
            mounts: MountTable::default(),
            rebuild: Some((Why::Start, false)),
            patience: Patience::new(options),
            refused: None,
            schedule: Schedule::new(options.schedule_local, now.awake, chance()),
            wake_up: WakeUp::new(now),
            next_presence: now.awake.saturating_add(options.presence),
            options: options.clone(),
            _alive: alive,
        };
        std::thread::Builder::new().name("watch-root".to_owned()).spawn(move || thread.run())?;
        Ok(running)
    }

    /// Tells the threads to end; [`Self::join`] waits for it.
    pub(super) fn stop(&self) {
        self.teller.close();
        self.inbox.stop();
        for polled in self.status.lock().polled.values() {
            polled.inbox.stop();
        }
    }

    /// Waits for the thread to end, for a moment. One that waits for a disk is left behind, and ends when it answers.
    pub(super) fn join(self, most: Duration) {
        self.stop();
        // Nothing is ever sent: the other end is dropped with the thread.
        let _ = self.ended.recv_timeout(most);
        // It may have begun to poll a folder while it was told to stop.
        self.stop();
    }

    /// Files that are still being written.
    pub(super) fn unsettled(&self) -> Vec<PathBuf> {
        let mut all = vec![Arc::clone(&self.settling)];
        all.extend(self.status.lock().polled.values().map(|polled| Arc::clone(&polled.settling)));
        let list = |settling: SharedSettling| {
            let settling = settling.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            settling.paths().cloned().collect::<Vec<_>>()
        };
        all.into_iter().flat_map(list).collect()
    }
}

/// What one of the root's folders is at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    Missing,
    /// Watched by events.
    Here(FileIdentity),
    /// Polled.
    Foreign(FileSystem),
}

/// The thread's own.
pub(super) struct RootThread {
    pub(super) root: WatchRoot,
    pub(super) bases: Vec<(PathBuf, Base)>,
    pub(super) part: Part,
    pub(super) inbox: Arc<Inbox>,
    pub(super) status: SharedStatus,
    pub(super) teller: Teller,
    pub(super) tree: Option<Tree>,
    pub(super) mounts: MountTable,
    /// Set when what is watched may not be what is there.
    pub(super) rebuild: Option<(Why, bool)>,
    pub(super) patience: Patience,
    /// Why events are done without, if they are.
    pub(super) refused: Option<Refused>,
    pub(super) schedule: Schedule,
    pub(super) wake_up: WakeUp,
    pub(super) next_presence: Moment,
    pub(super) options: WatchOptions,
    _alive: Sender<()>,
}

impl RootThread {
    fn run(mut self) {
        while let Some(batch) = self.wait() {
            let now = self.now();
            self.handle(batch, now);
            self.keep_time(now);
            for folder in self.part.look(now) {
                self.adopt(&folder, Touch::Appeared, now);
            }
            match self.rebuild {
                // A loss is told after everything is watched again, or what happens in between is lost as well. While
                // losses go on, that is not tried for each of them.
                Some((why, lost_events)) if self.is_burst_over(why, now) => {
                    self.rebuild = None;
                    self.build(why, lost_events);
                    self.patience.done(self.now());
                    self.part.tell(self.now());
                }
                Some(_) => {}
                None => self.part.tell(now),
            }
        }
        for polled in self.status.lock().polled.values() {
            polled.inbox.stop();
        }
    }

    fn is_starting(&self) -> bool {
        self.rebuild.is_some_and(|(why, _)| why == Why::Start)
    }

    fn is_burst_over(&self, why: Why, now: Moment) -> bool {
        let is_over = self.part.gathering.next().is_none_or(|next| next <= now);
        why == Why::Start || is_over && self.patience.not_before() <= now
    }

    pub(super) fn now(&self) -> Moment {
        self.options.clock.now().awake
    }

    /// Waits for events, or for the next thing to do.
    fn wait(&mut self) -> Option<Batch> {
        let before = self.options.clock.now();
        let part = self.part.next();
        let part = if self.rebuild.is_some() { part.map(|next| next.max(self.patience.not_before())) } else { part };
        let next = [Some(self.next_presence), Some(self.schedule.next()), part].into_iter().flatten().min();
        let most = next.unwrap_or(before.awake).saturating_sub(before.awake);
        let most = if self.is_starting() { Duration::ZERO } else { most };
        let mut slept = self.wake_up.slept(before, None);
        // No longer than `presence`: the clock may be another's, and jump.
        let batch = self.inbox.wait(most.min(self.options.presence))?;
        slept |= self.wake_up.slept(self.options.clock.now(), Some(before.awake.saturating_add(most)));
        if slept {
            self.begin_rebuild(Why::WokeUp, false);
        }
        Some(batch)
    }

    pub(super) fn begin_rebuild(&mut self, why: Why, lost_events: bool) {
        let (_, lost) = self.rebuild.get_or_insert((why, false));
        *lost |= lost_events;
        // So that it is done once the burst is over.
        let now = self.now();
        self.part.gathering.everything(why, lost_events, now);
    }

    fn keep_time(&mut self, now: Moment) {
        if now >= self.schedule.next() {
            self.plan_next_look(now);
            if self.refused.is_some() {
                // Other programs may have given watches back.
                self.begin_rebuild(Why::Schedule, false);
            } else {
                self.part.gathering.everything(Why::Schedule, false, now);
            }
        }
        // Before anything is watched there is nothing that could have been replaced.
        if now >= self.next_presence && !self.is_starting() {
            self.next_presence = now.saturating_add(self.options.presence);
            self.look_for_bases(now);
        }
    }

    pub(super) fn plan_next_look(&mut self, now: Moment) {
        let has_network = self.status.lock().polled.values().any(|polled| matches!(polled.because, Because::Of(_)));
        let every = if has_network { self.options.schedule_network } else { self.options.schedule_local };
        self.schedule = Schedule::new(every, now, chance());
    }

    /// Whether what the root consists of is still what is watched. A mount put over a folder, or taken off, is no event.
    fn look_for_bases(&mut self, now: Moment) {
        if let Some(mounts) = MountTable::read() {
            let matters = |place: &Path| {
                let touches = |folder: &Path| place.starts_with(folder) || folder.starts_with(place);
                self.bases.iter().any(|(folder, _)| touches(folder))
                    || self
                        .tree
                        .as_ref()
                        .is_some_and(|tree| tree.real_folders().any(|folder| folder.starts_with(place)))
            };
            if mounts.changed_since(&self.mounts).any(matters) {
                self.begin_rebuild(Why::RootAppeared, false);
            }
            if mounts != self.mounts {
                self.tree.iter_mut().for_each(|tree| tree.set_mounts(mounts.clone()));
                self.mounts = mounts;
            }
        }
        for at in 0..self.bases.len() {
            let (folder, was) = &self.bases[at];
            let is = self.state_of(folder);
            match (was, is) {
                (was, is) if *was == is => {}
                (_, Base::Missing) => {
                    let folder = folder.clone();
                    self.bases[at].1 = is;
                    let below = self.tree.as_mut().map(|tree| tree.remove(&folder)).unwrap_or_default();
                    self.publish();
                    self.part.folder_vanished(&folder, &below, now);
                }
                _ => self.begin_rebuild(Why::RootAppeared, false),
            }
        }
    }
}
