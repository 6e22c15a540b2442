//! Scans, and asking Civitai again.

use serde::{Deserialize, Serialize};

use crate::scan::ScanDepth;
use crate::units::{FileId, JobId, RootId};

/// What to look through.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct ScanRequest {
    /// Only these roots; empty means all.
    pub roots: Vec<RootId>,
    /// How much is read.
    pub depth: ScanDepth,
}

/// A scan is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ScanStarted {
    /// The job that does it; an already running one if there was one.
    pub job: JobId,
}

/// Which files to ask about.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct IdentifyRequest {
    /// These; empty means every file that is not matched.
    pub files: Vec<FileId>,
}

/// What Civitai said.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct IdentifyResponse {
    /// Contents asked about.
    pub asked: u32,
    /// Known to Civitai.
    pub matched: u32,
    /// Not known to Civitai.
    pub not_found: u32,
    /// No answer; asked again later.
    pub pending: u32,
}

/// One job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct JobRequest {
    /// Which.
    pub id: JobId,
}

use std::sync::Arc;

use super::Empty;
use crate::app::App;
use crate::error::{Error, Result};
use crate::jobs::JobSnapshot;
use crate::scan::ScanEvent;
use crate::store::Which;

/// Most files one request may name.
const MAX_FILES: usize = 10_000;

pub(super) async fn scan(app: &App, request: ScanRequest) -> Result<ScanStarted> {
    let app = app.clone();
    let started =
        tokio::task::spawn_blocking(move || app.scan_at(request.depth, request.roots, Arc::new(|_: ScanEvent| ())))
            .await;
    let running = started
        .map_err(|source| Error::new(crate::error::Code::Internal, format!("The scan did not start: {source}")))?;
    Ok(ScanStarted { job: running?.id() })
}

pub(super) async fn identify(app: &App, request: IdentifyRequest) -> Result<IdentifyResponse> {
    if request.files.len() > MAX_FILES {
        return Err(Error::invalid(format!("At most {MAX_FILES} files can be named at once")));
    }
    let settings = app.store().read(|tx| tx.settings()).await?;
    if !settings.look_up {
        return Err(Error::invalid("Asking Civitai is switched off").hint("Switch on look-up in the settings"));
    }
    let summary = app.resolve(Which::Files(request.files)).await?;
    if let (Some(problem), 0, 0) = (summary.problem, summary.matched, summary.not_found) {
        return Err(problem);
    }
    Ok(IdentifyResponse {
        asked: summary.asked,
        matched: summary.matched,
        not_found: summary.not_found,
        pending: summary.pending,
    })
}

#[expect(clippy::unused_async, reason = "every command has the same shape")]
pub(super) async fn list(app: &App, _: Empty) -> Result<Vec<JobSnapshot>> {
    Ok(app.jobs())
}

#[expect(clippy::unused_async, reason = "every command has the same shape")]
pub(super) async fn pause(app: &App, request: JobRequest) -> Result<JobSnapshot> {
    app.with_job(request.id, crate::jobs::JobControl::pause)
}

#[expect(clippy::unused_async, reason = "every command has the same shape")]
pub(super) async fn resume(app: &App, request: JobRequest) -> Result<JobSnapshot> {
    app.with_job(request.id, crate::jobs::JobControl::resume)
}

#[expect(clippy::unused_async, reason = "every command has the same shape")]
pub(super) async fn cancel(app: &App, request: JobRequest) -> Result<JobSnapshot> {
    app.with_job(request.id, crate::jobs::JobControl::cancel)
}
