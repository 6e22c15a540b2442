//! One connection, from the moment it is in a room to its end: hears what the site asks, and tells it what becomes of it.
//!
//! Commands wait in a short queue and are answered one at a time. While it is full nothing more is read: a relay that sends
//! faster than this computer works has to wait, and what it sends is never held in memory.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::future::OptionFuture;
use serde_json::Value;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::answers::{Answers, Reply, differs};
use super::command::Command;
use super::info::LinkState;
use super::join::Joined;
use super::keys::Keys;
use super::relay::{FromRelay, LARGEST_MESSAGE, LinkError, LinkSite, LinkSocket, ToRelay};
use super::room::Plan;
use super::shared::Shared;
use crate::account::Secret;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventBus, Subscription};
use crate::store::Store;

/// Commands that wait.
const QUEUE: usize = 32;

/// How often running downloads are told of.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How long the library is left to settle before it is told: a scan changes it many times a second.
const SETTLE: Duration = Duration::from_secs(2);

/// How often a relay may change how the link stands, and how often it is complained about.
const STAND_EVERY: Duration = Duration::from_secs(1);
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// A relay that takes no list of this size takes none.
const SMALLEST_LIST: usize = 10_000;

/// How a connection ended.
#[derive(Debug)]
pub(crate) enum End {
    /// It broke.
    Lost(LinkError),
    /// The site has removed this computer.
    Kicked,
    /// It is not wanted any more, or another one is.
    Changed,
    /// The engine ends.
    Stopped,
}

/// What a connection needs.
pub(crate) struct Session<'a> {
    pub(crate) store: &'a Store,
    pub(crate) events: &'a EventBus,
    pub(crate) keys: &'a Keys,
    pub(crate) shared: &'a Shared,
    pub(crate) answers: &'a Answers,
    pub(crate) site: LinkSite,
    /// What this connection is there for.
    pub(crate) plan: &'a Plan,
    pub(crate) stop: &'a CancellationToken,
}

type Answering = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// Where a connection is.
struct Now {
    browsers: u32,
    /// Something was heard from a browser that the relay has not counted yet.
    was_asked: bool,
    inbox: VecDeque<Command>,
    answering: Option<Answering>,
    /// The largest list that the relay takes.
    budget: usize,
    /// What the site was told last, and when it is looked at again whether that is still so.
    told: Option<[u8; 32]>,
    list_due: Option<Instant>,
    /// Something may stand otherwise than the site was told.
    has_untold: bool,
    has_running: bool,
    stood_at: Option<Instant>,
    stand_due: Option<Instant>,
    complained_at: Option<Instant>,
    problem: Option<Error>,
}

impl Now {
    fn is_watched(&self) -> bool {
        self.browsers > 0 || self.was_asked
    }

    /// Looks at the library once it has settled.
    fn list_soon(&mut self) {
        self.list_due.get_or_insert_with(|| Instant::now() + SETTLE);
    }
}

