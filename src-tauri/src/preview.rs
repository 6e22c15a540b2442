//! Preview pictures and videos for the page, over the scheme `preview:`, so that the page itself never reaches out.
//!
//! `preview://localhost/{file id}/{cover, thumb or number}`, with `?v=…` to be kept for long; on Windows the same path at `http://preview.localhost`.
//! What the catalogue shows is at `/catalogue/{key}/{thumb or whole}`, where the engine itself gave the key.

use modeldock_core::units::FileId;
use modeldock_core::{App, PreviewFile};
use tauri::http::{Method, Request, Response, StatusCode, header};
use tauri::{Manager as _, Runtime, UriSchemeContext, UriSchemeResponder};

/// The scheme's name; the content security policy names it too.
pub const SCHEME: &str = "preview";

/// A preview asked for by its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviewPath {
    /// Of a file of the library.
    File {
        /// Which.
        file: FileId,
        /// `cover`, `thumb`, or a number as text, as the engine takes it.
        which: String,
    },
    /// Of the catalogue.
    Catalogue {
        /// As the engine called it.
        key: String,
        /// `thumb`, `whole`.
        which: String,
    },
}

impl PreviewPath {
    /// Reads exactly `/{file id}/{cover, thumb or number}` and `/catalogue/{key}/{thumb or whole}`: digits without sign or leading zero, nothing encoded, nothing more.
    pub fn parse(path: &str) -> Option<Self> {
        if let Some(rest) = path.strip_prefix("/catalogue/") {
            let (key, which) = rest.split_once('/')?;
            let is_key = key.len() == 64 && key.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            let known = is_key && matches!(which, "thumb" | "whole");
            return known.then(|| Self::Catalogue { key: key.to_owned(), which: which.to_owned() });
        }
        let (file, which) = path.strip_prefix('/')?.split_once('/')?;
        if !matches!(which, "cover" | "thumb") {
            let index: u16 = decimal(which)?.parse().ok()?;
            debug_assert_eq!(index.to_string(), which);
        }
        Some(Self::File { file: FileId(decimal(file)?.parse().ok()?), which: which.to_owned() })
    }
}

/// The text itself if it is how a number is written; so there is one URL for one preview, and caches agree.
fn decimal(text: &str) -> Option<&str> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && (text == "0" || !text.starts_with('0'))).then_some(text)
}

/// Answers a request of the page.
#[expect(clippy::needless_pass_by_value, reason = "the signature is Tauri's")]
pub(crate) fn handle<R: Runtime>(
    context: UriSchemeContext<'_, R>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let app = context.app_handle().clone();
    tauri::async_runtime::spawn(async move {
        let engine = app.try_state::<App>().map(|engine| App::clone(&engine));
        responder.respond(answer(engine.as_ref(), &request).await);
    });
}

async fn answer(engine: Option<&App>, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    if request.method() != Method::GET {
        return empty(StatusCode::METHOD_NOT_ALLOWED);
    }
    let (Some(engine), Some(path)) = (engine, PreviewPath::parse(request.uri().path())) else {
        return empty(StatusCode::NOT_FOUND);
    };
    let preview = match &path {
        PreviewPath::File { file, which } => engine.preview(*file, which).await,
        PreviewPath::Catalogue { key, which } => engine.catalogue_picture(key, which).await,
    };
    match preview {
        Ok(preview) => {
            let range = request.headers().get(header::RANGE).and_then(|value| value.to_str().ok());
            found(preview, range, request.uri().query().is_some_and(|query| query.starts_with("v=")))
        }
        // The page shows its own stand-in; why there is no preview stands in the item's details.
        Err(error) => {
            tracing::debug!(?path, %error, "no preview");
            empty(StatusCode::NOT_FOUND)
        }
    }
}

/// `versioned`: the page put into the URL what changes with the picture, so that the URL always means the same bytes.
fn found(preview: PreviewFile, range: Option<&str>, versioned: bool) -> Response<Vec<u8>> {
    let length = preview.bytes.len();
    let response = Response::builder()
        .header(header::CONTENT_TYPE, preview.content_type)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
        // The bytes come from strangers: even if one opened them as a page, nothing in them may run.
        .header(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        // Short without a version, because a new scan may give the same row another cover.
        .header(
            header::CACHE_CONTROL,
            if versioned { "private, max-age=31536000, immutable" } else { "private, max-age=300" },
        )
        .header(header::ACCEPT_RANGES, "bytes");
    let response = match range.and_then(|text| byte_range(text, length)) {
        // WebKit plays a video only from a server that answers ranges.
        Some((first, last)) => response
            .status(StatusCode::PARTIAL_CONTENT)
            .header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{length}"))
            .body(preview.bytes[first..=last].to_vec()),
        None => response.status(StatusCode::OK).body(preview.bytes),
    };
    response.unwrap_or_else(|_| empty(StatusCode::NOT_FOUND))
}

/// `bytes=first-last`, `bytes=first-` or `bytes=-count` within `length`; what cannot be read or met gets the whole.
fn byte_range(text: &str, length: usize) -> Option<(usize, usize)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let end = length.checked_sub(1)?;
    let range = match (decimal(first), decimal(last)) {
        (Some(first), Some(last)) => (first.parse().ok()?, last.parse::<usize>().ok()?.min(end)),
        (Some(first), None) if last.is_empty() => (first.parse().ok()?, end),
        (None, Some(count)) if first.is_empty() => (length.saturating_sub(count.parse().ok()?), end),
        _ => return None,
    };
    (range.0 <= range.1).then_some(range)
}

fn empty(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preview() -> PreviewFile {
        PreviewFile { bytes: (0..10).collect(), content_type: "image/png" }
    }

    #[test]
    fn a_preview_carries_its_type_and_forbids_guessing() {
        let response = found(preview(), None, false);
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png");
        assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], "default-src 'none'; sandbox");
    }

    #[test]
    fn a_part_is_given_as_asked() {
        let response = found(preview(), Some("bytes=2-4"), true);
        assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(response.headers()[header::CONTENT_RANGE], "bytes 2-4/10");
        assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        assert_eq!(response.body(), &[2, 3, 4]);
    }

    #[test]
    fn ranges_stay_within_the_bytes() {
        assert_eq!(byte_range("bytes=0-", 10), Some((0, 9)));
        assert_eq!(byte_range("bytes=8-99", 10), Some((8, 9)));
        assert_eq!(byte_range("bytes=-3", 10), Some((7, 9)));
        assert_eq!(byte_range("bytes=-99", 10), Some((0, 9)));
        for nonsense in ["bytes=10-", "bytes=5-4", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "items=0-1", "bytes=-0"] {
            assert_eq!(byte_range(nonsense, 10), None, "{nonsense}");
        }
        assert_eq!(byte_range("bytes=0-", 0), None);
    }
}
