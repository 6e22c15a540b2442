//! A whole session, as the website has it with somebody who uses it.

use std::time::Duration;

use civitai_simulator::{Catalogue, Config, Fault, ModelSpec};
use modeldock_core::Code;
use modeldock_core::download::{AskedBy, DownloadState};
use modeldock_core::link::{LinkSite, LinkState};
use serde_json::{Value, json};

use super::bench::{
    Bench, activities, asked, downloads, info, installed, of_site, pair, say, shows, soon, stands, status, until, walk,
};
use crate::support::{World, add, call, noise, scan};

#[tokio::test(flavor = "multi_thread")]
async fn pair_list_add_cancel_remove_and_be_kicked() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    assert_eq!(of_site(&app, LinkSite::Com).await.state, LinkState::NotPaired);
    let room = bench.room();
    let paired = pair(&app, &room).await;
    assert!(paired.sites[0].paired_at.is_some() && paired.sites[1].paired_at.is_none());
    assert_eq!(room.view().key.map(|key| key.len()), Some(128));
    stands(&app, LinkState::Waiting).await;

    // Somebody opens the site, which asks by itself what there is.
    let site = bench.simulator().open_site(&room);
    let view = shows(&site, "the library", |view| !view.resources.is_empty()).await;
    let here = bench.hash("here.safetensors");
    let expected = json!([{
        "type": "LORA", "hash": here, "name": "here.safetensors", "path": "loras/here.safetensors", "hasPreview": "false",
    }]);
    assert_eq!(Value::Array(view.resources.clone()), expected);
    stands(&app, LinkState::Connected).await;
    assert_eq!(bench.simulator().relay().connections(), 1, "whoever pairs stays");

    // An add comes from its turn in the queue to the list.
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    let view = shows(&site, "the add", |view| status(view, &id) == "success").await;
    let answers = view.answers(&id);
    assert_eq!(answers[0]["status"], "pending");
    let wanted = bench.hash("wanted.safetensors");
    for answer in &answers {
        assert_eq!((&answer["type"], &answer["resource"]["hash"]), (&json!("resources:add"), &json!(wanted)));
        let sent = view.commands.iter().find(|command| command["id"] == id.as_str()).unwrap();
        assert_eq!(answer["createdAt"], sent["createdAt"]);
        assert!(answer["resource"].get("url").is_none());
    }
    shows(&site, "what came", |view| installed(view).contains(&wanted)).await;
    let download = downloads(&app).await.remove(0);
    assert!(matches!(download.state, DownloadState::Done { verified: true, .. }) && download.asked_by == AskedBy::Site);

    // What is here already is a success at once, and nothing is fetched.
    let before = bench.simulator().count("storage");
    let again = site.send_to_computer(bench.version("here.safetensors")).remove(0);
    shows(&site, "what was here", |view| status(view, &again) == "success").await;
    assert_eq!((bench.simulator().count("storage"), downloads(&app).await.len()), (before, 1));

    // One that waits for Civitai is stopped from there.
    bench.simulator().faults().push(Fault::delay(Duration::from_secs(600)).on_endpoint("download"));
    let slow = site.send_to_computer(bench.version("slow.safetensors")).remove(0);
    shows(&site, "that it comes", |view| {
        status(view, &slow) == "processing" && view.resources.iter().any(|one| one["downloading"] == true)
    })
    .await;
    let cancel = site.cancel(&slow);
    let view = shows(&site, "that it was cancelled", |view| status(view, &slow) == "canceled").await;
    assert_eq!(view.answers(&cancel)[0]["status"], "success");
    let stopped = downloads(&app).await.into_iter().find(|one| one.title.starts_with("slow")).unwrap();
    assert_eq!(stopped.state, DownloadState::Cancelled);
    bench.simulator().faults().clear();

    // Nothing is removed until a person says so; then it is in the trash, and comes back.
    let copy = bench.write("elsewhere/copy.safetensors", "here.safetensors");
    crate::support::scan(&app).await;
    let denied = site.remove(&here);
    let ask = asked(&app).await;
    assert_eq!(
        (ask.id.as_str(), ask.copies, ask.bytes.0, ask.title.as_str()),
        (denied.as_str(), 2, 8000, "here · v1.0")
    );
    assert_eq!(status(&site.view(), &denied), "pending");
    say(&app, &ask, "deny").await;
    let view = shows(&site, "the refusal", |view| status(view, &denied) == "error").await;
    assert!(view.activity(&denied).unwrap()["error"].as_str().unwrap().contains("not allowed"));
    assert!(copy.exists());
    let removal = site.remove(&here);
    let ask = asked(&app).await;
    say(&app, &ask, "once").await;
    shows(&site, "the removal", |view| status(view, &removal) == "success" && !installed(view).contains(&here)).await;
    assert!(!copy.exists() && !bench.world.models().join("loras/here.safetensors").exists());
    let activity = activities(&app).await.remove(0);
    assert_eq!((activity.asked_by.as_str(), activity.models, activity.can_undo), ("site", 2, true));
    app.call("activity_undo", json!({ "id": activity.id })).await.unwrap();
    shows(&site, "what came back", |view| installed(view).contains(&here)).await;

    // The site's own list of what it asked for is ours.
    let asked_for = site.activities();
    let view = shows(&site, "the activities", |view| !view.answers(&asked_for).is_empty()).await;
    let told = view.answers(&asked_for)[0]["activities"].as_array().unwrap();
    let told: Vec<(&str, &str)> =
        told.iter().map(|one| (one["id"].as_str().unwrap(), one["status"].as_str().unwrap())).collect();
    let expected =
        [(removal.as_str(), "success"), (&denied, "error"), (&slow, "canceled"), (&again, "success"), (&id, "success")];
    assert_eq!(told, expected);
    let clear = site.clear();
    let view = shows(&site, "nothing", |view| !view.answers(&clear).is_empty()).await;
    assert_eq!(view.answers(&clear)[0]["activities"], json!([]));
    let pictures = site.txt2img();
    let view = shows(&site, "that there are no pictures", |view| !view.answers(&pictures).is_empty()).await;
    assert_eq!(view.answers(&pictures)[0]["error"], "Modeldock does not make images");

    // Removed at the site, the key is worth nothing and is not tried again.
    room.kick();
    let gone = stands(&app, LinkState::NotPaired).await;
    assert!(gone.problem.unwrap().message.contains("has removed this computer") && gone.paired_at.is_none());
    assert!(!walk(bench.world.paths().data_dir()).iter().any(|path| path.ends_with("link-com.key")));
    soon(bench.simulator().relay().until(|| bench.simulator().relay().connections() == 0)).await;
    assert_eq!(bench.simulator().count("link"), 1);
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_brings_what_can_be_brought_and_says_what_cannot() {
    let bench = Bench::of(Catalogue::standard()).await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let ids = site.send_to_computer(bench.version("harborlight_v2.safetensors"));
    let is_final = |status: &str| matches!(status, "success" | "error");
    let view = shows(&site, "all three", |view| ids.iter().all(|id| is_final(status(view, id)))).await;
    let ends: Vec<&str> = ids.iter().map(|id| status(&view, id)).collect();
    assert_eq!(ends, ["success", "error", "success"], "a configuration is never downloaded");
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn progress_is_told_while_bytes_come() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let throttle = civitai_simulator::Action::Throttle { bytes_per_second: 1000 };
    bench.simulator().faults().push(Fault::new(throttle).on_endpoint("storage"));
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    let view = shows(&site, "the end", |view| status(view, &id) == "success").await;
    let answers = view.answers(&id);
    let running: Vec<u64> = answers.iter().filter_map(|one| one["progress"].as_u64()).collect();
    assert!(running.len() >= 3 && running.is_sorted() && running.last() == Some(&100), "{running:?}");
    let told = answers.iter().find(|one| one["status"] == "processing" && one["speed"].as_u64() > Some(0)).unwrap();
    assert!(told["remainingTime"].is_u64(), "{told}");
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removals_are_refused_where_the_user_wants_none_and_allowed_for_a_session() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let here = bench.hash("here.safetensors");
    shows(&site, "the library", |view| installed(view).contains(&here)).await;

    let mut settings: Value = call(&app, "settings_get", json!({})).await;
    settings["link_remove"] = json!("never");
    app.call("settings_set", settings.clone()).await.unwrap();
    let refused = site.remove(&here);
    shows(&site, "the refusal", |view| status(view, &refused) == "error").await;
    assert!(info(&app).await.requests.is_empty());
    settings["link_remove"] = json!("ask");
    app.call("settings_set", settings).await.unwrap();

    // Taken back by the site, it is asked no more.
    let taken_back = site.remove(&here);
    let ask = asked(&app).await;
    let cancel = site.cancel(&taken_back);
    shows(&site, "that it was taken back", |view| status(view, &taken_back) == "canceled").await;
    assert_eq!(site.view().answers(&cancel)[0]["status"], "success");
    let late = app.call("link_answer", json!({ "site": "com", "id": ask.id, "allow": "once" })).await.unwrap_err();
    assert_eq!(late.code, Code::NotFound);

    let first = site.remove(&here);
    let ask = asked(&app).await;
    say(&app, &ask, "session").await;
    shows(&site, "the first removal", |view| status(view, &first) == "success").await;
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    shows(&site, "an add", |view| status(view, &id) == "success").await;
    let wanted = bench.hash("wanted.safetensors");
    shows(&site, "what came", |view| installed(view).contains(&wanted)).await;
    let second = site.remove(&wanted);
    shows(&site, "the second removal", |view| status(view, &second) == "success").await;
    assert_eq!(activities(&app).await.len(), 2);

    // What is not here is not removed, and the site is told so.
    let nothing = site.remove(&"ab".repeat(32));
    let view = shows(&site, "that there is nothing", |view| status(view, &nothing) == "error").await;
    assert!(view.activity(&nothing).unwrap()["error"].as_str().unwrap().contains("does not have"));
    // That was the sixth within a minute but one: the next is too many.
    let over = site.remove(&here);
    until("the limit", async || {
        let view = site.view();
        let answer = view.answers(&over).first().map(|one| one["error"].as_str().unwrap_or_default().to_owned());
        answer.filter(|error| error.contains("Too many"))
    })
    .await;
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_key_or_is_not_there_is_said_in_words() {
    let mut builder = Catalogue::builder();
    builder.add_file("wanted.safetensors", noise(2, 4000), ModelSpec::new("wanted", "LORA"));
    let bench = Bench { world: World::configured(Config::default(), builder.build()).await };
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    let view = shows(&site, "the error", |view| status(view, &id) == "error").await;
    let error = view.activity(&id).unwrap()["error"].as_str().unwrap();
    assert!(error.contains("sign in to Civitai in Modeldock"), "{error}");
    bench.simulator().faults().push(Fault::status(503).on("/api/v1/model-versions/by-hash/"));
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    let view = shows(&site, "the other error", |view| status(view, &id) == "error").await;
    let error = view.activity(&id).unwrap()["error"].as_str().unwrap();
    assert!(error.contains("Civitai has trouble"), "{error}");
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_that_an_installation_names_elsewhere_are_part_of_the_library() {
    let bench = Bench::new().await;
    let drive = bench.world.dir.path().join("drive");
    let comfy = bench.world.dir.path().join("ComfyUI");
    std::fs::create_dir_all(drive.join("loras")).unwrap();
    std::fs::create_dir_all(comfy.join("models/loras")).unwrap();
    std::fs::create_dir(comfy.join("comfy")).unwrap();
    std::fs::write(comfy.join("main.py"), "").unwrap();
    std::fs::write(comfy.join("folder_paths.py"), "").unwrap();
    let yaml = format!("drive:\n  base_path: {}\n  loras: loras\n", drive.display());
    std::fs::write(comfy.join("extra_model_paths.yaml"), yaml).unwrap();
    let (from, to) =
        (bench.write("loras/wanted.safetensors", "wanted.safetensors"), drive.join("loras/wanted.safetensors"));
    std::fs::rename(from, &to).unwrap();
    let app = bench.open_quiet().await;
    add(&app, &comfy).await;
    scan(&app).await;
    app.start_workers();
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let wanted = bench.hash("wanted.safetensors");
    shows(&site, "what is on the drive", |view| installed(view).contains(&wanted)).await;
    let add = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    shows(&site, "that it is here", |view| status(view, &add) == "success").await;
    assert!(downloads(&app).await.is_empty());
    let removal = site.remove(&wanted);
    say(&app, &asked(&app).await, "once").await;
    shows(&site, "that it was removed", |view| status(view, &removal) == "success").await;
    assert!(!to.exists() && activities(&app).await.len() == 1);
    app.shutdown().await;
}
