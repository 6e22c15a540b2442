//! `/__sim/…`: the script and the record over HTTP, for tests in other languages. Never counted, never subject to faults.
//!
//! - `POST /__sim/faults` adds one [`Fault`] (or an array of them), `GET` lists them with their counts, `DELETE` ends all.
//! - `GET /__sim/requests` is the record, `DELETE` forgets it; `GET /__sim/requests?endpoint=by-hash` filters it.
//! - `POST /__sim/offline` with `{"for_millis": 2000}` goes off line for that long. There is no switch without an end here: off line, it
//!   could not be reached to switch back.
//! - `POST /__sim/expire` invalidates all signed URLs.
//! - `/__sim/link/…` is about Civitai Link, see [`link`].

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::exchange::{Call, Reply};
use super::{Shared, link};
use crate::faults::Fault;

/// Answers a control request.
pub(super) fn answer(shared: &Arc<Shared>, what: &str, call: &Call) -> Reply {
    if let Some(what) = what.strip_prefix("link/") {
        return link::control(shared, what, call);
    }
    match (what, &call.method) {
        ("faults", &Method::POST) => add_faults(shared, call),
        ("faults", &Method::DELETE) => {
            shared.faults.clear();
            Reply::empty(StatusCode::NO_CONTENT)
        }
        ("faults", &Method::GET) => {
            let list: Vec<Value> = shared
                .faults
                .list()
                .into_iter()
                .map(|(fault, matched)| json!({ "fault": fault, "matched": matched }))
                .collect();
            Reply::ok(&Value::Array(list))
        }
        ("requests", &Method::GET) => {
            let wanted = call.param("endpoint");
            let mut requests = shared.counts.all();
            requests.retain(|request| wanted.is_none_or(|wanted| wanted == request.endpoint));
            Reply::ok(&json!({ "count": requests.len(), "requests": requests }))
        }
        ("requests", &Method::DELETE) => {
            shared.counts.reset();
            Reply::empty(StatusCode::NO_CONTENT)
        }
        ("expire", &Method::POST) => {
            shared.signing_round.fetch_add(1, Ordering::SeqCst);
            Reply::empty(StatusCode::NO_CONTENT)
        }
        ("offline", &Method::POST) => offline(shared, call),
        _ => Reply::not_found("No such control"),
    }
}

fn add_faults(shared: &Shared, call: &Call) -> Reply {
    let faults = serde_json::from_slice::<Vec<Fault>>(&call.body)
        .or_else(|_| serde_json::from_slice::<Fault>(&call.body).map(|fault| vec![fault]));
    match faults {
        Ok(faults) => {
            for fault in faults {
                shared.faults.push(fault);
            }
            Reply::empty(StatusCode::NO_CONTENT)
        }
        Err(error) => Reply::bad_request(&error.to_string()),
    }
}

fn offline(shared: &Arc<Shared>, call: &Call) -> Reply {
    let wish: Option<Value> = serde_json::from_slice(&call.body).ok();
    let Some(millis) = wish.and_then(|wish| wish["for_millis"].as_u64()) else {
        return Reply::bad_request("`for_millis` is missing");
    };
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        // Lets this answer out first.
        tokio::time::sleep(Duration::from_millis(20)).await;
        shared.offline.store(true, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(millis)).await;
        shared.offline.store(false, Ordering::SeqCst);
    });
    Reply::empty(StatusCode::NO_CONTENT)
}
