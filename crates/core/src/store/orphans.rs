//! The `orphans` table: sidecars and previews that were left behind by their model, as last seen.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rusqlite::{Row, params};

use super::{Explain, ReadTx, WriteTx};
use crate::error::Result;
use crate::paths::{from_bytes, to_bytes};
use crate::sidecar::Orphan;
use crate::units::{OrphanId, RootId};

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OrphanRow {
    pub(crate) id: OrphanId,
    pub(crate) root: RootId,
    pub(crate) orphan: Orphan,
}

/// Where somebody looked.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    /// These folders and everything below them.
    Below(Vec<PathBuf>),
    /// This folder alone.
    In(PathBuf),
}

impl Reach {
    fn covers(&self, path: &Path) -> bool {
        match self {
            Self::Below(folders) => folders.iter().any(|folder| path.starts_with(folder)),
            Self::In(folder) => path.parent() == Some(folder),
        }
    }
}

/// `None` for a row that a newer version wrote.
fn row(row: &Row<'_>) -> rusqlite::Result<Option<OrphanRow>> {
    let word = |at: usize| -> rusqlite::Result<serde_json::Value> { Ok(row.get::<_, String>(at)?.into()) };
    let (kind, proof) = (serde_json::from_value(word(3)?), serde_json::from_value(word(4)?));
    let (Ok(kind), Ok(proof)) = (kind, proof) else { return Ok(None) };
    let size: i64 = row.get(5)?;
    Ok(Some(OrphanRow {
        id: OrphanId(row.get(0)?),
        root: RootId(row.get(1)?),
        orphan: Orphan { path: from_bytes(row.get_ref(2)?.as_blob()?), kind, proof, size: size.cast_unsigned() },
    }))
}

const SELECT: &str = "SELECT o.id, o.root_id, o.path, o.kind, o.proof, o.size FROM cache.orphans o
    JOIN main.roots t ON t.id = o.root_id
    LEFT JOIN cache.root_states s ON s.root_id = o.root_id WHERE coalesce(s.online, 1)";

impl ReadTx<'_> {
    /// How many there are in roots that can be reached, and their bytes.
    pub(crate) fn count_orphans(&self) -> Result<(u32, u64)> {
        let sql = format!("SELECT count(*), coalesce(sum(size), 0) FROM ({SELECT})");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let (count, bytes): (u32, i64) = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).explain()?;
        Ok((count, bytes.cast_unsigned()))
    }

    /// A part of them, folder by folder.
    pub(crate) fn orphans(&self, offset: u32, limit: u32) -> Result<Vec<OrphanRow>> {
        self.orphan_rows(&format!("{SELECT} ORDER BY o.path LIMIT {limit} OFFSET {offset}"), [])
    }

    /// One of them.
    pub(crate) fn orphan(&self, id: OrphanId) -> Result<Option<OrphanRow>> {
        Ok(self.orphan_rows(&format!("{SELECT} AND o.id = ?1"), [id.0])?.pop())
    }

    /// What is known within reach of a root, by path.
    pub(crate) fn orphans_of(&self, root: RootId, reach: &Reach) -> Result<Vec<Orphan>> {
        let rows = self.orphan_rows(
            "SELECT id, root_id, path, kind, proof, size FROM cache.orphans WHERE root_id = ?1",
            [root.0],
        )?;
        let mut orphans: Vec<Orphan> = rows.into_iter().map(|row| row.orphan).collect();
        orphans.retain(|orphan| reach.covers(&orphan.path));
        orphans.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(orphans)
    }

    fn orphan_rows(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<OrphanRow>> {
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement.query_map(values, row).explain()?.collect::<rusqlite::Result<Vec<_>>>().explain()?;
        Ok(rows.into_iter().flatten().collect())
    }
}

impl WriteTx<'_> {
    /// Replaces what is known within reach of a root. What is still there keeps its number.
    pub(crate) fn put_orphans(&mut self, root: RootId, reach: &Reach, orphans: &[Orphan]) -> Result<()> {
        let there: HashSet<&Path> = orphans.iter().map(|orphan| orphan.path.as_path()).collect();
        let delete = "DELETE FROM cache.orphans WHERE path = ?1";
        let had = self.orphans_of(root, reach)?;
        for gone in had.iter().filter(|had| !there.contains(had.path.as_path())) {
            let values = [to_bytes(&gone.path)];
            self.connection.prepare_cached(delete).and_then(|mut sql| sql.execute(values)).explain()?;
        }
        let sql = "INSERT INTO cache.orphans (root_id, path, kind, proof, size) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (path) DO UPDATE SET root_id = excluded.root_id, kind = excluded.kind,
                proof = excluded.proof, size = excluded.size";
        for orphan in orphans {
            let values = params![
                root.0,
                to_bytes(&orphan.path),
                word(&orphan.kind),
                word(&orphan.proof),
                orphan.size.cast_signed()
            ];
            self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        }
        Ok(())
    }
}

/// An enum without data, as its word.
fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
