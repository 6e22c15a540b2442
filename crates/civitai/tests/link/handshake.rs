//! What comes before a connection: refusals, redirects, and answers that only look like one.

use std::time::Duration;

use civitai_simulator::{Action, Fault};
use modeldock_core::link::{LinkError, LinkService, LinkSite};
use tokio::net::TcpListener;

use super::bench::{Bench, client_of, soon};
use crate::support::{CANARY, Server, answer, html};

async fn refused_by(url: &str) -> LinkError {
    match soon(client_of(url).connect_link(LinkSite::Red)).await {
        Ok(_) => panic!("{url} is no relay"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_refusal_says_its_status_and_how_long_to_wait() {
    let bench = Bench::new().await;
    let url = bench.simulator.base_url().to_owned();
    for (fault, status, wait) in [
        (Fault::status(503).header("retry-after", "7"), 503, Some(7)),
        (Fault::status(401), 401, None),
        (Fault::status(404), 404, None),
    ] {
        bench.simulator.faults().clear();
        bench.simulator.faults().push(fault.on_endpoint("link").times(1));
        let retry_after = wait.map(Duration::from_secs);
        assert_eq!(bench.connect().await.err(), Some(LinkError::Refused { url: url.clone(), status, retry_after }));
    }
    assert_eq!(bench.simulator.count("link"), 3, "nothing is tried again by itself");
    assert!(bench.connect().await.is_ok());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Bench::new().await;
    let bench = Bench::new().await;
    let to = format!("{}/api/socketio/?EIO=4&transport=websocket", other.simulator.base_url());
    for status in [301, 302, 307, 308] {
        bench.simulator.faults().clear();
        bench.simulator.faults().push(Fault::status(status).header("location", &to).on_endpoint("link"));
        let error = bench.connect().await.err().unwrap();
        assert!(matches!(error, LinkError::Refused { status: given, .. } if given == status), "{error:?}");
    }
    assert_eq!(other.simulator.requests().len(), 0);
}

#[tokio::test]
async fn what_only_looks_like_a_relay_is_none() {
    let upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    for (bytes, expected) in [
        (html(200), "it answered 200 where a WebSocket was asked for"),
        (format!("{upgrade}\r\n").into_bytes(), "its answer is to another question"),
        (
            format!("{upgrade}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n").into_bytes(),
            "its answer is to another question",
        ),
        (
            b"HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n".to_vec(),
            "it agreed to something other than a WebSocket",
        ),
    ] {
        let server = Server::start(vec![bytes]).await;
        match refused_by(&server.url()).await {
            LinkError::Protocol { url, why } => assert_eq!((url, why.as_str()), (server.url(), expected)),
            other => panic!("{other:?}"),
        }
    }
    let polling = answer(400, "application/json", "", r#"{"code":0,"message":"Transport unknown"}"#);
    let server = Server::start(vec![polling]).await;
    assert!(matches!(refused_by(&server.url()).await, LinkError::Refused { status: 400, .. }));
    let request = &server.seen()[0];
    assert!(request.starts_with("GET /api/socketio/?EIO=4&transport=websocket HTTP/1.1\r\n"), "{request}");
    assert!(!request.contains(CANARY) && !request.to_lowercase().contains("authorization"), "{request}");
    let server = Server::start(vec![b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()]).await;
    assert!(matches!(refused_by(&server.url()).await, LinkError::Unreachable { .. }));
}

#[tokio::test]
async fn nobody_and_a_connection_dropped_at_once_are_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let LinkError::Unreachable { why, .. } = refused_by(&url).await else { panic!() };
    assert_eq!(why, "connection refused");
    let bench = Bench::new().await;
    bench.simulator.faults().push(Fault::new(Action::Drop).on_endpoint("link"));
    assert!(matches!(bench.connect().await.err(), Some(LinkError::Unreachable { .. })));
    bench.simulator.offline(true);
    assert!(matches!(bench.connect().await.err(), Some(LinkError::Unreachable { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client_of(&format!("http://{}", listener.local_addr().unwrap()));
    let start = tokio::time::Instant::now();
    let error = client.connect_link(LinkSite::Com).await.err().unwrap();
    let LinkError::Unreachable { why, .. } = error else { panic!("{error:?}") };
    assert_eq!(why, "it did not answer in time");
    assert!(start.elapsed() <= Duration::from_secs(21));
}
