//! The vault client against the simulated Civitai, and against answers that no Civitai should give.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Catalogue, Config, Fault, Simulator, Vault};
use modeldock_civitai::{Client, ClientConfig, Token};
use modeldock_core::catalog::CatalogErrorKind;
use modeldock_core::units::{VaultItemId, VersionId};
use modeldock_core::vault::{HOLDINGS_PER_REQUEST, Refusal, Toggled, VaultService, VaultStatus};
use support::{CANARY, Recorded, Server, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

struct Bench {
    simulator: Simulator,
    client: Client,
    pace: Arc<Recorded>,
}

impl Bench {
    async fn new() -> Self {
        Self::with(Config::default(), Catalogue::standard()).await
    }

    async fn with(config: Config, catalogue: Catalogue) -> Self {
        let simulator = Simulator::start(config, catalogue).await.unwrap();
        let pace = Arc::new(Recorded::default());
        let config =
            ClientConfig::at(simulator.base_url()).pace(pace.clone()).token(Token::new(simulator.token()).ok());
        Self { client: Client::new(config).unwrap(), simulator, pace }
    }

    fn version(&self, name: &str) -> VersionId {
        VersionId(self.simulator.catalogue().file_named(name).unwrap().version_id.cast_signed())
    }

    fn toggles(&self) -> usize {
        self.simulator.count("vault/toggle-version")
    }
}

#[tokio::test]
async fn the_vault_is_read_as_it_is() {
    let bench = Bench::new().await;
    let info = bench.client.vault().await.unwrap().unwrap();
    assert!(info.used.0 > 0 && info.used < info.storage && info.owner.is_some() && info.updated_at.is_some());
    let page = bench.client.vault_page(1).await.unwrap();
    assert_eq!((page.items.len(), page.total, page.pages, page.unreadable), (12, Some(12), Some(1), 0));
    let sum: u64 = page.items.iter().map(|item| item.size().0).sum();
    assert!(sum.abs_diff(info.used.0) < 100, "{sum} of {}", info.used.0);
    let vault = bench.simulator.vault();
    for item in &page.items {
        let own = vault.items.iter().find(|own| own.id.cast_signed() == item.id.0).unwrap();
        assert_eq!(item.version_id.0, own.version.cast_signed());
        assert_eq!(item.notes, own.notes);
        assert_eq!(item.failure, own.failures.1);
        assert!(
            item.added_at.is_some() && item.creator.is_some() && item.base_model.is_some() && item.category.is_some()
        );
        assert!(!item.files.is_empty() && item.files.iter().all(|file| file.size.0 > 0 && !file.name.is_empty()));
    }
    let of = |name: &str| page.items.iter().find(|item| item.version_id == bench.version(name)).unwrap();
    assert_eq!(of("porcelainPortrait_v2.safetensors").status, VaultStatus::Pending);
    assert_eq!(of("steady_hands.safetensors").status, VaultStatus::Failed);
    assert_eq!(of("harborlight_v2.safetensors").files.len(), 2);
    assert_eq!(of(known::UNPUBLISHED).title(), "Withdrawn Sketch v1.0");
    let queries: HashSet<String> = bench
        .simulator
        .requests()
        .into_iter()
        .filter(|request| request.endpoint == "vault/all")
        .map(|request| request.query)
        .collect();
    assert_eq!(queries, HashSet::from(["limit=200&page=1&sort=Recently Added".to_owned()]));
    assert!(bench.simulator.requests().iter().all(|request| request.authorization && !request.query_token));
}

#[tokio::test]
async fn a_thousand_items_are_five_pages() {
    let catalogue = Catalogue::bulk(1000, 5);
    let vault = Vault::of(&catalogue);
    let bench = Bench::with(Config { vault: Some(vault), ..Config::default() }, catalogue).await;
    let mut seen = HashSet::new();
    for number in 1..=5 {
        let page = bench.client.vault_page(number).await.unwrap();
        assert_eq!((page.items.len(), page.pages), (200, Some(5)));
        seen.extend(page.items.into_iter().map(|item| item.id));
    }
    assert_eq!(seen.len(), 1000);
    assert_eq!(bench.client.vault_page(6).await.unwrap().items.len(), 0);
}

#[tokio::test]
async fn people_without_a_vault_are_told_apart_from_people_whose_membership_ended() {
    let config = |vault| Config { tier: None, vault: Some(vault), ..Config::default() };
    let bench = Bench::with(config(Vault::new(0)), Catalogue::standard()).await;
    assert_eq!(bench.client.vault().await.unwrap(), None);
    let page = bench.client.vault_page(1).await.unwrap();
    assert_eq!((page.items.len(), page.total), (0, Some(0)));
    let lapsed = Vault { storage_kb: 0, ..Vault::demo(&Catalogue::standard()) };
    let bench = Bench::with(config(lapsed), Catalogue::standard()).await;
    assert_eq!(bench.client.vault().await.unwrap().unwrap().storage.0, 0);
    assert_eq!(bench.client.vault_page(1).await.unwrap().items.len(), 12);
}

#[tokio::test]
async fn without_a_key_nothing_is_sent_and_a_wrong_one_is_said_to_be_wrong() {
    let bench = Bench::new().await;
    let without = bench.client.with_token(None);
    let version = bench.version(known::LATEST);
    let kinds = [
        without.vault().await.unwrap_err().kind,
        without.vault_page(1).await.unwrap_err().kind,
        without.vault_holds(&[version]).await.unwrap_err().kind,
        without.vault_toggle(version).await.unwrap_err().error.kind,
    ];
    assert_eq!(kinds, [CatalogErrorKind::Unauthorised; 4]);
    assert_eq!(bench.simulator.requests().len(), 0);
    let wrong = bench.client.with_token(Token::new("wrong").ok());
    let error = wrong.vault().await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Unauthorised);
    assert!(error.message.contains("does not accept the key"), "{}", error.message);
    assert_eq!(wrong.vault_toggle(version).await.unwrap_err().error.kind, CatalogErrorKind::Unauthorised);
    assert_eq!(bench.toggles(), 1);
}

