//! The `files` table: one row per path on disk.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};

use super::{Explain, ReadTx, WriteTx};
use crate::error::{Error, Result};
use crate::hash::Sha256;
use crate::library::Provenance;
use crate::paths::{from_bytes, to_bytes};
use crate::roots::ModelKind;
use crate::scan::{FileIdentity, Fingerprint};
use crate::units::{FileId, RootId, UnixMillis};

/// A row as the scan compares it with the disk.
#[derive(Debug, Clone)]
pub(crate) struct FileRow {
    pub(crate) id: FileId,
    pub(crate) root: RootId,
    pub(crate) path: PathBuf,
    pub(crate) kind: ModelKind,
    pub(crate) fingerprint: Option<Fingerprint>,
    pub(crate) alias_of: Option<FileId>,
    pub(crate) local_preview: Option<PathBuf>,
    pub(crate) sha256: Option<Sha256>,
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
    sha256, problem IS NOT NULL, gone_at IS NOT NULL, away, born_ns";

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
        sha256: row.get_ref(11)?.as_blob_or_null()?.and_then(Sha256::from_slice),
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

    /// One row.
    pub(crate) fn file_row(&self, id: FileId) -> Result<Option<FileRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cache.files WHERE id = ?1");
        self.connection.query_row(&sql, [id.0], file_row).optional().explain()
    }
}

impl WriteTx<'_> {
    /// Adds a path, or brings its row up to date with the disk. The hash is kept only if `keep_hash`.
    pub(crate) fn put_file(&mut self, file: &NewFile<'_>, keep_hash: bool, now: UnixMillis) -> Result<FileId> {
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
                hashed_at = iif(?15, hashed_at, NULL)
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
            keep_hash,
            print.and_then(|print| print.born),
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
    pub(crate) fn set_hash(
        &mut self,
        id: FileId,
        print: &Fingerprint,
        sha256: Sha256,
        provenance: Provenance,
        now: UnixMillis,
    ) -> Result<bool> {
        let sql = "UPDATE cache.files SET sha256 = ?2, provenance = ?3, hashed_at = ?4, problem = NULL
            WHERE id = ?1 AND volume = ?5 AND inode = ?6 AND size = ?7 AND modified_ns = ?8 AND changed_ns = ?9";
        let values = params![
            id.0,
            sha256.as_bytes(),
            provenance_text(provenance),
            now.0,
            print.identity.volume.cast_signed(),
            print.identity.index.cast_signed(),
            print.size.cast_signed(),
            print.modified,
            print.changed,
        ];
        let changed = self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(changed > 0)
    }

    /// Records why a file could not be read.
    pub(crate) fn set_problem(&mut self, id: FileId, problem: &Error) -> Result<()> {
        let sql =
            "UPDATE cache.files SET problem = ?2, sha256 = NULL, provenance = NULL, hashed_at = NULL WHERE id = ?1";
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
