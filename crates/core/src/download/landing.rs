//! Which bytes of one download are promised, written and on the disk; shared by those who fetch, write, hash and sync.
//!
//! Parts are given out from the front, so that the digest behind the front stays close to the newest byte and finds it in
//! memory.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::extents::Extents;
use crate::error::Error;

/// One download's bytes.
#[derive(Debug)]
pub(crate) struct Landing {
    state: Mutex<State>,
    /// For the threads that hash and sync.
    moved: Condvar,
    /// For connections that wait for a part to be given back.
    freed: Notify,
}

#[derive(Debug, Default)]
struct State {
    total: Option<u64>,
    /// Written, or promised to a connection.
    taken: Extents,
    landed: Extents,
    /// How many of them are on the disk.
    synced: u64,
    hashed: u64,
    /// Where the front was when this began: that much is read again first, however long it takes.
    begun: u64,
    failure: Option<Error>,
    closed: bool,
}

impl State {
    fn is_over(&self) -> bool {
        self.closed || self.failure.is_some()
    }

    fn unsynced(&self) -> u64 {
        self.landed.bytes().saturating_sub(self.synced)
    }

    fn unhashed(&self) -> u64 {
        let is_behind_begun = self.hashed < self.begun;
        if is_behind_begun { 0 } else { self.landed.front().saturating_sub(self.hashed) }
    }
}

/// What a connection may fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    /// These bytes, which nobody else fetches.
    Part(u64, u64),
    /// Nothing now; somebody may give a part back.
    Wait,
    /// Everything is there.
    Nothing,
}

/// How far a thread may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Front {
    /// Everything before this is written.
    At(u64),
    /// Everything is, and this is where it ends.
    End(u64),
    /// No more will come.
    Closed,
}

