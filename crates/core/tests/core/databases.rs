//! What a crash, a disk or another program may do to the databases.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use modeldock_core::library::ItemState;
use modeldock_core::roots::RootInfo;
use modeldock_core::{App, Code};
use serde_json::json;

use crate::support::{World, call, library, noise, rounds, scan};

/// A library of forty files, closed properly.
async fn closed_library() -> World {
    let world = World::bulk(30).await;
    for number in 0..10 {
        world.write(&format!("mine/{number}.ckpt"), noise(number, 2000));
    }
    let app = world.open_with_models().await;
    scan(&app).await.assert_read(40);
    close(app).await;
    world
}

/// Every connection closed, so that all is in the main files.
async fn close(app: App) {
    let wal = app.paths().data_dir().join("cache.db-wal");
    app.shutdown().await;
    drop(app);
    for _ in 0..200 {
        if !wal.exists() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the databases were not closed");
}

fn kept(world: &World) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(world.paths().data_dir()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| {
            path.to_string_lossy().contains("damaged-") && path.extension().is_some_and(|ending| ending == "db")
        })
        .collect()
}

async fn roots(app: &App) -> Vec<String> {
    call::<Vec<RootInfo>>(app, "roots_list", json!({})).await.into_iter().map(|root| root.path).collect()
}

