//! Redirects to everywhere, at every place in a chain.

use civitai_simulator::catalogue::known;
use civitai_simulator::{Action, Fault};
use modeldock_core::download::TransferErrorKind::{Odd, Refused};
use modeldock_core::download::{Downloads, SignedAddress};

use super::bench::{ALL, Bench, PART, drain};
use crate::support::{CANARY, Server, answer};

/// Where no file is fetched from by a client of `http://127.0.0.1`. `port` is where somebody listens who must hear nothing.
fn forbidden(port: &str) -> Vec<String> {
    let own = [
        format!("http://localhost:{port}/x"),
        format!("http://127.0.0.2:{port}/x"),
        format!("http://[::1]:{port}/x"),
        format!("http://[::ffff:127.0.0.1]:{port}/x"),
        format!("http://me@127.0.0.1:{port}/x"),
        format!("http://me:word@127.0.0.1:{port}/x"),
        format!("https://localhost:{port}/x"),
        format!("ftp://127.0.0.1:{port}/x"),
    ];
    let others = [
        "file:///etc/passwd",
        "data:application/octet-stream;base64,AAAA",
        "javascript:alert(1)",
        "http://storage.example/x",
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/x",
        "https://100.64.0.1/x",
        "https://192.168.1.1/x",
        "https://0.0.0.0/x",
        "https://[fd00:ec2::254]/x",
        "https://[fe80::1]/x",
        "https://[64:ff9b::a9fe:a9fe]/x",
        "https://[2002:7f00:1::]/x",
        "https://x.localhost/x",
        "https://me@storage.example/x",
    ];
    own.into_iter().chain(others.into_iter().map(str::to_owned)).collect()
}

#[tokio::test]
async fn no_chain_leads_to_a_forbidden_place() {
    let bench = Bench::new().await;
    let bystander = Server::start(vec![answer(200, "x/y", "", "secret")]).await;
    let port = bystander.url().rsplit(':').next().unwrap().to_owned();
    let mut chains = 0;
    for to in forbidden(&port) {
        // Civitai's own redirect.
        let faults = bench.simulator.faults();
        faults.push(Fault::redirect(&to).on_endpoint("download"));
        let error = bench.client.resolve(&bench.wanted(known::LATEST)).await.unwrap_err();
        assert_eq!(error.kind, Refused, "{to}: {}", error.message);
        assert!(!error.message.contains("word") && !error.message.contains("passwd"), "{}", error.message);
        faults.clear();
        chains += 1;
        // An address that was tampered with.
        let error = bench.client.open(&SignedAddress::new(to.clone()), ALL, None).await.unwrap_err();
        assert_eq!(error.kind, Refused, "{to}: {}", error.message);
        // A redirect of storage, at once and after some harmless ones.
        for hop in [1, 2, 4] {
            let address = bench.address().await;
            bench.simulator.reset_counts();
            bench.on_storage(Action::RedirectChain { hops: 99 });
            faults.push(Fault::redirect(&to).on_endpoint("storage").nth(hop));
            let error = bench.client.open(&address, PART, None).await.unwrap_err();
            assert_eq!(error.kind, Refused, "{hop} {to}: {}", error.message);
            assert_eq!(bench.storage().len() as u64, hop, "{to}");
            faults.clear();
            chains += 1;
        }
    }
    assert_eq!(bystander.seen(), [""; 0]);
    assert_eq!(chains, 96);
}

#[tokio::test]
async fn five_redirects_are_followed_and_not_one_more() {
    for hops in 0..8 {
        let bench = Bench::new().await;
        let opened = bench.open(Action::RedirectChain { hops }, PART, None).await;
        // One more was Civitai's.
        if hops <= 4 {
            assert_eq!(drain(&mut opened.unwrap()).await, (bench.bytes[100..5100].to_vec(), None), "{hops}");
            assert_eq!(u32::try_from(bench.storage().len()), Ok(hops + 1));
        } else {
            assert_eq!(opened.unwrap_err().kind, Odd, "{hops}");
            assert_eq!(bench.storage().len(), 5, "{hops}");
        }
        for request in bench.storage() {
            assert_eq!(request.range.as_deref(), Some("bytes=100-5099"), "every hop is asked for the part");
        }
    }
    let bench = Bench::new().await;
    assert_eq!(bench.open(Action::RedirectChain { hops: u32::MAX }, PART, None).await.unwrap_err().kind, Odd);
    assert_eq!(bench.storage().len(), 5);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_not_followed() {
    let bench = Bench::new().await;
    for location in ["https://", "http://[::1", "https://exa mple/", &format!("/{}", "x".repeat(9000))] {
        let address = bench.address().await;
        bench.simulator.faults().push(Fault::redirect(location).on_endpoint("storage"));
        assert_eq!(bench.client.open(&address, PART, None).await.unwrap_err().kind, Odd, "{location}");
        bench.simulator.faults().clear();
        bench.simulator.faults().push(Fault::redirect(location).on_endpoint("download"));
        assert_eq!(bench.client.resolve(&bench.wanted(known::LATEST)).await.unwrap_err().kind, Odd, "{location}");
        bench.simulator.faults().clear();
    }
    let twice = "Location: /a\r\nLocation: /b\r\n";
    let server = Server::start(vec![answer(302, "x/y", "", ""), answer(302, "x/y", twice, "")]).await;
    let (client, _) = server.client();
    let address = SignedAddress::new(format!("{}/x", server.url()));
    for _ in 0..2 {
        assert_eq!(client.open(&address, ALL, None).await.unwrap_err().kind, Odd);
    }
}

#[tokio::test]
async fn a_way_back_to_civitai_does_not_carry_the_key() {
    let bench = Bench::new().await;
    let address = bench.address().await;
    bench.simulator.reset_counts();
    let home = format!("{}/api/v1/me", bench.simulator.base_url());
    bench.simulator.faults().push(Fault::redirect(&home).on_endpoint("storage"));
    assert!(bench.client.open(&address, PART, None).await.is_err());
    let requests = bench.simulator.requests();
    assert_eq!(requests.iter().map(|request| request.endpoint).collect::<Vec<_>>(), ["storage", "me"]);
    for request in requests {
        assert!(!request.authorization && !request.query_token && !request.cookie && !request.referer);
    }
}

#[tokio::test]
async fn no_hop_sees_the_key_whatever_the_redirects_say() {
    let last = Server::start(vec![answer(200, "x/y", "", "hello")]).await;
    let to = |url: String| answer(307, "x/y", &format!("Location: {url}\r\nSet-Cookie: {CANARY}=1\r\n"), "");
    let middle = Server::start(vec![to(format!("{}/c", last.url()))]).await;
    let first = Server::start(vec![to(format!("{}/b", middle.url()))]).await;
    let (client, _) = first.client();
    let address = SignedAddress::new(format!("{}/a", first.url()));
    let mut opened = client.open(&address, ALL, None).await.unwrap();
    assert_eq!(drain(&mut opened).await, (b"hello".to_vec(), None));
    for server in [&first, &middle, &last] {
        let seen = server.seen().concat().to_lowercase();
        assert!(seen.starts_with("get ") && !seen.contains(CANARY), "{seen}");
        for header in ["authorization:", "cookie:", "referer:"] {
            assert!(!seen.contains(header), "{seen}");
        }
    }
}
