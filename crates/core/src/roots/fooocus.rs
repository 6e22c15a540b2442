//! Fooocus: `models/…`, movable in `config.txt`, which is JSON. Relative paths there start at `modules/`.

use std::path::Path;

use super::config::{path_from, read_json};
use super::{ModelFolder, ModelKind};

/// The key in `config.txt`, the folder below `models/` without it, the kind.
const FOLDERS: &[(&str, &str, ModelKind)] = &[
    ("path_checkpoints", "checkpoints", ModelKind::Checkpoint),
    ("path_loras", "loras", ModelKind::Lora),
    ("path_embeddings", "embeddings", ModelKind::TextualInversion),
    ("path_vae", "vae", ModelKind::Vae),
    ("path_vae_approx", "vae_approx", ModelKind::VaeApprox),
    ("path_upscale_models", "upscale_models", ModelKind::Upscaler),
    ("path_controlnet", "controlnet", ModelKind::Controlnet),
    ("path_clip_vision", "clip_vision", ModelKind::ClipVision),
];

/// The folders of an installation.
pub(super) fn folders(root: &Path) -> Vec<ModelFolder> {
    let config = read_json(&root.join("config.txt"))
        .or_else(|| read_json(&root.join("user_path_config.txt")))
        .unwrap_or_default();
    let models = root.join("models");
    let start = root.join("modules");

    let mut folders = Vec::new();
    for (key, folder, kind) in FOLDERS {
        let texts: Vec<&str> = match config.get(*key) {
            Some(serde_json::Value::String(text)) => vec![text],
            Some(serde_json::Value::Array(texts)) => texts.iter().filter_map(serde_json::Value::as_str).collect(),
            _ => Vec::new(),
        };
        let mut paths: Vec<_> = texts.into_iter().filter_map(|text| path_from(text, &start)).collect();
        if paths.is_empty() {
            paths.push(models.join(folder));
        }
        folders.extend(paths.into_iter().map(|path| ModelFolder { path, kind: kind.clone() }));
    }
    folders.extend(super::table(
        &models,
        &[
            ("clip", ModelKind::TextEncoder),
            ("sam", ModelKind::Sam),
            ("gligen", ModelKind::Gligen),
            ("hypernetworks", ModelKind::Hypernetwork),
        ],
    ));
    folders.push(ModelFolder { path: models, kind: ModelKind::unknown() });
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_may_be_one_or_several() {
        let dir = tempfile::tempdir().unwrap();
        let config = r#"{"path_checkpoints":["../models/checkpoints","/big"],"path_loras":"/l"}"#;
        std::fs::write(dir.path().join("config.txt"), config).unwrap();
        let folders = folders(dir.path());
        let of = |kind| -> Vec<_> { folders.iter().filter(|f| f.kind == kind).map(|f| f.path.clone()).collect() };
        assert_eq!(of(ModelKind::Checkpoint), [dir.path().join("models/checkpoints"), "/big".into()]);
        assert_eq!(of(ModelKind::Lora), [Path::new("/l")]);
        assert_eq!(of(ModelKind::Vae), [dir.path().join("models/vae")]);
    }
}
