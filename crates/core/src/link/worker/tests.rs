//! Hours of a relay that cannot be reached, in no time; and a relay that lets people in and throws them out.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use serde_json::Value;
use tracing::span::{Attributes, Id, Record};
use tracing::{Level, Metadata};

use super::*;
use crate::account::Secret;
use crate::link::relay::{FromRelay, ToRelay};
use crate::link::resource::lower;
use crate::paths::Paths;

/// A relay without a network.
struct Relay {
    tries: AtomicUsize,
    /// What becomes of each try; the last one of every later one.
    script: Mutex<VecDeque<Try>>,
}

#[derive(Clone)]
enum Try {
    Unreachable,
    Busy(u64),
    /// In the room, and out of it after so long.
    In(Duration),
    Refused(&'static str),
}

struct Socket {
    heard: VecDeque<FromRelay>,
    ends: Instant,
    said: Vec<Value>,
}

#[async_trait]
impl LinkService for Relay {
    fn link_url(&self, _: LinkSite) -> &'static str {
        "https://relay.example"
    }

    async fn connect_link(&self, site: LinkSite) -> Result<Box<dyn LinkSocket>, LinkError> {
        self.tries.fetch_add(1, Ordering::SeqCst);
        let url = self.link_url(site).to_owned();
        let next = {
            let mut script = self.script.lock().unwrap();
            if script.len() > 1 { script.pop_front().unwrap() } else { script.front().unwrap().clone() }
        };
        let (heard, lasts) = match next {
            Try::Unreachable => return Err(LinkError::Unreachable { url, why: "there is no network".to_owned() }),
            Try::Busy(seconds) => {
                let retry_after = Some(Duration::from_secs(seconds));
                return Err(LinkError::Refused { url, status: 429, retry_after });
            }
            Try::In(lasts) => (FromRelay::Joined { success: true, message: None }, lasts),
            Try::Refused(why) => {
                (FromRelay::Joined { success: false, message: Some(why.to_owned()) }, Duration::from_secs(9999))
            }
        };
        Ok(Box::new(Socket { heard: [heard].into(), ends: Instant::now() + lasts, said: Vec::new() }))
    }
}

#[async_trait]
impl LinkSocket for Socket {
    async fn send(&mut self, message: ToRelay<'_>) -> Result<(), LinkError> {
        if let ToRelay::Status(status) = message {
            self.said.push(status.clone());
        }
        Ok(())
    }

    async fn next(&mut self) -> Result<FromRelay, LinkError> {
        if let Some(heard) = self.heard.pop_front() {
            return Ok(heard);
        }
        tokio::time::sleep_until(self.ends).await;
        Err(LinkError::Closed { url: "https://relay.example".to_owned(), why: "it hung up".to_owned() })
    }

    async fn close(&mut self) {}
}

/// Counts what is written into the log about links.
#[derive(Default)]
struct Lines(Arc<AtomicUsize>);

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && *metadata.level() <= Level::INFO && metadata.target().contains("::link")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &tracing::Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Bench {
    _dir: tempfile::TempDir,
    store: Store,
    keys: Keys,
    shared: Arc<Shared>,
    relay: Arc<Relay>,
    lines: Arc<AtomicUsize>,
    stop: CancellationToken,
    running: tokio::task::JoinHandle<()>,
    _log: tracing::subscriber::DefaultGuard,
}

impl Bench {
    /// Paired, with a relay that does this.
    async fn new(script: impl IntoIterator<Item = Try>) -> Self {
        let lines = Lines::default();
        let counted = Arc::clone(&lines.0);
        let log = tracing::subscriber::set_default(lines);
        let dir = tempfile::tempdir().unwrap();
        let paths = Paths::new(dir.path().to_owned());
        let events = EventBus::default();
        let (store, _) = Store::open(&paths, events.clone(), true).unwrap();
        let relay = Arc::new(Relay { tries: AtomicUsize::new(0), script: Mutex::new(script.into_iter().collect()) });
        let keys = Keys::new(dir.path(), &*relay);
        keys.keep_new(&store, LinkSite::Com, &Secret::new(&"ab".repeat(64)).unwrap()).await.unwrap();
        let (shared, stop) = (Arc::<Shared>::default(), CancellationToken::new());
        let worker = Worker {
            store: store.clone(),
            service: Arc::clone(&relay) as _,
            keys: keys.clone(),
            shared: Arc::clone(&shared),
            answers: Answers::new(store.clone(), LinkSite::Com, Arc::default()),
            events: events.clone(),
            site: LinkSite::Com,
            stop: stop.clone(),
        };
        let running = tokio::spawn(async move { worker.run().await });
        Self { _dir: dir, store, keys, shared, relay, lines: counted, stop, running, _log: log }
    }

    fn state(&self) -> LinkState {
        self.shared.standing(LinkSite::Com).map_or(LinkState::NotPaired, |standing| standing.state)
    }

    fn tries(&self) -> usize {
        self.relay.tries.load(Ordering::SeqCst)
    }

    fn lines(&self) -> usize {
        self.lines.load(Ordering::SeqCst)
    }

