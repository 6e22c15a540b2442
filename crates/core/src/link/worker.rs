//! Keeps the link with one site for as long as there is a pairing: connects, holds, and tries again when it broke.
//!
//! How long to wait is decided in [`super::backoff`]. Whatever somebody does about the link (pairs, leaves, changes a
//! setting) is noticed at once, also in the middle of a wait; nothing else shortens one.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::answers::Answers;
use super::backoff::{Backoff, chance};
use super::info::LinkState;
use super::join::{Joined, Joining, NotJoined};
use super::keys::Keys;
use super::relay::{LinkError, LinkService, LinkSite, LinkSocket};
use super::room::Plan;
use super::session::{End, Session};
use super::shared::Shared;
use crate::account::KeptIn;
use crate::error::{Code, Error};
use crate::event::{Event, EventBus, Subscription};
use crate::store::Store;
use crate::units::UnixMillis;

/// How long it may take until there is a connection.
const CONNECT: Duration = Duration::from_secs(60);

/// How often it is looked whether there is something to be done, in case that was missed, or could not be read.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// The link with one site.
pub(crate) struct Worker {
    pub(crate) store: Store,
    pub(crate) service: Arc<dyn LinkService>,
    pub(crate) keys: Keys,
    pub(crate) shared: Arc<Shared>,
    pub(crate) answers: Answers,
    pub(crate) events: EventBus,
    pub(crate) site: LinkSite,
    pub(crate) stop: CancellationToken,
}

/// How one try ended.
enum Tried {
    /// It is to be tried again, after at least so long if the relay says so.
    Later { held: Duration, problem: Error, asked: Option<Duration> },
    /// The key is worth nothing any more.
    KeyVoid(Error),
    /// Look again what is to be done.
    LookAgain,
}

impl Worker {
    /// Until it is stopped.
    pub(crate) async fn run(&self) {
        let mut events = self.events.subscribe();
        let mut backoff = Backoff::default();
        let mut last: Option<Plan> = None;
        while !self.stop.is_cancelled() {
            let plan = self.plan().await;
            let is_new = last.as_ref().is_none_or(|last| !last.is_like(&plan));
            if is_new {
                backoff.reset();
                self.shared.disallow(self.site);
            }
            last = Some(plan.clone());
            let until = match &plan {
                Plan::Nothing(problem) => {
                    self.stand(LinkState::NotPaired, problem.clone(), None).await;
                    Some(Instant::now() + LOOK_EVERY)
                }
                Plan::Rest => {
                    self.stand(LinkState::Offline, Some(switched_off()), None).await;
                    Some(Instant::now() + LOOK_EVERY)
                }
                Plan::Link { paired_at, kept_in } => {
                    if is_new {
                        self.stand(LinkState::Connecting, None, None).await;
                    }
                    match self.try_once(&plan, *paired_at, *kept_in).await {
                        Tried::LookAgain => continue,
                        Tried::KeyVoid(problem) => {
                            self.forget(*paired_at, *kept_in, problem).await;
                            continue;
                        }
                        Tried::Later { held, problem, asked } => {
                            let wait = backoff.after(held, chance(), asked);
                            let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                            let next_try = UnixMillis(UnixMillis::now().0.saturating_add(millis));
                            self.stand(LinkState::Offline, Some(problem), Some(next_try)).await;
                            Some(Instant::now() + wait)
                        }
                    }
                }
            };
            self.wait(&mut events, &plan, until).await;
        }
    }

    async fn plan(&self) -> Plan {
        let (site, url) = (self.site, self.keys.url(self.site).to_owned());
        let plan = self.store.read(move |tx| Plan::read(tx, site, &url)).await;
        plan.unwrap_or_else(|error| Plan::Nothing(Some(error)))
    }

    async fn stand(&self, state: LinkState, problem: Option<Error>, next_try: Option<UnixMillis>) {
        self.shared.stand(&self.store, &self.events, self.site, state, problem, next_try).await;
    }

