//! A request and an answer, freed from the HTTP library: handlers are plain functions from one to the other.

use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use bytes::Bytes;
use serde_json::{Value, json};

use super::content::Made;

/// A request whose body has been read.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    /// Decoded query parameters in order; names repeat.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    /// The first value of a query parameter.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.params(name).next()
    }

    /// All values of a repeated query parameter.
    pub(super) fn params<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The API key: second word of `Authorization` whatever the first is, else the `token` parameter.
    pub(super) fn token(&self) -> Option<&str> {
        self.header("authorization").and_then(|value| value.split(' ').nth(1)).or_else(|| self.param("token"))
    }

    /// Origin for URLs that the server derives from the Host header.
    pub(super) fn self_url(&self) -> String {
        format!("http://{}", self.header("host").unwrap_or("localhost:3000"))
    }
}

/// An answer.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    /// Boxed to keep `Result<_, Reply>` small.
    pub(super) headers: Box<HeaderMap>,
    pub(super) body: Bytes,
    /// A body that is made while it is sent, instead of `body`. Boxed like the headers.
    pub(super) made: Option<Box<Made>>,
}

impl Reply {
    /// No body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: Box::default(), body: Bytes::new(), made: None }
    }

    /// Bytes of a type.
    pub(super) fn bytes(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply.body = body.into();
        reply
    }

    /// JSON.
    pub(super) fn json(status: StatusCode, value: &Value) -> Self {
        Self::bytes(status, "application/json; charset=utf-8", value.to_string())
    }

    /// A 200 with JSON.
    pub(super) fn ok(value: &Value) -> Self {
        Self::json(StatusCode::OK, value)
    }

    /// `{"error": text}`.
    pub(super) fn error(status: StatusCode, text: &str) -> Self {
        Self::json(status, &json!({ "error": text }))
    }

    /// `{"error": text}` with 400.
    pub(super) fn bad_request(text: &str) -> Self {
        Self::error(StatusCode::BAD_REQUEST, text)
    }

    /// `{"error": text}` with 404.
    pub(super) fn not_found(text: &str) -> Self {
        Self::error(StatusCode::NOT_FOUND, text)
    }

    /// Sets a header. A value that no header can hold is left out.
    #[must_use]
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

/// A 400 as zod's `prettifyError` words it for one field.
pub(super) fn invalid(message: &str, field: &str) -> Reply {
    Reply::bad_request(&format!("✖ {message}\n  → at {field}"))
}
