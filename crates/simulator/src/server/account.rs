//! `me` and `enums`.

use serde_json::json;

use super::Config;
use super::exchange::Reply;

/// `GET me`, for the owner of the token.
pub(super) fn me(config: &Config) -> Reply {
    let mut value = json!({
        "id": super::models::user_id(&config.username),
        "username": config.username,
        "status": "active",
        "isMember": config.tier.is_some(),
        "subscriptions": if config.tier.is_some() { json!(["yellow"]) } else { json!([]) },
        "email": format!("{}@example.org", config.username),
        "emailVerified": true,
        "tokenScope": 33_554_431,
        "buzzLimit": null,
        "subject": { "type": "apiKey", "id": 4411 },
    });
    if let Some(tier) = &config.tier {
        value["tier"] = json!(tier);
    }
    Reply::ok(&value)
}

/// Known model types, in the order of the schema.
pub(super) const MODEL_TYPES: &[&str] = &[
    "Checkpoint",
    "TextualInversion",
    "Hypernetwork",
    "AestheticGradient",
    "LORA",
    "LoCon",
    "DoRA",
    "Controlnet",
    "Upscaler",
    "MotionModule",
    "VAE",
    "TextEncoder",
    "UNet",
    "CLIPVision",
    "Poses",
    "Wildcards",
    "Workflows",
    "ComfyWorkflows",
    "Detection",
    "VisionLanguage",
    "CLIP",
    "LLM",
    "Other",
];

/// Known file types.
pub(super) const FILE_TYPES: &[&str] = &[
    "Model",
    "Text Encoder",
    "Vision Encoder",
    "Pruned Model",
    "Negative",
    "Training Data",
    "VAE",
    "Config",
    "Archive",
    "UNet",
    "Diffusion Model",
    "CLIPVision",
    "ControlNet",
    "Workflow",
    "Upscaler",
    "Enhancement LoRA",
    "Other",
];

/// Known file formats.
pub(super) const FILE_FORMATS: &[&str] =
    &["SafeTensor", "PickleTensor", "GGUF", "Diffusers", "Core ML", "ONNX", "Other"];

/// `GET enums`.
pub(super) fn enums() -> Reply {
    let base_models = [
        "SD 1.4",
        "SD 1.5",
        "SD 1.5 LCM",
        "SD 2.0",
        "SD 2.1",
        "SDXL 1.0",
        "SDXL Lightning",
        "SD 3",
        "SD 3.5",
        "SD 3.5 Medium",
        "Pony",
        "Pony V7",
        "Illustrious",
        "NoobAI",
        "Flux.1 D",
        "Flux.1 S",
        "Flux.2 D",
        "Wan Video 1.3B t2v",
        "Wan Video 14B t2v",
        "Lattice 1",
        "Upscaler",
        "Other",
    ];
    Reply::ok(&json!({
        "ModelType": MODEL_TYPES,
        "ModelFileType": FILE_TYPES,
        "ActiveBaseModel": base_models,
        "BaseModel": base_models,
        "BaseModelType": ["Standard", "Inpainting", "Refiner", "Pix2Pix"],
    }))
}
