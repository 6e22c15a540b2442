//! The six hash kinds Civitai records, as types: a SHA-256 cannot be passed where a BLAKE3 is wanted.
//!
//! All of them parse any letter case and print upper case, the way Civitai prints them. The definitions stand with
//! [`super::digest`], which computes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is not a hash of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {kind}: {digits} hexadecimal digits are needed")]
pub struct ParseHashError {
    text: String,
    kind: &'static str,
    digits: usize,
}

fn decode_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != N * 2 {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let high = (pair[0] as char).to_digit(16)?;
        let low = (pair[1] as char).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(bytes)
}

macro_rules! hash_kind {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The number of bytes; twice as many hexadecimal digits.
            pub const BYTES: usize = $bytes;

            /// Takes the bytes as they are.
            pub const fn new(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The bytes, most significant first.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }

            /// `None` unless `bytes` has exactly the right length.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = ParseHashError;

            fn from_str(text: &str) -> Result<Self, ParseHashError> {
                decode_hex(text).map(Self).ok_or_else(|| ParseHashError {
                    text: text.chars().take(80).collect(),
                    kind: stringify!($name),
                    digits: $bytes * 2,
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl ts_rs::TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;
            fn name(_: &ts_rs::Config) -> String {
                "string".to_owned()
            }
            fn inline(_: &ts_rs::Config) -> String {
                "string".to_owned()
            }
        }
    };
}

hash_kind!(
    /// SHA-256 of the whole file: the identity of a model file at Civitai.
    Sha256, 32
);
hash_kind!(
    /// BLAKE3 (256 bit) of the whole file.
    Blake3, 32
);
hash_kind!(
    /// CRC-32 (IEEE) of the whole file. Too short to identify anything on its own.
    Crc32, 4
);
hash_kind!(
    /// The old A1111 hash: the first 8 digits of the SHA-256 of the 64 KiB at offset 1 MiB.
    AutoV1, 4
);
hash_kind!(
    /// The first 10 digits of the file's SHA-256.
    AutoV2, 5
);
hash_kind!(
    /// The first 12 digits of the SHA-256 of everything behind a safetensors header (kohya's and A1111's LoRA hash).
    AutoV3, 6
);

impl Sha256 {
    /// The file's AutoV2, which is a prefix of its SHA-256.
    pub fn autov2(&self) -> AutoV2 {
        let mut prefix = [0; AutoV2::BYTES];
        prefix.copy_from_slice(&self.0[..AutoV2::BYTES]);
        AutoV2(prefix)
    }
}

impl AutoV3 {
    /// What repackers write when they hash nothing: the SHA-256 of the empty input. It identifies no file.
    pub const OF_NOTHING: Self = Self([0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc]);
}

/// A hash of any kind that Civitai can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AnyHash {
    /// See [`Sha256`].
    Sha256(Sha256),
    /// See [`Blake3`].
    Blake3(Blake3),
    /// See [`AutoV1`].
    AutoV1(AutoV1),
    /// See [`AutoV2`].
    AutoV2(AutoV2),
    /// See [`AutoV3`].
    AutoV3(AutoV3),
}

impl fmt::Display for AnyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(hash) => hash.fmt(f),
            Self::Blake3(hash) => hash.fmt(f),
            Self::AutoV1(hash) => hash.fmt(f),
            Self::AutoV2(hash) => hash.fmt(f),
            Self::AutoV3(hash) => hash.fmt(f),
        }
    }
}

/// Every hash of one file content. `None` where the kind is not defined for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Hashes {
    /// Whole file.
    pub sha256: Sha256,
    /// Whole file.
    pub blake3: Blake3,
    /// Whole file.
    pub crc32: Crc32,
    /// Only for files of 2 MiB and more: Civitai records none below that.
    pub autov1: Option<AutoV1>,
    /// A prefix of `sha256`.
    pub autov2: AutoV2,
    /// Only for files with a valid safetensors header.
    pub autov3: Option<AutoV3>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_parse_any_case_and_print_upper_case() {
        let hash: AutoV2 = "a5f58eb1c3".parse().unwrap();
        assert_eq!(hash.to_string(), "A5F58EB1C3");
        assert_eq!("A5f58eB1C3".parse(), Ok(hash));
    }

    #[test]
    fn wrong_lengths_and_digits_are_refused() {
        assert!("a5f58eb1c".parse::<AutoV2>().is_err());
        assert!("a5f58eb1cg".parse::<AutoV2>().is_err());
        assert!("é5f58eb1c".parse::<AutoV2>().is_err());
        assert!("+5f58eb1c3".parse::<AutoV2>().is_err());
    }

    #[test]
    fn autov2_is_the_prefix_of_the_sha256() {
        let sha256 = Sha256::new([0xab; 32]);
        assert!(sha256.to_string().starts_with(&sha256.autov2().to_string()));
    }
}
