//! What Civitai says about a file, through the real endpoint where the simulator has the case, else in its words.

use std::time::Duration;

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Catalogue, Config, Fault};
use modeldock_core::download::{Downloads, TransferErrorKind, VaultPart, Wanted};
use modeldock_core::units::{CivitaiFileId, VaultItemId, VersionId};

use super::bench::Bench;
use crate::support::{CANARY, Server, answer, html, json};

#[tokio::test]
async fn a_file_is_asked_for_once_with_the_key_in_a_header() {
    let bench = Bench::new().await;
    let address = bench.address().await;
    assert!(address.secret().starts_with(bench.simulator.storage_url()));
    let requests = bench.simulator.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].authorization && !requests[0].query_token && requests[0].query.starts_with("fileId="));
}

#[tokio::test]
async fn the_reasons_why_there_is_no_file_are_told_apart() {
    use TransferErrorKind::{Forbidden, Gone};
    let bench = Bench::new().await;
    for (name, kind, words) in [
        (known::ARCHIVED, Gone, "Model archived"),
        (known::EARLY_ACCESS, Forbidden, "is in early access"),
        (known::DOWNLOADS_DISABLED, Forbidden, "has disabled downloads"),
        (known::REAL_PERSON, Gone, "File not found"),
        (known::UNPUBLISHED, Gone, "File not found"),
    ] {
        let error = bench.client.resolve(&bench.wanted(name)).await.unwrap_err();
        assert_eq!(error.kind, kind, "{name}: {}", error.message);
        assert!(error.message.contains(words), "{}", error.message);
    }
    let error = bench.client.with_token(None).resolve(&bench.wanted(known::LATEST)).await.unwrap_err();
    assert_eq!(error.kind, TransferErrorKind::Unauthorised);
    assert!(error.message.contains("sign in"), "{}", error.message);
    assert_eq!(bench.simulator.count("download"), 6);
}

#[tokio::test]
async fn troubles_are_handed_back_after_one_request_each() {
    use TransferErrorKind::{Forbidden, Gone, Odd, Offline, RateLimited, Server as Trouble};
    let wait = |seconds| Some(Duration::from_secs(seconds));
    let refused = |status, value: &str| Fault::status(status).header("retry-after", value);
    let past = "Sun, 06 Nov 1994 08:49:37 GMT";
    let table = [
        (Fault::status(503), Trouble(None)),
        (Fault::status(500), Trouble(None)),
        (Fault::status(408), Trouble(None)),
        (Fault::status(404), Gone),
        (Fault::status(404).header("cache-control", "private, no-store"), Trouble(None)),
        (Fault::status(410), Gone),
        (Fault::status(400), Forbidden),
        (Fault::status(429), RateLimited(None)),
        (refused(429, "7"), RateLimited(wait(7))),
        (refused(503, "7"), Trouble(wait(7))),
        (refused(429, past), RateLimited(wait(0))),
        (refused(429, "99999999999999999999"), RateLimited(wait(3600))),
        (refused(503, "Fri, 06 Nov 2099 08:49:37 GMT"), Trouble(wait(3600))),
        (refused(429, "-5"), RateLimited(None)),
        (refused(503, "soon"), Trouble(None)),
        (Fault::status(200), Odd),
        (Fault::status(204), Odd),
        (Fault::status(304), Odd),
        (Fault::status(307), Odd),
        (Fault::new(Action::Html), Odd),
        (Fault::new(Action::NullBody), Odd),
        (Fault::new(Action::LargeBody { bytes: 1 << 20 }), Odd),
        (Fault::new(Action::Drop), Offline),
        (Fault::new(Action::HeaderBomb { headers: 100_000, bytes: 10 }), Odd),
        (Fault::new(Action::HeaderBomb { headers: 1, bytes: 1 << 20 }), Odd),
        (Fault::new(Action::RawHeader { line: "x: \0".to_owned() }), Odd),
    ];
    for (fault, kind) in table {
        let bench = Bench::new().await;
        bench.simulator.faults().push(fault.clone());
        let error = bench.client.resolve(&bench.wanted(known::LATEST)).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}: {}", error.message);
        assert_eq!(bench.simulator.count("download"), 1, "{fault:?}");
    }
    let bench = Bench::new().await;
    bench.simulator.offline(true);
    assert_eq!(bench.client.resolve(&bench.wanted(known::LATEST)).await.unwrap_err().kind, Offline);
}

