//! Rooms, who is in them, and what is passed on between them. No network.
//!
//! Everything happens under one lock, so that all members see the same order of events.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::site::State as SiteState;
use super::{RoomId, RoomView, Said, packet};
use crate::catalogue::hex;

/// Which end of a room somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Computer,
    Browser,
}

/// What a connection is told to do.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    /// A packet of the protocol.
    Packet(String),
    /// A frame as it is.
    Text(String),
    /// A frame as it is.
    Binary(Bytes),
    /// The client answered a ping.
    Pong,
    Deaf,
    Mute,
    Cut,
}

/// Where a member's events go.
#[derive(Clone, Debug)]
pub(crate) enum Outlet {
    Socket(UnboundedSender<Order>),
    Site(Arc<Mutex<SiteState>>),
}

#[derive(Debug)]
struct Member {
    outlet: Outlet,
    role: Option<Role>,
    room: Option<RoomId>,
}

#[derive(Debug, Default)]
struct Room {
    code: Option<String>,
    key: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    rooms: Vec<Room>,
    members: BTreeMap<u64, Member>,
    next: u64,
    said: Vec<Said>,
    pongs: u64,
    /// Commands with which the site answers what it is told, not yet passed on.
    reactions: VecDeque<(RoomId, Value)>,
}

/// The relay's memory.
#[derive(Debug)]
pub(crate) struct Hub {
    /// Makes keys differ between simulators.
    salt: String,
    state: Mutex<State>,
    changes: watch::Sender<u64>,
}

impl Hub {
    pub(crate) fn new(salt: &str) -> Self {
        Self { salt: salt.to_owned(), state: Mutex::default(), changes: watch::Sender::new(0) }
    }

    /// Changes something, and passes on what the site says to it.
    fn act<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.lock();
        let result = act(&mut state);
        while let Some((room, command)) = state.reactions.pop_front() {
            state.tell(room, Role::Computer, "command", &command);
        }
        drop(state);
        self.changes.send_modify(|count| *count += 1);
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Digits that are the same on every run, and nowhere else.
    fn digits(&self, what: &str, number: u64) -> String {
        hex(&Sha256::digest(format!("{}/{what}/{number}", self.salt)))
    }

    /// An id as the site makes them.
    pub(super) fn uuid(&self) -> String {
        let digits = self.digits("uuid", self.act(State::number));
        format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..32])
    }

    pub(crate) fn issue(&self) -> RoomId {
        self.act(|state| {
            let code = self.digits("code", state.number())[..6].to_owned();
            state.rooms.push(Room { code: Some(code), key: None });
            state.rooms.len() - 1
        })
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().rooms.len()
    }

    pub(crate) fn view(&self, id: RoomId) -> Option<RoomView> {
        let state = self.lock();
        let room = state.rooms.get(id)?;
        let (browsers, computers) = (state.number_of(id, Role::Browser), state.number_of(id, Role::Computer));
        Some(RoomView { code: room.code.clone(), key: room.key.clone(), browsers, computers })
    }

    pub(crate) fn sockets(&self) -> usize {
        let is_socket = |member: &&Member| matches!(member.outlet, Outlet::Socket(_));
        self.lock().members.values().filter(is_socket).count()
    }

    pub(crate) fn pongs(&self) -> u64 {
        self.lock().pongs
    }

    /// A connection answered a ping.
    pub(super) fn ponged(&self) {
        self.act(|state| state.pongs += 1);
    }

    pub(crate) fn said(&self) -> Vec<Said> {
        self.lock().said.clone()
    }

    pub(crate) async fn until(&self, mut holds: impl FnMut() -> bool) {
        let mut changes = self.changes.subscribe();
        // The sender lives as long as `self`.
        while !holds() && changes.changed().await.is_ok() {}
    }

    /// A new connection, or the website's end of a room.
    pub(crate) fn connect(&self, outlet: Outlet) -> u64 {
        self.act(|state| {
            let id = state.number();
            state.members.insert(id, Member { outlet, role: None, room: None });
            id
        })
    }

    pub(crate) fn disconnect(&self, id: u64) {
        self.act(|state| {
            state.leave(id);
            state.members.remove(&id);
        });
    }

    /// The website enters without a key: it knows its own instances.
    pub(super) fn enter(&self, id: u64, room: RoomId) {
        self.act(|state| {
            state.set_role(id, Role::Browser);
            state.enter(id, room);
        });
    }

    /// What a connection says.
    pub(crate) fn hear(&self, id: u64, name: &str, argument: &Value, answer: Option<u64>) {
        self.act(|state| {
            state.said.push((id, name.to_owned(), argument.clone()));
            match name {
                "iam" => match argument["type"].as_str() {
                    Some("sd") => state.set_role(id, Role::Computer),
                    Some("client") => state.set_role(id, Role::Browser),
                    _ => state.send(id, "error", &json!({ "msg": "Unknown type" })),
                },
                "join" => self.join(state, id, argument, answer),
                "leave" => state.leave(id),
                "command" => state.pass_on(id, Role::Browser, Role::Computer, name, argument),
                "commandStatus" => state.pass_on(id, Role::Computer, Role::Browser, name, argument),
                _ => {}
            }
        });
    }

    fn join(&self, state: &mut State, id: u64, key: &Value, answer: Option<u64>) {
        let role = state.members.get(&id).and_then(|member| member.role);
        let room = state.rooms.iter().position(|room| {
            let is_key = |own: &Option<String>| own.as_deref().is_some_and(|own| Some(own) == key.as_str());
            is_key(&room.code) || is_key(&room.key)
        });
        let (Some(role), Some(room)) = (role, room) else {
            let text = if role.is_none() { "You must identify yourself first" } else { "Invalid key" };
            state.answer(id, answer, &json!({ "success": false, "msg": text }));
            return;
        };
        state.answer(id, answer, &json!({ "success": true }));
        if role == Role::Computer && state.rooms[room].code.take().is_some() {
            let number = state.number();
            let key = [self.digits("key", number), self.digits("more", number)].concat();
            state.rooms[room].key = Some(key.clone());
            state.send(id, "upgradeKey", &json!({ "key": key }));
        }
        state.enter(id, room);
    }

    /// Sends an event to one end of a room.
    pub(crate) fn tell(&self, room: RoomId, role: Role, name: &str, argument: &Value) {
        self.act(|state| state.tell(room, role, name, argument));
    }

    pub(crate) fn kick(&self, id: RoomId) {
        self.act(|state| {
            let Some(room) = state.rooms.get_mut(id) else { return };
            *room = Room::default();
            state.tell(id, Role::Computer, "kicked", &Value::Null);
            for member in state.members.values_mut() {
                if member.room == Some(id) && member.role == Some(Role::Computer) {
                    member.room = None;
                }
            }
            state.tell_presence(id);
        });
    }

    /// Tells every connection to do something.
    pub(crate) fn order_all(&self, order: &Order) {
        self.act(|state| {
            for member in state.members.values() {
                member.outlet.order(order.clone());
            }
        });
    }
}

