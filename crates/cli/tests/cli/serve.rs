//! `modeldock serve`: the link, who may ask, what is answered, what is told by itself, and the end.

use std::process::Command;
use std::time::{Duration, Instant};

use civitai_simulator::Catalogue;
use futures_util::StreamExt as _;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::support::{Running, World, http, output, text};

/// A server under way, and what its first line said.
pub(crate) struct Serving {
    pub(crate) running: Running,
    pub(crate) url: String,
    pub(crate) client: Client,
}

impl Serving {
    fn start(world: &World) -> Self {
        Self::of(&mut world.command(["serve", "--json", "--listen", "127.0.0.1:0"]))
    }

    pub(crate) fn of(command: &mut Command) -> Self {
        let mut running = Running::start(command);
        let first: Value = serde_json::from_str(&running.line().unwrap()).unwrap();
        assert_eq!(first["event"], "listening");
        let url = first["url"].as_str().unwrap().to_owned();
        Self { running, url, client: http() }
    }

    pub(crate) fn origin(&self) -> &str {
        self.url.split("/?").next().unwrap()
    }

    pub(crate) fn token(&self) -> &str {
        self.url.split("token=").nth(1).unwrap()
    }

    fn post(&self, command: &str) -> RequestBuilder {
        self.client.post(format!("{}/rpc/{command}", self.origin())).header(CONTENT_TYPE, "application/json")
    }

