//! A website, or a relay in its place, that means harm.

use std::collections::BTreeMap;

use civitai_simulator::{Action, Fault, SiteView};
use modeldock_core::link::LinkState;
use serde_json::{Value, json};

use super::bench::{
    Bench, activities, asked, downloads, info, installed, pair, say, shows, stands, status, until, walk,
};
use crate::support::{noise, sha256sum};

fn answered(view: &SiteView, ids: &[String]) -> bool {
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    for status in &view.received {
        last.insert(status["id"].as_str().unwrap_or_default(), status["status"].as_str().unwrap_or_default());
    }
    ids.iter().all(|id| matches!(last.get(id.as_str()), Some(&("success" | "error" | "canceled"))))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_elsewhere_nothing_deleted_and_everything_answered() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let here = bench.hash("here.safetensors");
    shows(&site, "the library", |view| installed(view).contains(&here)).await;
    let outside = bench.world.dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("mine.txt"), b"mine").unwrap();
    let before = bench.files();

    let wanted = bench.hash("wanted.safetensors");
    let foreign = format!("{}/evil/payload.safetensors", bench.simulator().storage_url());
    let elsewhere = outside.join("evil.safetensors").display().to_string();
    let resources = [
        json!({ "type": "LORA", "hash": "ab".repeat(32), "name": "../../../outside/evil.safetensors", "url": foreign }),
        json!({ "type": "LORA", "hash": "cd".repeat(32), "name": elsewhere, "path": elsewhere, "url": "file:///etc/passwd" }),
        json!({ "type": "LORA", "hash": wanted, "name": "..\\..\\evil.exe", "modelName": elsewhere, "url": foreign }),
        json!({ "type": "Malware", "hash": wanted, "url": foreign }),
        json!({ "type": "LORA", "hash": &wanted[..63], "url": foreign }),
        json!({ "type": "LORA", "hash": format!("{wanted}\u{0}"), "url": foreign }),
        json!({ "type": "LORA", "hash": { "$gt": "" }, "url": foreign }),
        json!({ "type": "CheckpointConfig", "hash": wanted, "name": "x.yaml", "url": foreign }),
        json!(null),
        json!("all of them"),
        json!([[[[[[]]]]]]),
    ];
    let mut ids = Vec::new();
    let mut send = |kind: &str, more: Value| {
        let id = format!("evil-{}", ids.len());
        let mut command = json!({ "id": id, "type": kind, "createdAt": "x" });
        for (name, value) in more.as_object().unwrap() {
            command[name] = value.clone();
        }
        site.command(&command);
        ids.push(id);
    };
    for resource in &resources {
        send("resources:add", json!({ "resource": resource }));
    }
    for kind in ["files:delete", "__proto__", "", "resources:REMOVE", "eval"] {
        send(kind, json!({ "resource": { "type": "LORA", "hash": here, "path": "/" }, "path": "/" }));
    }
    send("activities:cancel", json!({ "activityId": "../../etc" }));
    send("activities:cancel", json!({ "activityId": "unknown" }));
    send("activities:list", json!({ "quantity": -5 }));
    send("resources:list", json!({ "types": "x".repeat(100_000) }));
    send("image:txt2img", json!({ "params": { "prompt": "x".repeat(100_000) } }));
    // Without an id there is nobody to answer.
    for id in [json!(null), json!(7), json!("a b"), json!("../x"), json!("x".repeat(1000)), json!({})] {
        site.command(&json!({ "id": id, "type": "resources:remove", "resource": { "type": "LORA", "hash": here } }));
    }
    // A removal of what is there only asks; whatever else it names does not matter.
    let removal = "evil-removal";
    let resource =
        json!({ "type": "LORA", "hash": here, "path": outside.join("mine.txt"), "name": "../../outside/mine.txt" });
    site.command(&json!({ "id": removal, "type": "resources:remove", "resource": resource }));
    let view = shows(&site, "all answers", |view| answered(view, &ids)).await;
    assert_eq!(asked(&app).await.id, removal);
    assert_eq!(status(&view, "evil-2"), "success", "the hash is a good one, and only that counts");
    assert_eq!((status(&view, "evil-0"), &view.answers("evil-3")[0]["status"]), ("error", &json!("error")));

    let came = downloads(&app).await;
    assert_eq!(came.len(), 1);
    let placed: Vec<_> = bench.files().difference(&before).cloned().collect();
    assert_eq!(placed.len(), 1);
    assert!(placed[0].ends_with("wanted.safetensors") && sha256sum(&placed[0]).eq_ignore_ascii_case(&wanted));
    assert!(before.is_subset(&bench.files()), "nothing is gone");
    assert_eq!(walk(&outside).len(), 1);
    assert!(bench.simulator().requests().iter().all(|request| !request.path.contains("evil")));
    assert!(activities(&app).await.is_empty());
    // Nothing of this computer is in what the site is told, but what it said itself.
    let told = serde_json::to_string(&view.received).unwrap();
    assert!(!told.contains(&bench.world.models().display().to_string()));
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_answered_to_its_last_command() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    shows(&site, "the library", |view| !view.resources.is_empty()).await;
    let mut ids = Vec::new();
    for number in 0..10_000_u32 {
        let id = format!("flood-{number}");
        let command = match number % 50 {
            0 => {
                json!({ "id": id, "type": "resources:add", "resource": { "type": "LORA", "hash": format!("{number:064x}") } })
            }
            1 => json!({ "id": id, "type": "activities:cancel", "activityId": "none" }),
            _ => json!({ "id": id, "type": "flood" }),
        };
        site.command(&command);
        ids.push(id);
    }
    shows(&site, "every answer", |view| answered(view, &ids)).await;
    stands(&app, LinkState::Connected).await;
    assert_eq!(bench.simulator().relay().connections(), 1);
    assert!(info(&app).await.requests.is_empty() && downloads(&app).await.is_empty());
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_changes_its_mind_a_thousand_times_does_not_fill_the_log_or_the_disk() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    stands(&app, LinkState::Waiting).await;
    let mut events = app.subscribe();
    let counted = tokio::spawn(async move {
        let mut count = 0_u32;
        while let Some(event) = events.next().await {
            count += u32::from(*event == modeldock_core::Event::LinkChanged);
            if *event == modeldock_core::Event::SettingsChanged {
                break;
            }
        }
        count
    });
    for number in 0..2000 {
        room.event("roomPresence", &json!({ "client": number % 2, "sd": 1 }));
        room.problem(&format!("problem {number}"));
    }
    // The last thing it says is seen.
    until("the last word", async || {
        let site = info(&app).await.sites.remove(0);
        site.problem.filter(|problem| problem.message.contains("problem 1999"))
    })
    .await;
    let settings: Value = crate::support::call(&app, "settings_get", json!({})).await;
    app.call("settings_set", settings).await.unwrap();
    assert!(counted.await.unwrap() < 20);
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_before_the_room_is_entered_come_to_nothing_if_it_is_not() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    stands(&app, LinkState::Waiting).await;
    // The key opens nothing any more, and whoever says so sends commands along.
    room.kick();
    stands(&app, LinkState::NotPaired).await;
    let site = bench.simulator().open_site(&room);
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    assert!(super::bench::written(&app, &id).await.is_none());
    assert!(downloads(&app).await.is_empty());
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_than_the_one_that_was_named_never_comes() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let before = bench.files();
    // Civitai answers with a version whose files are others.
    bench.simulator().faults().push(Fault::new(Action::WrongHash).on("/api/v1/model-versions/by-hash/"));
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    let view = shows(&site, "the refusal", |view| status(view, &id) == "error").await;
    assert!(view.activity(&id).unwrap()["error"].as_str().unwrap().contains("another file"));
    assert!(downloads(&app).await.is_empty());
    // And storage with bytes that are others.
    bench.simulator().faults().clear();
    bench.simulator().faults().push(Fault::new(Action::Corrupt { offset: 100, bytes: 4 }).on_endpoint("storage"));
    let id = site.send_to_computer(bench.version("wanted.safetensors")).remove(0);
    let view = shows(&site, "the other refusal", |view| status(view, &id) == "error").await;
    assert!(view.activity(&id).unwrap()["error"].as_str().unwrap().contains("not the file"));
    let loadable = |path: &&std::path::PathBuf| modeldock_core::roots::is_model_name(path);
    assert_eq!(bench.files().iter().filter(loadable).count(), before.len());
    app.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_another_by_now_is_not_removed_for_what_it_was() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let here = bench.hash("here.safetensors");
    shows(&site, "the library", |view| installed(view).contains(&here)).await;
    let id = site.remove(&here);
    let ask = asked(&app).await;
    // Before the person answers, something else is written under that name, as large and as old.
    let path = bench.world.models().join("loras/here.safetensors");
    let modified = path.metadata().unwrap().modified().unwrap();
    let mine = noise(99, 4000);
    std::fs::write(&path, &mine).unwrap();
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
    say(&app, &ask, "once").await;
    shows(&site, "the refusal", |view| status(view, &id) == "error").await;
    assert_eq!(std::fs::read(&path).unwrap(), mine);
    assert!(activities(&app).await.is_empty());
    app.shutdown().await;
}
