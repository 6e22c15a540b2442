//! Requests no client of ours would make.

use civitai_simulator::Catalogue;
use modeldock_core::api::COMMANDS;
use modeldock_core::{Code, Error};
use serde_json::{Value, json};

use crate::support::{World, add, library, noise, scan};

/// What is asked of the catalogue, each with one thing wrong.
fn malformed_looks() -> Vec<(&'static str, Value)> {
    vec![
        ("discover_search", json!({ "text": 7 })),
        ("discover_search", json!({ "words": "ink" })),
        ("discover_search", json!({ "text": "x".repeat(10_000) })),
        ("discover_search", json!({ "kinds": vec!["LORA"; 1000] })),
        ("discover_search", json!({ "sort": "Most Downloaded" })),
        ("discover_search", json!({ "period": "fortnight" })),
        ("discover_search", json!({ "content": "none" })),
        ("discover_search", json!({ "limit": 101 })),
        ("discover_search", json!({ "cursor": "" })),
        ("discover_search", json!({ "cursor": "1".repeat(10_000) })),
        ("discover_search", json!({ "ticket": "x".repeat(10_000) })),
        ("discover_find", json!({ "what": "no model at all" })),
        ("discover_find", json!({ "what": "x".repeat(100_000) })),
        ("discover_find", json!({})),
        ("discover_model", json!({ "id": "1" })),
        ("discover_model", json!({})),
        ("discover_marks", json!({ "models": [1.5] })),
        ("discover_marks", json!({ "models": vec![1; 10_000] })),
        ("discover_words", json!({ "of": "kinds" })),
    ]
}

/// What is asked to be done to files and noted of them, each with one thing wrong.
fn malformed_actions() -> Vec<(&'static str, Value)> {
    vec![
        ("library_mark", json!({ "ids": [1] })),
        ("library_mark", json!({ "ids": [1], "change": { "rating": 300 } })),
        ("library_mark", json!({ "ids": [], "change": { "add_tags": ["a,b"] } })),
        ("library_mark", json!({ "ids": [], "change": { "note": "x".repeat(100_000) } })),
        ("view_put", json!({ "name": "" , "query": {} })),
        ("view_put", json!({ "name": "x".repeat(10_000), "query": {} })),
        ("view_put", json!({ "name": "x", "query": { "kinds": vec!["LORA"; 2000] } })),
        ("view_remove", json!({ "name": 7 })),
        ("file_rename", json!({ "id": 1, "name": 7 })),
        ("files_move", json!({ "ids": [], "root": 1 })),
        ("files_trash", json!({ "ids": [] })),
        ("files_trash", json!({ "ids": vec![1; 20_000] })),
        ("activity_undo", json!({})),
        ("care_show", json!({ "list": "updates" })),
        ("care_list", json!({})),
        ("care_list", json!({ "list": "wishes" })),
        ("care_list", json!({ "list": "updates", "offset": -1 })),
        ("care_check_updates", json!({ "models": [1] })),
        ("care_trash_copies", json!({ "groups": [] })),
        ("care_trash_copies", json!({ "groups": [{ "keep": 1 }] })),
        ("care_trash_copies", json!({ "groups": [{ "keep": 1, "trash": [] }] })),
        ("care_trash_copies", json!({ "groups": [{ "keep": 1, "trash": [1] }] })),
        ("care_trash_copies", json!({ "groups": [{ "keep": 1, "trash": vec![2; 20_000] }] })),
        ("care_trash_orphans", json!({ "ids": [] })),
        ("care_trash_orphans", json!({ "ids": ["1"] })),
    ]
}

