//! A pairing with a site, how its link stands, and what is to be done about it.

use super::info::LinkState;
use super::relay::LinkSite;
use crate::account::KeptIn;
use crate::error::{Error, Result};
use crate::store::ReadTx;
use crate::units::UnixMillis;

/// A pairing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Room {
    pub(crate) site: LinkSite,
    /// The relay that the key is for.
    pub(crate) url: String,
    /// Where the key is; `None` if the site has removed this computer.
    pub(crate) kept_in: Option<KeptIn>,
    /// Tells one pairing from the next.
    pub(crate) paired_at: UnixMillis,
    pub(crate) standing: Standing,
}

/// How a link stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    pub(crate) state: LinkState,
    pub(crate) since: UnixMillis,
    pub(crate) problem: Option<Error>,
    pub(crate) next_try: Option<UnixMillis>,
}

/// What is to be done about a site.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plan {
    /// Nothing: there is no pairing, or none any more.
    Nothing(Option<Error>),
    /// Nothing, because the user wants nothing to leave this computer.
    Rest,
    /// Be in its room.
    Link { paired_at: UnixMillis, kept_in: KeptIn },
}

impl Plan {
    /// What the rows say. A key for another relay is none for this one.
    pub(crate) fn read(tx: &ReadTx<'_>, site: LinkSite, url: &str) -> Result<Self> {
        let Some(room) = tx.link_room(site)?.filter(|room| room.url == url) else { return Ok(Self::Nothing(None)) };
        let Some(kept_in) = room.kept_in else { return Ok(Self::Nothing(room.standing.problem)) };
        if !tx.settings()?.look_up {
            return Ok(Self::Rest);
        }
        Ok(Self::Link { paired_at: room.paired_at, kept_in })
    }

    /// Whether a link that goes on by this plan goes on by the other one.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            // Where the key is does not matter to whoever has it.
            (Self::Link { paired_at: one, .. }, Self::Link { paired_at: other, .. }) => one == other,
            _ => self == other,
        }
    }
}
