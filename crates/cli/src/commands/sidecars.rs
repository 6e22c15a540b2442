//! `modeldock sidecars`: writes beside models what their UIs read there.

use modeldock_core::Result;
use modeldock_core::api::SidecarReport;
use modeldock_core::sidecar::{Outcome, SidecarStep};
use serde_json::json;

use crate::args;
use crate::context::{Context, call, find_roots};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

pub(crate) async fn run(context: &Context, options: args::Sidecars) -> Result<Exit> {
    let app = context.open()?;
    let roots = find_roots(&app, &options.roots).await?;
    let request = json!({ "roots": roots, "dry_run": options.dry_run });
    let reports: Vec<SidecarReport> = call(&app, "sidecars_write", request).await?;
    let mut results = Results::new();
    let (mut written, mut failed) = (0_u32, 0_u32);
    for report in &reports {
        written += u32::from(matches!(report.outcome, Some(Outcome::Written { .. })));
        failed += u32::from(report.problem.is_some());
        if context.json() {
            results.json(report)?;
        } else if let Some(line) = line(report, options.dry_run) {
            results.line(line)?;
        }
        if let Some(problem) = &report.problem {
            output::warning(problem);
        }
    }
    results.flush()?;
    if !context.json() {
        let plans = reports.iter().filter(|report| !matches!(report.step, SidecarStep::LeaveAlone { .. })).count();
        output::note(&match (options.dry_run, plans) {
            (true, 0) => "Nothing would be written".to_owned(),
            (true, plans) => format!("{} would be written", output::count(plans as u64, "file")),
            (false, _) if written == 0 => "Nothing had to be written".to_owned(),
            (false, _) => format!("{} written", output::count(written, "file")),
        });
    }
    Ok(if failed > 0 { Exit::InPart } else { Exit::Done })
}

/// One report for people; nothing where nothing happens.
fn line(report: &SidecarReport, dry_run: bool) -> Option<String> {
    if !dry_run {
        return match &report.outcome {
            Some(Outcome::Written { path }) => Some(format!("wrote {}", printable(path))),
            Some(Outcome::LeftAlone { .. }) | None => None,
        };
    }
    Some(match &report.step {
        SidecarStep::Create { path, .. } => format!("would write {}", printable(path)),
        SidecarStep::Extend { path, adds, .. } => format!("would add {} to {}", adds.join(", "), printable(path)),
        SidecarStep::FetchPreview { model } => format!("would write a preview for {}", printable(model)),
        SidecarStep::LeaveAlone { .. } => return None,
    })
}
