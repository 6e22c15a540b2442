//! One download from its turn in the queue to its end, or to the reason why it goes on later.
//!
//! Each step is written down before it is taken, so that after a crash the row says what may have happened and the disk
//! says what did. A wrong file is tried once more from the first byte: most are a broken cache in between. A second one is
//! told, and kept where the user can look at it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::extents::Extents;
use super::landing::Landing;
use super::ledger::Ledger;
use super::limit::Rate;
use super::part::{self, PartFile};
use super::retry;
use super::settle::Settle;
use super::sink::{Sink, Target};
use super::source::{Downloads, TransferError, TransferErrorKind};
use super::space::Room;
use super::state::{DownloadState, PauseReason, Stage};
use super::transfer::{Begin, Ended, Terms, Transfer};
use crate::error::{Code, Error, Result};
use crate::hash::Digests;
use crate::store::{DownloadRow, Part, Progressed, Store};
use crate::units::{ByteCount, UnixMillis};

/// Attempts that began at the first byte, in one round: a server that always breaks off and cannot go on in the middle
/// would be asked for the same bytes for ever.
const ATTEMPTS: u32 = 4;

/// How many of those ask for parts.
const ATTEMPTS_IN_PARTS: u32 = 2;

/// What one run needs.
pub(crate) struct Run {
    pub(crate) store: Store,
    pub(crate) downloads: Arc<dyn Downloads>,
    pub(crate) partials: PathBuf,
    pub(crate) rates: Vec<Arc<Rate>>,
    pub(crate) connections: u32,
    pub(crate) longest_wait: Duration,
    pub(crate) slots: Arc<Semaphore>,
    pub(crate) stop: CancellationToken,
    /// Where others see how far it is.
    pub(crate) shown: Shown,
    /// The state this run left the row in: a row in another one was taken from it.
    pub(crate) at: Mutex<Stage>,
}

/// How far a run is, for those who show it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shown(Arc<Mutex<Option<Arc<Landing>>>>);

impl Shown {
    fn show(&self, landing: &Arc<Landing>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(landing));
    }

    /// Bytes that are there, and all bytes.
    pub(crate) fn progress(&self) -> Option<(u64, Option<u64>)> {
        let landing = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        Some((landing.parts().bytes(), landing.total()))
    }
}

/// What an attempt came to.
enum Attempt {
    /// Every byte is there, with these hashes.
    Whole(PartFile, Digests),
    /// Nothing of it is of use.
    StartAnew(String),
    Ended(Ended),
}

/// What all bytes being there came to.
enum Settled {
    Ended(Option<DownloadState>),
    /// They were not the right ones, for the first time.
    TryAgain,
}

impl Run {
    /// Runs it. The state it ends in has been written down; `None` if it was stopped and the row already says why.
    pub(crate) async fn run(&self, row: &DownloadRow) -> Result<Option<DownloadState>> {
        let settle = Settle { store: self.store.clone(), stop: self.stop.clone() };
        if !self.step(row, &DownloadState::Resolving).await? {
            return Ok(None);
        }
        if let Some(done) = settle.already_there(row).await? {
            return self.end(row, done).await;
        }
        let mut begins_anew = false;
        let mut last_reason = String::new();
        for number in 1..=ATTEMPTS {
            // The last ones ask for everything in one piece: see [`Transfer::in_parts`].
            match self.attempt(row, begins_anew, number <= ATTEMPTS_IN_PARTS).await? {
                Attempt::StartAnew(reason) => {
                    tracing::info!(download = row.id.0, reason, "a download begins anew");
                    (begins_anew, last_reason) = (true, reason);
                }
                Attempt::Ended(Ended::StartAnew(reason)) => (begins_anew, last_reason) = (true, reason),
                Attempt::Ended(Ended::Stopped) => return Ok(None),
                Attempt::Ended(Ended::Transfer(error)) => return self.later(row, error).await,
                // What the server offers once may be a mistake of a cache in between.
                Attempt::Ended(Ended::Here(error)) if error.code == Code::WrongContent && !begins_anew => {
                    (begins_anew, last_reason) = (true, error.message);
                }
                Attempt::Ended(Ended::Here(error)) => return self.stuck(row, error, None).await,
                Attempt::Ended(Ended::Full { needed, problem }) => {
                    return self.stuck(row, problem, Some(needed)).await;
                }
                Attempt::Whole(file, digests) => match self.settle(&settle, row, &file, &digests).await? {
                    Settled::Ended(state) => return Ok(state),
                    Settled::TryAgain => {
                        (begins_anew, last_reason) = (true, "the bytes that came were not the right ones".to_owned());
                    }
                },
            }
        }
        let message = format!("`{}` could not be downloaded in one piece: {last_reason}", row.new.name);
        self.later(row, TransferError::new(TransferErrorKind::Server(None), message)).await
    }

