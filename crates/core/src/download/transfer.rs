//! Fetches one file's bytes over several connections at once, from the first gap to the last.
//!
//! The first answer decides how it goes on: its length and validator are what every later answer must agree with. An
//! answer that does not agree ends the attempt, and another begins in a new file; nothing is ever written over bytes of
//! another state of the file. The address is fetched once and shared, because Civitai counts how often it is asked.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::landing::{Claim, Landing};
use super::limit::Rate;
use super::retry::{Next, Troubles};
use super::sink::Sink;
use super::source::{Downloads, Opened, SignedAddress, Span, TransferError, TransferErrorKind, Validator, Wanted};
use crate::error::Error;

/// The first part, before the length of the file is known.
const FIRST_PART: u64 = 4 * 1024 * 1024;

/// No part is larger: what a slow connection holds is what others cannot help with at the end.
const LARGEST_PART: u64 = 64 * 1024 * 1024;

/// No part is smaller: every one costs a question.
const SMALLEST_PART: u64 = 4 * 1024 * 1024;

/// What the first answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// The length, if the server says it.
    pub(super) total: Option<u64>,
    pub(super) validator: Option<Validator>,
    /// Whether parts can be asked for.
    pub(super) has_parts: bool,
}

impl Terms {
    fn of(opened: &Opened) -> Self {
        Self { total: opened.total, validator: opened.validator.clone(), has_parts: opened.is_part }
    }
}

/// Hears what the first answer says, before any byte is written, and may refuse.
#[async_trait]
pub(super) trait Begin: Send + Sync {
    async fn begin(&self, terms: &Terms) -> Result<(), Ended>;
}

/// Why an attempt ended before everything was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was stopped.
    Stopped,
    /// The server has another file by now, or cannot go on in the middle: what is there is of no use.
    StartAnew(String),
    /// The network or the server.
    Transfer(TransferError),
    /// The disk, or anything else here.
    Here(Error),
    /// There is no room on the disk for so many bytes.
    Full { needed: u64, problem: Error },
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Here(error)
    }
}

/// One attempt at a file.
pub(super) struct Transfer {
    pub(super) downloads: Arc<dyn Downloads>,
    pub(super) wanted: Wanted,
    pub(super) landing: Arc<Landing>,
    pub(super) sink: Sink,
    /// Of an earlier attempt that this one goes on from.
    pub(super) known: Option<Terms>,
    pub(super) rates: Vec<Arc<Rate>>,
    /// How many connections there may be for this file.
    pub(super) connections: u32,
    /// Whether parts are asked for. A server that says something else about the file each time gives it only in one piece.
    pub(super) in_parts: bool,
    /// No wait between two tries is longer.
    pub(super) longest_wait: Duration,
    /// Those of all downloads.
    pub(super) slots: Arc<Semaphore>,
    pub(super) stop: CancellationToken,
    pub(super) begin: Box<dyn Begin>,
}

/// What the connections share while it runs.
struct Shared {
    transfer: Transfer,
    terms: Mutex<Option<Terms>>,
    address: tokio::sync::Mutex<(u64, Option<SignedAddress>)>,
    troubles: Mutex<Troubles>,
}

/// An answer and the part it is for.
struct Answer {
    opened: Opened,
    start: u64,
    /// `None`: to the end, wherever that is.
    end: Option<u64>,
    /// Its place among all connections.
    _slot: OwnedSemaphorePermit,
}

impl Transfer {
    /// Fetches everything that is missing, and gives the sink back with all of it.
    pub(super) async fn run(self) -> (Sink, Result<(), Ended>) {
        let known = self.known.clone();
        let shared = Arc::new(Shared {
            transfer: self,
            terms: Mutex::new(known),
            address: tokio::sync::Mutex::new((0, None)),
            troubles: Mutex::default(),
        });
        let ended = shared.fetch().await;
        // Every connection has ended, and with it its hold.
        let shared = Arc::into_inner(shared).expect("the connections were waited for");
        (shared.transfer.sink, ended)
    }
}

impl Shared {
    async fn fetch(self: &Arc<Self>) -> Result<(), Ended> {
        let Some(first) = self.open_next().await? else { return Ok(()) };
        let has_parts = first.opened.is_part;
        let connections = if has_parts && self.transfer.in_parts { self.transfer.connections.max(1) } else { 1 };
        let mut workers = JoinSet::new();
        workers.spawn(Arc::clone(self).work(Some(first)));
        for _ in 1..connections {
            workers.spawn(Arc::clone(self).work(None));
        }
        let mut ended = Ok(());
        while let Some(worker) = workers.join_next().await {
            let worker = worker.unwrap_or(Err(Ended::Stopped));
            if let Err(why) = worker
                && ended.is_ok()
            {
                ended = Err(why);
                workers.abort_all();
            }
        }
        ended
    }

