//! `modeldock scan`: what it counts, what it does not do twice, and how it ends early.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;

use civitai_simulator::Catalogue;
use civitai_simulator::sample::Expected;
use serde_json::{Value, json};

use crate::support::{Scanned, World, finish, paths, text};

/// How many items are in each state.
fn states(world: &World) -> BTreeMap<String, u64> {
    world.list().values().fold(BTreeMap::new(), |mut states, item| {
        *states.entry(item["state"].as_str().unwrap().to_owned()).or_default() += 1;
        states
    })
}

#[track_caller]
fn assert_counts_what_is_listed(scanned: &Scanned, world: &World) {
    let states = states(world);
    for state in ["matched", "not_found", "pending", "failed"] {
        assert_eq!(scanned.summary[state], states.get(state).copied().unwrap_or(0), "{state}: {states:?}");
    }
    assert_eq!(scanned.summary["files"], states.values().sum::<u64>());
}

#[test]
fn the_sample_installations_are_what_they_are_known_to_be() {
    let (world, trees) = World::sample();
    let scanned = world.scan();
    assert_eq!((scanned.run.exit, scanned.run.err.as_str()), (Some(0), ""));
    let mut fields: Vec<&str> = scanned.summary.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let contract = [
        "bytes_hashed",
        "bytes_sampled",
        "cancelled",
        "event",
        "failed",
        "files",
        "hashed",
        "matched",
        "not_found",
        "pending",
        "probable",
        "seconds",
    ];
    assert_eq!(fields, contract);
    assert_eq!(scanned.summary["cancelled"], false);
    assert!(scanned.summary["seconds"].as_f64().unwrap() > 0.0);

    let models: Vec<_> = trees.models().collect();
    assert_eq!(scanned.summary["files"], models.len());
    assert_eq!(scanned.hashed().len(), models.len());
    let bytes: u64 = models.iter().map(|file| file.path.metadata().unwrap().len()).sum();
    assert_eq!(scanned.summary["bytes_hashed"], bytes);
    assert_counts_what_is_listed(&scanned, &world);

    let items = world.list();
    for file in models {
        let item = &items[text(&file.path)];
        assert_eq!(item["sha256"], json!(file.sha256), "{item}");
        match &file.expected {
            Expected::Known { model_id, version_id, model_name } => {
                let told = (&item["state"], &item["model_id"], &item["version_id"], &item["model_name"]);
                assert_eq!(told, (&json!("matched"), &json!(model_id), &json!(version_id), &json!(model_name)));
            }
            Expected::Unknown => assert_eq!(item["state"], "not_found", "{item}"),
            Expected::Ignored => unreachable!("`models` leaves those out"),
        }
    }
}

#[test]
fn a_second_scan_reads_nothing_and_asks_nothing() {
    let (world, _) = World::sample();
    let first = world.scan();
    world.simulator.reset_counts();
    let second = world.scan();
    assert_eq!((&second.summary["hashed"], &second.summary["bytes_hashed"]), (&json!(0), &json!(0)));
    assert!(second.hashed().is_empty());
    assert_eq!(world.simulator.requests().len(), 0, "{:?}", world.simulator.requests());
    for same in ["files", "matched", "not_found", "pending", "failed"] {
        assert_eq!(first.summary[same], second.summary[same], "{same}");
    }
    let told = world.run(["scan"]).done();
    assert!(told.out.contains("nothing had to be read"), "{}", told.out);
}

#[test]
fn the_server_is_named_by_the_variable_and_the_option_wins() {
    let world = World::new();
    world.write(
        "lora.safetensors",
        &world.simulator.catalogue().file_named("inkwash_v10.safetensors").unwrap().spec.bytes,
    );
    world.run(["roots", "add", "models"]).done();
    let elsewhere = World::with(Catalogue::default());
    let run = finish(world.command(["scan", "--json"]).arg("--civitai-url").arg(elsewhere.simulator.base_url()));
    assert_eq!(Scanned::of(run.done()).summary["not_found"], 1);
    assert_eq!(world.simulator.requests().len(), 0);
    assert!(!elsewhere.simulator.requests().is_empty());

    let data_dir = world.path("another data folder");
    let add = ["roots", "add", "models", "--data-dir", text(&data_dir)];
    world.run(add).done();
    let scanned = Scanned::of(world.run(["scan", "--json", "--data-dir", text(&data_dir)]).done());
    assert_eq!(scanned.summary["matched"], 1, "by MODELDOCK_CIVITAI_URL");
    assert!(data_dir.join("state.db").is_file(), "the option wins over MODELDOCK_DATA_DIR");
    let sent: Vec<_> = world.simulator.requests();
    assert!(sent.iter().all(|request| !request.authorization && !request.query_token && request.method != "PUT"));
}

