//! A repeatable stream of bits (SplitMix64), so that "random" weights are the same on every run and every machine.

/// A seeded stream of bits; the same seed always yields the same stream.
#[derive(Clone, Debug)]
pub struct Noise(u64);

impl Noise {
    /// A stream that depends on nothing but `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream seeded by a name, for callers that have a title and no number.
    pub fn named(name: &str) -> Self {
        // FNV-1a: short, stable, and good enough to spread names.
        Self(
            name.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..end`. `end` must not be 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next_u64() % end
    }

    /// A number in `0.0..1.0`.
    pub fn unit(&mut self) -> f32 {
        // 16 bits convert to f32 without loss, and nothing here needs finer steps.
        let bits = u16::try_from(self.next_u64() >> 48).expect("48 bits were shifted out");
        f32::from(bits) / 65_536.0
    }

    /// Appends `bytes` bytes that read as small, finite half-precision weights.
    pub fn half_weights(&mut self, bytes: usize, out: &mut Vec<u8>) {
        let end = out.len() + bytes;
        out.reserve(bytes + 8);
        while out.len() < end {
            // Per 16 bits: keep the sign and 12 low bits, then lift the exponent so that every f16 lies in 0.004..0.06.
            let word = (self.next_u64() & 0x8fff_8fff_8fff_8fff) + 0x1c00_1c00_1c00_1c00;
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.truncate(end);
    }
}
