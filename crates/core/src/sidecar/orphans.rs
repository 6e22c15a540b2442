//! Finds sidecars and previews that were left behind by their model.
//!
//! What a file is called is not enough to throw it away: `notes.json` and `cat.png` may be anybody's. A file counts only
//! if its bytes are what such a file holds, and if either nobody else names files like this (`a.civitai.info`,
//! `a.preview.png`), or the library knew the model that it was beside, or a sidecar beside it that counts has its name.
//! And no model, unfinished download or folder of its name may be there, in whatever letter case.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::file::{Links, read_whole};
use super::info::SidecarKind;
use super::media::Media;
use super::names::{PREVIEW_ENDINGS, PREVIEW_MIDDLES};
use super::parse::is_civitai_model;
use crate::roots::is_model_name;

/// Most that are told of one folder.
const MOST_IN_A_FOLDER: usize = 2_000;

/// How a file is known to be what it is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// What is in it.
    Content,
    /// Its name, which only such files have.
    Name,
    /// The library knew the model that it was beside.
    Model,
    /// A sidecar of the same name beside it.
    Sidecar,
}

/// A file whose model is not beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Orphan {
    pub(crate) path: PathBuf,
    pub(crate) kind: SidecarKind,
    pub(crate) proof: Proof,
    /// Bytes.
    pub(crate) size: u64,
}

/// Endings of sidecars, and whose they are. `.txt` is left out: what is in it proves nothing.
const TEXTS: &[(&str, SidecarKind)] = &[
    (".civitai.info", SidecarKind::CivitaiInfo),
    (".metadata.json", SidecarKind::LoraManager),
    (".cm-info.json", SidecarKind::StabilityMatrix),
    (".swarm.json", SidecarKind::SwarmUi),
    (".rgthree-info.json", SidecarKind::Rgthree),
    (".json", SidecarKind::A1111Json),
];

/// What unfinished downloads end in, for any program.
const UNFINISHED: &[&str] = &["part", "crdownload", "aria2", "tmp", "download", "partial", "incomplete"];

/// Whether a name could be a sidecar's or a preview's. Quick: asked of every file of a walk.
pub(crate) fn may_be_beside(name: &str) -> bool {
    !name.starts_with('.') && (text_of(name).is_some() || previews_of(name).next().is_some())
}

/// Looks at one folder. `known` are the names, without their last ending, of models that the library knows or knew there.
/// Blocks. A folder that cannot be listed has none.
pub(crate) fn look_in(folder: &Path, known: &HashSet<String>) -> Vec<Orphan> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let (mut files, mut owners) = (Vec::new(), HashSet::new());
    for entry in entries.filter_map(Result::ok) {
        // A name that is not Unicode is nobody's sidecar here, but its file may be the model of one.
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if let Some(owned) = owned_by(&name, entry.file_type().is_ok_and(|kind| kind.is_dir())) {
            owners.insert(owned);
        } else if is_file && entry.file_name().to_str().is_some() && may_be_beside(&name) {
            files.push(name);
        }
    }
    files.retain(|name| !stems_of(name).any(|stem| owners.contains(&stem)));
    files.sort();
    files.truncate(MOST_IN_A_FOLDER);
    judge(folder, &files, known)
}

/// What a thing in the folder may have sidecars under: a model without its ending, a download that will be one, a folder.
fn owned_by(name: &str, is_folder: bool) -> Option<String> {
    let lower = name.to_lowercase();
    if is_folder {
        return Some(lower);
    }
    let mut path = Path::new(&lower);
    while let (Some(ending), Some(stem)) = (path.extension(), path.file_stem()) {
        if UNFINISHED.iter().any(|unfinished| ending == *unfinished) {
            path = Path::new(stem);
            continue;
        }
        break;
    }
    let is_unfinished = path.as_os_str().len() < lower.len();
    if is_unfinished || is_model_name(path) || is_model_name(Path::new(name)) {
        let is_model = is_model_name(path);
        let stem = if is_model { path.file_stem() } else { Some(path.as_os_str()) };
        return stem.map(|stem| stem.to_string_lossy().into_owned());
    }
    None
}

