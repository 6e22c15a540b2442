//! `modeldock care`: counts, lists, the commands they name, and what `--trash` does.

use serde_json::Value;

use crate::support::{World, text};

/// Two copies, a sidecar without its model, a file that was cut off.
fn made() -> World {
    let world = World::new();
    world.write("a/cat.safetensors", "a cat, all of it");
    world.write("b/cat copy.safetensors", "a cat, all of it");
    world.write("a/gone.civitai.info", r#"{"id": 1, "modelId": 2, "files": []}"#);
    world.run(["roots", "add", text(&world.path("models"))]).done();
    world.scan();
    world
}

fn count(world: &World, list: &str) -> (u64, u64) {
    let summary = world.run(["care", "--json"]).done().json().remove(0);
    let count = summary["lists"].as_array().unwrap().iter().find(|count| count["list"] == list).unwrap().clone();
    (count["count"].as_u64().unwrap(), count["bytes"].as_u64().unwrap())
}

#[test]
fn every_list_is_counted_and_told() {
    let world = made();
    let run = world.run(["care"]).done();
    assert_eq!(run.out.lines().count(), 7, "{}", run.out);
    assert!(run.out.starts_with("duplicates       1        16 B  the same content"), "{}", run.out);
    assert!(run.err.contains("no model here is known to Civitai"), "{}", run.err);
    // Neither of them is safetensors, whatever they are called.
    assert_eq!(count(&world, "damaged").0, 2);
    for list in ["duplicates", "updates", "damaged", "misplaced", "unsafe", "orphans", "missing"] {
        world.run(["care", list]).done();
        let findings = world.run(["care", list, "--json"]).done().json();
        assert_eq!(findings.len() as u64, count(&world, list).0, "{list}");
        assert!(findings.iter().all(|finding| finding["list"] == list));
    }
    assert_eq!(world.run(["care", "damaged", "--limit", "1", "--json"]).done().json().len(), 1);
    world.run(["care", "--check-updates"]).done();
    assert_eq!(world.run(["care", "wishes"]).exit, Some(2));
    assert_eq!(world.run(["care", "--trash"]).exit, Some(2));
    assert!(world.run(["care", "damaged", "--trash"]).exits(1).error().1.is_some());
}

#[test]
fn the_command_that_a_list_names_does_what_it_says() {
    let world = made();
    let run = world.run(["care", "duplicates"]).done();
    let command = run.out.lines().find_map(|line| line.trim().strip_prefix("→ modeldock ")).unwrap().to_owned();
    world.run(command.split(' ')).done();
    assert_eq!(count(&world, "duplicates"), (0, 0));
    world.run(["undo"]).done();
    assert_eq!(count(&world, "duplicates"), (1, 16));
}

#[test]
fn trash_keeps_one_of_each_says_how_much_and_is_undone() {
    let world = made();
    let paths = ["a/cat.safetensors", "b/cat copy.safetensors"].map(|name| world.path("models").join(name));
    let run = world.run(["care", "duplicates", "--trash"]).done();
    assert!(run.err.contains("Putting 1 of the copies into the trash, 16 B"), "{}", run.err);
    assert_eq!(paths.iter().filter(|path| path.exists()).count(), 1);
    let number = run.err.split("modeldock undo ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    world.run(["undo", &number]).done();
    assert!(paths.iter().all(|path| std::fs::read(path).unwrap() == b"a cat, all of it"));

    let done: Value = world.run(["care", "orphans", "--trash", "--json"]).done().json().remove(0);
    assert_eq!((&done["title"], &done["models"]), (&"gone.civitai.info".into(), &0.into()));
    assert!(!world.path("models/a/gone.civitai.info").exists());
    let run = world.run(["care", "orphans", "--trash"]).done();
    assert!(run.err.contains("There is nothing on this list that could go"), "{}", run.err);
    world.run(["undo"]).done();
    assert_eq!(count(&world, "orphans").0, 1);
}
