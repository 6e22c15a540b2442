//! The client against the simulated Civitai, which was written from the same contract without sight of this code.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use civitai_simulator::catalogue::{self, known};
use civitai_simulator::{Action, Catalogue, Config, Fault, Simulator};
use modeldock_civitai::{Client, ClientConfig, Token};
use modeldock_core::catalog::{Catalog, CatalogErrorKind, ModelVersion};
use modeldock_core::hash::Sha256;
use modeldock_core::roots::ModelKind;
use modeldock_core::units::{ModelId, VersionId};
use support::Recorded;

struct Bench {
    simulator: Simulator,
    client: Client,
    pace: Arc<Recorded>,
}

impl Bench {
    async fn new() -> Self {
        let simulator = Simulator::start(Config::default(), Catalogue::standard()).await.unwrap();
        let pace = Arc::new(Recorded::default());
        let config = ClientConfig::at(simulator.base_url()).pace(pace.clone());
        Self { simulator, client: Client::new(config).unwrap(), pace }
    }

    fn file(&self, name: &str) -> catalogue::File {
        self.simulator.catalogue().file_named(name).unwrap().clone()
    }

    async fn found(&self, name: &str) -> ModelVersion {
        self.client.version_by_hash(&self.file(name).hashes.sha256).await.unwrap()
    }

    fn keyed(&self) -> Client {
        self.client.with_token(Token::new(self.simulator.token()).ok())
    }
}

fn number(id: u64) -> i64 {
    i64::try_from(id).unwrap()
}

fn sha256(file: &catalogue::File) -> Sha256 {
    file.hashes.sha256.parse().unwrap()
}

#[tokio::test]
async fn the_whole_catalogue_is_identified_in_one_batch() {
    let bench = Bench::new().await;
    let catalogue = bench.simulator.catalogue();
    let files: Vec<_> = catalogue.files().cloned().collect();
    let mut hashes: Vec<Sha256> = files.iter().map(sha256).collect();
    hashes.push(Sha256::new([0; 32]));
    let rows = bench.client.ids_by_hash(&hashes).await.unwrap();
    assert_eq!(bench.simulator.count("by-hash/ids"), 1);
    for file in &files {
        let published = catalogue.version_by_hash(&file.hashes.sha256).is_some();
        let row = rows.iter().find(|row| row.sha256 == sha256(file) && row.version_id.0 == number(file.version_id));
        let own = catalogue.version(file.version_id).is_some_and(|version| catalogue.is_published(version));
        assert_eq!(row.is_some(), own, "{}", file.spec.name);
        if let Some(row) = row.filter(|_| published) {
            assert!(row.model_id.is_some());
        }
    }
    assert!(rows.iter().all(|row| row.sha256 != Sha256::new([0; 32])));
}

#[tokio::test]
async fn every_published_version_converts() {
    let bench = Bench::new().await;
    let catalogue = bench.simulator.catalogue();
    let files: Vec<_> = catalogue.files().cloned().collect();
    let hashes: Vec<Sha256> = files.iter().map(sha256).collect();
    let mut seen = HashSet::new();
    for part in hashes.chunks(100) {
        for version in bench.client.versions_by_hash(part).await.unwrap() {
            let own = catalogue.version(u64::try_from(version.id.0).unwrap()).unwrap();
            let model = catalogue.model_of(own);
            assert_eq!(version.model_id.0, number(model.id));
            assert_eq!((&version.name, &version.model_name), (&own.spec.name, &model.spec.name));
            assert_eq!(version.kind.as_str(), model.spec.kind);
            assert_eq!(version.base_model.as_deref(), Some(own.spec.base_model.as_str()));
            // The batch's addresses are broken at the server; archived versions have none.
            assert_eq!(version.raw.contains("https://undefined"), !version.files.is_empty());
            for file in &version.files {
                let url = bench.client.download_url(version.id, file.id);
                assert!(url.as_str().starts_with(bench.simulator.base_url()), "{url}");
                let real = catalogue.file(u64::try_from(file.id.0).unwrap()).unwrap();
                assert_eq!(file.sha256, Some(sha256(real)));
                assert_eq!(file.autov3.map(|hash| hash.to_string()), real.hashes.auto_v3);
                assert_eq!(file.autov1.map(|hash| hash.to_string()), real.hashes.auto_v1);
            }
            seen.insert(version.id);
        }
    }
    let expected = catalogue
        .versions()
        .filter(|version| catalogue.is_published(version) && version.spec.name != "dataset")
        .filter(|version| !version.files.is_empty());
    for version in expected {
        assert!(seen.contains(&VersionId(number(version.id))), "{}", version.spec.name);
    }
}

