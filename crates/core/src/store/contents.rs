//! The `contents` table: all hashes of one content, whatever files hold it.

use rusqlite::{OptionalExtension, params};

use super::{Explain, ReadTx, WriteTx};
use crate::error::Result;
use crate::hash::{AutoV1, AutoV3, Blake3, Crc32, Hashes, Sha256};

/// A content that was read in full.
#[derive(Debug, Clone)]
pub(crate) struct NewContent<'a> {
    pub(crate) hashes: &'a Hashes,
    pub(crate) size: u64,
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
}

impl WriteTx<'_> {
    /// Remembers a content.
    pub(crate) fn put_content(&mut self, content: &NewContent<'_>) -> Result<()> {
        let hashes = content.hashes;
        let sql = "INSERT OR REPLACE INTO cache.contents (sha256, size, blake3, crc32, autov1, autov3)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![
            hashes.sha256.as_bytes(),
            content.size.cast_signed(),
            hashes.blake3.as_bytes(),
            hashes.crc32.as_bytes(),
            hashes.autov1.as_ref().map(AutoV1::as_bytes),
            hashes.autov3.as_ref().map(AutoV3::as_bytes),
        ];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        if hashes.autov3.is_some() { self.inherit_marks(hashes.sha256) } else { Ok(()) }
    }
}
