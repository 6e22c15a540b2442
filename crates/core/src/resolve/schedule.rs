//! When to ask Civitai again. Pure: attempts and a random number in, a moment out.

use std::time::Duration;

use crate::units::UnixMillis;

/// After the n-th failure in a row, in seconds.
const AFTER_FAILURE: [i64; 6] = [60, 300, 900, 3600, 3 * 3600, 6 * 3600];

/// After the n-th "not found" in a row, in seconds. Civitai's own cache may repeat a stale 404 for an hour and a half,
/// so asking sooner than two hours later tells nothing (API contract, section 1.2).
const AFTER_NOT_FOUND: [i64; 3] = [2 * 3600, 24 * 3600, 7 * 24 * 3600];

/// No server's wish to wait is followed for longer, in seconds.
const LONGEST_WAIT: u64 = 3600;

/// When to ask again after no usable answer. `random` is any number: it spreads clients over a tenth of the wait, so
/// that they do not return all at once when a server comes back.
pub(crate) fn after_failure(now: UnixMillis, attempts: u32, retry_after: Option<Duration>, random: u32) -> UnixMillis {
    let own = AFTER_FAILURE[step(attempts, AFTER_FAILURE.len())];
    let asked = retry_after.map_or(0, |wait| i64::try_from(wait.as_secs().min(LONGEST_WAIT)).unwrap_or(0));
    let wait = own.max(asked);
    now.plus_seconds(wait + wait * i64::from(random % 1000) / 10_000)
}

/// When "not found" stops being believed.
pub(crate) fn after_not_found(now: UnixMillis, attempts: u32) -> UnixMillis {
    now.plus_seconds(AFTER_NOT_FOUND[step(attempts, AFTER_NOT_FOUND.len())])
}

/// When it is looked whether Civitai still has what was matched, in seconds: a month.
const AFTER_MATCH: i64 = 30 * 24 * 3600;

/// When to look whether Civitai still has what was matched.
pub(crate) fn after_match(now: UnixMillis) -> UnixMillis {
    now.plus_seconds(AFTER_MATCH)
}

/// Whether a content that its SHA-256 does not find is asked about by its other hashes. Each is a question of its own:
/// they are asked the first time, and then once a week.
pub(crate) fn is_asked_otherwise(not_found: bool, attempts: u32) -> bool {
    !not_found || attempts >= 2
}

fn step(attempts: u32, steps: usize) -> usize {
    usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(steps - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000_000);

    fn seconds(at: UnixMillis) -> i64 {
        (at.0 - NOW.0) / 1000
    }

    #[test]
    fn failures_back_off_and_stop_growing() {
        let waits: Vec<i64> = (1..9).map(|attempts| seconds(after_failure(NOW, attempts, None, 0))).collect();
        assert_eq!(waits, [60, 300, 900, 3600, 10_800, 21_600, 21_600, 21_600]);
    }

    #[test]
    fn the_servers_wish_is_honoured_within_reason() {
        let wait = |secs| seconds(after_failure(NOW, 1, Some(Duration::from_secs(secs)), 0));
        assert_eq!((wait(5), wait(120), wait(u64::MAX)), (60, 120, 3600));
    }

    #[test]
    fn clients_are_spread_over_a_tenth() {
        assert_eq!(seconds(after_failure(NOW, 4, None, 999)), 3600 + 359);
    }

    #[test]
    fn not_found_expires_in_two_hours_a_day_a_week() {
        let waits: Vec<i64> = (1..5).map(|attempts| seconds(after_not_found(NOW, attempts))).collect();
        assert_eq!(waits, [7200, 86_400, 604_800, 604_800]);
    }
}
