//! The `link_commands` table: what the website asked for, what became of it, and what it was told.
//!
//! A row is there before anything is done, and what has ended stays as it ended: [`WriteTx::step_asked`] changes no row
//! that has, so that whoever acts on an older view of it does nothing twice.

use rusqlite::{OptionalExtension as _, Row, params};
use serde::de::DeserializeOwned;

use super::actions::word;
use super::{Explain, ReadTx, WriteTx};
use crate::error::Result;
use crate::event::Event;
use crate::hash::Sha256;
use crate::link::{Asked, CommandId, LinkSite, LinkStatus, LinkWord, Listed, NewAsked, Resource, ResourceKind, Shown};
use crate::paths::from_bytes;
use crate::roots::ModelKind;
use crate::store::{FileRow, RootRow};
use crate::units::{DownloadId, UnixMillis};

const COLUMNS: &str =
    "number, site, id, deed, resource, created_at, status, error, word, title, copies, bytes, download,
    asked_at, updated_at";

/// So many that have ended are kept, and none longer than so many days.
const KEPT: u32 = 1000;
const DAYS: i64 = 30;

/// `None` for what a newer version wrote in words that this one does not know.
fn asked(row: &Row<'_>) -> rusqlite::Result<Option<Asked>> {
    fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
        serde_json::from_value(text.into()).ok()
    }
    let text = |at: usize| row.get_ref(at).and_then(|value| Ok(value.as_str()?));
    let json = |at: usize| text(at).map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap_or_default());
    let new = (|| Some((parse(text(1).ok()?)?, CommandId::parse(text(2).ok()?)?, parse(text(3).ok()?)?)))();
    let (Some((site, id, deed)), Ok(resource), Some(status)) = (new, Resource::read(&json(4)?), parse(text(6)?)) else {
        return Ok(None);
    };
    let shown = match (row.get::<_, Option<String>>(9)?, row.get(10)?, row.get::<_, Option<i64>>(11)?) {
        (Some(title), Some(copies), Some(bytes)) => Some(Shown { title, copies, bytes: bytes.cast_unsigned() }),
        _ => None,
    };
    Ok(Some(Asked {
        number: row.get(0)?,
        new: NewAsked { site, id, deed, resource, created_at: json(5)? },
        status,
        error: row.get(7)?,
        word: row.get_ref(8)?.as_str_or_null()?.and_then(parse),
        shown,
        download: row.get::<_, Option<i64>>(12)?.map(DownloadId),
        since: UnixMillis(row.get(13)?),
        updated_at: UnixMillis(row.get(14)?),
    }))
}

impl ReadTx<'_> {
    /// What a site asked for under this id.
    pub(crate) fn asked(&self, site: LinkSite, id: &CommandId) -> Result<Option<Asked>> {
        let sql = format!("SELECT {COLUMNS} FROM main.link_commands WHERE site = ?1 AND id = ?2");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        Ok(statement.query_row(params![word(&site), id.as_str()], asked).optional().explain()?.flatten())
    }

    /// By its row.
    pub(crate) fn asked_numbered(&self, number: i64) -> Result<Option<Asked>> {
        let sql = format!("SELECT {COLUMNS} FROM main.link_commands WHERE number = ?1");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        Ok(statement.query_row([number], asked).optional().explain()?.flatten())
    }

    /// What has not ended yet, the oldest first.
    pub(crate) fn asked_and_open(&self) -> Result<Vec<Asked>> {
        self.several("WHERE status IN ('pending', 'processing') ORDER BY number", [])
    }

    /// The newest so many that the site did not ask to show no more, the newest first.
    pub(crate) fn asked_lately(&self, site: LinkSite, quantity: usize) -> Result<Vec<Asked>> {
        let limit = i64::try_from(quantity).unwrap_or(i64::MAX);
        self.several("WHERE site = ?1 AND NOT hidden ORDER BY number DESC LIMIT ?2", params![word(&site), limit])
    }

    /// What stands otherwise than the site was told, the oldest first, so many at once.
    pub(crate) fn asked_and_untold(&self, site: LinkSite, limit: u32) -> Result<Vec<Asked>> {
        let of = "WHERE site = ?1 AND told IS NOT status ORDER BY number LIMIT ?2";
        self.several(of, params![word(&site), limit])
    }

    fn several(&self, of: &str, values: impl rusqlite::Params) -> Result<Vec<Asked>> {
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT {COLUMNS} FROM main.link_commands {of}")).explain()?;
        let rows = statement.query_map(values, asked).explain()?;
        rows.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>().explain()
    }

    /// How many adds of a site have not ended.
    pub(crate) fn open_adds(&self, site: LinkSite) -> Result<u32> {
        let sql = "SELECT count(*) FROM main.link_commands
            WHERE site = ?1 AND deed = 'add' AND status IN ('pending', 'processing')";
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.query_row([word(&site)], |row| row.get(0))).explain()
    }

    /// The files with this content that are on the disk and in a folder that is looked after, as far as is known. What an
    /// installation names elsewhere (`extra_model_paths.yaml`) is part of it.
    pub(crate) fn present_copies(&self, sha256: Sha256) -> Result<Vec<FileRow>> {
        let roots = self.roots()?;
        let is_looked_after = |row: &FileRow| roots.iter().any(|root| root.id == row.root && self.is_online(root));
        let is_believed = |row: &FileRow| row.known.is_some_and(|known| known.is_believed());
        let rows = self.files_with(sha256)?.into_iter();
        let present = rows.filter(|row| !row.gone && !row.away && row.alias_of.is_none() && is_believed(row));
        Ok(present.filter(is_looked_after).collect())
    }

    fn is_online(&self, root: &RootRow) -> bool {
        let sql = "SELECT online FROM cache.root_states WHERE root_id = ?1";
        let online = self.connection.query_row(sql, [root.id.0], |row| row.get(0)).optional();
        online.ok().flatten().unwrap_or(true)
    }

    /// What the site is shown as installed.
    pub(crate) fn listed(&self, home: Option<&std::path::Path>) -> Result<Vec<Listed>> {
        let (kind, missing, from) = (super::library::KIND, super::library::MISSING, super::library::FROM);
        let sql = format!(
            "SELECT f.sha256, {kind}, f.name, f.path, f.root_id, f.added_at,
                f.local_preview IS NOT NULL OR coalesce(v.preview_count, 0) > 0 {from}
            AND f.sha256 IS NOT NULL AND f.provenance IN ('measured', 'imported') AND NOT {missing}"
        );
        let roots = self.roots()?;
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        let rows = statement.query_map([], |row| {
            let Some(hash) = Sha256::from_slice(row.get_ref(0)?.as_blob()?) else { return Ok(None) };
            let root = row.get::<_, i64>(4)?;
            let root = roots.iter().find(|known| known.id.0 == root);
            let path = from_bytes(row.get_ref(3)?.as_blob()?);
            Ok(Some(Listed {
                hash,
                kind: ResourceKind::of(&ModelKind::from(row.get_ref(1)?.as_str()?)),
                name: row.get(2)?,
                path: root.and_then(|root| crate::link::below(&path, &root.path, home)),
                has_preview: row.get(6)?,
                is_downloading: false,
                added_at: UnixMillis(row.get(5)?),
            }))
        });
        let all: Vec<Option<Listed>> = rows.explain()?.collect::<rusqlite::Result<_>>().explain()?;
        Ok(all.into_iter().flatten().collect())
    }
}

