//! What a scan finds, what it reads and what it asks.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use civitai_simulator::sample::{self, Expected};
use civitai_simulator::{Catalogue, ModelSpec};
use modeldock_core::Event;
use modeldock_core::api::AppInfo;
use modeldock_core::jobs::{JobSnapshot, JobState, ScanPhase};
use modeldock_core::library::{ItemState, Provenance};
use modeldock_core::roots::DetectedRoot;
use modeldock_core::scan::ScanEvent;
use serde_json::json;

use crate::support::{World, add, call, library, noise, only, scan, scan_of, sha256sum};

/// Civitai's words for what a file is, from the simulator's own catalogue.
fn kind_at_civitai(catalogue: &Catalogue, sha256: &str, version: u64) -> String {
    let version = catalogue.version(version).unwrap();
    let file = catalogue.files_by_hash(sha256).find(|file| file.version_id == version.id).unwrap();
    match file.spec.kind.as_str() {
        "VAE" => "VAE".to_owned(),
        "Text Encoder" => "TextEncoder".to_owned(),
        "Diffusion Model" => "DiffusionModel".to_owned(),
        _ => catalogue.model_of(version).spec.kind.clone(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_real_looking_installations_is_what_it_is() {
    let catalogue = Catalogue::standard();
    let world = World::with(catalogue.clone()).await;
    let trees = sample::write_trees(world.dir.path(), &catalogue).unwrap();
    let app = world.open().await;

    let found: Vec<DetectedRoot> = call(&app, "roots_detect", json!({ "within": [world.dir.path()] })).await;
    let paths: BTreeSet<PathBuf> = found.iter().map(|root| PathBuf::from(&root.path)).collect();
    assert_eq!(paths, BTreeSet::from([trees.a1111.clone(), trees.comfyui.clone()]));
    assert!(found.iter().all(|root| !root.added && root.files > 0));
    for root in &paths {
        add(&app, root).await;
    }
    let scanned = scan(&app).await;
    assert_eq!(scanned.problem, None);
    assert_eq!(scanned.problems().len(), 0);

    let items = library(&app).await;
    for file in &trees.written {
        let item = items.get(&file.path);
        if file.symlink {
            assert!(item.is_none(), "{:?} is another way to a file, not a file", file.path);
            let also =
                items.values().find(|item| item.also_at.iter().any(|path| *path == file.path.display().to_string()));
            assert_eq!(also.unwrap().sha256, file.sha256);
            continue;
        }
        match &file.expected {
            Expected::Ignored => assert!(item.is_none(), "{:?}", file.path),
            Expected::Unknown => {
                let item = item.unwrap_or_else(|| panic!("{:?}", file.path));
                assert_eq!((item.state, &item.sha256), (ItemState::NotFound, &file.sha256), "{:?}", file.path);
                assert_eq!((item.version_id, item.provenance), (None, Some(Provenance::Measured)));
                if file.folder.to_lowercase().contains("lora") {
                    assert_eq!(item.kind.as_str(), "LORA", "{:?}", file.path);
                }
            }
            Expected::Known { model_id, version_id, model_name } => {
                let item = item.unwrap_or_else(|| panic!("{:?}", file.path));
                let sha256 = file.sha256.as_deref().unwrap();
                assert_eq!((item.state, item.sha256.as_deref()), (ItemState::Matched, Some(sha256)), "{:?}", file.path);
                let ids = (item.model_id.map(|id| id.0), item.version_id.map(|id| id.0));
                assert_eq!(ids, (i64::try_from(*model_id).ok(), i64::try_from(*version_id).ok()), "{:?}", file.path);
                assert_eq!(item.model_name.as_ref(), Some(model_name));
                let kind = kind_at_civitai(&catalogue, sha256, *version_id);
                assert_eq!(item.kind.as_str(), kind, "{:?}", file.path);
            }
        }
    }
    let models: BTreeSet<&PathBuf> = trees.models().map(|file| &file.path).collect();
    assert_eq!(items.keys().collect::<BTreeSet<_>>(), models, "every model and nothing else");
    assert!(
        items.keys().any(|path| path.starts_with(&trees.extra)),
        "the folder of extra_model_paths.yaml is included"
    );

    // Told the same by every other view.
    assert_eq!(scanned.summary.files as usize, items.len());
    assert_eq!(
        scanned.summary.matched as usize,
        items.values().filter(|item| item.state == ItemState::Matched).count()
    );
    assert_eq!((scanned.summary.pending, scanned.summary.failed), (0, 0));
    let found: Vec<DetectedRoot> = call(&app, "roots_detect", json!({ "within": [world.dir.path()] })).await;
    assert!(found.iter().all(|root| root.added));
    let info: AppInfo = call(&app, "app_info", json!(null)).await;
    assert_eq!((info.civitai_url.as_str(), info.owner), (world.simulator.base_url(), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_files_take_a_hundred_and_one_requests_and_then_none() {
    let world = World::bulk(10_000).await;
    let app = world.open_with_models().await;

    let first = scan(&app).await;
    assert_eq!(first.problem, None);
    first.assert_read(10_000);
    assert_eq!((first.summary.files, first.summary.matched), (10_000, 10_000));
    assert_eq!(world.simulator.count("by-hash/ids"), 1);
    assert!(world.simulator.count("by-hash") <= 100, "{}", world.simulator.count("by-hash"));
    assert_eq!(world.simulator.requests().len(), world.simulator.count("by-hash") + 1, "and nothing else");

    world.simulator.reset_counts();
    let second = scan(&app).await;
    second.assert_read(0);
    assert_eq!((second.summary.files, second.summary.matched), (10_000, 10_000));
    assert_eq!(world.simulator.requests().len(), 0);
    assert_eq!(second.events.len(), 2, "it began and it ended: {:?}", &second.events[..5.min(second.events.len())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_copies_are_two_rows_and_one_question() {
    let mut builder = Catalogue::builder();
    let bytes = noise(1, 70_000);
    builder.add_file("a.safetensors", bytes.clone(), ModelSpec::new("Twice", "LORA"));
    let world = World::with(builder.build()).await;
    world.write("a.safetensors", &bytes);
    world.write("sub/b.safetensors", &bytes);
    let app = world.open_with_models().await;

    let scanned = scan(&app).await;
    scanned.assert_read(2);
    assert_eq!(scanned.summary.bytes_hashed, 140_000);
    let answers = scanned.events.iter().filter(|event| matches!(event, ScanEvent::Resolved { .. })).count();
    assert_eq!(answers, 1, "one content is one answer");
    assert_eq!(world.simulator.requests()[0].batch, Some(1));
    let items = library(&app).await;
    assert_eq!(items.len(), 2);
    for item in items.values() {
        assert_eq!((item.state, item.copies), (ItemState::Matched, 2));
        assert!(item.also_at.is_empty());
        let detail: serde_json::Value = call(&app, "library_item", json!({ "id": item.id })).await;
        assert_eq!(detail["copies"].as_array().unwrap().len(), 1);
        assert_ne!(detail["copies"][0]["path"], json!(item.path));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn renamed_and_moved_files_keep_their_rows_and_are_not_read() {
    let world = World::bulk(3).await;
    let app = world.open_with_models().await;
    let second_root = world.dir.path().join("more");
    std::fs::create_dir(&second_root).unwrap();
    add(&app, &second_root).await;
    scan(&app).await.assert_read(3);
    let before = library(&app).await;

    let file = |number: usize| world.models().join(format!("bulk_0000{number}.safetensors"));
    let targets = [
        world.models().join("renamed.safetensors"),
        world.models().join("a/b/c.safetensors"),
        second_root.join("x.sft"),
    ];
    std::fs::create_dir_all(targets[1].parent().unwrap()).unwrap();
    for (number, target) in targets.iter().enumerate() {
        std::fs::rename(file(number), target).unwrap();
    }
    world.simulator.reset_counts();
    let scanned = scan(&app).await;
    scanned.assert_read(0);
    assert_eq!(world.simulator.requests().len(), 0);
    let moves = scanned.events.iter().filter(|event| matches!(event, ScanEvent::Moved { .. })).count();
    assert_eq!(moves, 3, "{:?}", scanned.events);

    let after = library(&app).await;
    assert_eq!(after.keys().collect::<BTreeSet<_>>(), targets.iter().collect());
    for (number, target) in targets.iter().enumerate() {
        let (old, new) = (&before[&file(number)], &after[target]);
        assert_eq!((new.id, &new.sha256, new.state), (old.id, &old.sha256, ItemState::Matched));
        assert_eq!((new.hashed_at, new.added_at, new.missing), (old.hashed_at, old.added_at, false));
    }
    scan(&app).await.assert_read(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_hides_behind_size_and_time_is_noticed() {
    let world = World::with(Catalogue::default()).await;
    let path = world.write("a.safetensors", noise(1, 5000));
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(1);
    let before = only(&app).await;

    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    std::fs::write(&path, noise(2, 5000)).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    scan(&app).await.assert_read(1);
    let after = only(&app).await;
    assert_eq!((after.id, after.size, after.modified_at), (before.id, before.size, before.modified_at));
    assert_ne!(after.sha256, before.sha256);
    assert_eq!(after.sha256.unwrap(), sha256sum(&path));
}

/// Archives give all their files one time, LoRAs of one kind have one size, and a file system hands a deleted file's
/// number to the next one: everything that makes a rename is there, but it is another file.
#[tokio::test(flavor = "multi_thread")]
async fn another_file_in_a_deleted_ones_inode_is_not_taken_for_it() {
    use std::os::unix::fs::MetadataExt;
    let world = World::with(Catalogue::default()).await;
    let app = world.open_with_models().await;
    let packed_at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let unpack = |name: &str, seed: u64| {
        let path = world.write(name, noise(seed, 5000));
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(packed_at).unwrap();
        path
    };
    let mut tried = 0;
    loop {
        let (old, new) = (format!("{tried}-old.safetensors"), format!("{tried}-new.safetensors"));
        let path = unpack(&old, tried);
        scan(&app).await.assert_read(1);
        let inode = std::fs::metadata(&path).unwrap().ino();
        std::fs::remove_file(&path).unwrap();
        let path = unpack(&new, 1_000 + tried);
        let reused = std::fs::metadata(&path).unwrap().ino() == inode;
        scan(&app).await;
        assert_eq!(library(&app).await[&path].sha256.as_deref(), Some(sha256sum(&path).as_str()), "reused: {reused}");
        std::fs::remove_file(&path).unwrap();
        tried += 1;
        if reused || tried == 20 {
            assert!(reused, "this file system never gives a number twice: nothing was proven");
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_file_leaves_the_library_and_comes_back_unread() {
    let world = World::bulk(2).await;
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(2);
    let before = library(&app).await;
    let (path, aside) = (world.models().join("bulk_00000.safetensors"), world.dir.path().join("trash"));
    std::fs::rename(&path, &aside).unwrap();
    let scanned = scan(&app).await;
    assert!(scanned.events.iter().any(|event| matches!(event, ScanEvent::Gone { .. })));
    assert_eq!(library(&app).await.len(), 1);
    // A rename sets the change time, which says "perhaps edited" for a file at its own place: it may be read again,
    // but its row and what is known of it must come back.
    std::fs::rename(&aside, &path).unwrap();
    scan(&app).await;
    let after = library(&app).await;
    assert_eq!((after[&path].id, &after[&path].sha256), (before[&path].id, &before[&path].sha256));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_change_or_vanish_while_they_are_read_are_not_hashed() {
    let world = World::with(Catalogue::default()).await;
    let app = world.open_with_models().await;
    let settings: serde_json::Value = call(&app, "settings_get", json!({})).await;
    let mut settings = settings;
    settings["hash_threads"] = json!(1);
    let _: serde_json::Value = call(&app, "settings_set", settings).await;
    // Sparse, and read in the order of their sizes; the first is large enough to be told at once.
    let sized = |name: &str, mib: u64| {
        let path = world.write(name, "");
        std::fs::File::options().write(true).open(&path).unwrap().set_len(mib << 20).unwrap();
        path
    };
    let first = sized("first.ckpt", 64);
    let (growing, vanishing, replaced) =
        (sized("growing.ckpt", 96), sized("vanishing.ckpt", 97), sized("replaced.ckpt", 98));
    let meddle = {
        let (growing, vanishing, replaced) = (growing.clone(), vanishing.clone(), replaced.clone());
        move |event: &ScanEvent| {
            if matches!(event, ScanEvent::Hashed { path, .. } if path.ends_with("first.ckpt")) {
                use std::io::Write;
                std::fs::File::options().append(true).open(&growing).unwrap().write_all(b"more").unwrap();
                std::fs::remove_file(&vanishing).unwrap();
                std::fs::write(&replaced, "something else by now").unwrap();
            }
        }
    };
    let scanned = scan_of(&app, Vec::new(), meddle).await;
    assert_eq!(scanned.hashed(), [first.to_str().unwrap()], "an event is a fact: nothing else was stored");
    assert_eq!(scanned.problem, None);
    let items = library(&app).await;
    for path in [&growing, &replaced] {
        let item = &items[path];
        assert_eq!((item.state, &item.sha256), (ItemState::Pending, &None), "{item:?}");
        let problem = item.problem.as_ref().unwrap();
        assert!(problem.retryable && problem.message.contains("still being written"), "{problem:?}");
    }
    assert!(items.get(&vanishing).is_none_or(|item| item.sha256.is_none()));

    let scanned = scan(&app).await;
    scanned.assert_read(2);
    let items = library(&app).await;
    assert_eq!(items.len(), 3, "what vanished is gone");
    for (path, item) in &items {
        assert_eq!(item.sha256.as_deref(), Some(sha256sum(path).as_str()));
        assert_eq!((item.state, &item.problem), (ItemState::NotFound, &None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_come_and_go_while_a_file_is_read_do_not_make_it_unreadable() {
    let world = World::with(Catalogue::default()).await;
    let app = world.open_with_models().await;
    let mut settings: serde_json::Value = call(&app, "settings_get", json!({})).await;
    settings["hash_threads"] = json!(1);
    let _: serde_json::Value = call(&app, "settings_set", settings).await;
    // Sparse, and read in the order of their sizes; the first is large enough to be told at once.
    let sized = |name: &str, mib: u64| {
        let path = world.write(name, "");
        std::fs::File::options().write(true).open(&path).unwrap().set_len(mib << 20).unwrap();
        path
    };
    let first = sized("first.ckpt", 64);
    let (linked, name) = (sized("linked.ckpt", 96), sized("a/name.ckpt", 97));
    let other_name = world.write("b/sentinel.ckpt", "x").with_file_name("name.ckpt");
    std::fs::hard_link(&name, &other_name).unwrap();
    let meddle = {
        let (linked, name, outside) = (linked.clone(), name.clone(), world.dir.path().join("outside.ckpt"));
        move |event: &ScanEvent| {
            if matches!(event, ScanEvent::Hashed { path, .. } if path.ends_with("first.ckpt")) {
                std::fs::hard_link(&linked, &outside).unwrap();
                std::fs::remove_file(&name).unwrap();
            }
        }
    };
    let scanned = scan_of(&app, Vec::new(), meddle).await;
    let items = library(&app).await;
    for path in [&first, &linked, &other_name] {
        assert_eq!(items[path].sha256.as_deref(), Some(sha256sum(path).as_str()), "{:?}", items[path]);
        assert_eq!(items[path].problem, None);
    }
    assert!(!scanned.problems().contains_key(linked.to_str().unwrap()), "it was only read again");
}

/// On one thread, where nothing else can listen while this test does not let go.
#[tokio::test]
async fn a_scan_that_has_ended_can_still_be_waited_for() {
    let world = World::with(Catalogue::default()).await;
    let app = world.open().await;
    for _ in 0..100 {
        // The shortest there is: it may be over before anybody listens.
        let running = loop {
            match app.scan(vec![modeldock_core::units::RootId(7)], std::sync::Arc::new(|_| ())) {
                Ok(running) => break running,
                Err(error) => assert_eq!(error.code, modeldock_core::Code::Busy),
            }
        };
        while app.is_scanning() {
            std::hint::spin_loop();
        }
        tokio::time::timeout(Duration::from_secs(5), running.wait()).await.expect("its end").unwrap_err();
    }
}

/// Sparse, and large enough to be told each on its own.
const FILES: usize = 12;
const SIZE: u64 = 64 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_scan_reads_nothing_and_a_cancelled_one_keeps_what_is_finished() {
    let world = World::with(Catalogue::default()).await;
    for number in 0..FILES {
        let path = world.write(&format!("{number:02}.ckpt"), [u8::try_from(number).unwrap()]);
        std::fs::File::options().write(true).open(path).unwrap().set_len(SIZE).unwrap();
    }
    let app = world.open_with_models().await;
    let (told, mut first) = tokio::sync::mpsc::unbounded_channel();
    let observer = move |event: ScanEvent| {
        if matches!(event, ScanEvent::Hashed { .. }) {
            // Nobody listens after the first.
            let _ = told.send(());
        }
    };
    let running = app.scan(Vec::new(), std::sync::Arc::new(observer)).unwrap();
    first.recv().await.unwrap();
    let paused: serde_json::Value = call(&app, "job_pause", json!({ "id": running.id() })).await;
    assert_eq!(paused["state"], "paused");
    // What was on its way when the pause came may still be counted; then the counter stands still.
    let mut read = 0;
    let mut still = 0;
    while still < 10 {
        tokio::time::sleep(Duration::from_millis(30)).await;
        let now = running.progress().bytes_hashed.0;
        still = if now == read { still + 1 } else { 0 };
        read = now;
    }
    assert!(read < FILES as u64 * SIZE, "it ended before it was paused");
    assert!(app.is_scanning());

    let resumed: serde_json::Value = call(&app, "job_resume", json!({ "id": running.id() })).await;
    assert_eq!(resumed["state"], "running");
    while running.progress().bytes_hashed.0 == read {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // A paused job can be cancelled, too.
    running.control().pause();
    let _: serde_json::Value = call(&app, "job_cancel", json!({ "id": running.id() })).await;
    let end = running.wait().await.unwrap();
    assert!(end.summary.cancelled && end.problem.is_none(), "{end:?}");
    assert!(end.summary.hashed > 0 && (end.summary.hashed as usize) < FILES, "{end:?}");
    assert_eq!(world.simulator.requests().len(), 0, "a cancelled scan asks nobody");
    let jobs: serde_json::Value = call(&app, "jobs_list", json!({})).await;
    assert_eq!(jobs[0]["state"], "cancelled");

    let rest = scan(&app).await;
    rest.assert_read(FILES - end.summary.hashed as usize);
    assert_eq!(rest.summary.not_found as usize, FILES);
    let items = library(&app).await;
    for (path, item) in &items {
        assert_eq!(item.sha256.as_deref(), Some(sha256sum(path).as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_read_once_though_another_comes_beside_it_meanwhile() {
    const LARGE: u64 = 3 << 30;
    let world = World::with(Catalogue::bulk(1, 1)).await;
    let app = world.open_with_models().await;
    let large = world.write("large.pt", "");
    std::fs::File::options().write(true).open(&large).unwrap().set_len(LARGE).unwrap();

    let job = async || call::<Vec<JobSnapshot>>(&app, "jobs_list", json!({})).await.remove(0);
    let _: serde_json::Value = call(&app, "scan_start", json!({})).await;
    while job().await.bytes_hashed.0 == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.write("small.pt", noise(1, 5000));
    let _: serde_json::Value = call(&app, "scan_start", json!({})).await;
    while job().await.files_to_hash < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let meanwhile = job().await;
    assert!(meanwhile.bytes_hashed.0 < LARGE, "it was read before anybody looked again");
    assert!(matches!(meanwhile.phase, ScanPhase::Hashing | ScanPhase::Verifying), "{meanwhile:?}");
    let end = loop {
        let now = job().await;
        if now.state == JobState::Done {
            break now;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!((end.files_found, end.files_to_hash, end.files_hashed), (2, 2, 2), "{end:?}");
    assert_eq!(end.bytes_hashed.0, LARGE + 5000);
    assert!(library(&app).await.values().all(|item| item.provenance == Some(Provenance::Measured)));
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_at_most_five_times_a_second_however_much_there_is_of_it() {
    let world = World::bulk(2000).await;
    let app = world.open_with_models().await;
    let large = world.write("large.pt", "");
    std::fs::File::options().write(true).open(&large).unwrap().set_len(2 << 30).unwrap();
    let mut events = app.subscribe();
    let counted = tokio::spawn(async move {
        let (mut told, mut since) = (0_u32, None);
        loop {
            match events.next().await.as_deref() {
                Some(Event::Progress { .. }) => {
                    since.get_or_insert_with(std::time::Instant::now);
                    told += 1;
                }
                Some(Event::Resync) => panic!("more was told than anybody can hear"),
                Some(_) => {}
                None => return (told, since),
            }
            if let Some(since) = since
                && since.elapsed() > Duration::from_secs(1)
            {
                return (told, Some(since));
            }
        }
    });
    let seen = scan(&app).await;
    assert!(seen.hashed().len() > 2000, "there was much to tell of");
    drop(app);
    let (told, since) = counted.await.unwrap();
    let allowed = since.map_or(0, |since| since.elapsed().as_millis() / 200) + 1;
    assert!(told > 0 && u128::from(told) <= allowed, "{told} in the time of {allowed}");
}
