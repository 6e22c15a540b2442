//! The library as one searches, filters and pages it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use civitai_simulator::catalogue::known;
use civitai_simulator::{Catalogue, ModelSpec, sample};
use modeldock_core::library::{FacetCount, Facets, ItemDetail, LibraryItem, LibraryPage};
use modeldock_core::{App, Event};
use serde_json::{Value, json};

use crate::support::{World, add, call, library, noise, only, scan};

/// Both sample installations, scanned.
async fn sample_library() -> (World, App) {
    let catalogue = Catalogue::standard();
    let world = World::with(catalogue.clone()).await;
    let trees = sample::write_trees(world.dir.path(), &catalogue).unwrap();
    let app = world.open().await;
    add(&app, &trees.a1111).await;
    add(&app, &trees.comfyui).await;
    scan(&app).await;
    (world, app)
}

async fn list(app: &App, query: Value) -> LibraryPage {
    call(app, "library_list", query).await
}

async fn search(app: &App, text: &str) -> BTreeSet<String> {
    let page = list(app, json!({ "search": text })).await;
    assert_eq!(page.total as usize, page.items.len());
    page.items.into_iter().map(|item| item.file_name).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_names_words_paths_hashes_and_creators() {
    let (world, app) = sample_library().await;
    // By Civitai's name, whatever the file is called, and in any letter case.
    assert!(search(&app, "quiet STATISTICS").await.is_empty() || !search(&app, "quiet").await.is_empty());
    assert_eq!(search(&app, "aurora").await, names(&["aurora_il.safetensors"]));
    assert_eq!(search(&app, "Winter Archive").await, names(&["archive.safetensors"]));
    // By a trigger word, which is in no name.
    let item = library(&app).await.into_values().find(|item| item.file_name == "removed_gallery.safetensors").unwrap();
    assert_eq!(item.trained_words, ["removed gallery"]);
    assert_eq!(search(&app, "removed gallery").await, names(&["removed_gallery.safetensors"]));
    // By folder.
    assert_eq!(
        search(&app, "Lora/concept").await,
        names(&["brutalist-interiors-pony.safetensors", "Tidepool.safetensors"])
    );
    // Every word counts.
    assert_eq!(search(&app, "concept tidepool").await, names(&["Tidepool.safetensors"]));
    assert!(search(&app, "concept aurora").await.is_empty());
    assert!(search(&app, "odd_sock").await.is_empty(), "nobody has looked at the model yet");
    // By the beginning of a hash; AutoV2 is one.
    let sha256 = item.sha256.clone().unwrap();
    for length in [6, 10, 64] {
        assert_eq!(
            search(&app, &sha256[..length].to_lowercase()).await,
            names(&["removed_gallery.safetensors"]),
            "{length}"
        );
    }
    assert!(search(&app, &sha256[1..12]).await.is_empty(), "the middle of a hash is nothing");
    // The other hashes Civitai shows find it, too.
    let mut events = app.subscribe();
    let detail: ItemDetail = call(&app, "library_item", json!({ "id": item.id })).await;
    let hashes = serde_json::to_value(detail.hashes.unwrap()).unwrap();
    for kind in ["blake3", "crc32", "autov2", "autov3"] {
        let hash = hashes[kind].as_str().unwrap();
        assert_eq!(search(&app, hash).await, names(&["removed_gallery.safetensors"]), "{kind} {hash}");
    }

    // By creator, once somebody has looked at the model.
    let changed = async { while *events.next().await.unwrap() != Event::LibraryChanged {} };
    tokio::time::timeout(Duration::from_secs(20), changed).await.unwrap();
    assert_eq!(search(&app, "odd_sock").await, names(&["removed_gallery.safetensors"]));
    let detail: ItemDetail = call(&app, "library_item", json!({ "id": item.id })).await;
    assert_eq!((detail.item.creator.as_deref(), detail.tags.as_slice()), (Some("odd_sock"), &["style".to_owned()][..]));
    assert_eq!(world.simulator.count("models/{id}"), 1, "a model that is looked at twice is asked about once");
    assert!(detail.civitai_url.unwrap().starts_with(world.simulator.base_url()));
}

/// The filters, as the page would apply them to a list it had.
fn passes(item: &LibraryItem, query: &Value, but: &str) -> bool {
    let wanted = |name: &str, value: Value| {
        let values = query[name].as_array();
        name == but || values.is_none_or(|values| values.is_empty() || values.contains(&value))
    };
    wanted("kinds", json!(item.kind))
        && wanted("base_models", json!(item.base_model))
        && wanted("roots", json!(item.root_id))
        && wanted("states", json!(item.state))
        && (but == "duplicates" || query["duplicates"] != true || item.copies > 1)
        && (but == "missing" || query["missing"] != true || item.missing)
}

fn counts(facets: &[FacetCount]) -> BTreeMap<String, u32> {
    facets.iter().filter(|facet| facet.count > 0).map(|facet| (facet.value.clone(), facet.count)).collect()
}

fn tally<'i>(
    items: impl Iterator<Item = &'i LibraryItem>,
    value: impl Fn(&LibraryItem) -> Option<String>,
) -> BTreeMap<String, u32> {
    let mut tally = BTreeMap::new();
    for value in items.filter_map(value) {
        *tally.entry(value).or_default() += 1;
    }
    tally
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_filter_and_facets_count_without_their_own_filter() {
    let (_world, app) = sample_library().await;
    let all: Vec<LibraryItem> = library(&app).await.into_values().collect();
    let roots: BTreeSet<i64> = all.iter().map(|item| item.root_id.0).collect();
    let root = roots.first().unwrap();
    let queries = [
        json!({}),
        json!({ "kinds": ["LORA"] }),
        json!({ "kinds": ["LORA", "VAE"], "base_models": ["SDXL 1.0"] }),
        json!({ "states": ["not_found"] }),
        json!({ "states": ["not_found", "matched"], "roots": [root], "kinds": ["Checkpoint"] }),
        json!({ "duplicates": true }),
        json!({ "duplicates": true, "roots": [root] }),
        json!({ "missing": true }),
        json!({ "kinds": ["Nonsense"] }),
        json!({ "roots": [999_999] }),
        json!({ "kinds": ["LORA"], "base_models": ["Pony"], "states": ["matched"], "roots": roots, "duplicates": false }),
    ];
    for query in queries {
        let expected: BTreeSet<&str> =
            all.iter().filter(|item| passes(item, &query, "")).map(|item| item.path.as_str()).collect();
        let page = list(&app, query.clone()).await;
        let found: BTreeSet<&str> = page.items.iter().map(|item| item.path.as_str()).collect();
        assert_eq!(found, expected, "{query}");
        assert_eq!(page.total as usize, expected.len(), "{query}");
        assert_eq!(page.total_bytes.0, page.items.iter().map(|item| item.size.0).sum::<u64>());

        let facets: Facets = call(&app, "library_facets", query.clone()).await;
        let without = |but: &'static str| all.iter().filter(|item| passes(item, &query, but)).collect::<Vec<_>>();
        let count =
            |but: &'static str, value: &dyn Fn(&LibraryItem) -> Option<String>| tally(without(but).into_iter(), value);
        assert_eq!(facets.all as usize, all.len());
        assert_eq!(counts(&facets.kinds), count("kinds", &|item| Some(item.kind.to_string())), "{query}");
        assert_eq!(counts(&facets.base_models), count("base_models", &|item| item.base_model.clone()), "{query}");
        assert_eq!(counts(&facets.roots), count("roots", &|item| Some(item.root_id.0.to_string())), "{query}");
        let state = |item: &LibraryItem| Some(json!(item.state).as_str().unwrap().to_owned());
        assert_eq!(counts(&facets.states), count("states", &state), "{query}");
        assert_eq!(
            facets.duplicates as usize,
            without("duplicates").iter().filter(|item| item.copies > 1).count(),
            "{query}"
        );
        assert_eq!(facets.missing, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_every_order_cover_everything_exactly_once() {
    let (_world, app) = sample_library().await;
    // Ties everywhere: one time, and many of one size.
    let now = std::time::SystemTime::now();
    for path in library(&app).await.keys() {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(now).unwrap();
    }
    scan(&app).await;
    let everything = library(&app).await;
    for sort in ["newest", "name", "size", "added"] {
        for reverse in [false, true] {
            let query = |offset: usize, limit: usize| json!({ "sort": sort, "reverse": reverse, "offset": offset, "limit": limit });
            let whole: Vec<String> = list(&app, query(0, 1000)).await.items.into_iter().map(|item| item.path).collect();
            assert_eq!(whole.len(), everything.len());
            let mut paged = Vec::new();
            while paged.len() < whole.len() {
                let page = list(&app, query(paged.len(), 7)).await;
                assert_eq!(page.total as usize, whole.len());
                assert!(!page.items.is_empty());
                paged.extend(page.items.into_iter().map(|item| item.path));
            }
            assert_eq!(paged, whole, "{sort} {reverse}");
            let beyond = list(&app, query(whole.len(), 7)).await;
            assert_eq!((beyond.items.len(), beyond.total as usize), (0, whole.len()));
        }
    }
    let by_name: Vec<String> = list(&app, json!({ "sort": "name" }))
        .await
        .items
        .into_iter()
        .map(|item| item.model_name.unwrap_or(item.file_name).to_lowercase())
        .collect();
    assert!(by_name.is_sorted(), "{by_name:?}");
    assert_eq!(list(&app, json!({ "limit": 4_000_000_000_u32, "offset": 4_000_000_000_u32 })).await.items.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_searches_are_only_text() {
    let (_world, app) = sample_library().await;
    let total = list(&app, json!({})).await.total;
    let long = "a".repeat(1 << 20);
    let hostile = [
        "'",
        "\"",
        "''; DROP TABLE files; --",
        "%",
        "_",
        "%%%%%%",
        "\\",
        "\0",
        "a\0b",
        "*",
        "?",
        "(",
        ")",
        "[",
        "ß",
        "İ",
        "🦀",
        "' OR 1=1 --",
        "\u{202e}",
        "../..",
        "deadbeef%",
        "______",
        "ffffff'",
        &long,
    ];
    for text in hostile {
        let page = list(&app, json!({ "search": text })).await;
        assert!(page.total < total, "{:?} found {}", text.chars().take(20).collect::<String>(), page.total);
        let facets: Facets = call(&app, "library_facets", json!({ "search": text })).await;
        assert_eq!(facets.all, total);
    }
    assert_eq!(list(&app, json!({ "search": " \t\n " })).await.total, total, "nothing is no search");
    assert_eq!(
        list(&app, json!({ "search": "tensors ".repeat(130_000) })).await.total,
        list(&app, json!({ "search": "tensors" })).await.total
    );
    // As values of filters, too.
    for value in ["'", "\0", "%", &long] {
        assert_eq!(list(&app, json!({ "kinds": [value], "base_models": [value] })).await.total, 0);
    }
    assert_eq!(library(&app).await.len(), total as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_hard_to_write_are_found_and_kept() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::with(Catalogue::default()).await;
    let odd = ["a'b\"c.ckpt", "100%_[x].ckpt", "new\nline.ckpt", "日本 🦀.ckpt", "-rf.ckpt", "a\\b.ckpt"];
    for (seed, name) in odd.iter().enumerate() {
        world.write(name, noise(seed as u64, 100));
    }
    let bytes = std::ffi::OsStr::from_bytes(b"not\xff\xfeunicode.ckpt");
    std::fs::write(world.models().join(bytes), noise(77, 100)).unwrap();
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(odd.len() + 1);
    scan(&app).await.assert_read(0);
    for name in &odd[..2] {
        assert_eq!(search(&app, name).await, names(&[name]));
    }
    assert_eq!(search(&app, "日本").await, names(&["日本 🦀.ckpt"]));
    let item = list(&app, json!({ "search": "unicode" })).await.items.remove(0);
    assert!(item.path.contains('\u{fffd}') && item.path_bytes.is_some());
    assert_eq!(app.file_path(item.id).await.unwrap().file_name().unwrap(), bytes);
    call::<Value>(&app, "library_item", json!({ "id": item.id })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_authors_write_is_made_safe() {
    let evil = r#"<p onclick="steal()">Good <b>words</b></p><script>steal()</script><img src=x onerror=steal()>
        <a href="javascript:steal()">x</a><iframe src="https://evil.example"></iframe><style>*{display:none}</style>
        <svg><script>steal()</script></svg><a href="https://ok.example" target=_blank>fine</a>"#;
    let mut builder = Catalogue::builder();
    let added = builder.add_file(
        "a.safetensors",
        noise(1, 5000),
        ModelSpec {
            description: Some(evil.to_owned()),
            creator: "<script>steal()</script>".to_owned(),
            ..ModelSpec::new("<img src=x onerror=steal()>", "LORA")
        },
    );
    builder.edit_version(added.version, |version| version.description = Some(evil.to_owned()));
    let world = World::with(builder.build()).await;
    world.write("a.safetensors", noise(1, 5000));
    let app = world.open_with_models().await;
    scan(&app).await;
    let id = only(&app).await.id;
    let mut events = app.subscribe();
    call::<Value>(&app, "library_item", json!({ "id": id })).await;
    while *events.next().await.unwrap() != Event::LibraryChanged {}
    let detail: ItemDetail = call(&app, "library_item", json!({ "id": id })).await;
    for html in [detail.version_description.unwrap(), detail.model_description.unwrap()] {
        assert!(html.contains("Good <b>words</b>") && html.contains("https://ok.example"), "{html}");
        for bad in ["steal", "script", "onclick", "onerror", "img", "iframe", "style", "svg", "javascript", "target"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
    }
    // Names are text, not HTML: they come as they are and the page must not take them for markup.
    assert_eq!(detail.item.model_name.as_deref(), Some("<img src=x onerror=steal()>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn models_that_civitai_half_shows_are_matched_all_the_same() {
    let (_world, app) = sample_library().await;
    let catalogue = Catalogue::standard();
    for name in [known::ARCHIVED, known::TAKEN_DOWN, known::UNRATED, known::EARLY_ACCESS, known::UNKNOWN_TYPE] {
        let sha256 = &catalogue.file_named(name).unwrap().hashes.sha256;
        let items = list(&app, json!({ "search": sha256 })).await.items;
        let item = items.first().unwrap_or_else(|| panic!("{name} is not in the library"));
        assert!(item.model_name.is_some() && item.version_id.is_some(), "{name}: {item:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_never_shows_what_was_true_before_whoever_changed_it() {
    let (world, app) = sample_library().await;
    let id = only_named(&app, "aurora_il.safetensors").await.id.0;
    let state = async |app: &App| {
        let item = only_named(app, "aurora_il.safetensors").await;
        (item.favourite, item.rating, item.tags, item.missing)
    };
    let facets = async || call::<Facets>(&app, "library_facets", json!({})).await;
    assert_eq!(state(&app).await, (false, 0, Vec::new(), false));
    let before = facets().await;

    // This process, and a mark that only another table holds.
    let change = json!({ "favourite": true, "rating": 4, "add_tags": ["sky"] });
    let _: Value = call(&app, "library_mark", json!({ "ids": [id], "change": change })).await;
    assert_eq!(state(&app).await, (true, 4, vec!["sky".to_owned()], false));
    assert_eq!(search(&app, "sky").await.len(), 1);
    assert_eq!(facets().await.favourites, 1);
    let rated = list(&app, json!({ "sort": "rating", "limit": 1 })).await;
    assert_eq!(rated.items[0].file_name, "aurora_il.safetensors");

    // Another process: every table that a search looks at.
    for (statement, changed) in [
        ("UPDATE cache.files SET away = 1 WHERE name = 'aurora_il.safetensors'", "missing"),
        ("UPDATE cache.files SET search = search || ' elsewhere' WHERE name = 'aurora_il.safetensors'", "elsewhere"),
        (
            "UPDATE cache.versions SET search = search || ' boreal' WHERE id = (SELECT version_id FROM cache.resolutions r JOIN cache.files f USING (sha256) WHERE f.name = 'aurora_il.safetensors')",
            "boreal",
        ),
        ("UPDATE main.marks SET search = search || ' polar'", "polar"),
    ] {
        world.sql(statement);
        if changed == "missing" {
            assert_eq!(facets().await.missing, before.missing + 1);
        } else {
            assert_eq!(search(&app, changed).await, names(&["aurora_il.safetensors"]), "{changed}");
        }
    }
    world.sql("DELETE FROM cache.files WHERE name = 'aurora_il.safetensors'");
    assert!(search(&app, "aurora").await.is_empty());
    assert_eq!(facets().await.all, before.all - 1);
}

async fn only_named(app: &App, name: &str) -> LibraryItem {
    let page = list(app, json!({ "search": name })).await;
    page.items.into_iter().find(|item| item.file_name == name).unwrap()
}
