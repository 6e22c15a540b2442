//! What an owner does by itself: look when something changes, ask Civitai when it is time, notice other processes.
//!
//! Whatever the watcher says is only where to look. A hint that comes while a scan runs is handed to that scan; one that
//! comes while another process scans is kept until that has ended.

mod downloads;
mod link;
mod sidecars;
mod vault;

pub use link::LinkActivity;

use std::sync::Arc;
use std::time::Duration;

use crate::app::{App, Role};
use crate::error::{Code, Result};
use crate::event::Event;
use crate::roots::{ScanPlan, model_folders};
use crate::scan::{ScanDepth, ScanEvent, ScanObserver, Scope};
use crate::store::Which;
use crate::units::UnixMillis;
use crate::watch::{Hint, WatchOptions, WatchRoot, Watcher, Why};

/// How often another process's changes are looked for.
const LOOK_FOR_CHANGES_EVERY: Duration = Duration::from_secs(2);

/// Longest sleep between two looks at what is due to be asked again.
const LOOK_FOR_DUE_EVERY: Duration = Duration::from_secs(60);

/// Hears of everything the watcher says and of every scan that follows. Called from their threads: be quick.
pub trait WatchObserver: Send + Sync {
    /// Where it is worth looking.
    fn on_hint(&self, hint: &Hint);
    /// What a look found and did.
    fn on_scan(&self, event: ScanEvent);
}

/// Nobody listens.
struct Nobody;

impl WatchObserver for Nobody {
    fn on_hint(&self, _: &Hint) {}
    fn on_scan(&self, _: ScanEvent) {}
}

/// A scan's events, on their way to whoever watches.
struct Scanning(Arc<dyn WatchObserver>);

impl ScanObserver for Scanning {
    fn on_event(&self, event: ScanEvent) {
        self.0.on_scan(event);
    }
}

impl App {
    /// Starts what an owner does by itself: a scan now and whenever something changes, asking again when it is due,
    /// noticing other processes' changes.
    pub fn start_workers(&self) {
        self.start_workers_with(WatchOptions::default(), Arc::new(Nobody));
    }

    /// As [`Self::start_workers`], with other times, and with somebody who listens.
    pub fn start_workers_with(&self, options: WatchOptions, observer: Arc<dyn WatchObserver>) {
        let app = self.clone();
        let work = async move {
            if app.role() == Role::Guest {
                // The owner does everything else.
                tokio::join!(app.notice_foreign_changes(), app.notice_account());
                return;
            }
            app.mend_files().await;
            let has_roots = app.store().read(|tx| Ok(!tx.roots()?.is_empty())).await.unwrap_or(false);
            if has_roots {
                app.look(Scope::All, ScanDepth::Usual, &observer);
            }
            tokio::join!(
                app.watch(options, observer),
                app.ask_when_due(),
                app.notice_foreign_changes(),
                app.notice_account(),
                app.write_sidecars_when_known(),
                app.keep_downloading(),
                app.keep_vault_in_sync(),
                app.keep_linked()
            );
        };
        self.runtime().spawn(self.workers().track_future(work));
    }

    /// Puts back what a crash interrupted in the middle of moving files.
    async fn mend_files(&self) {
        let (store, lock) = (self.store().clone(), self.lock_files());
        let mended = tokio::task::spawn_blocking(move || {
            // Whoever holds it is in the middle of something, not interrupted in it.
            let Ok(_lock) = lock else { return Ok(0) };
            crate::files::mend(&store)
        });
        match mended.await {
            Ok(Ok(0)) => {}
            Ok(Ok(count)) => tracing::info!(count, "what was interrupted was put back"),
            Ok(Err(error)) => tracing::error!(%error, "what was interrupted could not be put back"),
            Err(source) => tracing::error!(%source, "putting back what was interrupted ended early"),
        }
    }

    /// Watches the roots until the engine stops; new ones as they are added.
    async fn watch(&self, options: WatchOptions, observer: Arc<dyn WatchObserver>) {
        let mut events = self.subscribe();
        let mut current = self.watch_roots().await;
        let heed = {
            let (app, observer) = (self.clone(), Arc::clone(&observer));
            move |hint: Hint| app.heed(hint, &observer)
        };
        let watcher = Arc::new(Watcher::start(current.clone(), options, heed));
        self.set_watcher(Some(Arc::clone(&watcher)));
        let mut retry = tokio::time::interval(LOOK_FOR_CHANGES_EVERY);
        loop {
            tokio::select! {
                () = self.stopped().cancelled() => break,
                _ = retry.tick() => {
                    for (scope, depth) in self.remembered_looks() {
                        self.look(scope, depth, &observer);
                    }
                }
                event = events.next() => match event.as_deref() {
                    Some(Event::RootsChanged | Event::Resync) => {
                        let wanted = self.watch_roots().await;
                        if wanted != current {
                            current.clone_from(&wanted);
                            let watcher = Arc::clone(&watcher);
                            // It waits for threads that may wait for a disk.
                            let _ = tokio::task::spawn_blocking(move || watcher.set_roots(wanted)).await;
                        }
                    }
                    Some(_) => {}
                    None => break,
                },
            }
        }
        self.set_watcher(None);
    }

