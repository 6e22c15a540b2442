//! The `files` table: one row per path on disk.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};

use super::{Explain, ReadTx, WriteTx};
use crate::error::{Error, Result};
use crate::hash::Sha256;
use crate::import::Tool;
use crate::library::Provenance;
use crate::paths::{from_bytes, to_bytes};
use crate::roots::ModelKind;
use crate::scan::{FileIdentity, Fingerprint};
use crate::units::{FileId, RootId, UnixMillis};

/// A content as a file is believed to have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) sha256: Sha256,
    pub(crate) provenance: Provenance,
    /// Whose measurement it is, if it was imported.
    pub(crate) source: Option<Tool>,
}

impl Known {
    /// What Modeldock read itself.
    pub(crate) fn measured(sha256: Sha256) -> Self {
        Self { sha256, provenance: Provenance::Measured, source: None }
    }

    /// Whether somebody read the file in full: this program, or another whose measurement was taken over.
    pub(crate) fn is_believed(&self) -> bool {
        matches!(self.provenance, Provenance::Measured | Provenance::Imported)
    }

    /// Whether the file was read in full.
    pub(crate) fn is_measured(&self) -> bool {
        self.provenance == Provenance::Measured
    }
}

/// What becomes of a row's hash when the row is brought up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// It is no longer the file's.
    Nothing,
    /// It is the file's.
    Hash,
    /// It is the file's by all that can be told without reading; it is read again when there is time.
    ToRecheck,
}

/// A row as the scan compares it with the disk.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of its own")]
pub(crate) struct FileRow {
    pub(crate) id: FileId,
    pub(crate) root: RootId,
    pub(crate) path: PathBuf,
    pub(crate) kind: ModelKind,
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) alias_of: Option<FileId>,
    pub(crate) local_preview: Option<PathBuf>,
    pub(crate) known: Option<Known>,
    /// The hash was kept without a read: see [`Keep::ToRecheck`].
    pub(crate) recheck: bool,
    /// When its AutoV1 was last looked up in vain.
    pub(crate) quick_at: Option<UnixMillis>,
    pub(crate) has_problem: bool,
    pub(crate) gone: bool,
    pub(crate) away: bool,
}

/// What a scan saw of a path.
#[derive(Debug, Clone)]
pub(crate) struct NewFile<'a> {
    pub(crate) root: RootId,
    pub(crate) root_path: &'a Path,
    pub(crate) path: &'a Path,
    pub(crate) kind: &'a ModelKind,
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) local_preview: Option<&'a Path>,
    pub(crate) problem: Option<&'a Error>,
}

const COLUMNS: &str = "id, root_id, path, kind, volume, inode, size, modified_ns, changed_ns, alias_of, local_preview,
    sha256, problem IS NOT NULL, gone_at IS NOT NULL, away, born_ns, provenance, hash_source, recheck, quick_at";

fn file_row(row: &Row<'_>) -> rusqlite::Result<FileRow> {
    let identity: Option<(i64, i64)> = row.get::<_, Option<i64>>(4)?.zip(row.get::<_, Option<i64>>(5)?);
    let times: Option<(i64, i64)> = row.get::<_, Option<i64>>(7)?.zip(row.get::<_, Option<i64>>(8)?);
    let size: i64 = row.get(6)?;
    let born: Option<i64> = row.get(15)?;
    Ok(FileRow {
        id: FileId(row.get(0)?),
        root: RootId(row.get(1)?),
        path: from_bytes(&row.get::<_, Vec<u8>>(2)?),
        kind: ModelKind::from(row.get_ref(3)?.as_str()?),
        fingerprint: identity.zip(times).map(|((volume, index), (modified, changed))| Fingerprint {
            identity: FileIdentity { volume: volume.cast_unsigned(), index: index.cast_unsigned() },
            size: size.cast_unsigned(),
            modified,
            changed,
            born,
        }),
        alias_of: row.get::<_, Option<i64>>(9)?.map(FileId),
        local_preview: row.get::<_, Option<Vec<u8>>>(10)?.map(|path| from_bytes(&path)),
        known: row.get_ref(11)?.as_blob_or_null()?.and_then(Sha256::from_slice).map(|sha256| Known {
            sha256,
            // A row without a provenance was written by nobody we know: it is not taken for a measurement.
            provenance: provenance_of(row.get_ref(16).ok().and_then(|text| text.as_str().ok()).unwrap_or_default())
                .unwrap_or(Provenance::Claimed),
            source: row.get_ref(17).ok().and_then(|text| text.as_str().ok()).and_then(Tool::parse),
        }),
        recheck: row.get(18)?,
        quick_at: row.get::<_, Option<i64>>(19)?.map(UnixMillis),
        has_problem: row.get(12)?,
        gone: row.get(13)?,
        away: row.get(14)?,
    })
}