#[tokio::test]
async fn the_oddities_are_understood() {
    let bench = Bench::new().await;
    let archived = bench.found(known::ARCHIVED).await;
    assert_eq!((archived.mode.as_deref(), archived.files.len()), (Some("Archived"), 0));
    let taken_down = bench.found(known::TAKEN_DOWN).await;
    assert_eq!((taken_down.mode.as_deref(), taken_down.previews.len()), (Some("TakenDown"), 0));
    assert!(bench.found(known::EARLY_ACCESS).await.early_access);
    assert_eq!(bench.found(known::UNKNOWN_TYPE).await.kind, ModelKind::Other("LatentAdapter".to_owned()));
    let hidden = bench.found(known::HIDDEN_STATS).await;
    assert!(hidden.previews.iter().any(|preview| preview.media == "video"));
    let model = bench.client.model(hidden.model_id).await.unwrap();
    assert_eq!((model.name.as_str(), model.creator.as_deref()), ("Quiet Statistics", Some("odd_sock")));

    let unrated = bench.found(known::UNRATED).await;
    assert_eq!(unrated.nsfw_level, 0);
    assert_eq!(bench.client.version(unrated.id).await.unwrap_err().kind, CatalogErrorKind::NotFound);
    let withdrawn = bench.file(known::UNPUBLISHED).hashes.sha256;
    assert_eq!(bench.client.version_by_hash(&withdrawn).await.unwrap_err().kind, CatalogErrorKind::NotFound);
    let no_primary = sha256(&bench.file(known::NO_PRIMARY));
    let latest = sha256(&bench.file(known::LATEST));
    let found = bench.client.versions_by_hash(&[no_primary, latest]).await.unwrap();
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn every_kind_of_hash_finds_the_version() {
    let bench = Bench::new().await;
    let file = bench.file(known::LARGE_CHECKPOINT);
    let hashes = file.hashes.clone();
    for hash in [hashes.auto_v1.unwrap(), hashes.auto_v2, hashes.auto_v3.unwrap(), hashes.crc32, hashes.blake3] {
        let version = bench.client.version_by_hash(&hash.to_lowercase()).await.unwrap();
        assert_eq!(version.id.0, number(file.version_id), "{hash}");
        assert_eq!(bench.client.version(version.id).await.unwrap().id, version.id);
    }
}

#[tokio::test]
async fn airs_of_the_server_are_the_ones_built_here() {
    let bench = Bench::new().await;
    for name in [known::LARGE_CHECKPOINT, known::LATEST, known::EARLY_ACCESS] {
        let version = bench.found(name).await;
        let primary = version.files.iter().find(|file| file.primary).map(|file| file.file_type.as_str());
        let base_model = version.base_model.as_deref().unwrap();
        let built =
            modeldock_civitai::air::Air::of_version(version.model_id, version.id, base_model, &version.kind, primary);
        assert_eq!(version.air, Some(built.to_string()));
    }
}

#[tokio::test]
async fn previews_come_from_the_second_origin_without_the_key() {
    let bench = Bench::new().await;
    let client = bench.keyed();
    let version = bench.found(known::LATEST).await;
    bench.simulator.reset_counts();
    let preview = &version.previews[0];
    assert!(preview.url.starts_with(bench.simulator.storage_url()), "{}", preview.url);
    let bytes = client.preview(&preview.url, 8 << 20).await.unwrap().bytes;
    assert!(bytes.starts_with(b"\xff\xd8") || bytes.starts_with(b"\x89PNG"));
    assert_eq!(client.preview(&preview.url, 16).await.unwrap_err().kind, CatalogErrorKind::Refused(413));
    let requests = bench.simulator.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| !request.authorization && !request.query_token));
}

