//! A model at Civitai, a folder to download it to, and what must hold whatever happens.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use civitai_simulator::{Catalogue, Config, Fault, Generated, ModelSpec, Simulator};
use modeldock_civitai::{Client, ClientConfig, Token};
use modeldock_core::api::DownloadAdded;
use modeldock_core::catalog::Civitai;
use modeldock_core::download::{Download, DownloadOptions, DownloadState, PauseReason};
use modeldock_core::units::DownloadId;
use modeldock_core::{App, Paths};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{add, call, open_owner, sha256sum};

/// Three parts of the smallest size, the last of them short.
pub(crate) const SIZE: u64 = 10_000_000;

/// The key; nobody but Civitai may ever see it.
pub(crate) const CANARY: &str = "canary-9c41d7";

pub(crate) struct Bench {
    pub(crate) dir: TempDir,
    pub(crate) simulator: Simulator,
    pub(crate) version: u64,
    pub(crate) sha256: String,
    pub(crate) app: App,
}

impl Bench {
    pub(crate) async fn new(connections: u32) -> Self {
        // Made once: its hashes take longer than its download.
        static MADE: OnceLock<(Catalogue, u64)> = OnceLock::new();
        let (catalogue, version) = MADE.get_or_init(|| {
            let mut builder = Catalogue::builder();
            let model = ModelSpec::new("Made", "Checkpoint");
            let added = builder.add_generated("made.safetensors", Generated::new(7, SIZE), model);
            (builder.build(), added.version)
        });
        Self::of(catalogue.clone(), *version, connections).await
    }

    pub(crate) async fn of(catalogue: Catalogue, version: u64, connections: u32) -> Self {
        let sha256 = catalogue.files().next().unwrap().hashes.sha256.clone();
        let config = Config { token: CANARY.to_owned(), ..Config::default() };
        let simulator = Simulator::start(config, catalogue).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("models")).unwrap();
        let app = open(dir.path(), simulator.base_url()).await;
        add(&app, &dir.path().join("models")).await;
        let mut settings: serde_json::Value = call(&app, "settings_get", json!({})).await;
        settings["download_connections"] = json!(connections);
        app.call("settings_set", settings).await.unwrap();
        Self { dir, simulator, version, sha256, app }
    }

    pub(crate) fn models(&self) -> PathBuf {
        self.dir.path().join("models")
    }

    /// Asks for the model.
    pub(crate) async fn ask(&self) -> DownloadId {
        let request = json!({ "what": self.version.to_string() });
        call::<DownloadAdded>(&self.app, "download_add", request).await.download.id
    }

    pub(crate) async fn download(&self, id: DownloadId) -> Download {
        let all: Vec<Download> = call(&self.app, "downloads_list", json!({})).await;
        all.into_iter().find(|download| download.id == id).unwrap()
    }

    /// Runs it until it has ended, is held, or waits for another round.
    pub(crate) async fn run(&self, id: DownloadId) -> DownloadState {
        let running = tokio::spawn({
            let app = self.app.clone();
            let options = DownloadOptions { longest_wait: Duration::ZERO };
            async move { app.download_until_done_with(vec![id], options).await }
        });
        let state = loop {
            let state = self.download(id).await.state;
            if is_at_rest(&state) || running.is_finished() {
                break self.download(id).await.state;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        // What waits for another round would be waited for.
        running.abort();
        let _ = running.await;
        state
    }

    pub(crate) async fn retry(&self, id: DownloadId) -> DownloadState {
        self.app.call("downloads_retry", json!({ "ids": [id] })).await.unwrap();
        self.run(id).await
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.simulator.faults().push(fault);
    }

    /// Files that a UI would load.
    pub(crate) fn loadable(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> =
            walk(&self.models()).into_iter().filter(|path| modeldock_core::roots::is_model_name(path)).collect();
        found.sort();
        found
    }

    /// How many files end like this.
    pub(crate) fn left(&self, ending: &str) -> usize {
        walk(&self.models()).iter().filter(|path| path.to_string_lossy().ends_with(ending)).count()
    }

    /// Whatever happened: no wrong file has a name, and the key went nowhere.
    #[track_caller]
    pub(crate) fn assert_safe(&self, case: &str) {
        for path in self.loadable() {
            assert_eq!(sha256sum(&path), self.sha256, "{case}: a wrong file has the name {}", path.display());
        }
        for request in self.simulator.requests() {
            let is_storage = request.endpoint == "storage";
            assert!(!is_storage || !request.authorization, "{case}: storage saw the key");
            assert!(!request.cookie && !request.referer, "{case}: {request:?}");
            assert!(!request.query.contains(CANARY) && !request.path.contains(CANARY), "{case}: {request:?}");
        }
    }
}

/// Whether nothing more happens to it at once.
fn is_at_rest(state: &DownloadState) -> bool {
    match state {
        DownloadState::Done { .. } | DownloadState::Failed { .. } | DownloadState::Cancelled => true,
        DownloadState::Queued { retry_at, .. } => retry_at.is_some(),
        DownloadState::Paused { why } => matches!(why, PauseReason::User | PauseReason::DiskFull { .. }),
        _ => false,
    }
}

pub(crate) async fn open(dir: &Path, base_url: &str) -> App {
    let config = ClientConfig::at(base_url).token(Some(Token::new(CANARY).unwrap()));
    let client: Arc<dyn Civitai> = Arc::new(Client::new(config.stall(Duration::from_millis(200))).unwrap());
    open_owner(Paths::new(dir.join("data")), client).await.unwrap()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
