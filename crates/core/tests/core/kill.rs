//! A process that ends without a word.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::time::Duration;

use civitai_simulator::Catalogue;
use modeldock_core::library::ItemState;
use serde_json::json;

use crate::support::{World, child, events_in, library, noise, rounds, scan, sha256sum};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_scan_loses_nothing_it_has_told() {
    let world = World::with(Catalogue::default()).await;
    for number in 0..54_u64 {
        let length = 1000 + usize::try_from(number * number).unwrap() * 700;
        world.write(&format!("{}/{number:02}.safetensors", number % 5), noise(number, length));
    }
    for (number, mib) in [(54, 20), (55, 24), (56, 28), (57, 32), (58, 36), (59, 40)] {
        world.write(&format!("large/{number}.ckpt"), noise(number, mib << 20));
    }
    let mut told_in_all = 0;
    let mut killed_early = 0;
    for round in 0..rounds(20) {
        let _ = std::fs::remove_dir_all(world.paths().data_dir());
        let app = world.open_with_models().await;
        // One thread, so that the reading takes long enough to be interrupted.
        let mut settings = app.call("settings_get", json!({})).await.unwrap();
        settings["hash_threads"] = json!(1);
        app.call("settings_set", settings).await.unwrap();
        drop(app);
        let mut killed = child(&[], world.paths().data_dir(), world.simulator.base_url())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let dice = noise(round, 2);
        let mut out = BufReader::new(killed.stdout.take().unwrap());
        let mut output = String::new();
        // The first rounds from before it has opened anything; the others after so many files, whatever the machine's
        // load, and a moment more.
        if round >= 6 {
            let files = usize::from(dice[0]) % 60;
            while output.matches("\"hashed\"").count() < files && out.read_line(&mut output).unwrap() > 0 {}
        }
        std::thread::sleep(Duration::from_millis(u64::from(dice[1]) / 8));
        killed.kill().unwrap();
        out.read_to_string(&mut output).unwrap();
        killed.wait().unwrap();
        let events = events_in(&output);
        let told: BTreeSet<String> = events
            .iter()
            .filter(|event| event["event"] == "hashed")
            .map(|event| event["path"].as_str().unwrap().to_owned())
            .collect();
        told_in_all += told.len();
        killed_early += usize::from(!events.iter().any(|event| event["event"] == "summary"));

        let app = world.open().await;
        assert!(app.notices().is_empty(), "a kill damages nothing: {:?}", app.notices());
        let scanned = scan(&app).await;
        assert_eq!(scanned.problem, None);
        let again: BTreeSet<String> = scanned.hashed().into_iter().map(str::to_owned).collect();
        assert!(again.is_disjoint(&told), "round {round}: read twice {:?}", again.intersection(&told));
        assert_eq!(scanned.summary.not_found, 60);
        let items = library(&app).await;
        assert_eq!(items.len(), 60);
        for (path, item) in &items {
            assert_eq!(item.state, ItemState::NotFound);
            // What this round read itself is as every scan's; what the killed one left behind is what matters.
            if !again.contains(path.to_str().unwrap()) {
                assert_eq!(item.sha256.as_deref(), Some(sha256sum(path).as_str()), "round {round}: {path:?}");
            }
        }
        app.shutdown().await;
    }
    println!("{killed_early} were killed before their end, after {told_in_all} files in all");
    assert!(killed_early >= 10 && told_in_all > 60, "killed too early or too late: {killed_early}, {told_in_all}");
}

/// A checkpoint of many gigabytes that was interrupted near its end must not start over.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_gone_on_with_where_a_killed_scan_was() {
    const SIZE: u64 = 1 << 30;
    // What a kill may cost: the contract of the checkpoints.
    const LOST: u64 = 64 << 20;
    let world = World::with(Catalogue::default()).await;
    let path = world.write("large.ckpt", noise(1, 1 << 20));
    std::fs::File::options().write(true).open(&path).unwrap().set_len(SIZE).unwrap();
    let expected = sha256sum(&path);
    let app = world.open_with_models().await;
    drop(app);
    for round in 0..rounds(3) {
        let mut resumed = false;
        for sixteenth in [3_u64, 9, 14] {
            let mut killed = child(&[], world.paths().data_dir(), world.simulator.base_url())
                .env("MODELDOCK_TEST_KILL_AT", (SIZE / 16 * sixteenth).to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            resumed |= !killed.wait().unwrap().success();
        }
        assert!(resumed, "it was never killed");
        let app = world.open().await;
        let scanned = scan(&app).await;
        scanned.assert_read(1);
        // Killed when at least fourteen sixteenths had been read.
        let most = SIZE / 16 * 2 + LOST;
        assert!(scanned.summary.bytes_hashed <= most, "round {round}: read {} again", scanned.summary.bytes_hashed);
        assert_eq!(library(&app).await[&path].sha256.as_deref(), Some(expected.as_str()));
        app.shutdown().await;
        drop(app);
        world.sql("DELETE FROM cache.files");
    }
}
