//! How the tray should look for what the engine is doing. Pure: facts in, words and a state out.
//!
//! Several things may go on at once, and there is one icon and one line for them. The icon tells the first of these that is
//! so: something runs, something needs a person, something is held. The line tells everything that runs, downloads before
//! the scan, as they are what somebody waits for; then how much needs a person; and what is held only if nothing runs.

use modeldock_core::download::{Download, DownloadState};
use modeldock_core::jobs::{JobSnapshot, JobState, ScanPhase};
use modeldock_core::units::FileId;

use super::facts::Facts;
use super::hold::{Hold, Targets};
use super::tally::Tally;
use super::words::shorten;

/// Which icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TrayState {
    /// Nothing is going on.
    Idle,
    /// A scan or a download runs.
    Busy,
    /// What there is to do is held.
    Paused,
    /// The last scan or a download failed, or a disk is full.
    Attention,
}

/// The tray at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    /// Which icon.
    pub(super) state: TrayState,
    /// What is going on, as the menu's first line and in the tooltip.
    pub(super) text: String,
    /// What Pause does.
    pub(super) hold: Hold,
    /// The last downloads that are done, the newest first.
    pub(super) recent: Vec<Recent>,
}

/// A download that is done, as the menu lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recent {
    /// Its title, short enough for a menu.
    pub(super) title: String,
    /// Its row in the library, if it has one.
    pub(super) file: Option<FileId>,
}

/// Longer lines make some desktops' menus unwieldy, and Windows' tooltips end after 127.
const LONGEST_TEXT: usize = 100;

/// Titles come from people who upload models.
const LONGEST_TITLE: usize = 60;

/// How many finished downloads the menu lists.
const MOST_RECENT: usize = 5;

impl Look {
    /// Before anything has happened.
    pub(super) fn idle() -> Self {
        Self { state: TrayState::Idle, text: "Nothing running".to_owned(), hold: Hold::Nothing, recent: Vec::new() }
    }

    /// For the facts, where `by_tray` is what the tray itself holds.
    pub(super) fn of(facts: &Facts, by_tray: &Targets) -> Self {
        let tally = Tally::of(&facts.downloads);
        let job = |state| facts.jobs.iter().find(|job| job.state == state);
        let failure = last_failure(&facts.jobs);
        let (state, text) = if tally.runs() || job(JobState::Running).is_some() {
            let scan = job(JobState::Running).map(|job| running(job, tally.runs()));
            (TrayState::Busy, join([tally.running_text(), scan, tally.attention_text()]))
        } else if failure.is_some() || tally.needs_person() > 0 {
            let what = join([tally.attention(), failure.map(str::to_owned)]);
            (TrayState::Attention, format!("Needs attention: {what}"))
        } else if let Some(job) = job(JobState::Paused) {
            let scan = percent(job).map_or_else(|| "Paused".to_owned(), |percent| format!("Paused at {percent} %"));
            (TrayState::Paused, join([Some(scan), tally.held_text()]))
        } else if let Some(text) = tally.held_text() {
            (TrayState::Paused, format!("Paused: {text}"))
        } else {
            (TrayState::Idle, tally.later_text().unwrap_or_else(|| "Nothing running".to_owned()))
        };
        let text = shorten(&text, LONGEST_TEXT);
        Self { state, text, hold: Hold::of(facts, by_tray), recent: recent(&facts.downloads) }
    }

    /// What a pointer resting on the icon shows.
    pub(super) fn tooltip(&self) -> String {
        format!("Modeldock: {}", self.text)
    }
}

