//! The relay's rules, as a client without manners finds them, and its remote control.

mod support;

use std::time::Duration;

use civitai_simulator::{Action, Catalogue, Config, Fault};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use support::{Bench, Outcome};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(bench: &Bench) -> Result<Socket, tokio_tungstenite::tungstenite::Error> {
    let url = bench.url("/api/socketio/?EIO=4&transport=websocket").replacen("http", "ws", 1);
    Ok(tokio_tungstenite::connect_async(url).await?.0)
}

async fn say(socket: &mut Socket, text: &str) {
    socket.send(Message::text(text)).await.expect("the relay listens");
}

/// `None` at the end.
async fn hear(socket: &mut Socket) -> Option<String> {
    let message = socket.next().await?.ok()?;
    Some(message.to_text().ok()?.to_owned())
}

/// With the namespace open.
async fn welcomed(bench: &Bench) -> Result<Socket, tokio_tungstenite::tungstenite::Error> {
    let mut socket = open(bench).await?;
    assert!(hear(&mut socket).await.is_some_and(|text| text.starts_with("0{")));
    say(&mut socket, "40").await;
    assert!(hear(&mut socket).await.is_some_and(|text| text.starts_with("40{")));
    Ok(socket)
}

#[tokio::test]
async fn pairing_goes_as_the_reference_says() -> Outcome {
    let bench = Bench::new().await?;
    let room = bench.simulator.relay().issue();
    let code = room.code();
    let mut socket = welcomed(&bench).await?;
    let join = |id: u32, key: &str| format!(r#"42{id}["join","{key}"]"#);
    say(&mut socket, &join(0, &code)).await;
    let early = r#"430[{"msg":"You must identify yourself first","success":false}]"#;
    assert_eq!(hear(&mut socket).await.as_deref(), Some(early));
    say(&mut socket, r#"42["iam",{"type":"sd"}]"#).await;
    say(&mut socket, &join(1, &code)).await;
    assert_eq!(hear(&mut socket).await.as_deref(), Some(r#"431[{"success":true}]"#));
    let upgrade = hear(&mut socket).await.unwrap_or_default();
    let key = room.view().key.unwrap_or_default();
    assert_eq!((key.len(), upgrade), (128, format!(r#"42["upgradeKey",{{"key":"{key}"}}]"#)));
    assert_eq!(hear(&mut socket).await.as_deref(), Some(r#"42["roomPresence",{"client":0,"sd":1}]"#));
    assert_eq!(room.code(), "");

    let mut browser = welcomed(&bench).await?;
    say(&mut browser, r#"42["iam",{"type":"client"}]"#).await;
    say(&mut browser, &join(0, &key)).await;
    assert_eq!(hear(&mut browser).await.as_deref(), Some(r#"430[{"success":true}]"#));
    for one in [&mut browser, &mut socket] {
        assert_eq!(hear(one).await.as_deref(), Some(r#"42["roomPresence",{"client":1,"sd":1}]"#));
    }
    say(&mut browser, r#"42["command",{"id":"1"}]"#).await;
    assert_eq!(hear(&mut socket).await.as_deref(), Some(r#"42["command",{"id":"1"}]"#));
    say(&mut socket, r#"42["commandStatus",{"id":"1"}]"#).await;
    assert_eq!(hear(&mut browser).await.as_deref(), Some(r#"42["commandStatus",{"id":"1"}]"#));
    say(&mut browser, r#"42["leave"]"#).await;
    assert_eq!(hear(&mut socket).await.as_deref(), Some(r#"42["roomPresence",{"client":0,"sd":1}]"#));
    room.kick();
    assert_eq!(hear(&mut socket).await.as_deref(), Some(r#"42["kicked"]"#));
    say(&mut socket, &join(2, &key)).await;
    assert_eq!(hear(&mut socket).await.as_deref(), Some(r#"432[{"msg":"Invalid key","success":false}]"#));
    Ok(())
}

#[tokio::test]
async fn what_breaks_the_protocol_ends_the_connection() -> Outcome {
    let bench = Bench::new().await?;
    let large = format!(r#"42["commandStatus","{}"]"#, "x".repeat(1_000_000));
    for wrong in ["", "4", "42", "45-[]", "hello", &large] {
        let mut socket = welcomed(&bench).await?;
        say(&mut socket, wrong).await;
        assert_eq!(hear(&mut socket).await, None, "{wrong:.20}");
    }
    let mut socket = open(&bench).await?;
    hear(&mut socket).await;
    say(&mut socket, r#"42["iam",{"type":"sd"}]"#).await;
    assert_eq!(hear(&mut socket).await, None, "the namespace was not open");
    let mut socket = welcomed(&bench).await?;
    let fits = format!(r#"42["commandStatus","{}"]"#, "x".repeat(900_000));
    say(&mut socket, &fits).await;
    assert_eq!(hear(&mut socket).await.as_deref(), Some(r#"42["error",{"msg":"You are not in a room"}]"#));
    Ok(())
}

#[tokio::test]
async fn only_a_websocket_of_the_fourth_protocol_is_spoken() -> Outcome {
    let bench = Bench::new().await?;
    for (query, code) in
        [("EIO=4&transport=polling", 0), ("EIO=3&transport=websocket", 5), ("EIO=4&transport=websocket", 3)]
    {
        let response = bench.get(&format!("/api/socketio/?{query}")).await?;
        assert_eq!((response.status().as_u16(), &response.json::<Value>().await?["code"]), (400, &json!(code)));
    }
    bench.simulator.faults().push(Fault::status(429).on_endpoint("link"));
    assert!(open(&bench).await.is_err_and(|error| error.to_string().contains("429")));
    assert_eq!(bench.simulator.count("link"), 4);
    Ok(())
}

#[tokio::test]
async fn whoever_does_not_answer_pings_is_put_out() -> Outcome {
    let (link_ping_interval, link_ping_timeout) = (Duration::from_millis(10), Duration::from_millis(100));
    let config = Config { link_ping_interval, link_ping_timeout, ..Config::default() };
    let bench = Bench::with(config, Catalogue::standard()).await?;
    let mut socket = welcomed(&bench).await?;
    let mut pings = 0;
    while let Some(text) = hear(&mut socket).await {
        assert_eq!(text, "2");
        pings += 1;
    }
    assert!(pings > 0);
    assert_eq!(bench.simulator.relay().pongs(), 0);
    Ok(())
}

#[tokio::test]
async fn a_scripted_cut_comes_at_its_packet() -> Outcome {
    let bench = Bench::new().await?;
    let cut = |nth, deliver| Fault::new(Action::CutLink { from_client: false, nth, deliver }).on_endpoint("link");
    for (fault, expected) in [(cut(1, false), 0), (cut(1, true), 1), (cut(2, false), 1), (cut(2, true), 2)] {
        bench.simulator.faults().clear();
        bench.simulator.faults().push(fault);
        let mut socket = open(&bench).await?;
        let _ = socket.send(Message::text("40")).await;
        let mut heard = 0;
        while hear(&mut socket).await.is_some() {
            heard += 1;
        }
        assert_eq!(heard, expected);
    }
    Ok(())
}

#[tokio::test]
async fn the_site_can_be_driven_from_outside() -> Outcome {
    let bench = Bench::new().await?;
    let control = async |what: &str, body: Value| bench.post(&format!("/__sim/link/{what}"), &body).await;
    let room: Value = control("rooms", json!({})).await?.json().await?;
    let number = room["room"].clone();
    let mut socket = welcomed(&bench).await?;
    say(&mut socket, r#"42["iam",{"type":"sd"}]"#).await;
    say(&mut socket, &format!(r#"42["join","{}"]"#, room["code"].as_str().unwrap_or_default())).await;
    // The key and the presence; without a number there is no answer to the join.
    hear(&mut socket).await;
    hear(&mut socket).await;
    assert_eq!(control("send", json!({ "room": number, "version": 1 })).await?.status(), 404, "no site is open");
    assert_eq!(control("site", json!({ "room": number })).await?.status(), 204);
    hear(&mut socket).await;
    for kind in ["activities:list", "resources:list"] {
        assert!(hear(&mut socket).await.is_some_and(|text| text.contains(kind)));
    }
    let version = bench.version("harborlight_v2.safetensors");
    let sent: Value = control("send", json!({ "room": number, "version": version })).await?.json().await?;
    let ids = sent["ids"].as_array().map_or(0, Vec::len);
    assert_eq!(ids, 3);
    for _ in 0..ids {
        let add = hear(&mut socket).await.unwrap_or_default();
        let add: Value = serde_json::from_str(add.trim_start_matches("42"))?;
        let url = add[1]["resource"]["url"].as_str().unwrap_or_default();
        assert_eq!(bench.client.get(url).send().await?.status(), 200);
    }
    say(&mut socket, r#"42["commandStatus",{"type":"resources:list","resources":[{"hash":"x"}]}]"#).await;
    say(&mut socket, r#"427["join","nothing"]"#).await;
    assert!(hear(&mut socket).await.is_some_and(|text| text.starts_with("437")));
    let view = bench.json(&format!("/__sim/link/site?room={number}")).await?;
    assert_eq!((&view["resources"], &view["computers"]), (&json!([{ "hash": "x" }]), &json!(1)));
    assert_eq!(view["commands"].as_array().map(Vec::len), Some(5));
    assert_eq!(control("kick", json!({ "room": number })).await?.status(), 204);
    assert_eq!(hear(&mut socket).await.as_deref(), Some(r#"42["kicked"]"#));
    assert_eq!(control("drop", json!({})).await?.status(), 204);
    assert_eq!(hear(&mut socket).await, None);
    assert_eq!(control("kick", json!({ "room": 99 })).await?.status(), 404);
    Ok(())
}
