//! A pairing over days: restarts, other processes, two sites, wrong codes, relays that go away.

use std::time::Duration;

use civitai_simulator::Fault;
use modeldock_core::link::{LinkInfo, LinkSite, LinkState};
use modeldock_core::{App, Code, Role};
use serde_json::{Value, json};

use super::bench::{Bench, info, installed, of_site, pair, shows, soon, stands, status, until, walk};
use crate::support::call;

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_joins_without_a_code() {
    let bench = Bench::new().await;
    let room = bench.room();
    let app = bench.open().await;
    pair(&app, &room).await;
    let first = stands(&app, LinkState::Waiting).await;
    app.shutdown().await;
    drop(app);
    soon(bench.simulator().relay().until(|| bench.simulator().relay().connections() == 0)).await;
    let app = bench.open().await;
    let again = stands(&app, LinkState::Waiting).await;
    assert_eq!(again.paired_at, first.paired_at);
    assert!(again.since > first.since, "what the last run left is not how it stands");
    assert_eq!(room.view().computers, 1);
    // The key is nowhere but in its sealed file.
    let key = room.view().key.unwrap();
    for path in walk(bench.world.paths().data_dir()) {
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(32).any(|window| window == &key.as_bytes()[..32]), "{}", path.display());
    }
    assert!(!format!("{:?}", info(&app).await).contains(&key[..16]));

    let left: LinkInfo = call(&app, "link_leave", json!({ "site": "com" })).await;
    assert_eq!(left.sites[0].state, LinkState::NotPaired);
    soon(bench.simulator().relay().until(|| room.view().computers == 0)).await;
    let said = bench.simulator().relay().said();
    assert!(said.iter().any(|(_, event, _)| event == "leave"));
    assert!(!walk(bench.world.paths().data_dir()).iter().any(|path| path.to_string_lossy().contains("link-com")));
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_says_so_and_changes_nothing() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let wrong = json!({ "site": "com", "code": "0 0 0 0 0 0" });
    let error = app.call("link_pair", wrong.clone()).await.unwrap_err();
    assert_eq!((error.code, error.message.as_str()), (Code::Unauthorised, "civitai.com does not know this code"));
    assert!(error.hint.unwrap().contains("ComfyUI on another machine"));
    assert_eq!(of_site(&app, LinkSite::Com).await.state, LinkState::NotPaired);

    let room = bench.room();
    let code = room.code().to_uppercase();
    let typed = format!("{} {}", &code[..3], &code[3..]);
    let _: LinkInfo = call(&app, "link_pair", json!({ "site": "com", "code": typed })).await;
    stands(&app, LinkState::Waiting).await;
    app.call("link_pair", wrong).await.unwrap_err();
    assert_eq!(of_site(&app, LinkSite::Com).await.state, LinkState::Waiting, "the pairing there was goes on");

    bench.simulator().offline(true);
    let error = app.call("link_pair", json!({ "site": "red", "code": "a1b2c3" })).await.unwrap_err();
    assert_eq!(error.code, Code::Offline);
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sites_are_linked_at_once() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let rooms = [bench.room(), bench.room()];
    for (site, room) in [("com", &rooms[0]), ("red", &rooms[1])] {
        let _: LinkInfo = call(&app, "link_pair", json!({ "site": site, "code": room.code() })).await;
    }
    let sites = rooms.each_ref().map(|room| bench.simulator().open_site(room));
    let here = bench.hash("here.safetensors");
    for site in &sites {
        shows(site, "the library", |view| installed(view).contains(&here)).await;
    }
    let id = sites[1].send_to_computer(bench.version("wanted.safetensors")).remove(0);
    shows(&sites[1], "the add", |view| status(view, &id) == "success").await;
    let asked = sites[0].activities();
    let view = shows(&sites[0], "its activities", |view| !view.answers(&asked).is_empty()).await;
    assert_eq!(view.answers(&asked)[0]["activities"], json!([]), "one site is not told what the other asked for");
    rooms[0].kick();
    stands(&app, LinkState::NotPaired).await;
    assert_eq!(of_site(&app, LinkSite::Red).await.state, LinkState::Connected);
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_made_anew_and_nothing_is_asked_of_a_person() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    stands(&app, LinkState::Waiting).await;
    bench.simulator().faults().push(Fault::status(503).on_endpoint("link").times(1));
    bench.simulator().relay().drop_all();
    let away = stands(&app, LinkState::Offline).await;
    assert!(away.problem.is_some() && away.next_try.is_some() && away.paired_at.is_some());
    stands(&app, LinkState::Waiting).await;
    assert_eq!(bench.simulator().count("link"), 3);
    // A refusal that is not about the key keeps the key.
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_pairs_and_the_owner_notices() {
    let bench = Bench::new().await;
    let owner = bench.open().await;
    let guest = App::open(bench.world.paths(), Role::Guest, bench.world.client()).unwrap();
    let room = bench.room();
    pair(&guest, &room).await;
    stands(&owner, LinkState::Waiting).await;
    // What the owner sees is what the guest is told.
    stands(&guest, LinkState::Waiting).await;
    let _: LinkInfo = call(&guest, "link_leave", json!({ "site": "com" })).await;
    stands(&owner, LinkState::NotPaired).await;
    soon(bench.simulator().relay().until(|| room.view().computers == 0)).await;
    owner.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pairing_works_where_nobody_listens_and_says_that_nobody_does() {
    let bench = Bench::new().await;
    let app = bench.open_quiet().await;
    let room = bench.room();
    let paired = pair(&app, &room).await;
    let site = &paired.sites[0];
    assert_eq!(site.state, LinkState::Offline);
    assert!(site.problem.as_ref().unwrap().message.contains("while Modeldock is closed"));
    soon(bench.simulator().relay().until(|| bench.simulator().relay().connections() == 0)).await;
    app.start_workers();
    stands(&app, LinkState::Waiting).await;

    // A user who wants nothing to leave this computer has no link either.
    let mut settings: Value = call(&app, "settings_get", json!({})).await;
    settings["look_up"] = json!(false);
    app.call("settings_set", settings.clone()).await.unwrap();
    let off = stands(&app, LinkState::Offline).await;
    assert!(off.problem.unwrap().message.contains("switched off"));
    soon(bench.simulator().relay().until(|| room.view().computers == 0)).await;
    let refused = app.call("link_pair", json!({ "site": "red", "code": "a1b2c3" })).await.unwrap_err();
    assert_eq!(refused.code, Code::InvalidRequest);
    settings["look_up"] = json!(true);
    app.call("settings_set", settings).await.unwrap();
    stands(&app, LinkState::Waiting).await;
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_told_is_told_after_the_next_join() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    bench.simulator().faults().push(Fault::delay(Duration::from_secs(2)).on_endpoint("download"));
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    until("it is written down", async || super::bench::written(&app, &id).await).await;
    // It ends while the computer is away.
    bench.simulator().faults().push(Fault::status(503).on_endpoint("link").times(2));
    bench.simulator().relay().drop_all();
    let view =
        shows(&site, "the end", |view| view.answers(&id).iter().any(|answer| answer["status"] == "success")).await;
    assert_eq!(status(&view, &id), "success");
    app.shutdown().await;
}
