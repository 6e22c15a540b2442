//! The queue of downloads, and what can be done to it.
//!
//! Every command writes into the rows and returns; the process that runs the queue acts on them, whichever that is.

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::app::App;
use crate::download::{AskedBy, Download, DownloadPlan, DownloadRequest, DownloadState, PauseReason, Planner, Stage};
use crate::error::{Error, Result};
use crate::paths::display;
use crate::store::{Added, DownloadRow, WriteTx};
use crate::units::{ByteCount, DownloadId, UnixMillis};

/// Most downloads one command names.
const MOST_IDS: usize = 10_000;

/// Some downloads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DownloadIds {
    /// Their rows.
    pub ids: Vec<DownloadId>,
}

/// What came of asking for a download.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DownloadAdded {
    /// The download.
    pub download: Download,
    /// The same one was on its way already.
    pub was_there: bool,
}

/// Where in the queue a download goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DownloadOrder {
    /// Which.
    pub id: DownloadId,
    /// Before this one; at the end if none is named.
    pub before: Option<DownloadId>,
}

/// How fast a download may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DownloadLimit {
    /// Which.
    pub id: DownloadId,
    /// Bytes a second; as the settings say if there is none.
    pub limit: Option<ByteCount>,
}

pub(super) async fn plan(app: &App, request: DownloadRequest) -> Result<DownloadPlan> {
    let version = super::link::find_version(app, &request.what).await?;
    Ok(planner(app).plan(&version, request.file, request.root, AskedBy::User).await?.plan)
}

pub(super) async fn add(app: &App, request: DownloadRequest) -> Result<DownloadAdded> {
    let version = super::link::find_version(app, &request.what).await?;
    let draft = planner(app).plan(&version, request.file, request.root, AskedBy::User).await?;
    let added = app.store().write(move |tx| {
        let now = UnixMillis::now();
        // What Civitai says now is what the file will be known by.
        tx.put_version(&version, now)?;
        tx.add_download(&draft.new, now)
    });
    let (id, was_there) = match added.await? {
        Added::New(id) => (id, false),
        Added::There(id) => (id, true),
    };
    Ok(DownloadAdded { download: one(app, id).await?, was_there })
}

pub(super) async fn list(app: &App, _: Empty) -> Result<Vec<Download>> {
    let rows = app.store().read(|tx| tx.downloads()).await?;
    Ok(rows.into_iter().map(|row| view(app, row)).collect())
}

pub(super) async fn pause(app: &App, request: DownloadIds) -> Result<Vec<Download>> {
    step_each(app, request, |_, _| Ok(Some(DownloadState::Paused { why: PauseReason::User }))).await
}

pub(super) async fn resume(app: &App, request: DownloadIds) -> Result<Vec<Download>> {
    step_each(app, request, |_, row| Ok((row.state.stage() == Stage::Paused).then(DownloadState::queued))).await
}

pub(super) async fn cancel(app: &App, request: DownloadIds) -> Result<Vec<Download>> {
    let downloads = step_each(app, request, |_, _| Ok(Some(DownloadState::Cancelled))).await?;
    app.tidy_cancelled().await?;
    Ok(downloads)
}

pub(super) async fn retry(app: &App, request: DownloadIds) -> Result<Vec<Download>> {
    step_each(app, request, |tx, row| {
        let waits = matches!(row.state, DownloadState::Queued { .. });
        let ended = matches!(row.state.stage(), Stage::Failed | Stage::Cancelled);
        if waits || ended {
            tx.reset_download_counts(row.id)?;
        }
        Ok((waits || ended).then(DownloadState::queued))
    })
    .await
}

pub(super) async fn clear(app: &App, request: DownloadIds) -> Result<Vec<Download>> {
    check(&request)?;
    let cleared = app.store().write(move |tx| tx.clear_downloads(&request.ids)).await?;
    app.tidy_downloads(cleared).await;
    list(app, Empty {}).await
}

pub(super) async fn order(app: &App, request: DownloadOrder) -> Result<Vec<Download>> {
    one(app, request.id).await?;
    app.store().write(move |tx| tx.reorder_download(request.id, request.before)).await?;
    list(app, Empty {}).await
}

pub(super) async fn limit(app: &App, request: DownloadLimit) -> Result<Download> {
    one(app, request.id).await?;
    let limit = request.limit.map(|limit| limit.0).filter(|limit| *limit > 0);
    app.store().write(move |tx| tx.limit_download(request.id, limit)).await?;
    one(app, request.id).await
}

fn planner(app: &App) -> Planner {
    Planner::new(app.store().clone(), app.catalog())
}

/// Takes each of them a step on, where that is one from where it is; says how all of them stand afterwards.
async fn step_each(
    app: &App,
    request: DownloadIds,
    next: impl Fn(&mut WriteTx<'_>, &DownloadRow) -> Result<Option<DownloadState>> + Send + 'static,
) -> Result<Vec<Download>> {
    check(&request)?;
    let rows = app.store().write(move |tx| {
        let now = UnixMillis::now();
        let mut rows = Vec::new();
        for id in request.ids {
            let row = tx.download(id)?.ok_or_else(|| gone(id))?;
            if let Some(next) = next(tx, &row)? {
                tx.step_download(id, &next, now)?;
            }
            rows.extend(tx.download(id)?);
        }
        Ok(rows)
    });
    Ok(rows.await?.into_iter().map(|row| view(app, row)).collect())
}

fn check(request: &DownloadIds) -> Result<()> {
    if request.ids.len() > MOST_IDS {
        return Err(Error::invalid(format!("At most {MOST_IDS} downloads can be named at once")));
    }
    Ok(())
}

pub(crate) async fn one(app: &App, id: DownloadId) -> Result<Download> {
    let row = app.store().read(move |tx| tx.download(id)).await?;
    row.map(|row| view(app, row)).ok_or_else(|| gone(id))
}

fn gone(id: DownloadId) -> Error {
    Error::not_found(format!("There is no download number {}", id.0)).hint("`downloads list` shows the ones there are")
}

/// A row for people, with what only the running process knows.
fn view(app: &App, row: DownloadRow) -> Download {
    let sample = app.download_sample(row.id).filter(|_| row.state.stage().is_active());
    let path = display(&row.path()).0;
    Download {
        id: row.id,
        wanted: row.new.wanted,
        title: row.new.title,
        model_id: row.new.model,
        version_id: row.new.version,
        kind: row.new.kind,
        base_model: row.new.base_model,
        root: row.new.root,
        path,
        asked_by: row.new.asked_by,
        received: match (&row.state, row.total) {
            (DownloadState::Done { .. }, Some(total)) => ByteCount(total),
            _ => sample.map_or(ByteCount(row.received), |sample| sample.received),
        },
        state: row.state,
        total: row.total.map(ByteCount).or(sample.and_then(|sample| sample.total)),
        speed: sample.map(|sample| sample.speed),
        seconds_left: sample.and_then(|sample| sample.seconds_left),
        limit: row.limit.map(ByteCount),
        added_at: row.added_at,
        finished_at: row.finished_at,
    }
}
