//! What clients are told without asking: facts that have been committed, and samples of progress.
//!
//! Facts may be batched and may be lost by a slow receiver, which then gets [`Event::Resync`]; so every client is
//! written to survive missing any one of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use crate::download::DownloadSample;
use crate::jobs::JobSnapshot;

/// One thing that happened. On the wire an object with the field `event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Rows of the library were added, changed or removed.
    LibraryChanged,
    /// The list of model roots, or the state of one, changed.
    RootsChanged,
    /// What is known of the vault changed.
    VaultChanged,
    /// A setting changed.
    SettingsChanged,
    /// Somebody signed in or out.
    AccountChanged,
    /// Something was done to files, or undone.
    ActivityChanged,
    /// The link with the website stands otherwise, or asks for something.
    LinkChanged,
    /// A job started, paused, went on or ended.
    JobsChanged,
    /// How far a running job is. At most five a second.
    Progress {
        /// The job as it stands.
        job: JobSnapshot,
    },
    /// A download was added, took a step, or left the list.
    DownloadsChanged,
    /// How far running downloads are. At most five a second.
    DownloadProgress {
        /// Those that moved.
        downloads: Vec<DownloadSample>,
    },
    /// Something was missed: ask for everything that is on the screen again.
    Resync,
}

/// How many events a receiver may lag behind before it is told to resync.
const BACKLOG: usize = 256;

/// Hands events to every subscriber.
#[derive(Debug, Clone)]
pub struct EventBus {
    sender: broadcast::Sender<Arc<Event>>,
}

impl Default for EventBus {
    fn default() -> Self {
        Self { sender: broadcast::channel(BACKLOG).0 }
    }
}

impl EventBus {
    /// Tells every subscriber. That nobody listens is fine.
    pub fn publish(&self, event: Event) {
        // An error here only means that there is no subscriber at the moment.
        let _ = self.sender.send(Arc::new(event));
    }

    /// Everything published from now on.
    pub fn subscribe(&self) -> Subscription {
        Subscription { receiver: self.sender.subscribe() }
    }
}

/// One client's view of the events.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Arc<Event>>,
}

impl Subscription {
    /// The next event, or `None` when the engine has shut down.
    pub async fn next(&mut self) -> Option<Arc<Event>> {
        match self.receiver.recv().await {
            Ok(event) => Some(event),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Arc::new(Event::Resync)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