#[tokio::test]
async fn the_key_is_validated_by_me() {
    let bench = Bench::new().await;
    assert_eq!(bench.keyed().me().await.unwrap().username, "ada_paints");
    let wrong = bench.client.with_token(Token::new("wrong").ok());
    assert_eq!(wrong.me().await.unwrap_err().kind, CatalogErrorKind::Unauthorised);
    // A wrong key does not disturb a look-up.
    assert!(wrong.version_by_hash(&bench.file(known::LATEST).hashes.sha256).await.is_ok());
    let enums = bench.client.enums().await.unwrap();
    assert!(enums.model_type.iter().any(|kind| kind == "LORA"));
    assert!(!enums.base_model.is_empty());
    let agents: HashSet<_> = bench.simulator.requests().into_iter().map(|request| request.user_agent).collect();
    assert_eq!(agents, HashSet::from([Some(format!("modeldock/{}", env!("CARGO_PKG_VERSION")))]));
}

#[tokio::test]
async fn faults_are_told_apart() {
    let bench = Bench::new().await;
    let hash = [sha256(&bench.file(known::LATEST))];
    let once = |action: Action| Fault::new(action).on_endpoint("by-hash").times(1);
    for (fault, kind) in [
        (once(Action::Html), CatalogErrorKind::NotJson),
        (once(Action::EmptyBody), CatalogErrorKind::NotJson),
        (once(Action::Truncated), CatalogErrorKind::NotJson),
        (once(Action::NullBody), CatalogErrorKind::NotJson),
        (once(Action::LargeBody { bytes: 9 << 20 }), CatalogErrorKind::NotJson),
        (Fault::status(404).on_endpoint("by-hash").times(1), CatalogErrorKind::NotJson),
        (Fault::status(500).on_endpoint("by-hash").times(1), CatalogErrorKind::Server(500, None)),
        (
            Fault::status(429).header("retry-after", "60").on_endpoint("by-hash").times(1),
            CatalogErrorKind::RateLimited(Some(Duration::from_secs(60))),
        ),
    ] {
        bench.simulator.faults().push(fault);
        assert_eq!(bench.client.versions_by_hash(&hash).await.unwrap_err().kind, kind);
    }
    assert_eq!(bench.pace.waits(), [0; 0]);
    assert_eq!(bench.client.versions_by_hash(&hash).await.unwrap().len(), 1);
}

#[tokio::test]
async fn short_troubles_are_waited_out() {
    let bench = Bench::new().await;
    let faults = bench.simulator.faults();
    faults.push(Fault::status(503).header("retry-after", "1").on_endpoint("models/{id}").times(2));
    let model = ModelId(number(bench.simulator.catalogue().models().next().unwrap().id));
    assert_eq!(bench.client.model(model).await.unwrap().id, model);
    assert_eq!(bench.simulator.count("models/{id}"), 3);
    assert_eq!(bench.pace.waits(), [1000, 1000]);

    faults.clear();
    faults.push(Fault::new(Action::Drop).on_endpoint("models/{id}").times(1));
    faults.push(Fault::cut_after(20).on_endpoint("models/{id}").nth(2));
    assert_eq!(bench.client.model(model).await.unwrap().id, model);
    assert_eq!(bench.pace.waits(), [1000, 1000, 100, 200]);
}

#[tokio::test]
async fn being_offline_is_not_being_unknown() {
    let bench = Bench::new().await;
    let hash = bench.file(known::LATEST).hashes.sha256;
    bench.simulator.offline(true);
    let error = bench.client.version_by_hash(&hash).await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Offline);
    assert!(error.message.starts_with(&format!("Civitai at {} ", bench.simulator.base_url())), "{}", error.message);
    bench.simulator.offline(false);
    assert!(bench.client.version_by_hash(&hash).await.is_ok());
}
