//! The threads that read files.
//!
//! Plain threads take files off one queue ([`super::queue`]) that may grow while they work. Results come back over a
//! channel in the order they are finished. A thread whose file has a single SHA-256 stream opens a second file beside
//! it, because two streams on one core take little more time than one; but never one that an idle thread could take,
//! and it gives one up as soon as another thread has nothing to do: two cores are still better than one.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::device::Device;
use super::queue::{HashTask, Queue};
use super::read::{ReadOptions, Reading};
use super::{Digests, ReadError};
use crate::error::{Code, Error, Result};
use crate::jobs::{JobControl, Progress};
use crate::scan::Fingerprint;

#[cfg(test)]
mod tests;

/// How a pool works.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// Threads, at most; 0 means one per core.
    pub threads: usize,
    /// How files are read.
    pub read: ReadOptions,
    /// Whether everything else on the machine goes first.
    pub low_priority: bool,
}

/// What came of a file.
#[derive(Debug)]
pub struct HashResult<T> {
    /// Which.
    pub task: HashTask<T>,
    /// Its hashes, and what the file was when they were taken.
    pub outcome: std::result::Result<(Digests, Fingerprint), ReadError>,
    /// Bytes that were really read: fewer than the file has if it was left half read an earlier time.
    pub bytes_read: u64,
}

/// Running threads. Dropping it cancels and joins them.
pub struct HashPool<T> {
    shared: Arc<Shared<T>>,
    /// Every file that was added, as soon as it is finished; ends some time after [`Self::close`].
    pub results: Receiver<HashResult<T>>,
}

impl<T: Send + 'static> HashPool<T> {
    /// Ready to read. Threads are started as files come.
    pub fn start(options: PoolOptions, control: &JobControl, progress: &Arc<Progress>) -> Self {
        let (sender, results) = channel();
        let threads = match options.threads {
            0 => std::thread::available_parallelism().map_or(2, usize::from),
            threads => threads,
        };
        let shared = Shared {
            options: PoolOptions { threads, ..options },
            control: control.clone(),
            progress: Arc::clone(progress),
            state: Mutex::new(State {
                queue: Queue::new(),
                handed_over: Vec::new(),
                sender: Some(sender),
                threads: Vec::new(),
                started: 0,
                busy: 0,
                pairs: 0,
                waiting: 0,
                is_stopped: false,
            }),
            changed: Condvar::new(),
            devices: Mutex::default(),
        };
        Self { shared: Arc::new(shared), results }
    }

    /// Adds files, at any time before [`Self::close`].
    pub fn add(&self, tasks: impl IntoIterator<Item = HashTask<T>>) -> Result<()> {
        self.feed().add(tasks)
    }

    /// No more files will come: the threads end when all are read.
    pub fn close(&self) {
        self.feed().close();
    }

    /// A way to add files from another thread than the one that takes the results.
    pub fn feed(&self) -> Feed<T> {
        Feed(Arc::clone(&self.shared))
    }

    /// Waits for the threads after their last result has been taken.
    pub fn finish(self) {
        self.close();
        self.shared.join();
    }
}

impl<T> Drop for HashPool<T> {
    fn drop(&mut self) {
        // Only an early return leaves threads here: they must not go on reading for nobody.
        if !self.shared.lock().threads.is_empty() {
            self.shared.control.cancel();
            self.shared.stop();
            self.shared.join();
        }
    }
}

/// Adds files to a pool.
pub struct Feed<T>(Arc<Shared<T>>);

impl<T: Send + 'static> Feed<T> {
    /// As [`HashPool::add`].
    pub fn add(&self, tasks: impl IntoIterator<Item = HashTask<T>>) -> Result<()> {
        for task in tasks {
            if self.0.control.is_cancelled() {
                return Ok(());
            }
            // Outside the lock: a server that hangs must not keep the threads from other volumes' files.
            let device = self.0.device(&task);
            let mut state = self.0.lock();
            state.queue.push(task, device);
            let idle = state.idle();
            if state.queue.len() > idle && state.started < self.0.options.threads {
                let thread = Worker::spawn(&self.0, &state)?;
                state.threads.push(thread);
                state.started += 1;
            }
            drop(state);
            self.0.changed.notify_one();
        }
        Ok(())
    }

    /// As [`HashPool::close`].
    pub fn close(&self) {
        self.0.lock().sender = None;
        self.0.changed.notify_all();
    }
}

