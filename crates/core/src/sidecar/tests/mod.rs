//! Whole passes over real folders: what is read, what is written, and above all what is not.

mod never_overwrites;
mod reading;
mod writing;

use std::path::{Path, PathBuf};

use super::*;
use crate::catalog::{ModelVersion, Preview};
use crate::roots::{Layout, ModelKind};
use crate::units::{ModelId, VersionId};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n rest";
const JPEG: &[u8] = b"\xff\xd8\xff\xe0 rest";
const MP4: &[u8] = b"\0\0\0\x20ftypisom rest";

const EVERYTHING: SidecarChoice = SidecarChoice { a1111_json: true, preview: true, civitai_info: true };
const JSON_ONLY: SidecarChoice = SidecarChoice { a1111_json: true, preview: false, civitai_info: false };
const PREVIEW_ONLY: SidecarChoice = SidecarChoice { a1111_json: false, preview: true, civitai_info: false };

fn picture(media: &str) -> Preview {
    let url = "https://image.civitai.com/x".to_owned();
    Preview { url, media: media.to_owned(), width: None, height: None, nsfw_level: 1, prompt: None }
}

fn version() -> ModelVersion {
    ModelVersion {
        id: VersionId(9),
        model_id: ModelId(5),
        name: "v2".to_owned(),
        model_name: "Model".to_owned(),
        kind: ModelKind::Lora,
        base_model: Some("Pony".to_owned()),
        trained_words: vec!["ohwx".to_owned(), "red \"hat\"".to_owned()],
        description: Some("<p>About &lt;v2&gt;</p>".to_owned()),
        air: None,
        published_at: None,
        nsfw_level: 1,
        early_access: false,
        mode: None,
        files: Vec::new(),
        previews: vec![picture("video"), picture("image"), picture("audio")],
        raw: r#"{"id":9,"modelId":5,"name":"v2","baseModel":"Pony","big":123456789012345678901234567890.10,"trainedWords":["ohwx"]}"#
            .to_owned(),
    }
}

fn facts<'a>(path: &'a Path, layout: Layout, version: &'a ModelVersion) -> ModelFacts<'a> {
    ModelFacts { path, kind: &version.kind, layout, version, model_description: Some("<h1>Title</h1>") }
}

/// A folder with one model in it.
struct Folder {
    dir: tempfile::TempDir,
    model: PathBuf,
}

impl Folder {
    fn new() -> Self {
        Self::with_model("v1.5.safetensors")
    }

    fn with_model(name: impl AsRef<Path>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join(name);
        std::fs::write(&model, "model").unwrap();
        Self { dir, model }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        self.path(name)
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Every name in the folder, the model's left out.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut names: Vec<String> = entries
            .filter(|path| *path != self.model)
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn planned(&self, layout: Layout, choice: SidecarChoice) -> Vec<SidecarAction> {
        plan(&facts(&self.model, layout, &version()), choice, &look(&self.model))
    }

    /// Everything from looking to writing, with these bytes for the preview.
    fn sync(&self, layout: Layout, choice: SidecarChoice, preview: &[u8]) -> Vec<Outcome> {
        self.planned(layout, choice)
            .into_iter()
            .map(|action| match action {
                SidecarAction::PreviewWanted(wanted) => carry_out(wanted.with(preview.to_vec())).unwrap(),
                other => carry_out(other).unwrap(),
            })
            .collect()
    }

    fn reason(&self, layout: Layout, choice: SidecarChoice) -> LeftAlone {
        match self.sync(layout, choice, PNG).pop() {
            Some(Outcome::LeftAlone { why, .. }) => why,
            other => panic!("{other:?}"),
        }
    }
}

#[cfg(unix)]
fn make_pipe(path: &Path) {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
}
