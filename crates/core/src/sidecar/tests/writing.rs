//! What is written where, and what is said about it beforehand.

use super::*;

#[test]
fn each_ui_gets_what_it_reads() {
    let table = [
        (Layout::A1111, true, true),
        (Layout::Forge, true, true),
        (Layout::SdNext, false, true),
        (Layout::ComfyUi, false, true),
        (Layout::SwarmUi, false, true),
        (Layout::Fooocus, false, true),
        (Layout::InvokeAi, false, false),
        (Layout::StabilityMatrix, false, false),
        (Layout::Plain, false, false),
    ];
    assert_eq!(table.len(), Layout::ALL.len());
    for (layout, a1111_json, preview) in table {
        let choice = SidecarChoice { a1111_json, preview, civitai_info: false };
        assert_eq!(SidecarChoice::default_of(layout), choice, "{layout}");
    }
}

#[test]
fn invokeais_folder_is_never_touched() {
    let folder = Folder::new();
    assert_eq!(folder.sync(Layout::InvokeAi, EVERYTHING, PNG).len(), 3);
    assert_eq!(folder.reason(Layout::InvokeAi, EVERYTHING), LeftAlone::Managed);
    assert_eq!(folder.names(), [""; 0]);
}

#[test]
fn a_checkpoint_has_no_lora_keys() {
    let folder = Folder::new();
    let version = ModelVersion { kind: ModelKind::Checkpoint, ..version() };
    let actions = plan(&facts(&folder.model, Layout::A1111, &version), JSON_ONLY, &look(&folder.model));
    for action in actions {
        carry_out(action).unwrap();
    }
    assert_eq!(folder.text("v1.5.json"), "{\n    \"description\": \"Title\\n\\nAbout <v2>\"\n}");
}

#[test]
fn nothing_known_writes_no_empty_file() {
    let folder = Folder::new();
    let version = ModelVersion {
        trained_words: Vec::new(),
        base_model: None,
        description: Some("<p></p>".to_owned()),
        previews: vec![picture("audio")],
        raw: String::new(),
        ..version()
    };
    let facts = ModelFacts { model_description: None, ..facts(&folder.model, Layout::A1111, &version) };
    for action in plan(&facts, EVERYTHING, &look(&folder.model)) {
        let SidecarAction::LeaveAlone { why, .. } = action else { panic!("{action:?}") };
        assert_eq!(why, LeftAlone::NothingKnown);
    }
}

#[test]
fn a_preview_is_called_what_its_bytes_are() {
    let webm = b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm";
    let table: [(Layout, &[u8], Option<&str>); 12] = [
        (Layout::A1111, PNG, Some("v1.5.preview.png")),
        (Layout::A1111, JPEG, Some("v1.5.preview.jpg")),
        (Layout::Forge, b"RIFF\0\0\0\0WEBP", Some("v1.5.preview.webp")),
        (Layout::Fooocus, b"GIF89a", Some("v1.5.preview.gif")),
        (Layout::SdNext, b"GIF89a", None),
        (Layout::SwarmUi, b"RIFF\0\0\0\0WEBP", None),
        (Layout::A1111, MP4, None),
        (Layout::SwarmUi, MP4, None),
        (Layout::ComfyUi, MP4, Some("v1.5.preview.mp4")),
        (Layout::ComfyUi, webm, None),
        (Layout::ComfyUi, b"<svg/>", None),
        (Layout::ComfyUi, b"", None),
    ];
    for (layout, bytes, name) in table {
        let folder = Folder::new();
        folder.sync(layout, PREVIEW_ONLY, bytes);
        assert_eq!(folder.names(), name.into_iter().collect::<Vec<_>>(), "{layout} {}", bytes.escape_ascii());
    }
}

#[test]
fn pictures_come_before_videos_and_a_video_alone_is_for_those_who_show_it() {
    let folder = Folder::new();
    let candidates = |layout, previews: &[&str]| {
        let previews = previews.iter().map(|media| picture(media)).collect();
        let version = ModelVersion { previews, ..version() };
        match plan(&facts(&folder.model, layout, &version), PREVIEW_ONLY, &look(&folder.model)).remove(0) {
            SidecarAction::PreviewWanted(wanted) => Ok(wanted.candidates),
            SidecarAction::LeaveAlone { why, .. } => Err(why),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(candidates(Layout::ComfyUi, &["video", "image", "audio", "image"]), Ok(vec![1, 3, 0]));
    assert_eq!(candidates(Layout::A1111, &["video", "image"]), Ok(vec![1]));
    assert_eq!(candidates(Layout::A1111, &["video"]), Err(LeftAlone::NotShown));
    assert_eq!(candidates(Layout::ComfyUi, &["video"]), Ok(vec![0]));
    assert_eq!(candidates(Layout::ComfyUi, &[]), Err(LeftAlone::NothingKnown));
}

#[test]
fn a_dry_run_says_what_would_be_done() {
    let folder = Folder::new();
    folder.put("v1.5.json", r#"{"notes": "mine"}"#);
    folder.put("v1.5.civitai.info", "{}");
    let steps: Vec<_> = folder.planned(Layout::Forge, EVERYTHING).iter().map(SidecarAction::step).collect();
    let text = serde_json::to_string_pretty(&steps).unwrap().replace(folder.dir.path().to_str().unwrap(), "");
    insta::assert_snapshot!(text, @r#"
    [
      {
        "step": "extend",
        "path": "/v1.5.json",
        "kind": "a1111_json",
        "adds": [
          "description",
          "sd version",
          "activation text"
        ]
      },
      {
        "step": "leave_alone",
        "path": "/v1.5.civitai.info",
        "kind": "civitai_info",
        "why": {
          "reason": "already_there"
        }
      },
      {
        "step": "fetch_preview",
        "model": "/v1.5.safetensors"
      }
    ]
    "#);
    assert_eq!(folder.names(), ["v1.5.civitai.info", "v1.5.json"]);
}

#[test]
fn a_name_without_room_for_an_ending_is_reported() {
    for (ending, length) in [(".pt", 250), (".pt", 252), (".gguf", 250)] {
        let folder = Folder::with_model(format!("{}{ending}", "n".repeat(length)));
        for choice in [PREVIEW_ONLY, SidecarChoice { civitai_info: true, ..SidecarChoice::default() }] {
            assert_eq!(folder.reason(Layout::A1111, choice), LeftAlone::NameTooLong);
        }
        assert_eq!(read_beside(&folder.model), []);
        assert_eq!(folder.names(), [""; 0]);
    }
}

#[test]
fn a_model_that_went_away_gets_nothing() {
    let folder = Folder::new();
    let actions = folder.planned(Layout::A1111, JSON_ONLY);
    std::fs::remove_file(&folder.model).unwrap();
    for action in actions {
        assert!(matches!(carry_out(action), Ok(Outcome::LeftAlone { why: LeftAlone::ModelGone, .. })));
    }
    assert_eq!(folder.names(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_new_file_is_as_readable_as_any_other_and_an_old_one_stays_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let usual = mode(&folder.model);
    folder.sync(Layout::A1111, EVERYTHING, PNG);
    for name in folder.names() {
        assert_eq!(mode(&folder.path(&name)), usual, "{name}");
    }
    let json = folder.put("v1.5.json", "{}");
    std::fs::set_permissions(&json, std::fs::Permissions::from_mode(0o660)).unwrap();
    folder.sync(Layout::A1111, JSON_ONLY, PNG);
    assert_eq!(mode(&json), 0o660);
    assert_ne!(folder.text("v1.5.json"), "{}");
}
