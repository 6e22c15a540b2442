//! Gathers what changed in one root and says when it is time to tell. Pure: the time is passed in.
//!
//! Written in-house rather than taken from `notify-debouncer-full`: that one keeps every event and its order, which a
//! hint does not need, treats a lost event as just another event, and runs on the real clock, so that "no burst delays
//! a hint for ever" could only be tested by waiting.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::options::{Moment, WatchOptions};
use super::{Hint, Why};
use crate::units::RootId;

/// More written files than this are not named one by one.
const MOST_WRITTEN: usize = 10_000;

/// What changed in a root since it was last told.
#[derive(Debug)]
pub(super) struct Gathering {
    root: RootId,
    quiet: Duration,
    longest: Duration,
    too_many: usize,
    too_many_is: Why,
    folders: BTreeSet<PathBuf>,
    written: BTreeSet<PathBuf>,
    everything: Option<(Why, bool)>,
    /// The first and the last change.
    during: Option<(Moment, Moment)>,
}

impl Gathering {
    /// Nothing has changed yet.
    pub(super) fn new(root: RootId, options: &WatchOptions, too_many_is: Why) -> Self {
        Self {
            root,
            quiet: options.debounce,
            longest: options.longest_burst,
            too_many: options.too_many,
            too_many_is,
            folders: BTreeSet::new(),
            written: BTreeSet::new(),
            everything: None,
            during: None,
        }
    }

    /// Something in this folder changed.
    pub(super) fn folder(&mut self, folder: &Path, now: Moment) {
        self.note(now);
        if self.everything.is_none() {
            if !self.folders.contains(folder) {
                self.folders.insert(folder.to_owned());
            }
            self.fold();
        }
    }

    /// This file's contents were written to, and it has settled.
    pub(super) fn written(&mut self, file: PathBuf, now: Moment) {
        self.note(now);
        if self.written.len() < MOST_WRITTEN {
            self.written.insert(file);
            self.fold();
        } else {
            self.everything(self.too_many_is, true, now);
        }
    }

    /// Something changed, and nobody knows what. The first reason is the one that is told, unless a loss follows.
    pub(super) fn everything(&mut self, why: Why, lost_events: bool, now: Moment) {
        self.note(now);
        self.folders.clear();
        match &mut self.everything {
            Some((_, true)) => {}
            Some(told) if lost_events => *told = (why, true),
            Some(_) => {}
            none => *none = Some((why, lost_events)),
        }
    }

    /// When to tell: after a pause, or when the burst has lasted long enough.
    pub(super) fn next(&self) -> Option<Moment> {
        self.during.map(|(first, last)| last.saturating_add(self.quiet).min(first.saturating_add(self.longest)))
    }

    /// What to tell now, if it is time.
    pub(super) fn take(&mut self, now: Moment) -> Vec<Hint> {
        if self.next().is_none_or(|next| next > now) {
            return Vec::new();
        }
        self.during = None;
        let folders: Vec<PathBuf> = std::mem::take(&mut self.folders).into_iter().collect();
        let written: Vec<PathBuf> = std::mem::take(&mut self.written).into_iter().collect();
        let mut hints = Vec::new();
        // Before the look at everything, which must not trust the stored hashes of these.
        if !folders.is_empty() || !written.is_empty() {
            hints.push(Hint::Look { root: self.root, folders, written });
        }
        if let Some((why, lost_events)) = self.everything.take() {
            hints.push(Hint::LookAtAll { roots: vec![self.root], why, lost_events });
        }
        hints
    }

    fn note(&mut self, now: Moment) {
        let (_, last) = self.during.get_or_insert((now, now));
        *last = now;
    }

    fn fold(&mut self) {
        if self.everything.is_none() && self.folders.len() + self.written.len() > self.too_many {
            self.folders.clear();
            // What was written is still named, so nothing is lost.
            self.everything = Some((self.too_many_is, false));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> Moment {
        Duration::from_millis(millis)
    }

    fn gathering() -> Gathering {
        Gathering::new(RootId(1), &WatchOptions::default(), Why::TooMany)
    }

    fn folder(number: usize) -> PathBuf {
        format!("/models/{number}").into()
    }

    #[test]
    fn a_burst_is_one_hint_after_its_end() {
        let mut gathering = gathering();
        for millis in [0, 100, 250, 400] {
            gathering.folder(&folder(1), at(millis));
            gathering.folder(&folder(2), at(millis));
        }
        assert_eq!(gathering.take(at(500)), []);
        let hint = Hint::Look { root: RootId(1), folders: vec![folder(1), folder(2)], written: vec![] };
        assert_eq!(gathering.take(at(600)), [hint]);
        assert_eq!(gathering.next(), None);
    }

    #[test]
    fn too_many_folders_are_everything_and_what_was_written_is_still_named() {
        let mut gathering = gathering();
        gathering.written("/models/a.pt".into(), at(0));
        for number in 0..600 {
            gathering.folder(&folder(number), at(1));
        }
        let hints = gathering.take(at(1000));
        let written = vec!["/models/a.pt".into()];
        assert_eq!(
            hints,
            [
                Hint::Look { root: RootId(1), folders: vec![], written },
                Hint::LookAtAll { roots: vec![RootId(1)], why: Why::TooMany, lost_events: false }
            ]
        );
    }

    #[test]
    fn a_loss_is_told_even_if_something_else_came_first() {
        let mut gathering = gathering();
        gathering.everything(Why::Schedule, false, at(0));
        gathering.everything(Why::Overflow, true, at(1));
        gathering.folder(&folder(1), at(2));
        let hint = Hint::LookAtAll { roots: vec![RootId(1)], why: Why::Overflow, lost_events: true };
        assert_eq!(gathering.take(at(1000)), [hint]);
    }

    proptest! {
        /// Every change is told, by name or as everything, no later than the longest burst and the time until somebody
        /// asks.
        #[test]
        fn every_change_is_told_in_time(
            changes in prop::collection::vec((0_u64..150, 0_usize..700, prop::bool::ANY), 1..1500)
        ) {
            let mut gathering = gathering();
            let mut now = at(0);
            let mut untold: Vec<(Moment, PathBuf, bool)> = Vec::new();
            let mut changes = changes.into_iter();
            loop {
                let change = changes.next();
                now = match (&change, gathering.next()) {
                    (Some((after, ..)), _) => now + at(*after),
                    (None, Some(next)) => now.max(next),
                    (None, None) => break,
                };
                if let Some((_, number, is_written)) = change {
                    let path = folder(number);
                    if is_written { gathering.written(path.clone(), now) } else { gathering.folder(&path, now) }
                    untold.push((now, path, is_written));
                }
                for hint in gathering.take(now) {
                    match hint {
                        Hint::Look { folders, written, .. } => {
                            prop_assert!(folders.len() + written.len() <= 700 * 2);
                            untold.retain(|(_, path, is_written)| {
                                !if *is_written { written.contains(path) } else { folders.contains(path) }
                            });
                        }
                        Hint::LookAtAll { lost_events, .. } => {
                            untold.retain(|(_, _, is_written)| *is_written && !lost_events);
                        }
                    }
                }
                for (since, path, _) in &untold {
                    prop_assert!(now.saturating_sub(*since) < at(2000), "{path:?} waits since {since:?}");
                }
            }
            prop_assert!(untold.is_empty());
        }
    }
}
