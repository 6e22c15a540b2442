//! Checkpoints: several files per version, old torch formats, a linked VAE, quantised diffusion models.

use super::{Shelf, version};
use crate::catalogue::{FileSpec, Id};
use crate::weights::{self, CheckpointFamily};

/// Adds the checkpoints; the SD 1.5 one shows `vae` among its files.
pub(super) fn add(shelf: &mut Shelf, vae: Id) {
    meridian(shelf);
    harborlight(shelf, vae);
    graphite(shelf);
    for (title, base, file, kib, date, seed) in [
        ("Lumen Pony", "Pony", "lumenPony_v6.safetensors", 320, "2024-06-30T10:00:00.000Z", 31),
        ("Aurora Illustrious", "Illustrious", "aurora_il_v2.safetensors", 2304, "2025-05-05T05:00:00.000Z", 32),
    ] {
        let model = shelf.model(title, "Checkpoint", "glasswing", &["base model", "anime"]);
        let version = shelf.0.version(model, version(title, "v2.0", base, date));
        let bytes = weights::checkpoint(CheckpointFamily::Sdxl, kib, seed);
        shelf.0.file(version, sized(FileSpec::new(file, bytes), "pruned", "fp16"));
    }
    let model = shelf.model("Sable Inpainting", "Checkpoint", "glasswing", &["base model", "inpainting"]);
    let mut spec = version("Sable Inpainting", "v1.0", "SD 1.5", "2023-02-14T00:00:00.000Z");
    spec.base_model_type = Some("Inpainting".to_owned());
    let version = shelf.0.version(model, spec);
    let bytes = weights::checkpoint(CheckpointFamily::Sd1, 256, 33);
    shelf.0.file(version, sized(FileSpec::new("sable_inpaint.safetensors", bytes), "pruned", "fp16"));
}

/// Two versions; the newer has a full and a pruned file.
fn meridian(shelf: &mut Shelf) {
    let title = "Meridian XL";
    let model = shelf.model(title, "Checkpoint", "glasswing", &["base model", "photorealistic"]);
    let old = shelf.0.version(model, version(title, "v3.0", "SDXL 1.0", "2024-09-01T00:00:00.000Z"));
    let bytes = weights::checkpoint(CheckpointFamily::Sdxl, 384, 21);
    shelf.0.file(old, sized(FileSpec::new("meridianXL_v3.safetensors", bytes), "pruned", "fp16"));
    let mut spec = version(title, "v4.0", "SDXL 1.0", "2025-04-12T00:00:00.000Z");
    spec.nsfw_level = 3;
    let new = shelf.0.version(model, spec);
    let full = weights::checkpoint(CheckpointFamily::Sdxl, 2560, 22);
    shelf.0.file(new, sized(FileSpec::new("meridianXL_v4_full.safetensors", full), "full", "fp32"));
    let pruned = weights::checkpoint(CheckpointFamily::Sdxl, 384, 23);
    let pruned =
        FileSpec { kind: "Pruned Model".to_owned(), ..FileSpec::new("meridianXL_v4_pruned.safetensors", pruned) };
    shelf.0.file(new, sized(pruned, "pruned", "fp16"));
}

/// A torch-format version and a safetensors one with a VAE that belongs to another version.
fn harborlight(shelf: &mut Shelf, vae: Id) {
    let title = "Harborlight";
    let model = shelf.model(title, "Checkpoint", "saltmarsh", &["base model", "landscape"]);
    let old = shelf.0.version(model, version(title, "v1", "SD 1.5", "2022-12-24T00:00:00.000Z"));
    let bytes = weights::torch_state("state_dict", "model.diffusion_model.out.2.weight", 60_000, 24);
    shelf.0.file(old, sized(FileSpec::new("harborlight-v1.ckpt", bytes), "full", "fp32"));
    let mut spec = version(title, "v2", "SD 1.5", "2023-06-18T00:00:00.000Z");
    spec.linked_files = vec![vae];
    let new = shelf.0.version(model, spec);
    let bytes = weights::checkpoint(CheckpointFamily::Sd1, 2112, 25);
    shelf.0.file(new, sized(FileSpec::new("harborlight_v2.safetensors", bytes), "pruned", "fp16"));
    let config = b"model:\n  target: ldm.models.diffusion.ddpm.LatentDiffusion\n".as_slice();
    let config = FileSpec { kind: "Config".to_owned(), ..FileSpec::new("harborlight_v2.yaml", config) };
    shelf.0.file(new, config);
}

/// A diffusion model without text encoder, also quantised as GGUF.
fn graphite(shelf: &mut Shelf) {
    let title = "Graphite Flux";
    let model = shelf.model(title, "Checkpoint", "night_tram", &["base model", "drawing"]);
    let version = shelf.0.version(model, version(title, "v1.0", "Flux.1 D", "2025-03-01T00:00:00.000Z"));
    let unet = FileSpec {
        kind: "Diffusion Model".to_owned(),
        fp: Some("bf16".to_owned()),
        ..FileSpec::new("graphite_flux_bf16.safetensors", weights::diffusion_model(384, 26))
    };
    shelf.0.file(version, unet);
    let gguf = FileSpec {
        kind: "Diffusion Model".to_owned(),
        quant_type: Some("Q8_0".to_owned()),
        ..FileSpec::new("graphite_flux_q8.gguf", weights::gguf("flux", title, 128, 27))
    };
    shelf.0.file(version, gguf);
}

fn sized(file: FileSpec, size: &str, fp: &str) -> FileSpec {
    FileSpec { size: Some(size.to_owned()), fp: Some(fp.to_owned()), ..file }
}
