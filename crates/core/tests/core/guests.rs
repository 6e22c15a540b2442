//! Several processes, one data folder.

use std::time::Duration;

use modeldock_core::{App, Code, Event, Role};
use serde_json::json;

use crate::support::{World, add, library, only, scan, scan_of};

#[tokio::test(flavor = "multi_thread")]
async fn one_owns_and_the_others_are_guests() {
    let world = World::bulk(2).await;
    let owner = world.open_with_models().await;
    let error = App::open(world.paths(), Role::Owner, world.client()).map(|_| ()).unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::Busy, true));
    assert!(error.hint.is_some() && error.message.contains(world.paths().data_dir().to_str().unwrap()));

    scan(&owner).await.assert_read(2);
    let guest = App::open_any(world.paths(), world.client()).unwrap();
    assert_eq!((owner.role(), guest.role()), (Role::Owner, Role::Guest));
    assert_eq!(library(&guest).await, library(&owner).await);
    // A guest may scan when nobody else does, and what it does the owner sees.
    std::fs::remove_file(world.models().join("bulk_00000.safetensors")).unwrap();
    scan(&guest).await.assert_read(0);
    only(&owner).await;

    drop(guest);
    drop(owner);
    assert_eq!(world.open().await.role(), Role::Owner);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_do_not_scan_at_once() {
    let world = World::bulk(2).await;
    let owner = world.open_with_models().await;
    let guest = App::open(world.paths(), Role::Guest, world.client()).unwrap();
    let (paths, client, runtime) = (world.paths(), world.client(), tokio::runtime::Handle::current());
    let other = guest.clone();
    let scanned = scan_of(&owner, Vec::new(), move |_| {
        let _guard = runtime.enter();
        for app in [other.clone(), App::open(paths.clone(), Role::Guest, client.clone()).unwrap()] {
            let error = app.scan(Vec::new(), std::sync::Arc::new(|_| ())).map(|_| ()).unwrap_err();
            assert_eq!((error.code, error.retryable), (Code::Busy, true));
            assert!(error.hint.is_some());
        }
    })
    .await;
    assert_eq!(scanned.problem, None);
    // In one process, the scan under way is the answer.
    // (Other tests start processes, which hold a copy of every lock for the blink until they are another program.)
    let running = loop {
        match guest.scan(Vec::new(), std::sync::Arc::new(|_| std::thread::sleep(Duration::from_millis(50)))) {
            Ok(running) => break running,
            Err(error) => assert_eq!(error.code, Code::Busy),
        }
    };
    let again: serde_json::Value = guest.call("scan_start", json!({})).await.unwrap();
    assert_eq!(again["job"], json!(running.id()));
    running.wait().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_tells_its_clients_of_another_processs_changes() {
    let world = World::bulk(2).await;
    let owner = world.open().await;
    owner.start_workers();
    let mut events = owner.subscribe();
    let guest = App::open(world.paths(), Role::Guest, world.client()).unwrap();
    // The owner looks once a second, and the first look is only its starting point.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    add(&guest, &world.models()).await;
    let resync = async {
        while let Some(event) = events.next().await {
            if *event == Event::Resync {
                return;
            }
        }
        panic!("the engine went away");
    };
    tokio::time::timeout(Duration::from_secs(20), resync).await.expect("a resync");
    owner.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_shuts_down_lets_go_of_the_data_folder() {
    let world = World::bulk(50).await;
    let owner = world.open_with_models().await;
    owner.start_workers();
    owner.shutdown().await;
    drop(owner);
    world.open().await;
}
