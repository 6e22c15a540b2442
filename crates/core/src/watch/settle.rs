//! Files that are being written, and when they have settled. Pure: looks and the time are passed in.
//!
//! A model of some gigabytes takes minutes to copy, and a hash of half of it is worth nothing. So a file that was
//! written to is not told about until two looks some time apart see the same. Being closed by its writer shortens the
//! time between the looks and does not replace them: copying tools set times after closing, and some open a file for
//! every piece. No event shortens a wait to nothing, and none can lengthen it beyond `longest`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::options::{Moment, WatchOptions};
use crate::scan::Fingerprint;

/// More unsettled files than this in one root are not waited for one by one.
pub(super) const MOST_FILES: usize = 10_000;

/// What an event says about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Touch {
    /// It is there and was not before.
    Appeared,
    /// It was renamed to this name, contents and all.
    Arrived,
    /// Its contents were written to.
    Written,
    /// Somebody who could write to it has closed it.
    Closed,
}

/// What a look at a file saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// A file like this.
    File(Fingerprint),
    /// Nothing, or nothing that is a file.
    Nothing,
}

/// A file that need not be waited for any longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) path: PathBuf,
    /// Its contents were written to, so its times alone do not say whether they are what they were.
    pub(super) written: bool,
}

#[derive(Debug)]
struct Held {
    since: Moment,
    written: bool,
    finished: bool,
    /// What the last look that began a wait saw, and when.
    seen: Option<(Fingerprint, Moment)>,
    look_at: Moment,
}

/// The files of one root that are being written.
#[derive(Debug)]
pub(super) struct Settling {
    files: HashMap<PathBuf, Held>,
    /// Between two looks at a file whose writer may not have finished.
    wait: Duration,
    /// Between two looks at a file whose writer has probably finished.
    short_wait: Duration,
    incomplete: Duration,
    longest: Duration,
}

impl Settling {
    /// Nothing is being written yet.
    pub(super) fn new(options: &WatchOptions, network: bool) -> Self {
        Self {
            files: HashMap::new(),
            wait: if network { options.settle_network } else { options.settle_local },
            short_wait: options.settle_finished,
            incomplete: options.settle_incomplete,
            longest: options.longest_hold,
        }
    }

    /// An event about a file. `false` if there are too many to hold another one.
    pub(super) fn touch(&mut self, path: &Path, touch: Touch, now: Moment) -> bool {
        if !self.files.contains_key(path) {
            if self.files.len() >= MOST_FILES {
                return false;
            }
            let held = Held { since: now, written: false, finished: false, seen: None, look_at: now };
            self.files.insert(path.to_owned(), held);
        }
        let Some(held) = self.files.get_mut(path) else { return false };
        held.seen = None;
        match touch {
            Touch::Appeared | Touch::Written => {
                held.finished = false;
                held.written |= touch == Touch::Written;
                // Not at once: as long as pieces keep coming, no look is worth its `stat`.
                held.look_at = now.saturating_add(self.short_wait.min(self.wait));
            }
            Touch::Arrived | Touch::Closed => {
                held.finished = true;
                held.written |= touch == Touch::Closed;
                held.look_at = now;
            }
        }
        true
    }

    /// Its contents were written to under another name, or before anyone watched.
    pub(super) fn mark_written(&mut self, path: &Path) {
        if let Some(held) = self.files.get_mut(path) {
            held.written = true;
        }
    }

    /// It is not there any more, by this name. Whether it had been written to.
    pub(super) fn forget(&mut self, path: &Path) -> Option<bool> {
        self.files.remove(path).map(|held| held.written)
    }

    /// Nothing in this folder, or below it, is there any more.
    pub(super) fn forget_below(&mut self, folder: &Path) {
        self.files.retain(|path, _| !path.starts_with(folder));
    }

    /// The files that want to be looked at.
    pub(super) fn due(&self, now: Moment) -> Vec<PathBuf> {
        let is_due = |held: &Held| self.due_at(held) <= now;
        self.files.iter().filter(|(_, held)| is_due(held)).map(|(path, _)| path.clone()).collect()
    }

    /// When the next file wants to be looked at.
    pub(super) fn next(&self) -> Option<Moment> {
        self.files.values().map(|held| self.due_at(held)).min()
    }

