//! Signed object storage: another origin, another protocol family (S3), XML errors.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, ETAG, LAST_MODIFIED, LOCATION};
use axum::http::{Method, StatusCode};
use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use sha2::{Digest as _, Sha256};

use super::Shared;
use super::content::Made;
use super::exchange::{Call, Reply};
use super::route::BUCKET;
use crate::catalogue::{Catalogue, File, Generated, Version, download_file_name, hex};
use crate::faults::Action;

const DATE: &str = "%Y%m%dT%H%M%SZ";

/// A URL under which storage delivers `file`, for as long as the configuration says.
pub(super) fn signed_url(shared: &Shared, catalogue: &Catalogue, version: &Version, file: &File) -> String {
    let name = download_file_name(&catalogue.model_of(version).spec, &version.spec, &file.spec);
    signed_object(shared, &file.id.to_string(), &name)
}

/// Where an object lies. Nobody gets it there without a signature.
pub(super) fn object_path(object: &str, name: &str) -> String {
    let extension = name.rsplit('.').next().unwrap_or("bin");
    format!("/{BUCKET}/model/{object}/upload.{extension}")
}

/// A URL under which storage delivers an object as `name`.
pub(super) fn signed_object(shared: &Shared, object: &str, name: &str) -> String {
    let path = object_path(object, name);
    let date = Timestamp::now().strftime(DATE).to_string();
    let lifetime = shared.config.signed_url_lifetime.as_secs().to_string();
    let disposition = format!("attachment; filename=\"{name}\"");
    let signature = sign(shared, [&path, &date, &lifetime, &disposition]);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("X-Amz-Algorithm", "AWS4-HMAC-SHA256")
        .append_pair("X-Amz-Date", &date)
        .append_pair("X-Amz-Expires", &lifetime)
        .append_pair("X-Amz-SignedHeaders", "host")
        .append_pair("response-content-disposition", &disposition)
        .append_pair("X-Amz-Signature", &signature)
        .finish();
    format!("{}{path}?{query}", shared.storage_url)
}

/// Not AWS's scheme, which nobody here verifies; only that each part is covered.
fn sign(shared: &Shared, parts: [&str; 4]) -> String {
    let mut digest = Sha256::new();
    digest.update(shared.signing_round.load(Ordering::SeqCst).to_le_bytes());
    digest.update(shared.base_url.as_bytes());
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    hex(&digest.finalize())
}

/// What the scripted faults change about storage itself, rather than about one answer.
#[derive(Debug, Default)]
pub(super) struct Twist {
    ignore_range: bool,
    etag: Tag,
    /// Redirects before the object.
    hops: u32,
    /// 416 to every range, with or without the length.
    unsatisfiable: Option<bool>,
}

/// What the object's `ETag` is.
#[derive(Clone, Debug, Default)]
enum Tag {
    #[default]
    Own,
    Other(String),
    Missing,
}

impl Twist {
    /// Of these faults.
    pub(super) fn of(actions: &[Action]) -> Self {
        let mut twist = Self::default();
        for action in actions {
            match action {
                Action::IgnoreRange => twist.ignore_range = true,
                Action::Etag { value } => twist.etag = value.clone().map_or(Tag::Missing, Tag::Other),
                Action::RedirectChain { hops } => twist.hops = *hops,
                Action::Unsatisfiable { total } => twist.unsatisfiable = Some(*total),
                _ => {}
            }
        }
        twist
    }
}