/// Everything is there, whatever it took.
async fn assert_whole(app: &App, world: &World) {
    assert_eq!(roots(app).await, [world.models().display().to_string()]);
    let scanned = scan(app).await;
    assert_eq!(scanned.problem, None);
    assert_eq!((scanned.summary.matched, scanned.summary.not_found), (30, 10));
    let items = library(app).await;
    assert_eq!(items.len(), 40);
    assert!(items.values().all(|item| matches!(item.state, ItemState::Matched | ItemState::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    for which in ["state.db", "cache.db"] {
        for clean in [true, false] {
            let world = closed_library().await;
            let path = world.paths().data_dir().join(which);
            let newer = rusqlite::Connection::open(&path).unwrap();
            newer.pragma_update(None, "user_version", 999).unwrap();
            newer.execute_batch("CREATE TABLE of_the_future (x)").unwrap();
            if clean {
                drop(newer);
            } else {
                // As after a crash: the change is in the log only.
                let wal = path.with_extension("db-wal");
                let log = std::fs::read(&wal).unwrap();
                let main = std::fs::read(&path).unwrap();
                drop(newer);
                std::fs::write(&path, main).unwrap();
                std::fs::write(&wal, log).unwrap();
            }
            let content =
                |ending: &str| std::fs::read(path.with_extension(ending)).ok().filter(|bytes| !bytes.is_empty());
            let before = (content("db"), content("db-wal"));
            for role in [modeldock_core::Role::Owner, modeldock_core::Role::Guest] {
                let error = App::open(world.paths(), role, world.client()).map(|_| ()).unwrap_err();
                assert_eq!(error.code, Code::NewerDatabase, "{which} {clean}: {error:?}");
                assert!(error.hint.unwrap().contains("Update"));
                assert!(error.message.contains(which), "{}", error.message);
                assert!(
                    (content("db"), content("db-wal")) == before,
                    "{which} was written to, clean: {clean}, {role:?}"
                );
            }
            assert!(kept(&world).is_empty());
        }
    }
}

type Harm = fn(&Path);

fn harms() -> BTreeMap<&'static str, Harm> {
    let mut harms: BTreeMap<&'static str, Harm> = BTreeMap::new();
    harms.insert("garbage", |path| std::fs::write(path, noise(3, 50_000)).unwrap());
    harms.insert("text", |path| std::fs::write(path, "not a database").unwrap());
    harms.insert("truncated", |path| {
        let length = std::fs::metadata(path).unwrap().len();
        std::fs::File::options().write(true).open(path).unwrap().set_len(length / 2 - 100).unwrap();
    });
    harms.insert("zeroed pages", |path| {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2 / 4096 * 4096;
        bytes[middle..].fill(0);
        std::fs::write(path, bytes).unwrap();
    });
    harms.insert("all zeroes", |path| {
        let length = std::fs::metadata(path).unwrap().len();
        std::fs::write(path, vec![0; usize::try_from(length).unwrap()]).unwrap();
    });
    harms.insert("a folder", |path| {
        std::fs::remove_file(path).unwrap();
        std::fs::create_dir(path).unwrap();
        std::fs::write(path.join("precious"), "x").unwrap();
    });
    harms.insert("another program's", |path| {
        std::fs::remove_file(path).unwrap();
        let foreign = rusqlite::Connection::open(path).unwrap();
        foreign
            .execute_batch("CREATE TABLE bookmarks (url); INSERT INTO bookmarks VALUES ('https://example.org')")
            .unwrap();
    });
    harms.insert("no tables", |path| {
        let connection = rusqlite::Connection::open(path).unwrap();
        let tables: Vec<String> = connection
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        connection.pragma_update(None, "foreign_keys", false).unwrap();
        for table in tables {
            connection.execute_batch(&format!("DROP TABLE {table}")).unwrap();
        }
    });
    harms.insert("version forgotten", |path| {
        rusqlite::Connection::open(path).unwrap().pragma_update(None, "user_version", 0).unwrap();
    });
    harms
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_cache_is_set_aside_and_a_scan_restores_it() {
    for (name, harm) in harms() {
        let world = closed_library().await;
        harm(&world.paths().cache_db());
        let guest = App::open(world.paths(), modeldock_core::Role::Guest, world.client()).map(|_| ());
        if let Err(error) = &guest {
            assert!(error.hint.is_some() && error.code == Code::Database, "{name}: {error:?}");
        }
        assert!(kept(&world).is_empty(), "{name}: a guest heals nothing");
        let app = world.open().await;
        assert_eq!(app.notices().len(), 1, "{name}");
        assert_eq!(kept(&world).len(), 1, "{name}");
        assert!(app.notices()[0].contains(kept(&world)[0].to_str().unwrap()), "{name}: {:?}", app.notices());
        assert_whole(&app, &world).await;
        close(app).await;
        let app = world.open().await;
        assert!(app.notices().is_empty(), "{name}: healed once is healed: {:?}", app.notices());
        scan(&app).await.assert_read(0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_state_is_restored_from_its_copy() {
    for (name, harm) in harms() {
        let world = closed_library().await;
        harm(&world.paths().state_db());
        let app = world.open().await;
        assert_eq!(app.notices().len(), 1, "{name}");
        assert_eq!(kept(&world).len(), 1, "{name}");
        assert_whole(&app, &world).await;
        assert_eq!(library(&app).await.len(), 40, "{name}");
        scan(&app).await.assert_read(0);
    }
}

/// What a crash between "set aside" and "restore" leaves, and what some file systems leave after a power cut.
#[tokio::test(flavor = "multi_thread")]
async fn lost_or_empty_state_is_restored_from_its_copy() {
    for empty in [false, true] {
        let world = closed_library().await;
        std::fs::remove_file(world.paths().state_db()).unwrap();
        if empty {
            std::fs::write(world.paths().state_db(), "").unwrap();
        }
        let app = world.open().await;
        assert_eq!(app.notices().len(), 1);
        assert_whole(&app, &world).await;
        close(app).await;
        assert!(world.open().await.notices().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn state_without_a_copy_starts_anew_and_says_so() {
    let world = closed_library().await;
    std::fs::write(world.paths().state_db(), "rubbish").unwrap();
    std::fs::write(world.paths().state_backup(), "rubbish, too").unwrap();
    let app = world.open().await;
    assert!(app.notices()[0].contains("add your folders again"), "{:?}", app.notices());
    assert_eq!(library(&app).await.len(), 0, "files of folders that nobody added are in no library");
    // Another folder gets the number the lost one had; its files must not be mixed up with the lost one's.
    let other = world.dir.path().join("other");
    std::fs::create_dir(&other).unwrap();
    crate::support::add(&app, &other).await;
    assert_eq!(library(&app).await.len(), 0);
    crate::support::add(&app, &world.models()).await;
    scan(&app).await.assert_read(0);
    assert_eq!(library(&app).await.len(), 40);
}

/// A cache too large to be checked at every start.
#[tokio::test(flavor = "multi_thread")]
async fn damage_in_a_large_cache_is_healed_at_the_start_after_it_was_met() {
    let world = closed_library().await;
    world.sql(
        "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 56)
        INSERT INTO cache.answers (version_id, first_at, last_at, digest, raw) SELECT n, 1, 1, x'', printf('%.1000000c', 'x') FROM number",
    );
    let mut bytes = std::fs::read(world.paths().cache_db()).unwrap();
    assert!(bytes.len() > 50 << 20);
    // The table of contents.
    bytes[100..2000].fill(0x55);
    std::fs::write(world.paths().cache_db(), bytes).unwrap();
    let app = match world.try_open().await {
        Ok(app) => app,
        Err(error) => {
            assert_eq!(error.code, Code::Database);
            world.open().await
        }
    };
    assert_eq!(app.notices().len(), 1);
    assert_whole(&app, &world).await;
}

/// Sixty times each: some bytes anywhere, the file header included.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_bytes_change_the_library_comes_back_or_says_why_not() {
    for which in ["cache.db", "state.db"] {
        let world = closed_library().await;
        let path = world.paths().data_dir().join(which);
        let files = ["state.db", "cache.db", "state.backup.db"].map(|name| world.paths().data_dir().join(name));
        let good = files.clone().map(|file| std::fs::read(file).unwrap());
        for seed in 0..rounds(60) {
            for (file, bytes) in files.iter().zip(&good) {
                std::fs::write(file, bytes).unwrap();
            }
            let mut bytes = std::fs::read(&path).unwrap();
            let dice = noise(seed + 1, 64);
            let number = |at: usize| {
                usize::from(dice[at]) * 65_536 + usize::from(dice[at + 1]) * 256 + usize::from(dice[at + 2])
            };
            match seed % 4 {
                // One bit in the header or the schema.
                0 => bytes[number(0) % 120] ^= 1 << (dice[3] % 8),
                // One bit anywhere.
                1 => {
                    let at = number(0) % bytes.len();
                    bytes[at] ^= 1 << (dice[3] % 8);
                }
                // A few bytes in several places.
                2 => {
                    for round in 0..8 {
                        let at = number(round * 4) % (bytes.len() - 16);
                        bytes[at..at + 16].copy_from_slice(&dice[round..round + 16]);
                    }
                }
                // A lost end, or a page of something else.
                _ => {
                    let at = number(0) % bytes.len();
                    if seed % 8 == 3 {
                        bytes.truncate(at);
                    } else {
                        let end = (at + 4096).min(bytes.len());
                        bytes[at..end].copy_from_slice(&noise(seed, end - at));
                    }
                }
            }
            std::fs::write(&path, &bytes).unwrap();
            let mut why = String::new();
            let mut healed = false;
            // A start may fail with words or meet the damage while running; the one after it must know.
            for _ in 0..2 {
                match world.try_open().await {
                    Ok(app) => {
                        let scanned = scan(&app).await;
                        let listed = app.call("library_list", json!({ "limit": 1000 })).await;
                        let facets = app.call("library_facets", json!({})).await;
                        why = format!("{:?} {:?} {:?}", scanned.problem, listed.as_ref().err(), facets.as_ref().err());
                        healed = scanned.problem.is_none() && listed.is_ok() && facets.is_ok();
                        if healed {
                            let items = library(&app).await;
                            assert_eq!(items.len(), 40, "{which} {seed}");
                            for (path, item) in &items {
                                let sha256 = item.sha256.as_deref().unwrap_or_default();
                                assert_eq!(sha256, crate::support::sha256sum(path), "{which} {seed}: a hash that lies");
                            }
                        }
                        close(app).await;
                    }
                    Err(error) => {
                        assert!(error.hint.is_some(), "{which} {seed}: {error:?}");
                        why = format!("{error:?}");
                        // The only refusal that no restart ends: a bit of the version number itself.
                        healed = error.code == Code::NewerDatabase;
                        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    }
                }
                if healed {
                    break;
                }
            }
            assert!(healed, "{which} {seed}: {why}");
            for file in kept(&world) {
                let aside = std::fs::read(&file).unwrap();
                assert!(aside.len() == bytes.len(), "{which} {seed}: the damaged file was not kept as it was");
                std::fs::remove_file(&file).unwrap();
            }
        }
    }
}
