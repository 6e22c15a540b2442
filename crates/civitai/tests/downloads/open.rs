//! What is taken from storage as the part that was asked for, and what is not.

use std::time::Duration;

use civitai_simulator::{Action, Fault};
use modeldock_core::download::TransferErrorKind::{
    Expired, Gone, Odd, Offline, PastEnd, RateLimited, Refused, Server as Trouble,
};
use modeldock_core::download::{Downloads, SignedAddress, Span, Validator};

use super::bench::{ALL, Bench, PART, drain};
use crate::support::{Server, answer};

fn header(name: &str, value: Option<&str>) -> Action {
    Action::Header { name: name.to_owned(), value: value.map(str::to_owned) }
}

fn line(line: &str) -> Action {
    Action::RawHeader { line: line.to_owned() }
}

#[tokio::test]
async fn parts_and_the_whole_come_as_asked() {
    let bench = Bench::new().await;
    let size = bench.bytes.len() as u64;
    let address = bench.address().await;
    for (span, from, to) in [
        (ALL, 0, size),
        (PART, 100, 5100),
        (Span { start: 0, end: Some(1) }, 0, 1),
        (Span { start: 100, end: None }, 100, size),
        (Span { start: size - 1, end: Some(size) }, size - 1, size),
        // More than there is: as much as there is.
        (Span { start: 100, end: Some(size + 100) }, 100, size),
    ] {
        let mut opened = bench.client.open(&address, span, None).await.unwrap();
        assert_eq!((opened.start, opened.is_part, opened.total), (from, true, Some(size)), "{span:?}");
        assert!(opened.validator.is_some());
        let (from, to) = (usize::try_from(from).unwrap(), usize::try_from(to).unwrap());
        assert_eq!(drain(&mut opened).await, (bench.bytes[from..to].to_vec(), None), "{span:?}");
        assert_eq!(opened.body.next().await, Ok(None), "the end stays the end");
    }
    for request in bench.storage() {
        assert!(request.range.is_some());
        assert_eq!(request.accept_encoding.as_deref(), Some("identity"));
        assert_eq!(request.user_agent, Some(format!("modeldock/{}", env!("CARGO_PKG_VERSION"))));
    }
    assert_eq!(bench.simulator.count("download"), 1, "parts cost nothing at Civitai");
}

#[tokio::test]
async fn what_is_not_the_part_that_was_asked_for_is_refused() {
    let bench = Bench::new().await;
    let size = i64::try_from(bench.bytes.len()).unwrap();
    let shift = |start, end, total| Action::ShiftRange { start, end, total };
    for action in [
        shift(1, 0, 0),
        shift(-1, 0, 0),
        shift(-100, 0, 0),
        shift(0, 1, 0),
        shift(0, -1, 0),
        shift(-1, -1, 0),
        shift(0, 0, 5099 - size),
        shift(0, 0, -size),
        header("content-range", None),
        header("content-range", Some("bytes 100-5099/*")),
        header("content-range", Some("bytes */5000")),
        header("content-range", Some("garbage")),
        header("content-type", Some("text/html; charset=utf-8")),
        header("content-type", Some("application/problem+json")),
        header("content-type", Some("application/xml")),
        header("content-encoding", Some("br")),
        Action::Multipart,
        Action::Gzip,
        Action::GzipBomb { bytes: 1 << 20 },
        Action::Html,
        Action::NullBody,
        line("Content-Length: 5000"),
        line("Content-Length: 5"),
        line("Content-Range: bytes 100-5099/100000"),
        line("Content-Encoding: gzip"),
        line("Transfer-Encoding: gzip"),
        line("x-odd: a\0b"),
        line("x-odd: a\rb"),
        line("x odd"),
        Action::HeaderBomb { headers: 100_000, bytes: 10 },
        Action::HeaderBomb { headers: 101, bytes: 1 },
        Action::HeaderBomb { headers: 1, bytes: 1 << 20 },
    ] {
        let error = bench.open(action.clone(), PART, None).await.unwrap_err();
        assert_eq!(error.kind, Odd, "{action:?}: {}", error.message);
        assert!(!error.message.contains('?'), "{}", error.message);
    }
}

