//! Other programs' databases: read without trusting what is in them, and without leaving a trace beside them.
//!
//! A database at rest is read where it lies, as immutable, which takes no lock and makes no file. One with a log beside
//! it is in use or was left by a crash; SQLite would have to write there to read it, so both files are copied aside
//! first. Either way the files must be the same afterwards as before, else what was read may be half old and half new.
//! A rollback journal is never replayed, not even in a copy: it may name another file, which SQLite would then delete.
//!
//! The schema is a stranger's too. Views, triggers, generated columns and virtual tables would run what it says, so
//! only plain tables with plain columns are read, within bounds of size, number and time.

mod comfyui;
mod invokeai;
mod lora_manager;
mod source;
mod webui;

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, Row};

pub(crate) use comfyui::comfyui_assets;
pub(crate) use invokeai::invokeai_models;
pub(crate) use lora_manager::lora_manager_models;
pub(crate) use webui::webui_hashes;

use crate::error::{Code, Error, Result};
use source::Source;

/// What a stranger's database may cost.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// The largest file that is read where it lies, in bytes. InvokeAI keeps its whole queue in its database.
    file: u64,
    /// The most that is copied aside, in bytes, log included.
    copy: u64,
    /// Rows taken from it.
    rows: usize,
    /// Bytes of text and blobs taken from it.
    bytes: usize,
    /// How long one look may last.
    time: Duration,
}

const BOUNDS: Bounds = Bounds {
    file: 8 * 1024 * 1024 * 1024,
    copy: 512 * 1024 * 1024,
    rows: 200_000,
    bytes: 64 * 1024 * 1024,
    time: Duration::from_secs(10),
};

/// The longest single value SQLite may hand out, in bytes.
const MAX_VALUE: i32 = 1024 * 1024;

/// Paths and keys longer than this name nothing on a disk, in bytes.
const MAX_TEXT: usize = 8 * 1024;

/// Looks into the database at `path`. `None` if there is none, or none with the tables that `query` knows.
fn look<T>(path: &Path, query: impl Fn(&mut Reader) -> Result<Option<T>, Failure>) -> Result<Option<T>> {
    look_within(path, BOUNDS, query)
}

fn look_within<T>(
    path: &Path,
    bounds: Bounds,
    query: impl Fn(&mut Reader) -> Result<Option<T>, Failure>,
) -> Result<Option<T>> {
    source::unchanged_while(path, |source| {
        let opened = source.open(path, bounds)?;
        let answer = Reader::new(&opened, bounds).and_then(|mut reader| query(&mut reader));
        answer.map_err(|failure| failure.explain(path, bounds))
    })
}

/// Why a look came to nothing.
#[derive(Debug)]
enum Failure {
    Sqlite(rusqlite::Error),
    TooManyRows,
    TooManyBytes,
}

impl From<rusqlite::Error> for Failure {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite(source)
    }
}

impl Failure {
    fn explain(self, path: &Path, bounds: Bounds) -> Error {
        let name = path.display();
        let what = match self {
            Self::TooManyRows => format!("it has more than {} rows", bounds.rows),
            Self::TooManyBytes => format!("it holds more than {} MiB of text", bounds.bytes / 1024 / 1024),
            Self::Sqlite(source) => match source.sqlite_error_code() {
                Some(ErrorCode::OperationInterrupted) => {
                    format!("it took longer than {} seconds", bounds.time.as_secs())
                }
                Some(ErrorCode::NotADatabase) => "it is not a database".to_owned(),
                Some(ErrorCode::DatabaseCorrupt) => "it is damaged".to_owned(),
                _ => source.to_string(),
            },
        };
        Error::new(Code::Io, format!("Could not read the hashes in `{name}`: {what}"))
            .hint("Modeldock reads those model files itself instead; nothing is lost")
    }
}

/// One stranger's database, opened.
struct Reader {
    connection: Connection,
    bounds: Bounds,
    bytes: usize,
}

impl Reader {
    fn new(source: &Source, bounds: Bounds) -> Result<Self, Failure> {
        let mut connection = source.connect()?;
        for (setting, on) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        ] {
            connection.set_db_config(setting, on)?;
        }
        for (limit, most) in [
            (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            connection.set_limit(limit, most)?;
        }
        let deadline = Instant::now() + bounds.time;
        connection.progress_handler(1000, Some(move || Instant::now() > deadline))?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        connection.pragma_update(None, "mmap_size", 0)?;
        connection.pragma_update(None, "temp_store", "memory")?;
        connection.pragma_update(None, "cache_size", -8192)?;
        Ok(Self { connection, bounds, bytes: 0 })
    }

    /// Whether there is a plain table of this name with these columns stored in it.
    fn has(&self, table: &str, columns: &[&str]) -> Result<bool, Failure> {
        // A virtual table has no root page. Asking it for its columns would already run its module.
        let mut named = self.connection.prepare(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE AND rootpage > 0",
        )?;
        if named.query_row([table], |row| row.get::<_, i64>(0))? != 1 {
            return Ok(false);
        }
        let mut stored: Vec<String> = Vec::new();
        self.connection.pragma(None, "table_xinfo", table, |row| {
            // Generated columns are "hidden" in one way or another; reading one evaluates an expression of the schema.
            if row.get::<_, i64>("hidden")? == 0 {
                stored.push(row.get("name")?);
            }
            Ok(())
        })?;
        Ok(columns.iter().all(|column| stored.iter().any(|name| name.eq_ignore_ascii_case(column))))
    }

    /// The rows of a query, as far as `take` can use them.
    fn rows<T>(
        &mut self,
        sql: &str,
        take: impl Fn(&Values<'_, '_>) -> rusqlite::Result<Option<T>>,
    ) -> Result<Vec<T>, Failure> {
        let mut statement = self.connection.prepare(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        let mut taken = Vec::new();
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            if seen > self.bounds.rows {
                return Err(Failure::TooManyRows);
            }
            let values = Values(row);
            for at in 0..columns {
                self.bytes += values.size(at)?;
            }
            if self.bytes > self.bounds.bytes {
                return Err(Failure::TooManyBytes);
            }
            taken.extend(take(&values)?);
        }
        Ok(taken)
    }
}

/// The values of one row, of whatever type the writer chose.
struct Values<'a, 'stmt>(&'a Row<'stmt>);

impl Values<'_, '_> {
    fn size(&self, at: usize) -> rusqlite::Result<usize> {
        Ok(match self.0.get_ref(at)? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 0,
        })
    }

    fn text(&self, at: usize) -> rusqlite::Result<Option<String>> {
        Ok(match self.0.get_ref(at)? {
            ValueRef::Text(bytes) => std::str::from_utf8(bytes).ok().map(str::to_owned),
            _ => None,
        })
    }

    fn blob(&self, at: usize) -> rusqlite::Result<Option<Vec<u8>>> {
        Ok(match self.0.get_ref(at)? {
            ValueRef::Blob(bytes) => Some(bytes.to_vec()),
            _ => None,
        })
    }

    fn integer(&self, at: usize) -> rusqlite::Result<Option<i64>> {
        Ok(match self.0.get_ref(at)? {
            ValueRef::Integer(number) => Some(number),
            _ => None,
        })
    }

    fn size_in_bytes(&self, at: usize) -> rusqlite::Result<Option<u64>> {
        Ok(self.integer(at)?.and_then(|number| u64::try_from(number).ok()))
    }
}

#[cfg(test)]
mod tests;
