//! `databases/invokeai.db` of InvokeAI: one JSON document per model. The columns beside it are generated from the
//! document and came one by one over the versions, so the document itself is asked.

use std::path::Path;

use super::{MAX_TEXT, look};
use crate::error::Result;

/// The longest document read, in bytes: some carry Civitai's whole answer.
const MAX_CONFIG: usize = 512 * 1024;

/// A model InvokeAI has installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InstalledModel {
    /// A file or a folder; absolute, or relative to the folder of the models.
    pub(crate) path: String,
    /// The algorithm, a colon, digits.
    pub(crate) hash: String,
    /// Bytes. Older versions did not keep it.
    pub(crate) size: Option<u64>,
}

/// The installed models. `None` if there is no such database.
pub(crate) fn invokeai_models(path: &Path) -> Result<Option<Vec<InstalledModel>>> {
    look(path, |reader| {
        if !reader.has("models", &["config"])? {
            return Ok(None);
        }
        let sql = format!(
            "SELECT config ->> '$.path', config ->> '$.hash', config ->> '$.file_size' FROM models \
             WHERE typeof(config) = 'text' AND octet_length(config) <= {MAX_CONFIG} AND json_valid(config) \
             AND octet_length(config ->> '$.path') <= {MAX_TEXT} AND octet_length(config ->> '$.hash') <= 256"
        );
        let rows = reader.rows(&sql, |row| {
            let (Some(path), Some(hash)) = (row.text(0)?, row.text(1)?) else { return Ok(None) };
            Ok(Some(InstalledModel { path, hash, size: row.size_in_bytes(2)? }))
        })?;
        Ok(Some(rows))
    })
}
