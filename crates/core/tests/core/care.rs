//! What wants looking after: found truly, thrown away safely, brought back to the byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use civitai_simulator::weights::{Dtype, Lora, LoraFormat, Noise, SafetensorsFile, torch_state};
use civitai_simulator::{Catalogue, Fault, FileSpec, ModelSpec, VersionSpec};
use modeldock_core::care::{
    CareCount, CareList, CarePage, CareSummary, Damage, Damaged, Duplicates, Finding, Held, Misplaced, Missing, Risk,
    Unsafe, Update,
};
use modeldock_core::files::Activity;
use modeldock_core::sidecar::Proof;
use modeldock_core::units::FileId;
use modeldock_core::{App, Code};
use serde_json::{Value, json};

use crate::support::{World, add, call, library, noise, scan};

async fn summary(app: &App) -> CareSummary {
    call(app, "care_show", json!({})).await
}

async fn count(app: &App, list: CareList) -> CareCount {
    *summary(app).await.lists.iter().find(|count| count.list == list).unwrap()
}

/// The whole list, which its count agrees with.
async fn list(app: &App, list: CareList) -> Vec<Finding> {
    let page: CarePage = call(app, "care_list", json!({ "list": list })).await;
    assert_eq!(page.total as usize, page.findings.len());
    if list != CareList::Updates {
        let count = count(app, list).await;
        assert_eq!((page.total, page.total_bytes), (count.count, count.bytes), "{list:?}");
    }
    page.findings
}

macro_rules! of_list {
    ($name:ident, $variant:ident, $type:ty) => {
        async fn $name(app: &App) -> Vec<$type> {
            let findings = list(app, CareList::$variant).await.into_iter();
            findings
                .map(|finding| match finding {
                    Finding::$variant(one) => one,
                    other => panic!("{other:?}"),
                })
                .collect()
        }
    };
}

of_list!(duplicates, Duplicates, Duplicates);
of_list!(updates, Updates, Update);
of_list!(damaged, Damaged, Damaged);
of_list!(misplaced, Misplaced, Misplaced);
of_list!(risks, Unsafe, Unsafe);
of_list!(missing, Missing, Missing);

/// What is left behind, by name.
async fn orphans(app: &App) -> BTreeMap<String, (i64, Proof)> {
    let told = |finding| match finding {
        Finding::Orphans(one) => {
            let name = Path::new(&one.path).file_name().unwrap().to_string_lossy().into_owned();
            (name, (one.id.0, one.proof))
        }
        other => panic!("{other:?}"),
    };
    list(app, CareList::Orphans).await.into_iter().map(told).collect()
}

fn everything(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![folder.to_owned()];
    while let Some(folder) = ahead.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                // A trash of the drive's own is no part of the library.
                if !path.file_name().unwrap().to_string_lossy().starts_with('.') {
                    ahead.push(path);
                }
            } else {
                let bytes = std::fs::read(&path).unwrap_or_default();
                found.insert(path, bytes);
            }
        }
    }
    found
}

fn png() -> Vec<u8> {
    b"\x89PNG\r\n\x1a\n and so on".to_vec()
}

/// An installation of ComfyUI below the models folder.
fn comfy(world: &World) -> PathBuf {
    for name in ["main.py", "folder_paths.py", "nodes.py", "comfy/sd.py"] {
        world.write(&format!("ComfyUI/{name}"), "# ComfyUI");
    }
    world.models().join("ComfyUI")
}

