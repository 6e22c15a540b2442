//! The `contents` table: all hashes of one content, whatever files hold it.

use rusqlite::{OptionalExtension, params};

use super::{Explain, FileRow, Known, ReadTx, WriteTx};
use crate::error::Result;
use crate::hash::{AutoV1, AutoV3, Blake3, Crc32, Hashes, Sha256, Shape};

/// A content that was read in full.
#[derive(Debug, Clone)]
pub(crate) struct NewContent<'a> {
    pub(crate) hashes: &'a Hashes,
    pub(crate) size: u64,
    /// What its first bytes say; `None` if they were not looked at.
    pub(crate) shape: Option<Shape>,
}

impl ReadTx<'_> {
    /// All hashes of a content, if it was ever read in full.
    pub(crate) fn hashes(&self, sha256: Sha256) -> Result<Option<Hashes>> {
        let sql = "SELECT blake3, crc32, autov1, autov3 FROM cache.contents WHERE sha256 = ?1";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let hashes = statement
            .query_row([sha256.as_bytes()], |row| {
                let blake3 = Blake3::from_slice(row.get_ref(0)?.as_blob()?);
                let crc32 = Crc32::from_slice(row.get_ref(1)?.as_blob()?);
                let autov1 = row.get_ref(2)?.as_blob_or_null()?.and_then(AutoV1::from_slice);
                let autov3 = row.get_ref(3)?.as_blob_or_null()?.and_then(AutoV3::from_slice);
                let autov2 = sha256.autov2();
                Ok(blake3.zip(crc32).map(|(blake3, crc32)| Hashes { sha256, blake3, crc32, autov1, autov2, autov3 }))
            })
            .optional()
            .explain()?;
        Ok(hashes.flatten())
    }

    /// Contents whose first bytes nobody has looked at, at most `most`, each with a file that was read for it.
    pub(crate) fn contents_without_shape(&self, most: u32) -> Result<Vec<(Sha256, FileRow)>> {
        let sql = "SELECT c.sha256 FROM cache.contents c WHERE c.form IS NULL AND EXISTS
            (SELECT 1 FROM cache.files f WHERE f.sha256 = c.sha256 AND f.provenance = 'measured'
                AND f.gone_at IS NULL AND f.away = 0 AND f.recheck = 0) LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement.query_map([most], |row| Ok(Sha256::from_slice(row.get_ref(0)?.as_blob()?))).explain()?;
        let mut found = Vec::new();
        for sha256 in rows.collect::<rusqlite::Result<Vec<_>>>().explain()?.into_iter().flatten() {
            let is_read = |row: &FileRow| {
                !row.gone && !row.away && !row.recheck && row.known.as_ref().is_some_and(Known::is_measured)
            };
            found.extend(self.files_with(sha256)?.into_iter().find(is_read).map(|row| (sha256, row)));
        }
        Ok(found)
    }
}

impl WriteTx<'_> {
    /// Keeps what a content's first bytes say.
    pub(crate) fn put_shape(&mut self, sha256: Sha256, shape: Shape) -> Result<()> {
        let sql = "UPDATE cache.contents SET form = ?2, promised = ?3 WHERE sha256 = ?1";
        let values = params![sha256.as_bytes(), shape.form.as_str(), shape.promised.map(u64::cast_signed)];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(())
    }

    /// Remembers a content.
    pub(crate) fn put_content(&mut self, content: &NewContent<'_>) -> Result<()> {
        let hashes = content.hashes;
        let sql = "INSERT INTO cache.contents (sha256, size, blake3, crc32, autov1, autov3, form, promised)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (sha256) DO UPDATE SET size = excluded.size, blake3 = excluded.blake3, crc32 = excluded.crc32,
                autov1 = excluded.autov1, autov3 = excluded.autov3, form = coalesce(excluded.form, form),
                promised = iif(excluded.form IS NULL, promised, excluded.promised)";
        let values = params![
            hashes.sha256.as_bytes(),
            content.size.cast_signed(),
            hashes.blake3.as_bytes(),
            hashes.crc32.as_bytes(),
            hashes.autov1.as_ref().map(AutoV1::as_bytes),
            hashes.autov3.as_ref().map(AutoV3::as_bytes),
            content.shape.map(|shape| shape.form.as_str()),
            content.shape.and_then(|shape| shape.promised).map(u64::cast_signed),
        ];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        if hashes.autov3.is_some() { self.inherit_marks(hashes.sha256) } else { Ok(()) }
    }
}