#[test]
fn without_civitai_files_wait_and_are_found_later() {
    let (world, trees) = World::sample();
    world.simulator.offline(true);
    let offline = world.scan();
    assert_eq!((offline.run.exit, offline.run.err.as_str()), (Some(0), ""));
    assert_eq!(offline.summary["pending"], trees.models().count());
    let item = world.list().into_values().next().unwrap();
    assert_eq!((&item["state"], &item["problem"]["code"]), (&json!("pending"), &json!("offline")));

    let told = world.run(["scan"]).exits(0);
    insta::assert_snapshot!("scan_offline", world.normal(&told.err));

    world.simulator.offline(false);
    let online = world.scan();
    assert_eq!((&online.summary["hashed"], &online.summary["pending"]), (&json!(0), &json!(0)));
    assert!(online.summary["matched"].as_u64().unwrap() > 0);
    assert_counts_what_is_listed(&online, &world);
}

#[test]
fn an_interrupt_ends_a_scan_in_the_middle_of_a_file_and_keeps_what_is_finished() {
    for signal in ["INT", "TERM"] {
        let world = World::with(Catalogue::default());
        let large = world.long_reading();
        let mut running = world.start(["scan", "--json"]);
        running.wait_for(|event| event["event"] == "hashed");
        running.signal(signal);
        let told: BTreeSet<String> = {
            let stopped = Scanned::of(running.end().exits(130));
            assert_eq!(stopped.summary["cancelled"], true);
            assert_eq!(stopped.summary["hashed"], stopped.hashed().len());
            assert_eq!(stopped.run.err, "", "an interrupt is no error");
            stopped.hashed().into_iter().map(str::to_owned).collect()
        };
        std::fs::write(&large, b"no longer large").unwrap();
        let next = world.scan();
        assert_eq!(next.run.exit, Some(0));
        assert!(next.hashed().into_iter().all(|path| !told.contains(path)), "{signal}: nothing is read twice");
        assert_eq!(next.hashed().len() + told.len(), 101);
        assert_eq!(next.summary["not_found"], 101);
    }
}

#[test]
fn an_interrupt_is_told_to_people_too() {
    let world = World::with(Catalogue::default());
    world.long_reading();
    let running = world.start(["scan"]);
    // There is no line to wait for before the end: the library shows how far it is.
    while !world.list().values().any(|item| item["sha256"].is_string()) {}
    running.signal("INT");
    let run = running.end().exits(130);
    assert!(run.out.starts_with("101 files in the library, "), "{}", run.out);
    assert!(run.out.contains("pending"), "{}", run.out);
}

#[test]
fn what_a_killed_scan_has_told_is_never_read_again() {
    let world = World::with(Catalogue::default());
    let large = world.long_reading();
    let mut running = world.start(["scan", "--json"]);
    running.wait_for(|event| event["event"] == "hashed");
    running.signal("KILL");
    let killed = running.end();
    assert_eq!(killed.exit, None);
    let told: BTreeSet<String> = paths(&killed.json(), "hashed").into_iter().map(str::to_owned).collect();
    assert!(!told.is_empty());

    std::fs::write(&large, b"no longer large").unwrap();
    let next = world.scan();
    assert_eq!((next.run.exit, next.run.err.as_str()), (Some(0), ""), "a kill damages nothing");
    // It may have stored more than it came to tell.
    assert!(next.hashed().into_iter().all(|path| !told.contains(path)));
    assert!(next.hashed().contains(&text(&large)));
    assert_eq!(next.summary["not_found"], 101);
}

