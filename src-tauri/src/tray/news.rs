//! Which notifications there are. Pure: lists and times in, notices out.
//!
//! A notification is for what one waited for, and for what does not go on without a person; never for routine. What ends
//! within a short time is told at once, what has one cause is told once, and nothing is told twice: [`News`] remembers what
//! it has seen, beginning with what was so at the start, which is no news.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use modeldock_core::Code;
use modeldock_core::download::{Download, DownloadState, Stage};
use modeldock_core::jobs::{JobSnapshot, JobState};
use modeldock_core::units::{DownloadId, FileId, JobId};

use super::facts::Facts;
use super::tally::{goes_on, trouble};
use super::words::{count, is_model, reason, shorten};
use crate::window::Place;

/// What ends this soon after something else is told with it.
const JOIN_WITHIN: Duration = Duration::from_secs(3);

/// However much keeps ending, the first of it is told by now.
const LATEST: Duration = Duration::from_secs(15);

/// Titles come from people who upload models.
const LONGEST_TITLE: usize = 80;

/// A path beyond this tells nothing more.
const LONGEST_PATH: usize = 200;

/// So many titles are named; of the rest it is said how many there are.
const MOST_NAMED: usize = 3;

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Notice {
    /// The first line: plain text.
    pub(super) summary: String,
    /// The rest: plain text of a few lines.
    pub(super) body: String,
    /// What a click shows.
    pub(super) place: Place,
}

/// What has been seen, and what is about to be told.
#[derive(Debug, Default)]
pub(super) struct News {
    seen: HashMap<DownloadId, Seen>,
    last_job: Option<JobId>,
    /// No scan has ever ended.
    awaits_first_scan: bool,
    batch: Option<Batch>,
    /// Models that arrived since the queue was last empty.
    arrived: usize,
    /// Whether any of them is still to be fetched.
    goes_on: bool,
}

/// A download as it was when last looked at.
#[derive(Debug)]
struct Seen {
    stage: Stage,
    /// What was told to be wrong with it.
    told: Option<Code>,
}

/// What is told together.
#[derive(Debug)]
struct Batch {
    since: Instant,
    last: Instant,
    done: Vec<Done>,
    troubles: Vec<(String, Code)>,
}

#[derive(Debug)]
struct Done {
    title: String,
    folder: String,
    file: Option<FileId>,
}

impl News {
    /// What is so at the start is no news. `awaits_first_scan`: no folder has ever been looked through.
    pub(super) fn at_start(facts: &Facts, awaits_first_scan: bool) -> Self {
        let mut news =
            Self { awaits_first_scan, last_job: last_ended(&facts.jobs).map(|job| job.id), ..Self::default() };
        news.remember(&facts.downloads);
        news
    }

    /// Looks for what is new. What happens while the user `watches` the window is seen there.
    pub(super) fn look(&mut self, facts: &Facts, now: Instant, watches: bool) -> Option<Notice> {
        self.goes_on = facts.downloads.iter().any(|download| goes_on(&download.state));
        for download in &facts.downloads {
            self.look_at(download, now, watches);
        }
        self.remember(&facts.downloads);
        if !self.goes_on && self.batch.is_none() {
            self.arrived = 0;
        }
        self.first_scan(&facts.jobs).filter(|_| !watches)
    }

    /// When [`Self::tell`] has something to tell.
    pub(super) fn due(&self) -> Option<Instant> {
        self.batch.as_ref().map(|batch| (batch.last + JOIN_WITHIN).min(batch.since + LATEST))
    }

    /// What is due to be told. What waited while the user came to the window is seen there.
    pub(super) fn tell(&mut self, now: Instant, watches: bool) -> Vec<Notice> {
        if self.due().is_none_or(|due| due > now) {
            return Vec::new();
        }
        let Some(batch) = self.batch.take() else { return Vec::new() };
        let arrived = self.arrived;
        if !self.goes_on {
            self.arrived = 0;
        }
        if watches {
            return Vec::new();
        }
        let is_all = !self.goes_on && arrived > batch.done.len();
        let done = if is_all { all_done(arrived, &batch) } else { some_done(&batch.done) };
        done.into_iter().chain(need_person(&batch.troubles)).collect()
    }

