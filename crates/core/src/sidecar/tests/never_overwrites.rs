//! The rule above all others: what the user has stays as it is, and no attempt leaves anything behind.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

#[test]
fn only_missing_keys_are_added_and_a_second_time_nothing() {
    let folder = Folder::new();
    let json = folder.put(
        "v1.5.json",
        "{\n  \"vae\": 1.50,\n  \"activation text\": \"\",\n  \"seed\": 98765432109876543210987654321,\n  \"x\": {\"ü\":[1e400]}\n}\n",
    );
    folder.sync(Layout::A1111, JSON_ONLY, PNG);
    let expected = "{\n  \"vae\": 1.50,\n  \"activation text\": \"\",\n  \"seed\": 98765432109876543210987654321,\n  \"x\": {\"ü\":[1e400]},\n  \"description\": \"Title\\n\\nAbout <v2>\",\n  \"sd version\": \"SDXL\"\n}\n";
    assert_eq!(folder.text("v1.5.json"), expected);

    let before = crate::scan::Fingerprint::of_path(&json).unwrap();
    assert_eq!(folder.reason(Layout::A1111, JSON_ONLY), LeftAlone::NothingToAdd);
    assert_eq!(crate::scan::Fingerprint::of_path(&json).unwrap(), before);
}

#[test]
fn what_cannot_be_understood_is_left_as_it_is() {
    let deep = "[".repeat(100_000);
    let dump = r#"{"id": 5, "modelVersions": [], "name": "x"}"#;
    let broken: [&[u8]; 9] = [
        b"",
        b"[]",
        b"{\"a\": 1,}",
        b"{\"notes\": \"gr\xfcn\"}",
        b"\xff\xfe{\0}\0",
        b"{} {}",
        b"\0\0\0",
        deep.as_bytes(),
        dump.as_bytes(),
    ];
    for bytes in broken {
        let folder = Folder::new();
        let json = folder.put("v1.5.json", bytes);
        let why = folder.reason(Layout::A1111, JSON_ONLY);
        let fits = if bytes == dump.as_bytes() {
            why == LeftAlone::OtherPrograms
        } else {
            matches!(why, LeftAlone::NotUsable { .. })
        };
        assert!(fits, "{why:?}");
        assert_eq!(std::fs::read(json).unwrap(), bytes);
        assert_eq!(folder.names(), ["v1.5.json"]);
    }
    let folder = Folder::new();
    std::fs::File::create(folder.path("v1.5.json")).unwrap().set_len(100 * 1024 * 1024).unwrap();
    assert!(matches!(folder.reason(Layout::A1111, JSON_ONLY), LeftAlone::NotUsable { .. }));
}

#[test]
fn any_preview_keeps_ours_away() {
    for name in names::preview_names(Path::new("v1.5.safetensors")) {
        let folder = Folder::new();
        let preview = folder.put(name.to_str().unwrap(), "the user's");
        let there = preview.to_str().unwrap().to_owned();
        assert_eq!(folder.reason(Layout::A1111, PREVIEW_ONLY), LeftAlone::HasPreview { path: there });
        assert_eq!(std::fs::read(preview).unwrap(), b"the user's");
        assert_eq!(folder.names().len(), 1);
    }
}

#[test]
fn models_of_one_base_get_nothing_until_they_are_known_to_be_one() {
    let folder = Folder::with_model("foo.safetensors");
    folder.put("foo.gguf", "another model");
    let with = vec!["foo.gguf".to_owned()];
    assert_eq!(folder.reason(Layout::A1111, EVERYTHING), LeftAlone::Shared { with });
    assert_eq!(folder.names(), ["foo.gguf"]);
    let beside = Beside { shared_with: Vec::new(), ..look(&folder.model) };
    let version = version();
    let actions = plan(&facts(&folder.model, Layout::A1111, &version), JSON_ONLY, &beside);
    assert!(matches!(actions[..], [SidecarAction::Create { .. }]));
}

#[cfg(unix)]
#[test]
fn links_folders_and_pipes_in_a_sidecars_place_stay() {
    use std::os::unix::fs::symlink;
    let outside = Folder::new();
    let target = outside.put("target.json", "{}");
    for missing in [false, true] {
        let folder = Folder::new();
        let target = if missing { outside.path("missing") } else { target.clone() };
        for name in ["v1.5.json", "v1.5.civitai.info", "v1.5.preview.png"] {
            symlink(&target, folder.path(name)).unwrap();
        }
        let planned = folder.planned(Layout::A1111, EVERYTHING);
        assert!(planned.iter().all(|action| matches!(action, SidecarAction::LeaveAlone { .. })), "{planned:?}");
        folder.sync(Layout::A1111, EVERYTHING, PNG);
        assert!(folder.names().iter().all(|name| folder.path(name).is_symlink()));
        assert_eq!(outside.text("target.json"), "{}");
        assert!(!outside.path("missing").exists());
    }
    let folder = Folder::new();
    make_pipe(&folder.path("v1.5.json"));
    std::fs::create_dir(folder.path("v1.5.civitai.info")).unwrap();
    std::fs::create_dir(folder.path("v1.5.preview.png")).unwrap();
    let outcomes = folder.sync(Layout::A1111, EVERYTHING, PNG);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::LeftAlone { .. })), "{outcomes:?}");
    assert_eq!(folder.names().len(), 3);
}

