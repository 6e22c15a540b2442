//! A scan under way, as the rest of the program holds it: watch it, pause it, wait for its end.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{JobControl, JobSnapshot, JobState, Progress, Speedometer};
use crate::error::{Code, Error, Result};
use crate::scan::ScanOutcome;
use crate::units::{ByteCount, JobId, UnixMillis};

/// A scan under way. Clones share it.
#[derive(Clone)]
pub struct RunningScan(Arc<Job>);

struct Job {
    id: JobId,
    control: JobControl,
    progress: Arc<Progress>,
    speed: Mutex<Speedometer>,
    started_at: UnixMillis,
    outcome: tokio::sync::watch::Sender<Option<Result<ScanOutcome>>>,
}

impl RunningScan {
    pub(crate) fn new(id: JobId) -> Self {
        Self(Arc::new(Job {
            id,
            control: JobControl::default(),
            progress: Arc::default(),
            speed: Mutex::default(),
            started_at: UnixMillis::now(),
            outcome: tokio::sync::watch::Sender::new(None),
        }))
    }

    /// Its number.
    pub fn id(&self) -> JobId {
        self.0.id
    }

    /// Pause and cancel.
    pub fn control(&self) -> &JobControl {
        &self.0.control
    }

    /// How far it is.
    pub fn progress(&self) -> JobSnapshot {
        self.snapshot(None)
    }

    /// Waits for its end.
    pub async fn wait(&self) -> Result<ScanOutcome> {
        let mut outcome = self.0.outcome.subscribe();
        match outcome.wait_for(Option::is_some).await {
            Ok(outcome) => outcome.clone().unwrap_or_else(|| Err(ended_early())),
            Err(_) => Err(ended_early()),
        }
    }

    /// Where the scan counts.
    pub(crate) fn counters(&self) -> &Arc<Progress> {
        &self.0.progress
    }

    /// Tells everybody who waits, and whoever waits later, how it ended.
    pub(crate) fn finish(&self, outcome: Result<ScanOutcome>) {
        // `send` would drop the outcome where nobody waits yet.
        self.0.outcome.send_replace(Some(outcome));
    }

    /// How it stands, or how it ended.
    pub(crate) fn snapshot(&self, end: Option<(JobState, Option<Error>)>) -> JobSnapshot {
        let progress = &self.0.progress;
        let (files_found, files_to_hash, files_hashed) = progress.files();
        let (to_hash, hashed) = (progress.bytes_to_hash(), progress.bytes_hashed());
        let speed = self.0.speed.lock().unwrap_or_else(PoisonError::into_inner).sample(Instant::now(), hashed);
        #[expect(clippy::cast_precision_loss, reason = "an estimate for people needs no more than 53 bits")]
        let left = to_hash.saturating_sub(hashed) as f64;
        let is_paused = self.0.control.is_paused();
        let (state, error) = end.unwrap_or((if is_paused { JobState::Paused } else { JobState::Running }, None));
        let is_over = !matches!(state, JobState::Running | JobState::Paused);
        JobSnapshot {
            id: self.0.id,
            state,
            phase: progress.phase(),
            files_found,
            files_to_hash,
            files_hashed,
            bytes_to_hash: ByteCount(to_hash),
            bytes_hashed: ByteCount(hashed),
            bytes_per_second: speed,
            seconds_left: (speed > 0.0 && left > 0.0 && !is_over && !is_paused).then(|| left / speed),
            current: progress.current().filter(|_| !is_over),
            started_at: self.0.started_at,
            ended_at: is_over.then(UnixMillis::now),
            error,
        }
    }
}

fn ended_early() -> Error {
    Error::new(Code::Internal, "The scan ended without a result")
        .hint("This is a defect of Modeldock; please report it")
}
