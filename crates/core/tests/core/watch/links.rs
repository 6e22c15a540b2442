//! Files with names in several folders, and links to them: the system tells of a change only where it was made.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use civitai_simulator::Catalogue;
use modeldock_core::scan::ScanEvent;
use modeldock_core::watch::{Hint, WatchOptions};
use modeldock_core::{App, WatchObserver};
use serde_json::json;

use super::super::support::{World, add, library, noise, sha256sum};
use super::{LONG, limits};

struct Silent;

impl WatchObserver for Silent {
    fn on_hint(&self, _: &Hint) {}
    fn on_scan(&self, _: ScanEvent) {}
}

/// Watches every root of the engine, and asks nobody.
async fn watched(world: &World) -> App {
    let app = world.open().await;
    let mut settings = app.call("settings_get", json!({})).await.unwrap();
    settings["look_up"] = json!(false);
    app.call("settings_set", settings).await.unwrap();
    add(&app, &world.models()).await;
    app
}

fn start(app: &App) {
    app.start_workers_with(
        WatchOptions { debounce: Duration::from_millis(20), ..WatchOptions::default() },
        Arc::new(Silent),
    );
}

/// Waits until every one of these paths is known by the hash that its content has.
async fn becomes_true(app: &App, paths: &[&Path]) {
    let started = Instant::now();
    loop {
        let items = library(app).await;
        let is_true = |path: &Path| items.get(path).is_some_and(|item| item.sha256.as_ref() == Some(&sha256sum(path)));
        if paths.iter().all(|path| is_true(path)) && !app.is_scanning() {
            return;
        }
        assert!(
            started.elapsed() < LONG,
            "{:#?}",
            items.values().map(|item| (&item.path, &item.sha256, &item.problem)).collect::<Vec<_>>()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until a link is told with the file it leads to.
async fn becomes_another_way_to(app: &App, link: &Path, target: &Path) {
    let started = Instant::now();
    while library(app).await.get(target).is_none_or(|item| !item.also_at.contains(&link.display().to_string())) {
        assert!(started.elapsed() < LONG, "{:#?}", library(app).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_through_one_name_is_seen_at_the_names_in_other_folders() {
    let as_it_is = limits();
    as_it_is.lock_shared().unwrap();
    let world = World::with(Catalogue::default()).await;
    let one = world.write("checkpoints/a.safetensors", noise(1, 900));
    fs::create_dir(world.models().join("loras")).unwrap();
    let other = world.models().join("loras/a.safetensors");
    fs::hard_link(&one, &other).unwrap();
    let app = watched(&world).await;
    start(&app);
    becomes_true(&app, &[&one, &other]).await;
    for seed in 2..5 {
        fs::write(&other, noise(seed, 900)).unwrap();
        becomes_true(&app, &[&one, &other]).await;
    }
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_in_another_folder_is_looked_at_when_its_target_goes_and_when_it_comes_back() {
    let as_it_is = limits();
    as_it_is.lock_shared().unwrap();
    let world = World::with(Catalogue::default()).await;
    let target = world.write("checkpoints/a.safetensors", noise(1, 900));
    // A folder that is empty would be a reason to look at everything.
    let other = world.write("checkpoints/b.safetensors", noise(2, 900));
    fs::create_dir(world.models().join("loras")).unwrap();
    let link = world.models().join("loras/link.safetensors");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let app = watched(&world).await;
    start(&app);
    becomes_true(&app, &[&target, &other]).await;
    fs::remove_file(&target).unwrap();
    let started = Instant::now();
    while library(&app).await.get(&link).is_none_or(|item| item.problem.is_none()) {
        assert!(started.elapsed() < LONG, "{:#?}", library(&app).await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    fs::write(&target, noise(3, 900)).unwrap();
    becomes_true(&app, &[&target]).await;
    becomes_another_way_to(&app, &link, &target).await;
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_still_another_way_to_its_target_after_another_file_took_the_targets_name() {
    let as_it_is = limits();
    as_it_is.lock_shared().unwrap();
    let world = World::with(Catalogue::default()).await;
    let target = world.write("loras/a.safetensors", noise(1, 900));
    let other = world.write("checkpoints/f.safetensors", noise(2, 900));
    world.write("checkpoints/always there.safetensors", noise(3, 900));
    let link = world.models().join("a.safetensors");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    let app = watched(&world).await;
    start(&app);
    becomes_true(&app, &[&target, &other]).await;
    becomes_another_way_to(&app, &link, &target).await;
    fs::rename(&other, &target).unwrap();
    becomes_true(&app, &[&target]).await;
    becomes_another_way_to(&app, &link, &target).await;
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_through_a_name_in_one_root_is_seen_at_the_name_in_another() {
    let as_it_is = limits();
    as_it_is.lock_shared().unwrap();
    let world = World::with(Catalogue::default()).await;
    let one = world.write("a.safetensors", noise(1, 900));
    let second = world.dir.path().join("second");
    fs::create_dir(&second).unwrap();
    let other = second.join("a.safetensors");
    fs::hard_link(&one, &other).unwrap();
    let app = watched(&world).await;
    add(&app, &second).await;
    start(&app);
    becomes_true(&app, &[&one, &other]).await;
    for (seed, path) in [(2, &one), (3, &other)] {
        fs::write(path, noise(seed, 900)).unwrap();
        becomes_true(&app, &[&one, &other]).await;
    }
    app.shutdown().await;
}
