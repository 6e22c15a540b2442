//! The `model_versions` and `model_checks` tables: which versions Civitai lists of the models that are here, and since
//! when that is known.

use std::collections::HashMap;

use rusqlite::params;

use super::{Explain, ReadTx, WriteTx};
use crate::care::{Listed, Local};
use crate::catalog::Model;
use crate::error::Result;
use crate::roots::ModelKind;
use crate::units::{ByteCount, FileId, ModelId, UnixMillis, VersionId};

/// Most versions kept of one model: nobody has published as many.
const MOST_VERSIONS: usize = 300;

/// A KiB as Civitai tells sizes, in bytes.
const KIB: f64 = 1024.0;

/// How much is known of the versions that Civitai lists.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Checked {
    /// Models of which a file is here.
    pub(crate) models: u32,
    /// Those that Civitai was asked about.
    pub(crate) asked: u32,
    /// When the one was asked about that was asked about longest ago.
    pub(crate) oldest: Option<UnixMillis>,
}

/// Models of which a file is here.
const HERE: &str = "SELECT DISTINCT v.model_id AS id FROM cache.files f
    JOIN cache.resolutions r ON r.sha256 = f.sha256 AND r.state = 'matched'
    JOIN cache.versions v ON v.id = r.version_id
    WHERE f.gone_at IS NULL AND f.alias_of IS NULL";

impl ReadTx<'_> {
    /// How much is known.
    pub(crate) fn models_checked(&self) -> Result<Checked> {
        let sql = format!(
            "SELECT count(*), count(c.checked_at), min(c.checked_at)
            FROM ({HERE}) m LEFT JOIN cache.model_checks c ON c.model_id = m.id"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        statement
            .query_row([], |row| {
                let oldest: Option<i64> = row.get(2)?;
                Ok(Checked { models: row.get(0)?, asked: row.get(1)?, oldest: oldest.map(UnixMillis) })
            })
            .explain()
    }

    /// Models to ask about, those first that were never or longest ago asked about; none that was since `since`.
    pub(crate) fn models_to_check(&self, since: UnixMillis, most: u32) -> Result<Vec<ModelId>> {
        let sql = format!(
            "SELECT m.id FROM ({HERE}) m LEFT JOIN cache.model_checks c ON c.model_id = m.id
            WHERE coalesce(c.checked_at, 0) < ?1 ORDER BY coalesce(c.checked_at, 0), m.id LIMIT ?2"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map(params![since.0, most], |row| row.get(0).map(ModelId)).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    /// Every file that is a version of a model, of models whose versions are known.
    pub(crate) fn local_versions(&self) -> Result<Vec<Local>> {
        let sql =
            "SELECT f.id, v.model_id, v.id, v.base_model, coalesce(l.published_at, v.published_at), v.kind, r.kind
            FROM cache.files f
            JOIN cache.resolutions r ON r.sha256 = f.sha256 AND r.state = 'matched'
            JOIN cache.versions v ON v.id = r.version_id
            LEFT JOIN cache.model_versions l ON l.model_id = v.model_id AND l.version_id = v.id
            WHERE f.gone_at IS NULL AND f.alias_of IS NULL
                AND EXISTS (SELECT 1 FROM cache.model_versions e WHERE e.model_id = v.model_id)
            ORDER BY v.model_id, f.id";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement.query_map([], |row| {
            let file_kind: Option<String> = row.get(6)?;
            Ok(Local {
                file: FileId(row.get(0)?),
                model: ModelId(row.get(1)?),
                version: VersionId(row.get(2)?),
                base_model: row.get(3)?,
                published_at: row.get(4)?,
                kind: ModelKind::from(row.get_ref(5)?.as_str()?),
                file_kind: file_kind.filter(|kind| !kind.is_empty()).map(|kind| ModelKind::from(kind.as_str())),
            })
        });
        rows.explain()?.collect::<rusqlite::Result<_>>().explain()
    }

    /// The versions that Civitai lists of models that are here.
    pub(crate) fn listed_versions(&self) -> Result<HashMap<ModelId, Vec<Listed>>> {
        let sql = format!(
            "SELECT l.model_id, l.version_id, l.name, l.base_model, l.published_at, l.early_access, l.size
            FROM cache.model_versions l WHERE l.model_id IN ({HERE})"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let mut rows = statement.query([]).explain()?;
        let mut listed: HashMap<ModelId, Vec<Listed>> = HashMap::new();
        while let Some(row) = rows.next().explain()? {
            let read = || {
                Ok(Listed {
                    version: VersionId(row.get(1)?),
                    name: row.get(2)?,
                    base_model: row.get(3)?,
                    published_at: row.get(4)?,
                    early_access: row.get(5)?,
                    size: ByteCount(row.get::<_, i64>(6)?.cast_unsigned()),
                })
            };
            listed.entry(ModelId(row.get(0).explain()?)).or_default().push(read().explain()?);
        }
        Ok(listed)
    }
}

impl WriteTx<'_> {
    /// Keeps which versions Civitai lists of a model that can be downloaded.
    pub(crate) fn put_model_versions(&mut self, model: &Model, now: UnixMillis) -> Result<()> {
        let sql = "DELETE FROM cache.model_versions WHERE model_id = ?1";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute([model.id.0])).explain()?;
        let sql = "INSERT OR REPLACE INTO cache.model_versions
                (model_id, version_id, name, base_model, published_at, early_access, size)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        for version in model.versions.iter().filter(|version| !version.files.is_empty()).take(MOST_VERSIONS) {
            let first = version.files.iter().find(|file| file.primary).or(version.files.first());
            #[expect(clippy::cast_possible_truncation, reason = "a size beyond any file's is cut to the largest")]
            let size = first.map_or(0, |file| (file.size_kb * KIB).round().max(0.0) as i64);
            let values = params![
                model.id.0,
                version.id.0,
                version.name,
                version.base_model,
                version.published_at,
                version.early_access,
                size
            ];
            self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        }
        self.put_model_check(model.id, now)
    }

    /// Notes that Civitai was asked for a model's versions.
    pub(crate) fn put_model_check(&mut self, id: ModelId, now: UnixMillis) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO cache.model_checks (model_id, checked_at) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(params![id.0, now.0])).explain()?;
        Ok(())
    }
}
