//! AUTOMATIC1111's stable-diffusion-webui, and Forge, which keeps its folders.
//!
//! Folders move with command line flags; users write those into `COMMANDLINE_ARGS` in `webui-user.sh` or `.bat`.
//! `--ckpt-dir` and `--vae-dir` add a folder, the other flags replace theirs.

use std::path::{Path, PathBuf};

use super::config::{path_from, read_text};
use super::{ModelFolder, ModelKind, WebuiCaches, table};

/// Below `models/`.
const MODELS: &[(&str, ModelKind)] = &[
    ("Stable-diffusion", ModelKind::Checkpoint),
    ("Lora", ModelKind::Lora),
    ("LyCORIS", ModelKind::Locon),
    ("hypernetworks", ModelKind::Hypernetwork),
    ("VAE", ModelKind::Vae),
    ("VAE-approx", ModelKind::VaeApprox),
    ("ControlNet", ModelKind::Controlnet),
    ("ESRGAN", ModelKind::Upscaler),
    ("RealESRGAN", ModelKind::Upscaler),
    ("SwinIR", ModelKind::Upscaler),
    ("BSRGAN", ModelKind::Upscaler),
    ("DAT", ModelKind::Upscaler),
    ("LDSR", ModelKind::Upscaler),
    ("ScuNET", ModelKind::Upscaler),
    ("GFPGAN", ModelKind::Upscaler),
    ("Codeformer", ModelKind::Upscaler),
    ("text_encoder", ModelKind::TextEncoder),
    ("adetailer", ModelKind::Detection),
    ("Poses", ModelKind::Poses),
    ("Workflows", ModelKind::Workflows),
];

/// Below the data folder.
const EXTENSIONS: &[(&str, ModelKind)] = &[
    ("extensions/sd-webui-controlnet/models", ModelKind::Controlnet),
    ("extensions/sd-webui-animatediff/model", ModelKind::MotionModule),
    ("extensions/stable-diffusion-webui-aesthetic-gradients/aesthetic_embeddings", ModelKind::AestheticGradient),
];

/// Flags that name one folder of models: the kind, and the folder below `models/` that the flag replaces.
const FLAGS: &[(&str, ModelKind, Option<&str>)] = &[
    ("--ckpt-dir", ModelKind::Checkpoint, None),
    ("--vae-dir", ModelKind::Vae, None),
    ("--lora-dir", ModelKind::Lora, Some("Lora")),
    ("--lyco-dir-backcompat", ModelKind::Locon, Some("LyCORIS")),
    ("--hypernetwork-dir", ModelKind::Hypernetwork, Some("hypernetworks")),
    ("--controlnet-dir", ModelKind::Controlnet, None),
    ("--text-encoder-dir", ModelKind::TextEncoder, None),
    ("--esrgan-models-path", ModelKind::Upscaler, Some("ESRGAN")),
    ("--realesrgan-models-path", ModelKind::Upscaler, Some("RealESRGAN")),
    ("--swinir-models-path", ModelKind::Upscaler, Some("SwinIR")),
    ("--bsrgan-models-path", ModelKind::Upscaler, Some("BSRGAN")),
    ("--dat-models-path", ModelKind::Upscaler, Some("DAT")),
    ("--scunet-models-path", ModelKind::Upscaler, Some("ScuNET")),
    ("--gfpgan-models-path", ModelKind::Upscaler, Some("GFPGAN")),
    ("--codeformer-models-path", ModelKind::Upscaler, Some("Codeformer")),
];

/// A1111's folders.
pub(super) fn folders(root: &Path) -> Vec<ModelFolder> {
    folders_with(root, &arguments(root))
}

/// Where the web UI keeps its caches: its data folder, and the folder it was told to use instead of `cache/` there.
pub(super) fn caches(root: &Path) -> WebuiCaches {
    let data = flag(&arguments(root), "--data-dir", root).unwrap_or_else(|| root.to_owned());
    let moved = script_value(root, "SD_WEBUI_CACHE_DIR").and_then(|words| path_from(&words, root));
    WebuiCaches { data, moved }
}

/// Forge's: A1111's, and those of an A1111 installation it was pointed at.
pub(super) fn forge_folders(root: &Path) -> Vec<ModelFolder> {
    let arguments = arguments(root);
    let mut folders = folders_with(root, &arguments);
    if let Some(home) = flag(&arguments, "--forge-ref-a1111-home", root) {
        folders.extend(folders_with(&home, &[]));
    }
    folders
}

fn folders_with(root: &Path, arguments: &[String]) -> Vec<ModelFolder> {
    let data = flag(arguments, "--data-dir", root).unwrap_or_else(|| root.to_owned());
    let models = flag(arguments, "--models-dir", root).unwrap_or_else(|| data.join("models"));

    let mut folders = table(&models, MODELS);
    folders.push(ModelFolder { path: models.clone(), kind: ModelKind::unknown() });
    folders.extend(table(&data, EXTENSIONS));
    let embeddings = flag(arguments, "--embeddings-dir", root).unwrap_or_else(|| data.join("embeddings"));
    folders.push(ModelFolder { path: embeddings, kind: ModelKind::TextualInversion });
    for (name, kind, replaced) in FLAGS {
        if let Some(path) = flag(arguments, name, root) {
            if let Some(replaced) = replaced.map(|folder| models.join(folder)) {
                folders.retain(|folder| folder.path != replaced);
            }
            folders.push(ModelFolder { path, kind: kind.clone() });
        }
    }
    folders
}

