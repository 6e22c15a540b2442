//! The library as one searches and looks at it: files joined with what Civitai said about their content.
//!
//! Filters, order and pages are SQL. Facets are not: every facet is counted with all filters but its own, so one pass
//! over the searched rows, counted here, costs a sixth of six queries.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, params_from_iter};

use super::files::provenance_of;
use super::marks::tags_of;
use super::resolutions::matched_by_of;
use super::{Explain, ReadTx};
use crate::error::Result;
use crate::import::Tool;
use crate::library::{CopyInfo, FacetCount, Facets, ItemState, LibraryItem, LibraryPage, LibraryQuery, Sort};
use crate::paths::{display, from_bytes};
use crate::roots::ModelKind;
use crate::units::{ByteCount, CivitaiFileId, FileId, ModelId, RootId, UnixMillis, VersionId};

/// The longest page, in items.
const MAX_LIMIT: u32 = 50_000;

/// Words and characters of a search beyond which nobody means it.
const MAX_WORDS: usize = 16;
const MAX_WORD: usize = 200;

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

const FROM: &str = concat!(joins!(), " WHERE f.alias_of IS NULL AND f.gone_at IS NULL");

const STATE: &str = "CASE WHEN f.sha256 IS NULL THEN
        iif(f.problem IS NULL OR json_extract(f.problem, '$.retryable'), 'pending', 'failed')
    WHEN r.state = 'matched' THEN iif(f.provenance = 'measured' AND r.matched_by IS NOT 'embedded', 'matched', 'probable')
    WHEN r.state = 'not_found' AND f.provenance = 'measured' THEN 'not_found'
    ELSE 'pending' END";

/// Civitai says best what a file is; where it said nothing, the folder it is loaded from does.
pub(super) const KIND: &str = "coalesce(nullif(r.kind, ''), nullif(v.kind, ''), f.kind)";

const COPIES: &str = "(SELECT count(*) FROM cache.files d
    WHERE d.sha256 = f.sha256 AND d.alias_of IS NULL AND d.gone_at IS NULL)";

const MISSING: &str = "(coalesce(s.online, 1) = 0 OR f.away)";

fn state_text(state: ItemState) -> &'static str {
    match state {
        ItemState::Matched => "matched",
        ItemState::Probable => "probable",
        ItemState::NotFound => "not_found",
        ItemState::Pending => "pending",
        ItemState::Failed => "failed",
    }
}

const STATES: [ItemState; 5] =
    [ItemState::Matched, ItemState::Probable, ItemState::NotFound, ItemState::Pending, ItemState::Failed];

fn state_of(text: &str) -> ItemState {
    STATES.into_iter().find(|state| state_text(*state) == text).unwrap_or(ItemState::Pending)
}

