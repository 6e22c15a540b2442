//! How fast each engine is on this processor, in memory, and how fast the library is without the SHA extensions.
//!
//! The `sha2` crate uses the extensions by itself where it finds them. For what it does on a processor without any,
//! build this into a folder of its own with them compiled out:
//!
//! ```sh
//! RUSTFLAGS='--cfg sha2_backend="soft"' cargo run --release -p modeldock-sha256 --example throughput --target-dir target/soft
//! ```
#![expect(clippy::print_stdout, reason = "it prints what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use modeldock_sha256::{Engine, Sha256, update_two};

/// Fits into the second-level cache beside its neighbour, as a block of a file does.
const BYTES: usize = 128 * 1024;

fn main() {
    let data = vec![7; BYTES];
    let one = |engine: Engine| {
        gigabytes_per_second(BYTES, || {
            let mut sha256 = Sha256::on(engine);
            sha256.update(black_box(&data));
            black_box(sha256.finalize());
        })
    };
    println!("library     {:.3} GB/s", one(Engine::LIBRARY));
    if let Some(engine) = Engine::extensions() {
        let two = gigabytes_per_second(2 * BYTES, || {
            let (mut a, mut b) = (Sha256::on(engine), Sha256::on(engine));
            update_two(&mut a, black_box(&data), &mut b, black_box(&data));
            black_box((a.finalize(), b.finalize()));
        });
        println!("one stream  {:.3} GB/s", one(engine));
        println!("two streams {two:.3} GB/s together");
    }
}

/// The best of many short measurements: whatever else runs only makes one slower.
#[expect(clippy::cast_precision_loss, reason = "a speed for people needs no more than 53 bits")]
fn gigabytes_per_second(bytes: usize, mut work: impl FnMut()) -> f64 {
    let end = Instant::now() + Duration::from_secs(1);
    let mut best = Duration::MAX;
    while Instant::now() < end {
        let started = Instant::now();
        (0..16).for_each(|_| work());
        best = best.min(started.elapsed());
    }
    bytes as f64 * 16.0 / best.as_secs_f64() / 1e9
}
