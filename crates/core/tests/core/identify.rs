//! What files are found to be without being read in full, or without their SHA-256 being known: believed, never called
//! verified, and put right by reading.

use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use civitai_simulator::{Catalogue, Hashes, ModelSpec, VersionSpec};
use modeldock_core::import::Tool;
use modeldock_core::library::{ItemDetail, ItemState, LibraryItem, MatchedBy, Provenance};
use modeldock_core::scan::{ScanDepth, ScanEvent};
use modeldock_core::{App, Code};
use serde_json::json;

use crate::support::{Scanned, World, call, library, noise, only, scan, scan_at, sha256sum};

/// A safetensors file of one tensor, with metadata in its header.
fn safetensors(metadata: &str, tensors: &[u8]) -> Vec<u8> {
    let header = format!(
        r#"{{"__metadata__":{metadata},"t":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#,
        tensors.len()
    );
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), tensors].concat()
}

fn large(seed: u64) -> Vec<u8> {
    safetensors("{}", &noise(seed, 3 << 20))
}

async fn quick(app: &App) -> Scanned {
    scan_at(app, ScanDepth::Quick, Vec::new(), |_| ()).await
}

async fn detail(app: &App, item: &LibraryItem) -> ItemDetail {
    call(app, "library_item", json!({ "id": item.id })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_names_a_file_and_reading_it_verifies_it() {
    let mut builder = Catalogue::builder();
    let files: Vec<Vec<u8>> = (0..20).map(large).collect();
    for (number, bytes) in files.iter().enumerate() {
        builder.add_file(&format!("{number}.safetensors"), bytes.clone(), ModelSpec::new(format!("M{number}"), "LORA"));
    }
    let world = World::with(builder.build()).await;
    for (number, bytes) in files.iter().enumerate() {
        world.write(&format!("{number}.safetensors"), bytes);
    }
    let app = world.open_with_models().await;

    let scanned = quick(&app).await;
    scanned.assert_read(0);
    assert_eq!((scanned.summary.matched, scanned.summary.probable), (20, 20));
    let all: u64 = files.iter().map(|bytes| bytes.len() as u64).sum();
    assert!(scanned.summary.bytes_sampled * 40 < all, "{} of {all}", scanned.summary.bytes_sampled);
    for item in library(&app).await.values() {
        assert_eq!((item.state, item.provenance), (ItemState::Probable, Some(Provenance::Quick)));
        assert!(item.model_name.is_some() && item.hashed_at.is_some());
    }
    world.simulator.reset_counts();
    quick(&app).await.assert_read(0);
    assert!(world.simulator.requests().is_empty(), "asked again: {:?}", world.simulator.requests());

    let items = library(&app).await;
    assert_eq!(detail(&app, items.values().next().unwrap()).await.hashes, None, "nothing was measured");

    scan(&app).await.assert_read(20);
    for (path, item) in library(&app).await {
        assert_eq!((item.state, item.provenance), (ItemState::Matched, Some(Provenance::Measured)));
        assert_eq!((item.corrected.as_ref(), item.sha256), (None, Some(sha256sum(&path))));
    }
}

/// AutoV1 has 32 bits and covers 64 KiB: a file may share it with another, and its size, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_sample_that_names_the_wrong_file_is_never_called_verified_and_is_put_right() {
    let original = large(1);
    let mut retrained = original.clone();
    let end = retrained.len() - 100;
    retrained[end..].fill(7);
    let catalogue = {
        let mut builder = Catalogue::builder();
        builder.add_file("a.safetensors", original, ModelSpec::new("Original", "LORA"));
        builder.build()
    };
    let world = World::with(catalogue).await;
    let path = world.write("a.safetensors", &retrained);
    let app = world.open_with_models().await;
    quick(&app).await.assert_read(0);
    let believed = only(&app).await;
    assert_eq!((believed.state, believed.model_name.as_deref()), (ItemState::Probable, Some("Original")));

    let scanned = scan(&app).await;
    let corrected = scanned.events.iter().any(
        |event| matches!(event, ScanEvent::Corrected { believed: was, .. } if Some(was) == believed.sha256.as_ref()),
    );
    assert!(corrected, "{:?}", scanned.events);
    let item = only(&app).await;
    assert_eq!((item.state, item.model_name.as_deref()), (ItemState::NotFound, None));
    assert_eq!(item.sha256, Some(sha256sum(&path)));
    let correction = item.corrected.unwrap();
    assert_eq!((correction.provenance, Some(correction.sha256)), (Provenance::Quick, believed.sha256));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_is_nothing_without_the_right_size_and_a_whole_file() {
    let original = large(1);
    let longer = safetensors("{}", &[&noise(1, 3 << 20)[..], &[7; 100]].concat());
    let catalogue = {
        let mut builder = Catalogue::builder();
        let added = builder.add_file("a.safetensors", original.clone(), ModelSpec::new("Original", "LORA"));
        // The same 64 KiB in a file of another length, which is what a resaved model is.
        let hashes = Hashes { auto_v1: Hashes::of(&longer).auto_v1, ..Hashes::of(&original) };
        builder.edit_file(added.file, |file| file.hashes = hashes);
        builder.build()
    };
    let world = World::with(catalogue).await;
    world.write("longer.safetensors", &longer);
    world.write("truncated.safetensors", &original[..original.len() - 1000]);
    let app = world.open_with_models().await;
    let scanned = quick(&app).await;
    scanned.assert_read(2);
    assert_eq!(scanned.summary.not_found, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_failure_to_answer_a_sample_is_taken_for_an_answer() {
    let catalogue = {
        let mut builder = Catalogue::builder();
        builder.add_file("a.safetensors", large(1), ModelSpec::new("Original", "LORA"));
        builder.build()
    };
    let world = World::with(catalogue).await;
    world.write("a.safetensors", large(1));
    let app = world.open_with_models().await;
    world.simulator.offline(true);
    quick(&app).await.assert_read(1);
    assert_eq!(only(&app).await.state, ItemState::Pending);
    world.simulator.offline(false);
    quick(&app).await.assert_read(0);
    assert_eq!(only(&app).await.state, ItemState::Matched);
}

/// A 5 GiB download must not wait for its name until it has been read.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_is_named_before_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.safetensors");
    let size = sparse(&path, 5 << 30);
    let mut part = vec![0; 0x1_0000];
    part[..8].copy_from_slice(b"distinct");
    let catalogue = {
        let mut builder = Catalogue::builder();
        let model = builder.model(ModelSpec::new("Large", "Checkpoint"));
        let version = builder.version(model, VersionSpec::new("v1", "Flux.1 D"));
        let of_part = Hashes::of(&[vec![0; 1 << 20], part, vec![0; 1 << 20]].concat());
        builder.listed_file(
            version,
            "large.safetensors",
            size,
            Hashes { auto_v1: of_part.auto_v1, ..Hashes::of(b"x") },
        );
        builder.build()
    };
    let world = World::with(catalogue).await;
    std::fs::rename(&path, world.models().join("large.safetensors")).unwrap();
    let app = world.open_with_models().await;
    let named = Arc::new(std::sync::Mutex::new(None));
    let heard = Arc::clone(&named);
    let scanned = crate::support::scan_of(&app, Vec::new(), move |event| {
        if let ScanEvent::Identified { provenance, .. } = event {
            *heard.lock().unwrap() = Some(*provenance);
        }
        assert!(!matches!(event, ScanEvent::Hashed { .. }) || heard.lock().unwrap().is_some(), "named first");
    })
    .await;
    assert_eq!(*named.lock().unwrap(), Some(Provenance::Quick));
    scanned.assert_read(1);
    // The catalogue's SHA-256 is not the file's: reading it said so.
    assert!(only(&app).await.corrected.is_some());
}

/// A file of a valid header and nothing in it but what AutoV1 sees. Returns its length.
fn sparse(path: &Path, tensors: u64) -> u64 {
    let header = format!(r#"{{"t":{{"dtype":"U8","shape":[{tensors}],"data_offsets":[0,{tensors}]}}}}"#);
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.seek(SeekFrom::Start(1 << 20)).unwrap();
    file.write_all(b"distinct").unwrap();
    let size = 8 + header.len() as u64 + tensors;
    file.set_len(size).unwrap();
    size
}

async fn with_original(bytes: Vec<u8>, name: &str) -> World {
    let mut builder = Catalogue::builder();
    builder.add_file(name, bytes, ModelSpec::new("Original", "LORA"));
    World::with(builder.build()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_whose_header_was_altered_is_found_by_its_tensors() {
    let tensors = noise(5, 40_000);
    let world = with_original(safetensors("{}", &tensors), "a.safetensors").await;
    world.write("a.safetensors", safetensors(r#"{"modelspec.title":"mine now"}"#, &tensors));
    world.write("other.safetensors", safetensors("{}", &noise(6, 40_000)));
    let app = world.open_with_models().await;
    scan(&app).await;
    let items = library(&app).await;
    let item = &items[&world.models().join("a.safetensors")];
    assert_eq!((item.state, item.matched_by), (ItemState::Matched, Some(MatchedBy::Tensors)));
    assert_eq!(item.model_name.as_deref(), Some("Original"));
    let other = &items[&world.models().join("other.safetensors")];
    assert_eq!((other.state, other.matched_by), (ItemState::NotFound, None));
    world.simulator.reset_counts();
    scan(&app).await.assert_read(0);
    assert_eq!(world.simulator.requests().len(), 0);
}

/// What repackers write when they hash nothing would make one model of all their files.
#[tokio::test(flavor = "multi_thread")]
async fn the_hash_of_nothing_finds_nothing() {
    let world = with_original(safetensors("{}", b""), "empty.safetensors").await;
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    world.write("a.safetensors", safetensors(r#"{"k":"v"}"#, b""));
    world.write("b.safetensors", safetensors(&format!(r#"{{"sshs_model_hash":"{nothing}"}}"#), b"tensors"));
    let app = world.open_with_models().await;
    let scanned = scan(&app).await;
    assert_eq!((scanned.summary.matched, scanned.summary.not_found), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hash_a_header_claims_makes_a_match_probable_at_most() {
    let original = safetensors("{}", &noise(5, 40_000));
    let autov3 = Hashes::of(&original).auto_v3.unwrap().to_lowercase();
    let world = with_original(original, "a.safetensors").await;
    let claim = format!(r#"{{"modelspec.hash_sha256":"0x{autov3}{}"}}"#, "0".repeat(52));
    world.write("a.safetensors", safetensors(&claim, &noise(9, 40_000)));
    let app = world.open_with_models().await;
    scan(&app).await;
    let item = only(&app).await;
    assert_eq!((item.state, item.matched_by), (ItemState::Probable, Some(MatchedBy::Embedded)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_without_a_sha256_is_found_by_blake3() {
    let bytes = noise(5, 40_000);
    let catalogue = {
        let mut builder = Catalogue::builder();
        let added = builder.add_file("a.ckpt", bytes.clone(), ModelSpec::new("Original", "Checkpoint"));
        builder.edit_file(added.file, |file| file.hashes.sha256 = "0".repeat(64));
        builder.build()
    };
    let world = World::with(catalogue).await;
    world.write("a.ckpt", bytes);
    let app = world.open_with_models().await;
    scan(&app).await;
    let item = only(&app).await;
    assert_eq!((item.state, item.matched_by), (ItemState::Matched, Some(MatchedBy::Blake3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_known_by_the_model_in_it() {
    let bytes = noise(5, 40_000);
    let world = with_original(bytes.clone(), "a.ckpt").await;
    let path = world.models().join("downloaded.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    zip.start_file("read me.txt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.start_file("inner/a.ckpt", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&bytes).unwrap();
    zip.finish().unwrap();
    let app = world.open_with_models().await;
    scan(&app).await;
    let item = only(&app).await;
    assert_eq!((item.state, item.matched_by), (ItemState::Matched, Some(MatchedBy::ArchiveMember)));
}

/// One failing question of several must not make "not known" of the others' silence.
#[tokio::test(flavor = "multi_thread")]
async fn a_failure_of_the_other_questions_leaves_a_file_pending() {
    let tensors = noise(5, 40_000);
    let world = with_original(safetensors("{}", &tensors), "a.safetensors").await;
    world.write("a.safetensors", safetensors(r#"{"k":"v"}"#, &tensors));
    let app = world.open_with_models().await;
    world.simulator.faults().push(civitai_simulator::Fault::status(503).on_endpoint("by-hash/{hash}"));
    scan(&app).await;
    assert_eq!(only(&app).await.state, ItemState::Pending);
    world.simulator.faults().clear();
    scan(&app).await;
    assert_eq!(only(&app).await.state, ItemState::Matched);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_by_hand_survives_scans_renames_and_a_lost_cache() {
    let world = with_original(noise(5, 40_000), "a.ckpt").await;
    let version = world.simulator.catalogue().versions().next().unwrap().clone();
    let path = world.write("mine.ckpt", noise(6, 50_000));
    let app = world.open_with_models().await;
    scan(&app).await;
    let item = only(&app).await;
    assert_eq!(item.state, ItemState::NotFound);
    let linked = |item: &LibraryItem| {
        assert_eq!((item.state, item.matched_by), (ItemState::Matched, Some(MatchedBy::Link)));
        assert_eq!(item.version_id.map(|id| id.0.cast_unsigned()), Some(version.id));
    };
    let page = format!("https://civitai.com/models/{}?modelVersionId={}", version.model_id, version.id);
    let air = format!("urn:air:sdxl:lora:civitai:{}@{}", version.model_id, version.id);
    let model = format!("https://civitai.com/models/{}", version.model_id);
    for reference in [page, air, model, version.id.to_string()] {
        linked(&call(&app, "item_link", json!({ "id": item.id, "reference": reference })).await);
    }
    for (reference, code) in [
        ("nonsense", Code::InvalidRequest),
        ("999999999", Code::NotFound),
        ("https://example.com/models/1", Code::InvalidRequest),
    ] {
        let error = app.call("item_link", json!({ "id": item.id, "reference": reference })).await.unwrap_err();
        assert_eq!(error.code, code, "{reference}: {error:?}");
        assert!(error.hint.is_some());
    }

    std::fs::rename(&path, world.models().join("renamed.ckpt")).unwrap();
    app.call("identify", json!({ "files": [item.id] })).await.unwrap();
    scan(&app).await;
    linked(&only(&app).await);
    app.shutdown().await;
    drop(app);
    for file in ["cache.db", "cache.db-wal", "cache.db-shm"] {
        let _ = std::fs::remove_file(world.paths().data_dir().join(file));
    }
    let app = world.open().await;
    scan(&app).await;
    linked(&only(&app).await);

    let item = only(&app).await;
    let unlinked: LibraryItem = call(&app, "item_unlink", json!({ "id": item.id })).await;
    assert_eq!((unlinked.state, unlinked.matched_by), (ItemState::NotFound, None));
    let error = app.call("item_unlink", json!({ "id": item.id })).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
}

/// A link is about a content: what it is must be known before, even if only a sample of it was read.
#[tokio::test(flavor = "multi_thread")]
async fn linking_a_file_that_was_not_read_reads_it() {
    let world = with_original(large(1), "a.safetensors").await;
    let path: PathBuf = world.write("a.safetensors", large(1));
    let app = world.open_with_models().await;
    quick(&app).await.assert_read(0);
    let version = world.simulator.catalogue().versions().next().unwrap().id;
    let item = only(&app).await;
    let item: LibraryItem = call(&app, "item_link", json!({ "id": item.id, "reference": version.to_string() })).await;
    assert_eq!((item.provenance, item.sha256), (Some(Provenance::Measured), Some(sha256sum(&path))));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_civitai_said_is_kept_when_it_says_less() {
    let world = World::bulk(1).await;
    let app = world.open_with_models().await;
    scan(&app).await;
    let item = only(&app).await;
    let version = item.version_id.unwrap().0.cast_unsigned();
    let model = item.model_id.unwrap().0.cast_unsigned();
    assert_eq!(detail(&app, &item).await.answers.len(), 1);

    let ask = || app.call("identify", json!({ "files": [item.id] }));
    world.sql("UPDATE cache.versions SET fetched_at = 1000");
    world.simulator.edit(|catalogue| catalogue.edit_model(model, |model| model.name = "Renamed".to_owned()));
    ask().await.unwrap();
    let renamed = only(&app).await;
    assert_eq!(renamed.model_name.as_deref(), Some("Renamed"));
    let answers = detail(&app, &renamed).await.answers;
    assert_eq!(
        answers.iter().map(|answer| answer.name.as_str()).collect::<Vec<_>>(),
        ["Renamed v1.0", "Bulk 00000 v1.0"]
    );

    world.sql("UPDATE cache.versions SET fetched_at = 1000");
    let archive = |model: &mut ModelSpec| model.mode = Some(civitai_simulator::Mode::Archived);
    world.simulator.edit(|catalogue| catalogue.edit_model(model, archive));
    ask().await.unwrap();
    let archived = only(&app).await;
    assert_eq!((archived.state, archived.file_id), (ItemState::Matched, item.file_id), "its file is still known");
    assert_eq!(archived.version_id.unwrap().0.cast_unsigned(), version);
    let answers = detail(&app, &archived).await.answers;
    assert_eq!(answers.iter().map(|answer| answer.files).collect::<Vec<_>>(), [0, 1, 1]);
}

/// An SD.Next installation with checkpoints, and what its cache says about them.
fn webui(world: &World, models: &[(&str, &[u8], &str)]) -> PathBuf {
    let root = world.dir.path().join("webui");
    let folder = root.join("models/Stable-diffusion");
    std::fs::create_dir_all(&folder).unwrap();
    let mut hashes = serde_json::Map::new();
    for (name, bytes, sha256) in models {
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        let modified = path.metadata().unwrap().modified().unwrap();
        let seconds = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
        let entry = json!({ "mtime": seconds, "sha256": sha256.to_lowercase() });
        hashes.insert(format!("checkpoint/{name}"), entry);
    }
    std::fs::write(root.join("cache.json"), json!({ "hashes": hashes }).to_string()).unwrap();
    root
}

async fn add_webui(app: &App, root: &Path) {
    app.call("roots_add", json!({ "path": root, "layout": "sd_next" })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tools_cache_names_everything_before_anything_is_read() {
    let files: Vec<Vec<u8>> = (0..30).map(|seed| noise(seed, 9000)).collect();
    let mut builder = Catalogue::builder();
    for (at, bytes) in files.iter().enumerate() {
        builder.add_file(&format!("{at}.ckpt"), bytes.clone(), ModelSpec::new(format!("M{at}"), "Checkpoint"));
    }
    let world = World::with(builder.build()).await;
    let names: Vec<String> = (0..30).map(|at| format!("{at}.ckpt")).collect();
    let hashes: Vec<String> = files.iter().map(|bytes| Hashes::of(bytes).sha256).collect();
    let models: Vec<(&str, &[u8], &str)> = names
        .iter()
        .zip(&files)
        .zip(&hashes)
        .map(|((name, bytes), sha256)| (name.as_str(), bytes.as_slice(), sha256.as_str()))
        .collect();
    let root = webui(&world, &models);
    let app = world.open().await;
    add_webui(&app, &root).await;
    let scanned = quick(&app).await;
    scanned.assert_read(0);
    assert_eq!((scanned.summary.matched, scanned.summary.probable, scanned.summary.bytes_sampled), (30, 30, 0));
    assert_eq!(world.simulator.count("by-hash/ids"), 1);
    for item in library(&app).await.values() {
        assert_eq!((item.state, item.provenance), (ItemState::Probable, Some(Provenance::Imported)));
        assert_eq!(item.hash_source, Some(Tool::SdNext));
    }
    scan(&app).await.assert_read(30);
    for item in library(&app).await.values() {
        assert_eq!((item.state, item.provenance), (ItemState::Matched, Some(Provenance::Measured)));
        assert_eq!((item.hash_source, item.corrected.as_ref()), (None, None));
    }
}

/// What a cache says may be of another file, made up, or older than the file.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_cache_is_never_called_verified_and_is_put_right() {
    let (original, other_size) = (noise(1, 9000), noise(2, 9500));
    let catalogue = {
        let mut builder = Catalogue::builder();
        builder.add_file("a.ckpt", original.clone(), ModelSpec::new("Original", "Checkpoint"));
        builder.build()
    };
    let world = World::with(catalogue).await;
    let claimed = Hashes::of(&original).sha256;
    let same_size = noise(3, 9000);
    let root = webui(
        &world,
        &[
            ("same-size.ckpt", &same_size, &claimed),
            ("other-size.ckpt", &other_size, &claimed),
            ("made-up.ckpt", &noise(4, 700), &"AB".repeat(32)),
        ],
    );
    let app = world.open().await;
    add_webui(&app, &root).await;
    // Another size is told at once, a hash that nobody has is as good as none; both are read. The third is believed.
    let scanned = quick(&app).await;
    scanned.assert_read(2);
    let items = library(&app).await;
    let item = |name: &str| items[&root.join("models/Stable-diffusion").join(name)].clone();
    assert_eq!(
        (item("same-size.ckpt").state, item("same-size.ckpt").model_name.as_deref()),
        (ItemState::Probable, Some("Original"))
    );
    assert_eq!(item("other-size.ckpt").state, ItemState::NotFound);
    assert_eq!(item("made-up.ckpt").state, ItemState::NotFound);

    let scanned = scan(&app).await;
    scanned.assert_read(1);
    assert!(scanned.events.iter().any(|event| matches!(event, ScanEvent::Corrected { .. })));
    let items = library(&app).await;
    for (path, item) in &items {
        assert_eq!((item.state, item.provenance), (ItemState::NotFound, Some(Provenance::Measured)), "{path:?}");
        assert_eq!(item.sha256, Some(sha256sum(path)));
    }
    let correction = items[&root.join("models/Stable-diffusion/same-size.ckpt")].corrected.clone().unwrap();
    assert_eq!((correction.source, correction.sha256), (Some(Tool::SdNext), claimed));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cache_older_than_the_file_says_nothing() {
    let bytes = noise(1, 9000);
    let world = with_original(bytes.clone(), "a.ckpt").await;
    let root = webui(&world, &[("a.ckpt", &bytes, &Hashes::of(&bytes).sha256)]);
    let path = root.join("models/Stable-diffusion/a.ckpt");
    std::fs::write(&path, noise(2, 9000)).unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    let app = world.open().await;
    add_webui(&app, &root).await;
    quick(&app).await.assert_read(1);
    assert_eq!(only(&app).await.state, ItemState::NotFound);
}
