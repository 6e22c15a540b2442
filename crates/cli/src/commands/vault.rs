//! `modeldock vault`: what is in the vault at Civitai, and what of it is here.

use modeldock_core::api::{VaultChangeReport, VaultDownloadReport};
use modeldock_core::download::VaultPart;
use modeldock_core::units::DownloadId;
use modeldock_core::vault::{VaultEntry, VaultOutcome, VaultSide, VaultStatus, VaultView};
use modeldock_core::{App, Error, Result};
use serde_json::json;

use super::scan::interrupted;
use super::show::find;
use crate::args::{Vault, VaultDownload, VaultVersions};
use crate::context::{Context, call, find_root};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

pub(crate) async fn run(context: &Context, command: Vault) -> Result<Exit> {
    let app = match command {
        Vault::List { .. } => context.open()?,
        _ => context.open_asking().await?,
    };
    match command {
        Vault::List { missing } => {
            let view: VaultView = call(&app, "vault_show", json!({})).await?;
            list(context, &view, missing)
        }
        Vault::Sync => sync(context, &app).await,
        Vault::Download(options) => download(context, &app, options).await,
        Vault::Add(wanted) => change(context, &app, wanted, VaultSide::In).await,
        Vault::Remove(wanted) => change(context, &app, wanted, VaultSide::Out).await,
    }
}

fn list(context: &Context, view: &VaultView, missing: bool) -> Result<Exit> {
    let mut results = Results::new();
    for entry in view.items.iter().filter(|entry| !missing || entry.files.is_empty()) {
        if context.json() {
            results.json(entry)?;
        } else {
            results.line(line(entry))?;
        }
    }
    results.flush()?;
    if !context.json() {
        output::note(&summary(view));
    }
    advise(view);
    Ok(Exit::Done)
}

async fn download(context: &Context, app: &App, options: VaultDownload) -> Result<Exit> {
    if options.items.is_empty() && !options.missing {
        return Err(Error::invalid("Nothing is named that could be downloaded")
            .hint("Name items by the numbers of `vault list`, or say --missing for all that is not here"));
    }
    let root = match &options.to {
        Some(root) => Some(find_root(app, root).await?.id),
        None => None,
    };
    let mut parts = vec![VaultPart::Model];
    parts.extend(options.details.then_some(VaultPart::Details));
    parts.extend(options.images.then_some(VaultPart::Images));
    let request = json!({ "items": options.items, "parts": parts, "root": root });
    let reports: Vec<VaultDownloadReport> = call(app, "vault_download", request).await?;
    let mut refused = 0;
    for report in &reports {
        if let Some(problem) = &report.problem {
            refused += 1;
            output::warning(problem);
        }
    }
    let ids: Vec<DownloadId> = reports.iter().filter_map(|report| report.download).collect();
    if ids.is_empty() {
        if refused == 0 {
            output::note("Everything in the vault is here already");
        }
        return Ok(if refused == 0 { Exit::Done } else { Exit::Failed });
    }
    let exit = super::downloads::follow(context, app, ids).await?;
    Ok(if exit == Exit::Done && refused > 0 { Exit::InPart } else { exit })
}

async fn sync(context: &Context, app: &App) -> Result<Exit> {
    // Many pages take a while: Ctrl-C must end it, and leaves what was known before.
    let view: VaultView = tokio::select! {
        view = call(app, "vault_sync", json!({})) => view?,
        signal = interrupted() => {
            signal?;
            return Ok(Exit::Interrupted);
        }
    };
    let missing = view.items.iter().filter(|entry| entry.files.is_empty()).count();
    let mut results = Results::new();
    if context.json() {
        results.json(&json!({
            "state": view.state,
            "used": view.info.map(|info| info.used),
            "storage": view.info.map(|info| info.storage),
            "items": view.items.len(),
            "missing": missing,
            "synced_at": view.synced_at,
            "problem": view.problem,
        }))?;
    } else {
        results.line(summary(&view))?;
    }
    results.flush()?;
    advise(&view);
    Ok(if view.problem.is_some() { Exit::Failed } else { Exit::Done })
}

async fn change(context: &Context, app: &App, wanted: VaultVersions, to: VaultSide) -> Result<Exit> {
    let mut files = Vec::with_capacity(wanted.files.len());
    for named in &wanted.files {
        files.push(find(app, named).await?);
    }
    let request = json!({ "versions": wanted.model_version, "files": files, "to": to });
    let reports: Vec<VaultChangeReport> = call(app, "vault_change", request).await?;
    let mut results = Results::new();
    for report in &reports {
        if context.json() {
            results.json(report)?;
        } else {
            results.line(format!("{}: {}", printable(&report.title), outcome_words(report.outcome, to)))?;
        }
        if let Some(problem) = &report.problem {
            output::warning(problem);
        }
    }
    results.flush()?;
    let failed = reports.iter().filter(|report| report.problem.is_some()).count();
    Ok(match failed {
        0 => Exit::Done,
        failed if failed == reports.len() => Exit::Failed,
        _ => Exit::InPart,
    })
}

fn outcome_words(outcome: VaultOutcome, to: VaultSide) -> &'static str {
    match (outcome, to) {
        (VaultOutcome::Changed, VaultSide::In) => "put into the vault",
        (VaultOutcome::Changed, VaultSide::Out) => "taken out of the vault",
        (VaultOutcome::AlreadySo, VaultSide::In) => "already in the vault",
        (VaultOutcome::AlreadySo, VaultSide::Out) => "not in the vault",
        (VaultOutcome::NotChanged, _) => "not changed",
        (VaultOutcome::Unknown, _) => "not known",
    }
}

/// One item for people: whether it is here, whether Civitai has copied it, size, kind, name, base model, number.
fn line(entry: &VaultEntry) -> String {
    let item = &entry.item;
    let here = if entry.files.is_empty() { "missing" } else { "here" };
    let status = match item.status {
        VaultStatus::Stored => "stored",
        VaultStatus::Pending => "pending",
        VaultStatus::Failed => "failed",
        VaultStatus::Unknown => "-",
    };
    let base = item.base_model.as_deref().map(|base| format!(" for {}", printable(base))).unwrap_or_default();
    format!(
        "{here:<7}  {status:<7}  {:>10}  {:<15}  {}{base}  {}",
        output::bytes(item.model_size.0),
        printable(item.kind.label()),
        printable(&item.title()),
        item.version_id.0,
    )
}

fn summary(view: &VaultView) -> String {
    let missing = view.items.iter().filter(|entry| entry.files.is_empty()).count();
    let count = output::count(view.items.len() as u64, "item");
    let use_of =
        view.info.map(|info| format!(", {} of {} used", output::bytes(info.used.0), output::bytes(info.storage.0)));
    let read = match view.synced_at {
        Some(at) => format!("read {}", at.to_local_text()),
        None => "not read as a whole yet; `modeldock vault sync` does".to_owned(),
    };
    format!("{count}, {missing} missing here{}; {read}", use_of.unwrap_or_default())
}

/// What stands in the way, and what the last reading met.
fn advise(view: &VaultView) {
    if let Some(problem) = &view.problem {
        output::warning(problem);
    }
    // Where the problem is the key, the advice would say it twice.
    if let Some(advice) = view.advice.as_deref().filter(|_| view.problem.is_none()) {
        output::note(advice);
    }
}
