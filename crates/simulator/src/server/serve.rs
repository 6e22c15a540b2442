//! From bytes to handler and back: reads the request, counts it, lets the scripted faults interfere, answers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use serde_json::Value;

use super::exchange::{Call, Reply};
use super::listener::{Gate, Gated};
use super::route::Route;
use super::wrapper::{Class, wrap};
use super::{Shared, account, batch, control, download, images, mini, models, storage, vault, versions};
use crate::counts::Recorded;
use crate::faults::Action;

/// Next.js's default body limit, bytes.
const BODY_LIMIT: usize = 1 << 20;
/// Bytes after which an oversized body is no longer even read.
const READ_LIMIT: usize = 64 << 20;

/// Which of the two origins was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Site,
    Storage,
}

/// Serves one origin for as long as the runtime lives.
pub(super) async fn run(listener: Gated, origin: Origin, shared: Arc<Shared>) {
    let router =
        Router::new().fallback(handle).with_state((origin, shared)).into_make_service_with_connect_info::<Gate>();
    // axum's serve never returns an error: it handles those of single connections.
    let _ = axum::serve(listener, router).await;
}

async fn handle(
    State((origin, shared)): State<(Origin, Arc<Shared>)>,
    ConnectInfo(gate): ConnectInfo<Gate>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, READ_LIMIT).await.unwrap_or_default();
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect(),
        headers: parts.headers,
        body,
    };
    let route = Route::of(origin, &call.path);
    if let Route::Control(what) = route {
        return into_response(control::answer(&shared, what, &call));
    }
    let place = shared.counts.record(recorded(&call, route));
    let actions = shared.faults.take(call.method.as_str(), &call.path, route.name());
    let mut delivery = Delivery::default();
    if matches!(route, Route::Object(_)) {
        delivery.bytes_per_second = shared.config.storage_bytes_per_second;
    }
    let mut reply = None;
    for action in &actions {
        match action {
            Action::Delay { millis } => tokio::time::sleep(Duration::from_millis(*millis)).await,
            Action::Drop => {
                gate.close();
                return into_response(Reply::empty(StatusCode::OK));
            }
            Action::Status { .. } => reply = Some(scripted(action)),
            Action::CutAfter { bytes } => delivery.cut_after = Some(*bytes),
            Action::Throttle { bytes_per_second } => {
                delivery.bytes_per_second = Some(*bytes_per_second);
            }
            // The rest changes the answer, once there is one.
            Action::IgnoreRange
            | Action::WrongHash
            | Action::Corrupt { .. }
            | Action::Html
            | Action::EmptyBody
            | Action::Truncated
            | Action::NullBody
            | Action::LargeBody { .. }
            | Action::LoseReply
            | Action::Header { .. } => {}
        }
    }
    let ignore_range = actions.contains(&Action::IgnoreRange);
    let mut reply = reply.unwrap_or_else(|| respond(&shared, route, &call, ignore_range));
    if actions.contains(&Action::LoseReply) {
        gate.close();
        return into_response(Reply::empty(StatusCode::OK));
    }
    for action in &actions {
        distort(action, &mut reply);
    }
    shared.counts.answered(place, reply.status.as_u16());
    delivery.send(reply, gate)
}

fn recorded(call: &Call, route: Route<'_>) -> Recorded {
    let query: Vec<String> = call
        .query
        .iter()
        .map(|(name, value)| match name.as_str() {
            "token" => "token=…".to_owned(),
            _ => format!("{name}={value}"),
        })
        .collect();
    Recorded {
        endpoint: route.name(),
        method: call.method.to_string(),
        path: call.path.clone(),
        query: query.join("&"),
        authorization: call.headers.contains_key("authorization"),
        query_token: call.param("token").is_some(),
        batch: serde_json::from_slice::<Vec<Value>>(&call.body).ok().map(|hashes| hashes.len()),
        range: call.header("range").map(str::to_owned),
        user_agent: call.header("user-agent").map(str::to_owned),
        status: None,
    }
}

fn respond(shared: &Shared, route: Route<'_>, call: &Call, ignore_range: bool) -> Reply {
    if call.body.len() > BODY_LIMIT {
        let limit = "Body exceeded 1mb limit";
        return Reply::bytes(StatusCode::PAYLOAD_TOO_LARGE, "text/plain; charset=utf-8", limit);
    }
    let catalogue = &shared.catalogue();
    let token = &shared.config.token;
    match route {
        Route::VersionsByHash => wrap(Class::Public, call, token, |call, _| batch::versions(shared, catalogue, call)),
        Route::VersionIdsByHash => wrap(Class::Public, call, token, |call, _| batch::ids(catalogue, call)),
        Route::VersionByHash(hash) => {
            wrap(Class::PublicLong, call, token, |call, _| versions::by_hash(shared, catalogue, call, hash))
        }
        Route::MiniVersion(id) => wrap(Class::Mixed, call, token, |call, _| mini::answer(shared, catalogue, call, id)),
        Route::Version(id) => wrap(Class::Mixed, call, token, |call, _| versions::by_id(shared, catalogue, call, id)),
        Route::Models => {
            wrap(Class::Mixed, call, token, |call, signed_in| models::list(shared, catalogue, call, signed_in))
        }
        Route::Model(id) => wrap(Class::Public, call, token, |_, _| models::one(shared, catalogue, id)),
        Route::Enums => wrap(Class::Bare, call, token, |_, _| account::enums()),
        Route::Me => wrap(Class::Authed, call, token, |_, _| account::me(&shared.config)),
        Route::Vault => wrap(Class::Authed, call, token, |_, _| vault::get(shared, catalogue)),
        Route::VaultItems => wrap(Class::Authed, call, token, |call, _| vault::all(shared, catalogue, call)),
        Route::VaultCheck => wrap(Class::Authed, call, token, |call, _| vault::check(shared, catalogue, call)),
        Route::VaultToggle => wrap(Class::AuthedPost, call, token, |call, _| vault::toggle(shared, catalogue, call)),
        Route::VaultDownload(id) => {
            wrap(Class::Authed, call, token, |call, _| vault::download(shared, catalogue, call, id))
        }
        Route::Download(id) => {
            wrap(Class::Public, call, token, |call, signed_in| download::answer(shared, catalogue, call, id, signed_in))
        }
        Route::Object(id) => storage::answer(shared, catalogue, call, id, ignore_range),
        Route::Image(uuid, transform, name) => images::answer(shared, catalogue, call, [uuid, transform, name]),
        Route::Page => html(StatusCode::OK),
        Route::Control(_) | Route::Unknown => html(StatusCode::NOT_FOUND),
    }
}

