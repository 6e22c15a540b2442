//! What travels with a model, and what it is called where the model goes.

use std::path::{Path, PathBuf};

use crate::sidecar::travelling;

/// Files beside a model that are its alone, each with its name beside `target`.
///
/// What another model of the same base has as well stays where it is: it is that model's just as much.
pub(super) fn companions(model: &Path, target: &Path) -> Vec<(PathBuf, PathBuf)> {
    let (Some(stem), Some(new_stem)) = (model.file_stem(), target.file_stem()) else { return Vec::new() };
    let (stem, new_stem) = (stem.as_encoded_bytes(), new_stem.to_string_lossy().into_owned());
    let named = |path: PathBuf| {
        let rest = path.file_name()?.as_encoded_bytes().strip_prefix(stem)?;
        // Endings are plain; a name that goes on with something else is not one of ours.
        let name = format!("{new_stem}{}", std::str::from_utf8(rest).ok()?);
        Some((path, target.with_file_name(name)))
    };
    travelling(model).into_iter().filter_map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_notes_and_configuration_travel_and_strangers_stay() {
        let dir = tempfile::tempdir().unwrap();
        let names = [
            "a.v1.safetensors",
            "a.v1.preview.png",
            "a.v1.json",
            "a.v1.civitai.info",
            "a.v1.yaml",
            "a.v1.safetensors.rgthree-info.json",
            "a.v10.png",
            "b.png",
        ];
        for name in names {
            std::fs::write(dir.path().join(name), name).unwrap();
        }
        let to = Path::new("/elsewhere/new.safetensors");
        let mut got: Vec<(String, String)> = companions(&dir.path().join("a.v1.safetensors"), to)
            .into_iter()
            .map(|(from, to)| (crate::paths::name_of(&from), to.display().to_string()))
            .collect();
        got.sort();
        let wanted = [
            ("a.v1.civitai.info", "/elsewhere/new.civitai.info"),
            ("a.v1.json", "/elsewhere/new.json"),
            ("a.v1.preview.png", "/elsewhere/new.preview.png"),
            ("a.v1.safetensors.rgthree-info.json", "/elsewhere/new.safetensors.rgthree-info.json"),
            ("a.v1.yaml", "/elsewhere/new.yaml"),
        ];
        assert_eq!(got, wanted.map(|(from, to)| (from.to_owned(), to.to_owned())));
        std::fs::write(dir.path().join("a.v1.ckpt"), "").unwrap();
        assert!(companions(&dir.path().join("a.v1.safetensors"), to).is_empty(), "they are the other model's as well");
    }
}
