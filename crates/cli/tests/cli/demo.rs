//! `modeldock demo`: the whole job on sample installations, and nothing left of it.

use std::fs::read_dir;
use std::path::Path;

use serde_json::Value;

use crate::support::{World, http, text};

fn is_empty(folder: &Path) -> bool {
    read_dir(folder).unwrap().next().is_none()
}

#[test]
fn the_demo_shows_both_installations_and_leaves_nothing() {
    let world = World::new();
    let run = world.run(["demo", "--exit"]).done();
    for install in ["stable-diffusion-webui/", "ComfyUI/"] {
        assert!(run.out.contains(install), "{}", run.out);
    }
    for state in ["matched", "not found"] {
        assert!(run.out.lines().any(|line| line.starts_with(state)), "{}", run.out);
    }
    assert!(run.out.contains("files in the library"), "{}", run.out);
    assert!(is_empty(&world.path("tmp")), "the sample is gone");
    assert!(
        is_empty(&world.path("home")) && !world.data_dir().join("state.db").exists(),
        "one's own library is untouched"
    );
    assert_eq!(world.simulator.requests().len(), 0, "it brings its own Civitai");
}

#[test]
fn the_demo_speaks_json() {
    let world = World::new();
    let run = world.run(["demo", "--exit", "--json"]).done();
    assert_eq!(run.err, "");
    let mut lines = run.json();
    let end = lines.iter().position(|line| line["event"] == "summary").unwrap();
    let downloads = lines.split_off(end + 1);
    let summary = lines.pop().unwrap();
    assert!(downloads.iter().any(|line| line["state"]["state"] == "done"), "{downloads:?}");
    assert_eq!(summary["files"], lines.len());
    let count = |state: &str| lines.iter().filter(|line| line["state"] == state).count();
    assert_eq!(
        (&summary["matched"], &summary["not_found"]),
        (&Value::from(count("matched")), &Value::from(count("not_found")))
    );
    assert!(is_empty(&world.path("tmp")));
}

#[test]
fn the_demo_in_a_browser_ends_when_it_is_told_and_leaves_nothing() {
    for signal in ["INT", "TERM"] {
        let world = World::new();
        let mut running = world.start(["demo", "--browser", "--json"]);
        let listening = running.wait_for(|line| line["event"] == "listening");
        assert!(listening["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
        // The signal is listened for from the first answer on.
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let answer = runtime.block_on(http().get(listening["url"].as_str().unwrap()).send()).unwrap();
        assert!(answer.status().as_u16() < 500);
        running.signal(signal);
        running.end().exits(0);
        assert!(is_empty(&world.path("tmp")), "{signal}");
    }
}

#[test]
fn the_demo_in_a_named_folder_stays_and_never_mixes_with_other_files() {
    let world = World::new();
    let folder = world.path("demo");
    world.run(["demo", "--exit", "--data-dir", text(&folder)]).done();
    assert!(folder.join("installs").is_dir() && folder.join("data").is_dir());
    world.run(["demo", "--exit", "--data-dir", text(&folder)]).done();
    std::fs::write(folder.join("mine.txt"), b"mine").unwrap();
    let run = world.run(["demo", "--exit", "--data-dir", text(&folder)]).exits(1);
    let (message, hint) = run.error();
    assert_eq!(message, format!("`{}` is not empty", folder.display()));
    assert!(hint.is_some());
    std::fs::write(world.path("file"), b"").unwrap();
    let run = world.run(["demo", "--exit", "--data-dir", "file"]).exits(1);
    assert!(run.error().1.is_some(), "{run:?}");
}

#[test]
fn what_the_demo_downloads_lies_in_both_trees_and_loads() {
    let world = World::new();
    let folder = world.path("demo");
    let run = world.run(["demo", "--exit", "--json", "--data-dir", text(&folder)]).done();
    let done: Vec<Value> = run.json().into_iter().filter(|line| line["state"]["state"] == "done").collect();
    for tree in ["stable-diffusion-webui", "ComfyUI"] {
        let inside = format!("/{tree}/");
        assert!(done.iter().any(|download| download["path"].as_str().unwrap().contains(&inside)), "{tree}: {done:?}");
    }
    for download in &done {
        let path = std::path::PathBuf::from(download["path"].as_str().unwrap());
        let bytes = std::fs::read(&path).unwrap();
        if path.extension().is_some_and(|extension| extension == "safetensors") {
            safetensors::SafeTensors::deserialize(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
}