    /// One connection, part after part.
    async fn work(self: Arc<Self>, mut first: Option<Answer>) -> Result<(), Ended> {
        loop {
            let answer = match first.take() {
                Some(answer) => answer,
                None => match self.open_next().await? {
                    Some(answer) => answer,
                    None => return Ok(()),
                },
            };
            if let Err(error) = self.stream(answer).await? {
                self.decide(&error, None).await?;
                if self.transfer.landing.total().is_none() {
                    // Nobody knows where the rest would be.
                    return Err(Ended::StartAnew(error.message));
                }
            }
        }
    }

    /// The next part, asked for; `None` when everything is there.
    async fn open_next(&self) -> Result<Option<Answer>, Ended> {
        loop {
            if let Some(failure) = self.transfer.landing.failure() {
                return Err(failure.into());
            }
            let slots = Arc::clone(&self.transfer.slots);
            let slot = tokio::select! {
                () = self.transfer.stop.cancelled() => return Err(Ended::Stopped),
                slot = slots.acquire_owned() => slot.map_err(|_| Ended::Stopped)?,
            };
            let (start, end) = match self.claim() {
                Claim::Part(start, end) => (start, end),
                Claim::Nothing => return Ok(None),
                Claim::Wait => {
                    drop(slot);
                    tokio::select! {
                        () = self.transfer.stop.cancelled() => return Err(Ended::Stopped),
                        () = self.transfer.landing.freed() => continue,
                    }
                }
            };
            let (generation, opened) = tokio::select! {
                () = self.transfer.stop.cancelled() => return Err(Ended::Stopped),
                opened = self.open(start, end) => opened,
            };
            match opened {
                Ok(opened) => match self.agree(Terms::of(&opened), start).await? {
                    Agreed::Part => {
                        // Asked for before the length was known, it may be shorter.
                        let end = self.transfer.landing.total().map_or(end, |total| end.min(total));
                        return Ok(Some(Answer { opened, start, end: Some(end), _slot: slot }));
                    }
                    Agreed::Whole(total) => {
                        self.transfer.landing.take(0, total.unwrap_or(u64::MAX));
                        return Ok(Some(Answer { opened, start: 0, end: total, _slot: slot }));
                    }
                    Agreed::NoPart => {
                        self.give_back(start, end);
                        let error = TransferError::new(
                            TransferErrorKind::Odd,
                            "The server sent the whole file where a part of it was asked for",
                        );
                        if self.decide(&error, Some(generation)).await.is_err() {
                            return Err(Ended::StartAnew(error.message));
                        }
                    }
                },
                Err(error) => {
                    self.give_back(start, end);
                    if let TransferErrorKind::PastEnd(_) = error.kind {
                        return Err(Ended::StartAnew("The file at the server is shorter by now".to_owned()));
                    }
                    let is_odd = error.kind == TransferErrorKind::Odd;
                    match self.decide(&error, Some(generation)).await {
                        // What is there may be of another file than what is offered now.
                        Err(Ended::Transfer(error)) if is_odd && self.transfer.landing.parts().bytes() > 0 => {
                            return Err(Ended::StartAnew(error.message));
                        }
                        decided => decided?,
                    }
                }
            }
        }
    }

    fn claim(&self) -> Claim {
        let landing = &self.transfer.landing;
        match landing.total() {
            None if self.terms().is_none() && self.transfer.in_parts => Claim::Part(0, FIRST_PART),
            None if self.terms().is_none() => Claim::Part(0, u64::MAX),
            None => Claim::Wait,
            Some(_) if !self.transfer.in_parts => landing.claim(u64::MAX),
            Some(total) => {
                let missing = total.saturating_sub(landing.parts().bytes());
                let share = missing / (2 * u64::from(self.transfer.connections.max(1)));
                landing.claim(share.clamp(SMALLEST_PART, LARGEST_PART))
            }
        }
    }

    fn give_back(&self, start: u64, end: u64) {
        if self.transfer.landing.total().is_some() {
            self.transfer.landing.release(start, end);
        }
    }

