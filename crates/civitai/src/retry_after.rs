//! Reads `Retry-After`, as seconds or as a date.
//!
//! A date is compared with the server's own `Date`, not with this machine's clock, which may be hours off.

use std::time::{Duration, SystemTime};

/// No server may send Modeldock to sleep for longer.
pub(crate) const LONGEST: Duration = Duration::from_secs(60 * 60);

/// How long `value` asks to wait. `None` for what is neither seconds nor a date.
pub(crate) fn parse(value: &str, server_date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number too large for u64 still means "very long".
        let seconds = value.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let from = server_date.and_then(|date| httpdate::parse_http_date(date.trim()).ok()).unwrap_or(now);
    Some(until.duration_since(from).unwrap_or(Duration::ZERO).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn seconds(value: &str, date: Option<&str>) -> Option<u64> {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:00:00 GMT").unwrap();
        parse(value, date, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read_and_capped() {
        assert_eq!(seconds("2", None), Some(2));
        assert_eq!(seconds(" 0 ", None), Some(0));
        assert_eq!(seconds("86400", None), Some(3600));
        assert_eq!(seconds("99999999999999999999999", None), Some(3600));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:07 GMT", Some(DATE)), Some(30));
        assert_eq!(seconds("Sat, 06 Nov 2094 08:50:07 GMT", Some(DATE)), Some(3600));
    }

    #[test]
    fn a_date_is_relative_to_the_servers_clock() {
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:47 GMT", Some(DATE)), Some(10));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:01:00 GMT", None), Some(60));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:01:00 GMT", Some("garbage")), Some(60));
        assert_eq!(seconds("Sun, 06 Nov 1994 07:00:00 GMT", Some(DATE)), Some(0));
    }

    #[test]
    fn garbage_says_nothing() {
        for garbage in ["", "-5", "soon", "1.5", "+3", "2 s", "0x10"] {
            assert_eq!(seconds(garbage, Some(DATE)), None, "{garbage}");
        }
    }
}
