//! What Pause and Resume in the menu do. Pure: facts in, jobs and downloads out.
//!
//! Pause holds everything that runs or waits to. Resume lets go of what Pause held, and leaves alone what was held on the
//! page; only if the tray holds nothing, as after a start, it lets go of everything that is held.

use std::collections::BTreeSet;

use modeldock_core::jobs::JobState;
use modeldock_core::units::{DownloadId, JobId};

use super::facts::Facts;
use super::tally::{can_be_held, is_held};

/// A scan and downloads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Targets {
    /// The scan.
    pub(super) job: Option<JobId>,
    /// The downloads.
    pub(super) downloads: BTreeSet<DownloadId>,
}

/// What a click would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hold {
    /// There is nothing to hold.
    Nothing,
    /// Hold these.
    Pause(Targets),
    /// Let go of these.
    Resume(Targets),
}

impl Hold {
    /// For the facts, where `by_tray` is what the tray itself holds.
    pub(super) fn of(facts: &Facts, by_tray: &Targets) -> Self {
        let job = |state| facts.jobs.iter().find(|job| job.state == state).map(|job| job.id);
        let running = Targets {
            job: job(JobState::Running),
            downloads: facts.downloads.iter().filter(|one| can_be_held(&one.state)).map(|one| one.id).collect(),
        };
        if !running.is_empty() {
            return Self::Pause(running);
        }
        let held = Targets {
            job: job(JobState::Paused),
            downloads: facts.downloads.iter().filter(|one| is_held(&one.state)).map(|one| one.id).collect(),
        };
        let ours = held.and(by_tray);
        match (ours.is_empty(), held.is_empty()) {
            (false, _) => Self::Resume(ours),
            (true, false) => Self::Resume(held),
            (true, true) => Self::Nothing,
        }
    }

    /// What the menu offers.
    pub(super) fn label(&self) -> &'static str {
        match self {
            Self::Nothing | Self::Pause(_) => "Pause",
            Self::Resume(_) => "Resume",
        }
    }

    /// Whether it can be clicked.
    pub(super) fn is_possible(&self) -> bool {
        *self != Self::Nothing
    }
}

impl Targets {
    /// Neither a scan nor a download.
    pub(super) fn is_empty(&self) -> bool {
        self.job.is_none() && self.downloads.is_empty()
    }

    /// What is in both.
    fn and(&self, other: &Self) -> Self {
        Self {
            job: self.job.filter(|_| self.job == other.job),
            downloads: self.downloads.intersection(&other.downloads).copied().collect(),
        }
    }

    /// With these too.
    pub(super) fn add(&mut self, more: Self) {
        self.job = more.job.or(self.job);
        self.downloads.extend(more.downloads);
    }

    /// Without these.
    pub(super) fn remove(&mut self, less: &Self) {
        self.job = self.job.filter(|_| self.job != less.job);
        self.downloads.retain(|id| !less.downloads.contains(id));
    }
}

#[cfg(test)]
mod tests {
    use modeldock_core::download::{Download, DownloadState, PauseReason};

    use super::super::facts::tests::{done, download, held, job};
    use super::*;

    fn targets(job: Option<u64>, downloads: &[i64]) -> Targets {
        Targets { job: job.map(JobId), downloads: downloads.iter().copied().map(DownloadId).collect() }
    }

    fn facts(state: JobState, downloads: Vec<Download>) -> Facts {
        Facts { jobs: vec![job(1, state)], downloads }
    }

    #[test]
    fn pause_holds_what_runs_and_what_waits_to() {
        let hours = DownloadState::Paused { why: PauseReason::Hours };
        let downloads = vec![
            download(1, DownloadState::Running),
            download(2, DownloadState::queued()),
            download(3, held()),
            download(4, done(1)),
            download(5, hours),
            download(6, DownloadState::Placing),
        ];
        let hold = Hold::of(&facts(JobState::Running, downloads), &Targets::default());
        assert_eq!(hold, Hold::Pause(targets(Some(1), &[1, 2])));
    }

    #[test]
    fn resume_lets_go_only_of_what_the_tray_held() {
        let mut by_tray = Targets::default();
        by_tray.add(targets(Some(1), &[1, 2]));
        let held_ones = vec![download(1, held()), download(3, held())];
        let ours = Hold::of(&facts(JobState::Paused, held_ones.clone()), &by_tray);
        assert_eq!(ours, Hold::Resume(targets(Some(1), &[1])));
        by_tray.remove(&targets(Some(1), &[1, 2]));
        assert!(by_tray.is_empty());
        let all = Hold::of(&facts(JobState::Paused, held_ones), &by_tray);
        assert_eq!(all, Hold::Resume(targets(Some(1), &[1, 3])), "the tray holds nothing of its own");
    }

    #[test]
    fn while_something_runs_it_is_paused_whatever_is_held() {
        let downloads = vec![download(1, held()), download(2, DownloadState::Running)];
        let hold = Hold::of(&facts(JobState::Paused, downloads), &targets(Some(1), &[1]));
        assert_eq!(hold, Hold::Pause(targets(None, &[2])));
        assert!(!Hold::of(&facts(JobState::Done, vec![download(4, done(1))]), &Targets::default()).is_possible());
    }
}
