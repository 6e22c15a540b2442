//! The `downloads` table: every wish, how far it is, and what came of it.
//!
//! A state changes only by [`WriteTx::step_download`], which looks at the row in the same transaction: whoever acts on an
//! older view of it (a user's click, another process) is told no instead of undoing what happened meanwhile.

use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};

use super::{Explain, ReadTx, WriteTx};
use crate::download::{AskedBy, DownloadState, Extents, Stage, Validator, Wanted};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::hash::Sha256;
use crate::paths::{from_bytes, to_bytes};
use crate::roots::ModelKind;
use crate::scan::FileIdentity;
use crate::units::{CivitaiFileId, DownloadId, ModelId, RootId, UnixMillis, VersionId};

/// A row.
#[derive(Debug, Clone)]
pub(crate) struct DownloadRow {
    pub(crate) id: DownloadId,
    pub(crate) new: NewDownload,
    pub(crate) state: DownloadState,
    pub(crate) part: Option<Part>,
    pub(crate) validator: Option<Validator>,
    pub(crate) total: Option<u64>,
    pub(crate) durable: Extents,
    pub(crate) received: u64,
    pub(crate) limit: Option<u64>,
    pub(crate) added_at: UnixMillis,
    pub(crate) finished_at: Option<UnixMillis>,
}

impl DownloadRow {
    /// Where the file will be, or is.
    pub(crate) fn path(&self) -> PathBuf {
        self.new.folder.join(&self.new.name)
    }
}

/// What a download is made from.
#[derive(Debug, Clone)]
pub(crate) struct NewDownload {
    pub(crate) wanted: Wanted,
    pub(crate) title: String,
    pub(crate) model: Option<ModelId>,
    pub(crate) version: Option<VersionId>,
    pub(crate) file: Option<CivitaiFileId>,
    pub(crate) kind: ModelKind,
    pub(crate) base_model: Option<String>,
    pub(crate) root: RootId,
    pub(crate) folder: PathBuf,
    pub(crate) name: String,
    pub(crate) asked_by: AskedBy,
    /// KiB, as Civitai says it.
    pub(crate) size_kb: Option<f64>,
    pub(crate) sha256: Option<Sha256>,
}

/// An unfinished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) path: PathBuf,
    pub(crate) identity: FileIdentity,
}

/// How far one is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progressed {
    pub(crate) durable: Extents,
    pub(crate) received: u64,
}

/// What came of adding one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Added {
    /// It waits for its turn.
    New(DownloadId),
    /// The same is on its way already.
    There(DownloadId),
}

const COLUMNS: &str =
    "id, wanted, title, model_id, version_id, file_id, kind, base_model, root_id, folder, name, asked_by,
    state, size_kb, sha256, part, part_volume, part_inode, validator, total, durable, received, rate_limit, added_at, finished_at";

fn row_of(row: &Row<'_>) -> rusqlite::Result<Option<DownloadRow>> {
    let text = |at: usize| row.get_ref(at).and_then(|value| Ok(value.as_str()?));
    let count = |at: usize| row.get::<_, Option<i64>>(at).map(|value| value.map(i64::cast_unsigned));
    // A row that a newer version wrote in words this one does not know is left alone.
    let (Ok(wanted), Ok(state)) = (serde_json::from_str(text(1)?), serde_json::from_str(text(12)?)) else {
        return Ok(None);
    };
    let identity = row.get::<_, Option<i64>>(16)?.zip(row.get::<_, Option<i64>>(17)?);
    let part = row.get_ref(15)?.as_blob_or_null()?.map(from_bytes);
    Ok(Some(DownloadRow {
        id: DownloadId(row.get(0)?),
        new: NewDownload {
            wanted,
            title: row.get(2)?,
            model: row.get::<_, Option<i64>>(3)?.map(ModelId),
            version: row.get::<_, Option<i64>>(4)?.map(VersionId),
            file: row.get::<_, Option<i64>>(5)?.map(CivitaiFileId),
            kind: ModelKind::from(text(6)?),
            base_model: row.get(7)?,
            root: RootId(row.get(8)?),
            folder: from_bytes(row.get_ref(9)?.as_blob()?),
            name: row.get(10)?,
            asked_by: AskedBy::parse(text(11)?),
            size_kb: row.get(13)?,
            sha256: row.get_ref(14)?.as_blob_or_null()?.and_then(Sha256::from_slice),
        },
        state,
        part: part.zip(identity).map(|(path, (volume, index))| Part {
            path,
            identity: FileIdentity { volume: volume.cast_unsigned(), index: index.cast_unsigned() },
        }),
        validator: row.get_ref(18)?.as_str_or_null()?.and_then(Validator::strong),
        total: count(19)?,
        // What cannot be read is fetched again.
        durable: serde_json::from_str(text(20)?).unwrap_or_default(),
        received: count(21)?.unwrap_or(0),
        limit: count(22)?,
        added_at: UnixMillis(row.get(23)?),
        finished_at: row.get::<_, Option<i64>>(24)?.map(UnixMillis),
    }))
}

