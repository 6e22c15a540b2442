//! The engine of one data folder, opened.
//!
//! One process owns a data folder: it heals the databases and runs the background work. Any other process (a command
//! typed while the desktop app runs) is a guest: it reads, it may scan when nobody else does, it never cleans up.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::account::Account;
use crate::api;
use crate::catalog::{Catalog, Civitai, Reference};
use crate::discover::Desk;
use crate::download::{Downloads, RunningDownloads};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventBus, Subscription};
use crate::jobs::{JobControl, JobSnapshot, JobState, RunningScan};
use crate::library::{LibraryPage, LibraryQuery};
use crate::link::{Keys, LinkService, Shared};
use crate::paths::Paths;
use crate::preview::{PreviewFile, Previews};
use crate::resolve::{ResolveSummary, Resolver};
use crate::scan::{RENAMED_LATELY, Scan, ScanDepth, ScanEvent, ScanObserver, ScanOptions, ScanOutcome, Scope, Writes};
use crate::store::{Store, Which};
use crate::units::{FileId, JobId, ModelId, RootId, UnixMillis};
use crate::vault::VaultService;
use crate::watch::Watcher;

/// How often progress is shown: five times a second.
const SAMPLE_EVERY: Duration = Duration::from_millis(200);

/// A child process that is just being started holds its parent's locks for a moment, even after they were let go.
const LOCK_TRIES: u32 = 5;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Who this process is to the data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Runs the workers; there is one.
    Owner,
    /// Looks, and works only when asked to.
    Guest,
}

/// The engine. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    paths: Paths,
    role: Role,
    notices: Vec<String>,
    store: Store,
    civitai: Arc<dyn Civitai>,
    account: Account,
    events: EventBus,
    previews: Previews,
    runtime: tokio::runtime::Handle,
    jobs: Mutex<Jobs>,
    next_job: AtomicU64,
    stop: CancellationToken,
    /// What runs by itself, to be waited for.
    workers: TaskTracker,
    /// Where changes to the model folders are noticed, in an owner that runs its workers.
    watcher: Mutex<Option<Arc<Watcher>>>,
    /// When a model file was last seen to be written to.
    written_at: Mutex<Option<Instant>>,
    /// Model pages that were asked for lately, so that looking at a model twice asks once even if it fails.
    asked_pages: Mutex<HashMap<ModelId, UnixMillis>>,
    /// What was shown of the catalogue lately.
    desk: Desk,
    /// Downloads that run in this process.
    running_downloads: Arc<RunningDownloads>,
    link_keys: Keys,
    link_shared: Arc<Shared>,
    /// Held while the vault is read or changed, so that neither keeps what the other has just overtaken.
    vault_turn: tokio::sync::Mutex<()>,
    /// Held while Civitai is asked for newer versions: whoever comes second finds that it was just asked.
    care_turn: tokio::sync::Mutex<()>,
    /// Held, not read: the lock is the file being open.
    _owner: Option<File>,
}

#[derive(Default)]
struct Jobs {
    running: Option<RunningScan>,
    last: Option<JobSnapshot>,
    /// Where a running scan is still to look, or the next one.
    mailbox: Vec<(Scope, ScanDepth)>,
}

impl App {
    /// Opens a data folder. Call it inside a tokio runtime.
    ///
    /// Fails with [`Code::Busy`] if it shall be owned and another process owns it.
    pub fn open(paths: Paths, role: Role, civitai: Arc<dyn Civitai>) -> Result<Self> {
        paths.create()?;
        let owner = match role {
            Role::Owner => Some(lock(&paths.owner_lock())?.ok_or_else(|| {
                Error::new(Code::Busy, format!("Modeldock is already running with `{}`", paths.data_dir().display()))
                    .hint("Open it from the tray, or name another data folder with --data-dir")
            })?),
            Role::Guest => None,
        };
        let events = EventBus::default();
        let (store, notices) = Store::open(&paths, events.clone(), role == Role::Owner)?;
        let catalog: Arc<dyn Catalog> = Arc::clone(&civitai) as _;
        let previews = Previews::new(paths.previews_dir(), store.clone(), catalog);
        let link_keys = Keys::new(paths.data_dir(), &*civitai);
        let account = Account::new(paths.data_dir(), Arc::clone(&civitai), events.clone());
        Ok(Self(Arc::new(Inner {
            paths,
            role,
            notices,
            store,
            civitai,
            account,
            events,
            previews,
            runtime: tokio::runtime::Handle::current(),
            jobs: Mutex::default(),
            next_job: AtomicU64::new(1),
            stop: CancellationToken::new(),
            workers: TaskTracker::new(),
            watcher: Mutex::default(),
            written_at: Mutex::default(),
            asked_pages: Mutex::default(),
            desk: Desk::default(),
            running_downloads: Arc::default(),
            link_keys,
            link_shared: Arc::default(),
            vault_turn: tokio::sync::Mutex::default(),
            care_turn: tokio::sync::Mutex::default(),
            _owner: owner,
        })))
    }