#[tokio::test]
async fn headers_that_change_nothing_about_the_bytes_do_not_matter() {
    let bench = Bench::new().await;
    for action in [
        header("content-type", None),
        header("content-type", Some("binary/octet-stream")),
        header("content-encoding", Some("identity")),
        header("accept-ranges", Some("none")),
        header("content-disposition", None),
        line("Content-Disposition: attachment; filename=\"../../../etc/passwd\"; filename*=UTF-8''%00%2e%2e%2f"),
        line("Set-Cookie: a=b"),
        Action::HeaderBomb { headers: 50, bytes: 1000 },
    ] {
        let mut opened = bench.open(action.clone(), PART, None).await.unwrap();
        assert_eq!(drain(&mut opened).await, (bench.bytes[100..5100].to_vec(), None), "{action:?}");
    }
    assert!(bench.storage().iter().all(|request| !request.cookie));
    // Only the engine knows which length is right.
    let opened = bench.open(Action::ShiftRange { start: 0, end: 0, total: 9 }, PART, None).await.unwrap();
    assert_eq!(opened.total, Some(bench.bytes.len() as u64 + 9));
}

#[tokio::test]
async fn a_server_deaf_to_ranges_gives_the_whole_file() {
    let bench = Bench::new().await;
    let size = bench.bytes.len() as u64;
    let mut opened = bench.open(Action::IgnoreRange, PART, None).await.unwrap();
    assert_eq!((opened.start, opened.is_part, opened.total), (0, false, Some(size)));
    assert_eq!(drain(&mut opened).await, (bench.bytes.clone(), None));
}

#[tokio::test]
async fn a_changed_file_is_never_taken_for_the_same() {
    let bench = Bench::new().await;
    let address = bench.address().await;
    let own = bench.client.open(&address, PART, None).await.unwrap().validator.unwrap();
    let other = Validator::strong("\"other\"").unwrap();
    assert!(bench.client.open(&address, PART, Some(&own)).await.unwrap().is_part);
    assert_eq!(bench.storage().last().unwrap().if_range.as_deref(), Some(own.as_str()));

    let changed = Action::Etag { value: Some(other.as_str().to_owned()) };
    let opened = bench.open(changed, PART, Some(&own)).await.unwrap();
    assert_eq!((opened.start, opened.is_part, opened.validator), (0, false, Some(other.clone())));
    for no_validator in [Some("W/\"weak\"".to_owned()), None] {
        let opened = bench.open(Action::Etag { value: no_validator }, PART, None).await.unwrap();
        assert_eq!((opened.is_part, opened.validator), (true, None));
    }
    // A part of another file although the old one was asked for.
    let error = bench.open(header("etag", Some("\"other\"")), PART, Some(&own)).await.unwrap_err();
    assert_eq!(error.kind, Odd, "{}", error.message);
}

#[tokio::test]
async fn refusals_of_storage_are_told_apart() {
    let bench = Bench::new().await;
    let wait = |seconds| Some(Duration::from_secs(seconds));
    let refused = |status, value: &str| Fault::status(status).header("retry-after", value);
    let size = bench.bytes.len() as u64;
    let table = [
        (Fault::status(401), Expired),
        (Fault::status(403), Expired),
        (Fault::status(400), Odd),
        (Fault::status(400).body("<Error><Code>ExpiredToken</Code></Error>"), Expired),
        (Fault::status(400).body("<Message>The request signature is too old</Message>"), Expired),
        (Fault::status(404), Gone),
        (Fault::status(404).header("content-type", "text/html"), Odd),
        (Fault::status(410), Gone),
        (Fault::status(405), Odd),
        (Fault::status(412), Odd),
        (Fault::status(204), Odd),
        (Fault::status(201), Odd),
        (Fault::status(304), Odd),
        (Fault::status(408), Trouble(None)),
        (Fault::status(425), Trouble(None)),
        (Fault::status(429), RateLimited(None)),
        (refused(429, "7"), RateLimited(wait(7))),
        (refused(429, "Sun, 06 Nov 1994 08:49:37 GMT"), RateLimited(wait(0))),
        (refused(503, "86400"), Trouble(wait(3600))),
        (refused(503, "-1"), Trouble(None)),
        (refused(503, "soon"), Trouble(None)),
        (Fault::status(500), Trouble(None)),
        (Fault::status(599), Trouble(None)),
        (Fault::new(Action::Unsatisfiable { total: true }), PastEnd(Some(size))),
        (Fault::new(Action::Unsatisfiable { total: false }), PastEnd(None)),
        (Fault::new(Action::Drop), Offline),
    ];
    for (fault, kind) in table {
        let address = bench.address().await;
        bench.simulator.reset_counts();
        bench.simulator.faults().push(fault.clone().on_endpoint("storage"));
        let error = bench.client.open(&address, PART, None).await.unwrap_err();
        assert_eq!(error.kind, kind, "{fault:?}: {}", error.message);
        assert!(!error.message.contains('?'), "{}", error.message);
        assert_eq!(bench.storage().len(), 1, "nothing is tried again here: {fault:?}");
        bench.simulator.faults().clear();
    }
    let beyond = Span { start: size, end: None };
    let error = bench.client.open(&bench.address().await, beyond, None).await.unwrap_err();
    assert_eq!(error.kind, PastEnd(Some(size)));
}