impl Outlet {
    pub(super) fn order(&self, order: Order) {
        if let Self::Socket(orders) = self {
            // Its connection may just have ended.
            let _ = orders.send(order);
        }
    }
}

impl State {
    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn set_role(&mut self, id: u64, role: Role) {
        if let Some(member) = self.members.get_mut(&id) {
            member.role = Some(role);
        }
    }

    fn number_of(&self, room: RoomId, role: Role) -> usize {
        self.members.values().filter(|member| member.room == Some(room) && member.role == Some(role)).count()
    }

    fn enter(&mut self, id: u64, room: RoomId) {
        if self.members.get(&id).is_some_and(|member| member.room != Some(room)) {
            self.leave(id);
        }
        if let Some(member) = self.members.get_mut(&id) {
            member.room = Some(room);
        }
        self.tell_presence(room);
    }

    fn leave(&mut self, id: u64) {
        if let Some(room) = self.members.get_mut(&id).and_then(|member| member.room.take()) {
            self.tell_presence(room);
        }
    }

    fn tell_presence(&mut self, room: RoomId) {
        let presence =
            json!({ "client": self.number_of(room, Role::Browser), "sd": self.number_of(room, Role::Computer) });
        for role in [Role::Computer, Role::Browser] {
            self.tell(room, role, "roomPresence", &presence);
        }
    }

    /// Passes an event on to the other end of the sender's room.
    fn pass_on(&mut self, id: u64, from: Role, to: Role, name: &str, argument: &Value) {
        match self.members.get(&id).map(|member| (member.role, member.room)) {
            Some((Some(role), Some(room))) if role == from => self.tell(room, to, name, argument),
            _ => self.send(id, "error", &json!({ "msg": "You are not in a room" })),
        }
    }

    fn tell(&mut self, room: RoomId, role: Role, name: &str, argument: &Value) {
        let is_meant = |member: &&Member| member.room == Some(room) && member.role == Some(role);
        for member in self.members.values().filter(is_meant) {
            match &member.outlet {
                Outlet::Socket(_) => member.outlet.order(Order::Packet(packet::event(name, argument))),
                Outlet::Site(site) => {
                    let mut site = site.lock().unwrap_or_else(PoisonError::into_inner);
                    self.reactions.extend(site.hear(name, argument).into_iter().map(|command| (room, command)));
                }
            }
        }
    }

    fn send(&mut self, id: u64, name: &str, argument: &Value) {
        if let Some(member) = self.members.get(&id) {
            member.outlet.order(Order::Packet(packet::event(name, argument)));
        }
    }

    fn answer(&mut self, id: u64, answer: Option<u64>, argument: &Value) {
        if let (Some(member), Some(answer)) = (self.members.get(&id), answer) {
            member.outlet.order(Order::Packet(packet::answer(answer, argument)));
        }
    }
}
