//! Opens the two databases, and heals what a crash, a disk or another program did to them.
//!
//! `state.db` holds what cannot be recomputed and is small: it is checked in full at every start and restored from its
//! last good copy if it is damaged. `cache.db` can be rebuilt by a scan: a damaged one is set aside and started anew.
//! A damaged file is never deleted. Only the owner heals; a guest that finds damage says so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::damage;
use super::error::{explain, is_corruption};
use super::migrate::{self, Standing};
use crate::error::{Code, Error, Result};
use crate::paths::Paths;
use crate::units::UnixMillis;

/// Every bug that can corrupt a write-ahead log with several connections is fixed from here on.
const MIN_SQLITE: i32 = 3_051_003;

/// Up to this size a check of the whole cache costs less than a person notices, in bytes.
const ALWAYS_CHECK_BELOW: u64 = 8 * 1024 * 1024;

/// Makes both databases ready for connections. Returns what had to be done, for people.
pub(super) fn prepare(paths: &Paths, may_heal: bool) -> Result<Vec<String>> {
    let version = rusqlite::version_number();
    if version < MIN_SQLITE {
        return Err(Error::new(Code::Internal, format!("SQLite {} is too old to be safe", rusqlite::version()))
            .hint("Modeldock must be built with its bundled SQLite"));
    }
    paths.create()?;
    let mut notices = Vec::new();
    restore_if_lost(paths, may_heal, &mut notices)?;
    prepare_one(&paths.state_db(), migrate::STATE, may_heal, Check::Full, &mut notices, |path| {
        restore_backup(&paths.state_backup(), path)
    })?;
    let unclean = log_of(&paths.cache_db()).metadata().is_ok_and(|log| log.len() > 0);
    let small = paths.cache_db().metadata().is_ok_and(|cache| cache.len() < ALWAYS_CHECK_BELOW);
    let marked = paths.check_marker().exists();
    let check = match may_heal {
        true if small || marked => Check::Full,
        true if unclean => Check::Quick,
        _ => Check::None,
    };
    prepare_one(&paths.cache_db(), migrate::CACHE, may_heal, check, &mut notices, |_| {
        Ok("It was started anew; the next scan fills it again".to_owned())
    })?;
    if may_heal
        && marked
        && let Err(source) = std::fs::remove_file(paths.check_marker())
    {
        tracing::warn!(%source, "the marker of a past damage could not be removed");
    }
    Ok(notices)
}

/// A `state.db` that is not there, or empty, beside its copy is not a first start: a crash came between setting a
/// damaged one aside and restoring it, or a power cut left a name without content.
fn restore_if_lost(paths: &Paths, may_heal: bool, notices: &mut Vec<String>) -> Result<()> {
    let (path, backup) = (paths.state_db(), paths.state_backup());
    let is_lost = path.metadata().map_or(true, |metadata| metadata.len() == 0);
    if !is_lost || !backup.is_file() {
        return Ok(());
    }
    if !may_heal {
        return Err(Damage::Broken(format!("`{}` is missing or empty", path.display())).into_error());
    }
    set_aside(&path)?;
    let notice = format!("`{}` was missing or empty. {}", path.display(), restore_backup(&backup, &path)?);
    tracing::warn!("{notice}");
    notices.push(notice);
    Ok(())
}

/// How closely a database is looked at before it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    /// It was closed properly, and a look would take long.
    None,
    /// Its structure.
    Quick,
    /// Everything that can be told without knowing what was in it.
    Full,
}

