//! What waits to be handled by a root's thread.
//!
//! Bounded, and it never blocks the sender: the sender is the thread that empties the system's own queue, and if that
//! one is not emptied, the system throws events away. Here as there, what does not fit is lost and the loss is told.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::signs::{Loss, Sign};

/// Events come in bursts: a moment's patience handles a burst in one go. Far below what anybody notices.
const PATIENCE: Duration = Duration::from_millis(15);

#[derive(Debug, Default)]
struct State {
    signs: VecDeque<Sign>,
    lost: Option<Loss>,
    stopped: bool,
}

/// Everything since the last time.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) signs: VecDeque<Sign>,
    /// Something did not arrive.
    pub(super) lost: Option<Loss>,
}

/// Between those who hear and the one who handles.
#[derive(Debug)]
pub(super) struct Inbox {
    state: Mutex<State>,
    changed: Condvar,
    most: usize,
}

impl Inbox {
    /// With room for `most` signs.
    pub(super) fn new(most: usize) -> Self {
        Self { state: Mutex::default(), changed: Condvar::new(), most }
    }

    /// Leaves something; never waits for room.
    pub(super) fn push(&self, sign: Sign) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.signs.len() >= self.most {
            state.lost.get_or_insert(Loss::Overflow);
        } else if state.signs.back() != Some(&sign) {
            state.signs.push_back(sign);
        }
        self.changed.notify_all();
    }

    /// Something that nobody can name did not arrive.
    pub(super) fn lost(&self, loss: Loss) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).lost.get_or_insert(loss);
        self.changed.notify_all();
    }

    /// Ends the handling.
    pub(super) fn stop(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).stopped = true;
        self.changed.notify_all();
    }

    /// Whether the handling is to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).stopped
    }

    /// Waits until there is something, but no longer than `most`. `None` once stopped.
    pub(super) fn wait(&self, most: Duration) -> Option<Batch> {
        let is_idle = |state: &mut State| state.signs.is_empty() && state.lost.is_none() && !state.stopped;
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, timeout) =
            self.changed.wait_timeout_while(state, most, is_idle).unwrap_or_else(PoisonError::into_inner);
        let mut state = if timeout.timed_out() {
            state
        } else {
            self.changed
                .wait_timeout_while(state, PATIENCE, |state| !state.stopped)
                .unwrap_or_else(PoisonError::into_inner)
                .0
        };
        if state.stopped {
            return None;
        }
        Some(Batch { signs: std::mem::take(&mut state.signs), lost: state.lost.take() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(number: usize) -> Sign {
        Sign::Vanished(format!("/models/{number}.pt").into())
    }

    #[test]
    fn what_does_not_fit_is_a_loss_and_not_a_wait() {
        let inbox = Inbox::new(3);
        (0..5).for_each(|number| inbox.push(sign(number)));
        let batch = inbox.wait(Duration::ZERO).unwrap();
        assert_eq!(batch.signs, [sign(0), sign(1), sign(2)]);
        assert_eq!(batch.lost, Some(Loss::Overflow));
        assert_eq!(inbox.wait(Duration::ZERO).unwrap().lost, None);
    }

    #[test]
    fn the_same_again_is_kept_once() {
        let inbox = Inbox::new(3);
        (0..100).for_each(|_| inbox.push(sign(1)));
        assert_eq!(inbox.wait(Duration::ZERO).unwrap().signs, [sign(1)]);
    }

    #[test]
    fn a_stop_ends_a_wait() {
        let inbox = std::sync::Arc::new(Inbox::new(3));
        let waiting = std::thread::spawn({
            let inbox = std::sync::Arc::clone(&inbox);
            move || inbox.wait(Duration::from_secs(3600)).is_none()
        });
        inbox.stop();
        assert!(waiting.join().unwrap());
    }
}
