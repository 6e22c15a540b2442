//! As what a file is placed: the file's own type first, then the model's, then the family.
//!
//! In that order, since a version of a checkpoint often brings its VAE or a text encoder as a second file, and a UI
//! finds each only in its own folder.

use std::path::Path;

use super::family;
use crate::roots::ModelKind;

/// The kind whose folder a file belongs in.
///
/// `file_type` is Civitai's `ModelFileType` (`Pruned Model`, `Text Encoder`, …), `model_kind` the model's type,
/// `base_model` the family it is made for. A type that nobody here has heard of leaves it to the model's.
pub fn place_kind(file_type: &str, model_kind: &ModelKind, base_model: Option<&str>, file_name: &str) -> ModelKind {
    match file_type.to_ascii_lowercase().as_str() {
        "vae" => ModelKind::Vae,
        "text encoder" => ModelKind::TextEncoder,
        "vision encoder" | "clipvision" => ModelKind::ClipVision,
        "unet" | "diffusion model" => ModelKind::DiffusionModel,
        "controlnet" => ModelKind::Controlnet,
        "upscaler" => ModelKind::Upscaler,
        "enhancement lora" => ModelKind::Lora,
        // What a checkpoint's author wants in the negative prompt is an embedding.
        "negative" => ModelKind::TextualInversion,
        "workflow" if *model_kind == ModelKind::ComfyWorkflows => ModelKind::ComfyWorkflows,
        "workflow" => ModelKind::Workflows,
        // Pictures and captions; no folder of models is theirs.
        "training data" => ModelKind::Other("Training Data".to_owned()),
        // A configuration lies beside its checkpoint, and an archive where people unpack it.
        _ => of_model(model_kind, base_model, file_name),
    }
}

fn of_model(model_kind: &ModelKind, base_model: Option<&str>, file_name: &str) -> ModelKind {
    match model_kind {
        ModelKind::Checkpoint => of_checkpoint(base_model, Path::new(file_name)),
        // Two names for one folder: a user who moves it says so once.
        ModelKind::Unet => ModelKind::DiffusionModel,
        ModelKind::Clip => ModelKind::TextEncoder,
        other => other.clone(),
    }
}

fn of_checkpoint(base_model: Option<&str>, file: &Path) -> ModelKind {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if stem.to_ascii_lowercase().ends_with(".vae") {
        return ModelKind::Vae;
    }
    // llama.cpp's format holds the denoiser only; ComfyUI's loader of it looks where diffusion models are.
    let is_gguf = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gguf"));
    if is_gguf || (base_model.is_some_and(family::is_bare) && !family::says_whole(stem)) {
        return ModelKind::DiffusionModel;
    }
    ModelKind::Checkpoint
}
