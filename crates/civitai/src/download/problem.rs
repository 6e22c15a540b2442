//! Turns what went wrong on the way into a [`TransferError`] with words for people.
//!
//! No text of `reqwest`'s is shown: it repeats addresses with their signatures.

use std::error::Error as StdError;

use modeldock_core::download::{TransferError, TransferErrorKind};
use url::Url;

use super::names::NotPublic;
use super::policy::{Stop, place};
use crate::failure::{broken, shown};

/// An answer that is not what a download consists of; `what` as in "answered with {what}".
pub(super) fn odd(url: &Url, what: &str) -> TransferError {
    TransferError::new(TransferErrorKind::Odd, format!("{} answered with {what}", shown(url)))
}

/// A request without a whole answer; `who` begins the sentence.
pub(super) fn unanswered(who: &str, url: &Url, error: &reqwest::Error) -> TransferError {
    if find::<NotPublic>(error).is_some() {
        return refused(&place(url), &NotPublic.to_string());
    }
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_parse) {
        return odd(url, "something that is not HTTP");
    }
    let (message, _) = broken(who, error);
    TransferError::new(TransferErrorKind::Offline, message)
}

/// A redirect that is not followed.
pub(super) fn stopped(url: &Url, stop: &Stop) -> TransferError {
    match stop {
        Stop::Nowhere => odd(url, "a redirect to nowhere"),
        Stop::Refused { place, problem } => refused(place, problem),
    }
}

fn refused(place: &str, problem: &str) -> TransferError {
    let message = format!("Modeldock does not fetch files from {place}: {problem}");
    TransferError::new(TransferErrorKind::Refused, message)
}

/// The storage at an address, as the beginning of a sentence.
pub(super) fn storage(url: &Url) -> String {
    format!("The storage at {}", place(url))
}

fn find<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(found) = cause.downcast_ref::<T>() {
            return Some(found);
        }
        source = cause.source();
    }
    None
}
