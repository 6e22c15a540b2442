//! Whether and when a failed request is tried again within the same call. Pure: [`crate::pace`] does the waiting.
//!
//! Only short waits happen here. A longer one goes back to the caller inside the error, because the engine schedules
//! across restarts and can show the user what it waits for.

use std::time::Duration;

/// The longest wait within one call.
const LONGEST: Duration = Duration::from_secs(5);

const SERVER_TRIES: u32 = 4;
const CONNECTION_TRIES: u32 = 2;
const RATE_TRIES: u32 = 1;

/// What a failure means for trying again at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// Never: the next answer would be the same, or nobody knows.
    Never,
    /// An overloaded server or the proxy before it, with what it asks for.
    Overloaded(Option<Duration>),
    /// 429 with what it asks for.
    TooMany(Option<Duration>),
    /// The connection was refused or broke.
    Broken,
}

/// What one call has tried so far.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    server: u32,
    connection: u32,
    rate: u32,
}

impl Tries {
    /// How long to wait before the next try; `None` to give up.
    pub(crate) fn next(&mut self, again: Again, jitter: f64) -> Option<Duration> {
        match again {
            Again::Never => None,
            Again::Overloaded(asked) => {
                let tried = take(&mut self.server, SERVER_TRIES)?;
                at_least(backoff(250, tried, jitter), asked)
            }
            Again::TooMany(asked) => {
                let asked = asked?;
                take(&mut self.rate, RATE_TRIES)?;
                (asked <= LONGEST).then_some(asked)
            }
            Again::Broken => {
                let tried = take(&mut self.connection, CONNECTION_TRIES)?;
                Some(backoff(100, tried, jitter))
            }
        }
    }
}

/// Counts one try, unless they are used up.
fn take(counter: &mut u32, limit: u32) -> Option<u32> {
    let tried = *counter;
    (tried < limit).then(|| {
        *counter += 1;
        tried
    })
}

/// `first` ms, doubled for each try, ±20 %, at most [`LONGEST`].
fn backoff(first: u64, tried: u32, jitter: f64) -> Duration {
    let wait = Duration::from_millis(first.saturating_mul(1 << tried.min(16)));
    let spread = 1.0 + 0.2 * jitter.clamp(-1.0, 1.0);
    wait.mul_f64(spread).min(LONGEST)
}

fn at_least(own: Duration, asked: Option<Duration>) -> Option<Duration> {
    let wait = own.max(asked.unwrap_or_default());
    (wait <= LONGEST).then_some(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(again: Again, jitter: f64) -> Vec<u128> {
        let mut tries = Tries::default();
        std::iter::from_fn(|| tries.next(again, jitter)).map(|wait| wait.as_millis()).collect()
    }

    #[test]
    fn an_overloaded_server_is_asked_four_more_times() {
        assert_eq!(schedule(Again::Overloaded(None), 0.0), [250, 500, 1000, 2000]);
        assert_eq!(schedule(Again::Overloaded(None), 1.0), [300, 600, 1200, 2400]);
        assert_eq!(schedule(Again::Overloaded(None), -1.0), [200, 400, 800, 1600]);
    }

    #[test]
    fn short_wishes_are_honoured_and_long_ones_given_back() {
        assert_eq!(schedule(Again::Overloaded(Some(Duration::from_secs(2))), 0.0), [2000; 4]);
        assert_eq!(schedule(Again::Overloaded(Some(Duration::from_secs(6))), 0.0), [0; 0]);
        assert_eq!(schedule(Again::TooMany(Some(Duration::from_secs(5))), 0.0), [5000]);
        assert_eq!(schedule(Again::TooMany(Some(Duration::from_secs(6))), 0.0), [0; 0]);
        assert_eq!(schedule(Again::TooMany(None), 0.0), [0; 0]);
    }

    #[test]
    fn broken_connections_are_retried_twice_and_quickly() {
        assert_eq!(schedule(Again::Broken, 0.0), [100, 200]);
        assert_eq!(schedule(Again::Never, 0.0), [0; 0]);
    }

    #[test]
    fn the_budgets_are_apart() {
        let mut tries = Tries::default();
        while tries.next(Again::Overloaded(None), 0.0).is_some() {}
        assert!(tries.next(Again::Broken, 0.0).is_some());
        assert!(tries.next(Again::TooMany(Some(Duration::ZERO)), 0.0).is_some());
    }
}
