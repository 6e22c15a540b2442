//! What may want looking after: the candidates, each list found by one pass over rows or an index, judged in [`crate::care`].
//!
//! Nothing here opens a file or looks at a disk, so that counting costs no more than the library's own facets.

use std::collections::HashSet;
use std::path::PathBuf;

use rusqlite::Row;

use super::library::KIND;
use super::resolutions::matched_by_of;
use super::{Explain, ReadTx};
use crate::catalog::VersionFile;
use crate::error::Result;
use crate::hash::Sha256;
use crate::library::MatchedBy;
use crate::paths::from_bytes;
use crate::roots::ModelKind;
use crate::units::{CivitaiFileId, FileId, RootId, UnixMillis, VersionId};

/// A file that is there and whose content was read in full since it last changed. Word for word as the index has it.
const MEASURED: &str =
    "f.provenance = 'measured' AND f.alias_of IS NULL AND f.gone_at IS NULL AND f.away = 0 AND f.recheck = 0";

/// A file that is there.
const HERE: &str = "f.alias_of IS NULL AND f.gone_at IS NULL AND f.away = 0 AND coalesce(s.online, 1)";

/// Other names of a file, links or hard links, which break or keep its bytes where it goes.
const LINKED: &str = "(EXISTS (SELECT 1 FROM cache.files a WHERE a.alias_of = f.id AND a.gone_at IS NULL)
    OR EXISTS (SELECT 1 FROM cache.files h WHERE h.inode = f.inode AND h.volume = f.volume AND h.id <> f.id
        AND h.gone_at IS NULL AND h.alias_of IS NULL))";

/// Its UI keeps a database of its own about it.
const MANAGED: &str = "f.root_id IN (SELECT id FROM main.roots WHERE layout = 'invoke_ai')";

/// Endings of files that are loaded as pickles.
const PICKLES: &str = "(f.name LIKE '%.ckpt' OR f.name LIKE '%.pt' OR f.name LIKE '%.pt2' OR f.name LIKE '%.pth'
    OR f.name LIKE '%.bin' OR f.name LIKE '%.pkl')";

/// A content that several files hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SameRow {
    pub(crate) sha256: Sha256,
    pub(crate) size: u64,
    /// Files.
    pub(crate) copies: u32,
    /// Those of them that stay where they are.
    pub(crate) held: u32,
}

/// One file of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CopyRow {
    pub(crate) id: FileId,
    /// What its folder is for.
    pub(crate) folder: ModelKind,
    pub(crate) linked: bool,
    pub(crate) managed: bool,
}

/// A file whose bytes are not what they should be, by one of four signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DamagedRow {
    pub(crate) id: FileId,
    pub(crate) size: u64,
    pub(crate) promised: Option<u64>,
    pub(crate) has_form: bool,
    pub(crate) is_altered: bool,
    /// What Civitai takes it for, or would take for what was believed.
    pub(crate) version: Option<VersionId>,
    pub(crate) file: Option<CivitaiFileId>,
}

/// A file whose folder is for another kind than Civitai says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PlacedRow {
    pub(crate) id: FileId,
    pub(crate) root: RootId,
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) folder: ModelKind,
    pub(crate) kind: ModelKind,
}

/// A file that is loaded as a pickle, with what Civitai knows of it.
#[derive(Debug, Clone)]
pub(crate) struct PickleRow {
    pub(crate) id: FileId,
    pub(crate) size: u64,
    pub(crate) sha256: Sha256,
    pub(crate) measured: bool,
    /// Civitai was asked and does not know it.
    pub(crate) not_found: bool,
    pub(crate) matched_by: Option<MatchedBy>,
    pub(crate) version: Option<VersionId>,
    pub(crate) file: Option<CivitaiFileId>,
    /// Of the version.
    pub(crate) files: Vec<VersionFile>,
    pub(crate) model_kind: ModelKind,
}

/// A file that is not on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GoneRow {
    pub(crate) id: FileId,
    pub(crate) size: u64,
    /// Since when; `None`: its drive or folder is away, and it may be there.
    pub(crate) gone_at: Option<UnixMillis>,
    pub(crate) version: Option<VersionId>,
    pub(crate) file: Option<CivitaiFileId>,
}

fn size_at(row: &Row<'_>, at: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(at)?.cast_unsigned())
}

