//! `modeldock discover`: Civitai's catalogue, line by line, with a mark at what is here.
//!
//! A line ends in what `modeldock download` takes, so that the next step is a copy away.

use modeldock_core::api::DiscoverFound;
use modeldock_core::discover::{
    Access, CatalogueSort, Content, DiscoverDetail, DiscoverModel, DiscoverPage, DiscoverSearch, PAGE_LIMIT, Period,
    Standing,
};
use modeldock_core::{App, Code, Result};
use serde_json::json;

use super::scan::interrupted;
use crate::args::{self, CatalogueSortName, PeriodName};
use crate::context::{Context, call};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

/// Most pages asked for in one run, where the content level takes most of each away.
const MOST_PAGES: usize = 20;

pub(crate) async fn run(context: &Context, options: args::Discover) -> Result<Exit> {
    let app = context.open_asking().await?;
    let text = options.query.join(" ");
    // Ctrl-C must end a server that does not answer.
    tokio::select! {
        exit = look(context, &app, text, options) => exit,
        signal = interrupted() => {
            signal?;
            Ok(Exit::Interrupted)
        }
    }
}

async fn look(context: &Context, app: &App, text: String, options: args::Discover) -> Result<Exit> {
    // A number alone is what people search for as well ("1.5"); an address and an AIR are not.
    if text.contains([':', '/']) {
        match call::<DiscoverFound>(app, "discover_find", json!({ "what": text })).await {
            Ok(found) => return one(context, app, found).await,
            Err(error) if error.code == Code::InvalidRequest => {}
            Err(error) => return Err(error),
        }
    }
    search(context, app, text, options).await
}

async fn one(context: &Context, app: &App, found: DiscoverFound) -> Result<Exit> {
    let detail: DiscoverDetail = call(app, "discover_model", json!({ "id": found.model })).await?;
    let mut results = Results::new();
    if context.json() {
        results.json(&detail)?;
        results.flush()?;
        return Ok(Exit::Done);
    }
    results.line(line(&detail.model))?;
    for version in &detail.versions {
        let marks = detail.model.marks.versions.iter().find(|marks| marks.id == version.id);
        let is_here = marks.is_some_and(|marks| !marks.here.is_empty());
        let mark = match marks {
            Some(marks) if !marks.here.is_empty() => "here",
            Some(marks) if !marks.underway.is_empty() => "coming",
            Some(marks) if marks.in_vault => "vault",
            _ => "",
        };
        let named = if found.version == Some(version.id) { "*" } else { " " };
        let base = version.base_model.as_deref().map(|base| format!(" for {}", printable(base))).unwrap_or_default();
        let access = access_words(&version.access);
        results.line(format!("{named} {mark:<6}  {}{base}{access}  {}", printable(&version.name), version.id.0))?;
        for file in version.files.iter().filter(|_| !is_here || named == "*") {
            let mark = if file.preferred { "+" } else { " " };
            let about: Vec<&str> = [&file.format, &file.precision, &file.extent, &file.quant]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            let size = output::bytes(file.size.0);
            results.line(format!(
                "    {mark} {:>8}  {size:>11}  {}  {}",
                file.id.0,
                printable(&file.name),
                printable(&about.join(" "))
            ))?;
        }
    }
    results.flush()?;
    output::note("`modeldock download NUMBER` downloads a version, `--file ID` another of its files");
    Ok(Exit::Done)
}

