//! Which folders a scan walks, and what kind a file found there is.
//!
//! A layout's folders overlap (`models` and `models/Lora`); each file system path is walked once, from the topmost
//! folder, and its kind is that of the deepest folder it lies in.

use std::path::{Path, PathBuf};

use super::{ModelFolder, ModelKind};

/// Endings of files that a UI loads.
pub(crate) const MODEL_EXTENSIONS: &[&str] =
    &["safetensors", "sft", "ckpt", "pt", "pt2", "pth", "bin", "gguf", "pkl", "onnx"];

/// No UI loads an archive, but Civitai has models that are ones, and people keep them beside what they unpacked.
const ARCHIVE_EXTENSIONS: &[&str] = &["zip"];

/// Whether a file of this name can be a model. Unfinished downloads (`.part`, `.crdownload`, `.aria2`, …) have other
/// endings, hidden files are somebody's temporary ones.
pub fn is_model_name(path: &Path) -> bool {
    // A vault item's pictures, which a download puts beside its model.
    let is_pictures = path.file_name().is_some_and(|name| name.as_encoded_bytes().ends_with(b".images.zip"));
    let hidden = is_pictures || path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
    !hidden
        && path.extension().and_then(|extension| extension.to_str()).is_some_and(|extension| {
            MODEL_EXTENSIONS.iter().chain(ARCHIVE_EXTENSIONS).any(|known| known.eq_ignore_ascii_case(extension))
        })
}

/// The folders of one root, ready to be walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanPlan {
    bases: Vec<PathBuf>,
    /// Where the layout's folders begin; the same as `bases` unless the plan was narrowed.
    tops: Vec<PathBuf>,
    /// Deepest first.
    folders: Vec<ModelFolder>,
}

impl ScanPlan {
    /// From a layout's folders.
    pub fn new(mut folders: Vec<ModelFolder>) -> Self {
        let mut bases: Vec<PathBuf> = folders.iter().map(|folder| folder.path.clone()).collect();
        bases.sort();
        bases.dedup();
        let all = bases.clone();
        bases.retain(|base| !all.iter().any(|other| other != base && base.starts_with(other)));
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.path.components().count()));
        Self { tops: bases.clone(), bases, folders }
    }

    /// Only what lies in these folders.
    #[must_use]
    pub fn narrowed(mut self, wanted: &[PathBuf]) -> Self {
        let is_inside = |folder: &&PathBuf| self.tops.iter().any(|top| folder.starts_with(top));
        let mut bases: Vec<PathBuf> = wanted.iter().filter(is_inside).cloned().collect();
        // A folder above the layout's own holds all of those.
        bases.extend(self.tops.iter().filter(|top| wanted.iter().any(|folder| top.starts_with(folder))).cloned());
        bases.sort();
        bases.dedup();
        let all = bases.clone();
        bases.retain(|base| !all.iter().any(|other| other != base && base.starts_with(other)));
        self.bases = bases;
        self
    }

    /// The layout's own folder that this one is or lies in.
    pub fn top_of(&self, folder: &Path) -> Option<&Path> {
        self.tops.iter().find(|top| folder.starts_with(top)).map(PathBuf::as_path)
    }

    /// Where to start walking. None lies in another.
    pub fn bases(&self) -> &[PathBuf] {
        &self.bases
    }

    /// What a file at this path is, by its place.
    pub fn kind_of(&self, path: &Path) -> ModelKind {
        let kind = self
            .folders
            .iter()
            .find(|folder| path.starts_with(&folder.path))
            .map_or(ModelKind::unknown(), |folder| folder.kind.clone());
        // `model.vae.safetensors` beside its checkpoint is a VAE for it.
        let stem_ends_in_vae = || path.file_stem().is_some_and(|stem| stem.as_encoded_bytes().ends_with(b".vae"));
        if kind == ModelKind::Checkpoint && stem_ends_in_vae() { ModelKind::Vae } else { kind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_by_their_last_ending() {
        for name in ["a.safetensors", "A.CKPT", "v1.5.pt", "x.gguf"] {
            assert!(is_model_name(Path::new(name)), "{name}");
        }
        for name in ["a.safetensors.part", "a.ptx", "a.ckpt.aria2", ".a.safetensors", "readme", "a.png", "b.crdownload"]
        {
            assert!(!is_model_name(Path::new(name)), "{name}");
        }
    }

    #[test]
    fn a_narrowed_plan_walks_less_and_judges_the_same() {
        let folder = |path: &str, kind| ModelFolder { path: path.into(), kind };
        let plan = ScanPlan::new(vec![folder("/ui/models", ModelKind::unknown()), folder("/nas", ModelKind::Lora)]);
        let wanted = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            plan.clone().narrowed(&paths).bases().to_vec()
        };
        assert_eq!(wanted(&["/ui/models/a/b", "/ui/models/a", "/elsewhere"]), [Path::new("/ui/models/a")]);
        assert_eq!(wanted(&["/ui"]), [Path::new("/ui/models")]);
        let narrowed = plan.clone().narrowed(&["/nas/x".into()]);
        assert_eq!(narrowed.kind_of(Path::new("/nas/x/a.pt")), ModelKind::Lora);
        assert_eq!(narrowed.top_of(Path::new("/nas/x")), Some(Path::new("/nas")));
    }

    #[test]
    fn the_deepest_folder_decides_and_the_topmost_is_walked() {
        let folder = |path: &str, kind| ModelFolder { path: path.into(), kind };
        let plan = ScanPlan::new(vec![
            folder("/ui/models", ModelKind::unknown()),
            folder("/ui/models/Stable-diffusion", ModelKind::Checkpoint),
            folder("/nas/loras", ModelKind::Lora),
            folder("/ui/models-old", ModelKind::Lora),
        ]);
        assert_eq!(plan.bases(), [Path::new("/nas/loras"), Path::new("/ui/models"), Path::new("/ui/models-old")]);
        assert_eq!(plan.kind_of(Path::new("/ui/models/Stable-diffusion/xl/a.ckpt")), ModelKind::Checkpoint);
        assert_eq!(plan.kind_of(Path::new("/ui/models/Stable-diffusion/a.vae.pt")), ModelKind::Vae);
        assert!(plan.kind_of(Path::new("/ui/models/new/a.ckpt")).is_unknown());
    }
}
