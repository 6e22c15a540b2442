//! The times and limits of a watcher, and the clock it lives by.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

/// A moment: how long this machine has been awake since some beginning.
pub(super) type Moment = Duration;

/// Two clocks read at once. They part company when the machine sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Only counts on while the machine is awake.
    pub awake: Duration,
    /// Counts on while it sleeps.
    pub total: Duration,
}

/// Tells the time; a test brings its own.
pub trait Clock: Debug + Send + Sync {
    /// Now.
    fn now(&self) -> Now;
}

/// The machine's.
#[derive(Debug)]
struct SystemClock {
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    started: std::time::Instant,
}

impl Clock for SystemClock {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn now(&self) -> Now {
        use rustix::time::{ClockId, clock_gettime};
        let read = |clock| {
            let time = clock_gettime(clock);
            Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
        };
        Now { awake: read(ClockId::Monotonic), total: read(ClockId::Boottime) }
    }

    // A wall clock that is set forward looks like a sleep here, and costs one needless look at everything.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    fn now(&self) -> Now {
        let total = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Now { awake: self.started.elapsed(), total: total.unwrap_or_default() }
    }
}

/// How patient a watcher is.
#[derive(Debug, Clone)]
pub struct WatchOptions {
    /// A folder is told about once nothing has happened in its root for this long.
    pub debounce: Duration,
    /// In a burst without such a pause, what has gathered is told this often.
    pub longest_burst: Duration,
    /// Changes in more folders and files of one root than this are told as "look at everything".
    pub too_many: usize,
    /// A model file that keeps changing is told about this long after its first change, finished or not.
    pub longest_hold: Duration,
    /// A file has settled when two looks this far apart see the same.
    pub settle_local: Duration,
    /// The same on a network drive, whose times and sizes may be seconds old.
    pub settle_network: Duration,
    /// The same after its writer has closed it, or after it was renamed to its name: then it is probably finished.
    pub settle_finished: Duration,
    /// A safetensors file shorter than its header promises is still waited for until it has not changed for this long.
    pub settle_incomplete: Duration,
    /// A root is looked at as a whole this often, whatever the events say.
    pub schedule_local: Duration,
    /// The same for a root with a part on a network drive.
    pub schedule_network: Duration,
    /// How often folders that are not there are looked for, and those that are, for having been replaced.
    pub presence: Duration,
    /// How often folders without events are listed; more rarely where listing takes long.
    pub poll: Duration,
    /// After everything was watched anew because something was lost, it is not done again before this long.
    pub rebuild_first: Duration,
    /// The same at most, if it has to be done again and again.
    pub rebuild_longest: Duration,
    /// A root of more folders than this is polled: the system's watches are shared with the user's other programs.
    pub most_watches: usize,
    /// Events that wait to be handled; further ones are given up, and everything is looked at.
    pub queue: usize,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Pretends that lost events were never lost, so that a test can show that it would notice.
    #[cfg(any(test, feature = "sabotage"))]
    pub ignore_overflow: bool,
}

impl Default for WatchOptions {
    fn default() -> Self {
        let clock = SystemClock {
            #[cfg(not(any(target_os = "linux", target_os = "android")))]
            started: std::time::Instant::now(),
        };
        Self {
            debounce: Duration::from_millis(200),
            longest_burst: Duration::from_secs(2),
            too_many: 500,
            longest_hold: Duration::from_secs(600),
            settle_local: Duration::from_secs(2),
            settle_network: Duration::from_secs(10),
            settle_finished: Duration::from_millis(250),
            settle_incomplete: Duration::from_secs(60),
            schedule_local: Duration::from_secs(3600),
            schedule_network: Duration::from_secs(900),
            presence: Duration::from_secs(3),
            poll: Duration::from_secs(10),
            rebuild_first: Duration::from_secs(1),
            rebuild_longest: Duration::from_secs(60),
            most_watches: usize::MAX,
            queue: 32_768,
            clock: Arc::new(clock),
            #[cfg(any(test, feature = "sabotage"))]
            ignore_overflow: crate::sabotage::is_on("ignore_overflow"),
        }
    }
}

impl WatchOptions {
    /// Whether to pretend that nothing was lost; never in a build that people get.
    #[cfg_attr(
        not(any(test, feature = "sabotage")),
        expect(clippy::unused_self, reason = "only a sabotaged build has a choice")
    )]
    pub(super) fn hides_overflow(&self) -> bool {
        #[cfg(any(test, feature = "sabotage"))]
        return self.ignore_overflow;
        #[cfg(not(any(test, feature = "sabotage")))]
        return false;
    }
}