fn hash_at(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Sha256>> {
    Ok(row.get_ref(at)?.as_blob_or_null()?.and_then(Sha256::from_slice))
}

fn version_at(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<VersionId>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(VersionId))
}

fn file_at(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<CivitaiFileId>> {
    Ok(row.get::<_, Option<i64>>(at)?.map(CivitaiFileId))
}

impl ReadTx<'_> {
    /// Contents that were read in full in several files, of which at least one could go.
    pub(crate) fn same_contents(&self) -> Result<Vec<SameRow>> {
        let sql = same_contents_sql();
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], |row| {
            Ok(hash_at(row, 0)?
                .map(|sha256| Ok(SameRow { sha256, size: size_at(row, 1)?, copies: row.get(2)?, held: row.get(3)? })))
        });
        let rows = rows.explain()?.collect::<rusqlite::Result<Vec<_>>>().explain()?;
        rows.into_iter().flatten().collect::<rusqlite::Result<_>>().explain()
    }

    /// The files of such a content, by path.
    pub(crate) fn copies_of(&self, sha256: Sha256) -> Result<Vec<CopyRow>> {
        let sql = format!(
            "SELECT f.id, {LINKED}, {MANAGED}, f.kind FROM cache.files f
            LEFT JOIN cache.root_states s ON s.root_id = f.root_id
            WHERE {MEASURED} AND f.sha256 = ?1 AND coalesce(s.online, 1) ORDER BY f.path LIMIT 1000"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([sha256.as_bytes()], |row| {
            let folder = ModelKind::from(row.get_ref(3)?.as_str()?);
            Ok(CopyRow { id: FileId(row.get(0)?), folder, linked: row.get(1)?, managed: row.get(2)? })
        });
        rows.explain()?.collect::<rusqlite::Result<_>>().explain()
    }

    /// Files with one of the signs of damage, each once.
    pub(crate) fn damaged(&self) -> Result<Vec<DamagedRow>> {
        let sql = format!(
            "WITH odd (id) AS (
                SELECT f.id FROM cache.contents c JOIN cache.files f ON f.sha256 = c.sha256 WHERE c.promised <> c.size
                UNION SELECT f.id FROM cache.contents c JOIN cache.files f ON f.sha256 = c.sha256
                    WHERE c.form <> 'safetensors' AND (f.name LIKE '%.safetensors' OR f.name LIKE '%.sft')
                UNION SELECT f.id FROM cache.resolutions r JOIN cache.files f ON f.sha256 = r.sha256
                    WHERE r.matched_by = 'tensors'
                UNION SELECT id FROM cache.files WHERE corrected IS NOT NULL)
            SELECT f.id, f.size, iif(c.promised <> c.size, c.promised, NULL),
                c.form IS NULL OR c.form = 'safetensors' OR NOT (f.name LIKE '%.safetensors' OR f.name LIKE '%.sft'),
                r.state = 'matched' AND r.matched_by = 'tensors',
                coalesce(iif(r.state = 'matched', r.version_id, NULL), b.version_id),
                coalesce(iif(r.state = 'matched', r.file_id, NULL), b.file_id),
                f.corrected IS NOT NULL AND (r.state IS 'not_found'
                    OR r.state IS 'matched' AND r.matched_by NOT IN ('sha256', 'blake3', 'archive_member'))
            FROM odd JOIN cache.files f ON f.id = odd.id
            JOIN cache.contents c ON c.sha256 = f.sha256
            LEFT JOIN cache.resolutions r ON r.sha256 = f.sha256
            LEFT JOIN cache.resolutions b ON b.sha256 = unhex(json_extract(f.corrected, '$.sha256'))
                AND b.state = 'matched'
            LEFT JOIN cache.root_states s ON s.root_id = f.root_id
            WHERE f.provenance = 'measured' AND {HERE} ORDER BY f.size DESC, f.path"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], |row| {
            let was_corrected: bool = row.get(7)?;
            let damaged = DamagedRow {
                id: FileId(row.get(0)?),
                size: size_at(row, 1)?,
                promised: row.get::<_, Option<i64>>(2)?.map(i64::cast_unsigned),
                has_form: row.get(3)?,
                is_altered: row.get::<_, Option<bool>>(4)?.unwrap_or(false),
                version: version_at(row, 5)?,
                file: file_at(row, 6)?,
            };
            let is_one = damaged.promised.is_some() || !damaged.has_form || damaged.is_altered || was_corrected;
            Ok(is_one.then_some(damaged))
        });
        Ok(rows.explain()?.collect::<rusqlite::Result<Vec<_>>>().explain()?.into_iter().flatten().collect())
    }

    /// Files in folders that are for another kind, in so many words.
    pub(crate) fn placed_otherwise(&self) -> Result<Vec<PlacedRow>> {
        let sql = format!(
            "SELECT f.id, f.root_id, f.path, f.size, f.kind, {KIND} FROM cache.files f
            JOIN cache.resolutions r ON r.sha256 = f.sha256 AND r.state = 'matched' AND r.matched_by <> 'embedded'
            JOIN cache.versions v ON v.id = r.version_id
            JOIN main.roots t ON t.id = f.root_id AND t.layout NOT IN ('plain', 'invoke_ai')
            LEFT JOIN cache.root_states s ON s.root_id = f.root_id
            WHERE f.provenance = 'measured' AND {HERE} AND f.kind <> '' AND f.kind <> {KIND} ORDER BY f.path"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], |row| {
            Ok(PlacedRow {
                id: FileId(row.get(0)?),
                root: RootId(row.get(1)?),
                path: from_bytes(row.get_ref(2)?.as_blob()?),
                size: size_at(row, 3)?,
                folder: ModelKind::from(row.get_ref(4)?.as_str()?),
                kind: ModelKind::from(row.get_ref(5)?.as_str()?),
            })
        });
        rows.explain()?.collect::<rusqlite::Result<_>>().explain()
    }

    /// Files that are loaded as pickles and that Civitai was asked about.
    pub(crate) fn pickles(&self) -> Result<Vec<PickleRow>> {
        let sql = format!(
            "SELECT f.id, f.size, f.sha256, f.provenance = 'measured', r.state, r.matched_by, r.version_id, r.file_id,
                v.files, coalesce(v.kind, '')
            FROM cache.files f
            JOIN cache.resolutions r ON r.sha256 = f.sha256 AND r.state <> 'pending'
            LEFT JOIN cache.versions v ON v.id = r.version_id AND r.state = 'matched'
            LEFT JOIN cache.contents c ON c.sha256 = f.sha256
            LEFT JOIN cache.root_states s ON s.root_id = f.root_id
            WHERE {HERE} AND {PICKLES} AND coalesce(c.form, '') NOT IN ('safetensors', 'gguf') ORDER BY f.path"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], |row| {
            let Some(sha256) = hash_at(row, 2)? else { return Ok(None) };
            let is_matched = row.get_ref(4)?.as_str()? == "matched";
            let files = row.get_ref(8)?.as_str_or_null()?;
            Ok(Some(PickleRow {
                id: FileId(row.get(0)?),
                size: size_at(row, 1)?,
                sha256,
                measured: row.get::<_, Option<bool>>(3)?.unwrap_or(false),
                not_found: !is_matched,
                matched_by: row.get_ref(5)?.as_str_or_null()?.and_then(matched_by_of).filter(|_| is_matched),
                version: version_at(row, 6)?.filter(|_| is_matched),
                file: file_at(row, 7)?.filter(|_| is_matched),
                files: files.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
                model_kind: ModelKind::from(row.get_ref(9)?.as_str()?),
            }))
        });
        Ok(rows.explain()?.collect::<rusqlite::Result<Vec<_>>>().explain()?.into_iter().flatten().collect())
    }

    /// What Civitai last said of the scans of a version's file, from its answer as it came: versions that were described
    /// before scans were kept have them nowhere else.
    pub(crate) fn scans_in_answer(&self, version: VersionId, file: CivitaiFileId) -> Result<[Option<String>; 3]> {
        let sql = "SELECT json_extract(e.value, '$.pickleScanResult'), json_extract(e.value, '$.pickleScanMessage'),
                json_extract(e.value, '$.virusScanResult')
            FROM (SELECT raw FROM cache.answers WHERE version_id = ?1 ORDER BY first_at DESC LIMIT 1) a,
                json_each(iif(json_valid(a.raw), a.raw, '{}'), '$.files') e
            WHERE json_extract(e.value, '$.id') = ?2 LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let text = |row: &Row<'_>, at: usize| -> rusqlite::Result<Option<String>> {
            // A number or a list in its place says nothing.
            Ok(row.get_ref(at)?.as_str().ok().map(|text| text.chars().take(500).collect()))
        };
        let mut rows = statement.query([version.0, file.0]).explain()?;
        let Some(row) = rows.next().explain()? else { return Ok([None, None, None]) };
        (|| Ok([text(row, 0)?, text(row, 1)?, text(row, 2)?]))().explain()
    }

    /// Files that are not on disk: those whose drive is away, and those that Civitai has and that are nowhere any more.
    /// What the user threw away with Modeldock is not missed.
    pub(crate) fn not_here(&self) -> Result<Vec<GoneRow>> {
        let sql = "SELECT f.id, f.size, f.gone_at, iif(r.state = 'matched', r.version_id, NULL),
                iif(r.state = 'matched', r.file_id, NULL)
            FROM cache.files f
            JOIN main.roots t ON t.id = f.root_id
            LEFT JOIN cache.root_states s ON s.root_id = f.root_id
            LEFT JOIN cache.resolutions r ON r.sha256 = f.sha256
            WHERE f.alias_of IS NULL AND iif(f.gone_at IS NULL, coalesce(s.online, 1) = 0 OR f.away,
                r.state = 'matched' AND NOT EXISTS
                    (SELECT 1 FROM cache.files d WHERE d.sha256 = f.sha256 AND d.gone_at IS NULL))
            ORDER BY f.gone_at IS NOT NULL, f.path";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement.query_map([], |row| {
            Ok(GoneRow {
                id: FileId(row.get(0)?),
                size: size_at(row, 1)?,
                gone_at: row.get::<_, Option<i64>>(2)?.map(UnixMillis),
                version: version_at(row, 3)?,
                file: file_at(row, 4)?,
            })
        });
        let mut rows = rows.explain()?.collect::<rusqlite::Result<Vec<_>>>().explain()?;
        if rows.iter().any(|row| row.gone_at.is_some()) {
            let thrown_away = self.thrown_away()?;
            rows.retain(|row| row.gone_at.is_none() || !thrown_away.contains(&row.id));
        }
        Ok(rows)
    }

    fn thrown_away(&self) -> Result<HashSet<FileId>> {
        let sql = "SELECT DISTINCT json_extract(e.value, '$.model') FROM main.actions a, json_each(a.steps) e
            WHERE a.what = 'trash' AND a.state = 'done' AND json_type(e.value, '$.model') = 'integer'";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement.query_map([], |row| row.get(0).map(FileId)).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }
}

