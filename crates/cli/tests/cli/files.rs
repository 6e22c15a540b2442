//! `modeldock rename`, `move`, `trash` and `undo`, with a home folder and a trash of their own.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::support::{World, text};

/// A scanned folder of ComfyUI with a model, everything that may lie beside one, and another model.
fn made() -> World {
    let world = World::new();
    for (name, bytes) in [
        ("main.py", "# ComfyUI"),
        ("folder_paths.py", "# ComfyUI"),
        ("nodes.py", "# ComfyUI"),
        ("comfy/sd.py", "# ComfyUI"),
        ("models/loras/cat.safetensors", "a cat"),
        ("models/loras/cat.preview.png", "a picture"),
        ("models/loras/cat.civitai.info", "{}"),
        ("models/loras/sub/dog.safetensors", "a dog"),
    ] {
        world.write(Path::new("ComfyUI").join(name), bytes);
    }
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    let cat = world.path("models/ComfyUI/models/loras/cat.safetensors");
    std::fs::File::options().write(true).open(cat).unwrap().set_modified(long_ago).unwrap();
    world.run(["roots", "add", text(&world.path("models/ComfyUI"))]).done();
    world.scan();
    world.run(["mark", "cat.safetensors", "--tag", "pet", "--note", "mine"]).done();
    world
}

/// Every file below, with its bytes and its time.
fn tree(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut tree = BTreeMap::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(current) = ahead.pop() {
        for entry in std::fs::read_dir(current).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                ahead.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                tree.insert(name, (std::fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap()));
            }
        }
    }
    tree
}

fn names(world: &World) -> Vec<String> {
    let tree = tree(&world.path("models/ComfyUI/models"));
    tree.into_keys().collect()
}

/// What the library says, without what changes with every look.
fn rows(world: &World) -> Vec<Value> {
    let strip = |mut item: Value| {
        item.as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "id" | "added_at" | "hashed_at"));
        item
    };
    world.list().into_values().map(strip).collect()
}

#[test]
fn whatever_is_done_to_a_model_can_be_undone_to_the_byte() {
    let world = made();
    let (files, library) = (tree(&world.path("models")), rows(&world));
    let root = world.path("models/ComfyUI");
    let doings: [&[&str]; 4] = [
        &["rename", "cat.safetensors", "tiger"],
        &["move", "cat.safetensors", "--to", text(&root), "--folder", "models/loras/animals"],
        &["move", "cat.safetensors", "dog.safetensors", "--to", text(&root)],
        &["trash", "cat.safetensors", "dog.safetensors"],
    ];
    for doing in doings {
        world.run(doing).done();
        assert_ne!(tree(&world.path("models")), files, "{doing:?}");
        // Known without a read, wherever it is.
        assert!(world.scan().hashed().is_empty(), "{doing:?}");
        let listed = world.run(["activity", "--json"]).done().json();
        assert_eq!((&listed[0]["state"], &listed[0]["can_undo"]), (&"done".into(), &true.into()), "{doing:?}");
        world.run(["undo"]).done();
        assert_eq!(tree(&world.path("models")), files, "{doing:?}");
        assert_eq!(rows(&world), library, "{doing:?}");
        assert!(world.scan().hashed().is_empty(), "{doing:?}");
    }
    assert_eq!(world.run(["undo"]).exits(1).error().0, "There is nothing to undo");
}

#[test]
fn what_is_beside_a_model_goes_with_it_under_its_new_name() {
    let world = made();
    let run = world.run(["rename", "cat.safetensors", "tiger.safetensors"]).done();
    assert!(run.out.starts_with("Renamed cat.safetensors"), "{}", run.out);
    assert_eq!(
        names(&world),
        ["loras/sub/dog.safetensors", "loras/tiger.civitai.info", "loras/tiger.preview.png", "loras/tiger.safetensors"]
    );
    let item = world.list().into_values().find(|item| item["file_name"] == "tiger.safetensors").unwrap();
    assert_eq!((&item["tags"][0], &item["has_local_preview"]), (&"pet".into(), &true.into()));
}

