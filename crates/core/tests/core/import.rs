//! Other tools' caches as those tools write them, beside real files: what fits is a clue, what does not is none.

use std::fs;
use std::path::{Path, PathBuf};

use modeldock_core::hash::{AutoV2, AutoV3, Blake3, Sha256};
use modeldock_core::import::{Clue, ClueHash, FileFacts, Imports, SeenFile, Strength, Tool, UserPlaces};
use modeldock_core::roots::Layout;
use modeldock_core::scan::Fingerprint;
use modeldock_core::units::{ModelId, VersionId};
use modeldock_core::{Code, Error};
use rusqlite::Connection;

/// Written by Python's `diskcache` 5.6.3: `lora/foo`, hashed at 1700000000.123456, and others.
const DISKCACHE: &[u8] = include_bytes!("../fixtures/import/diskcache.db");

/// The time of the files here, as that cache has it, nanoseconds since 1970 UTC.
const TIME: i64 = 1_700_000_000_123_456_000;

/// The same as Python's `getmtime` gives it.
const SECONDS: &str = "1700000000.123456";

struct Disk {
    dir: tempfile::TempDir,
    roots: Vec<(PathBuf, Layout)>,
    places: UserPlaces,
    files: Vec<PathBuf>,
    problems: Vec<(PathBuf, Error)>,
}

