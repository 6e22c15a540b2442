//! One scan from beginning to end, on a thread of its own.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::compare::{Comparison, Found, Place, RealDisk, Sight, compare};
use super::report::{ScanEvent, ScanObserver, ScanOutcome, ScanSummary};
use super::walk::walk;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::hash::{
    Checkpoints, HashPool, HashResult, HashTask, Kinds, PoolOptions, ReadError, ReadOptions, Sha256, Urgency,
};
use crate::jobs::{Cancelled, JobControl, Progress, ScanPhase};
use crate::library::Provenance;
use crate::paths::Paths;
use crate::resolve::{Answer, Resolver};
use crate::roots::{ScanPlan, model_folders};
use crate::store::{FileRow, NewContent, NewFile, Outcome, RootRow, StateCounts, Store, Which};
use crate::units::{FileId, RootId, UnixMillis};

/// Finished files are committed at least this often; a crash costs no more.
const COMMIT_EVERY: Duration = Duration::from_millis(200);

/// A file of this size is committed at once: reading it again would hurt. In bytes.
const COMMIT_AT_ONCE: u64 = 64 * 1024 * 1024;

/// While a long scan reads, Civitai is asked about what is finished this often, so that names appear early. A library
/// that is read faster than this is asked about in one go at the end.
const ASK_EVERY: Duration = Duration::from_secs(30);

/// How long a vanished file is remembered, in seconds: it may come back from a trash or a backup.
const REMEMBER_GONE: i64 = 30 * 24 * 3600;

/// How long a file that was left half read is remembered, in days.
const REMEMBER_PARTIALS: u64 = 30;

/// Every row a content belongs to.
type Rows = Vec<FileId>;

/// Which scan.
#[derive(Debug, Clone, Default)]
pub(crate) struct ScanOptions {
    /// Only these; `None` means all.
    pub(crate) roots: Option<Vec<RootId>>,
    /// Files read at once; 0 means one per core.
    pub(crate) threads: usize,
    /// Whether Civitai is asked.
    pub(crate) look_up: bool,
}

/// A scan, ready to run.
pub(crate) struct Scan {
    pub(crate) store: Store,
    pub(crate) resolver: Resolver,
    pub(crate) options: ScanOptions,
    pub(crate) control: JobControl,
    pub(crate) progress: Arc<Progress>,
    pub(crate) observer: Arc<dyn ScanObserver>,
    pub(crate) runtime: tokio::runtime::Handle,
}