impl WriteTx<'_> {
    /// Writes down what a site asks for. Its id must be new.
    pub(crate) fn add_asked(&mut self, new: &NewAsked, now: UnixMillis) -> Result<Asked> {
        let sql = format!(
            "INSERT INTO main.link_commands (site, id, deed, resource, created_at, status, asked_at, updated_at)
            VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, ?6) RETURNING {COLUMNS}"
        );
        let values = params![
            word(&new.site),
            new.id.as_str(),
            word(&new.deed),
            new.resource.to_json().to_string(),
            new.created_at.to_string(),
            now.0,
        ];
        let added = self.connection.query_row(&sql, values, asked).explain()?;
        self.forget_old_asked(new.site, now)?;
        self.publish(Event::LinkChanged);
        added.ok_or_else(|| crate::error::Error::invalid("What the site asks for cannot be kept"))
    }

    fn forget_old_asked(&mut self, site: LinkSite, now: UnixMillis) -> Result<()> {
        let sql = "DELETE FROM main.link_commands WHERE site = ?1 AND status IN ('success', 'error', 'canceled')
            AND (updated_at < ?2 OR number <= (SELECT number FROM main.link_commands
                WHERE site = ?1 AND status IN ('success', 'error', 'canceled') ORDER BY number DESC LIMIT 1 OFFSET ?3))";
        let values = params![word(&site), now.plus_seconds(-DAYS * 24 * 3600).0, KEPT];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        Ok(())
    }

    /// Takes it a step on. `false` if it has ended already, or is not there any more.
    pub(crate) fn step_asked(
        &mut self,
        number: i64,
        status: LinkStatus,
        error: Option<&str>,
        now: UnixMillis,
    ) -> Result<bool> {
        let sql = "UPDATE main.link_commands SET status = ?2, error = ?3, updated_at = ?4
            WHERE number = ?1 AND status IN ('pending', 'processing') AND status <> ?2";
        let values = params![number, status.as_str(), error, now.0];
        let changed = self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        if changed > 0 {
            self.publish(Event::LinkChanged);
        }
        Ok(changed > 0)
    }

    /// Which download it is.
    pub(crate) fn set_asked_download(&mut self, number: i64, download: DownloadId) -> Result<()> {
        let sql = "UPDATE main.link_commands SET download = ?2 WHERE number = ?1";
        self.connection.execute(sql, params![number, download.0]).explain()?;
        self.publish(Event::LinkChanged);
        Ok(())
    }

    /// What a person is asked about.
    pub(crate) fn set_asked_shown(&mut self, number: i64, shown: &Shown) -> Result<()> {
        let sql = "UPDATE main.link_commands SET title = ?2, copies = ?3, bytes = ?4 WHERE number = ?1";
        let values = params![number, shown.title, shown.copies, shown.bytes.cast_signed()];
        self.connection.execute(sql, values).explain()?;
        self.publish(Event::LinkChanged);
        Ok(())
    }

    /// What a person said to it.
    pub(crate) fn set_asked_word(&mut self, number: i64, said: LinkWord) -> Result<()> {
        let sql = "UPDATE main.link_commands SET word = ?2 WHERE number = ?1";
        self.connection.execute(sql, params![number, word(&said)]).explain()?;
        self.publish(Event::LinkChanged);
        Ok(())
    }

    /// The site was told that it stands so.
    pub(crate) fn set_asked_told(&mut self, number: i64, status: LinkStatus) -> Result<()> {
        let sql = "UPDATE main.link_commands SET told = ?2 WHERE number = ?1";
        self.connection
            .prepare_cached(sql)
            .and_then(|mut sql| sql.execute(params![number, status.as_str()]))
            .explain()?;
        Ok(())
    }

    /// What has ended is shown to the site no more.
    pub(crate) fn hide_asked(&mut self, site: LinkSite) -> Result<()> {
        let sql = "UPDATE main.link_commands SET hidden = 1
            WHERE site = ?1 AND status IN ('success', 'error', 'canceled')";
        self.connection.execute(sql, [word(&site)]).explain()?;
        Ok(())
    }
}