#[tokio::test]
async fn an_address_that_expires_while_it_is_read_finishes_what_it_began() {
    let bench = Bench::new().await;
    let address = bench.address().await;
    bench.on_storage(Action::Expire);
    let mut opened = bench.client.open(&address, PART, None).await.unwrap();
    assert_eq!(drain(&mut opened).await.1, None);
    assert_eq!(bench.client.open(&address, PART, None).await.unwrap_err().kind, Expired);
    assert!(bench.client.open(&bench.address().await, PART, None).await.is_ok());
}

#[tokio::test]
async fn nonsense_is_not_asked_for() {
    let bench = Bench::new().await;
    let address = bench.address().await;
    bench.simulator.reset_counts();
    for span in [Span { start: 5, end: Some(5) }, Span { start: 5, end: Some(4) }, Span { start: 0, end: Some(0) }] {
        assert_eq!(bench.client.open(&address, span, None).await.unwrap_err().kind, PastEnd(None));
    }
    let nowhere = SignedAddress::new("not a url".to_owned());
    assert_eq!(bench.client.open(&nowhere, ALL, None).await.unwrap_err().kind, Refused);
    assert_eq!(bench.storage().len(), 0);
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up_on() {
    let bench = Bench::new().await;
    let patience = Duration::from_millis(300);
    let config = modeldock_civitai::ClientConfig::at(bench.simulator.base_url()).stall(patience);
    let hasty = modeldock_civitai::Client::new(config).unwrap();
    let address = bench.address().await;
    bench.on_storage(Action::Delay { millis: 60_000 });
    let error = hasty.open(&address, ALL, None).await.unwrap_err();
    assert_eq!(error.kind, Offline, "{}", error.message);
}

#[tokio::test]
async fn an_answer_without_a_length_is_a_file_of_unknown_length() {
    let reply = b"HTTP/1.0 200 OK\r\n\r\nhello".to_vec();
    let upgrade = b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n".to_vec();
    let garbage = b"SSH-2.0-OpenSSH_9.6\r\n".to_vec();
    let two_answers = [answer(200, "x/y", "Content-Length: 5\r\n", "hello"), reply.clone()].concat();
    let server = Server::start(vec![reply, upgrade, garbage, two_answers]).await;
    let (client, _) = server.client();
    let address = SignedAddress::new(format!("{}/x", server.url()));
    let mut opened = client.open(&address, ALL, None).await.unwrap();
    assert_eq!((opened.is_part, opened.total), (false, None));
    assert_eq!(drain(&mut opened).await, (b"hello".to_vec(), None));
    for _ in 0..3 {
        assert_eq!(client.open(&address, ALL, None).await.unwrap_err().kind, Odd);
    }
}

#[tokio::test]
async fn a_simulator_may_be_configured_by_the_name_of_this_machine() {
    let server = Server::start(vec![answer(200, "x/y", "", "hello")]).await;
    let base = server.url().replace("127.0.0.1", "localhost");
    let client = modeldock_civitai::Client::new(modeldock_civitai::ClientConfig::at(&base)).unwrap();
    let mut opened = client.open(&SignedAddress::new(format!("{base}/x")), ALL, None).await.unwrap();
    assert_eq!(drain(&mut opened).await, (b"hello".to_vec(), None));
    // Another spelling of the same machine is another host.
    let other = SignedAddress::new(format!("{}/x", server.url()));
    assert_eq!(client.open(&other, ALL, None).await.unwrap_err().kind, Refused);
}