impl Landing {
    /// With what was written an earlier time.
    pub(crate) fn new(begun: Extents, total: Option<u64>) -> Self {
        let state = State {
            total,
            taken: begun.clone(),
            synced: begun.bytes(),
            begun: begun.front(),
            landed: begun,
            ..State::default()
        };
        Self { state: Mutex::new(state), moved: Condvar::new(), freed: Notify::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The length of the file, once it is known.
    pub(crate) fn total(&self) -> Option<u64> {
        self.lock().total
    }

    /// Says how long the file is.
    pub(crate) fn set_total(&self, total: u64) {
        self.lock().total = Some(total);
        self.moved.notify_all();
    }

    /// The next part for a connection, at most `most` bytes of it.
    pub(crate) fn claim(&self, most: u64) -> Claim {
        let mut state = self.lock();
        let Some(total) = state.total else { return Claim::Wait };
        if state.landed.is_whole(total) {
            return Claim::Nothing;
        }
        match state.taken.gap(0, total, most) {
            Some((start, end)) => {
                state.taken.add(start, end);
                Claim::Part(start, end)
            }
            None => Claim::Wait,
        }
    }

    /// Keeps a part from being given to others, whoever fetches it.
    pub(crate) fn take(&self, start: u64, end: u64) {
        self.lock().taken.add(start, end);
    }

    /// Gives back what was not fetched of a part.
    pub(crate) fn release(&self, start: u64, end: u64) {
        if start < end {
            let mut state = self.lock();
            state.taken.remove(start, end);
            // What was written stays written.
            let landed = state.landed.clone();
            landed.each(|a, b| state.taken.add(a, b));
            drop(state);
            self.freed.notify_waiters();
        }
    }

    /// Resolves when it is worth to [`Self::claim`] again, or after a moment.
    pub(crate) async fn freed(&self) {
        let _ = tokio::time::timeout(Duration::from_millis(100), self.freed.notified()).await;
    }

    /// Notes that these bytes were written; says how many are there.
    pub(crate) fn landed(&self, start: u64, end: u64) -> u64 {
        let mut state = self.lock();
        state.taken.add(start, end);
        state.landed.add(start, end);
        let bytes = state.landed.bytes();
        let is_whole = state.total.is_some_and(|total| state.landed.is_whole(total));
        drop(state);
        self.moved.notify_all();
        if is_whole {
            self.freed.notify_waiters();
        }
        bytes
    }

    /// What was written.
    pub(crate) fn parts(&self) -> Extents {
        self.lock().landed.clone()
    }

    /// Notes how far the digest is.
    pub(crate) fn hashed(&self, position: u64) {
        self.lock().hashed = position;
        self.moved.notify_all();
    }

    /// How far the digest is.
    pub(crate) fn hashed_to(&self) -> u64 {
        self.lock().hashed
    }

    /// Nothing more can be written; the first reason is kept.
    pub(crate) fn fail(&self, error: Error) {
        self.lock().failure.get_or_insert(error);
        self.moved.notify_all();
        self.freed.notify_waiters();
    }

    /// Why nothing more can be written.
    pub(crate) fn failure(&self) -> Option<Error> {
        self.lock().failure.clone()
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.moved.notify_all();
    }

    /// Waits until more than `beyond` is written without a gap.
    pub(crate) fn wait_front(&self, beyond: u64) -> Front {
        let mut state = self.lock();
        loop {
            let front = state.landed.front();
            match state.total {
                Some(total) if front >= total => return Front::End(total),
                Some(_) if front > beyond => return Front::At(front),
                _ if state.is_over() => return Front::Closed,
                _ => state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Waits for `time`, until `most` bytes are written and not on the disk, or until nothing more will come; says whether
    /// that is so.
    pub(crate) fn wait_unsynced(&self, time: Duration, most: u64) -> bool {
        let state = self.lock();
        let (state, _) = self
            .moved
            .wait_timeout_while(state, time, |state| !state.is_over() && state.unsynced() < most)
            .unwrap_or_else(PoisonError::into_inner);
        state.is_over()
    }

    /// Waits while as many bytes as `unsynced` are written and not on the disk, or as many as `unhashed` are written and
    /// not digested; not when nothing more will come.
    pub(crate) fn wait_for_others(&self, unsynced: u64, unhashed: u64) {
        let is_behind = |state: &mut State| state.unsynced() >= unsynced || state.unhashed() >= unhashed;
        let state = self.lock();
        let waited = self.moved.wait_while(state, |state| !state.is_over() && is_behind(state));
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Notes how many bytes are on the disk.
    pub(crate) fn synced(&self, bytes: u64) {
        self.lock().synced = bytes;
        self.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_given_out_once_and_again_after_it_was_given_back() {
        let landing = Landing::new(Extents::default(), Some(100));
        assert_eq!(landing.claim(60), Claim::Part(0, 60));
        assert_eq!(landing.claim(60), Claim::Part(60, 100));
        assert_eq!(landing.claim(60), Claim::Wait);
        landing.landed(0, 30);
        landing.release(30, 60);
        assert_eq!(landing.claim(60), Claim::Part(30, 60));
        landing.landed(60, 100);
        assert_eq!(landing.wait_front(0), Front::At(30));
        landing.landed(30, 60);
        assert_eq!(landing.claim(60), Claim::Nothing);
        assert_eq!(landing.wait_front(100), Front::End(100));
    }

    #[test]
    fn who_writes_waits_for_the_digest_but_not_for_what_was_there_before() {
        let mut there = Extents::default();
        there.add(0, 50);
        let landing = Landing::new(there, Some(100));
        landing.landed(50, 60);
        landing.hashed(40);
        landing.wait_for_others(1000, 5);
        landing.hashed(50);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| landing.wait_for_others(1000, 5));
            landing.hashed(56);
            writer.join().unwrap();
        });
    }

    #[test]
    fn who_waits_for_bytes_that_will_not_come_is_told() {
        let landing = Landing::new(Extents::default(), Some(100));
        landing.landed(10, 20);
        landing.close();
        assert_eq!(landing.wait_front(0), Front::Closed);
        assert!(landing.wait_unsynced(Duration::from_secs(600), 50));
        landing.wait_for_others(1, 1);
    }

    #[test]
    fn who_writes_waits_for_the_disk_and_the_disk_for_no_more_than_it_was_promised() {
        let landing = Landing::new(Extents::default(), Some(100));
        landing.landed(0, 60);
        landing.hashed(60);
        landing.wait_for_others(61, 1);
        assert!(!landing.wait_unsynced(Duration::from_secs(600), 60), "enough to begin with, and more to come");
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| landing.wait_for_others(60, 1));
            landing.synced(1);
            writer.join().unwrap();
        });
    }
}
