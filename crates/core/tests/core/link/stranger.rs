//! The same over python-socketio, which was written by other people from the same protocol.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use modeldock_civitai::{Client, ClientConfig, LinkUrls};
use modeldock_core::link::LinkState;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::bench::{Bench, activities, asked, say, soon, stands, until};
use crate::support::{add, call, open_owner, scan};

/// Ends with this process at the latest, as its standard input does.
struct Stranger {
    port: u16,
    _process: Child,
}

impl Stranger {
    async fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/link/relay.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut process = command.spawn().expect("/usr/bin/python3 is there; scripts/setup.sh test installs it");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
        let port = line.trim().parse().expect("scripts/setup.sh test installs what tests/link/relay.py needs");
        Self { port, _process: process }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    async fn control(&self, method: &str, what: &str, body: Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} /control/{what} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap_or_else(|_| panic!("{answer}"))
    }

    /// Waits until the browser has received something.
    async fn received(&self, room: &Value, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        until(what, async || {
            let shown = self.control("GET", &format!("room?room={room}"), Value::Null).await;
            shown["received"].as_array().unwrap().iter().rev().find(|status| is_it(status)).cloned()
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_over_another_make_of_relay() {
    let bench = Bench::new().await;
    let relay = soon(Stranger::start()).await;
    let links = LinkUrls::named(&[relay.url(), relay.url()]).unwrap();
    let client = Arc::new(Client::new(ClientConfig::at(bench.simulator().base_url()).links(links)).unwrap());
    let app = open_owner(bench.world.paths(), client.clone()).await.unwrap();
    add(&app, &bench.world.models()).await;
    scan(&app).await;
    app.start_workers();

    let issued = relay.control("POST", "issue", Value::Null).await;
    let room = issued["room"].clone();
    app.call("link_pair", json!({ "site": "com", "code": issued["code"] })).await.unwrap();
    stands(&app, LinkState::Waiting).await;
    relay.control("POST", "browser", json!({ "room": room, "open": true })).await;
    stands(&app, LinkState::Connected).await;
    let here = bench.hash("here.safetensors");
    let has = |hash: &str| {
        let hash = hash.to_owned();
        move |status: &Value| {
            status["type"] == "resources:list"
                && status["resources"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| one["hash"] == hash.as_str() && one["downloading"] != true)
        }
    };
    relay.received(&room, "the library", has(&here)).await;

    let send =
        async |command: Value| relay.control("POST", "command", json!({ "room": room, "command": command })).await;
    let is = |id: &'static str, status: &'static str| move |one: &Value| one["id"] == id && one["status"] == status;
    send(bench.add_command("add", "wanted.safetensors")).await;
    relay.received(&room, "the add", is("add", "success")).await;
    relay.received(&room, "what came", has(&bench.hash("wanted.safetensors"))).await;
    let resource = json!({ "type": "LORA", "hash": here });
    send(json!({ "id": "remove", "type": "resources:remove", "resource": resource })).await;
    let ask = asked(&app).await;
    say(&app, &ask, "once").await;
    relay.received(&room, "the removal", is("remove", "success")).await;
    assert_eq!(activities(&app).await.len(), 1);

    // Dropped, it comes back with the key; removed, it does not.
    relay.control("POST", "drop", Value::Null).await;
    until("the computer is back", async || {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let shown = relay.control("GET", &format!("room?room={room}"), Value::Null).await;
        let joins = shown["said"].as_array().unwrap().iter().filter(|said| said[0] == "join").count();
        (joins == 2).then_some(())
    })
    .await;
    relay.control("POST", "kick", json!({ "room": room })).await;
    stands(&app, LinkState::NotPaired).await;
    let info: modeldock_core::link::LinkInfo = call(&app, "link_show", json!({})).await;
    assert!(info.sites[0].problem.is_some());
    app.shutdown().await;
}
