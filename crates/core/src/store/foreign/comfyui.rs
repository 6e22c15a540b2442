//! `user/comfyui.db` of ComfyUI, whose tables moved three times; which generation it is, the tables themselves tell.

use std::path::Path;

use super::{MAX_TEXT, look};
use crate::error::Result;

/// A file ComfyUI has hashed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asset {
    /// As ComfyUI wrote it, absolute.
    pub(crate) path: String,
    /// The algorithm, a colon, digits.
    pub(crate) hash: String,
    /// Bytes.
    pub(crate) size: Option<u64>,
    /// Nanoseconds since 1970 UTC.
    pub(crate) modified_ns: Option<i64>,
}

/// One form that the tables had.
struct Generation {
    /// Every column that is needed, by its table.
    columns: &'static [(&'static str, &'static [&'static str])],
    /// Path, hash, size and time of what ComfyUI itself trusts.
    select: &'static str,
    /// The column with the path.
    path: &'static str,
}

/// Newest first.
const GENERATIONS: &[Generation] = &[
    Generation {
        columns: &[("asset_contents", &["path", "hash", "size_bytes", "mtime_ns", "is_missing"])],
        select: "SELECT path, hash, size_bytes, mtime_ns FROM asset_contents WHERE NOT is_missing",
        path: "path",
    },
    Generation {
        columns: &[
            ("asset_references", &["file_path", "asset_id", "mtime_ns", "needs_verify", "is_missing"]),
            ("assets", &["id", "hash", "size_bytes"]),
        ],
        select: "SELECT file_path, hash, size_bytes, mtime_ns FROM asset_references AS f \
                 JOIN assets AS a ON a.id = f.asset_id WHERE NOT needs_verify AND NOT is_missing",
        path: "file_path",
    },
    Generation {
        columns: &[
            ("asset_cache_state", &["file_path", "asset_id", "mtime_ns", "needs_verify"]),
            ("assets", &["id", "hash", "size_bytes"]),
        ],
        select: "SELECT file_path, hash, size_bytes, mtime_ns FROM asset_cache_state AS f \
                 JOIN assets AS a ON a.id = f.asset_id WHERE NOT needs_verify",
        path: "file_path",
    },
];

/// The hashed files. `None` if there is no such database, or it is of a generation nobody here knows.
pub(crate) fn comfyui_assets(path: &Path) -> Result<Option<Vec<Asset>>> {
    look(path, |reader| {
        for Generation { columns, select, path } in GENERATIONS {
            let mut is_this = true;
            for (table, columns) in *columns {
                is_this = is_this && reader.has(table, columns)?;
            }
            if !is_this {
                continue;
            }
            let sql = format!("{select} AND octet_length({path}) <= {MAX_TEXT} AND octet_length(hash) <= 256");
            let rows = reader.rows(&sql, |row| {
                let (Some(path), Some(hash)) = (row.text(0)?, row.text(1)?) else { return Ok(None) };
                Ok(Some(Asset { path, hash, size: row.size_in_bytes(2)?, modified_ns: row.integer(3)? }))
            })?;
            return Ok(Some(rows));
        }
        Ok(None)
    })
}