#[test]
fn what_changes_after_the_look_is_not_replaced() {
    let folder = Folder::new();
    folder.put("v1.5.json", r#"{"notes": "1"}"#);
    let action = folder.planned(Layout::A1111, JSON_ONLY).remove(0);
    folder.put("v1.5.json", r#"{"notes": "2"}"#);
    let why = |action| match carry_out(action).unwrap() {
        Outcome::LeftAlone { why, .. } => why,
        written @ Outcome::Written { .. } => panic!("{written:?}"),
    };
    assert_eq!(why(action.clone()), LeftAlone::Changed);
    assert_eq!(folder.text("v1.5.json"), r#"{"notes": "2"}"#);
    std::fs::remove_file(folder.path("v1.5.json")).unwrap();
    assert_eq!(why(action), LeftAlone::Changed);
    assert_eq!(folder.names(), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_write_protected_file_stays() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let json = folder.put("v1.5.json", "{}");
    std::fs::set_permissions(&json, std::fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(folder.reason(Layout::A1111, JSON_ONLY), LeftAlone::ReadOnly);
    assert_eq!(folder.text("v1.5.json"), "{}");
}

/// Another program writes the same file at the same moment, thousands of times.
#[test]
fn a_file_that_appears_meanwhile_is_never_replaced() {
    const ROUNDS: usize = 1500;
    let folder = Folder::new();
    let preview = folder.path("v1.5.preview.png");
    let start = Barrier::new(2);
    let theirs = AtomicBool::new(false);
    // Judged afterwards: a panic in between would leave the other thread waiting for ever.
    let mut replaced = Vec::new();
    let mut left_behind = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                start.wait();
                // Sometimes before, sometimes after, often in between.
                for _ in 0..(round * 37) % 4000 {
                    std::hint::spin_loop();
                }
                let written = std::fs::File::create_new(&preview)
                    .and_then(|mut file| std::io::Write::write_all(&mut file, b"the user's"));
                theirs.store(written.is_ok(), Ordering::SeqCst);
                start.wait();
                start.wait();
            }
        });
        for round in 0..ROUNDS {
            let action = SidecarAction::Create {
                model: folder.model.clone(),
                path: preview.clone(),
                kind: SidecarKind::Preview,
                contents: PNG.to_vec(),
                unless: Vec::new(),
            };
            start.wait();
            let outcome = carry_out(action);
            start.wait();
            let is_theirs = theirs.load(Ordering::SeqCst);
            let expected: &[u8] = if is_theirs { b"the user's" } else { PNG };
            let said_so = matches!(outcome, Ok(Outcome::Written { .. })) != is_theirs;
            if !said_so || std::fs::read(&preview).ok().as_deref() != Some(expected) {
                replaced.push((round, outcome));
            }
            if folder.names() != ["v1.5.preview.png"] {
                left_behind.push(folder.names());
            }
            let _ = std::fs::remove_file(&preview);
            start.wait();
        }
    });
    assert!(replaced.is_empty(), "{} of {ROUNDS}: {:?}", replaced.len(), replaced.first());
    assert!(left_behind.is_empty(), "{:?}", left_behind.last());
}

/// While a preview is being fetched, the user adds one under another name.
#[test]
fn a_preview_of_another_naming_that_appears_meanwhile_counts() {
    let folder = Folder::new();
    let SidecarAction::PreviewWanted(wanted) = folder.planned(Layout::A1111, PREVIEW_ONLY).remove(0) else { panic!() };
    let action = wanted.with(JPEG.to_vec());
    folder.put("v1.5.webp", "the user's");
    assert!(matches!(carry_out(action), Ok(Outcome::LeftAlone { why: LeftAlone::HasPreview { .. }, .. })));
    assert_eq!(folder.names(), ["v1.5.webp"]);
}

#[test]
fn every_failure_removes_the_temporary_file() {
    let folder = Folder::new();
    let create = |name: &str, contents: &[u8]| {
        carry_out(SidecarAction::Create {
            model: folder.model.clone(),
            path: folder.path(name),
            kind: SidecarKind::Preview,
            contents: contents.to_vec(),
            unless: Vec::new(),
        })
    };
    // No system takes this name, which shows only when the finished file is to get it.
    assert!(create("a\0b.png", PNG).is_err());
    assert_eq!(folder.names(), [""; 0]);
    assert!(create("missing folder/a.png", PNG).is_err());
    // On a disk that is too small for it this fails, anywhere else it is written: never something in between.
    let large = vec![7; 1024 * 1024];
    match create("a.png", &large) {
        Ok(_) => assert_eq!(std::fs::read(folder.path("a.png")).unwrap(), large),
        Err(error) => {
            assert_eq!(error.code, crate::Code::DiskFull);
            assert_eq!(folder.names(), [""; 0]);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_an_error_that_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let set = |mode| std::fs::set_permissions(folder.dir.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    let action = folder.planned(Layout::A1111, JSON_ONLY).remove(0);
    set(0o555);
    // The superuser may write all the same.
    let may_write = std::fs::write(folder.path("probe"), "").is_ok();
    let outcome = carry_out(action);
    set(0o755);
    if may_write {
        assert!(matches!(outcome, Ok(Outcome::Written { .. })));
    } else {
        let error = outcome.unwrap_err();
        assert!(error.message.ends_with("v1.5.json`: permission denied"), "{error}");
        assert_eq!(folder.names(), [""; 0]);
    }
}
