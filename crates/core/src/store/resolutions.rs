//! The `resolutions` table: what Civitai said about a content. No row means it was never asked.

use rusqlite::{OptionalExtension, params};

use super::{Explain, ReadTx, WriteTx};
use crate::catalog::VersionFile;
use crate::error::{Error, Result};
use crate::hash::Sha256;
use crate::library::MatchedBy;
use crate::roots::ModelKind;
use crate::units::{CivitaiFileId, RootId, UnixMillis, VersionId};

/// A content to ask about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unresolved {
    pub(crate) sha256: Sha256,
    /// How often asking failed in a row, or with `not_found` how often that was the answer.
    pub(crate) attempts: u32,
    /// The last answer was "not found".
    pub(crate) not_found: bool,
    /// Whether some file with it was read in full: only then is its hash more than a belief.
    pub(crate) measured: bool,
    /// What the user says it is.
    pub(crate) link: Option<VersionId>,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Matched {
        version: VersionId,
        file: Option<CivitaiFileId>,
        kind: Option<ModelKind>,
        by: MatchedBy,
        /// When to look whether Civitai still has it.
        retry_at: UnixMillis,
    },
    NotFound {
        retry_at: UnixMillis,
        attempts: u32,
    },
    /// No usable answer. What was known before stays known.
    Pending {
        retry_at: UnixMillis,
        attempts: u32,
        problem: Error,
    },
}

/// How long after Civitai was found to have removed a model it is asked whether it has it again, in seconds.
const REMOVED_IS_ASKED_AFTER: i64 = 7 * 24 * 3600;

fn matched_by_text(by: MatchedBy) -> &'static str {
    match by {
        MatchedBy::Sha256 => "sha256",
        MatchedBy::Blake3 => "blake3",
        MatchedBy::Tensors => "tensors",
        MatchedBy::Embedded => "embedded",
        MatchedBy::ArchiveMember => "archive_member",
        MatchedBy::Link => "link",
    }
}

pub(super) fn matched_by_of(text: &str) -> Option<MatchedBy> {
    [
        MatchedBy::Sha256,
        MatchedBy::Blake3,
        MatchedBy::Tensors,
        MatchedBy::Embedded,
        MatchedBy::ArchiveMember,
        MatchedBy::Link,
    ]
    .into_iter()
    .find(|by| matched_by_text(*by) == text)
}

/// Which contents to ask about.
#[derive(Debug, Clone)]
pub(crate) enum Which {
    /// Never asked, or due to be asked again. `now` decides what is due; pending ones count as due if `eager`.
    Due { now: UnixMillis, eager: bool },
    /// These files, whatever was said before; empty means every file that is not matched.
    Files(Vec<crate::units::FileId>),
}

/// How what Civitai says about a believed hash goes with the file on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It has the file's size, or could not be asked about yet.
    Fits,
    /// Civitai knows no such file.
    NotKnown,
    /// The file with this hash has another size.
    Contradicted,
}

impl ReadTx<'_> {
    /// How what Civitai says about a row's hash goes with its size.
    pub(crate) fn fit_of(&self, id: crate::units::FileId) -> Result<Fit> {
        let sql = "SELECT f.sha256, f.size, r.state, v.files FROM cache.files f
            LEFT JOIN cache.resolutions r ON r.sha256 = f.sha256
            LEFT JOIN cache.versions v ON v.id = r.version_id
            WHERE f.id = ?1 AND f.sha256 IS NOT NULL";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let fit = statement.query_row([id.0], |row| {
            let sha256 = Sha256::from_slice(row.get_ref(0)?.as_blob()?);
            let size: i64 = row.get(1)?;
            let files: Vec<VersionFile> =
                row.get_ref(3)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
            let file = files.iter().find(|file| file.sha256 == sha256);
            Ok(match (row.get_ref(2)?.as_str_or_null()?, file) {
                (Some("not_found"), _) => Fit::NotKnown,
                (_, Some(file)) if !file.is_of_size(size.cast_unsigned()) => Fit::Contradicted,
                _ => Fit::Fits,
            })
        });
        Ok(fit.optional().explain()?.unwrap_or(Fit::NotKnown))
    }

    /// The contents to ask about, in a stable order. Only contents that some file has now.
    pub(crate) fn unresolved(&self, which: &Which, roots: Option<&[RootId]>) -> Result<Vec<Unresolved>> {
        let sql = "SELECT f.sha256, coalesce(r.attempts, 0), f.root_id, r.state, r.retry_at, f.id,
                f.provenance = 'measured', l.version_id
            FROM cache.files f LEFT JOIN cache.resolutions r ON r.sha256 = f.sha256
                LEFT JOIN main.links l ON l.sha256 = f.sha256
            WHERE f.sha256 IS NOT NULL AND f.gone_at IS NULL ORDER BY f.sha256";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let mut rows = statement.query([]).explain()?;
        let mut found: Vec<Unresolved> = Vec::new();
        while let Some(row) = rows.next().explain()? {
            let Some(sha256) = row.get_ref(0).explain()?.as_blob().ok().and_then(Sha256::from_slice) else { continue };
            let state: Option<String> = row.get(3).explain()?;
            let retry_at: Option<i64> = row.get(4).explain()?;
            let wanted = match which {
                Which::Due { now, eager } => match state.as_deref() {
                    None => true,
                    Some("pending") if *eager => true,
                    Some(_) => retry_at.is_some_and(|at| at <= now.0),
                },
                Which::Files(ids) if ids.is_empty() => state.as_deref() != Some("matched"),
                Which::Files(ids) => ids.contains(&crate::units::FileId(row.get(5).explain()?)),
            };
            let root = RootId(row.get(2).explain()?);
            if !wanted || roots.is_some_and(|roots| !roots.contains(&root)) {
                continue;
            }
            let measured = row.get::<_, Option<bool>>(6).explain()?.unwrap_or(false);
            match found.last_mut().filter(|last| last.sha256 == sha256) {
                Some(last) => last.measured |= measured,
                None => found.push(Unresolved {
                    sha256,
                    attempts: row.get(1).explain()?,
                    not_found: state.as_deref() == Some("not_found"),
                    measured,
                    link: row.get::<_, Option<i64>>(7).explain()?.map(VersionId),
                }),
            }
        }
        Ok(found)
    }

    /// When the next content is due to be asked about, if any.
    pub(crate) fn next_due(&self) -> Result<Option<UnixMillis>> {
        let sql = "SELECT min(r.retry_at) FROM cache.resolutions r
            WHERE r.retry_at IS NOT NULL AND EXISTS
                (SELECT 1 FROM cache.files f WHERE f.sha256 = r.sha256 AND f.gone_at IS NULL)";
        let due: Option<i64> = self.connection.query_row(sql, [], |row| row.get(0)).explain()?;
        Ok(due.map(UnixMillis))
    }
}

