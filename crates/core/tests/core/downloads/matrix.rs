//! Every fault a server can have × when it has it × how many connections × fresh or gone on with.
//!
//! Whatever happens on the way, no wrong file gets a name and the key goes nowhere; and once the fault is gone, the
//! download comes to its end.

use civitai_simulator::{Action, Fault};
use modeldock_core::download::DownloadState;

use super::bench::Bench;

/// What storage does to an answer.
fn storage_faults(base: &str) -> Vec<Fault> {
    let actions = [
        Action::Drop,
        Action::CutAfter { bytes: 700_000 },
        Action::ResetAfter { bytes: 700_000 },
        Action::StallAfter { bytes: 700_000 },
        Action::Unterminated { bytes: 700_000 },
        Action::LongerBody { bytes: 10 },
        Action::IgnoreRange,
        Action::Corrupt { offset: 5, bytes: 1 },
        Action::Html,
        Action::EmptyBody,
        Action::Truncated,
        Action::NullBody,
        Action::LargeBody { bytes: 100_000 },
        Action::Etag { value: None },
        Action::Etag { value: Some("W/\"weak\"".to_owned()) },
        Action::Etag { value: Some("\"another\"".to_owned()) },
        Action::ShiftRange { start: 1, end: 0, total: 0 },
        Action::ShiftRange { start: 0, end: 1, total: 0 },
        Action::ShiftRange { start: 0, end: 0, total: 1 },
        Action::Header { name: "content-range".to_owned(), value: None },
        Action::Multipart,
        Action::Unsatisfiable { total: true },
        Action::Unsatisfiable { total: false },
        Action::Gzip,
        Action::GzipBomb { bytes: 100_000 },
        Action::RedirectChain { hops: 3 },
        Action::RedirectChain { hops: 99 },
        Action::Expire,
        Action::HeaderBomb { headers: 1000, bytes: 10 },
        Action::RawHeader { line: "x: \0".to_owned() },
    ];
    let statuses = [401, 403, 404, 410, 500, 503].map(Fault::status);
    let redirects =
        [&format!("{base}/api/v1/me"), "file:///etc/passwd", "http://169.254.169.254/"].map(Fault::redirect);
    let all = actions.into_iter().map(Fault::new).chain(statuses).chain(redirects);
    all.map(|fault| fault.on_endpoint("storage")).collect()
}

/// What Civitai itself does when it is asked where the file is.
fn site_faults() -> Vec<Fault> {
    let waits = ["1", "Wed, 21 Oct 2015 07:28:00 GMT", "-5", "soon"];
    let busy = waits.map(|wait| Fault::status(503).header("retry-after", wait));
    let statuses = [401, 403, 404, 410, 429, 500].map(Fault::status);
    let redirects = ["/login", "http://[::1]:9/x", "data:text/plain,x"].map(Fault::redirect);
    let actions = [Action::Drop, Action::Html, Action::EmptyBody, Action::NullBody].map(Fault::new);
    let all = busy.into_iter().chain(statuses).chain(redirects).chain(actions);
    all.map(|fault| fault.on_endpoint("download")).collect()
}

/// When a fault strikes.
#[derive(Debug, Clone, Copy)]
enum When {
    Once,
    TheSecondTime,
    Always,
}

impl When {
    fn strikes(self, fault: Fault) -> Fault {
        match self {
            Self::Once => fault.times(1),
            Self::TheSecondTime => fault.nth(2),
            Self::Always => fault,
        }
    }
}

async fn case(connections: u32, resumed: bool, fault: Fault) {
    let changes_bytes = matches!(fault.action, Action::Corrupt { .. });
    let name = format!("{fault:?} × {connections} connections, resumed: {resumed}");
    let bench = Bench::new(connections).await;
    let id = bench.ask().await;
    if resumed {
        // On a busy machine even the first answer may be too slow for this bench's patience.
        for _ in 0..10 {
            bench.fault(Fault::new(Action::Drop).on_endpoint("storage").after(1));
            let state = bench.run(id).await;
            assert!(matches!(state, DownloadState::Queued { retry_at: Some(_), .. }), "{name}: {state:?}");
            bench.simulator.faults().clear();
            if bench.download(id).await.received.0 > 0 {
                break;
            }
            bench.app.call("downloads_retry", serde_json::json!({ "ids": [id] })).await.unwrap();
        }
        assert!(bench.download(id).await.received.0 > 0, "{name}");
    }
    bench.fault(fault);
    let state = if resumed { bench.retry(id).await } else { bench.run(id).await };
    bench.assert_safe(&name);
    // Everything else is noticed before it is taken for the file's bytes.
    assert!(changes_bytes || bench.left(".bad") == 0, "{name}: wrong bytes were taken in");
    if !matches!(state, DownloadState::Done { .. }) {
        bench.simulator.faults().clear();
        let state = bench.retry(id).await;
        assert!(matches!(state, DownloadState::Done { verified: true, .. }), "{name}, afterwards: {state:?}");
    }
    assert_eq!((bench.loadable().len(), bench.left(".part")), (1, 0), "{name}");
    bench.assert_safe(&name);
    bench.app.shutdown().await;
}

/// All cases with these connections, a few at a time.
async fn all(connections: u32, resumed: bool) -> usize {
    let mut cases = Vec::new();
    for when in [When::Once, When::TheSecondTime, When::Always] {
        cases.extend(storage_faults("http://127.0.0.1:1").into_iter().map(|fault| when.strikes(fault)));
    }
    for when in [When::Once, When::Always] {
        cases.extend(site_faults().into_iter().map(|fault| when.strikes(fault)));
    }
    let count = cases.len();
    for fault in cases {
        case(connections, resumed, fault).await;
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_gives_a_wrong_file_a_name_over_one_connection() {
    assert_eq!(all(1, false).await, 151);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_gives_a_wrong_file_a_name_over_several_connections() {
    assert_eq!(all(4, false).await, 151);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_gives_a_wrong_file_a_name_when_one_connection_goes_on() {
    assert_eq!(all(1, true).await, 151);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_gives_a_wrong_file_a_name_when_several_connections_go_on() {
    assert_eq!(all(4, true).await, 151);
}
