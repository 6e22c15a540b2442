//! The `actions` table: what was done to files.

use rusqlite::{OptionalExtension as _, Row, params};

use super::{Explain, ReadTx, WriteTx};
use crate::error::Result;
use crate::files::{ActivityState, Entry, What};
use crate::units::{ActionId, UnixMillis};

const COLUMNS: &str = "id, at, what, state, asked_by, title, models, bytes, steps, problem";

/// This many are kept; older ones than these are not undone by anybody.
const KEPT: u32 = 1000;

impl ReadTx<'_> {
    /// One of them.
    pub(crate) fn action(&self, id: ActionId) -> Result<Option<Entry>> {
        let sql = format!("SELECT {COLUMNS} FROM main.actions WHERE id = ?1");
        self.connection.query_row(&sql, [id.0], entry).optional().explain()
    }

    /// The last ones, newest first.
    pub(crate) fn actions(&self, limit: u32) -> Result<Vec<Entry>> {
        let sql = format!("SELECT {COLUMNS} FROM main.actions ORDER BY id DESC LIMIT ?1");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([limit], entry).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    /// Those that a crash interrupted, newest first: the way back.
    pub(crate) fn unfinished_actions(&self) -> Result<Vec<Entry>> {
        let sql = format!("SELECT {COLUMNS} FROM main.actions WHERE state IN ('begun', 'undoing') ORDER BY id DESC");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], entry).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }
}

impl WriteTx<'_> {
    /// Writes down what is about to be done.
    pub(crate) fn insert_action(&mut self, entry: &Entry) -> Result<ActionId> {
        let sql = "INSERT INTO main.actions (at, what, state, asked_by, title, models, bytes, steps, problem)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id";
        let values = params![
            entry.at.0,
            word(&entry.what),
            word(&entry.state),
            entry.asked_by,
            entry.title,
            entry.models,
            entry.bytes.cast_signed(),
            json(&entry.steps),
            entry.problem.as_ref().map(json),
        ];
        let id = self.connection.query_row(sql, values, |row| row.get(0)).explain()?;
        let sql = "DELETE FROM main.actions WHERE id <= ?1 AND state IN ('done', 'undone', 'failed')";
        self.connection.execute(sql, [id - i64::from(KEPT)]).explain()?;
        self.touch_state();
        Ok(ActionId(id))
    }

    /// How it stands now.
    pub(crate) fn update_action(&mut self, entry: &Entry) -> Result<()> {
        let sql = "UPDATE main.actions SET state = ?2, models = ?3, bytes = ?4, steps = ?5, problem = ?6 WHERE id = ?1";
        let values = params![
            entry.id.0,
            word(&entry.state),
            entry.models,
            entry.bytes.cast_signed(),
            json(&entry.steps),
            entry.problem.as_ref().map(json),
        ];
        self.connection.execute(sql, values).explain()?;
        self.touch_state();
        Ok(())
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let word = |at: usize| -> rusqlite::Result<serde_json::Value> { row.get::<_, String>(at).map(Into::into) };
    Ok(Entry {
        id: ActionId(row.get(0)?),
        at: UnixMillis(row.get(1)?),
        what: serde_json::from_value(word(2)?).unwrap_or(What::Move),
        // What a newer version left is not touched.
        state: serde_json::from_value(word(3)?).unwrap_or(ActivityState::Failed),
        asked_by: row.get(4)?,
        title: row.get(5)?,
        models: row.get(6)?,
        bytes: row.get::<_, i64>(7)?.cast_unsigned(),
        steps: serde_json::from_str(&row.get::<_, String>(8)?).unwrap_or_default(),
        problem: row.get::<_, Option<String>>(9)?.and_then(|text| serde_json::from_str(&text).ok()),
    })
}

/// A word of a fixed list, as it is stored.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Anything else, as it is stored.
pub(super) fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("plain data writes as JSON")
}
