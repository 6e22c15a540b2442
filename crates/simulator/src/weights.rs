//! Writes small but valid model files of every format Civitai hosts, as bytes in memory.
//!
//! The safetensors header is written here and not by the `safetensors` crate: that one keeps the metadata in a hash map, whose order
//! differs in every process, and the same catalogue file must have the same hashes on every run. Tests read the result back with the crate.

mod gguf;
mod lora;
mod noise;
mod parts;
mod safetensors;
mod torch;

pub use gguf::gguf;
pub use lora::{Lora, LoraFormat, Training};
pub use noise::Noise;
pub use parts::{CheckpointFamily, checkpoint, controlnet, diffusion_model, embedding, text_encoder, vae};
pub use safetensors::{Dtype, SafetensorsFile};
pub use torch::{torch_embedding, torch_state};