    fn terms(&self) -> Option<Terms> {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn open(&self, start: u64, end: u64) -> (u64, Result<Opened, TransferError>) {
        let (generation, address) = match self.address().await {
            Ok(address) => address,
            Err(error) => return (0, Err(error)),
        };
        let validator = self.terms().and_then(|terms| terms.validator);
        let span = Span { start, end: Some(end).filter(|end| *end < u64::MAX) };
        (generation, self.transfer.downloads.open(&address, span, validator.as_ref()).await)
    }

    /// The address, asked for once.
    async fn address(&self) -> Result<(u64, SignedAddress), TransferError> {
        let mut address = self.address.lock().await;
        if address.1.is_none() {
            let resolved = self.transfer.downloads.resolve(&self.transfer.wanted).await?;
            *address = (address.0 + 1, Some(resolved));
        }
        let (generation, current) = &*address;
        current
            .clone()
            .map(|current| (*generation, current))
            .ok_or_else(|| TransferError::new(TransferErrorKind::Expired, "The address of the file is no longer valid"))
    }

    /// Whether an answer fits what was said before; the first one says it.
    async fn agree(&self, said: Terms, start: u64) -> Result<Agreed, Ended> {
        let is_part = said.has_parts || crate::sabotage::is_on("accept_whole_for_part") && start > 0;
        let Some(terms) = self.terms() else {
            self.transfer.begin.begin(&said).await?;
            if let Some(total) = said.total {
                self.transfer.landing.set_total(total);
                let part = if self.transfer.in_parts { FIRST_PART } else { total };
                self.transfer.landing.take(start, start.saturating_add(part).min(total));
            }
            let agreed = if is_part { Agreed::Part } else { Agreed::Whole(said.total) };
            *self.terms.lock().unwrap_or_else(PoisonError::into_inner) = Some(said);
            return Ok(agreed);
        };
        if !is_part {
            // From the first byte on, into a file with nothing in it: as good as a part.
            let nothing_there = start == 0 && self.transfer.landing.parts().bytes() == 0;
            return Ok(if nothing_there && !terms.has_parts { Agreed::Whole(said.total) } else { Agreed::NoPart });
        }
        let same_length = terms.total.is_none_or(|total| said.total == Some(total));
        let same_state = match (&terms.validator, &said.validator) {
            (Some(before), Some(now)) => before == now,
            // A server that stops telling is believed: the hash of the whole decides.
            _ => true,
        };
        if same_length && same_state {
            Ok(Agreed::Part)
        } else {
            Err(Ended::StartAnew("The file at the server is another by now".to_owned()))
        }
    }

    /// Takes an answer's bytes. The inner error is the network's.
    async fn stream(&self, answer: Answer) -> Result<Result<(), TransferError>, Ended> {
        let Answer { mut opened, start, end, _slot } = answer;
        let mut at = start;
        // What was promised to this connection and does not come is given back, however it ends.
        let mut held = Held { landing: &self.transfer.landing, at, end: end.unwrap_or(u64::MAX) };
        loop {
            if end == Some(at) {
                return Ok(Ok(()));
            }
            let next = tokio::select! {
                () = self.transfer.stop.cancelled() => return Err(Ended::Stopped),
                next = opened.body.next() => next,
            };
            let bytes = match next {
                Ok(Some(bytes)) if bytes.is_empty() => continue,
                Ok(Some(bytes)) => bytes,
                Ok(None) if end.is_none() => {
                    // Only its end says how long it is.
                    self.transfer.landing.set_total(at);
                    held.end = at;
                    return Ok(Ok(()));
                }
                // A server may send less than was asked for, as long as it says so; the rest is asked for again.
                Ok(None) if at > start => return Ok(Ok(())),
                Ok(None) => {
                    let message = "The server sent nothing";
                    return Ok(Err(TransferError::new(TransferErrorKind::Offline, message)));
                }
                Err(error) => return Ok(Err(error)),
            };
            let length = bytes.len() as u64;
            if end.is_some_and(|end| at + length > end) {
                let message = "The server sent more than was asked for";
                return Ok(Err(TransferError::new(TransferErrorKind::Odd, message)));
            }
            for rate in &self.transfer.rates {
                tokio::select! {
                    () = self.transfer.stop.cancelled() => return Err(Ended::Stopped),
                    () = rate.take(length) => {}
                }
            }
            self.transfer.sink.put(at, bytes).await?;
            at += length;
            held.at = at;
            self.troubles.lock().unwrap_or_else(PoisonError::into_inner).forget();
        }
    }

    /// Waits for another try, with a fresh address if need be; the failure itself if there is none.
    async fn decide(&self, error: &TransferError, generation: Option<u64>) -> Result<(), Ended> {
        let next = self.troubles.lock().unwrap_or_else(PoisonError::into_inner).next(error, chance());
        let wait = match next {
            Next::GiveUp => return Err(Ended::Transfer(error.clone())),
            Next::Again(wait) => wait,
            Next::Renew(wait) => {
                let mut address = self.address.lock().await;
                // Another connection may have been quicker.
                if generation.is_none_or(|generation| generation == address.0) {
                    address.1 = None;
                }
                wait
            }
        };
        tracing::debug!(reason = %error, ?wait, "a download tries again");
        self.rest(wait).await
    }

    async fn rest(&self, wait: Duration) -> Result<(), Ended> {
        tokio::select! {
            () = self.transfer.stop.cancelled() => Err(Ended::Stopped),
            () = tokio::time::sleep(wait.min(self.transfer.longest_wait)) => Ok(()),
        }
    }
}

/// How an answer fits.
enum Agreed {
    /// It is the part that was asked for.
    Part,
    /// It is the whole file, into nothing, and this long.
    Whole(Option<u64>),
    /// It is the whole file where a part was asked for.
    NoPart,
}

/// A part that is being fetched.
struct Held<'a> {
    landing: &'a Landing,
    at: u64,
    end: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.landing.release(self.at, self.end);
    }
}

/// Between 0 and 1, another each time.
fn chance() -> f64 {
    use std::hash::{BuildHasher, Hasher};
    let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
    f64::from(u32::try_from(random >> 32).unwrap_or(0)) / f64::from(u32::MAX)
}
