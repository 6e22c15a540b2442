//! Every hash of a file from one read of it.
//!
//! Definitions (API contract, section 0.5): SHA-256, BLAKE3 and CRC-32 over the whole file; AutoV1 is the first 8
//! digits of the SHA-256 of the 64 KiB at offset 1 MiB, recorded by Civitai for files of 2 MiB and more only; AutoV2 is
//! the first 10 digits of the SHA-256; AutoV3 is the first 12 digits of the SHA-256 of everything behind a valid
//! safetensors header.
//!
//! Two SHA-256 streams run together in little more than the time of one (see [`modeldock_sha256`]). A safetensors file
//! has two by itself, the whole and its tensors; a file that has only one does best beside another ([`update_pair`]).

use std::cmp::Reverse;

use modeldock_sha256::{Engine, Sha256 as Stream, update_two};

use super::state::{Input, Output};
use super::tensors::Tensors;
use super::tree::{SUBTREE, Tree};
use super::{AutoV1, Blake3, Crc32, Digests, Kinds, Sha256};

#[cfg(test)]
mod tests;

/// Where AutoV1's 64 KiB begin.
const AUTOV1_START: u64 = 0x0010_0000;
/// Where they end.
const AUTOV1_END: u64 = AUTOV1_START + 0x0001_0000;
/// The smallest file Civitai records an AutoV1 for (`HashTask`: "< 2 MiB: no AutoV1").
const AUTOV1_MIN_SIZE: u64 = 0x0020_0000;

/// Changes whenever the bytes of [`Digester::save`] change their meaning.
const STATE_VERSION: u8 = 1;

/// Of three streams, two advance by this many bytes before the next two do.
const STEP: usize = 16 * 1024;

/// Takes a file's bytes in order and gives its hashes.
pub struct Digester {
    kinds: Kinds,
    size: u64,
    position: u64,
    sha256: Option<Stream>,
    blake3: Option<Tree>,
    crc32: Option<crc32fast::Hasher>,
    autov1: Option<Stream>,
    tensors: Tensors,
}

/// A stream and the bytes it wants.
type Lane<'a> = (&'a mut Stream, &'a [u8]);

impl Digester {
    /// These kinds, for a file of `size` bytes.
    pub fn new(kinds: Kinds, size: u64) -> Self {
        Self {
            kinds,
            size,
            position: 0,
            sha256: kinds.contains(Kinds::SHA256).then(Stream::new),
            blake3: kinds.contains(Kinds::BLAKE3).then(Tree::new),
            crc32: kinds.contains(Kinds::CRC32).then(crc32fast::Hasher::new),
            autov1: has_autov1(kinds, size).then(Stream::new),
            tensors: Tensors::new(kinds.contains(Kinds::AUTOV3)),
        }
    }

    /// The next bytes of the file.
    pub fn update(&mut self, block: &[u8]) {
        run_together(self.lanes(block).into_iter().flatten().collect());
        self.update_others(block);
    }

