//! Content too large for memory, made while it is sent: a true safetensors file whose one tensor is noise that repeats.
//!
//! The length of the repeating block is a prime number. A reader that puts a part at a wrong place is off by a round
//! number of bytes, never by a multiple of a prime, so the mistake shows in every hash.

use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::hashes::{AUTO_V1_MINIMUM, start};
use super::{Hashes, hex};
use crate::weights::Noise;

/// Bytes of the block, a prime just above 1 MiB.
const BLOCK: usize = 1_048_583;
/// Bytes of the safetensors header, its length field included.
const HEAD: usize = 128;
/// Bytes hashed or written at once at most.
const PIECE: u64 = 1 << 20;

/// Content of any size that takes 1 MiB of memory. Clones share it.
#[derive(Clone, Debug)]
pub struct Generated {
    seed: u64,
    size: u64,
    /// Empty for content too small for a header, which is all noise.
    head: Bytes,
    block: Bytes,
}

impl Generated {
    /// `size` bytes that depend on nothing but `seed` and `size`.
    pub fn new(seed: u64, size: u64) -> Self {
        let mut noise = Noise::new(seed);
        let mut block = Vec::with_capacity(BLOCK + 8);
        while block.len() < BLOCK {
            block.extend_from_slice(&noise.next_u64().to_le_bytes());
        }
        block.truncate(BLOCK);
        let head = size.checked_sub(HEAD as u64).map(head).unwrap_or_default();
        Self { seed, size, head, block: block.into() }
    }

    /// Its length in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Some bytes from `at` on, at most `most` and often fewer; none at the end.
    pub fn piece(&self, at: u64, most: u64) -> Bytes {
        let left = self.size.saturating_sub(at).min(most);
        let head = self.head.len() as u64;
        let (source, from) = if at < head { (&self.head, at) } else { (&self.block, (at - head) % BLOCK as u64) };
        let from = usize::try_from(from).expect("it is within one block");
        let count = usize::try_from(left).unwrap_or(usize::MAX).min(source.len() - from);
        source.slice(from..from + count)
    }

    /// All hashes, as true as those of content in memory. Reads everything the first time, which takes seconds for each GiB.
    pub fn hashes(&self) -> Hashes {
        static KNOWN: OnceLock<Mutex<HashMap<(u64, u64), Hashes>>> = OnceLock::new();
        let known = KNOWN.get_or_init(Mutex::default);
        let key = (self.seed, self.size);
        if let Some(hashes) = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return hashes.clone();
        }
        let hashes = self.measure();
        known.lock().unwrap_or_else(PoisonError::into_inner).insert(key, hashes.clone());
        hashes
    }

    /// Writes everything.
    pub fn write_to(&self, out: &mut impl io::Write) -> io::Result<()> {
        let mut at = 0;
        while at < self.size {
            let piece = self.piece(at, PIECE);
            out.write_all(&piece)?;
            at += piece.len() as u64;
        }
        Ok(())
    }

    fn measure(&self) -> Hashes {
        let each = |from: u64, feed: &mut dyn FnMut(&[u8])| {
            let mut at = from;
            while at < self.size {
                let piece = self.piece(at, PIECE);
                feed(&piece);
                at += piece.len() as u64;
            }
        };
        let tensors = self.head.len() as u64;
        let (sha256, (tensors_sha256, crc32, blake3)) = thread::scope(|scope| {
            let whole = scope.spawn(|| {
                let mut digest = Sha256::new();
                each(0, &mut |bytes| digest.update(bytes));
                hex(&digest.finalize()).to_ascii_uppercase()
            });
            let (mut digest, mut crc32, mut blake3) = (Sha256::new(), crc32fast::Hasher::new(), blake3::Hasher::new());
            each(0, &mut |bytes| {
                crc32.update(bytes);
                blake3.update(bytes);
            });
            each(tensors, &mut |bytes| digest.update(bytes));
            let rest = (hex(&digest.finalize()).to_ascii_uppercase(), crc32.finalize(), blake3.finalize());
            (whole.join().expect("hashing does not panic"), rest)
        });
        let auto_v1 = (self.size >= AUTO_V1_MINIMUM as u64).then(|| {
            let mut part = Vec::with_capacity(0x1_0000);
            while part.len() < 0x1_0000 {
                let done = part.len() as u64;
                part.extend_from_slice(&self.piece(0x10_0000 + done, 0x1_0000 - done));
            }
            start(&part, 8)
        });
        Hashes {
            auto_v1,
            auto_v2: sha256[..10].to_owned(),
            crc32: format!("{crc32:08X}"),
            blake3: hex(blake3.as_bytes()).to_ascii_uppercase(),
            auto_v3: (tensors > 0).then(|| tensors_sha256[..12].to_owned()),
            sha256,
        }
    }
}

/// The header of one tensor of so many bytes, padded to [`HEAD`] with spaces, as the format allows.
fn head(tensor: u64) -> Bytes {
    let json = format!(r#"{{"noise":{{"dtype":"U8","shape":[{tensor}],"data_offsets":[0,{tensor}]}}}}"#);
    let mut head = (HEAD as u64 - 8).to_le_bytes().to_vec();
    head.extend_from_slice(json.as_bytes());
    head.resize(HEAD, b' ');
    head.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(content: &Generated) -> Vec<u8> {
        let mut bytes = Vec::new();
        content.write_to(&mut bytes).expect("memory can be written to");
        bytes
    }

    #[test]
    fn made_content_hashes_like_content_in_memory() {
        for size in [0, 1, 127, 128, 129, BLOCK as u64, (2 << 20) - 1, 2 << 20, 3 * BLOCK as u64 + 17] {
            let content = Generated::new(7, size);
            let bytes = whole(&content);
            assert_eq!(bytes.len() as u64, size);
            assert_eq!(content.hashes(), Hashes::of(&bytes), "{size}");
        }
    }

    #[test]
    fn pieces_are_the_same_wherever_they_start() {
        let content = Generated::new(7, 3_000_000);
        let bytes = whole(&content);
        for at in [0, 1, 127, 128, 129, 1_048_576, 1_048_711, 2_999_999] {
            let piece = content.piece(at, 1000);
            assert!(!piece.is_empty());
            let from = usize::try_from(at).expect("small");
            assert_eq!(piece, bytes[from..from + piece.len()], "{at}");
        }
        assert!(content.piece(3_000_000, 1000).is_empty());
        assert_ne!(whole(&Generated::new(8, 3_000_000)), bytes);
    }
}
