//! Runs the queue: so many at once, in their order, within their hours, as long as there is room.
//!
//! The rows are the only truth. Whatever somebody wants of a download, here or in another process, is written into its row;
//! the one process that holds the lock looks at the rows whenever something changed, stops what is no longer meant to run
//! and starts what is. So a click that comes at the wrong moment, or a process that dies, leaves nothing to be undone.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::limit::Rate;
use super::run::{Run, Shown};
use super::settle::Settle;
use super::source::Downloads;
use super::space::Room;
use super::state::{DownloadSample, DownloadState, PauseReason, Stage};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventBus, Subscription};
use crate::jobs::Speedometer;
use crate::settings::Settings;
use crate::store::{DownloadRow, Store};
use crate::units::{ByteCount, DownloadId, UnixMillis};

/// How often progress is shown.
const SAMPLE_EVERY: Duration = Duration::from_millis(200);

/// How often a full disk, the clock and other processes are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What runs in this process, for those who show it.
#[derive(Debug, Default)]
pub(crate) struct Running {
    downloads: Mutex<HashMap<DownloadId, Shown>>,
    samples: Mutex<HashMap<DownloadId, DownloadSample>>,
}

impl Running {
    fn lock(&self) -> MutexGuard<'_, HashMap<DownloadId, Shown>> {
        self.downloads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far one is at the moment.
    pub(crate) fn sample(&self, id: DownloadId) -> Option<DownloadSample> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }
}

/// The process that runs downloads.
pub(crate) struct Queue {
    pub(crate) store: Store,
    pub(crate) downloads: Arc<dyn Downloads>,
    pub(crate) partials: PathBuf,
    pub(crate) events: EventBus,
    pub(crate) running: Arc<Running>,
    pub(crate) stop: CancellationToken,
    /// Only these, and only until each has come to rest; everything, always, if `None`.
    pub(crate) only: Option<Vec<DownloadId>>,
    pub(crate) options: DownloadOptions,
}

/// How patient downloads are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadOptions {
    /// No wait between two tries of one round is longer.
    pub longest_wait: Duration,
}

impl Default for DownloadOptions {
    fn default() -> Self {
        Self { longest_wait: super::retry::LONGEST_WAIT }
    }
}

/// What one download's task is held by.
struct Task {
    stop: CancellationToken,
    rate: Arc<Rate>,
}

/// How much may go on at once.
struct Limits {
    rate: Arc<Rate>,
    slots: Arc<Semaphore>,
    slots_given: usize,
}

impl Limits {
    fn new() -> Self {
        Self { rate: Arc::new(Rate::new(None)), slots: Arc::new(Semaphore::new(0)), slots_given: 0 }
    }

    fn follow(&mut self, settings: &Settings) {
        self.rate.set(Some(settings.download_limit.0));
        let wanted = usize::try_from(settings.download_connections_total).unwrap_or(1).max(1);
        if wanted > self.slots_given {
            self.slots.add_permits(wanted - self.slots_given);
            self.slots_given = wanted;
        } else {
            // Those in use are taken away as they come back: at the next look.
            self.slots_given -= self.slots.forget_permits(self.slots_given - wanted);
        }
    }
}

