//! A SHA-256 that was interrupted, as values and as bytes.
//!
//! The bytes are the same on every machine and engine. They carry no checksum: whoever stores them protects the whole
//! record they are part of.

use crate::{BLOCK, begun, words_to_bytes};

/// The state of a stream between two updates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Midstate {
    state: [u32; 8],
    /// The first `length % 64` bytes count; the others are 0.
    tail: [u8; BLOCK],
    length: u64,
}

impl Midstate {
    /// Length of [`Self::to_bytes`].
    pub const BYTES: usize = 32 + 8 + BLOCK;

    pub(crate) fn new(state: [u32; 8], rest: &[u8], length: u64) -> Self {
        let mut tail = [0; BLOCK];
        tail[..rest.len()].copy_from_slice(rest);
        Self { state, tail, length }
    }

    pub(crate) fn parts(&self) -> ([u32; 8], [u8; BLOCK], u64) {
        (self.state, self.tail, self.length)
    }

    /// How many bytes the stream had taken.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The eight words big-endian, the length little-endian, and the block that was begun, filled up with zeros.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[..32].copy_from_slice(&words_to_bytes(&self.state));
        bytes[32..40].copy_from_slice(&self.length.to_le_bytes());
        bytes[40..].copy_from_slice(&self.tail);
        bytes
    }

    /// From [`Self::to_bytes`]; `None` if these bytes cannot have come from there.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let (words, rest) = bytes.split_first_chunk::<32>()?;
        let (length, tail) = rest.split_first_chunk::<8>()?;
        let length = u64::from_le_bytes(*length);
        let tail: [u8; BLOCK] = tail.try_into().ok()?;
        if tail[begun(length)..].iter().any(|byte| *byte != 0) {
            return None;
        }
        let mut state = [0; 8];
        for (word, bytes) in state.iter_mut().zip(words.as_chunks().0) {
            *word = u32::from_be_bytes(*bytes);
        }
        Some(Self { state, tail, length })
    }
}
