//! The library as one looks at it: files joined with what Civitai said about their content.
//!
//! Which rows a search finds, and in which order, is not asked here but of the [`super::index`]: only the few rows that
//! are shown are joined.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row};

use super::files::provenance_of;
use super::marks::tags_of;
use super::resolutions::matched_by_of;
use super::{Explain, ReadTx};
use crate::error::Result;
use crate::import::Tool;
use crate::library::{CopyInfo, Facets, ItemState, LibraryItem, LibraryPage, LibraryQuery};
use crate::paths::{display, from_bytes};
use crate::roots::ModelKind;
use crate::units::{ByteCount, CivitaiFileId, FileId, ModelId, RootId, UnixMillis, VersionId};

/// A page, and the longest one, in items.
const USUAL_LIMIT: u32 = 200;
const MAX_LIMIT: u32 = 50_000;

macro_rules! joins {
    () => {
        "FROM cache.files f
    LEFT JOIN cache.resolutions r ON r.sha256 = f.sha256
    LEFT JOIN cache.versions v ON v.id = r.version_id AND r.state = 'matched'
    LEFT JOIN cache.models m ON m.id = v.model_id
    LEFT JOIN cache.root_states s ON s.root_id = f.root_id
    LEFT JOIN main.marks k ON k.sha256 = f.sha256"
    };
}

/// A file with everything that is known of it.
pub(super) const JOINED: &str = joins!();

pub(super) const FROM: &str = concat!(joins!(), " WHERE f.alias_of IS NULL AND f.gone_at IS NULL");

pub(super) const STATE: &str = "CASE WHEN f.sha256 IS NULL THEN
        iif(f.problem IS NULL OR json_extract(f.problem, '$.retryable'), 'pending', 'failed')
    WHEN r.state = 'matched' THEN iif(f.provenance = 'measured' AND r.matched_by IS NOT 'embedded', 'matched', 'probable')
    WHEN r.state = 'not_found' AND f.provenance = 'measured' THEN 'not_found'
    ELSE 'pending' END";

/// Civitai says best what a file is; where it said nothing, the folder it is loaded from does.
pub(super) const KIND: &str = "coalesce(nullif(r.kind, ''), nullif(v.kind, ''), f.kind)";

const COPIES: &str = "(SELECT count(*) FROM cache.files d
    WHERE d.sha256 = f.sha256 AND d.alias_of IS NULL AND d.gone_at IS NULL)";

pub(super) const MISSING: &str = "(coalesce(s.online, 1) = 0 OR f.away)";

pub(super) fn columns() -> String {
    format!(
        "f.id, f.path, f.root_id, f.name, f.folder, {KIND}, f.size, f.modified_ns, f.added_at, f.sha256, {STATE},
        f.provenance, v.model_id, r.version_id, r.file_id, v.model_name, v.name, m.creator, v.base_model,
        v.trained_words, v.air, coalesce(v.cover_level, 0), coalesce(v.preview_count, 0),
        coalesce(v.preview_is_video, 0), f.local_preview IS NOT NULL, {COPIES}, {MISSING},
        coalesce(f.problem, iif(r.state = 'pending', r.problem, NULL)), r.retry_at, r.checked_at, f.hashed_at, r.state,
        f.hash_source, f.corrected, r.matched_by, r.removed_at,
        coalesce(k.favourite, 0), coalesce(k.rating, 0), coalesce(k.tags, '[]'), coalesce(k.note <> '', 0)"
    )
}

/// Files of one root that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) root: RootId,
    pub(crate) kind: ModelKind,
    pub(crate) base_model: Option<String>,
    pub(crate) model: Option<ModelId>,
    /// How many.
    pub(crate) files: u32,
}

