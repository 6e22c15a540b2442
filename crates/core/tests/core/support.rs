//! A simulated Civitai, folders of model files and a data folder, and short ways to work an engine with them.
//!
//! Nothing is replaced by a stand-in but Civitai itself and the waits between tries: the databases, the files and the
//! HTTP are real.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use civitai_simulator::{Catalogue, Config, Simulator};
use modeldock_civitai::{Client, ClientConfig, LinkUrls, Pace, Token};
use modeldock_core::catalog::Civitai;
use modeldock_core::library::{ItemState, LibraryItem, LibraryPage};
use modeldock_core::roots::RootInfo;
use modeldock_core::scan::{ScanDepth, ScanEvent, ScanSummary};
use modeldock_core::units::{FileId, RootId, UnixMillis};
use modeldock_core::{App, Code, Error, Paths, Role};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How often a test of chance is repeated: `short`, and twenty times that with `make test-long`.
pub(crate) fn rounds(short: u64) -> u64 {
    if std::env::var_os("MODELDOCK_TEST_ROUNDS").is_some_and(|rounds| rounds == "long") { short * 20 } else { short }
}

/// As [`rounds`], where twenty times are not enough.
pub(crate) fn rounds_or(short: u64, long: u64) -> u64 {
    if rounds(1) > 1 { long } else { short }
}

/// Waits for nothing, so that a test of failures takes no longer than one of successes.
struct Instantly;

#[async_trait::async_trait]
impl Pace for Instantly {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn jitter(&self) -> f64 {
        0.0
    }

    async fn sleep(&self, _: Duration) {}
}

/// A client of a server that may or may not be there.
pub(crate) fn client_of(base_url: &str) -> Arc<dyn Civitai> {
    Arc::new(Client::new(config_of(base_url)).unwrap())
}

/// Where everything is at this address, the relays of Civitai Link as well: no test speaks with the real ones.
fn config_of(base_url: &str) -> ClientConfig {
    let links = LinkUrls::named(&[base_url, base_url]).unwrap();
    ClientConfig::at(base_url).pace(Arc::new(Instantly)).links(links)
}

/// As [`client_of`], with a key.
pub(crate) fn keyed_client_of(base_url: &str, key: &str) -> Arc<dyn Civitai> {
    Arc::new(Client::new(config_of(base_url).token(Token::new(key).ok())).unwrap())
}

/// A place for everything one test does.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) simulator: Simulator,
}

impl World {
    /// With this catalogue at Civitai and nothing on disk.
    pub(crate) async fn with(catalogue: Catalogue) -> Self {
        Self::configured(Config::default(), catalogue).await
    }