#[tokio::test]
async fn odd_answers_about_the_vault_are_no_answers() {
    let bench = Bench::new().await;
    let bodies = [
        "{}",
        "[]",
        "null",
        "\"x\"",
        "{\"vault\":[]}",
        "{\"vault\":{\"storageKb\":5}}",
        "{\"vault\":\"none\"}",
        "{\"vault\":null",
    ];
    for body in bodies {
        bench.simulator.faults().push(Fault::status(200).body(body).on_endpoint("vault/get").times(1));
        assert_eq!(bench.client.vault().await.unwrap_err().kind, CatalogErrorKind::NotJson, "{body}");
        bench.simulator.faults().clear();
    }
    for body in ["{}", "[]", "null", "{\"items\":null}", "{\"items\":{\"0\":{}}}", "{\"items\":[}"] {
        bench.simulator.faults().push(Fault::status(200).body(body).on_endpoint("vault/all").times(1));
        assert_eq!(bench.client.vault_page(1).await.unwrap_err().kind, CatalogErrorKind::NotJson, "{body}");
        bench.simulator.faults().clear();
    }
    for action in [Action::Html, Action::EmptyBody, Action::Truncated, Action::LargeBody { bytes: 9 << 20 }] {
        bench.simulator.faults().push(Fault::new(action).times(2));
        assert_eq!(bench.client.vault().await.unwrap_err().kind, CatalogErrorKind::NotJson);
        assert_eq!(bench.client.vault_page(1).await.unwrap_err().kind, CatalogErrorKind::NotJson);
        bench.simulator.faults().clear();
    }
}

#[tokio::test]
async fn an_odd_item_costs_only_what_is_odd_in_it() {
    let bench = Bench::new().await;
    let long = "x".repeat(100_000);
    let body = format!(
        r#"{{"items":[
            {{"id":1,"modelVersionId":2}},
            {{"id":"3","modelVersionId":4.0,"status":"Melting","type":"Hologram","modelName":"{long}","creatorName":"",
              "files":[null,{{"id":0}},{{"id":5,"sizeKB":"1.5","displayName":"../x.exe"}}],"modelSizeKb":-5,
              "imagesSizeKb":1e300,"addedAt":"yesterday","meta":"{{}}","notes":7}},
            {{"id":1}},null,[1,2],"x",{{"id":-1,"modelVersionId":2}}
        ],"totalItems":"7","totalPages":-1}}"#
    );
    bench.simulator.faults().push(Fault::status(200).body(&body).on_endpoint("vault/all"));
    let page = bench.client.vault_page(1).await.unwrap();
    assert_eq!((page.items.len(), page.unreadable, page.total, page.pages), (2, 5, Some(7), None));
    assert_eq!((page.items[0].version_id, page.items[0].status), (VersionId(2), VaultStatus::Unknown));
    let odd = &page.items[1];
    assert_eq!((odd.id, odd.version_id, odd.kind.as_str()), (VaultItemId(3), VersionId(4), "Hologram"));
    assert_eq!((odd.model_name.len(), odd.creator.as_deref(), odd.notes.as_deref()), (500, None, Some("7")));
    assert_eq!((odd.files.len(), odd.files[0].size.0), (1, 1536));
    assert_eq!((odd.model_size.0, odd.images_size.0, odd.added_at), (0, 1 << 53, None));
    assert!(odd.size().0 >= 1 << 53);
}

