//! `modeldock care`: what wants looking after, and what to type about it.
//!
//! Only what the lists were checked for is done here, with `--trash`. Everything else is done by the verbs that do it
//! anyway, and each line says which.

use modeldock_core::api::{CopiesGroup, CopiesTrash};
use modeldock_core::care::{
    Again, CareCount, CareList, CarePage, CareSummary, Damage, Damaged, Duplicates, Finding, Held, LeftBehind,
    Misplaced, Missing, Risk, Unsafe, Update,
};
use modeldock_core::files::Activity;
use modeldock_core::units::OrphanId;
use modeldock_core::{App, Error, Result};
use serde_json::json;

use super::files::tell;
use super::scan::interrupted;
use crate::args::{self, CareName};
use crate::context::{Context, call};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

/// Findings asked for at once.
const PAGE: u32 = 500;

/// Files named in one go, at most: fewer than the engine takes.
const MOST_NAMED: usize = 9_000;

pub(crate) async fn run(context: &Context, options: args::Care) -> Result<Exit> {
    let app = if options.check_updates { context.open_asking().await? } else { context.open()? };
    if options.check_updates {
        tokio::select! {
            checked = call::<CareSummary>(&app, "care_check_updates", json!({})) => { checked?; }
            signal = interrupted() => {
                signal?;
                return Ok(Exit::Interrupted);
            }
        }
    }
    let Some(name) = options.list else { return summary(context, &app).await };
    let list = CareList::from(name);
    if options.trash && !matches!(name, CareName::Duplicates | CareName::Orphans) {
        return Err(Error::invalid("Only duplicates and orphans are put into the trash as a list")
            .hint("`modeldock trash FILE` puts single models there"));
    }
    let findings = all(&app, list, options.limit.unwrap_or(u32::MAX)).await?;
    if options.trash {
        return trash(context, &app, findings).await;
    }
    let mut results = Results::new();
    for finding in &findings {
        if context.json() {
            results.json(finding)?;
        } else {
            lines(finding).iter().try_for_each(|line| results.line(printable(line)))?;
        }
    }
    results.flush()?;
    if !context.json() {
        let all = summary_of(&app).await?;
        all.lists.iter().filter(|count| count.list == list).for_each(|count| output::note(&end_words(count, &all)));
    }
    Ok(Exit::Done)
}

async fn summary_of(app: &App) -> Result<CareSummary> {
    call(app, "care_show", json!({})).await
}

async fn summary(context: &Context, app: &App) -> Result<Exit> {
    let summary = summary_of(app).await?;
    let mut results = Results::new();
    if context.json() {
        results.json(&summary)?;
    } else {
        for count in &summary.lists {
            let bytes = if count.count == 0 { String::new() } else { output::bytes(count.bytes.0) };
            results.line(
                format!("{:<10}  {:>6}  {bytes:>10}  {}", word(count.list), count.count, about(count.list)).trim_end(),
            )?;
        }
    }
    results.flush()?;
    if !context.json() {
        output::note(&checked(&summary));
    }
    Ok(Exit::Done)
}

/// A list to its end, or so many of it.
async fn all(app: &App, list: CareList, most: u32) -> Result<Vec<Finding>> {
    let mut findings: Vec<Finding> = Vec::new();
    loop {
        let offset = u32::try_from(findings.len()).unwrap_or(u32::MAX);
        let limit = PAGE.min(most.saturating_sub(offset));
        if limit == 0 {
            return Ok(findings);
        }
        let page: CarePage = call(app, "care_list", json!({ "list": list, "offset": offset, "limit": limit })).await?;
        if page.findings.is_empty() {
            return Ok(findings);
        }
        findings.extend(page.findings);
    }
}

