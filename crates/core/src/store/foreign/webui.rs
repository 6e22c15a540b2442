//! `cache/hashes/cache.db` of A1111 (1.8 and later) and Forge: a `diskcache` table of pickled values.

use std::path::Path;

use super::{MAX_TEXT, look};
use crate::error::Result;

/// Longer values are in files of their own, which hashes never are, in bytes.
const MAX_PICKLE: usize = 64 * 1024;

/// One entry, not unpickled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pickled {
    /// `checkpoint/…`, `lora/…`, …
    pub(crate) title: String,
    /// A pickle of a dictionary.
    pub(crate) value: Vec<u8>,
}

/// The entries of one cache. `None` if there is none.
pub(crate) fn webui_hashes(path: &Path) -> Result<Option<Vec<Pickled>>> {
    look(path, |reader| {
        if !reader.has("Cache", &["key", "raw", "mode", "filename", "value"])? {
            return Ok(None);
        }
        // raw: the key is the text itself. Mode 4: the value is a pickle.
        let sql = format!(
            "SELECT key, value FROM Cache WHERE raw = 1 AND mode = 4 AND filename IS NULL \
             AND typeof(key) = 'text' AND octet_length(key) <= {MAX_TEXT} \
             AND typeof(value) = 'blob' AND octet_length(value) <= {MAX_PICKLE}"
        );
        let rows = reader.rows(&sql, |row| {
            let (Some(title), Some(value)) = (row.text(0)?, row.blob(1)?) else { return Ok(None) };
            Ok(Some(Pickled { title, value }))
        })?;
        Ok(Some(rows))
    })
}
