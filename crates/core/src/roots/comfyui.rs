//! `ComfyUI`: `models/<key>`, and whatever `extra_model_paths.yaml` adds.
//!
//! The YAML is read the way `utils/extra_config.py` reads it: section names mean nothing, `base_path` is relative to
//! the file, a value may hold several lines, `unet` and `clip` are old names. A key nobody knows is still a folder of
//! models there, so it is one here, of unknown kind. The order is ComfyUI's as well: it saves to a kind's first folder.

use std::path::Path;

use super::config::{path_from, read_yaml};
use super::{ModelFolder, ModelKind, table};

const MODELS: &[(&str, ModelKind)] = &[
    ("checkpoints", ModelKind::Checkpoint),
    ("diffusion_models", ModelKind::DiffusionModel),
    ("unet", ModelKind::DiffusionModel),
    ("unet_gguf", ModelKind::DiffusionModel),
    ("loras", ModelKind::Lora),
    ("embeddings", ModelKind::TextualInversion),
    ("hypernetworks", ModelKind::Hypernetwork),
    ("vae", ModelKind::Vae),
    ("vae_approx", ModelKind::VaeApprox),
    ("controlnet", ModelKind::Controlnet),
    ("t2i_adapter", ModelKind::Controlnet),
    ("upscale_models", ModelKind::Upscaler),
    ("latent_upscale_models", ModelKind::Upscaler),
    ("text_encoders", ModelKind::TextEncoder),
    ("clip", ModelKind::TextEncoder),
    ("clip_gguf", ModelKind::TextEncoder),
    ("clip_vision", ModelKind::ClipVision),
    ("ipadapter", ModelKind::IpAdapter),
    ("animatediff_models", ModelKind::MotionModule),
    ("animatediff_motion_lora", ModelKind::MotionModule),
    ("ultralytics", ModelKind::Detection),
    ("detection", ModelKind::Detection),
    ("sams", ModelKind::Sam),
    ("style_models", ModelKind::StyleModel),
    ("gligen", ModelKind::Gligen),
    ("photomaker", ModelKind::PhotoMaker),
    ("model_patches", ModelKind::ModelPatch),
    ("audio_encoders", ModelKind::AudioEncoder),
    ("LLM", ModelKind::Llm),
];

/// Keys with the kind of another one, for files that only some nodes load: never where such a kind belongs by itself.
const SPECIAL: &[&str] =
    &["unet_gguf", "clip_gguf", "latent_upscale_models", "animatediff_motion_lora", "t2i_adapter", "detection"];

/// Keys of the YAML that hold no models.
const NOT_MODELS: &[&str] = &["custom_nodes", "configs", "input", "output", "user"];

/// The folders of an installation and of the YAML beside it.
pub(super) fn folders(root: &Path) -> Vec<ModelFolder> {
    let models = root.join("models");
    let (mut folders, more) = extra_folders(&root.join("extra_model_paths.yaml"));
    folders.extend(table(&models, MODELS));
    folders.push(ModelFolder { path: models, kind: ModelKind::unknown() });
    folders.push(ModelFolder {
        path: root.join("custom_nodes/ComfyUI-AnimateDiff-Evolved/models"),
        kind: ModelKind::MotionModule,
    });
    folders.extend(more);
    folders
}

/// What a YAML of extra paths adds before the usual folders, and behind them. Also the format of the desktop version's
/// `extra_models_config.yaml`.
fn extra_folders(file: &Path) -> (Vec<ModelFolder>, Vec<ModelFolder>) {
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    let Some(serde_yaml_ng::Value::Mapping(sections)) = read_yaml(file) else { return (before, behind) };
    let here = file.parent().unwrap_or(file);
    for (_, section) in &sections {
        let serde_yaml_ng::Value::Mapping(entries) = section else { continue };
        let base = entries
            .get("base_path")
            .and_then(serde_yaml_ng::Value::as_str)
            .and_then(|text| path_from(text, here))
            .unwrap_or_else(|| here.to_owned());
        let is_default = entries.get("is_default").and_then(serde_yaml_ng::Value::as_bool).unwrap_or(false);
        for (key, value) in entries {
            let (Some(key), Some(value)) = (key.as_str(), value.as_str()) else { continue };
            if key == "base_path" || key == "is_default" || NOT_MODELS.contains(&key) {
                continue;
            }
            let kind =
                MODELS.iter().find(|(name, _)| *name == key).map_or(ModelKind::unknown(), |(_, kind)| kind.clone());
            let paths = value.lines().filter_map(|line| path_from(line, &base));
            for path in paths {
                let folder = ModelFolder { path, kind: kind.clone() };
                if is_default && !SPECIAL.contains(&key) { &mut before } else { &mut behind }.push(folder);
            }
        }
    }
    // Each is put before all the others, so the last one named is the first one used.
    before.reverse();
    (before, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Vec<ModelFolder> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("extra_model_paths.yaml");
        std::fs::write(&file, yaml).unwrap();
        let (mut folders, behind) = extra_folders(&file);
        folders.extend(behind);
        for folder in &mut folders {
            if let Ok(relative) = folder.path.strip_prefix(dir.path()) {
                folder.path = Path::new("HERE").join(relative);
            }
        }
        folders
    }

    #[test]
    fn extra_paths_are_read_as_comfyui_reads_them() {
        let folders = read(
            "a111:\n    base_path: /sd/webui\n    checkpoints: models/Stable-diffusion\n    loras: |\n        models/Lora\n        models/LyCORIS\n    is_default: true\nmine:\n    unet: big/unet\n    brand_new: x\n    custom_nodes: nodes\n",
        );
        let expected = [
            ("/sd/webui/models/LyCORIS", ModelKind::Lora),
            ("/sd/webui/models/Lora", ModelKind::Lora),
            ("/sd/webui/models/Stable-diffusion", ModelKind::Checkpoint),
            ("HERE/big/unet", ModelKind::DiffusionModel),
            ("HERE/x", ModelKind::unknown()),
        ];
        let expected: Vec<_> =
            expected.into_iter().map(|(path, kind)| ModelFolder { path: path.into(), kind }).collect();
        assert_eq!(folders, expected);
    }

    #[test]
    fn a_default_section_comes_before_the_usual_folders_and_others_behind_them() {
        let dir = tempfile::tempdir().unwrap();
        let yaml = "big:\n    base_path: /big\n    is_default: true\n    loras: loras\n    latent_upscale_models: latent\nold:\n    loras: /old\n";
        std::fs::write(dir.path().join("extra_model_paths.yaml"), yaml).unwrap();
        let folders = folders(dir.path());
        let of = |kind| -> Vec<_> { folders.iter().filter(|f| f.kind == kind).map(|f| f.path.clone()).collect() };
        assert_eq!(of(ModelKind::Lora), ["/big/loras".into(), dir.path().join("models/loras"), "/old".into()]);
        assert_eq!(of(ModelKind::Upscaler)[0], dir.path().join("models/upscale_models"));
    }

    #[test]
    fn a_broken_yaml_costs_only_its_own_folders() {
        assert!(read("a: [1, 2").is_empty());
        assert!(read("just text").is_empty());
        assert!(read("a: 3\nb:\n  loras: [1]\n").is_empty());
    }
}
