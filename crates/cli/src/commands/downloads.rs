//! `modeldock downloads`: the queue, and what can be done to it.

use std::collections::HashMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use modeldock_core::download::{Download, DownloadState, PauseReason};
use modeldock_core::units::DownloadId;
use modeldock_core::{App, Error, Result};
use serde_json::json;

use crate::args::Downloads;
use crate::context::{Context, call};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

/// How often progress is drawn.
const DRAW_EVERY: Duration = Duration::from_millis(200);

pub(crate) async fn run(context: &Context, command: Downloads) -> Result<Exit> {
    let app = match command {
        Downloads::Run => context.open_asking().await?,
        _ => context.open()?,
    };
    let (name, ids) = match command {
        Downloads::List => return list(context, &all(&app).await?),
        Downloads::Run => {
            let waiting = |download: &Download| !is_over(&download.state);
            let ids: Vec<DownloadId> = all(&app).await?.iter().filter(|one| waiting(one)).map(|one| one.id).collect();
            if ids.is_empty() {
                output::note("Nothing waits to be downloaded");
                return Ok(Exit::Done);
            }
            return follow(context, &app, ids).await;
        }
        Downloads::Pause { ids } => {
            ("downloads_pause", or_all(&app, ids, |state| !is_over(state) && !is_held(state)).await?)
        }
        Downloads::Resume { ids } => {
            ("downloads_resume", or_all(&app, ids, |state| matches!(state, DownloadState::Paused { .. })).await?)
        }
        Downloads::Cancel { ids } => ("downloads_cancel", ids),
        Downloads::Retry { ids } => {
            ("downloads_retry", or_all(&app, ids, |state| matches!(state, DownloadState::Failed { .. })).await?)
        }
        Downloads::Clear { ids } => ("downloads_clear", ids),
    };
    let changed: Vec<Download> = call(&app, name, json!({ "ids": ids })).await?;
    list(context, &changed)
}

async fn all(app: &App) -> Result<Vec<Download>> {
    call(app, "downloads_list", json!({})).await
}

/// The numbers that were named, or those of every download in such a state.
async fn or_all(app: &App, ids: Vec<i64>, fits: impl Fn(&DownloadState) -> bool) -> Result<Vec<i64>> {
    if !ids.is_empty() {
        return Ok(ids);
    }
    Ok(all(app).await?.iter().filter(|download| fits(&download.state)).map(|download| download.id.0).collect())
}

fn is_over(state: &DownloadState) -> bool {
    matches!(state, DownloadState::Done { .. } | DownloadState::Failed { .. } | DownloadState::Cancelled)
}

fn is_held(state: &DownloadState) -> bool {
    matches!(state, DownloadState::Paused { why: PauseReason::User })
}

fn list(context: &Context, downloads: &[Download]) -> Result<Exit> {
    let mut results = Results::new();
    for download in downloads {
        if context.json() {
            results.json(download)?;
            continue;
        }
        let size = download.total.map_or_else(String::new, |total| output::bytes(total.0));
        let (title, path) = (printable(&download.title), printable(&download.path));
        results.line(format!("{:>4}  {:<10} {size:>11}  {title}  {path}", download.id.0, word(&download.state)))?;
        if let Some(problem) = problem_of(&download.state) {
            results.line(format!("      {}", printable(&problem.message)))?;
        }
    }
    if downloads.is_empty() && !context.json() {
        output::note("There are no downloads; `modeldock download` makes one");
    }
    results.flush()?;
    Ok(Exit::Done)
}

/// One word for where a download stands.
fn word(state: &DownloadState) -> &'static str {
    match state {
        DownloadState::Queued { problem: Some(_), .. } => "retrying",
        DownloadState::Queued { .. } => "queued",
        DownloadState::Resolving => "asking",
        DownloadState::Running => "running",
        DownloadState::Paused { why: PauseReason::User } => "paused",
        DownloadState::Paused { why: PauseReason::DiskFull { .. } } => "disk full",
        DownloadState::Paused { why: PauseReason::Hours } => "waiting",
        DownloadState::Verifying => "verifying",
        DownloadState::Placing => "placing",
        DownloadState::Done { was_there: true, .. } => "was there",
        DownloadState::Done { verified: false, .. } => "unverified",
        DownloadState::Done { .. } => "done",
        DownloadState::Failed { .. } => "failed",
        DownloadState::Cancelled => "cancelled",
    }
}

fn problem_of(state: &DownloadState) -> Option<&Error> {
    match state {
        DownloadState::Queued { problem, .. } => problem.as_ref(),
        DownloadState::Paused { why: PauseReason::DiskFull { problem, .. } } | DownloadState::Failed { problem } => {
            Some(problem)
        }
        _ => None,
    }
}

