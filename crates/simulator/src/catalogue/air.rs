//! AIR, Civitai's name for a resource: `urn:air:{ecosystem}:{type}:civitai:{model}@{version}`.

use super::{Model, Version};

/// The AIR of a version. `file_kind` is the primary file's type, which overrides the model's for bare diffusion models.
pub fn air(model: &Model, version: &Version, file_kind: Option<&str>) -> String {
    let kind = match file_kind {
        Some("Diffusion Model") => "diffusionmodel",
        Some("UNet") => "unet",
        _ => type_name(&model.spec.kind),
    };
    format!("urn:air:{}:{kind}:civitai:{}@{}", ecosystem(&version.spec.base_model), model.id, version.id)
}

fn type_name(kind: &str) -> &'static str {
    match kind {
        "AestheticGradient" => "ag",
        "Checkpoint" => "checkpoint",
        "Hypernetwork" => "hypernet",
        "TextualInversion" => "embedding",
        "MotionModule" => "motion",
        "Upscaler" => "upscaler",
        "VAE" => "vae",
        "LORA" => "lora",
        "DoRA" => "dora",
        "LoCon" => "lycoris",
        "Controlnet" => "controlnet",
        "TextEncoder" => "text_encoders",
        "UNet" => "unet",
        "CLIPVision" => "clipvision",
        "CLIP" => "clip",
        "VisionLanguage" => "visionlanguage",
        _ => "unknown",
    }
}

fn ecosystem(base_model: &str) -> String {
    match base_model {
        "SD 1.4" | "SD 1.5" | "SD 1.5 LCM" | "SD 1.5 Hyper" => "sd1",
        "SD 2.0" | "SD 2.1" => "sd2",
        "SDXL 0.9" | "SDXL 1.0" | "SDXL Lightning" | "SDXL Hyper" | "Pony" | "Illustrious" | "NoobAI" => "sdxl",
        "SD 3" | "SD 3.5" | "SD 3.5 Large" => "sd3",
        "SD 3.5 Medium" => "sd3_5m",
        "Flux.1 D" | "Flux.1 S" => "flux1",
        "Flux.2 D" | "Flux.2 Klein" => "flux2",
        "Pony V7" => "auraflow",
        "Upscaler" | "Other" => "other",
        "Wan Video 14B t2v" | "Wan Video 1.3B t2v" | "Wan Video" => "wanvideo",
        unknown => return unknown.to_lowercase(),
    }
    .to_owned()
}
