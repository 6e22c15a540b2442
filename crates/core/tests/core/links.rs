//! One file that several paths lead to.

use std::os::unix::fs::symlink;
use std::path::Path;

use civitai_simulator::Catalogue;
use modeldock_core::library::ItemState;

use crate::support::{World, add, library, noise, only, scan, scan_of};

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn links_to_a_file_and_to_a_folder_are_other_ways_to_one_row() {
    let world = World::with(Catalogue::default()).await;
    let real = world.write("real/a.safetensors", noise(1, 9000));
    let (file_link, folder_link) = (world.models().join("b.safetensors"), world.models().join("zlinked"));
    symlink(&real, &file_link).unwrap();
    symlink(real.parent().unwrap(), &folder_link).unwrap();
    let app = world.open_with_models().await;
    for read in [1, 0] {
        scan(&app).await.assert_read(read);
        let item = only(&app).await;
        assert_eq!((item.path.as_str(), item.copies), (text(&real).as_str(), 1));
        assert_eq!(item.also_at, [text(&file_link), text(&folder_link.join("a.safetensors"))]);
    }
    // The real one renamed: its links dangle.
    std::fs::rename(&real, real.with_file_name("c.safetensors")).unwrap();
    scan(&app).await.assert_read(0);
    let items = library(&app).await;
    assert_eq!(items[&file_link].state, ItemState::Failed);
    assert_eq!(items[&real.with_file_name("c.safetensors")].also_at, [text(&folder_link.join("c.safetensors"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hard_link_is_a_file_of_its_own_and_read_once() {
    let world = World::with(Catalogue::default()).await;
    let real = world.write("a.safetensors", noise(1, 9000));
    std::fs::hard_link(&real, world.models().join("b.safetensors")).unwrap();
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(1);
    let items = library(&app).await;
    assert_eq!(items.len(), 2);
    assert!(items.values().all(|item| item.copies == 2 && item.also_at.is_empty()));
    scan(&app).await.assert_read(0);
    std::fs::remove_file(&real).unwrap();
    // Unlinking changes the other name's change time: it is read again, and is right.
    scan(&app).await;
    assert_eq!(only(&app).await.state, ItemState::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn loops_end_and_dangling_links_say_where_they_lead() {
    let world = World::with(Catalogue::default()).await;
    let real = world.write("a/x.safetensors", noise(1, 100));
    symlink(world.models(), world.models().join("a/up")).unwrap();
    symlink(world.models().join("me.ckpt"), world.models().join("me.ckpt")).unwrap();
    symlink("/nowhere/lost.safetensors", world.models().join("lost.safetensors")).unwrap();
    let app = world.open_with_models().await;
    let scanned = scan(&app).await;
    scanned.assert_read(1);
    let items = library(&app).await;
    assert_eq!(items[&real].state, ItemState::NotFound);
    for (name, target) in [("lost.safetensors", "/nowhere/lost.safetensors"), ("me.ckpt", "me.ckpt")] {
        let item = &items[&world.models().join(name)];
        let problem = item.problem.as_ref().unwrap();
        assert_eq!(item.state, ItemState::Failed, "{item:?}");
        assert!(problem.message.contains(target) && problem.hint.is_some(), "{problem:?}");
    }
    assert_eq!((items.len(), scanned.summary.failed), (3, 2));
    // Mended, it is an ordinary file.
    std::fs::remove_file(world.models().join("lost.safetensors")).unwrap();
    world.write("lost.safetensors", noise(2, 100));
    scan(&app).await.assert_read(1);
    let item = &library(&app).await[&world.models().join("lost.safetensors")];
    assert_eq!((item.state, &item.problem), (ItemState::NotFound, &None));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_roots_that_reach_one_folder_show_its_files_once() {
    let world = World::with(Catalogue::default()).await;
    let real = world.write("loras/a.safetensors", noise(1, 9000));
    let elsewhere = world.dir.path().join("elsewhere");
    symlink(world.models(), &elsewhere).unwrap();
    let app = world.open_with_models().await;
    // The same folder by another name is the same root; a folder in it by another name is a root that overlaps.
    let first = add(&app, &world.models()).await;
    assert_eq!(add(&app, &elsewhere).await, first);
    let second = add(&app, &elsewhere.join("loras")).await;
    assert_ne!(second, first);
    for read in [1, 0] {
        scan(&app).await.assert_read(read);
        let item = only(&app).await;
        assert_eq!((&item.path, item.copies), (&text(&real), 1));
        assert_eq!(item.also_at, [text(&elsewhere.join("loras/a.safetensors"))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_of_one_root_knows_the_files_of_the_others() {
    let world = World::with(Catalogue::default()).await;
    let real = world.write("a.safetensors", noise(1, 9000));
    let other = world.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    symlink(&real, other.join("link.safetensors")).unwrap();
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(1);

    let root = add(&app, &other).await;
    for _ in 0..2 {
        scan_of(&app, vec![root], |_| ()).await.assert_read(0);
        let item = only(&app).await;
        assert_eq!((&item.path, item.copies), (&text(&real), 1));
        assert_eq!(item.also_at, [text(&other.join("link.safetensors"))]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_root_keeps_what_another_root_reaches() {
    let world = World::with(Catalogue::default()).await;
    let real = world.write("a.safetensors", noise(1, 9000));
    let other = world.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    symlink(&real, other.join("link.safetensors")).unwrap();
    let app = world.open().await;
    let first = add(&app, &world.models()).await;
    add(&app, &other).await;
    scan(&app).await.assert_read(1);
    app.call("roots_remove", serde_json::json!({ "id": first })).await.unwrap();
    let item = only(&app).await;
    assert_eq!((&item.path, item.state), (&text(&other.join("link.safetensors")), ItemState::NotFound));
    scan(&app).await.assert_read(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_linked_from_many_places_keeps_its_own_path() {
    let world = World::with(Catalogue::default()).await;
    let real = world.write("zz/a.safetensors", noise(1, 9000));
    for number in 0..8 {
        symlink(real.parent().unwrap(), world.models().join(format!("link{number}"))).unwrap();
    }
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(1);
    assert_eq!(only(&app).await.path, text(&real));
}