impl Queue {
    /// Runs until it is stopped or has nothing left of what it was asked for.
    pub(crate) async fn run(self) -> Result<()> {
        self.recover().await?;
        let mut limits = Limits::new();
        let mut held: HashMap<DownloadId, Task> = HashMap::new();
        let mut tasks: JoinSet<DownloadId> = JoinSet::new();
        let mut events = self.events.subscribe();
        let sampler = tokio::spawn(sample(Arc::clone(&self.running), self.events.clone()));
        let _sampler = AbortOnDrop(sampler);
        loop {
            let settings = self.store.read(|tx| tx.settings()).await?;
            limits.follow(&settings);
            let rows = self.store.read(|tx| tx.downloads()).await?;
            stop_what_must_not_run(&rows, &held);
            tidy_up(&self.store, &self.partials, &rows, |id| held.contains_key(&id)).await?;
            let rows = self.pause_and_go_on(rows, &settings).await?;
            self.start_what_may(&rows, &settings, &limits, &mut held, &mut tasks);
            if held.is_empty() && self.is_at_rest(&rows) {
                return Ok(());
            }
            let wait = next_due(&rows).unwrap_or(LOOK_EVERY).min(LOOK_EVERY);
            tokio::select! {
                () = self.stop.cancelled() => break,
                Some(ended) = tasks.join_next() => self.ended(ended, &mut held),
                () = changed(&mut events) => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        for task in held.values() {
            task.stop.cancel();
        }
        while let Some(ended) = tasks.join_next().await {
            self.ended(ended, &mut held);
        }
        // Whoever runs the queue next goes on with them.
        self.store.write(|tx| tx.recover_downloads(UnixMillis::now())).await?;
        Ok(())
    }

    /// What the last one who ran the queue left in the middle.
    async fn recover(&self) -> Result<()> {
        let placing = self.store.write(|tx| tx.recover_downloads(UnixMillis::now())).await?;
        let settle = Settle { store: self.store.clone(), stop: self.stop.clone() };
        for row in placing {
            settle.recover(&row).await?;
        }
        Ok(())
    }

    fn ended(
        &self,
        ended: std::result::Result<DownloadId, tokio::task::JoinError>,
        held: &mut HashMap<DownloadId, Task>,
    ) {
        match ended {
            Ok(id) => {
                held.remove(&id);
                self.running.lock().remove(&id);
            }
            Err(source) => tracing::error!(%source, "a download ended early"),
        }
    }

    /// Holds what is outside its hours, and lets go on what was held for a reason that is gone.
    async fn pause_and_go_on(&self, rows: Vec<DownloadRow>, settings: &Settings) -> Result<Vec<DownloadRow>> {
        let now = UnixMillis::now();
        let in_hours = settings.download_hours.is_none_or(|hours| hours.allow(now));
        let mut steps = Vec::new();
        for row in &rows {
            let next = match &row.state {
                DownloadState::Paused { why: PauseReason::Hours } if in_hours => DownloadState::queued(),
                DownloadState::Paused { why: PauseReason::DiskFull { needed, .. } }
                    if has_room(row, needed.0).await =>
                {
                    DownloadState::queued()
                }
                // What is all there is brought to its end.
                DownloadState::Queued { .. } | DownloadState::Resolving | DownloadState::Running if !in_hours => {
                    DownloadState::Paused { why: PauseReason::Hours }
                }
                _ => continue,
            };
            steps.push((row.id, next));
        }
        if steps.is_empty() {
            return Ok(rows);
        }
        self.store
            .write(move |tx| {
                for (id, next) in steps {
                    tx.step_download(id, &next, now)?;
                }
                tx.downloads()
            })
            .await
    }

    fn start_what_may(
        &self,
        rows: &[DownloadRow],
        settings: &Settings,
        limits: &Limits,
        held: &mut HashMap<DownloadId, Task>,
        tasks: &mut JoinSet<DownloadId>,
    ) {
        let now = UnixMillis::now();
        let at_once = usize::try_from(settings.downloads_at_once).unwrap_or(1).max(1);
        for row in rows {
            if held.len() >= at_once {
                return;
            }
            let DownloadState::Queued { retry_at, .. } = &row.state else { continue };
            let is_due = retry_at.is_none_or(|at| at <= now);
            if !is_due || held.contains_key(&row.id) || !self.is_wanted(row.id) {
                continue;
            }
            let task = Task { stop: self.stop.child_token(), rate: Arc::new(Rate::new(row.limit)) };
            let shown = Shown::default();
            let run = Run {
                store: self.store.clone(),
                downloads: Arc::clone(&self.downloads),
                partials: self.partials.clone(),
                rates: vec![Arc::clone(&task.rate), Arc::clone(&limits.rate)],
                connections: settings.download_connections,
                longest_wait: self.options.longest_wait,
                slots: Arc::clone(&limits.slots),
                stop: task.stop.clone(),
                shown: shown.clone(),
                at: Mutex::new(Stage::Queued),
            };
            self.running.lock().insert(row.id, shown);
            held.insert(row.id, task);
            let (row, store) = (row.clone(), self.store.clone());
            tasks.spawn(async move {
                if let Err(error) = run.run(&row).await {
                    tracing::error!(download = row.id.0, %error, "a download could not go on");
                    fail(&store, row.id, error).await;
                }
                row.id
            });
        }
    }

    fn is_wanted(&self, id: DownloadId) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&id))
    }

    /// Whether nothing more happens by itself to what was asked for.
    fn is_at_rest(&self, rows: &[DownloadRow]) -> bool {
        self.only.as_ref().is_some_and(|only| {
            only.iter().all(|id| {
                rows.iter().find(|row| row.id == *id).is_none_or(|row| {
                    let by_user = matches!(row.state, DownloadState::Paused { why: PauseReason::User });
                    row.state.stage().is_final() || by_user
                })
            })
        })
    }
}