    /// Every byte is there: are they the right ones, and where do they go?
    async fn settle(&self, settle: &Settle, row: &DownloadRow, file: &PartFile, digests: &Digests) -> Result<Settled> {
        if !self.step(row, &DownloadState::Verifying).await? {
            return Ok(Settled::Ended(None));
        }
        if let Some(problem) = Settle::judge(row, file, digests)? {
            return Ok(match self.wrong(row, file, problem).await? {
                Some(problem) => Settled::Ended(self.end(row, DownloadState::Failed { problem }).await?),
                None => Settled::TryAgain,
            });
        }
        if !self.step(row, &DownloadState::Placing).await? {
            return Ok(Settled::Ended(None));
        }
        Ok(Settled::Ended(match settle.place(row, file, digests).await {
            Ok(done) => Some(done),
            Err(error) => self.stuck(row, error, None).await?,
        }))
    }

    /// Writes a step down, unless somebody else took one since this run's last.
    async fn step(&self, row: &DownloadRow, next: &DownloadState) -> Result<bool> {
        let at = *self.at.lock().unwrap_or_else(PoisonError::into_inner);
        if at == next.stage() {
            return Ok(true);
        }
        let (id, wanted) = (row.id, next.clone());
        let stepped = self.store.write(move |tx| {
            let is_ours = tx.download(id)?.is_some_and(|row| row.state.stage() == at);
            Ok(is_ours && tx.step_download(id, &wanted, UnixMillis::now())?)
        });
        let stepped = stepped.await?;
        if stepped {
            *self.at.lock().unwrap_or_else(PoisonError::into_inner) = next.stage();
        }
        Ok(stepped)
    }

    /// Writes the end down, unless the row says something else by now.
    async fn end(&self, row: &DownloadRow, state: DownloadState) -> Result<Option<DownloadState>> {
        Ok(self.step(row, &state).await?.then_some(state))
    }

    /// One attempt, from what is there or from the first byte.
    async fn attempt(&self, row: &DownloadRow, begins_anew: bool, in_parts: bool) -> Result<Attempt> {
        let is_back = *self.at.lock().unwrap_or_else(PoisonError::into_inner) == Stage::Verifying;
        if is_back && !self.step(row, &DownloadState::Resolving).await?
            || !self.step(row, &DownloadState::Running).await?
        {
            return Ok(Attempt::Ended(Ended::Stopped));
        }
        let (file, begun, known) = match self.part(row, begins_anew).await {
            Ok(part) => part,
            Err(error) => return Ok(Attempt::Ended(Ended::Here(error))),
        };
        let landing = Arc::new(Landing::new(begun, known.as_ref().and_then(|terms| terms.total)));
        let ledger_path = self.partials.join(format!("download-{}", row.id.0));
        let ledger = Ledger::open(&ledger_path, file.part.identity);
        let ledger = match ledger {
            Ok(ledger) => ledger,
            Err(source) => return Ok(Attempt::Ended(Ended::Here(Error::io("write", &ledger_path, &source)))),
        };
        self.shown.show(&landing);
        let target = Target { file: Arc::clone(&file.file), path: file.part.path.clone(), ledger };
        let on_durable = {
            let (store, id) = (self.store.clone(), row.id);
            move |parts: &Extents| {
                let progressed = Progressed { durable: parts.clone(), received: parts.bytes() };
                store.write_blocking(|tx| tx.set_durable(id, &progressed))
            }
        };
        let sink = Sink::start(target, Arc::clone(&landing), Box::new(on_durable))?;
        let transfer = Transfer {
            downloads: Arc::clone(&self.downloads),
            wanted: row.new.wanted,
            landing: Arc::clone(&landing),
            sink,
            known,
            rates: self.rates.clone(),
            connections: self.connections,
            in_parts,
            longest_wait: self.longest_wait,
            slots: Arc::clone(&self.slots),
            stop: self.stop.clone(),
            begin: Box::new(Begun { store: self.store.clone(), row: row.clone(), file: file.clone() }),
        };
        let (sink, ended) = transfer.run().await;
        let finished = sink.finish().await;
        Ok(match (ended, finished) {
            (_, Err(error)) => Attempt::Ended(Ended::Here(error)),
            (Ok(()), Ok(Some(digests))) => Attempt::Whole(file, digests),
            (Ok(()), Ok(None)) => Attempt::StartAnew("not every byte that was announced came".to_owned()),
            (Err(ended), Ok(_)) => Attempt::Ended(ended),
        })
    }

