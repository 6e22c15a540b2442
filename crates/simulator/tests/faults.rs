//! Scripted faults, being off line, and the record, against real listeners.

mod support;

use std::time::{Duration, Instant};

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Fault};
use serde_json::{Value, json};
use support::{Bench, Outcome, header};

const LIST: &str = "/api/v1/models?limit=2";

#[tokio::test]
async fn statuses_are_applied_as_often_as_scripted() -> Outcome {
    let bench = Bench::new().await?;
    let faults = bench.simulator.faults();
    faults.push(Fault::status(429).header("retry-after", "2").on("/api/v1/models").times(2));
    faults.push(Fault::status(503).on("/api/v1/models").nth(4));
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let response = bench.get(LIST).await?;
        statuses.push((response.status().as_u16(), header(&response, "retry-after").to_owned()));
    }
    let numbers: Vec<u16> = statuses.iter().map(|(status, _)| *status).collect();
    assert_eq!(numbers, [429, 429, 200, 503, 200]);
    assert_eq!((statuses[0].1.as_str(), statuses[3].1.as_str()), ("2", ""));
    let recorded: Vec<Option<u16>> = bench.simulator.requests().iter().map(|request| request.status).collect();
    assert_eq!(recorded, numbers.into_iter().map(Some).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn a_prefix_hits_both_batches_and_a_route_name_only_one() -> Outcome {
    let bench = Bench::new().await?;
    bench.simulator.faults().push(Fault::status(500).on_endpoint("by-hash").method("POST"));
    assert_eq!(bench.post("/api/v1/model-versions/by-hash", &json!([])).await?.status(), 500);
    assert_eq!(bench.post("/api/v1/model-versions/by-hash/ids", &json!([])).await?.status(), 200);
    bench.simulator.faults().clear();
    bench.simulator.faults().push(Fault::status(500).on("/api/v1/model-versions/by-hash"));
    assert_eq!(bench.post("/api/v1/model-versions/by-hash/ids", &json!([])).await?.status(), 500);
    Ok(())
}

#[tokio::test]
async fn a_cut_delivers_exactly_the_bytes_before_it() -> Outcome {
    let bench = Bench::new().await?;
    let url = bench.signed(known::LATEST).await?;
    let whole = bench.client.get(&url).send().await?.bytes().await?;
    bench.simulator.faults().push(Fault::cut_after(5_000).on_endpoint("storage").times(1));
    let mut response = bench.client.get(&url).send().await?;
    assert_eq!(header(&response, "content-length"), whole.len().to_string());
    let mut received = Vec::new();
    let error = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => received.extend_from_slice(&chunk),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(error.is_some(), "the connection broke");
    assert_eq!(received, whole[..5_000]);
    let rest = bench.client.get(&url).header("range", "bytes=5000-").send().await?;
    assert_eq!(rest.bytes().await?, whole.slice(5_000..));
    Ok(())
}

#[tokio::test]
async fn bodies_can_be_wrong_in_every_way() -> Outcome {
    let bench = Bench::new().await?;
    let faults = bench.simulator.faults();
    let fetch = async |action: Action| {
        faults.clear();
        faults.push(Fault::new(action));
        bench.get(LIST).await
    };
    let html = fetch(Action::Html).await?;
    assert_eq!(html.status(), 200);
    assert!(header(&html, "content-type").starts_with("text/html"));
    assert_eq!(fetch(Action::EmptyBody).await?.text().await?, "");
    assert_eq!(fetch(Action::NullBody).await?.text().await?, "null");
    assert_eq!(fetch(Action::LargeBody { bytes: 5 << 20 }).await?.bytes().await?.len(), 5 << 20);
    let cut = fetch(Action::Truncated).await?.text().await?;
    assert!(serde_json::from_str::<Value>(&cut).is_err());
    let started = Instant::now();
    assert_eq!(fetch(Action::Delay { millis: 120 }).await?.status(), 200);
    assert!(started.elapsed() >= Duration::from_millis(120));
    assert!(fetch(Action::Drop).await.is_err());
    faults.clear();
    assert_eq!(bench.get(LIST).await?.status(), 200, "and it recovers");
    Ok(())
}

#[tokio::test]
async fn downloads_can_be_corrupt_slow_or_deaf_to_ranges() -> Outcome {
    let bench = Bench::new().await?;
    let url = bench.signed(known::LATEST).await?;
    let faults = bench.simulator.faults();
    let whole = bench.client.get(&url).send().await?.bytes().await?;
    faults.push(Fault::new(Action::Corrupt { offset: 100, bytes: 1 }).on_endpoint("storage").times(1));
    let corrupt = bench.client.get(&url).send().await?.bytes().await?;
    assert_eq!(corrupt.len(), whole.len());
    assert_eq!(corrupt.iter().zip(&whole).filter(|(a, b)| a != b).count(), 1);
    faults.push(Fault::new(Action::IgnoreRange).on_endpoint("storage").times(1));
    let deaf = bench.client.get(&url).header("range", "bytes=10-").send().await?;
    assert_eq!((deaf.status().as_u16(), deaf.bytes().await?.len()), (200, whole.len()));
    let pace = whole.len() as u64 * 4;
    faults.push(Fault::new(Action::Throttle { bytes_per_second: pace }).on_endpoint("storage").times(1));
    let started = Instant::now();
    assert_eq!(bench.client.get(&url).send().await?.bytes().await?, whole);
    assert!(started.elapsed() >= Duration::from_millis(200));
    faults.push(Fault::new(Action::Header { name: "etag".to_owned(), value: None }).on_endpoint("storage"));
    assert_eq!(header(&bench.client.get(&url).send().await?, "etag"), "");
    Ok(())
}

#[tokio::test]
async fn a_wrong_hash_keeps_the_shape_of_the_answer() -> Outcome {
    let bench = Bench::new().await?;
    let hash = bench.sha256(known::LATEST);
    bench.simulator.faults().push(Fault::new(Action::WrongHash).on_endpoint("by-hash/{hash}"));
    let value = bench.json(&format!("/api/v1/model-versions/by-hash/{hash}")).await?;
    let answered = value["files"][0]["hashes"]["SHA256"].as_str().expect("a hash");
    assert_eq!(answered.len(), 64);
    assert_ne!(answered, hash);
    assert_eq!(value["id"], bench.version(known::LATEST));
    Ok(())
}

#[tokio::test]
async fn off_line_breaks_new_and_kept_connections_and_comes_back() -> Outcome {
    let bench = Bench::new().await?;
    assert!(!bench.get(LIST).await?.text().await?.is_empty());
    bench.simulator.reset_counts();
    bench.simulator.offline(true);
    for _ in 0..3 {
        assert!(bench.get(LIST).await.is_err());
    }
    assert_eq!(bench.simulator.requests().len(), 0);
    bench.simulator.offline(false);
    assert_eq!(bench.get(LIST).await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn the_record_tells_who_asked_what_without_the_secret() -> Outcome {
    let bench = Bench::new().await?;
    bench.get_authed("/api/v1/me").await?;
    bench.get("/api/v1/me?token=demo-token").await?;
    bench.post("/api/v1/model-versions/by-hash", &json!([bench.sha256(known::LATEST)])).await?;
    let requests = bench.simulator.requests();
    assert_eq!((requests[0].authorization, requests[0].query_token), (true, false));
    assert_eq!((requests[1].authorization, requests[1].query_token), (false, true));
    assert!(!requests[1].query.contains("demo-token"));
    assert_eq!((requests[2].endpoint, requests[2].batch), ("by-hash", Some(1)));
    assert_eq!(bench.simulator.count("me"), 2);
    bench.simulator.reset_counts();
    assert_eq!(bench.simulator.count("me"), 0);
    Ok(())
}

#[tokio::test]
async fn the_script_and_the_record_work_over_http() -> Outcome {
    let bench = Bench::new().await?;
    let fault = json!({
        "endpoint": "models", "method": "GET", "times": 1,
        "action": { "do": "status", "status": 503, "headers": { "retry-after": "1" } },
    });
    assert_eq!(bench.post("/__sim/faults", &fault).await?.status(), 204);
    assert_eq!(bench.get(LIST).await?.status(), 503);
    assert_eq!(bench.get(LIST).await?.status(), 200);
    assert_eq!(bench.json("/__sim/faults").await?[0]["matched"], 2);
    assert_eq!(bench.json("/__sim/requests?endpoint=models").await?["count"], 2);
    let bad = bench.post("/__sim/faults", &json!({ "action": { "do": "explode" } })).await?;
    assert_eq!(bad.status(), 400);
    bench.client.delete(bench.url("/__sim/faults")).send().await?;
    bench.client.delete(bench.url("/__sim/requests")).send().await?;
    assert_eq!(bench.json("/__sim/requests").await?["count"], 0);
    assert_eq!(bench.json("/__sim/faults").await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn off_line_over_http_ends_by_itself() -> Outcome {
    let bench = Bench::new().await?;
    let refused = bench.post("/__sim/offline", &json!({})).await?;
    assert_eq!(refused.status(), 400, "an end is required");
    let url = bench.signed(known::LATEST).await?;
    bench.client.post(bench.url("/__sim/expire")).send().await?;
    assert_eq!(bench.client.get(&url).send().await?.status(), 403);
    let accepted = bench.post("/__sim/offline", &json!({ "for_millis": 300 })).await?;
    assert_eq!(accepted.status(), 204);
    // Both origins are gone once the switch has been thrown, and both come back.
    while bench.get(LIST).await.is_ok() {}
    assert!(bench.client.get(&url).send().await.is_err());
    while bench.get(LIST).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(bench.client.get(&url).send().await?.status(), 403);
    Ok(())
}
