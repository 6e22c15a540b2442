//! How the tray should look for what the engine is doing. Pure: jobs in, words and a state out.

use modeldock_core::jobs::{JobSnapshot, JobState, ScanPhase};
use modeldock_core::units::JobId;

/// Which icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrayState {
    /// Nothing is going on.
    Idle,
    /// A job runs.
    Busy,
    /// A job is held.
    Paused,
    /// The last job failed.
    Attention,
}

/// The tray at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Which icon.
    pub state: TrayState,
    /// What is going on, as the menu's first line and in the tooltip.
    pub text: String,
    /// The job that Pause holds or lets go on.
    pub job: Option<JobId>,
}

/// Longer lines make some desktops' menus unwieldy.
const LONGEST_TEXT: usize = 80;

impl Look {
    /// Before anything has happened.
    pub fn idle() -> Self {
        Self { state: TrayState::Idle, text: "Nothing running".to_owned(), job: None }
    }

    /// For the jobs as listed: a running one first, then a held one, then how the last one ended.
    pub fn of(jobs: &[JobSnapshot]) -> Self {
        let in_state = |state| jobs.iter().find(|job| job.state == state);
        if let Some(job) = in_state(JobState::Running) {
            return Self { state: TrayState::Busy, text: running(job), job: Some(job.id) };
        }
        if let Some(job) = in_state(JobState::Paused) {
            let text = percent(job).map_or_else(|| "Paused".to_owned(), |percent| format!("Paused at {percent} %"));
            return Self { state: TrayState::Paused, text, job: Some(job.id) };
        }
        match jobs.iter().max_by_key(|job| job.ended_at) {
            Some(job) if job.state == JobState::Failed => {
                let reason = job.error.as_ref().map_or("the last scan failed", |error| &error.message);
                let text = format!("Needs attention: {reason}");
                Self { state: TrayState::Attention, text: shorten(&text), job: None }
            }
            _ => Self::idle(),
        }
    }

    /// What a pointer resting on the icon shows.
    pub fn tooltip(&self) -> String {
        format!("Modeldock: {}", self.text)
    }

    /// What the menu offers.
    pub fn pause_label(&self) -> &'static str {
        if self.state == TrayState::Paused { "Resume" } else { "Pause" }
    }
}

fn running(job: &JobSnapshot) -> String {
    match job.phase {
        ScanPhase::Walking => format!("Looking for models: {} found", job.files_found),
        ScanPhase::Hashing | ScanPhase::Verifying => {
            let percent = percent(job).map_or_else(String::new, |percent| format!(": {percent} %"));
            let left = job.seconds_left.map_or_else(String::new, |seconds| format!(", {}", time_left(seconds)));
            let what = if job.phase == ScanPhase::Verifying { "Verifying" } else { "Reading" };
            format!("{what} models{percent}{left}")
        }
        ScanPhase::Identifying => "Recognising files".to_owned(),
        ScanPhase::Resolving => "Asking Civitai".to_owned(),
        ScanPhase::Finished => "Finishing".to_owned(),
    }
}

/// Of the bytes to read; 100 only when all are read.
fn percent(job: &JobSnapshot) -> Option<u64> {
    let (done, all) = (u128::from(job.bytes_hashed.0), u128::from(job.bytes_to_hash.0));
    (all > 0).then(|| u64::try_from((done * 100 / all).min(100)).unwrap_or(100))
}

/// Coarse, so that the menu does not change every second.
fn time_left(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil();
    if minutes <= 1.0 {
        "less than a minute left".to_owned()
    } else if minutes < 90.0 {
        format!("{minutes:.0} min left")
    } else {
        format!("{:.0} h left", (minutes / 60.0).round())
    }
}

fn shorten(text: &str) -> String {
    if text.chars().count() <= LONGEST_TEXT {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST_TEXT - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use modeldock_core::units::{ByteCount, UnixMillis};
    use modeldock_core::{Code, Error};

    use super::*;

    fn job(id: u64, state: JobState) -> JobSnapshot {
        JobSnapshot {
            id: JobId(id),
            state,
            phase: ScanPhase::Hashing,
            files_found: 10,
            files_to_hash: 10,
            files_hashed: 4,
            bytes_to_hash: ByteCount(1000),
            bytes_hashed: ByteCount(427),
            bytes_per_second: 1.0,
            seconds_left: Some(341.0),
            current: None,
            started_at: UnixMillis(0),
            ended_at: None,
            error: None,
        }
    }

    #[test]
    fn a_running_job_shows_how_far_it_is() {
        let look = Look::of(&[job(1, JobState::Done), job(2, JobState::Running)]);
        assert_eq!(look.state, TrayState::Busy);
        assert_eq!(look.tooltip(), "Modeldock: Reading models: 42 %, 6 min left");
        assert_eq!(look.job, Some(JobId(2)));
        assert_eq!(look.pause_label(), "Pause");
    }

    #[test]
    fn a_held_job_can_be_resumed() {
        let look = Look::of(&[job(1, JobState::Paused)]);
        assert_eq!(look.state, TrayState::Paused);
        assert_eq!(look.text, "Paused at 42 %");
        assert_eq!(look.pause_label(), "Resume");
    }

    #[test]
    fn only_the_last_jobs_failure_needs_attention() {
        let failed = JobSnapshot {
            ended_at: Some(UnixMillis(5)),
            error: Some(Error::new(Code::Io, "Could not read `/models`".to_owned() + &"x".repeat(200))),
            ..job(1, JobState::Failed)
        };
        let done = JobSnapshot { ended_at: Some(UnixMillis(9)), ..job(2, JobState::Done) };
        let look = Look::of(std::slice::from_ref(&failed));
        assert_eq!(look.state, TrayState::Attention);
        assert!(look.text.starts_with("Needs attention: Could not read `/models`"));
        assert_eq!(look.text.chars().count(), LONGEST_TEXT);
        assert_eq!(Look::of(&[failed, done]), Look::idle());
    }

    #[test]
    fn a_scan_with_nothing_to_read_has_no_percentage() {
        let mut job = job(1, JobState::Running);
        (job.bytes_to_hash, job.bytes_hashed, job.seconds_left) = (ByteCount(0), ByteCount(0), None);
        assert_eq!(Look::of(&[job]).text, "Reading models");
    }

    #[test]
    fn time_is_told_coarsely() {
        assert_eq!(time_left(3.0), "less than a minute left");
        assert_eq!(time_left(200.0), "4 min left");
        assert_eq!(time_left(4.0 * 3600.0), "4 h left");
    }
}
