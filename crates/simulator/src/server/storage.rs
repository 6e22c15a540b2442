//! Signed object storage: another origin, another protocol family (S3), XML errors.

use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::header::{ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_RANGE, ETAG, LAST_MODIFIED};
use axum::http::{Method, StatusCode};
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use sha2::{Digest as _, Sha256};

use super::Shared;
use super::exchange::{Call, Reply};
use super::route::BUCKET;
use crate::catalogue::{Catalogue, File, Version, download_file_name, hex};

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

/// Delivers an object.
pub(super) fn answer(shared: &Shared, catalogue: &Catalogue, call: &Call, id: &str, ignore_range: bool) -> Reply {
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
    let reply = ranged(&file, call, ignore_range)
        .with(CONTENT_DISPOSITION, disposition)
        .with(LAST_MODIFIED, "Mon, 02 Jun 2025 08:00:00 GMT");
    if ignore_range { reply } else { reply.with(ACCEPT_RANGES, "bytes") }
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
fn ranged(file: &File, call: &Call, ignore_range: bool) -> Reply {
    const BINARY: &str = "application/octet-stream";
    let bytes = &file.spec.bytes;
    let etag = format!("\"{}\"", file.hashes.sha256[..32].to_ascii_lowercase());
    let unchanged = call.header("if-range").is_none_or(|tag| tag == etag);
    let range = call
        .header("range")
        .filter(|_| unchanged && !ignore_range)
        .and_then(|value| value.strip_prefix("bytes="))
        // Several ranges may be answered with everything, which is what object stores do.
        .filter(|value| !value.contains(','))
        .and_then(|value| value.split_once('-'));
    let Some(range) = range else {
        return Reply::bytes(StatusCode::OK, BINARY, bytes.clone()).with(ETAG, &etag);
    };
    let size = bytes.len();
    let span = match range {
        ("", last) => last.parse().ok().filter(|&last: &usize| last > 0).map(|last| (size.saturating_sub(last), size)),
        (first, "") => first.parse().ok().map(|first| (first, size)),
        (first, last) => match (first.parse(), last.parse::<usize>()) {
            (Ok(first), Ok(last)) if first <= last => Some((first, last.saturating_add(1).min(size))),
            _ => None,
        },
    };
    match span {
        Some((start, end)) if start < end && start < size => {
            Reply::bytes(StatusCode::PARTIAL_CONTENT, BINARY, bytes.slice(start..end))
                .with(ETAG, &etag)
                .with(CONTENT_RANGE, &format!("bytes {start}-{}/{size}", end - 1))
        }
        _ => xml(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", "The requested range is not satisfiable")
            .with(CONTENT_RANGE, &format!("bytes */{size}")),
    }
}

fn xml(status: StatusCode, code: &str, message: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    );
    Reply::bytes(status, "application/xml", body)
}