async fn trash(context: &Context, app: &App, findings: Vec<Finding>) -> Result<Exit> {
    let (mut groups, mut orphans): (Vec<CopiesGroup>, Vec<OrphanId>) = (Vec::new(), Vec::new());
    let (mut named, mut bytes, mut left) = (0_usize, 0_u64, 0_usize);
    for finding in findings {
        let (files, size) = match &finding {
            Finding::Duplicates(one) => (one.copies.len(), one.bytes.0),
            Finding::Orphans(one) => (1, one.size.0),
            _ => continue,
        };
        if named.saturating_add(files) > MOST_NAMED {
            left = left.saturating_add(1);
            continue;
        }
        match finding {
            Finding::Duplicates(one) => groups.extend(group(&one)),
            Finding::Orphans(one) => orphans.push(one.id),
            _ => continue,
        }
        named = named.saturating_add(files);
        bytes = bytes.saturating_add(size);
    }
    let going = groups.iter().map(|group| group.trash.len()).sum::<usize>().saturating_add(orphans.len());
    if going == 0 {
        output::note("There is nothing on this list that could go");
        return Ok(Exit::Done);
    }
    let what = if groups.is_empty() { output::count(going as u64, "file") } else { format!("{going} of the copies") };
    output::note(&format!("Putting {what} into the trash, {}", output::bytes(bytes)));
    let done: Activity = if groups.is_empty() {
        call(app, "care_trash_orphans", json!({ "ids": orphans })).await?
    } else {
        call(app, "care_trash_copies", json!(CopiesTrash { groups })).await?
    };
    let exit = tell(context, &done)?;
    if done.can_undo && !context.json() {
        output::note(&format!("`modeldock undo {}` brings them back", done.id.0));
    }
    if left > 0 {
        output::note(&format!("{left} more are left for another run"));
    }
    Ok(exit)
}

fn group(one: &Duplicates) -> Option<CopiesGroup> {
    let goes = one.copies.iter().filter(|copy| copy.held.is_none() && copy.item.id != one.keep);
    let trash: Vec<_> = goes.map(|copy| copy.item.id).collect();
    (!trash.is_empty()).then_some(CopiesGroup { keep: one.keep, trash })
}

/// One finding for people, and what to type about it.
fn lines(finding: &Finding) -> Vec<String> {
    match finding {
        Finding::Duplicates(one) => duplicates(one),
        Finding::Updates(one) => update(one),
        Finding::Damaged(one) => damaged(one),
        Finding::Misplaced(one) => misplaced(one),
        Finding::Unsafe(one) => risky(one),
        Finding::Orphans(one) => left_behind(one),
        Finding::Missing(one) => missing(one),
    }
}

fn duplicates(one: &Duplicates) -> Vec<String> {
    let head = format!("{:>10} to be freed  {}", output::bytes(one.bytes.0), &one.sha256[..one.sha256.len().min(10)]);
    let copies = one.copies.iter().map(|copy| {
        let what = match (copy.held, copy.item.id == one.keep) {
            (_, true) => "keep",
            (Some(Held::Linked), _) => "linked",
            (Some(Held::Managed), _) => "InvokeAI",
            (None, _) => "copy",
        };
        format!("  {what:<8}  {}", copy.item.path)
    });
    let mut lines: Vec<String> = std::iter::once(head).chain(copies).collect();
    if let Some(group) = group(one) {
        lines.push(hint(&format!("modeldock trash {}", numbers(group.trash.iter().map(|id| id.0)))));
    }
    lines
}

fn update(one: &Update) -> Vec<String> {
    let base = one.base_model.as_deref().unwrap_or("an unknown base model");
    let other = if one.same_base { "" } else { ", another base model" };
    let gate = if one.early_access { ", early access" } else { "" };
    let on_its_way = if one.underway.is_some() { ", on its way" } else { "" };
    let name = one.item.model_name.as_deref().unwrap_or(&one.item.file_name);
    vec![
        format!(
            "{name}: {} for {base}{other}{gate}{on_its_way}, {}, after {}",
            one.version_name,
            output::bytes(one.size.0),
            one.item.version_name.as_deref().unwrap_or("?"),
        ),
        format!("  {}", one.item.path),
        hint(&format!("modeldock download {}", one.version_id.0)),
    ]
}

fn damaged(one: &Damaged) -> Vec<String> {
    let promised = one.promised.map(|promised| output::bytes(promised.0)).unwrap_or_default();
    let size = output::bytes(one.item.size.0);
    let what = match one.sign {
        Damage::TooShort => format!("cut off: {size} of the {promised} that its header promises"),
        Damage::TooLong => format!("longer than the {promised} that its header promises: {size}"),
        Damage::NoHeader => "is called safetensors, and does not begin like one".to_owned(),
        Damage::HeaderAltered => "its header was changed since the upload; its weights were not".to_owned(),
        Damage::NotAsRecorded => "is not what another tool recorded, and Civitai does not know it".to_owned(),
    };
    let mut lines = vec![format!("{}: {what}", one.item.path)];
    lines.extend(one.again.map(again));
    lines
}

