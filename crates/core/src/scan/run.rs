//! One scan from beginning to end, on a thread of its own.
//!
//! A scan looks, finds out what it can without reading, and reads the rest, most urgent first. While it reads, it looks
//! again wherever it is told to: a library may take hours to read, and a model that arrives meanwhile must not wait.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::look::{Looked, Pending};
use super::report::{ScanEvent, ScanObserver, ScanOutcome, ScanSummary};
use super::{Fingerprint, ScanDepth, Scope};
use crate::error::{Error, Result};
use crate::hash::{Checkpoints, HashPool, HashResult, HashTask, Kinds, PoolOptions, ReadOptions, Sha256, Urgency};
use crate::jobs::{Cancelled, JobControl, Progress, ScanPhase};
use crate::paths::Paths;
use crate::resolve::{Answer, Resolver};
use crate::store::{Outcome, StateCounts, Store, Which};
use crate::units::{FileId, RootId, UnixMillis};

/// Finished files are committed at least this often; a crash costs no more.
const COMMIT_EVERY: Duration = Duration::from_millis(200);

/// A file of this size is committed at once: reading it again would hurt. In bytes.
const COMMIT_AT_ONCE: u64 = 64 * 1024 * 1024;

/// While a long scan reads, Civitai is asked about what is finished this often, so that names appear early. A library
/// that is read faster than this is asked about in one go at the end.
const ASK_EVERY: Duration = Duration::from_secs(30);

/// How long a file that was left half read is remembered, in days.
const REMEMBER_PARTIALS: u64 = 30;

/// Renames and writes this close together may have been of one file, in seconds. The watcher holds a file that keeps
/// being written for as long at most.
pub(crate) const RENAMED_LATELY: i64 = 600;

/// What a file is read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// What a look saw.
    pub(super) print: Fingerprint,
    /// Every row its content belongs to.
    pub(super) rows: Vec<FileId>,
}

/// Which scan.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScanOptions {
    /// Where it looks first.
    pub(crate) scope: Scope,
    /// How much it reads.
    pub(crate) depth: ScanDepth,
    /// Files read at once; 0 means one per core.
    pub(crate) threads: usize,
    /// Whether Civitai is asked.
    pub(crate) look_up: bool,
}

/// Where a scan is told to look while it runs. Taking them empties it.
pub(crate) type Mailbox = Arc<dyn Fn() -> Vec<(Scope, ScanDepth)> + Send + Sync>;

/// A scan, ready to run.
pub(crate) struct Scan {
    pub(crate) store: Store,
    pub(crate) resolver: Resolver,
    pub(crate) options: ScanOptions,
    pub(crate) control: JobControl,
    pub(crate) progress: Arc<Progress>,
    pub(crate) observer: Arc<dyn ScanObserver>,
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) mailbox: Mailbox,
    /// What the watcher knows of files that are being written.
    pub(crate) writes: Arc<dyn Writes>,
}

/// What is known of writes to model files, beyond what their times say.
pub(crate) trait Writes: Send + Sync {
    /// Files that are still being written: they are left for the hint that follows.
    fn unsettled(&self) -> Vec<PathBuf>;
    /// Whether any model file was seen to be written to in the last while.
    fn were_lately(&self) -> bool;
}

impl Scan {
    /// Runs it. Blocks; call it on a thread of its own. An error is only what kept it from doing anything at all.
    pub(crate) fn run(self) -> Result<ScanOutcome> {
        let started = Instant::now();
        let roots = self.roots()?;
        let paths = roots.iter().map(|(_, path)| path.clone()).collect();
        self.tell(ScanEvent::Started { roots: paths });

        let mut problem = None;
        let mut reading = Reading::default();
        if let Err(stop) = self.look_and_read(&mut reading) {
            match stop {
                Stop::Cancelled => {}
                Stop::Failed(error) => problem = Some(error),
            }
        }
        problem = problem.or(reading.problem);

        self.progress.enter(ScanPhase::Finished);
        let ids: Vec<RootId> = roots.iter().map(|(id, _)| *id).collect();
        let counts = self
            .store
            .read_blocking(|tx| if ids.is_empty() { Ok(StateCounts::default()) } else { tx.count_states(&ids) });
        let counts = counts.unwrap_or_else(|error| {
            problem.get_or_insert(error);
            StateCounts::default()
        });
        // While walking every path counts; in the end a file with several paths is one file.
        self.progress.set_files_found(counts.files);
        let summary = ScanSummary {
            files: counts.files,
            hashed: reading.files,
            bytes_hashed: reading.bytes,
            bytes_sampled: self.progress.bytes_sampled(),
            matched: counts.matched,
            probable: counts.probable,
            not_found: counts.not_found,
            pending: counts.pending,
            failed: counts.failed,
            seconds: started.elapsed().as_secs_f64(),
            cancelled: self.control.is_cancelled(),
        };
        self.tell(ScanEvent::Summary(summary.clone()));
        Ok(ScanOutcome { summary, problem })
    }

