//! The key, over every fault there is.

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Fault};
use modeldock_core::download::Downloads;

use super::bench::{Bench, PART, drain};
use crate::support::CANARY;

fn every_fault(base: &str) -> Vec<Fault> {
    let actions = [
        Action::Drop,
        Action::CutAfter { bytes: 10 },
        Action::ResetAfter { bytes: 10 },
        Action::Unterminated { bytes: 10 },
        Action::LongerBody { bytes: 10 },
        Action::IgnoreRange,
        Action::WrongHash,
        Action::Corrupt { offset: 0, bytes: 9 },
        Action::Html,
        Action::EmptyBody,
        Action::Truncated,
        Action::NullBody,
        Action::LargeBody { bytes: 100_000 },
        Action::Etag { value: None },
        Action::ShiftRange { start: 1, end: 1, total: 1 },
        Action::Multipart,
        Action::Unsatisfiable { total: true },
        Action::Gzip,
        Action::GzipBomb { bytes: 100_000 },
        Action::RedirectChain { hops: 3 },
        Action::RedirectChain { hops: 99 },
        Action::Expire,
        Action::HeaderBomb { headers: 1000, bytes: 10 },
        Action::RawHeader { line: "x: \0".to_owned() },
        Action::RawHeader { line: format!("Set-Cookie: {CANARY}=1") },
    ];
    let statuses = [400, 401, 403, 404, 410, 416, 429, 500, 503].map(Fault::status);
    let redirects = [format!("{base}/api/v1/me"), format!("{base}/login"), "/elsewhere".to_owned()];
    let redirects = redirects.iter().map(|to| Fault::redirect(to));
    actions.into_iter().map(Fault::new).chain(statuses).chain(redirects).collect()
}

#[tokio::test]
async fn storage_never_sees_the_key_and_no_address_holds_it() {
    let bench = Bench::new().await;
    let faults = every_fault(bench.simulator.base_url());
    assert_eq!(faults.len(), 37);
    let mut texts = Vec::new();
    for fault in
        faults.iter().flat_map(|fault| ["storage", "download"].map(|endpoint| fault.clone().on_endpoint(endpoint)))
    {
        bench.simulator.faults().clear();
        bench.simulator.faults().push(fault);
        let resolved = bench.client.resolve(&bench.wanted(known::LATEST)).await;
        let Ok(address) = resolved else {
            texts.push(format!("{resolved:?}"));
            continue;
        };
        assert!(!address.secret().contains(CANARY));
        match bench.client.open(&address, PART, None).await {
            Ok(mut opened) => {
                texts.push(format!("{opened:?}"));
                drain(&mut opened).await;
            }
            Err(error) => texts.push(format!("{error:?} {error}")),
        }
    }
    let texts = texts.concat();
    assert!(!texts.contains(CANARY) && !texts.contains("X-Amz"), "{texts}");
    let requests = bench.simulator.requests();
    let (asked, others): (Vec<_>, Vec<_>) = requests.iter().partition(|request| request.endpoint == "download");
    assert_eq!(asked.len(), 2 * faults.len(), "one question each");
    assert!(others.len() > faults.len());
    for request in &others {
        assert!(!request.authorization && !request.query_token && !request.cookie && !request.referer, "{request:?}");
    }
    for request in &requests {
        assert!(!request.path.contains(CANARY) && !request.query.contains(CANARY), "{request:?}");
    }
}