impl ReadTx<'_> {
    /// All, in the order in which they run.
    pub(crate) fn downloads(&self) -> Result<Vec<DownloadRow>> {
        let sql = format!("SELECT {COLUMNS} FROM main.downloads ORDER BY position, id");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], row_of).explain()?;
        rows.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>().explain()
    }

    /// One.
    pub(crate) fn download(&self, id: DownloadId) -> Result<Option<DownloadRow>> {
        let sql = format!("SELECT {COLUMNS} FROM main.downloads WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        Ok(statement.query_row([id.0], row_of).optional().explain()?.flatten())
    }

    /// The unfinished download of a wish for a root.
    pub(crate) fn download_of(&self, wanted: &Wanted, root: RootId) -> Result<Option<DownloadId>> {
        let sql = "SELECT id FROM main.downloads
            WHERE wanted = ?1 AND root_id = ?2 AND stage NOT IN ('done', 'failed', 'cancelled')";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        statement.query_row(params![json(wanted), root.0], |row| Ok(DownloadId(row.get(0)?))).optional().explain()
    }

    /// The names that unfinished downloads will have in a folder.
    pub(crate) fn claimed_names(&self, folder: &Path) -> Result<Vec<String>> {
        let sql = "SELECT name FROM main.downloads
            WHERE folder = ?1 AND stage NOT IN ('done', 'failed', 'cancelled')";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows = statement.query_map([to_bytes(folder)], |row| row.get(0)).explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }
}

impl WriteTx<'_> {
    /// Puts one at the end of the queue, unless the same is on its way already.
    pub(crate) fn add_download(&mut self, new: &NewDownload, now: UnixMillis) -> Result<Added> {
        if let Some(there) = self.download_of(&new.wanted, new.root)? {
            return Ok(Added::There(there));
        }
        let sql =
            "INSERT INTO main.downloads (position, wanted, title, model_id, version_id, file_id, kind, base_model,
                root_id, folder, name, asked_by, stage, state, size_kb, sha256, added_at)
            VALUES ((SELECT coalesce(max(position), 0) + 1 FROM main.downloads), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
                ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            RETURNING id";
        let state = DownloadState::queued();
        let values = params![
            json(&new.wanted),
            new.title,
            new.model.map(|id| id.0),
            new.version.map(|id| id.0),
            new.file.map(|id| id.0),
            new.kind.as_str(),
            new.base_model,
            new.root.0,
            to_bytes(&new.folder),
            new.name,
            new.asked_by.as_str(),
            state.stage().as_str(),
            json(&state),
            new.size_kb,
            new.sha256.as_ref().map(Sha256::as_bytes),
            now.0,
        ];
        let id = self.connection.query_row(sql, values, |row| row.get(0)).explain()?;
        self.downloads_changed();
        Ok(Added::New(DownloadId(id)))
    }

    /// Takes a download one step on. `false` if that is no step from where it is by now, or it is not there any more.
    pub(crate) fn step_download(&mut self, id: DownloadId, next: &DownloadState, now: UnixMillis) -> Result<bool> {
        let Some(row) = self.download(id)? else { return Ok(false) };
        if !row.state.may_become(next) {
            return Ok(false);
        }
        let stage = next.stage();
        let sql = "UPDATE main.downloads SET stage = ?2, state = ?3, finished_at = ?4 WHERE id = ?1";
        let values = params![id.0, stage.as_str(), json(next), stage.is_final().then_some(now.0)];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).map_err(|source| {
            if source.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) {
                Error::new(Code::Busy, format!("`{}` is being downloaded by another entry", row.path().display()))
                    .hint("Wait for that one, or cancel it")
            } else {
                super::error::explain(&source)
            }
        })?;
        self.publish(Event::DownloadsChanged);
        Ok(true)
    }

    /// Says which file the bytes go to and what the server said of them; whatever was there of another is forgotten.
    pub(crate) fn begin_part(
        &mut self,
        id: DownloadId,
        part: Option<&Part>,
        validator: Option<&Validator>,
        total: Option<u64>,
    ) -> Result<()> {
        let sql = "UPDATE main.downloads SET part = ?2, part_volume = ?3, part_inode = ?4, validator = ?5, total = ?6,
            durable = '[]', received = 0 WHERE id = ?1";
        let values = params![
            id.0,
            part.map(|part| to_bytes(&part.path)),
            part.map(|part| part.identity.volume.cast_signed()),
            part.map(|part| part.identity.index.cast_signed()),
            validator.map(Validator::as_str),
            total.map(u64::cast_signed),
        ];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(())
    }

    /// Nothing is left of its unfinished file.
    pub(crate) fn forget_part(&mut self, id: DownloadId) -> Result<()> {
        let sql = "UPDATE main.downloads SET part = NULL, part_volume = NULL, part_inode = NULL, durable = '[]'
            WHERE id = ?1";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute([id.0])).explain()?;
        Ok(())
    }

    /// Notes what of it has reached the disk.
    pub(crate) fn set_durable(&mut self, id: DownloadId, progressed: &Progressed) -> Result<()> {
        let sql = "UPDATE main.downloads SET durable = ?2, received = ?3, failures = 0 WHERE id = ?1";
        let values = params![id.0, json(&progressed.durable), progressed.received.cast_signed()];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(())
    }

    /// Counts a round that ended without a new byte, and says how many there were in a row.
    pub(crate) fn count_failure(&mut self, id: DownloadId) -> Result<u32> {
        let sql = "UPDATE main.downloads SET failures = failures + 1 WHERE id = ?1 RETURNING failures";
        self.connection.query_row(sql, [id.0], |row| row.get(0)).explain()
    }

    /// Counts a time that all bytes were there and were not the right ones, and says how many there were.
    pub(crate) fn count_mismatch(&mut self, id: DownloadId) -> Result<u32> {
        let sql = "UPDATE main.downloads SET mismatches = mismatches + 1 WHERE id = ?1 RETURNING mismatches";
        self.connection.query_row(sql, [id.0], |row| row.get(0)).explain()
    }

    /// A user's wish to try again starts counting anew.
    pub(crate) fn reset_download_counts(&mut self, id: DownloadId) -> Result<()> {
        let sql = "UPDATE main.downloads SET failures = 0, mismatches = 0 WHERE id = ?1";
        self.connection.execute(sql, [id.0]).explain()?;
        Ok(())
    }

    /// Gives it another name, because the one it had is taken by now.
    pub(crate) fn rename_download(&mut self, id: DownloadId, name: &str) -> Result<()> {
        let sql = "UPDATE main.downloads SET name = ?2 WHERE id = ?1";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(params![id.0, name])).explain()?;
        self.publish(Event::DownloadsChanged);
        Ok(())
    }

    /// Its own limit in bytes a second, or none.
    pub(crate) fn limit_download(&mut self, id: DownloadId, limit: Option<u64>) -> Result<()> {
        let sql = "UPDATE main.downloads SET rate_limit = ?2 WHERE id = ?1";
        self.connection.execute(sql, params![id.0, limit.map(u64::cast_signed)]).explain()?;
        self.downloads_changed();
        Ok(())
    }

    /// Lets it run before another one, or last.
    pub(crate) fn reorder_download(&mut self, id: DownloadId, before: Option<DownloadId>) -> Result<()> {
        let sql = "SELECT position, (SELECT coalesce(max(position), b.position - 1) FROM main.downloads a
                WHERE a.position < b.position AND a.id <> ?2)
            FROM main.downloads b WHERE b.id = ?1";
        let between = match before {
            Some(before) => self
                .connection
                .query_row(sql, params![before.0, id.0], |row| Ok((row.get::<_, f64>(0)?, row.get::<_, f64>(1)?)))
                .optional()
                .explain()?,
            None => None,
        };
        let position = match between {
            Some((next, previous)) => f64::midpoint(previous, next),
            None => {
                let sql = "SELECT coalesce(max(position), 0) + 1 FROM main.downloads";
                self.connection.query_row(sql, [], |row| row.get(0)).explain()?
            }
        };
        let sql = "UPDATE main.downloads SET position = ?2 WHERE id = ?1";
        self.connection.execute(sql, params![id.0, position]).explain()?;
        self.number_downloads_anew()?;
        self.downloads_changed();
        Ok(())
    }

    /// Halving the distance between two neighbours again and again would end after some fifty times.
    fn number_downloads_anew(&mut self) -> Result<()> {
        let sql = "UPDATE main.downloads AS d SET position = ranked.place
            FROM (SELECT id, row_number() OVER (ORDER BY position, id) AS place FROM main.downloads) AS ranked
            WHERE ranked.id = d.id";
        self.connection.execute(sql, []).explain()?;
        Ok(())
    }

    /// Takes finished ones off the list; unfinished ones stay. All finished ones if none are named.
    pub(crate) fn clear_downloads(&mut self, ids: &[DownloadId]) -> Result<Vec<DownloadRow>> {
        let cleared: Vec<DownloadRow> = self
            .downloads()?
            .into_iter()
            .filter(|row| row.state.stage().is_final() && (ids.is_empty() || ids.contains(&row.id)))
            .collect();
        for row in &cleared {
            self.connection.execute("DELETE FROM main.downloads WHERE id = ?1", [row.id.0]).explain()?;
        }
        self.downloads_changed();
        Ok(cleared)
    }

    /// Queues again what a crash left in the middle. What was being placed is returned instead: it may have its name.
    pub(crate) fn recover_downloads(&mut self, now: UnixMillis) -> Result<Vec<DownloadRow>> {
        let rows = self.downloads()?;
        let active = rows.into_iter().filter(|row| row.state.stage().is_active());
        let (placing, others): (Vec<_>, Vec<_>) = active.partition(|row| row.state.stage() == Stage::Placing);
        for row in others {
            self.step_download(row.id, &DownloadState::queued(), now)?;
        }
        Ok(placing)
    }

    fn downloads_changed(&mut self) {
        self.touch_state();
        self.publish(Event::DownloadsChanged);
    }
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("ids, times and text write as JSON")
}

#[cfg(test)]
mod tests;
