//! What the client makes of answers: right ones, odd ones, and none at all.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::Duration;

use modeldock_civitai::{Client, ClientConfig};
use modeldock_core::catalog::{Catalog, CatalogErrorKind};
use modeldock_core::hash::Sha256;
use modeldock_core::units::{CivitaiFileId, ModelId, VersionId};
use support::{Server, answer, html, json};

const VERSION: &str = r#"{"id": 5, "modelId": 4, "name": "v1", "baseModel": "Pony", "model": {"name": "M", "type": "LORA"},
    "files": [{"id": 9, "primary": true, "downloadUrl": "https://undefined/api/download/models/5"}]}"#;

fn hashes(count: u8) -> Vec<Sha256> {
    (0..count).map(|byte| Sha256::new([byte; 32])).collect()
}

#[tokio::test]
async fn a_batch_survives_null_broken_and_repeated_elements() {
    let body = format!(r#"[null, {VERSION}, {{"id": null}}, 7, {VERSION}]"#);
    let server = Server::start(vec![json(200, &body)]).await;
    let (client, _) = server.client();
    let versions = client.versions_by_hash(&hashes(3)).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.id.0).collect::<Vec<_>>(), [5, 5]);
    assert_eq!(versions[0].raw, VERSION);
    let request = &server.seen()[0];
    assert!(request.starts_with("POST /api/v1/model-versions/by-hash HTTP/1.1\r\n"), "{request}");
    assert!(request.to_lowercase().contains("content-type: application/json\r\n"));
    assert!(request.to_lowercase().contains(&format!("user-agent: modeldock/{}\r\n", env!("CARGO_PKG_VERSION"))));
    assert!(request.ends_with(&format!("\"{}\"]", "02".repeat(32))), "{request}");
}

#[tokio::test]
async fn addresses_in_replies_are_not_where_downloads_come_from() {
    let server = Server::start(vec![json(200, VERSION)]).await;
    let (client, _) = server.client();
    let version = client.version(VersionId(5)).await.unwrap();
    let url = client.download_url(version.id, version.files[0].id);
    assert_eq!(url.as_str(), format!("{}/api/download/models/5?fileId=9", server.url()));
    let public = Client::new(ClientConfig::at("https://civitai.com/")).unwrap();
    assert_eq!(
        public.download_url(VersionId(1), CivitaiFileId(2)).as_str(),
        "https://civitai.com/api/download/models/1?fileId=2"
    );
}

#[tokio::test]
async fn rows_for_hashes_nobody_asked_about_are_dropped() {
    let (asked, other) = ("01".repeat(32), "FF".repeat(32));
    let body = format!(
        r#"[{{"modelVersionId": 1, "hash": "{asked}"}}, {{"modelVersionId": 2, "modelId": 3, "hash": "{asked}"}},
            {{"modelVersionId": 4, "hash": "{other}"}}, null, {{"hash": "{asked}"}}]"#
    );
    let server = Server::start(vec![json(200, &body)]).await;
    let (client, _) = server.client();
    let rows = client.ids_by_hash(&hashes(2)).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.version_id.0).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rows[1].model_id, Some(ModelId(3)));
}

