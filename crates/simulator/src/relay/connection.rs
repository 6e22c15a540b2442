//! One WebSocket to the relay: packets in and out, pings, and the scripted end.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::time::Instant;

use super::hub::{Hub, Order, Outlet};
use super::packet::{self, Incoming};
use super::{Pings, packet::PING};
use crate::faults::Action;

/// At which packets the connection ends, as the faults on its handshake say. Pings and pongs do not count.
#[derive(Debug, Default)]
pub(crate) struct Script {
    cuts: Vec<(bool, u64, bool)>,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Passes,
    /// It arrives, and is the last.
    IsLast,
    /// It does not arrive.
    IsLost,
}

impl Script {
    pub(crate) fn of(actions: &[Action]) -> Self {
        let cut = |action: &Action| match action {
            Action::CutLink { from_client, nth, deliver } => Some((*from_client, *nth, *deliver)),
            _ => None,
        };
        Self { cuts: actions.iter().filter_map(cut).collect() }
    }

    fn fate(&self, is_from_client: bool, number: u64) -> Fate {
        match self.cuts.iter().find(|(from_client, nth, _)| (*from_client, *nth) == (is_from_client, number)) {
            Some((_, _, true)) => Fate::IsLast,
            Some((_, _, false)) => Fate::IsLost,
            None => Fate::Passes,
        }
    }
}

/// Serves a connection to its end, which comes without a close frame unless the client sends one.
pub(crate) async fn serve(socket: WebSocket, hub: Arc<Hub>, script: Script, pings: Pings) {
    let (orders, waiting) = unbounded_channel();
    let id = hub.connect(Outlet::Socket(orders.clone()));
    let (sink, stream) = socket.split();
    let (deaf, deafness) = watch::channel(false);
    let sid = format!("sim-{id}");
    let writer = Writer { sink, script: &script, sent: 0, pings, deaf };
    let reader = Reader { stream, script: &script, hub: &hub, id, orders, deafness, sid: sid.clone() };
    // Whichever ends first ends the connection.
    tokio::select! {
        () = writer.run(waiting, packet::greeting(&sid, pings)) => {}
        () = reader.run() => {}
    }
    hub.disconnect(id);
}

struct Writer<'a> {
    sink: SplitSink<WebSocket, Message>,
    script: &'a Script,
    sent: u64,
    pings: Pings,
    deaf: watch::Sender<bool>,
}

impl Writer<'_> {
    async fn run(mut self, mut orders: UnboundedReceiver<Order>, greeting: String) {
        if !self.packet(greeting).await {
            return;
        }
        let mut next_ping = Instant::now() + self.pings.every;
        let mut pong_until: Option<Instant> = None;
        let mut is_mute = false;
        loop {
            // A deaf relay does not notice that pongs stay away.
            let patience = pong_until.filter(|_| !*self.deaf.borrow()).unwrap_or(next_ping + Duration::from_secs(3600));
            let goes_on = tokio::select! {
                order = orders.recv() => match order {
                    None | Some(Order::Cut) => false,
                    Some(Order::Pong) => {
                        pong_until = None;
                        true
                    }
                    Some(Order::Deaf) => {
                        self.deaf.send_replace(true);
                        true
                    }
                    Some(Order::Mute) => {
                        is_mute = true;
                        true
                    }
                    Some(_) if is_mute => true,
                    Some(Order::Packet(text)) => self.packet(text).await,
                    Some(Order::Text(text)) => self.frame(Message::text(text)).await,
                    Some(Order::Binary(bytes)) => self.frame(Message::Binary(bytes)).await,
                },
                () = tokio::time::sleep_until(next_ping), if !is_mute => {
                    next_ping += self.pings.every;
                    pong_until = pong_until.or(Some(Instant::now() + self.pings.patience));
                    self.frame(Message::text(PING)).await
                },
                () = tokio::time::sleep_until(patience), if !is_mute => false,
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Whether the connection goes on.
    async fn packet(&mut self, text: String) -> bool {
        self.sent += 1;
        match self.script.fate(false, self.sent) {
            Fate::Passes => self.frame(Message::text(text)).await,
            Fate::IsLost => false,
            Fate::IsLast => {
                self.frame(Message::text(text)).await;
                false
            }
        }
    }

    async fn frame(&mut self, message: Message) -> bool {
        self.sink.send(message).await.is_ok()
    }
}

struct Reader<'a> {
    stream: SplitStream<WebSocket>,
    script: &'a Script,
    hub: &'a Hub,
    id: u64,
    orders: UnboundedSender<Order>,
    deafness: watch::Receiver<bool>,
    sid: String,
}

impl Reader<'_> {
    async fn run(mut self) {
        let (mut heard, mut is_connected) = (0, false);
        loop {
            let message = tokio::select! {
                biased;
                // Told once, and for good.
                _ = self.deafness.changed() => return pending().await,
                message = self.stream.next() => message,
            };
            // An error is also a message of more than the relay takes.
            let Some(Ok(message)) = message else { return };
            let text = match &message {
                Message::Text(text) => text.as_str(),
                Message::Ping(_) | Message::Pong(_) => continue,
                Message::Binary(_) | Message::Close(_) => return,
            };
            let incoming = packet::read(text);
            if incoming == Incoming::Pong {
                let _ = self.orders.send(Order::Pong);
                self.hub.ponged();
                continue;
            }
            heard += 1;
            let fate = self.script.fate(true, heard);
            if fate == Fate::IsLost {
                return;
            }
            match incoming {
                Incoming::Connect => {
                    is_connected = true;
                    let _ = self.orders.send(Order::Packet(packet::welcome(&self.sid)));
                }
                Incoming::Event { name, argument, id } if is_connected => self.hub.hear(self.id, &name, &argument, id),
                Incoming::Pong | Incoming::Ignored => {}
                Incoming::Event { .. } | Incoming::Close | Incoming::Wrong => return,
            }
            if fate == Fate::IsLast {
                return;
            }
        }
    }
}
