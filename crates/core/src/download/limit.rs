//! How fast bytes may come, for all downloads together and for each.
//!
//! Bytes are taken first and waited for afterwards: a connection that has received more than its share pauses, and the
//! server notices because nobody reads. The wait is cut into short pieces, so that a new limit counts at once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The longest wait before the limit is looked at again.
const SLICE: Duration = Duration::from_millis(200);

/// What may be saved up while nothing comes, in seconds of the limit.
const BURST: f64 = 0.2;

/// A limit in bytes a second, which may be changed at any time.
#[derive(Debug)]
pub(crate) struct Rate(Mutex<State>);

#[derive(Debug)]
struct State {
    /// `None`: no limit.
    per_second: Option<u64>,
    /// What may be taken now; below zero, what was taken too early.
    allowance: f64,
    at: Instant,
}

impl Rate {
    /// This many bytes a second; `None` as many as come.
    pub(crate) fn new(per_second: Option<u64>) -> Self {
        Self(Mutex::new(State { per_second: per_second.filter(|rate| *rate > 0), allowance: 0.0, at: Instant::now() }))
    }

    /// From now on.
    pub(crate) fn set(&self, per_second: Option<u64>) {
        let mut state = self.lock();
        let per_second = per_second.filter(|rate| *rate > 0);
        if state.per_second != per_second {
            // What was taken under another limit would be waited for much too long, or too short.
            *state = State { per_second, allowance: 0.0, at: Instant::now() };
        }
    }

    /// Takes `bytes`, and waits until the limit allows for them.
    pub(crate) async fn take(&self, bytes: u64) {
        self.lock().take(bytes, Instant::now());
        loop {
            let wait = self.lock().wait(Instant::now());
            if wait.is_zero() {
                return;
            }
            tokio::time::sleep(wait.min(SLICE)).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a limit is no exact number of bytes")]
impl State {
    fn take(&mut self, bytes: u64, now: Instant) {
        if self.per_second.is_some() {
            self.refill(now);
            self.allowance -= bytes as f64;
        }
    }

    fn wait(&mut self, now: Instant) -> Duration {
        let Some(rate) = self.per_second else { return Duration::ZERO };
        self.refill(now);
        if self.allowance >= 0.0 {
            return Duration::ZERO;
        }
        Duration::try_from_secs_f64(-self.allowance / rate as f64).unwrap_or(SLICE).max(Duration::from_millis(1))
    }

    fn refill(&mut self, now: Instant) {
        let rate = self.per_second.unwrap_or(0) as f64;
        let gained = now.saturating_duration_since(self.at).as_secs_f64() * rate;
        self.allowance = (self.allowance + gained).min(rate * BURST);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn ten_takes_of_a_tenth_last_a_second() {
        let rate = Rate::new(Some(1000));
        let begun = Instant::now();
        for _ in 0..10 {
            rate.take(100).await;
        }
        let lasted = begun.elapsed();
        assert!((Duration::from_millis(950)..Duration::from_millis(1050)).contains(&lasted), "{lasted:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_waits_for_nothing_and_a_lifted_one_no_longer() {
        let rate = std::sync::Arc::new(Rate::new(None));
        let begun = Instant::now();
        rate.take(u64::MAX / 2).await;
        assert_eq!(begun.elapsed(), Duration::ZERO);
        rate.set(Some(1));
        let waiting = tokio::spawn({
            let rate = std::sync::Arc::clone(&rate);
            async move { rate.take(1_000_000).await }
        });
        tokio::time::sleep(Duration::from_secs(3)).await;
        rate.set(None);
        waiting.await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(4));
    }
}