/// `--name value` or `--name=value`; the last one counts, as in argparse.
fn flag(arguments: &[String], name: &str, root: &Path) -> Option<PathBuf> {
    let mut found = None;
    for (at, argument) in arguments.iter().enumerate() {
        if argument == name {
            found = arguments.get(at + 1).map(String::as_str);
        } else if let Some(value) = argument.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')) {
            found = Some(value);
        }
    }
    path_from(found?, root)
}

/// The words of `COMMANDLINE_ARGS`, from the shell script or else the batch file.
fn arguments(root: &Path) -> Vec<String> {
    let shell = read_text(&root.join("webui-user.sh")).and_then(|text| shell_arguments(&text));
    shell
        .or_else(|| read_text(&root.join("webui-user.bat")).and_then(|text| batch_arguments(&text)))
        .unwrap_or_default()
}

/// What a variable is set to, in the shell script or else the batch file.
fn script_value(root: &Path, name: &str) -> Option<String> {
    let shell = read_text(&root.join("webui-user.sh")).and_then(|text| shell_value(&text, name));
    shell.or_else(|| {
        let text = read_text(&root.join("webui-user.bat"))?;
        batch_value(&text, name).map(|value| value.trim_matches('"').to_owned())
    })
}

fn shell_value(script: &str, name: &str) -> Option<String> {
    let assignment = script.lines().rev().find_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("export ").unwrap_or(line).trim_start().strip_prefix(name)?.strip_prefix('=')
    })?;
    shell_words::split(assignment).ok()?.into_iter().next()
}

fn shell_arguments(script: &str) -> Option<Vec<String>> {
    // The shell strips one level of quotes at the assignment, the web UI splits what is left.
    shell_words::split(&shell_value(script, "COMMANDLINE_ARGS")?).ok()
}

fn batch_value<'a>(script: &'a str, name: &str) -> Option<&'a str> {
    script.lines().rev().find_map(|line| {
        let line = line.trim_start();
        let rest = line.get(..4).filter(|word| word.eq_ignore_ascii_case("set ")).map(|_| line[4..].trim_start())?;
        rest.trim_start_matches('"').strip_prefix(name)?.strip_prefix('=').map(str::trim_end)
    })
}

fn batch_arguments(script: &str) -> Option<Vec<String>> {
    // A backslash is an ordinary character in a batch file.
    shell_words::split(&batch_value(script, "COMMANDLINE_ARGS")?.replace('\\', "\\\\")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(folders: &[ModelFolder], path: &str) -> Vec<ModelKind> {
        folders.iter().filter(|folder| folder.path == Path::new(path)).map(|folder| folder.kind.clone()).collect()
    }

    #[test]
    fn embeddings_lie_beside_models() {
        let folders = folders_with(Path::new("/ui"), &[]);
        assert_eq!(kinds(&folders, "/ui/embeddings"), [ModelKind::TextualInversion]);
        assert_eq!(kinds(&folders, "/ui/models/Lora"), [ModelKind::Lora]);
    }

    #[test]
    fn flags_add_or_replace_as_the_web_ui_does() {
        let arguments = shell_arguments(
            "#!/bin/sh\n# export COMMANDLINE_ARGS=\"--lora-dir /old\"\nexport COMMANDLINE_ARGS=\"--xformers --ckpt-dir '/big disk/sd' --lora-dir=/nas/loras\"\n",
        )
        .unwrap();
        let folders = folders_with(Path::new("/ui"), &arguments);
        assert_eq!(kinds(&folders, "/big disk/sd"), [ModelKind::Checkpoint]);
        assert_eq!(kinds(&folders, "/ui/models/Stable-diffusion"), [ModelKind::Checkpoint]);
        assert_eq!(kinds(&folders, "/nas/loras"), [ModelKind::Lora]);
        assert!(kinds(&folders, "/ui/models/Lora").is_empty());
    }

    #[test]
    fn caches_are_found_where_the_scripts_say() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        assert_eq!(caches(root), WebuiCaches { data: root.to_owned(), moved: None });
        let script = "export SD_WEBUI_CACHE_DIR='/big disk/cache'\nexport COMMANDLINE_ARGS=\"--data-dir /data\"\n";
        std::fs::write(root.join("webui-user.sh"), script).unwrap();
        let moved = WebuiCaches { data: "/data".into(), moved: Some("/big disk/cache".into()) };
        assert_eq!(caches(root), moved);
        std::fs::remove_file(root.join("webui-user.sh")).unwrap();
        std::fs::write(root.join("webui-user.bat"), "set \"SD_WEBUI_CACHE_DIR=/elsewhere\"\r\n").unwrap();
        assert_eq!(caches(root).moved, Some("/elsewhere".into()));
    }

    #[test]
    fn batch_files_keep_their_backslashes() {
        let arguments =
            batch_arguments("@echo off\r\nset COMMANDLINE_ARGS=--ckpt-dir \"D:\\My Models\\sd\"\r\n").unwrap();
        assert_eq!(arguments, ["--ckpt-dir", "D:\\My Models\\sd"]);
    }
}