    /// As owner if nobody owns the folder yet, else as guest.
    pub fn open_any(paths: Paths, civitai: Arc<dyn Civitai>) -> Result<Self> {
        match Self::open(paths.clone(), Role::Owner, Arc::clone(&civitai)) {
            Err(error) if error.code == Code::Busy => Self::open(paths, Role::Guest, civitai),
            other => other,
        }
    }

    /// Calls a command of the table.
    pub async fn call(&self, name: &str, request: Value) -> Result<Value> {
        api::dispatch(self, name, request).await
    }

    /// The command `library_list`, without the way through JSON: for lists of everything.
    pub async fn library(&self, query: LibraryQuery) -> Result<LibraryPage> {
        api::library_page(self, query).await
    }

    /// Everything that happens from now on.
    pub fn subscribe(&self) -> Subscription {
        self.0.events.subscribe()
    }

    /// A picture or video of a file: `which` is `cover` or a preview's number.
    pub async fn preview(&self, file: FileId, which: &str) -> Result<PreviewFile> {
        self.0.previews.get(file, which).await
    }

    /// A picture of the catalogue that was shown under this key: `which` is `thumb` (small) or `whole`.
    pub async fn catalogue_picture(&self, key: &str, which: &str) -> Result<PreviewFile> {
        self.0.previews.catalogue(key, self.0.desk.picture_at(key), which).await
    }

    /// Where a row's file is.
    pub async fn file_path(&self, file: FileId) -> Result<PathBuf> {
        let row = self.store().read(move |tx| tx.file_row(file)).await?;
        row.filter(|row| !row.gone)
            .map(|row| row.path)
            .ok_or_else(|| Error::not_found(format!("There is no file number {} in the library", file.0)))
    }

    /// The row of a path, if it is in the library.
    pub async fn find_file(&self, path: &Path) -> Result<Option<FileId>> {
        let path = path.to_owned();
        self.store().read(move |tx| tx.file_id_of(&path)).await
    }

    pub(crate) async fn resolve(&self, which: Which) -> Result<ResolveSummary> {
        self.resolver().run(which, None, &JobControl::default(), |_| ()).await
    }

    fn resolver(&self) -> Resolver {
        Resolver::new(self.store().clone(), self.catalog())
    }

    /// Starts looking through roots (all if none are named), and reads what has to be read. If a scan runs already, that
    /// one looks there as well and is returned.
    pub fn scan(&self, roots: Vec<RootId>, observer: Arc<dyn ScanObserver>) -> Result<RunningScan> {
        self.scan_at(ScanDepth::Usual, roots, observer)
    }

    /// As [`Self::scan`], but reading less or more.
    pub fn scan_at(
        &self,
        depth: ScanDepth,
        roots: Vec<RootId>,
        observer: Arc<dyn ScanObserver>,
    ) -> Result<RunningScan> {
        let scope = if roots.is_empty() { Scope::All } else { Scope::Roots(roots) };
        self.start_scan(scope, depth, observer)
    }

    /// Starts a scan, or tells the running one to look there as well.
    pub(crate) fn start_scan(
        &self,
        scope: Scope,
        depth: ScanDepth,
        observer: Arc<dyn ScanObserver>,
    ) -> Result<RunningScan> {
        let mut jobs = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = jobs.running.clone() {
            if !jobs.mailbox.contains(&(scope.clone(), depth)) {
                jobs.mailbox.push((scope, depth));
            }
            return Ok(running);
        }
        let busy = || {
            Error::new(Code::Busy, "Another Modeldock is looking through your folders at the moment")
                .hint("Wait for it to finish, or stop it there")
        };
        let lock = lock(&self.0.paths.scan_lock())?.ok_or_else(busy)?;
        let settings = self.store().read_blocking(|tx| tx.settings())?;
        let running = RunningScan::new(JobId(self.0.next_job.fetch_add(1, Ordering::Relaxed)));
        let mailbox = {
            let app = self.clone();
            Arc::new(move || std::mem::take(&mut app.0.jobs.lock().unwrap_or_else(PoisonError::into_inner).mailbox))
        };
        let scan = Scan {
            store: self.store().clone(),
            resolver: self.resolver(),
            options: ScanOptions {
                scope,
                depth,
                threads: usize::try_from(settings.hash_threads).unwrap_or(0),
                look_up: settings.look_up,
            },
            control: running.control().clone(),
            progress: Arc::clone(running.counters()),
            observer,
            runtime: self.0.runtime.clone(),
            mailbox,
            writes: Arc::new(Noticed(self.clone())),
        };
        let app = self.clone();
        let job = running.clone();
        std::thread::Builder::new()
            .name("scan".to_owned())
            .spawn(move || {
                let outcome = scan.run();
                drop(lock);
                app.finished(&job, outcome);
            })
            .map_err(|source| Error::new(Code::Internal, format!("Could not start a thread: {source}")))?;
        jobs.running = Some(running.clone());
        drop(jobs);
        self.0.events.publish(Event::JobsChanged);
        self.0.runtime.spawn(self.clone().sample(running.clone()));
        Ok(running)
    }

