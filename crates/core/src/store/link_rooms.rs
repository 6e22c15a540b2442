//! The `link_rooms` table: which sites this computer is paired with, and how each link stands.

use rusqlite::{OptionalExtension as _, Row, params};

use super::actions::{json, word};
use super::{Explain, ReadTx, WriteTx};
use crate::account::KeptIn;
use crate::error::Result;
use crate::event::Event;
use crate::link::{LinkSite, LinkState, Room, Standing};
use crate::units::UnixMillis;

const COLUMNS: &str = "url, kept_in, paired_at, state, since, problem, next_try";

impl ReadTx<'_> {
    /// The pairing with a site.
    pub(crate) fn link_room(&self, site: LinkSite) -> Result<Option<Room>> {
        let sql = format!("SELECT {COLUMNS} FROM main.link_rooms WHERE site = ?1");
        let mut statement = self.connection.prepare_cached(&sql).explain()?;
        statement.query_row([word(&site)], |row| room(site, row)).optional().explain()
    }
}

impl WriteTx<'_> {
    /// Keeps a pairing in the place of an earlier one. What the site asked for over that one is nobody's business any more.
    pub(crate) fn put_link_room(&mut self, room: &Room) -> Result<()> {
        self.remove_link_room(room.site)?;
        let sql = "INSERT INTO main.link_rooms (site, url, kept_in, paired_at, state, since, problem, next_try)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = params![
            word(&room.site),
            room.url,
            room.kept_in.as_ref().map(word),
            room.paired_at.0,
            word(&room.standing.state),
            room.standing.since.0,
            room.standing.problem.as_ref().map(json),
            room.standing.next_try.map(|at| at.0),
        ];
        self.connection.execute(sql, values).explain()?;
        Ok(())
    }

    /// The key of a pairing is kept there from now on.
    pub(crate) fn set_link_key_place(&mut self, site: LinkSite, kept_in: KeptIn) -> Result<()> {
        let sql = "UPDATE main.link_rooms SET kept_in = ?2 WHERE site = ?1";
        self.connection.execute(sql, params![word(&site), word(&kept_in)]).explain()?;
        self.touch_state();
        Ok(())
    }

    /// How the link stands, for other processes.
    pub(crate) fn set_link_standing(&mut self, site: LinkSite, standing: &Standing) -> Result<()> {
        let sql = "UPDATE main.link_rooms SET state = ?2, since = ?3, problem = ?4, next_try = ?5 WHERE site = ?1";
        let values = params![
            word(&site),
            word(&standing.state),
            standing.since.0,
            standing.problem.as_ref().map(json),
            standing.next_try.map(|at| at.0),
        ];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        self.publish(Event::LinkChanged);
        Ok(())
    }

    /// Forgets a pairing and all that was asked for over it. Downloads that were begun go on: they are the user's.
    pub(crate) fn remove_link_room(&mut self, site: LinkSite) -> Result<()> {
        let site = word(&site);
        self.connection.execute("DELETE FROM main.link_rooms WHERE site = ?1", [&site]).explain()?;
        self.connection.execute("DELETE FROM main.link_commands WHERE site = ?1", [&site]).explain()?;
        self.touch_state();
        self.publish(Event::LinkChanged);
        Ok(())
    }
}

fn room(site: LinkSite, row: &Row<'_>) -> rusqlite::Result<Room> {
    let parse = |text: &str| serde_json::Value::from(text);
    let kept_in = row.get_ref(1)?.as_str_or_null()?.and_then(|text| serde_json::from_value(parse(text)).ok());
    let problem = row.get_ref(5)?.as_str_or_null()?.and_then(|text| serde_json::from_str(text).ok());
    Ok(Room {
        site,
        url: row.get(0)?,
        kept_in,
        paired_at: UnixMillis(row.get(2)?),
        standing: Standing {
            state: serde_json::from_value(parse(row.get_ref(3)?.as_str()?)).unwrap_or(LinkState::Offline),
            since: UnixMillis(row.get(4)?),
            problem,
            next_try: row.get::<_, Option<i64>>(6)?.map(UnixMillis),
        },
    })
}
