//! The running simulator: two origins on loopback, one for the site and one for storage and images.
//!
//! It runs on threads of its own. Tests that block their runtime, or that drop it, must not stall the server they are talking to.

mod account;
mod batch;
mod content;
mod control;
mod delivery;
mod distort;
mod download;
mod exchange;
mod images;
mod link;
mod listener;
mod mini;
mod models;
mod render;
mod route;
mod serve;
mod storage;
mod vault;
mod versions;
mod wrapper;

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime::Runtime;

use crate::catalogue::{Catalogue, CatalogueBuilder, File, Id, Vault};
use crate::counts::{Counts, Recorded};
use crate::faults::Faults;
use crate::relay::{Hub, LinkRoom, Relay, RoomId, Site};
use listener::Gated;

/// How the simulated service is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address of the site. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address of storage and images: another origin.
    pub storage_listen: SocketAddr,
    /// The one valid API key. Any other is treated as absent.
    pub token: String,
    /// Whether files can be downloaded without a key. Production refuses, so the default does too.
    pub anonymous_downloads: bool,
    /// How long a signed storage URL works.
    pub signed_url_lifetime: Duration,
    /// Early-access versions the owner of the token has bought.
    pub purchased: Vec<Id>,
    /// Pace of file downloads (not pictures), bytes per second; unlimited when `None`. Makes progress visible in demos.
    pub storage_bytes_per_second: Option<u64>,
    /// User behind the token.
    pub username: String,
    /// `tier` in `/me`, for example `founder`; absent for free accounts.
    pub tier: Option<String>,
    /// What the user's vault holds at the start; `None` is [`Vault::demo`].
    pub vault: Option<Vault>,
    /// How often the relay of Civitai Link pings.
    pub link_ping_interval: Duration,
    /// How long a pong may take.
    pub link_ping_timeout: Duration,
}

impl Default for Config {
    fn default() -> Self {
        let loopback = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            listen: loopback,
            storage_listen: loopback,
            token: "demo-token".to_owned(),
            anonymous_downloads: false,
            signed_url_lifetime: Duration::from_secs(3600),
            purchased: Vec::new(),
            storage_bytes_per_second: None,
            username: "ada_paints".to_owned(),
            tier: Some("founder".to_owned()),
            vault: None,
            link_ping_interval: Duration::from_secs(25),
            link_ping_timeout: Duration::from_secs(20),
        }
    }
}

/// What the request handlers share.
#[derive(Debug)]
struct Shared {
    config: Config,
    /// Where the site really listens, for the endpoints that use their configured base URL.
    base_url: String,
    storage_url: String,
    catalogue: RwLock<Catalogue>,
    counts: Counts,
    faults: Faults,
    offline: Arc<AtomicBool>,
    /// Part of every storage signature; raising it invalidates the URLs given out so far.
    signing_round: AtomicU64,
    /// Painted pictures by key and width.
    pictures: Mutex<HashMap<(String, u32), Bytes>>,
    /// The user's vault as it is now.
    vault: Mutex<Vault>,
    /// Pictures and pages that were asked for from the vault, by the name of their object.
    vault_parts: Mutex<HashMap<String, File>>,
    /// Rooms of Civitai Link.
    hub: Arc<Hub>,
    /// The websites that were opened by remote control.
    sites: Mutex<HashMap<RoomId, Arc<Site>>>,
}