    /// With this Civitai and nothing on disk.
    pub(crate) async fn configured(config: Config, catalogue: Catalogue) -> Self {
        let simulator = Simulator::start(config, catalogue).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("models")).unwrap();
        Self { dir, simulator }
    }

    /// With `count` small models at Civitai, all of them on disk.
    pub(crate) async fn bulk(count: usize) -> Self {
        let catalogue = Catalogue::bulk(count, 7);
        let world = Self::with(catalogue.clone()).await;
        civitai_simulator::sample::write_files(&world.models(), &catalogue).unwrap();
        world
    }

    /// Where most tests keep models.
    pub(crate) fn models(&self) -> PathBuf {
        self.dir.path().join("models")
    }

    pub(crate) fn paths(&self) -> Paths {
        Paths::new(self.dir.path().join("data"))
    }

    pub(crate) fn client(&self) -> Arc<dyn Civitai> {
        client_of(self.simulator.base_url())
    }

    /// Opens the data folder as its owner.
    pub(crate) async fn open(&self) -> App {
        self.try_open().await.unwrap()
    }

    /// As [`Self::open`]. An owner before may still be on its way out.
    pub(crate) async fn try_open(&self) -> Result<App, Error> {
        open_owner(self.paths(), self.client()).await
    }

    /// Opens it and adds [`Self::models`].
    pub(crate) async fn open_with_models(&self) -> App {
        let app = self.open().await;
        add(&app, &self.models()).await;
        app
    }

    /// A new file below [`Self::models`].
    pub(crate) fn write(&self, relative: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.models().join(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Changes the databases behind the engine's back; `cache.db` is attached as `cache`.
    pub(crate) fn sql(&self, statement: &str) -> usize {
        let connection = rusqlite::Connection::open(self.paths().state_db()).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection.execute("ATTACH ?1 AS cache", [self.paths().cache_db().to_str().unwrap()]).unwrap();
        connection.execute(statement, []).unwrap()
    }
}

/// Opens as owner; the lock of an engine that was dropped a moment ago is waited for.
pub(crate) async fn open_owner(paths: Paths, client: Arc<dyn Civitai>) -> Result<App, Error> {
    for _ in 0..200 {
        match App::open(paths.clone(), Role::Owner, Arc::clone(&client)) {
            Err(error) if error.code == Code::Busy => tokio::time::sleep(Duration::from_millis(25)).await,
            opened => return opened,
        }
    }
    panic!("the data folder was never let go");
}

pub(crate) async fn call<T: DeserializeOwned>(app: &App, command: &str, request: Value) -> T {
    let response = app.call(command, request).await.unwrap_or_else(|error| panic!("{command}: {error:?}"));
    serde_json::from_value(response).unwrap()
}

pub(crate) async fn add(app: &App, path: &Path) -> RootId {
    call::<RootInfo>(app, "roots_add", json!({ "path": path })).await.id
}

/// A scan that has ended.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) summary: ScanSummary,
    pub(crate) problem: Option<Error>,
    pub(crate) events: Vec<ScanEvent>,
}

impl Scanned {
    /// Paths that were read in full.
    pub(crate) fn hashed(&self) -> Vec<&str> {
        let hashed = self.events.iter().filter_map(|event| match event {
            ScanEvent::Hashed { path, .. } => Some(path.as_str()),
            _ => None,
        });
        hashed.collect()
    }

    pub(crate) fn problems(&self) -> BTreeMap<&str, &Error> {
        let problems = self.events.iter().filter_map(|event| match event {
            ScanEvent::Problem { path, problem } | ScanEvent::RootAway { path, problem } => {
                Some((path.as_str(), problem))
            }
            _ => None,
        });
        problems.collect()
    }

    /// How many files were read, as told by the events and by the counts.
    #[track_caller]
    pub(crate) fn assert_read(&self, files: usize) -> &Self {
        assert_eq!(self.hashed().len(), files, "{:?}", self.hashed());
        assert_eq!(self.summary.hashed as usize, files);
        if files == 0 {
            assert_eq!(self.summary.bytes_hashed, 0);
        }
        self
    }
}

/// Looks through everything.
pub(crate) async fn scan(app: &App) -> Scanned {
    scan_of(app, Vec::new(), |_| ()).await
}

/// Looks through some roots; `on_event` hears of everything first.
pub(crate) async fn scan_of(
    app: &App,
    roots: Vec<RootId>,
    on_event: impl Fn(&ScanEvent) + Send + Sync + 'static,
) -> Scanned {
    scan_at(app, ScanDepth::Usual, roots, on_event).await
}

/// As [`scan_of`], reading less or more.
pub(crate) async fn scan_at(
    app: &App,
    depth: ScanDepth,
    roots: Vec<RootId>,
    on_event: impl Fn(&ScanEvent) + Send + Sync + 'static,
) -> Scanned {
    let events = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&events);
    let observer = move |event: ScanEvent| {
        on_event(&event);
        heard.lock().unwrap().push(event);
    };
    let observer = Arc::new(observer);
    // Other tests start processes, which hold a copy of every lock for the blink until they are another program.
    let mut tries = 0;
    let running = loop {
        match app.scan_at(depth, roots.clone(), observer.clone()) {
            Err(error) if error.code == Code::Busy && tries < 100 => tokio::time::sleep(Duration::from_millis(5)).await,
            started => break started.unwrap(),
        }
        tries += 1;
    };
    let outcome = running.wait().await.unwrap();
    let events = std::mem::take(&mut *events.lock().unwrap());
    assert!(matches!(events.last(), Some(ScanEvent::Summary(_))), "the summary is the last event");
    Scanned { summary: outcome.summary, problem: outcome.problem, events }
}

