//! A minimal GGUF: magic, version 3, a few keys, one quantised tensor.

use super::noise::Noise;

const STRING: u32 = 8;
const UINT32: u32 = 4;
const Q8_0: u32 = 8;
const ALIGNMENT: usize = 32;

/// A GGUF file of about `kib` KiB that calls itself `name`, for `architecture` (for example `flux`).
pub fn gguf(architecture: &str, name: &str, kib: usize, seed: u64) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend_from_slice(b"GGUF");
    out.extend_from_slice(&3_u32.to_le_bytes());
    out.extend_from_slice(&1_u64.to_le_bytes());
    out.extend_from_slice(&4_u64.to_le_bytes());
    for (key, value) in [("general.architecture", architecture), ("general.name", name)] {
        string(&mut out, key);
        out.extend_from_slice(&STRING.to_le_bytes());
        string(&mut out, value);
    }
    for (key, value) in [("general.quantization_version", 2_u32), ("general.file_type", 7)] {
        string(&mut out, key);
        out.extend_from_slice(&UINT32.to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
    // Q8_0 packs 32 weights into 34 bytes, so rows of 1024 weights are whole blocks.
    let rows = (kib * 1024).div_ceil(1088).max(1);
    string(&mut out, "double_blocks.0.img_attn.qkv.weight");
    out.extend_from_slice(&2_u32.to_le_bytes());
    out.extend_from_slice(&1024_u64.to_le_bytes());
    out.extend_from_slice(&(rows as u64).to_le_bytes());
    out.extend_from_slice(&Q8_0.to_le_bytes());
    out.extend_from_slice(&0_u64.to_le_bytes());
    out.resize(out.len().next_multiple_of(ALIGNMENT), 0);
    Noise::new(seed).half_weights(rows * 1088, &mut out);
    out
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u64).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}