impl Shared {
    fn catalogue(&self) -> Catalogue {
        self.catalogue.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A running simulator. Stops when dropped.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl Simulator {
    /// Binds both origins and serves `catalogue` on them.
    pub async fn start(config: Config, catalogue: Catalogue) -> io::Result<Self> {
        tokio::task::spawn_blocking(move || Self::start_blocking(config, catalogue)).await.map_err(io::Error::other)?
    }

    /// [`Self::start`] for callers without a runtime.
    pub fn start_blocking(config: Config, catalogue: Catalogue) -> io::Result<Self> {
        let site = bind(config.listen)?;
        let storage = bind(config.storage_listen)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("civitai-simulator")
            .enable_all()
            .build()?;
        let offline = Arc::new(AtomicBool::new(false));
        let base_url = format!("http://{}", site.local_addr()?);
        let shared = Arc::new(Shared {
            hub: Arc::new(Hub::new(&base_url)),
            sites: Mutex::default(),
            base_url,
            storage_url: format!("http://{}", storage.local_addr()?),
            vault: Mutex::new(config.vault.clone().unwrap_or_else(|| Vault::demo(&catalogue))),
            vault_parts: Mutex::default(),
            config,
            catalogue: RwLock::new(catalogue),
            counts: Counts::default(),
            faults: Faults::default(),
            offline: Arc::clone(&offline),
            signing_round: AtomicU64::new(0),
            pictures: Mutex::default(),
        });
        let guard = runtime.enter();
        for (socket, origin) in [(site, serve::Origin::Site), (storage, serve::Origin::Storage)] {
            let listener = Gated::new(socket, Arc::clone(&offline))?;
            runtime.spawn(serve::run(listener, origin, Arc::clone(&shared)));
        }
        drop(guard);
        Ok(Self { shared, runtime: Some(runtime) })
    }

    /// The site's origin, `http://127.0.0.1:PORT`, to be used as the client's base URL.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// The origin of signed downloads and images.
    pub fn storage_url(&self) -> &str {
        &self.shared.storage_url
    }

    /// The valid API key.
    pub fn token(&self) -> &str {
        &self.shared.config.token
    }

    /// What is being served right now.
    pub fn catalogue(&self) -> Catalogue {
        self.shared.catalogue()
    }

    /// Serves an edited catalogue from now on: how a test publishes or withdraws something.
    pub fn edit<R>(&self, edit: impl FnOnce(&mut CatalogueBuilder) -> R) -> R {
        let mut served = self.shared.catalogue.write().unwrap_or_else(PoisonError::into_inner);
        let mut builder = served.clone().into_builder();
        let result = edit(&mut builder);
        *served = builder.build();
        result
    }

    /// The user's vault as it is now.
    pub fn vault(&self) -> Vault {
        lock(&self.shared.vault).clone()
    }

    /// Changes the vault behind the client's back, as the website would.
    pub fn edit_vault<R>(&self, edit: impl FnOnce(&mut Vault) -> R) -> R {
        edit(&mut lock(&self.shared.vault))
    }

    /// The relay of Civitai Link, which answers at [`Self::base_url`] as well. Faults on its handshake are those of the
    /// endpoint `link`.
    pub fn relay(&self) -> Relay {
        Relay(Arc::clone(&self.shared.hub))
    }

    /// Opens the website in a room of the relay.
    pub fn open_site(&self, room: &LinkRoom) -> Site {
        link::open_site(&self.shared, room)
    }

    /// The fault script.
    pub fn faults(&self) -> Faults {
        self.shared.faults.clone()
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.counts.all()
    }

    /// Number of requests to a route, see [`Recorded::endpoint`].
    pub fn count(&self, endpoint: &str) -> usize {
        self.shared.counts.count(endpoint)
    }

    /// Forgets the requests so far.
    pub fn reset_counts(&self) {
        self.shared.counts.reset();
    }

    /// Goes off line or comes back. Off line, connections are accepted and closed at once, and open ones break at their next byte.
    pub fn offline(&self, offline: bool) {
        self.shared.offline.store(offline, Ordering::SeqCst);
    }

    /// Invalidates every signed URL given out so far, as if they had expired.
    pub fn expire_signed_urls(&self) {
        self.shared.signing_round.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Not a plain drop: that would block, which tokio forbids inside an async test.
            runtime.shutdown_background();
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Locks, also after a panic elsewhere: nothing guarded here is left half-changed.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