/// The whole library by path, paged as a client would.
pub(crate) async fn library(app: &App) -> BTreeMap<PathBuf, LibraryItem> {
    let page: LibraryPage = call(app, "library_list", json!({ "limit": 50_000, "sort": "name" })).await;
    assert_eq!(page.total as usize, page.items.len());
    let items: BTreeMap<PathBuf, LibraryItem> =
        page.items.iter().map(|item| (PathBuf::from(&item.path), item.clone())).collect();
    assert_eq!(items.len(), page.items.len(), "a path is one row");
    items
}

/// The only item.
pub(crate) async fn only(app: &App) -> LibraryItem {
    let items = library(app).await;
    assert_eq!(items.len(), 1, "{:?}", items.keys());
    items.into_values().next().unwrap()
}

pub(crate) fn states(items: &BTreeMap<PathBuf, LibraryItem>) -> BTreeMap<String, (ItemState, FileId)> {
    items.values().map(|item| (item.file_name.clone(), (item.state, item.id))).collect()
}

/// Bytes that no other seed gives.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// SHA-256 by another program than ours.
pub(crate) fn sha256sum(path: &Path) -> String {
    let output = std::process::Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8_lossy(&output.stdout)[..64].to_uppercase()
}

pub(crate) fn seconds_from_now(at: UnixMillis) -> i64 {
    (at.0 - UnixMillis::now().0) / 1000
}

/// Runs [`a_process_of_its_own`] as another process. `wrapper` is put before it on the command line.
pub(crate) fn child(wrapper: &[&str], data_dir: &Path, base_url: &str) -> std::process::Command {
    let exe = std::env::current_exe().unwrap();
    let line: Vec<&std::ffi::OsStr> = wrapper
        .iter()
        .map(std::ffi::OsStr::new)
        .chain([exe.as_os_str()])
        .chain(["support::a_process_of_its_own", "--exact", "--nocapture"].map(std::ffi::OsStr::new))
        .collect();
    let mut command = std::process::Command::new(line[0]);
    command.args(&line[1..]).env("MODELDOCK_TEST_CHILD", data_dir).env("MODELDOCK_TEST_CIVITAI", base_url);
    command
}

/// What a child says: its scan events, one JSON object a line, between the test harness's own lines.
pub(crate) fn events_in(output: &str) -> Vec<Value> {
    output.lines().filter_map(|line| serde_json::from_str(&line[line.find('{')?..]).ok()).collect()
}

/// Not a test but the second process that some tests need: scans a data folder and prints every event.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_of_its_own() {
    use std::io::Write;
    let Some(data_dir) = std::env::var_os("MODELDOCK_TEST_CHILD") else { return };
    let base_url = std::env::var("MODELDOCK_TEST_CIVITAI").unwrap();
    let app = open_owner(Paths::new(data_dir.into()), client_of(&base_url)).await.unwrap();
    let print = |event: ScanEvent| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(&event).unwrap()).unwrap();
        out.flush().unwrap();
        // Slow enough that whoever reads this can act between two lines.
        std::thread::sleep(Duration::from_millis(3));
    };
    let scan = app.scan(Vec::new(), Arc::new(print)).unwrap();
    if let Some(at) = std::env::var("MODELDOCK_TEST_KILL_AT").ok().and_then(|at| at.parse::<u64>().ok()) {
        while scan.progress().bytes_hashed.0 < at {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Without a word, as the system would.
        let own = std::process::id().to_string();
        std::process::Command::new("kill").args(["-KILL", &own]).status().unwrap();
    }
    scan.wait().await.unwrap();
}
