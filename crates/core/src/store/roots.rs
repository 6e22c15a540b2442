//! The `roots` table (what the user chose) and `root_states` (what the last scan saw of them).

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use super::{Explain, ReadTx, WriteTx};
use crate::download::PlaceRules;
use crate::error::Result;
use crate::paths::{from_bytes, name_of, to_bytes};
use crate::roots::{Layout, RootInfo, Watching};
use crate::sidecar::SidecarChoice;
use crate::units::{ByteCount, RootId, UnixMillis};

/// A root as the user added it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RootRow {
    pub(crate) id: RootId,
    pub(crate) path: PathBuf,
    pub(crate) layout: Layout,
    /// What may be written beside its models.
    pub(crate) sidecars: SidecarChoice,
    /// Where downloads go in it.
    pub(crate) places: PlaceRules,
}

impl ReadTx<'_> {
    /// All roots, oldest first.
    pub(crate) fn roots(&self) -> Result<Vec<RootRow>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, path, layout, sidecars, places FROM main.roots ORDER BY id")
            .explain()?;
        let rows = statement
            .query_map([], |row| {
                // A layout of a newer version is walked as a plain folder: nothing is lost by that.
                let layout = Layout::parse(&row.get::<_, String>(2)?).unwrap_or(Layout::Plain);
                let places = row.get_ref(4)?.as_str_or_null()?;
                let chosen = row.get_ref(3)?.as_str_or_null()?.map(serde_json::from_str);
                Ok(RootRow {
                    id: RootId(row.get(0)?),
                    path: from_bytes(&row.get::<_, Vec<u8>>(1)?),
                    layout,
                    // A choice that cannot be read allows nothing.
                    sidecars: chosen.map_or(SidecarChoice::default_of(layout), |chosen| chosen.unwrap_or_default()),
                    places: places.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
                })
            })
            .explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    /// All roots with what is in them, oldest first.
    pub(crate) fn root_infos(&self) -> Result<Vec<RootInfo>> {
        let sql = "SELECT count(*), coalesce(sum(size), 0) FROM cache.files
            WHERE root_id = ?1 AND gone_at IS NULL AND alias_of IS NULL";
        let mut counts = self.connection.prepare_cached(sql).explain()?;
        let sql = "SELECT online, scanned_at FROM cache.root_states WHERE root_id = ?1";
        let mut states = self.connection.prepare_cached(sql).explain()?;
        self.roots()?
            .into_iter()
            .map(|root| {
                let (files, bytes): (u32, i64) =
                    counts.query_row([root.id.0], |row| Ok((row.get(0)?, row.get(1)?))).explain()?;
                let state: Option<(bool, Option<i64>)> =
                    states.query_row([root.id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional().explain()?;
                let (online, scanned_at) = state.unwrap_or((true, None));
                Ok(RootInfo {
                    id: root.id,
                    name: name_of(&root.path),
                    path: root.path.display().to_string(),
                    layout: root.layout,
                    online: online && root.path.is_dir(),
                    files,
                    bytes: ByteCount(bytes.cast_unsigned()),
                    scanned_at: scanned_at.map(UnixMillis),
                    watching: Watching::Off,
                    watching_note: None,
                    sidecars: root.sidecars,
                    places: root.places,
                })
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Adds a root, or finds the one with this path.
    pub(crate) fn add_root(&mut self, path: &Path, layout: Layout, now: UnixMillis) -> Result<RootId> {
        let sql = "INSERT INTO main.roots (path, layout, added_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (path) DO UPDATE SET layout = excluded.layout RETURNING id";
        let id = self
            .connection
            .query_row(sql, params![to_bytes(path), layout.as_str(), now.0], |row| row.get(0))
            .explain()?;
        self.touch_state();
        Ok(RootId(id))
    }

    /// Forgets a root and the rows of its files. False if there is none.
    pub(crate) fn remove_root(&mut self, id: RootId) -> Result<bool> {
        let removed = self.connection.execute("DELETE FROM main.roots WHERE id = ?1", [id.0]).explain()?;
        self.connection.execute("DELETE FROM cache.files WHERE root_id = ?1", [id.0]).explain()?;
        self.connection.execute("DELETE FROM cache.root_states WHERE root_id = ?1", [id.0]).explain()?;
        self.touch_state();
        Ok(removed > 0)
    }

    /// Notes whether a root could be reached, and when it was looked through to the end.
    pub(crate) fn set_root_state(&mut self, id: RootId, online: bool, scanned_at: Option<UnixMillis>) -> Result<()> {
        let sql = "INSERT INTO cache.root_states (root_id, online, scanned_at) VALUES (?1, ?2, ?3)
            ON CONFLICT (root_id) DO UPDATE SET online = excluded.online,
                scanned_at = coalesce(excluded.scanned_at, scanned_at)";
        self.connection.execute(sql, params![id.0, online, scanned_at.map(|at| at.0)]).explain()?;
        Ok(())
    }
}
