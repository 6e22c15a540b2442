use std::fs;

use super::comfyui::Asset;
use super::invokeai::InstalledModel;
use super::lora_manager::ManagedModel;
use super::*;

/// Written by Python's `diskcache` 5.6.3, as A1111 uses it.
const DISKCACHE: &[u8] = include_bytes!("../../../tests/fixtures/import/diskcache.db");

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn database(&self) -> std::path::PathBuf {
        self.0.path().join("x.db")
    }

    /// A database at rest.
    fn with(sql: &str) -> Self {
        let folder = Self::new();
        Connection::open(folder.database()).unwrap().execute_batch(sql).unwrap();
        folder
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

const ASSETS: &str = "CREATE TABLE asset_contents(id TEXT, hash TEXT, size_bytes, path TEXT, mtime_ns, is_missing);";

fn asset(path: &str) -> String {
    format!("INSERT INTO asset_contents VALUES('1', 'blake3:aa', 5, '{path}', 7, 0);")
}

fn paths(database: &Path) -> Vec<String> {
    comfyui_assets(database).unwrap().unwrap().into_iter().map(|asset| asset.path).collect()
}

#[test]
fn what_diskcache_writes_is_read_and_only_hashes_are() {
    let folder = Folder::new();
    fs::write(folder.database(), DISKCACHE).unwrap();
    let mut titles: Vec<String> =
        webui_hashes(&folder.database()).unwrap().unwrap().into_iter().map(|entry| entry.title).collect();
    titles.sort();
    // `lora/big` lies in a file of its own, `lora/text` is no pickle.
    assert_eq!(titles, ["checkpoint/sub/x.safetensors", "lora/foo", "lora/none"]);
    assert_eq!(folder.names(), ["x.db"], "something was left beside it");
    assert_eq!(fs::read(folder.database()).unwrap(), DISKCACHE);
}

#[test]
fn a_database_in_use_is_read_with_its_log_and_left_as_it_is() {
    let folder = Folder::new();
    let writer = Connection::open(folder.database()).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    writer.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    writer.execute_batch(ASSETS).unwrap();
    writer.execute_batch(&asset("/a")).unwrap();
    let before = (folder.names(), fs::read(folder.database()).unwrap());
    assert_eq!(before.0, ["x.db", "x.db-shm", "x.db-wal"]);
    assert_eq!(paths(&folder.database()), ["/a"]);
    // The writer's lock is no obstacle either: readers of a log never wait.
    writer.execute_batch(&format!("BEGIN IMMEDIATE; {}", asset("/b"))).unwrap();
    assert_eq!(paths(&folder.database()), ["/a"]);
    assert_eq!((folder.names(), fs::read(folder.database()).unwrap()), before);
}

#[test]
fn a_log_that_a_crash_left_is_read_and_stays() {
    let source = Folder::new();
    let writer = Connection::open(source.database()).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    writer.execute_batch(ASSETS).unwrap();
    writer.execute_batch(&asset("/a")).unwrap();
    let folder = Folder::new();
    for suffix in ["", "-wal"] {
        fs::copy(source.0.path().join(format!("x.db{suffix}")), folder.0.path().join(format!("x.db{suffix}"))).unwrap();
    }
    assert_eq!(paths(&folder.database()), ["/a"]);
    assert_eq!(folder.names(), ["x.db", "x.db-wal"]);
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_enough() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with(&format!("PRAGMA journal_mode = wal; {ASSETS} {}", asset("/a")));
    fs::set_permissions(folder.0.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let found = paths(&folder.database());
    fs::set_permissions(folder.0.path(), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(found, ["/a"]);
}

#[test]
fn an_unfinished_change_is_never_played_back() {
    let folder = Folder::with(&format!("{ASSETS} {}", asset("/a")));
    // A rollback journal may name another file, which SQLite deletes when it is done with it.
    let journal = folder.0.path().join("x.db-journal");
    fs::write(&journal, b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7").unwrap();
    let error = comfyui_assets(&folder.database()).unwrap_err();
    assert_eq!(error.code, Code::Busy);
    assert!(journal.exists());
    // A finished one is empty or begins with a zero.
    for finished in [&b""[..], b"\0\0\0\0\0\0\0\0"] {
        fs::write(&journal, finished).unwrap();
        assert_eq!(paths(&folder.database()), ["/a"]);
    }
}

#[test]
fn names_that_mean_something_in_a_uri_are_only_names() {
    let folder = Folder::new();
    for name in ["a?mode=rwc.db", "a#b.db", "100%41.db", "ünï 🦀.db", "file:x.db"] {
        let path = folder.0.path().join(name);
        Connection::open(&path).unwrap().execute_batch(&format!("{ASSETS} {}", asset("/a"))).unwrap();
        assert_eq!(paths(&path), ["/a"], "{name}");
    }
    assert_eq!(folder.names().len(), 5);
}

#[test]
fn what_is_not_there_is_no_problem() {
    let folder = Folder::with("CREATE TABLE other(x)");
    assert_eq!(comfyui_assets(&folder.0.path().join("gone.db")), Ok(None));
    assert_eq!(comfyui_assets(&folder.database().join("below/a/file.db")), Ok(None));
    let database = folder.database();
    assert_eq!(comfyui_assets(&database), Ok(None));
    assert_eq!(webui_hashes(&database), Ok(None));
    assert_eq!(lora_manager_models(&database), Ok(None));
    assert_eq!(invokeai_models(&database), Ok(None));
    fs::write(folder.0.path().join("empty.db"), b"").unwrap();
    assert_eq!(comfyui_assets(&folder.0.path().join("empty.db")), Ok(None));
}

#[test]
fn what_is_no_database_is_said_in_words() {
    let folder = Folder::new();
    fs::write(folder.database(), b"garbage".repeat(1000)).unwrap();
    let error = comfyui_assets(&folder.database()).unwrap_err();
    assert_eq!(
        error.message,
        format!("Could not read the hashes in `{}`: it is not a database", folder.database().display())
    );
    assert_eq!(error.code, Code::Io, "only Modeldock's own database is Code::Database");
    let error = comfyui_assets(folder.0.path()).unwrap_err();
    assert!(error.message.ends_with("it is not a regular file"), "{error}");
}

#[test]
fn a_truncated_database_is_an_error_or_less_but_never_a_crash() {
    let rows: String = (0..400).map(|at| asset(&format!("/models/{at:0100}"))).collect();
    let whole = fs::read(Folder::with(&format!("{ASSETS} BEGIN; {rows} COMMIT;")).database()).unwrap();
    let folder = Folder::new();
    for end in (0..whole.len()).step_by(1531) {
        fs::write(folder.database(), &whole[..end]).unwrap();
        if let Ok(Some(assets)) = comfyui_assets(&folder.database()) {
            assert!(end > whole.len() - 4096, "{} rows of a database cut at {end}", assets.len());
        }
    }
}

#[test]
fn damage_anywhere_is_no_crash() {
    let rows: String = (0..60).map(|at| asset(&format!("/models/{at:0100}"))).collect();
    let whole = fs::read(Folder::with(&format!("{ASSETS} BEGIN; {rows} COMMIT;")).database()).unwrap();
    let folder = Folder::new();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..200 {
        let mut damaged = whole.clone();
        for _ in 0..8 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).unwrap() % damaged.len();
            damaged[at] = state.to_le_bytes()[2];
        }
        fs::write(folder.database(), damaged).unwrap();
        let _ = comfyui_assets(&folder.database());
    }
}

#[test]
fn a_schema_that_would_run_something_is_not_read() {
    let hostile = [
        // A view that never ends.
        "CREATE VIEW asset_contents AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) \
         SELECT x AS id, 'blake3:aa' AS hash, 1 AS size_bytes, '/a' AS path, 1 AS mtime_ns, 0 AS is_missing FROM c;",
        // A column that is computed.
        "CREATE TABLE asset_contents(id TEXT, hash TEXT AS (hex(zeroblob(1000))), size_bytes, path TEXT, mtime_ns, is_missing);",
        // A table that is a module.
        "CREATE VIRTUAL TABLE asset_contents USING fts5(id, hash, size_bytes, path, mtime_ns, is_missing);",
    ];
    for sql in hostile {
        let folder = Folder::with(sql);
        assert_eq!(comfyui_assets(&folder.database()), Ok(None), "{sql}");
    }
}

#[test]
fn size_number_and_time_are_bounded() {
    let rows: String = (0..50).map(|at| asset(&format!("/models/{at}"))).collect();
    let folder = Folder::with(&format!("{ASSETS} {rows}"));
    let all = |reader: &mut Reader| Ok(Some(reader.rows("SELECT path FROM asset_contents", |row| row.text(0))?.len()));
    let message = |bounds| look_within(&folder.database(), bounds, all).unwrap_err().message;
    assert_eq!(look_within(&folder.database(), BOUNDS, all), Ok(Some(50)));
    assert!(message(Bounds { rows: 49, ..BOUNDS }).ends_with("it has more than 49 rows"));
    assert!(message(Bounds { bytes: 100, ..BOUNDS }).ends_with("it holds more than 0 MiB of text"));
    assert!(message(Bounds { file: 4096, ..BOUNDS }).contains("is larger than 0 MiB"));
    let endless = |reader: &mut Reader| {
        let sql = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT sum(x) FROM c";
        Ok(Some(reader.rows(sql, |row| row.integer(0))?))
    };
    let brief = Bounds { time: Duration::from_millis(50), ..BOUNDS };
    let started = Instant::now();
    let error = look_within(&folder.database(), brief, endless).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(error.message.ends_with("it took longer than 0 seconds"), "{error}");
}

#[test]
fn a_log_that_is_too_large_is_not_copied() {
    let folder = Folder::with(&format!("{ASSETS} {}", asset("/a")));
    fs::write(folder.0.path().join("x.db-wal"), vec![0; 100_000]).unwrap();
    let bounds = Bounds { copy: 50_000, ..BOUNDS };
    let error = look_within(&folder.database(), bounds, |_| Ok(Some(()))).unwrap_err();
    assert!(error.message.contains("is larger than"), "{error}");
}

#[test]
fn nothing_can_be_written_through_a_reader() {
    let folder = Folder::with(&format!("{ASSETS} {}", asset("/a")));
    let write = |reader: &mut Reader| Ok(Some(reader.connection.execute("DELETE FROM asset_contents", []).is_err()));
    assert_eq!(look_within(&folder.database(), BOUNDS, write), Ok(Some(true)));
    // Nor by taking back the promise not to: the file was opened so.
    let unlock = |reader: &mut Reader| {
        reader.connection.pragma_update(None, "query_only", false)?;
        Ok(Some(reader.connection.execute("DELETE FROM asset_contents", []).is_err()))
    };
    assert_eq!(look_within(&folder.database(), BOUNDS, unlock), Ok(Some(true)));
    // The same for the copy that is read where there is a log.
    let writer = Connection::open(folder.database()).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    writer.execute_batch(&asset("/b")).unwrap();
    assert_eq!(look_within(&folder.database(), BOUNDS, unlock), Ok(Some(true)));
    let attach = |reader: &mut Reader| Ok(Some(reader.connection.execute("ATTACH ':memory:' AS other", []).is_err()));
    assert_eq!(look_within(&folder.database(), BOUNDS, attach), Ok(Some(true)));
}

#[test]
fn huge_and_odd_values_are_passed_over() {
    let folder = Folder::with(&format!(
        "{ASSETS}
         INSERT INTO asset_contents VALUES('1', 'blake3:aa', 5, printf('%.*c', 3000000, 'x'), 7, 0);
         INSERT INTO asset_contents VALUES('2', 'blake3:' || printf('%.*c', 3000000, 'x'), 5, '/b', 7, 0);
         INSERT INTO asset_contents VALUES('3', x'ff', 5, '/c', 7, 0);
         INSERT INTO asset_contents VALUES('4', 'blake3:aa', 5, CAST(x'2fff' AS TEXT), 7, 0);
         INSERT INTO asset_contents VALUES('5', 'blake3:aa', 5, NULL, 7, 0);
         INSERT INTO asset_contents VALUES('6', 'blake3:aa', -5, '/f', 'text', 0);
         INSERT INTO asset_contents VALUES('7', 'blake3:aa', 5, '/g', 7, 1);
         {}",
        asset("/a")
    ));
    let odd = Asset { path: "/f".into(), hash: "blake3:aa".into(), size: None, modified_ns: None };
    let plain = Asset { path: "/a".into(), hash: "blake3:aa".into(), size: Some(5), modified_ns: Some(7) };
    assert_eq!(comfyui_assets(&folder.database()), Ok(Some(vec![odd, plain])));
}

#[test]
fn every_generation_of_comfyui_is_told_by_its_tables() {
    let generations = [
        "CREATE TABLE assets(id TEXT, hash TEXT, size_bytes INTEGER);
         CREATE TABLE asset_cache_state(asset_id TEXT, file_path TEXT, mtime_ns INTEGER, needs_verify BOOLEAN);
         INSERT INTO assets VALUES('1', 'blake3:aa', 5), ('2', 'blake3:bb', 6);
         INSERT INTO asset_cache_state VALUES('1', '/a', 7, 0), ('2', '/b', 8, 1);",
        "CREATE TABLE assets(id TEXT, hash TEXT, size_bytes INTEGER);
         CREATE TABLE asset_references(asset_id TEXT, file_path TEXT, mtime_ns INTEGER, needs_verify, is_missing);
         INSERT INTO assets VALUES('1', 'blake3:aa', 5), ('2', NULL, 6);
         INSERT INTO asset_references VALUES('1', '/a', 7, 0, 0), ('1', '/b', 7, 1, 0), ('1', '/c', 7, 0, 1),
             ('1', NULL, 7, 0, 0), ('2', '/d', 7, 0, 0);",
        "CREATE TABLE asset_contents(id TEXT, hash TEXT, size_bytes BIGINT, path TEXT, mtime_ns BIGINT, is_missing);
         CREATE TABLE assets(id TEXT, content_id TEXT, name TEXT);
         INSERT INTO asset_contents VALUES('1', 'blake3:aa', 5, '/a', 7, 0), ('2', NULL, 5, '/b', 7, 0);",
    ];
    let expected = Asset { path: "/a".into(), hash: "blake3:aa".into(), size: Some(5), modified_ns: Some(7) };
    for sql in generations {
        assert_eq!(comfyui_assets(&Folder::with(sql).database()), Ok(Some(vec![expected.clone()])), "{sql}");
    }
    let next = Folder::with("CREATE TABLE asset_contents(id TEXT, digest TEXT, path TEXT)");
    assert_eq!(comfyui_assets(&next.database()), Ok(None));
}

#[test]
fn invokeai_is_asked_by_its_documents_whatever_columns_it_has() {
    let folder = Folder::with(
        "CREATE TABLE models(id TEXT, config TEXT, path TEXT GENERATED ALWAYS AS (CASE WHEN json_valid(config) THEN config ->> '$.path' END) VIRTUAL);
         INSERT INTO models(id, config) VALUES
             ('1', '{\"path\": \"key/a.safetensors\", \"hash\": \"blake3:aa\", \"file_size\": 5, \"name\": \"A\"}'),
             ('2', '{\"path\": \"b\", \"hash\": \"random:bb\"}'), ('3', 'not json'), ('4', '{\"path\": 7}'), ('5', '[]'),
             ('6', NULL);",
    );
    let found = invokeai_models(&folder.database()).unwrap().unwrap();
    let row = |path: &str, hash: &str, size| InstalledModel { path: path.into(), hash: hash.into(), size };
    assert_eq!(found, [row("key/a.safetensors", "blake3:aa", Some(5)), row("b", "random:bb", None)]);
}

#[test]
fn lora_manager_is_read_with_and_without_its_later_columns() {
    let older = Folder::with(
        "CREATE TABLE models(model_type, file_path TEXT, size INTEGER, modified REAL, sha256 TEXT, civitai_id, civitai_model_id);
         INSERT INTO models VALUES('lora', '/m/a.safetensors', 5, 1.5, 'aa', 3, 4);",
    );
    let expected = ManagedModel {
        path: "/m/a.safetensors".into(),
        size: Some(5),
        sha256: Some("aa".into()),
        autov3: None,
        version_id: Some(3),
        model_id: Some(4),
    };
    assert_eq!(lora_manager_models(&older.database()), Ok(Some(vec![expected.clone()])));
    let newer = Folder::with(
        "CREATE TABLE models(file_path TEXT, size INTEGER, sha256 TEXT, autov3 TEXT, civitai_id, civitai_model_id, hash_status TEXT);
         INSERT INTO models VALUES('/m/a.safetensors', 5, 'aa', 'bb', 3, 4, 'completed'),
             ('/m/b.safetensors', 5, '', NULL, NULL, NULL, 'pending');",
    );
    let expected = ManagedModel { autov3: Some("bb".into()), ..expected };
    assert_eq!(lora_manager_models(&newer.database()), Ok(Some(vec![expected])));
}

#[test]
fn a_database_that_changes_meanwhile_is_read_again() {
    let folder = Folder::with(&format!("{ASSETS} {}", asset("/a")));
    let looks = std::cell::Cell::new(0);
    let found = look_within(&folder.database(), BOUNDS, |reader| {
        looks.set(looks.get() + 1);
        if looks.get() == 1 {
            Connection::open(folder.database()).unwrap().execute_batch(&asset("/b")).unwrap();
        }
        Ok(Some(reader.rows("SELECT path FROM asset_contents", |row| row.text(0))?))
    });
    assert_eq!(found, Ok(Some(vec!["/a".to_owned(), "/b".to_owned()])));
    assert_eq!(looks.get(), 2);
    // One that never stands still is given up.
    let error = look_within(&folder.database(), BOUNDS, |_| {
        Connection::open(folder.database()).unwrap().execute_batch(&asset("/c")).unwrap();
        Ok(Some(()))
    });
    assert_eq!(error.unwrap_err().code, Code::Busy);
}
