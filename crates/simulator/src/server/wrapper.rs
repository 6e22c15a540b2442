//! The wrapper classes of Civitai's endpoints: method check, session, cache and CORS headers.
//!
//! Cache headers are set before the handler runs, so a 404 is as cacheable as a hit. Clients that ask through a CDN meet that for hours.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::exchange::{Call, Reply};

const SHORT: &str = "public, s-maxage=300, stale-while-revalidate=150";
/// by-hash GET.
pub(super) const LONG: &str = "public, s-maxage=3600, stale-while-revalidate=1800";

/// Class of an endpoint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Any method, no session, always cacheable.
    Public,
    /// [`Class::Public`], cacheable for an hour.
    PublicLong,
    /// Optional session; cacheable without one.
    Mixed,
    /// Needs a session.
    Authed,
    /// [`Class::Authed`], for POST alone.
    AuthedPost,
    /// No wrapper at all.
    Bare,
}

/// Runs `handler` as an endpoint of this class. It is told whether the caller is signed in.
pub(super) fn wrap(class: Class, call: &Call, token: &str, handler: impl FnOnce(&Call, bool) -> Reply) -> Reply {
    let signed_in = call.token() == Some(token);
    let mut headers = HeaderMap::new();
    let method = if class == Class::AuthedPost { "POST" } else { "GET" };
    let is_checked = matches!(class, Class::Mixed | Class::Authed | Class::AuthedPost);
    match class {
        Class::Bare => return handler(call, signed_in),
        Class::Public | Class::PublicLong | Class::Mixed => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        Class::Authed | Class::AuthedPost => credentialed(call, &mut headers),
    }
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(method));
    match class {
        Class::Public => cacheable(&mut headers, SHORT),
        Class::PublicLong => cacheable(&mut headers, LONG),
        Class::Mixed if !signed_in => cacheable(&mut headers, SHORT),
        Class::Mixed | Class::Authed | Class::AuthedPost | Class::Bare => {}
    }
    let reply = if call.method == Method::OPTIONS {
        Reply::empty(StatusCode::OK)
    } else if is_checked && call.method != method {
        return Reply::error(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    } else if matches!(class, Class::Authed | Class::AuthedPost) && !signed_in {
        Reply::error(StatusCode::UNAUTHORIZED, "Unauthorized")
    } else {
        handler(call, signed_in)
    };
    // The handler speaks last: it may set another Cache-Control.
    headers.extend(*reply.headers);
    Reply { headers: Box::new(headers), ..reply }
}

fn cacheable(headers: &mut HeaderMap, value: &'static str) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
}

fn credentialed(call: &Call, headers: &mut HeaderMap) {
    let Some(origin) = call.headers.get("origin") else {
        return;
    };
    let allowed = ["https://civitai.com", "https://civitai.red", "https://civitai.green"];
    if allowed.iter().any(|allowed| origin == allowed) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
}