fn prepare_one(
    path: &Path,
    migrations: &[&str],
    may_heal: bool,
    check: Check,
    notices: &mut Vec<String>,
    replace: impl FnOnce(&Path) -> Result<String>,
) -> Result<()> {
    match open_and_check(path, migrations, check) {
        Ok(()) => Ok(()),
        Err(Damage::Refused(error)) => Err(error),
        Err(Damage::Broken(why)) if may_heal => {
            let aside = set_aside(path)?;
            let done = replace(path)?;
            open_and_check(path, migrations, Check::Full).map_err(Damage::into_error)?;
            let notice =
                format!("`{}` was damaged ({why}) and is kept as `{}`. {done}", path.display(), aside.display());
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
            Self::Broken(why) => Error::new(Code::Database, format!("Modeldock's database is damaged: {why}")).hint(
                "Start Modeldock again with nothing else of it running: it sets the damaged file aside and rebuilds it",
            ),
        }
    }
}

/// For statements that are the same every time: where one of them is wrong, the file makes it so.
fn classify(source: &rusqlite::Error) -> Damage {
    let refuses_our_words = source.sqlite_error_code() == Some(rusqlite::ErrorCode::Unknown);
    if is_corruption(source) || refuses_our_words {
        Damage::Broken(source.to_string())
    } else {
        Damage::Refused(explain(source))
    }
}

fn open_and_check(path: &Path, migrations: &[&str], check: Check) -> Result<(), Damage> {
    if path.is_dir() {
        return Err(Damage::Broken("a folder is in its place".to_owned()));
    }
    let fail = |source: rusqlite::Error| classify(&source);
    let mut connection = connect_as_is(path, false).map_err(fail)?;
    // Whose it is comes before everything that writes, and the settings do: they make it keep a log.
    let standing = migrate::standing(&connection, migrations).map_err(fail)?;
    match standing {
        Standing::Newer => {
            // Closing would fold a log that is there into the file, which is the newer one's to do.
            let has_log = log_of(path).metadata().is_ok_and(|log| log.len() > 0);
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log).map_err(fail)?;
            return Err(Damage::Refused(migrate::refusal(path)));
        }
        Standing::Foreign => return Err(Damage::Broken("it is not Modeldock's".to_owned())),
        Standing::New | Standing::Older | Standing::Current => {}
    }
    configure(&connection).map_err(fail)?;
    let found = match check {
        Check::None => None,
        Check::Quick => damage::in_structure(&connection).map_err(fail)?,
        Check::Full => {
            let expected = (standing == Standing::Current).then_some(migrations);
            damage::anywhere(&connection, path, expected).map_err(fail)?
        }
    };
    if let Some(why) = found {
        return Err(Damage::Broken(why));
    }
    if standing == Standing::Current {
        return Ok(());
    }
    // A migration that fails is more likely our mistake than damage.
    migrate::migrate(&mut connection, migrations).map_err(|source| {
        if is_corruption(&source) { Damage::Broken(source.to_string()) } else { Damage::Refused(explain(&source)) }
    })
}

/// A connection with the settings every connection has.
pub(super) fn connect(path: &Path, read_only: bool) -> rusqlite::Result<Connection> {
    let connection = connect_as_is(path, read_only)?;
    configure(&connection)?;
    Ok(connection)
}

/// A connection that changes nothing yet.
fn connect_as_is(path: &Path, read_only: bool) -> rusqlite::Result<Connection> {
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
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "journal_mode", "wal")
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
    if !backup.is_file() || open_and_check(backup, migrate::STATE, Check::Full).is_err() {
        return Ok("There was no good copy of your folders and settings; please add your folders again".to_owned());
    }
    let fail = |source: std::io::Error| Error::io("restore the backup to", path, &source);
    // Under another name first: half a copy must not be taken for the database.
    let fresh = path.with_extension("db.new");
    std::fs::copy(backup, &fresh).map_err(fail)?;
    std::fs::File::open(&fresh).and_then(|file| file.sync_all()).map_err(fail)?;
    std::fs::rename(&fresh, path).map_err(fail)?;
    Ok("Your folders and settings were restored from the last good copy".to_owned())
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

/// Moves a damaged database and what belongs to it out of the way. A log that stayed would be taken for the next one's.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let stamp = UnixMillis::now().0;
    let aside = path.with_extension(format!("damaged-{stamp}.db"));
    for suffix in ["", "-wal", "-shm"] {
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
