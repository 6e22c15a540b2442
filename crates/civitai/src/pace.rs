//! How time passes between tries, as something tests can replace: none of them waits.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

/// A clock that can be waited for.
#[async_trait]
pub trait Pace: Send + Sync + 'static {
    /// The time now, for dates in replies.
    fn now(&self) -> SystemTime;

    /// A number between -1 and 1, different each time, so that many clients do not come back at the same moment.
    fn jitter(&self) -> f64;

    /// Waits.
    async fn sleep(&self, wait: Duration);
}

/// The clock on the wall.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

#[async_trait]
impl Pace for WallClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn jitter(&self) -> f64 {
        // Every `RandomState` has new keys. Good enough to spread tries, and no dependency.
        let random = u32::try_from(RandomState::new().build_hasher().finish() >> 32).unwrap_or_default();
        f64::from(random) / f64::from(u32::MAX) * 2.0 - 1.0
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_in_range_and_changes() {
        let drawn: Vec<f64> = (0..50).map(|_| WallClock.jitter()).collect();
        assert!(drawn.iter().all(|value| (-1.0..=1.0).contains(value)));
        assert!(drawn.iter().any(|value| (value - drawn[0]).abs() > f64::EPSILON));
    }
}
