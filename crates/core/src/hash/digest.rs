//! Every hash of a file from one read of it.
//!
//! Definitions (API contract, section 0.5): SHA-256, BLAKE3 and CRC-32 over the whole file; AutoV1 is the first 8
//! digits of the SHA-256 of the 64 KiB at offset 1 MiB, recorded by Civitai for files of 2 MiB and more only; AutoV2 is
//! the first 10 digits of the SHA-256; AutoV3 is the first 12 digits of the SHA-256 of everything behind a valid
//! safetensors header. AutoV3 has to be fed before the header is known to be valid, since the header is part of the
//! same read; the digest is dropped afterwards if the header turns out to be none.

use sha2::Digest as _;

use super::safetensors;
use super::{AutoV1, AutoV3, Blake3, Crc32, Hashes, Sha256};

/// Where AutoV1's 64 KiB begin.
const AUTOV1_START: u64 = 0x0010_0000;
/// Where they end.
const AUTOV1_END: u64 = AUTOV1_START + 0x0001_0000;
/// The smallest file Civitai records an AutoV1 for (`HashTask`: "< 2 MiB: no AutoV1").
const AUTOV1_MIN_SIZE: u64 = 0x0020_0000;

/// Takes a file's bytes in order and gives its hashes.
pub struct Digester {
    size: u64,
    position: u64,
    sha256: sha2::Sha256,
    blake3: blake3::Hasher,
    crc32: crc32fast::Hasher,
    autov1: Option<sha2::Sha256>,
    tensors: Tensors,
}

/// The state of AutoV3: first the length, then the header, then the tensors.
enum Tensors {
    Length(Vec<u8>),
    Header { length: usize, json: Vec<u8> },
    Data { json: Vec<u8>, sha256: sha2::Sha256 },
    Undefined,
}

impl Digester {
    /// For a file of `size` bytes.
    pub fn new(size: u64) -> Self {
        Self {
            size,
            position: 0,
            sha256: sha2::Sha256::new(),
            blake3: blake3::Hasher::new(),
            crc32: crc32fast::Hasher::new(),
            autov1: (size >= AUTOV1_MIN_SIZE).then(sha2::Sha256::new),
            tensors: Tensors::Length(Vec::with_capacity(8)),
        }
    }

    /// The next bytes of the file.
    pub fn update(&mut self, block: &[u8]) {
        self.sha256.update(block);
        self.blake3.update(block);
        self.crc32.update(block);
        if let Some(autov1) = &mut self.autov1 {
            autov1.update(overlap(block, self.position, AUTOV1_START, AUTOV1_END));
        }
        self.tensors.update(block, self.size);
        self.position += block.len() as u64;
    }

    /// How many bytes it was given.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The hashes of what it was given.
    pub fn finish(self) -> Hashes {
        let sha256 = Sha256::new(self.sha256.finalize().into());
        Hashes {
            sha256,
            blake3: Blake3::new(*self.blake3.finalize().as_bytes()),
            crc32: Crc32::new(self.crc32.finalize().to_be_bytes()),
            autov1: self.autov1.and_then(|digest| AutoV1::from_slice(&digest.finalize()[..AutoV1::BYTES])),
            autov2: sha256.autov2(),
            autov3: self.tensors.finish(),
        }
    }
}

/// The part of `block`, which begins at `position` of the file, that lies in `start..end` of the file.
fn overlap(block: &[u8], position: u64, start: u64, end: u64) -> &[u8] {
    let clamp = |at: u64| usize::try_from(at.saturating_sub(position)).unwrap_or(usize::MAX).min(block.len());
    &block[clamp(start)..clamp(end)]
}

impl Tensors {
    fn update(&mut self, mut block: &[u8], file_size: u64) {
        while !block.is_empty() {
            match self {
                Self::Length(first) => {
                    let (taken, rest) = block.split_at(block.len().min(8 - first.len()));
                    first.extend_from_slice(taken);
                    block = rest;
                    if let Ok(first) = <[u8; 8]>::try_from(first.as_slice()) {
                        let length = safetensors::plausible_header_len(first, file_size)
                            .and_then(|length| usize::try_from(length).ok());
                        *self = match length {
                            Some(length) => Self::Header { length, json: Vec::new() },
                            None => Self::Undefined,
                        };
                    }
                }
                Self::Header { length, json } => {
                    let (taken, rest) = block.split_at(block.len().min(*length - json.len()));
                    json.extend_from_slice(taken);
                    block = rest;
                    if json.len() == *length {
                        *self = Self::Data { json: std::mem::take(json), sha256: sha2::Sha256::new() };
                    }
                }
                Self::Data { sha256, .. } => {
                    sha256.update(block);
                    return;
                }
                Self::Undefined => return,
            }
        }
    }

