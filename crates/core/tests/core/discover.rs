//! Civitai's catalogue against a simulated Civitai: paged, opened, compared with what is here, and left alone.

use std::collections::BTreeSet;
use std::time::Duration;

use civitai_simulator::catalogue::{PaidAccess, known};
use civitai_simulator::{Action, Catalogue, Config, Fault, FileSpec, ModelSpec, PreviewSpec, Vault, VersionSpec};
use modeldock_core::api::DiscoverFound;
use modeldock_core::discover::{
    Access, CatalogueWords, DiscoverDetail, DiscoverPage, DiscoverVersion, ModelMarks, Standing,
};
use modeldock_core::settings::Settings;
use modeldock_core::units::{ModelId, VersionId};
use modeldock_core::{App, Code};
use serde_json::{Value, json};

use crate::support::{World, call, keyed_client_of, library, noise, open_owner, scan};

/// Everything, from a request with nothing but a page's length.
fn everything(limit: u32) -> Value {
    json!({ "content": "all", "limit": limit })
}

async fn search(app: &App, request: Value) -> DiscoverPage {
    call(app, "discover_search", request).await
}

async fn code(app: &App, command: &str, request: Value) -> Code {
    app.call(command, request).await.unwrap_err().code
}

async fn set(app: &App, change: impl FnOnce(&mut Settings)) {
    let mut settings: Settings = call(app, "settings_get", json!({})).await;
    change(&mut settings);
    let _: Settings = call(app, "settings_set", json!(settings)).await;
}

fn ids(page: &DiscoverPage) -> Vec<i64> {
    page.models.iter().map(|model| model.id.0).collect()
}

impl World {
    /// The model and the version that a file of the catalogue belongs to.
    fn place_of(&self, name: &str) -> (ModelId, VersionId) {
        let catalogue = self.simulator.catalogue();
        let version = catalogue.file_named(name).unwrap().version_id;
        let model = catalogue.version(version).unwrap().model_id;
        (ModelId(model.cast_signed()), VersionId(version.cast_signed()))
    }

    /// Puts a file of the catalogue on disk, under another name.
    fn write_as(&self, name: &str, as_name: &str) {
        let bytes = self.simulator.catalogue().file_named(name).unwrap().spec.bytes.clone();
        self.write(as_name, bytes);
    }
}

async fn marks(app: &App, model: ModelId) -> ModelMarks {
    let all: Vec<ModelMarks> = call(app, "discover_marks", json!({ "models": [model] })).await;
    all.into_iter().next().unwrap()
}

async fn detail(app: &App, model: ModelId) -> DiscoverDetail {
    call(app, "discover_model", json!({ "id": model })).await
}