    fn lanes<'a>(&'a mut self, block: &'a [u8]) -> [Option<Lane<'a>>; 2] {
        [self.sha256.as_mut().map(|stream| (stream, block)), self.tensors.take_header(block, self.size)]
    }

    /// Everything but the streams that have lanes.
    fn update_others(&mut self, block: &[u8]) {
        if let Some(blake3) = &mut self.blake3 {
            blake3.update(block);
        }
        if let Some(crc32) = &mut self.crc32 {
            crc32.update(block);
        }
        if let Some(autov1) = &mut self.autov1 {
            autov1.update(overlap(block, self.position, AUTOV1_START, AUTOV1_END));
        }
        self.position += block.len() as u64;
    }

    /// How many bytes it was given.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether it has a single stream, which another file's could run beside for little more.
    pub fn has_single_stream(&self) -> bool {
        let streams = usize::from(self.sha256.is_some()) + usize::from(self.tensors.is_stream());
        streams == 1 && self.tensors.is_decided() && Engine::detected().gains_from_two()
    }

    /// The hashes of what it was given.
    pub fn finish(self) -> Digests {
        let sha256 = self.sha256.map(|stream| Sha256::new(stream.finalize()));
        Digests {
            kinds: self.kinds,
            sha256,
            blake3: self.blake3.and_then(Tree::finish).map(|hash| Blake3::new(*hash.as_bytes())),
            crc32: self.crc32.map(|crc32| Crc32::new(crc32.finalize().to_be_bytes())),
            autov1: self.autov1.and_then(|stream| AutoV1::from_slice(&stream.finalize()[..AutoV1::BYTES])),
            autov2: sha256.filter(|_| self.kinds.contains(Kinds::AUTOV2)).map(|sha256| sha256.autov2()),
            autov3: self.tensors.finish(),
        }
    }

    /// Everything needed to go on from here later, or `None` where that cannot be kept: inside a header, between two
    /// whole MiB while BLAKE3 is wanted, and at the end.
    pub fn save(&self) -> Option<Vec<u8>> {
        let is_between = self.blake3.is_some() && !self.position.is_multiple_of(SUBTREE);
        if is_between || self.position >= self.size {
            return None;
        }
        let mut output = Output::default();
        output.byte(STATE_VERSION);
        output.byte(self.kinds.to_byte());
        output.number(self.size);
        output.number(self.position);
        self.tensors.save(&mut output)?;
        if let Some(sha256) = &self.sha256 {
            output.sha256(sha256);
        }
        if let Some(blake3) = &self.blake3 {
            blake3.save(&mut output);
        }
        if let Some(crc32) = &self.crc32 {
            output.bytes(&crc32.clone().finalize().to_le_bytes());
        }
        if let Some(autov1) = &self.autov1 {
            output.sha256(autov1);
        }
        Some(output.into_bytes())
    }

    /// Goes on where [`Self::save`] was. `None` if these bytes cannot have come from there, or from another version.
    pub fn restore(bytes: &[u8]) -> Option<Self> {
        let mut input = Input::new(bytes);
        if input.byte()? != STATE_VERSION {
            return None;
        }
        let kinds = Kinds::from_byte(input.byte()?)?;
        let (size, position) = (input.number()?, input.number()?);
        if position >= size {
            return None;
        }
        let tensors = Tensors::restore(&mut input, kinds.contains(Kinds::AUTOV3), position)?;
        let mut digester = Self { position, tensors, ..Self::new(kinds, size) };
        if let Some(sha256) = &mut digester.sha256 {
            *sha256 = input.sha256(position)?;
        }
        if let Some(blake3) = &mut digester.blake3 {
            *blake3 = Tree::restore(&mut input).filter(|tree| tree.length() == position)?;
        }
        if let Some(crc32) = &mut digester.crc32 {
            *crc32 = crc32fast::Hasher::new_with_initial_len(u32::from_le_bytes(input.array()?), position);
        }
        if let Some(autov1) = &mut digester.autov1 {
            *autov1 = input.sha256(position.clamp(AUTOV1_START, AUTOV1_END) - AUTOV1_START)?;
        }
        input.is_empty().then_some(digester)
    }

    /// The size of the file it is for.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What it was asked for.
    pub fn kinds(&self) -> Kinds {
        self.kinds
    }
}

/// The next bytes of two files, whose streams run together.
pub fn update_pair(a: &mut Digester, block_a: &[u8], b: &mut Digester, block_b: &[u8]) {
    run_together(a.lanes(block_a).into_iter().chain(b.lanes(block_b)).flatten().collect());
    a.update_others(block_a);
    b.update_others(block_b);
}

/// Gives every stream its bytes, two streams at a time for as long as there are two.
fn run_together(mut lanes: Vec<Lane<'_>>) {
    loop {
        lanes.retain(|(_, data)| !data.is_empty());
        lanes.sort_by_key(|(_, data)| Reverse(data.len()));
        match lanes.as_mut_slice() {
            [] => return,
            [(stream, data)] => {
                stream.update(data);
                return;
            }
            [(a, data_a), (b, data_b), others @ ..] => {
                // Running two to their end would leave the third alone; taking turns leaves none.
                let step = if others.len() == 1 { data_b.len().min(STEP) } else { data_b.len() };
                let (next_a, rest_a) = data_a.split_at(step);
                let (next_b, rest_b) = data_b.split_at(step);
                update_two(a, next_a, b, next_b);
                (*data_a, *data_b) = (rest_a, rest_b);
            }
        }
    }
}

fn has_autov1(kinds: Kinds, size: u64) -> bool {
    kinds.contains(Kinds::AUTOV1) && size >= AUTOV1_MIN_SIZE
}

/// The part of `block`, which begins at `position` of the file, that lies in `start..end` of the file.
fn overlap(block: &[u8], position: u64, start: u64, end: u64) -> &[u8] {
    let clamp = |at: u64| usize::try_from(at.saturating_sub(position)).unwrap_or(usize::MAX).min(block.len());
    &block[clamp(start)..clamp(end)]
}
