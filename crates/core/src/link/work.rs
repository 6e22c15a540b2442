//! Does what the website asked for, from what is written down: looks adds up and queues them, follows their downloads, and
//! throws away what a person allows to be.
//!
//! It knows no connection. What it brings about is in the rows, and whoever is connected tells it. An add is queued in the
//! one transaction that notes its download, so that it is queued once whatever happens; a removal is noted as begun before
//! anything is touched, and one that was interrupted is looked at and never taken up again.

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::asked::{Asked, LinkDeed, LinkStatus, Shown};
use super::info::{LinkRemove, LinkWord};
use super::remove;
use super::reply;
use super::resource::lower;
use super::shared::Shared;
use crate::catalog::{Catalog, CatalogErrorKind};
use crate::download::{AskedBy, DownloadState, Planner};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventBus, Subscription};
use crate::hash::Sha256;
use crate::jobs::JobControl;
use crate::store::{Added, Store};
use crate::units::UnixMillis;

/// How long Civitai may take to say what a file is.
const LOOK_UP: Duration = Duration::from_secs(60);

/// How long a person may think about a removal.
const THINK: Duration = Duration::from_secs(10 * 60);

/// How often another process's rows are looked at, in case its change was missed.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Gives the right to move files, if nobody else has it.
pub(crate) type LockFiles = Arc<dyn Fn() -> Result<File> + Send + Sync>;

/// One for each process that keeps links.
pub(crate) struct Work {
    pub(crate) store: Store,
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) events: EventBus,
    pub(crate) shared: Arc<Shared>,
    pub(crate) lock_files: LockFiles,
    pub(crate) stop: CancellationToken,
}

impl Work {
    /// Until it is stopped.
    pub(crate) async fn run(&self) {
        self.end_interrupted().await;
        tokio::join!(self.add(), self.follow(), self.remove());
    }

    async fn open(&self) -> Vec<Asked> {
        let open = self.store.read(|tx| tx.asked_and_open()).await;
        open.unwrap_or_else(|error| {
            tracing::error!(%error, "what the website asked for cannot be read");
            Vec::new()
        })
    }

    async fn step(&self, asked: &Asked, status: LinkStatus, error: Option<&'static str>) {
        let number = asked.number;
        let kept = self.store.write(move |tx| tx.step_asked(number, status, error, UnixMillis::now())).await;
        if let Err(error) = kept {
            tracing::error!(%error, "what became of something the website asked for cannot be kept");
        }
    }

