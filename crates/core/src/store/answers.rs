//! The `answers` table: every different thing Civitai said about a version.
//!
//! Authors rename, replace and remove, and moderators take down; what was once said stays readable. Counts change with
//! every answer and say nothing about the model, so they do not make an answer another one.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::{Explain, ReadTx, WriteTx};
use crate::error::Result;
use crate::library::PastAnswer;
use crate::units::{UnixMillis, VersionId};

/// Most answers kept of one version: the first and the latest ones.
const MAX_KEPT: i64 = 20;

impl ReadTx<'_> {
    /// What Civitai said about a version over time, newest first.
    pub(crate) fn answers(&self, id: VersionId) -> Result<Vec<PastAnswer>> {
        let sql = "SELECT first_at, last_at, raw FROM cache.answers WHERE version_id = ?1 ORDER BY first_at DESC";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement
            .query_map([id.0], |row| {
                let answer: Value = serde_json::from_str(row.get_ref(2)?.as_str()?).unwrap_or_default();
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let count = |value: &Value| u32::try_from(value.as_array().map_or(0, Vec::len)).unwrap_or(u32::MAX);
                Ok(PastAnswer {
                    first_at: UnixMillis(row.get(0)?),
                    last_at: UnixMillis(row.get(1)?),
                    name: format!("{} {}", text(&answer["model"]["name"]), text(&answer["name"])).trim().to_owned(),
                    files: count(&answer["files"]),
                    previews: count(&answer["images"]),
                })
            })
            .explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }
}

impl WriteTx<'_> {
    /// Keeps an answer, if it says anything else than the last one.
    pub(super) fn put_answer(&mut self, id: VersionId, raw: &str, now: UnixMillis) -> Result<()> {
        let digest = digest(raw);
        let sql = "SELECT first_at, digest FROM cache.answers WHERE version_id = ?1 ORDER BY first_at DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let last: Option<(i64, Vec<u8>)> =
            statement.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional().explain()?;
        drop(statement);
        if let Some((first_at, before)) = last
            && before == digest
        {
            let sql = "UPDATE cache.answers SET last_at = max(last_at, ?3) WHERE version_id = ?1 AND first_at = ?2";
            self.connection
                .prepare_cached(sql)
                .and_then(|mut sql| sql.execute(params![id.0, first_at, now.0]))
                .explain()?;
            return Ok(());
        }
        // Two different answers within one millisecond are one moment: the later one counts.
        let sql = "INSERT OR REPLACE INTO cache.answers (version_id, first_at, last_at, digest, raw)
            VALUES (?1, ?2, ?2, ?3, ?4)";
        let values = params![id.0, now.0, digest, raw];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        let sql = "DELETE FROM cache.answers WHERE version_id = ?1 AND first_at IN (
            SELECT first_at FROM cache.answers WHERE version_id = ?1
                AND first_at > (SELECT min(first_at) FROM cache.answers WHERE version_id = ?1)
            ORDER BY first_at DESC LIMIT -1 OFFSET ?2)";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(params![id.0, MAX_KEPT - 1])).explain()?;
        Ok(())
    }
}

/// Of what an answer says, without what changes from one minute to the next.
fn digest(raw: &str) -> Vec<u8> {
    let meaning = match serde_json::from_str::<Value>(raw) {
        Ok(mut answer) => {
            for passing in ["stats", "downloadUrl", "updatedAt"] {
                if let Some(fields) = answer.as_object_mut() {
                    fields.remove(passing);
                }
            }
            answer.to_string()
        }
        Err(_) => raw.to_owned(),
    };
    blake3::hash(meaning.as_bytes()).as_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_do_not_make_another_answer() {
        let a = r#"{"id":1,"name":"v1","stats":{"downloadCount":1}}"#;
        let b = r#"{"id":1,"stats":{"downloadCount":900},"name":"v1"}"#;
        assert_eq!(digest(a), digest(b));
        assert_ne!(digest(a), digest(r#"{"id":1,"name":"v2"}"#));
    }
}
