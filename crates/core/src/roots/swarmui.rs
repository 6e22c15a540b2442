//! `SwarmUI`: `Models/…`, movable in the `Paths` section of `Data/Settings.fds`.

use std::path::{Path, PathBuf};

use super::config::{path_from, read_text};
use super::{ModelFolder, ModelKind};

/// The key in `Settings.fds`, what it is without it, the kind.
const FOLDERS: &[(&str, &str, ModelKind)] = &[
    ("SDModelFolder", "Stable-Diffusion", ModelKind::Checkpoint),
    ("SDLoraFolder", "Lora", ModelKind::Lora),
    ("SDVAEFolder", "VAE", ModelKind::Vae),
    ("SDEmbeddingFolder", "Embeddings", ModelKind::TextualInversion),
    ("SDControlNetsFolder", "controlnet;model_patches", ModelKind::Controlnet),
    ("SDClipFolder", "text_encoders;clip", ModelKind::TextEncoder),
    ("SDClipVisionFolder", "clip_vision", ModelKind::ClipVision),
];

/// The folders of an installation.
pub(super) fn folders(root: &Path) -> Vec<ModelFolder> {
    let settings = read_text(&root.join("Data/Settings.fds")).unwrap_or_default();
    let roots: Vec<PathBuf> =
        value(&settings, "ModelRoot").unwrap_or("Models").split(';').filter_map(|text| path_from(text, root)).collect();

    let mut folders = Vec::new();
    for models in &roots {
        for (key, usual, kind) in FOLDERS {
            let paths = value(&settings, key).unwrap_or(usual).split(';').filter_map(|text| path_from(text, models));
            folders.extend(paths.map(|path| ModelFolder { path, kind: kind.clone() }));
        }
        folders.extend(super::table(
            models,
            &[
                ("diffusion_models", ModelKind::DiffusionModel),
                ("upscale_models", ModelKind::Upscaler),
                ("yolov8", ModelKind::Detection),
            ],
        ));
        folders.push(ModelFolder { path: models.clone(), kind: ModelKind::unknown() });
    }
    folders
}

/// The value of an indented `Key: value` line. FDS escapes nothing that occurs in a path.
fn value<'a>(settings: &'a str, key: &str) -> Option<&'a str> {
    settings
        .lines()
        .filter_map(|line| line.trim().split_once(':'))
        .find(|(name, _)| *name == key)
        .map(|(_, value)| value.trim())
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_roots_and_folders_are_separated_by_semicolons() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("Data")).unwrap();
        let settings = "#Settings\nPaths:\n\tModelRoot: Models;/nas/swarm\n\tSDLoraFolder: Lora;Lycoris\n";
        std::fs::write(dir.path().join("Data/Settings.fds"), settings).unwrap();
        let folders = folders(dir.path());
        let of = |kind| -> Vec<_> { folders.iter().filter(|f| f.kind == kind).map(|f| f.path.clone()).collect() };
        let models = dir.path().join("Models");
        let expected: Vec<PathBuf> =
            vec![models.join("Lora"), models.join("Lycoris"), "/nas/swarm/Lora".into(), "/nas/swarm/Lycoris".into()];
        assert_eq!(of(ModelKind::Lora), expected);
    }
}
