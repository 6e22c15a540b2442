//! What is read, however it got there.

use proptest::prelude::*;

use super::*;
use crate::sidecar::html::plain_text;

fn only(model: &Path, kind: SidecarKind) -> SidecarInfo {
    let mut found: Vec<_> = read_beside(model).into_iter().filter(|info| info.kind == kind).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn what_was_written_is_read_back() {
    let folder = Folder::new();
    let outcomes = folder.sync(Layout::Forge, EVERYTHING, JPEG);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Written { .. })), "{outcomes:?}");
    assert_eq!(folder.names(), ["v1.5.civitai.info", "v1.5.json", "v1.5.preview.jpg"]);

    let json = only(&folder.model, SidecarKind::A1111Json);
    assert_eq!(json.description.as_deref(), Some("Title<br><br>About &lt;v2&gt;"));
    assert_eq!(json.activation_text.as_deref(), Some("ohwx, red \"hat\""));
    assert_eq!(json.base_model.as_deref(), Some("SDXL"));
    let info = only(&folder.model, SidecarKind::CivitaiInfo);
    assert_eq!((info.version_id, info.model_id), (Some(VersionId(9)), Some(ModelId(5))));
    assert!(folder.text("v1.5.civitai.info").contains("\"big\":123456789012345678901234567890.10"));
    assert!(folder.text("v1.5.civitai.info").contains("\"extensions\": {\"modeldock\":{\"version\":"));
    let preview = only(&folder.model, SidecarKind::Preview);
    assert_eq!(preview.path, folder.path("v1.5.preview.jpg").to_str().unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_words_and_descriptions_are_read_back(
        words in prop::collection::vec("[^,\\p{C}\\s][^\\p{C}]{0,20}[^,\\p{C}\\s]", 0..4),
        description in "[^<>&\\p{C}\\s][^<>&\\p{C}\\s]{0,40}",
    ) {
        let folder = Folder::new();
        let version = ModelVersion { trained_words: words.clone(), description: None, ..version() };
        let facts = ModelFacts { model_description: Some(&description), ..facts(&folder.model, Layout::A1111, &version) };
        for action in plan(&facts, JSON_ONLY, &look(&folder.model)) {
            carry_out(action).unwrap();
        }
        let read = only(&folder.model, SidecarKind::A1111Json);
        let expected = words.iter().map(|word| word.trim()).collect::<Vec<_>>().join(", ");
        prop_assert_eq!(read.activation_text.unwrap_or_default(), expected);
        prop_assert_eq!(plain_text(&read.description.unwrap()).unwrap(), description);
    }
}

#[test]
fn every_naming_is_found_and_the_last_ending_alone_is_cut() {
    let folder = Folder::with_model("a.v1.5.safetensors");
    folder.put("a.v1.5.txt", "plain <lora:a:1>");
    folder.put("a.v1.5.safetensors.rgthree-info.json", r#"{"userNote": "n"}"#);
    let previews = ["a.v1.5.png", "a.v1.5.preview.webm", "a.v1.5.example.0.jpeg", "a.v1.5.thumb.jpg", "a.v1.5.avif"];
    for name in previews.into_iter().chain(["a.png", "a.v1.json", "a.v1.5.safetensors.png"]) {
        folder.put(name, "x");
    }
    let found = read_beside(&folder.model);
    assert_eq!(only(&folder.model, SidecarKind::Description).description.as_deref(), Some("plain &lt;lora:a:1&gt;"));
    assert_eq!(only(&folder.model, SidecarKind::Rgthree).notes.as_deref(), Some("n"));
    let mut pictures: Vec<_> = found.iter().filter(|info| info.kind == SidecarKind::Preview).collect();
    pictures.sort_by_key(|info| previews.iter().position(|name| info.path.ends_with(name)));
    assert_eq!(pictures.len(), previews.len());
    assert!(pictures.iter().zip(previews).all(|(info, name)| info.path.ends_with(&format!("/{name}"))));
    assert_eq!(found.len(), previews.len() + 2);
}

#[test]
fn models_of_one_base_are_named() {
    let folder = Folder::with_model("foo.safetensors");
    folder.put("foo.gguf", "model");
    folder.put("foo.json", "{}");
    folder.put("foo.safetensors.rgthree-info.json", "{}");
    assert_eq!(only(&folder.model, SidecarKind::A1111Json).shared_with, ["foo.gguf"]);
    assert_eq!(only(&folder.model, SidecarKind::Rgthree).shared_with, [""; 0]);
    assert_eq!(only(&folder.path("foo.gguf"), SidecarKind::A1111Json).shared_with, ["foo.safetensors"]);
}

#[cfg(unix)]
#[test]
fn hostile_files_cost_nothing_but_themselves() {
    let folder = Folder::with_model("m.pt");
    std::fs::File::create(folder.path("m.json")).unwrap().set_len(100 * 1024 * 1024).unwrap();
    make_pipe(&folder.path("m.metadata.json"));
    std::fs::create_dir(folder.path("m.cm-info.json")).unwrap();
    folder.put("m.civitai.info", "{\"a\":".repeat(100_000));
    std::os::unix::fs::symlink(folder.path("m.txt"), folder.path("m.txt")).unwrap();
    folder.put("m.description.txt", b"\0\x1b[2Jgr\xfcn\0");
    folder.put("m.swarm.json", r#"{"modelspec.title": {"x": 1}, "modelspec.tags": 5}"#);
    std::fs::create_dir(folder.path("m.png")).unwrap();
    make_pipe(&folder.path("m.jpg"));

    let found = read_beside(&folder.model);
    let problem = |kind| {
        let info = found.iter().find(|info| info.kind == kind).unwrap();
        info.problem.clone().map(|problem| problem.message.replace(folder.dir.path().to_str().unwrap(), ""))
    };
    assert_eq!(problem(SidecarKind::A1111Json).unwrap(), "`/m.json` is too large to be read");
    assert_eq!(problem(SidecarKind::LoraManager).unwrap(), "`/m.metadata.json` is not a regular file");
    assert_eq!(problem(SidecarKind::StabilityMatrix).unwrap(), "`/m.cm-info.json` is not a regular file");
    assert!(problem(SidecarKind::CivitaiInfo).unwrap().contains("recursion limit"));
    assert_eq!(problem(SidecarKind::SwarmUi), None);
    assert!(found.iter().any(|info| info.description.as_deref() == Some("[2Jgr\u{fffd}n")));
    assert!(found.iter().all(|info| info.kind != SidecarKind::Preview), "{found:?}");
}

#[cfg(unix)]
#[test]
fn names_that_are_not_unicode_are_read_and_written() {
    use std::os::unix::ffi::OsStrExt;
    for name in [&b"\xff\xfe v1.\"x\".pt"[..], "\u{1f980}'\n.ckpt".as_bytes(), b"-rf *.gguf", b" .safetensors"] {
        let folder = Folder::with_model(std::ffi::OsStr::from_bytes(name));
        folder.sync(Layout::A1111, EVERYTHING, PNG);
        assert_eq!(folder.names().len(), 3, "{:?}", folder.names());
        assert_eq!(only(&folder.model, SidecarKind::A1111Json).activation_text.as_deref(), Some("ohwx, red \"hat\""));
        assert_eq!(only(&folder.model, SidecarKind::CivitaiInfo).version_id, Some(VersionId(9)));
        only(&folder.model, SidecarKind::Preview);
    }
}