/// What is asked of the link with the website, each with one thing wrong.
fn malformed_links() -> Vec<(&'static str, Value)> {
    vec![
        ("link_show", json!({ "site": "com" })),
        ("link_pair", json!({ "site": "com" })),
        ("link_pair", json!({ "site": "org", "code": "a1b2c3" })),
        ("link_pair", json!({ "site": "com", "code": "a1b2c" })),
        ("link_pair", json!({ "site": "com", "code": "a1b2cg" })),
        ("link_pair", json!({ "site": "com", "code": "x".repeat(100_000) })),
        ("link_leave", json!({})),
        ("link_answer", json!({ "site": "com", "id": "1" })),
        ("link_answer", json!({ "site": "com", "id": "1", "allow": "always" })),
        ("link_answer", json!({ "site": "com", "id": 1, "allow": "once" })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_before_anything_happens() {
    let world = World::with(Catalogue::default()).await;
    world.write("a.safetensors", noise(1, 100));
    let app = world.open_with_models().await;
    scan(&app).await;
    let before = library(&app).await;
    let many: Vec<String> = (0..40_000).map(|number| number.to_string()).collect();
    let numbers: Vec<u32> = (0..40_000).collect();
    // Settings are replaced whole: each of these has but one thing wrong with it.
    let settings = |name: &str, value: Value| {
        let mut all = serde_json::to_value(modeldock_core::settings::Settings::default()).unwrap();
        all[name] = value;
        all
    };
    let malformed = [
        ("library_list", json!({ "search": 3 })),
        ("library_list", json!({ "serach": "typo" })),
        ("library_list", json!({ "limit": -1 })),
        ("library_list", json!({ "limit": 1.5 })),
        ("library_list", json!({ "offset": 1e20 })),
        ("library_list", json!({ "sort": "random" })),
        ("library_list", json!({ "states": ["lost"] })),
        ("library_list", json!([])),
        ("library_list", json!("all")),
        ("library_list", json!({ "kinds": many })),
        ("library_list", json!({ "base_models": many })),
        ("library_list", json!({ "roots": numbers })),
        ("library_facets", json!({ "roots": "1" })),
        ("library_item", json!({})),
        ("library_item", json!({ "id": "1" })),
        ("library_item", json!({ "id": 9_223_372_036_854_775_808_u64 })),
        ("library_item", json!({ "id": 1, "and": 2 })),
        ("roots_list", json!({ "x": 1 })),
        ("roots_list", json!([1])),
        ("roots_add", json!({})),
        ("roots_add", json!({ "path": "" })),
        ("roots_add", json!({ "path": "relative/path" })),
        ("roots_add", json!({ "path": "/" })),
        ("roots_add", json!({ "path": "/tmp\0/x" })),
        ("roots_add", json!({ "path": "/etc/hostname" })),
        ("roots_add", json!({ "path": world.models(), "layout": "winamp" })),
        ("roots_add", json!({ "path": ["/tmp"] })),
        ("roots_remove", json!({ "id": null })),
        ("roots_detect", json!({ "within": "/" })),
        ("scan_start", json!({ "roots": [null] })),
        ("identify", json!({ "files": numbers })),
        ("identify", json!({ "files": [1.5] })),
        ("job_pause", json!({})),
        ("job_cancel", json!({ "id": -1 })),
        ("settings_set", settings("hash_threads", json!(1_000_000))),
        ("settings_set", settings("blur_above", json!(3))),
        ("settings_set", settings("theme", json!("mauve"))),
        ("settings_set", json!({ "look_up": true })),
        ("settings_set", json!(7)),
        ("item_link", json!({ "id": 1 })),
        ("item_link", json!({ "id": 1, "reference": "" })),
        ("item_link", json!({ "id": 1, "reference": "x".repeat(100_000) })),
        ("roots_set", json!({ "id": 1 })),
        ("roots_set", json!({ "id": 1, "sidecars": { "wallpaper": true } })),
        ("roots_set", json!({ "id": 1, "places": { "overrides": { "LORA": "../elsewhere" }, "template": "" } })),
        ("roots_set", json!({ "id": 1, "places": { "overrides": {}, "template": "../{creator}" } })),
        ("download_plan", json!({ "what": 7 })),
        ("download_plan", json!({ "what": "no model at all" })),
        ("download_add", json!({ "what": "x".repeat(100_000) })),
        ("download_add", json!({ "what": "1", "to": "/etc" })),
        ("downloads_list", json!({ "all": true })),
        ("downloads_pause", json!({ "ids": "all" })),
        ("downloads_cancel", json!({ "ids": numbers })),
        ("downloads_clear", json!({})),
        ("download_order", json!({ "before": 1 })),
        ("download_limit", json!({ "id": 1, "limit": -1 })),
        ("vault_download", json!({ "items": numbers })),
        ("vault_download", json!({ "parts": ["soul"] })),
        ("settings_set", settings("downloads_at_once", json!(0))),
        ("settings_set", settings("download_connections", json!(1000))),
        ("settings_set", settings("download_hours", json!({ "from": 5, "to": 5 }))),
        ("sidecars_write", json!({ "roots": "all" })),
        ("scan_start", json!({ "depth": "abyssal" })),
        ("vault_change", json!({ "versions": [1] })),
        ("vault_change", json!({ "to": "in" })),
        ("vault_change", json!({ "versions": [1], "to": "sideways" })),
        ("vault_change", json!({ "versions": [0], "to": "in" })),
        ("vault_change", json!({ "versions": numbers, "to": "out" })),
        ("vault_change", json!({ "files": ["1"], "to": "out" })),
        ("vault_sync", json!({ "page": 1 })),
        ("settings_set", settings("link_remove", json!("always"))),
    ];
    for (command, request) in
        malformed.into_iter().chain(malformed_actions()).chain(malformed_looks()).chain(malformed_links())
    {
        let shown: String = request.to_string().chars().take(80).collect();
        let error = app.call(command, request).await.map(|_| ()).expect_err(&format!("{command} {shown}"));
        assert_eq!(error.code, Code::InvalidRequest, "{command} {shown}: {error:?}");
        assert!(error.message.len() < 1000, "{command} {shown}: {} B of message", error.message.len());
    }
    assert_eq!(library(&app).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn things_that_are_not_there_are_not_found() {
    let world = World::with(Catalogue::default()).await;
    let app = world.open_with_models().await;
    let code = |result: Result<Value, Error>| result.unwrap_err().code;
    for id in [0, -1, 999, i64::MAX, i64::MIN] {
        assert_eq!(code(app.call("library_item", json!({ "id": id })).await), Code::NotFound);
        assert_eq!(code(app.call("roots_remove", json!({ "id": id })).await), Code::NotFound);
    }
    assert_eq!(code(app.call("job_cancel", json!({ "id": 7 })).await), Code::NotFound);
    for id in ["", "unknown", "../x", &"x".repeat(100_000)] {
        let answer = json!({ "site": "com", "id": id, "allow": "once" });
        assert_eq!(code(app.call("link_answer", answer).await), Code::NotFound);
    }
    let long = "x".repeat(1 << 20);
    for name in ["", "no_such", "library_list; --", "\0", &long] {
        let error = app.call(name, json!({})).await.unwrap_err();
        assert_eq!(error.code, Code::NotFound);
        assert!(error.message.len() < 200);
    }
    // Naming a root that is not there is the job's failure, told where the job is.
    let running = app.scan(vec![modeldock_core::units::RootId(999)], std::sync::Arc::new(|_| ())).unwrap();
    assert_eq!(running.wait().await.unwrap_err().code, Code::NotFound);
    add(&app, &world.models()).await;
}

/// Every command answers `null` and `{}` with something or with words, never with a defect.
#[tokio::test(flavor = "multi_thread")]
async fn no_command_is_a_defect_when_called_with_nothing() {
    let world = World::with(Catalogue::default()).await;
    let app = world.open().await;
    for command in COMMANDS {
        for request in [json!(null), json!({}), json!([]), json!("x"), json!(0), json!({ "": {} })] {
            if let Err(error) = app.call(command.name, request).await {
                assert_ne!(error.code, Code::Internal, "{}: {error:?}", command.name);
            }
        }
    }
}