    fn finished(&self, job: &RunningScan, outcome: Result<ScanOutcome>) {
        let (state, error) = match &outcome {
            Err(error) => (JobState::Failed, Some(error.clone())),
            Ok(end) if end.problem.is_some() => (JobState::Failed, end.problem.clone()),
            Ok(end) if end.summary.cancelled => (JobState::Cancelled, None),
            Ok(_) => (JobState::Done, None),
        };
        let snapshot = job.snapshot(Some((state, error)));
        let left = {
            let mut jobs = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.running = None;
            jobs.last = Some(snapshot);
            std::mem::take(&mut jobs.mailbox)
        };
        self.store().release_memory();
        self.0.events.publish(Event::JobsChanged);
        job.finish(outcome);
        // What it was told too late is looked at now. Its owner is gone if the program is ending.
        for (scope, depth) in left.into_iter().filter(|_| !self.0.stop.is_cancelled()) {
            match self.start_scan(scope.clone(), depth, Arc::new(|_: ScanEvent| ())) {
                Ok(_) => {}
                // Another process was quicker; whoever watches tries again.
                Err(error) if error.code == Code::Busy => self.remember_to_look(scope, depth),
                Err(error) => tracing::warn!(%error, "a look at what changed did not start"),
            }
        }
    }

    async fn sample(self, job: RunningScan) {
        loop {
            tokio::select! {
                _ = job.wait() => return,
                () = tokio::time::sleep(SAMPLE_EVERY) => {}
            }
            self.0.events.publish(Event::Progress { job: job.snapshot(None) });
        }
    }