fn same_contents_sql() -> String {
    // What is there only once is left out before anything is asked of its row.
    format!(
        "WITH many (sha256) AS (SELECT f.sha256 FROM cache.files f INDEXED BY files_measured
            WHERE {MEASURED} GROUP BY f.sha256 HAVING count(*) > 1)
        SELECT f.sha256, f.size, count(*) AS copies, sum({LINKED} OR {MANAGED}) AS held
        FROM many JOIN cache.files f ON f.sha256 = many.sha256
        LEFT JOIN cache.root_states s ON s.root_id = f.root_id
        WHERE {MEASURED} AND f.size > 0 AND coalesce(s.online, 1)
        GROUP BY f.sha256 HAVING count(*) > 1 AND copies > held"
    )
}

#[cfg(test)]
mod tests {
    use crate::event::EventBus;
    use crate::paths::Paths;
    use crate::store::{Explain as _, Store};

    fn plan_of(sql: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(&Paths::new(dir.path().to_owned()), EventBus::default(), true).unwrap();
        let plan = store.read_blocking(|tx| {
            let mut statement = tx.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).explain()?;
            let rows = statement.query_map([], |row| row.get::<_, String>(3)).explain()?;
            rows.collect::<rusqlite::Result<Vec<_>>>().explain()
        });
        plan.unwrap().join("\n")
    }

    #[test]
    fn duplicates_are_counted_in_one_pass_in_the_order_of_their_index() {
        let plan = plan_of(&super::same_contents_sql());
        assert!(plan.contains("SCAN f USING INDEX files_measured"), "{plan}");
        for index in ["SEARCH f USING INDEX files_measured (sha256=?", "files_by_alias", "files_by_identity"] {
            assert!(plan.contains(index), "{index} in\n{plan}");
        }
        assert_eq!(plan.matches("SCAN f ").count(), 1, "{plan}");
    }
}
