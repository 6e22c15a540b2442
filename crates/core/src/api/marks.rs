//! What the user notes of models, and searches worth keeping.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::app::App;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::library::{MarksChange, View};
use crate::units::{FileId, UnixMillis};

/// Most files one command names.
const MOST_IDS: usize = 50_000;

/// Most searches that are kept.
const MOST_VIEWS: usize = 200;

/// What to note of which files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct MarkRequest {
    /// Which files. What is noted belongs to their contents: copies share it.
    pub ids: Vec<FileId>,
    /// What is to change.
    pub change: MarksChange,
}

/// What was noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct MarkReport {
    /// How many of the files it was noted of.
    pub marked: u32,
    /// Files whose content is not known yet, so that nothing can be noted of it.
    pub unread: Vec<FileId>,
}

/// The name of a search that was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ViewName {
    /// As it was given.
    pub name: String,
}

pub(super) async fn mark(app: &App, request: MarkRequest) -> Result<MarkReport> {
    if request.ids.len() > MOST_IDS {
        return Err(Error::invalid(format!("At most {MOST_IDS} files can be named at once")));
    }
    let (ids, change) = (request.ids, request.change.checked()?);
    app.store()
        .write(move |tx| {
            let now = UnixMillis::now();
            let in_use = tx.tags_in_use()?;
            let (mut marked, mut unread) = (0, Vec::new());
            // Copies share what is noted of them: what is added to a note is added once.
            let mut noted = HashSet::new();
            for id in ids {
                let row = tx
                    .file_row(id)?
                    .ok_or_else(|| Error::not_found(format!("There is no file number {} in the library", id.0)))?;
                let Some(known) = row.known else {
                    unread.push(id);
                    continue;
                };
                marked += 1;
                if !noted.insert(known.sha256) {
                    continue;
                }
                let before = tx.marks(known.sha256)?;
                let after = change.applied_to(before.clone(), |key| in_use.get(key).cloned())?;
                if after != before {
                    tx.put_marks(known.sha256, &after, now)?;
                }
            }
            tx.publish(Event::LibraryChanged);
            Ok(MarkReport { marked, unread })
        })
        .await
}

pub(super) async fn views(app: &App, _: Empty) -> Result<Vec<View>> {
    app.store().read(|tx| tx.views()).await
}

pub(super) async fn put_view(app: &App, view: View) -> Result<Vec<View>> {
    super::library::check(&view.query)?;
    let view = view.checked()?;
    app.store()
        .write(move |tx| {
            tx.put_view(&view, UnixMillis::now())?;
            let views = tx.views()?;
            if views.len() > MOST_VIEWS {
                return Err(Error::invalid(format!("At most {MOST_VIEWS} searches can be kept")));
            }
            Ok(views)
        })
        .await
}

pub(super) async fn remove_view(app: &App, request: ViewName) -> Result<Vec<View>> {
    app.store()
        .write(move |tx| {
            if !tx.remove_view(&request.name)? {
                return Err(Error::not_found("There is no search of this name"));
            }
            tx.views()
        })
        .await
}
