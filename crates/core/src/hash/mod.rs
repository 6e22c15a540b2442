//! What a file contains, as numbers: the hash kinds and the one read that computes them all.
//!
//! ```text
//! queue ── which file next ──► pool ── on which thread ──► read ── blocks ──► digest ──► every kind at once
//!   └ device: how many at a time                             └ checkpoint, cache: what a long read leaves behind
//! ```

pub(crate) mod archive;
mod cache;
mod checkpoint;
mod chosen;
mod device;
mod digest;
mod kinds;
mod pool;
mod queue;
mod read;
pub mod safetensors;
pub mod sample;
mod shape;
mod state;
mod tensors;
mod tree;

pub use checkpoint::Checkpoints;
pub use chosen::{Digests, Kinds, ParseKindsError};
pub use digest::{Digester, update_pair};
pub use kinds::{AnyHash, AutoV1, AutoV2, AutoV3, Blake3, Crc32, Hashes, ParseHashError, Sha256};
pub use pool::{Feed, HashPool, HashResult, PoolOptions};
pub use queue::{HashTask, Urgency};
pub(crate) use read::open_regular;
pub use read::{ReadError, ReadOptions, digest_file, hash_file};
pub(crate) use shape::Shape;
