//! What a file contains, as numbers: the hash kinds and the one read that computes them all.

pub(crate) mod archive;
mod digest;
mod kinds;
mod read;
pub mod safetensors;
pub mod sample;

pub use digest::Digester;
pub use kinds::{AnyHash, AutoV1, AutoV2, AutoV3, Blake3, Crc32, Hashes, ParseHashError, Sha256};
pub(crate) use read::open_regular;
pub use read::{ReadError, hash_file};
