//! The vault against a simulated Civitai: what is shown of it, and that it is what Civitai really has.

mod change;
mod reading;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use civitai_simulator::catalogue::known;
use civitai_simulator::{Catalogue, Config, FileSpec, ModelSpec, Vault, VersionSpec};
use modeldock_core::units::{FileId, VersionId};
use modeldock_core::vault::{VaultState, VaultView};
use modeldock_core::{App, Code};
use serde_json::json;

use crate::support::{World, add, call, keyed_client_of, library, open_owner, scan};

/// A world whose user has a key.
struct Member(World);

impl Member {
    async fn new() -> Self {
        Self(World::with(Catalogue::standard()).await)
    }

    async fn with(config: Config, catalogue: Catalogue) -> Self {
        Self(World::configured(config, catalogue).await)
    }

    /// With `count` small models at Civitai, all of them in the vault.
    async fn of(count: usize) -> Self {
        let catalogue = Catalogue::bulk(count, 11);
        let vault = Vault::of(&catalogue);
        Self::with(Config { vault: Some(vault), ..Config::default() }, catalogue).await
    }

    async fn open(&self) -> App {
        let client = keyed_client_of(self.0.simulator.base_url(), self.0.simulator.token());
        open_owner(self.0.paths(), client).await.unwrap()
    }

    fn version(&self, name: &str) -> VersionId {
        VersionId(self.0.simulator.catalogue().file_named(name).unwrap().version_id.cast_signed())
    }

    /// Puts a file of the catalogue on disk.
    fn write(&self, name: &str) {
        let bytes = self.0.simulator.catalogue().file_named(name).unwrap().spec.bytes.clone();
        self.0.write(name, bytes);
    }

    /// The versions that Civitai has in the vault.
    fn held(&self) -> BTreeSet<i64> {
        self.0.simulator.vault().items.iter().map(|item| item.version.cast_signed()).collect()
    }

    fn toggles(&self) -> usize {
        self.0.simulator.count("vault/toggle-version")
    }
}

async fn sync(app: &App) -> VaultView {
    call(app, "vault_sync", json!({})).await
}

async fn show(app: &App) -> VaultView {
    call(app, "vault_show", json!({})).await
}

fn versions(view: &VaultView) -> BTreeSet<i64> {
    let versions: BTreeSet<i64> = view.items.iter().map(|entry| entry.item.version_id.0).collect();
    assert_eq!(versions.len(), view.items.len(), "an item is shown once");
    versions
}

