//! What the files beside a model are called. Names only; the one effect is to ask whether such a file is there.
//!
//! Each name is asked for on its own instead of listing the folder: a folder of ten thousand models would otherwise be
//! listed ten thousand times, and sixty look-ups cost less than one such listing.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::info::SidecarKind;
use crate::roots::MODEL_EXTENSIONS;

/// No file system in use takes a longer name: bytes on Unix, UTF-16 units on Windows.
const MAX_NAME: usize = 255;

/// What precedes a preview's ending: A1111's two namings first, then SD.Next's thumbnail and LoRA Manager's example.
pub(super) const PREVIEW_MIDDLES: &[&str] = &["", "preview.", "thumb.", "example.0."];

/// What a preview's name ends in, for any UI: A1111's first, then the rest of LoRA Manager's and SD.Next's.
pub(super) const PREVIEW_ENDINGS: &[&str] =
    &["png", "jpg", "jpeg", "webp", "gif", "mp4", "webm", "avif", "jxl", "tiff", "jp2"];

/// Most pictures of Browser+'s gallery that are listed.
const MAX_GALLERY: usize = 64;

/// `<base>.<ending>`, where the base is the model's path without its last ending. `None` if it has no name at all.
pub(super) fn beside(model: &Path, ending: &str) -> Option<PathBuf> {
    named(model, ".", ending)
}

fn named(model: &Path, joint: &str, ending: &str) -> Option<PathBuf> {
    let mut name: OsString = model.file_stem()?.to_owned();
    name.push(joint);
    name.push(ending);
    Some(model.with_file_name(name))
}

/// Every file with something to read in it, and whose it would be. What a user wrote comes before what was fetched.
pub(super) fn texts(model: &Path) -> Vec<(SidecarKind, PathBuf)> {
    let mut names: Vec<(SidecarKind, PathBuf)> = [
        (SidecarKind::A1111Json, "json"),
        (SidecarKind::LoraManager, "metadata.json"),
        (SidecarKind::StabilityMatrix, "cm-info.json"),
        (SidecarKind::SwarmUi, "swarm.json"),
        (SidecarKind::CivitaiInfo, "civitai.info"),
        (SidecarKind::Description, "txt"),
        (SidecarKind::Description, "description.txt"),
    ]
    .into_iter()
    .filter_map(|(kind, ending)| Some((kind, beside(model, ending)?)))
    .collect();
    // The one that keeps the model's ending.
    if let Some(name) = model.file_name() {
        let mut name = name.to_owned();
        name.push(".rgthree-info.json");
        names.push((SidecarKind::Rgthree, model.with_file_name(name)));
    }
    names
}

/// Every name under which some UI looks for the model's one preview, whether or not it is there.
pub(super) fn preview_names(model: &Path) -> Vec<PathBuf> {
    PREVIEW_MIDDLES
        .iter()
        .flat_map(|middle| PREVIEW_ENDINGS.iter().map(move |ending| format!("{middle}{ending}")))
        .filter_map(|ending| beside(model, &ending))
        .collect()
}

/// Browser+'s pictures, `<base>_0.png` and on, as far as they are there. They are not previews: no UI shows them as one.
pub(super) fn gallery(model: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for number in 0..MAX_GALLERY {
        // `foo_1.png` beside `foo_1.safetensors` is that model's preview, not one of `foo`'s pictures.
        let is_a_models = MODEL_EXTENSIONS
            .iter()
            .filter_map(|ending| named(model, "_", &format!("{number}.{ending}")))
            .any(|path| path.is_file());
        let picture = ["png", "jpg", "jpeg", "webp"]
            .iter()
            .filter_map(|ending| named(model, "_", &format!("{number}.{ending}")))
            .find(|path| path.is_file());
        match picture {
            Some(picture) if !is_a_models => found.push(picture),
            _ => break,
        }
    }
    found
}

/// Everything beside a model that is there and its alone: what goes with it wherever it goes. Links are left, wherever they
/// lead.
pub(crate) fn travelling(model: &Path) -> Vec<PathBuf> {
    if !sharers(model).is_empty() {
        return Vec::new();
    }
    // A1111 and ComfyUI take a checkpoint's configuration from `<base>.yaml`.
    let configuration = beside(model, "yaml");
    let mut all: Vec<PathBuf> = texts(model).into_iter().map(|(_, path)| path).collect();
    all.extend(preview_names(model));
    all.extend(configuration);
    all.retain(|path| path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()));
    all.extend(gallery(model));
    all.sort();
    // A file system that ignores case has one file by two names.
    all.dedup();
    all
}

/// The other model files of the same base: every sidecar is theirs as well.
pub(super) fn sharers(model: &Path) -> Vec<PathBuf> {
    MODEL_EXTENSIONS
        .iter()
        .filter_map(|ending| beside(model, ending))
        .filter(|path| path != model && path.is_file() && !is_same_name(path, model))
        .collect()
}

/// On a file system that ignores case, `foo.pt` is there when `foo.PT` is.
fn is_same_name(path: &Path, model: &Path) -> bool {
    match (path.file_name(), model.file_name()) {
        (Some(path), Some(model)) => path.eq_ignore_ascii_case(model),
        _ => false,
    }
}

/// Whether no file system could take the name.
pub(super) fn is_too_long(path: &Path) -> bool {
    path.file_name().is_some_and(|name| length(name) > MAX_NAME)
}

#[cfg(windows)]
fn length(name: &std::ffi::OsStr) -> usize {
    std::os::windows::ffi::OsStrExt::encode_wide(name).count()
}

#[cfg(not(windows))]
fn length(name: &std::ffi::OsStr) -> usize {
    name.as_encoded_bytes().len()
}

/// Whether anything at all has this name: a file, a folder, a link to nowhere.
pub(super) fn is_taken(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_ending_is_replaced() {
        assert_eq!(beside(Path::new("/m/v1.5 \"x\".🦀.safetensors"), "json"), Some("/m/v1.5 \"x\".🦀.json".into()));
        assert_eq!(beside(Path::new("/m/no ending"), "json"), Some("/m/no ending.json".into()));
        assert_eq!(beside(Path::new("/"), "json"), None);
        let rgthree = texts(Path::new("/m/a.b.pt")).pop();
        assert_eq!(rgthree, Some((SidecarKind::Rgthree, "/m/a.b.pt.rgthree-info.json".into())));
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_unicode_keep_their_bytes() {
        use std::os::unix::ffi::OsStrExt;
        let of = |bytes| PathBuf::from(std::ffi::OsStr::from_bytes(bytes));
        assert_eq!(beside(&of(b"/m/\xff\xfe.ckpt"), "json"), Some(of(b"/m/\xff\xfe.json")));
    }

    #[test]
    fn a_gallery_does_not_take_the_next_models_preview() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["foo.pt", "foo_0.png", "foo_1.jpeg", "foo_2.png", "foo_2.safetensors"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        let found = gallery(&dir.path().join("foo.pt"));
        assert_eq!(found, [dir.path().join("foo_0.png"), dir.path().join("foo_1.jpeg")]);
    }

    #[test]
    fn models_of_one_base_share() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["foo.safetensors", "foo.gguf", "foo.vae.pt", "foo.json"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        assert_eq!(sharers(&dir.path().join("foo.safetensors")), [dir.path().join("foo.gguf")]);
        assert!(sharers(&dir.path().join("foo.vae.pt")).is_empty());
    }
}
