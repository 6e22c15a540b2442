//! A download as it is kept and shown.
//!
//! ```text
//! Queued ─► Resolving ─► Running ─► Verifying ─► Placing ─► Done
//!   ▲ ▲         │           │ ▲          │           │
//!   │ └─ again ─┴───────────┘ └ Paused ◄─┴── (user, disk full, hours)
//!   └── retry ── Failed | Cancelled
//! ```
//!
//! The arrows are [`DownloadState::may_become`]; the store refuses every other change, so two processes that act on one
//! download at once cannot leave it in a state that neither meant.

use serde::{Deserialize, Serialize};

use super::source::Wanted;
use crate::error::Error;
use crate::roots::ModelKind;
use crate::units::{ByteCount, DownloadId, FileId, ModelId, RootId, UnixMillis, VersionId};

/// One download, with everything a list shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct Download {
    /// The row.
    pub id: DownloadId,
    /// What is fetched.
    pub wanted: Wanted,
    /// For people: the model's and the version's name.
    pub title: String,
    /// The model, where it is known.
    pub model_id: Option<ModelId>,
    /// The version, where it is known.
    pub version_id: Option<VersionId>,
    /// What sort of file it is.
    pub kind: ModelKind,
    /// The family it is made for, in Civitai's spelling.
    pub base_model: Option<String>,
    /// The folder it goes to.
    pub root: RootId,
    /// Where it will be, or is.
    pub path: String,
    /// Who asked for it.
    pub asked_by: AskedBy,
    /// Where it stands.
    pub state: DownloadState,
    /// Bytes that are there.
    pub received: ByteCount,
    /// All bytes, once the server has said how many.
    pub total: Option<ByteCount>,
    /// Bytes a second over the last moments, while it runs.
    pub speed: Option<ByteCount>,
    /// Seconds that are left at this speed.
    pub seconds_left: Option<u32>,
    /// Its own limit in bytes a second; `None`: only the one for all downloads.
    pub limit: Option<ByteCount>,
    /// When it was asked for.
    pub added_at: UnixMillis,
    /// When it ended, one way or the other.
    pub finished_at: Option<UnixMillis>,
}

/// How far a running download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct DownloadSample {
    /// Which.
    pub id: DownloadId,
    /// Bytes that are there.
    pub received: ByteCount,
    /// All bytes, once the server has said how many.
    pub total: Option<ByteCount>,
    /// Bytes a second over the last moments.
    pub speed: ByteCount,
    /// Seconds that are left at this speed.
    pub seconds_left: Option<u32>,
}

/// Where a download stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DownloadState {
    /// It waits for its turn; after a failure that may pass, until `retry_at`.
    Queued {
        /// Not before.
        retry_at: Option<UnixMillis>,
        /// What went wrong the last time.
        problem: Option<Error>,
    },
    /// Civitai is asked where the bytes are.
    Resolving,
    /// Bytes are coming.
    Running,
    /// It goes on when the reason is gone.
    Paused {
        /// The reason.
        why: PauseReason,
    },
    /// All bytes are there; whether they are the right ones is being found out.
    Verifying,
    /// They are; the file gets its name.
    Placing,
    /// It is in the library.
    Done {
        /// Its row, if its root is still watched.
        file: Option<FileId>,
        /// Whether its hash was compared with Civitai's: where Civitai knows none, it could not be.
        verified: bool,
        /// Nothing was fetched: the same file was there already.
        was_there: bool,
    },
    /// It does not go on by itself.
    Failed {
        /// Why.
        problem: Error,
    },
    /// The user stopped it.
    Cancelled,
}

/// Why a download is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum PauseReason {
    /// The user said so; only the user lets it go on.
    User,
    /// The disk has no room; it goes on by itself when there is.
    DiskFull {
        /// Bytes that must be free before it goes on.
        needed: ByteCount,
        /// What happened.
        problem: Error,
    },
    /// It is outside the hours that downloads may run in.
    Hours,
}

