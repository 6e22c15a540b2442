//! What the user notes of models, and what it survives.

use civitai_simulator::Catalogue;
use modeldock_core::api::MarkReport;
use modeldock_core::library::{Facets, ItemDetail, LibraryPage, View};
use modeldock_core::units::FileId;
use modeldock_core::{App, Code};
use serde_json::{Value, json};

use crate::support::{World, add, call, library, noise, only, scan};

async fn mark(app: &App, ids: &[FileId], change: Value) -> MarkReport {
    call(app, "library_mark", json!({ "ids": ids, "change": change })).await
}

fn everything() -> Value {
    json!({ "favourite": true, "rating": 4, "note": "Made the *first* series\nwith it", "add_tags": ["Portrait", "film look"] })
}

async fn names(app: &App, query: Value) -> Vec<String> {
    let page: LibraryPage = call(app, "library_list", query).await;
    page.items.into_iter().map(|item| item.file_name).collect()
}

/// A safetensors file of one tensor with this in its header.
fn safetensors(comment: &str, tensor: &[u8]) -> Vec<u8> {
    let header = json!({
        "__metadata__": { "comment": comment },
        "t": { "dtype": "U8", "shape": [tensor.len()], "data_offsets": [0, tensor.len()] },
    });
    let header = header.to_string();
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), tensor].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_stay_with_a_model_through_moves_copies_and_a_lost_cache() {
    let world = World::with(Catalogue::default()).await;
    let path = world.write("a.safetensors", noise(1, 900));
    let app = world.open_with_models().await;
    scan(&app).await;
    let id = only(&app).await.id;
    assert_eq!(mark(&app, &[id], everything()).await, MarkReport { marked: 1, unread: vec![] });
    std::fs::create_dir(world.models().join("sub")).unwrap();
    std::fs::rename(&path, world.models().join("sub/b.safetensors")).unwrap();
    std::fs::copy(world.models().join("sub/b.safetensors"), world.models().join("copy.safetensors")).unwrap();
    scan(&app).await;
    app.shutdown().await;
    drop(app);
    for name in ["cache.db", "cache.db-wal", "cache.db-shm"] {
        let _ = std::fs::remove_file(world.paths().cache_db().with_file_name(name));
    }
    let app = world.open().await;
    scan(&app).await;
    let items = library(&app).await;
    assert_eq!(items.len(), 2);
    for item in items.values() {
        assert_eq!((item.favourite, item.rating, item.has_note), (true, 4, true));
        assert_eq!(item.tags, ["film look", "Portrait"]);
        let detail: ItemDetail = call(&app, "library_item", json!({ "id": item.id })).await;
        assert_eq!(detail.note, "Made the *first* series\nwith it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_whose_header_is_edited_keeps_its_marks() {
    let world = World::with(Catalogue::default()).await;
    let tensor = noise(3, 4000);
    let path = world.write("a.safetensors", safetensors("before", &tensor));
    let app = world.open_with_models().await;
    scan(&app).await;
    mark(&app, &[only(&app).await.id], everything()).await;
    std::fs::write(&path, safetensors("somebody edited this", &tensor)).unwrap();
    scan(&app).await;
    assert_eq!(only(&app).await.rating, 4);
    // Other tensors are another model.
    std::fs::write(&path, safetensors("somebody edited this", &noise(4, 4000))).unwrap();
    scan(&app).await;
    assert_eq!(only(&app).await.rating, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn marks_are_searched_filtered_counted_and_sorted_by() {
    let world = World::with(Catalogue::default()).await;
    for (seed, name) in (0..).zip(["a", "b", "c"]) {
        world.write(&format!("{name}.pt"), noise(seed, 500));
    }
    let app = world.open_with_models().await;
    scan(&app).await;
    let ids: Vec<FileId> = library(&app).await.values().map(|item| item.id).collect();
    mark(&app, &ids[..1], everything()).await;
    mark(&app, &ids[1..2], json!({ "rating": 5, "add_tags": ["PORTRAIT"] })).await;

    assert_eq!(names(&app, json!({ "search": "FIRST series" })).await, ["a.pt"]);
    assert_eq!(names(&app, json!({ "search": "film" })).await, ["a.pt"]);
    assert_eq!(names(&app, json!({ "favourites": true })).await, ["a.pt"]);
    // One tag, written as it was the first time.
    assert_eq!(names(&app, json!({ "tags": ["Portrait"], "sort": "name" })).await, ["a.pt", "b.pt"]);
    assert_eq!(names(&app, json!({ "sort": "rating" })).await, ["b.pt", "a.pt", "c.pt"]);
    let facets: Facets = call(&app, "library_facets", json!({ "favourites": true })).await;
    let tags: Vec<(String, u32)> = facets.tags.into_iter().map(|tag| (tag.value, tag.count)).collect();
    assert_eq!(tags, [("Portrait".to_owned(), 1), ("film look".to_owned(), 1)]);
    assert_eq!(facets.favourites, 1);

    mark(&app, &ids, json!({ "favourite": false, "rating": 0, "note": "", "remove_tags": ["portrait", "Film Look"] }))
        .await;
    assert!(library(&app).await.values().all(|item| item.tags.is_empty() && item.rating == 0 && !item.has_note));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_yet_is_named_and_the_rest_is_marked() {
    let world = World::with(Catalogue::default()).await;
    world.write("a.pt", noise(1, 500));
    let app = world.open_with_models().await;
    scan(&app).await;
    let known = only(&app).await.id;
    world.write("broken.pt", noise(2, 500));
    std::fs::remove_file(world.models().join("broken.pt")).unwrap();
    std::os::unix::fs::symlink("/nowhere/x.pt", world.models().join("broken.pt")).unwrap();
    scan(&app).await;
    let broken = library(&app).await.values().find(|item| item.file_name == "broken.pt").unwrap().id;
    let report = mark(&app, &[known, broken], json!({ "favourite": true })).await;
    assert_eq!(report, MarkReport { marked: 1, unread: vec![broken] });
    let unknown = app.call("library_mark", json!({ "ids": [99_999], "change": {} })).await.unwrap_err();
    assert_eq!(unknown.code, Code::NotFound);
    assert!(app.call("library_mark", json!({ "ids": [known], "change": { "rating": 6 } })).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_that_are_marked_together_are_marked_once() {
    let world = World::with(Catalogue::default()).await;
    world.write("one.pt", noise(1, 500));
    world.write("two.pt", noise(1, 500));
    let app = world.open_with_models().await;
    scan(&app).await;
    let ids: Vec<FileId> = library(&app).await.values().map(|item| item.id).collect();
    let report = mark(&app, &ids, json!({ "add_note": "lovely" })).await;
    assert_eq!(report, MarkReport { marked: 2, unread: Vec::new() });
    let detail: Value = call(&app, "library_item", json!({ "id": ids[0] })).await;
    assert_eq!(detail["note"], "lovely");
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_are_kept_by_name() {
    let world = World::with(Catalogue::default()).await;
    let app = world.open().await;
    let query = json!({ "search": "portrait", "kinds": ["LORA"], "offset": 40 });
    let views: Vec<View> = call(&app, "view_put", json!({ "name": " My  LoRAs ", "query": query })).await;
    assert_eq!((views[0].name.as_str(), views[0].query.offset), ("My LoRAs", 0));
    let views: Vec<View> = call(&app, "view_put", json!({ "name": "my loras", "query": {} })).await;
    assert_eq!(views.len(), 1, "another in its place");
    let views: Vec<View> = call(&app, "view_remove", json!({ "name": "MY LORAS" })).await;
    assert!(views.is_empty());
    assert_eq!(app.call("view_remove", json!({ "name": "none" })).await.unwrap_err().code, Code::NotFound);
    assert!(app.call("view_put", json!({ "name": " ", "query": {} })).await.is_err());
    add(&app, &world.models()).await;
}