impl ReadTx<'_> {
    /// Every row, gone ones included.
    pub(crate) fn file_rows(&self) -> Result<Vec<FileRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cache.files");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], file_row).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    /// Every path that is known, gone ones included.
    pub(crate) fn paths(&self) -> Result<Vec<PathBuf>> {
        let mut statement = self.connection.prepare_cached("SELECT path FROM cache.files").explain()?;
        let rows = statement.query_map([], |row| Ok(from_bytes(row.get_ref(0)?.as_blob()?))).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    /// Whether a file that was renamed since then, and keeps its hash from before, is still to be read again.
    pub(crate) fn has_renamed_since(&self, since: UnixMillis) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM cache.files WHERE recheck AND gone_at IS NULL AND changed_ns > ?1)";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        statement.query_row([since.0.saturating_mul(1_000_000)], |row| row.get(0)).explain()
    }

    /// Every file with a content, gone ones included.
    pub(crate) fn files_with(&self, sha256: Sha256) -> Result<Vec<FileRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cache.files WHERE sha256 = ?1 ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([sha256.as_bytes()], file_row).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    /// Where a content lies on disk.
    pub(crate) fn paths_of(&self, sha256: Sha256) -> Result<Vec<PathBuf>> {
        let sql = "SELECT path FROM cache.files
            WHERE sha256 = ?1 AND provenance = 'measured' AND gone_at IS NULL ORDER BY path LIMIT 8";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows =
            statement.query_map([sha256.as_bytes()], |row| Ok(from_bytes(row.get_ref(0)?.as_blob()?))).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    /// One row.
    pub(crate) fn file_row(&self, id: FileId) -> Result<Option<FileRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cache.files WHERE id = ?1");
        self.connection.query_row(&sql, [id.0], file_row).optional().explain()
    }
}