#[test]
fn nothing_takes_another_files_place_and_no_name_leads_out() {
    let world = made();
    world.write("ComfyUI/models/loras/sub/cat.preview.png", "the user's");
    let root = text(&world.path("models/ComfyUI")).to_owned();
    let run = world.run(["move", "cat.safetensors", "--to", &root, "--folder", "loras/sub"]).exits(1);
    assert!(run.error().1.unwrap().starts_with("Name a folder below `models"), "{run:?}");
    let run = world.run(["move", "cat.safetensors", "--to", &root, "--folder", "models/loras/sub"]).done();
    assert!(run.out.contains("cat (2).safetensors"), "{}", run.out);
    assert_eq!(std::fs::read(world.path("models/ComfyUI/models/loras/sub/cat.preview.png")).unwrap(), b"the user's");
    for bad in ["../out", "/etc", "a/../b", ".hidden", "a\u{7}"] {
        let run = world.run(["move", "dog.safetensors", "--to", &root, "--folder", bad]);
        assert_eq!(run.exit, Some(1), "{bad:?}: {run:?}");
    }
    for bad in ["../dog2", "a/b", "CON", "x\u{202e}y", "", ".dog"] {
        let run = world.run(["rename", "dog.safetensors", bad]);
        assert_eq!(run.exit, Some(1), "{bad:?}: {run:?}");
    }
    assert_eq!(world.run(["rename", "dog.safetensors", "cat (2)"]).exits(1).error().1, Some("Choose another name"));
}

#[test]
fn an_undo_that_would_cost_somebody_a_file_is_refused() {
    let world = made();
    world.run(["trash", "cat.safetensors"]).done();
    let place = world.write("ComfyUI/models/loras/cat.safetensors", "another cat");
    let run = world.run(["undo"]).exits(1);
    assert!(run.error().0.starts_with("Something else is called"), "{run:?}");
    assert_eq!(std::fs::read(&place).unwrap(), b"another cat");
    std::fs::remove_file(place).unwrap();
    world.run(["undo"]).done();
    assert_eq!(std::fs::read(world.path("models/ComfyUI/models/loras/cat.safetensors")).unwrap(), b"a cat");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_crash_in_between_is_put_back_at_the_next_start() {
    use crate::tracer::{Fault, trace};
    let world = made();
    let files = tree(&world.path("models"));
    let folders = [world.data_dir(), world.path("models"), world.path("home")];
    let root = world.path("models/ComfyUI");
    let doings: [&[&str]; 2] = [
        &["move", "cat.safetensors", "dog.safetensors", "--to", text(&root), "--folder", "models/loras/animals"],
        &["trash", "cat.safetensors", "dog.safetensors"],
    ];
    for doing in doings {
        let whole = trace(&world.command(doing), &folders, None);
        assert_eq!(whole.run.exit, Some(0), "{:?}", whole.run);
        world.run(["undo"]).done();
        assert_eq!(tree(&world.path("models")), files);
        let names = |at: &usize| matches!(whole.calls[*at].name, "rename" | "link" | "remove" | "create" | "sync");
        for at in (0..whole.calls.len()).filter(names) {
            let killed = trace(&world.command(doing), &folders, Some((at, Fault::Kill)));
            let told = format!("{doing:?} killed at {at}, {:?}", killed.calls.last());
            // An owner mends when it starts.
            let mut owner = world.start(["watch", "--json"]);
            owner.wait_for(|line| line["event"] == "summary");
            owner.signal("INT");
            owner.end();
            if world.run(["activity", "--json"]).done().json().first().is_some_and(|last| last["state"] == "done") {
                world.run(["undo"]).done();
            }
            assert_eq!(tree(&world.path("models")), files, "{told}");
        }
    }
}