    /// The roots this scan is about, with their paths for people.
    fn roots(&self) -> Result<Vec<(RootId, String)>> {
        let mut roots = self.store.read_blocking(|tx| tx.roots())?;
        let wanted = match &self.options.scope {
            Scope::All => None,
            Scope::Roots(ids) => Some(ids.clone()),
            Scope::Folders { root, .. } => Some(vec![*root]),
        };
        if let Some(wanted) = wanted {
            if let Some(unknown) = wanted.iter().find(|id| !roots.iter().any(|root| root.id == **id)) {
                return Err(Error::not_found(format!("There is no model folder number {}", unknown.0))
                    .hint("`modeldock roots list` shows them"));
            }
            roots.retain(|root| wanted.contains(&root.id));
        }
        Ok(roots.into_iter().map(|root| (root.id, root.path.display().to_string())).collect())
    }

    fn look_and_read(&self, reading: &mut Reading) -> Result<(), Stop> {
        self.progress.enter(ScanPhase::Walking);
        let tasks = self.look_and_decide(&self.options.scope, self.options.depth, reading)?;
        self.progress.enter(ScanPhase::Hashing);
        self.read(tasks, reading)?;
        self.look_at_beginnings()?;
        if self.options.look_up {
            self.progress.enter(ScanPhase::Resolving);
            self.runtime.block_on(self.ask(true))?;
        }
        self.control.checkpoint()?;
        Ok(())
    }

    /// Looks, and says what is read. Where files were renamed while some file was written to, the two may be one: its new
    /// name has a hash that was kept over the rename and is no longer true. Then every renamed file is read again.
    fn look_and_decide(
        &self,
        scope: &Scope,
        depth: ScanDepth,
        reading: &mut Reading,
    ) -> Result<Vec<HashTask<Wanted>>, Stop> {
        // Later looks see what was counted by the first.
        let is_first = !std::mem::replace(&mut reading.has_looked, true);
        let looked = self.look(scope, is_first)?;
        match scope {
            Scope::Folders { .. } if self.has_lost_sight()? => {
                let everywhere = self.look(&Scope::All, false)?;
                self.decide_reading(everywhere, ScanDepth::Thorough, reading)
            }
            _ => self.decide_reading(looked, depth, reading),
        }
    }

    fn has_lost_sight(&self) -> Result<bool> {
        let since = UnixMillis::now().plus_seconds(-RENAMED_LATELY);
        Ok(self.writes.were_lately() && self.store.read_blocking(|tx| tx.has_renamed_since(since))?)
    }

    /// Finds out what can be found out without reading, and says what is read, how urgently.
    ///
    /// What is being read already, for the same rows and as it is now, is not read once more: another file came beside it.
    /// Unless it is said to have been written to, or everything is in doubt: times can lie, and the read may have begun
    /// before.
    fn decide_reading(
        &self,
        looked: Looked,
        depth: ScanDepth,
        reading: &mut Reading,
    ) -> Result<Vec<HashTask<Wanted>>, Stop> {
        let unsettled: HashSet<PathBuf> =
            if looked.unknown.is_empty() { HashSet::new() } else { self.writes.unsettled().into_iter().collect() };
        let is_new = |pending: &Pending, reading: &Reading| {
            depth == ScanDepth::Thorough || pending.is_written || !reading.is_underway(pending)
        };
        let mut unknown = looked.unknown;
        unknown.retain(|pending| !unsettled.contains(&pending.path) && is_new(pending, reading));
        let identified = self.identify(unknown, depth)?;
        let believed =
            looked.believed.into_iter().filter(|pending| is_new(pending, reading)).chain(identified.believed);
        let recheck = looked.recheck.into_iter().filter(|pending| is_new(pending, reading));
        let later: Vec<Pending> = match depth {
            ScanDepth::Quick => Vec::new(),
            ScanDepth::Usual => believed.collect(),
            ScanDepth::Thorough => believed.chain(recheck).collect(),
        };
        let tasks = |pending: Vec<Pending>, urgency: Urgency| {
            pending.into_iter().map(move |pending| HashTask {
                path: pending.path,
                size: pending.print.size,
                volume: pending.print.identity.volume,
                urgency,
                tag: Wanted { print: pending.print, rows: pending.rows },
            })
        };
        let unknown = tasks(identified.unknown, Urgency::Unknown);
        reading.unknown_left += unknown.len();
        let all: Vec<HashTask<Wanted>> = unknown.chain(tasks(later, Urgency::Unverified)).collect();
        reading.underway.extend(all.iter().map(|task| (task.path.clone(), task.tag.clone())));
        Progress::add(&self.progress.files_to_hash, all.len() as u64);
        Progress::add(&self.progress.bytes_to_hash, all.iter().map(|task| task.size).sum());
        Ok(all)
    }

