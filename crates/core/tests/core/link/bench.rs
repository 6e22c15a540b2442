//! A paired engine, its library, and the website in a browser.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use civitai_simulator::{Catalogue, Config, LinkRoom, ModelSpec, Simulator, Site, SiteView};
use modeldock_core::download::Download;
use modeldock_core::files::Activity;
use modeldock_core::link::{LinkAsk, LinkInfo, LinkSite, LinkSiteInfo, LinkState};
use modeldock_core::{App, LinkActivity};
use serde_json::{Value, json};

use crate::support::{World, add, call, noise, scan};

/// Longer than anything here takes: a test that would hang fails instead.
const HANG: Duration = Duration::from_secs(90);

/// How often something is looked at that nobody tells of.
const LOOK: Duration = Duration::from_millis(20);

/// The files at Civitai, by name: kind, and what makes their bytes differ.
const MODELS: [(&str, &str, u64); 4] = [
    ("here.safetensors", "LORA", 1),
    ("wanted.safetensors", "LORA", 2),
    ("slow.safetensors", "LORA", 3),
    ("other.safetensors", "Checkpoint", 4),
];

/// What one test does is done here.
pub(crate) struct Bench {
    pub(crate) world: World,
}

impl Bench {
    /// `here.safetensors` is in the library; the others are at Civitai.
    pub(crate) async fn new() -> Self {
        let mut builder = Catalogue::builder();
        for (name, kind, seed) in MODELS {
            builder.add_file(name, noise(seed, 4000), ModelSpec::new(name.trim_end_matches(".safetensors"), kind));
        }
        let bench = Self::of(builder.build()).await;
        bench.write("loras/here.safetensors", "here.safetensors");
        bench
    }

    /// With this catalogue, whose files may be had without a key, and nothing on the disk.
    pub(crate) async fn of(catalogue: Catalogue) -> Self {
        let config = Config { anonymous_downloads: true, ..Config::default() };
        Self { world: World::configured(config, catalogue).await }
    }

    /// Puts a file of the catalogue on the disk.
    pub(crate) fn write(&self, relative: &str, name: &str) -> PathBuf {
        let bytes = self.simulator().catalogue().file_named(name).unwrap().spec.bytes.clone();
        self.world.write(relative, bytes)
    }

    pub(crate) fn simulator(&self) -> &Simulator {
        &self.world.simulator
    }

    pub(crate) fn room(&self) -> LinkRoom {
        self.simulator().relay().issue()
    }

    /// The engine without anything that it does by itself.
    pub(crate) async fn open_quiet(&self) -> App {
        self.world.open().await
    }

    /// The engine at work, with its library read.
    pub(crate) async fn open(&self) -> App {
        let app = self.open_quiet().await;
        if call::<Vec<Value>>(&app, "roots_list", json!({})).await.is_empty() {
            add(&app, &self.world.models()).await;
            scan(&app).await;
        }
        app.start_workers();
        app
    }

    /// In lower case, as the site compares hashes.
    pub(crate) fn hash(&self, name: &str) -> String {
        self.simulator().catalogue().file_named(name).unwrap().hashes.sha256.to_ascii_lowercase()
    }

    pub(crate) fn version(&self, name: &str) -> u64 {
        self.simulator().catalogue().file_named(name).unwrap().version_id
    }

    /// An add as the site would send it, to be sent by hand.
    pub(crate) fn add_command(&self, id: &str, name: &str) -> Value {
        let resource = json!({ "type": "LORA", "hash": self.hash(name).to_uppercase(), "name": name, "modelName": name, "url": "https://x.example" });
        json!({ "id": id, "type": "resources:add", "createdAt": "2026-11-26T10:00:00.000Z", "resource": resource })
    }

    /// Every file below the place of this test, as it is.
    pub(crate) fn files(&self) -> BTreeSet<PathBuf> {
        walk(&self.world.models())
    }
}

pub(crate) fn walk(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.insert(path);
        }
    }
    found
}

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(HANG, what).await.expect("it happens")
}

/// Waits until the website shows something.
pub(crate) async fn shows(site: &Site, what: &str, satisfies: impl FnMut(&SiteView) -> bool) -> SiteView {
    let shown = tokio::time::timeout(HANG, site.until(satisfies)).await;
    shown.unwrap_or_else(|_| panic!("the site never shows {what}: {:#?}", site.view()))
}

/// Looks again and again until something holds.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            match look().await {
                Some(found) => return found,
                None => tokio::time::sleep(LOOK).await,
            }
        }
    };
    tokio::time::timeout(HANG, looking).await.unwrap_or_else(|_| panic!("never: {what}"))
}

pub(crate) async fn pair(app: &App, room: &LinkRoom) -> LinkInfo {
    call(app, "link_pair", json!({ "site": "com", "code": room.code() })).await
}

pub(crate) async fn info(app: &App) -> LinkInfo {
    call(app, "link_show", json!({})).await
}

pub(crate) async fn of_site(app: &App, site: LinkSite) -> LinkSiteInfo {
    info(app).await.sites.into_iter().find(|one| one.site == site).unwrap()
}

/// Waits until the link with civitai.com stands so.
pub(crate) async fn stands(app: &App, state: LinkState) -> LinkSiteInfo {
    let look = async || Some(of_site(app, LinkSite::Com).await).filter(|site| site.state == state);
    until(&format!("{state:?}"), look).await
}

/// Waits until a person is asked.
pub(crate) async fn asked(app: &App) -> LinkAsk {
    until("a person is asked", async || info(app).await.requests.into_iter().next()).await
}

pub(crate) async fn say(app: &App, ask: &LinkAsk, word: &str) {
    let _: LinkInfo = call(app, "link_answer", json!({ "site": ask.site, "id": ask.id, "allow": word })).await;
}

pub(crate) async fn downloads(app: &App) -> Vec<Download> {
    call(app, "downloads_list", json!({})).await
}

pub(crate) async fn activities(app: &App) -> Vec<Activity> {
    call(app, "activity_list", json!({})).await
}

/// How what a site asked for stands here.
pub(crate) async fn written(app: &App, id: &str) -> Option<LinkActivity> {
    app.link_activities().await.unwrap().into_iter().find(|one| one.id == id)
}

/// The status under which the site shows an activity.
pub(crate) fn status<'a>(view: &'a SiteView, id: &str) -> &'a str {
    view.activity(id).and_then(|activity| activity["status"].as_str()).unwrap_or("unknown")
}

/// The hashes that the site shows as installed.
pub(crate) fn installed(view: &SiteView) -> BTreeSet<String> {
    let is_here = |one: &&Value| one["downloading"] != true;
    view.resources.iter().filter(is_here).map(|one| one["hash"].as_str().unwrap().to_owned()).collect()
}
