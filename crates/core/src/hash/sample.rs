//! A look at two small parts of a file: what AutoV1 is made of, and what its header promises.
//!
//! AutoV1 has 32 bits and covers 64 KiB: it can name a candidate and never more (API contract, section 0.5).

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use sha2::Digest as _;

use super::{AutoV1, safetensors};
use crate::error::{Error, Result};
use crate::scan::Fingerprint;

/// Where AutoV1's 64 KiB begin.
pub(super) const START: u64 = 0x0010_0000;
/// How many bytes it covers.
pub(super) const LENGTH: u64 = 0x0001_0000;
/// The smallest file Civitai records an AutoV1 for (`HashTask`: "< 2 MiB: no AutoV1").
pub(super) const MIN_SIZE: u64 = 0x0020_0000;

/// What a sample tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Of the file as it is now.
    pub autov1: AutoV1,
    /// Whether the file is as long as its own header says; true where it has none.
    pub is_whole: bool,
    /// How much was read for it.
    pub bytes_read: u64,
}

/// Samples a file. `None` where AutoV1 is not defined, or where the file is no longer the one with this fingerprint.
pub fn of_file(path: &Path, print: &Fingerprint) -> Result<Option<Sample>> {
    let fail = |source: &std::io::Error| Error::io("read", path, source);
    if print.size < MIN_SIZE {
        return Ok(None);
    }
    let mut file = super::open_regular(path).map_err(|source| fail(&source))?;
    if Fingerprint::of_handle(&file, path).map_err(|source| fail(&source))? != *print {
        return Ok(None);
    }
    let header =
        safetensors::read_from(&mut file, print.size, safetensors::MAX_HEADER).map_err(|source| fail(&source))?;
    file.seek(SeekFrom::Start(START)).map_err(|source| fail(&source))?;
    let mut part = vec![0; usize::try_from(LENGTH).unwrap_or_default()];
    match file.read_exact(&mut part) {
        Ok(()) => {}
        // It has become shorter: another file by now.
        Err(source) if source.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(source) => return Err(fail(&source)),
    }
    if Fingerprint::of_handle(&file, path).map_err(|source| fail(&source))? != *print {
        return Ok(None);
    }
    let Some(autov1) = AutoV1::from_slice(&sha2::Sha256::digest(&part)[..AutoV1::BYTES]) else { return Ok(None) };
    let promised = header.as_ref().and_then(|(header, _)| header.expected_size);
    let header_bytes = header.as_ref().map_or(8, |(_, length)| 8 + length);
    Ok(Some(Sample {
        autov1,
        is_whole: promised.is_none_or(|promised| promised.0 == print.size),
        bytes_read: header_bytes + part.len() as u64,
    }))
}
