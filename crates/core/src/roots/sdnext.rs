//! SD.Next: A1111-like folders under other names, movable in `config.json`.

use std::path::Path;

use super::config::{path_from, read_json};
use super::{ModelFolder, ModelKind};

/// The key in `config.json`, the folder below `models/` without it, the kind.
const FOLDERS: &[(&str, &str, ModelKind)] = &[
    ("ckpt_dir", "Stable-diffusion", ModelKind::Checkpoint),
    ("diffusers_dir", "Diffusers", ModelKind::Checkpoint),
    ("vae_dir", "VAE", ModelKind::Vae),
    ("unet_dir", "UNET", ModelKind::DiffusionModel),
    ("te_dir", "Text-encoder", ModelKind::TextEncoder),
    ("lora_dir", "Lora", ModelKind::Lora),
    ("embeddings_dir", "embeddings", ModelKind::TextualInversion),
    ("hypernetwork_dir", "hypernetworks", ModelKind::Hypernetwork),
    ("control_dir", "control", ModelKind::Controlnet),
    ("yolo_dir", "yolo", ModelKind::Detection),
];

/// Folders without a key, below `models/`.
const FIXED: &[(&str, ModelKind)] = &[
    ("ControlNet", ModelKind::Controlnet),
    ("CLIP", ModelKind::TextEncoder),
    ("ESRGAN", ModelKind::Upscaler),
    ("RealESRGAN", ModelKind::Upscaler),
    ("SwinIR", ModelKind::Upscaler),
    ("BSRGAN", ModelKind::Upscaler),
    ("LDSR", ModelKind::Upscaler),
    ("ScuNET", ModelKind::Upscaler),
    ("GFPGAN", ModelKind::Upscaler),
    ("Codeformer", ModelKind::Upscaler),
];

/// The folders of an installation.
pub(super) fn folders(root: &Path) -> Vec<ModelFolder> {
    let config = read_json(&root.join("config.json")).unwrap_or_default();
    let configured =
        |key: &str| config.get(key).and_then(serde_json::Value::as_str).and_then(|text| path_from(text, root));

    let models = configured("models_dir").unwrap_or_else(|| root.join("models"));
    let mut folders: Vec<ModelFolder> = FOLDERS
        .iter()
        .map(|(key, folder, kind)| ModelFolder {
            path: configured(key).unwrap_or_else(|| models.join(folder)),
            kind: kind.clone(),
        })
        .collect();
    folders.extend(super::table(&models, FIXED));
    folders.push(ModelFolder { path: models, kind: ModelKind::unknown() });
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_folders_replace_the_usual_ones() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("config.json"), r#"{"lora_dir":"/nas/loras","ckpt_dir":"sd","yolo_dir":7}"#)
            .unwrap();
        let folders = folders(dir.path());
        let of = |kind| folders.iter().find(|folder| folder.kind == kind).map(|folder| folder.path.clone()).unwrap();
        assert_eq!(of(ModelKind::Lora), Path::new("/nas/loras"));
        assert_eq!(of(ModelKind::Checkpoint), dir.path().join("sd"));
        assert_eq!(of(ModelKind::Detection), dir.path().join("models/yolo"));
    }
}