    /// Until the moment, until something else is to be done, or until it is stopped.
    async fn wait(&self, events: &mut Subscription, plan: &Plan, until: Option<Instant>) {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = at(until) => return,
                () = changed(events) => if !self.plan().await.is_like(plan) {
                    return;
                },
            }
        }
    }

    async fn try_once(&self, plan: &Plan, paired_at: UnixMillis, kept_in: KeptIn) -> Tried {
        let (mut socket, joined) = match self.shared.take_over(self.site, paired_at).await {
            Some(handed) => (handed.socket, handed.joined),
            None => {
                let joined = tokio::select! {
                    joined = self.join(kept_in) => joined,
                    () = self.stop.cancelled() => return Tried::LookAgain,
                    () = self.is_outdated(plan) => return Tried::LookAgain,
                };
                match joined {
                    Ok(joined) => joined,
                    Err(tried) => return tried,
                }
            }
        };
        let since = Instant::now();
        let session = Session {
            store: &self.store,
            events: &self.events,
            keys: &self.keys,
            shared: &self.shared,
            answers: &self.answers,
            site: self.site,
            plan,
            stop: &self.stop,
        };
        match session.run(&mut *socket, joined).await {
            End::Lost(error) => later(since.elapsed(), &error),
            End::Kicked => Tried::KeyVoid(self.kicked()),
            End::Changed | End::Stopped => Tried::LookAgain,
        }
    }

    /// Resolves when something else is to be done than this plan says.
    async fn is_outdated(&self, plan: &Plan) {
        let mut events = self.events.subscribe();
        while self.plan().await.is_like(plan) {
            changed(&mut events).await;
        }
    }

    async fn join(&self, kept_in: KeptIn) -> Result<(Box<dyn LinkSocket>, Joined), Tried> {
        let not_yet = |problem| Tried::Later { held: Duration::ZERO, problem, asked: None };
        let key = match self.keys.load(self.site, kept_in).await {
            Ok(Some(key)) => key,
            Ok(None) => {
                let gone = Error::new(Code::Unauthorised, "The key of the link is no longer where it was kept");
                return Err(Tried::KeyVoid(gone.hint("Pair with the site again")));
            }
            Err(error) => return Err(not_yet(error)),
        };
        let connecting = tokio::time::timeout(CONNECT, self.service.connect_link(self.site)).await;
        let mut socket = match connecting {
            Ok(Ok(socket)) => socket,
            Ok(Err(error)) => return Err(later(Duration::ZERO, &error)),
            Err(_) => return Err(not_yet(self.silent())),
        };
        let joining = Joining { socket: &mut *socket, keys: &self.keys, store: &self.store, site: self.site };
        match joining.again(&key).await {
            Ok(joined) => Ok((socket, joined)),
            Err(NotJoined::Lost(error)) => Err(later(Duration::ZERO, &error)),
            Err(NotJoined::Kicked) => Err(Tried::KeyVoid(self.kicked())),
            Err(refused) if refused.is_unknown_key() => Err(Tried::KeyVoid(self.kicked())),
            Err(refused) => {
                socket.close().await;
                Err(not_yet(match refused {
                    NotJoined::Refused(Some(reason)) => Error::new(
                        Code::Server,
                        format!("{} does not let this computer in: {reason}", self.site.name()),
                    ),
                    NotJoined::KeyLost(error) => error,
                    _ => self.silent(),
                }))
            }
        }
    }

    fn silent(&self) -> Error {
        Error::new(Code::Offline, format!("{} did not answer", self.keys.url(self.site)))
            .hint("Modeldock tries again by itself")
    }

    fn kicked(&self) -> Error {
        Error::new(Code::Unauthorised, format!("{} has removed this computer", self.site.name()))
            .hint("Pair with the site again to send models here")
    }

    /// The key is forgotten, and why is told. What was asked for over the pairing goes with it.
    async fn forget(&self, paired_at: UnixMillis, kept_in: KeptIn, problem: Error) {
        // Whoever pairs anew at this moment must not lose the new key.
        let _turn = self.shared.pairing_turn().await;
        let site = self.site;
        let written = self.store.write(move |tx| {
            let Some(mut room) = tx.link_room(site)?.filter(|room| room.paired_at == paired_at) else {
                return Ok(false);
            };
            room.kept_in = None;
            room.standing.problem = Some(problem);
            room.standing.state = LinkState::NotPaired;
            tx.put_link_room(&room)?;
            Ok(true)
        });
        match written.await {
            Ok(true) => {
                if let Err(error) = self.keys.remove(site, Some(kept_in)).await {
                    tracing::warn!(%error, "a key that is worth nothing any more is still kept");
                }
            }
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "that the link has ended could not be kept");
                // It would be tried again at once, and for ever.
                tokio::time::sleep(CONNECT).await;
            }
        }
    }
}

fn later(held: Duration, error: &LinkError) -> Tried {
    let asked = match error {
        LinkError::Refused { retry_after, .. } => *retry_after,
        _ => None,
    };
    Tried::Later { held, problem: in_words(error), asked }
}

/// Why there is no connection, for people.
pub(crate) fn in_words(error: &LinkError) -> Error {
    let code = match error {
        LinkError::Unreachable { .. } | LinkError::Closed { .. } => Code::Offline,
        LinkError::Refused { status: 429, .. } => Code::RateLimited,
        LinkError::Refused { .. } | LinkError::Protocol { .. } | LinkError::TooLarge { .. } => Code::Server,
    };
    let text = error.to_string();
    let text = text.strip_prefix("the ").map_or_else(|| text.clone(), |rest| format!("The {rest}"));
    Error::new(code, text).hint("Modeldock tries again by itself")
}

/// The user wants nothing to leave this computer.
pub(crate) fn switched_off() -> Error {
    Error::invalid("Asking Civitai is switched off, and so is the link").hint("Switch on look-up in the settings")
}

/// Resolves when somebody may have done something about a link.
async fn changed(events: &mut Subscription) {
    loop {
        match events.next().await.as_deref() {
            Some(Event::LinkChanged | Event::SettingsChanged | Event::Resync) => return,
            Some(_) => {}
            // The engine ends; its token says so.
            None => std::future::pending().await,
        }
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
