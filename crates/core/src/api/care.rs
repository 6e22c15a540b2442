//! What wants looking after: the lists, asking for newer versions, and throwing away what is on a list.

use serde::{Deserialize, Serialize};

use super::Empty;
use super::files::{MOST_IDS, act, blocking, usual_folder};
use crate::app::App;
use crate::care::{self, CareList, CarePage, CareSummary, Finding, Misplaced, Sweep};
use crate::error::{Code, Error, Result};
use crate::files::{self, Activity};
use crate::store::{FileRow, RootRow};
use crate::units::{FileId, OrphanId};

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct CareRequest {
    /// Which list.
    pub list: CareList,
    /// How many to skip.
    #[serde(default)]
    pub offset: u32,
    /// How many to return, at most 500; 0 means 100.
    #[serde(default)]
    pub limit: u32,
}

/// Copies to throw away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct CopiesTrash {
    /// For each content the copy that stays, and those that go.
    pub groups: Vec<CopiesGroup>,
}

/// Copies of one content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct CopiesGroup {
    /// The one that stays.
    pub keep: FileId,
    /// Those that go.
    pub trash: Vec<FileId>,
}

/// Files without their model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct OrphanIds {
    /// Which.
    pub ids: Vec<OrphanId>,
}

pub(super) async fn show(app: &App, _: Empty) -> Result<CareSummary> {
    app.store().read(care::summary).await
}

pub(super) async fn list(app: &App, request: CareRequest) -> Result<CarePage> {
    let page = app.store().read(move |tx| care::page(tx, request.list, request.offset, request.limit)).await?;
    if request.list != CareList::Misplaced {
        return Ok(page);
    }
    let (store, mut page) = (app.store().clone(), page);
    blocking(move || {
        let roots = store.read_blocking(|tx| tx.roots())?;
        for finding in &mut page.findings {
            let Finding::Misplaced(misplaced) = finding else { continue };
            let id = misplaced.item.id;
            if let Some(row) = store.read_blocking(|tx| tx.file_row(id))? {
                say_where_to(misplaced, &row, &roots);
            }
        }
        Ok(page)
    })
    .await
}

/// Where a move would put the file, or why it cannot: the very plan of the move, which is not carried out.
fn say_where_to(misplaced: &mut Misplaced, row: &FileRow, roots: &[RootRow]) {
    let Some(root) = roots.iter().find(|root| root.id == row.root) else { return };
    let one = std::slice::from_ref(row);
    match files::moves(one, |model| usual_folder(root, model, Some(&misplaced.item))) {
        Ok(plan) => misplaced.to = plan.first_target(),
        Err(problem) => misplaced.problem = Some(problem),
    }
}

pub(super) async fn check_updates(app: &App, _: Empty) -> Result<CareSummary> {
    if !app.store().read(|tx| tx.settings()).await?.look_up {
        return Err(Error::invalid("Asking Civitai is switched off").hint("Switch on look-up in the settings"));
    }
    let turn = app.care_turn().await;
    let catalog = app.catalog();
    tokio::select! {
        () = app.stopped().cancelled() => return Err(Error::new(Code::Cancelled, "Stopped before all was asked")),
        checked = care::check_updates(app.store(), &*catalog) => checked?,
    }
    drop(turn);
    show(app, Empty {}).await
}

pub(super) async fn trash_copies(app: &App, request: CopiesTrash) -> Result<Activity> {
    let named: usize = request.groups.iter().map(|group| group.trash.len().saturating_add(1)).sum();
    if request.groups.is_empty() || named > MOST_IDS {
        return Err(Error::invalid(format!("2 to {MOST_IDS} files can be named at once")));
    }
    let store = app.store().clone();
    let groups: Vec<Sweep> =
        request.groups.into_iter().map(|group| Sweep { keep: group.keep, trash: group.trash }).collect();
    act(app, move || care::trash_copies(&store, &groups)).await
}

pub(super) async fn trash_orphans(app: &App, request: OrphanIds) -> Result<Activity> {
    let mut ids = request.ids;
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(Error::invalid(format!("1 to {MOST_IDS} files can be named at once")));
    }
    let store = app.store().clone();
    act(app, move || care::trash_orphans(&store, &ids)).await
}