/// Stops what somebody holds or cancelled.
fn stop_what_must_not_run(rows: &[DownloadRow], held: &HashMap<DownloadId, Task>) {
    for (id, task) in held {
        match rows.iter().find(|row| row.id == *id) {
            Some(row) if row.state.stage().is_active() || row.state.stage() == Stage::Queued => {
                task.rate.set(row.limit);
            }
            _ => task.stop.cancel(),
        }
    }
}

/// Removes what is left of downloads that are done or were cancelled, but for those somebody is still at work on. What
/// failed may be tried again from there.
pub(crate) async fn tidy_up(
    store: &Store,
    partials: &Path,
    rows: &[DownloadRow],
    is_held: impl Fn(DownloadId) -> bool,
) -> Result<()> {
    let is_over = |row: &&DownloadRow| {
        let stage = row.state.stage();
        matches!(stage, Stage::Done | Stage::Cancelled) && row.part.is_some() && !is_held(row.id)
    };
    let over: Vec<DownloadRow> = rows.iter().filter(is_over).cloned().collect();
    if over.is_empty() {
        return Ok(());
    }
    let partials = partials.to_owned();
    let over = super::run::blocking(move || {
        for row in &over {
            super::run::tidy(row, row.part.as_ref(), &partials);
        }
        Ok(over)
    });
    let over = over.await?;
    store.write(move |tx| over.iter().try_for_each(|row| tx.forget_part(row.id))).await
}

/// The database itself refused: what can still be said is said.
async fn fail(store: &Store, id: DownloadId, problem: Error) {
    let state = DownloadState::Failed { problem };
    if let Err(error) = store.write(move |tx| tx.step_download(id, &state, UnixMillis::now())).await {
        tracing::error!(%error, "not even the failure could be kept");
    }
}

/// Whether `needed` more bytes find room where the download goes.
async fn has_room(row: &DownloadRow, needed: u64) -> bool {
    let folder = row.new.folder.clone();
    let looked = tokio::task::spawn_blocking(move || Room::at(&folder).map(|room| room.lacks(needed).is_none()));
    looked.await.is_ok_and(|room| room.unwrap_or(false))
}

/// Until the first download is due again; `None` if none waits for a time.
fn next_due(rows: &[DownloadRow]) -> Option<Duration> {
    let now = UnixMillis::now();
    let due = rows.iter().filter_map(|row| match row.state {
        DownloadState::Queued { retry_at: Some(at), .. } => Some(at),
        _ => None,
    });
    due.min().map(|at| Duration::from_millis(u64::try_from(at.0 - now.0).unwrap_or(0)).max(Duration::from_millis(10)))
}

/// Resolves when something may have changed that matters to the queue.
async fn changed(events: &mut Subscription) {
    loop {
        match events.next().await.as_deref() {
            Some(Event::DownloadsChanged | Event::SettingsChanged | Event::Resync) => return,
            Some(_) => {}
            // The engine ends; its token says so.
            None => std::future::pending().await,
        }
    }
}

/// Shows how far everything is, as long as something moves.
async fn sample(running: Arc<Running>, events: EventBus) {
    let mut meters: HashMap<DownloadId, Speedometer> = HashMap::new();
    loop {
        tokio::time::sleep(SAMPLE_EVERY).await;
        let shown: Vec<(DownloadId, Shown)> = running.lock().iter().map(|(id, shown)| (*id, shown.clone())).collect();
        meters.retain(|id, _| shown.iter().any(|(other, _)| other == id));
        let samples: Vec<DownloadSample> = shown
            .into_iter()
            .filter_map(|(id, shown)| {
                let (received, total) = shown.progress()?;
                let speed = meters.entry(id).or_default().sample(Instant::now(), received);
                Some(sample_of(id, received, total, speed))
            })
            .collect();
        let by_id = samples.iter().map(|sample| (sample.id, *sample)).collect();
        *running.samples.lock().unwrap_or_else(PoisonError::into_inner) = by_id;
        if !samples.is_empty() {
            events.publish(Event::DownloadProgress { downloads: samples });
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a speed for people, which is never below zero"
)]
fn sample_of(id: DownloadId, received: u64, total: Option<u64>, speed: f64) -> DownloadSample {
    let left = total.map(|total| total.saturating_sub(received) as f64 / speed);
    DownloadSample {
        id,
        received: ByteCount(received),
        total: total.map(ByteCount),
        speed: ByteCount(speed as u64),
        seconds_left: left.filter(|left| left.is_finite() && *left < 1e7).map(|left| left.ceil() as u32),
    }
}

/// Whoever else runs the queue at the moment.
pub(crate) fn runs_elsewhere() -> Error {
    Error::new(Code::Busy, "Another Modeldock runs the downloads at the moment")
        .hint("It sees to this one as well; nothing has to be done")
}

struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
