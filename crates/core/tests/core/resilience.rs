//! A Civitai that cannot answer: nothing is taken for an answer but an answer.

use std::time::Duration;

use civitai_simulator::{Action, Catalogue, Fault, ModelSpec};
use modeldock_core::library::{ItemState, LibraryItem};
use modeldock_core::scan::ScanEvent;
use modeldock_core::{App, Code, Error};
use serde_json::json;

use crate::support::{World, add, library, noise, only, scan, seconds_from_now};

/// Three files that Civitai knows and one that it does not.
async fn four_files() -> World {
    let world = World::bulk(3).await;
    world.write("mine.safetensors", noise(1, 3000));
    world
}

async fn in_state(app: &App, state: ItemState) -> Vec<LibraryItem> {
    library(app).await.into_values().filter(|item| item.state == state).collect()
}

fn assert_waits(item: &LibraryItem, code: Code, at_least: i64, at_most: i64) {
    assert_eq!((item.state, item.version_id), (ItemState::Pending, None));
    let problem: &Error = item.problem.as_ref().expect("a pending file says why");
    assert_eq!(problem.code, code, "{problem:?}");
    assert!(problem.hint.is_some(), "{problem:?}");
    let wait = seconds_from_now(item.retry_at.expect("a pending file says when"));
    assert!((at_least - 5..=at_most).contains(&wait), "{wait} s");
}

