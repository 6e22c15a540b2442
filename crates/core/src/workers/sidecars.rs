//! Writes beside models what their UIs read there.
//!
//! Only beside files that were read in full: what is merely believed of a file must not end up in another program. Each
//! model is looked after once for every new thing Civitai says; a user who deletes what was written has said no to it.

use crate::api::SidecarReport;
use crate::app::App;
use crate::error::Result;
use crate::event::Event;
use crate::paths::display;
use crate::roots::{Layout, ModelKind};
use crate::sidecar::{ModelFacts, PreviewWanted, SidecarAction, SidecarChoice, SidecarStep, carry_out, look, plan};
use crate::store::SidecarTask;
use crate::units::{RootId, UnixMillis};

impl App {
    /// Writes what is chosen for each root, or says what would be written.
    pub(crate) async fn write_sidecars(&self, roots: Vec<RootId>, dry_run: bool) -> Result<Vec<SidecarReport>> {
        let due_only = !dry_run;
        let tasks = self.store().read(move |tx| tx.sidecar_tasks(&roots, due_only)).await?;
        let mut reports = Vec::new();
        for task in tasks {
            if self.stopped().is_cancelled() {
                break;
            }
            let (reported, done) = self.write_beside(task, dry_run).await?;
            reports.extend(reported);
            if let Some(file) = done.filter(|_| !dry_run) {
                self.store().write(move |tx| tx.set_sidecars_done(file, UnixMillis::now())).await?;
            }
        }
        if reports.iter().any(|report| matches!(report.outcome, Some(crate::sidecar::Outcome::Written { .. }))) {
            self.events().publish(Event::LibraryChanged);
        }
        Ok(reports)
    }

    /// One model. Returns its number if there is nothing left to do.
    async fn write_beside(
        &self,
        task: SidecarTask,
        dry_run: bool,
    ) -> Result<(Vec<SidecarReport>, Option<crate::units::FileId>)> {
        let SidecarTask { file, path, kind, layout, choice, version, model_description } = task;
        let (planned_path, shown) = (path.clone(), display(&path).0);
        let actions = tokio::task::spawn_blocking({
            let version = version.clone();
            move || decide(&planned_path, &kind, layout, choice, &version, model_description.as_deref())
        })
        .await
        .unwrap_or_default();
        let settings = self.store().read(|tx| tx.settings()).await?;
        let mut reports = Vec::new();
        let mut is_done = true;
        for action in actions {
            let step = action.step();
            if let SidecarStep::LeaveAlone { .. } = step
                && !dry_run
            {
                continue;
            }
            let mut report = SidecarReport { file, path: shown.clone(), step, outcome: None, problem: None };
            if !dry_run {
                let action = match action {
                    SidecarAction::PreviewWanted(wanted) if settings.remote_previews => {
                        let level =
                            |at: &usize| version.previews.get(*at).map_or(u32::MAX, |preview| preview.nsfw_level);
                        // A picture in a folder is seen by whoever looks there.
                        let fitting: Vec<usize> =
                            wanted.candidates.iter().copied().filter(|at| level(at) <= settings.blur_above).collect();
                        match self.fetch_preview(file, wanted, fitting).await {
                            Some(Ok(action)) => Some(action),
                            Some(Err(problem)) => {
                                is_done = false;
                                report.problem = Some(problem);
                                None
                            }
                            None => continue,
                        }
                    }
                    SidecarAction::PreviewWanted(_) => continue,
                    other => Some(other),
                };
                if let Some(action) = action {
                    let carried = tokio::task::spawn_blocking(move || carry_out(action)).await;
                    match carried {
                        Ok(Ok(outcome)) => report.outcome = Some(outcome),
                        Ok(Err(problem)) => {
                            is_done = false;
                            report.problem = Some(problem);
                        }
                        // The program ends; what was not written is written the next time.
                        Err(source) if source.is_cancelled() => is_done = false,
                        Err(source) => tracing::error!(%source, "writing beside a model ended early"),
                    }
                }
            }
            reports.push(report);
        }
        Ok((reports, is_done.then_some(file)))
    }

    /// The first picture that can be had. `None` if there is none to be had at all.
    async fn fetch_preview(
        &self,
        file: crate::units::FileId,
        wanted: PreviewWanted,
        fitting: Vec<usize>,
    ) -> Option<Result<SidecarAction>> {
        let mut problem = None;
        for at in fitting {
            match self.preview(file, &at.to_string()).await {
                Ok(preview) => return Some(Ok(wanted.with(preview.bytes))),
                Err(error) => {
                    problem.get_or_insert(error);
                }
            }
        }
        problem.map(Err)
    }
}

fn decide(
    path: &std::path::Path,
    kind: &ModelKind,
    layout: Layout,
    choice: SidecarChoice,
    version: &crate::catalog::ModelVersion,
    model_description: Option<&str>,
) -> Vec<SidecarAction> {
    let facts = ModelFacts { path, kind, layout, version, model_description };
    plan(&facts, choice, &look(path))
}
