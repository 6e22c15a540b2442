//! The web page's files, built into the program.

use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

#[derive(rust_embed::RustEmbed)]
#[folder = "../../ui/dist"]
struct Page;

/// Whether this build has the page.
pub(crate) fn has_page() -> bool {
    Page::get("index.html").is_some()
}

/// A file of the page; the page itself for every address without an ending, which are places inside it.
pub(super) async fn page(method: Method, uri: Uri) -> Response {
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let is_place = !path.rsplit('/').next().unwrap_or_default().contains('.');
    let name = if path.is_empty() || is_place { "index.html" } else { path };
    let Some(file) = Page::get(name) else {
        let text = if name == "index.html" { "This build of Modeldock has no web page." } else { "Not found." };
        return (StatusCode::NOT_FOUND, text).into_response();
    };
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    // The bundler names files by their content, all but the page itself.
    let cache = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}
