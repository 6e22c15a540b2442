//! The same against python-socketio, which was written by other people from the same protocol.

use std::process::Stdio;

use modeldock_civitai::Client;
use modeldock_core::link::{FromRelay, LinkService, LinkSite, ToRelay};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::bench::{client_of, end, key, next, soon};

/// Ends with this process at the latest, as its standard input does.
struct Stranger {
    port: u16,
    process: Child,
}

impl Stranger {
    async fn start() -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/link/relay.py");
        let mut command = Command::new("/usr/bin/python3");
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().expect("/usr/bin/python3 is there; scripts/setup.sh test installs it");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
        let Ok(port) = line.trim().parse() else {
            let mut problem = String::new();
            process.stderr.as_mut().unwrap().read_to_string(&mut problem).await.unwrap();
            panic!("tests/link/relay.py did not start; scripts/setup.sh test installs what it needs:\n{problem}");
        };
        Self { port, process }
    }

    fn client(&self) -> Client {
        client_of(&format!("http://127.0.0.1:{}", self.port))
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
}

#[tokio::test]
async fn another_make_of_relay_is_understood() {
    let stranger = soon(Stranger::start()).await;
    let issued = stranger.control("POST", "issue", Value::Null).await;
    let room = issued["room"].clone();
    let shown = async || stranger.control("GET", &format!("room?room={room}"), Value::Null).await;
    let client = stranger.client();

    let mut socket = soon(client.connect_link(LinkSite::Com)).await.unwrap();
    let code = key(issued["code"].as_str().unwrap());
    socket.send(ToRelay::Join(&code)).await.unwrap();
    let refused = next(&mut socket).await;
    assert!(
        matches!(&refused, FromRelay::Joined { success: false, message: Some(text) } if text.contains("identify")),
        "{refused:?}"
    );
    socket.send(ToRelay::Identify).await.unwrap();
    socket.send(ToRelay::Join(&code)).await.unwrap();
    let FromRelay::Upgraded(upgraded) = next(&mut socket).await else { panic!("the key comes first here") };
    assert_eq!(shown().await["key"], upgraded.expose());
    assert!(matches!(next(&mut socket).await, FromRelay::Presence { browsers: 0, computers: 1 }));
    assert!(matches!(next(&mut socket).await, FromRelay::Joined { success: true, message: None }));

    stranger.control("POST", "browser", json!({ "room": room, "open": true })).await;
    assert!(matches!(next(&mut socket).await, FromRelay::Presence { browsers: 1, computers: 1 }));
    for expected in ["activities:list", "resources:list"] {
        let FromRelay::Command(command) = next(&mut socket).await else { panic!("{expected}") };
        assert_eq!(command["type"], expected);
        let status =
            json!({ "id": command["id"], "type": expected, "status": "success", "name": "Wäsche ☂ \u{1F3E0}" });
        socket.send(ToRelay::Status(&status)).await.unwrap();
    }
    // About as large as a message may be.
    let list = json!({ "type": "resources:list", "resources": vec!["x".repeat(890); 1000] });
    socket.send(ToRelay::Status(&list)).await.unwrap();
    // What is sent arrives in its order, so the answer to a wrong join tells that all of it did.
    socket.send(ToRelay::Join(&key("ffffff"))).await.unwrap();
    assert!(matches!(next(&mut socket).await, FromRelay::Joined { success: false, .. }));
    let received = shown().await["received"].as_array().unwrap().clone();
    assert_eq!((received.len(), received[1]["name"].as_str()), (3, Some("Wäsche ☂ \u{1F3E0}")));
    assert_eq!(received[2], list);
    let nasty = json!({ "id": "1", "text": "a\u{0}\u{202e}\"\\[{" });
    stranger.control("POST", "command", json!({ "room": room, "command": nasty })).await;
    assert!(matches!(next(&mut socket).await, FromRelay::Command(command) if command == nasty));

    let mut second = soon(client.connect_link(LinkSite::Red)).await.unwrap();
    second.send(ToRelay::Identify).await.unwrap();
    second.send(ToRelay::Join(&code)).await.unwrap();
    assert!(matches!(next(&mut second).await, FromRelay::Joined { success: false, .. }), "the code is used");
    second.send(ToRelay::Join(&upgraded)).await.unwrap();
    assert!(matches!(next(&mut second).await, FromRelay::Presence { browsers: 1, computers: 2 }));
    assert!(matches!(next(&mut socket).await, FromRelay::Presence { browsers: 1, computers: 2 }));
    second.close().await;
    assert!(matches!(next(&mut socket).await, FromRelay::Presence { browsers: 1, computers: 1 }));

    stranger.control("POST", "kick", json!({ "room": room })).await;
    assert!(matches!(next(&mut socket).await, FromRelay::Kicked));
    stranger.control("POST", "drop", Value::Null).await;
    end(&mut socket).await;
    drop(stranger.process);
}
