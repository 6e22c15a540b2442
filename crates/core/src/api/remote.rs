//! The website's "Send to my computer": pairing with it, how that stands, and what it asks to be allowed.

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::app::App;
use crate::error::{Error, Result};
use crate::link::{Asked, CommandId, LinkInfo, LinkSite, LinkWord};

/// A code to pair with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct LinkPair {
    /// The site that shows it.
    pub site: LinkSite,
    /// The six digits, in whatever case and with whatever spaces.
    pub code: String,
}

impl std::fmt::Debug for LinkPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Until it is used it is a key.
        f.debug_struct("LinkPair").field("site", &self.site).finish_non_exhaustive()
    }
}

/// A site to have nothing more to do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct LinkLeave {
    /// Which.
    pub site: LinkSite,
}

/// A person's word on what a site asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct LinkAnswer {
    /// The site that asks.
    pub site: LinkSite,
    /// Its id of the request.
    pub id: String,
    /// The word.
    pub allow: LinkWord,
}

pub(super) async fn show(app: &App, _: Empty) -> Result<LinkInfo> {
    app.link_info().await
}

pub(super) async fn pair(app: &App, request: LinkPair) -> Result<LinkInfo> {
    app.pair_link(request.site, &request.code).await?;
    app.link_info().await
}

pub(super) async fn leave(app: &App, request: LinkLeave) -> Result<LinkInfo> {
    app.leave_link(request.site).await?;
    app.link_info().await
}

pub(super) async fn answer(app: &App, request: LinkAnswer) -> Result<LinkInfo> {
    let unknown = || {
        Error::not_found(format!("{} asks for nothing with the id `{}`", request.site.name(), super::clip(&request.id)))
            .hint("It may have been taken back, or have waited too long")
    };
    let id = CommandId::parse(&request.id).ok_or_else(unknown)?;
    let (site, word) = (request.site, request.allow);
    let said = app.store().write(move |tx| {
        let Some(asked) = tx.asked(site, &id)?.filter(Asked::waits_for_word) else { return Ok(false) };
        tx.set_asked_word(asked.number, word)?;
        Ok(true)
    });
    if said.await? { app.link_info().await } else { Err(unknown()) }
}