/// A condition and its values, growing side by side.
#[derive(Default)]
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    fn search(&mut self, search: &str) {
        for word in search.split_whitespace().take(MAX_WORDS) {
            let word: String = word.to_lowercase().chars().take(MAX_WORD).collect();
            let is_hash = word.len() >= 6 && word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            self.sql.push_str(
                " AND (instr(f.search, ?) OR instr(coalesce(v.search, ''), ?) OR instr(coalesce(m.search, ''), ?)
                OR instr(coalesce(k.search, ''), ?)",
            );
            self.values.extend((0..4).map(|_| Value::Text(word.clone())));
            if is_hash {
                // AutoV2 begins the SHA-256; the others stand with the content.
                self.sql.push_str(
                    " OR hex(f.sha256) LIKE ? OR f.sha256 IN (SELECT c.sha256 FROM cache.contents c
                    WHERE hex(c.blake3) LIKE ? OR hex(c.crc32) LIKE ? OR hex(c.autov1) LIKE ? OR hex(c.autov3) LIKE ?)",
                );
                self.values.extend((0..5).map(|_| Value::Text(format!("{word}%"))));
            }
            self.sql.push(')');
        }
    }

    fn any_of(&mut self, expression: &str, values: impl ExactSizeIterator<Item = Value>) {
        if values.len() == 0 {
            return;
        }
        let marks = vec!["?"; values.len()].join(", ");
        let _ = write!(self.sql, " AND {expression} IN ({marks})");
        self.values.extend(values);
    }

    fn of(query: &LibraryQuery) -> Self {
        let mut conditions = Self::default();
        conditions.search(&query.search);
        conditions.any_of(KIND, query.kinds.iter().map(|kind| Value::Text(kind.as_str().to_owned())));
        conditions.any_of("v.base_model", query.base_models.iter().map(|base| Value::Text(base.clone())));
        conditions.any_of("f.root_id", query.roots.iter().map(|root| Value::Integer(root.0)));
        conditions.any_of(STATE, query.states.iter().map(|state| Value::Text(state_text(*state).to_owned())));
        if query.duplicates {
            let _ = write!(conditions.sql, " AND {COPIES} > 1");
        }
        if query.missing {
            let _ = write!(conditions.sql, " AND {MISSING}");
        }
        if query.favourites {
            conditions.sql.push_str(" AND k.favourite");
        }
        if !query.tags.is_empty() {
            let marks = vec!["?"; query.tags.len()].join(", ");
            let _ = write!(conditions.sql, " AND EXISTS (SELECT 1 FROM json_each(k.tags) WHERE value IN ({marks}))");
            conditions.values.extend(query.tags.iter().map(|tag| Value::Text(tag.clone())));
        }
        conditions
    }
}

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
        let conditions = Conditions::of(query);
        let (by, down) = match query.sort {
            Sort::Newest => ("f.modified_ns", true),
            Sort::Name => ("lower(coalesce(v.model_name, f.name))", false),
            Sort::Size => ("f.size", true),
            Sort::Added => ("f.added_at", true),
            Sort::Rating => ("coalesce(k.rating, 0)", true),
        };
        let direction = if down == query.reverse { "ASC" } else { "DESC" };
        let limit = if query.limit == 0 { 200 } else { query.limit.min(MAX_LIMIT) };
        let sql = format!(
            "SELECT {} {FROM}{} ORDER BY {by} {direction}, f.path LIMIT {limit} OFFSET {}",
            columns(),
            conditions.sql,
            query.offset,
        );
        let roots = self.root_paths()?;
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map(params_from_iter(&conditions.values), |row| item(row, &roots)).explain()?;
        let mut items = rows.collect::<rusqlite::Result<Vec<_>>>().explain()?;
        self.attach_aliases(&mut items)?;

        let shown = u32::try_from(items.len()).unwrap_or(u32::MAX);
        if query.offset == 0 && shown < limit {
            let bytes = items.iter().map(|item| item.size.0).sum();
            return Ok(LibraryPage { items, total: shown, total_bytes: ByteCount(bytes) });
        }
        let sql = format!("SELECT count(*), coalesce(sum(f.size), 0) {FROM}{}", conditions.sql);
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let (total, bytes): (u32, i64) = statement
            .query_row(params_from_iter(&conditions.values), |row| Ok((row.get(0)?, row.get(1)?)))
            .explain()?;
        Ok(LibraryPage { items, total, total_bytes: ByteCount(bytes.cast_unsigned()) })
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

    /// How many items each choice would show.
    pub(crate) fn facets(&self, query: &LibraryQuery) -> Result<Facets> {
        let mut conditions = Conditions::default();
        conditions.search(&query.search);
        let sql = format!(
            "SELECT {KIND}, coalesce(v.base_model, ''), f.root_id, {STATE}, {COPIES} > 1, {MISSING},
            coalesce(k.favourite, 0), k.tags {FROM}{}",
            conditions.sql
        );
        let mut count = FacetCounter::new(query);
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let mut rows = statement.query(params_from_iter(&conditions.values)).explain()?;
        while let Some(row) = rows.next().explain()? {
            count.add(row).explain()?;
        }
        let all = "SELECT count(*) FROM cache.files WHERE alias_of IS NULL AND gone_at IS NULL";
        let all = self.connection.query_row(all, [], |row| row.get(0)).explain()?;
        let roots = self.roots()?;
        Ok(count.finish(all, &roots))
    }

    /// How the files of these roots stand: `(files, matched, not found, pending, failed)`; probable counts as matched.
    pub(crate) fn count_states(&self, roots: &[RootId]) -> Result<StateCounts> {
        let mut conditions = Conditions::default();
        conditions.any_of("f.root_id", roots.iter().map(|root| Value::Integer(root.0)));
        let sql = format!("SELECT {STATE} AS state, count(*) {FROM}{} GROUP BY state", conditions.sql);
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let mut rows = statement.query(params_from_iter(&conditions.values)).explain()?;
        let mut counts = StateCounts::default();
        while let Some(row) = rows.next().explain()? {
            let number: u32 = row.get(1).explain()?;
            counts.files += number;
            match state_of(row.get_ref(0).explain()?.as_str().unwrap_or_default()) {
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
        let sql = "SELECT alias_of, path FROM cache.files WHERE alias_of IS NOT NULL AND gone_at IS NULL ORDER BY path";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let mut rows = statement.query([]).explain()?;
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
        state: state_of(row.get_ref(10)?.as_str()?),
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

/// Counts every facet in one pass over the searched rows.
struct FacetCounter<'q> {
    query: &'q LibraryQuery,
    kinds: HashMap<String, u32>,
    base_models: HashMap<String, u32>,
    roots: HashMap<i64, u32>,
    states: HashMap<ItemState, u32>,
    duplicates: u32,
    missing: u32,
    tags: HashMap<String, u32>,
    favourites: u32,
}

impl<'q> FacetCounter<'q> {
    fn new(query: &'q LibraryQuery) -> Self {
        Self {
            query,
            kinds: HashMap::new(),
            base_models: HashMap::new(),
            roots: HashMap::new(),
            states: HashMap::new(),
            duplicates: 0,
            missing: 0,
            tags: HashMap::new(),
            favourites: 0,
        }
    }

    fn add(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let query = self.query;
        let (kind, base) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        let (root, state): (i64, _) = (row.get(2)?, state_of(row.get_ref(3)?.as_str()?));
        let (duplicate, missing, favourite): (bool, bool, bool) = (row.get(4)?, row.get(5)?, row.get(6)?);
        let tags = row.get_ref(7)?.as_str_or_null()?.map(tags_of).unwrap_or_default();

        // The filters, each with whether this row passes it, in the order of the facets below.
        let passes = [
            query.kinds.is_empty() || query.kinds.iter().any(|wanted| wanted.as_str() == kind),
            query.base_models.is_empty() || query.base_models.iter().any(|wanted| wanted == base),
            query.roots.is_empty() || query.roots.contains(&RootId(root)),
            query.states.is_empty() || query.states.contains(&state),
            !query.duplicates || duplicate,
            !query.missing || missing,
            query.tags.is_empty() || query.tags.iter().any(|wanted| tags.contains(wanted)),
            !query.favourites || favourite,
        ];
        let failed = passes.iter().filter(|passed| !**passed).count();
        let counts_for = |facet: usize| failed == 0 || (failed == 1 && !passes[facet]);

        if counts_for(0) {
            bump(&mut self.kinds, kind);
        }
        if counts_for(1) && !base.is_empty() {
            bump(&mut self.base_models, base);
        }
        if counts_for(2) {
            *self.roots.entry(root).or_default() += 1;
        }
        if counts_for(3) {
            *self.states.entry(state).or_default() += 1;
        }
        self.duplicates += u32::from(counts_for(4) && duplicate);
        self.missing += u32::from(counts_for(5) && missing);
        if counts_for(6) {
            for tag in &tags {
                bump(&mut self.tags, tag);
            }
        }
        self.favourites += u32::from(counts_for(7) && favourite);
        Ok(())
    }

    fn finish(self, all: u32, roots: &[super::RootRow]) -> Facets {
        let named = |value: &str| FacetCount { value: value.to_owned(), label: value.to_owned(), count: 0 };
        Facets {
            all,
            kinds: most_first(self.kinds, |value| FacetCount {
                label: ModelKind::from(value).label().to_owned(),
                ..named(value)
            }),
            base_models: most_first(self.base_models, named),
            roots: roots
                .iter()
                .map(|root| FacetCount {
                    value: root.id.0.to_string(),
                    label: crate::paths::name_of(&root.path),
                    count: self.roots.get(&root.id.0).copied().unwrap_or(0),
                })
                .collect(),
            states: STATES
                .into_iter()
                .filter_map(|state| {
                    let count = *self.states.get(&state)?;
                    Some(FacetCount { count, ..named(state_text(state)) })
                })
                .collect(),
            duplicates: self.duplicates,
            missing: self.missing,
            tags: most_first(self.tags, named),
            favourites: self.favourites,
        }
    }
}

fn bump(counts: &mut HashMap<String, u32>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_owned(), 1);
        }
    }
}

fn most_first(counts: HashMap<String, u32>, make: impl Fn(&str) -> FacetCount) -> Vec<FacetCount> {
    let sorted: BTreeMap<_, _> =
        counts.into_iter().map(|(value, count)| ((std::cmp::Reverse(count), value), count)).collect();
    sorted.into_iter().map(|((_, value), count)| FacetCount { count, ..make(&value) }).collect()
}
