//! Which of the six kinds somebody wants, and the hashes they get.
//!
//! AutoV2 brings SHA-256 with it: it is its beginning, and leaving one out would save nothing.

use std::fmt;
use std::ops::BitOr;
use std::str::FromStr;

use serde::Serialize;

use super::{AutoV1, AutoV2, AutoV3, Blake3, Crc32, Hashes, Sha256};

/// A choice among the six kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kinds(u8);

/// Every kind by the name one types, in the order they are printed.
const NAMES: [(&str, Kinds); 6] = [
    ("sha256", Kinds::SHA256),
    ("blake3", Kinds::BLAKE3),
    ("crc32", Kinds::CRC32),
    ("autov1", Kinds::AUTOV1),
    ("autov2", Kinds::AUTOV2),
    ("autov3", Kinds::AUTOV3),
];

impl Kinds {
    /// SHA-256 of the whole file.
    pub const SHA256: Self = Self(1);
    /// BLAKE3 of the whole file.
    pub const BLAKE3: Self = Self(1 << 1);
    /// CRC-32 of the whole file.
    pub const CRC32: Self = Self(1 << 2);
    /// The old A1111 hash.
    pub const AUTOV1: Self = Self(1 << 3);
    /// The beginning of the SHA-256, and the SHA-256.
    pub const AUTOV2: Self = Self(1 << 4 | Self::SHA256.0);
    /// SHA-256 of what lies behind a safetensors header.
    pub const AUTOV3: Self = Self(1 << 5);
    /// All six.
    pub const ALL: Self = Self((1 << 6) - 1);

    /// Whether all of `kinds` are among these.
    pub const fn contains(self, kinds: Self) -> bool {
        self.0 & kinds.0 == kinds.0
    }

    /// As one byte, for storing.
    pub(super) const fn to_byte(self) -> u8 {
        self.0
    }

    /// From [`Self::to_byte`]; `None` if no choice has this byte.
    pub(super) fn from_byte(byte: u8) -> Option<Self> {
        let kinds = Self(byte);
        let is_choice = byte != 0 && Self::ALL.contains(kinds);
        // AutoV2's own bit never comes without SHA-256's.
        (is_choice && (byte & (1 << 4) == 0 || kinds.contains(Self::SHA256))).then_some(kinds)
    }
}

impl BitOr for Kinds {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = NAMES.iter().filter(|(_, kind)| self.contains(*kind)).map(|(name, _)| *name);
        f.write_str(&names.collect::<Vec<_>>().join(","))
    }
}

/// A text that names no hash kinds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of the hashes sha256, blake3, crc32, autov1, autov2 and autov3")]
pub struct ParseKindsError(String);

impl FromStr for Kinds {
    type Err = ParseKindsError;

    /// Names between commas, in any letter case.
    fn from_str(text: &str) -> Result<Self, ParseKindsError> {
        text.split(',').map(str::trim).try_fold(Self(0), |kinds, name| {
            let (_, kind) = NAMES
                .iter()
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .ok_or_else(|| ParseKindsError(name.chars().take(80).collect()))?;
            Ok(kinds | *kind)
        })
    }
}

/// The hashes of one file content, as far as they were asked for and are defined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Digests {
    /// What was asked for.
    #[serde(skip)]
    pub kinds: Kinds,
    /// Whole file.
    pub sha256: Option<Sha256>,
    /// Whole file.
    pub blake3: Option<Blake3>,
    /// Whole file.
    pub crc32: Option<Crc32>,
    /// Only for files of 2 MiB and more.
    pub autov1: Option<AutoV1>,
    /// A prefix of `sha256`.
    pub autov2: Option<AutoV2>,
    /// Only for files with a valid safetensors header.
    pub autov3: Option<AutoV3>,
}

impl Digests {
    /// Everything there is to know; `None` unless all six were asked for.
    pub fn complete(&self) -> Option<Hashes> {
        if self.kinds != Kinds::ALL {
            return None;
        }
        Some(Hashes {
            sha256: self.sha256?,
            blake3: self.blake3?,
            crc32: self.crc32?,
            autov1: self.autov1,
            autov2: self.autov2?,
            autov3: self.autov3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_in_any_case_and_order() {
        assert_eq!("BLAKE3, sha256".parse(), Ok(Kinds::SHA256 | Kinds::BLAKE3));
        assert_eq!("sha256,blake3,crc32,autov1,autov2,autov3".parse(), Ok(Kinds::ALL));
        assert_eq!(Kinds::ALL.to_string(), "sha256,blake3,crc32,autov1,autov2,autov3");
        assert_eq!("crc32".parse::<Kinds>().unwrap().to_string(), "crc32");
    }

    #[test]
    fn autov2_brings_sha256_with_it() {
        assert!("autov2".parse::<Kinds>().unwrap().contains(Kinds::SHA256));
        assert!(!Kinds::SHA256.contains(Kinds::AUTOV2));
    }

    #[test]
    fn what_is_no_kind_is_named() {
        for (text, name) in [("", ""), ("sha1", "sha1"), ("sha256,,crc32", ""), ("sha256;crc32", "sha256;crc32")] {
            assert_eq!(text.parse::<Kinds>(), Err(ParseKindsError(name.to_owned())));
        }
    }

    #[test]
    fn only_choices_have_bytes() {
        let choices = (0..=255).filter(|byte| Kinds::from_byte(*byte).is_some()).count();
        // Six bits, but AutoV2's only with SHA-256's: three quarters of 64, and nothing is no choice.
        assert_eq!(choices, 47);
        assert_eq!(Kinds::from_byte(Kinds::ALL.to_byte()), Some(Kinds::ALL));
    }
}
