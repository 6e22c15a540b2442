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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::*;
    use crate::hash::{AutoV3, Hashes};

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
        let mut digester = Digester::new(Kinds::ALL, bytes.len() as u64);
        bytes.chunks(block).for_each(|block| digester.update(block));
        digester.finish().complete().unwrap()
    }

    /// What is left of all hashes if only some kinds are wanted.
    fn only(kinds: Kinds, hashes: &Hashes) -> Digests {
        let wants = |kind| kinds.contains(kind);
        Digests {
            kinds,
            sha256: wants(Kinds::SHA256).then_some(hashes.sha256),
            blake3: wants(Kinds::BLAKE3).then_some(hashes.blake3),
            crc32: wants(Kinds::CRC32).then_some(hashes.crc32),
            autov1: hashes.autov1.filter(|_| wants(Kinds::AUTOV1)),
            autov2: wants(Kinds::AUTOV2).then_some(hashes.autov2),
            autov3: hashes.autov3.filter(|_| wants(Kinds::AUTOV3)),
        }
    }

    fn any_kinds() -> impl Strategy<Value = Kinds> {
        any::<u8>().prop_filter_map("no choice", Kinds::from_byte)
    }

    fn noise(length: usize) -> Vec<u8> {
        (0..251_u8).cycle().step_by(31).take(length).collect()
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

    /// Each case reads megabytes; `MODELDOCK_TEST_ROUNDS=long` asks for twenty times as many.
    fn cases() -> ProptestConfig {
        let is_long = std::env::var_os("MODELDOCK_TEST_ROUNDS").is_some_and(|rounds| rounds == "long");
        ProptestConfig::with_cases(if is_long { 1280 } else { 64 })
    }

    proptest! {
        #![proptest_config(cases())]

        #[test]
        fn block_boundaries_do_not_matter(
            header in "\\PC{0,40}",
            data in proptest::collection::vec(any::<u8>(), 0..200),
            block in 1_usize..64,
        ) {
            let file = safetensors(&format!("{{\"__metadata__\":{{\"k\":{}}}}}", serde_json::json!(header)), &data);
            prop_assert_eq!(digest(&file, block), oracle(&file));
        }

        #[test]
        fn any_choice_in_any_pieces_with_any_breaks_agrees(
            kinds in any_kinds(),
            header in 0_usize..3,
            size in prop_oneof![0_usize..5000, (1_usize << 20)..(4 << 20)],
            pieces in proptest::collection::vec(1_usize..700_000, 1..12),
            at_whole_mib in any::<bool>(),
        ) {
            let data = noise(size);
            let file = match header {
                0 => data,
                1 => safetensors("{\"__metadata__\":{}}", &data),
                _ => safetensors("{\"__metadata__\":{", &data),
            };
            let mut digester = Digester::new(kinds, file.len() as u64);
            let mut rest = file.as_slice();
            for piece in pieces.iter().cycle() {
                let piece = if at_whole_mib { 1 << 20 } else { *piece };
                let (block, after) = rest.split_at(piece.min(rest.len()));
                digester.update(block);
                rest = after;
                if let Some(state) = digester.save() {
                    digester = Digester::restore(&state).unwrap();
                    prop_assert_eq!(digester.save(), Some(state));
                }
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(digester.finish(), only(kinds, &oracle(&file)));
        }

        #[test]
        fn two_files_side_by_side_do_not_disturb_each_other(
            kinds in (any_kinds(), any_kinds()),
            headers in (any::<bool>(), any::<bool>()),
            sizes in (0_usize..200_000, 0_usize..200_000),
            blocks in (1_usize..70_000, 1_usize..70_000),
        ) {
            let file = |has_header, size| {
                let data = noise(size);
                if has_header { safetensors("{\"__metadata__\":{}}", &data) } else { data }
            };
            let (a, b) = (file(headers.0, sizes.0), file(headers.1, sizes.1));
            let mut first = Digester::new(kinds.0, a.len() as u64);
            let mut second = Digester::new(kinds.1, b.len() as u64);
            let (mut blocks_a, mut blocks_b) = (a.chunks(blocks.0), b.chunks(blocks.1));
            loop {
                match (blocks_a.next(), blocks_b.next()) {
                    (Some(block_a), Some(block_b)) => update_pair(&mut first, block_a, &mut second, block_b),
                    (Some(block), None) => first.update(block),
                    (None, Some(block)) => second.update(block),
                    (None, None) => break,
                }
            }
            prop_assert_eq!(first.finish(), only(kinds.0, &oracle(&a)));
            prop_assert_eq!(second.finish(), only(kinds.1, &oracle(&b)));
        }

        #[test]
        fn no_bytes_make_restoring_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), at in 0_usize..300) {
            prop_assert!(Digester::restore(&bytes).is_none_or(|digester| digester.position() < digester.size()));
            // And beginning like a real state.
            let mut digester = Digester::new(Kinds::ALL, 4 << 20);
            digester.update(&vec![0; 1 << 20]);
            let mut state = digester.save().unwrap();
            for (byte, other) in state.iter_mut().skip(at).zip(&bytes) {
                *byte = *other;
            }
            if let Some(mut restored) = Digester::restore(&state) {
                restored.update(&bytes);
                restored.finish();
            }
        }
    }

    #[test]
    fn a_state_cut_short_or_of_another_version_is_refused() {
        let mut digester = Digester::new(Kinds::ALL, 4 << 20);
        digester.update(&vec![0; 1 << 20]);
        let mut state = digester.save().unwrap();
        for length in 0..state.len() {
            assert!(Digester::restore(&state[..length]).is_none(), "{length}");
        }
        assert!(Digester::restore(&[state.as_slice(), &[0]].concat()).is_none());
        state[0] = STATE_VERSION + 1;
        assert!(Digester::restore(&state).is_none());
    }
}
