//! The compression function with the SHA extensions of `x86_64`, for two streams at a time.
//!
//! Every step is written for both streams before the next one, so that the instructions of one stand in the gaps of the
//! other. Two streams need 15 of the 16 vector registers; three would spill and, the unit being busy already, gain
//! nothing. There is none for a single stream: the `sha2` crate's is as fast as the processor allows.

use std::arch::x86_64::{
    __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi64x, _mm_sha256msg1_epu32,
    _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8, _mm_shuffle_epi32, _mm_storeu_si128,
};

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
const K: [[u32; 4]; 16] = [
    [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
    [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
    [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
    [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
    [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
    [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
    [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
    [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
    [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
    [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
    [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
    [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
    [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
    [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
    [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
    [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
];

/// Proof that this processor has the extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShaExtensions(());

impl ShaExtensions {
    /// `None` where they are missing.
    pub(crate) fn detect() -> Option<Self> {
        let has_all = is_x86_feature_detected!("sha")
            && is_x86_feature_detected!("sse4.1")
            && is_x86_feature_detected!("ssse3")
            && is_x86_feature_detected!("sse2");
        has_all.then_some(Self(()))
    }

    #[expect(clippy::unused_self, reason = "it is the proof that this may be called")]
    pub(crate) fn compress_two(
        self,
        state_a: &mut [u32; 8],
        blocks_a: &[[u8; 64]],
        state_b: &mut [u32; 8],
        blocks_b: &[[u8; 64]],
    ) {
        // SAFETY: a `ShaExtensions` exists only where the processor has every feature that `compress_two` is compiled
        // for.
        unsafe { compress_two([state_a, state_b], [blocks_a, blocks_b]) }
    }
}

/// The working variables of one stream, in the order the instructions want them.
#[derive(Clone, Copy)]
struct Lane {
    abef: __m128i,
    cdgh: __m128i,
}

/// Compresses as many blocks of both streams as the shorter has.
#[target_feature(enable = "sha,sse4.1,ssse3,sse2")]
fn compress_two(states: [&mut [u32; 8]; 2], blocks: [&[[u8; 64]]; 2]) {
    let mut lanes = [load_state(states[0]), load_state(states[1])];
    for (block_a, block_b) in blocks[0].iter().zip(blocks[1]) {
        let before = lanes;
        let mut words = [load_block(block_a), load_block(block_b)];
        first_rounds::<0>(&mut lanes, &words);
        first_rounds::<1>(&mut lanes, &words);
        first_rounds::<2>(&mut lanes, &words);
        first_rounds::<3>(&mut lanes, &words);
        later_rounds::<4>(&mut lanes, &mut words);
        later_rounds::<5>(&mut lanes, &mut words);
        later_rounds::<6>(&mut lanes, &mut words);
        later_rounds::<7>(&mut lanes, &mut words);
        later_rounds::<8>(&mut lanes, &mut words);
        later_rounds::<9>(&mut lanes, &mut words);
        later_rounds::<10>(&mut lanes, &mut words);
        later_rounds::<11>(&mut lanes, &mut words);
        later_rounds::<12>(&mut lanes, &mut words);
        later_rounds::<13>(&mut lanes, &mut words);
        later_rounds::<14>(&mut lanes, &mut words);
        later_rounds::<15>(&mut lanes, &mut words);
        for (lane, before) in lanes.iter_mut().zip(&before) {
            lane.abef = _mm_add_epi32(lane.abef, before.abef);
            lane.cdgh = _mm_add_epi32(lane.cdgh, before.cdgh);
        }
    }
    for (state, lane) in states.into_iter().zip(lanes) {
        store_state(state, lane);
    }
}

/// Four rounds of both streams with words of the message itself.
#[inline]
#[target_feature(enable = "sha,ssse3,sse2")]
fn first_rounds<const GROUP: usize>(lanes: &mut [Lane; 2], words: &[[__m128i; 4]; 2]) {
    let k = load_words(&K[GROUP]);
    for (lane, words) in lanes.iter_mut().zip(words) {
        four_rounds(lane, words[GROUP], k);
    }
}

/// Four rounds of both streams with the four words that follow the last sixteen, which `words` holds as a ring. The
/// group is a constant because a variable place in the ring keeps it in memory: a quarter slower.
#[inline]
#[target_feature(enable = "sha,ssse3,sse2")]
fn later_rounds<const GROUP: usize>(lanes: &mut [Lane; 2], words: &mut [[__m128i; 4]; 2]) {
    let k = load_words(&K[GROUP]);
    for (lane, words) in lanes.iter_mut().zip(words) {
        let [oldest, older, newer, newest] =
            [words[GROUP % 4], words[(GROUP + 1) % 4], words[(GROUP + 2) % 4], words[(GROUP + 3) % 4]];
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(oldest, older), _mm_alignr_epi8(newest, newer, 4));
        let next = _mm_sha256msg2_epu32(sum, newest);
        words[GROUP % 4] = next;
        four_rounds(lane, next, k);
    }
}

#[inline]
#[target_feature(enable = "sha,sse2")]
fn four_rounds(lane: &mut Lane, words: __m128i, k: __m128i) {
    let sum = _mm_add_epi32(words, k);
    lane.cdgh = _mm_sha256rnds2_epu32(lane.cdgh, lane.abef, sum);
    lane.abef = _mm_sha256rnds2_epu32(lane.abef, lane.cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

#[inline]
#[target_feature(enable = "sse2")]
fn load_words(words: &[u32; 4]) -> __m128i {
    // SAFETY: the reference covers the 16 bytes that are read, and `loadu` needs no alignment.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "ssse3,sse2")]
fn load_block(block: &[u8; 64]) -> [__m128i; 4] {
    let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
    std::array::from_fn(|quarter| {
        // SAFETY: `quarter` is below 4, so the 16 bytes lie within the 64 of the reference; `loadu` needs no alignment.
        let words = unsafe { _mm_loadu_si128(block.as_ptr().add(quarter * 16).cast()) };
        _mm_shuffle_epi8(words, big_endian)
    })
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3,sse2")]
fn load_state(state: &[u32; 8]) -> Lane {
    // SAFETY: the reference covers both halves of 16 bytes, and `loadu` needs no alignment.
    let (dcba, hgfe) =
        unsafe { (_mm_loadu_si128(state.as_ptr().cast()), _mm_loadu_si128(state.as_ptr().add(4).cast())) };
    let cdab = _mm_shuffle_epi32(dcba, 0xb1);
    let efgh = _mm_shuffle_epi32(hgfe, 0x1b);
    Lane { abef: _mm_alignr_epi8(cdab, efgh, 8), cdgh: _mm_blend_epi16(efgh, cdab, 0xf0) }
}

#[inline]
#[target_feature(enable = "sse4.1,ssse3,sse2")]
fn store_state(state: &mut [u32; 8], lane: Lane) {
    let feba = _mm_shuffle_epi32(lane.abef, 0x1b);
    let dchg = _mm_shuffle_epi32(lane.cdgh, 0xb1);
    // SAFETY: the reference covers both halves of 16 bytes, and `storeu` needs no alignment.
    unsafe {
        _mm_storeu_si128(state.as_mut_ptr().cast(), _mm_blend_epi16(feba, dchg, 0xf0));
        _mm_storeu_si128(state.as_mut_ptr().add(4).cast(), _mm_alignr_epi8(dchg, feba, 8));
    }
}
