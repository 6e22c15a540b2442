//! How long to wait between two tries. Pure.
//!
//! Only a connection that held for a while starts the waits anew: a relay that lets everybody in and throws them out at
//! once is left alone just as one that cannot be reached.

use std::time::Duration;

/// The shortest wait, and the longest.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// What a relay may ask to be left alone for.
const MOST_ASKED: Duration = Duration::from_secs(60 * 60);

/// A connection that held this long was a good one.
const HELD: Duration = Duration::from_secs(60);

/// The waits of one link.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// The wait after a connection that held for `held`. `chance` from 0 to 1 spreads the tries of many computers over the
    /// whole time, so that they do not come back as one; `asked` is what the relay asked for.
    pub(crate) fn after(&mut self, held: Duration, chance: f64, asked: Option<Duration>) -> Duration {
        if held >= HELD {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        let most = SHORTEST.saturating_mul(2_u32.saturating_pow(self.failures.min(16))).min(LONGEST);
        let wait = SHORTEST + most.saturating_sub(SHORTEST).mul_f64(chance.clamp(0.0, 1.0));
        wait.max(asked.unwrap_or_default().min(MOST_ASKED))
    }

    /// Somebody did something about it.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// A number from 0 to 1 that differs between computers.
pub(crate) fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without random numbers all wait for the middle of the time, which is no worse than not spreading at all.
    if getrandom::fill(&mut bytes).is_err() {
        return 0.5;
    }
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(chance: f64, count: usize) -> Vec<u64> {
        let mut backoff = Backoff::default();
        (0..count).map(|_| backoff.after(Duration::ZERO, chance, None).as_secs()).collect()
    }

    #[test]
    fn waits_double_up_to_five_minutes_and_are_spread() {
        assert_eq!(waits(1.0, 10), [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(waits(0.0, 10), [1; 10]);
        assert!(waits(0.5, 100).iter().all(|wait| (1..=300).contains(wait)));
    }

    #[test]
    fn only_a_connection_that_held_starts_anew() {
        let mut backoff = Backoff::default();
        for _ in 0..20 {
            backoff.after(Duration::from_secs(59), 1.0, None);
        }
        assert_eq!(backoff.after(Duration::from_secs(59), 1.0, None), LONGEST);
        assert_eq!(backoff.after(HELD, 1.0, None), Duration::from_secs(2));
        backoff.after(Duration::ZERO, 1.0, None);
        backoff.reset();
        assert_eq!(backoff.after(Duration::ZERO, 1.0, None), Duration::from_secs(2));
    }

    #[test]
    fn what_the_relay_asks_for_is_kept_to_within_reason() {
        let mut backoff = Backoff::default();
        let asked = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(backoff.after(Duration::ZERO, 1.0, asked(120)), Duration::from_secs(120));
        assert_eq!(backoff.after(Duration::ZERO, 1.0, asked(u64::MAX)), MOST_ASKED);
        assert_eq!(backoff.after(Duration::ZERO, 1.0, asked(1)), Duration::from_secs(8));
    }
}