    fn look_at(&mut self, download: &Download, now: Instant, watches: bool) {
        let before = self.seen.get(&download.id);
        if let Some(code) = trouble(&download.state) {
            let is_told = before.is_some_and(|before| before.told == Some(code)) || self.is_cause_told(code);
            if !is_told && !watches {
                self.batch_at(now).troubles.push((shorten(&download.title, LONGEST_TITLE), code));
            }
            return;
        }
        let was_done = before.is_some_and(|before| before.stage == Stage::Done);
        if let DownloadState::Done { file, was_there: false, .. } = download.state
            && !was_done
            && is_model(download)
        {
            self.arrived += 1;
            if !watches {
                let folder = Path::new(&download.path).parent().unwrap_or(Path::new(""));
                let done = Done {
                    title: shorten(&download.title, LONGEST_TITLE),
                    folder: shorten(&folder.to_string_lossy(), LONGEST_PATH),
                    file,
                };
                self.batch_at(now).done.push(done);
            }
        }
    }

    /// One disk or one key stands in the way of many downloads, and is one thing to see to. While it is still to be told,
    /// the others are told with it.
    fn is_cause_told(&self, code: Code) -> bool {
        let is_one_cause = matches!(code, Code::DiskFull | Code::Unauthorised);
        let is_in_batch =
            self.batch.as_ref().is_some_and(|batch| batch.troubles.iter().any(|(_, other)| *other == code));
        is_one_cause && !is_in_batch && self.seen.values().any(|other| other.told == Some(code))
    }

    fn batch_at(&mut self, now: Instant) -> &mut Batch {
        let batch =
            self.batch.get_or_insert_with(|| Batch { since: now, last: now, done: Vec::new(), troubles: Vec::new() });
        batch.last = now;
        batch
    }

    fn remember(&mut self, downloads: &[Download]) {
        let mut before = std::mem::take(&mut self.seen);
        for download in downloads {
            let (stage, trouble) = (download.state.stage(), trouble(&download.state));
            let told_before = before.remove(&download.id).and_then(|seen| seen.told);
            let told = match &download.state {
                // A full disk stays told until it is over: it comes and goes as others fill and free it.
                _ if trouble.is_some() => trouble,
                DownloadState::Done { .. } | DownloadState::Cancelled => None,
                _ => told_before.filter(|code| *code == Code::DiskFull),
            };
            self.seen.insert(download.id, Seen { stage, told });
        }
    }

    /// The first scan of all has ended.
    fn first_scan(&mut self, jobs: &[JobSnapshot]) -> Option<Notice> {
        let ended = last_ended(jobs).filter(|job| Some(job.id) != self.last_job)?;
        self.last_job = Some(ended.id);
        let found = usize::try_from(ended.files_found).unwrap_or(usize::MAX);
        if !self.awaits_first_scan || ended.state != JobState::Done || found == 0 {
            return None;
        }
        self.awaits_first_scan = false;
        Some(Notice {
            summary: "Your library is ready".to_owned(),
            body: format!("{} looked through", count(found, "model file")),
            place: Place::Library,
        })
    }
}

fn last_ended(jobs: &[JobSnapshot]) -> Option<&JobSnapshot> {
    jobs.iter().filter(|job| job.ended_at.is_some()).max_by_key(|job| job.ended_at)
}

fn some_done(done: &[Done]) -> Option<Notice> {
    match done {
        [] => None,
        [one] => Some(Notice {
            summary: "Download finished".to_owned(),
            body: format!("{}\n{}", one.title, one.folder),
            place: one.file.map_or(Place::Downloads, Place::File),
        }),
        many => Some(Notice {
            summary: format!("{} downloaded", count(many.len(), "model")),
            body: named(many.iter().map(|one| one.title.as_str()), many.len()),
            place: Place::Downloads,
        }),
    }
}

/// The end of a queue of which some was told before.
fn all_done(arrived: usize, batch: &Batch) -> Option<Notice> {
    (!batch.done.is_empty()).then(|| Notice {
        summary: "All downloads finished".to_owned(),
        body: format!("{} downloaded", count(arrived, "model")),
        place: Place::Downloads,
    })
}

fn need_person(troubles: &[(String, Code)]) -> Option<Notice> {
    let place = Place::Downloads;
    match troubles {
        [] => None,
        [(title, code)] => Some(Notice {
            summary: "A download needs attention".to_owned(),
            body: format!("{title}\n{}", sentence(*code)),
            place,
        }),
        [(_, first), ..] => {
            let titles = named(troubles.iter().map(|(title, _)| title.as_str()), troubles.len());
            let is_one_cause = troubles.iter().all(|(_, code)| code == first);
            Some(Notice {
                summary: format!("{} need attention", count(troubles.len(), "download")),
                body: if is_one_cause { format!("{titles}\n{}", sentence(*first)) } else { titles },
                place,
            })
        }
    }
}

