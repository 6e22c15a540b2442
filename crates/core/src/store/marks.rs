//! The `marks` and `views` tables: what the user notes of contents, and searches worth keeping.
//!
//! Marks belong to a content and not to a file: they are there again after a move, a new drive, or a lost cache. A file
//! whose header is edited becomes another content of the same tensors, and takes its marks along.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension as _, params};

use super::{Explain, ReadTx, WriteTx};
use crate::error::Result;
use crate::hash::Sha256;
use crate::library::{LibraryQuery, Marks, View, tag_key};
use crate::units::UnixMillis;

impl ReadTx<'_> {
    /// What is noted of a content; the default if nothing is.
    pub(crate) fn marks(&self, sha256: Sha256) -> Result<Marks> {
        let sql = "SELECT favourite, rating, note, tags FROM main.marks WHERE sha256 = ?1";
        let marks = self.connection.prepare_cached(sql).explain()?.query_row([sha256.as_bytes()], |row| {
            Ok(Marks {
                favourite: row.get(0)?,
                rating: row.get(1)?,
                note: row.get(2)?,
                tags: tags_of(row.get_ref(3)?.as_str()?),
            })
        });
        Ok(marks.optional().explain()?.unwrap_or_default())
    }

    /// Every tag in use as it was first written, by what it is compared by.
    pub(crate) fn tags_in_use(&self) -> Result<BTreeMap<String, String>> {
        let sql = "SELECT DISTINCT value FROM main.marks, json_each(tags) ORDER BY value";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        let tags = statement.query_map([], |row| row.get::<_, String>(0)).explain()?;
        let mut in_use = BTreeMap::new();
        for tag in tags {
            let tag = tag.explain()?;
            in_use.entry(tag_key(&tag)).or_insert(tag);
        }
        Ok(in_use)
    }

    /// Searches that were kept, by name.
    pub(crate) fn views(&self) -> Result<Vec<View>> {
        let mut statement =
            self.connection.prepare_cached("SELECT name, query FROM main.views ORDER BY name").explain()?;
        let rows = statement.query_map([], |row| {
            // One that this version cannot read any more shows everything.
            let query = serde_json::from_str::<LibraryQuery>(row.get_ref(1)?.as_str()?).unwrap_or_default();
            Ok(View { name: row.get(0)?, query })
        });
        rows.explain()?.collect::<rusqlite::Result<_>>().explain()
    }
}

impl WriteTx<'_> {
    /// Notes this of a content. Nothing to note leaves no row.
    pub(crate) fn put_marks(&mut self, sha256: Sha256, marks: &Marks, now: UnixMillis) -> Result<()> {
        if *marks == Marks::default() {
            self.connection.execute("DELETE FROM main.marks WHERE sha256 = ?1", [sha256.as_bytes()]).explain()?;
        } else {
            let search = [marks.note.as_str()].into_iter().chain(marks.tags.iter().map(String::as_str));
            let search = search.collect::<Vec<_>>().join("\n").to_lowercase();
            let sql = "INSERT OR REPLACE INTO main.marks (sha256, favourite, rating, note, tags, search, changed_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let values = params![
                sha256.as_bytes(),
                marks.favourite,
                marks.rating,
                marks.note,
                serde_json::to_string(&marks.tags).unwrap_or_else(|_| "[]".to_owned()),
                search,
                now.0,
            ];
            self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        }
        self.touch_state();
        Ok(())
    }

    /// What was noted of a content that turned out to be another one goes to that one, unless it has marks of its own.
    pub(crate) fn carry_marks(&mut self, from: Sha256, to: Sha256) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO main.marks
            SELECT ?2, favourite, rating, note, tags, search, changed_at FROM main.marks WHERE sha256 = ?1";
        let carried = self.connection.execute(sql, [from.as_bytes(), to.as_bytes()]).explain()?;
        if carried > 0 {
            self.touch_state();
        }
        Ok(())
    }

    /// A content with these tensors is there: it gets what was last noted of another content of the same tensors.
    pub(super) fn inherit_marks(&mut self, sha256: Sha256) -> Result<()> {
        let sql = "SELECT k.sha256 FROM cache.contents c JOIN main.marks k ON k.sha256 = c.sha256
            WHERE c.autov3 = (SELECT autov3 FROM cache.contents WHERE sha256 = ?1) AND c.sha256 <> ?1
            ORDER BY k.changed_at DESC LIMIT 1";
        let from = self
            .connection
            .prepare_cached(sql)
            .explain()?
            .query_row([sha256.as_bytes()], |row| Ok(Sha256::from_slice(row.get_ref(0)?.as_blob()?)));
        match from.optional().explain()?.flatten() {
            Some(from) => self.carry_marks(from, sha256),
            None => Ok(()),
        }
    }

    /// Keeps a search under a name, in place of the one that had it.
    pub(crate) fn put_view(&mut self, view: &View, now: UnixMillis) -> Result<()> {
        let sql = "INSERT OR REPLACE INTO main.views (name, query, saved_at) VALUES (?1, ?2, ?3)";
        let query = serde_json::to_string(&view.query).unwrap_or_else(|_| "{}".to_owned());
        self.connection.execute(sql, params![view.name, query, now.0]).explain()?;
        self.touch_state();
        Ok(())
    }

    /// Forgets one. False if there was none.
    pub(crate) fn remove_view(&mut self, name: &str) -> Result<bool> {
        let removed = self.connection.execute("DELETE FROM main.views WHERE name = ?1", [name]).explain()?;
        self.touch_state();
        Ok(removed > 0)
    }
}

/// The tags of a row.
pub(super) fn tags_of(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}