struct Shared<T> {
    options: PoolOptions,
    control: JobControl,
    progress: Arc<Progress>,
    state: Mutex<State<T>>,
    changed: Condvar,
    devices: Mutex<HashMap<u64, Device>>,
}

struct State<T> {
    queue: Queue<T>,
    /// Files begun by a thread that had two.
    handed_over: Vec<Active<T>>,
    /// For threads to come; `None` once no more files will.
    sender: Option<Sender<HashResult<T>>>,
    /// Until somebody joins them.
    threads: Vec<JoinHandle<()>>,
    started: usize,
    /// Threads that have a file.
    busy: usize,
    /// Threads that have two.
    pairs: usize,
    /// Threads that wait for one.
    waiting: usize,
    is_stopped: bool,
}

/// A file under way.
struct Active<T> {
    task: HashTask<T>,
    reading: Box<Reading>,
    bytes_read: u64,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn device(&self, task: &HashTask<T>) -> Device {
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        *devices.entry(task.volume).or_insert_with(|| Device::of(&task.path, task.volume))
    }

    fn stop(&self) {
        self.lock().is_stopped = true;
        self.changed.notify_all();
    }

    fn join(&self) {
        let threads = std::mem::take(&mut self.lock().threads);
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a hashing thread panicked");
            }
        }
    }
}

impl<T> State<T> {
    /// Threads that have no file, whether they wait already or are still on their way.
    fn idle(&self) -> usize {
        self.started - self.busy
    }

    /// Whether nothing will ever be left for a thread that has nothing now.
    fn is_over(&self) -> bool {
        self.sender.is_none() && self.queue.len() == 0 && self.handed_over.is_empty() && self.pairs == 0
    }
}

/// What a thread does next.
enum Work<T> {
    Begin(HashTask<T>),
    GoOn(Active<T>),
    End,
}

struct Worker<T> {
    shared: Arc<Shared<T>>,
    sender: Sender<HashResult<T>>,
    /// One file, or two that are digested together.
    held: Vec<Active<T>>,
}