#[test]
fn a_root_that_is_away_is_named_and_nothing_is_forgotten() {
    let world = World::with(Catalogue::default());
    world.write("a.safetensors", b"a");
    std::fs::create_dir(world.path("drive")).unwrap();
    std::fs::write(world.path("drive/b.safetensors"), b"b").unwrap();
    world.run(["roots", "add", "models"]).done();
    world.run(["roots", "add", "drive"]).done();
    world.scan();
    std::fs::rename(world.path("drive"), world.path("unplugged")).unwrap();

    let run = world.run(["scan"]).exits(3);
    insta::assert_snapshot!("scan_root_away", world.normal(&run.err));
    let json = Scanned::of(world.run(["scan", "--json"]).exits(3));
    assert_eq!(json.run.err, "", "with --json the warning is an event");
    assert_eq!(paths(&json.events, "root_away"), [text(&world.path("drive"))]);
    assert_counts_what_is_listed(&json, &world);
    let b = &world.list()[text(&world.path("drive/b.safetensors"))];
    assert_eq!((&b["missing"], &b["state"]), (&json!(true), &json!("not_found")));
    let missing = world.run(["list", "--missing"]).done();
    assert!(missing.out.contains("(away)") && missing.out.lines().count() == 1, "{}", missing.out);

    std::fs::rename(world.path("unplugged"), world.path("drive")).unwrap();
    let back = world.scan();
    assert_eq!((back.run.exit, &back.summary["hashed"]), (Some(0), &json!(0)));
    assert_eq!(world.list()[text(&world.path("drive/b.safetensors"))]["missing"], false);
}

#[test]
fn what_may_not_be_read_is_named_and_the_rest_is_done() {
    let world = World::with(Catalogue::default());
    world.write("open/a.safetensors", b"a");
    let (folder, file) = (world.path("models/closed"), world.write("open/secret.safetensors", b"s"));
    world.write("closed/b.safetensors", b"b");
    finish(&mut world.command_of_nobody(["roots", "add", "models"])).done();
    for path in [&folder, &file] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).unwrap();
    }
    let run = finish(&mut world.command_of_nobody(["scan"])).exits(3);
    let mut lines: Vec<String> = world.normal(&run.err).lines().map(str::to_owned).collect();
    lines.sort_unstable();
    insta::assert_snapshot!("scan_unreadable", lines.join("\n"));
    assert!(run.out.starts_with("2 files in the library, 1 file read"), "{}", run.out);

    std::fs::set_permissions(world.path("models"), std::fs::Permissions::from_mode(0o000)).unwrap();
    let run = finish(&mut world.command_of_nobody(["scan"])).exits(3);
    insta::assert_snapshot!("scan_root_unreadable", world.normal(&run.err));
    // Or the temporary folder could not be removed.
    for path in [&world.path("models"), &folder] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn one_root_is_looked_through_by_path_or_number() {
    let (world, trees) = World::sample();
    let roots = world.run(["roots", "list", "--json"]).done().json();
    let number = roots.iter().find(|root| root["path"] == text(&trees.comfyui)).unwrap()["id"].to_string();
    let by_number = Scanned::of(world.run(["scan", "--json", &number]).done());
    assert!(by_number.hashed().iter().all(|path| !path.starts_with(text(&trees.a1111))));
    assert!(!by_number.hashed().is_empty());
    let by_path = Scanned::of(world.run(["scan", "--json", text(&trees.comfyui)]).done());
    assert!(by_path.hashed().is_empty());
    assert_eq!(by_path.summary["files"], by_number.summary["files"]);
    let relative = world.run(["scan", "--json", "installs/ComfyUI/"]).done();
    assert_eq!(Scanned::of(relative).summary["files"], by_number.summary["files"]);
}

#[test]
fn every_event_names_itself_and_the_summary_is_last() {
    let (world, _) = World::sample();
    let scanned = world.scan();
    let kinds: BTreeSet<&str> = scanned.events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["started", "hashed", "resolved", "summary"]));
    assert_eq!(scanned.events.iter().filter(|event| event["event"] == "summary").count(), 1);
    assert_eq!(scanned.events[0]["event"], "started");
    let hashed: Vec<&Value> = scanned.events.iter().filter(|event| event["event"] == "hashed").collect();
    assert!(hashed.iter().all(|event| event["size"].is_u64() && event["sha256"].as_str().unwrap().len() == 64));
}

#[test]
fn a_scan_with_nothing_to_look_through_says_what_to_do() {
    let world = World::new();
    let run = world.run(["scan"]).done();
    insta::assert_snapshot!("scan_empty", format!("{}{}", seconds_out(&run.out), run.err));
}

/// The time it took, which differs.
fn seconds_out(out: &str) -> String {
    out.lines()
        .map(|line| {
            line.rsplit_once(", ").filter(|(_, end)| end.ends_with(" s")).map_or(line, |(line, _)| line).to_owned()
                + "\n"
        })
        .collect()
}
