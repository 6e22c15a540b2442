//! What to do about a failed transfer, and when. Pure: values in, values out.
//!
//! Two times are told apart. Within a round, a connection tries again after seconds, as long as bytes keep coming. A round
//! that ends puts the download back into the queue for minutes, which survives a restart and lets others run.

use std::time::Duration;

use super::source::{TransferError, TransferErrorKind};
use crate::units::UnixMillis;

/// Tries in a row without a new byte before a round ends.
const TRIES: u32 = 6;

/// The longest wait within a round.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Fresh addresses in a row without a new byte.
const RENEWALS: u32 = 2;

/// Civitai's limit of downloads says nothing about when it ends; it lasts hours.
const DOWNLOAD_LIMIT_WAIT: i64 = 60 * 60;

/// Rounds in a row without a new byte, but for those that failed because there was no network.
const ROUNDS: u32 = 12;

/// What comes next within a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same again, after a wait.
    Again(Duration),
    /// The same with a fresh address, after a wait.
    Renew(Duration),
    /// The round is over.
    GiveUp,
}

/// Failures since the last new byte.
#[derive(Debug, Default)]
pub(crate) struct Troubles {
    tries: u32,
    renewals: u32,
}

impl Troubles {
    /// Bytes came.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// After this failure; `chance` is between 0 and 1.
    pub(crate) fn next(&mut self, error: &TransferError, chance: f64) -> Next {
        match error.kind {
            TransferErrorKind::Expired | TransferErrorKind::Odd | TransferErrorKind::Gone => self.renew(chance),
            TransferErrorKind::RateLimited(Some(wait)) | TransferErrorKind::Server(Some(wait)) => {
                self.again(Some(wait), chance)
            }
            TransferErrorKind::Offline | TransferErrorKind::Server(None) => self.again(None, chance),
            TransferErrorKind::RateLimited(None)
            | TransferErrorKind::Unauthorised
            | TransferErrorKind::Forbidden
            | TransferErrorKind::PastEnd(_)
            | TransferErrorKind::Refused => Next::GiveUp,
        }
    }

    fn again(&mut self, asked: Option<Duration>, chance: f64) -> Next {
        self.tries += 1;
        let wait = backoff(self.tries, chance).max(asked.unwrap_or_default());
        if self.tries >= TRIES || wait > LONGEST_WAIT { Next::GiveUp } else { Next::Again(wait) }
    }

    fn renew(&mut self, chance: f64) -> Next {
        self.renewals += 1;
        // The first fresh address is for one that merely ran out.
        let wait = if self.renewals == 1 { Duration::ZERO } else { backoff(self.renewals, chance) };
        if self.renewals > RENEWALS { Next::GiveUp } else { Next::Renew(wait) }
    }
}

/// Anywhere between nothing and 1, 2, 4, … seconds: clients that failed together do not come back together.
fn backoff(tries: u32, chance: f64) -> Duration {
    let most = Duration::from_secs(1 << tries.saturating_sub(1).min(6)).min(LONGEST_WAIT);
    most.mul_f64(chance.clamp(0.0, 1.0))
}

/// When the next round begins after one that failed for the `failures`-th time in a row; `None`: not by itself.
pub(crate) fn next_round(error: &TransferError, failures: u32, now: UnixMillis) -> Option<UnixMillis> {
    if !error.is_temporary() {
        return None;
    }
    let backoff = 15_i64.saturating_mul(1 << failures.min(6)).min(15 * 60);
    let seconds = match error.kind {
        TransferErrorKind::RateLimited(None) => DOWNLOAD_LIMIT_WAIT,
        // Without a network nobody is bothered by another try.
        TransferErrorKind::Offline => backoff,
        _ if failures >= ROUNDS => return None,
        _ => error.retry_after().map_or(backoff, |wait| backoff.max(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX))),
    };
    Some(now.plus_seconds(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: TransferErrorKind) -> TransferError {
        TransferError::new(kind, "")
    }

    #[test]
    fn a_broken_connection_is_tried_again_at_growing_distances_until_bytes_come() {
        let mut troubles = Troubles::default();
        let mut seconds = || match troubles.next(&error(TransferErrorKind::Offline), 1.0) {
            Next::Again(wait) => Some(wait.as_secs()),
            Next::Renew(_) | Next::GiveUp => None,
        };
        assert_eq!(
            [seconds(), seconds(), seconds(), seconds(), seconds(), seconds()],
            [Some(1), Some(2), Some(4), Some(8), Some(16), None]
        );
        troubles.forget();
        assert_eq!(troubles.next(&error(TransferErrorKind::Offline), 0.0), Next::Again(Duration::ZERO));
    }

    #[test]
    fn an_address_is_renewed_twice_and_a_servers_wish_is_honoured() {
        let mut troubles = Troubles::default();
        let expired = error(TransferErrorKind::Expired);
        assert_eq!(troubles.next(&expired, 1.0), Next::Renew(Duration::ZERO));
        assert_eq!(troubles.next(&expired, 1.0), Next::Renew(Duration::from_secs(2)));
        assert_eq!(troubles.next(&expired, 1.0), Next::GiveUp);
        let busy = |seconds| error(TransferErrorKind::Server(Some(Duration::from_secs(seconds))));
        assert_eq!(Troubles::default().next(&busy(7), 0.5), Next::Again(Duration::from_secs(7)));
        assert_eq!(Troubles::default().next(&busy(61), 0.5), Next::GiveUp);
        for kind in [TransferErrorKind::RateLimited(None), TransferErrorKind::Unauthorised, TransferErrorKind::Refused]
        {
            assert_eq!(Troubles::default().next(&error(kind), 0.0), Next::GiveUp, "{kind:?}");
        }
    }

    #[test]
    fn rounds_grow_apart_and_end_but_for_a_missing_network() {
        let now = UnixMillis(0);
        let seconds = |kind, failures| next_round(&error(kind), failures, now).map(|at| at.0 / 1000);
        let server = TransferErrorKind::Server(None);
        assert_eq!([seconds(server, 1), seconds(server, 3), seconds(server, 11)], [Some(30), Some(120), Some(900)]);
        assert_eq!(seconds(server, 12), None);
        assert_eq!(seconds(TransferErrorKind::Offline, 1000), Some(900));
        assert_eq!(seconds(TransferErrorKind::RateLimited(None), 1), Some(3600));
        let asked = TransferErrorKind::Server(Some(Duration::from_secs(3000)));
        assert_eq!(seconds(asked, 1), Some(3000));
        assert_eq!(seconds(TransferErrorKind::Gone, 1), None);
    }
}