/// Everything that a name could be beside: every beginning of it that ends before a dot.
fn stems_of(name: &str) -> impl Iterator<Item = String> {
    let lower = name.to_lowercase();
    let dots: Vec<usize> = lower.match_indices('.').map(|(at, _)| at).collect();
    dots.into_iter().map(move |at| {
        let stem = &lower[..at];
        // `a.safetensors.rgthree-info.json` is beside `a.safetensors`, which is known as `a`.
        if is_model_name(Path::new(stem)) {
            Path::new(stem).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
        } else {
            stem.to_owned()
        }
    })
}

fn judge(folder: &Path, names: &[String], known: &HashSet<String>) -> Vec<Orphan> {
    let mut found = Vec::new();
    let mut proven: HashSet<String> = HashSet::new();
    for name in names {
        let Some((stem, kind)) = text_of(name) else { continue };
        let path = folder.join(name);
        let Ok((bytes, metadata)) = read_whole(&path, Links::Refuse) else { continue };
        let Some(kind) = is_text_of(kind, &bytes) else { continue };
        proven.insert(stem.to_lowercase());
        found.push(Orphan { path, kind, proof: Proof::Content, size: metadata.len() });
    }
    for name in names {
        let proof = previews_of(name).find_map(|(stem, middle)| {
            let stem = stem.to_lowercase();
            if middle == "preview." {
                Some(Proof::Name)
            } else if proven.contains(&stem) {
                Some(Proof::Sidecar)
            } else {
                known.contains(&stem).then_some(Proof::Model)
            }
        });
        let Some(proof) = proof else { continue };
        let path = folder.join(name);
        if let Some(size) = size_of_media(&path) {
            found.push(Orphan { path, kind: SidecarKind::Preview, proof, size });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The model's name and whose file it would be.
fn text_of(name: &str) -> Option<(&str, SidecarKind)> {
    TEXTS.iter().find_map(|(ending, kind)| {
        let stem = strip_ending(name, ending)?;
        // rgthree keeps the model's ending.
        let stem = if *kind == SidecarKind::Rgthree {
            Path::new(stem).file_stem().and_then(|stem| stem.to_str()).filter(|_| is_model_name(Path::new(stem)))?
        } else {
            stem
        };
        Some((stem, *kind))
    })
}

/// The models that a name could be the preview of, with what precedes the ending. The longest ending first.
fn previews_of(name: &str) -> impl Iterator<Item = (&str, &'static str)> {
    PREVIEW_MIDDLES.iter().rev().filter_map(move |middle| {
        PREVIEW_ENDINGS.iter().find_map(|ending| {
            let stem = strip_ending(name, &format!(".{middle}{ending}"))?;
            Some((stem, *middle))
        })
    })
}

fn strip_ending<'a>(name: &'a str, ending: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(ending.len()).filter(|at| *at > 0)?;
    let tail = name.get(at..)?;
    tail.eq_ignore_ascii_case(ending).then(|| &name[..at])
}

/// Whether these bytes are what such a file holds, and whose it is then.
fn is_text_of(kind: SidecarKind, bytes: &[u8]) -> Option<SidecarKind> {
    let value: Value = serde_json::from_str(&super::file::decode(bytes)).ok()?;
    let fields = value.as_object()?;
    let has = |names: &[&str]| names.iter().filter(|name| fields.contains_key(**name)).count();
    let is_one = match kind {
        SidecarKind::CivitaiInfo => {
            has(&["id", "modelId", "model", "files", "trainedWords", "baseModel", "images", "extensions"]) >= 3
        }
        SidecarKind::LoraManager => {
            has(&["file_name", "model_name", "file_path", "sha256", "base_model", "preview_url", "civitai"]) >= 3
        }
        SidecarKind::StabilityMatrix => has(&["ModelId", "VersionId"]) == 2,
        SidecarKind::SwarmUi => fields.keys().any(|key| key.starts_with("modelspec.")),
        // Nobody else names a file like that.
        SidecarKind::Rgthree => true,
        SidecarKind::A1111Json | SidecarKind::SdNextJson if is_civitai_model(&value) => {
            return (has(&["id", "name", "type"]) == 3).then_some(SidecarKind::SdNextJson);
        }
        SidecarKind::A1111Json | SidecarKind::SdNextJson => {
            // These are A1111's alone, with their spaces; a description or notes of its own anything may have.
            has(&["sd version", "activation text", "preferred weight", "negative text"]) >= 2
        }
        SidecarKind::Description | SidecarKind::Preview => false,
    };
    is_one.then_some(kind)
}

/// How large a picture or video is; `None` if it is none.
fn size_of_media(path: &Path) -> Option<u64> {
    use std::io::Read as _;
    if !path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
        return None;
    }
    let file = crate::hash::open_regular(path).ok()?;
    let size = file.metadata().ok()?.len();
    let mut first = Vec::new();
    file.take(64).read_to_end(&mut first).ok()?;
    Media::of(&first).map(|_| size)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n....";
    const INFO: &str = r#"{"id": 1, "modelId": 2, "files": []}"#;
    const A1111: &str = r#"{"activation text": "x", "preferred weight": 0}"#;

    fn look(files: &[(&str, &[u8])], known: &[&str]) -> Vec<(String, Proof)> {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            match name.strip_suffix('/') {
                Some(folder) => std::fs::create_dir(dir.path().join(folder)).unwrap(),
                None => std::fs::write(dir.path().join(name), bytes).unwrap(),
            }
        }
        let known = known.iter().map(|&name| name.to_owned()).collect();
        let found = look_in(dir.path(), &known).into_iter();
        found.map(|orphan| (crate::paths::name_of(&orphan.path), orphan.proof)).collect()
    }

    #[test]
    fn what_proves_itself_is_told_and_what_could_be_anybodys_is_not() {
        let found = look(
            &[
                ("a.v1.civitai.info", INFO.as_bytes()),
                ("a.v1.png", PNG),
                ("b.json", A1111.as_bytes()),
                ("c.preview.png", PNG),
                ("d.safetensors.rgthree-info.json", b"{}"),
                // Anybody's.
                ("cat.png", PNG),
                ("settings.json", b"{\"description\": \"x\", \"notes\": \"y\"}"),
                ("workflow.json", b"{\"nodes\": [], \"links\": []}"),
                ("e.civitai.info", b"shopping list"),
                ("f.preview.png", b"no picture"),
                ("g.txt", b"notes"),
                (".h.preview.png", PNG),
                ("i.rgthree-info.json", b"{}"),
                ("j.thumb.jpg", b"\xff\xd8\xff\xe0"),
            ],
            &[],
        );
        let wanted = [
            ("a.v1.civitai.info", Proof::Content),
            ("a.v1.png", Proof::Sidecar),
            ("b.json", Proof::Content),
            ("c.preview.png", Proof::Name),
            ("d.safetensors.rgthree-info.json", Proof::Content),
        ];
        assert_eq!(found, wanted.map(|(name, proof)| (name.to_owned(), proof)));
    }

    #[test]
    fn a_picture_that_was_beside_a_known_model_is_its() {
        let files: &[(&str, &[u8])] = &[("cat.png", PNG), ("dog.thumb.jpg", b"\xff\xd8\xff\xe0"), ("cow.png", PNG)];
        let found = look(files, &["cat", "dog"]);
        assert_eq!(found, [("cat.png".to_owned(), Proof::Model), ("dog.thumb.jpg".to_owned(), Proof::Model)]);
    }

    #[test]
    fn whatever_may_be_its_model_keeps_it() {
        let owners: &[&str] = &[
            "a.v1.safetensors",
            "A.V1.PT",
            "a.zip",
            "a.v1.safetensors.part",
            "a.v1.crdownload",
            "a.v1.safetensors.aria2",
            "a.v1/",
        ];
        for owner in owners {
            let files: &[(&str, &[u8])] = &[
                (owner, b"x"),
                ("a.v1.civitai.info", INFO.as_bytes()),
                ("a.v1.preview.png", PNG),
                ("a.v1.safetensors.rgthree-info.json", b"{}"),
            ];
            assert_eq!(look(files, &["a.v1"]), [], "{owner}");
        }
        let other: &[(&str, &[u8])] = &[("a.v10.safetensors", b"x"), ("a.v1.preview.png", PNG)];
        assert_eq!(look(other, &[]), [("a.v1.preview.png".to_owned(), Proof::Name)]);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_nobodys() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("x"), PNG).unwrap();
        std::os::unix::fs::symlink(dir.path().join("x"), dir.path().join("a.preview.png")).unwrap();
        std::os::unix::fs::symlink("/nowhere", dir.path().join("b.safetensors")).unwrap();
        std::fs::write(dir.path().join("b.preview.png"), PNG).unwrap();
        assert_eq!(look_in(dir.path(), &HashSet::new()), [], "a model whose drive is away is still its model");
        assert_eq!(look_in(&dir.path().join("none"), &HashSet::new()), []);
    }
}
