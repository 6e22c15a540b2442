//! The threads that read files.
//!
//! A fixed number of plain threads take files off one queue, smallest first: most of a library is known soonest that
//! way. Results come back over a channel in the order they are finished.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::fingerprint::Fingerprint;
use crate::error::{Code, Error, Result};
use crate::hash::{Hashes, ReadError, hash_file};
use crate::jobs::{JobControl, Progress};
use crate::units::FileId;

/// A file to read, and every row its content belongs to.
#[derive(Debug, Clone)]
pub(super) struct HashTask {
    pub(super) path: PathBuf,
    pub(super) size: u64,
    pub(super) rows: Vec<FileId>,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct HashResult {
    pub(super) task: HashTask,
    pub(super) outcome: std::result::Result<(Hashes, Fingerprint), ReadError>,
}

/// Running threads. Dropping it cancels and joins them.
pub(super) struct HashPool {
    threads: Vec<JoinHandle<()>>,
    control: JobControl,
    pub(super) results: Receiver<HashResult>,
}

impl HashPool {
    /// Starts reading.
    pub(super) fn start(
        mut tasks: Vec<HashTask>,
        threads: usize,
        control: &JobControl,
        progress: &Arc<Progress>,
    ) -> Result<Self> {
        tasks.sort_by(|a, b| a.size.cmp(&b.size).then_with(|| a.path.cmp(&b.path)));
        let threads = threads.clamp(1, tasks.len().max(1));
        let queue = Arc::new(Mutex::new(VecDeque::from(tasks)));
        let (sender, results) = channel();
        let mut pool = Self { threads: Vec::with_capacity(threads), control: control.clone(), results };
        for number in 0..threads {
            let worker = Worker {
                queue: Arc::clone(&queue),
                control: control.clone(),
                progress: Arc::clone(progress),
                sender: sender.clone(),
            };
            let thread = std::thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || worker.run())
                .map_err(|source| Error::new(Code::Internal, format!("Could not start a thread: {source}")))?;
            pool.threads.push(thread);
        }
        Ok(pool)
    }
}

impl HashPool {
    /// Waits for the threads after their last result has been taken.
    pub(super) fn finish(mut self) {
        self.join();
    }

    fn join(&mut self) {
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a hashing thread panicked");
            }
        }
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        // Only an early return leaves threads here: they must not go on reading for nobody.
        if !self.threads.is_empty() {
            self.control.cancel();
            self.join();
        }
    }
}

struct Worker {
    queue: Arc<Mutex<VecDeque<HashTask>>>,
    control: JobControl,
    progress: Arc<Progress>,
    sender: Sender<HashResult>,
}

impl Worker {
    fn run(self) {
        loop {
            let Some(task) = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else { return };
            self.progress.reading(&task.path);
            let mut read = 0;
            let outcome = hash_file(&task.path, &self.control, |bytes| {
                read += bytes;
                Progress::add(&self.progress.bytes_hashed, bytes);
            });
            // What was promised but not read still counts as done, or the bar would never end.
            if outcome.is_err() {
                Progress::add(&self.progress.bytes_hashed, task.size.saturating_sub(read));
            }
            Progress::add(&self.progress.files_hashed, 1);
            let cancelled = matches!(outcome, Err(ReadError::Cancelled));
            // The receiver is gone only when the scan has ended.
            if self.sender.send(HashResult { task, outcome }).is_err() || cancelled {
                return;
            }
        }
    }
}