impl ReadTx<'_> {
    /// What lies together in each root, as far as Civitai knows it.
    pub(crate) fn groups(&self) -> Result<Vec<Group>> {
        let sql = format!(
            "SELECT f.root_id, {KIND}, v.base_model, v.model_id, count(*) {FROM} AND NOT {MISSING}
            AND v.id IS NOT NULL GROUP BY 1, 2, 3, 4"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], |row| {
            Ok(Group {
                root: RootId(row.get(0)?),
                kind: ModelKind::from(row.get::<_, String>(1)?.as_str()),
                base_model: row.get(2)?,
                model: row.get::<_, Option<i64>>(3)?.map(ModelId),
                files: row.get(4)?,
            })
        });
        rows.explain()?.collect::<rusqlite::Result<_>>().explain()
    }

    /// A part of the library.
    pub(crate) fn library_page(&self, query: &LibraryQuery) -> Result<LibraryPage> {
        let limit = if query.limit == 0 { USUAL_LIMIT } else { query.limit.min(MAX_LIMIT) };
        let search = self.search(&query.search)?;
        let found = self.index()?.find(query, &search, query.offset as usize, limit as usize);
        let mut items = self.items_of(&found.ids)?;
        Ok(LibraryPage {
            items: found.ids.iter().filter_map(|id| items.remove(id)).collect(),
            total: found.total,
            total_bytes: ByteCount(found.bytes),
        })
    }

    /// How many items each choice would show.
    pub(crate) fn facets(&self, query: &LibraryQuery) -> Result<Facets> {
        let roots: Vec<_> = self.roots()?.iter().map(|root| (root.id, crate::paths::name_of(&root.path))).collect();
        let search = self.search(&query.search)?;
        Ok(self.index()?.facets(query, &search, &roots))
    }

    /// Rows of the library by their number, gone ones as well. One that is no longer there is left out.
    pub(crate) fn items_of(&self, ids: &[FileId]) -> Result<HashMap<FileId, LibraryItem>> {
        let list = serde_json::to_string(ids).expect("numbers write as JSON");
        let sql = format!("SELECT {} {JOINED} WHERE f.id IN (SELECT value FROM json_each(?1))", columns());
        let roots = self.root_paths()?;
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([list], |row| item(row, &roots)).explain()?;
        let mut items = rows.collect::<rusqlite::Result<Vec<_>>>().explain()?;
        self.attach_aliases(&mut items)?;
        Ok(items.into_iter().map(|item| (item.id, item)).collect())
    }

    /// One row of the library. An alias gives the row it leads to.
    pub(crate) fn library_item(&self, id: FileId) -> Result<Option<LibraryItem>> {
        let sql = format!(
            "SELECT {} {FROM} AND f.id = coalesce((SELECT alias_of FROM cache.files WHERE id = ?1), ?1)",
            columns()
        );
        let roots = self.root_paths()?;
        let item = self.connection.query_row(&sql, [id.0], |row| item(row, &roots)).optional().explain()?;
        let mut items: Vec<LibraryItem> = item.into_iter().collect();
        self.attach_aliases(&mut items)?;
        Ok(items.pop())
    }

    /// The row with this path, an alias's own path included.
    pub(crate) fn file_id_of(&self, path: &std::path::Path) -> Result<Option<FileId>> {
        let sql = "SELECT id FROM cache.files WHERE path = ?1 AND gone_at IS NULL";
        let id: Option<i64> =
            self.connection.query_row(sql, [crate::paths::to_bytes(path)], |row| row.get(0)).optional().explain()?;
        Ok(id.map(FileId))
    }

    /// The other files with the same content.
    pub(crate) fn copies(&self, id: FileId) -> Result<Vec<CopyInfo>> {
        let sql = format!(
            "SELECT f.id, f.path, {MISSING} {FROM} AND f.id <> ?1
            AND f.sha256 = (SELECT sha256 FROM cache.files WHERE id = ?1) ORDER BY f.path LIMIT 1000"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement
            .query_map([id.0], |row| {
                Ok(CopyInfo {
                    id: FileId(row.get(0)?),
                    path: display(&from_bytes(row.get_ref(1)?.as_blob()?)).0,
                    missing: row.get(2)?,
                })
            })
            .explain()?;
        rows.collect::<rusqlite::Result<_>>().explain()
    }

    /// How the files of these roots stand: `(files, matched, not found, pending, failed)`; probable counts as matched.
    pub(crate) fn count_states(&self, roots: &[RootId]) -> Result<StateCounts> {
        let sql = format!(
            "SELECT {STATE} AS state, count(*) {FROM} AND f.root_id IN (SELECT value FROM json_each(?1)) GROUP BY state"
        );
        let roots = serde_json::to_string(roots).expect("numbers write as JSON");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let mut rows = statement.query([roots]).explain()?;
        let mut counts = StateCounts::default();
        while let Some(row) = rows.next().explain()? {
            let number: u32 = row.get(1).explain()?;
            counts.files += number;
            match ItemState::parse(row.get_ref(0).explain()?.as_str().unwrap_or_default()) {
                ItemState::Matched => counts.matched += number,
                ItemState::Probable => {
                    counts.matched += number;
                    counts.probable += number;
                }
                ItemState::NotFound => counts.not_found += number,
                ItemState::Pending => counts.pending += number,
                ItemState::Failed => counts.failed += number,
            }
        }
        Ok(counts)
    }

    pub(super) fn root_paths(&self) -> Result<HashMap<i64, String>> {
        Ok(self.roots()?.into_iter().map(|root| (root.id.0, root.path.display().to_string())).collect())
    }

    pub(super) fn attach_aliases(&self, items: &mut [LibraryItem]) -> Result<()> {
        let ids: Vec<FileId> = items.iter().map(|item| item.id).collect();
        let ids = serde_json::to_string(&ids).expect("numbers write as JSON");
        let sql = "SELECT alias_of, path FROM cache.files
            WHERE alias_of IN (SELECT value FROM json_each(?1)) AND gone_at IS NULL ORDER BY path";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let mut rows = statement.query([ids]).explain()?;
        let mut aliases: HashMap<i64, Vec<String>> = HashMap::new();
        while let Some(row) = rows.next().explain()? {
            let path = row.get_ref(1).explain()?.as_blob().map(from_bytes).unwrap_or_default();
            aliases.entry(row.get(0).explain()?).or_default().push(display(&path).0);
        }
        for item in items {
            item.also_at = aliases.remove(&item.id.0).unwrap_or_default();
        }
        Ok(())
    }
}