#[tokio::test]
async fn too_many_hashes_and_non_hashes_are_refused_before_sending() {
    let server = Server::start(vec![json(200, "[]")]).await;
    let (client, _) = server.client();
    let many = vec![Sha256::new([1; 32]); 10_001];
    let error = client.versions_by_hash(&many[..101]).await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Refused(413));
    assert_eq!(error.message, "At most 100 hashes fit one request, not 101");
    assert_eq!(client.ids_by_hash(&many).await.unwrap_err().kind, CatalogErrorKind::Refused(413));
    for text in ["", "..", ".", "a/b", "a?b", "%2e%2e", "g", "a b"] {
        assert_eq!(client.version_by_hash(text).await.unwrap_err().kind, CatalogErrorKind::Refused(400), "{text}");
    }
    assert_eq!(client.versions_by_hash(&[]).await, Ok(Vec::new()));
    assert_eq!(client.ids_by_hash(&[]).await, Ok(Vec::new()));
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn only_the_apis_own_404_means_not_found() {
    let missing = json(404, r#"{"error":"Model not found"}"#);
    let server =
        Server::start(vec![missing.clone(), html(404), answer(404, "application/json", "", "nope"), missing]).await;
    let (client, pace) = server.client();
    let mut kinds = Vec::new();
    for _ in 0..3 {
        kinds.push(client.version_by_hash("a5f58eb1c3").await.unwrap_err().kind);
    }
    assert_eq!(kinds, [CatalogErrorKind::NotFound, CatalogErrorKind::NotJson, CatalogErrorKind::NotJson]);
    // A batch has no 404: one hash less in the answer is how it says "unknown".
    assert_eq!(client.versions_by_hash(&hashes(1)).await.unwrap_err().kind, CatalogErrorKind::NotJson);
    assert!(server.seen()[0].starts_with("GET /api/v1/model-versions/by-hash/A5F58EB1C3 "));
    assert_eq!(pace.waits(), [0; 0]);
}

#[tokio::test]
async fn web_pages_and_broken_data_are_not_answers() {
    let answers = vec![
        html(200),
        json(200, r#"{"id": 5, "modelId""#),
        json(200, r#"{"name": "no ids"}"#),
        json(200, ""),
        answer(200, "application/json", "", b"\xff\xfe{}"),
        json(200, &"[".repeat(100_000)),
        answer(302, "text/html", "Location: http://127.0.0.1:1/login?token=x\r\n", ""),
        json(200, r#"{"id": 6, "modelId": 4}"#),
    ];
    let server = Server::start(answers).await;
    let (client, _) = server.client();
    let mut messages = Vec::new();
    for _ in 0..8 {
        let error = client.version(VersionId(5)).await.unwrap_err();
        assert_eq!(error.kind, CatalogErrorKind::NotJson, "{}", error.message);
        messages.push(error.message.replace(&server.url(), "URL"));
    }
    assert_eq!(messages[0], "URL/api/v1/model-versions/5 answered with a web page instead of data");
    assert_eq!(messages[1], "URL/api/v1/model-versions/5 answered with broken data");
    assert_eq!(messages[7], "URL/api/v1/model-versions/5 answered with another version");
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit() {
    let announced = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n".to_vec();
    let mut streamed = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\"".to_vec();
    streamed.resize(9 * 1024 * 1024, b'x');
    let server = Server::start(vec![announced, streamed]).await;
    let (client, _) = server.client();
    for _ in 0..2 {
        let error = client.version(VersionId(5)).await.unwrap_err();
        assert_eq!(error.kind, CatalogErrorKind::NotJson);
        assert!(error.message.ends_with("answered with more than 8192 KiB"), "{}", error.message);
    }
}

#[tokio::test]
async fn gzip_is_counted_after_decompression() {
    // 40 KB that unpack to 40 MB.
    let bomb = include_bytes!("support/bomb.json.gz");
    let server = Server::start(vec![answer(200, "application/json", "Content-Encoding: gzip\r\n", bomb)]).await;
    let (client, _) = server.client();
    let error = client.version(VersionId(5)).await.unwrap_err();
    assert!(error.message.ends_with("answered with more than 8192 KiB"), "{}", error.message);
}

#[tokio::test]
async fn a_batch_with_too_long_an_answer_is_asked_in_halves() {
    let long = answer(200, "application/json", "", format!("[\"{}\"]", "x".repeat(9 * 1024 * 1024)));
    let server = Server::start(vec![long, json(200, &format!("[{VERSION}]"))]).await;
    let (client, _) = server.client();
    assert_eq!(client.versions_by_hash(&hashes(3)).await.unwrap().len(), 2);
    let asked: Vec<usize> = server.seen().iter().map(|request| request.matches("\",\"").count() + 1).collect();
    assert_eq!(asked, [3, 1, 2]);
}

#[tokio::test]
async fn an_overloaded_server_is_asked_five_times_in_all() {
    let server = Server::start(vec![html(502)]).await;
    let (client, pace) = server.client();
    let error = client.versions_by_hash(&hashes(1)).await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Server(502, None));
    assert_eq!(server.seen().len(), 5);
    assert_eq!(pace.waits(), [250, 500, 1000, 2000]);
}

#[tokio::test]
async fn a_second_try_may_succeed() {
    let busy =
        answer(503, "application/json", "Retry-After: 2\r\n", r#"{"error":"Server busy, please retry shortly."}"#);
    let server = Server::start(vec![busy, json(200, VERSION)]).await;
    let (client, pace) = server.client();
    assert_eq!(client.version(VersionId(5)).await.unwrap().id, VersionId(5));
    assert_eq!(pace.waits(), [2000]);
}

#[tokio::test]
async fn long_waits_are_left_to_the_caller() {
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n";
    let answers = vec![
        answer(503, "application/json", "Retry-After: 120\r\n", r#"{"error":"busy"}"#),
        answer(429, "text/html", date, ""),
        answer(429, "text/html", "Retry-After: 99999\r\n", ""),
        json(429, r#"{"error":"too many"}"#),
    ];
    let server = Server::start(answers).await;
    let (client, pace) = server.client();
    let mut kinds = Vec::new();
    for _ in 0..4 {
        kinds.push(client.model(ModelId(1)).await.unwrap_err().kind);
    }
    assert_eq!(
        kinds,
        [
            CatalogErrorKind::Server(503, Some(Duration::from_secs(120))),
            CatalogErrorKind::RateLimited(Some(Duration::from_secs(60))),
            CatalogErrorKind::RateLimited(Some(Duration::from_secs(3600))),
            CatalogErrorKind::RateLimited(None),
        ]
    );
    assert_eq!((server.seen().len(), pace.waits()), (4, vec![]));
}

#[tokio::test]
async fn a_short_429_is_waited_for_once() {
    let server = Server::start(vec![answer(429, "application/json", "Retry-After: 3\r\n", "{}")]).await;
    let (client, pace) = server.client();
    let error = client.version(VersionId(5)).await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::RateLimited(Some(Duration::from_secs(3))));
    assert_eq!((server.seen().len(), pace.waits()), (2, vec![3000]));
}

#[tokio::test]
async fn what_cannot_get_better_is_asked_once() {
    for status in [400, 401, 403, 410, 413, 500] {
        let server = Server::start(vec![json(status, r#"{"error":"no"}"#)]).await;
        let (client, pace) = server.client();
        assert!(client.version(VersionId(5)).await.is_err());
        assert_eq!((server.seen().len(), pace.waits()), (1, vec![]), "{status}");
    }
}

#[tokio::test]
async fn a_refused_connection_is_offline() {
    let server = Server::start(vec![html(200)]).await;
    let (client, pace) = server.client();
    let url = server.url();
    drop(server);
    tokio::task::yield_now().await;
    let error = client.version(VersionId(5)).await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Offline);
    assert_eq!(error.message, format!("Civitai at {url} cannot be reached: connection refused"));
    assert_eq!(pace.waits(), [100, 200]);
}

#[tokio::test]
async fn a_cut_body_is_offline_and_tried_again() {
    let whole = json(200, VERSION);
    let cut = whole[..whole.len() - 20].to_vec();
    let server = Server::start(vec![cut.clone(), Vec::new(), whole]).await;
    let (client, pace) = server.client();
    assert_eq!(client.version(VersionId(5)).await.unwrap().id, VersionId(5));
    assert_eq!(pace.waits(), [100, 200]);

    let server = Server::start(vec![cut]).await;
    let (client, _) = server.client();
    let error = client.version(VersionId(5)).await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Offline);
    assert!(error.message.starts_with("Civitai at http://127.0.0.1:"), "{}", error.message);
    assert!(error.message.contains(" broke off its answer: "), "{}", error.message);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn enums_and_the_owner_of_the_key_are_read() {
    let enums = r#"{"ModelType":["Checkpoint","LORA",null],"BaseModel":["SDXL 1.0"],"BaseModelType":null,"New":[1]}"#;
    let me = r#"{"id":12345,"username":"you","tier":null,"isMember":true,"subscriptions":["yellow"]}"#;
    let server = Server::start(vec![json(200, enums), json(200, me), json(401, r#"{"error":"Unauthorized"}"#)]).await;
    let (client, _) = server.client();
    let enums = client.enums().await.unwrap();
    assert_eq!((enums.model_type.len(), enums.base_model.len(), enums.base_model_type.len()), (2, 1, 0));
    let account = client.me().await.unwrap();
    assert_eq!((account.id, account.username.as_str(), account.tier, account.is_member), (12345, "you", None, true));
    let error = client.me().await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Unauthorised);
    assert!(error.message.ends_with("does not accept the key"), "{}", error.message);

    let error = client.with_token(None).me().await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Unauthorised);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn at_most_four_requests_run_at_once() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let client = Client::new(ClientConfig::at(url)).unwrap();
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.version(VersionId(5)).await })
        })
        .collect();
    let mut open = Vec::new();
    for _ in 0..4 {
        open.push(listener.accept().await.unwrap());
    }
    let fifth = tokio::time::timeout(Duration::from_millis(200), listener.accept()).await;
    assert!(fifth.is_err(), "a fifth connection was made");
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}
