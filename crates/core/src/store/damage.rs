//! Finds out whether a database file was changed by anything but us.
//!
//! `SQLite`'s own check proves the structure, not the content: a flipped bit in a name makes text that is no text, one in
//! the file's header makes a database that cannot be written, and the check is content with both. A content that is
//! indexed stands in the file twice, so the full check compares the two; that is why it is worth its time here, where a
//! changed hash would name a model wrongly for ever.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

/// What is wrong with the structure, if anything.
pub(super) fn in_structure(connection: &Connection) -> rusqlite::Result<Option<String>> {
    verdict(connection, "PRAGMA quick_check(1)")
}

/// What is wrong at all, if anything. `migrations` are those that made the schema, where it is known to be theirs.
pub(super) fn anywhere(
    connection: &Connection,
    path: &Path,
    migrations: Option<&[&str]>,
) -> rusqlite::Result<Option<String>> {
    if let Some(why) = in_header(path) {
        return Ok(Some(why));
    }
    let encoding: String = connection.pragma_query_value(None, "encoding", |row| row.get(0))?;
    if encoding != "UTF-8" {
        return Ok(Some(format!("its text is marked as {encoding}")));
    }
    if let Some(migrations) = migrations {
        let intended = Connection::open_in_memory()?;
        migrations.iter().try_for_each(|migration| intended.execute_batch(migration))?;
        if columns(connection)? != columns(&intended)? {
            return Ok(Some("its tables are not what they should be".to_owned()));
        }
    }
    match verdict(connection, "PRAGMA integrity_check(1)")? {
        None => in_text(connection),
        why => Ok(why),
    }
}

fn verdict(connection: &Connection, check: &str) -> rusqlite::Result<Option<String>> {
    let verdict: String = connection.query_row(check, [], |row| row.get(0))?;
    Ok((verdict != "ok").then_some(verdict))
}

/// The two bytes that say how the file is read and written. Above 2, `SQLite` silently makes it read-only.
fn in_header(path: &Path) -> Option<String> {
    let mut header = [0; 20];
    // A file too short for a header is new; one that cannot be read has failed before.
    File::open(path).and_then(|mut file| file.read_exact(&mut header)).ok()?;
    let known = header[18..].iter().all(|version| (1..=2).contains(version));
    (!known).then(|| "its header names an unknown format".to_owned())
}

/// Tables and their columns, indexes and their tables. Not the words of the schema: those may differ between versions
/// of `SQLite` for the same migrations.
fn columns(connection: &Connection) -> rusqlite::Result<BTreeSet<(String, String, String)>> {
    let sql =
        "SELECT s.name, c.name, c.type FROM sqlite_schema s JOIN pragma_table_xinfo(s.name) c WHERE s.type = 'table'
        UNION ALL SELECT name, tbl_name, type FROM sqlite_schema WHERE type <> 'table'";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.collect()
}

/// Text that is no text.
fn in_text(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let mut tables = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for table in tables {
        // Names come from our own migrations, and were compared with them above.
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for at in 0..columns {
                if matches!(row.get_ref(at)?, ValueRef::Text(text) if std::str::from_utf8(text).is_err()) {
                    return Ok(Some(format!("a row of `{table}` holds text that is none")));
                }
            }
        }
    }
    Ok(None)
}
