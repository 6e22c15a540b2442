//! Pause and cancel for work on plain threads, where hashing happens.

use std::sync::Arc;

use std::sync::{Condvar, Mutex, PoisonError};

/// The user asked for the work to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

#[derive(Debug, Default)]
struct Flags {
    paused: bool,
    cancelled: bool,
}

#[derive(Debug, Default)]
struct Shared {
    flags: Mutex<Flags>,
    changed: Condvar,
    cancellation: tokio_util::sync::CancellationToken,
}

/// One job's switches. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct JobControl(Arc<Shared>);

impl JobControl {
    fn with_flags(&self, change: impl FnOnce(&mut Flags)) {
        change(&mut self.0.flags.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.changed.notify_all();
    }

    /// Holds the work at the next block it reads.
    pub fn pause(&self) {
        self.with_flags(|flags| flags.paused = true);
    }

    /// Lets it go on.
    pub fn resume(&self) {
        self.with_flags(|flags| flags.paused = false);
    }

    /// Ends it soon; what is finished stays finished. A paused job ends too.
    pub fn cancel(&self) {
        self.with_flags(|flags| flags.cancelled = true);
        self.0.cancellation.cancel();
    }

    /// Whether [`Self::pause`] holds.
    pub fn is_paused(&self) -> bool {
        self.0.flags.lock().unwrap_or_else(PoisonError::into_inner).paused
    }

    /// Whether [`Self::cancel`] was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancellation.is_cancelled()
    }

    /// Blocks this thread while paused. Call it between blocks of work, on a thread that may block.
    pub fn checkpoint(&self) -> Result<(), Cancelled> {
        let mut flags = self.0.flags.lock().unwrap_or_else(PoisonError::into_inner);
        while flags.paused && !flags.cancelled {
            flags = self.0.changed.wait(flags).unwrap_or_else(PoisonError::into_inner);
        }
        if flags.cancelled { Err(Cancelled) } else { Ok(()) }
    }

    /// Resolves once cancelled; for `tokio::select!`.
    pub async fn cancelled(&self) {
        self.0.cancellation.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paused_job_can_be_cancelled() {
        let control = JobControl::default();
        control.pause();
        let worker = std::thread::spawn({
            let control = control.clone();
            move || control.checkpoint()
        });
        control.cancel();
        assert_eq!(worker.join().unwrap(), Err(Cancelled));
    }

    #[test]
    fn a_resumed_job_goes_on() {
        let control = JobControl::default();
        control.pause();
        let worker = std::thread::spawn({
            let control = control.clone();
            move || control.checkpoint()
        });
        control.resume();
        assert_eq!(worker.join().unwrap(), Ok(()));
    }
}
