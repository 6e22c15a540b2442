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
        autov1: (bytes.len() >= 2 << 20)
            .then(|| AutoV1::from_slice(&sha2::Sha256::digest(&bytes[1 << 20..(1 << 20) + (64 << 10)])[..4]).unwrap()),
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
    for size in [0, 1, 7, 8, 9, MIB, MIB + 0xffff, MIB + 0x10000, MIB + 0x10001, 2 * MIB - 1, 2 * MIB, 3 * MIB + 5] {
        let bytes: Vec<u8> = (0..251_u8).cycle().step_by(31).take(size).collect();
        assert_eq!(digest(&bytes, 256 * 1024), oracle(&bytes), "{size} bytes");
    }
}

#[test]
fn autov3_is_of_what_follows_the_header() {
    for header in ["{}", "  {\"__metadata__\":{}}", "{\"t\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}"]
    {
        let file = safetensors(header, b"data");
        assert_eq!(digest(&file, 3), oracle(&file));
        assert!(digest(&file, 3).autov3.is_some());
    }
}

#[test]
fn autov3_is_undefined_without_a_valid_header() {
    let truncated = &safetensors("{\"__metadata__\":{}}", b"")[..12];
    for file in [b"".as_slice(), b"{}", truncated, &safetensors("[1]", b"data"), &safetensors("nonsense", b"data")] {
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
