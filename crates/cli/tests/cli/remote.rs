//! `modeldock link`: paired by a code, kept by `run`, ended by `leave`.

use civitai_simulator::{Config, ModelSpec};
use serde_json::json;

use crate::support::{Running, World, text};

fn world() -> (World, u64) {
    let mut builder = civitai_simulator::Catalogue::builder();
    let added = builder.add_file("ink.safetensors", vec![7; 3000], ModelSpec::new("Ink", "LORA"));
    let config = Config { anonymous_downloads: true, ..Config::default() };
    let world = World::at(config, builder.build());
    world.run(["roots", "add", text(&world.path("models"))]).done();
    (world, added.version)
}

#[test]
fn a_computer_is_paired_receives_and_leaves() {
    let (world, version) = world();
    let status = world.run(["link", "status"]).done();
    assert_eq!(status.out, "civitai.com: not paired\ncivitai.red: not paired\n");
    let refused = world.run(["link", "run"]).exits(1);
    assert!(refused.err.contains("hint: `modeldock link pair CODE`"), "{refused:?}");
    let wrong = world.run(["link", "pair", "000000"]).exits(1);
    assert_eq!(wrong.error().0, "civitai.com does not know this code");
    world.run(["link", "pair", "nonsense"]).exits(1);

    let room = world.simulator.relay().issue();
    let paired = world.run(["link", "pair", &room.code(), "--site", "red", "--json"]).done();
    let info = &paired.json()[0];
    assert_eq!((&info["sites"][0]["state"], &info["sites"][1]["state"]), (&json!("not_paired"), &json!("offline")));
    let told = world.run(["link", "status"]).done();
    assert!(told.out.contains("civitai.red: off line: Nothing that could be sent arrives"), "{told:?}");
    let key = room.view().key.unwrap();
    assert!(!format!("{paired:?} {told:?}").contains(&key[..16]));

    let mut running = world.start(["link", "run", "--json"]);
    running.wait_for(|event| event["event"] == "state" && event["state"] == "waiting" && event["site"] == "red");
    let site = world.simulator.open_site(&room);
    running.wait_for(|event| event["state"] == "connected");
    // Another process sees what this one does.
    let told = world.run(["link", "status"]).done();
    assert!(told.out.contains("civitai.red: linked; the site is open"), "{told:?}");
    let id = site.send_to_computer(version).remove(0);
    running
        .wait_for(|event| event["event"] == "activity" && event["id"] == id.as_str() && event["status"] == "success");
    running.signal("INT");
    running.end().exits(0);
    assert!(
        world.path("models").join("ink.safetensors").exists() || world.path("models/loras/ink.safetensors").exists()
    );

    let left = world.run(["link", "leave"]).done();
    assert_eq!(left.out, "civitai.com: not paired\ncivitai.red: not paired\n");
    world.run(["link", "leave", "--site", "red"]).done();
}

#[test]
fn saying_what_a_file_is_goes_on_as_before() {
    let (world, _) = world();
    world.run(["link"]).exits(2);
    world.run(["link", "one"]).exits(2);
    let unknown = world.run(["link", "one.safetensors", "12"]).exits(1);
    assert!(unknown.err.contains("one.safetensors"), "{unknown:?}");
}

#[test]
fn no_key_of_a_link_turns_up_anywhere() {
    let (world, _) = world();
    let room = world.simulator.relay().issue();
    let code = room.code();
    let logged =
        |arguments: &[&str]| Running::start(world.command(arguments).env("MODELDOCK_LOG", "trace")).end_logged();
    let mut runs = vec![logged(&["link", "pair", &code]).exits(0), logged(&["link", "status", "--json"]).exits(0)];
    let key = room.view().key.unwrap();
    let mut command = world.command(["link", "run", "--json"]);
    let mut running = Running::start(command.env("MODELDOCK_LOG", "trace"));
    running.wait_for(|event| event["state"] == "waiting");
    running.signal("INT");
    runs.push(running.end_logged().exits(0));
    runs.push(logged(&["link", "pair", "ffffff"]).exits(1));
    for run in &runs {
        let said = format!("{}{}", run.out, run.err);
        assert!(!said.contains(&key[..12]) && !said.contains(&format!("\"{code}\"")), "{said}");
    }
    // Kept sealed where there is no keyring, and gone with the link.
    let files = |ending: &str| {
        let entries = std::fs::read_dir(world.data_dir()).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.to_string_lossy().contains(ending)).collect::<Vec<_>>()
    };
    assert_eq!(files("link-com").len(), 2);
    for path in files("") {
        let bytes = std::fs::read(&path).unwrap_or_default();
        assert!(!bytes.windows(12).any(|window| window == &key.as_bytes()[..12]), "{}", path.display());
    }
    world.run(["link", "leave"]).done();
    assert_eq!(files("link-com").len(), 0);
}