    /// Whether this file is not yet settled.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    /// What is not yet settled.
    pub(super) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.keys()
    }

    /// Whether a look saw what the one before saw.
    pub(super) fn is_unchanged(&self, path: &Path, seen: Seen) -> bool {
        let before = self.files.get(path).and_then(|held| held.seen);
        matches!((before, seen), (Some((before, _)), Seen::File(now)) if before == now)
    }

    /// A look's result. `whole` is whether the file is as long as it says itself; it matters only for one that
    /// [`Self::is_unchanged`].
    pub(super) fn looked(&mut self, path: &Path, seen: Seen, now: Moment, whole: bool) -> Option<Settled> {
        let held = self.files.get_mut(path)?;
        let Seen::File(print) = seen else { return self.settle(path) };
        if now >= held.since.saturating_add(self.longest) {
            return self.settle(path);
        }
        let wait = if held.finished { self.short_wait } else { self.wait };
        match held.seen {
            Some((before, at)) if before == print => {
                let unchanged = now.saturating_sub(at);
                if unchanged >= wait && (whole || unchanged >= self.incomplete) {
                    return self.settle(path);
                }
                // Past its wait and not whole: the writer pauses, and need not be looked for in a hurry.
                let next = if unchanged < wait { at.saturating_add(wait) } else { now.saturating_add(self.wait) };
                held.look_at = next;
            }
            _ => {
                held.seen = Some((print, now));
                held.look_at = now.saturating_add(wait);
            }
        }
        None
    }

    fn settle(&mut self, path: &Path) -> Option<Settled> {
        self.files.remove_entry(path).map(|(path, held)| Settled { path, written: held.written })
    }

    fn due_at(&self, held: &Held) -> Moment {
        held.look_at.min(held.since.saturating_add(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::scan::FileIdentity;

    const PATH: &str = "/models/a.safetensors";

    fn print(size: u64) -> Seen {
        let identity = FileIdentity { volume: 1, index: 1 };
        Seen::File(Fingerprint { identity, size, modified: 0, changed: 0, born: None })
    }

    fn at(millis: u64) -> Moment {
        Duration::from_millis(millis)
    }

    fn settling() -> Settling {
        Settling::new(&WatchOptions::default(), false)
    }

    /// Looks whenever a look is due, until the file has settled or `end`; `size` is the file at each moment.
    fn settles_at(settling: &mut Settling, end: u64, whole: bool, size: impl Fn(u64) -> u64) -> Option<u64> {
        loop {
            let now = settling.next()?;
            if now > at(end) {
                return None;
            }
            for path in settling.due(now) {
                let millis = u64::try_from(now.as_millis()).unwrap();
                if settling.looked(&path, print(size(millis)), now, whole).is_some() {
                    return Some(millis);
                }
            }
        }
    }

    #[test]
    fn a_closed_file_settles_within_a_second_and_an_open_one_within_three() {
        for (touch, latest) in
            [(Touch::Closed, 1000), (Touch::Arrived, 1000), (Touch::Written, 3000), (Touch::Appeared, 3000)]
        {
            let mut settling = settling();
            settling.touch(Path::new(PATH), touch, at(5000));
            let settled = settles_at(&mut settling, 60_000, true, |_| 7).unwrap();
            assert!((5001..=5000 + latest).contains(&settled), "{touch:?} {settled}");
        }
    }

    #[test]
    fn a_file_that_is_opened_again_is_held_again() {
        let mut settling = settling();
        settling.touch(Path::new(PATH), Touch::Closed, at(0));
        assert_eq!(settles_at(&mut settling, 100, true, |_| 7), None);
        settling.touch(Path::new(PATH), Touch::Written, at(100));
        assert!(settles_at(&mut settling, 60_000, true, |_| 8).unwrap() >= 2100);
    }

    #[test]
    fn a_file_that_grows_without_events_is_held() {
        let mut settling = settling();
        settling.touch(Path::new(PATH), Touch::Appeared, at(0));
        let settled = settles_at(&mut settling, 120_000, true, |millis| millis.min(30_000) / 1500).unwrap();
        assert!((31_000..36_000).contains(&settled), "{settled}");
    }

    #[test]
    fn an_incomplete_file_is_given_up_a_minute_after_its_last_change() {
        let mut settling = settling();
        settling.touch(Path::new(PATH), Touch::Closed, at(0));
        let settled = settles_at(&mut settling, 600_000, false, |millis| millis.min(20_000)).unwrap();
        assert!((80_000..90_000).contains(&settled), "{settled}");
    }

    #[test]
    fn a_file_that_never_stops_changing_is_told_after_the_longest_hold() {
        let mut settling = settling();
        settling.touch(Path::new(PATH), Touch::Written, at(0));
        assert_eq!(settles_at(&mut settling, 3_600_000, true, |millis| millis), Some(600_000));
    }

    #[test]
    fn what_was_written_once_stays_written_whatever_follows() {
        let mut settling = settling();
        for touch in [Touch::Written, Touch::Arrived, Touch::Appeared] {
            settling.touch(Path::new(PATH), touch, at(0));
        }
        assert_eq!(settling.forget(Path::new(PATH)), Some(true));
        settling.touch(Path::new(PATH), Touch::Arrived, at(0));
        assert_eq!(settling.forget(Path::new(PATH)), Some(false));
    }

    proptest! {
        /// Whatever happens to whichever files: every file is told about or held, none for longer than the longest
        /// hold, and none before it has looked the same for the short wait.
        #[test]
        fn every_file_settles_in_time_and_none_too_early(
            events in prop::collection::vec((0_u64..400, 0_usize..4, 0_usize..4), 1..200)
        ) {
            let touches = [Touch::Appeared, Touch::Arrived, Touch::Written, Touch::Closed];
            let paths: Vec<PathBuf> = (0..4).map(|number| format!("/models/{number}.pt").into()).collect();
            let mut settling = settling();
            let (mut now, mut sizes, mut changed) = (at(0), [0_u64; 4], [at(0); 4]);
            let mut told = BTreeSet::new();
            let mut events = events.into_iter();
            let mut next_event = events.next().map(|(after, file, touch)| (at(after), file, touch));
            let mut touched = BTreeSet::new();
            while let Some(next) = [next_event.map(|(at, ..)| at), settling.next()].into_iter().flatten().min() {
                now = now.max(next);
                prop_assert!(now < at(2_000_000), "it ends");
                if let Some((_, file, touch)) = next_event.filter(|(at, ..)| *at <= now) {
                    sizes[file] += u64::from(touches[touch] == Touch::Written);
                    changed[file] = now;
                    prop_assert!(settling.touch(&paths[file], touches[touch], now));
                    told.remove(&file);
                    touched.insert(file);
                    next_event = events.next().map(|(after, file, touch)| (now + at(after), file, touch));
                }
                for path in settling.due(now) {
                    let file = paths.iter().position(|other| *other == path).unwrap();
                    if settling.looked(&path, print(sizes[file]), now, true).is_some() {
                        let unchanged = now.saturating_sub(changed[file]);
                        prop_assert!(unchanged >= at(250), "{path:?} after {unchanged:?}");
                        told.insert(file);
                    }
                }
            }
            prop_assert_eq!(told, touched);
        }
    }
}
