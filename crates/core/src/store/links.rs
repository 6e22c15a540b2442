//! The `links` table: what the user says a content is. Kept with what cannot be recomputed.

use rusqlite::params;

use super::{Explain, WriteTx};
use crate::error::Result;
use crate::hash::Sha256;
use crate::units::{UnixMillis, VersionId};

impl WriteTx<'_> {
    /// Keeps what the user says a content is.
    pub(crate) fn put_link(&mut self, sha256: Sha256, version: VersionId, now: UnixMillis) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO main.links (sha256, version_id, linked_at) VALUES (?1, ?2, ?3)";
        self.connection.execute(sql, params![sha256.as_bytes(), version.0, now.0]).explain()?;
        self.touch_state();
        Ok(())
    }

    /// Forgets it, and what Civitai said because of it. False if there was none.
    pub(crate) fn remove_link(&mut self, sha256: Sha256) -> Result<bool> {
        let sql = "DELETE FROM main.links WHERE sha256 = ?1";
        let removed = self.connection.execute(sql, [sha256.as_bytes()]).explain()?;
        if removed > 0 {
            let sql = "DELETE FROM cache.resolutions WHERE sha256 = ?1";
            self.connection.execute(sql, [sha256.as_bytes()]).explain()?;
            self.touch_state();
        }
        Ok(removed > 0)
    }
}