/// Delivers an object.
pub(super) fn answer(shared: &Shared, catalogue: &Catalogue, call: &Call, id: &str, twist: &Twist) -> Reply {
    if call.headers.contains_key("authorization") {
        return xml(
            StatusCode::BAD_REQUEST,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the \
             Authorization header should be specified",
        );
    }
    if !matches!(call.method, Method::GET | Method::HEAD) {
        return xml(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "The specified method is not allowed");
    }
    let part = |name: &str| call.param(name).unwrap_or_default();
    let (date, lifetime) = (part("X-Amz-Date"), part("X-Amz-Expires"));
    let disposition = part("response-content-disposition");
    let expected = sign(shared, [&call.path, date, lifetime, disposition]);
    if part("X-Amz-Signature") != expected {
        return xml(
            StatusCode::FORBIDDEN,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided",
        );
    }
    if is_expired(date, lifetime) {
        return xml(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired");
    }
    let file = id.parse().ok().and_then(|id| catalogue.file(id)).cloned();
    let Some(file) = file.or_else(|| super::vault::object(shared, catalogue, id)) else {
        return xml(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist.");
    };
    let hop = part("hop").parse().unwrap_or(0);
    if hop < twist.hops {
        return Reply::empty(StatusCode::FOUND).with(LOCATION, &next_hop(shared, call, hop + 1));
    }
    let reply = ranged(&file, call, twist)
        .with(CONTENT_DISPOSITION, disposition)
        .with(LAST_MODIFIED, "Mon, 02 Jun 2025 08:00:00 GMT");
    if twist.ignore_range { reply } else { reply.with(ACCEPT_RANGES, "bytes") }
}

/// The same URL with another number in it, which the signature does not cover.
fn next_hop(shared: &Shared, call: &Call, hop: u32) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(call.query.iter().filter(|(name, _)| name != "hop"));
    query.append_pair("hop", &hop.to_string());
    format!("{}{}?{}", shared.storage_url, call.path, query.finish())
}

fn is_expired(date: &str, lifetime: &str) -> bool {
    let signed = civil::DateTime::strptime(DATE, date)
        .ok()
        .and_then(|date| date.to_zoned(TimeZone::UTC).ok())
        .map(|date| date.timestamp());
    let (Some(signed), Ok(seconds)) = (signed, lifetime.parse()) else {
        return true;
    };
    Timestamp::now().duration_since(signed).unsigned_abs() >= Duration::from_secs(seconds)
}

/// The whole object, or the part that `Range` asks for while `If-Range` still holds.
fn ranged(file: &File, call: &Call, twist: &Twist) -> Reply {
    let etag = match &twist.etag {
        Tag::Own => Some(format!("\"{}\"", file.hashes.sha256[..32].to_ascii_lowercase())),
        Tag::Other(tag) => Some(tag.clone()),
        Tag::Missing => None,
    };
    let tagged = |reply: Reply| match &etag {
        Some(etag) => reply.with(ETAG, etag),
        None => reply,
    };
    // A weak tag equals nothing here, not even itself.
    let is_current = |tag: &str| etag.as_deref() == Some(tag) && !tag.starts_with("W/");
    let unchanged = call.header("if-range").is_none_or(is_current);
    let range = call
        .header("range")
        .filter(|_| unchanged && !twist.ignore_range)
        .and_then(|value| value.strip_prefix("bytes="))
        // Several ranges may be answered with everything, which is what object stores do.
        .filter(|value| !value.contains(','))
        .and_then(|value| value.split_once('-'));
    let size = file.spec.generated.as_ref().map_or(file.spec.bytes.len() as u64, Generated::size);
    let Some(range) = range else {
        return tagged(object(file, StatusCode::OK, 0, size));
    };
    let span = match range {
        _ if twist.unsatisfiable.is_some() => None,
        ("", last) => last.parse().ok().filter(|&last: &u64| last > 0).map(|last| (size.saturating_sub(last), size)),
        (first, "") => first.parse().ok().map(|first| (first, size)),
        (first, last) => match (first.parse(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => Some((first, last.saturating_add(1).min(size))),
            _ => None,
        },
    };
    match span {
        Some((start, end)) if start < end && start < size => {
            tagged(object(file, StatusCode::PARTIAL_CONTENT, start, end))
                .with(CONTENT_RANGE, &format!("bytes {start}-{}/{size}", end - 1))
        }
        _ => {
            let text = "The requested range is not satisfiable";
            let reply = xml(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", text);
            match twist.unsatisfiable {
                Some(false) => reply,
                Some(true) | None => reply.with(CONTENT_RANGE, &format!("bytes */{size}")),
            }
        }
    }
}

/// Bytes `start..end` of a file.
fn object(file: &File, status: StatusCode, start: u64, end: u64) -> Reply {
    const BINARY: &str = "application/octet-stream";
    if let Some(content) = &file.spec.generated {
        let mut reply = Reply::bytes(status, BINARY, Bytes::new());
        reply.made = Some(Box::new(Made::new(content.clone(), start, end)));
        return reply;
    }
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(file.spec.bytes.len());
    Reply::bytes(status, BINARY, file.spec.bytes.slice(place(start)..place(end)))
}

fn xml(status: StatusCode, code: &str, message: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Reply::bytes(status, "application/xml", body)
}
