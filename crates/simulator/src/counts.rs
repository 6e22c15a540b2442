//! What clients asked for, so that tests can assert how many requests an operation took.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// One request that reached the simulator. Requests dropped while offline are not recorded.
#[derive(Clone, Debug, Serialize)]
pub struct Recorded {
    /// Route name, for example `by-hash/ids`, `by-hash`, `by-hash/{hash}`, `model-versions/{id}`, `models/{id}`, `models`, `download`,
    /// `vault/get`, `vault/all`, `vault/check-vault`, `vault/toggle-version`, `download/vault`,
    /// `storage`, `images`, `me`; `other` when nothing lives there.
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
    /// `User-Agent` header.
    pub user_agent: Option<String>,
    /// Status answered; `None` while the answer is being made, or when the connection was dropped instead.
    pub status: Option<u16>,
}

/// The record, shared between server and handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(Arc<Mutex<Vec<Recorded>>>);

impl Counts {
    /// Adds a request and returns its place, for [`Self::answered`].
    pub(crate) fn record(&self, request: Recorded) -> usize {
        let mut all = self.lock();
        all.push(request);
        all.len() - 1
    }

    /// Notes the status of an earlier request. A reset in between makes this a no-op.
    pub(crate) fn answered(&self, place: usize, status: u16) {
        if let Some(request) = self.lock().get_mut(place) {
            request.status = Some(status);
        }
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        self.lock().clone()
    }

    pub(crate) fn count(&self, endpoint: &str) -> usize {
        self.lock().iter().filter(|request| request.endpoint == endpoint).count()
    }

    pub(crate) fn reset(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Recorded>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
