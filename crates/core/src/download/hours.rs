//! The hours of the day that downloads may run in. Pure.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::units::UnixMillis;

const DAY: u16 = 24 * 60;

/// A part of every day, by the clock on the wall. It may go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Hours {
    /// The first minute of it, counted from midnight.
    pub from: u16,
    /// The minute behind the last one.
    pub to: u16,
}

impl Hours {
    /// Refuses what is no part of a day.
    pub(crate) fn check(self) -> Result<()> {
        if self.from < DAY && self.to <= DAY && self.from != self.to {
            return Ok(());
        }
        Err(Error::invalid("`download_hours` takes two different minutes of a day, from 0 to 1440"))
    }

    /// Whether this minute of the day is in it.
    pub(crate) fn contains(self, minute: u16) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// Whether downloads may run at this moment, in this computer's time zone.
    pub(crate) fn allow(self, now: UnixMillis) -> bool {
        // Outside the calendar there is no time of day, and nothing to wait for.
        jiff::Timestamp::from_millisecond(now.0).map_or(true, |now| {
            let local = now.to_zoned(jiff::tz::TimeZone::system());
            self.contains(u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_night_goes_over_midnight() {
        let night = Hours { from: 22 * 60, to: 6 * 60 };
        let day = Hours { from: 8 * 60, to: 18 * 60 };
        let in_night: Vec<bool> = [0, 359, 360, 1319, 1320, 1439].map(|minute| night.contains(minute)).to_vec();
        assert_eq!(in_night, [true, true, false, false, true, true]);
        assert!(day.contains(480) && !day.contains(1080) && !day.contains(0));
    }

    #[test]
    fn only_parts_of_a_day_are_taken() {
        assert!(Hours { from: 0, to: 1440 }.check().is_ok());
        for bad in [Hours { from: 1440, to: 0 }, Hours { from: 5, to: 5 }, Hours { from: 0, to: 1441 }] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
