//! Brings a database to this version's schema, or says why it must not be touched.
//!
//! `user_version` counts the migrations a file has had. Each runs in one transaction together with its count, so a
//! crash leaves either the old or the new schema. A file with a higher count was written by a newer Modeldock, which
//! may rely on things this one would break: it is left alone.

use std::path::Path;

use rusqlite::Connection;

use super::error::explain;
use crate::error::{Code, Error, Result};

/// Marks a file as ours: "MDck".
const APPLICATION_ID: i32 = 0x4d44_636b;

/// The migrations of `state.db`, oldest first.
pub(super) const STATE: &[&str] = &[include_str!("migrations/state_0001.sql")];

/// The migrations of `cache.db`, oldest first.
pub(super) const CACHE: &[&str] = &[include_str!("migrations/cache_0001.sql")];

/// How a file stands to this version.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Ready.
    Current,
    /// Not ours, though a valid database.
    Foreign,
}

/// Runs what is missing.
pub(super) fn migrate(connection: &mut Connection, path: &Path, migrations: &[&str]) -> Result<Standing, MigrateError> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let wanted = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if id == APPLICATION_ID && version == wanted {
        return Ok(Standing::Current);
    }
    if id == APPLICATION_ID && version > wanted {
        return Err(MigrateError::Refused(
            Error::new(Code::NewerDatabase, format!("`{}` was written by a newer Modeldock", path.display()))
                .hint("Update Modeldock, or use another data folder with --data-dir"),
        ));
    }
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if id != APPLICATION_ID && (tables > 0 || version != 0) {
        return Ok(Standing::Foreign);
    }
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been quicker.
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for migration in migrations.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", wanted)?;
    transaction.commit()?;
    Ok(Standing::Current)
}

/// Why a database could not be brought up to date.
#[derive(Debug)]
pub(super) enum MigrateError {
    /// For a person to decide.
    Refused(Error),
    /// From SQLite; corruption is the caller's to handle.
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for MigrateError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sqlite(source)
    }
}

impl MigrateError {
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Sqlite(source) => explain(&source),
        }
    }
}
