//! Samples with one oddity each, beside a whole version as the API contract prints it.

use std::time::Duration;

use modeldock_core::hash::{AutoV2, Sha256};
use serde_json::json;
use serde_json::value::RawValue;

use super::*;

fn now() -> SystemTime {
    moment("2026-11-23T00:00:00Z").unwrap()
}

fn read(text: &str) -> Option<ModelVersion> {
    let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
    version(wire::read(&raw)?, raw.get(), now())
}

/// A version with its ids, changed by `fields`.
fn with(fields: &Value) -> ModelVersion {
    let mut object = json!({"id": 2, "modelId": 1});
    let target = object.as_object_mut().unwrap();
    target.extend(fields.as_object().unwrap().clone());
    read(&object.to_string()).unwrap()
}

fn read_model(value: &Value) -> Option<Model> {
    let raw: Box<RawValue> = serde_json::from_str(&value.to_string()).unwrap();
    model(wire::read(&raw)?, now())
}

const FULL: &str = include_str!("samples/version.json");

#[test]
fn a_whole_version_is_read() {
    let version = read(FULL).unwrap();
    assert_eq!((version.id, version.model_id), (VersionId(2_514_310), ModelId(827_184)));
    assert_eq!((version.name.as_str(), version.model_name.as_str()), ("v16.0", "WAI-illustrious-SDXL"));
    assert_eq!(version.kind, ModelKind::Checkpoint);
    assert_eq!(version.base_model.as_deref(), Some("Illustrious"));
    assert_eq!(version.air.as_deref(), Some("urn:air:sdxl:checkpoint:civitai:827184@2514310"));
    assert_eq!(version.published_at.as_deref(), Some("2025-12-18T09:16:12.062Z"));
    assert_eq!((version.nsfw_level, version.early_access, version.mode.as_deref()), (3, false, None));
    let file = &version.files[0];
    assert!(file.primary);
    assert_eq!((file.id, file.file_type.as_str()), (CivitaiFileId(2_402_203), "Model"));
    assert!((file.size_kb - 6_775_430.35).abs() < 0.001);
    assert_eq!(file.autov2, "A5F58EB1C3".parse::<AutoV2>().ok());
    assert!(file.sha256.is_some() && file.blake3.is_some() && file.crc32.is_some());
    assert!(file.autov1.is_some() && file.autov3.is_some());
    let preview = &version.previews[0];
    assert_eq!((preview.media.as_str(), preview.width, preview.height), ("image", Some(832), Some(1216)));
    assert_eq!(preview.prompt.as_deref(), Some("1girl, masterpiece"));
    assert_eq!(version.previews[1].media, "video");
}

#[test]
fn the_raw_json_is_kept_as_it_came() {
    let text = "{ \"id\":2,\n \"modelId\" : 1, \"futureField\": {\"a\": [1.50, null]} }";
    assert_eq!(read(text).unwrap().raw, text);
}