    /// The roots with the folders their UIs load from, as those are configured now.
    async fn watch_roots(&self) -> Vec<WatchRoot> {
        let roots = self.store().read(|tx| tx.roots()).await.unwrap_or_default();
        let with_folders = move || {
            let with_folders = roots.into_iter().map(|root| WatchRoot {
                folders: ScanPlan::new(model_folders(root.layout, &root.path)).bases().to_vec(),
                id: root.id,
                path: root.path,
            });
            with_folders.collect()
        };
        tokio::task::spawn_blocking(with_folders).await.unwrap_or_default()
    }

    fn heed(&self, hint: Hint, observer: &Arc<dyn WatchObserver>) {
        observer.on_hint(&hint);
        match hint {
            Hint::Look { root, folders, written } => {
                if !written.is_empty() {
                    self.note_write();
                }
                self.look(Scope::Folders { root, folders, written }, ScanDepth::Usual, observer);
            }
            Hint::LookAtAll { roots, why, lost_events } => {
                let is_time = why == Why::Schedule;
                let depth = if lost_events || is_time { ScanDepth::Thorough } else { ScanDepth::Usual };
                self.look(Scope::Roots(roots), depth, observer);
            }
        }
    }

    fn look(&self, scope: Scope, depth: ScanDepth, observer: &Arc<dyn WatchObserver>) {
        match self.start_scan(scope.clone(), depth, Arc::new(Scanning(Arc::clone(observer)))) {
            Ok(_) => {}
            Err(error) if error.code == Code::Busy => self.remember_to_look(scope, depth),
            Err(error) => tracing::warn!(%error, "a look at the model folders did not start"),
        }
    }

    /// After every scan, and when the user chose something else.
    async fn write_sidecars_when_known(&self) {
        let mut events = self.subscribe();
        loop {
            let event = tokio::select! {
                () = self.stopped().cancelled() => return,
                event = events.next() => event,
            };
            match event.as_deref() {
                Some(Event::JobsChanged | Event::RootsChanged | Event::DownloadsChanged | Event::Resync)
                    if !self.is_scanning() => {}
                Some(_) => continue,
                None => return,
            }
            if let Err(error) = self.write_sidecars(Vec::new(), false).await {
                tracing::warn!(%error, "what is known could not be written beside the models");
            }
        }
    }

    async fn ask_when_due(&self) {
        loop {
            let now = UnixMillis::now();
            let settings = self.store().read(|tx| tx.settings()).await.unwrap_or_default();
            let due = self.store().read(|tx| tx.next_due()).await.ok().flatten().filter(|_| settings.look_up);
            let wait = due.map_or(LOOK_FOR_DUE_EVERY, |due| {
                let left = Duration::from_millis(u64::try_from(due.0 - now.0).unwrap_or(0));
                left.clamp(Duration::from_secs(1), LOOK_FOR_DUE_EVERY)
            });
            tokio::select! {
                () = self.stopped().cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            let is_due = due.is_some_and(|due| due <= UnixMillis::now());
            if is_due && !self.is_scanning() {
                let which = Which::Due { now: UnixMillis::now(), eager: false };
                if let Err(error) = self.resolve(which).await {
                    tracing::warn!(%error, "asking again failed");
                }
            }
        }
    }

    /// Loads the key, and loads it anew when another process signs in or out. Beside everything else: a keyring may take
    /// long to answer.
    async fn notice_account(&self) {
        loop {
            self.account().notice().await;
            tokio::select! {
                () = self.stopped().cancelled() => return,
                () = tokio::time::sleep(LOOK_FOR_CHANGES_EVERY) => {}
            }
        }
    }

    async fn notice_foreign_changes(&self) {
        let mut last = None;
        loop {
            let store = self.store().clone();
            let look = move || {
                store.release_index();
                store.foreign_changes()
            };
            let now: Option<Result<i64>> = tokio::task::spawn_blocking(look).await.ok();
            if let Some(Ok(now)) = now
                && last.replace(now).is_some_and(|before| before != now)
            {
                self.events().publish(Event::Resync);
            }
            tokio::select! {
                () = self.stopped().cancelled() => return,
                () = tokio::time::sleep(LOOK_FOR_CHANGES_EVERY) => {}
            }
        }
    }
}