fn faults() -> Vec<(&'static str, Fault, Code, i64, i64)> {
    let rate = || Fault::status(429);
    vec![
        ("429 without a time", rate(), Code::RateLimited, 60, 66),
        ("429 for ten minutes", rate().header("retry-after", "600"), Code::RateLimited, 600, 660),
        ("429 for a second", rate().header("retry-after", "1"), Code::RateLimited, 60, 66),
        ("429 for a year", rate().header("retry-after", "31536000"), Code::RateLimited, 3600, 3960),
        ("429 for nonsense", rate().header("retry-after", "soon"), Code::RateLimited, 60, 66),
        ("500", Fault::status(500), Code::Server, 60, 66),
        ("503", Fault::status(503), Code::Server, 60, 66),
        ("503 for a while", Fault::status(503).header("retry-after", "300"), Code::Server, 300, 330),
        ("a web page", Fault::new(Action::Html), Code::Server, 60, 66),
        ("half the JSON", Fault::new(Action::Truncated), Code::Server, 60, 66),
        ("null", Fault::new(Action::NullBody), Code::Server, 60, 66),
        ("nothing", Fault::new(Action::EmptyBody), Code::Server, 60, 66),
        ("404 of a proxy", Fault::status(404).body("<html>404</html>"), Code::Server, 60, 66),
        ("404 as JSON", Fault::status(404).body(r#"{"error":"Not found"}"#), Code::Server, 60, 66),
        ("a cut connection", Fault::cut_after(20), Code::Offline, 60, 66),
        ("no answer at all", Fault::new(Action::Drop), Code::Offline, 60, 66),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_of_the_first_question_is_taken_for_an_answer() {
    for (name, fault, code, at_least, at_most) in faults() {
        let world = four_files().await;
        let app = world.open_with_models().await;
        world.simulator.faults().push(fault.on_endpoint("by-hash/ids"));
        let scanned = scan(&app).await;
        assert_eq!((scanned.summary.pending, scanned.summary.hashed), (4, 4), "{name}");
        for item in library(&app).await.values() {
            println!("{name}: {:?}", item.problem);
            assert_waits(item, code, at_least, at_most);
        }
        let told = scanned.events.iter().filter(|event| {
            matches!(event, ScanEvent::Resolved { state: "pending", version_id: None, problem: Some(_), .. })
        });
        assert_eq!(told.count(), 4, "{name}");
        world.simulator.faults().clear();
        let scanned = scan(&app).await;
        scanned.assert_read(0);
        assert_eq!((scanned.summary.matched, scanned.summary.not_found), (3, 1), "{name}");
        assert!(library(&app).await.values().all(|item| item.problem.is_none()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_of_the_second_question_is_taken_for_an_answer() {
    for (name, fault, code, at_least, at_most) in faults() {
        let world = four_files().await;
        let app = world.open_with_models().await;
        world.simulator.faults().push(fault.on_endpoint("by-hash"));
        let scanned = scan(&app).await;
        // The first question was answered in full, and an absence from that answer is one.
        assert_eq!((scanned.summary.pending, scanned.summary.not_found), (3, 1), "{name}");
        for item in in_state(&app, ItemState::Pending).await {
            assert_waits(&item, code, at_least, at_most);
        }
        world.simulator.faults().clear();
        let scanned = scan(&app).await;
        scanned.assert_read(0);
        assert_eq!((scanned.summary.matched, scanned.summary.not_found), (3, 1), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offline_files_are_read_and_asked_about_once_there_is_a_connection() {
    let world = four_files().await;
    let app = world.open_with_models().await;
    world.simulator.offline(true);
    let scanned = scan(&app).await;
    scanned.assert_read(4);
    for item in library(&app).await.values() {
        assert_waits(item, Code::Offline, 60, 66);
    }
    // Failing again waits longer, and `identify` says so instead of pretending.
    let error = app.call("identify", json!({})).await.unwrap_err();
    assert_eq!((error.code, error.retryable), (Code::Offline, true));
    for item in library(&app).await.values() {
        assert_waits(item, Code::Offline, 300, 330);
    }
    world.simulator.offline(false);
    let scanned = scan(&app).await;
    scanned.assert_read(0);
    assert_eq!((scanned.summary.matched, scanned.summary.not_found), (3, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_to_be_left_alone_is_left_alone() {
    let world = World::bulk(450).await;
    let app = world.open_with_models().await;
    world.simulator.faults().push(Fault::status(429).header("retry-after", "900").on_endpoint("by-hash"));
    let scanned = scan(&app).await;
    assert_eq!(scanned.summary.pending, 450);
    assert_eq!(world.simulator.count("by-hash"), 1, "one refusal is enough for all five batches");
    for item in library(&app).await.values() {
        assert_waits(item, Code::RateLimited, 900, 990);
    }

    // What was answered before the refusal is kept.
    world.simulator.faults().clear();
    world.simulator.reset_counts();
    world.simulator.faults().push(Fault::status(429).on_endpoint("by-hash").nth(3));
    let scanned = scan(&app).await;
    assert_eq!((scanned.summary.matched, scanned.summary.pending), (200, 250));
    assert_eq!(world.simulator.count("by-hash"), 3);
    world.simulator.faults().clear();
    let scanned = scan(&app).await;
    assert_eq!((scanned.summary.matched, world.simulator.count("by-hash")), (450, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found_expires_and_is_asked_again_when_due() {
    let world = World::with(Catalogue::default()).await;
    let bytes = noise(1, 3000);
    world.write("mine.safetensors", &bytes);
    let app = world.open_with_models().await;
    for hours in [2, 24, 7 * 24] {
        world.simulator.reset_counts();
        scan(&app).await;
        assert_eq!(world.simulator.count("by-hash/ids"), 1);
        let item = only(&app).await;
        assert_eq!((item.state, &item.problem), (ItemState::NotFound, &None));
        let wait = seconds_from_now(item.retry_at.unwrap());
        assert!((hours * 3600 - 10..=hours * 3600).contains(&wait), "{wait} s");
        assert!(seconds_from_now(item.checked_at.unwrap()) >= -5);
        scan(&app).await;
        assert_eq!(world.simulator.count("by-hash/ids"), 1, "not before it is due");
        world.sql("UPDATE cache.resolutions SET retry_at = 1000");
    }
    // A failure of the next question is not the same answer again.
    world.simulator.faults().push(Fault::status(500).times(1));
    scan(&app).await;
    assert_waits(&only(&app).await, Code::Server, 60, 66);
    world
        .simulator
        .edit(|catalogue| catalogue.add_file("a.safetensors", bytes, ModelSpec::new("Published late", "LORA")));
    scan(&app).await;
    let item = only(&app).await;
    assert_eq!((item.state, item.model_name.as_deref()), (ItemState::Matched, Some("Published late")));
    // A match is looked at again, too: it may have been removed, or described anew.
    let days = seconds_from_now(item.retry_at.unwrap()) / (24 * 3600);
    assert!((29..=30).contains(&days), "{days}");
}

/// What Civitai once said about a file must outlive its deletion there.
#[tokio::test(flavor = "multi_thread")]
async fn a_match_is_not_taken_back() {
    let world = World::bulk(1).await;
    let app = world.open_with_models().await;
    scan(&app).await;
    let before = only(&app).await;
    let version = u64::try_from(before.version_id.unwrap().0).unwrap();
    world.simulator.edit(|catalogue| catalogue.edit_version(version, |version| version.published = false));
    app.call("identify", json!({ "files": [before.id] })).await.unwrap();
    world.simulator.offline(true);
    app.call("identify", json!({ "files": [before.id] })).await.unwrap_err();
    let mut after = only(&app).await;
    assert!(after.removed_at.is_some(), "that it is gone there is told beside it");
    (after.checked_at, after.retry_at, after.removed_at) = (before.checked_at, before.retry_at, None);
    assert_eq!(after, before);

    world.simulator.offline(false);
    world.simulator.edit(|catalogue| catalogue.edit_version(version, |version| version.published = true));
    app.call("identify", json!({ "files": [before.id] })).await.unwrap();
    assert_eq!(only(&app).await.removed_at, None, "it came back");
}

/// The worker that asks again by itself, without a scan.
#[tokio::test(flavor = "multi_thread")]
async fn an_owner_asks_again_by_itself() {
    let world = World::bulk(2).await;
    let app = world.open_with_models().await;
    world.simulator.offline(true);
    scan(&app).await;
    assert_eq!(in_state(&app, ItemState::Pending).await.len(), 2);
    world.simulator.offline(false);
    // Without a root there is no scan at the start, which would ask, too.
    world.sql("DELETE FROM main.roots");
    world.sql("UPDATE cache.resolutions SET retry_at = 1000");
    let mut events = app.subscribe();
    app.start_workers();
    while in_state(&app, ItemState::Matched).await.len() < 2 {
        tokio::time::timeout(Duration::from_secs(20), events.next()).await.expect("an answer").unwrap();
    }
    assert_eq!(world.simulator.count("by-hash/ids"), 1);
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_asked_when_looking_up_is_off() {
    let world = four_files().await;
    let app = world.open_with_models().await;
    let mut settings = app.call("settings_get", json!({})).await.unwrap();
    settings["look_up"] = json!(false);
    app.call("settings_set", settings.clone()).await.unwrap();
    let scanned = scan(&app).await;
    assert_eq!((scanned.summary.pending, scanned.summary.hashed), (4, 4));
    assert_eq!(app.call("identify", json!({})).await.unwrap_err().code, Code::InvalidRequest);
    for item in library(&app).await.values() {
        app.call("library_item", json!({ "id": item.id })).await.unwrap();
        let link = json!({ "id": item.id, "reference": "1" });
        assert_eq!(app.call("item_link", link).await.unwrap_err().code, Code::InvalidRequest);
    }
    assert_eq!(world.simulator.requests().len(), 0);
    settings["look_up"] = json!(true);
    app.call("settings_set", settings).await.unwrap();
    assert_eq!(scan(&app).await.summary.matched, 3);
}

/// `roots_remove` while the walk is under way must not leave rows that belong to nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_root_removed_during_a_scan_stays_removed() {
    let world = World::bulk(3).await;
    let app = world.open().await;
    let root = add(&app, &world.models()).await;
    let runtime = tokio::runtime::Handle::current();
    let remover = app.clone();
    let scanned = crate::support::scan_of(&app, Vec::new(), move |event| {
        if matches!(event, ScanEvent::Started { .. }) {
            runtime.block_on(remover.call("roots_remove", json!({ "id": root }))).unwrap();
        }
    })
    .await;
    assert_eq!(scanned.problem, None);
    assert_eq!(library(&app).await.len(), 0);
    assert_eq!(app.call("roots_list", json!({})).await.unwrap(), json!([]));
    add(&app, &world.models()).await;
    scan(&app).await;
    assert_eq!(library(&app).await.len(), 3);
}