fn misplaced(one: &Misplaced) -> Vec<String> {
    let is = format!("{}: {} in a folder for {}", one.item.path, one.item.kind.label(), one.folder_kind.label());
    let then = match (&one.to, &one.problem) {
        (Some(to), _) => {
            format!("{}\n  to {to}", hint(&format!("modeldock move {} --to {}", one.item.id.0, one.item.root_id.0)))
        }
        (None, Some(problem)) => format!("  {}", problem.message),
        (None, None) => String::new(),
    };
    std::iter::once(is).chain(then.lines().map(str::to_owned)).collect()
}

fn risky(one: &Unsafe) -> Vec<String> {
    let what = match one.risk {
        Risk::Virus => "Civitai's virus scanner found something in it",
        Risk::Code => "Civitai found code in it that does not belong there",
        Risk::ScanFailed => "Civitai's scan of it failed",
        Risk::NotScanned => "Civitai does not say that it scanned it",
        Risk::Unknown => "a pickle that Civitai does not have",
    };
    let mut lines = vec![format!("{}: {what}", one.item.path)];
    if let Some(safer) = &one.safer {
        lines.push(match safer.here {
            Some(_) => format!("  {} is here already; this one is not needed", safer.name),
            None => hint(&format!("modeldock download {} --file {}", safer.version_id.0, safer.file_id.0)),
        });
    }
    lines.push(hint(&format!("modeldock trash {}", one.item.id.0)));
    lines
}

fn left_behind(one: &LeftBehind) -> Vec<String> {
    vec![format!("{:>10}  {}", output::bytes(one.size.0), one.path)]
}

fn missing(one: &Missing) -> Vec<String> {
    let since = one.gone_at.map_or("away".to_owned(), |at| format!("gone since {}", at.to_local_text()));
    let mut lines = vec![format!("{}: {since}", one.item.path)];
    lines.extend(one.again.map(again));
    lines
}

fn again(again: Again) -> String {
    let file = again.file_id.map(|file| format!(" --file {}", file.0)).unwrap_or_default();
    hint(&format!("modeldock download {}{file}", again.version_id.0))
}

fn hint(command: &str) -> String {
    format!("  → {command}")
}

fn numbers(ids: impl Iterator<Item = i64>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
}

const fn word(list: CareList) -> &'static str {
    match list {
        CareList::Duplicates => "duplicates",
        CareList::Updates => "updates",
        CareList::Damaged => "damaged",
        CareList::Misplaced => "misplaced",
        CareList::Unsafe => "unsafe",
        CareList::Orphans => "orphans",
        CareList::Missing => "missing",
    }
}

const fn about(list: CareList) -> &'static str {
    match list {
        CareList::Duplicates => "the same content in several files",
        CareList::Updates => "newer versions for the same base model",
        CareList::Damaged => "truncated, altered, or not what was recorded",
        CareList::Misplaced => "in a folder for another kind",
        CareList::Unsafe => "pickles that nobody vouches for",
        CareList::Orphans => "sidecars and previews without their model",
        CareList::Missing => "not on disk",
    }
}

fn end_words(count: &CareCount, summary: &CareSummary) -> String {
    match count.list {
        CareList::Duplicates => {
            format!("{}, {} to be freed", output::count(count.count, "content"), output::bytes(count.bytes.0))
        }
        CareList::Updates => checked(summary),
        _ => format!("{}, {}", output::count(count.count, "file"), output::bytes(count.bytes.0)),
    }
}

/// What the updates are known from.
fn checked(summary: &CareSummary) -> String {
    let updates = &summary.updates;
    match updates.oldest {
        Some(at) if updates.checked == updates.models => {
            format!(
                "Versions of {} known since {} or later",
                output::count(updates.models, "model"),
                at.to_local_text()
            )
        }
        _ if updates.models == 0 => "Updates: no model here is known to Civitai".to_owned(),
        _ => format!(
            "Versions of {} of {} known; `modeldock care --check-updates` asks Civitai",
            updates.checked,
            output::count(updates.models, "model"),
        ),
    }
}

impl From<CareName> for CareList {
    fn from(name: CareName) -> Self {
        match name {
            CareName::Duplicates => Self::Duplicates,
            CareName::Updates => Self::Updates,
            CareName::Damaged => Self::Damaged,
            CareName::Misplaced => Self::Misplaced,
            CareName::Unsafe => Self::Unsafe,
            CareName::Orphans => Self::Orphans,
            CareName::Missing => Self::Missing,
        }
    }
}
