//! Folders that cannot be seen at the moment: what is known of them stays.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use civitai_simulator::Catalogue;
use modeldock_core::library::ItemState;
use modeldock_core::roots::RootInfo;
use serde_json::json;

use crate::support::{World, add, call, child, events_in, library, noise, scan, states};

#[tokio::test(flavor = "multi_thread")]
async fn an_unplugged_root_is_missing_and_comes_back_unread() {
    let world = World::bulk(3).await;
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(3);
    let before = states(&library(&app).await);

    let away = world.dir.path().join("unplugged");
    std::fs::rename(world.models(), &away).unwrap();
    for empty_mount_point in [false, true] {
        if empty_mount_point {
            std::fs::create_dir(world.models()).unwrap();
        }
        let scanned = scan(&app).await;
        scanned.assert_read(0);
        assert_eq!(scanned.problem, None);
        let problem = scanned.problems()[world.models().to_str().unwrap()];
        assert!(problem.hint.is_some(), "{problem:?}");
        let items = library(&app).await;
        assert_eq!(states(&items), before, "rows, states and ids stay");
        assert!(items.values().all(|item| item.missing));
        let roots: Vec<RootInfo> = call(&app, "roots_list", json!({})).await;
        assert_eq!((roots[0].online, roots[0].files), (false, 3));
    }
    std::fs::remove_dir(world.models()).unwrap();
    std::fs::rename(&away, world.models()).unwrap();
    world.simulator.reset_counts();
    scan(&app).await.assert_read(0);
    let items = library(&app).await;
    assert_eq!(states(&items), before);
    assert!(items.values().all(|item| !item.missing));
    assert_eq!(world.simulator.requests().len(), 0);
}

/// `ComfyUI`'s extra folders are often on another drive than `ComfyUI`.
#[tokio::test(flavor = "multi_thread")]
async fn an_unplugged_folder_of_an_installation_is_missing_and_comes_back_unread() {
    let world = World::with(Catalogue::standard()).await;
    let trees = civitai_simulator::sample::write_trees(world.dir.path(), &Catalogue::standard()).unwrap();
    let app = world.open().await;
    add(&app, &trees.comfyui).await;
    scan(&app).await;
    let before = states(&library(&app).await);
    let (drive, unplugged) = (trees.extra.parent().unwrap(), world.dir.path().join("unplugged"));
    std::fs::rename(drive, &unplugged).unwrap();
    for empty_mount_point in [false, true] {
        if empty_mount_point {
            std::fs::create_dir_all(&trees.extra).unwrap();
        }
        let scanned = scan(&app).await;
        scanned.assert_read(0);
        assert!(scanned.problems().contains_key(trees.extra.to_str().unwrap()), "{:?}", scanned.problems());
        let items = library(&app).await;
        assert_eq!(states(&items), before);
        for (path, item) in &items {
            assert_eq!(item.missing, path.starts_with(drive), "{path:?}");
        }
    }
    std::fs::remove_dir_all(drive).unwrap();
    std::fs::rename(&unplugged, drive).unwrap();
    scan(&app).await.assert_read(0);
    let items = library(&app).await;
    assert_eq!(states(&items), before);
    assert!(items.values().all(|item| !item.missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_linked_folder_on_an_unplugged_drive_is_missing_and_comes_back_unread() {
    let world = World::with(Catalogue::default()).await;
    world.write("here.safetensors", noise(1, 100));
    let drive = world.dir.path().join("drive");
    std::fs::create_dir(&drive).unwrap();
    std::fs::write(drive.join("there.safetensors"), noise(2, 100)).unwrap();
    symlink(&drive, world.models().join("linked")).unwrap();
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(2);
    let before = states(&library(&app).await);
    std::fs::rename(&drive, world.dir.path().join("unplugged")).unwrap();
    scan(&app).await.assert_read(0);
    let items = library(&app).await;
    assert_eq!(states(&items), before);
    assert!(items[&world.models().join("linked/there.safetensors")].missing);
    assert!(!items[&world.models().join("here.safetensors")].missing);
    std::fs::rename(world.dir.path().join("unplugged"), &drive).unwrap();
    scan(&app).await.assert_read(0);
    assert!(library(&app).await.values().all(|item| !item.missing));
}

/// Only what is not nobody's yet: changing an owner sets the change time, which means another read.
fn give_to_nobody(path: &Path) {
    for entry in walkdir::WalkDir::new(path).into_iter().map(Result::unwrap) {
        if entry.metadata().unwrap().uid() != 65534 {
            chown(entry.path(), Some(65534), Some(65534)).unwrap();
        }
    }
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Root may read everything, so the scan runs as somebody else in a process of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_a_file_without_permission_keep_their_rows() {
    let world = World::with(Catalogue::default()).await;
    let (open, locked) = (world.write("open/a.ckpt", noise(1, 100)), world.write("locked/b.ckpt", noise(2, 100)));
    if chown(world.dir.path(), Some(65534), Some(65534)).is_err() {
        eprintln!("SKIPPED: not root, so nothing can be given to another user");
        return;
    }
    set_mode(world.dir.path(), 0o755);
    let _ = world.open_with_models().await;
    let scan_as_nobody = || {
        give_to_nobody(world.dir.path());
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        let output = child(&nobody, world.paths().data_dir(), world.simulator.base_url()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
        events_in(&text)
    };
    let hashed = |events: &[serde_json::Value]| events.iter().filter(|event| event["event"] == "hashed").count();
    assert_eq!(hashed(&scan_as_nobody()), 2);

    set_mode(locked.parent().unwrap(), 0o000);
    let unreadable = world.write("open/c.ckpt", noise(3, 100));
    set_mode(&unreadable, 0o000);
    let events = scan_as_nobody();
    assert_eq!(hashed(&events), 0);
    let problem = |path: &Path| {
        let problem = events.iter().find(|event| event["event"] == "problem" && event["path"] == json!(path));
        problem.unwrap_or_else(|| panic!("{path:?} in {events:?}"))["problem"].clone()
    };
    assert!(problem(locked.parent().unwrap())["message"].as_str().unwrap().contains("permission denied"));
    assert!(problem(&unreadable)["hint"].is_string());
    let app = world.open().await;
    let items = library(&app).await;
    assert_eq!((items[&locked].state, items[&locked].missing), (ItemState::NotFound, true));
    assert_eq!((items[&open].state, items[&open].missing), (ItemState::NotFound, false));
    assert_eq!((items[&unreadable].state, items[&unreadable].missing), (ItemState::Failed, false));
    drop(app);

    set_mode(locked.parent().unwrap(), 0o755);
    set_mode(&unreadable, 0o644);
    let events = scan_as_nobody();
    let read: Vec<&str> =
        events.iter().filter(|event| event["event"] == "hashed").map(|event| event["path"].as_str().unwrap()).collect();
    assert_eq!(read, [unreadable.to_str().unwrap()]);
    let app = world.open().await;
    assert!(library(&app).await.values().all(|item| !item.missing && item.state == ItemState::NotFound));
}