async fn id_of(app: &App, path: &Path) -> FileId {
    library(app).await[path].id
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_are_duplicates_and_other_names_of_one_file_are_not() {
    let world = World::with(Catalogue::default()).await;
    let bytes = noise(1, 9000);
    let first = world.write("a/first.safetensors", &bytes);
    let copy = world.write("b/copy.safetensors", &bytes);
    let linked = world.write("c/linked.safetensors", noise(2, 5000));
    std::fs::hard_link(&linked, world.models().join("c/hard.safetensors")).unwrap();
    let target = world.write("d/target.safetensors", noise(3, 4000));
    std::os::unix::fs::symlink(&target, world.models().join("d/soft.safetensors")).unwrap();
    world.write("e/empty.safetensors", b"");
    world.write("e/empty2.safetensors", b"");
    let app = world.open_with_models().await;
    scan(&app).await;

    let found = duplicates(&app).await;
    let [group] = &found[..] else { panic!("{found:?}") };
    let paths: Vec<&str> = group.copies.iter().map(|copy| copy.item.path.as_str()).collect();
    assert_eq!(paths, [first.to_str().unwrap(), copy.to_str().unwrap()]);
    assert_eq!((group.bytes.0, group.size.0), (9000, 9000));
    assert!(group.copies.iter().all(|copy| copy.held.is_none()));

    // A hard link of a copy, inside or outside of the library, is held: only the free one would free anything.
    let outside = world.dir.path().join("outside.safetensors");
    std::fs::hard_link(&first, &outside).unwrap();
    scan(&app).await;
    let found = duplicates(&app).await;
    let held: Vec<Option<Held>> = found[0].copies.iter().map(|copy| copy.held).collect();
    assert_eq!(held, [Some(Held::Linked), None]);
    assert_eq!((found[0].keep, found[0].bytes.0), (id_of(&app, &first).await, 9000));
    let (first, copy) = (id_of(&app, &first).await, id_of(&app, &copy).await);
    let refused = json!({ "groups": [{ "keep": copy, "trash": [first] }] });
    let error = app.call("care_trash_copies", refused).await.unwrap_err();
    assert!(error.message.starts_with("Other paths lead to"), "{error:?}");

    // Two names of one file: nothing to be freed, whatever is asked for.
    let (one, other) = (id_of(&app, &linked).await, id_of(&app, &world.models().join("c/hard.safetensors")).await);
    let refused = json!({ "groups": [{ "keep": one, "trash": [other] }] });
    let error = app.call("care_trash_copies", refused).await.unwrap_err();
    assert!(error.message.ends_with("are one file"), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hash_that_nobody_here_measured_makes_no_duplicate() {
    let world = World::with(Catalogue::default()).await;
    let bytes = noise(1, 9000);
    let first = world.write("first.safetensors", &bytes);
    let copy = world.write("copy.safetensors", &bytes);
    let app = world.open_with_models().await;
    scan(&app).await;
    assert_eq!(duplicates(&app).await.len(), 1);
    let (keep, trash) = (id_of(&app, &first).await, id_of(&app, &copy).await);
    let request = json!({ "groups": [{ "keep": keep, "trash": [trash] }] });
    for change in ["provenance = 'imported', hash_source = 'lora_manager'", "provenance = 'claimed'", "recheck = 1"] {
        world.sql(&format!("UPDATE cache.files SET {change} WHERE id = {}", trash.0));
        assert!(duplicates(&app).await.is_empty(), "{change}");
        assert_eq!(count(&app, CareList::Duplicates).await.bytes.0, 0);
        let error = app.call("care_trash_copies", request.clone()).await.unwrap_err();
        assert!(error.message.contains("is not known to be what was read"), "{error:?}");
        world.sql("UPDATE cache.files SET provenance = 'measured', hash_source = NULL, recheck = 0");
    }
    assert!(first.exists() && copy.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_go_into_the_trash_and_come_back_to_the_byte() {
    let world = World::with(Catalogue::default()).await;
    let bytes = noise(1, 9000);
    let first = world.write("a/first.safetensors", &bytes);
    let copy = world.write("b/copy.safetensors", &bytes);
    world.write("b/copy.preview.png", png());
    let third = world.write("c/third.safetensors", &bytes);
    let app = world.open_with_models().await;
    scan(&app).await;
    let before = everything(&world.models());
    let found = duplicates(&app).await;
    assert_eq!((found[0].copies.len(), found[0].bytes.0), (3, 18_000));
    assert_eq!(found[0].keep, id_of(&app, &copy).await, "the one with its picture");

    let request = json!({ "groups": [{ "keep": id_of(&app, &first).await,
        "trash": [id_of(&app, &copy).await, id_of(&app, &third).await] }] });
    let done: Activity = call(&app, "care_trash_copies", request.clone()).await;
    assert_eq!((done.models, done.can_undo), (2, true));
    assert!(first.exists() && !copy.exists() && !third.exists());
    assert!(duplicates(&app).await.is_empty());
    assert!(missing(&app).await.is_empty(), "what was thrown away is not missed");

    call::<Activity>(&app, "activity_undo", json!({ "id": done.id })).await;
    assert_eq!(everything(&world.models()), before);
    assert_eq!(duplicates(&app).await[0].copies.len(), 3, "true again without a scan");
    scan(&app).await.assert_read(0);
    assert_eq!(duplicates(&app).await[0].copies.len(), 3);

    // What changed since it was read is no longer a copy, on whichever side.
    for changed in [&first, &third] {
        std::fs::write(changed, noise(9, 9000)).unwrap();
        let error = app.call("care_trash_copies", request.clone()).await.unwrap_err();
        assert!(error.message.contains(changed.to_str().unwrap()), "{error:?}");
        assert!(first.exists() && copy.exists() && third.exists());
        std::fs::write(changed, &bytes).unwrap();
        scan(&app).await;
    }
    std::fs::remove_file(&first).unwrap();
    assert_eq!(app.call("care_trash_copies", request).await.unwrap_err().code, Code::Io);
    assert!(copy.exists() && third.exists());
}

/// A model with versions for two base models; the first is on disk.
struct Versions {
    world: World,
    app: App,
    newest: u64,
    sdxl: u64,
}

async fn with_versions() -> Versions {
    let mut builder = Catalogue::builder();
    let model = builder.model(ModelSpec::new("Inkwash", "LORA"));
    let mut version = |name: &str, base: &str, at: &str, seed: u64| {
        let published_at = Some(format!("{at}T12:00:00.000Z"));
        let id = builder.version(model, VersionSpec { published_at, ..VersionSpec::new(name, base) });
        builder.file(id, FileSpec::new(format!("ink_{name}.safetensors"), noise(seed, 6000)));
        id
    };
    version("v1", "SD 1.5", "2024-01-01", 1);
    version("v2", "SD 1.5", "2024-06-01", 2);
    let newest = version("v3", "SD 1.5", "2025-01-01", 3);
    let sdxl = version("XL", "SDXL 1.0", "2025-06-01", 4);
    let hidden = builder.version(model, VersionSpec { published: false, ..VersionSpec::new("v4", "SD 1.5") });
    builder.file(hidden, FileSpec::new("ink_v4.safetensors", noise(5, 6000)));
    let world = World::with(builder.build()).await;
    world.write("ink_v1.safetensors", noise(1, 6000));
    let app = world.open_with_models().await;
    scan(&app).await;
    Versions { world, app, newest, sdxl }
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_versions_are_known_once_civitai_was_asked_and_no_longer_newer_once_they_are_here() {
    let Versions { world, app, newest, sdxl } = with_versions().await;
    let before = summary(&app).await.updates;
    assert_eq!((before.models, before.checked, before.oldest), (1, 0, None));
    assert!(updates(&app).await.is_empty(), "nothing is claimed before");
    assert_eq!(world.simulator.count("models"), 0, "and nobody was asked");

    let after: CareSummary = call(&app, "care_check_updates", json!({})).await;
    assert_eq!((after.updates.checked, after.updates.other_base), (1, 1));
    let found = updates(&app).await;
    let told: Vec<(i64, bool, u32)> = found.iter().map(|one| (one.version_id.0, one.same_base, one.newer)).collect();
    let id = |id: u64| i64::try_from(id).unwrap();
    assert_eq!(told, [(id(newest), true, 2), (id(sdxl), false, 1)]);
    assert_eq!((found[0].version_name.as_str(), found[0].size.0), ("v3", 6000));
    assert_eq!(count(&app, CareList::Updates).await.count, 1, "another base model does not count");

    // Asked about a moment ago: not asked again.
    call::<CareSummary>(&app, "care_check_updates", json!({})).await;
    assert_eq!(world.simulator.count("models"), 1);

    let plan: Value = call(&app, "download_plan", json!({ "what": newest.to_string() })).await;
    assert_eq!(plan["path"], world.models().join("ink_v3.safetensors").to_str().unwrap(), "beside the old one");
    world.write("ink_v3.safetensors", noise(3, 6000));
    scan(&app).await;
    let found = updates(&app).await;
    assert_eq!(found.len(), 1);
    assert!(!found[0].same_base && found[0].item.version_id.unwrap().0 == id(newest));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_fails_keeps_what_was_known_and_one_that_is_switched_off_asks_nobody() {
    let Versions { world, app, .. } = with_versions().await;
    world.simulator.faults().push(Fault::status(503).on_endpoint("models").times(50));
    assert!(app.call("care_check_updates", json!({})).await.is_err());
    assert_eq!(summary(&app).await.updates.checked, 0);
    world.simulator.faults().clear();
    call::<CareSummary>(&app, "care_check_updates", json!({})).await;
    let known = updates(&app).await;
    assert_eq!(known.len(), 2);
    world.sql("UPDATE cache.model_checks SET checked_at = 0");
    world.simulator.faults().push(Fault::status(503).on_endpoint("models").times(50));
    assert!(app.call("care_check_updates", json!({})).await.is_err());
    assert_eq!(updates(&app).await, known);

    let mut settings: Value = call(&app, "settings_get", json!({})).await;
    settings["look_up"] = json!(false);
    call::<Value>(&app, "settings_set", settings).await;
    let asked = world.simulator.count("models");
    assert_eq!(app.call("care_check_updates", json!({})).await.unwrap_err().code, Code::InvalidRequest);
    assert_eq!(world.simulator.count("models"), asked);
}

fn weights(note: &str) -> Vec<u8> {
    let mut file = SafetensorsFile::new(Noise::new(7));
    file.metadata("note", note).tensor("a.weight", Dtype::F16, &[64, 32]);
    file.write()
}

#[tokio::test(flavor = "multi_thread")]
async fn truncated_and_altered_files_are_told_apart() {
    let mut builder = Catalogue::builder();
    let added = builder.add_file("whole.safetensors", weights("as uploaded"), ModelSpec::new("Whole", "LORA"));
    let world = World::with(builder.build()).await;
    let whole = weights("as uploaded");
    world.write("whole.safetensors", &whole);
    world.write("short.safetensors", &whole[..whole.len() - 100]);
    world.write("long.safetensors", [whole.as_slice(), b"tail"].concat());
    world.write("page.safetensors", "<!doctype html><title>502</title>");
    world.write("altered.safetensors", weights("with my notes in it"));
    world.write("plain.ckpt", noise(3, 500));
    let app = world.open_with_models().await;
    scan(&app).await;
    let found: BTreeMap<String, Damaged> =
        damaged(&app).await.into_iter().map(|one| (one.item.file_name.clone(), one)).collect();
    let signs: Vec<(&str, Damage)> = found.iter().map(|(name, one)| (name.as_str(), one.sign)).collect();
    assert_eq!(
        signs,
        [
            ("altered.safetensors", Damage::HeaderAltered),
            ("long.safetensors", Damage::TooLong),
            ("page.safetensors", Damage::NoHeader),
            ("short.safetensors", Damage::TooShort),
        ]
    );
    assert_eq!(found["short.safetensors"].promised.unwrap().0, whole.len() as u64);
    let again = found["altered.safetensors"].again.unwrap();
    assert_eq!((again.version_id.0, again.file_id.unwrap().0), (added.version.cast_signed(), added.file.cast_signed()));
    assert!(found["page.safetensors"].again.is_none());

    // What was read before beginnings were kept is looked at by the next scan, without being read.
    world.sql("UPDATE cache.contents SET form = NULL, promised = NULL");
    assert_eq!(damaged(&app).await.len(), 1);
    scan(&app).await.assert_read(0);
    assert_eq!(damaged(&app).await.len(), 4);
    std::fs::write(world.models().join("short.safetensors"), &whole).unwrap();
    scan(&app).await;
    assert_eq!(damaged(&app).await.len(), 3, "mended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_wrong_counts_only_where_nobody_knows_the_file() {
    let mut builder = Catalogue::builder();
    let added = builder.add_file("a.safetensors", weights("a"), ModelSpec::new("A", "LORA"));
    builder.add_file("b.safetensors", noise(6, 3000), ModelSpec::new("B", "Checkpoint"));
    let catalogue = builder.build();
    let sha256 = catalogue.file_named("a.safetensors").unwrap().hashes.sha256.clone();
    let world = World::with(catalogue).await;
    world.write("a.safetensors", weights("a"));
    world.write("stranger.ckpt", noise(5, 3000));
    world.write("b.ckpt", noise(6, 3000));
    let app = world.open_with_models().await;
    scan(&app).await;
    assert!(damaged(&app).await.is_empty());
    let corrected = format!("json_object('provenance', 'imported', 'source', 'webui', 'sha256', '{sha256}', 'at', 5)");
    world.sql(&format!("UPDATE cache.files SET corrected = {corrected} WHERE name LIKE '%.ckpt'"));
    let found = damaged(&app).await;
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((one.item.file_name.as_str(), one.sign), ("stranger.ckpt", Damage::NotAsRecorded));
    assert_eq!(one.again.unwrap().version_id.0, added.version.cast_signed(), "what it was taken for can be had again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_the_wrong_folder_goes_to_the_right_one_and_back() {
    let mut builder = Catalogue::builder();
    let lora = Lora::new(LoraFormat::Sdxl, 1).write();
    builder.add_file("ink.safetensors", lora.clone(), ModelSpec::new("Ink", "LORA"));
    builder.add_file("lyco.safetensors", noise(2, 3000), ModelSpec::new("Lyco", "LoCon"));
    let model = builder.model(ModelSpec::new("Flux", "Checkpoint"));
    let version = builder.version(model, VersionSpec::new("v1", "Flux.1 D"));
    builder.file(version, FileSpec::new("flux.safetensors", noise(3, 3000)));
    let world = World::with(builder.build()).await;
    let root = comfy(&world);
    let wrong = world.write("ComfyUI/models/checkpoints/ink.safetensors", &lora);
    world.write("ComfyUI/models/loras/lyco.safetensors", noise(2, 3000));
    world.write("ComfyUI/models/diffusion_models/flux.safetensors", noise(3, 3000));
    world.write("ComfyUI/models/checkpoints/stranger.safetensors", noise(4, 3000));
    let app = world.open().await;
    let id = add(&app, &root).await;
    scan(&app).await;
    let found = misplaced(&app).await;
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((one.item.path.as_str(), one.folder_kind.as_str()), (wrong.to_str().unwrap(), "Checkpoint"));
    let right = root.join("models/loras/ink.safetensors");
    assert_eq!((one.to.as_deref(), &one.problem), (right.to_str(), &None));

    let done: Activity = call(&app, "files_move", json!({ "ids": [one.item.id], "root": id })).await;
    assert!(right.exists() && !wrong.exists());
    assert!(misplaced(&app).await.is_empty());
    call::<Activity>(&app, "activity_undo", json!({ "id": done.id })).await;
    assert_eq!(std::fs::read(&wrong).unwrap(), lora);
    assert_eq!(misplaced(&app).await.len(), 1);

    // Where the user wants such files there, there they are right.
    let places = json!({ "overrides": { "LORA": "models/checkpoints" }, "template": "" });
    call::<Value>(&app, "roots_set", json!({ "id": id, "places": places })).await;
    assert!(misplaced(&app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pickles_are_told_with_what_civitai_said_and_no_more() {
    let mut builder = Catalogue::builder();
    let pickle = |seed| torch_state("m", "a.weight", 64, seed);
    builder.add_file("fine.pt", pickle(1), ModelSpec::new("Fine", "TextualInversion"));
    let both = builder.add_file("both.ckpt", pickle(2), ModelSpec::new("Both", "Checkpoint"));
    builder.file(both.version, FileSpec::new("both.safetensors", weights("both")));
    let world = World::with(builder.build()).await;
    world.write("fine.pt", pickle(1));
    world.write("both.ckpt", pickle(2));
    world.write("stranger.pth", pickle(3));
    world.write("really.safetensors.pt", weights("no pickle at all"));
    let app = world.open_with_models().await;
    scan(&app).await;
    let found = risks(&app).await;
    let told: Vec<(&str, Risk)> = found.iter().map(|one| (one.item.file_name.as_str(), one.risk)).collect();
    assert_eq!(told, [("stranger.pth", Risk::Unknown)]);

    let set = |result: &str| {
        world.sql(&format!(
            "UPDATE cache.versions SET files = replace(files, '\"pickle_scan\":\"Success\"',
            '\"pickle_scan\":\"{result}\"') WHERE model_name = 'Both'"
        ))
    };
    set("Danger");
    let found = risks(&app).await;
    let told: Vec<(&str, Risk)> = found.iter().map(|one| (one.item.file_name.as_str(), one.risk)).collect();
    assert_eq!(told, [("both.ckpt", Risk::Code), ("stranger.pth", Risk::Unknown)], "the worst first");
    assert!(found[0].message.as_deref().is_some_and(|words| words.contains("torch._utils")));
    let safer = found[0].safer.as_ref().unwrap();
    assert_eq!((safer.version_id.0, safer.here), (both.version.cast_signed(), None));
    world.write("both.safetensors", weights("both"));
    scan(&app).await;
    assert!(risks(&app).await[0].safer.as_ref().unwrap().here.is_some(), "it is here already");

    // A version that was described before scans were kept: its answer has them.
    world.sql("UPDATE cache.versions SET files = replace(replace(replace(files, 'pickle_scan', 'a'), 'virus_scan', 'b'), 'pickle_message', 'c')");
    assert_eq!(risks(&app).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_left_behind_is_found_thrown_away_and_brought_back() {
    let world = World::with(Catalogue::default()).await;
    let info = r#"{"id": 1, "modelId": 2, "files": [], "trainedWords": []}"#;
    world.write("loras/gone.civitai.info", info);
    world.write("loras/gone.png", png());
    world.write("loras/gone.txt", "notes");
    world.write("loras/here.safetensors", noise(1, 500));
    world.write("loras/here.preview.png", png());
    world.write("loras/holiday.png", png());
    world.write("loras/known.safetensors", noise(2, 500));
    world.write("loras/known.jpg", b"\xff\xd8\xff\xe0 and so on");
    world.write("loras/deep/lost.preview.png", png());
    let app = world.open_with_models().await;
    scan(&app).await;
    let names = |found: &BTreeMap<String, (i64, Proof)>| found.keys().cloned().collect::<Vec<_>>();
    let found = orphans(&app).await;
    assert_eq!(names(&found), ["gone.civitai.info", "gone.png", "lost.preview.png"]);

    // A model that the library knew: now its picture is known to have been its.
    std::fs::remove_file(world.models().join("loras/known.safetensors")).unwrap();
    scan(&app).await;
    let found = orphans(&app).await;
    assert_eq!(names(&found), ["gone.civitai.info", "gone.png", "known.jpg", "lost.preview.png"]);
    assert_eq!(found["known.jpg"].1, Proof::Model);

    let before = everything(&world.models());
    let ids: Vec<i64> = ["gone.civitai.info", "gone.png"].map(|name| found[name].0).to_vec();
    let done: Activity = call(&app, "care_trash_orphans", json!({ "ids": ids })).await;
    assert_eq!((done.models, done.title.as_str(), done.can_undo), (0, "2 files", true));
    assert_eq!(names(&orphans(&app).await), ["known.jpg", "lost.preview.png"]);
    assert_eq!(everything(&world.models()).len(), before.len() - 2);
    call::<Activity>(&app, "activity_undo", json!({ "id": done.id })).await;
    assert_eq!(everything(&world.models()), before);
    assert_eq!(names(&orphans(&app).await).len(), 4, "true again without a scan");

    // Its model came back, or it is another file by now: it stays.
    let found = orphans(&app).await;
    world.write("loras/gone.safetensors", noise(3, 500));
    let error = app.call("care_trash_orphans", json!({ "ids": [found["gone.png"].0] })).await.unwrap_err();
    assert!(error.message.contains("has its model again"), "{error:?}");
    world.write("loras/deep/lost.preview.png", "my own notes");
    assert!(app.call("care_trash_orphans", json!({ "ids": [found["lost.preview.png"].0] })).await.is_err());
    assert_eq!(everything(&world.models()).len(), before.len() + 1);
    scan(&app).await;
    assert_eq!(names(&orphans(&app).await), ["known.jpg"]);
    // The sidecar that goes with its model leaves nothing behind.
    let model = id_of(&app, &world.models().join("loras/here.safetensors")).await;
    let done: Activity = call(&app, "files_trash", json!({ "ids": [model] })).await;
    assert_eq!(names(&orphans(&app).await), ["known.jpg"]);
    call::<Activity>(&app, "activity_undo", json!({ "id": done.id })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_away_and_what_is_gone_are_missing_until_they_are_back() {
    let mut builder = Catalogue::builder();
    let added = builder.add_file("a.safetensors", weights("a"), ModelSpec::new("A", "LORA"));
    let world = World::with(builder.build()).await;
    let path = world.write("a.safetensors", weights("a"));
    world.write("unknown.safetensors", noise(1, 400));
    world.write("stays.safetensors", noise(2, 400));
    let app = world.open_with_models().await;
    scan(&app).await;
    assert!(missing(&app).await.is_empty());
    std::fs::remove_file(&path).unwrap();
    std::fs::remove_file(world.models().join("unknown.safetensors")).unwrap();
    scan(&app).await;
    let found = missing(&app).await;
    let [one] = &found[..] else { panic!("{found:?}") };
    assert!(one.item.missing && one.gone_at.is_some());
    assert_eq!(one.again.unwrap().version_id.0, added.version.cast_signed(), "only what can be had again is told");
    std::fs::write(&path, weights("a")).unwrap();
    scan(&app).await;
    assert!(missing(&app).await.is_empty());

    std::fs::rename(world.models(), world.dir.path().join("unplugged")).unwrap();
    scan(&app).await;
    let found = missing(&app).await;
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|one| one.gone_at.is_none() && one.again.is_none()));
    for list in [CareList::Duplicates, CareList::Damaged, CareList::Unsafe, CareList::Misplaced, CareList::Orphans] {
        assert_eq!(count(&app, list).await.count, 0, "{list:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_list_are_parts_of_one_order() {
    let world = World::with(Catalogue::default()).await;
    for (number, size) in (0_u64..7).zip((1000_usize..).step_by(10)) {
        for copy in ["a", "b"] {
            world.write(&format!("{copy}/{number}.safetensors"), noise(number + 1, size));
        }
    }
    let app = world.open_with_models().await;
    scan(&app).await;
    let whole = duplicates(&app).await;
    assert!(whole.iter().map(|group| group.bytes.0).rev().is_sorted(), "the most to be freed first");
    let mut paged = Vec::new();
    for offset in [0, 3, 6, 9] {
        let request = json!({ "list": "duplicates", "offset": offset, "limit": 3 });
        let page: CarePage = call(&app, "care_list", request).await;
        assert_eq!((page.total, page.total_bytes), (7, count(&app, CareList::Duplicates).await.bytes));
        paged.extend(page.findings);
    }
    assert_eq!(paged, whole.into_iter().map(Finding::Duplicates).collect::<Vec<_>>());
}