impl Session<'_> {
    /// Until it ends. The connection is closed then.
    pub(crate) async fn run(&self, socket: &mut dyn LinkSocket, joined: Joined) -> End {
        let end = self.hold(socket, joined).await;
        match &end {
            End::Changed => {
                // Whoever takes its place at the site sees that it has gone.
                let _ = socket.send(ToRelay::Leave).await;
                socket.close().await;
            }
            End::Kicked | End::Stopped => socket.close().await,
            End::Lost(_) => {}
        }
        end
    }

    async fn hold(&self, socket: &mut dyn LinkSocket, joined: Joined) -> End {
        let mut events = self.events.subscribe();
        let mut tick = tokio::time::interval(TELL_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut now = Now {
            browsers: joined.browsers,
            was_asked: false,
            inbox: VecDeque::new(),
            answering: None,
            budget: LARGEST_MESSAGE,
            told: None,
            list_due: None,
            has_untold: true,
            has_running: true,
            stood_at: None,
            stand_due: None,
            complained_at: None,
            problem: None,
        };
        for command in &joined.commands {
            self.take(&mut now, command);
        }
        now.list_soon();
        self.stand(&mut now).await;
        loop {
            if now.answering.is_none()
                && let Some(command) = now.inbox.pop_front()
            {
                now.answering = Some(Box::pin(self.answers.clone().answer(command, now.budget)));
            }
            let (may_read, is_watched) = (now.inbox.len() < QUEUE, now.is_watched());
            let (list_due, stand_due) = (now.list_due, now.stand_due);
            let step = tokio::select! {
                () = self.stop.cancelled() => Err(End::Stopped),
                Some(reply) = OptionFuture::from(now.answering.as_mut()) => {
                    now.answering = None;
                    self.tell(socket, &mut now, reply).await
                }
                heard = socket.next(), if may_read => match heard {
                    Ok(heard) => self.hear(&mut now, heard).await,
                    Err(error) => Err(End::Lost(error)),
                },
                event = next(&mut events) => self.notice(&mut now, &event).await,
                _ = tick.tick(), if is_watched && (now.has_running || now.has_untold) => {
                    self.tell_changes(socket, &mut now).await
                }
                () = at(list_due), if is_watched => self.tell_list(socket, &mut now).await,
                () = at(stand_due) => {
                    self.stand(&mut now).await;
                    Ok(())
                }
            };
            if let Err(end) = step {
                return end;
            }
        }
    }

    async fn hear(&self, now: &mut Now, heard: FromRelay) -> Result<(), End> {
        match heard {
            FromRelay::Command(command) => self.take(now, &command),
            FromRelay::Presence { browsers, .. } => {
                if browsers > now.browsers {
                    // Whoever comes has seen nothing yet.
                    now.told = None;
                    now.list_soon();
                }
                now.was_asked &= browsers > 0;
                now.browsers = browsers;
                self.stand_soon(now).await;
            }
            FromRelay::Upgraded(key) => self.keep(now, &key).await,
            FromRelay::Kicked => return Err(End::Kicked),
            FromRelay::Problem(message) => {
                let text = format!("{} says: {message}", self.site.name());
                now.problem = Some(Error::new(Code::Server, text));
                self.stand_soon(now).await;
            }
            // The room is this one already: an answer that comes twice, or late, says nothing new.
            FromRelay::Joined { .. } => {}
            FromRelay::Unknown { event } => tracing::debug!(event, "the relay says what nobody knows"),
        }
        Ok(())
    }

    /// Puts a command into the queue. One that cannot be answered is none.
    fn take(&self, now: &mut Now, command: &Value) {
        match Command::read(command) {
            Some(command) => {
                now.was_asked = true;
                now.inbox.push_back(command);
            }
            None if now.complained_at.is_none_or(|at| at.elapsed() >= COMPLAIN_EVERY) => {
                now.complained_at = Some(Instant::now());
                tracing::warn!(site = self.site.name(), "a command without an id that could be answered was skipped");
            }
            None => {}
        }
    }

    async fn keep(&self, now: &mut Now, key: &Secret) {
        if let Err(error) = self.keys.keep(self.store, self.site, key).await {
            tracing::error!(%error, "the new key of a link could not be kept");
            now.problem = Some(error);
            self.stand(now).await;
        }
    }

    /// Something happened here.
    async fn notice(&self, now: &mut Now, event: &Event) -> Result<(), End> {
        match event {
            Event::LibraryChanged | Event::RootsChanged => now.list_soon(),
            Event::DownloadsChanged => {
                now.list_soon();
                now.has_running = true;
            }
            Event::LinkChanged | Event::SettingsChanged | Event::Resync => {
                if *event == Event::Resync {
                    now.list_soon();
                }
                (now.has_untold, now.has_running) = (true, true);
                let (site, url) = (self.site, self.keys.url(self.site).to_owned());
                let plan = self.store.read(move |tx| Plan::read(tx, site, &url)).await;
                // What cannot be read has not changed, as far as anybody knows.
                if plan.is_ok_and(|plan| !plan.is_like(self.plan)) {
                    return Err(End::Changed);
                }
            }
            Event::VaultChanged
            | Event::AccountChanged
            | Event::ActivityChanged
            | Event::JobsChanged
            | Event::Progress { .. }
            | Event::DownloadProgress { .. } => {}
        }
        Ok(())
    }

    /// Tells what stands otherwise than the site knows, and how far everything is.
    async fn tell_changes(&self, socket: &mut dyn LinkSocket, now: &mut Now) -> Result<(), End> {
        match self.changes(now).await {
            Ok(replies) => {
                for reply in replies {
                    self.tell(socket, now, reply).await?;
                }
            }
            Err(error) => tracing::warn!(%error, "what the website is to be told cannot be read"),
        }
        Ok(())
    }

    async fn changes(&self, now: &mut Now) -> Result<Vec<Reply>> {
        let mut replies = self.answers.untold().await?;
        now.has_untold = !replies.is_empty();
        let running = self.answers.progressing().await?;
        now.has_running = !running.is_empty();
        // What has just come to run is in both.
        replies.retain(|reply| !running.iter().any(|other| other.of == reply.of));
        replies.extend(running);
        Ok(replies)
    }

    /// Tells what is installed, if the site does not know that already.
    async fn tell_list(&self, socket: &mut dyn LinkSocket, now: &mut Now) -> Result<(), End> {
        now.list_due = None;
        match self.answers.resources(None, now.budget).await {
            Ok(resources) => {
                let resources = Value::Array(resources);
                if differs(&resources, now.told.as_ref()).1 {
                    self.tell(socket, now, Answers::list(&resources)).await?;
                }
            }
            Err(error) => tracing::warn!(%error, "what is installed cannot be read"),
        }
        Ok(())
    }

    /// Sends it, and notes that it was sent.
    async fn tell(&self, socket: &mut dyn LinkSocket, now: &mut Now, reply: Reply) -> Result<(), End> {
        match socket.send(ToRelay::Status(&reply.value)).await {
            Ok(()) => {}
            Err(LinkError::TooLarge { bytes, .. }) => {
                tracing::warn!(bytes, "a message is more than the relay takes");
                if reply.is_list && now.budget > SMALLEST_LIST {
                    // Without an id of the site's the next one is as good.
                    now.budget /= 2;
                    now.list_due = Some(Instant::now());
                }
                return Ok(());
            }
            Err(error) => return Err(End::Lost(error)),
        }
        if reply.is_list {
            now.told = Some(differs(&reply.value["resources"], None).0);
        }
        if let Some((number, status)) = reply.of
            && let Err(error) = self.store.write(move |tx| tx.set_asked_told(number, status)).await
        {
            tracing::warn!(%error, "that the website was told cannot be kept; it is told again");
        }
        Ok(())
    }

    /// Says how the link stands, but not more often than people can read.
    async fn stand_soon(&self, now: &mut Now) {
        let next = now.stood_at.map(|at| at + STAND_EVERY).filter(|next| *next > Instant::now());
        match next {
            Some(next) => now.stand_due = Some(next),
            None => self.stand(now).await,
        }
    }

    async fn stand(&self, now: &mut Now) {
        (now.stood_at, now.stand_due) = (Some(Instant::now()), None);
        let state = if now.browsers > 0 { LinkState::Connected } else { LinkState::Waiting };
        self.shared.stand(self.store, self.events, self.site, state, now.problem.clone(), None).await;
    }
}

async fn next(events: &mut Subscription) -> Event {
    match events.next().await {
        Some(event) => (*event).clone(),
        // The engine ends; its token says so.
        None => std::future::pending().await,
    }
}

async fn at(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
