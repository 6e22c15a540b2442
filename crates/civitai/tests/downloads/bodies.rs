//! Bytes that stop coming, come too slowly, or are too many.

use std::time::Duration;

use civitai_simulator::{Action, Catalogue, Config, Generated, ModelSpec};
use modeldock_civitai::{Client, ClientConfig};
use modeldock_core::download::TransferErrorKind::{Odd, Offline};
use modeldock_core::download::{Downloads, SignedAddress, Span};

use super::bench::{ALL, Bench, PART, drain};
use crate::support::Server;

/// A client with little patience.
fn hasty(bench: &Bench) -> Client {
    let config = ClientConfig::at(bench.simulator.base_url()).stall(Duration::from_millis(400));
    Client::new(config).unwrap()
}

#[tokio::test]
async fn a_body_that_ends_early_is_a_broken_connection() {
    let bench = Bench::new().await;
    for (span, from) in [(ALL, 0), (PART, 100)] {
        for bytes in [0, 1, 3000] {
            for action in [Action::CutAfter { bytes }, Action::ResetAfter { bytes }, Action::Unterminated { bytes }] {
                let count = usize::try_from(bytes).unwrap();
                match bench.open(action.clone(), span, None).await {
                    Ok(mut opened) => {
                        let (came, end) = drain(&mut opened).await;
                        assert_eq!(end, Some(Offline), "{action:?}");
                        assert_eq!(came, bench.bytes[from..from + count], "{action:?}");
                        assert_eq!(opened.body.next().await.unwrap_err().kind, Offline, "an error stays one");
                    }
                    // A reset may overtake the head.
                    Err(error) => assert_eq!((error.kind, bytes), (Offline, 0), "{action:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn silence_and_a_trickle_are_given_up_on() {
    let bench = Bench::new().await;
    let client = hasty(&bench);
    let address = bench.address().await;
    for action in [Action::StallAfter { bytes: 3000 }, Action::Throttle { bytes_per_second: 200 }] {
        bench.on_storage(action.clone());
        let mut opened = client.open(&address, PART, None).await.unwrap();
        let (came, end) = drain(&mut opened).await;
        assert_eq!(end, Some(Offline), "{action:?}");
        assert!(bench.bytes[100..].starts_with(&came) && came.len() <= 3000, "{action:?}");
        bench.simulator.faults().clear();
    }
}

#[tokio::test]
async fn a_slow_line_may_take_any_time_as_long_as_it_moves() {
    let bench = Bench::new().await;
    let client = hasty(&bench);
    let address = bench.address().await;
    // Ten times the patience in all, and a piece every tenth of a second.
    bench.on_storage(Action::Throttle { bytes_per_second: 12_000 });
    let span = Span { start: 0, end: Some(20_000) };
    let mut opened = client.open(&address, span, None).await.unwrap();
    assert_eq!(drain(&mut opened).await, (bench.bytes[..20_000].to_vec(), None));
}

#[tokio::test]
async fn a_reader_that_takes_its_time_is_no_stall() {
    let bench = Bench::new().await;
    let client = hasty(&bench);
    let mut opened = client.open(&bench.address().await, ALL, None).await.unwrap();
    let mut came = Vec::new();
    while let Some(chunk) = opened.body.next().await.unwrap() {
        came.extend_from_slice(&chunk);
        if came.len() < 60_000 {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    assert_eq!(came, bench.bytes);
}

#[tokio::test]
async fn bytes_beyond_the_announced_length_never_reach_the_file() {
    let bench = Bench::new().await;
    for bytes in [1, 7, 100_000] {
        let mut opened = bench.open(Action::LongerBody { bytes }, PART, None).await.unwrap();
        assert_eq!(drain(&mut opened).await, (bench.bytes[100..5100].to_vec(), None));
        // Nor the next answer.
        let mut next = bench.client.open(&bench.address().await, PART, None).await.unwrap();
        assert_eq!(drain(&mut next).await, (bench.bytes[100..5100].to_vec(), None));
    }
}

#[tokio::test]
async fn chunks_are_counted_against_the_part_they_belong_to() {
    let part = |chunks: &str| {
        format!(
            "HTTP/1.1 206 X\r\nContent-Range: bytes 0-4/9\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{chunks}"
        )
        .into_bytes()
    };
    let span = Span { start: 0, end: Some(5) };
    for (chunks, came, end) in [
        ("5\r\nhello\r\n0\r\n\r\n", "hello", None),
        ("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello", None),
        ("5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", "hello", Some(Odd)),
        ("6\r\nhello!\r\n0\r\n\r\n", "", Some(Odd)),
        ("4\r\nhell\r\n0\r\n\r\n", "hell", Some(Offline)),
        ("5\r\nhello\r\n", "hello", Some(Offline)),
        ("zz\r\nhello\r\n", "", Some(Offline)),
        ("ffffffffffffffffff\r\nhello", "", Some(Offline)),
    ] {
        let server = Server::start(vec![part(chunks)]).await;
        let (client, _) = server.client();
        let address = SignedAddress::new(format!("{}/x", server.url()));
        let mut opened = client.open(&address, span, None).await.unwrap();
        let (bytes, ended) = drain(&mut opened).await;
        assert_eq!((String::from_utf8_lossy(&bytes).as_ref(), ended), (came, end), "{chunks:?}");
    }
}

#[tokio::test]
async fn a_large_file_streams_through_many_connections_at_once() {
    const SIZE: u64 = 64 << 20;
    let mut builder = Catalogue::builder();
    let content = Generated::new(5, SIZE);
    builder.add_generated("large.safetensors", content.clone(), ModelSpec::new("Large", "Checkpoint"));
    let bench = Bench::with(Config::default(), builder.build()).await;
    let address = bench.client.resolve(&bench.wanted("large.safetensors")).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for part in 0..8 {
        let (client, address, content) = (bench.client.clone(), address.clone(), content.clone());
        tasks.spawn(async move {
            let (start, end) = (part * SIZE / 8, (part + 1) * SIZE / 8);
            let mut opened = client.open(&address, Span { start, end: Some(end) }, None).await.unwrap();
            assert_eq!((opened.start, opened.total), (start, Some(SIZE)));
            let mut at = start;
            while let Some(chunk) = opened.body.next().await.unwrap() {
                let first = content.piece(at, chunk.len() as u64);
                assert!(chunk.starts_with(&first), "at {at}");
                at += chunk.len() as u64;
            }
            assert_eq!(at, end);
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    assert_eq!(bench.simulator.count("download"), 1);
    assert_eq!(bench.storage().iter().map(|request| request.sent).sum::<u64>(), SIZE);
}
