//! `modeldock download`: fetches models to the folders where their UIs find them.
//!
//! The download is put into the queue that every Modeldock of this data folder shares. If another one runs the queue, it
//! fetches this one too, and all that happens here is watching.

use modeldock_core::api::DownloadAdded;
use modeldock_core::download::{DownloadPlan, DownloadRequest};
use modeldock_core::units::CivitaiFileId;
use modeldock_core::{Error, Result};
use serde_json::json;

use super::downloads::follow;
use crate::args;
use crate::context::{Context, call, find_root};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

pub(crate) async fn run(context: &Context, options: args::Download) -> Result<Exit> {
    if options.file.is_some() && options.what.len() > 1 {
        return Err(Error::invalid("--file names a file of one version, and there are several")
            .hint("Download them one by one"));
    }
    let app = context.open_asking().await?;
    let root = match &options.to {
        Some(root) => Some(find_root(&app, root).await?.id),
        None => None,
    };
    let request = |what: &String| DownloadRequest { what: what.clone(), file: options.file.map(CivitaiFileId), root };
    let mut results = Results::new();
    if options.dry_run {
        for what in &options.what {
            let plan: DownloadPlan = call(&app, "download_plan", json!(request(what))).await?;
            if context.json() {
                results.json(&plan)?;
            } else {
                tell_plan(&mut results, &plan)?;
            }
        }
        results.flush()?;
        return Ok(Exit::Done);
    }
    let mut ids = Vec::new();
    for what in &options.what {
        let added: DownloadAdded = call(&app, "download_add", json!(request(what))).await?;
        if added.was_there {
            output::note(&format!("{} is being downloaded already", added.download.title));
        }
        ids.push(added.download.id);
        if options.no_wait && context.json() {
            results.json(&added.download)?;
        } else if options.no_wait && !added.was_there {
            results.line(format!("Queued {} ({})", printable(&added.download.title), added.download.id.0))?;
        }
    }
    results.flush()?;
    drop(results);
    if options.no_wait { Ok(Exit::Done) } else { follow(context, &app, ids).await }
}

fn tell_plan(results: &mut Results, plan: &DownloadPlan) -> Result<()> {
    results.line(format!("{}  {}", printable(&plan.title), output::bytes(plan.size.0)))?;
    results.line(format!("  to {}", printable(&plan.path)))?;
    if plan.there.is_some() {
        results.line("  the same file is in the library already")?;
    }
    if let Some(id) = plan.underway {
        results.line(format!("  it is being downloaded already ({})", id.0))?;
    }
    if !plan.can_be_verified {
        results.line("  Civitai has no hash of it: what comes cannot be verified")?;
    }
    if plan.early_access {
        results.line("  it is in early access: without having paid for it, it cannot be downloaded yet")?;
    }
    if let Some(free) = plan.free.filter(|free| *free < plan.size) {
        results.line(format!("  only {} are free there", output::bytes(free.0)))?;
    }
    if plan.files.len() > 1 {
        results.line("  files of this version, for --file:")?;
        for file in &plan.files {
            let mark = if file.id == plan.file { "*" } else { " " };
            let size = output::bytes(file.size.0);
            let (kind, name) = (printable(&file.file_type), printable(&file.name));
            results.line(format!("  {mark} {:>8}  {kind:<14} {size:>11}  {name}", file.id.0))?;
        }
    }
    Ok(())
}
