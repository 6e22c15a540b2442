//! `modeldock list`: the library, line by line.

use modeldock_core::import::Tool;
use modeldock_core::library::{ItemState, LibraryItem, LibraryQuery, Provenance, Sort};
use modeldock_core::roots::ModelKind;
use modeldock_core::{Result, library};

use crate::args::{self, SortName, StateName};
use crate::context::{Context, find_roots};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

/// Items asked for at once.
const PAGE: u32 = 50_000;

pub(crate) async fn run(context: &Context, options: args::List) -> Result<Exit> {
    let app = context.open()?;
    let mut query = LibraryQuery {
        search: options.search.join(" "),
        kinds: options.kind.iter().map(|kind| ModelKind::from(kind.as_str())).collect(),
        base_models: options.base_model,
        roots: find_roots(&app, &options.root).await?,
        states: options.state.into_iter().map(ItemState::from).collect(),
        duplicates: options.duplicates,
        missing: options.missing,
        tags: options.tag,
        favourites: options.favourites,
        sort: options.sort.into(),
        reverse: options.reverse,
        offset: 0,
        limit: PAGE,
    };
    let mut results = Results::new();
    loop {
        let page = app.library(query.clone()).await?;
        for item in &page.items {
            if context.json() {
                results.json(item)?;
            } else {
                results.line(line(item))?;
            }
        }
        let shown = query.offset.saturating_add(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        if page.items.is_empty() || shown >= page.total {
            results.flush()?;
            if !context.json() {
                let all = output::count(page.total, "file");
                output::note(&format!("{all}, {}", output::bytes(page.total_bytes.0)));
            }
            return Ok(Exit::Done);
        }
        query.offset = shown;
    }
}

/// One item for people: state, how and since when it is known, kind, name, base model, path.
fn line(item: &LibraryItem) -> String {
    let name = match (&item.model_name, &item.version_name) {
        (Some(model), Some(version)) => format!("{model} {version}"),
        _ => item.file_name.clone(),
    };
    let base = item.base_model.as_deref().map(|base| format!(" for {}", printable(base))).unwrap_or_default();
    let missing = if item.missing { " (away)" } else { "" };
    format!(
        "{:<9}  {:<28}  {:<15}  {:>10}  {}{base}  {}{missing}",
        state_word(item.state),
        known_by(item),
        printable(item.kind.label()),
        output::bytes(item.size.0),
        printable(&name),
        printable(&item.path),
    )
}

/// How a file's content is known, and since when.
fn known_by(item: &LibraryItem) -> String {
    let how = match item.provenance {
        None => return "-".to_owned(),
        Some(Provenance::Measured) => "read",
        Some(Provenance::Imported) => item.hash_source.map_or("other tool", Tool::label),
        Some(Provenance::Quick) => "sample",
        Some(Provenance::Claimed) => "said",
    };
    let since = item.hashed_at.map(|at| format!(" {}", at.to_local_text())).unwrap_or_default();
    format!("{how}{since}")
}

/// A state in words.
pub(crate) fn state_word(state: ItemState) -> &'static str {
    match state {
        ItemState::Matched => "matched",
        ItemState::Probable => "probable",
        ItemState::NotFound => "not found",
        ItemState::Pending => "pending",
        ItemState::Failed => "failed",
    }
}

impl From<StateName> for library::ItemState {
    fn from(name: StateName) -> Self {
        match name {
            StateName::Matched => Self::Matched,
            StateName::Probable => Self::Probable,
            StateName::NotFound => Self::NotFound,
            StateName::Pending => Self::Pending,
            StateName::Failed => Self::Failed,
        }
    }
}

impl From<SortName> for Sort {
    fn from(name: SortName) -> Self {
        match name {
            SortName::Newest => Self::Newest,
            SortName::Name => Self::Name,
            SortName::Size => Self::Size,
            SortName::Added => Self::Added,
            SortName::Rating => Self::Rating,
        }
    }
}