fn join<const N: usize>(parts: [Option<String>; N]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What the last scan failed with, unless another one is under way.
fn last_failure(jobs: &[JobSnapshot]) -> Option<&str> {
    let last = jobs.iter().max_by_key(|job| job.ended_at)?;
    let is_over = jobs.iter().all(|job| !matches!(job.state, JobState::Running | JobState::Paused));
    let reason = last.error.as_ref().map_or("the last scan failed", |error| &error.message);
    (is_over && last.state == JobState::Failed).then_some(reason)
}

fn recent(downloads: &[Download]) -> Vec<Recent> {
    let mut done: Vec<(&Download, Option<FileId>)> = downloads
        .iter()
        .filter_map(|download| match download.state {
            DownloadState::Done { file, .. } => Some((download, file)),
            _ => None,
        })
        .collect();
    done.sort_by_key(|(download, _)| std::cmp::Reverse((download.finished_at, download.id)));
    let recent = done.into_iter().take(MOST_RECENT);
    recent.map(|(download, file)| Recent { title: shorten(&download.title, LONGEST_TITLE), file }).collect()
}

/// `briefly` leaves out what there is no room for beside downloads.
fn running(job: &JobSnapshot, briefly: bool) -> String {
    match job.phase {
        ScanPhase::Walking => format!("Looking for models: {} found", job.files_found),
        ScanPhase::Hashing | ScanPhase::Verifying => {
            let percent = percent(job).map_or_else(String::new, |percent| format!(": {percent} %"));
            let left = job.seconds_left.filter(|_| !briefly);
            let left = left.map_or_else(String::new, |seconds| format!(", {}", time_left(seconds)));
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
    super::words::percent(job.bytes_hashed.0, job.bytes_to_hash.0)
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

#[cfg(test)]
mod tests {
    use modeldock_core::download::PauseReason;
    use modeldock_core::units::{ByteCount, JobId, UnixMillis};
    use modeldock_core::{Code, Error};

    use super::super::facts::tests::{done, download, held, job};
    use super::*;

    fn look(jobs: &[JobSnapshot], downloads: &[Download]) -> Look {
        Look::of(&Facts { jobs: jobs.to_vec(), downloads: downloads.to_vec() }, &Targets::default())
    }

    fn running_download(id: i64, received: u64, total: Option<u64>, speed: u64) -> Download {
        Download {
            received: ByteCount(received),
            total: total.map(ByteCount),
            speed: Some(ByteCount(speed)),
            ..download(id, DownloadState::Running)
        }
    }

    fn failed(id: i64, code: Code) -> Download {
        // What an error says is told by the page; it may name anything.
        let problem = Error::new(code, "https://storage.example/x?X-Amz-Signature=canary");
        download(id, DownloadState::Failed { problem })
    }

    #[test]
    fn a_running_job_shows_how_far_it_is() {
        let look = look(&[job(1, JobState::Done), job(2, JobState::Running)], &[]);
        assert_eq!(look.state, TrayState::Busy);
        assert_eq!(look.tooltip(), "Modeldock: Reading models: 42 %, 6 min left");
        assert_eq!(look.hold, Hold::Pause(Targets { job: Some(JobId(2)), downloads: [].into() }));
    }

    #[test]
    fn a_held_job_can_be_resumed() {
        let look = look(&[job(1, JobState::Paused)], &[]);
        assert_eq!(look.state, TrayState::Paused);
        assert_eq!(look.text, "Paused at 42 %");
        assert_eq!(look.hold.label(), "Resume");
    }

    #[test]
    fn only_the_last_jobs_failure_needs_attention() {
        let failed = JobSnapshot {
            ended_at: Some(UnixMillis(5)),
            error: Some(Error::new(Code::Io, "Could not read `/models`".to_owned() + &"x".repeat(200))),
            ..job(1, JobState::Failed)
        };
        let done = JobSnapshot { ended_at: Some(UnixMillis(9)), ..job(2, JobState::Done) };
        let alone = look(std::slice::from_ref(&failed), &[]);
        assert_eq!(alone.state, TrayState::Attention);
        assert!(alone.text.starts_with("Needs attention: Could not read `/models`"));
        assert_eq!(alone.text.chars().count(), LONGEST_TEXT);
        assert_eq!(look(&[failed.clone(), done], &[]), Look::idle());
        assert_eq!(look(&[failed, job(3, JobState::Paused)], &[]).state, TrayState::Paused);
    }

    #[test]
    fn a_scan_with_nothing_to_read_has_no_percentage() {
        let mut job = job(1, JobState::Running);
        (job.bytes_to_hash, job.bytes_hashed, job.seconds_left) = (ByteCount(0), ByteCount(0), None);
        assert_eq!(look(&[job], &[]).text, "Reading models");
    }

    #[test]
    fn downloads_are_told_in_bytes_over_all_that_run() {
        let mib = 1024 * 1024;
        let downloads = [
            running_download(1, 400, Some(1000), 8 * mib),
            running_download(2, 30, Some(100), 4 * mib + 200_000),
            download(3, done(7)),
        ];
        let two = look(&[], &downloads);
        assert_eq!(two.state, TrayState::Busy);
        assert_eq!(two.text, "Downloading 2 models · 39 % · 12 MiB/s");
        let one = look(&[], &[running_download(1, 5, None, 0), download(2, DownloadState::queued())]);
        assert_eq!(one.text, "Downloading 1 model · 1 waiting", "neither a length nor a speed is known");
        assert_eq!(look(&[], &[running_download(1, 999, Some(1000), 0)]).text, "Downloading 1 model · 99 %");
    }

    #[test]
    fn downloads_come_before_the_scan_and_what_is_wrong_after_both() {
        let downloads = [running_download(1, 1, Some(4), 2048), failed(2, Code::Unauthorised)];
        let look = look(&[job(1, JobState::Running)], &downloads);
        assert_eq!(look.state, TrayState::Busy);
        assert_eq!(look.text, "Downloading 1 model · 25 % · 2.0 KiB/s · Reading models: 42 % · 1 needs attention");
    }

    #[test]
    fn the_tray_is_paused_only_when_everything_is() {
        let running = running_download(1, 1, Some(4), 0);
        assert_eq!(look(&[job(1, JobState::Paused)], std::slice::from_ref(&running)).state, TrayState::Busy);
        assert_eq!(look(&[], &[running, download(2, held())]).state, TrayState::Busy);
        let all_held = look(&[job(1, JobState::Paused)], &[download(2, held()), download(3, done(1))]);
        assert_eq!((all_held.state, all_held.text.as_str()), (TrayState::Paused, "Paused at 42 % · 1 download held"));
        let downloads = look(&[], &[download(2, held()), download(3, held())]);
        assert_eq!((downloads.state, downloads.text.as_str()), (TrayState::Paused, "Paused: 2 downloads held"));
        assert_eq!(downloads.hold.label(), "Resume");
    }

    #[test]
    fn hours_hold_downloads_and_nobody_can_resume_them() {
        let look = look(&[], &[download(1, DownloadState::Paused { why: PauseReason::Hours })]);
        assert_eq!((look.state, look.text.as_str()), (TrayState::Paused, "Paused: 1 download waits for its hours"));
        assert_eq!(look.hold, Hold::Nothing);
    }

    #[test]
    fn a_failed_download_needs_attention_in_our_own_words() {
        let one = look(&[], &[failed(1, Code::Unauthorised), download(2, done(3))]);
        assert_eq!(one.state, TrayState::Attention);
        assert_eq!(one.text, "Needs attention: Model 1: sign in to Civitai first");
        let two = look(&[], &[failed(1, Code::Server), failed(2, Code::Io)]);
        assert_eq!(two.text, "Needs attention: 2 downloads");
        let problem = Error::new(Code::DiskFull, "");
        let full = DownloadState::Paused { why: PauseReason::DiskFull { needed: ByteCount(1), problem } };
        let full = look(&[], &[download(1, full)]);
        assert_eq!(full.state, TrayState::Attention);
        assert_eq!(full.text, "Needs attention: Model 1: the disk is full");
    }

    #[test]
    fn what_tries_again_by_itself_needs_nobody() {
        let problem = Some(Error::new(Code::Offline, "canary"));
        let later = DownloadState::Queued { retry_at: Some(UnixMillis(i64::MAX)), problem };
        let look = look(&[], &[download(1, later)]);
        assert_eq!((look.state, look.text.as_str()), (TrayState::Idle, "1 download is tried again later"));
        assert_eq!(look.hold.label(), "Pause");
    }

    #[test]
    fn the_last_finished_downloads_are_listed_newest_first() {
        let mut downloads: Vec<Download> = (1..=7).map(|id| download(id, done(id * 10))).collect();
        downloads.push(download(8, DownloadState::Cancelled));
        downloads[0].title = "x\n\u{202e}".to_owned() + &"y".repeat(100);
        downloads[0].finished_at = Some(UnixMillis(100));
        let recent = look(&[], &downloads).recent;
        let files: Vec<i64> = recent.iter().map(|recent| recent.file.unwrap().0).collect();
        assert_eq!(files, [10, 70, 60, 50, 40]);
        assert_eq!(recent[0].title.chars().count(), LONGEST_TITLE);
        assert!(recent[0].title.starts_with("x  yy"), "{:?}", recent[0].title);
    }

    #[test]
    fn time_is_told_coarsely() {
        assert_eq!(time_left(3.0), "less than a minute left");
        assert_eq!(time_left(200.0), "4 min left");
        assert_eq!(time_left(4.0 * 3600.0), "4 h left");
    }
}
