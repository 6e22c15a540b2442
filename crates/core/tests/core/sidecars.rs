//! What is written beside models, and what is not.

use std::path::{Path, PathBuf};
use std::time::Duration;

use civitai_simulator::{Catalogue, sample};
use modeldock_core::App;
use modeldock_core::api::SidecarReport;
use modeldock_core::library::{ItemDetail, ItemState};
use modeldock_core::roots::{ModelKind, RootInfo};
use modeldock_core::sidecar::{Outcome, SidecarStep};
use modeldock_core::units::RootId;
use serde_json::{Value, json};

use crate::support::{World, add, call, library, noise, scan};

async fn webui() -> (World, App, PathBuf) {
    let catalogue = Catalogue::standard();
    let world = World::with(catalogue.clone()).await;
    let trees = sample::write_trees(world.dir.path(), &catalogue).unwrap();
    let app = world.open().await;
    app.call("roots_add", json!({ "path": trees.a1111 })).await.unwrap();
    scan(&app).await;
    (world, app, trees.a1111)
}

async fn write(app: &App, dry_run: bool) -> Vec<SidecarReport> {
    call(app, "sidecars_write", json!({ "dry_run": dry_run })).await
}

/// Every file below a folder with its bytes.
fn everything(root: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.symlink_metadata().unwrap().is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                found.insert(path, bytes);
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_ui_reads_is_written_beside_what_is_known_and_nothing_else_is_touched() {
    let (_world, app, root) = webui().await;
    let before = everything(&root);
    let planned = write(&app, true).await;
    assert_eq!(everything(&root), before, "a dry run writes nothing");
    assert!(planned.iter().any(|report| matches!(report.step, SidecarStep::Create { .. })));
    assert!(planned.iter().any(|report| matches!(report.step, SidecarStep::FetchPreview { .. })));

    let written = write(&app, false).await;
    let paths: Vec<PathBuf> = written
        .iter()
        .filter_map(|report| match &report.outcome {
            Some(Outcome::Written { path }) => Some(PathBuf::from(path)),
            _ => None,
        })
        .collect();
    assert!(paths.len() > 5, "{written:#?}");
    let after = everything(&root);
    for (path, bytes) in &before {
        if !paths.contains(path) {
            assert_eq!(after.get(path), Some(bytes), "{path:?} was touched");
        }
    }
    for path in after.keys() {
        assert!(before.contains_key(path) || paths.contains(path), "{path:?} was not told of");
    }
    // What was written is read back, and belongs to a model that Civitai knows.
    let items = library(&app).await;
    for item in items.values() {
        let detail: ItemDetail = call(&app, "library_item", json!({ "id": item.id })).await;
        let json = Path::new(&item.path).with_extension("json");
        if paths.contains(&json) {
            assert_eq!(item.state, ItemState::Matched);
            let own = detail.sidecars.iter().find(|info| Path::new(&info.path) == json).unwrap();
            assert_eq!(own.problem, None);
            let value: Value = serde_json::from_slice(&after[&json]).unwrap();
            // Only LoRAs are added to a prompt by their UI.
            for word in item.trained_words.iter().filter(|_| item.kind == ModelKind::Lora) {
                assert!(value["activation text"].as_str().unwrap_or_default().contains(word.as_str()), "{value}");
            }
        }
    }
    // Pictures have the ending that fits their bytes.
    for path in paths.iter().filter(|path| path.to_string_lossy().contains(".preview.")) {
        let expected: &[u8] = match path.extension().unwrap().to_str().unwrap() {
            "png" => b"\x89PNG",
            "jpg" | "jpeg" => b"\xff\xd8\xff",
            other => panic!("{other}"),
        };
        assert!(after[path].starts_with(expected), "{path:?}");
    }
    assert_eq!(write(&app, false).await, [], "once is enough");
    assert_eq!(everything(&root), after);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_switched_off_is_not_written() {
    let (_world, app, root) = webui().await;
    let roots: Vec<RootInfo> = call(&app, "roots_list", json!({})).await;
    assert!(roots[0].sidecars.a1111_json && roots[0].sidecars.preview && !roots[0].sidecars.civitai_info);
    let off = json!({ "a1111_json": false, "preview": false, "civitai_info": false });
    let set: RootInfo = call(&app, "roots_set", json!({ "id": roots[0].id, "sidecars": off })).await;
    assert!(!set.sidecars.a1111_json);
    let before = everything(&root);
    assert_eq!(write(&app, false).await, []);
    assert_eq!(everything(&root), before);

    let info = json!({ "a1111_json": false, "preview": false, "civitai_info": true });
    app.call("roots_set", json!({ "id": roots[0].id, "sidecars": info })).await.unwrap();
    let written = write(&app, false).await;
    assert!(!written.is_empty());
    let after = everything(&root);
    let new: Vec<&PathBuf> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert!(!new.is_empty() && new.iter().all(|path| path.to_string_lossy().ends_with(".civitai.info")), "{new:?}");
}

/// What is only believed must not end up in another program's files.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_beside_a_file_that_was_not_read() {
    let (world, app, root) = webui().await;
    world.sql("UPDATE cache.files SET provenance = 'imported'");
    let before = everything(&root);
    assert_eq!(write(&app, false).await, []);
    assert_eq!(everything(&root), before);
}

/// The owner does it by itself, after a scan.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_writes_by_itself() {
    let (_world, app, root) = webui().await;
    let before = everything(&root).len();
    app.start_workers();
    for _ in 0..600 {
        if everything(&root).len() > before {
            app.shutdown().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn invokeais_folder_is_left_alone() {
    let world = World::bulk(1).await;
    let root = world.dir.path().join("invoke");
    std::fs::create_dir_all(root.join("models")).unwrap();
    std::fs::write(root.join("invokeai.yaml"), "").unwrap();
    std::fs::write(root.join("models/a.ckpt"), noise(1, 100)).unwrap();
    let app = world.open().await;
    let root: RootInfo = call(&app, "roots_add", json!({ "path": root, "layout": "invoke_ai" })).await;
    let on = json!({ "a1111_json": true, "preview": true, "civitai_info": true });
    let error = app.call("roots_set", json!({ "id": root.id, "sidecars": on })).await.unwrap_err();
    assert!(error.message.contains("InvokeAI") && error.hint.is_some());

    // Nor is anything in it renamed, moved, thrown away or put there.
    scan(&app).await;
    let mine = add(&app, &world.models()).await;
    scan(&app).await;
    let items = call::<Value>(&app, "library_list", json!({})).await["items"].clone();
    let of =
        |root: RootId| items.as_array().unwrap().iter().find(|item| item["root_id"] == root.0).unwrap()["id"].clone();
    let (theirs, other) = (of(root.id), of(mine));
    for (name, request) in [
        ("file_rename", json!({ "id": theirs, "name": "b" })),
        ("files_move", json!({ "ids": [theirs], "root": mine })),
        ("files_trash", json!({ "ids": [other, theirs] })),
        ("files_move", json!({ "ids": [other], "root": root.id })),
        ("files_move", json!({ "ids": [other], "root": root.id, "folder": "models" })),
    ] {
        let error = app.call(name, request).await.unwrap_err();
        assert!(format!("{error} {:?}", error.hint).contains("InvokeAI"), "{name}: {error}");
    }
    assert!(std::path::Path::new(&root.path).join("models/a.ckpt").exists());
    assert_eq!(call::<Vec<Value>>(&app, "activity_list", json!({})).await.len(), 0);
}
