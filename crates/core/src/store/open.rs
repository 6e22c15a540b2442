//! Opens the two databases, and heals what a crash, a disk or another program did to them.
//!
//! `state.db` holds what cannot be recomputed and is small: it is checked in full at every start and restored from its
//! last good copy if it is damaged. `cache.db` can be rebuilt by a scan: a damaged one is set aside and started anew.
//! A damaged file is never deleted. Only the owner heals; a guest that finds damage says so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::{explain, is_corruption};
use super::migrate::{self, MigrateError, Standing};
use crate::error::{Code, Error, Result};
use crate::paths::Paths;
use crate::units::UnixMillis;

/// Every bug that can corrupt a write-ahead log with several connections is fixed from here on.
const MIN_SQLITE: i32 = 3_051_003;

/// Up to this size a check of the whole cache costs less than a person notices, in bytes.
const ALWAYS_CHECK_BELOW: u64 = 48 * 1024 * 1024;

/// Makes both databases ready for connections. Returns what had to be done, for people.
pub(super) fn prepare(paths: &Paths, may_heal: bool) -> Result<Vec<String>> {
    let version = rusqlite::version_number();
    if version < MIN_SQLITE {
        return Err(Error::new(Code::Internal, format!("SQLite {} is too old to be safe", rusqlite::version()))
            .hint("Modeldock must be built with its bundled SQLite"));
    }
    paths.create()?;
    let mut notices = Vec::new();
    prepare_one(&paths.state_db(), migrate::STATE, may_heal, true, &mut notices, |path| {
        restore_backup(&paths.state_backup(), path)
    })?;
    let unclean = wal_of(&paths.cache_db()).metadata().is_ok_and(|wal| wal.len() > 0);
    let small = paths.cache_db().metadata().is_ok_and(|cache| cache.len() < ALWAYS_CHECK_BELOW);
    let marked = paths.check_marker().exists();
    let check = may_heal && (unclean || small || marked);
    prepare_one(&paths.cache_db(), migrate::CACHE, may_heal, check, &mut notices, |_| {
        Ok("It was started anew; the next scan fills it again".to_owned())
    })?;
    if may_heal && marked && let Err(source) = std::fs::remove_file(paths.check_marker()) {
        tracing::warn!(%source, "the marker of a past damage could not be removed");
    }
    Ok(notices)
}

fn prepare_one(
    path: &Path,
    migrations: &[&str],
    may_heal: bool,
    check: bool,
    notices: &mut Vec<String>,
    replace: impl FnOnce(&Path) -> Result<String>,
) -> Result<()> {
    match open_and_check(path, migrations, check) {
        Ok(()) => Ok(()),
        Err(Damage::Refused(error)) => Err(error),
        Err(Damage::Broken(why)) if may_heal => {
            let aside = set_aside(path)?;
            let done = replace(path)?;
            open_and_check(path, migrations, true).map_err(Damage::into_error)?;
            let notice = format!("`{}` was damaged ({why}) and is kept as `{}`. {done}", path.display(), aside.display());
            tracing::warn!("{notice}");
            notices.push(notice);
            Ok(())
        }
        Err(damage) => Err(damage.into_error()),
    }
}

enum Damage {
    /// Not ours to heal.
    Refused(Error),
    /// The file is no database of ours any more.
    Broken(String),
}

impl Damage {
    fn into_error(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Broken(why) => Error::new(Code::Database, format!("Modeldock's database is damaged: {why}"))
                .hint("Start Modeldock again with nothing else of it running: it sets the damaged file aside and rebuilds it"),
        }
    }
}

fn classify(source: &rusqlite::Error) -> Damage {
    if is_corruption(source) { Damage::Broken(source.to_string()) } else { Damage::Refused(explain(source)) }
}

