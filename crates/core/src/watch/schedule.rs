//! When to look at everything without having been told to. Pure: the time is passed in.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use super::options::{Moment, Now, WatchOptions};

/// The clocks may part by this much through rounding and the time between reading one and the other.
const NOTICEABLE_SLEEP: Duration = Duration::from_secs(3);

/// A thread that is woken this much too late was stopped along with everything else, even if no clock shows it.
const NOTICEABLE_DELAY: Duration = Duration::from_secs(60);

/// A repeated look at a whole root.
#[derive(Debug)]
pub(super) struct Schedule {
    next: Moment,
}

impl Schedule {
    /// About `every` from now. `chance` in 0..1 spreads several roots, and several machines on one server, apart.
    pub(super) fn new(every: Duration, now: Moment, chance: f64) -> Self {
        Self { next: now.saturating_add(every.mul_f64(0.8 + 0.4 * chance.clamp(0.0, 1.0))) }
    }

    /// The moment of the next look.
    pub(super) fn next(&self) -> Moment {
        self.next
    }
}

/// A number in 0..1 that nobody can foresee; not for secrets.
pub(super) fn chance() -> f64 {
    // Every `RandomState` of a process is another one.
    f64::from(u32::try_from(RandomState::new().hash_one(0_u8) >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}

/// How soon everything may be watched anew once more.
///
/// Looking at everything opens every folder, opening a folder is an event, and so the answer to a full queue can fill it
/// again. Waiting longer each time ends that, and costs a root that really is so busy nothing it could have had.
#[derive(Debug)]
pub(super) struct Patience {
    not_before: Moment,
    wait: Duration,
    first: Duration,
    longest: Duration,
}

impl Patience {
    /// With these waits; calm is what lasts for the longest of them.
    pub(super) fn new(options: &WatchOptions) -> Self {
        Self {
            not_before: Moment::ZERO,
            wait: Duration::ZERO,
            first: options.rebuild_first,
            longest: options.rebuild_longest,
        }
    }

    /// When it may be done next.
    pub(super) fn not_before(&self) -> Moment {
        self.not_before
    }

    /// It has been done.
    pub(super) fn done(&mut self, now: Moment) {
        let is_calm = now > self.not_before.saturating_add(self.longest);
        self.wait = if is_calm { self.first } else { (self.wait * 2).clamp(self.first, self.longest) };
        self.not_before = now.saturating_add(self.wait);
    }
}

/// Notices that the machine slept.
#[derive(Debug)]
pub(super) struct WakeUp {
    last: Now,
}

impl WakeUp {
    /// Begins to pay attention.
    pub(super) fn new(now: Now) -> Self {
        Self { last: now }
    }

    /// Whether the machine slept since the last call; nobody writes to a sleeping machine's disks, but a drive may have
    /// been taken out, written to elsewhere and put back. To be called before and after every wait, which was meant to
    /// end at `until`.
    pub(super) fn slept(&mut self, now: Now, until: Option<Moment>) -> bool {
        let awake = now.awake.saturating_sub(self.last.awake);
        let total = now.total.saturating_sub(self.last.total);
        self.last = now;
        let too_late = until.is_some_and(|until| now.awake > until.saturating_add(NOTICEABLE_DELAY));
        too_late || total.saturating_sub(awake) > NOTICEABLE_SLEEP
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn sleep_is_where_the_clocks_part() {
        let mut wake_up = WakeUp::new(Now { awake: seconds(100), total: seconds(500) });
        assert!(!wake_up.slept(Now { awake: seconds(110), total: seconds(511) }, None));
        assert!(wake_up.slept(Now { awake: seconds(111), total: seconds(4000) }, None));
        assert!(!wake_up.slept(Now { awake: seconds(112), total: seconds(4001) }, None));
    }

    #[test]
    fn a_clock_that_goes_back_is_no_sleep() {
        let mut wake_up = WakeUp::new(Now { awake: seconds(100), total: seconds(5000) });
        assert!(!wake_up.slept(Now { awake: seconds(110), total: seconds(1000) }, None));
    }

    #[test]
    fn being_woken_far_too_late_is_a_sleep_on_systems_without_such_clocks() {
        let mut wake_up = WakeUp::new(Now { awake: seconds(100), total: seconds(100) });
        assert!(!wake_up.slept(Now { awake: seconds(110), total: seconds(110) }, Some(seconds(103))));
        assert!(wake_up.slept(Now { awake: seconds(510), total: seconds(510) }, Some(seconds(113))));
    }

    #[test]
    fn what_repeats_itself_is_done_ever_more_rarely_until_it_is_calm() {
        let (mut patience, mut now) = (Patience::new(&WatchOptions::default()), seconds(1000));
        let mut waits = Vec::new();
        for _ in 0..8 {
            patience.done(now);
            waits.push(patience.not_before().saturating_sub(now).as_secs());
            now = patience.not_before();
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        now += seconds(100);
        patience.done(now);
        assert_eq!(patience.not_before(), now + seconds(1));
    }

    #[test]
    fn the_schedule_is_spread_around_its_time() {
        for chance in [0.0, 0.3, 1.0, super::chance()] {
            let next = Schedule::new(seconds(1000), seconds(7), chance).next();
            assert!((seconds(807)..=seconds(1207)).contains(&next), "{chance}: {next:?}");
        }
    }
}
