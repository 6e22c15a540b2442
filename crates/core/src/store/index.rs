//! The library's [`Index`], built from one view of the database and kept until that has changed.
//!
//! Two numbers that triggers count say whether it has: whoever changes a row that the library shows, in this process or
//! another, by whatever way, changes them in the same transaction. A picture that is kept is therefore never older than
//! the rows that are read beside it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Row;

use super::library::{FROM, KIND, MISSING, STATE};
use super::marks::tags_of;
use super::{Explain, ReadTx};
use crate::error::Result;
use crate::hash::Sha256;
use crate::library::{Index, IndexBuilder, IndexRow, ItemState, Search};
use crate::units::{FileId, RootId};

/// Without a search for so long it is given back: 20,000 files take some 8 MB.
const KEEP: Duration = Duration::from_secs(300);

/// How often the library's part of `state.db` and of `cache.db` was changed.
type Stamps = (i64, i64);

/// Where the last index is kept.
#[derive(Debug, Default)]
pub(super) struct KeptIndex(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    stamps: Stamps,
    index: Arc<Index>,
    used: Instant,
}

impl KeptIndex {
    /// Gives it back if nobody has searched for a while.
    pub(super) fn release(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_some_and(|kept| kept.used.elapsed() > KEEP) {
            *kept = None;
        }
    }
}

impl ReadTx<'_> {
    /// The library as this view of the database has it.
    pub(super) fn index(&self) -> Result<Arc<Index>> {
        let Some(place) = self.kept else { return self.build_index().map(Arc::new) };
        let stamps = self.stamps()?;
        // Held while it is built: a list and its counts are asked for together, and one of them is enough to build it.
        let mut kept = place.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = kept.as_mut().filter(|kept| kept.stamps == stamps) {
            kept.used = Instant::now();
            return Ok(Arc::clone(&kept.index));
        }
        // The old one goes first, so that there are never two.
        *kept = None;
        let index = Arc::new(self.build_index()?);
        *kept = Some(Kept { stamps, index: Arc::clone(&index), used: Instant::now() });
        Ok(index)
    }

    /// A search, with what only the database can say of it.
    pub(super) fn search(&self, search: &str) -> Result<Search> {
        Search::new(search, |digits| self.contents_by_hash(digits))
    }

    fn stamps(&self) -> Result<Stamps> {
        let sql = "SELECT (SELECT number FROM main.library_stamp), (SELECT number FROM cache.library_stamp)";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).explain()
    }

    fn build_index(&self) -> Result<Index> {
        let sql = format!(
            "SELECT f.id, f.root_id, f.path, coalesce(v.model_name, f.name), f.search, {KIND}, f.size, f.modified_ns,
                f.added_at, f.sha256, {STATE}, v.id, v.search, m.id, m.search, coalesce(v.base_model, ''), {MISSING},
                coalesce(k.favourite, 0), coalesce(k.rating, 0), k.tags, coalesce(k.search, '') {FROM}"
        );
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let mut rows = statement.query([]).explain()?;
        let mut builder = IndexBuilder::default();
        while let Some(row) = rows.next().explain()? {
            builder.add(&index_row(row).explain()?);
        }
        Ok(builder.finish())
    }

    /// Contents of which a hash other than SHA-256 begins with these hex digits.
    fn contents_by_hash(&self, digits: &str) -> Result<HashSet<Sha256>> {
        let sql = "SELECT c.sha256 FROM cache.contents c
            WHERE hex(c.blake3) LIKE ?1 OR hex(c.crc32) LIKE ?1 OR hex(c.autov1) LIKE ?1 OR hex(c.autov3) LIKE ?1";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let rows =
            statement.query_map([format!("{digits}%")], |row| Ok(Sha256::from_slice(row.get_ref(0)?.as_blob()?)));
        let found = rows.explain()?.collect::<rusqlite::Result<Vec<_>>>().explain()?;
        Ok(found.into_iter().flatten().collect())
    }
}

fn index_row<'r>(row: &'r Row<'_>) -> rusqlite::Result<IndexRow<'r>> {
    let numbered = |at: usize| -> rusqlite::Result<Option<(i64, &'r str)>> {
        let Some(id) = row.get::<_, Option<i64>>(at)? else { return Ok(None) };
        Ok(Some((id, row.get_ref(at + 1)?.as_str_or_null()?.unwrap_or_default())))
    };
    Ok(IndexRow {
        id: FileId(row.get(0)?),
        root: RootId(row.get(1)?),
        path: row.get_ref(2)?.as_blob()?,
        name: row.get_ref(3)?.as_str()?,
        search: row.get_ref(4)?.as_str()?,
        kind: row.get_ref(5)?.as_str()?,
        size: row.get::<_, i64>(6)?.cast_unsigned(),
        modified_ns: row.get(7)?,
        added_at: row.get(8)?,
        sha256: row.get_ref(9)?.as_blob_or_null()?.and_then(Sha256::from_slice),
        state: ItemState::parse(row.get_ref(10)?.as_str()?),
        version: numbered(11)?,
        model: numbered(13)?,
        base_model: row.get_ref(15)?.as_str()?,
        missing: row.get(16)?,
        favourite: row.get(17)?,
        rating: row.get(18)?,
        tags: row.get_ref(19)?.as_str_or_null()?.map(tags_of).unwrap_or_default(),
        marks: row.get_ref(20)?.as_str()?,
    })
}