/// How many files are in which state.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StateCounts {
    pub(crate) files: u32,
    pub(crate) matched: u32,
    pub(crate) probable: u32,
    pub(crate) not_found: u32,
    pub(crate) pending: u32,
    pub(crate) failed: u32,
}

pub(super) fn item(row: &Row<'_>, roots: &HashMap<i64, String>) -> rusqlite::Result<LibraryItem> {
    let (path, path_bytes) = display(&from_bytes(row.get_ref(1)?.as_blob()?));
    let root: i64 = row.get(2)?;
    let sha256 = row.get_ref(9)?.as_blob_or_null()?.and_then(crate::hash::Sha256::from_slice);
    let is_matched = row.get_ref(31)?.as_str_or_null()? == Some("matched");
    let matched = |at: usize| -> rusqlite::Result<Option<i64>> { if is_matched { row.get(at) } else { Ok(None) } };
    Ok(LibraryItem {
        id: FileId(row.get(0)?),
        path,
        path_bytes,
        also_at: Vec::new(),
        root: roots.get(&root).cloned().unwrap_or_default(),
        root_id: RootId(root),
        file_name: row.get(3)?,
        folder: row.get(4)?,
        kind: ModelKind::from(row.get_ref(5)?.as_str()?),
        size: ByteCount(row.get::<_, i64>(6)?.cast_unsigned()),
        modified_at: UnixMillis(row.get::<_, Option<i64>>(7)?.unwrap_or(0) / 1_000_000),
        added_at: UnixMillis(row.get(8)?),
        sha256: sha256.map(|hash| hash.to_string()),
        state: ItemState::parse(row.get_ref(10)?.as_str()?),
        provenance: row.get_ref(11)?.as_str_or_null()?.and_then(provenance_of),
        hash_source: row.get_ref(32)?.as_str_or_null()?.and_then(Tool::parse),
        corrected: row.get_ref(33)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok()),
        matched_by: row.get_ref(34)?.as_str_or_null()?.and_then(matched_by_of).filter(|_| is_matched),
        removed_at: row.get::<_, Option<i64>>(35)?.map(UnixMillis),
        model_id: row.get::<_, Option<i64>>(12)?.map(ModelId),
        version_id: matched(13)?.map(VersionId),
        file_id: matched(14)?.map(CivitaiFileId),
        model_name: row.get(15)?,
        version_name: row.get(16)?,
        creator: row.get(17)?,
        base_model: row.get(18)?,
        trained_words: row
            .get_ref(19)?
            .as_str_or_null()?
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default(),
        air: row.get(20)?,
        cover_level: row.get(21)?,
        preview_count: row.get(22)?,
        preview_is_video: row.get(23)?,
        has_local_preview: row.get(24)?,
        copies: row.get::<_, u32>(25)?.max(1),
        missing: row.get(26)?,
        problem: row.get_ref(27)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok()),
        retry_at: row.get::<_, Option<i64>>(28)?.map(UnixMillis),
        checked_at: row.get::<_, Option<i64>>(29)?.map(UnixMillis),
        hashed_at: row.get::<_, Option<i64>>(30)?.map(UnixMillis),
        favourite: row.get(36)?,
        rating: row.get(37)?,
        tags: tags_of(row.get_ref(38)?.as_str()?),
        has_note: row.get(39)?,
    })
}
