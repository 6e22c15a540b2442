//! The downloads added up, and what is told of them in one line. Pure.

use modeldock_core::Code;
use modeldock_core::download::{Download, DownloadState, PauseReason, Stage};

use super::words::{count, is_model, percent, reason, shorten, speed};

/// Titles come from people who upload models.
const LONGEST_TITLE: usize = 40;

/// How many downloads are where, and how far those at work are.
#[derive(Debug, Default)]
pub(super) struct Tally<'a> {
    at_work: usize,
    /// Of those at work, the ones that are not models.
    others: usize,
    /// Bytes of those at work whose length is known.
    received: u64,
    total: u64,
    speed: u64,
    /// They start as soon as there is room in the queue.
    waiting: usize,
    /// They are tried again at a time.
    later: usize,
    held: usize,
    out_of_hours: usize,
    /// What does not go on without a person, and why.
    troubles: Vec<(&'a Download, Code)>,
}

impl<'a> Tally<'a> {
    pub(super) fn of(downloads: &'a [Download]) -> Self {
        let mut tally = Self::default();
        for download in downloads {
            tally.add(download);
        }
        tally
    }

    fn add(&mut self, download: &'a Download) {
        if let Some(code) = trouble(&download.state) {
            return self.troubles.push((download, code));
        }
        match &download.state {
            DownloadState::Resolving | DownloadState::Running | DownloadState::Verifying | DownloadState::Placing => {
                self.at_work += 1;
                self.others += usize::from(!is_model(download));
                self.speed += download.speed.map_or(0, |speed| speed.0);
                if let Some(total) = download.total {
                    self.received += download.received.0.min(total.0);
                    self.total += total.0;
                }
            }
            DownloadState::Queued { retry_at: None, .. } => self.waiting += 1,
            DownloadState::Queued { retry_at: Some(_), .. } => self.later += 1,
            DownloadState::Paused { why: PauseReason::User } => self.held += 1,
            DownloadState::Paused { why: PauseReason::Hours } => self.out_of_hours += 1,
            // Troubles were told above; the rest is over.
            DownloadState::Paused { why: PauseReason::DiskFull { .. } }
            | DownloadState::Failed { .. }
            | DownloadState::Done { .. }
            | DownloadState::Cancelled => {}
        }
    }

    /// Whether something is under way, or about to be.
    pub(super) fn runs(&self) -> bool {
        self.at_work + self.waiting > 0
    }

    /// How many need a person.
    pub(super) fn needs_person(&self) -> usize {
        self.troubles.len()
    }

    /// `Downloading 2 models · 43 % · 12 MiB/s · 3 waiting`.
    pub(super) fn running_text(&self) -> Option<String> {
        let waiting = (self.waiting > 0).then(|| format!("{} waiting", self.waiting));
        if self.at_work == 0 {
            return (self.waiting > 0).then(|| format!("Starting {}", count(self.waiting, "download")));
        }
        let noun = if self.others == 0 { "model" } else { "file" };
        let parts = [
            Some(format!("Downloading {}", count(self.at_work, noun))),
            percent(self.received, self.total).map(|percent| format!("{percent} %")),
            (self.speed > 0).then(|| speed(self.speed)),
            waiting,
        ];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
    }

    /// Beside what runs.
    pub(super) fn attention_text(&self) -> Option<String> {
        match self.troubles.len() {
            0 => None,
            1 => Some("1 needs attention".to_owned()),
            many => Some(format!("{many} need attention")),
        }
    }

    /// What needs a person, if nothing runs.
    pub(super) fn attention(&self) -> Option<String> {
        match self.troubles.as_slice() {
            [] => None,
            [(download, code)] => Some(format!("{}: {}", shorten(&download.title, LONGEST_TITLE), reason(*code))),
            [(_, first), rest @ ..] if rest.iter().all(|(_, code)| code == first) && *first == Code::DiskFull => {
                Some(format!("{}: {}", count(self.troubles.len(), "download"), reason(*first)))
            }
            many => Some(count(many.len(), "download")),
        }
    }

    /// What does not run because somebody or the clock holds it.
    pub(super) fn held_text(&self) -> Option<String> {
        match (self.held, self.out_of_hours) {
            (0, 0) => None,
            (0, 1) => Some("1 download waits for its hours".to_owned()),
            (0, many) => Some(format!("{many} downloads wait for their hours")),
            (held, _) => Some(format!("{} held", count(held, "download"))),
        }
    }

    /// What goes on by itself, but not now.
    pub(super) fn later_text(&self) -> Option<String> {
        match self.later {
            0 => None,
            1 => Some("1 download is tried again later".to_owned()),
            many => Some(format!("{many} downloads are tried again later")),
        }
    }
}

/// Why a download does not go on without a person; `None` if it does, or is over.
pub(super) fn trouble(state: &DownloadState) -> Option<Code> {
    match state {
        DownloadState::Failed { problem } => Some(problem.code),
        DownloadState::Paused { why: PauseReason::DiskFull { .. } } => Some(Code::DiskFull),
        _ => None,
    }
}

/// Whether it will run, now or later, without anybody's doing.
pub(super) fn goes_on(state: &DownloadState) -> bool {
    let held = matches!(state, DownloadState::Paused { why: PauseReason::User });
    !held && !state.stage().is_final()
}

/// Whether the user holds it.
pub(super) fn is_held(state: &DownloadState) -> bool {
    matches!(state, DownloadState::Paused { why: PauseReason::User })
}

/// Whether Pause can hold it: what is being placed is as good as done, and what is paused is.
pub(super) fn can_be_held(state: &DownloadState) -> bool {
    matches!(state.stage(), Stage::Queued | Stage::Resolving | Stage::Running | Stage::Verifying)
}
