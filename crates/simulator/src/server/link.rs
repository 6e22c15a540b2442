//! Where the relay meets the site's other parts: its handshake, what a click sends, and its remote control.
//!
//! Below `/__sim/link/`, bodies and answers are JSON; `room` is a number from the first of these:
//! - `POST rooms` makes an instance, `GET rooms` lists all, `POST kick {room}` removes one, `POST problem {room, msg}` shows an error;
//! - `POST drop`, `POST deaf`, `POST mute` befall all connections, `POST text {text}` sends a frame over them, `GET said` is the record;
//! - `POST site {room}` opens the website there, `DELETE site?room=` closes it, `GET site?room=` is what it shows;
//! - `POST send {room, version}`, `remove {room, hash}`, `cancel {room, id}`, `clear`, `list`, `activities`, `txt2img {room}` and
//!   `command {room, command}` are what people do there; each answers the ids of its commands.

use std::sync::Arc;

use axum::extract::ws::WebSocketUpgrade;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::exchange::{Call, Reply};
use super::render::image_url;
use super::storage::signed_url;
use super::{Shared, lock};
use crate::catalogue::{File, Id};
use crate::faults::Action;
use crate::relay::{self, LARGEST_MESSAGE, LinkRoom, Pings, Relay, RoomId, Script, Site};

/// Goes over to the WebSocket.
pub(super) fn upgrade(upgrade: WebSocketUpgrade, shared: &Shared, actions: &[Action]) -> Response {
    let (hub, script) = (Arc::clone(&shared.hub), Script::of(actions));
    let pings = Pings { every: shared.config.link_ping_interval, patience: shared.config.link_ping_timeout };
    upgrade
        .max_message_size(LARGEST_MESSAGE)
        .max_frame_size(LARGEST_MESSAGE)
        .on_upgrade(move |socket| relay::serve(socket, hub, script, pings))
}

/// Whether the query asks for what this relay speaks.
pub(super) fn is_understood(call: &Call) -> bool {
    call.param("EIO") == Some("4") && call.param("transport") == Some("websocket")
}

/// The answer to what is no handshake.
pub(super) fn refusal(call: &Call) -> Reply {
    let (code, message) = match (call.param("EIO"), call.param("transport")) {
        (_, None | Some("polling")) => (0, "Transport unknown"),
        (Some("4"), _) => (3, "Bad request"),
        _ => (5, "Unsupported protocol version"),
    };
    Reply::json(StatusCode::BAD_REQUEST, &json!({ "code": code, "message": message }))
}

/// Opens the website in a room.
pub(super) fn open_site(shared: &Arc<Shared>, room: &LinkRoom) -> Site {
    let shared = Arc::downgrade(shared);
    Site::open(room, Arc::new(move |version| shared.upgrade().map(|it| click(&it, version)).unwrap_or_default()))
}

/// The resources that "Send via Link" sends for a version: the main file, and what goes with it.
fn click(shared: &Shared, version: Id) -> Vec<Value> {
    let catalogue = shared.catalogue();
    let Some(version) = catalogue.version(version) else { return Vec::new() };
    let model = catalogue.model_of(version);
    let main = catalogue.primary_file(version).map(|file| (model.spec.kind.as_str(), file));
    let beside = catalogue.files_of(version).filter_map(|file| Some((companion(&file.spec.kind)?, file)));
    let resource = |(kind, file): (&str, &File)| {
        json!({
            "type": kind,
            // As the database has them.
            "hash": file.hashes.sha256.to_ascii_uppercase(),
            "name": file.spec.name,
            "modelName": model.spec.name,
            "modelVersionName": version.spec.name,
            "previewImage": version.images.first().map(|image| image_url(shared, image)),
            "url": signed_url(shared, &catalogue, version, file),
        })
    };
    let main_id = main.map(|(_, file)| file.id);
    main.into_iter().chain(beside.filter(|(_, file)| Some(file.id) != main_id)).map(resource).collect()
}

