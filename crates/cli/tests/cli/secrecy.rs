//! A key that must not turn up anywhere but in requests to Civitai: the whole way, with everything logged that can be.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use civitai_simulator::Fault;
use futures_util::StreamExt as _;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::serve::Serving;
use crate::support::{Run, Running, World, finish};

/// Its middle: not even the hint at its end may show that.
const CANARY: &str = "canary5e1f0c9a";
const KEY: &str = "civitai-canary5e1f0c9a-canary5e1f0c9a-0042";
const WRONG: &str = "civitai-canary5e1f0c9a-wrong-canary5e1f0c9a";

fn logged(command: &mut Command) -> &mut Command {
    command.env("MODELDOCK_LOG", "trace")
}

fn finish_logged(command: &mut Command) -> Run {
    Running::start(logged(command)).end_logged()
}

/// Fails if any file below the folder holds the text. Names count as well.
fn assert_absent_below(folder: &Path) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(!path.to_string_lossy().contains(CANARY), "{}", path.display());
        let kind = path.symlink_metadata().unwrap().file_type();
        if kind.is_dir() {
            files += assert_absent_below(&path);
        } else if kind.is_file() {
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes());
            assert!(!found, "the key is in `{}`", path.display());
        }
    }
    files
}

#[track_caller]
fn assert_silent(run: &Run) {
    assert!(!run.out.contains(CANARY), "{}", run.out);
    let line = run.err.lines().find(|line| line.contains(CANARY));
    assert_eq!(line, None);
}

fn command_line(pid: u32) -> String {
    String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/cmdline")).unwrap()).into_owned()
}

#[test]
fn a_key_leaves_no_trace_on_the_command_line() {
    let world = World::with_key(KEY);
    world.write("a.safetensors", b"a");
    world.run(["roots", "add", "models"]).done();

    let mut waiting = Running::start(logged(&mut world.command(["account", "login"])).stdin(Stdio::piped()));
    assert!(!command_line(waiting.pid()).contains(CANARY));
    waiting.type_in(KEY);
    assert_silent(&waiting.end_logged().exits(0));
    let run = |arguments: &[&str], input: &str| finish_logged(&mut world.piped(arguments, input));
    for (arguments, input) in [
        (&["account", "login"][..], WRONG),
        (&["account", "login"], &format!("{KEY} and {KEY}")),
        (&["account", "show"], ""),
        (&["account", "show", "--json"], ""),
        (&["scan", "--json"], ""),
        (&["identify"], ""),
        (&["doctor"], ""),
    ] {
        assert_silent(&run(arguments, input));
    }
    // A server that repeats what it was sent, and one that answers nonsense.
    for body in [format!(r#"{{"error":"bad header: Bearer {KEY}"}}"#), format!("<html>{KEY}")] {
        for endpoint in ["me", "by-hash/ids", "by-hash"] {
            world.simulator.faults().push(Fault::status(400).body(&body).on_endpoint(endpoint));
        }
        for arguments in [&["account", "show"][..], &["identify"], &["scan"]] {
            assert_silent(&run(arguments, ""));
        }
        world.simulator.faults().clear();
    }
    let body = format!(r#"{{"error":"bad header: Bearer {WRONG}"}}"#);
    world.simulator.faults().push(Fault::status(400).body(&body).on_endpoint("me"));
    assert_silent(&run(&["account", "login"], WRONG));
    world.simulator.faults().clear();
    assert!(assert_absent_below(world.dir.path()) > 5);
    let by_variable = finish_logged(world.command(["scan", "--json"]).env("MODELDOCK_CIVITAI_TOKEN", KEY));
    assert_silent(&by_variable);
    assert_silent(&run(&["account", "logout"], ""));
    assert!(assert_absent_below(world.dir.path()) > 2);

    let requests = world.simulator.requests();
    assert!(requests.iter().any(|request| request.authorization));
    for request in requests {
        assert!(!format!("{request:?}").contains(CANARY), "{request:?}");
        assert!(!request.query_token, "{request:?}");
        assert!(!request.authorization || request.endpoint != "storage" && request.endpoint != "images", "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_leaves_no_trace_in_what_a_server_says() {
    let world = World::with_key(KEY);
    let serving = Serving::of(logged(&mut world.command(["serve", "--json", "--listen", "127.0.0.1:0"])));
    let bearer = format!("Bearer {}", serving.token());
    let address = serving.origin().strip_prefix("http://").unwrap().to_owned();
    let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
    request.headers_mut().insert("authorization", bearer.parse().unwrap());
    let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();

    let mut said = String::new();
    let mut codes = Vec::new();
    for (command, request) in [
        ("account_sign_in", json!({ "key": WRONG })),
        ("account_sign_in", json!({ "key": KEY })),
        ("account_sign_in", json!({ "key": [KEY] })),
        ("account_sign_in", json!({ "key": format!("{KEY}\n{KEY}") })),
        ("account_sign_in", json!([KEY])),
        ("account_show", json!({})),
        ("app_info", json!({})),
        ("settings_get", json!({})),
        ("jobs_list", json!({})),
    ] {
        let (code, answer) = serving.call(command, request).await;
        codes.push(code);
        said.push_str(&answer.to_string());
    }
    assert_eq!(codes, [502, 200, 400, 400, 400, 200, 200, 200, 200], "{said}");
    let broken =
        serving.client.post(format!("{}/rpc/account_sign_in", serving.origin())).header(AUTHORIZATION, &bearer);
    let broken = broken.header("content-type", "application/json").body(format!(r#"{{"key":"{KEY}"#)).send().await;
    said.push_str(&broken.unwrap().text().await.unwrap());
    for path in ["/", "/index.html"] {
        let page = serving.client.get(format!("{}{path}", serving.origin())).header(AUTHORIZATION, &bearer);
        said.push_str(&page.send().await.unwrap().text().await.unwrap());
    }
    let (_, out) = serving.call("account_sign_out", json!({})).await;
    said.push_str(&out.to_string());
    assert!(!said.contains(CANARY), "{said}");

    let mut changes = 0;
    while changes < 2 {
        let message = tokio::time::timeout(Duration::from_secs(60), socket.next()).await.unwrap().unwrap().unwrap();
        let text = message.to_text().unwrap();
        assert!(!text.contains(CANARY), "{text}");
        let event: Value = serde_json::from_str(text).unwrap();
        changes += u32::from(event["event"] == "account_changed");
    }
    assert!(!command_line(serving.running.pid()).contains(CANARY));
    serving.running.signal("TERM");
    let run = tokio::task::spawn_blocking(move || serving.running.end_logged()).await.unwrap();
    assert!(run.err.contains("TRACE"), "everything was logged");
    assert_silent(&run);
    assert_absent_below(world.dir.path());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_notices_who_signs_in_and_out_elsewhere() {
    let world = World::with_key(KEY);
    let serving = Serving::of(&mut world.command(["serve", "--json", "--listen", "127.0.0.1:0"]));
    assert_eq!(serving.call("account_show", json!({})).await.1["signed_in"], false);
    finish(&mut world.piped(["account", "login", "--json"], KEY)).exits(0);
    assert_eq!(serving.call("account_show", json!({})).await.1["username"], "ada_paints");
    world.run(["account", "logout"]).done();
    assert_eq!(serving.call("account_show", json!({})).await.1["signed_in"], false);
    serving.end().await;
}