    fn finish(self) -> Option<AutoV3> {
        match self {
            Self::Data { json, sha256 } if safetensors::is_header(&json) => {
                AutoV3::from_slice(&sha256.finalize()[..AutoV3::BYTES])
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definitions, read straight off the whole content.
    fn oracle(bytes: &[u8]) -> Hashes {
        let sha256 = Sha256::new(sha2::Sha256::digest(bytes).into());
        let autov3 = (|| {
            let length = usize::try_from(u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?)).ok()?;
            let json = bytes.get(8..length.checked_add(8)?)?;
            let object: serde_json::Value = serde_json::from_slice(json).ok()?;
            object.is_object().then(|| AutoV3::from_slice(&sha2::Sha256::digest(&bytes[8 + length..])[..6]))?
        })();
        Hashes {
            sha256,
            blake3: Blake3::new(*blake3::hash(bytes).as_bytes()),
            crc32: Crc32::new(crc32fast::hash(bytes).to_be_bytes()),
            autov1: (bytes.len() >= 2 << 20).then(|| {
                AutoV1::from_slice(&sha2::Sha256::digest(&bytes[1 << 20..(1 << 20) + (64 << 10)])[..4]).unwrap()
            }),
            autov2: sha256.autov2(),
            autov3,
        }
    }

    fn digest(bytes: &[u8], block: usize) -> Hashes {
        let mut digester = Digester::new(bytes.len() as u64);
        bytes.chunks(block).for_each(|block| digester.update(block));
        digester.finish()
    }

    fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
    }

    #[test]
    fn every_kind_agrees_with_its_definition_at_the_odd_sizes() {
        const MIB: usize = 1 << 20;
        for size in [0, 1, 7, 8, 9, MIB, MIB + 0xffff, MIB + 0x10000, MIB + 0x10001, 2 * MIB - 1, 2 * MIB, 3 * MIB + 5]
        {
            let bytes: Vec<u8> = (0..251_u8).cycle().step_by(31).take(size).collect();
            assert_eq!(digest(&bytes, 256 * 1024), oracle(&bytes), "{size} bytes");
        }
    }

    #[test]
    fn autov3_is_of_what_follows_the_header() {
        for header in
            ["{}", "  {\"__metadata__\":{}}", "{\"t\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}"]
        {
            let file = safetensors(header, b"data");
            assert_eq!(digest(&file, 3), oracle(&file));
            assert!(digest(&file, 3).autov3.is_some());
        }
    }

    #[test]
    fn autov3_is_undefined_without_a_valid_header() {
        let truncated = &safetensors("{\"__metadata__\":{}}", b"")[..12];
        for file in [b"".as_slice(), b"{}", truncated, &safetensors("[1]", b"data"), &safetensors("nonsense", b"data")]
        {
            assert_eq!(digest(file, 5).autov3, None);
        }
    }

    #[test]
    fn known_values_of_nothing() {
        let hashes = digest(b"", 1);
        assert_eq!(hashes.sha256.to_string(), "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855");
        assert_eq!(hashes.blake3.to_string(), "AF1349B9F5F9A1A6A0404DEA36DCC9499BCB25C9ADC112B7CC9A93CAE41F3262");
        assert_eq!(hashes.crc32.to_string(), "00000000");
    }

    proptest! {
        #[test]
        fn block_boundaries_do_not_matter(
            header in "\\PC{0,40}",
            data in proptest::collection::vec(any::<u8>(), 0..200),
            block in 1_usize..64,
        ) {
            let file = safetensors(&format!("{{\"__metadata__\":{{\"k\":{}}}}}", serde_json::json!(header)), &data);
            prop_assert_eq!(digest(&file, block), oracle(&file));
        }
    }
}