/// What kind of resource a file beside the main one is.
fn companion(kind: &str) -> Option<&'static str> {
    match kind {
        "Config" => Some("CheckpointConfig"),
        "VAE" => Some("VAE"),
        "Negative" => Some("TextualInversion"),
        _ => None,
    }
}

/// Answers a control request.
pub(super) fn control(shared: &Arc<Shared>, what: &str, call: &Call) -> Reply {
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let number = body["room"].as_u64().or_else(|| call.param("room")?.parse().ok());
    let id = number.and_then(|number| RoomId::try_from(number).ok());
    let relay = Relay(Arc::clone(&shared.hub));
    let done = || Reply::empty(StatusCode::NO_CONTENT);
    match (&call.method, what) {
        (&Method::POST, "rooms") => Reply::ok(&shown(&relay.issue())),
        (&Method::GET, "rooms") => Reply::ok(&relay.rooms().iter().map(shown).collect()),
        (&Method::GET, "said") => Reply::ok(&json!(relay.said())),
        (&Method::POST, "drop") => {
            relay.drop_all();
            done()
        }
        (&Method::POST, "deaf") => {
            relay.go_deaf();
            done()
        }
        (&Method::POST, "mute") => {
            relay.go_mute();
            done()
        }
        (&Method::POST, "text") => {
            relay.send_text(body["text"].as_str().unwrap_or_default());
            done()
        }
        _ => match id.and_then(|id| relay.room(id)) {
            Some(room) => in_room(shared, &room, what, call, &body),
            None => Reply::not_found("No such room, or no such control"),
        },
    }
}

fn shown(room: &LinkRoom) -> Value {
    let view = room.view();
    json!({
        "room": room.id(),
        "code": view.code,
        "key": view.key,
        "browsers": view.browsers,
        "computers": view.computers,
    })
}

fn in_room(shared: &Arc<Shared>, room: &LinkRoom, what: &str, call: &Call, body: &Value) -> Reply {
    let done = || Reply::empty(StatusCode::NO_CONTENT);
    match (&call.method, what) {
        (&Method::POST, "kick") => {
            room.kick();
            return done();
        }
        (&Method::POST, "problem") => {
            room.problem(body["msg"].as_str().unwrap_or_default());
            return done();
        }
        (&Method::POST, "site") => {
            let site = open_site(shared, room);
            // One that was open there leaves, without the lock: leaving is told.
            let before = lock(&shared.sites).insert(room.id(), Arc::new(site));
            drop(before);
            return done();
        }
        (&Method::DELETE, "site") => {
            let before = lock(&shared.sites).remove(&room.id());
            drop(before);
            return done();
        }
        _ => {}
    }
    let open = lock(&shared.sites).get(&room.id()).cloned();
    match open {
        Some(site) => on_site(&site, what, call, body),
        None => Reply::not_found("The website is not open in this room"),
    }
}

fn on_site(site: &Site, what: &str, call: &Call, body: &Value) -> Reply {
    let text = |name: &str| body[name].as_str().unwrap_or_default();
    let ids = match (&call.method, what) {
        (&Method::GET, "site") => {
            let view = site.view();
            return Reply::ok(&json!({
                "browsers": view.browsers,
                "computers": view.computers,
                "resources": view.resources,
                "activities": view.activities,
                "received": view.received,
                "commands": view.commands,
            }));
        }
        (&Method::POST, "send") => site.send_to_computer(body["version"].as_u64().unwrap_or_default()),
        (&Method::POST, "remove") => vec![site.remove(text("hash"))],
        (&Method::POST, "cancel") => vec![site.cancel(text("id"))],
        (&Method::POST, "clear") => vec![site.clear()],
        (&Method::POST, "list") => vec![site.list()],
        (&Method::POST, "activities") => vec![site.activities()],
        (&Method::POST, "txt2img") => vec![site.txt2img()],
        (&Method::POST, "command") => {
            site.command(&body["command"]);
            Vec::new()
        }
        _ => return Reply::not_found("No such control"),
    };
    Reply::ok(&json!({ "ids": ids }))
}