/// Shows downloads until each has come to rest, running them where nobody else does.
pub(super) async fn follow(context: &Context, app: &App, ids: Vec<DownloadId>) -> Result<Exit> {
    let mut running = tokio::spawn({
        let (app, ids) = (app.clone(), ids.clone());
        async move { app.download_until_done(ids).await }
    });
    let mut view = View::new(context.json());
    let mut ticks = tokio::time::interval(DRAW_EVERY);
    let mut interrupt = std::pin::pin!(super::scan::interrupted());
    loop {
        tokio::select! {
            ended = &mut running => {
                ended.map_err(|source| {
                    Error::new(modeldock_core::Code::Internal, format!("The downloads ended early: {source}"))
                })??;
                break;
            }
            _ = ticks.tick() => view.draw(&of(app, &ids).await?)?,
            signal = &mut interrupt => {
                signal?;
                app.shutdown().await;
                // It writes down how far it is.
                let _ = running.await;
                view.clear();
                output::note("Stopped; `modeldock downloads run` goes on where it was");
                return Ok(Exit::Interrupted);
            }
        }
    }
    let downloads = of(app, &ids).await?;
    view.draw(&downloads)?;
    view.clear();
    finish(context, &downloads)
}

async fn of(app: &App, ids: &[DownloadId]) -> Result<Vec<Download>> {
    Ok(all(app).await?.into_iter().filter(|download| ids.contains(&download.id)).collect())
}

/// What came of them.
fn finish(context: &Context, downloads: &[Download]) -> Result<Exit> {
    let mut results = Results::new();
    let mut failed = 0;
    for download in downloads {
        match &download.state {
            DownloadState::Done { verified, was_there, .. } if !context.json() => {
                let path = printable(&download.path);
                let text = match (was_there, verified) {
                    (true, _) => format!("{} is there already: {path}", printable(&download.title)),
                    (false, true) => format!("{path}  verified"),
                    (false, false) => format!("{path}  not verified: Civitai has no hash of it"),
                };
                results.line(text)?;
            }
            DownloadState::Done { .. } => {}
            DownloadState::Failed { problem } => {
                failed += 1;
                let message = format!("{}: {}", download.title, problem.message);
                output::error(&Error { message, ..problem.clone() });
            }
            _ => failed += 1,
        }
    }
    results.flush()?;
    Ok(match failed {
        0 => Exit::Done,
        all if all == downloads.len() => Exit::Failed,
        _ => Exit::InPart,
    })
}

/// Bars on a terminal; with `--json`, a line for every step.
struct View {
    bars: Option<MultiProgress>,
    by_id: HashMap<DownloadId, ProgressBar>,
    told: HashMap<DownloadId, DownloadState>,
}

impl View {
    fn new(json: bool) -> Self {
        Self { bars: (!json).then(MultiProgress::new), by_id: HashMap::new(), told: HashMap::new() }
    }

    fn draw(&mut self, downloads: &[Download]) -> Result<()> {
        let Some(bars) = &self.bars else { return self.tell(downloads) };
        for download in downloads {
            let bar = self.by_id.entry(download.id).or_insert_with(|| {
                let style = ProgressStyle::with_template("{prefix:.bold} [{bar:24}] {bytes} of {total_bytes}  {msg}")
                    .expect("the template is valid")
                    .progress_chars("=> ");
                let bar = bars.add(ProgressBar::new(0).with_style(style));
                bar.set_prefix(printable(&download.title));
                bar
            });
            bar.set_length(download.total.map_or(0, |total| total.0));
            bar.set_position(download.received.0);
            let speed = download.speed.filter(|speed| speed.0 > 0);
            let rest = download.seconds_left.map(|seconds| format!(", {seconds} s left")).unwrap_or_default();
            bar.set_message(match speed {
                Some(speed) => format!("{}/s{rest}", output::bytes(speed.0)),
                None => word(&download.state).to_owned(),
            });
        }
        Ok(())
    }

    /// One object for every download that took a step.
    fn tell(&mut self, downloads: &[Download]) -> Result<()> {
        let mut results = Results::new();
        for download in downloads {
            if self.told.get(&download.id) != Some(&download.state) {
                self.told.insert(download.id, download.state.clone());
                results.json(download)?;
            }
        }
        results.flush()
    }

    fn clear(&self) {
        if let Some(bars) = &self.bars {
            // A terminal that is gone has nothing left to clear.
            let _ = bars.clear();
        }
    }
}