/// Who asked for a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// A person, here.
    User,
    /// Keeping in sync with the vault.
    Vault,
    /// The website, over Civitai Link.
    Site,
}

impl AskedBy {
    /// As stored.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Vault => "vault",
            Self::Site => "site",
        }
    }

    /// The inverse of [`Self::as_str`]; whatever a newer version wrote counts as the user's.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "vault" => Self::Vault,
            "site" => Self::Site,
            _ => Self::User,
        }
    }
}

/// The states without what they carry, as commands and the database name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the state of the same name")]
pub enum Stage {
    Queued,
    Resolving,
    Running,
    Paused,
    Verifying,
    Placing,
    Done,
    Failed,
    Cancelled,
}

impl Stage {
    /// All, in the order of a life.
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Resolving,
        Self::Running,
        Self::Paused,
        Self::Verifying,
        Self::Placing,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As stored and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Resolving => "resolving",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Verifying => "verifying",
            Self::Placing => "placing",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing more happens to it by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// Whether a process is at work on it.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Resolving | Self::Running | Self::Verifying | Self::Placing)
    }

    /// Whether nothing more happens by itself.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }

    /// Whether a download in this state may come to be in that one.
    #[expect(clippy::match_same_arms, reason = "a line for each state is the picture above in words")]
    pub const fn may_become(self, next: Self) -> bool {
        use Stage::{Cancelled, Done, Failed, Paused, Placing, Queued, Resolving, Running, Verifying};
        match (self, next) {
            // A crash leaves an active state behind; its owner queues it again.
            (Queued | Resolving | Running | Verifying | Placing | Paused, Queued | Failed) => true,
            (Queued, Resolving | Paused | Cancelled | Done) => true,
            (Resolving, Running | Paused | Cancelled | Done | Verifying) => true,
            (Running, Resolving | Verifying | Paused | Cancelled) => true,
            (Verifying, Placing | Resolving | Paused | Cancelled) => true,
            // What is being placed is finished: there is nothing left to stop.
            (Placing, Done | Paused) => true,
            (Paused, Paused | Cancelled) => true,
            (Failed | Cancelled, Queued) => true,
            _ => false,
        }
    }
}

impl DownloadState {
    /// Without what it carries.
    pub const fn stage(&self) -> Stage {
        match self {
            Self::Queued { .. } => Stage::Queued,
            Self::Resolving => Stage::Resolving,
            Self::Running => Stage::Running,
            Self::Paused { .. } => Stage::Paused,
            Self::Verifying => Stage::Verifying,
            Self::Placing => Stage::Placing,
            Self::Done { .. } => Stage::Done,
            Self::Failed { .. } => Stage::Failed,
            Self::Cancelled => Stage::Cancelled,
        }
    }

    /// A fresh place in the queue.
    pub const fn queued() -> Self {
        Self::Queued { retry_at: None, problem: None }
    }

    /// Whether it may come to be `next`.
    pub const fn may_become(&self, next: &Self) -> bool {
        self.stage().may_become(next.stage())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_stays_done_and_what_ended_starts_only_from_the_queue() {
        for next in Stage::ALL {
            assert!(!Stage::Done.may_become(next), "{next:?}");
            assert_eq!(Stage::Failed.may_become(next), next == Stage::Queued, "{next:?}");
            assert_eq!(Stage::Cancelled.may_become(next), next == Stage::Queued, "{next:?}");
        }
    }

    #[test]
    fn nothing_is_placed_that_was_not_verified() {
        let before: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| stage.may_become(Stage::Placing)).collect();
        assert_eq!(before, [Stage::Verifying]);
    }

    #[test]
    fn every_active_state_can_be_left_after_a_crash() {
        for stage in Stage::ALL.into_iter().filter(|stage| stage.is_active()) {
            assert!(stage.may_become(Stage::Queued), "{stage:?}");
        }
    }
}
