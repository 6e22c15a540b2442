//! What a file is by its first bytes, whatever its name says; and for safetensors, how long it should be.
//!
//! Kept with the content when it was read, while its first bytes are still in memory: a list of twenty thousand files
//! cannot open them all.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::{open_regular, safetensors};

/// Longest header that is read for a file's promised length, in bytes. Real ones end below a tenth of it.
const MOST_HEADER: u64 = 16 * 1024 * 1024;

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A header that can be read, then tensors.
    Safetensors,
    /// llama.cpp's.
    Gguf,
    /// A zip archive: what PyTorch saves pickles in.
    Zip,
    /// A bare pickle.
    Pickle,
    /// Nothing that is known by its beginning.
    Other,
}

impl Form {
    /// As it is kept.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::Gguf => "gguf",
            Self::Zip => "zip",
            Self::Pickle => "pickle",
            Self::Other => "other",
        }
    }
}

/// A file's form, and its promised length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) form: Form,
    /// What the header of a safetensors file says that the whole file's length is, in bytes.
    pub(crate) promised: Option<u64>,
}

impl Shape {
    /// Looks at a file's beginning. `None` if it cannot be read: nothing is said of it then.
    pub(crate) fn of_path(path: &Path) -> Option<Self> {
        let mut file = open_regular(path).ok()?;
        let size = file.metadata().ok()?.len();
        let mut first = Vec::new();
        file.by_ref().take(16).read_to_end(&mut first).ok()?;
        let known = match first.as_slice() {
            [b'G', b'G', b'U', b'F', ..] => Some(Form::Gguf),
            [b'P', b'K', 3, 4, ..] => Some(Form::Zip),
            // The first opcode of every protocol since 2.
            [0x80, 2..=5, ..] => Some(Form::Pickle),
            _ => None,
        };
        if let Some(form) = known {
            return Some(Self { form, promised: None });
        }
        file.seek(SeekFrom::Start(0)).ok()?;
        let header = safetensors::read_from(&mut file, size, MOST_HEADER).ok()?;
        Some(match header {
            Some((header, _)) => {
                Self { form: Form::Safetensors, promised: header.expected_size.map(|promised| promised.0) }
            }
            // A header too long to be read says nothing against the file.
            None if has_long_header(&first, size) => Self { form: Form::Safetensors, promised: None },
            None => Self { form: Form::Other, promised: None },
        })
    }
}

fn has_long_header(first: &[u8], size: u64) -> bool {
    let length = first.first_chunk::<8>().and_then(|first| safetensors::plausible_header_len(*first, size));
    length.is_some_and(|length| length > MOST_HEADER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_and_a_short_file_is_known_by_its_promise() {
        let dir = tempfile::tempdir().unwrap();
        let of = |bytes: &[u8]| {
            let path = dir.path().join("a.safetensors");
            std::fs::write(&path, bytes).unwrap();
            Shape::of_path(&path).unwrap()
        };
        let json = br#"{"t":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#;
        let whole = [(json.len() as u64).to_le_bytes().as_slice(), json, &[7; 8]].concat();
        let shape = Shape { form: Form::Safetensors, promised: Some(whole.len() as u64) };
        assert_eq!(of(&whole), shape);
        assert_eq!(of(&whole[..whole.len() - 3]), shape, "cut in the tensors");
        assert_eq!(of(&whole[..30]).form, Form::Other, "cut in the header");
        for (bytes, form) in [
            (b"PK\x03\x04....".as_slice(), Form::Zip),
            (b"\x80\x02}q\x00.", Form::Pickle),
            (b"GGUF\x03\0\0\0", Form::Gguf),
            (b"<!doctype html>", Form::Other),
            (b"", Form::Other),
        ] {
            assert_eq!(of(bytes), Shape { form, promised: None }, "{}", bytes.escape_ascii());
        }
        assert_eq!(Shape::of_path(&dir.path().join("none")), None);
        assert_eq!(Shape::of_path(dir.path()), None);
    }
}