#[test]
fn ids_are_required_and_nothing_else() {
    let bare = read(r#"{"id": 2, "modelId": 1}"#).unwrap();
    assert!(bare.kind.is_unknown() && bare.files.is_empty() && bare.air.is_none());
    assert_eq!(read(r#"{"id": 2, "model": {"id": 1}}"#).unwrap().model_id, ModelId(1));
    assert_eq!(read(r#"{"id": "2", "modelId": 1.0}"#).unwrap().id, VersionId(2));
    for lacking in [
        "{}",
        r#"{"id": 2}"#,
        r#"{"modelId": 1}"#,
        r#"{"id": 0, "modelId": 1}"#,
        r#"{"id": -2, "modelId": 1}"#,
        r#"{"id": null, "modelId": 1}"#,
        r#"{"id": 2.5, "modelId": 1}"#,
        "[2, 1]",
        "5",
        "null",
    ] {
        assert_eq!(read(lacking), None, "{lacking}");
    }
}

#[test]
fn null_and_odd_types_cost_only_their_field() {
    let version = with(&json!({
        "name": null, "model": null, "baseModel": 7, "trainedWords": null, "description": ["x"], "nsfwLevel": null,
        "files": null, "images": {"0": {}}, "stats": null, "paidAccess": null, "air": 5, "publishedAt": null,
    }));
    assert_eq!(version.base_model.as_deref(), Some("7"));
    assert_eq!((version.description, version.nsfw_level, version.early_access), (None, 0, false));
}

#[test]
fn a_repeated_key_does_not_cost_the_version() {
    assert_eq!(read(r#"{"id": 2, "modelId": 1, "name": "a", "name": "b"}"#).unwrap().name, "b");
}

#[test]
fn null_and_broken_elements_do_not_spoil_their_neighbours() {
    let version = with(&json!({
        "trainedWords": ["one", null, 3, "", "two"],
        "files": [null, {"name": "no id"}, "text", {"id": 7, "hashes": null}, {"id": 8, "sizeKB": "12.5", "hashes": []}],
        "images": [null, {"url": null}, {"width": 3}, {"url": "https://image.civitai.com/1.jpeg", "meta": null}],
    }));
    assert_eq!(version.trained_words, ["one", "3", "two"]);
    assert_eq!(version.files.iter().map(|file| file.id.0).collect::<Vec<_>>(), [7, 8]);
    assert!((version.files[1].size_kb - 12.5).abs() < f64::EPSILON);
    assert_eq!(version.previews.len(), 1);
}

#[test]
fn hashes_that_are_none_become_none() {
    let good = "ab".repeat(32);
    let version = with(&json!({"files": [{"id": 1, "hashes": {
        "sha256": good, "Blake3": "short", "CRC32": null, "AutoV1": 12, "AutoV2": "GGGGGGGGGG", "AutoV3": "E3B0C44298FC",
        "SHA512": "ignored",
    }}]}));
    let file = &version.files[0];
    assert_eq!(file.sha256, Some(Sha256::new([0xab; 32])));
    assert_eq!((file.blake3, file.crc32, file.autov1, file.autov2, file.autov3), (None, None, None, None, None));
}

#[test]
fn words_nobody_knows_survive() {
    let version =
        with(&json!({"model": {"type": "HoloModel", "mode": "Frozen"}, "files": [{"id": 1, "type": "Hologram"}],
        "images": [{"url": "https://image.civitai.com/1", "type": "hologram"}]}));
    assert_eq!(version.kind, ModelKind::Other("HoloModel".to_owned()));
    assert_eq!(version.mode.as_deref(), Some("Frozen"));
    assert_eq!((version.files[0].file_type.as_str(), version.previews[0].media.as_str()), ("Hologram", "hologram"));
}

#[test]
fn early_access_is_understood_in_both_spellings() {
    let gated = |fields: Value| with(&fields).early_access;
    assert!(gated(json!({"paidAccess": {"permanent": true, "endsAt": null}})));
    assert!(gated(json!({"paidAccess": {"permanent": false, "endsAt": "2026-12-01T00:00:00.000Z"}})));
    assert!(!gated(json!({"paidAccess": {"permanent": false, "endsAt": "2026-11-01T00:00:00.000Z"}})));
    assert!(gated(json!({"paidAccess": {}})));
    assert!(gated(json!({"availability": "EarlyAccess"})));
    assert!(gated(json!({"availability": "EarlyAccess", "earlyAccessEndsAt": "2026-12-01T00:00:00"})));
    assert!(!gated(json!({"availability": "EarlyAccess", "earlyAccessEndsAt": "2026-11-01T00:00:00"})));
    assert!(gated(json!({"earlyAccessEndsAt": "2026-12-01 00:00:00"})));
    assert!(gated(json!({"earlyAccessDeadline": "2026-12-01T00:00:00Z"})));
    assert!(!gated(json!({"earlyAccessEndsAt": "2026-11-01T00:00:00Z"})));
    assert!(!gated(json!({"earlyAccessEndsAt": "some day", "availability": "Public"})));
}

#[test]
fn moments_are_read_with_and_without_a_zone() {
    let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1_766_048_471);
    for text in ["2025-12-18T09:01:11Z", "2025-12-18T09:01:11", "2025-12-18 09:01:11", "2025-12-18T10:01:11+01:00"] {
        assert_eq!(moment(text), Some(expected), "{text}");
    }
    assert_eq!(moment("yesterday"), None);
}

#[test]
fn an_air_about_something_else_is_replaced() {
    let base = json!({"baseModel": "Pony", "model": {"type": "LORA"}});
    let air = |said: Value| {
        let mut fields = base.clone();
        fields["air"] = said;
        with(&fields).air.unwrap()
    };
    let built = "urn:air:sdxl:lora:civitai:1@2";
    assert_eq!(air(json!(null)), built);
    assert_eq!(air(json!("urn:air:sdxl:lora:civitai:1@3")), built);
    assert_eq!(air(json!("<script>")), built);
    assert_eq!(air(json!("urn:air:flux9:lora:civitai:1@2")), "urn:air:flux9:lora:civitai:1@2");
    assert_eq!(
        with(&json!({"baseModel": "Boogu", "files": [{"id": 1, "primary": true, "type": "Diffusion Model"}]}))
            .air
            .unwrap(),
        "urn:air:boogu:diffusionmodel:civitai:1@2"
    );
}

#[test]
fn previews_say_what_they_are() {
    let version = with(&json!({"images": [
        {"url": "https://image.civitai.com/1.mp4?x=.png", "nsfwLevel": "Soft", "meta": {"id": 5, "meta": {"prompt": "a cat"}}},
        {"url": "https://image.civitai.com/1.jpeg", "nsfwLevel": 16, "width": 0, "height": -5, "meta": {"prompt": ["x"]}},
    ]}));
    let [video, image] = &version.previews[..] else { panic!("two previews") };
    assert_eq!((video.media.as_str(), video.nsfw_level, video.prompt.as_deref()), ("video", 2, Some("a cat")));
    assert_eq!((image.media.as_str(), image.nsfw_level, image.prompt.as_deref()), ("image", 16, None));
    assert_eq!((image.width, image.height), (None, None));
}

#[test]
fn a_models_page_is_read() {
    let page = json!({
        "id": 827_184, "name": "WAI", "description": "<p>x</p>", "creator": {"username": "WAI0731", "image": null},
        "tags": ["Base Model", {"name": "Anime"}, null], "stats": null, "allowCommercialUse": "{Image,RentCivit}",
        "modelVersions": [null, {"id": null}, {"id": 9}, {"id": 8}],
    });
    let model = read_model(&page).unwrap();
    assert_eq!((model.id, model.newest_version), (ModelId(827_184), Some(VersionId(9))));
    assert_eq!(model.creator.as_deref(), Some("WAI0731"));
    assert_eq!(model.tags, ["base model", "anime"]);
    let bare = read_model(&json!({"id": 1, "creator": null, "modelVersions": null, "tags": null})).unwrap();
    assert_eq!((bare.creator, bare.newest_version), (None, None));
    assert_eq!(read_model(&json!({"name": "x"})), None);
}

#[test]
fn a_list_tells_versions_with_their_gates_and_scans() {
    let page = json!({"id": 1, "modelVersions": [
        {"id": 9, "name": "v2", "baseModel": "Pony", "publishedAt": "2026-01-01T00:00:00.000Z", "availability": "EarlyAccess",
         "files": [{"id": 4, "name": "a.ckpt", "sizeKB": 2, "pickleScanResult": "Danger", "virusScanResult": "Success",
                    "pickleScanMessage": "x".repeat(9000)}]},
        {"name": "no id"},
        {"id": 8, "name": "v1", "availability": "Public"},
    ]});
    let versions = read_model(&page).unwrap().versions;
    let [second, first] = &versions[..] else { panic!("two versions") };
    assert_eq!((second.id, second.base_model.as_deref(), second.early_access), (VersionId(9), Some("Pony"), true));
    assert_eq!((first.name.as_str(), first.early_access, first.files.len()), ("v1", false, 0));
    let file = &second.files[0];
    assert_eq!((file.pickle_scan.as_deref(), file.virus_scan.as_deref()), (Some("Danger"), Some("Success")));
    assert_eq!(file.pickle_message.as_ref().unwrap().len(), MAX_MESSAGE);
}

#[test]
fn rows_need_a_hash_and_a_version() {
    let row = |value: Value| hash_match(&serde_json::from_value(value).unwrap());
    let hash = "AB".repeat(32);
    let found = row(json!({"modelVersionId": 5, "hash": hash})).unwrap();
    assert_eq!((found.version_id, found.model_id), (VersionId(5), None));
    assert_eq!(row(json!({"modelVersionId": "5", "modelId": 4.0, "hash": hash})).unwrap().model_id, Some(ModelId(4)));
    assert_eq!(row(json!({"modelVersionId": 5, "hash": "AB"})), None);
    assert_eq!(row(json!({"modelVersionId": null, "hash": hash})), None);
    assert_eq!(row(json!({})), None);
}