impl WriteTx<'_> {
    /// Records what came of asking about a content.
    pub(crate) fn put_outcome(&mut self, sha256: Sha256, outcome: &Outcome, now: UnixMillis) -> Result<()> {
        let done = match outcome {
            Outcome::Matched { version, file, kind, by, retry_at } => {
                let sql = "INSERT INTO cache.resolutions
                        (sha256, state, version_id, file_id, kind, checked_at, retry_at, matched_by)
                    VALUES (?1, 'matched', ?2, ?3, ?4, ?5, ?6, ?7)
                    ON CONFLICT (sha256) DO UPDATE SET state = 'matched', version_id = excluded.version_id,
                        file_id = iif(version_id = excluded.version_id, coalesce(excluded.file_id, file_id),
                            excluded.file_id),
                        kind = coalesce(excluded.kind, kind), checked_at = excluded.checked_at,
                        retry_at = excluded.retry_at, matched_by = excluded.matched_by, removed_at = NULL,
                        attempts = 0, problem = NULL";
                let kind = kind.as_ref().map(ModelKind::as_str);
                let values = params![
                    sha256.as_bytes(),
                    version.0,
                    file.map(|file| file.0),
                    kind,
                    now.0,
                    retry_at.0,
                    matched_by_text(*by)
                ];
                self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values))
            }
            Outcome::NotFound { retry_at, attempts } => {
                // What Civitai once said stays when a model is removed there: a match is not taken back.
                let sql = "INSERT INTO cache.resolutions (sha256, state, checked_at, retry_at, attempts)
                    VALUES (?1, 'not_found', ?2, ?3, ?4)
                    ON CONFLICT (sha256) DO UPDATE SET checked_at = excluded.checked_at, problem = NULL,
                        removed_at = iif(state = 'matched', coalesce(removed_at, excluded.checked_at), NULL),
                        state = iif(state = 'matched', state, 'not_found'),
                        retry_at = iif(state = 'matched', max(excluded.retry_at, ?5), excluded.retry_at),
                        attempts = iif(state = 'matched', 0, excluded.attempts)";
                let values =
                    params![sha256.as_bytes(), now.0, retry_at.0, attempts, now.plus_seconds(REMOVED_IS_ASKED_AFTER).0];
                self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values))
            }
            Outcome::Pending { retry_at, attempts, problem } => {
                let problem = serde_json::to_string(problem).expect("an error is plain text and writes as JSON");
                let sql = "INSERT INTO cache.resolutions (sha256, state, retry_at, attempts, problem)
                    VALUES (?1, 'pending', ?2, ?3, ?4)
                    ON CONFLICT (sha256) DO UPDATE SET
                        state = iif(state = 'matched', state, 'pending'),
                        retry_at = excluded.retry_at,
                        attempts = excluded.attempts,
                        problem = iif(state = 'matched', NULL, excluded.problem)";
                let values = params![sha256.as_bytes(), retry_at.0, attempts, problem];
                self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values))
            }
        };
        done.explain()?;
        Ok(())
    }
}