fn open_and_check(path: &Path, migrations: &[&str], check: bool) -> Result<(), Damage> {
    if path.is_dir() {
        return Err(Damage::Broken("a folder is in its place".to_owned()));
    }
    let mut connection = connect(path, false).map_err(|source| classify(&source))?;
    if check {
        let verdict: String = connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|source| classify(&source))?;
        if verdict != "ok" {
            return Err(Damage::Broken(verdict));
        }
    }
    match migrate::migrate(&mut connection, path, migrations) {
        Ok(Standing::Current) => Ok(()),
        Ok(Standing::Foreign) => Err(Damage::Broken("it is not Modeldock's".to_owned())),
        Err(MigrateError::Sqlite(source)) => Err(classify(&source)),
        Err(refused @ MigrateError::Refused(_)) => Err(Damage::Refused(refused.into_error())),
    }
}

/// A connection with the settings every connection has.
pub(super) fn connect(path: &Path, read_only: bool) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if !read_only {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    // A damaged or planted schema must not be able to run anything.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "mmap_size", 0)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    Ok(connection)
}

/// A connection that sees both databases: `state.db` as `main`, `cache.db` as `cache`.
pub(super) fn connect_both(paths: &Paths, read_only: bool) -> rusqlite::Result<Connection> {
    let connection = connect(&paths.state_db(), read_only)?;
    let cache = crate::paths::to_bytes(&paths.cache_db());
    // A non-Unicode data folder cannot be named in SQL text; SQLite takes the bytes as they are on Unix.
    let cache = String::from_utf8(cache).unwrap_or_else(|_| paths.cache_db().to_string_lossy().into_owned());
    let cache = if cfg!(windows) { paths.cache_db().to_string_lossy().into_owned() } else { cache };
    connection.execute("ATTACH DATABASE ?1 AS cache", [cache])?;
    connection.pragma_update(Some("main"), "synchronous", "FULL")?;
    connection.pragma_update(Some("cache"), "synchronous", "NORMAL")?;
    connection.pragma_update(Some("cache"), "cache_size", -16_384)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    if read_only {
        connection.pragma_update(None, "query_only", true)?;
    }
    Ok(connection)
}

/// Writes the good state aside, for the day it is damaged.
pub(super) fn back_up(connection: &Connection, paths: &Paths) -> Result<()> {
    let backup = paths.state_backup();
    let fresh = backup.with_extension("db.new");
    let fail = |source: &std::io::Error| Error::io("write the backup", &backup, source);
    match std::fs::remove_file(&fresh) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(fail(&source)),
        _ => {}
    }
    let mut target = Connection::open(&fresh).map_err(|source| explain(&source))?;
    rusqlite::backup::Backup::new(connection, &mut target)
        .and_then(|backup| backup.run_to_completion(1024, Duration::ZERO, None))
        .map_err(|source| explain(&source))?;
    target.close().map_err(|(_, source)| explain(&source))?;
    std::fs::File::open(&fresh).and_then(|file| file.sync_all()).map_err(|source| fail(&source))?;
    std::fs::rename(&fresh, &backup).map_err(|source| fail(&source))
}

fn restore_backup(backup: &Path, path: &Path) -> Result<String> {
    if !backup.is_file() || open_and_check(backup, migrate::STATE, true).is_err() {
        return Ok("There was no good copy of your folders and settings; please add your folders again".to_owned());
    }
    std::fs::copy(backup, path).map_err(|source| Error::io("restore the backup to", path, &source))?;
    Ok("Your folders and settings were restored from the last good copy".to_owned())
}

fn wal_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Moves a damaged database and what belongs to it out of the way.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let stamp = UnixMillis::now().0;
    let aside = path.with_extension(format!("damaged-{stamp}.db"));
    std::fs::rename(path, &aside).map_err(|source| Error::io("set aside", path, &source))?;
    for suffix in ["-wal", "-shm"] {
        let (mut from, mut to) = (path.as_os_str().to_owned(), aside.as_os_str().to_owned());
        from.push(suffix);
        to.push(suffix);
        match std::fs::rename(&from, &to) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Error::io("set aside", Path::new(&from), &source));
            }
            _ => {}
        }
    }
    Ok(aside)
}
