//! How far a scan is: counters that any thread may bump, and snapshots that are sampled from them.
//!
//! Counting is a relaxed atomic add, so ten thousand updates a second cost nothing; drawing happens at the sampler's
//! pace (five a second), never at the workers'.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::units::{ByteCount, JobId, UnixMillis};

/// What a scan is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ScanPhase {
    /// Looking through the folders.
    Walking,
    /// Finding out what files are without reading them: from other tools' measurements and small parts of the files.
    Identifying,
    /// Reading files that are new or changed.
    Hashing,
    /// Asking Civitai.
    Resolving,
    /// Reading files whose hash was taken over, to be sure of it.
    Verifying,
    /// Nothing more to do.
    Finished,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Working.
    Running,
    /// Held by the user.
    Paused,
    /// Ended by itself.
    Done,
    /// Ended by the user.
    Cancelled,
    /// Ended by an error; see `error`.
    Failed,
}

/// A job at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct JobSnapshot {
    /// Which job.
    pub id: JobId,
    /// Where it stands.
    pub state: JobState,
    /// What it is doing.
    pub phase: ScanPhase,
    /// Model files seen so far.
    pub files_found: u32,
    /// Files that must be read.
    pub files_to_hash: u32,
    /// Files that have been read.
    pub files_hashed: u32,
    /// Bytes that must be read.
    pub bytes_to_hash: ByteCount,
    /// Bytes that have been read.
    pub bytes_hashed: ByteCount,
    /// Over the last seconds.
    pub bytes_per_second: f64,
    /// An estimate, once there is a speed.
    pub seconds_left: Option<f64>,
    /// A file being read, as a path for people.
    pub current: Option<String>,
    /// When it started.
    pub started_at: UnixMillis,
    /// When it ended.
    pub ended_at: Option<UnixMillis>,
    /// Why it failed, or what it could not do although it went on.
    pub error: Option<Error>,
}

/// The counters of one running scan.
#[derive(Debug, Default)]
pub struct Progress {
    phase: Mutex<Option<ScanPhase>>,
    current: Mutex<Option<String>>,
    pub(crate) files_found: AtomicU64,
    pub(crate) files_to_hash: AtomicU64,
    pub(crate) files_hashed: AtomicU64,
    pub(crate) bytes_to_hash: AtomicU64,
    pub(crate) bytes_hashed: AtomicU64,
    pub(crate) bytes_sampled: AtomicU64,
}

impl Progress {
    pub(crate) fn add(counter: &AtomicU64, amount: u64) {
        counter.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn set_files_found(&self, files: u32) {
        self.files_found.store(u64::from(files), Ordering::Relaxed);
    }

    pub(crate) fn enter(&self, phase: ScanPhase) {
        *self.phase.lock().unwrap_or_else(PoisonError::into_inner) = Some(phase);
    }

    pub(crate) fn reading(&self, path: &std::path::Path) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.display().to_string());
    }

    /// What it is doing; walking until told otherwise.
    pub fn phase(&self) -> ScanPhase {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or(ScanPhase::Walking)
    }

    /// A file being read.
    pub fn current(&self) -> Option<String> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Bytes read so far.
    pub fn bytes_hashed(&self) -> u64 {
        self.bytes_hashed.load(Ordering::Relaxed)
    }

    /// Bytes read so far to find out what files probably are.
    pub fn bytes_sampled(&self) -> u64 {
        self.bytes_sampled.load(Ordering::Relaxed)
    }

    /// Bytes that are known to need reading so far.
    pub fn bytes_to_hash(&self) -> u64 {
        self.bytes_to_hash.load(Ordering::Relaxed)
    }

    /// `(found, to hash, hashed)` in files.
    pub fn files(&self) -> (u32, u32, u32) {
        let load = |counter: &AtomicU64| u32::try_from(counter.load(Ordering::Relaxed)).unwrap_or(u32::MAX);
        (load(&self.files_found), load(&self.files_to_hash), load(&self.files_hashed))
    }
}

/// Bytes a second over a sliding window, so that a pause or a slow file does not spoil the estimate for long.
#[derive(Debug, Default)]
pub struct Speedometer {
    samples: VecDeque<(Instant, u64)>,
}

impl Speedometer {
    const WINDOW: Duration = Duration::from_secs(8);

    /// Takes the total so far and returns the speed in bytes a second, 0 until there are two samples.
    pub fn sample(&mut self, now: Instant, total: u64) -> f64 {
        self.samples.push_back((now, total));
        while self.samples.len() > 2
            && self.samples.front().is_some_and(|(at, _)| now.duration_since(*at) > Self::WINDOW)
        {
            self.samples.pop_front();
        }
        let Some((first_at, first_total)) = self.samples.front() else { return 0.0 };
        let seconds = now.duration_since(*first_at).as_secs_f64();
        if seconds < 0.05 {
            return 0.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a speed for people needs no more than 53 bits")]
        let bytes = total.saturating_sub(*first_total) as f64;
        bytes / seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_measured_over_the_window_only() {
        let mut speedometer = Speedometer::default();
        let start = Instant::now();
        assert!(speedometer.sample(start, 0).abs() < f64::EPSILON);
        assert!((speedometer.sample(start + Duration::from_secs(1), 100) - 100.0).abs() < 1e-9);
        // A minute of standstill later only the standstill counts.
        speedometer.sample(start + Duration::from_secs(60), 100);
        assert!(speedometer.sample(start + Duration::from_secs(61), 100).abs() < f64::EPSILON);
    }
}
