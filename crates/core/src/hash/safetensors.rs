//! The header of a safetensors file: where the tensors begin, and what the file says about itself.
//!
//! Format: 8 bytes little-endian length N, N bytes of JSON, tensors. N is at most 100,000,000
//! (<https://github.com/huggingface/safetensors>, "Format"). Leading spaces inside the JSON are valid JSON and occur.
//! The header of a stranger's file is hostile: nothing is allocated before the file is known to be long enough.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::error::{Error, Result};
use crate::library::HeaderInfo;
use crate::units::ByteCount;

/// The longest header the format allows, in bytes.
pub const MAX_HEADER: u64 = 100_000_000;

/// Longest metadata value kept for showing, in bytes.
const MAX_SHOWN_VALUE: usize = 64 * 1024;

/// Most metadata kept for showing, in bytes.
const MAX_SHOWN_TOTAL: usize = 1024 * 1024;

/// The header's length if the first 8 bytes can be a safetensors length for a file of this size.
pub fn plausible_header_len(first: [u8; 8], file_size: u64) -> Option<u64> {
    let length = u64::from_le_bytes(first);
    let fits = (2..=MAX_HEADER).contains(&length) && length.checked_add(8).is_some_and(|end| end <= file_size);
    fits.then_some(length)
}

/// Whether these bytes are a header: one JSON object.
pub fn is_header(json: &[u8]) -> bool {
    read(json).is_some()
}

/// What the header says, for showing. `None` if it is not one.
pub fn read(json: &[u8]) -> Option<HeaderInfo> {
    let header: Header = serde_json::from_slice(json).ok()?;
    let data_start = 8 + json.len() as u64;
    Some(HeaderInfo {
        tensors: header.tensors,
        expected_size: header.data_end.and_then(|end| data_start.checked_add(end)).map(ByteCount),
        metadata: header.metadata,
    })
}

/// Reads a file's header for showing. `Ok(None)` if it has none.
pub fn read_file(path: &Path) -> Result<Option<HeaderInfo>> {
    read_file_within(path, MAX_HEADER)
}

/// The same, but a header longer than `most` bytes is as good as none.
pub(crate) fn read_file_within(path: &Path, most: u64) -> Result<Option<HeaderInfo>> {
    let fail = |source: &std::io::Error| Error::io("read", path, source);
    let mut file = super::open_regular(path).map_err(|source| fail(&source))?;
    let size = file.metadata().map_err(|source| fail(&source))?.len();
    let header = read_from(&mut file, size, most).map_err(|source| fail(&source))?;
    Ok(header.map(|(header, _)| header))
}

/// Reads the header at the beginning of an open file of `size` bytes, with its length in bytes, which is at most `most`.
pub(super) fn read_from(file: &mut File, size: u64, most: u64) -> std::io::Result<Option<(HeaderInfo, u64)>> {
    let mut first = [0; 8];
    if size < 10 || file.read_exact(&mut first).is_err() {
        return Ok(None);
    }
    let Some(length) = plausible_header_len(first, size).filter(|length| *length <= most) else { return Ok(None) };
    let mut json = Vec::new();
    file.take(length).read_to_end(&mut json)?;
    Ok(if json.len() as u64 == length { read(&json).map(|header| (header, length)) } else { None })
}

/// A header reduced to what is shown, built while parsing so that a 100 MB header costs no tree.
struct Header {
    tensors: u32,
    data_end: Option<u64>,
    metadata: Vec<(String, String)>,
}

impl<'de> serde::Deserialize<'de> for Header {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct HeaderVisitor;

        impl<'de> Visitor<'de> for HeaderVisitor {
            type Value = Header;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a safetensors header")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Header, A::Error> {
                let mut header = Header { tensors: 0, data_end: None, metadata: Vec::new() };
                while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
                    if key == "__metadata__" {
                        header.metadata = map.next_value::<Metadata>()?.0;
                        continue;
                    }
                    let tensor: Tensor = map.next_value()?;
                    header.tensors = header.tensors.saturating_add(1);
                    header.data_end = header.data_end.max(tensor.data_offsets.map(|(_, end)| end));
                }
                Ok(header)
            }
        }

        deserializer.deserialize_map(HeaderVisitor)
    }
}

/// Where one tensor lies. Anything else about it, and anything else in its place, is ignored.
struct Tensor {
    data_offsets: Option<(u64, u64)>,
}

impl<'de> serde::Deserialize<'de> for Tensor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Either {
            Tensor { data_offsets: (u64, u64) },
            Other(IgnoredAny),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Tensor { data_offsets } => Self { data_offsets: Some(data_offsets) },
            Either::Other(IgnoredAny) => Self { data_offsets: None },
        })
    }
}

/// `__metadata__` as text, cut to what a person can look at.
struct Metadata(Vec<(String, String)>);

impl<'de> serde::Deserialize<'de> for Metadata {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let value: serde_json::Value = serde::Deserialize::deserialize(deserializer)?;
        let serde_json::Value::Object(entries) = value else { return Ok(Self(Vec::new())) };
        let mut shown = Vec::new();
        let mut total = 0;
        for (key, value) in entries {
            let text = match value {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            let (key, text) = (cut(key, 256), cut(text, MAX_SHOWN_VALUE));
            total += key.len() + text.len();
            if total > MAX_SHOWN_TOTAL {
                break;
            }
            shown.push((key, text));
        }
        shown.sort();
        Ok(Self(shown))
    }
}

fn cut(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_may_start_with_a_space() {
        let json = br#"  {"__metadata__":{"b":"2","a":"1"},"t":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}}"#;
        let header = read(json).unwrap();
        assert_eq!(header.tensors, 1);
        assert_eq!(header.expected_size, Some(ByteCount(8 + json.len() as u64 + 2)));
        assert_eq!(header.metadata, [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
    }

    #[test]
    fn a_zip_is_not_a_header() {
        assert_eq!(plausible_header_len(*b"PK\x03\x04\x14\0\0\0", 1 << 40), None);
        assert!(!is_header(b"PK"));
        assert!(!is_header(b"[1,2]"));
        assert!(!is_header(b"{\"a\":"));
    }

    #[test]
    fn hostile_lengths_are_refused_before_anything_is_allocated() {
        for length in [0, 1, u64::MAX, 1 << 63, MAX_HEADER + 1] {
            assert_eq!(plausible_header_len(length.to_le_bytes(), u64::MAX), None, "{length}");
        }
        assert_eq!(plausible_header_len(100_u64.to_le_bytes(), 107), None);
        assert_eq!(plausible_header_len(100_u64.to_le_bytes(), 108), Some(100));
    }

    #[test]
    fn deep_nesting_is_not_a_header_and_does_not_overflow_the_stack() {
        let deep = [b"{\"a\":".repeat(200_000), b"1".to_vec(), b"}".repeat(200_000)].concat();
        assert!(!is_header(&deep));
    }

    #[test]
    fn long_values_are_cut_at_a_character() {
        let json = format!("{{\"__metadata__\":{{\"k\":\"{}\"}}}}", "é".repeat(MAX_SHOWN_VALUE));
        let header = read(json.as_bytes()).unwrap();
        assert!(header.metadata[0].1.len() <= MAX_SHOWN_VALUE + '…'.len_utf8());
    }
}
