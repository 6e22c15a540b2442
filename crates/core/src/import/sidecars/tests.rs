use super::*;

/// A folder with one model of 102,400 bytes (100 KiB), changed at [`TIME`].
struct Folder(tempfile::TempDir);

const TIME: i64 = 1_700_000_000_123_456_789;
const SIZE: u64 = 102_400;

impl Folder {
    fn with(sidecars: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in sidecars {
            std::fs::write(dir.path().join(name), content).unwrap();
        }
        Self(dir)
    }

    fn clues(&self, name: &str, shared: bool) -> Vec<Clue> {
        let path = self.0.path().join(name);
        clues(&FileFacts { path: &path, size: SIZE, modified_ns: TIME }, shared)
    }

    /// Of `v1.5.safetensors`, which nothing shares its name with.
    fn found(&self) -> Vec<(Tool, ClueHash, Strength)> {
        let clues = self.clues("v1.5.safetensors", false);
        clues.into_iter().map(|clue| (clue.tool, clue.hash, clue.strength)).collect()
    }
}

fn digits(digit: &str) -> String {
    digit.repeat(64)
}

fn sha256(digit: &str) -> ClueHash {
    ClueHash::sha256(&digits(digit)).unwrap()
}

/// A version as Civitai gives it, with one file.
fn version(digit: &str, size_kb: &str) -> String {
    format!(
        r#"{{"id": 12, "modelId": 34, "files": [{{"name": "other.safetensors", "sizeKB": {size_kb},
            "hashes": {{"SHA256": "{}", "AutoV2": "0123456789"}}}}], "images": [{{"meta": {{"prompt": []}}}}]}}"#,
        digits(digit)
    )
}

#[test]
fn only_the_last_ending_is_replaced() {
    let info = version("a", "100.4");
    let folder = Folder::with(&[("v1.civitai.info", &info)]);
    assert_eq!(folder.found(), []);
    let folder = Folder::with(&[("v1.5.civitai.info", &info)]);
    assert_eq!(folder.found(), [(Tool::CivitaiHelper, sha256("a"), Strength::Sized)]);
    let clue = &folder.clues("v1.5.safetensors", false)[0];
    assert_eq!((clue.version_id, clue.model_id), (Some(VersionId(12)), Some(ModelId(34))));
    assert_eq!((clue.expected_size_kb, &clue.source), (Some(100.4), &folder.0.path().join("v1.5.civitai.info")));
}

#[test]
fn civitai_helper_is_believed_only_where_the_size_fits() {
    for (size_kb, fits) in [("100", true), ("99.1", true), ("98.9", false), ("101.1", false), ("1e300", false)] {
        let folder = Folder::with(&[("v1.5.civitai.info", &version("a", size_kb))]);
        assert_eq!(!folder.found().is_empty(), fits, "{size_kb}");
    }
}