async fn search(context: &Context, app: &App, text: String, options: args::Discover) -> Result<Exit> {
    let wanted = usize::try_from(options.limit).unwrap_or(usize::MAX);
    let mut search = DiscoverSearch {
        text,
        kinds: options.kind,
        base_models: options.base_model,
        tag: options.tag,
        creator: options.creator,
        sort: options.sort.into(),
        period: options.period.into(),
        content: if options.all { Content::All } else { Content::Within },
        limit: options.limit.min(PAGE_LIMIT),
        cursor: None,
        ticket: None,
    };
    let mut results = Results::new();
    let (mut told, mut above, mut newest) = (std::collections::HashSet::new(), 0, None);
    for _ in 0..MOST_PAGES {
        let page: DiscoverPage = call(app, "discover_search", json!(search)).await?;
        above += page.above_level;
        for model in page.models {
            // What moves up while it is paged through comes twice.
            if told.len() == wanted || !told.insert(model.id) {
                continue;
            }
            newest = newest.or(model.newest.filter(|_| model.marks.standing == Standing::Absent));
            if context.json() {
                results.json(&model)?;
            } else {
                results.line(line(&model))?;
            }
        }
        search.cursor = page.next;
        if told.len() == wanted || search.cursor.is_none() {
            break;
        }
    }
    results.flush()?;
    if context.json() {
        return Ok(Exit::Done);
    }
    output::note(&summary(told.len() as u64, above, search.cursor.is_some()));
    if let Some(version) = newest {
        output::note(&format!("`modeldock download {}` downloads the first that is not here", version.0));
    }
    Ok(Exit::Done)
}

fn summary(models: u64, above: u32, more: bool) -> String {
    let mut text = output::count(models, "model");
    if more {
        text.push_str(", and there are more; --limit shows them");
    }
    if above > 0 {
        text = format!("{text}; {above} above your content level left out, --all shows them");
    }
    text
}

/// One model for people: whether it is here, kind, name, base model, author, downloads, who may have it, version, AIR.
fn line(model: &DiscoverModel) -> String {
    let mark = match (model.marks.standing, model.marks.underway, model.marks.in_vault) {
        (Standing::Newest, ..) => "here",
        (_, true, _) => "coming",
        (Standing::Other, ..) => "older",
        (_, _, true) => "vault",
        _ => "",
    };
    let base = model.base_model.as_deref().map(|base| format!(" for {}", printable(base))).unwrap_or_default();
    let creator = model.creator.as_deref().map(|name| format!(" by {}", printable(name))).unwrap_or_default();
    let downloads = model.downloads.map_or_else(|| "-".to_owned(), |count| count.to_string());
    let gone = model.mode.as_deref().map(|mode| format!("  ({})", printable(mode))).unwrap_or_default();
    let version = model.newest.map_or_else(|| "-".to_owned(), |version| version.0.to_string());
    let air = model.air.as_deref().map(|air| format!("  {}", printable(air))).unwrap_or_default();
    format!(
        "{mark:<6}  {:<15}  {downloads:>9}  {}{base}{creator}{}{gone}  {version}{air}",
        printable(model.kind.label()),
        printable(&model.name),
        access_words(&model.access),
    )
}

fn access_words(access: &Access) -> String {
    match access {
        Access::Open => String::new(),
        Access::EarlyAccess { until: None } => "  (early access)".to_owned(),
        Access::EarlyAccess { until: Some(until) } => {
            let day: String = until.chars().take(10).collect();
            format!("  (early access until {})", printable(&day))
        }
        Access::Paid => "  (must be paid for)".to_owned(),
    }
}

impl From<CatalogueSortName> for CatalogueSort {
    fn from(name: CatalogueSortName) -> Self {
        match name {
            CatalogueSortName::Downloads => Self::MostDownloaded,
            CatalogueSortName::Rating => Self::HighestRated,
            CatalogueSortName::Likes => Self::MostLiked,
            CatalogueSortName::Discussed => Self::MostDiscussed,
            CatalogueSortName::Collected => Self::MostCollected,
            CatalogueSortName::Newest => Self::Newest,
        }
    }
}

impl From<PeriodName> for Period {
    fn from(name: PeriodName) -> Self {
        match name {
            PeriodName::AllTime => Self::AllTime,
            PeriodName::Year => Self::Year,
            PeriodName::Month => Self::Month,
            PeriodName::Week => Self::Week,
            PeriodName::Day => Self::Day,
        }
    }
}
