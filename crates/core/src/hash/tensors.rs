//! The part of a file that AutoV3 is of: everything behind a valid safetensors header.
//!
//! The header passes by in the same read as the rest. Whether it is one is decided as soon as it is complete, so that
//! of a header of up to 100 MB only that answer has to be kept.

use modeldock_sha256::Sha256;

use super::AutoV3;
use super::safetensors;
use super::state::{Input, Output};

/// How far a file is: first the length, then the header, then the tensors.
pub(super) enum Tensors {
    Length(Vec<u8>),
    Header {
        length: usize,
        json: Vec<u8>,
    },
    Data(Sha256),
    /// There is no valid header, or nobody asks.
    Undefined,
}

impl Tensors {
    pub(super) fn new(is_wanted: bool) -> Self {
        if is_wanted { Self::Length(Vec::with_capacity(8)) } else { Self::Undefined }
    }

    /// Takes the header's part of the next block of a file of `file_size` bytes and gives the stream that wants the
    /// rest, if there is one.
    pub(super) fn take_header<'b>(&mut self, mut block: &'b [u8], file_size: u64) -> Option<(&mut Sha256, &'b [u8])> {
        loop {
            match self {
                Self::Length(first) => {
                    let (taken, rest) = block.split_at(block.len().min(8 - first.len()));
                    first.extend_from_slice(taken);
                    block = rest;
                    let first = <[u8; 8]>::try_from(first.as_slice()).ok()?;
                    let length = safetensors::plausible_header_len(first, file_size)
                        .and_then(|length| usize::try_from(length).ok());
                    *self = match length {
                        Some(length) => Self::Header { length, json: Vec::new() },
                        None => Self::Undefined,
                    };
                }
                Self::Header { length, json } => {
                    let (taken, rest) = block.split_at(block.len().min(*length - json.len()));
                    json.extend_from_slice(taken);
                    block = rest;
                    if json.len() < *length {
                        return None;
                    }
                    *self = if safetensors::is_header(json) { Self::Data(Sha256::new()) } else { Self::Undefined };
                }
                Self::Data(_) | Self::Undefined => break,
            }
        }
        match self {
            Self::Data(sha256) => Some((sha256, block)),
            Self::Length(_) | Self::Header { .. } | Self::Undefined => None,
        }
    }

    /// Whether it is known if there are tensors.
    pub(super) fn is_decided(&self) -> bool {
        matches!(self, Self::Data(_) | Self::Undefined)
    }

    pub(super) fn is_stream(&self) -> bool {
        matches!(self, Self::Data(_))
    }

    pub(super) fn finish(self) -> Option<AutoV3> {
        match self {
            Self::Data(sha256) => AutoV3::from_slice(&sha256.finalize()[..AutoV3::BYTES]),
            Self::Length(_) | Self::Header { .. } | Self::Undefined => None,
        }
    }

    /// Appends the state; `None` inside the header, which is not kept.
    pub(super) fn save(&self, output: &mut Output) -> Option<()> {
        match self {
            Self::Length(_) | Self::Header { .. } => return None,
            Self::Data(sha256) => {
                output.byte(1);
                output.number(sha256.length());
                output.sha256(sha256);
            }
            Self::Undefined => output.byte(0),
        }
        Some(())
    }

    /// At `position` of the file.
    pub(super) fn restore(input: &mut Input<'_>, is_wanted: bool, position: u64) -> Option<Self> {
        match input.byte()? {
            0 => Some(Self::Undefined),
            1 if is_wanted => {
                let length = input.number()?;
                // The shortest header there is takes 10 bytes with its length.
                let fits = length.checked_add(10).is_some_and(|end| end <= position);
                input.sha256(length).filter(|_| fits).map(Self::Data)
            }
            _ => None,
        }
    }
}
