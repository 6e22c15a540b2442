//! What clients asked for, so that tests can assert how many requests an operation took.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// One request that reached the simulator. Requests dropped while offline are not recorded.
#[derive(Clone, Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one header or parameter came along")]
pub struct Recorded {
    /// Route name, for example `by-hash/ids`, `by-hash`, `by-hash/{hash}`, `model-versions/{id}`, `models/{id}`, `models`, `download`,
    /// `vault/get`, `vault/all`, `vault/check-vault`, `vault/toggle-version`, `download/vault`,
    /// `storage`, `images`, `me`, `link`; `other` when nothing lives there.
    pub endpoint: &'static str,
    /// HTTP method.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// Query, with the value of `token` blotted out.
    pub query: String,
    /// Whether an `Authorization` header came along.
    pub authorization: bool,
    /// Whether a `token` parameter came along.
    pub query_token: bool,
    /// Number of elements when the body was a JSON array: hashes of a batch.
    pub batch: Option<usize>,
    /// `Range` header.
    pub range: Option<String>,
    /// Whether a `Cookie` header came along.
    pub cookie: bool,
    /// Whether a `Referer` header came along.
    pub referer: bool,
    /// `If-Range` header.
    pub if_range: Option<String>,
    /// `Accept-Encoding` header.
    pub accept_encoding: Option<String>,
    /// `User-Agent` header.
    pub user_agent: Option<String>,
    /// Status answered; `None` while the answer is being made, or when the connection was dropped instead.
    pub status: Option<u16>,
    /// Body bytes handed to the connection so far. What a reader that goes away has not taken stays in buffers, and counts.
    pub sent: u64,
}

/// One request of the record, to be told how it went. A reset of the record does not disturb it.
#[derive(Clone, Debug)]
pub(crate) struct Entry(Arc<Mutex<Recorded>>);

impl Entry {
    /// Notes the status answered.
    pub(crate) fn answered(&self, status: u16) {
        self.lock().status = Some(status);
    }

    /// Notes that so many bytes more of the body went out.
    pub(crate) fn sent(&self, bytes: u64) {
        self.lock().sent += bytes;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Recorded> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The record, shared between server and handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(Arc<Mutex<Vec<Entry>>>);

impl Counts {
    /// Adds a request.
    pub(crate) fn record(&self, request: Recorded) -> Entry {
        let entry = Entry(Arc::new(Mutex::new(request)));
        self.lock().push(entry.clone());
        entry
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        self.lock().iter().map(|entry| entry.lock().clone()).collect()
    }

    pub(crate) fn count(&self, endpoint: &str) -> usize {
        self.lock().iter().filter(|entry| entry.lock().endpoint == endpoint).count()
    }

    pub(crate) fn reset(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
