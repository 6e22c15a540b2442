//! What of some versions and contents is here, on its way, or in the vault.
//!
//! Lists go in as one JSON text each: a statement takes any number of them, and is prepared once.

use super::{Explain, ReadTx};
use crate::discover::{Presence, Underway};
use crate::error::Result;
use crate::hash::Sha256;
use crate::roots::ModelKind;
use crate::units::{CivitaiFileId, DownloadId, FileId, VersionId};

impl ReadTx<'_> {
    /// Everything that is known of them. Files on a drive that is away count: they are not missing, merely not at hand.
    pub(crate) fn presence(&self, versions: &[VersionId], contents: &[Sha256]) -> Result<Presence> {
        let versions = serde_json::json!(versions).to_string();
        let contents = serde_json::json!(contents).to_string();
        Ok(Presence {
            matched: self.matched_with(&versions)?,
            contents: self.files_of(&contents)?,
            underway: self.underway_of(&versions)?,
            in_vault: self.in_vault_of(&versions)?.into_iter().collect(),
        })
    }

    fn matched_with(&self, versions: &str) -> Result<Vec<(VersionId, FileId, Option<ModelKind>)>> {
        let sql = "SELECT r.version_id, f.id, r.kind FROM cache.resolutions r
            JOIN cache.files f ON f.sha256 = r.sha256 AND f.alias_of IS NULL AND f.gone_at IS NULL
            WHERE r.state = 'matched' AND r.version_id IN (SELECT value FROM json_each(?1))";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement
            .query_map([versions], |row| {
                let kind: Option<String> = row.get(2)?;
                let kind = kind.filter(|kind| !kind.is_empty()).as_deref().map(ModelKind::from);
                Ok((VersionId(row.get(0)?), FileId(row.get(1)?), kind))
            })
            .explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    fn files_of(&self, contents: &str) -> Result<Vec<(Sha256, FileId)>> {
        let sql = "SELECT f.sha256, f.id FROM json_each(?1) j
            JOIN cache.files f ON f.sha256 = unhex(j.value) AND f.alias_of IS NULL AND f.gone_at IS NULL";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement
            .query_map([contents], |row| {
                Ok(Sha256::from_slice(row.get_ref(0)?.as_blob()?).zip(Some(FileId(row.get(1)?))))
            })
            .explain()?;
        rows.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>().explain()
    }

    /// The page and the pictures of something in the vault are not the model.
    fn underway_of(&self, versions: &str) -> Result<Vec<(VersionId, Underway)>> {
        let sql = "SELECT version_id, id, file_id FROM main.downloads
            WHERE version_id IN (SELECT value FROM json_each(?1))
                AND stage NOT IN ('done', 'failed', 'cancelled')
                AND coalesce(json_extract(wanted, '$.part'), 'model') = 'model'";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement
            .query_map([versions], |row| {
                let file = row.get::<_, Option<i64>>(2)?.map(CivitaiFileId);
                Ok((VersionId(row.get(0)?), Underway { download: DownloadId(row.get(1)?), file }))
            })
            .explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    fn in_vault_of(&self, versions: &str) -> Result<Vec<VersionId>> {
        let sql = "SELECT version_id FROM cache.vault_items WHERE version_id IN (SELECT value FROM json_each(?1))";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement.query_map([versions], |row| Ok(VersionId(row.get(0)?))).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }
}
