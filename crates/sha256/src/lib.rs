//! SHA-256 for a program that reads many large files.
//!
//! Two things that the `sha2` crate does not offer: [`update_two`] runs two independent streams interleaved on one
//! core, and [`Sha256::save`] takes a stream's state out, so that a read can go on where it was interrupted.
//!
//! Why two streams: the processor's SHA instructions wait for each other. A round needs the one before it, which takes
//! 4 cycles, but the unit can begin a new one every 2. A second stream fills the gaps: 3.0 GB/s together instead of
//! 1.6 GB/s for one (Zen 3). A third would gain nothing more. Modeldock always has two: the whole file and what lies
//! behind its header, or two files.
//!
//! # Engines
//!
//! Chosen once per process: our own use of the SHA extensions of `x86_64` for two streams, or else the block function
//! of the `sha2` crate, which knows every other processor and serves single streams everywhere. The environment
//! variable
//! `MODELDOCK_SHA256=library` forces the second, for comparing and for ruling ours out.
//!
//! # Unsafe code
//!
//! This is the only crate of Modeldock with any, for two reasons, both in the module `ni`: vector loads and stores take
//! raw pointers, and a function compiled for the SHA extensions may only be called where the processor has them. The
//! first is confined to four functions over references of the right size; the second to a type that only the
//! detection can make.
#![deny(unsafe_op_in_unsafe_fn)]

mod engine;
mod midstate;
#[cfg(target_arch = "x86_64")]
mod ni;

pub use engine::Engine;
pub use midstate::Midstate;

/// Bytes the compression function takes at a time.
const BLOCK: usize = 64;

/// The first 32 bits of the fractional parts of the square roots of the first eight primes.
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// A SHA-256 under way.
#[derive(Debug, Clone)]
pub struct Sha256 {
    engine: Engine,
    state: [u32; 8],
    /// What does not fill a block yet; the first `length % 64` bytes count.
    tail: [u8; BLOCK],
    /// Bytes taken so far.
    length: u64,
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

impl Sha256 {
    /// Of nothing yet, on this process's engine.
    pub fn new() -> Self {
        Self::on(Engine::detected())
    }

    /// Of nothing yet, on this engine.
    pub fn on(engine: Engine) -> Self {
        Self { engine, state: INITIAL, tail: [0; BLOCK], length: 0 }
    }

    /// The SHA-256 of `data`.
    pub fn digest(data: &[u8]) -> [u8; 32] {
        let mut sha256 = Self::new();
        sha256.update(data);
        sha256.finalize()
    }

    /// Takes the next bytes.
    pub fn update(&mut self, data: &[u8]) {
        let (blocks, rest) = self.complete_block(data).as_chunks();
        Engine::compress(&mut self.state, blocks);
        self.keep(blocks.len(), rest);
    }

    /// The digest of everything taken.
    pub fn finalize(mut self) -> [u8; 32] {
        let bits = self.length.wrapping_mul(8);
        let filled = self.filled();
        let mut last = [0; 2 * BLOCK];
        last[..filled].copy_from_slice(&self.tail[..filled]);
        last[filled] = 0x80;
        // The length needs eight bytes behind the 0x80.
        let end = if filled < BLOCK - 8 { BLOCK } else { 2 * BLOCK };
        last[end - 8..end].copy_from_slice(&bits.to_be_bytes());
        Engine::compress(&mut self.state, last[..end].as_chunks().0);
        words_to_bytes(&self.state)
    }

    /// How many bytes it has taken.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Everything needed to go on later.
    pub fn save(&self) -> Midstate {
        Midstate::new(self.state, &self.tail[..self.filled()], self.length)
    }

    /// Goes on where [`Self::save`] was.
    pub fn restore(midstate: &Midstate) -> Self {
        Self::restore_on(Engine::detected(), midstate)
    }

    /// Goes on where [`Self::save`] was, on this engine, which need not be the one it was saved on.
    pub fn restore_on(engine: Engine, midstate: &Midstate) -> Self {
        let (state, tail, length) = midstate.parts();
        Self { engine, state, tail, length }
    }

    fn filled(&self) -> usize {
        begun(self.length)
    }

    /// Completes the block begun earlier, if there is one, and returns what is left of `data`. Afterwards either no
    /// block is begun or nothing is left.
    fn complete_block<'a>(&mut self, data: &'a [u8]) -> &'a [u8] {
        let filled = self.filled();
        if filled == 0 {
            return data;
        }
        let (taken, rest) = data.split_at(data.len().min(BLOCK - filled));
        self.tail[filled..filled + taken.len()].copy_from_slice(taken);
        self.length += taken.len() as u64;
        if filled + taken.len() == BLOCK {
            Engine::compress(&mut self.state, &[self.tail]);
        }
        rest
    }

    /// Counts whole blocks as taken and begins a new one with `rest`.
    fn keep(&mut self, blocks: usize, rest: &[u8]) {
        self.length += (blocks * BLOCK) as u64;
        // Nothing left may also mean that `complete_block` took it all and the block is still incomplete.
        if !rest.is_empty() {
            self.tail[..rest.len()].copy_from_slice(rest);
            self.length += rest.len() as u64;
        }
    }
}

/// Gives `data_a` to `a` and `data_b` to `b`, as far as possible at the same time.
///
/// Lengths and alignments may differ: what one has more than the other is taken by itself. Give streams that take about
/// as much as each other.
pub fn update_two(a: &mut Sha256, data_a: &[u8], b: &mut Sha256, data_b: &[u8]) {
    let (blocks_a, rest_a) = a.complete_block(data_a).as_chunks();
    let (blocks_b, rest_b) = b.complete_block(data_b).as_chunks();
    let both = blocks_a.len().min(blocks_b.len());
    if a.engine == b.engine {
        a.engine.compress_two(&mut a.state, &blocks_a[..both], &mut b.state, &blocks_b[..both]);
    } else {
        Engine::compress(&mut a.state, &blocks_a[..both]);
        Engine::compress(&mut b.state, &blocks_b[..both]);
    }
    Engine::compress(&mut a.state, &blocks_a[both..]);
    Engine::compress(&mut b.state, &blocks_b[both..]);
    a.keep(blocks_a.len(), rest_a);
    b.keep(blocks_b.len(), rest_b);
}

/// How many bytes of a block are begun after `length` bytes.
#[expect(clippy::cast_possible_truncation, reason = "it is below 64")]
fn begun(length: u64) -> usize {
    (length % BLOCK as u64) as usize
}

fn words_to_bytes(words: &[u32; 8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *bytes = word.to_be_bytes();
    }
    bytes
}
