//! Writes the two sample installations and what surrounds their models.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::contents::{A1111, A1111_MARKERS, COMFYUI, COMFYUI_MARKERS, EXTRA};
use super::{Expected, SampleTrees, Written, expected};
use crate::catalogue::{Catalogue, Hashes};
use crate::picture;
use crate::weights::{Lora, LoraFormat, Training};

/// Writes a `stable-diffusion-webui` and a `ComfyUI` tree below `dir`, filled from the built-in catalogue.
///
/// Catalogue files that `catalogue` lacks are skipped, so a cut-down catalogue gives smaller trees.
pub fn write_trees(dir: &Path, catalogue: &Catalogue) -> io::Result<SampleTrees> {
    let mut writer = Writer { catalogue, written: Vec::new() };
    let a1111 = dir.join("stable-diffusion-webui");
    let comfyui = dir.join("ComfyUI");
    let extra = dir.join("model-drive");
    for (root, files) in [(&a1111, A1111), (&comfyui, COMFYUI), (&extra, EXTRA)] {
        for (folder, name, known) in files {
            writer.known(root, folder, name, known)?;
        }
    }
    installations(&mut writer, &a1111, &comfyui)?;
    never_uploaded(&mut writer, &a1111, &comfyui)?;
    companions(&mut writer, &a1111, &comfyui)?;
    Ok(SampleTrees { a1111, comfyui, extra: extra.join("loras"), written: writer.written })
}

fn installations(writer: &mut Writer<'_>, a1111: &Path, comfyui: &Path) -> io::Result<()> {
    for (root, markers) in [(a1111, A1111_MARKERS), (comfyui, COMFYUI_MARKERS)] {
        for marker in markers {
            writer.ignored(root, marker, b"# Placeholder of the simulator's sample installation.\n")?;
        }
    }
    writer.ignored(a1111, "webui-user.sh", b"#!/bin/bash\n#export COMMANDLINE_ARGS=\"\"\n")?;
    writer.ignored(a1111, "models/Lora/Put LoRAs here.txt", b"")?;
    writer.ignored(comfyui, "models/loras/put_loras_here", b"")?;
    let yaml = "# Written by the simulator.\nshared_drive:\n    base_path: ../model-drive\n    loras: loras\n";
    writer.ignored(comfyui, "extra_model_paths.yaml", yaml.as_bytes())?;
    for empty in ["models/clip_vision", "models/configs"] {
        fs::create_dir_all(comfyui.join(empty))?;
    }
    Ok(())
}

/// Trainings that were never published: valid, with kohya's header, in no catalogue.
fn never_uploaded(writer: &mut Writer<'_>, a1111: &Path, comfyui: &Path) -> io::Result<()> {
    for (root, folder, name, format, seed) in [
        (a1111, "models/Lora/mine", "my_cat_biscuit-000008.safetensors", LoraFormat::Sd1, 901),
        (a1111, "models/Lora/mine", "grandmas_kitchen_v3.safetensors", LoraFormat::Sd1, 902),
        (comfyui, "models/loras/wip", "harbour_test_flux.safetensors", LoraFormat::Flux, 903),
    ] {
        let output_name = name.trim_end_matches(".safetensors");
        let lora = Lora {
            training: Some(Training {
                output_name: output_name.to_owned(),
                base_model_version: if format == LoraFormat::Flux { "flux1" } else { "sd_v1" }.to_owned(),
                tags: vec![("my subject".to_owned(), 24), ("indoors".to_owned(), 9)],
                started_at: 1_735_689_600 + seed,
            }),
            ..Lora::new(format, seed)
        };
        writer.model(root, folder, name, &lora.write())?;
    }
    Ok(())
}

/// What lies beside models: a preview, a sidecar, an unfinished download, a link.
fn companions(writer: &mut Writer<'_>, a1111: &Path, comfyui: &Path) -> io::Result<()> {
    writer.ignored(a1111, "models/Lora/style/paper_diorama.png", &picture::png(404))?;
    let known = writer.catalogue.file_named("velvetNoir_v09.safetensors").cloned();
    let version = known.and_then(|file| {
        let version = writer.catalogue.version(file.version_id)?.clone();
        Some((file, version))
    });
    if let Some((file, version)) = version {
        let model = &writer.catalogue.model_of(&version).spec;
        let info = json!({
            "id": version.id,
            "modelId": version.model_id,
            "name": version.spec.name,
            "trainedWords": version.spec.trained_words,
            "baseModel": version.spec.base_model,
            "model": { "name": model.name, "type": model.kind, "nsfw": model.nsfw, "poi": model.poi },
            "files": [{
                "id": file.id,
                "name": file.spec.name,
                "type": file.spec.kind,
                "hashes": file.hashes,
            }],
            "images": [],
            "extensions": { "sd_civitai_helper": { "version": "1.8.3", "skeleton_file": false } },
        });
        let text = format!("{info:#}");
        writer.ignored(a1111, "models/Lora/style/velvetNoir_v09.civitai.info", text.as_bytes())?;
    }
    let half = vec![0x2a; 30_000];
    writer.ignored(a1111, "models/Lora/unfinished.safetensors.part", &half)?;
    let target = a1111.join("models/Lora/porcelain_portrait.safetensors");
    writer.link(comfyui, "models/loras", "porcelain_link.safetensors", &target)
}

struct Writer<'a> {
    catalogue: &'a Catalogue,
    written: Vec<Written>,
}

impl Writer<'_> {
    fn known(&mut self, root: &Path, folder: &str, name: &str, known: &str) -> io::Result<()> {
        let Some(file) = self.catalogue.file_named(known) else {
            return Ok(());
        };
        let bytes = file.spec.bytes.clone();
        self.model(root, folder, name, &bytes)
    }

    fn model(&mut self, root: &Path, folder: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = place(&root.join(folder).join(name), bytes)?;
        let sha256 = Hashes::of(bytes).sha256;
        self.written.push(Written {
            path,
            folder: folder.to_owned(),
            symlink: false,
            expected: expected(self.catalogue, &sha256),
            sha256: Some(sha256),
        });
        Ok(())
    }

    fn ignored(&mut self, root: &Path, relative: &str, bytes: &[u8]) -> io::Result<()> {
        let path = place(&root.join(relative), bytes)?;
        let folder = relative.rsplit_once('/').map_or("", |(folder, _)| folder);
        self.written.push(Written {
            path,
            folder: folder.to_owned(),
            symlink: false,
            sha256: None,
            expected: Expected::Ignored,
        });
        Ok(())
    }

    #[cfg(unix)]
    fn link(&mut self, root: &Path, folder: &str, name: &str, target: &Path) -> io::Result<()> {
        let Some(original) = self.written.iter().find(|file| file.path == target) else {
            return Ok(());
        };
        let mut link = original.clone();
        link.path = root.join(folder).join(name);
        folder.clone_into(&mut link.folder);
        link.symlink = true;
        // Absolute, as people make them; replaced when the tree is written again.
        if link.path.symlink_metadata().is_ok() {
            fs::remove_file(&link.path)?;
        }
        std::os::unix::fs::symlink(std::path::absolute(target)?, &link.path)?;
        self.written.push(link);
        Ok(())
    }

    /// Links need a privilege on Windows, so there is none there.
    #[cfg(not(unix))]
    fn link(&mut self, _root: &Path, _folder: &str, _name: &str, _target: &Path) -> io::Result<()> {
        Ok(())
    }
}

fn place(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes)?;
    Ok(path.to_owned())
}
