//! What has to be written beside which models: a join over files, answers and roots.

use std::path::PathBuf;

use rusqlite::params;

use super::{Explain, ReadTx, WriteTx};
use crate::catalog::ModelVersion;
use crate::error::Result;
use crate::paths::from_bytes;
use crate::roots::{Layout, ModelKind};
use crate::sidecar::SidecarChoice;
use crate::units::{FileId, ModelId, RootId, UnixMillis, VersionId};

/// One model to look after.
#[derive(Debug, Clone)]
pub(crate) struct SidecarTask {
    pub(crate) file: FileId,
    pub(crate) path: PathBuf,
    pub(crate) kind: ModelKind,
    pub(crate) layout: Layout,
    pub(crate) choice: SidecarChoice,
    pub(crate) version: ModelVersion,
    pub(crate) model_description: Option<String>,
}

impl ReadTx<'_> {
    /// The models of these roots (all if none are named) that something may be written for; if `due_only`, those that
    /// Civitai said something new about since. Only files that were read in full and are there.
    pub(crate) fn sidecar_tasks(&self, roots: &[RootId], due_only: bool) -> Result<Vec<SidecarTask>> {
        let mut tasks = Vec::new();
        for root in self.roots()? {
            if root.sidecars == SidecarChoice::default() || !(roots.is_empty() || roots.contains(&root.id)) {
                continue;
            }
            let sql = "SELECT f.id, f.path, coalesce(nullif(r.kind, ''), nullif(v.kind, ''), f.kind), v.id, v.model_id,
                    v.name, v.model_name, v.kind, v.base_model, v.trained_words, v.description, v.air, v.published_at,
                    v.nsfw_level, v.files, v.previews, m.description,
                    (SELECT raw FROM cache.answers a WHERE a.version_id = v.id ORDER BY first_at DESC LIMIT 1)
                FROM cache.files f
                JOIN cache.resolutions r ON r.sha256 = f.sha256 AND r.state = 'matched' AND r.matched_by <> 'embedded'
                JOIN cache.versions v ON v.id = r.version_id
                LEFT JOIN cache.models m ON m.id = v.model_id
                WHERE f.root_id = ?1 AND f.provenance = 'measured' AND f.gone_at IS NULL AND f.away = 0
                    AND f.alias_of IS NULL AND (NOT ?2 OR f.sidecars_at IS NULL OR f.sidecars_at < v.fetched_at)
                ORDER BY f.path";
            let mut statement = self.connection.prepare_cached(sql).explain()?;
            let rows = statement.query_map(params![root.id.0, due_only], |row| {
                Ok(SidecarTask {
                    file: FileId(row.get(0)?),
                    path: from_bytes(row.get_ref(1)?.as_blob()?),
                    kind: ModelKind::from(row.get_ref(2)?.as_str()?),
                    layout: root.layout,
                    choice: root.sidecars,
                    version: ModelVersion {
                        id: VersionId(row.get(3)?),
                        model_id: ModelId(row.get(4)?),
                        name: row.get(5)?,
                        model_name: row.get(6)?,
                        kind: ModelKind::from(row.get_ref(7)?.as_str()?),
                        base_model: row.get(8)?,
                        trained_words: serde_json::from_str(row.get_ref(9)?.as_str()?).unwrap_or_default(),
                        description: row.get(10)?,
                        air: row.get(11)?,
                        published_at: row.get(12)?,
                        nsfw_level: row.get(13)?,
                        early_access: false,
                        mode: None,
                        files: serde_json::from_str(row.get_ref(14)?.as_str()?).unwrap_or_default(),
                        previews: serde_json::from_str(row.get_ref(15)?.as_str()?).unwrap_or_default(),
                        raw: row.get::<_, Option<String>>(17)?.unwrap_or_default(),
                    },
                    model_description: row.get(16)?,
                })
            });
            tasks.extend(rows.explain()?.collect::<rusqlite::Result<Vec<_>>>().explain()?);
        }
        Ok(tasks)
    }
}

impl WriteTx<'_> {
    /// Keeps where downloads go in a root.
    pub(crate) fn set_places(&mut self, id: RootId, places: &crate::download::PlaceRules) -> Result<()> {
        let places = serde_json::to_string(places).expect("a list of folders and a template write as JSON");
        self.connection.execute("UPDATE main.roots SET places = ?2 WHERE id = ?1", params![id.0, places]).explain()?;
        self.touch_state();
        Ok(())
    }

    /// Notes that nothing is left to write beside a model, until Civitai says something new.
    pub(crate) fn set_sidecars_done(&mut self, id: FileId, now: UnixMillis) -> Result<()> {
        let sql = "UPDATE cache.files SET sidecars_at = ?2 WHERE id = ?1";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(params![id.0, now.0])).explain()?;
        Ok(())
    }

    /// Keeps what may be written beside a root's models, and has all of them looked after again.
    pub(crate) fn set_sidecars(&mut self, id: RootId, choice: SidecarChoice) -> Result<()> {
        let choice = serde_json::to_string(&choice).expect("three switches write as JSON");
        self.connection
            .execute("UPDATE main.roots SET sidecars = ?2 WHERE id = ?1", params![id.0, choice])
            .explain()?;
        self.connection.execute("UPDATE cache.files SET sidecars_at = NULL WHERE root_id = ?1", [id.0]).explain()?;
        self.touch_state();
        Ok(())
    }
}