    async fn until(&self, state: LinkState) {
        while self.state() != state {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn end(self) {
        self.stop.cancel();
        self.running.await.unwrap();
    }
}

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test(start_paused = true)]
async fn an_hour_off_line_is_two_lines_in_the_log_and_ends_by_itself() {
    let bench = Bench::new([Try::Unreachable]).await;
    bench.until(LinkState::Offline).await;
    tokio::time::sleep(HOUR).await;
    // Waits of 300 s at most, of half that as a rule.
    let tries = bench.tries();
    assert!((13..80).contains(&tries), "{tries}");
    assert_eq!((bench.state(), bench.lines()), (LinkState::Offline, 2));
    let standing = bench.shared.standing(LinkSite::Com).unwrap();
    assert!(standing.next_try.is_some() && standing.problem.unwrap().message.contains("relay.example"));
    *bench.relay.script.lock().unwrap() = [Try::In(HOUR)].into();
    let since = Instant::now();
    bench.until(LinkState::Waiting).await;
    assert!(since.elapsed() <= Duration::from_secs(301));
    assert_eq!((bench.tries(), bench.lines()), (tries + 1, 3));
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_hangs_up_at_once_is_left_alone_like_one_that_is_away() {
    let bench = Bench::new([Try::In(Duration::from_secs(5))]).await;
    tokio::time::sleep(HOUR).await;
    let tries = bench.tries();
    assert!((13..80).contains(&tries), "{tries}");
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_the_relay_asks_for_is_kept_to_unless_somebody_does_something() {
    let bench = Bench::new([Try::Busy(1800), Try::In(HOUR)]).await;
    bench.until(LinkState::Offline).await;
    tokio::time::sleep(Duration::from_secs(1700)).await;
    assert_eq!(bench.tries(), 1);
    // Pairing anew is a reason to look at once.
    bench.keys.keep_new(&bench.store, LinkSite::Com, &Secret::new(&"cd".repeat(64)).unwrap()).await.unwrap();
    bench.until(LinkState::Waiting).await;
    assert_eq!(bench.tries(), 2);
    bench.end().await;
}

#[tokio::test(start_paused = true)]
async fn only_a_relay_that_does_not_know_the_key_has_it_forgotten() {
    let bench = Bench::new([Try::Refused("Too many connections"), Try::Refused("Invalid key")]).await;
    bench.until(LinkState::Offline).await;
    let room = bench.store.read(|tx| tx.link_room(LinkSite::Com)).await.unwrap().unwrap();
    assert!(bench.keys.load(LinkSite::Com, room.kept_in.unwrap()).await.unwrap().is_some());
    bench.until(LinkState::NotPaired).await;
    let after = bench.store.read(|tx| tx.link_room(LinkSite::Com)).await.unwrap().unwrap();
    assert_eq!(after.kept_in, None);
    assert!(bench.keys.load(LinkSite::Com, room.kept_in.unwrap()).await.unwrap().is_none());
    let tries = bench.tries();
    tokio::time::sleep(HOUR).await;
    assert_eq!(bench.tries(), tries, "nobody is asked with a key that is none");
    bench.end().await;
}

/// A relay that sends as fast as it is read.
struct Firehose {
    sent: Arc<AtomicUsize>,
}

#[async_trait]
impl LinkSocket for Firehose {
    async fn send(&mut self, _: ToRelay<'_>) -> Result<(), LinkError> {
        Ok(())
    }

    async fn next(&mut self) -> Result<FromRelay, LinkError> {
        let number = self.sent.fetch_add(1, Ordering::SeqCst);
        let resource = serde_json::json!({ "type": "LORA", "hash": lower(crate::hash::Sha256::new([7; 32])) });
        let command = serde_json::json!({ "id": format!("{number}"), "type": "resources:add", "resource": resource });
        Ok(FromRelay::Command(command))
    }

    async fn close(&mut self) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_can_be_answered_nothing_is_read() {
    let bench = Bench::new([Try::Unreachable]).await;
    let sent = Arc::new(AtomicUsize::new(0));
    let mut socket = Firehose { sent: Arc::clone(&sent) };
    let (stop, events) = (CancellationToken::new(), EventBus::default());
    let answers = Answers::new(bench.store.clone(), LinkSite::Com, Arc::default());
    let plan = Plan::Nothing(None);
    let session = Session {
        store: &bench.store,
        events: &events,
        keys: &bench.keys,
        shared: &bench.shared,
        answers: &answers,
        site: LinkSite::Red,
        plan: &plan,
        stop: &stop,
    };
    let watched = async {
        while sent.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let (begun, has_begun) = tokio::sync::oneshot::channel();
        let (release, released) = std::sync::mpsc::channel::<()>();
        let store = bench.store.clone();
        let holding = tokio::task::spawn_blocking(move || {
            store.write_blocking(|_| {
                let _ = begun.send(());
                // It ends when the other end is dropped.
                let _ = released.recv();
                Ok(())
            })
        });
        has_begun.await.unwrap();
        let before = sent.load(Ordering::SeqCst);
        // Far longer than it takes to read what the queue holds.
        tokio::time::sleep(Duration::from_millis(300)).await;
        let read = sent.load(Ordering::SeqCst) - before;
        drop(release);
        holding.await.unwrap().unwrap();
        // And it goes on afterwards.
        while sent.load(Ordering::SeqCst) <= before + read {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.cancel();
        read
    };
    let (_, read) = tokio::join!(session.run(&mut socket, Joined::default()), watched);
    // The queue, the one that is being answered, and the one that is in the hand.
    assert!(read <= 34, "{read}");
    bench.end().await;
}
