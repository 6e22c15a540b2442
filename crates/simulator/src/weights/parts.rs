//! Checkpoints and their parts: UNets, VAEs, text encoders, ControlNets, embeddings.

use super::noise::Noise;
use super::safetensors::{Dtype, SafetensorsFile};

/// Which tensor names a checkpoint has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointFamily {
    /// `cond_stage_model.*` text encoder.
    Sd1,
    /// `conditioner.embedders.*` text encoders.
    Sdxl,
}

/// A whole checkpoint of about `kib` KiB: UNet, text encoder and VAE in one file.
pub fn checkpoint(family: CheckpointFamily, kib: usize, seed: u64) -> Vec<u8> {
    let mut file = SafetensorsFile::new(Noise::new(seed));
    let width = 64;
    let (text, architecture) = match family {
        CheckpointFamily::Sd1 => {
            ("cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.q_proj.weight", "stable-diffusion-v1")
        }
        CheckpointFamily::Sdxl => (
            "conditioner.embedders.0.transformer.text_model.encoder.layers.0.self_attn.q_proj.weight",
            "stable-diffusion-xl-v1-base",
        ),
    };
    file.metadata("format", "pt").metadata("modelspec.architecture", architecture);
    file.tensor(text, Dtype::F16, &[width, width]);
    file.tensor("first_stage_model.decoder.conv_in.weight", Dtype::F16, &[width, 4, 3, 3]);
    file.tensor("model.diffusion_model.input_blocks.0.0.weight", Dtype::F16, &[width, 4, 3, 3]);
    fill(&mut file, "model.diffusion_model.output_blocks", kib);
    file.write()
}

/// A diffusion model without text encoder and VAE (Flux, Wan…), of about `kib` KiB.
pub fn diffusion_model(kib: usize, seed: u64) -> Vec<u8> {
    let mut file = SafetensorsFile::new(Noise::new(seed));
    file.tensor("img_in.weight", Dtype::Bf16, &[96, 64]);
    file.tensor("guidance_in.in_layer.weight", Dtype::Bf16, &[96, 64]);
    file.tensor("final_layer.linear.weight", Dtype::Bf16, &[64, 96]);
    fill(&mut file, "double_blocks", kib);
    file.write()
}

/// A VAE of about `kib` KiB.
pub fn vae(kib: usize, seed: u64) -> Vec<u8> {
    let mut file = SafetensorsFile::new(Noise::new(seed));
    file.tensor("encoder.conv_in.weight", Dtype::F16, &[64, 3, 3, 3]);
    file.tensor("quant_conv.weight", Dtype::F16, &[8, 8, 1, 1]);
    file.tensor("decoder.conv_in.weight", Dtype::F16, &[64, 4, 3, 3]);
    fill(&mut file, "decoder.up", kib);
    file.write()
}

/// A CLIP or T5 text encoder of about `kib` KiB.
pub fn text_encoder(kib: usize, seed: u64) -> Vec<u8> {
    let mut file = SafetensorsFile::new(Noise::new(seed));
    file.tensor("text_model.embeddings.token_embedding.weight", Dtype::F16, &[256, 64]);
    fill(&mut file, "text_model.encoder.layers", kib);
    file.write()
}

/// A ControlNet of about `kib` KiB.
pub fn controlnet(kib: usize, seed: u64) -> Vec<u8> {
    let mut file = SafetensorsFile::new(Noise::new(seed));
    file.tensor("control_model.input_hint_block.0.weight", Dtype::F16, &[16, 3, 3, 3]);
    file.tensor("control_model.zero_convs.0.0.weight", Dtype::F16, &[64, 64, 1, 1]);
    fill(&mut file, "control_model.middle_block", kib);
    file.write()
}

/// A textual inversion of `vectors` vectors as safetensors.
pub fn embedding(vectors: usize, seed: u64) -> Vec<u8> {
    let mut file = SafetensorsFile::new(Noise::new(seed));
    file.tensor("emb_params", Dtype::F32, &[vectors, 768]);
    file.write()
}

/// Pads `file` to about `kib` KiB with 32 KiB layers.
fn fill(file: &mut SafetensorsFile, stem: &str, kib: usize) {
    for layer in 0..kib / 32 {
        file.tensor(format!("{stem}.{layer}.0.weight"), Dtype::F16, &[128, 128]);
    }
}