#[tokio::test]
async fn the_vault_speaks_its_own_language() {
    use TransferErrorKind::{Forbidden, Gone, Odd, Server as Trouble, Unauthorised};
    let item = |part, file: Option<i64>| Wanted::Vault { item: VaultItemId(7), part, file: file.map(CivitaiFileId) };
    let said = |status, text: &str| json(status, &format!(r#"{{"error":"{text}"}}"#));
    for (reply, kind) in [
        (said(401, "Unauthorized"), Unauthorised),
        (said(404, "Vault item not found"), Gone),
        (said(403, "You cannot download items from your vault at this time."), Forbidden),
        (said(503, "You do not have permission to download this model."), Forbidden),
        (said(503, "This model does not allow downloads."), Forbidden),
        (said(503, "Server busy, please retry shortly."), Trouble(None)),
        (said(500, "We cannot serve vault downloads at this time."), Trouble(None)),
        (html(404), Odd),
        (html(403), Trouble(None)),
    ] {
        let server = Server::start(vec![reply]).await;
        let (client, pace) = server.client();
        let error = client.resolve(&item(VaultPart::Images, None)).await.unwrap_err();
        assert_eq!(error.kind, kind, "{}", error.message);
        assert_eq!((server.seen().len(), pace.waits().len()), (1, 0));
    }
    for (wanted, target) in [
        (item(VaultPart::Model, Some(9)), "GET /api/download/vault/7?type=model&fileId=9 HTTP/1.1"),
        (item(VaultPart::Details, None), "GET /api/download/vault/7?type=details HTTP/1.1"),
        (item(VaultPart::Images, None), "GET /api/download/vault/7?type=images HTTP/1.1"),
    ] {
        let server =
            Server::start(vec![answer(307, "text/plain", "Location: https://storage.example/x?s=1\r\n", "")]).await;
        let (client, _) = server.client();
        assert_eq!(client.resolve(&wanted).await.unwrap().secret(), "https://storage.example/x?s=1");
        assert_eq!(server.seen()[0].lines().next().unwrap(), target);
        assert!(server.seen()[0].to_lowercase().contains("authorization: bearer"));
    }
}

#[tokio::test]
async fn a_page_to_sign_in_is_no_address() {
    use TransferErrorKind::{Odd, Unauthorised};
    for (location, kind) in [
        ("/login?reason=download-auth&returnUrl=%2F", Some(Unauthorised)),
        ("/models/5?modelVersionId=6", Some(Odd)),
        ("/", Some(Odd)),
        ("/delivery/x?s=1", None),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let server =
                Server::start(vec![answer(status, "text/html", &format!("Location: {location}\r\n"), "")]).await;
            let (client, _) = server.client();
            let resolved = client.resolve(&Wanted::File { version: VersionId(5), file: CivitaiFileId(6) }).await;
            assert_eq!(resolved.as_ref().err().map(|error| error.kind), kind, "{status} {location}");
            assert_eq!(server.seen().len(), 1);
        }
    }
}

#[tokio::test]
async fn the_key_never_becomes_part_of_an_address_or_an_error() {
    let echo = answer(307, "text/plain", &format!("Location: https://storage.example/x?token={CANARY}\r\n"), "");
    let words = json(403, &format!(r#"{{"error":"bad key {CANARY}"}}"#));
    for reply in [echo, words] {
        let server = Server::start(vec![reply]).await;
        let (client, _) = server.client();
        let wanted = Wanted::File { version: VersionId(5), file: CivitaiFileId(6) };
        let error = client.resolve(&wanted).await.unwrap_err();
        assert!(matches!(error.kind, TransferErrorKind::Refused | TransferErrorKind::Forbidden));
        assert!(!format!("{error:?} {error}").contains(CANARY), "{error:?}");
    }
}

#[tokio::test]
async fn an_open_civitai_is_asked_without_a_key() {
    let config = Config { anonymous_downloads: true, ..Config::default() };
    let bench = Bench::with(config, Catalogue::standard()).await;
    assert!(bench.client.with_token(None).resolve(&bench.wanted(known::LATEST)).await.is_ok());
    assert!(!bench.simulator.requests()[0].authorization);
}
