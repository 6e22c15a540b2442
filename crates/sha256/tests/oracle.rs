//! Every way of giving bytes to a stream, on both engines, against the `sha2` crate.
//!
//! `MODELDOCK_TEST_ROUNDS=long` turns the thousands of rounds into millions.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use modeldock_sha256::{Engine, Midstate, Sha256, update_two};
use proptest::prelude::*;
use sha2::Digest as _;

fn oracle(data: &[u8]) -> [u8; 32] {
    sha2::Sha256::digest(data).into()
}

fn engines() -> Vec<Engine> {
    [Some(Engine::LIBRARY), Engine::extensions()].into_iter().flatten().collect()
}

fn rounds(short: u64) -> u64 {
    if std::env::var_os("MODELDOCK_TEST_ROUNDS").is_some_and(|rounds| rounds == "long") { short * 400 } else { short }
}

/// A small generator of chance, so that a round is quick and its seed is all that is needed to repeat it.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }
}

fn noise(length: usize) -> Vec<u8> {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15 ^ length as u64);
    (0..length).map(|_| chance.next().to_le_bytes()[7]).collect()
}

fn reborn(sha256: &Sha256, engine: Engine) -> Sha256 {
    let bytes = sha256.save().to_bytes();
    Sha256::restore_on(engine, &Midstate::from_bytes(&bytes).unwrap())
}

#[test]
fn the_examples_of_the_standard() {
    for engine in engines() {
        let hex = |data: &[u8]| {
            let mut sha256 = Sha256::on(engine);
            sha256.update(data);
            sha256.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
        };
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(
            hex(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        assert_eq!(hex(&vec![b'a'; 1_000_000]), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

#[test]
fn every_short_length_at_once_and_in_two_parts() {
    let data = noise(1000);
    for engine in engines() {
        for length in 0..=data.len() {
            let mut whole = Sha256::on(engine);
            whole.update(&data[..length]);
            assert_eq!(whole.finalize(), oracle(&data[..length]), "{length}");
            let mut parts = Sha256::on(engine);
            parts.update(&data[..length / 3]);
            parts.update(&data[length / 3..length]);
            assert_eq!(parts.length(), length as u64);
            assert_eq!(parts.finalize(), oracle(&data[..length]), "{length}");
        }
    }
}

#[test]
fn two_streams_of_every_pair_of_short_lengths_do_not_disturb_each_other() {
    let data = noise(400);
    for engine in engines() {
        for first in (0..=400).step_by(3) {
            for second in (0..=400).step_by(7) {
                let (mut a, mut b) = (Sha256::on(engine), Sha256::on(engine));
                update_two(&mut a, &data[..first], &mut b, &data[400 - second..]);
                assert_eq!(a.finalize(), oracle(&data[..first]), "{first} beside {second}");
                assert_eq!(b.finalize(), oracle(&data[400 - second..]), "{second} beside {first}");
            }
        }
    }
}

#[test]
fn streams_on_different_engines_can_still_be_given_together() {
    let data = noise(5000);
    for (one, other) in engines().into_iter().zip(engines().into_iter().rev()) {
        let (mut a, mut b) = (Sha256::on(one), Sha256::on(other));
        update_two(&mut a, &data[1..], &mut b, &data[..4000]);
        assert_eq!((a.finalize(), b.finalize()), (oracle(&data[1..]), oracle(&data[..4000])));
    }
}

#[test]
fn a_saved_stream_goes_on_from_every_boundary_and_on_the_other_engine() {
    let data = noise(300);
    for (one, other) in engines().into_iter().zip(engines().into_iter().rev()) {
        for split in 0..=data.len() {
            let mut first = Sha256::on(one);
            first.update(&data[..split]);
            let mut second = reborn(&first, other);
            assert_eq!(second.length(), split as u64);
            second.update(&data[split..]);
            assert_eq!(second.finalize(), oracle(&data), "{split}");
        }
    }
}

#[test]
fn bytes_that_no_stream_left_are_no_midstate() {
    let mut sha256 = Sha256::new();
    sha256.update(&[7; 70]);
    let mut bytes = sha256.save().to_bytes();
    assert_eq!(Midstate::from_bytes(&bytes).unwrap().length(), 70);
    bytes[Midstate::BYTES - 1] = 1;
    assert_eq!(Midstate::from_bytes(&bytes), None);
}

/// Two streams live through a long life of updates alone and together, of any length and alignment, and of being saved
/// and restored on either engine.
#[test]
fn any_life_of_two_streams_ends_in_their_digests() {
    let data = noise(1 << 14);
    let engines = engines();
    for round in 0..rounds(5_000) {
        let mut chance = Chance(0x5eed_0000_0000_0001 + round);
        let mut streams = [Sha256::on(engines[0]), Sha256::on(engines[0])];
        let mut given = [Vec::new(), Vec::new()];
        for _ in 0..=chance.below(8) {
            let part = |chance: &mut Chance| {
                let most = [3, 70, 200, 3000][chance.below(4)];
                let start = chance.below(data.len() - most);
                start..start + chance.below(most + 1)
            };
            let (first, second) = (part(&mut chance), part(&mut chance));
            match chance.below(4) {
                0 => {
                    streams[0].update(&data[first.clone()]);
                    given[0].extend_from_slice(&data[first]);
                }
                1 => {
                    let lane = chance.below(2);
                    streams[lane] = reborn(&streams[lane], engines[chance.below(engines.len())]);
                }
                _ => {
                    let [a, b] = &mut streams;
                    update_two(a, &data[first.clone()], b, &data[second.clone()]);
                    given[0].extend_from_slice(&data[first]);
                    given[1].extend_from_slice(&data[second]);
                }
            }
        }
        for (stream, given) in streams.into_iter().zip(&given) {
            assert_eq!(stream.length(), given.len() as u64, "round {round}");
            assert_eq!(stream.finalize(), oracle(given), "round {round}");
        }
    }
}

proptest! {
    #[test]
    fn cuts_do_not_matter(
        a in proptest::collection::vec(any::<u8>(), 0..2000),
        b in proptest::collection::vec(any::<u8>(), 0..2000),
        cut_a in any::<prop::sample::Index>(),
        cut_b in any::<prop::sample::Index>(),
    ) {
        let (cut_a, cut_b) = (cut_a.index(a.len() + 1), cut_b.index(b.len() + 1));
        for engine in engines() {
            let (mut first, mut second) = (Sha256::on(engine), Sha256::on(engine));
            update_two(&mut first, &a[..cut_a], &mut second, &b[..cut_b]);
            update_two(&mut first, &a[cut_a..], &mut second, &b[cut_b..]);
            prop_assert_eq!(first.finalize(), oracle(&a));
            prop_assert_eq!(second.finalize(), oracle(&b));
        }
    }

    #[test]
    fn no_bytes_make_restoring_panic(bytes in any::<[u8; Midstate::BYTES]>(), more in any::<Vec<u8>>()) {
        if let Some(midstate) = Midstate::from_bytes(&bytes) {
            let mut sha256 = Sha256::restore(&midstate);
            sha256.update(&more);
            sha256.finalize();
        }
    }
}
