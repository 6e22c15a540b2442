//! Civitai Link: what the website may see and do here, once somebody pairs this computer with it.
//!
//! ```text
//! relay ─ socket ─► session ─ command ─► answers ─► written down ─► work ─► queue of downloads, or the trash
//!   ▲                 │ one for each connection          │ rows       └ after a look-up by hash, or a person's word
//!   └── reply, list ◄─┴───────── what changed ◄──────────┘
//! worker: connects, holds, waits, tries again          pair: a code becomes a key, which is kept before anything else
//! ```
//!
//! The site is a stranger. What it says is worth a hash and a kind: where a file comes from, what it is called and where it
//! goes is decided here, as for any download. It throws nothing away unless a person says so, and what goes can be brought
//! back. Whatever takes time is written down first, so that no cut and no crash loses it or does it twice.

mod answers;
mod asked;
mod backoff;
mod command;
mod info;
mod join;
mod keys;
mod list;
mod pair;
mod relay;
mod remove;
mod reply;
mod resource;
mod room;
mod session;
mod shared;
mod work;
mod worker;

pub(crate) use answers::{Answers, below};
pub(crate) use asked::{Asked, NewAsked, Shown};
pub use asked::{LinkDeed, LinkStatus};
pub(crate) use command::CommandId;
pub use info::{LinkAsk, LinkInfo, LinkRemove, LinkSiteInfo, LinkState, LinkWish, LinkWord};
pub(crate) use keys::Keys;
pub(crate) use list::Listed;
pub(crate) use pair::{Pairing, read_code};
pub use relay::{FromRelay, LARGEST_MESSAGE, LinkError, LinkService, LinkSite, LinkSocket, ToRelay};
pub(crate) use resource::{Resource, ResourceKind};
pub(crate) use room::{Plan, Room, Standing};
pub(crate) use shared::Shared;
pub(crate) use work::{LockFiles, Work};
pub(crate) use worker::{Worker, switched_off};
