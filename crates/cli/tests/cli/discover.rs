//! `modeldock discover`: what is found, what of it is here, and what to do next.

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Fault};

use crate::support::{World, text};

impl World {
    /// The model and the version that a file of the catalogue belongs to.
    fn place_of(&self, name: &str) -> (u64, u64) {
        let catalogue = self.simulator.catalogue();
        let version = catalogue.file_named(name).unwrap().version_id;
        (catalogue.version(version).unwrap().model_id, version)
    }
}

#[test]
fn models_are_listed_with_a_mark_at_what_is_here_and_the_next_step() {
    let world = World::new();
    let bytes = world.simulator.catalogue().file_named(known::LATEST).unwrap().spec.bytes.clone();
    std::fs::write(world.path("models").join("mine.safetensors"), bytes).unwrap();
    world.run(["roots", "add", text(&world.path("models"))]).done();
    world.run(["scan"]).done();
    let (model, version) = world.place_of(known::LATEST);
    let found = world.run(["discover", "ink", "--all"]).done();
    let air = format!("civitai:{model}@{version}");
    let line = found.out.lines().find(|line| line.contains(&air)).unwrap_or_else(|| panic!("{found:?}"));
    assert!(line.starts_with("here ") && line.contains("LoRA"), "{line}");
    assert!(found.out.lines().any(|line| line.starts_with("       ")), "others are not: {}", found.out);
    assert!(found.err.contains("`modeldock download "), "{}", found.err);
    // Every line ends in what the next command takes.
    let wanted = found.err.split("`modeldock download ").nth(1).unwrap().split('`').next().unwrap().to_owned();
    world.run(["download", &wanted, "--dry-run"]).done();
}

#[test]
fn machines_get_one_object_a_line_and_no_more_than_they_asked_for() {
    let world = World::new();
    let some = world.run(["discover", "--type", "LORA", "--all", "--limit", "5", "--json"]).done().json();
    assert_eq!(some.len(), 5);
    assert!(some.iter().all(|model| model["kind"] == "LORA" && model["marks"]["standing"] == "absent"), "{some:?}");
    // More than a page, each once.
    let all = world.run(["discover", "--all", "--limit", "1000", "--json"]).done().json();
    let ids: std::collections::BTreeSet<i64> = all.iter().map(|model| model["id"].as_i64().unwrap()).collect();
    assert!(all.len() >= 36 && ids.len() == all.len(), "{}", all.len());
    let requests = world.simulator.requests();
    assert!(requests.iter().all(|request| request.endpoint == "models"), "{requests:?}");
}

#[test]
fn an_address_shows_that_model_with_its_versions_and_files() {
    let world = World::new();
    let (model, version) = world.place_of(known::LATEST);
    let address = format!("https://civitai.com/models/{model}?modelVersionId={version}");
    let shown = world.run(["discover", &address]).done();
    let named = shown.out.lines().find(|line| line.starts_with('*')).unwrap_or_else(|| panic!("{shown:?}"));
    assert!(named.ends_with(&version.to_string()), "{named}");
    assert!(shown.out.contains("safetensors") && shown.err.contains("`--file ID`"), "{shown:?}");
    let detail = world.run(["discover", &address, "--json"]).done().json().remove(0);
    assert_eq!(detail["model"]["id"], model);
}

#[test]
fn early_access_is_said() {
    let world = World::new();
    let found = world.run(["discover", "gilded", "--all"]).done();
    assert!(found.out.contains("(early access until 2099-12-31)"), "{}", found.out);
}

#[test]
fn nothing_found_and_nobody_there_are_told_apart() {
    let world = World::new();
    let none = world.run(["discover", "no such thing at all"]).done();
    assert_eq!(none.out, "");
    assert!(none.err.contains("0 models"), "{}", none.err);
    world.simulator.faults().push(Fault::new(Action::Html).on_endpoint("models"));
    let run = world.run(["discover", "ink"]).exits(1);
    let (message, hint) = run.error();
    assert!(message.contains("a web page instead of data") && hint.unwrap().contains("try again"), "{message}");
    world.run(["discover", "--sort", "fame"]).exits(2);
    world.run(["discover", "--limit", "0"]).exits(2);
}
