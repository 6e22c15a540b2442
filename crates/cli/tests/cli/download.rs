//! `modeldock download` and `modeldock downloads`, killed, doubled, refused, and simply used.

use std::time::{Duration, Instant};

use civitai_simulator::{Catalogue, Config, Generated, ModelSpec};
use serde_json::Value;

use crate::support::{World, text};

const SIZE: u64 = 48 << 20;

/// What may be fetched again after a kill, in bytes.
pub(crate) const LOST_TO_A_KILL: u64 = 8 << 20;

/// One model at Civitai, sent at this pace, and one folder.
fn made(bytes_per_second: Option<u64>) -> (World, String) {
    made_at(Config { storage_bytes_per_second: bytes_per_second, anonymous_downloads: true, ..Config::default() })
}

fn made_at(config: Config) -> (World, String) {
    made_of(config, SIZE)
}

/// As [`made`], with a file of this size.
pub(crate) fn made_of(config: Config, size: u64) -> (World, String) {
    let mut builder = Catalogue::builder();
    let added = builder.add_generated("made.safetensors", Generated::new(3, size), ModelSpec::new("Made", "LORA"));
    let world = World::at(config, builder.build());
    world.run(["roots", "add", text(&world.path("models"))]).done();
    (world, added.version.to_string())
}

impl World {
    /// Bytes that storage has sent.
    pub(crate) fn sent(&self) -> u64 {
        self.simulator.requests().iter().filter(|request| request.endpoint == "storage").map(|one| one.sent).sum()
    }

    /// The names in the model folder, hidden ones too.
    pub(crate) fn models(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("models")).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    /// Of the one file that Civitai has.
    pub(crate) fn sha256(&self) -> String {
        self.simulator.catalogue().files().next().unwrap().hashes.sha256.clone()
    }
}

#[test]
fn a_model_comes_to_its_folder_and_a_dry_run_says_so_before() {
    let (world, version) = made(None);
    let plan = world.run(["download", &version, "--dry-run", "--json"]).done().json().remove(0);
    assert_eq!(plan["can_be_verified"], true);
    assert!(world.models().is_empty());
    let run = world.run(["download", &version]).done();
    let path = plan["path"].as_str().unwrap();
    assert_eq!(run.out, format!("{path}  verified\n"));
    assert_eq!(world.run(["hash", "--only", "sha256", "--json", path]).done().json()[0]["sha256"], world.sha256());
    let again = world.run(["download", &version]).done();
    assert!(again.out.contains("is there already"), "{}", again.out);
    assert_eq!(world.sent(), SIZE);
    assert_eq!(world.models().len(), 1);
    let listed = world.run(["downloads", "list", "--json"]).done().json();
    assert!(listed.iter().all(|download| download["state"]["state"] == "done"), "{listed:?}");
    assert!(world.run(["downloads", "clear"]).done().out.is_empty());
    assert_eq!(world.models().len(), 1, "the file stays");
}

#[test]
fn a_killed_download_fetches_at_most_eight_mebibytes_again() {
    let (world, version) = made(Some(24 << 20));
    let mut kills = 0;
    for _ in 0..3 {
        let before = world.sent();
        let arguments: &[&str] =
            if kills == 0 { &["download", &version, "--json"] } else { &["downloads", "run", "--json"] };
        let running = world.start(arguments);
        let begun = Instant::now();
        while world.sent() < before + SIZE / 5 {
            assert!(begun.elapsed() < Duration::from_secs(60), "it does not go on");
            std::thread::sleep(Duration::from_millis(5));
        }
        running.signal("KILL");
        assert_eq!(running.end_logged().exit, None);
        kills += 1;
        assert!(world.models().iter().all(|name| name.starts_with('.')), "{:?}", world.models());
    }
    let done = world.run(["downloads", "run", "--json"]).done().json();
    assert_eq!(done.last().unwrap()["state"]["verified"], true);
    assert!(world.sent() <= SIZE + kills * LOST_TO_A_KILL, "{} bytes were sent", world.sent());
    let names = world.models();
    assert!(names.len() == 1 && !names[0].starts_with('.'), "{names:?}");
}

#[test]
fn of_two_that_ask_at_once_one_downloads_and_the_other_says_so() {
    let (world, version) = made(Some(24 << 20));
    let mut first = world.start(["download", &version, "--json"]);
    first.wait_for(|line| line["state"]["state"] == "running");
    let second = world.run(["download", &version]);
    assert!(second.err.contains("is being downloaded already"), "{second:?}");
    assert_eq!(second.exit, Some(0), "{second:?}");
    first.end().exits(0);
    assert_eq!(world.sent(), SIZE);
    assert_eq!(world.models().len(), 1);
}

#[test]
fn ctrl_c_keeps_what_came_and_the_next_run_goes_on() {
    let (world, version) = made(Some(24 << 20));
    let mut running = world.start(["download", &version, "--json"]);
    running.wait_for(|line| line["state"]["state"] == "running");
    while world.sent() < SIZE / 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    running.signal("INT");
    let run = running.end().exits(130);
    assert!(run.err.contains("`modeldock downloads run` goes on"), "{run:?}");
    world.run(["downloads", "run"]).done();
    assert!(world.sent() <= SIZE + LOST_TO_A_KILL, "{}", world.sent());
    assert_eq!(world.models().len(), 1);
}

#[test]
fn a_server_that_is_stopped_in_a_download_logs_no_error_and_the_next_run_goes_on() {
    let (world, version) = made(Some(24 << 20));
    let mut server = world.start(["serve", "--json", "--listen", "127.0.0.1:0"]);
    server.line().unwrap();
    world.run(["download", &version, "--no-wait"]).done();
    while world.sent() < SIZE / 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    server.signal("TERM");
    assert_eq!(server.end_logged().exits(0).err, "");
    let listed = world.run(["downloads", "list", "--json"]).done().json();
    assert_eq!(listed[0]["state"]["state"], "queued", "{listed:?}");
    world.run(["downloads", "run"]).done();
    assert!(world.sent() <= SIZE + LOST_TO_A_KILL, "{}", world.sent());
}

#[test]
fn a_file_that_wants_a_key_says_how_to_get_one_in() {
    let (world, version) = made_at(Config { token: "a-key-nobody-gave".to_owned(), ..Config::default() });
    let run = world.run(["download", &version]).exits(1);
    let (message, hint) = run.error();
    assert!(message.contains("sign in"), "{message}");
    assert!(hint.unwrap().contains("modeldock account login"), "{hint:?}");
    let failed: Vec<Value> = world.run(["downloads", "list", "--json"]).done().json();
    assert_eq!(failed[0]["state"]["state"], "failed");
    // With a key, the same one goes on.
    let mut command = world.command(["downloads", "retry"]);
    command.env("MODELDOCK_CIVITAI_TOKEN", "a-key-nobody-gave");
    crate::support::finish(&mut command).done();
    let mut command = world.command(["downloads", "run"]);
    command.env("MODELDOCK_CIVITAI_TOKEN", "a-key-nobody-gave");
    crate::support::finish(&mut command).done();
    assert_eq!(world.models().iter().filter(|name| name.ends_with(".safetensors")).count(), 1);
}
