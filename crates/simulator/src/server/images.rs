//! The image host: originals and resized variants of previews, painted on first request.

use axum::http::StatusCode;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, ETAG};
use bytes::Bytes;

use super::Shared;
use super::exchange::{Call, Reply};
use crate::catalogue::{Catalogue, Image, PreviewKind};
use crate::picture;

/// `/{account}/{uuid}/{transformation}/{name}`.
pub(super) fn answer(shared: &Shared, catalogue: &Catalogue, call: &Call, parts: [&str; 3]) -> Reply {
    let [uuid, transform, _name] = parts;
    let Some(image) = catalogue.image(uuid) else {
        return Reply::bytes(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "Not found");
    };
    let etag = format!("\"{uuid}-{}\"", transform.replace(['=', ','], "-"));
    let reply = if call.header("if-none-match") == Some(&etag) {
        Reply::empty(StatusCode::NOT_MODIFIED)
    } else {
        let (content_type, body) = content(shared, image, width(transform));
        Reply::bytes(StatusCode::OK, content_type, body)
    };
    reply
        .with(ETAG, &etag)
        .with(CACHE_CONTROL, "public, max-age=31536000, immutable")
        .with(ACCESS_CONTROL_ALLOW_ORIGIN, "*")
}

/// The width of a transformation such as `width=450` or `anim=false,width=450`; `None` is the original.
fn width(transform: &str) -> Option<u32> {
    transform.split(',').find_map(|option| option.strip_prefix("width=")).and_then(|width| width.parse().ok())
}

fn content(shared: &Shared, image: &Image, width: Option<u32>) -> (&'static str, Bytes) {
    match image.spec.kind {
        PreviewKind::Video => ("video/mp4", Bytes::from_static(picture::VIDEO)),
        PreviewKind::Png if width.is_none() => ("image/png", painted(shared, image, None)),
        PreviewKind::Png | PreviewKind::Jpeg => ("image/jpeg", painted(shared, image, width)),
    }
}

/// A picture of an item in the vault.
pub(super) fn original(shared: &Shared, image: &Image) -> Bytes {
    content(shared, image, None).1
}

fn painted(shared: &Shared, image: &Image, width: Option<u32>) -> Bytes {
    let key = (image.uuid.clone(), width.unwrap_or(0));
    let cached = super::lock(&shared.pictures).get(&key).cloned();
    if let Some(bytes) = cached {
        return bytes;
    }
    let seed = image.spec.seed;
    // Painted without the lock: two requests may both paint, but none waits for an unrelated picture.
    let bytes = Bytes::from(match (image.spec.kind, width) {
        (PreviewKind::Png, None) => picture::png(seed),
        (_, width) => picture::jpeg(seed, width.unwrap_or(picture::ORIGINAL.0)),
    });
    super::lock(&shared.pictures).insert(key, bytes.clone());
    bytes
}
