//! Applies the faults that change an answer itself. Pure.

use std::io::{Read as _, copy, repeat};

use axum::http::header::{CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::exchange::Reply;
use super::serve::html;
use crate::faults::Action;

/// The answer that an [`Action::Status`] gives.
pub(super) fn scripted(action: &Action) -> Reply {
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

/// Changes `reply` as `action` says.
pub(super) fn apply(action: &Action, reply: &mut Reply) {
    match action {
        Action::WrongHash => reply.body = wrong_hashes(&reply.body).into(),
        Action::Corrupt { offset, bytes } => corrupt(reply, *offset, *bytes),
        Action::Html => *reply = html(StatusCode::OK),
        Action::EmptyBody => {
            reply.status = StatusCode::OK;
            reply.body = Bytes::new();
            reply.made = None;
        }
        Action::Truncated => match &mut reply.made {
            Some(made) => made.truncate(made.len() / 2),
            None => reply.body = reply.body.slice(..reply.body.len() / 2),
        },
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
        Action::ShiftRange { start, end, total } => shift_range(reply, [*start, *end, *total]),
        Action::Multipart if reply.status == StatusCode::PARTIAL_CONTENT => multipart(reply),
        Action::Gzip => {
            let body = held(reply);
            compressed(reply, &mut &body[..]);
        }
        Action::GzipBomb { bytes } => {
            reply.made = None;
            compressed(reply, &mut repeat(0).take(*bytes));
        }
        // The others are about storage, the delivery, or what comes before an answer.
        Action::Multipart
        | Action::Status { .. }
        | Action::Delay { .. }
        | Action::Throttle { .. }
        | Action::CutAfter { .. }
        | Action::ResetAfter { .. }
        | Action::StallAfter { .. }
        | Action::Unterminated { .. }
        | Action::LongerBody { .. }
        | Action::Drop
        | Action::LoseReply
        | Action::IgnoreRange
        | Action::Etag { .. }
        | Action::Unsatisfiable { .. }
        | Action::RedirectChain { .. }
        | Action::Expire
        | Action::HeaderBomb { .. }
        | Action::CutLink { .. }
        | Action::RawHeader { .. } => {}
    }
}

fn corrupt(reply: &mut Reply, offset: u64, bytes: u64) {
    if let Some(made) = &mut reply.made {
        return made.damage(offset, bytes);
    }
    let mut body = reply.body.to_vec();
    let start = usize::try_from(offset).unwrap_or(usize::MAX);
    let count = usize::try_from(bytes).unwrap_or(usize::MAX);
    for byte in body.iter_mut().skip(start).take(count) {
        *byte ^= 0x55;
    }
    reply.body = body.into();
}

/// Adds to the three numbers of `Content-Range`, where there are three.
fn shift_range(reply: &mut Reply, by: [i64; 3]) {
    let told = reply.headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let numbers: Vec<i64> =
        told.unwrap_or_default().split(['-', '/', ' ']).filter_map(|number| number.parse().ok()).collect();
    if let [start, end, total] = numbers[..] {
        let range = format!("bytes {}-{}/{}", start + by[0], end + by[1], total + by[2]);
        if let Ok(value) = HeaderValue::from_str(&range) {
            reply.headers.insert(CONTENT_RANGE, value);
        }
    }
}

fn multipart(reply: &mut Reply) {
    let range = reply.headers.remove(CONTENT_RANGE);
    let range = range.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let head = format!("--part\r\ncontent-type: application/octet-stream\r\ncontent-range: {range}\r\n\r\n");
    reply.body = [head.as_bytes(), &held(reply), b"\r\n--part--\r\n"].concat().into();
    reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/byteranges; boundary=part"));
}

/// The body, in memory from now on.
fn held(reply: &mut Reply) -> Bytes {
    if let Some(made) = reply.made.take() {
        reply.body = made.hold();
    }
    reply.body.clone()
}

fn compressed(reply: &mut Reply, from: &mut dyn std::io::Read) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Neither reading from nor writing to memory fails.
    let _ = copy(from, &mut encoder);
    reply.body = encoder.finish().unwrap_or_default().into();
    reply.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
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