    /// Reads files and commits what is finished; looks again where it is told to; asks Civitai as soon as every unknown
    /// file has been read, and now and then if that takes long.
    fn read(&self, tasks: Vec<HashTask<Wanted>>, reading: &mut Reading) -> Result<(), Stop> {
        let checkpoints = Checkpoints::new(Paths::new(self.store.data_dir().to_owned()).partials_dir());
        checkpoints.forget_older_than(REMEMBER_PARTIALS);
        let options = PoolOptions {
            threads: self.options.threads,
            read: ReadOptions { kinds: Kinds::ALL, checkpoints: Some(Arc::new(checkpoints)) },
            low_priority: true,
        };
        let pool = HashPool::start(options, &self.control, &self.progress);
        let mut left = tasks.len();
        pool.add(tasks)?;
        let mut finished: Vec<HashResult<Wanted>> = Vec::new();
        let mut committed_at = Instant::now();
        let mut asking = Asking::new();
        while left > 0 && !self.control.is_cancelled() {
            let next = match pool.results.recv_timeout(COMMIT_EVERY.saturating_sub(committed_at.elapsed())) {
                Ok(result) => Some(result),
                Err(RecvTimeoutError::Timeout) => None,
                // Every thread has ended: the scan was cancelled.
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let large = next.as_ref().is_some_and(|result| result.task.size >= COMMIT_AT_ONCE);
            left -= usize::from(next.is_some());
            finished.extend(next);
            if left == 0 || large || committed_at.elapsed() >= COMMIT_EVERY {
                self.commit(&mut finished, reading);
                committed_at = Instant::now();
                let mut tasks = self.repeat(reading, left == 0);
                tasks.extend(self.look_again(reading));
                left += tasks.len();
                asking.has_news |= !tasks.is_empty();
                pool.add(tasks)?;
            }
            if left > 0 && self.options.look_up && asking.is_due(reading) {
                asking.start(self.runtime.spawn(self.ask(false)), reading);
            }
            if left > 0 && reading.unknown_left == 0 {
                self.progress.enter(ScanPhase::Verifying);
            }
        }
        pool.close();
        // What was finished while the scan was being cancelled is finished all the same.
        while let Ok(result) = pool.results.recv() {
            finished.push(result);
        }
        self.commit(&mut finished, reading);
        pool.finish();
        asking.finish(&self.runtime);
        self.control.checkpoint()?;
        // A database that could not take the results leaves those files to the next scan.
        if let (false, Some(problem)) = (finished.is_empty(), &reading.problem) {
            return Err(Stop::Failed(problem.clone()));
        }
        Ok(())
    }

    /// Looks again at files whose read failed for a reason that nobody will tell of. `at_the_end` is whether there is
    /// nothing else to do: a scan that is paused has time.
    fn repeat(&self, reading: &mut Reading, at_the_end: bool) -> Vec<HashTask<Wanted>> {
        let mut tasks = Vec::new();
        if self.control.is_paused() && !at_the_end {
            return tasks;
        }
        // A hash that was in doubt still is.
        let depth = if self.options.depth == ScanDepth::Quick { ScanDepth::Quick } else { ScanDepth::Thorough };
        for (root, paths) in std::mem::take(&mut reading.repeat) {
            let scope = Scope::Folders { root, folders: paths, written: Vec::new() };
            tasks.extend(self.look_here(&scope, depth, reading).unwrap_or_default());
        }
        tasks
    }

    /// Looks wherever something is said to have happened. A look that fails is made up for by the next scan.
    fn look_again(&self, reading: &mut Reading) -> Vec<HashTask<Wanted>> {
        let mut tasks = Vec::new();
        if self.control.is_paused() {
            return tasks;
        }
        for (scope, depth) in (self.mailbox)() {
            match self.look_here(&scope, depth, reading) {
                Some(more) => tasks.extend(more),
                None => break,
            }
        }
        tasks
    }

    /// `None` once the scan is cancelled.
    fn look_here(&self, scope: &Scope, depth: ScanDepth, reading: &mut Reading) -> Option<Vec<HashTask<Wanted>>> {
        let phase = self.progress.phase();
        let decided = self.look_and_decide(scope, depth, reading);
        // Files are being read all the while.
        self.progress.enter(phase);
        match decided {
            Ok(tasks) => Some(tasks),
            Err(Stop::Cancelled) => None,
            Err(Stop::Failed(error)) => {
                tracing::warn!(%error, "a look at what changed failed");
                reading.problem = Some(error);
                Some(Vec::new())
            }
        }
    }

    /// Asks Civitai about everything that is due; if `eager`, also about what it could not answer a moment ago.
    pub(super) fn ask(&self, eager: bool) -> impl Future<Output = Result<()>> + Send + 'static {
        let resolver = self.resolver.clone();
        let control = self.control.clone();
        let observer = Arc::clone(&self.observer);
        async move {
            let which = Which::Due { now: UnixMillis::now(), eager };
            let tell = |answers: &[Answer]| answers.iter().for_each(|answer| observer.on_event(resolved(answer)));
            resolver.run(which, None, &control, tell).await.map(|_| ())
        }
    }

