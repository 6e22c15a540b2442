//! Numbers and bytes in a row, for what is kept of a digest under way.
//!
//! Reading takes nothing on trust: whatever is missing or too much is `None`, never a panic.

use modeldock_sha256::{Midstate, Sha256};

/// Written from front to back.
#[derive(Default)]
pub(super) struct Output(Vec<u8>);

impl Output {
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn sha256(&mut self, sha256: &Sha256) {
        self.bytes(&sha256.save().to_bytes());
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Read from front to back.
pub(super) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    pub(super) fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (slice, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(slice)
    }

    /// Everything that is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.0
    }

    /// A stream that had taken exactly `length` bytes.
    pub(super) fn sha256(&mut self, length: u64) -> Option<Sha256> {
        let midstate = Midstate::from_bytes(&self.array()?)?;
        (midstate.length() == length).then(|| Sha256::restore(&midstate))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