impl Disk {
    fn new(layout: Layout) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let roots = vec![(dir.path().to_owned(), layout)];
        Self { dir, roots, places: UserPlaces::default(), files: Vec::new(), problems: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Any file, its folders with it.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// A model of 2048 bytes, last changed at [`TIME`].
    fn model(&mut self, name: &str) -> PathBuf {
        let path = self.write(name, vec![7; 2048]);
        set_time(&path, TIME);
        self.files.push(path.clone());
        path
    }

    fn database(&self, name: &str, sql: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        path
    }

    fn imports(&mut self) -> Imports {
        let seen = |path: &'_ PathBuf| Fingerprint::of_path(path).ok().map(|print| print.identity);
        let files: Vec<SeenFile<'_>> = self.files.iter().map(|path| SeenFile { path, identity: seen(path) }).collect();
        let problems = &mut self.problems;
        problems.clear();
        let mut on_problem = |path: &Path, error: Error| problems.push((path.to_owned(), error));
        Imports::read(&self.roots, &self.places, &files, &mut on_problem)
    }

    fn clues(&mut self, model: &Path) -> Vec<Clue> {
        let print = Fingerprint::of_path(model).unwrap();
        self.imports().clues(&FileFacts { path: model, size: print.size, modified_ns: print.modified })
    }

    /// Tool, hash and strength of each clue, without any problem on the way.
    fn found(&mut self, model: &Path) -> Vec<(Tool, ClueHash, Strength)> {
        let clues = self.clues(model);
        assert_eq!(self.problems, []);
        clues.into_iter().map(|clue| (clue.tool, clue.hash, clue.strength)).collect()
    }

    /// The messages of what went wrong.
    fn complaints(&mut self) -> Vec<String> {
        self.imports();
        let here = self.dir.path().display().to_string();
        self.problems.iter().map(|(_, error)| error.message.replace(&here, "")).collect()
    }
}

fn set_time(path: &Path, ns: i64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_nanos(u64::try_from(ns).unwrap());
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

fn sha256(digit: char) -> ClueHash {
    ClueHash::Sha256(digit.to_string().repeat(64).parse::<Sha256>().unwrap())
}

fn blake3(digit: char) -> ClueHash {
    ClueHash::Blake3(digit.to_string().repeat(64).parse::<Blake3>().unwrap())
}

fn digits(digit: char) -> String {
    digit.to_string().repeat(64)
}

/// `cache.json` with one title in one section.
fn cache_json(section: &str, title: &str, digits: &str) -> String {
    format!(r#"{{"{section}": {{"{title}": {{"mtime": {SECONDS}, "sha256": "{digits}"}}}}}}"#)
}

const AB: ClueHash = ClueHash::Sha256(Sha256::new([0xab; 32]));

#[test]
fn a1111_knows_a_lora_by_its_name_and_time() {
    let mut disk = Disk::new(Layout::A1111);
    disk.write("cache/hashes/cache.db", DISKCACHE);
    let model = disk.model("models/Lora/style/foo.safetensors");
    assert_eq!(disk.found(&model), [(Tool::A1111, AB, Strength::Dated)]);
    for (time, fits) in
        [(TIME + 900_000, true), (TIME + 1_001_000, false), (TIME - 1_001_000, false), (TIME - 1_000_000_000, false)]
    {
        set_time(&model, time);
        assert_eq!(!disk.found(&model).is_empty(), fits, "{time}");
    }
}

#[test]
fn a_title_of_two_files_is_nobodys() {
    let mut disk = Disk::new(Layout::A1111);
    disk.write("cache/hashes/cache.db", DISKCACHE);
    let model = disk.model("models/Lora/a/foo.safetensors");
    // A link to the same file is the same file.
    std::os::unix::fs::symlink(disk.path("models/Lora/a"), disk.path("models/Lora/linked")).unwrap();
    disk.files.push(disk.path("models/Lora/linked/foo.safetensors"));
    assert_eq!(disk.found(&model).len(), 1);
    let other = disk.model("models/LyCORIS/foo.pt");
    assert_eq!(disk.found(&model), []);
    assert_eq!(disk.found(&other), []);
}

#[test]
fn a_file_the_scan_did_not_list_gets_no_title() {
    let mut disk = Disk::new(Layout::A1111);
    disk.write("cache/hashes/cache.db", DISKCACHE);
    let model = disk.model("models/Lora/foo.safetensors");
    disk.files.clear();
    assert_eq!(disk.found(&model), []);
}

#[test]
fn checkpoints_are_known_by_their_path_in_whichever_folder_they_lie() {
    let mut disk = Disk::new(Layout::A1111);
    let elsewhere = disk.path("big disk");
    disk.write("webui-user.sh", format!("export COMMANDLINE_ARGS=\"--ckpt-dir '{}'\"\n", elsewhere.display()));
    disk.write("cache.json", cache_json("hashes", "checkpoint/sub/x.safetensors", &digits('c')));
    let model = disk.model("big disk/sub/x.safetensors");
    let namesake = disk.model("models/Stable-diffusion/x.safetensors");
    assert_eq!(disk.found(&model), [(Tool::A1111, sha256('c'), Strength::Dated)]);
    assert_eq!(disk.found(&namesake), []);
    // The same title in the other folder.
    disk.model("models/Stable-diffusion/sub/x.safetensors");
    assert_eq!(disk.found(&model), []);
}

#[test]
fn every_kind_has_its_title() {
    let mut disk = Disk::new(Layout::SdNext);
    let titles = ["lora/l", "textual_inversion/t", "hypernet/h", "vae"];
    let entries: Vec<String> =
        titles.map(|title| format!(r#""{title}": {{"mtime": {SECONDS}, "sha256": "{}"}}"#, digits('d'))).to_vec();
    disk.write("cache.json", format!("{{\"hashes\": {{{}}}}}", entries.join(",")));
    let names = ["models/Lora/l.pt", "models/embeddings/t.pt", "models/hypernetworks/h.pt", "models/VAE/v.pt"];
    let models = names.map(|name| disk.model(name));
    for model in &models {
        assert_eq!(disk.found(model), [(Tool::SdNext, sha256('d'), Strength::Dated)], "{}", model.display());
    }
    // All VAEs share one title.
    disk.model("models/VAE/second.pt");
    assert_eq!(disk.found(&models[3]), []);
}

#[test]
fn addnet_hashes_are_of_the_tensors_but_forges_of_the_file() {
    for (layout, hash) in [
        (Layout::A1111, ClueHash::Tensors([0xab; 32])),
        (Layout::SdNext, ClueHash::Tensors([0xaa; 32])),
        (Layout::Forge, AB),
    ] {
        let mut disk = Disk::new(layout);
        if layout == Layout::SdNext {
            disk.write("cache.json", cache_json("hashes-addnet", "lora/foo", &digits('a')));
        } else {
            disk.write("cache/hashes-addnet/cache.db", DISKCACHE);
        }
        let model = disk.model("models/Lora/foo.safetensors");
        let found: Vec<ClueHash> = disk.found(&model).into_iter().map(|(_, hash, _)| hash).collect();
        assert_eq!(found, [hash], "{layout}");
    }
    // Added as A1111, but Forge by its own folder.
    let mut disk = Disk::new(Layout::A1111);
    fs::create_dir(disk.path("modules_forge")).unwrap();
    disk.write("cache/hashes-addnet/cache.db", DISKCACHE);
    let model = disk.model("models/Lora/foo.safetensors");
    assert_eq!(disk.found(&model)[0].1, AB);
}

#[test]
fn a_cache_folder_that_installations_share_may_be_either() {
    let mut disk = Disk::new(Layout::A1111);
    disk.write("shared/hashes-addnet/cache.db", DISKCACHE);
    disk.places.webui_cache_dirs = vec![disk.path("shared")];
    let model = disk.model("models/Lora/foo.safetensors");
    let found: Vec<ClueHash> = disk.found(&model).into_iter().map(|(_, hash, _)| hash).collect();
    assert_eq!(found, [AB, ClueHash::Tensors([0xab; 32])]);
}

#[test]
fn the_hash_of_a_files_name_is_not_the_files() {
    let mut disk = Disk::new(Layout::Forge);
    // `hashlib.sha256(b"x.safetensors").hexdigest()`
    let fake = "77caaf1615c245e27722d5a283dc077a9b23d58dba538a3300cd163319302daf";
    disk.write("cache.json", cache_json("hashes", "checkpoint/x.safetensors", fake));
    let model = disk.model("models/Stable-diffusion/x.safetensors");
    assert_eq!(disk.found(&model), []);
}

#[test]
fn another_roots_file_in_the_web_uis_folders_is_known_too() {
    // ComfyUI was added first and has A1111's folders as its own.
    let mut disk = Disk::new(Layout::ComfyUi);
    disk.roots.push((disk.path("webui"), Layout::A1111));
    disk.write("webui/cache/hashes/cache.db", DISKCACHE);
    let model = disk.model("webui/models/Lora/foo.safetensors");
    assert_eq!(disk.found(&model), [(Tool::A1111, AB, Strength::Dated)]);
}

const COMFY: &str = "CREATE TABLE asset_contents(id TEXT, hash TEXT, size_bytes, path TEXT, mtime_ns, is_missing);";

fn comfy(path: &Path, size: u64, time: i64) -> String {
    let hash = digits('b');
    format!("{COMFY} INSERT INTO asset_contents VALUES('1', 'blake3:{hash}', {size}, '{}', {time}, 0);", path.display())
}

#[test]
fn comfyui_is_believed_only_to_the_byte_and_the_nanosecond() {
    for (size, time, clue) in
        [(2048, TIME, Some(Strength::Exact)), (2047, TIME, None), (2048, TIME + 1, None), (2048, TIME - 1, None)]
    {
        let mut disk = Disk::new(Layout::ComfyUi);
        let model = disk.model("models/loras/a.safetensors");
        disk.database("user/comfyui.db", &comfy(&model, size, time));
        let expected: Vec<_> = clue.map(|strength| (Tool::ComfyUi, blake3('b'), strength)).into_iter().collect();
        assert_eq!(disk.found(&model), expected, "{size} {time}");
    }
}

#[test]
fn a_file_found_through_a_link_is_the_one_the_link_leads_to() {
    let mut disk = Disk::new(Layout::ComfyUi);
    let model = disk.model("elsewhere/a.safetensors");
    disk.database("user/comfyui.db", &comfy(&fs::canonicalize(&model).unwrap(), 2048, TIME));
    fs::create_dir(disk.path("models")).unwrap();
    std::os::unix::fs::symlink(disk.path("elsewhere"), disk.path("models/loras")).unwrap();
    let linked = disk.path("models/loras/a.safetensors");
    assert_eq!(disk.found(&linked), [(Tool::ComfyUi, blake3('b'), Strength::Exact)]);
}

#[test]
fn invokeai_knows_the_files_it_manages_and_those_it_does_not() {
    let mut disk = Disk::new(Layout::InvokeAi);
    let managed = disk.model("big/key/a.safetensors");
    let in_place = disk.model("elsewhere/b.safetensors");
    let resized = disk.model("big/key/c.safetensors");
    let part = disk.model("big/folder/unet/d.safetensors");
    disk.write("invokeai.yaml", "models_dir: big\n");
    let row = |path: &str, hash: &str, rest: &str| {
        format!("INSERT INTO models VALUES('{{\"path\": \"{path}\", \"hash\": \"{hash}\"{rest}}}');")
    };
    let b = digits('b');
    let sql = [
        "CREATE TABLE models(config TEXT);".to_owned(),
        row("key/a.safetensors", &format!("blake3:{b}"), ", \"file_size\": 2048"),
        row(in_place.to_str().unwrap(), &format!("sha256:{}", digits('c')), ""),
        row("key/c.safetensors", &format!("blake3:{b}"), ", \"file_size\": 2049"),
        row("folder", &format!("blake3:{b}"), ", \"file_size\": 2048"),
        row("key/a.safetensors", &format!("random:{}", digits('d')), ", \"file_size\": 2048"),
        row("", &format!("blake3:{b}"), ""),
    ];
    disk.database("databases/invokeai.db", &sql.concat());
    assert_eq!(disk.found(&managed), [(Tool::InvokeAi, blake3('b'), Strength::Sized)]);
    assert_eq!(disk.found(&in_place), [(Tool::InvokeAi, sha256('c'), Strength::Unchecked)]);
    assert_eq!(disk.found(&resized), []);
    assert_eq!(disk.found(&part), []);
}

#[test]
fn fooocus_gives_a_hint() {
    let mut disk = Disk::new(Layout::Fooocus);
    let model = disk.model("models/loras/a.safetensors");
    disk.write("hash_cache.txt", format!("{{\"{}\": \"0123456789\"}}\n", model.display()));
    let hash = ClueHash::AutoV2("0123456789".parse::<AutoV2>().unwrap());
    assert_eq!(disk.found(&model), [(Tool::Fooocus, hash, Strength::Unchecked)]);
}

#[test]
fn lora_manager_is_found_in_the_users_configuration_and_among_the_plugins() {
    for (name, config) in [
        ("config/ComfyUI-LoRA-Manager/cache/model/default.sqlite", true),
        ("config/ComfyUI-LoRA-Manager/model_cache/second.sqlite", true),
        ("config/ComfyUI-LoRA-Manager/model_cache.sqlite", true),
        ("custom_nodes/comfyui-lora-manager/cache/model/default.sqlite", false),
    ] {
        let mut disk = Disk::new(Layout::ComfyUi);
        if config {
            disk.places.config_dirs = vec![disk.path("config")];
        }
        let model = disk.model("models/loras/a.safetensors");
        let resized = disk.model("models/loras/b.safetensors");
        let sql = format!(
            "CREATE TABLE models(file_path TEXT, size, sha256 TEXT, autov3 TEXT, civitai_id, civitai_model_id, hash_status);
             INSERT INTO models VALUES('{}', 2048, '{hash}', '0123456789ab', 12, 34, 'completed'),
                 ('{}', 2049, '{hash}', NULL, 12, 34, 'completed');",
            model.display(),
            resized.display(),
            hash = digits('c')
        );
        disk.database(name, &sql);
        let clues = disk.clues(&model);
        assert_eq!(clues.len(), 2, "{name}");
        assert_eq!(
            (clues[0].tool, clues[0].hash, clues[0].strength),
            (Tool::LoraManager, sha256('c'), Strength::Sized)
        );
        assert_eq!(clues[1].hash, ClueHash::AutoV3("0123456789ab".parse::<AutoV3>().unwrap()));
        assert_eq!((clues[0].version_id, clues[0].model_id), (Some(VersionId(12)), Some(ModelId(34))));
        assert_eq!(clues[0].source, disk.path(name));
        assert_eq!(disk.found(&resized), []);
    }
}

#[test]
fn the_best_clue_comes_first() {
    let mut disk = Disk::new(Layout::ComfyUi);
    let model = disk.model("models/loras/a.safetensors");
    disk.database("user/comfyui.db", &comfy(&model, 2048, TIME));
    disk.write("models/loras/a.metadata.json", format!(r#"{{"size": 2048, "sha256": "{}"}}"#, digits('c')));
    disk.write("models/loras/a.cm-info.json", format!(r#"{{"Hashes": {{"SHA256": "{}"}}}}"#, digits('d')));
    let expected = [
        (Tool::ComfyUi, blake3('b'), Strength::Exact),
        (Tool::LoraManager, sha256('c'), Strength::Sized),
        (Tool::StabilityMatrix, sha256('d'), Strength::Unchecked),
    ];
    assert_eq!(disk.found(&model), expected);
}

#[test]
fn a_sidecar_of_two_models_counts_for_neither() {
    let mut disk = Disk::new(Layout::Plain);
    let model = disk.model("v1.5.safetensors");
    disk.write("v1.5.cm-info.json", format!(r#"{{"Hashes": {{"SHA256": "{}"}}}}"#, digits('d')));
    disk.model("v1.safetensors");
    assert_eq!(disk.found(&model), [(Tool::StabilityMatrix, sha256('d'), Strength::Unchecked)]);
    disk.model("v1.5.gguf");
    assert_eq!(disk.found(&model), []);
}

#[test]
fn a_cache_that_cannot_be_read_is_said_and_costs_only_itself() {
    let mut disk = Disk::new(Layout::A1111);
    let model = disk.model("models/Lora/foo.safetensors");
    disk.write("cache/hashes/cache.db", b"garbage");
    disk.write("cache.json", cache_json("hashes", "lora/foo", &digits('c')));
    assert_eq!(disk.clues(&model).len(), 1);
    assert_eq!(disk.complaints(), ["Could not read the hashes in `/cache/hashes/cache.db`: it is not a database"]);
    assert!(disk.problems.iter().all(|(_, error)| error.code == Code::Io && error.hint.is_some()));
}

#[test]
fn whatever_lies_in_a_caches_place_is_an_ordinary_message() {
    let mut disk = Disk::new(Layout::A1111);
    disk.write("cache.json", "{\"hashes\": [1, 2");
    assert_eq!(disk.complaints().len(), 1);
    disk.write("cache.json", "[".repeat(1_000_000));
    assert_eq!(disk.complaints().len(), 1);
    fs::remove_file(disk.path("cache.json")).unwrap();
    fs::create_dir(disk.path("cache.json")).unwrap();
    assert_eq!(disk.complaints(), ["Could not read the hashes in `/cache.json`: it is not a regular file"]);
    fs::remove_dir(disk.path("cache.json")).unwrap();
    // A link to itself, a pipe that nobody writes to, a file that never ends.
    std::os::unix::fs::symlink(disk.path("cache.json"), disk.path("cache.json")).unwrap();
    assert_eq!(disk.complaints().len(), 1);
    fs::remove_file(disk.path("cache.json")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(disk.path("cache.json")).status().unwrap().success());
    assert_eq!(disk.complaints().len(), 1);
    fs::remove_file(disk.path("cache.json")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", disk.path("cache.json")).unwrap();
    assert_eq!(disk.complaints().len(), 1);
}

#[test]
fn a_linked_cache_is_followed() {
    let mut disk = Disk::new(Layout::A1111);
    disk.write("elsewhere/hashes/cache.db", DISKCACHE);
    std::os::unix::fs::symlink(disk.path("elsewhere"), disk.path("cache")).unwrap();
    let model = disk.model("models/Lora/foo.safetensors");
    assert_eq!(disk.found(&model), [(Tool::A1111, AB, Strength::Dated)]);
}

#[test]
fn a_huge_json_is_refused_by_its_size() {
    let mut disk = Disk::new(Layout::SdNext);
    let path = disk.write("cache.json", "{}");
    fs::File::options().write(true).open(&path).unwrap().set_len(100 * 1024 * 1024).unwrap();
    assert_eq!(disk.complaints(), ["`/cache.json` is larger than 64 MiB; its hashes are not used"]);
}

#[test]
fn hostile_pickles_are_counted_and_the_rest_is_used() {
    let mut disk = Disk::new(Layout::A1111);
    let database = disk.write("cache/hashes/cache.db", DISKCACHE);
    let attack: &[u8] = b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0etouch /tmp/run\x85R.";
    let connection = Connection::open(&database).unwrap();
    for title in ["lora/bar", "lora/baz"] {
        let sql = "INSERT INTO Cache(key, raw, mode, value) VALUES(?1, 1, 4, ?2)";
        connection.execute(sql, rusqlite::params![title, attack]).unwrap();
    }
    drop(connection);
    let model = disk.model("models/Lora/foo.safetensors");
    let bar = disk.model("models/Lora/bar.safetensors");
    assert_eq!(disk.clues(&model).len(), 1);
    assert_eq!(disk.clues(&bar), []);
    assert_eq!(disk.complaints(), ["2 hashes in `/cache/hashes/cache.db` are damaged and are not used"]);
}

#[test]
fn names_that_are_not_text_are_no_obstacle() {
    use std::os::unix::ffi::OsStrExt;
    let mut disk = Disk::new(Layout::A1111);
    disk.write("cache/hashes/cache.db", DISKCACHE);
    fs::create_dir_all(disk.path("models/Lora")).unwrap();
    let odd = disk.path("models/Lora").join(std::ffi::OsStr::from_bytes(b"\xff\xfe.safetensors"));
    fs::write(&odd, "x").unwrap();
    disk.files.push(odd.clone());
    assert_eq!(disk.found(&odd), []);
}

#[test]
fn no_installation_no_problem() {
    for layout in Layout::ALL {
        let mut disk = Disk::new(layout);
        disk.places = UserPlaces { config_dirs: vec!["/nowhere".into()], webui_cache_dirs: vec!["/nowhere".into()] };
        assert_eq!(disk.complaints(), [""; 0], "{layout}");
    }
}
