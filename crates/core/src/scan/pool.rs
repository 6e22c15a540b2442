//! The threads that read files.
//!
//! A fixed number of plain threads take files off one queue, smallest first: most of a library is known soonest that
//! way. Results come back over a channel in the order they are finished.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
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
    pub(super) volume: u64,
    pub(super) urgency: Urgency,
    pub(super) tag: Vec<FileId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    Unknown,
    Unverified,
}

#[derive(Default)]
struct Queue {
    tasks: Mutex<(BTreeMap<(Urgency, u64, PathBuf), HashTask>, bool)>,
    changed: Condvar,
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
    queue: Arc<Queue>,
    pub(super) results: Receiver<HashResult>,
}

impl HashPool {
    pub(super) fn start(threads: usize, control: &JobControl, progress: &Arc<Progress>) -> Result<Self> {
        let queue = Arc::new(Queue::default());
        let (sender, results) = channel();
        let mut pool =
            Self { threads: Vec::with_capacity(threads), control: control.clone(), queue: Arc::clone(&queue), results };
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

    pub(super) fn add(&self, tasks: Vec<HashTask>) {
        let mut queue = self.queue.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        for task in tasks {
            queue.0.insert((task.urgency, task.size, task.path.clone()), task);
        }
        self.queue.changed.notify_all();
    }

    pub(super) fn close(&self) {
        self.queue.tasks.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
        self.queue.changed.notify_all();
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
            self.close();
            self.join();
        }
    }
}

struct Worker {
    queue: Arc<Queue>,
    control: JobControl,
    progress: Arc<Progress>,
    sender: Sender<HashResult>,
}

impl Worker {
    fn next(&self) -> Option<HashTask> {
        let mut queue = self.queue.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some((_, task)) = queue.0.pop_first() {
                return Some(task);
            }
            if queue.1 || self.control.is_cancelled() {
                return None;
            }
            queue = self.queue.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn run(self) {
        loop {
            let Some(task) = self.next() else { return };
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
