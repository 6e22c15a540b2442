//! Where the bytes of a download come from, as a trait the engine owns; `modeldock-civitai` implements it over HTTP.
//!
//! Two steps, because they cost differently. [`Downloads::resolve`] asks Civitai, which counts every such question
//! against the user; it gives a signed address. [`Downloads::open`] reads from that address as often and in as many parts
//! as wanted, without the key. A signed address works for whoever has it, so it is never printed and never stored.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error};
use crate::units::{CivitaiFileId, VaultItemId, VersionId};

/// What is to be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Wanted {
    /// A file of a published version.
    File {
        /// The version.
        version: VersionId,
        /// Its file. Always named: without it, the user's preferences at Civitai would choose (API contract, 2.1).
        file: CivitaiFileId,
    },
    /// A part of something in the user's vault, which may have been deleted from the site since.
    Vault {
        /// The item.
        item: VaultItemId,
        /// Which part of it.
        part: VaultPart,
        /// Which of its files, where there are several.
        file: Option<CivitaiFileId>,
    },
}

/// A part of a vault item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultPart {
    /// The model file.
    Model,
    /// Its page, as a PDF.
    Details,
    /// Its pictures, as a zip archive.
    Images,
}

impl VaultPart {
    /// As Civitai and the database spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Details => "details",
            Self::Images => "images",
        }
    }
}

/// An address that whoever has it may read from, for a while.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedAddress(String);

impl SignedAddress {
    /// Only an implementation of [`Downloads`] makes one.
    pub fn new(url: String) -> Self {
        Self(url)
    }

    /// For the one who asks there; nobody else has use for it.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SignedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignedAddress([signed])")
    }
}

/// What tells one state of a stored object from another: a strong `ETag`, quotes included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Validator(String);

impl Validator {
    /// `None` for a weak one, which promises nothing about bytes, and for what is none.
    pub fn strong(header: &str) -> Option<Self> {
        let header = header.trim();
        let is_strong = header.len() >= 2 && header.len() <= 256 && header.starts_with('"') && header.ends_with('"');
        let inner_is_plain = || header[1..header.len() - 1].bytes().all(|byte| byte != b'"' && byte.is_ascii_graphic());
        (is_strong && inner_is_plain()).then(|| Self(header.to_owned()))
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A part of a file: `start..end` in bytes, `end` open where it is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// Behind the last one; `None`: to the end.
    pub end: Option<u64>,
}

/// An answer whose bytes are still to come.
pub struct Opened {
    /// Where in the file its bytes begin: 0 if the server sends everything whatever was asked for.
    pub start: u64,
    /// Whether the server sent just the part that was asked for.
    pub is_part: bool,
    /// The length of the whole file in bytes, if the server says it.
    pub total: Option<u64>,
    /// Which state of the file this is.
    pub validator: Option<Validator>,
    /// The bytes.
    pub body: Box<dyn Body>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("start", &self.start)
            .field("is_part", &self.is_part)
            .field("total", &self.total)
            .field("validator", &self.validator)
            .finish_non_exhaustive()
    }
}

/// Bytes as they come.
#[async_trait]
pub trait Body: Send {
    /// The next ones, or `None` at the end that the server announced. An early end is an error, as is a byte too many.
    async fn next(&mut self) -> Result<Option<Bytes>, TransferError>;
}

/// A service that files can be downloaded from.
#[async_trait]
pub trait Downloads: Send + Sync + 'static {
    /// Where the bytes are. One request that Civitai counts.
    async fn resolve(&self, wanted: &Wanted) -> Result<SignedAddress, TransferError>;

    /// Asks a signed address for a part. With a validator, a server whose file is another by now sends all of it, which
    /// shows as [`Opened::is_part`] being false.
    async fn open(
        &self,
        address: &SignedAddress,
        span: Span,
        unless_changed: Option<&Validator>,
    ) -> Result<Opened, TransferError>;
}

/// Why there are no (more) bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferErrorKind {
    /// Storage does not (any longer) accept the address: ask for another.
    Expired,
    /// There is no such file (any more).
    Gone,
    /// A key is needed, or another one.
    Unauthorised,
    /// This user may not have it, whatever the key: early access, no permission, downloads switched off.
    Forbidden,
    /// The part begins behind the end of the file, whose length the server may have said.
    PastEnd(Option<u64>),
    /// What comes is no file of that kind: a web page, a message, a part that was not asked for, a compressed stream.
    Odd,
    /// The connection could not be made, or it broke.
    Offline,
    /// 429, with how long the server asks to wait.
    RateLimited(Option<Duration>),
    /// 5xx and the like, with how long the server asks to wait.
    Server(Option<Duration>),
    /// Not asked at all: a redirect to a place where nothing may be fetched from.
    Refused,
}

/// A failed transfer, with what to tell people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransferError {
    /// For decisions.
    pub kind: TransferErrorKind,
    /// For people. Names the URL without its query.
    pub message: String,
}

impl TransferError {
    /// An error of this kind.
    pub fn new(kind: TransferErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Whether the same may succeed after a while with nothing changed here.
    pub fn is_temporary(&self) -> bool {
        match self.kind {
            TransferErrorKind::Expired
            | TransferErrorKind::Offline
            | TransferErrorKind::RateLimited(_)
            | TransferErrorKind::Server(_)
            | TransferErrorKind::Odd => true,
            TransferErrorKind::Gone
            | TransferErrorKind::Unauthorised
            | TransferErrorKind::Forbidden
            | TransferErrorKind::PastEnd(_)
            | TransferErrorKind::Refused => false,
        }
    }

    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            TransferErrorKind::RateLimited(wait) | TransferErrorKind::Server(wait) => wait,
            _ => None,
        }
    }
}

impl From<TransferError> for Error {
    fn from(error: TransferError) -> Self {
        let (code, hint) = match error.kind {
            TransferErrorKind::Gone => (Code::NotFound, Some("It may have been removed from Civitai")),
            TransferErrorKind::Unauthorised => {
                (Code::Unauthorised, Some("Sign in under Settings, Account, or with `modeldock account login`"))
            }
            TransferErrorKind::Forbidden => (Code::Forbidden, None),
            TransferErrorKind::Offline => (Code::Offline, Some("Check your connection, then try again")),
            TransferErrorKind::RateLimited(_) => {
                (Code::RateLimited, Some("Civitai limits how much one account downloads; try again in some hours"))
            }
            TransferErrorKind::Server(_) | TransferErrorKind::Odd => (Code::Server, Some("Try again later")),
            TransferErrorKind::Expired | TransferErrorKind::PastEnd(_) | TransferErrorKind::Refused => {
                (Code::Server, None)
            }
        };
        let converted = Self::new(code, error.message);
        match hint {
            Some(hint) => converted.hint(hint),
            None => converted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strong_validators_promise_the_same_bytes() {
        assert!(Validator::strong("\"abc-1\"").is_some());
        for weak in ["W/\"abc\"", "abc", "\"", "\"a\"b\"", "\"a b\"", ""] {
            assert!(Validator::strong(weak).is_none(), "{weak}");
        }
    }

    #[test]
    fn a_signed_address_is_never_printed() {
        let address = SignedAddress::new("https://storage.example/x?X-Amz-Signature=canary".to_owned());
        assert!(!format!("{address:?}").contains("canary"));
    }
}