#[tokio::test]
async fn every_version_asked_about_gets_its_row() {
    let bench = Bench::new().await;
    let (inside, outside) = (bench.version(known::OUTDATED), bench.version("inkwash_v21.safetensors"));
    let rows = bench.client.vault_holds(&[outside, inside, VersionId(1), inside]).await.unwrap();
    assert_eq!(rows.len(), 3);
    let held: Vec<VersionId> = rows.iter().filter(|row| row.item.is_some()).map(|row| row.version).collect();
    assert_eq!(held, [inside]);
    assert_eq!(bench.simulator.count("vault/check-vault"), 1);
    bench.simulator.reset_counts();
    assert_eq!(bench.client.vault_holds(&[]).await.unwrap().len(), 0);
    let many: Vec<VersionId> = (1..=101).map(VersionId).collect();
    assert_eq!(bench.client.vault_holds(&many).await.unwrap_err().kind, CatalogErrorKind::Refused(413));
    assert_eq!(bench.simulator.requests().len(), 0);
    assert_eq!(bench.client.vault_holds(&many[..HOLDINGS_PER_REQUEST]).await.unwrap().len(), 100);
    let foreign = format!(r#"[{{"modelVersionId":{0},"vaultItem":{{"id":1,"modelVersionId":7}}}}]"#, inside.0);
    let unreadable = format!(r#"[{{"modelVersionId":{0},"vaultItem":{{}}}}]"#, inside.0);
    let nameless = format!(r#"[{{"modelVersionId":{0},"vaultItem":null}},{{"vaultItem":null}}]"#, inside.0);
    // Taken for "not in the vault", each of these would have something toggled out.
    for body in ["[]", "{}", "null", "[null]", "[[]]", &foreign, &unreadable, &nameless] {
        bench.simulator.faults().push(Fault::status(200).body(body).times(1));
        assert_eq!(bench.client.vault_holds(&[inside]).await.unwrap_err().kind, CatalogErrorKind::NotJson, "{body}");
        bench.simulator.faults().clear();
    }
}

#[tokio::test]
async fn a_toggle_goes_in_and_out_and_names_the_item() {
    let bench = Bench::new().await;
    let version = bench.version("inkwash_v21.safetensors");
    let toggled = bench.client.vault_toggle(version).await.unwrap();
    let own = bench.simulator.vault().holding(version.0.cast_unsigned()).unwrap().id;
    assert_eq!(toggled, Toggled::In(VaultItemId(own.cast_signed())));
    assert_eq!(bench.client.vault_toggle(version).await.unwrap(), Toggled::Out);
    assert!(bench.simulator.vault().holding(version.0.cast_unsigned()).is_none());
    let request = &bench.simulator.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.query.as_str()),
        ("POST", format!("modelVersionId={}", version.0).as_str())
    );
}

#[tokio::test]
async fn a_toggle_is_sent_once_whatever_comes_back() {
    let bench = Bench::new().await;
    let version = bench.version("inkwash_v21.safetensors");
    // A connection that could be reused, and found closed.
    bench.client.vault().await.unwrap();
    let after = |status: u16| Fault::status(status).header("retry-after", "1");
    for fault in [
        Fault::status(500),
        after(502),
        after(503),
        after(429),
        Fault::status(524),
        Fault::status(408),
        Fault::status(307).header("location", "/api/v1/vault/toggle-version?modelVersionId=1"),
        Fault::new(Action::Drop),
        Fault::new(Action::LoseReply),
        Fault::cut_after(3),
        Fault::new(Action::Html),
        Fault::new(Action::EmptyBody),
        Fault::new(Action::Truncated),
        Fault::new(Action::NullBody),
        Fault::status(200).body(r#"{"success":false}"#),
        Fault::status(200).body("[true]"),
    ] {
        bench.simulator.faults().push(fault.clone().on_endpoint("vault/toggle-version"));
        bench.simulator.reset_counts();
        let failed = bench.client.vault_toggle(version).await.unwrap_err();
        assert_eq!((bench.toggles(), failed.refusal), (1, None), "{fault:?}: {failed:?}");
        bench.simulator.faults().clear();
    }
    assert_eq!(bench.pace.waits(), [0; 0]);
    bench.simulator.offline(true);
    assert_eq!(bench.client.vault_toggle(version).await.unwrap_err().error.kind, CatalogErrorKind::Offline);
}

#[tokio::test]
async fn a_refusal_keeps_the_code_that_came_with_it() {
    let bench = Bench::new().await;
    for (name, refusal) in [(known::EARLY_ACCESS, Refusal::NoAccess), (known::UNPUBLISHED, Refusal::NoAccess)] {
        let failed = bench.client.vault_toggle(bench.version(name)).await.unwrap_err();
        assert_eq!((failed.refusal, failed.error.kind), (Some(refusal), CatalogErrorKind::Server(500, None)));
    }
    assert_eq!(bench.client.vault_toggle(VersionId(1)).await.unwrap_err().refusal, Some(Refusal::NotFound));
    bench.simulator.edit_vault(|vault| vault.storage_kb = 1);
    let latest = bench.version("inkwash_v21.safetensors");
    assert_eq!(bench.client.vault_toggle(latest).await.unwrap_err().refusal, Some(Refusal::BadRequest));
    let as_text =
        r#"{"message":"An unexpected error occurred","error":"{\"code\":\"TEAPOT\",\"name\":\"TRPCError\"}"}"#;
    bench.simulator.faults().push(Fault::status(500).body(as_text).on_endpoint("vault/toggle-version"));
    assert_eq!(bench.client.vault_toggle(latest).await.unwrap_err().refusal, Some(Refusal::Other));
}

/// A server that keeps connections open and writes down what came over which.
async fn keeping_connections() -> (String, Arc<Mutex<Vec<(usize, String)>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    tokio::spawn(async move {
        for connection in 0.. {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let log = log.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                    let line = String::from_utf8_lossy(&buffer[..count]).lines().next().unwrap_or_default().to_owned();
                    let is_toggle = line.starts_with("POST");
                    log.lock().unwrap().push((connection, line));
                    if is_toggle {
                        return;
                    }
                    let body = r#"{"vault":null}"#;
                    let head = format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                        body.len()
                    );
                    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
                }
            });
        }
    });
    (url, seen)
}

