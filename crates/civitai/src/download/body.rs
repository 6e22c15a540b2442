//! The bytes of an answer as they come, counted against what was announced, and given up on when they stop coming.
//!
//! There is no limit to the whole: a file of 20 GiB over a slow line takes a day, and that is fine as long as it moves.
//! Only time spent waiting for the server counts, so an engine that limits its own speed never looks like a stall.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use modeldock_core::download::{Body, TransferError, TransferErrorKind};
use reqwest::Response;
use url::Url;

use super::problem::{odd, storage, unanswered};

/// Fewer bytes than this in one window of patience count as none.
const TRICKLE: usize = 1024;

/// The body of one answer of storage.
pub(super) struct HttpBody {
    /// `None` once it has ended or failed.
    response: Option<Response>,
    url: Url,
    /// Announced bytes that are still to come.
    left: Option<u64>,
    stall: Duration,
    waited: Duration,
    since: usize,
}

impl HttpBody {
    pub(super) fn new(response: Response, url: Url, length: Option<u64>, stall: Duration) -> Self {
        Self { response: Some(response), url, left: length, stall, waited: Duration::ZERO, since: 0 }
    }

    /// The next bytes, or `None` at the end; `Err` without an end. Leaves the counting to the caller.
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransferError> {
        let Some(response) = &mut self.response else {
            return Err(broke_off(&self.url));
        };
        let asked = Instant::now();
        let next = tokio::time::timeout(self.stall.saturating_sub(self.waited), response.chunk()).await;
        let Ok(next) = next else {
            let message = format!("{} sent nothing for {} s", storage(&self.url), self.stall.as_secs());
            return Err(TransferError::new(TransferErrorKind::Offline, message));
        };
        let bytes = next.map_err(|error| unanswered(&storage(&self.url), &self.url, &error))?;
        self.waited += asked.elapsed();
        self.since += bytes.as_ref().map_or(0, Bytes::len);
        if self.since >= TRICKLE {
            (self.waited, self.since) = (Duration::ZERO, 0);
        }
        Ok(bytes)
    }

    /// Compares what came with what was announced.
    fn counted(&mut self, bytes: Option<&Bytes>) -> Result<(), TransferError> {
        match (bytes, self.left) {
            (Some(bytes), Some(left)) => {
                self.left = left.checked_sub(bytes.len() as u64);
                self.left.map(|_| ()).ok_or_else(|| odd(&self.url, "more bytes than it announced"))
            }
            (None, Some(left)) if left > 0 => Err(broke_off(&self.url)),
            (Some(_) | None, _) => Ok(()),
        }
    }
}

#[async_trait]
impl Body for HttpBody {
    async fn next(&mut self) -> Result<Option<Bytes>, TransferError> {
        if self.response.is_none() && self.left == Some(0) {
            return Ok(None);
        }
        let next = match self.chunk().await {
            Ok(bytes) => self.counted(bytes.as_ref()).map(|()| bytes),
            Err(error) => Err(error),
        };
        if !matches!(next, Ok(Some(_))) {
            // The connection is let go at once, and nothing more is read from it.
            self.response = None;
            self.left = matches!(next, Ok(None)).then_some(0);
        }
        next
    }
}

fn broke_off(url: &Url) -> TransferError {
    let message = format!("{} broke off its answer: the connection ended early", storage(url));
    TransferError::new(TransferErrorKind::Offline, message)
}