impl<T: Send + 'static> Worker<T> {
    fn spawn(shared: &Arc<Shared<T>>, state: &State<T>) -> Result<JoinHandle<()>> {
        let failed = |problem: String| Error::new(Code::Internal, format!("Could not start a thread: {problem}"));
        let sender = state.sender.clone().ok_or_else(|| failed("the pool is closed".to_owned()))?;
        let worker = Self { shared: Arc::clone(shared), sender, held: Vec::with_capacity(2) };
        std::thread::Builder::new()
            .name(format!("hash-{}", state.started))
            .spawn(move || worker.run())
            .map_err(|source| failed(source.to_string()))
    }

    fn run(mut self) {
        if self.shared.options.low_priority {
            let_everything_else_go_first();
        }
        loop {
            match self.next() {
                Work::Begin(task) => self.begin(task),
                Work::GoOn(active) => self.held.push(active),
                Work::End => return,
            }
            while !self.held.is_empty() {
                self.balance();
                self.advance();
            }
            self.shared.lock().busy -= 1;
        }
    }

    /// Waits for a file.
    fn next(&self) -> Work<T> {
        // Whoever cancels does not know of this wait; looking ten times a second is soon enough.
        const LOOK_AGAIN: Duration = Duration::from_millis(100);
        let mut state = self.shared.lock();
        loop {
            if state.is_stopped || self.shared.control.is_cancelled() {
                // Whoever takes the results must not wait for more, closed or not.
                state.sender = None;
                return Work::End;
            }
            if let Some(active) = state.handed_over.pop() {
                state.busy += 1;
                return Work::GoOn(active);
            }
            if let Some(task) = state.queue.pop() {
                state.busy += 1;
                return Work::Begin(task);
            }
            if state.is_over() {
                return Work::End;
            }
            state.waiting += 1;
            state = self.shared.changed.wait_timeout(state, LOOK_AGAIN).unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
    }

    /// Takes a second file where that makes both quicker, or gives it up to a thread that has none.
    fn balance(&mut self) {
        match self.held.as_slice() {
            [only] if only.reading.has_single_stream() => {
                let mut state = self.shared.lock();
                let idle = state.idle();
                if state.queue.len() > idle
                    && let Some(task) = state.queue.pop()
                {
                    state.pairs += 1;
                    drop(state);
                    self.begin(task);
                    if self.held.len() < 2 {
                        self.end_pair();
                    }
                }
            }
            [_, _] => {
                let mut state = self.shared.lock();
                if state.waiting > state.handed_over.len() && state.queue.len() == 0 {
                    state.handed_over.extend(self.held.pop());
                    state.pairs -= 1;
                    drop(state);
                    self.shared.changed.notify_all();
                }
            }
            _ => {}
        }
    }

    fn end_pair(&self) {
        self.shared.lock().pairs -= 1;
        self.shared.changed.notify_all();
    }

    fn begin(&mut self, task: HashTask<T>) {
        let Shared { options, control, progress, .. } = &*self.shared;
        progress.reading(&task.path);
        match Reading::open(&task.path, &options.read, control) {
            Ok(reading) => {
                // What an earlier run has read is done, though nobody reads it now.
                Progress::add(&progress.bytes_hashed, reading.resumed_at().min(task.size));
                self.held.push(Active { task, reading: Box::new(reading), bytes_read: 0 });
            }
            Err(error) => self.tell(task, Err(error), 0, 0),
        }
    }

    /// Reads and digests a block of every file held. One that ends or fails leaves; the other goes on.
    fn advance(&mut self) {
        let mut at = 0;
        while let Some(active) = self.held.get_mut(at) {
            match active.reading.fill(&self.shared.control) {
                Ok(bytes) if bytes > 0 => {
                    active.bytes_read += bytes;
                    Progress::add(&self.shared.progress.bytes_hashed, bytes);
                    at += 1;
                }
                ended => {
                    let was_pair = self.held.len() == 2;
                    let Active { task, reading, bytes_read } = self.held.remove(at);
                    let done = bytes_read + reading.resumed_at().min(task.size);
                    let outcome = ended.and_then(|_| reading.finish());
                    self.tell(task, outcome, bytes_read, done);
                    if was_pair {
                        self.end_pair();
                    }
                }
            }
        }
        match self.held.as_mut_slice() {
            [a, b] => Reading::digest_pair(&mut a.reading, &mut b.reading),
            [only] => only.reading.digest(),
            _ => {}
        }
    }

    /// Reports a file of which `done` bytes have been counted so far.
    fn tell(
        &self,
        task: HashTask<T>,
        outcome: std::result::Result<(Digests, Fingerprint), ReadError>,
        bytes_read: u64,
        done: u64,
    ) {
        // What was promised but not read still counts as done, or the bar would never end.
        if outcome.is_err() {
            Progress::add(&self.shared.progress.bytes_hashed, task.size.saturating_sub(done));
        }
        Progress::add(&self.shared.progress.files_hashed, 1);
        self.shared.lock().queue.release(task.volume);
        self.shared.changed.notify_all();
        if self.sender.send(HashResult { task, outcome, bytes_read }).is_err() {
            // The receiver is gone only when nobody wants any more.
            self.shared.stop();
        }
    }
}

/// Lowers the calling thread's priority, for the processor and for disks: the schedulers that know priorities of disk
/// access at all derive them from this one unless told otherwise, 15 being the first value for their lowest level. That
/// makes it the one call that needs no unsafe code.
#[cfg(target_os = "linux")]
fn let_everything_else_go_first() {
    if let Err(error) = rustix::process::setpriority_process(Some(rustix::thread::gettid()), 15) {
        tracing::debug!(%error, "the priority stays as it is");
    }
}

#[cfg(not(target_os = "linux"))]
fn let_everything_else_go_first() {}