fn version(detail: &DiscoverDetail, id: VersionId) -> &DiscoverVersion {
    detail.versions.iter().find(|version| version.id == id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_lead_through_every_model_once() {
    let world = World::with(Catalogue::standard()).await;
    let app = world.open().await;
    for text in ["", "style"] {
        let whole = search(&app, json!({ "text": text, "content": "all", "limit": 100 })).await;
        assert_eq!(whole.next, None);
        let mut walked = Vec::new();
        let mut request = json!({ "text": text, "content": "all", "limit": 7 });
        loop {
            let page = search(&app, request.clone()).await;
            walked.extend(ids(&page));
            let Some(next) = page.next else { break };
            request["cursor"] = json!(next);
        }
        assert_eq!(walked, ids(&whole), "`{text}`");
        assert_eq!(walked.iter().collect::<BTreeSet<_>>().len(), walked.len());
        assert!(walked.len() > 7, "several pages of `{text}`");
    }
    let asked = world.simulator.requests();
    assert!(asked.iter().all(|request| !request.query.contains("page=") && !request.query.contains("favorites")));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_reach_civitai_each_on_its_own() {
    let world = World::with(Catalogue::standard()).await;
    let app = world.open().await;
    let request = json!({
        "kinds": ["LORA", "Checkpoint"], "base_models": ["SDXL 1.0"], "tag": "style", "sort": "newest", "period": "month",
        "content": "all",
    });
    let page = search(&app, request).await;
    assert!(!page.models.is_empty());
    for model in &page.models {
        assert!(["LORA", "Checkpoint"].contains(&model.kind.as_str()), "{model:?}");
        assert!(model.tags.contains(&"style".to_owned()));
    }
    let query = &world.simulator.requests()[0].query;
    for part in ["types=LORA", "types=Checkpoint", "baseModels=SDXL 1.0", "sort=Newest", "period=Month", "nsfw=true"] {
        assert!(query.contains(part), "{part} in {query}");
    }
    let by = search(&app, json!({ "creator": "odd_sock", "content": "all" })).await;
    assert!(by.models.iter().all(|model| model.creator.as_deref() == Some("odd_sock")) && !by.models.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_here_is_known_by_version_and_by_content_whatever_it_is_called() {
    let world = World::with(Catalogue::standard()).await;
    world.write_as(known::LATEST, "renamed by hand.safetensors");
    world.write_as(known::DUPLICATE, "twice.safetensors");
    let app = world.open_with_models().await;
    let (model, newest) = world.place_of(known::LATEST);
    let (other, _) = world.place_of(known::DUPLICATE);
    search(&app, everything(100)).await;
    assert_eq!(marks(&app, model).await.standing, Standing::Absent);
    scan(&app).await;
    let found = marks(&app, model).await;
    assert_eq!(found.standing, Standing::Newest);
    assert!(found.versions.iter().any(|version| version.id == newest && version.here.len() == 1));
    // The same bytes were uploaded to two models: whichever the file was matched with, both are here.
    let (first, old) = world.place_of(known::DUPLICATED);
    assert_eq!(marks(&app, other).await.standing, Standing::Newest);
    assert!(marks(&app, first).await.versions.iter().any(|version| version.id == old && !version.here.is_empty()));
    // In a list as well, and by the file.
    let page = search(&app, json!({ "text": "ink", "content": "all" })).await;
    let listed = page.models.iter().find(|listed| listed.id == model).unwrap();
    assert_eq!(listed.marks.standing, Standing::Newest);
    let detail = detail(&app, model).await;
    let file = &version(&detail, newest).files[0];
    let mark = detail.model.marks.versions.iter().find(|marks| marks.id == newest).unwrap().files[0];
    assert_eq!(mark.file, file.id);

    // Renamed, it is the same; gone, it is not here.
    std::fs::rename(world.models().join("renamed by hand.safetensors"), world.models().join("x.safetensors")).unwrap();
    scan(&app).await;
    assert_eq!(marks(&app, model).await.standing, Standing::Newest);
    std::fs::remove_file(world.models().join("x.safetensors")).unwrap();
    scan(&app).await;
    let left = marks(&app, model).await;
    assert!(left.versions.iter().all(|version| version.id != newest), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_civitai_was_not_asked_about_is_known_by_its_content() {
    let world = World::with(Catalogue::standard()).await;
    world.write_as(known::OUTDATED, "anything.safetensors");
    let app = world.open_with_models().await;
    set(&app, |settings| settings.look_up = false).await;
    scan(&app).await;
    set(&app, |settings| settings.look_up = true).await;
    let (model, version) = world.place_of(known::OUTDATED);
    let found = detail(&app, model).await.model.marks;
    assert_eq!(found.standing, Standing::Other, "an older version");
    assert_eq!(found.versions[0].id, version);
    assert_eq!(library(&app).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn early_access_and_what_must_be_paid_for_are_told_apart() {
    let mut builder = Catalogue::builder();
    let add = |builder: &mut civitai_simulator::CatalogueBuilder, name: &str, paid: Option<PaidAccess>| {
        let model = builder.model(ModelSpec::new(name, "LORA"));
        let version = builder.version(model, VersionSpec { paid_access: paid, ..VersionSpec::new("v1", "SDXL 1.0") });
        builder.file(version, FileSpec::new(format!("{name}.safetensors"), noise(model, 200)));
    };
    let until = |end: &str| Some(PaidAccess { permanent: false, ends_at: Some(end.to_owned()) });
    add(&mut builder, "open", None);
    add(&mut builder, "early", until("2099-12-31T00:00:00.000Z"));
    add(&mut builder, "over", until("2020-01-01T00:00:00.000Z"));
    add(&mut builder, "endless", Some(PaidAccess { permanent: false, ends_at: None }));
    add(&mut builder, "paid", Some(PaidAccess { permanent: true, ends_at: None }));
    let world = World::with(builder.build()).await;
    let app = world.open().await;
    for model in search(&app, everything(0)).await.models {
        let expected = match model.name.as_str() {
            "early" => Access::EarlyAccess { until: Some("2099-12-31T00:00:00Z".to_owned()) },
            "endless" => Access::EarlyAccess { until: None },
            "paid" => Access::Paid,
            _ => Access::Open,
        };
        assert_eq!(model.access, expected, "{}", model.name);
        assert_eq!(detail(&app, model.id).await.versions[0].access, expected, "{}", model.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_search_ends_the_one_before_it() {
    let world = World::with(Catalogue::standard()).await;
    let app = world.open().await;
    let slow = Fault::delay(Duration::from_secs(120)).on_endpoint("models").times(1);
    world.simulator.faults().push(slow);
    let first = {
        let app = app.clone();
        let request = json!({ "text": "ink", "ticket": "one page" });
        tokio::spawn(async move { app.call("discover_search", request).await })
    };
    while world.simulator.count("models") == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let second = search(&app, json!({ "text": "ink wash", "ticket": "one page" })).await;
    assert!(!second.models.is_empty());
    assert_eq!(first.await.unwrap().unwrap_err().code, Code::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_content_level_of_the_settings_holds() {
    let mut builder = Catalogue::builder();
    for (name, level, nsfw) in [("tame", 1, false), ("warm", 2 | 4, true), ("hot", 8 | 16, true), ("unrated", 0, false)]
    {
        let model = builder.model(ModelSpec { nsfw, ..ModelSpec::new(name, "LORA") });
        let version = builder.version(model, VersionSpec { nsfw_level: level, ..VersionSpec::new("v1", "Pony") });
        builder.file(version, FileSpec::new(format!("{name}.safetensors"), noise(model, 100)));
    }
    let world = World::with(builder.build()).await;
    let app = world.open().await;
    let names = |page: DiscoverPage| {
        let mut names: Vec<String> = page.models.into_iter().map(|model| model.name).collect();
        names.sort();
        (names.join(" "), page.above_level)
    };
    for (blur_above, expected) in [(1, ("tame", 0)), (2, ("tame unrated warm", 1)), (8, ("hot tame unrated warm", 0))] {
        set(&app, |settings| settings.blur_above = blur_above).await;
        let (found, above) = names(search(&app, json!({})).await);
        assert_eq!((found.as_str(), above), expected, "up to {blur_above}");
    }
    set(&app, |settings| settings.blur_above = 1).await;
    assert_eq!(names(search(&app, everything(0)).await), ("hot tame unrated warm".to_owned(), 0));
    let asked: Vec<bool> = world.simulator.requests().iter().map(|one| one.query.contains("nsfw=true")).collect();
    assert_eq!(asked, [false, true, true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_where_asking_is_off_nor_for_marks() {
    let world = World::with(Catalogue::standard()).await;
    let app = world.open().await;
    let (model, found) = world.place_of(known::LATEST);
    set(&app, |settings| settings.look_up = false).await;
    for (command, request) in [
        ("discover_search", json!({})),
        ("discover_model", json!({ "id": model })),
        ("discover_words", json!({})),
        ("discover_find", json!({ "what": found.0.to_string() })),
    ] {
        assert_eq!(code(&app, command, request).await, Code::InvalidRequest, "{command}");
    }
    // What an address says, it says without a question.
    let what = format!("https://civitai.com/models/{}?modelVersionId={}", model.0, found.0);
    let told: DiscoverFound = call(&app, "discover_find", json!({ "what": what })).await;
    assert_eq!(told, DiscoverFound { model, version: Some(found) });
    let none: Vec<ModelMarks> = call(&app, "discover_marks", json!({ "models": [model, 5] })).await;
    assert!(none.is_empty(), "nothing was shown so far");
    assert_eq!(world.simulator.requests().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_found_by_address_air_and_number() {
    let world = World::with(Catalogue::standard()).await;
    let app = world.open().await;
    let (model, version) = world.place_of(known::LATEST);
    let whole = DiscoverFound { model, version: Some(version) };
    for (what, expected) in [
        (format!("{}/models/{}", world.simulator.base_url(), model.0), DiscoverFound { model, version: None }),
        (format!("urn:air:sdxl:lora:civitai:{}@{}", model.0, version.0), whole),
        (version.0.to_string(), whole),
    ] {
        let found: DiscoverFound = call(&app, "discover_find", json!({ "what": what })).await;
        assert_eq!(found, expected, "{what}");
    }
    assert_eq!(world.simulator.requests().len(), 1, "only a number has to be asked for");
    assert_eq!(code(&app, "discover_find", json!({ "what": "999999999" })).await, Code::NotFound);
    assert_eq!(code(&app, "discover_model", json!({ "id": 999_999_999 })).await, Code::NotFound);
    assert_eq!(code(&app, "discover_model", json!({ "id": -1 })).await, Code::NotFound);
    assert_eq!(code(&app, "discover_find", json!({ "what": "porcelain" })).await, Code::InvalidRequest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_models_page_is_safe_and_says_which_file_to_take() {
    let mut builder = Catalogue::builder();
    let model = builder.model(ModelSpec {
        description: Some(
            "<p onclick=x()>About <b>it</b><script>alert(1)</script><img src=https://evil/x></p>".to_owned(),
        ),
        ..ModelSpec::new("Mixed", "Checkpoint")
    });
    let version = builder.version(model, VersionSpec::new("v1", "SD 1.5"));
    builder.file(version, FileSpec::new("mixed.ckpt", noise(1, 300)));
    let safe = builder
        .file(version, FileSpec { size: Some("pruned".into()), ..FileSpec::new("mixed.safetensors", noise(2, 200)) });
    let world = World::with(builder.build()).await;
    let app = world.open().await;
    let detail = detail(&app, ModelId(model.cast_signed())).await;
    let html = detail.description.unwrap();
    assert!(
        html.contains("<b>it</b>") && !html.contains("script") && !html.contains("img") && !html.contains("onclick")
    );
    assert_eq!(detail.terms.commercial, Some(vec!["Image".to_owned(), "RentCivit".to_owned()]));
    assert_eq!(detail.url, format!("{}/models/{model}", world.simulator.base_url()));
    let files = &detail.versions[0].files;
    let preferred: Vec<i64> = files.iter().filter(|file| file.preferred).map(|file| file.id.0).collect();
    assert_eq!(preferred, [safe.cast_signed()]);
    let pickle = files.iter().find(|file| file.is_pickle).unwrap();
    assert_eq!((pickle.format.as_deref(), files.len()), (Some("PickleTensor"), 2));
    assert_eq!(
        detail.versions[0].air.as_deref(),
        Some(format!("urn:air:sd1:checkpoint:civitai:{model}@{version}").as_str())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_and_in_the_vault_is_marked() {
    let catalogue = Catalogue::standard();
    let vault = Vault::of(&Catalogue::builder().build());
    let world = World::configured(Config { vault: Some(vault), ..Config::default() }, catalogue).await;
    let app =
        open_owner(world.paths(), keyed_client_of(world.simulator.base_url(), world.simulator.token())).await.unwrap();
    crate::support::add(&app, &world.models()).await;
    let (model, version) = world.place_of(known::LATEST);
    search(&app, everything(100)).await;
    let added: Value = call(&app, "download_add", json!({ "what": version.0.to_string() })).await;
    let found = marks(&app, model).await;
    assert!(found.underway && !found.in_vault && found.standing == Standing::Absent, "{found:?}");
    assert_eq!(json!(found.versions[0].underway[0].download), added["download"]["id"]);
    let _: Value = call(&app, "downloads_cancel", json!({ "ids": [added["download"]["id"]] })).await;
    assert!(!marks(&app, model).await.underway);
    let _: Value = call(&app, "vault_change", json!({ "versions": [version], "to": "in" })).await;
    assert!(marks(&app, model).await.in_vault);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_fetched_small_by_the_engine_and_only_what_was_shown() {
    let mut builder = Catalogue::builder();
    let model = builder.model(ModelSpec::new("Seen", "LORA"));
    let previews = vec![PreviewSpec::new(4)];
    let version = builder.version(model, VersionSpec { previews, ..VersionSpec::new("v1", "Pony") });
    builder.file(version, FileSpec::new("seen.safetensors", noise(3, 100)));
    let world = World::with(builder.build()).await;
    let app = world.open().await;
    let cover = search(&app, json!({})).await.models.remove(0).cover.unwrap();
    let pictures = || -> Vec<String> {
        world
            .simulator
            .requests()
            .iter()
            .filter(|one| one.path.contains("uuid") || one.path.contains("/xG1"))
            .map(|one| one.path.clone())
            .collect()
    };
    assert!(pictures().is_empty(), "a list alone fetches none");
    let small = app.catalogue_picture(&cover.key, "thumb").await.unwrap();
    assert_eq!(small.content_type, "image/jpeg");
    assert!(pictures().iter().all(|path| path.contains("/width=450/")) && pictures().len() == 1, "{:?}", pictures());
    app.catalogue_picture(&cover.key, "thumb").await.unwrap();
    assert_eq!(pictures().len(), 1, "kept");
    app.catalogue_picture(&cover.key, "whole").await.unwrap();
    assert!(pictures()[1].contains("/original=true/"), "{:?}", pictures());
    for (key, which) in
        [("0".repeat(64), "thumb"), ("../../etc/passwd".to_owned(), "thumb"), (cover.key.clone(), "raw")]
    {
        assert_eq!(app.catalogue_picture(&key, which).await.unwrap_err().code, Code::NotFound, "{key} {which}");
    }
    set(&app, |settings| settings.remote_previews = false).await;
    assert_eq!(app.catalogue_picture(&cover.key, "thumb").await.unwrap_err().code, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_says_what_to_do_and_promises_nothing() {
    let world = World::with(Catalogue::standard()).await;
    let app = world.open().await;
    for (name, fault, expected) in [
        ("a web page", Fault::new(Action::Html), Code::Server),
        ("a challenge", Fault::status(403).header("content-type", "text/html").body("<html>"), Code::Server),
        ("broken", Fault::new(Action::Truncated), Code::Server),
        ("null", Fault::new(Action::NullBody), Code::Server),
        ("too large", Fault::new(Action::LargeBody { bytes: 9 << 20 }), Code::Server),
        ("500", Fault::status(500), Code::Server),
        ("503", Fault::status(503), Code::Server),
        ("429", Fault::status(429), Code::RateLimited),
        ("401", Fault::status(401), Code::Unauthorised),
        ("dropped", Fault::new(Action::Drop), Code::Offline),
    ] {
        world.simulator.faults().push(fault.on_endpoint("models"));
        let error = app.call("discover_search", json!({ "text": "ink" })).await.unwrap_err();
        assert_eq!(error.code, expected, "{name}: {error:?}");
        let hint = error.hint.unwrap();
        assert!(!hint.contains("by itself"), "{name}: {hint}");
        world.simulator.faults().clear();
    }
    world.simulator.offline(true);
    assert_eq!(code(&app, "discover_search", json!({})).await, Code::Offline);
    world.simulator.offline(false);
    // Words to filter by are no reason to stand still.
    world.simulator.faults().push(Fault::status(500).on_endpoint("enums"));
    let known_here: CatalogueWords = call(&app, "discover_words", json!({})).await;
    assert!(known_here.kinds.contains(&"LORA".to_owned()));
    world.simulator.faults().clear();
    let words: CatalogueWords = call(&app, "discover_words", json!({})).await;
    assert!(words.base_models.contains(&"Flux.1 D".to_owned()));
    let asked = world.simulator.count("enums");
    let _: CatalogueWords = call(&app, "discover_words", json!({})).await;
    assert_eq!(world.simulator.count("enums"), asked, "asked once");
}
