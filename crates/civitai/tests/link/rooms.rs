//! What is said between a computer, the relay and the website while all goes well.

use civitai_simulator::catalogue::known;
use modeldock_core::link::{FromRelay, LinkService, LinkSite, ToRelay};
use serde_json::{Value, json};

use super::bench::{Bench, Socket, key, next, soon};
use crate::support::CANARY;

async fn join(socket: &mut Socket, text: &str) -> (bool, Option<String>) {
    socket.send(ToRelay::Join(&key(text))).await.unwrap();
    match next(socket).await {
        FromRelay::Joined { success, message } => (success, message),
        other => panic!("{other:?}"),
    }
}

async fn command(socket: &mut Socket) -> Value {
    match next(socket).await {
        FromRelay::Command(command) => command,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_code_is_used_once_and_the_key_it_brings_again_and_again() {
    let bench = Bench::new().await;
    let room = bench.simulator.relay().issue();
    let code = room.code();
    assert_eq!((code.len(), bench.client.link_url(LinkSite::Red)), (6, bench.simulator.base_url()));
    let mut first = bench.identified().await;
    assert_eq!(join(&mut first, &code).await, (true, None));
    let FromRelay::Upgraded(upgraded) = next(&mut first).await else { panic!("no key came") };
    assert_eq!((upgraded.expose().len(), Some(upgraded.expose())), (128, room.view().key.as_deref()));

    let mut second = bench.identified().await;
    assert_eq!(join(&mut second, &code).await, (false, Some("Invalid key".to_owned())));
    for _ in 0..2 {
        assert_eq!(join(&mut second, upgraded.expose()).await, (true, None));
        assert!(matches!(next(&mut second).await, FromRelay::Presence { browsers: 0, computers: 2 }));
    }
    let said: Vec<String> = bench.simulator.relay().said().into_iter().map(|(_, event, _)| event).collect();
    assert_eq!(said, ["iam", "join", "iam", "join", "join", "join"]);
}

#[tokio::test]
async fn who_has_not_said_what_it_is_cannot_join() {
    let bench = Bench::new().await;
    let code = bench.simulator.relay().issue().code();
    let mut socket = bench.connect().await.unwrap();
    assert_eq!(join(&mut socket, &code).await, (false, Some("You must identify yourself first".to_owned())));
    socket.send(ToRelay::Identify).await.unwrap();
    assert_eq!(join(&mut socket, "ffffff").await, (false, Some("Invalid key".to_owned())));
    assert_eq!(join(&mut socket, &code).await, (true, None));
}

#[tokio::test]
async fn who_is_in_the_room_is_told_on_every_coming_and_going() {
    let bench = Bench::new().await;
    let (mut socket, room, _) = bench.paired().await;
    let site = bench.simulator.open_site(&room);
    assert!(matches!(next(&mut socket).await, FromRelay::Presence { browsers: 1, computers: 1 }));
    assert_eq!(command(&mut socket).await["type"], "activities:list");
    assert_eq!(command(&mut socket).await["type"], "resources:list");
    drop(site);
    assert!(matches!(next(&mut socket).await, FromRelay::Presence { browsers: 0, computers: 1 }));
    let site = bench.simulator.open_site(&room);
    socket.send(ToRelay::Leave).await.unwrap();
    let view = soon(site.until(|view| view.computers == 0)).await;
    assert_eq!(view.browsers, 1);
    let mut third = bench.identified().await;
    assert!(join(&mut third, &room.view().key.unwrap()).await.0);
    soon(site.until(|view| view.computers == 1)).await;
    third.close().await;
    soon(site.until(|view| view.computers == 0)).await;
}

#[tokio::test]
async fn commands_come_and_answers_reach_the_site() {
    let bench = Bench::new().await;
    let (mut socket, room, _) = bench.paired().await;
    let site = bench.simulator.open_site(&room);
    assert!(matches!(next(&mut socket).await, FromRelay::Presence { .. }));
    let (activities, resources) = (command(&mut socket).await, command(&mut socket).await);
    let answer = |to: &Value, more: Value| {
        let mut status = json!({ "id": to["id"], "type": to["type"], "status": "success" });
        status.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        status
    };
    socket.send(ToRelay::Status(&answer(&activities, json!({ "activities": [] })))).await.unwrap();
    let entry = json!({ "type": "LORA", "hash": "ab".repeat(32), "name": "Wäsche ☂", "hasPreview": "false" });
    socket.send(ToRelay::Status(&answer(&resources, json!({ "resources": [entry] })))).await.unwrap();
    let view = soon(site.until(|view| !view.resources.is_empty())).await;
    assert_eq!((view.resources.as_slice(), view.received.len()), ([entry.clone()].as_slice(), 2));

    let version = bench.simulator.catalogue().file_named(known::LATEST).unwrap().version_id;
    let ids = site.send_to_computer(version);
    let add = command(&mut socket).await;
    assert_eq!((ids.len(), add["id"].as_str()), (1, Some(ids[0].as_str())));
    let hash = add["resource"]["hash"].as_str().unwrap();
    assert!(hash.len() == 64 && *hash == hash.to_uppercase());
    assert!(add["resource"]["url"].as_str().unwrap().starts_with(bench.simulator.storage_url()));
    for (status, progress) in [("processing", 10), ("processing", 90), ("success", 100)] {
        let told = json!({ "id": add["id"], "type": add["type"], "status": status, "progress": progress });
        socket.send(ToRelay::Status(&told)).await.unwrap();
    }
    let view = soon(site.until(|view| view.activity(&ids[0]).is_some_and(|one| one["status"] == "success"))).await;
    assert_eq!((view.answers(&ids[0]).len(), view.activities.len()), (3, 1));

    let removal = site.remove(entry["hash"].as_str().unwrap());
    assert_eq!(command(&mut socket).await["resource"], entry, "named as the computer listed it");
    let cancel = site.cancel(&ids[0]);
    assert_eq!(command(&mut socket).await["activityId"], ids[0].as_str());
    let rest = [site.clear(), site.list(), site.activities(), site.txt2img()];
    for id in &rest {
        assert_eq!(command(&mut socket).await["id"], id.as_str());
    }
    assert_eq!(site.view().commands.len(), 2 + 1 + 2 + rest.len());
    assert!(removal != cancel);
}

#[tokio::test]
async fn a_click_sends_what_goes_with_a_model_in_one_group() {
    let bench = Bench::new().await;
    let (mut socket, room, _) = bench.paired().await;
    let site = bench.simulator.open_site(&room);
    for _ in 0..3 {
        next(&mut socket).await;
    }
    let config = bench.simulator.catalogue().file_named("harborlight_v2.yaml").unwrap().version_id;
    let ids = site.send_to_computer(config);
    let mut kinds = Vec::new();
    let mut groups = Vec::new();
    for id in &ids {
        let add = command(&mut socket).await;
        assert_eq!(add["id"], id.as_str());
        kinds.push(add["resource"]["type"].as_str().unwrap().to_owned());
        groups.push(add["groupId"].as_str().unwrap().to_owned());
    }
    groups.dedup();
    assert_eq!((kinds, groups.len()), (["Checkpoint", "CheckpointConfig", "VAE"].map(str::to_owned).to_vec(), 1));
}

#[tokio::test]
async fn a_removed_instance_is_told_and_its_key_is_worth_nothing() {
    let bench = Bench::new().await;
    let (mut socket, room, upgraded) = bench.paired().await;
    room.problem("\u{202e}Something\nis wrong");
    assert!(matches!(next(&mut socket).await, FromRelay::Problem(text) if text == "Somethingis wrong"));
    room.kick();
    assert!(matches!(next(&mut socket).await, FromRelay::Kicked));
    assert!(!join(&mut socket, upgraded.expose()).await.0);
    // What is said outside a room reaches nobody, and the relay says so.
    socket.send(ToRelay::Status(&json!({ "type": "resources:list" }))).await.unwrap();
    assert!(matches!(next(&mut socket).await, FromRelay::Problem(_)));
}

#[tokio::test]
async fn the_users_key_is_not_shown_to_the_relay() {
    let bench = Bench::new().await;
    let (mut socket, _, upgraded) = bench.paired().await;
    let request = bench.simulator.requests().into_iter().find(|request| request.endpoint == "link").unwrap();
    assert_eq!((request.path.as_str(), request.query.as_str()), ("/api/socketio/", "EIO=4&transport=websocket"));
    assert!(!request.authorization && !request.query_token && !request.cookie && !request.referer);
    assert_eq!(request.status, Some(101));
    let said = format!("{:?}", bench.simulator.relay().said());
    assert!(said.contains("join") && !said.contains(CANARY));
    socket.close().await;
    assert!(!format!("{upgraded:?} {:?}", FromRelay::Upgraded(upgraded.clone())).contains(upgraded.expose()));
}