    /// The unfinished file to go on with, what of it is there, and what the server said of it.
    async fn part(&self, row: &DownloadRow, begins_anew: bool) -> Result<(PartFile, Extents, Option<Terms>)> {
        // As it is now: an earlier attempt of this round may have changed it.
        let id = row.id;
        let row = self.store.read(move |tx| tx.download(id)).await?;
        let row = row.ok_or_else(|| Error::not_found(format!("Download {} is no longer on the list", id.0)))?;
        let partials = self.partials.clone();
        let reopened = {
            let row = row.clone();
            blocking(move || reopen(&row, &partials)).await?
        };
        let may_go_on = !begins_anew && (row.new.sha256.is_some() || row.validator.is_some());
        if let Some((file, begun)) = reopened
            && may_go_on
            && let Some(total) = row.total
        {
            let terms = Terms { total: Some(total), validator: row.validator.clone(), has_parts: true };
            return Ok((file, begun.within(total), Some(terms)));
        }
        let target = row.path();
        let old = row.part.clone();
        let file = blocking(move || PartFile::create(&target, id)).await?;
        let part = file.part.clone();
        self.store.write(move |tx| tx.begin_part(id, Some(&part), None, None)).await?;
        // An empty one was taken over.
        if let Some(old) = old.filter(|old| *old != file.part) {
            blocking(move || part::remove(&old)).await?;
        }
        Ok((file, Extents::default(), None))
    }

    /// The bytes are not the right ones. `None` if another attempt is due.
    async fn wrong(&self, row: &DownloadRow, file: &PartFile, problem: Error) -> Result<Option<Error>> {
        let id = row.id;
        let mismatches = self.store.write(move |tx| {
            let mismatches = tx.count_mismatch(id)?;
            tx.begin_part(id, None, None, None)?;
            Ok(mismatches)
        });
        let mismatches = mismatches.await?;
        let file = file.clone();
        let aside = blocking(move || file.set_aside()).await?;
        tracing::warn!(download = id.0, aside = %aside.display(), %problem, "a download was not what it should be");
        if mismatches < 2 {
            return Ok(None);
        }
        let hint = format!("Modeldock tried twice. What came is kept as `{}` for you to look at", aside.display());
        Ok(Some(problem.hint(hint)))
    }

    /// The network or the server stands in the way.
    async fn later(&self, row: &DownloadRow, error: TransferError) -> Result<Option<DownloadState>> {
        let id = row.id;
        let failures = self.store.write(move |tx| tx.count_failure(id)).await?;
        let state = match retry::next_round(&error, failures, UnixMillis::now()) {
            Some(retry_at) => DownloadState::Queued { retry_at: Some(retry_at), problem: Some(error.into()) },
            None => DownloadState::Failed { problem: error.into() },
        };
        self.end(row, state).await
    }

