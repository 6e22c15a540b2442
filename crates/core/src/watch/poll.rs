//! Looks again and again at a folder that no events come from.
//!
//! One thread for each such folder: a server that has gone holds whoever asks it anything, for minutes or for ever, and
//! must hold nobody else. Such a thread is left behind when the watcher ends, and ends when its drive answers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Why;
use super::inbox::Inbox;
use super::options::WatchOptions;
use super::part::{Part, Teller};
use super::settle::Touch;
use super::snapshot::Snapshot;
use super::status::{Because, Polled, Waiting};
use crate::units::RootId;

/// Listing may take one part in this many of the time, or it would be a load on the server and the machine.
const SHARE_OF_TIME: u32 = 50;

/// But a folder is looked at this often, however long it takes.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// A thread that polls one folder.
pub(super) struct Poller {
    folder: PathBuf,
    part: Part,
    options: WatchOptions,
    inbox: Arc<Inbox>,
    waiting: Arc<Waiting>,
    /// What to tell once the folder was listed for the first time: whatever changes after that is noticed.
    first: Option<(Why, bool)>,
}

impl Poller {
    /// Starts one. It ends once the inbox is stopped.
    pub(super) fn start(
        root: RootId,
        folder: PathBuf,
        because: Because,
        first: (Why, bool),
        options: &WatchOptions,
        teller: Teller,
    ) -> std::io::Result<Polled> {
        let network = matches!(because, Because::Of(_));
        let part = Part::new(root, options, network, Why::Polled, teller);
        let polled = Polled {
            because,
            waiting: Arc::default(),
            inbox: Arc::new(Inbox::new(0)),
            settling: Arc::clone(&part.settling),
        };
        let thread = Self {
            folder,
            part,
            options: options.clone(),
            inbox: Arc::clone(&polled.inbox),
            waiting: Arc::clone(&polled.waiting),
            first: Some(first),
        };
        // Never joined: it may be waiting for a drive that does not answer.
        std::thread::Builder::new().name("watch-poll".to_owned()).spawn(move || thread.run())?;
        Ok(polled)
    }

    fn run(mut self) {
        let mut before = Snapshot::default();
        let mut next_poll = self.options.clock.now().awake;
        loop {
            let now = self.options.clock.now().awake;
            if now >= next_poll {
                self.waiting.begin(now);
                let taken = Snapshot::take(&self.folder, &before, || self.inbox.is_stopped());
                self.waiting.end();
                let Some(snapshot) = taken else { return };
                let end = self.options.clock.now().awake;
                self.compare(&before, &snapshot, end);
                before = snapshot;
                let pause = (end.saturating_sub(now) * SHARE_OF_TIME).min(LONGEST_PAUSE).max(self.options.poll);
                next_poll = end.saturating_add(pause);
            }
            self.waiting.begin(now);
            self.part.look(self.options.clock.now().awake);
            self.waiting.end();
            let now = self.options.clock.now().awake;
            self.part.tell(now);
            let next = self.part.next().map_or(next_poll, |next| next.min(next_poll));
            // No longer than `presence`: the clock may be another's, and jump.
            if self.inbox.wait(next.saturating_sub(now).min(self.options.presence)).is_none() {
                return;
            }
        }
    }

    fn compare(&mut self, before: &Snapshot, snapshot: &Snapshot, now: Duration) {
        if let Some((why, lost_events)) = self.first.take() {
            self.part.gathering.everything(why, lost_events, now);
            return;
        }
        if before.is_nothing() && !snapshot.is_nothing() {
            self.part.gathering.everything(Why::RootAppeared, false, now);
            return;
        }
        let changes = snapshot.changes_since(before);
        for folder in changes.folders {
            self.part.gathering.folder(&folder, now);
        }
        for path in changes.appeared {
            self.part.touch(&path, Touch::Appeared, now);
        }
        for path in changes.written {
            self.part.touch(&path, Touch::Written, now);
        }
    }
}
