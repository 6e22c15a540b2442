//! A library that is larger than what the relay takes in one message.

use modeldock_core::link::LARGEST_MESSAGE;
use serde_json::Value;

use super::bench::{Bench, pair, shows};

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_models_are_one_message_that_stays_the_same() {
    let bench = Bench::new().await;
    let app = bench.open().await;
    // The workers' first look has begun and ended: rows without files stay until the next.
    let mut still = 0;
    while still < 100 {
        still = if app.is_scanning() { 0 } else { still + 1 };
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let rows = bench.world.sql(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
        INSERT INTO cache.files (root_id, path, name, folder, search, kind, volume, inode, size, modified_ns, changed_ns,
            sha256, provenance, added_at)
        SELECT 1, CAST(format('/nowhere/loras/model number %d.safetensors', n) AS BLOB),
            format('model number %d.safetensors', n), 'loras', '', iif(n % 3, 'LORA', 'VAE'), 1, n, 1, 1, 1,
            randomblob(32), 'measured', n FROM numbers",
    );
    assert_eq!(rows, 20_000);
    let room = bench.room();
    pair(&app, &room).await;
    let site = bench.simulator().open_site(&room);
    let mut lists = Vec::new();
    for _ in 0..2 {
        let id = site.list();
        let view = shows(&site, "the list", |view| !view.answers(&id).is_empty()).await;
        let answer = view.answers(&id)[0].clone();
        assert!(answer.to_string().len() <= LARGEST_MESSAGE, "{}", answer.to_string().len());
        lists.push(answer["resources"].as_array().unwrap().clone());
    }
    assert_eq!(lists[0], lists[1]);
    let is_of = |kind: &'static str| move |one: &&Value| one["type"] == kind;
    assert!(lists[0].len() > 4000, "{}", lists[0].len());
    assert_eq!(lists[0].iter().filter(is_of("VAE")).count(), 0, "what the site does not send goes first");
    assert!(lists[0].iter().any(|one| one["name"] == "model number 20000.safetensors"), "the newest stay");
    assert_eq!(bench.simulator().relay().connections(), 1);
    app.shutdown().await;
}
