//! The database: the only place with SQL. One file per table, one writer, as many readers as ask.
//!
//! Writing goes through [`Store::write`], which commits and only then publishes the events collected on the way; a
//! rolled back change is never announced. The functions come in two shapes because scans run on plain threads
//! (`*_blocking`) and everything else on tokio, whose workers must not wait for a disk.

#![expect(clippy::disallowed_types, reason = "this is where SQL belongs")]

mod actions;
mod answers;
mod care;
mod contents;
mod damage;
mod downloads;
mod error;
mod files;
pub(crate) mod foreign;
mod index;
mod library;
mod link_commands;
mod link_rooms;
mod links;
mod marks;
mod migrate;
mod model_versions;
mod open;
mod orphans;
mod presence;
mod resolutions;
mod roots;
mod settings;
mod sidecars;
mod vault;
mod versions;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

pub(crate) use care::{CopyRow, DamagedRow, GoneRow, PickleRow, PlacedRow, SameRow};
pub(crate) use contents::NewContent;
pub(crate) use downloads::{Added, DownloadRow, NewDownload, Part, Progressed};
pub(crate) use files::{FileRow, Keep, Known, NewFile};
pub(crate) use library::{Group, StateCounts};
pub(crate) use orphans::Reach;
pub(crate) use resolutions::{Fit, Outcome, Unresolved, Which};
pub(crate) use roots::RootRow;
pub(crate) use sidecars::SidecarTask;
pub(crate) use vault::VaultRecord;
pub(crate) use versions::{Described, ModelPage, VersionPage};

use crate::error::{Code, Error, Result};
use crate::event::{Event, EventBus};
use crate::paths::Paths;
use crate::units::UnixMillis;

/// Idle read connections kept for the next reader.
const IDLE_READERS: usize = 4;

/// Both databases of one data folder.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    paths: Paths,
    events: EventBus,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// The library as it was last searched.
    index: index::KeptIndex,
}

/// A view of the database at one moment.
pub(crate) struct ReadTx<'a> {
    connection: &'a Connection,
    /// Where an index of this view may be kept. None within a change, which may never be committed.
    kept: Option<&'a index::KeptIndex>,
}

/// A change in the making.
pub(crate) struct WriteTx<'a> {
    read: ReadTx<'a>,
    events: Vec<Event>,
    state_changed: bool,
}

impl<'a> std::ops::Deref for WriteTx<'a> {
    type Target = ReadTx<'a>;

    fn deref(&self) -> &ReadTx<'a> {
        &self.read
    }
}

impl WriteTx<'_> {
    /// Tells the clients, once this has been committed. The same fact is told once.
    pub(crate) fn publish(&mut self, event: Event) {
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    /// Something of the user's changed: keep a fresh copy of it.
    fn touch_state(&mut self) {
        self.state_changed = true;
    }
}

impl Store {
    /// Opens the databases, healing them first if this process may. Returns what had to be done, for people.
    pub(crate) fn open(paths: &Paths, events: EventBus, may_heal: bool) -> Result<(Self, Vec<String>)> {
        let notices = open::prepare(paths, may_heal)?;
        let writer = noting_damage(paths, open::connect_both(paths, false).explain())?;
        let store = Self(Arc::new(Inner {
            paths: paths.clone(),
            events,
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            index: index::KeptIndex::default(),
        }));
        if may_heal {
            store.tidy()?;
        }
        Ok((store, notices))
    }

