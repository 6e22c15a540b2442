//! `modeldock show`: everything about one file.

use modeldock_core::library::{ItemDetail, ItemState, LibraryItem, LibraryQuery, MatchedBy, Provenance};
use modeldock_core::units::FileId;
use modeldock_core::{App, Error, Result};
use serde_json::json;

use crate::args;
use crate::context::{Context, absolute, call};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

pub(crate) async fn run(context: &Context, options: args::Show) -> Result<Exit> {
    let app = context.open()?;
    let id = find(&app, &options.file).await?;
    let detail: ItemDetail = call(&app, "library_item", json!({ "id": id })).await?;
    let mut results = Results::new();
    if context.json() {
        results.json(&detail)?;
    } else {
        tell(&mut results, &detail)?;
    }
    results.flush()?;
    Ok(Exit::Done)
}

/// The file a person means: by path, by number, by the beginning of its hash, or by its name if no other has it.
pub(super) async fn find(app: &App, named: &str) -> Result<FileId> {
    if let Some(id) = app.find_file(&absolute(std::path::Path::new(named))?).await? {
        return Ok(id);
    }
    // Six digits and more may be the beginning of a hash as well; a number that there is wins.
    if let Ok(number) = named.parse().map(FileId)
        && app.file_path(number).await.is_ok()
    {
        return Ok(number);
    }
    let query = LibraryQuery { search: named.to_owned(), limit: 1000, ..LibraryQuery::default() };
    let found = app.library(query).await?.items;
    let is_hash = named.len() >= 6 && named.bytes().all(|byte| byte.is_ascii_hexdigit());
    let begins = |hash: &String| is_hash && hash.to_lowercase().starts_with(&named.to_lowercase());
    if let Some(item) = found.iter().find(|item| item.sha256.as_ref().is_some_and(begins)) {
        return Ok(item.id);
    }
    match found.iter().filter(|item| item.file_name == named).collect::<Vec<_>>().as_slice() {
        [] => {}
        [item] => return Ok(item.id),
        [item, ..] => {
            return Err(Error::invalid(format!("Several files are called `{}`", printable(named)))
                .hint(format!("Name one by its path, such as `{}`", printable(&item.path))));
        }
    }
    Err(Error::not_found(format!("`{}` is not in the library", printable(named)))
        .hint("`modeldock list WORD` searches; `modeldock scan` looks for new files"))
}

fn tell(results: &mut Results, detail: &ItemDetail) -> Result<()> {
    let item = &detail.item;
    let title = match (&item.model_name, &item.version_name) {
        (Some(model), Some(version)) => format!("{model} {version}"),
        _ => item.file_name.clone(),
    };
    results.line(printable(&title))?;
    let mut row = |name: &str, value: Option<String>| match value {
        Some(value) if !value.is_empty() => results.line(format!("  {name:<15} {}", printable(&value))),
        _ => Ok(()),
    };
    row("State", Some(state(detail)))?;
    row("Kind", Some(item.kind.label().to_owned()))?;
    row("Base model", item.base_model.clone())?;
    row("Creator", item.creator.clone())?;
    row("Trigger words", Some(item.trained_words.join(", ")))?;
    let stars = (item.rating > 0).then(|| format!("{} of 5", item.rating));
    row("Rating", stars)?;
    row("Favourite", item.favourite.then(|| "yes".to_owned()))?;
    row("Your tags", Some(item.tags.join(", ")))?;
    row("Note", Some(detail.note.replace('\n', " / ")))?;
    row("Path", Some(item.path.clone()))?;
    if let Some(corrected) = &item.corrected {
        let tool = corrected.source.map_or_else(|| "a sample of it".to_owned(), |tool| tool.label().to_owned());
        let at = corrected.at.to_local_text();
        row("Corrected", Some(format!("{at}: {tool} said {}, reading it proved otherwise", corrected.sha256)))?;
    }
    if let Some(at) = item.removed_at {
        row("Removed", Some(format!("no longer at Civitai, noticed {}; what it said is kept", at.to_local_text())))?;
    }
    for other in &item.also_at {
        row("Also at", Some(other.clone()))?;
    }
    row("Size", Some(format!("{} ({} bytes)", output::bytes(item.size.0), item.size.0)))?;
    for copy in &detail.copies {
        row("Copy", Some(copy.path.clone()))?;
    }
    if let Some(hashes) = &detail.hashes {
        row("SHA256", Some(hashes.sha256.to_string()))?;
        row("BLAKE3", Some(hashes.blake3.to_string()))?;
        row("CRC32", Some(hashes.crc32.to_string()))?;
        row("AutoV1", hashes.autov1.map(|hash| hash.to_string()))?;
        row("AutoV2", Some(hashes.autov2.to_string()))?;
        row("AutoV3", hashes.autov3.map(|hash| hash.to_string()))?;
    }
    row("AIR", item.air.clone())?;
    row("Page", detail.civitai_url.clone())?;
    row("Tags", Some(detail.tags.join(", ")))?;
    if let Some(header) = &detail.header {
        row("Tensors", Some(header.tensors.to_string()))?;
        let width = header.metadata.iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0).min(40);
        for (key, value) in &header.metadata {
            let short: String = value.chars().take(100).collect();
            results.line(format!("    {:<width$}  {}", printable(key), printable(&short)))?;
        }
    }
    Ok(())
}

/// What is known, how, and since when.
fn state(detail: &ItemDetail) -> String {
    let item = &detail.item;
    let since = item.hashed_at.map(|at| format!(" {}", at.to_local_text())).unwrap_or_default();
    let asked = item.checked_at.map(|at| format!(", asked {}", at.to_local_text())).unwrap_or_default();
    let again = item.retry_at.map(|at| format!(", asked again after {}", at.to_local_text())).unwrap_or_default();
    let why = item.problem.as_ref().map(|problem| format!(": {}", problem.message)).unwrap_or_default();
    match item.state {
        ItemState::Matched => format!("verified, read in full{since}{}", matched_by(item.matched_by)),
        ItemState::Probable => format!("probable, {}{since}{}", belief(item), matched_by(item.matched_by)),
        ItemState::NotFound => format!("not known to Civitai{asked}{again}"),
        ItemState::Pending => match item.provenance {
            None | Some(Provenance::Measured) => format!("pending{why}{again}"),
            Some(_) => format!("pending, {}{since}{why}", belief(item)),
        },
        ItemState::Failed => format!("failed{why}"),
    }
}

/// Where a hash comes from that Modeldock did not measure.
fn belief(item: &LibraryItem) -> String {
    match item.provenance {
        Some(Provenance::Imported) => {
            let tool = item.hash_source.map_or("another tool", modeldock_core::import::Tool::label);
            format!("hash from {tool}, taken over")
        }
        Some(Provenance::Quick) => "recognised by a small part of it".to_owned(),
        Some(Provenance::Claimed) => "said to be so".to_owned(),
        Some(Provenance::Measured) | None => "read in full".to_owned(),
    }
}

/// What was found out otherwise than by the file's own SHA-256.
fn matched_by(by: Option<MatchedBy>) -> &'static str {
    match by {
        None | Some(MatchedBy::Sha256) => "",
        Some(MatchedBy::Blake3) => "; found by its BLAKE3",
        Some(MatchedBy::Tensors) => "; header altered since upload, the weights are those at Civitai",
        Some(MatchedBy::Embedded) => "; found by the hash its header claims",
        Some(MatchedBy::ArchiveMember) => "; found by the model inside the archive",
        Some(MatchedBy::Link) => "; linked by you",
    }
}