fn html(status: StatusCode) -> Reply {
    let page = "<!DOCTYPE html><html><head><title>Civitai</title></head><body><div id=\"__next\"></div></body></html>";
    Reply::bytes(status, "text/html; charset=utf-8", page)
}

fn scripted(action: &Action) -> Reply {
    let Action::Status { status, headers, body } = action else {
        return Reply::empty(StatusCode::OK);
    };
    let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = match body {
        Some(body) => Reply::bytes(status, "application/json; charset=utf-8", body.clone()),
        None => Reply::error(status, "Simulated fault"),
    };
    for (name, value) in headers {
        if let Ok(name) = HeaderName::try_from(name.as_str()) {
            reply = reply.with(name, value);
        }
    }
    reply
}

/// Applies the faults that change an answer.
fn distort(action: &Action, reply: &mut Reply) {
    match action {
        Action::WrongHash => reply.body = wrong_hashes(&reply.body).into(),
        Action::Corrupt { offset, bytes } => {
            let mut body = reply.body.to_vec();
            let start = usize::try_from(*offset).unwrap_or(usize::MAX);
            let count = usize::try_from(*bytes).unwrap_or(usize::MAX);
            for byte in body.iter_mut().skip(start).take(count) {
                *byte ^= 0x55;
            }
            reply.body = body.into();
        }
        Action::Html => *reply = html(StatusCode::OK),
        Action::EmptyBody => {
            reply.status = StatusCode::OK;
            reply.body = Bytes::new();
        }
        Action::Truncated => reply.body = reply.body.slice(..reply.body.len() / 2),
        Action::NullBody => *reply = Reply::ok(&Value::Null),
        Action::LargeBody { bytes } => {
            let size = usize::try_from(*bytes).unwrap_or(0).max(2);
            let mut body = vec![b'a'; size];
            (body[0], body[size - 1]) = (b'"', b'"');
            *reply = Reply::bytes(StatusCode::OK, "application/json; charset=utf-8", body);
        }
        Action::Header { name, value } => {
            let Ok(name) = HeaderName::try_from(name.as_str()) else {
                return;
            };
            reply.headers.remove(&name);
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                reply.headers.insert(name, value);
            }
        }
        Action::Status { .. }
        | Action::Delay { .. }
        | Action::Throttle { .. }
        | Action::CutAfter { .. }
        | Action::Drop
        | Action::LoseReply
        | Action::IgnoreRange => {}
    }
}

/// Rotates the digits of every run of 64 hexadecimal digits.
fn wrong_hashes(body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    let mut start = 0;
    while start < body.len() {
        let run = body[start..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if run == 64 {
            body[start..start + run].rotate_left(1);
        }
        start += run + 1;
    }
    body
}

/// How the body travels.
#[derive(Default)]
struct Delivery {
    cut_after: Option<u64>,
    bytes_per_second: Option<u64>,
}

impl Delivery {
    fn send(self, reply: Reply, gate: Gate) -> Response {
        if self.cut_after.is_none() && self.bytes_per_second.is_none() {
            return into_response(reply);
        }
        let full = reply.body.len();
        let kept = self.cut_after.map_or(full, |bytes| usize::try_from(bytes).unwrap_or(full).min(full));
        // A tenth of a second per piece keeps progress smooth.
        let piece = self.bytes_per_second.map_or(kept, |pace| usize::try_from(pace / 10).unwrap_or(kept)).max(1);
        let slow = self.bytes_per_second.is_some();
        let cut = self.cut_after.is_some();
        let body = reply.body.slice(..kept);
        let pieces = stream::unfold((body, gate), move |(mut rest, gate)| async move {
            if rest.is_empty() {
                if !cut {
                    return None;
                }
                // Gives the connection time to send what it has before it breaks.
                tokio::time::sleep(Duration::from_millis(30)).await;
                gate.close();
                return Some((Err(std::io::Error::other("cut by a scripted fault")), (rest, gate)));
            }
            if slow {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let next = rest.split_to(piece.min(rest.len()));
            Some((Ok(next), (rest, gate)))
        });
        let mut response = Response::new(Body::from_stream(pieces));
        *response.status_mut() = reply.status;
        *response.headers_mut() = *reply.headers;
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(full));
        response
    }
}

fn into_response(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = reply.status;
    *response.headers_mut() = *reply.headers;
    response
}