    /// Reads on a thread that may wait.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&ReadTx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.clone();
        joined(tokio::task::spawn_blocking(move || store.read_blocking(read)).await)
    }

    /// Changes something on a thread that may wait.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut WriteTx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let store = self.clone();
        joined(tokio::task::spawn_blocking(move || store.write_blocking(change)).await)
    }

    /// Reads on this thread.
    pub(crate) fn read_blocking<T>(&self, read: impl FnOnce(&ReadTx<'_>) -> Result<T>) -> Result<T> {
        let idle = self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.noting_damage(open::connect_both(&self.0.paths, true).explain())?,
        };
        let result = connection
            .transaction()
            .explain()
            .and_then(|transaction| read(&ReadTx { connection: &transaction, kept: Some(&self.0.index) }));
        let result = self.noting_damage(result);
        let mut readers = self.0.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        result
    }

    /// Changes something on this thread.
    pub(crate) fn write_blocking<T>(&self, change: impl FnOnce(&mut WriteTx<'_>) -> Result<T>) -> Result<T> {
        let mut connection = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, events, state_changed) = self.noting_damage(Self::commit(&mut connection, change))?;
        if state_changed && let Err(error) = open::back_up(&connection, &self.0.paths) {
            // The change itself is safe; only the copy is older than it should be.
            tracing::warn!(%error, "the backup of folders and settings could not be written");
        }
        drop(connection);
        for event in events {
            self.0.events.publish(event);
        }
        Ok(value)
    }

    fn commit<T>(
        connection: &mut Connection,
        change: impl FnOnce(&mut WriteTx<'_>) -> Result<T>,
    ) -> Result<(T, Vec<Event>, bool)> {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).explain()?;
        let read = ReadTx { connection: &transaction, kept: None };
        let mut tx = WriteTx { read, events: Vec::new(), state_changed: false };
        let value = change(&mut tx)?;
        let WriteTx { events, state_changed, .. } = tx;
        transaction.commit().explain()?;
        Ok((value, events, state_changed))
    }

    /// Gives back the index of the library where nobody has searched for a while.
    pub(crate) fn release_index(&self) {
        self.0.index.release();
    }

    /// Gives back what was kept for speed: a scan leaves five page caches full, and then nothing happens for an hour.
    pub(crate) fn release_memory(&self) {
        self.0.readers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let connection = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(source) = connection.execute_batch("PRAGMA shrink_memory") {
            tracing::debug!(%source, "the page cache was kept");
        }
    }

    /// A number that changes whenever another process commits.
    pub(crate) fn foreign_changes(&self) -> Result<i64> {
        let connection = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |schema: &str| connection.pragma_query_value(Some(schema), "data_version", |row| row.get::<_, i64>(0));
        let both = of("main").and_then(|main| of("cache").map(|cache| main.wrapping_mul(1 << 20).wrapping_add(cache)));
        both.explain()
    }

    /// Puts right what a crash may have left between the two databases.
    fn tidy(&self) -> Result<()> {
        if !self.0.paths.state_backup().exists() {
            let connection = self.0.writer.lock().unwrap_or_else(PoisonError::into_inner);
            open::back_up(&connection, &self.0.paths)?;
        }
        self.write_blocking(|tx| tx.set_orphans_gone(UnixMillis::now()))?;
        Ok(())
    }

    fn noting_damage<T>(&self, result: Result<T>) -> Result<T> {
        noting_damage(&self.0.paths, result)
    }

    /// Where it lies.
    pub fn data_dir(&self) -> &Path {
        self.0.paths.data_dir()
    }
}

/// Damage met while running makes the next start look closely, however large the file is.
fn noting_damage<T>(paths: &Paths, result: Result<T>) -> Result<T> {
    if result.as_ref().is_err_and(|error| error.code == Code::Database)
        && let Err(source) = std::fs::write(paths.check_marker(), b"")
    {
        tracing::warn!(%source, "the damage could not be noted");
    }
    result
}

fn joined<T>(result: std::result::Result<Result<T>, tokio::task::JoinError>) -> Result<T> {
    result.unwrap_or_else(|source| {
        Err(Error::new(Code::Internal, format!("A database task ended early: {source}"))
            .hint("This is a defect of Modeldock; please report it"))
    })
}

/// `SQLite` fails; the caller wants words.
trait Explain<T> {
    fn explain(self) -> Result<T>;
}

impl<T> Explain<T> for rusqlite::Result<T> {
    fn explain(self) -> Result<T> {
        self.map_err(|source| error::explain(&source))
    }
}