    /// Whether to go on, once something may have changed or a moment has come.
    async fn wait(&self, events: &mut Subscription, until: Option<Instant>) -> bool {
        let until = until.unwrap_or(Instant::now() + LOOK_EVERY).min(Instant::now() + LOOK_EVERY);
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = changed(events) => true,
            () = tokio::time::sleep_until(until) => true,
        }
    }

    async fn add(&self) {
        let mut events = self.events.subscribe();
        loop {
            let waits = |asked: &Asked| {
                asked.new.deed == LinkDeed::Add && asked.status == LinkStatus::Pending && asked.download.is_none()
            };
            for asked in self.open().await.into_iter().filter(waits) {
                let ended = tokio::select! {
                    () = self.stop.cancelled() => return,
                    ended = self.queue(&asked) => ended,
                };
                match ended {
                    Ok(()) => {}
                    Err(Refusal::InWords(why)) => self.step(&asked, LinkStatus::Error, Some(why)).await,
                    Err(Refusal::Error(error)) => {
                        tracing::info!(%error, "something that the website sent cannot be downloaded");
                        self.step(&asked, LinkStatus::Error, Some(reply::why(&error))).await;
                    }
                }
            }
            if !self.wait(&mut events, None).await {
                return;
            }
        }
    }

    /// Looks a resource up by its hash and queues its download. Of the command only the hash counts.
    async fn queue(&self, asked: &Asked) -> std::result::Result<(), Refusal> {
        let (number, hash) = (asked.number, asked.new.resource.hash);
        let (is_here, settings) =
            self.store.read(move |tx| Ok((!tx.present_copies(hash)?.is_empty(), tx.settings()?))).await?;
        if is_here {
            self.step(asked, LinkStatus::Success, None).await;
            return Ok(());
        }
        if !settings.look_up {
            return Err(Refusal::InWords("Asking Civitai is switched off on this computer"));
        }
        let found = tokio::time::timeout(LOOK_UP, self.catalog.version_by_hash(&lower(hash))).await;
        let version = match found {
            Err(_) => return Err(Refusal::InWords("Civitai did not answer this computer in time")),
            Ok(Err(error)) if error.kind == CatalogErrorKind::NotFound => {
                return Err(Refusal::InWords("Civitai does not know a file with this hash"));
            }
            Ok(Err(error)) => return Err(Refusal::Error(error.into())),
            Ok(Ok(version)) => version,
        };
        let is_it = |hashed: Option<Sha256>| hashed == Some(hash) || crate::sabotage::is_on("believe_the_site");
        let file = version.files.iter().find(|file| is_it(file.sha256));
        let file = file.ok_or(Refusal::InWords("Civitai's answer is about another file"))?.id;
        let planner = Planner::new(self.store.clone(), Arc::clone(&self.catalog));
        let draft = planner.plan(&version, Some(file), None, AskedBy::Site).await?;
        self.store
            .write(move |tx| {
                let now = UnixMillis::now();
                // It may have been cancelled while Civitai was asked.
                let waits = |asked: Asked| asked.status == LinkStatus::Pending && asked.download.is_none();
                if !tx.asked_numbered(number)?.is_some_and(waits) {
                    return Ok(());
                }
                tx.put_version(&version, now)?;
                let (Added::New(download) | Added::There(download)) = tx.add_download(&draft.new, now)?;
                tx.set_asked_download(number, download)
            })
            .await?;
        Ok(())
    }

    /// Brings what is told of adds up to what has become of their downloads.
    async fn follow(&self) {
        let mut events = self.events.subscribe();
        loop {
            for asked in self.open().await {
                let Some(id) = asked.download else { continue };
                let hash = asked.new.resource.hash;
                let looked =
                    self.store.read(move |tx| Ok((tx.download(id)?, !tx.present_copies(hash)?.is_empty()))).await;
                let Ok((row, is_here)) = looked else { continue };
                let Some(row) = row else {
                    // It was taken off the list, which only ended ones are.
                    let status = if is_here { LinkStatus::Success } else { LinkStatus::Canceled };
                    self.step(&asked, status, None).await;
                    continue;
                };
                match &row.state {
                    DownloadState::Done { .. } => self.step(&asked, LinkStatus::Success, None).await,
                    DownloadState::Cancelled => self.step(&asked, LinkStatus::Canceled, None).await,
                    DownloadState::Failed { problem } => {
                        self.step(&asked, LinkStatus::Error, Some(reply::why(problem))).await;
                    }
                    state if state.stage().is_active() => {
                        self.step(&asked, LinkStatus::Processing, None).await;
                    }
                    _ => {}
                }
            }
            if !self.wait(&mut events, None).await {
                return;
            }
        }
    }

    async fn remove(&self) {
        let mut events = self.events.subscribe();
        // When each was first shown to a person. A new start gives the whole time again.
        let mut since: HashMap<i64, Instant> = HashMap::new();
        loop {
            let removals = self.open().await.into_iter().filter(|asked| asked.new.deed == LinkDeed::Remove);
            let removals: Vec<Asked> = removals.filter(|asked| asked.status == LinkStatus::Pending).collect();
            since.retain(|number, _| removals.iter().any(|asked| asked.number == *number));
            let settings = self.store.read(|tx| tx.settings()).await.unwrap_or_default();
            for asked in removals {
                if settings.link_remove == LinkRemove::Never {
                    self.step(&asked, LinkStatus::Error, Some("Removing is switched off on this computer")).await;
                    continue;
                }
                match asked.word {
                    Some(LinkWord::Deny) => self.step(&asked, LinkStatus::Error, Some(NOT_ALLOWED)).await,
                    Some(LinkWord::Session) => {
                        self.shared.allow(asked.new.site);
                        self.throw_away(&asked).await;
                    }
                    Some(LinkWord::Once) => self.throw_away(&asked).await,
                    None if self.shared.is_allowed(asked.new.site) || crate::sabotage::is_on("remove_unasked") => {
                        self.throw_away(&asked).await;
                    }
                    None if asked.shown.is_none() => self.show(&asked).await,
                    None => {
                        let first = *since.entry(asked.number).or_insert_with(Instant::now);
                        if first.elapsed() >= THINK {
                            self.step(&asked, LinkStatus::Error, Some(NOT_ALLOWED)).await;
                        }
                    }
                }
                if self.stop.is_cancelled() {
                    return;
                }
            }
            let next = since.values().min().map(|first| *first + THINK);
            if !self.wait(&mut events, next).await {
                return;
            }
        }
    }

    /// Finds out what a removal is about, so that a person can be asked.
    async fn show(&self, asked: &Asked) {
        let (number, hash, title) = (asked.number, asked.new.resource.hash, asked.new.resource.title());
        let shown = self.store.write(move |tx| {
            let copies = tx.present_copies(hash)?;
            let Some(first) = copies.first() else { return Ok(false) };
            let item = tx.library_item(first.id)?;
            let known = item.and_then(|item| Some(format!("{} · {}", item.model_name?, item.version_name?)));
            let bytes = copies.iter().filter_map(|row| row.fingerprint).map(|print| print.size).sum();
            let copies_here = u32::try_from(copies.len()).unwrap_or(u32::MAX);
            let own = known.unwrap_or_else(|| {
                let name = crate::paths::name_of(&first.path);
                if name.is_empty() { title } else { name }
            });
            tx.set_asked_shown(number, &Shown { title: own, copies: copies_here, bytes })?;
            Ok(true)
        });
        match shown.await {
            Ok(true) => {}
            Ok(false) => self.step(asked, LinkStatus::Error, Some(NOT_HERE)).await,
            Err(error) => {
                tracing::error!(%error, "a removal cannot be shown");
                self.step(asked, LinkStatus::Error, Some(reply::why(&error))).await;
            }
        }
    }

    async fn throw_away(&self, asked: &Asked) {
        let number = asked.number;
        let begin = self.store.write(move |tx| tx.step_asked(number, LinkStatus::Processing, None, UnixMillis::now()));
        match begin.await {
            Ok(true) => {}
            // Somebody cancelled it at the last moment.
            Ok(false) => return,
            Err(error) => {
                tracing::error!(%error, "a removal could not be begun");
                return;
            }
        }
        let (store, lock, hash) = (self.store.clone(), Arc::clone(&self.lock_files), asked.new.resource.hash);
        let control = JobControl::default();
        let reading = control.clone();
        let mut work = tokio::task::spawn_blocking(move || remove::all(&store, &*lock, hash, &reading));
        let ended = tokio::select! {
            ended = &mut work => ended,
            () = self.stop.cancelled() => {
                // Reading ends at once; what has begun to move is brought to its end.
                control.cancel();
                work.await
            }
        };
        let ended =
            ended.unwrap_or_else(|source| Err(Error::new(Code::Internal, format!("A removal ended early: {source}"))));
        match ended {
            Ok(0) => self.step(asked, LinkStatus::Error, Some(NOT_HERE)).await,
            Ok(_) => self.step(asked, LinkStatus::Success, None).await,
            Err(error) => {
                tracing::warn!(%error, "what the website wanted removed is still here");
                let why = match error.code {
                    Code::Io => "It could not be removed",
                    Code::InvalidRequest => "Another program on this computer looks after this file",
                    _ => reply::why(&error),
                };
                self.step(asked, LinkStatus::Error, Some(why)).await;
            }
        }
    }

    /// A removal that a crash interrupted: what it moved was put back, or is all gone.
    async fn end_interrupted(&self) {
        let begun = |asked: &Asked| asked.new.deed == LinkDeed::Remove && asked.status == LinkStatus::Processing;
        for asked in self.open().await.into_iter().filter(begun) {
            let hash = asked.new.resource.hash;
            let left = self.store.read(move |tx| tx.present_copies(hash)).await;
            if left.is_ok_and(|left| left.is_empty()) {
                self.step(&asked, LinkStatus::Success, None).await;
            } else {
                self.step(&asked, LinkStatus::Error, Some("It was interrupted; what is still here was not removed"))
                    .await;
            }
        }
    }
}

const NOT_ALLOWED: &str = "It was not allowed on this computer";
const NOT_HERE: &str = "This computer does not have this file";

/// Why an add is none.
enum Refusal {
    InWords(&'static str),
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Resolves when something may have changed that matters here.
async fn changed(events: &mut Subscription) {
    loop {
        match events.next().await.as_deref() {
            Some(Event::LinkChanged | Event::DownloadsChanged | Event::SettingsChanged | Event::Resync) => return,
            Some(_) => {}
            // The engine ends; its token says so.
            None => std::future::pending().await,
        }
    }
}