impl WriteTx<'_> {
    /// Adds a path, or brings its row up to date with the disk.
    pub(crate) fn put_file(&mut self, file: &NewFile<'_>, keep: Keep, now: UnixMillis) -> Result<FileId> {
        let text = Texts::of(file.path, file.root_path);
        let print = file.fingerprint;
        let sql =
            "INSERT INTO cache.files (root_id, path, name, folder, search, kind, volume, inode, size, modified_ns,
                changed_ns, local_preview, problem, added_at, born_ns)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?16)
            ON CONFLICT (path) DO UPDATE SET root_id = excluded.root_id, name = excluded.name, folder = excluded.folder,
                search = excluded.search, kind = excluded.kind, volume = excluded.volume, inode = excluded.inode,
                size = excluded.size, modified_ns = excluded.modified_ns, changed_ns = excluded.changed_ns,
                born_ns = excluded.born_ns, local_preview = excluded.local_preview, problem = excluded.problem,
                gone_at = NULL, away = 0,
                sha256 = iif(?15, sha256, NULL), provenance = iif(?15, provenance, NULL),
                hash_source = iif(?15, hash_source, NULL), hashed_at = iif(?15, hashed_at, NULL),
                corrected = iif(?15, corrected, NULL), quick_at = iif(?15, quick_at, NULL),
                sidecars_at = iif(?15, sidecars_at, NULL),
                recheck = iif(?15, recheck OR ?17, 0)
            RETURNING id";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let values = params![
            file.root.0,
            to_bytes(file.path),
            text.name,
            text.folder,
            text.search,
            file.kind.as_str(),
            print.map(|print| print.identity.volume.cast_signed()),
            print.map(|print| print.identity.index.cast_signed()),
            print.map_or(0, |print| print.size.cast_signed()),
            print.map(|print| print.modified),
            print.map(|print| print.changed),
            file.local_preview.map(to_bytes),
            file.problem.map(problem_json),
            now.0,
            keep != Keep::Nothing,
            print.and_then(|print| print.born),
            keep == Keep::ToRecheck,
        ];
        statement.query_row(values, |row| row.get(0)).map(FileId).explain()
    }

    /// Gives a row the place its file was moved to. A row that stood there is replaced: the disk decides.
    pub(crate) fn move_file(&mut self, id: FileId, to: &NewFile<'_>) -> Result<()> {
        let text = Texts::of(to.path, to.root_path);
        let path = to_bytes(to.path);
        let sql = "DELETE FROM cache.files WHERE path = ?1 AND id <> ?2";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(params![path, id.0])).explain()?;
        let sql = "UPDATE cache.files SET root_id = ?2, path = ?3, name = ?4, folder = ?5, search = ?6 WHERE id = ?1";
        let values = params![id.0, to.root.0, path, text.name, text.folder, text.search];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(())
    }

    /// Says that a path is only another way to a row, or none.
    pub(crate) fn set_alias(&mut self, id: FileId, of: Option<FileId>) -> Result<()> {
        let sql = "UPDATE cache.files SET alias_of = ?2 WHERE id = ?1";
        let values = params![id.0, of.map(|of| of.0)];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(())
    }

    /// Records a file's content, unless its row has changed since: then what was read is not what is there.
    pub(crate) fn set_hash(&mut self, id: FileId, print: &Fingerprint, known: &Known, now: UnixMillis) -> Result<bool> {
        // A belief that reading proves wrong is given up in sight: what it was is kept beside the truth.
        let sql = "UPDATE cache.files SET
                corrected = iif(?3 = 'measured' AND provenance <> 'measured' AND sha256 <> ?2,
                    json_object('provenance', provenance, 'source', hash_source, 'sha256', hex(sha256), 'at', ?4),
                    corrected),
                sha256 = ?2, provenance = ?3, hash_source = ?10, hashed_at = ?4, problem = NULL, recheck = 0
            WHERE id = ?1 AND volume = ?5 AND inode = ?6 AND size = ?7 AND modified_ns = ?8 AND changed_ns = ?9";
        let values = params![
            id.0,
            known.sha256.as_bytes(),
            provenance_text(known.provenance),
            now.0,
            print.identity.volume.cast_signed(),
            print.identity.index.cast_signed(),
            print.size.cast_signed(),
            print.modified,
            print.changed,
            known.source.map(Tool::as_str),
        ];
        let changed = self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(changed > 0)
    }

    /// Gives up a belief that was not measured: the file is unknown again until it is read.
    pub(crate) fn drop_claim(&mut self, id: FileId) -> Result<()> {
        let sql = "UPDATE cache.files SET sha256 = NULL, provenance = NULL, hash_source = NULL, hashed_at = NULL
            WHERE id = ?1 AND provenance <> 'measured'";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute([id.0])).explain()?;
        Ok(())
    }

    /// Notes that Civitai knows no file by this one's AutoV1.
    pub(crate) fn set_quick_miss(&mut self, id: FileId, now: UnixMillis) -> Result<()> {
        let sql = "UPDATE cache.files SET quick_at = ?2 WHERE id = ?1";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(params![id.0, now.0])).explain()?;
        Ok(())
    }

    /// Records why a file could not be read.
    pub(crate) fn set_problem(&mut self, id: FileId, problem: &Error) -> Result<()> {
        let sql =
            "UPDATE cache.files SET problem = ?2, sha256 = NULL, provenance = NULL, hash_source = NULL, hashed_at = NULL,
                recheck = 0 WHERE id = ?1";
        let values = params![id.0, problem_json(problem)];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(())
    }

    /// Notes that a path is no longer there.
    pub(crate) fn set_gone(&mut self, id: FileId, now: UnixMillis) -> Result<()> {
        let sql = "UPDATE cache.files SET gone_at = ?2, alias_of = NULL WHERE id = ?1 AND gone_at IS NULL";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(params![id.0, now.0])).explain()?;
        Ok(())
    }

    /// Notes that a path could not be looked at, because the folder it lies in could not.
    pub(crate) fn set_away(&mut self, id: FileId) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE cache.files SET away = 1 WHERE id = ?1")
            .and_then(|mut sql| sql.execute([id.0]))
            .explain()?;
        Ok(())
    }

    /// Takes rows out of the library whose root is no longer in it: the root was removed while a scan was on its way,
    /// or `state.db` is older than `cache.db`. Their hashes are kept for the day the root is added again.
    pub(crate) fn set_orphans_gone(&mut self, now: UnixMillis) -> Result<usize> {
        let sql = "UPDATE cache.files SET gone_at = ?1, alias_of = NULL
            WHERE gone_at IS NULL AND root_id NOT IN (SELECT id FROM main.roots)";
        let orphans = self.connection.execute(sql, [now.0]).explain()?;
        let sql = "DELETE FROM cache.root_states WHERE root_id NOT IN (SELECT id FROM main.roots)";
        self.connection.execute(sql, []).explain()?;
        Ok(orphans)
    }

    /// Forgets rows that have been gone since before `before`.
    pub(crate) fn forget_gone(&mut self, before: UnixMillis) -> Result<usize> {
        self.connection.execute("DELETE FROM cache.files WHERE gone_at < ?1", [before.0]).explain()
    }
}

/// A path as lists and searches want it.
struct Texts {
    name: String,
    folder: String,
    search: String,
}

impl Texts {
    fn of(path: &Path, root: &Path) -> Self {
        let folder = path
            .parent()
            .and_then(|folder| folder.strip_prefix(root).ok().or(Some(folder)))
            .map(|folder| folder.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"))
            .unwrap_or_default();
        Self { name: crate::paths::name_of(path), folder, search: path.to_string_lossy().to_lowercase() }
    }
}

fn problem_json(problem: &Error) -> String {
    serde_json::to_string(problem).expect("an error is plain text and writes as JSON")
}

pub(super) fn provenance_text(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Measured => "measured",
        Provenance::Imported => "imported",
        Provenance::Quick => "quick",
        Provenance::Claimed => "claimed",
    }
}

pub(super) fn provenance_of(text: &str) -> Option<Provenance> {
    [Provenance::Measured, Provenance::Imported, Provenance::Quick, Provenance::Claimed]
        .into_iter()
        .find(|provenance| provenance_text(*provenance) == text)
}