#[tokio::test]
async fn a_toggle_has_a_connection_of_its_own() {
    let (url, seen) = keeping_connections().await;
    let client = Client::new(ClientConfig::at(url).token(Token::new(CANARY).ok())).unwrap();
    client.vault().await.unwrap();
    client.vault().await.unwrap();
    assert_eq!(client.vault_toggle(VersionId(5)).await.unwrap_err().error.kind, CatalogErrorKind::Offline);
    client.vault().await.unwrap();
    let seen = seen.lock().unwrap().clone();
    let connections: Vec<usize> = seen.iter().map(|(connection, _)| *connection).collect();
    assert_eq!(connections, [0, 0, 1, 0], "{seen:?}");
    assert_eq!(seen[2].1, "POST /api/v1/vault/toggle-version?modelVersionId=5 HTTP/1.1");
}

#[tokio::test]
async fn the_key_is_in_no_message_about_the_vault() {
    let echo = format!(r#"{{"error":"bad key {CANARY}","message":"what is {CANARY}?"}}"#);
    let server = Server::start(vec![json(400, &echo)]).await;
    let (client, _) = server.client();
    let errors = [
        client.vault().await.unwrap_err(),
        client.vault_page(1).await.unwrap_err(),
        client.vault_holds(&[VersionId(1)]).await.unwrap_err(),
        client.vault_toggle(VersionId(1)).await.unwrap_err().error,
    ];
    for error in errors {
        assert!(!format!("{error:?}").contains(CANARY), "{error:?}");
        assert!(error.message.contains("[key]"), "{}", error.message);
    }
    assert_eq!(server.seen().len(), 4);
}