#[test]
fn lora_manager_is_believed_only_where_the_size_fits() {
    let metadata = |size: &str, rest: &str| {
        format!(r#"{{"file_name": "v1.5", "size": {size}, "modified": 1.5, "sha256": "{}"{rest}}}"#, digits("b"))
    };
    let found = |json: String| Folder::with(&[("v1.5.metadata.json", &json)]).found();
    assert_eq!(found(metadata("102400", "")), [(Tool::LoraManager, sha256("b"), Strength::Sized)]);
    assert_eq!(found(metadata("102400", r#", "hash_status": "completed""#)).len(), 1);
    assert_eq!(found(metadata("102400", r#", "autov3": "0123456789ab""#)).len(), 2);
    for refused in [
        metadata("102401", ""),
        metadata("0", ""),
        metadata("null", ""),
        metadata("102400", r#", "hash_status": "pending""#),
        // Civitai's file of this hash has another size: the hash is Civitai's, the size the disk's.
        metadata("102400", &format!(r#", "civitai": {}"#, version("b", "200"))),
    ] {
        assert_eq!(found(refused.clone()), [], "{refused}");
    }
}

#[test]
fn stability_matrix_says_what_it_downloaded() {
    let json = format!(
        r#"{{"ModelId": 34, "VersionId": 12, "FileMetadata": {{"fp": "fp16", "size": "pruned"}},
            "Hashes": {{"SHA256": "{}", "CRC32": "00000000", "BLAKE3": "{}"}}}}"#,
        digits("C"),
        digits("D")
    );
    // Some programs begin a text with a mark.
    let folder = Folder::with(&[("v1.5.cm-info.json", &format!("\u{feff}{json}"))]);
    let expected = [
        (Tool::StabilityMatrix, sha256("c"), Strength::Unchecked),
        (Tool::StabilityMatrix, ClueHash::blake3(&digits("d")).unwrap(), Strength::Unchecked),
    ];
    assert_eq!(folder.found(), expected);
    let clue = &folder.clues("v1.5.safetensors", false)[0];
    assert_eq!((clue.version_id, clue.model_id), (Some(VersionId(12)), Some(ModelId(34))));
}

#[test]
fn a_sidecar_with_nothing_to_check_is_nobodys_where_two_models_share_it() {
    let json = format!(r#"{{"Hashes": {{"SHA256": "{}"}}}}"#, digits("c"));
    let folder = Folder::with(&[("v1.5.cm-info.json", &json), ("v1.5.civitai.info", &version("a", "100"))]);
    assert_eq!(folder.clues("v1.5.safetensors", false).len(), 2);
    let shared = folder.clues("v1.5.gguf", true);
    assert_eq!(shared.iter().map(|clue| clue.tool).collect::<Vec<_>>(), [Tool::CivitaiHelper]);
}

#[test]
fn browser_plus_is_checked_against_what_civitai_told_it() {
    let json = format!(r#"{{"activation text": "x", "modelId": 34, "sha256": "{}"}}"#, digits("E"));
    let alone = Folder::with(&[("v1.5.json", &json)]);
    assert_eq!(alone.found(), [(Tool::BrowserPlus, sha256("e"), Strength::Unchecked)]);
    let of_model = |size: &str| format!(r#"{{"id": 34, "modelVersions": [{{"id": 1}}, {}]}}"#, version("e", size));
    for (size, strength) in [("100", Some(Strength::Sized)), ("200", None)] {
        for api_info in [version("e", size), of_model(size)] {
            let folder = Folder::with(&[("v1.5.json", &json), ("v1.5.api_info.json", &api_info)]);
            let clues = folder.clues("v1.5.safetensors", false);
            assert_eq!(clues.first().map(|clue| clue.strength), strength, "{api_info}");
            assert!(clues.iter().all(|clue| clue.version_id == Some(VersionId(12))));
        }
    }
    // The web UI's own notes have the same name.
    assert_eq!(Folder::with(&[("v1.5.json", r#"{"description": "x", "sd version": "SDXL"}"#)]).found(), []);
}

#[test]
fn rgthrees_time_refutes_but_does_not_prove() {
    let info = |modified: &str, civitai: &str| {
        format!(r#"{{"sha256": "{}", "modified": {modified}, "raw": {{"civitai": {civitai}}}}}"#, digits("f"))
    };
    let found = |json: String| Folder::with(&[("v1.5.safetensors.rgthree-info.json", &json)]).found();
    let clue = |strength| vec![(Tool::Rgthree, sha256("f"), strength)];
    assert_eq!(found(info("1700000000123.4568", "{}")), clue(Strength::Unchecked));
    assert_eq!(found(info("1700000000123.4568", &version("f", "100"))), clue(Strength::Sized));
    for refused in [
        info("1700000000125", "{}"),
        info("1600000000123.4568", "{}"),
        info("null", "{}"),
        info("1700000000123.4568", &version("f", "200")),
    ] {
        assert_eq!(found(refused.clone()), [], "{refused}");
    }
}

#[test]
fn rgthrees_sidecar_is_one_models_own() {
    let json = format!(r#"{{"sha256": "{}", "modified": 1700000000123.4568}}"#, digits("f"));
    let folder = Folder::with(&[("v1.5.safetensors.rgthree-info.json", &json)]);
    assert_eq!(folder.clues("v1.5.safetensors", true).len(), 1);
    assert_eq!(folder.clues("v1.5.gguf", true), []);
}

#[test]
fn garbage_in_a_sidecars_place_is_no_clue() {
    let long = format!("{{\"sha256\": \"{}\"}}", "a".repeat(100_000));
    let deep = format!("{{\"files\": {}", "[".repeat(500_000));
    let many = format!("{{\"files\": [{}{{}}]}}", "{},".repeat(200_000));
    for garbage in ["", "null", "[]", "{", "\u{0}", "{\"sha256\": {}}", "{\"files\": {\"a\": 1}}", &long, &deep, &many]
    {
        let names =
            ["civitai.info", "metadata.json", "cm-info.json", "json", "api_info.json", "safetensors.rgthree-info.json"];
        let sidecars = names.map(|name| format!("v1.5.{name}"));
        let sidecars: Vec<(&str, &str)> = sidecars.iter().map(|name| (name.as_str(), garbage)).collect();
        assert_eq!(Folder::with(&sidecars).found(), []);
    }
    let folder = Folder::with(&[]);
    std::fs::create_dir(folder.0.path().join("v1.5.json")).unwrap();
    let huge = std::fs::File::create(folder.0.path().join("v1.5.metadata.json")).unwrap();
    huge.set_len(100 * 1024 * 1024).unwrap();
    assert_eq!(folder.found(), []);
}