    pub(super) fn tell(&self, event: ScanEvent) {
        self.observer.on_event(event);
    }
}

fn resolved(answer: &Answer) -> ScanEvent {
    let sha256 = |sha256: Sha256| sha256.to_string();
    let (state, version_id, problem) = match &answer.outcome {
        Outcome::Matched { version, .. } => ("matched", Some(version.0), None),
        Outcome::NotFound { .. } => ("not_found", None, None),
        Outcome::Pending { problem, .. } => ("pending", None, Some(problem.clone())),
    };
    ScanEvent::Resolved { sha256: sha256(answer.sha256), state, version_id, problem }
}

/// What was read so far, and why it could not be stored.
#[derive(Default)]
pub(super) struct Reading {
    pub(super) files: u32,
    pub(super) bytes: u64,
    pub(super) problem: Option<Error>,
    /// Files still to be read that nobody knows anything about.
    pub(super) unknown_left: usize,
    /// What is looked at again, because reading it failed for a reason that nobody will tell of.
    pub(super) repeat: BTreeMap<RootId, Vec<PathBuf>>,
    /// How often that was done for a row.
    pub(super) repeated: HashMap<FileId, u8>,
    /// What is read, or waits for it, by path.
    pub(super) underway: HashMap<PathBuf, Wanted>,
    /// Whether the first look is over.
    has_looked: bool,
}

impl Reading {
    /// Whether this very file is being read already, for every row it is to be read for.
    fn is_underway(&self, pending: &Pending) -> bool {
        self.underway.get(&pending.path).is_some_and(|wanted| {
            wanted.print == pending.print && pending.rows.iter().all(|row| wanted.rows.contains(row))
        })
    }
}

/// When Civitai is asked while files are still being read.
struct Asking {
    task: Option<tokio::task::JoinHandle<Result<()>>>,
    started_at: Instant,
    /// How many files had been read by then.
    files: u32,
    /// Whether anything unknown was read since.
    has_news: bool,
}

impl Asking {
    fn new() -> Self {
        Self { task: None, started_at: Instant::now(), files: 0, has_news: true }
    }

    fn is_due(&self, reading: &Reading) -> bool {
        let idle = self.task.as_ref().is_none_or(tokio::task::JoinHandle::is_finished);
        let all_known = self.has_news && reading.unknown_left == 0;
        idle && reading.files > self.files && (all_known || self.started_at.elapsed() >= ASK_EVERY)
    }

    fn start(&mut self, task: tokio::task::JoinHandle<Result<()>>, reading: &Reading) {
        *self = Self { task: Some(task), started_at: Instant::now(), files: reading.files, has_news: false };
    }

    fn finish(self, runtime: &tokio::runtime::Handle) {
        if let Some(task) = self.task {
            // Its failures are Civitai's and already stored as pending; ours will show again in the last pass.
            let _ = runtime.block_on(task);
        }
    }
}

/// Why a scan ends before its end.
pub(super) enum Stop {
    Cancelled,
    Failed(Error),
}

impl From<Cancelled> for Stop {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