    /// Whether a scan runs in this process.
    pub fn is_scanning(&self) -> bool {
        self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner).running.is_some()
    }

    pub(crate) fn jobs(&self) -> Vec<JobSnapshot> {
        let jobs = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let running = jobs.running.as_ref().map(|job| job.snapshot(None));
        running.into_iter().chain(jobs.last.clone()).collect()
    }

    /// Does something to a running job and says how it stands afterwards.
    pub(crate) fn with_job(&self, id: JobId, act: impl FnOnce(&JobControl)) -> Result<JobSnapshot> {
        let job = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner).running.clone();
        let job = job.filter(|job| job.id() == id).ok_or_else(|| {
            Error::not_found(format!("Job {} is not running", id.0)).hint("It has probably just finished")
        })?;
        act(job.control());
        self.0.events.publish(Event::JobsChanged);
        Ok(job.snapshot(None))
    }

    /// Whether this model's page may be asked for now: once in five minutes.
    pub(crate) fn claim_model_page(&self, id: ModelId, now: UnixMillis) -> bool {
        let mut asked = self.0.asked_pages.lock().unwrap_or_else(PoisonError::into_inner);
        asked.retain(|_, at| at.plus_seconds(300) > now);
        asked.insert(id, now).is_none()
    }

    /// Makes sure that Civitai is asked with the user's key, if there is one. The workers do so by themselves; a command
    /// that asks Civitai without them calls this first. A keyring may take seconds, and nobody else needs it.
    pub async fn load_key(&self) {
        self.0.account.load().await;
    }

    /// Stops jobs and workers, and waits for them, at most three seconds each.
    pub async fn shutdown(&self) {
        self.0.stop.cancel();
        self.set_watcher(None);
        let job = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner).running.clone();
        if let Some(job) = job {
            job.control().cancel();
            if tokio::time::timeout(Duration::from_secs(3), job.wait()).await.is_err() {
                tracing::warn!("the scan did not stop in time; the next one goes on where it was");
            }
        }
        // A download that is stopped writes down where it was.
        self.0.workers.close();
        if tokio::time::timeout(Duration::from_secs(3), self.0.workers.wait()).await.is_err() {
            tracing::warn!("some work in the background did not stop in time; the next start goes on where it was");
        }
    }

    /// Which model a text names: a page's address at Civitai, an AIR or a version's number.
    pub fn reference(&self, text: &str) -> Option<Reference> {
        self.0.civitai.reference(text)
    }

    /// Modeldock's own folders.
    pub fn paths(&self) -> &Paths {
        &self.0.paths
    }

    /// Who this process is to the data folder.
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// What had to be done to the databases at the start, for people.
    pub fn notices(&self) -> &[String] {
        &self.0.notices
    }

    /// What runs by itself. It is waited for when the engine stops.
    pub(crate) fn workers(&self) -> &TaskTracker {
        &self.0.workers
    }

    /// The watcher, while there is one.
    pub(crate) fn watcher(&self) -> Option<Arc<Watcher>> {
        self.0.watcher.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_watcher(&self, watcher: Option<Arc<Watcher>>) {
        let before = std::mem::replace(&mut *self.0.watcher.lock().unwrap_or_else(PoisonError::into_inner), watcher);
        // Ended outside the lock: its threads may be asking for it.
        drop(before);
    }

    /// Notes that a model file was written to.
    pub(crate) fn note_write(&self) {
        *self.0.written_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Keeps places to look at for the next scan, where none can be started now.
    pub(crate) fn remember_to_look(&self, scope: Scope, depth: ScanDepth) {
        let mut jobs = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if !jobs.mailbox.contains(&(scope.clone(), depth)) {
            jobs.mailbox.push((scope, depth));
        }
    }

    /// What is remembered, if no scan runs that would take it.
    pub(crate) fn remembered_looks(&self) -> Vec<(Scope, ScanDepth)> {
        let mut jobs = self.0.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.running.is_some() { Vec::new() } else { std::mem::take(&mut jobs.mailbox) }
    }

    pub(crate) fn stopped(&self) -> &CancellationToken {
        &self.0.stop
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    pub(crate) fn events(&self) -> &EventBus {
        &self.0.events
    }

    pub(crate) fn runtime(&self) -> &tokio::runtime::Handle {
        &self.0.runtime
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn running_downloads(&self) -> Arc<RunningDownloads> {
        Arc::clone(&self.0.running_downloads)
    }

    /// The right to run the downloads of this data folder; `None` if another process has it, or another task of this one.
    pub(crate) fn lock_downloads(&self) -> Result<Option<File>> {
        lock(&self.0.paths.downloads_lock())
    }

    /// The right to move model files of this data folder about.
    pub(crate) fn lock_files(&self) -> Result<File> {
        lock(&self.0.paths.files_lock())?.ok_or_else(|| {
            Error::new(Code::Busy, "Modeldock is moving files at the moment").hint("Try again when it is done")
        })
    }

    /// Whether Civitai is shown a key.
    pub(crate) fn has_key(&self) -> bool {
        self.0.civitai.has_key()
    }

    pub(crate) fn downloads(&self) -> Arc<dyn Downloads> {
        Arc::clone(&self.0.civitai) as _
    }

    /// The way to Civitai Link's relays.
    pub(crate) fn link_service(&self) -> Arc<dyn LinkService> {
        Arc::clone(&self.0.civitai) as _
    }

    /// Where the keys of pairings are kept.
    pub(crate) fn link_keys(&self) -> &Keys {
        &self.0.link_keys
    }

    /// How the links stand in this process.
    pub(crate) fn link_shared(&self) -> Arc<Shared> {
        Arc::clone(&self.0.link_shared)
    }

    /// The right to keep the links of this data folder; `None` if another process has it.
    pub(crate) fn lock_link(&self) -> Result<Option<File>> {
        lock(&self.0.paths.link_lock())
    }

    pub(crate) fn vault(&self) -> Arc<dyn VaultService> {
        Arc::clone(&self.0.civitai) as _
    }

    /// Waits until nobody else in this process reads or changes the vault.
    pub(crate) async fn vault_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.vault_turn.lock().await
    }

    /// Waits until nobody else in this process asks for newer versions.
    pub(crate) async fn care_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.care_turn.lock().await
    }

    pub(crate) fn account(&self) -> &Account {
        &self.0.account
    }

    pub(crate) fn catalog(&self) -> Arc<dyn Catalog> {
        Arc::clone(&self.0.civitai) as _
    }
}

/// What the watcher of an engine noticed, for its scans.
struct Noticed(App);

impl Writes for Noticed {
    fn unsettled(&self) -> Vec<PathBuf> {
        self.0.watcher().map(|watcher| watcher.unsettled()).unwrap_or_default()
    }

    fn were_lately(&self) -> bool {
        let lately = Duration::from_secs(RENAMED_LATELY.unsigned_abs());
        let at = *self.0.0.written_at.lock().unwrap_or_else(PoisonError::into_inner);
        at.is_some_and(|at| at.elapsed() < lately)
    }
}

/// An exclusive lock that the operating system releases with the process. `None` if another process has it.
fn lock(path: &Path) -> Result<Option<File>> {
    let fail = |source: &std::io::Error| Error::io("lock", path, source);
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(|source| fail(&source))?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(std::fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(std::fs::TryLockError::Error(source)) => return Err(fail(&source)),
        }
    }
    Ok(None)
}
