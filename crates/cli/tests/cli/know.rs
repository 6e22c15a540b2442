//! `modeldock link`, `unlink`, `watch`, `sidecars`, and scans that read less or more.

use std::time::Duration;

use civitai_simulator::{Catalogue, ModelSpec};
use serde_json::Value;

use crate::support::World;

/// Three mebibytes that no other seed gives.
fn large(seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_le_bytes()[7]
    };
    (0..3 << 20).map(|_| next()).collect()
}

fn known(bytes: Vec<u8>) -> World {
    let mut builder = Catalogue::builder();
    builder.add_file("a.ckpt", bytes, ModelSpec::new("Porcelain", "Checkpoint"));
    let world = World::with(builder.build());
    world.run(["roots", "add", "models"]).done();
    world
}

#[test]
fn a_quick_scan_names_files_and_says_that_it_did_not_read_them() {
    let world = known(large(1));
    world.write("a.ckpt", large(1));
    let scan = world.run(["scan", "--quick"]).done();
    assert!(scan.out.contains("nothing had to be read"), "{}", scan.out);
    assert!(scan.out.contains("1 matched (1 of them probable, not read in full yet)"), "{}", scan.out);
    let shown = world.run(["show", "a.ckpt"]).done().out;
    assert!(shown.contains("probable, recognised by a small part of it"), "{shown}");
    assert!(!shown.contains("verified"), "{shown}");
    assert_eq!(world.run(["list", "--json", "--state", "probable"]).done().json().len(), 1);

    world.run(["scan"]).done();
    let shown = world.run(["show", "a.ckpt"]).done().out;
    assert!(shown.contains("verified, read in full"), "{shown}");
    world.run(["scan", "--quick", "--thorough"]).exits(2);
}

#[test]
fn a_file_is_linked_by_hand_and_let_go_again() {
    let world = known(large(1));
    world.write("mine.ckpt", b"of my own");
    world.scan();
    let version = world.simulator.catalogue().versions().next().unwrap().id.to_string();
    let linked = world.run(["link", "mine.ckpt", &version]).done();
    assert!(linked.out.contains("Porcelain v1.0"), "{}", linked.out);
    assert!(world.run(["show", "mine.ckpt"]).done().out.contains("linked by you"));
    world.scan();
    let items = world.run(["list", "--json"]).done().json();
    assert_eq!((&items[0]["state"], &items[0]["matched_by"]), (&Value::from("matched"), &Value::from("link")));

    for reference in ["porcelain", "https://example.com/models/1", "999999"] {
        let refused = world.run(["link", "mine.ckpt", reference]);
        let (error, hint) = refused.error();
        assert!(hint.is_some(), "{reference}: {error}");
        refused.exits(1);
    }
    let unlinked = world.run(["unlink", "mine.ckpt"]).done();
    assert!(unlinked.out.contains("not found"), "{}", unlinked.out);
    world.run(["unlink", "mine.ckpt"]).exits(1);
}

/// The contract of the watcher: a model that arrives is known with no command typed.
#[test]
fn watching_tells_what_arrives_what_moves_and_what_goes() {
    let world = known(large(1));
    let mut watching = world.start(["watch", "--json"]);
    watching.wait_for(|event| event["event"] == "look_at_all");
    watching.wait_for(|event| event["event"] == "summary");
    world.write("downloading.part", large(1));
    std::fs::rename(world.path("models/downloading.part"), world.path("models/a.ckpt")).unwrap();
    let read = watching.wait_for(|event| event["event"] == "hashed");
    assert!(read["path"].as_str().unwrap().ends_with("models/a.ckpt"), "{read}");
    let answer = watching.wait_for(|event| event["event"] == "resolved");
    assert_eq!(answer["state"], "matched");

    std::fs::create_dir(world.path("models/sub")).unwrap();
    std::fs::rename(world.path("models/a.ckpt"), world.path("models/sub/b.ckpt")).unwrap();
    let moved = watching.wait_for(|event| event["event"] == "moved");
    assert!(moved["path"].as_str().unwrap().ends_with("models/sub/b.ckpt"), "{moved}");
    world.write("other.ckpt", b"keeps the folder from being empty");
    watching.wait_for(|event| event["event"] == "hashed");
    std::fs::remove_file(world.path("models/sub/b.ckpt")).unwrap();
    watching.wait_for(|event| event["event"] == "gone");
    watching.signal("INT");
    let run = watching.end();
    assert_eq!((run.exit, run.err.as_str()), (Some(0), ""));
    assert_eq!(world.list().len(), 1);
}

#[test]
fn a_folder_is_watched_by_one_program_at_a_time() {
    let world = known(large(1));
    let mut first = world.start(["watch", "--json"]);
    first.wait_for(|event| event["event"] == "look_at_all");
    std::thread::sleep(Duration::from_millis(50));
    let second = world.run(["watch"]);
    assert!(second.error().1.is_some());
    second.exits(4);
    first.signal("TERM");
    first.end();
}

#[test]
fn what_is_written_beside_models_is_said_before_and_after() {
    let (world, trees) = World::sample();
    world.scan();
    let root = trees.a1111.to_str().unwrap();
    let plan = world.run(["sidecars", "--dry-run", root]).done();
    assert!(plan.out.contains("would write "), "{}", plan.out);
    let written = world.run(["sidecars", root]).done();
    let first = written.out.lines().next().unwrap().strip_prefix("wrote ").unwrap();
    assert!(std::path::Path::new(first).is_file());
    assert_eq!(world.run(["sidecars", root]).done().out, "");

    let off = ["roots", "set", root, "--a1111-json", "off", "--preview", "off"];
    let set = world.run(off).done();
    assert!(set.out.contains("a1111-json off, preview off, civitai-info off"), "{}", set.out);
    let roots = world.run(["roots", "list", "--json"]).done().json();
    let chosen = roots.iter().find(|info| info["path"] == root).unwrap();
    assert_eq!(chosen["sidecars"]["a1111_json"], false);
}