    /// Calls a command with the token.
    pub(crate) async fn call(&self, command: &str, request: Value) -> (u16, Value) {
        let sent = self.post(command).bearer_auth(self.token()).body(request.to_string());
        let answer = sent.send().await.unwrap();
        (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
    }

    /// Waits until the first scan has ended.
    async fn wait_for_scan(&self) {
        let started = Instant::now();
        loop {
            let (_, jobs) = self.call("jobs_list", json!({})).await;
            if jobs[0]["state"] == "done" {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "it did not scan by itself: {jobs}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn end(self) {
        self.running.signal("TERM");
        let asked = Instant::now();
        let run = tokio::task::spawn_blocking(move || self.running.end()).await.unwrap();
        assert_eq!((run.exit, run.err.as_str()), (Some(0), ""));
        assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());
    }
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

fn header<'r>(response: &'r Response, name: &reqwest::header::HeaderName) -> &'r str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_gives_a_cookie_and_the_cookie_the_page() {
    let world = World::new();
    let serving = Serving::start(&world);
    assert!(serving.url.starts_with("http://127.0.0.1:") && serving.token().len() == 64, "{}", serving.url);

    let followed = serving.client.get(&serving.url).send().await.unwrap();
    assert_eq!((followed.status().as_u16(), header(&followed, &LOCATION)), (303, "/"));
    let set = header(&followed, &SET_COOKIE).to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    assert!(!cookie.contains(serving.token()), "the link's secret is not what stays in the browser");

    let page = serving.client.get(format!("{}/", serving.origin())).header(COOKIE, &cookie).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    assert!(header(&page, &CONTENT_TYPE).starts_with("text/html"));
    assert!(page.headers().contains_key("content-security-policy"));
    assert!(page.text().await.unwrap().to_lowercase().starts_with("<!doctype html"));
    let place = serving.client.get(format!("{}/library/3", serving.origin())).header(COOKIE, &cookie);
    assert_eq!(status(place).await, 200, "places in the page are the page");
    let none = serving.client.get(format!("{}/no/such.js", serving.origin())).header(COOKIE, &cookie);
    assert_eq!(status(none).await, 404);
    for climb in ["/../../Cargo.toml", "/..%2f..%2fCargo.toml", "/assets/../../../../etc/passwd.txt"] {
        let got =
            serving.client.get(format!("{}{climb}", serving.origin())).header(COOKIE, &cookie).send().await.unwrap();
        assert!(!got.text().await.unwrap().contains("root:"), "{climb}");
    }

    let info = serving.post("app_info").header(COOKIE, &cookie).send().await.unwrap();
    assert_eq!(info.status().as_u16(), 200);
    assert_eq!(header(&info, &reqwest::header::CACHE_CONTROL), "no-store");
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_refused_whatever_they_try() {
    let world = World::new();
    let serving = Serving::start(&world);
    let bearer = format!("Bearer {}", serving.token());
    let ask = || serving.post("library_list").header(AUTHORIZATION, &bearer).body("{}");
    assert_eq!(status(ask()).await, 200);
    assert_eq!(status(ask().header(HOST, "evil.example")).await, 421);
    assert_eq!(status(ask().header(HOST, "127.0.0.1:1")).await, 421);
    for origin in ["http://evil.example", "null", "https://127.0.0.1"] {
        assert_eq!(status(ask().header(ORIGIN, origin)).await, 403, "{origin}");
    }
    assert_eq!(status(ask().header(ORIGIN, serving.origin())).await, 200);
    assert_eq!(status(ask().header("sec-fetch-site", "cross-site")).await, 403);
    assert_eq!(status(serving.post("library_list").body("{}")).await, 401);
    assert_eq!(status(serving.post("library_list").bearer_auth("0".repeat(64)).body("{}")).await, 401);
    for path in ["/", "/index.html", "/ws", "/preview/1/cover", "/?token=wrong"] {
        assert_eq!(status(serving.client.get(format!("{}{path}", serving.origin()))).await, 401, "{path}");
    }
    let form =
        serving.client.post(format!("{}/rpc/scan_start", serving.origin())).bearer_auth(serving.token()).body("x=1");
    assert_eq!(status(form.header(CONTENT_TYPE, "application/x-www-form-urlencoded")).await, 415);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_answer_with_json_and_fail_with_a_message() {
    let (world, _) = World::sample();
    let serving = Serving::start(&world);
    serving.wait_for_scan().await;
    let (code, page) = serving.call("library_list", json!({ "limit": 5, "states": ["matched"] })).await;
    assert_eq!(code, 200, "{page}");
    assert_eq!(page["items"].as_array().unwrap().len(), 5);
    assert!(page["total"].as_u64().unwrap() > 5, "it scanned by itself when it started");
    let empty = serving.post("roots_list").bearer_auth(serving.token()).send().await.unwrap();
    assert_eq!(empty.status().as_u16(), 200, "a command that takes nothing may be sent nothing");
    assert_eq!(empty.text().await.unwrap().matches("\"layout\"").count(), 2);
    let scan = serving.post("scan_start").bearer_auth(serving.token()).send().await.unwrap();
    assert_eq!(scan.status().as_u16(), 200, "and so may one where everything can be left out");
    for (command, request, code, word) in [
        ("no_such_command", json!({}), 404, "not_found"),
        ("library_item", json!({ "id": 123_456 }), 404, "not_found"),
        ("library_item", json!({ "id": "x" }), 400, "invalid_request"),
        ("library_list", json!([1]), 400, "invalid_request"),
        ("roots_add", json!({ "path": "relative" }), 400, "invalid_request"),
        ("roots_add", json!({ "path": "" }), 400, "invalid_request"),
    ] {
        let (got, error) = serving.call(command, request.clone()).await;
        assert_eq!((got, &error["code"]), (code, &json!(word)), "{command} {request}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(!message.contains("::") && !message.contains("os error") && message.len() > 10, "{message}");
    }
    let broken = serving.post("library_list").bearer_auth(serving.token()).body("{").send().await.unwrap();
    assert_eq!(broken.status().as_u16(), 400);
    let huge = serving.post("library_list").bearer_auth(serving.token()).body(vec![b' '; 3 << 20]).send().await;
    // The connection may break while the rest is still being sent.
    if let Ok(answer) = huge {
        assert_eq!(answer.status().as_u16(), 413);
        assert!(answer.text().await.unwrap().contains("invalid_request"));
    }
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_web_socket_hears_of_a_scan() {
    let world = World::with(Catalogue::default());
    let serving = Serving::start(&world);
    let connect = async |headers: &[(&'static str, String)]| {
        let address = serving.origin().strip_prefix("http://").unwrap();
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        tokio_tungstenite::client_async(request, stream).await
    };
    let bearer = ("authorization", format!("Bearer {}", serving.token()));
    assert!(connect(&[]).await.is_err());
    assert!(connect(&[bearer.clone(), ("origin", "http://evil.example".to_owned())]).await.is_err());
    let (mut socket, answer) = connect(&[bearer.clone(), ("origin", serving.origin().to_owned())]).await.unwrap();
    assert_eq!(answer.status().as_u16(), 101);

    world.write_long_reading();
    let (code, added) = serving.call("roots_add", json!({ "path": text(&world.path("models")) })).await;
    assert_eq!(code, 200, "{added}");
    let (code, started) = serving.call("scan_start", json!({})).await;
    assert_eq!(code, 200, "{started}");
    let mut wanted = vec!["roots_changed", "jobs_changed", "progress", "library_changed"];
    while !wanted.is_empty() {
        let message = tokio::time::timeout(Duration::from_secs(60), socket.next()).await.unwrap().unwrap().unwrap();
        let event: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        wanted.retain(|kind| event["event"] != *kind);
    }
    // The scan is still reading its large file, and the socket is still open: neither may hold up the end.
    serving.end().await;
    drop(socket);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_another_process_are_heard() {
    let world = World::with(Catalogue::default());
    world.write("a.safetensors", b"a");
    let serving = Serving::start(&world);
    let address = serving.origin().strip_prefix("http://").unwrap().to_owned();
    let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {}", serving.token()).parse().unwrap());
    let stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    // Its first look, at the start, is the one to compare with.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    world.run(["roots", "add", "models"]).done();
    world.run(["scan"]).done();
    loop {
        let message = tokio::time::timeout(Duration::from_secs(30), socket.next()).await.unwrap().unwrap().unwrap();
        let event: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        if event["event"] == "resync" {
            break;
        }
    }
    let (_, page) = serving.call("library_list", json!({})).await;
    assert_eq!(page["total"], 1);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_link_is_no_longer_good() {
    let world = World::new();
    let first = Serving::start(&world);
    let old = first.token().to_owned();
    let answer = status(first.client.get(&first.url)).await;
    assert_eq!(answer, 303);
    first.end().await;
    let second = Serving::start(&world);
    assert_ne!(second.token(), old);
    let refused = second.client.get(format!("{}/?token={old}", second.origin())).send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 401);
    assert_eq!(refused.text().await.unwrap(), "This link is from an earlier start. Use the newest one.");
    second.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_shows_changes_nothing() {
    let (world, _) = World::sample();
    world.scan();
    let serving = Serving::of(&mut world.command(["serve", "--json", "--listen", "127.0.0.1:0", "--read-only"]));
    let (code, info) = serving.call("app_info", json!({})).await;
    assert_eq!((code, &info["read_only"]), (200, &true.into()));
    let (code, page) = serving.call("library_list", json!({})).await;
    assert!(code == 200 && page["total"].as_u64().unwrap() > 10, "{page}");
    let mut refused = 0;
    for command in modeldock_core::api::COMMANDS.iter().filter(|command| command.changes) {
        let (code, error) = serving.call(command.name, json!({})).await;
        assert_eq!((code, &error["code"]), (403, &"forbidden".into()), "{}", command.name);
        refused += 1;
    }
    assert!(refused > 20);
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_this_computer_it_wants_a_certificate_or_to_be_told() {
    let world = World::new();
    let run = world.run(["serve", "--listen", "0.0.0.0:0"]).exits(1);
    assert!(run.error().1.unwrap().contains("--tls-cert"), "{run:?}");
    let run = world.run(["serve", "--listen", "0.0.0.0:0", "--without-tls"]).exits(1);
    assert!(run.error().1.unwrap().contains("--host"), "{run:?}");
    let run = world.run(["serve", "--tls-cert", "a.pem", "--tls-key", "b.pem"]);
    assert!(run.exit == Some(1) && run.error().0.contains("a.pem"), "{run:?}");

    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (world.path("cert.pem"), world.path("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let files = ["--tls-cert", text(&certificate), "--tls-key", text(&key)];
    let wrong = ["serve", "--tls-cert", text(&key), "--tls-key", text(&certificate)];
    assert!(world.run(wrong).error().0.contains("no certificate"));
    let start = ["serve", "--json", "--listen", "0.0.0.0:0", "--host", "localhost"];
    let serving = Serving::of(&mut world.command(start.iter().chain(&files)));
    assert!(serving.url.starts_with("https://localhost:"), "{}", serving.url);
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = Client::builder().tls_certs_only([root]).redirect(reqwest::redirect::Policy::none()).no_proxy();
    let client = client.build().unwrap();
    let let_in = client.get(&serving.url).send().await.unwrap();
    assert_eq!(let_in.status(), 303);
    assert!(header(&let_in, &SET_COOKIE).ends_with("; Secure"), "{:?}", let_in.headers());
    let plain = serving.url.replace("https://", "http://");
    assert!(client.get(plain).send().await.is_err(), "it speaks nothing but TLS");
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_gets_small_pictures_that_are_made_once() {
    let (world, _) = World::sample();
    world.scan();
    let serving = Serving::start(&world);
    let (_, page) = serving.call("library_list", json!({ "limit": 500 })).await;
    let with = |key: &str, more: fn(&Value) -> bool| {
        let items = page["items"].as_array().unwrap();
        items.iter().find(|item| more(&item[key]) && item["preview_is_video"] == false).unwrap()["id"].clone()
    };
    let own = with("has_local_preview", |value| value == true);
    let remote = with("preview_count", |value| value.as_u64() > Some(0));
    let kept = || output("find", &[text(&world.data_dir().join("previews/small")), "-type", "f"]).lines().count();
    for (number, id) in (1..).zip([own, remote]) {
        let get = |which: &str| {
            let url = format!("{}/preview/{id}/{which}", serving.origin());
            serving.client.get(url).bearer_auth(serving.token()).send()
        };
        let cover = get("cover").await.unwrap().bytes().await.unwrap();
        let first = get("thumb").await.unwrap();
        assert_eq!(first.status(), 200);
        assert!(header(&first, &CONTENT_TYPE).starts_with("image/"), "{:?}", first.headers());
        let first = first.bytes().await.unwrap();
        assert!(first.len() <= cover.len(), "{} and {} bytes", first.len(), cover.len());
        assert_eq!(get("thumb").await.unwrap().bytes().await.unwrap(), first);
        assert_eq!(kept(), number, "one is made for each, once");
    }
    serving.end().await;
}
