//! Scripted faults: which requests go wrong, how often, and how.
//!
//! All faults that match a request are applied in the order they were pushed, so a delay and a status combine. The number of matching
//! requests is counted per fault, which makes "the third request fails" independent of other traffic.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", rename_all_fields = "snake_case")]
pub enum Action {
    /// Answer this instead of asking the handler.
    Status {
        /// HTTP status.
        status: u16,
        /// Headers to send, for example `retry-after`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Body; without one, `{"error":"Simulated fault"}`.
        #[serde(default)]
        body: Option<String>,
    },
    /// Wait before answering.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// Send the body at this pace.
    Throttle {
        /// Bytes per second.
        bytes_per_second: u64,
    },
    /// Announce the whole body, send this much of it, and cut the connection.
    CutAfter {
        /// Body bytes sent before the cut.
        bytes: u64,
    },
    /// Close the connection without any answer, and without doing anything.
    Drop,
    /// Do the work, then close the connection without any answer.
    LoseReply,
    /// Answer 200 with the whole file to a range request.
    IgnoreRange,
    /// Change every 64-digit hash in a JSON answer to another one.
    WrongHash,
    /// Flip bits in the body; its length stays.
    Corrupt {
        /// Offset of the damage in the body that is sent.
        offset: u64,
        /// Damaged bytes.
        bytes: u64,
    },
    /// A 200 with an HTML page, as a captive portal or a challenge page gives.
    Html,
    /// A 200 with no body.
    EmptyBody,
    /// The right answer, its second half missing, with a length that fits.
    Truncated,
    /// The JSON value `null`.
    NullBody,
    /// A JSON string of this size.
    LargeBody {
        /// Bytes.
        bytes: u64,
    },
    /// Set a response header, or remove it when there is no value.
    Header {
        /// Header name.
        name: String,
        /// New value.
        value: Option<String>,
    },
}

/// A fault: an [`Action`] and the requests it befalls. Without any restriction it befalls all, always.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Path prefix (`/api/v1/models`), or a pattern over the whole path when it contains `*`.
    #[serde(default)]
    pub path: Option<String>,
    /// Route name, see [`crate::Recorded::endpoint`]. Unlike a prefix it tells `by-hash` from `by-hash/ids`.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// HTTP method.
    #[serde(default)]
    pub method: Option<String>,
    /// Only the first so many matching requests.
    #[serde(default)]
    pub times: Option<u64>,
    /// Only this matching request, counted from 1.
    #[serde(default)]
    pub nth: Option<u64>,
    /// What happens.
    pub action: Action,
}

impl Fault {
    /// A fault on every request.
    pub fn new(action: Action) -> Self {
        Self { path: None, endpoint: None, method: None, times: None, nth: None, action }
    }

    /// A fixed status with a JSON error.
    pub fn status(status: u16) -> Self {
        Self::new(Action::Status { status, headers: BTreeMap::new(), body: None })
    }

    /// Waits before answering.
    pub fn delay(delay: std::time::Duration) -> Self {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        Self::new(Action::Delay { millis })
    }

    /// Cuts the connection after so many body bytes.
    pub fn cut_after(bytes: u64) -> Self {
        Self::new(Action::CutAfter { bytes })
    }

    /// Adds a header to an [`Action::Status`]; other actions have none.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Action::Status { headers, .. } = &mut self.action {
            headers.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    /// Sets the body of an [`Action::Status`]; other actions have none.
    #[must_use]
    pub fn body(mut self, text: &str) -> Self {
        if let Action::Status { body, .. } = &mut self.action {
            *body = Some(text.to_owned());
        }
        self
    }

    /// Restricts to a path prefix or `*` pattern.
    #[must_use]
    pub fn on(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// Restricts to a route name.
    #[must_use]
    pub fn on_endpoint(mut self, endpoint: &str) -> Self {
        self.endpoint = Some(endpoint.to_owned());
        self
    }

    /// Restricts to a method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Restricts to the next `times` matching requests.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Restricts to the `nth` matching request, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    fn matches(&self, method: &str, path: &str, endpoint: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.endpoint.as_deref().is_none_or(|wanted| wanted == endpoint)
            && self.path.as_deref().is_none_or(|wanted| path_matches(wanted, path))
    }

    fn befalls(&self, count: u64) -> bool {
        self.times.is_none_or(|times| count <= times) && self.nth.is_none_or(|nth| count == nth)
    }
}

fn path_matches(pattern: &str, path: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return path.starts_with(pattern);
    };
    let Some(mut path) = path.strip_prefix(start) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return path.ends_with(part);
        }
        match path.find(part) {
            Some(at) => path = &path[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// The script: faults and how many requests each has matched. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<Vec<(Fault, u64)>>>);

impl Faults {
    /// Adds a fault behind those already there.
    pub fn push(&self, fault: Fault) {
        self.lock().push((fault, 0));
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.lock().clear();
    }

    /// The faults, each with the number of requests it has matched.
    pub fn list(&self) -> Vec<(Fault, u64)> {
        self.lock().clone()
    }

    /// Counts a request and returns what befalls it.
    pub(crate) fn take(&self, method: &str, path: &str, endpoint: &str) -> Vec<Action> {
        self.lock()
            .iter_mut()
            .filter(|(fault, _)| fault.matches(method, path, endpoint))
            .filter_map(|(fault, count)| {
                *count += 1;
                fault.befalls(*count).then(|| fault.action.clone())
            })
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<(Fault, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_prefixes() {
        assert!(path_matches("/api/v1/models", "/api/v1/models/5"));
        assert!(path_matches("/api/*/models/*", "/api/v1/models/5"));
        assert!(path_matches("*.jpeg", "/key/uuid/original=true/1.jpeg"));
        assert!(!path_matches("/api/*/models", "/api/v1/models/5"));
        assert!(!path_matches("/api/v2", "/api/v1/models"));
    }

    #[test]
    fn the_third_request_only() {
        let faults = Faults::default();
        faults.push(Fault::status(503).on_endpoint("models").nth(3));
        let hits: Vec<bool> = (0..5).map(|_| !faults.take("GET", "/api/v1/models", "models").is_empty()).collect();
        assert_eq!(hits, [false, false, true, false, false]);
        assert!(faults.take("GET", "/api/v1/me", "me").is_empty());
    }
}
