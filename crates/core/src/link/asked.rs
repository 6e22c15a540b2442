//! Something the website asked for that takes time, as it is written down: an add or a removal.
//!
//! It is written down before anything of it is done, under the site's own id: the same id that comes again finds it and is
//! told how it stands, and whatever a crash or a cut interrupts is still there afterwards.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LinkSite;
use super::command::CommandId;
use super::resource::Resource;
use crate::units::{DownloadId, UnixMillis};

use super::info::LinkWord;

/// How something the site asked for stands, in the site's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkStatus {
    /// It waits: for its turn, or for a person.
    Pending,
    /// It is being done.
    Processing,
    /// It is done.
    Success,
    /// It is not done, and the answer says why.
    Error,
    /// Somebody stopped it, here or there.
    Canceled,
}

impl LinkStatus {
    /// Whether nothing more becomes of it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Error | Self::Canceled)
    }

    /// As the site spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Success => "success",
            Self::Error => "error",
            Self::Canceled => "canceled",
        }
    }
}

/// What is to be done with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkDeed {
    /// Download it.
    Add,
    /// Throw every copy away.
    Remove,
}

impl LinkDeed {
    /// The command's name.
    pub(crate) const fn command(self) -> &'static str {
        match self {
            Self::Add => "resources:add",
            Self::Remove => "resources:remove",
        }
    }
}

/// What comes to be written down.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NewAsked {
    pub(crate) site: LinkSite,
    pub(crate) id: CommandId,
    pub(crate) deed: LinkDeed,
    pub(crate) resource: Resource,
    /// As it came, to be given back.
    pub(crate) created_at: Value,
}

/// What is written down.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Asked {
    /// The row.
    pub(crate) number: i64,
    pub(crate) new: NewAsked,
    pub(crate) status: LinkStatus,
    /// Why it was not done, for the site: never a path of this computer.
    pub(crate) error: Option<String>,
    /// What a person said to it.
    pub(crate) word: Option<LinkWord>,
    /// What a person is shown of it.
    pub(crate) shown: Option<Shown>,
    pub(crate) download: Option<DownloadId>,
    /// When it came.
    pub(crate) since: UnixMillis,
    pub(crate) updated_at: UnixMillis,
}

/// What a removal is about, as this library knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) title: String,
    pub(crate) copies: u32,
    pub(crate) bytes: u64,
}

impl Asked {
    /// Whether it waits for a person.
    pub(crate) fn waits_for_word(&self) -> bool {
        self.new.deed == LinkDeed::Remove
            && self.status == LinkStatus::Pending
            && self.shown.is_some()
            && self.word.is_none()
    }
}
