//! Stability Matrix: one shared `Models/` folder that its packages link to.

use std::path::Path;

use super::{ModelFolder, ModelKind, table};

const MODELS: &[(&str, ModelKind)] = &[
    ("StableDiffusion", ModelKind::Checkpoint),
    ("DiffusionModels", ModelKind::DiffusionModel),
    ("Unet", ModelKind::DiffusionModel),
    ("Lora", ModelKind::Lora),
    ("LyCORIS", ModelKind::Locon),
    ("Embeddings", ModelKind::TextualInversion),
    ("TextualInversion", ModelKind::TextualInversion),
    ("Hypernetwork", ModelKind::Hypernetwork),
    ("VAE", ModelKind::Vae),
    ("ApproxVAE", ModelKind::VaeApprox),
    ("ControlNet", ModelKind::Controlnet),
    ("T2IAdapter", ModelKind::Controlnet),
    ("ESRGAN", ModelKind::Upscaler),
    ("RealESRGAN", ModelKind::Upscaler),
    ("SwinIR", ModelKind::Upscaler),
    ("BSRGAN", ModelKind::Upscaler),
    ("GFPGAN", ModelKind::Upscaler),
    ("Codeformer", ModelKind::Upscaler),
    ("LDSR", ModelKind::Upscaler),
    ("ScuNET", ModelKind::Upscaler),
    ("TextEncoders", ModelKind::TextEncoder),
    ("CLIP", ModelKind::TextEncoder),
    ("ClipVision", ModelKind::ClipVision),
    ("IpAdapter", ModelKind::IpAdapter),
    ("IpAdapters15", ModelKind::IpAdapter),
    ("IpAdaptersXl", ModelKind::IpAdapter),
    ("AfterDetailer", ModelKind::Detection),
    ("Ultralytics", ModelKind::Detection),
    ("Sams", ModelKind::Sam),
    ("StyleModels", ModelKind::StyleModel),
    ("GLIGEN", ModelKind::Gligen),
    ("ModelPatches", ModelKind::ModelPatch),
    ("AudioEncoders", ModelKind::AudioEncoder),
];

/// The shared folders below a library folder.
pub(super) fn folders(root: &Path) -> Vec<ModelFolder> {
    let models = root.join("Models");
    let mut folders = table(&models, MODELS);
    folders.push(ModelFolder { path: models, kind: ModelKind::unknown() });
    folders
}
