//! The relay of Civitai Link, and the website at its other end.
//!
//! The protocol is written here from its description and not shared with the client under test, down to the packets. What the
//! relay does live in [`hub`], without any network: sockets and the scripted website are its members alike.

mod connection;
mod hub;
mod packet;
mod site;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

pub(crate) use connection::{Script, serve};
pub(crate) use hub::Hub;
use hub::{Order, Role};
pub use site::{Site, SiteView};

/// Largest message the relay takes, bytes. A longer one ends the connection, as with any Socket.IO server.
pub(crate) const LARGEST_MESSAGE: usize = 1_000_000;

/// How the relay tells whether a connection still lives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pings {
    pub(crate) every: Duration,
    pub(crate) patience: Duration,
}

/// Number of a room, which stays when its key changes.
pub type RoomId = usize;

/// One instance at the site: what a computer and its browsers share.
#[derive(Clone, Debug)]
pub struct LinkRoom {
    hub: Arc<Hub>,
    id: RoomId,
}

/// A room as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomView {
    /// The six digits to pair with, until they are used.
    pub code: Option<String>,
    /// The 128 digits that replaced them.
    pub key: Option<String>,
    /// Browsers in it.
    pub browsers: usize,
    /// Computers in it.
    pub computers: usize,
}

/// What a client of the relay said: connection, event, argument.
pub type Said = (u64, String, Value);

/// The relay from outside: what the site does with its instances, and what goes wrong.
#[derive(Clone, Debug)]
pub struct Relay(pub(crate) Arc<Hub>);

impl Relay {
    /// Makes an instance with a code to pair with, as "Add instance" at the site does.
    pub fn issue(&self) -> LinkRoom {
        LinkRoom { hub: Arc::clone(&self.0), id: self.0.issue() }
    }

    /// A room by its number, if there is one.
    pub fn room(&self, id: RoomId) -> Option<LinkRoom> {
        self.0.view(id).map(|_| LinkRoom { hub: Arc::clone(&self.0), id })
    }

    /// All rooms, in the order in which they were made.
    pub fn rooms(&self) -> Vec<LinkRoom> {
        (0..self.0.count()).map(|id| LinkRoom { hub: Arc::clone(&self.0), id }).collect()
    }

    /// Open connections.
    pub fn connections(&self) -> usize {
        self.0.sockets()
    }

    /// Pings that were answered so far, over all connections.
    pub fn pongs(&self) -> u64 {
        self.0.pongs()
    }

    /// Every event that came over a connection so far.
    pub fn said(&self) -> Vec<Said> {
        self.0.said()
    }

    /// Ends every connection without a word.
    pub fn drop_all(&self) {
        self.0.order_all(&Order::Cut);
    }

    /// Stops reading on every open connection. Pings still go out, but nobody notices what answers them.
    pub fn go_deaf(&self) {
        self.0.order_all(&Order::Deaf);
    }

    /// Sends nothing any more on every open connection, not even pings.
    pub fn go_mute(&self) {
        self.0.order_all(&Order::Mute);
    }

    /// Sends a text frame as it is over every open connection.
    pub fn send_text(&self, text: &str) {
        self.0.order_all(&Order::Text(text.into()));
    }

    /// Sends a binary frame as it is over every open connection.
    pub fn send_binary(&self, bytes: impl Into<Bytes>) {
        self.0.order_all(&Order::Binary(bytes.into()));
    }

    /// Waits until something holds; looks again whenever anything happened at the relay or the site. Without an end: callers set one.
    pub async fn until(&self, holds: impl FnMut() -> bool) {
        self.0.until(holds).await;
    }
}

impl LinkRoom {
    /// Its number.
    pub fn id(&self) -> RoomId {
        self.id
    }

    /// What it is now.
    pub fn view(&self) -> RoomView {
        self.hub.view(self.id).unwrap_or(RoomView { code: None, key: None, browsers: 0, computers: 0 })
    }

    /// The six digits to pair with; empty once they are used.
    pub fn code(&self) -> String {
        self.view().code.unwrap_or_default()
    }

    /// Removes the instance: its computers are told and put out, and no key opens it again.
    pub fn kick(&self) {
        self.hub.kick(self.id);
    }

    /// Shows the room's computers an error.
    pub fn problem(&self, text: &str) {
        self.hub.tell(self.id, Role::Computer, "error", &json!({ "msg": text }));
    }

    /// Sends the room's computers any event.
    pub fn event(&self, name: &str, argument: &Value) {
        self.hub.tell(self.id, Role::Computer, name, argument);
    }
}
