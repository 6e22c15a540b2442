//! The relay between Civitai's website and this computer, as a trait the engine owns; `modeldock-civitai` implements it.
//!
//! What the site sends arrives as loose JSON on purpose: what counts as a command, and what may be done about it, is
//! decided here in the engine ([`super`]), never by the crate that speaks to the network.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::Secret;

/// The largest message the relay takes, in bytes; it drops the connection at 1 MB (Link protocol, section 3).
pub const LARGEST_MESSAGE: usize = 900_000;

/// Which of Civitai's sites a link belongs to. Each has a relay and accounts of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkSite {
    /// civitai.com
    Com,
    /// civitai.red
    Red,
}

impl LinkSite {
    /// Both, in the order in which people are shown them.
    pub const ALL: [Self; 2] = [Self::Com, Self::Red];

    /// As people know it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Com => "civitai.com",
            Self::Red => "civitai.red",
        }
    }
}

/// A way to the relays.
#[async_trait]
pub trait LinkService: Send + Sync + 'static {
    /// Where a site's relay is, for messages: `https://link.civitai.com`.
    fn link_url(&self, site: LinkSite) -> &str;

    /// Opens a connection. Nothing is joined yet.
    async fn connect_link(&self, site: LinkSite) -> Result<Box<dyn LinkSocket>, LinkError>;
}

/// One open connection to a relay.
#[async_trait]
pub trait LinkSocket: Send {
    /// Sends. Comes back when the message is handed to the system, or when the relay did not take it in time.
    async fn send(&mut self, message: ToRelay<'_>) -> Result<(), LinkError>;

    /// The next thing the relay says. May be dropped and called again without losing any. After an error the connection
    /// is over.
    async fn next(&mut self) -> Result<FromRelay, LinkError>;

    /// Says good-bye, as far as the relay still listens.
    async fn close(&mut self);
}

/// What this computer says.
#[derive(Debug, Clone, Copy)]
pub enum ToRelay<'a> {
    /// `iam`: this is the computer, not the browser. Comes before everything else.
    Identify,
    /// `join`, answered by [`FromRelay::Joined`].
    Join(&'a Secret),
    /// `leave`
    Leave,
    /// `commandStatus`: an answer, or the list after a change. At most [`LARGEST_MESSAGE`] as JSON.
    Status(&'a Value),
}

/// What the relay says.
#[derive(Debug, Clone)]
pub enum FromRelay {
    /// The answer to [`ToRelay::Join`].
    Joined {
        /// Whether this computer is in the room now.
        success: bool,
        /// What the relay says to it, shortened.
        message: Option<String>,
    },
    /// `upgradeKey`: the key to join with from now on.
    Upgraded(Secret),
    /// `kicked`: this computer was removed at the site. Its key is worth nothing any more.
    Kicked,
    /// `roomPresence`
    Presence {
        /// Browsers in the room.
        browsers: u32,
        /// Computers in the room.
        computers: u32,
    },
    /// `command`, as it came.
    Command(Value),
    /// `error`: a message for a person, shortened.
    Problem(String),
    /// Something this version does not know, or that is not in order; it is skipped.
    Unknown {
        /// The event's name, shortened and without control characters.
        event: String,
    },
}

/// Why there is no connection, or none any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Nobody answers there.
    #[error("{url} cannot be reached: {why}")]
    Unreachable {
        /// Where.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// Somebody answers, and does not want to.
    #[error("{url} answered {status}")]
    Refused {
        /// Where.
        url: String,
        /// The HTTP status.
        status: u16,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// The connection ended.
    #[error("the connection to {url} ended: {why}")]
    Closed {
        /// Where.
        url: String,
        /// What went wrong.
        why: String,
    },
    /// What is said there is not what a relay says.
    #[error("{url} does not speak the Link protocol: {why}")]
    Protocol {
        /// Where.
        url: String,
        /// What was wrong with it.
        why: String,
    },
    /// The message is larger than the relay takes. Nothing was sent, the connection goes on.
    #[error("a message of {bytes} bytes is more than {url} takes")]
    TooLarge {
        /// Where.
        url: String,
        /// Its size.
        bytes: usize,
    },
}