    /// The disk stands in the way.
    async fn stuck(&self, row: &DownloadRow, problem: Error, needed: Option<u64>) -> Result<Option<DownloadState>> {
        let state = if problem.code == Code::DiskFull {
            let missing = self.shown.progress().and_then(|(there, total)| Some(total?.saturating_sub(there)));
            let needed = ByteCount(needed.or(missing).unwrap_or(0).max(1));
            DownloadState::Paused { why: PauseReason::DiskFull { needed, problem } }
        } else {
            DownloadState::Failed { problem }
        };
        self.end(row, state).await
    }
}

/// What happens at the first answer: everything that can be known to be wrong is said before a byte is written.
struct Begun {
    store: Store,
    row: DownloadRow,
    file: PartFile,
}

#[async_trait]
impl Begin for Begun {
    async fn begin(&self, terms: &Terms) -> Result<(), Ended> {
        if let (Some(total), Some(size_kb)) = (terms.total, self.row.new.size_kb)
            && !super::settle::is_of_size(size_kb, total)
        {
            let message = format!(
                "The server offers {total} bytes for `{}`, and Civitai says it has {size_kb} KiB",
                self.row.new.name
            );
            return Err(Ended::Here(Error::new(Code::WrongContent, message)));
        }
        if let Some(total) = terms.total {
            let (file, name) = (self.file.clone(), self.row.new.name.clone());
            let made = blocking(move || make_room(&file, &name, total)).await;
            made.map_err(|problem| match problem.code {
                Code::DiskFull => Ended::Full { needed: total, problem },
                _ => Ended::Here(problem),
            })?;
        }
        let (id, part, terms) = (self.row.id, self.file.part.clone(), terms.clone());
        let begun = self.store.write(move |tx| {
            // Without parts there is nothing to go on with later, but the length still tells how far it is.
            tx.begin_part(id, Some(&part), terms.validator.as_ref(), terms.total)
        });
        Ok(begun.await?)
    }
}

/// A look at the free space first: it leaves some, and says how much is missing.
fn make_room(file: &PartFile, name: &str, total: u64) -> Result<()> {
    let place = file.part.path.parent().unwrap_or(Path::new("."));
    let room = Room::at(place).map_err(|source| Error::io("read the free space of", place, &source))?;
    if let Some(needed) = room.lacks(total) {
        let message =
            format!("`{name}` needs {} on `{}`, and {} are free", size(needed), place.display(), size(room.free));
        return Err(Error::new(Code::DiskFull, message)
            .hint("Free some space there; the download goes on by itself when there is enough"));
    }
    file.reserve(total)
}

/// Bytes for people, in the units disks are sold in.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "kB", "MB", "GB", "TB"];
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// The unfinished file, with what may be believed to be in it.
fn reopen(row: &DownloadRow, partials: &Path) -> Result<Option<(PartFile, Extents)>> {
    let Some(part) = &row.part else { return Ok(None) };
    let Some(file) = PartFile::reopen(part)? else { return Ok(None) };
    let mut begun = row.durable.clone();
    // A ledger that cannot be read costs bytes, not correctness.
    if let Ok(ledger) = Ledger::open(&partials.join(format!("download-{}", row.id.0)), part.identity) {
        ledger.read().each(|start, end| begun.add(start, end));
    }
    let length = file.file.metadata().map_err(|source| Error::io("read", &part.path, &source))?.len();
    Ok(Some((file, begun.within(length))))
}

/// Removes what an ended download leaves behind.
pub(crate) fn tidy(row: &DownloadRow, part: Option<&Part>, partials: &Path) {
    if let Some(part) = part {
        if let Err(error) = part::remove(part) {
            tracing::warn!(%error, "an unfinished file was left where it is");
        }
        part::remove_aside(part);
    } else {
        part::remove_unrecorded(&row.path(), row.id);
    }
    let ledger = partials.join(format!("download-{}", row.id.0));
    match std::fs::remove_file(&ledger) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            tracing::debug!(%source, path = %ledger.display(), "a ledger was left where it is");
        }
        _ => {}
    }
}

/// Runs what waits for a disk where waiting is allowed.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|source| {
        Err(Error::new(Code::Internal, format!("A task ended early: {source}"))
            .hint("This is a defect of Modeldock; please report it"))
    })
}
