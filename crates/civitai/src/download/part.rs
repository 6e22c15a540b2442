//! Whether storage's answer is the part of the file that was asked for. Pure.
//!
//! Bytes at the wrong place are worse than none: a server that says anything but what was asked is not believed in any
//! detail. What cannot be told here, the length of the whole, goes to the engine, which knows what it expects.

use modeldock_core::download::{Span, TransferErrorKind, Validator};
use reqwest::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, TRANSFER_ENCODING,
};

use crate::transport::{ContentType, text};

/// An answer whose body can be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    pub(super) start: u64,
    pub(super) is_part: bool,
    pub(super) total: Option<u64>,
    /// Bytes of the body, where announced.
    pub(super) length: Option<u64>,
    pub(super) validator: Option<Validator>,
}

/// Reads the head of a 200 or 206; else what is wrong with it, as in "answered with {…}".
pub(super) fn accept(
    status: u16,
    headers: &HeaderMap,
    span: Span,
    unless_changed: Option<&Validator>,
) -> Result<Accepted, &'static str> {
    match ContentType::of(headers) {
        ContentType::Html => return Err("a web page instead of a file"),
        ContentType::Json | ContentType::Xml => return Err("a message instead of a file"),
        ContentType::Other => {}
    }
    let is_coded = |name: &HeaderName, plain: &str| {
        headers.get_all(name).iter().any(|value| !value.as_bytes().trim_ascii().eq_ignore_ascii_case(plain.as_bytes()))
    };
    if is_coded(&CONTENT_ENCODING, "identity") || is_coded(&TRANSFER_ENCODING, "chunked") {
        return Err("a compressed stream instead of a file");
    }
    let announced = one(headers, &CONTENT_LENGTH)?.map(|text| digits(text).ok_or("a length that is none"));
    let announced = announced.transpose()?;
    let range = one(headers, &CONTENT_RANGE)?;
    if status == 200 {
        if range.is_some() {
            return Err("a part that was not asked for");
        }
        let validator = validator(headers);
        return Ok(Accepted { start: 0, is_part: false, total: announced, length: announced, validator });
    }
    let kind = text(headers, &CONTENT_TYPE).unwrap_or_default();
    if kind.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return Err("several parts instead of one");
    }
    let Some((first, last, total)) = range.and_then(content_range) else {
        return Err("a part without saying which");
    };
    let within = first == span.start && first <= last && last < total && span.end.is_none_or(|end| last < end);
    if !within {
        return Err("a part that was not asked for");
    }
    let length = last - first + 1;
    if announced.is_some_and(|announced| announced != length) {
        return Err("a part of another length than it says");
    }
    // `If-Range` promises a part of the same file, or all of the new one.
    if let (Some(wanted), Some(tag)) = (unless_changed, headers.get(ETAG))
        && tag.as_bytes() != wanted.as_str().as_bytes()
    {
        return Err("a part of a file that has changed");
    }
    let validator = validator(headers);
    Ok(Accepted { start: first, is_part: true, total: Some(total), length: Some(length), validator })
}

/// The length of the whole file that a 416 tells.
pub(super) fn length_past_end(headers: &HeaderMap) -> Option<u64> {
    let text = one(headers, &CONTENT_RANGE).ok()??;
    digits(text.trim().strip_prefix("bytes")?.trim_start().strip_prefix("*/")?)
}

/// What storage's refusals mean. `says_expired`: the body of a 400 is about the signature.
pub(super) fn refusal(
    status: u16,
    retry_after: Option<std::time::Duration>,
    html: bool,
    says_expired: bool,
) -> TransferErrorKind {
    match status {
        401 | 403 => TransferErrorKind::Expired,
        400 if says_expired => TransferErrorKind::Expired,
        404 | 410 if !html => TransferErrorKind::Gone,
        429 => TransferErrorKind::RateLimited(retry_after),
        408 | 425 | 500..=599 => TransferErrorKind::Server(retry_after),
        _ => TransferErrorKind::Odd,
    }
}

/// Whether the words of a 400 are about an address that has had its time.
pub(super) fn is_about_signature(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body).to_ascii_lowercase();
    ["expired", "signature", "tokenrefreshrequired"].iter().any(|word| text.contains(word))
}

/// A header that may be there once. Twice, even with the same value, is what two servers in a row disagree about.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, &'static str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| "a header that cannot be read"),
        (Some(_), Some(_)) => Err("the same header twice"),
    }
}

fn validator(headers: &HeaderMap) -> Option<Validator> {
    one(headers, &ETAG).ok().flatten().and_then(Validator::strong)
}

/// `bytes 5-9/20`, all three numbers told.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (unit, rest) = text.trim().split_once(' ')?;
    let (range, total) = rest.trim_start().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    unit.eq_ignore_ascii_case("bytes").then_some(())?;
    Some((digits(first)?, digits(last)?, digits(total)?))
}

/// `parse` alone would take a sign.
fn digits(text: &str) -> Option<u64> {
    let text = text.trim();
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
