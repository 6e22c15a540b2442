//! What the parts of the link in one process have in common: how each link stands, and what a person allowed for as long
//! as this process runs.
//!
//! A change of state is written into the log once, here and nowhere else: that a link is tried again every few minutes for
//! an hour is one line.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::info::LinkState;
use super::join::Joined;
use super::relay::{LinkSite, LinkSocket};
use super::room::Standing;
use crate::error::Error;
use crate::event::{Event, EventBus};
use crate::store::Store;
use crate::units::UnixMillis;

/// A connection that has joined already, on its way from whoever paired to whoever keeps the link.
pub(crate) struct Handed {
    pub(crate) socket: Box<dyn LinkSocket>,
    pub(crate) joined: Joined,
    pub(crate) paired_at: UnixMillis,
}

/// One for each engine.
#[derive(Default)]
pub(crate) struct Shared {
    standings: Mutex<HashMap<LinkSite, Standing>>,
    handed: Mutex<HashMap<LinkSite, Handed>>,
    allowed: Mutex<HashSet<LinkSite>>,
    is_kept: AtomicBool,
    /// Held while somebody pairs, so that nobody joins with a key whose connection is about to be handed over.
    pairing: tokio::sync::Mutex<()>,
}

impl Shared {
    /// How the link with a site stands, if this process keeps it.
    pub(crate) fn standing(&self, site: LinkSite) -> Option<Standing> {
        lock(&self.standings).get(&site).cloned()
    }

    /// Whether this process keeps the links.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept.load(Ordering::SeqCst)
    }

    pub(crate) fn set_kept(&self, is_kept: bool) {
        self.is_kept.store(is_kept, Ordering::SeqCst);
    }

    /// Says how a link stands now: here, to other processes, and in the log.
    pub(crate) async fn stand(
        &self,
        store: &Store,
        events: &EventBus,
        site: LinkSite,
        state: LinkState,
        problem: Option<Error>,
        next_try: Option<UnixMillis>,
    ) {
        let now = UnixMillis::now();
        let standing = {
            let mut standings = lock(&self.standings);
            let before = standings.get(&site);
            let unpaired = || Standing { state: LinkState::NotPaired, since: now, problem: None, next_try: None };
            let before = before.cloned().unwrap_or_else(unpaired);
            let is_same = before.state == state;
            if is_same && before.problem == problem && before.next_try == next_try {
                return;
            }
            let since = if is_same { before.since } else { now };
            if !is_same {
                log(site, state, problem.as_ref());
            }
            let standing = Standing { state, since, problem, next_try };
            standings.insert(site, standing.clone());
            standing
        };
        let kept = store.write(move |tx| tx.set_link_standing(site, &standing)).await;
        if let Err(error) = kept {
            tracing::debug!(%error, "how the link stands could not be kept for other processes");
            events.publish(Event::LinkChanged);
        }
    }

    /// Hands over a connection.
    pub(crate) fn hand_over(&self, site: LinkSite, handed: Handed) {
        lock(&self.handed).insert(site, handed);
    }

    /// Takes the connection of this pairing over, if there is one. Waits for whoever pairs.
    pub(crate) async fn take_over(&self, site: LinkSite, paired_at: UnixMillis) -> Option<Handed> {
        let _turn = self.pairing.lock().await;
        lock(&self.handed).remove(&site).filter(|handed| handed.paired_at == paired_at)
    }

    /// One pairs at a time.
    pub(crate) async fn pairing_turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.pairing.lock().await
    }

    /// A person allowed all removals of a site, until this process ends.
    pub(crate) fn allow(&self, site: LinkSite) {
        lock(&self.allowed).insert(site);
    }

    /// It is another pairing: what was allowed to the one before is not allowed to it.
    pub(crate) fn disallow(&self, site: LinkSite) {
        lock(&self.allowed).remove(&site);
    }

    pub(crate) fn is_allowed(&self, site: LinkSite) -> bool {
        lock(&self.allowed).contains(&site)
    }
}

fn log(site: LinkSite, state: LinkState, problem: Option<&Error>) {
    let site = site.name();
    match problem {
        Some(problem) => tracing::info!(site, ?state, %problem, "Civitai Link"),
        None => tracing::info!(site, ?state, "Civitai Link"),
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
