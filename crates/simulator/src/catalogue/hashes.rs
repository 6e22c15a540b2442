//! The six hashes Civitai stores per file, computed here and nowhere else: this crate is the oracle the client is tested against.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// `AutoV1` reads 64 KiB at 1 MiB; below 2 MiB Civitai has no value worth keeping.
pub(super) const AUTO_V1_MINIMUM: usize = 2 << 20;

/// All hashes of one file, upper case, under the names of the wire format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hashes {
    /// 8 digits: start of the SHA-256 of the 64 KiB at offset 1 MiB. Absent below 2 MiB.
    #[serde(rename = "AutoV1", skip_serializing_if = "Option::is_none")]
    pub auto_v1: Option<String>,
    /// 10 digits: start of the SHA-256.
    #[serde(rename = "AutoV2")]
    pub auto_v2: String,
    /// 64 digits: the whole file.
    #[serde(rename = "SHA256")]
    pub sha256: String,
    /// 8 digits: the whole file.
    #[serde(rename = "CRC32")]
    pub crc32: String,
    /// 64 digits: the whole file.
    #[serde(rename = "BLAKE3")]
    pub blake3: String,
    /// 12 digits: start of the SHA-256 of what follows a safetensors header. Absent for other formats.
    #[serde(rename = "AutoV3", skip_serializing_if = "Option::is_none")]
    pub auto_v3: Option<String>,
}

impl Hashes {
    /// Hashes `bytes`. Whether they are safetensors is told from the bytes, not from a name.
    pub fn of(bytes: &[u8]) -> Self {
        let sha256 = hex(&Sha256::digest(bytes)).to_ascii_uppercase();
        Self {
            auto_v1: (bytes.len() >= AUTO_V1_MINIMUM).then(|| start(&bytes[0x10_0000..0x11_0000], 8)),
            auto_v2: sha256[..10].to_owned(),
            crc32: format!("{:08X}", crc32fast::hash(bytes)),
            blake3: hex(blake3::hash(bytes).as_bytes()).to_ascii_uppercase(),
            auto_v3: tensors(bytes).map(|tensors| start(tensors, 12)),
            sha256,
        }
    }

    /// Every hash, for the index.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        [
            self.auto_v1.as_deref(),
            Some(self.auto_v2.as_str()),
            self.auto_v3.as_deref(),
            Some(self.sha256.as_str()),
            Some(self.crc32.as_str()),
            Some(self.blake3.as_str()),
        ]
        .into_iter()
        .flatten()
    }
}

pub(super) fn start(bytes: &[u8], digits: usize) -> String {
    hex(&Sha256::digest(bytes))[..digits].to_ascii_uppercase()
}

/// What follows the header, when `bytes` are safetensors.
fn tensors(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let header = rest.get(..length)?;
    header.starts_with(b"{").then(|| &rest[length..])
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_hold() {
        let hashes = Hashes::of(b"123456789");
        assert_eq!(hashes.crc32, "CBF43926");
        assert_eq!(hashes.auto_v2, "15E2B0D3C3");
        assert!(hashes.blake3.starts_with("B7D65B48420D1033CB2595293263B6F72EABEE20D55E699D0DF1973B3C9DEED1"));
        assert_eq!((hashes.auto_v1, hashes.auto_v3), (None, None));
    }

    #[test]
    fn auto_v1_needs_two_mebibytes() {
        assert_eq!(Hashes::of(&vec![7; (2 << 20) - 1]).auto_v1, None);
        let expected = start(&vec![7; 0x1_0000], 8);
        assert_eq!(Hashes::of(&vec![7; 2 << 20]).auto_v1, Some(expected));
    }
}
