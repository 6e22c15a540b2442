//! From bytes to handler and back: reads the request, counts it, lets the scripted faults interfere, answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, FromRequestParts as _, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use super::delivery::Delivery;
use super::exchange::{Call, Reply};
use super::listener::{Gate, Gated};
use super::route::Route;
use super::storage::Twist;
use super::wrapper::{Class, wrap};
use super::{
    Shared, account, batch, control, delivery, distort, download, images, link, mini, models, storage, vault, versions,
};
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
    let (mut parts, body) = request.into_parts();
    // Only the relay agrees to one.
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &()).await.ok();
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
        return delivery::plain(control::answer(&shared, what, &call));
    }
    let entry = shared.counts.record(recorded(&call, route));
    let actions = shared.faults.take(call.method.as_str(), &call.path, route.name());
    let is_object = matches!(route, Route::Object(_));
    let pace = shared.config.storage_bytes_per_second.filter(|_| is_object);
    let delivery = Delivery::new(gate, entry.clone(), pace, &actions);
    let mut reply = None;
    for action in &actions {
        match action {
            Action::Delay { millis } => tokio::time::sleep(Duration::from_millis(*millis)).await,
            Action::Drop => return delivery.none(),
            Action::Status { .. } => reply = Some(distort::scripted(action)),
            // The rest changes the answer, once there is one, or its delivery.
            _ => {}
        }
    }
    if route == Route::Link
        && reply.is_none()
        && let Some(upgrade) = upgrade.filter(|_| link::is_understood(&call))
    {
        entry.answered(StatusCode::SWITCHING_PROTOCOLS.as_u16());
        return link::upgrade(upgrade, &shared, &actions);
    }
    let mut reply = reply.unwrap_or_else(|| respond(&shared, route, &call, &Twist::of(&actions)));
    if actions.contains(&Action::LoseReply) {
        return delivery.none();
    }
    for action in &actions {
        distort::apply(action, &mut reply);
    }
    if actions.contains(&Action::Expire) {
        shared.signing_round.fetch_add(1, Ordering::SeqCst);
    }
    entry.answered(reply.status.as_u16());
    delivery.send(reply)
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
        cookie: call.headers.contains_key("cookie"),
        referer: call.headers.contains_key("referer"),
        if_range: call.header("if-range").map(str::to_owned),
        accept_encoding: call.header("accept-encoding").map(str::to_owned),
        user_agent: call.header("user-agent").map(str::to_owned),
        status: None,
        sent: 0,
    }
}

fn respond(shared: &Shared, route: Route<'_>, call: &Call, twist: &Twist) -> Reply {
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
        Route::Object(id) => storage::answer(shared, catalogue, call, id, twist),
        Route::Image(uuid, transform, name) => images::answer(shared, catalogue, call, [uuid, transform, name]),
        Route::Link => link::refusal(call),
        Route::Page => html(StatusCode::OK),
        Route::Control(_) | Route::Unknown => html(StatusCode::NOT_FOUND),
    }
}

/// A page of the site.
pub(super) fn html(status: StatusCode) -> Reply {
    let page = "<!DOCTYPE html><html><head><title>Civitai</title></head><body><div id=\"__next\"></div></body></html>";
    Reply::bytes(status, "text/html; charset=utf-8", page)
}