/// The reason as a sentence of its own.
fn sentence(code: Code) -> String {
    let reason = reason(code);
    let (first, rest) = reason.split_at(reason.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}

/// `A, B, C and 2 more`.
fn named<'a>(titles: impl Iterator<Item = &'a str>, all: usize) -> String {
    let named: Vec<&str> = titles.take(MOST_NAMED).collect();
    let more = all - named.len();
    let named = named.join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

#[cfg(test)]
mod tests {
    use modeldock_core::Error;
    use modeldock_core::download::{PauseReason, VaultPart, Wanted};
    use modeldock_core::units::{ByteCount, UnixMillis, VaultItemId};

    use super::super::facts::tests::{done, download, held, job};
    use super::*;

    /// A story told with a clock: each step is a list as it comes, and what is told by then.
    struct Story {
        news: News,
        start: Instant,
        watches: bool,
    }

    impl Story {
        fn begin(downloads: Vec<Download>) -> Self {
            let news = News::at_start(&Facts { jobs: vec![], downloads }, false);
            Self { news, start: Instant::now(), watches: false }
        }

        /// The list at this second.
        fn list(&mut self, second: u64, downloads: Vec<Download>) {
            let facts = Facts { jobs: vec![], downloads };
            assert_eq!(self.news.look(&facts, self.start + Duration::from_secs(second), self.watches), None);
        }

        /// Everything told at this second, as `summary: body`.
        fn told(&mut self, second: u64) -> Vec<String> {
            let notices = self.news.tell(self.start + Duration::from_secs(second), self.watches);
            notices.into_iter().map(|notice| format!("{}: {}", notice.summary, notice.body)).collect()
        }
    }

    fn running(id: i64) -> Download {
        download(id, DownloadState::Running)
    }

    fn failed(id: i64, code: Code) -> Download {
        download(id, DownloadState::Failed { problem: Error::new(code, "https://x.example/?token=canary") })
    }

    fn full(id: i64) -> Download {
        let why = PauseReason::DiskFull { needed: ByteCount(1), problem: Error::new(Code::DiskFull, "canary") };
        download(id, DownloadState::Paused { why })
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn one_download_is_told_by_its_title_and_folder_once() {
        let mut story = Story::begin(vec![running(1)]);
        story.list(10, vec![download(1, done(7))]);
        assert_eq!(story.told(11), NOTHING, "another one may end any moment");
        let notice = story.news.tell(story.start + Duration::from_secs(13), false).remove(0);
        assert_eq!((notice.summary.as_str(), notice.body.as_str()), ("Download finished", "Model 1\n/models/loras"));
        assert_eq!(notice.place, Place::File(FileId(7)));
        story.list(14, vec![download(1, done(7))]);
        assert_eq!(story.told(100), NOTHING);
    }

    #[test]
    fn what_ends_together_is_told_together_and_the_end_of_the_queue_last() {
        let mut story = Story::begin((1..=5).map(running).collect());
        story.list(1, vec![download(1, done(1)), running(2), running(3), running(4), running(5)]);
        story.list(
            3,
            vec![download(1, done(1)), download(2, done(2)), download(3, done(3)), download(4, done(4)), running(5)],
        );
        assert_eq!(story.told(5), NOTHING);
        assert_eq!(story.told(6), ["4 models downloaded: Model 1, Model 2, Model 3 and 1 more"]);
        story.list(60, (1..=5).map(|id| download(id, done(id))).collect());
        assert_eq!(story.told(63), ["All downloads finished: 5 models downloaded"]);
        // The next queue counts anew.
        story.list(70, vec![running(6)]);
        story.list(80, vec![download(6, done(6))]);
        assert_eq!(story.told(83), ["Download finished: Model 6\n/models/loras"]);
    }

    #[test]
    fn a_stream_of_ends_is_told_now_and_then() {
        let all =
            |ended: i64| (1..=40).map(|id| if id <= ended { download(id, done(id)) } else { running(id) }).collect();
        let mut story = Story::begin(all(0));
        for second in 1..=15 {
            story.list(second, all(i64::try_from(second).unwrap()));
            assert_eq!(story.told(second), NOTHING);
        }
        assert_eq!(story.told(16), ["15 models downloaded: Model 1, Model 2, Model 3 and 12 more"]);
    }

    #[test]
    fn what_was_so_before_the_start_is_no_news() {
        let mut story = Story::begin(vec![download(1, done(1)), failed(2, Code::Io), full(3)]);
        story.list(1, vec![download(1, done(1)), failed(2, Code::Io), full(3)]);
        assert_eq!(story.told(100), NOTHING);
    }

    #[test]
    fn nothing_is_told_to_somebody_who_watches() {
        let mut story = Story::begin(vec![running(1), running(2), running(3)]);
        story.watches = true;
        story.list(1, vec![download(1, done(1)), failed(2, Code::Io), running(3)]);
        story.watches = false;
        assert_eq!(story.told(100), NOTHING);
        // Who comes to the window before it is told sees it there.
        story.list(110, vec![download(1, done(1)), failed(2, Code::Io), download(3, done(3))]);
        story.watches = true;
        assert_eq!(story.told(113), NOTHING);
        story.watches = false;
        assert_eq!(story.told(200), NOTHING);
    }

    #[test]
    fn routine_is_not_told() {
        let mut story = Story::begin(vec![running(1), running(2), running(3), running(4)]);
        let was_there = DownloadState::Done { file: None, verified: true, was_there: true };
        let later =
            DownloadState::Queued { retry_at: Some(UnixMillis(9)), problem: Some(Error::new(Code::Offline, "")) };
        let page = Wanted::Vault { item: VaultItemId(1), part: VaultPart::Details, file: None };
        story.list(
            1,
            vec![
                download(1, was_there),
                download(2, later),
                download(3, held()),
                Download { wanted: page, ..download(4, done(4)) },
                download(5, DownloadState::Cancelled),
            ],
        );
        assert_eq!(story.told(100), NOTHING);
    }

    #[test]
    fn a_failure_is_told_in_our_own_words_and_again_only_after_another_try() {
        let mut story = Story::begin(vec![running(1)]);
        story.list(1, vec![failed(1, Code::WrongContent)]);
        assert_eq!(story.told(4), ["A download needs attention: Model 1\nWhat came is not what it should be"]);
        story.list(5, vec![failed(1, Code::WrongContent)]);
        assert_eq!(story.told(100), NOTHING);
        story.list(101, vec![running(1)]);
        story.list(102, vec![failed(1, Code::WrongContent)]);
        assert_eq!(story.told(105).len(), 1);
    }

    #[test]
    fn one_cause_is_told_once_however_many_downloads_it_stops() {
        let mut story = Story::begin((1..=4).map(running).collect());
        story.list(1, vec![failed(1, Code::Unauthorised), running(2), running(3), running(4)]);
        story.list(2, vec![failed(1, Code::Unauthorised), failed(2, Code::Unauthorised), running(3), running(4)]);
        assert_eq!(story.told(5), ["2 downloads need attention: Model 1, Model 2\nSign in to Civitai first"]);
        story.list(60, vec![failed(1, Code::Unauthorised), failed(3, Code::Unauthorised), running(4)]);
        assert_eq!(story.told(63), NOTHING);
        story.list(70, vec![failed(1, Code::Unauthorised), full(4)]);
        assert_eq!(story.told(73), ["A download needs attention: Model 4\nThe disk is full"]);
        // It tries whenever there is some room, and ends up the same.
        story.list(80, vec![running(4)]);
        story.list(81, vec![full(4)]);
        assert_eq!(story.told(100), NOTHING);
    }

    #[test]
    fn the_first_scan_is_told_and_no_other() {
        let ended =
            |id, state| JobSnapshot { ended_at: Some(UnixMillis(i64::try_from(id).unwrap())), ..job(id, state) };
        let facts = |jobs| Facts { jobs, downloads: vec![] };
        let now = Instant::now();
        let mut first = News::at_start(&Facts::default(), true);
        assert_eq!(first.look(&facts(vec![job(1, JobState::Running)]), now, false), None);
        assert_eq!(first.look(&facts(vec![ended(1, JobState::Cancelled)]), now, false), None);
        let notice = first.look(&facts(vec![ended(2, JobState::Done)]), now, false).unwrap();
        assert_eq!(notice.body, "10 model files looked through");
        assert_eq!(first.look(&facts(vec![ended(2, JobState::Done)]), now, false), None);
        assert_eq!(first.look(&facts(vec![ended(3, JobState::Done)]), now, false), None);
        let mut later = News::at_start(&Facts::default(), false);
        assert_eq!(later.look(&facts(vec![ended(1, JobState::Done)]), now, false), None);
        let mut watched = News::at_start(&Facts::default(), true);
        assert_eq!(watched.look(&facts(vec![ended(1, JobState::Done)]), now, true), None);
    }
}
