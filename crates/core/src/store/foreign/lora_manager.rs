//! `cache/model/<library>.sqlite` of LoRA Manager.

use std::path::Path;

use super::{MAX_TEXT, look};
use crate::error::Result;

/// A row of LoRA Manager's library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManagedModel {
    /// Absolute, with `/` on every system.
    pub(crate) path: String,
    /// Bytes.
    pub(crate) size: Option<u64>,
    /// Digits of the whole file's SHA-256, measured there or taken from Civitai.
    pub(crate) sha256: Option<String>,
    /// 12 digits.
    pub(crate) autov3: Option<String>,
    /// Civitai's version.
    pub(crate) version_id: Option<i64>,
    /// Civitai's model.
    pub(crate) model_id: Option<i64>,
}

/// The library's rows with a finished hash. `None` if there is no such database.
pub(crate) fn lora_manager_models(path: &Path) -> Result<Option<Vec<ManagedModel>>> {
    look(path, |reader| {
        if !reader.has("models", &["file_path", "size", "sha256", "civitai_id", "civitai_model_id"])? {
            return Ok(None);
        }
        // Both columns came later.
        let autov3 = if reader.has("models", &["autov3"])? { "substr(autov3, 1, 256)" } else { "NULL" };
        let finished = if reader.has("models", &["hash_status"])? {
            "AND (hash_status IS NULL OR hash_status IN ('', 'completed'))"
        } else {
            ""
        };
        let sql = format!(
            "SELECT file_path, size, substr(sha256, 1, 256), {autov3}, civitai_id, civitai_model_id FROM models \
             WHERE octet_length(file_path) <= {MAX_TEXT} {finished}"
        );
        let rows = reader.rows(&sql, |row| {
            let Some(path) = row.text(0)? else { return Ok(None) };
            Ok(Some(ManagedModel {
                path,
                size: row.size_in_bytes(1)?,
                sha256: row.text(2)?,
                autov3: row.text(3)?,
                version_id: row.integer(4)?,
                model_id: row.integer(5)?,
            }))
        })?;
        Ok(Some(rows))
    })
}