impl Scan {
    /// Runs it. Blocks; call it on a thread of its own. An error is only what kept it from doing anything at all.
    pub(crate) fn run(self) -> Result<ScanOutcome> {
        let started = Instant::now();
        let roots = self.roots()?;
        let paths = roots.iter().map(|root| root.path.display().to_string()).collect();
        self.tell(ScanEvent::Started { roots: paths });

        let mut problem = None;
        let mut reading = Reading::default();
        if let Err(stop) = self.look_and_read(&roots, &mut reading) {
            match stop {
                Stop::Cancelled => {}
                Stop::Failed(error) => problem = Some(error),
            }
        }
        problem = problem.or(reading.problem);

        self.progress.enter(ScanPhase::Finished);
        let ids: Vec<RootId> = roots.iter().map(|root| root.id).collect();
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
            matched: counts.matched,
            not_found: counts.not_found,
            pending: counts.pending,
            failed: counts.failed,
            seconds: started.elapsed().as_secs_f64(),
            cancelled: self.control.is_cancelled(),
        };
        self.tell(ScanEvent::Summary(summary.clone()));
        Ok(ScanOutcome { summary, problem })
    }

    fn roots(&self) -> Result<Vec<RootRow>> {
        let mut roots = self.store.read_blocking(|tx| tx.roots())?;
        if let Some(wanted) = &self.options.roots {
            if let Some(unknown) = wanted.iter().find(|id| !roots.iter().any(|root| root.id == **id)) {
                return Err(Error::not_found(format!("There is no model folder number {}", unknown.0))
                    .hint("`modeldock roots list` shows them"));
            }
            roots.retain(|root| wanted.contains(&root.id));
        }
        Ok(roots)
    }

    fn look_and_read(&self, roots: &[RootRow], reading: &mut Reading) -> Result<(), Stop> {
        self.progress.enter(ScanPhase::Walking);
        let rows = self.store.read_blocking(|tx| tx.file_rows())?;
        let (found, sight) = self.look(roots, &rows)?;
        let comparison = compare(&found, &rows, &sight, &RealDisk);
        let tasks = self.apply(&found, &rows, roots, &sight, &comparison)?;
        drop((found, rows, comparison));

        self.progress.enter(ScanPhase::Hashing);
        Progress::add(&self.progress.files_to_hash, tasks.len() as u64);
        Progress::add(&self.progress.bytes_to_hash, tasks.iter().map(|task| task.size).sum());
        if !tasks.is_empty() {
            self.read(tasks, reading)?;
        }
        if self.options.look_up {
            self.progress.enter(ScanPhase::Resolving);
            let asking = self.ask(true);
            self.runtime.block_on(asking)?;
        }
        self.control.checkpoint()?;
        Ok(())
    }

    /// Walks every root that is there.
    fn look(&self, roots: &[RootRow], rows: &[FileRow]) -> Result<(Vec<Found>, Sight), Stop> {
        let mut found: Vec<Found> = Vec::new();
        let mut sight = Sight::default();
        let mut taken = HashSet::new();
        for root in roots {
            if let Some(problem) = Self::why_away(root) {
                self.root_is_away(root, problem)?;
                continue;
            }
            let plan = ScanPlan::new(model_folders(root.layout, &root.path));
            let mut walked = walk(&plan, &self.control, || Progress::add(&self.progress.files_found, 1))?;
            let known = rows.iter().filter(|row| row.root == root.id && !row.gone).count();
            if walked.files.is_empty() && known > 0 {
                self.root_is_away(root, now_empty(&root.path, known))?;
                continue;
            }
            // A UI's extra folders often lie on another drive than the UI.
            for base in plan.bases().iter().filter(|base| !base.starts_with(&root.path)) {
                let known =
                    rows.iter().filter(|row| row.root == root.id && !row.gone && row.path.starts_with(base)).count();
                let seen = walked.files.iter().any(|file| file.path.starts_with(base));
                if known > 0 && !seen && !walked.blind.iter().any(|(blind, _)| blind == base) {
                    walked.blind.push((base.clone(), now_empty(base, known)));
                }
            }
            for (path, problem) in walked.blind {
                self.tell(ScanEvent::Problem { path: path.display().to_string(), problem });
                sight.blind.push(path);
            }
            sight.roots.insert(root.id);
            for file in walked.files {
                // Roots may overlap (ComfyUI pointed at A1111's folders): the root that was added first has the file.
                if taken.insert(file.path.clone()) {
                    found.push(Found { root: root.id, file });
                }
            }
        }
        Ok((found, sight))
    }

    fn why_away(root: &RootRow) -> Option<Error> {
        let source = std::fs::read_dir(&root.path).err()?;
        let error = Error::io("read model folder", &root.path, &source);
        Some(match source.kind() {
            std::io::ErrorKind::PermissionDenied => error,
            _ => error.hint("The drive may be unplugged. Reconnect it, or remove the folder from Modeldock"),
        })
    }

    fn root_is_away(&self, root: &RootRow, problem: Error) -> Result<(), Stop> {
        self.store.write_blocking(|tx| {
            tx.set_root_state(root.id, false, None)?;
            tx.publish(Event::RootsChanged);
            tx.publish(Event::LibraryChanged);
            Ok(())
        })?;
        self.tell(ScanEvent::RootAway { path: root.path.display().to_string(), problem });
        Ok(())
    }

    /// Brings the store up to date with the walk, in one transaction, and says what has to be read.
    fn apply(
        &self,
        found: &[Found],
        rows: &[FileRow],
        roots: &[RootRow],
        sight: &Sight,
        comparison: &Comparison,
    ) -> Result<Vec<HashTask<Rows>>, Stop> {
        let now = UnixMillis::now();
        let root_path = |id: RootId| roots.iter().find(|root| root.id == id).map_or(Path::new(""), |root| &root.path);
        let new_file = |at: usize| -> NewFile<'_> {
            let Found { root, file } = &found[at];
            NewFile {
                root: *root,
                root_path: root_path(*root),
                path: &file.path,
                kind: &file.kind,
                fingerprint: file.fingerprint.as_ref().ok().copied(),
                local_preview: file.local_preview.as_deref(),
                problem: file.fingerprint.as_ref().err(),
            }
        };
        let nothing_changed = comparison == &Comparison::default();
        let ids = self.store.write_blocking(|tx| {
            for (id, at) in &comparison.moved {
                tx.move_file(*id, &new_file(*at))?;
            }
            let mut ids: std::collections::HashMap<usize, FileId> = std::collections::HashMap::new();
            for (at, keep) in &comparison.put {
                ids.insert(*at, tx.put_file(&new_file(*at), *keep, now)?);
            }
            let by_path: std::collections::HashMap<&Path, FileId> = if nothing_changed {
                std::collections::HashMap::new()
            } else {
                rows.iter().map(|row| (row.path.as_path(), row.id)).collect()
            };
            let id_of = |at: usize| -> Option<FileId> {
                ids.get(&at).copied().or_else(|| by_path.get(found[at].file.path.as_path()).copied())
            };
            for (at, sha256) in &comparison.adopted {
                if let (Some(id), Ok(print)) = (id_of(*at), &found[*at].file.fingerprint) {
                    tx.set_hash(id, print, *sha256, Provenance::Measured, now)?;
                }
            }
            let row_of = |place: Place| match place {
                Place::Found(at) => id_of(at),
                Place::Row(id) => Some(id),
            };
            for (place, of) in &comparison.aliases {
                if let Some(id) = row_of(*place) {
                    tx.set_alias(id, of.and_then(row_of))?;
                }
            }
            for id in &comparison.gone {
                tx.set_gone(*id, now)?;
            }
            for id in &comparison.away {
                tx.set_away(*id)?;
            }
            tx.forget_gone(now.plus_seconds(-REMEMBER_GONE))?;
            for root in &sight.roots {
                tx.set_root_state(*root, true, Some(now))?;
            }
            // The user may have removed a root while it was looked through.
            let roots_left: HashSet<RootId> = tx.roots()?.into_iter().map(|root| root.id).collect();
            if roots.iter().any(|root| !roots_left.contains(&root.id)) {
                tx.set_orphans_gone(now)?;
            }
            tx.publish(Event::RootsChanged);
            if !nothing_changed {
                tx.publish(Event::LibraryChanged);
            }
            let read: Vec<(usize, Vec<FileId>)> = comparison
                .read
                .iter()
                .filter(|(at, _)| roots_left.contains(&found[*at].root))
                .map(|(at, members)| (*at, members.iter().filter_map(|at| id_of(*at)).collect()))
                .collect();
            Ok(read)
        })?;
        self.tell_changes(found, rows, comparison);
        Ok(ids
            .into_iter()
            .filter_map(|(at, rows)| {
                let print = found[at].file.fingerprint.as_ref().ok()?;
                let (size, volume) = (print.size, print.identity.volume);
                let path = found[at].file.path.clone();
                Some(HashTask { path, size, volume, urgency: Urgency::Unknown, tag: rows })
            })
            .collect())
    }

    fn tell_changes(&self, found: &[Found], rows: &[FileRow], comparison: &Comparison) {
        let path_of = |id: FileId| {
            rows.iter().find(|row| row.id == id).map(|row| row.path.display().to_string()).unwrap_or_default()
        };
        for (id, at) in &comparison.moved {
            let path = found[*at].file.path.display().to_string();
            self.tell(ScanEvent::Moved { from: path_of(*id), path });
        }
        for id in &comparison.gone {
            self.tell(ScanEvent::Gone { path: path_of(*id) });
        }
        for found in found {
            if let Err(problem) = &found.file.fingerprint {
                let path = found.file.path.display().to_string();
                self.tell(ScanEvent::Problem { path, problem: problem.clone() });
            }
        }
    }

    /// Reads files and commits what is finished; asks Civitai now and then if it takes long.
    fn read(&self, tasks: Vec<HashTask<Rows>>, reading: &mut Reading) -> Result<(), Stop> {
        let checkpoints = Checkpoints::new(Paths::new(self.store.data_dir().to_owned()).partials_dir());
        checkpoints.forget_older_than(REMEMBER_PARTIALS);
        let options = PoolOptions {
            threads: self.options.threads,
            read: ReadOptions { kinds: Kinds::ALL, checkpoints: Some(Arc::new(checkpoints)) },
            low_priority: true,
        };
        let pool = HashPool::start(options, &self.control, &self.progress);
        pool.add(tasks)?;
        pool.close();
        let mut finished: Vec<HashResult<Rows>> = Vec::new();
        let mut committed_at = Instant::now();
        let mut asked_at = Instant::now();
        let mut asking: Option<tokio::task::JoinHandle<Result<()>>> = None;
        loop {
            let next = pool.results.recv_timeout(COMMIT_EVERY.saturating_sub(committed_at.elapsed()));
            let ended = matches!(next, Err(RecvTimeoutError::Disconnected));
            let large = next.as_ref().is_ok_and(|result| result.task.size >= COMMIT_AT_ONCE);
            finished.extend(next);
            if ended || large || committed_at.elapsed() >= COMMIT_EVERY {
                self.commit(&mut finished, reading);
                committed_at = Instant::now();
            }
            if ended {
                break;
            }
            let idle = asking.as_ref().is_none_or(tokio::task::JoinHandle::is_finished);
            if self.options.look_up && idle && asked_at.elapsed() >= ASK_EVERY && reading.files > 0 {
                asked_at = Instant::now();
                asking = Some(self.runtime.spawn(self.ask(false)));
            }
        }
        pool.finish();
        if let Some(asking) = asking {
            // Its failures are Civitai's and already stored as pending; ours will show again in the last pass.
            let _ = self.runtime.block_on(asking);
        }
        self.control.checkpoint()?;
        // A database that could not take the results leaves those files to the next scan.
        if let (false, Some(problem)) = (finished.is_empty(), &reading.problem) {
            return Err(Stop::Failed(problem.clone()));
        }
        Ok(())
    }

    /// Stores finished files. If the database cannot take them (a full disk), they are kept for the next attempt.
    fn commit(&self, finished: &mut Vec<HashResult<Rows>>, reading: &mut Reading) {
        if finished.is_empty() {
            return;
        }
        let now = UnixMillis::now();
        let stored = self.store.write_blocking(|tx| {
            for HashResult { task, outcome, .. } in finished.iter_mut() {
                if let Ok((digests, print)) = outcome {
                    let hashes = digests.complete().expect("all six were asked for");
                    tx.put_content(&NewContent { hashes: &hashes, size: print.size })?;
                    let mut is_stored = false;
                    for row in &task.tag {
                        is_stored |= tx.set_hash(*row, print, hashes.sha256, Provenance::Measured, now)?;
                    }
                    if !is_stored {
                        // It was read whole, but is no longer the file that the walk saw.
                        *outcome = Err(ReadError::Changing);
                    }
                }
                if let Err(error) = outcome
                    && let Some(problem) = error.clone().into_error(&task.path)
                {
                    task.tag.iter().try_for_each(|row| tx.set_problem(*row, &problem))?;
                }
            }
            tx.publish(Event::LibraryChanged);
            Ok(())
        });
        match stored {
            Ok(()) => {
                reading.problem = None;
                finished.drain(..).for_each(|result| self.tell_read(result, reading));
            }
            Err(error) => {
                tracing::warn!(%error, files = finished.len(), "finished files could not be stored yet");
                reading.problem = Some(error);
            }
        }
    }

    fn tell_read(&self, result: HashResult<Rows>, reading: &mut Reading) {
        let path = result.task.path.display().to_string();
        match result.outcome {
            Ok((digests, print)) => {
                let sha256 = digests.sha256.map(|sha256| sha256.to_string()).unwrap_or_default();
                reading.files += 1;
                reading.bytes += print.size;
                self.tell(ScanEvent::Hashed { path, size: print.size, sha256 });
            }
            Err(ReadError::Cancelled) => {}
            Err(error) => {
                if let Some(problem) = error.into_error(&result.task.path) {
                    self.tell(ScanEvent::Problem { path, problem });
                }
            }
        }
    }

    /// Asks Civitai about everything that is due; if `eager`, also about what it could not answer a moment ago.
    fn ask(&self, eager: bool) -> impl Future<Output = Result<()>> + Send + 'static {
        let resolver = self.resolver.clone();
        let roots = self.options.roots.clone();
        let control = self.control.clone();
        let observer = Arc::clone(&self.observer);
        async move {
            let which = Which::Due { now: UnixMillis::now(), eager };
            let tell = |answers: &[Answer]| answers.iter().for_each(|answer| observer.on_event(resolved(answer)));
            resolver.run(which, roots, &control, tell).await.map(|_| ())
        }
    }

    fn tell(&self, event: ScanEvent) {
        self.observer.on_event(event);
    }
}

/// An unmounted drive leaves an empty folder, and looks like everything having been deleted.
fn now_empty(path: &Path, known: usize) -> Error {
    Error::new(Code::Io, format!("`{}` held {known} model files and now holds none", path.display()))
        .hint("If its drive is not mounted, mount it; if the files are really gone, remove the folder from Modeldock")
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
struct Reading {
    files: u32,
    bytes: u64,
    problem: Option<Error>,
}

/// Why a scan ends before its end.
enum Stop {
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
