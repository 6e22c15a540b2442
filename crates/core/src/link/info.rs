//! What people are shown of Civitai Link: how each site stands, and what it asks to be allowed.
//!
//! Nothing here is a secret: a key goes in with the code that a person types and never comes out.

use serde::{Deserialize, Serialize};

use super::LinkSite;
use crate::error::Error;
use crate::units::{ByteCount, UnixMillis};

/// How this computer stands to the website.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct LinkInfo {
    /// Each of Civitai's sites, paired with or not.
    pub sites: Vec<LinkSiteInfo>,
    /// What waits for a person's word, the oldest first.
    pub requests: Vec<LinkAsk>,
    /// What becomes of a wish to remove something.
    pub remove: LinkRemove,
}

/// How this computer stands to one site.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct LinkSiteInfo {
    /// Which.
    pub site: LinkSite,
    /// Where its relay is.
    pub url: String,
    /// How it stands.
    pub state: LinkState,
    /// What is wrong, and what to do.
    pub problem: Option<Error>,
    /// Since when it stands so.
    pub since: Option<UnixMillis>,
    /// When it is tried again, while it is off line.
    pub next_try: Option<UnixMillis>,
    /// When it was paired with.
    pub paired_at: Option<UnixMillis>,
}

/// How a link stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Nobody paired it, or the site has removed this computer.
    NotPaired,
    /// The first try since it was paired or Modeldock was started.
    Connecting,
    /// Joined; nobody has the site open.
    Waiting,
    /// Joined, and somebody has the site open.
    Connected,
    /// Not joined; it is tried again by itself.
    Offline,
}

/// Something the site asks for that a person must allow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct LinkAsk {
    /// Who asks.
    pub site: LinkSite,
    /// The site's own id of it.
    pub id: String,
    /// What for.
    pub what: LinkWish,
    /// The model's name as this library knows it, else the file's.
    pub title: String,
    /// How many files it is about.
    pub copies: u32,
    /// How large they are together.
    pub bytes: ByteCount,
    /// When it came.
    pub asked_at: UnixMillis,
}

/// What a person must allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkWish {
    /// Every copy of a content goes into the trash.
    Remove,
}

/// What becomes of the site's wish to remove something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkRemove {
    /// A person is asked.
    Ask,
    /// It is refused.
    Never,
}

/// A person's word on what the site asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LinkWord {
    /// This one.
    Once,
    /// This one, and all that come until Modeldock ends.
    Session,
    /// No.
    Deny,
}