/// Names of the files here by the version they are of.
async fn local(app: &App, view: &VaultView) -> BTreeMap<i64, Vec<String>> {
    let names: BTreeMap<FileId, String> =
        library(app).await.values().map(|item| (item.id, item.file_name.clone())).collect();
    let with_files = view.items.iter().filter(|entry| !entry.files.is_empty());
    with_files
        .map(|entry| (entry.item.version_id.0, entry.files.iter().map(|file| names[file].clone()).collect()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vault_is_shown_with_what_of_it_is_here() {
    let member = Member::new().await;
    for name in [known::OUTDATED, known::LARGE_CHECKPOINT, "harborlight_v2.safetensors", "inkwash_v21.safetensors"] {
        member.write(name);
    }
    let again = member.0.simulator.catalogue().file_named(known::OUTDATED).unwrap().spec.bytes.clone();
    member.0.write("copies/again.safetensors", again);
    let app = member.open().await;
    let nothing = show(&app).await;
    assert_eq!((nothing.state, nothing.items.len(), nothing.synced_at), (None, 0, None));
    add(&app, &member.0.models()).await;
    scan(&app).await;
    member.0.simulator.reset_counts();

    let view = sync(&app).await;
    assert_eq!((view.state, &view.advice, &view.problem), (Some(VaultState::Ready), &None, &None));
    assert_eq!(versions(&view), member.held());
    let info = view.info.unwrap();
    assert!(info.used.0 > 0 && info.used < info.storage && view.synced_at.is_some());
    let local = local(&app, &view).await;
    let of = |name: &str| local.get(&member.version(name).0).cloned().unwrap_or_default();
    assert_eq!(of(known::OUTDATED).len(), 2);
    assert_eq!(of(known::LARGE_CHECKPOINT), [known::LARGE_CHECKPOINT]);
    assert_eq!(of("harborlight_v2.safetensors"), ["harborlight_v2.safetensors"]);
    assert_eq!(local.len(), 3, "the other nine are missing here: {local:?}");
    let counts = ["vault/get", "vault/all"].map(|endpoint| member.0.simulator.count(endpoint));
    assert_eq!((counts, member.0.simulator.requests().len()), ([1, 1], 2));
    let added: Vec<_> = view.items.iter().map(|entry| entry.item.added_at).collect();
    assert!(added.is_sorted_by(|a, b| a >= b), "the newest come first: {added:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_matched_with_one_version_is_also_the_other_version_that_holds_it() {
    let catalogue = Catalogue::standard();
    let (first, second) = (known::DUPLICATED, known::DUPLICATE);
    let mut vault = Vault::new(1 << 30);
    for name in [first, second] {
        vault.put(catalogue.file_named(name).unwrap().version_id);
    }
    let member = Member::with(Config { vault: Some(vault), ..Config::default() }, catalogue).await;
    member.write(first);
    let app = member.open().await;
    add(&app, &member.0.models()).await;
    scan(&app).await;
    let view = sync(&app).await;
    assert_eq!(local(&app, &view).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_belongs_to_a_model_is_not_the_model() {
    let mut builder = Catalogue::builder();
    let model = builder.model(ModelSpec::new("Harbour", "Checkpoint"));
    let version = builder.version(model, VersionSpec::new("v1", "SD 1.5"));
    builder.file(version, FileSpec::new("harbour.safetensors", b"weights of the model".to_vec()));
    let vae = FileSpec { kind: "VAE".to_owned(), ..FileSpec::new("harbour.vae.safetensors", b"its decoder".to_vec()) };
    builder.file(version, vae);
    let catalogue = builder.build();
    let vault = Vault::of(&catalogue);
    let member = Member::with(Config { vault: Some(vault), ..Config::default() }, catalogue).await;
    member.write("harbour.vae.safetensors");
    let app = member.open().await;
    add(&app, &member.0.models()).await;
    scan(&app).await;
    let item = &library(&app).await[Path::new(&member.0.models().join("harbour.vae.safetensors"))];
    assert_eq!(item.version_id.map(|id| id.0), Some(version.cast_signed()));
    assert_eq!(local(&app, &sync(&app).await).await.len(), 0);
    member.write("harbour.safetensors");
    scan(&app).await;
    assert_eq!(local(&app, &show(&app).await).await[&version.cast_signed()], ["harbour.safetensors"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_last_is_shown_without_a_connection() {
    let member = Member::of(450).await;
    let app = member.open().await;
    let before = sync(&app).await;
    assert_eq!(before.items.len(), 450);
    app.shutdown().await;
    drop(app);
    member.0.simulator.offline(true);
    let app = member.open().await;
    assert_eq!(show(&app).await, before);
    let after = sync(&app).await;
    assert_eq!((&after.items, after.synced_at, after.state), (&before.items, before.synced_at, before.state));
    assert_eq!(after.info, before.info);
    let problem = after.problem.unwrap();
    assert!(problem.code == Code::Offline && problem.hint.is_some(), "{problem:?}");
    member.0.simulator.offline(false);
    assert_eq!(sync(&app).await.problem, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_says_what_it_means() {
    let demo = || Vault::demo(&Catalogue::standard());
    let small = Vault { storage_kb: 1, ..demo() };
    let lapsed = Vault { storage_kb: 0, ..demo() };
    for (tier, vault, state, items) in [
        (None, Vault::new(0), VaultState::NoMembership, 0),
        (None, lapsed, VaultState::Lapsed, 12),
        (Some("gold"), small, VaultState::OverQuota, 12),
        (Some("gold"), demo(), VaultState::Ready, 12),
    ] {
        let config = Config { tier: tier.map(str::to_owned), vault: Some(vault), ..Config::default() };
        let member = Member::with(config, Catalogue::standard()).await;
        let view = sync(&member.open().await).await;
        assert_eq!((view.state, view.items.len(), &view.problem), (Some(state), items, &None));
        assert_eq!(view.advice.is_none(), state == VaultState::Ready);
    }
    let member = Member::new().await;
    let view = sync(&member.0.open().await).await;
    assert_eq!((view.state, view.synced_at), (Some(VaultState::NoKey), None));
    assert!(view.advice.is_some() && view.problem.is_some_and(|problem| problem.code == Code::Unauthorised));
    assert_eq!(member.0.simulator.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_look_up_switched_off_nothing_leaves_this_computer() {
    let member = Member::new().await;
    let app = member.open().await;
    let mut settings: serde_json::Value = call(&app, "settings_get", json!({})).await;
    settings["look_up"] = json!(false);
    app.call("settings_set", settings).await.unwrap();
    for (command, request) in [("vault_sync", json!({})), ("vault_change", json!({ "versions": [5], "to": "in" }))] {
        assert_eq!(app.call(command, request).await.unwrap_err().code, Code::InvalidRequest, "{command}");
    }
    assert_eq!(show(&app).await.items.len(), 0);
    assert_eq!(member.0.simulator.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_vault_is_not_mixed_with_the_one_before() {
    let member = Member::new().await;
    sync(&member.open().await).await;
    let config = Config { username: "someone_else".to_owned(), ..Config::default() };
    let other = civitai_simulator::Simulator::start(config, Catalogue::standard()).await.unwrap();
    let body = r#"{"items":[{"id":1,"modelVersionId":2}],"totalItems":9,"totalPages":1}"#;
    other.faults().push(civitai_simulator::Fault::status(200).body(body).on_endpoint("vault/all"));
    let client = keyed_client_of(other.base_url(), other.token());
    let view = sync(&open_owner(member.0.paths(), client).await.unwrap()).await;
    assert_eq!(versions(&view), BTreeSet::from([2]));
    assert!(view.problem.is_some() && view.synced_at.is_none());
}
