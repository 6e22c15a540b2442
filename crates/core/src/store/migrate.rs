//! Brings a database to this version's schema, or says why it must not be touched.
//!
//! `user_version` counts the migrations a file has had. Each runs in one transaction together with its count, so a
//! crash leaves either the old or the new schema. A file with a higher count was written by a newer Modeldock, which
//! may rely on things this one would break: it is left alone.

use std::path::Path;

use rusqlite::Connection;

use crate::error::{Code, Error};

/// Marks a file as ours: `MDck`.
const APPLICATION_ID: i32 = 0x4d44_636b;

/// The migrations of `state.db`, oldest first.
pub(super) const STATE: &[&str] = &[
    include_str!("migrations/state_0001.sql"),
    include_str!("migrations/state_0002.sql"),
    include_str!("migrations/state_0003.sql"),
    include_str!("migrations/state_0004.sql"),
    include_str!("migrations/state_0005.sql"),
    include_str!("migrations/state_0006.sql"),
    include_str!("migrations/state_0007.sql"),
];

/// The migrations of `cache.db`, oldest first.
pub(super) const CACHE: &[&str] = &[
    include_str!("migrations/cache_0001.sql"),
    include_str!("migrations/cache_0002.sql"),
    include_str!("migrations/cache_0003.sql"),
    include_str!("migrations/cache_0004.sql"),
    include_str!("migrations/cache_0005.sql"),
    include_str!("migrations/cache_0006.sql"),
];

/// How a file stands to this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing is in it yet.
    New,
    /// Written by an older Modeldock.
    Older,
    /// Ready.
    Current,
    /// Written by a newer Modeldock, which may rely on things this one would break.
    Newer,
    /// Not ours, though a valid database.
    Foreign,
}

/// Looks without changing anything.
pub(super) fn standing(connection: &Connection, migrations: &[&str]) -> rusqlite::Result<Standing> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let wanted = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    // Before anything else is read: a newer schema may hold what this `SQLite` cannot parse.
    if id == APPLICATION_ID && version > wanted {
        return Ok(Standing::Newer);
    }
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(match (id == APPLICATION_ID, version) {
        (true, version) if version == wanted => Standing::Current,
        (true, 1..) => Standing::Older,
        (false, 0) if tables == 0 => Standing::New,
        // Both numbers are written in one transaction with the tables, so one without the others was not our doing.
        _ => Standing::Foreign,
    })
}

/// Says no to a newer database, in words.
pub(super) fn refusal(path: &Path) -> Error {
    Error::new(Code::NewerDatabase, format!("`{}` was written by a newer Modeldock", path.display()))
        .hint("Update Modeldock, or use another data folder with --data-dir")
}

/// Runs what is missing. Only for what is [`Standing::New`] or [`Standing::Older`].
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been quicker.
    let version: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    for migration in migrations.iter().skip(usize::try_from(version).unwrap_or(0)) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", i64::try_from(migrations.len()).unwrap_or(i64::MAX))?;
    transaction.commit()
}
