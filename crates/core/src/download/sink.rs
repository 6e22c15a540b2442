//! Where a download's bytes go: one thread writes them, one digests behind the front, one brings them to the disk.
//!
//! The digest reads what was written back out of the file. It lies in memory still, so that costs no disk, and it is the
//! file that gets compared and not what was meant to be written. After an interruption everything is read again for the
//! same reason. Memory is bounded by [`ROOM`], however fast bytes come and however slow the disk is.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::extents::Extents;
use super::file_at;
use super::landing::{Front, Landing};
use super::ledger::{Ledger, NOTE_EVERY};
use crate::error::{Code, Error, Result};
use crate::hash::{Digester, Digests, Kinds};

/// Bytes that have come and are not written yet. Lost to a kill, with what the connections hold and what the ledger had not
/// noted: little enough that all together stay below 8 MiB.
const ROOM: usize = 2 * 1024 * 1024;

/// One permit's worth: permits are counted in 32 bits.
const PERMIT: usize = 1024;

/// What a power cut may cost.
const SYNC_EVERY: Duration = Duration::from_secs(2);

/// Bytes that are brought to the disk at once. The disk works while the rest still comes: left to the end, a fast network
/// would be followed by a long wait.
const SYNC_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes that the disk may be behind. Who is faster waits, as all would in the end.
const BEHIND: u64 = 3 * SYNC_BYTES;

/// Bytes that the digest may be behind: they lie in memory still, and are not read from the disk.
const UNDIGESTED: u64 = 2 * SYNC_BYTES;

/// One read of the digest; see `hash::read`.
const BLOCK: usize = 64 * 1024;

/// Told what has reached the disk, and how many bytes that are.
pub(crate) type OnDurable = Box<dyn FnMut(&Extents) -> Result<()> + Send>;

/// Takes bytes for one file.
pub(crate) struct Sink {
    landing: Arc<Landing>,
    sender: mpsc::Sender<Piece>,
    room: Arc<Semaphore>,
    writer: JoinHandle<()>,
    hasher: JoinHandle<Option<Digests>>,
    syncer: JoinHandle<()>,
    closing: Closing,
}

/// Lets the threads end when nobody waits for them any more.
struct Closing(Arc<Landing>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

struct Piece {
    at: u64,
    bytes: Bytes,
    /// Given back when they are written.
    _room: OwnedSemaphorePermit,
}

/// What a sink works on.
pub(crate) struct Target {
    /// Open for reading and writing.
    pub(crate) file: Arc<File>,
    /// For messages.
    pub(crate) path: PathBuf,
    /// What was written is noted here.
    pub(crate) ledger: Ledger,
}

impl Sink {
    /// Starts the threads.
    pub(crate) fn start(target: Target, landing: Arc<Landing>, on_durable: OnDurable) -> Result<Self> {
        let Target { file, path, ledger } = target;
        let (sender, receiver) = mpsc::channel(1024);
        let writer = {
            let (file, path, landing) = (Arc::clone(&file), path.clone(), Arc::clone(&landing));
            spawn("download-write", move || write(receiver, &file, &path, &landing, ledger))?
        };
        let hasher = {
            let (file, path, landing) = (Arc::clone(&file), path.clone(), Arc::clone(&landing));
            spawn("download-hash", move || digest(&file, &path, &landing))?
        };
        let syncer = {
            let landing = Arc::clone(&landing);
            spawn("download-sync", move || sync(&file, &path, &landing, on_durable))?
        };
        let room = Arc::new(Semaphore::new(ROOM / PERMIT));
        let closing = Closing(Arc::clone(&landing));
        Ok(Self { landing, sender, room, writer, hasher, syncer, closing })
    }

    /// Takes bytes, once there is room for them.
    pub(crate) async fn put(&self, at: u64, bytes: Bytes) -> Result<()> {
        // More than fits at once is let in when nothing else is there.
        let permits = (bytes.len() / PERMIT + 1).min(ROOM / PERMIT);
        let permits = u32::try_from(permits).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).acquire_many_owned(permits).await.map_err(|_| self.broken())?;
        self.sender.send(Piece { at, bytes, _room: room }).await.map_err(|_| self.broken())
    }

    /// Waits until everything is written, on the disk and digested. `None` if not everything came.
    pub(crate) async fn finish(self) -> Result<Option<Digests>> {
        let Self { landing, sender, writer, hasher, syncer, closing, .. } = self;
        drop(sender);
        let waited = tokio::task::spawn_blocking(move || {
            let written = writer.join();
            // Only now: who is told that no more comes would not look at what was still being written.
            drop(closing);
            let digests = hasher.join();
            let synced = syncer.join();
            let failure = landing.failure();
            written.and(synced).and(digests).map(|digests| (digests, failure))
        });
        match waited.await {
            Ok(Ok((_, Some(failure)))) => Err(failure),
            Ok(Ok((digests, None))) => Ok(digests),
            Ok(Err(_)) | Err(_) => Err(Error::new(Code::Internal, "A thread of a download ended early")
                .hint("This is a defect of Modeldock; please report it")),
        }
    }

    fn broken(&self) -> Error {
        self.landing.failure().unwrap_or_else(|| Error::new(Code::Internal, "The writer of a download is gone"))
    }
}

fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|source| Error::new(Code::Internal, format!("Could not start a thread: {source}")))
}

fn write(mut pieces: mpsc::Receiver<Piece>, file: &File, path: &Path, landing: &Landing, mut ledger: Ledger) {
    let mut noted = landing.parts().bytes();
    while let Some(piece) = pieces.blocking_recv() {
        if let Err(source) = file_at::write_all(file, &piece.bytes, piece.at) {
            landing.fail(cannot_write(path, &source));
            // Those who still send are told by the closed channel.
            return;
        }
        let there = landing.landed(piece.at, piece.at + piece.bytes.len() as u64);
        landing.wait_for_others(BEHIND, UNDIGESTED);
        if there >= noted + NOTE_EVERY {
            noted = there;
            if let Err(source) = ledger.note(&landing.parts()) {
                // Costs bytes after a kill, not correctness.
                tracing::debug!(%source, "what was written could not be noted");
            }
        }
    }
    let _ = ledger.note(&landing.parts());
}

/// Everything from the first byte on, as soon as it is there without a gap. `None` if not everything came.
fn digest(file: &File, path: &Path, landing: &Landing) -> Option<Digests> {
    let mut digester: Option<Digester> = None;
    let mut block = vec![0; BLOCK];
    let mut position = 0;
    loop {
        let (front, total) = match landing.wait_front(position) {
            Front::Closed => return None,
            Front::At(front) => (front, landing.total()?),
            Front::End(total) => (total, total),
        };
        let digester = digester.get_or_insert_with(|| Digester::new(Kinds::ALL, total));
        // Whole blocks, or what is left at the end.
        while position < front && (front - position >= BLOCK as u64 || front == total) {
            let wanted = usize::try_from(front - position).unwrap_or(BLOCK).min(BLOCK);
            match file_at::read_most(file, &mut block[..wanted], position) {
                Ok(read) if read == wanted => digester.update(&block[..wanted]),
                Ok(_) => {
                    let message = format!("`{}` became shorter while it was downloaded", path.display());
                    landing.fail(Error::new(Code::Io, message).hint("Another program may be writing to it"));
                    return None;
                }
                Err(source) => {
                    landing.fail(Error::io("read", path, &source));
                    return None;
                }
            }
            position += wanted as u64;
            landing.hashed(position);
        }
        if position >= total {
            break;
        }
        if front - position < BLOCK as u64 {
            // Less than a block: wait for more instead of asking again at once.
            match landing.wait_front(front) {
                Front::Closed => return None,
                Front::At(_) | Front::End(_) => {}
            }
        }
    }
    digester.map(Digester::finish)
}

fn sync(file: &File, path: &Path, landing: &Landing, mut on_durable: OnDurable) {
    let (mut durable, mut told) = (Extents::default(), Extents::default());
    let mut told_at = Instant::now();
    loop {
        let closed = landing.wait_unsynced(SYNC_EVERY, SYNC_BYTES);
        let parts = landing.parts();
        if parts != durable {
            let synced = if crate::sabotage::is_on("no_fsync") { Ok(()) } else { file.sync_data() };
            if let Err(source) = synced {
                // Which of the bytes were lost cannot be known, and asking again would not tell.
                landing.fail(cannot_write(path, &source));
                return;
            }
            landing.synced(parts.bytes());
            give_back(file, landing.hashed_to().min(parts.front()));
            durable = parts;
        }
        // Only now: what is told to be on the disk must be there. Not each time: it costs a write to the database.
        if durable != told && (closed || told_at.elapsed() >= SYNC_EVERY) {
            if let Err(error) = on_durable(&durable) {
                tracing::warn!(%error, "how far a download is could not be kept");
            }
            told = durable.clone();
            told_at = Instant::now();
        }
        if closed {
            return;
        }
    }
}

/// Bytes that are on the disk and digested are of no more use in memory.
fn give_back(file: &File, up_to: u64) {
    #[cfg(target_os = "linux")]
    if let Some(length) = std::num::NonZeroU64::new(up_to) {
        // Advice that is not taken costs memory at most.
        let _ = rustix::fs::fadvise(file, 0, Some(length), rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (file, up_to);
}

pub(super) fn cannot_write(path: &Path, source: &std::io::Error) -> Error {
    let error = Error::io("write", path, source);
    match source.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            error.hint("Check that your user may write to that folder")
        }
        _ => error,
    }
}

#[cfg(test)]
mod tests;
