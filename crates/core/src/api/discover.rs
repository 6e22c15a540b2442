//! Looking through Civitai's catalogue, and seeing what of it is here.
//!
//! Nothing of these commands is called before somebody opens the place, and only what is typed and chosen there is sent.
//! [`marks`] asks nobody: it is read again whenever the library changes, and Civitai must not be.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::app::App;
use crate::catalog::{CatalogError, CatalogErrorKind};
use crate::discover::{
    CatalogueWords, Content, DiscoverDetail, DiscoverPage, DiscoverSearch, Listed, MarkedVersion, ModelMarks, Presence,
    checked, detail_of, is_within, marks_of, shown,
};
use crate::error::{Code, Error, Result};
use crate::hash::Sha256;
use crate::library::LibraryQuery;
use crate::roots::ModelKind;
use crate::settings::Settings;
use crate::units::{ModelId, VersionId};

/// Most models whose marks one request asks for.
const MAX_MARKED: usize = 2_000;

/// Most words of one list that are kept, and how long one may be, in characters.
const MAX_WORDS: usize = 500;
const MAX_WORD: usize = 80;

/// A text that names a model or a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DiscoverFind {
    /// The address of a page at Civitai, an AIR, or the number of a version.
    pub what: String,
}

/// What such a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct DiscoverFound {
    /// The model.
    pub model: ModelId,
    /// The version, where one is named.
    pub version: Option<VersionId>,
}

/// One model of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DiscoverModelRequest {
    /// Which.
    pub id: ModelId,
}

/// Some models of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DiscoverModelIds {
    /// Which. Those that were not shown lately are left out of the answer.
    pub models: Vec<ModelId>,
}

pub(super) async fn search(app: &App, request: DiscoverSearch) -> Result<DiscoverPage> {
    let settings = settings(app).await?;
    let query = checked(&request, settings.blur_above)?;
    refuse_if_switched_off(&settings)?;
    let desk = app.desk();
    let ticket = request.ticket.as_deref();
    let ended = desk.begin(ticket);
    let catalog = app.catalog();
    let answer = tokio::select! {
        answer = catalog.list(&query) => answer,
        () = ended.cancelled() => return Err(Error::new(Code::Cancelled, "Another search took the place of this one")),
    };
    desk.end(ticket, &ended);
    let mut page = answer.map_err(refused)?;
    // A server that gives the same model twice, or the same place again, would make a page of the same for ever.
    let mut seen = HashSet::new();
    page.models.retain(|model| seen.insert(model.id));
    let all = page.models.len();
    if request.content == Content::Within {
        page.models.retain(|model| is_within(model, settings.blur_above));
    }
    let above_level = u32::try_from(all - page.models.len()).unwrap_or(u32::MAX);
    page.models.iter().for_each(|model| desk.remember(model));
    let marks = marks_now(app, page.models.iter().map(|model| (model.id, MarkedVersion::all_of(model))).collect());
    let models = page
        .models
        .iter()
        .zip(marks.await?)
        .map(|(model, marks)| shown(desk, model, marks, settings.blur_above))
        .collect();
    let next = page.next.filter(|next| request.cursor.as_ref() != Some(next));
    Ok(DiscoverPage { models, next, above_level })
}

pub(super) async fn find(app: &App, request: DiscoverFind) -> Result<DiscoverFound> {
    let unknown = || {
        Error::invalid("That names no model at Civitai")
            .hint("Paste the address of the model's page, an AIR such as urn:air:sdxl:lora:civitai:123@456, or the number of a version")
    };
    let catalog = app.catalog();
    let reference = catalog.reference(&request.what).ok_or_else(unknown)?;
    match (reference.model, reference.version) {
        (Some(model), version) => Ok(DiscoverFound { model, version }),
        (None, Some(version)) => {
            refuse_if_switched_off(&settings(app).await?)?;
            let found = catalog.version(version).await.map_err(|error| not_there(error, "version", version.0))?;
            Ok(DiscoverFound { model: found.model_id, version: Some(version) })
        }
        (None, None) => Err(unknown()),
    }
}

pub(super) async fn model(app: &App, request: DiscoverModelRequest) -> Result<DiscoverDetail> {
    let ModelId(number) = request.id;
    if number <= 0 {
        return Err(Error::not_found(format!("There is no model {number}")));
    }
    let settings = settings(app).await?;
    refuse_if_switched_off(&settings)?;
    let catalog = app.catalog();
    let listed: Listed = catalog.listed(request.id).await.map_err(|error| not_there(error, "model", number))?;
    let desk = app.desk();
    desk.remember(&listed);
    let marks = marks_now(app, vec![(listed.id, MarkedVersion::all_of(&listed))]).await?;
    let marks = marks.into_iter().next().unwrap_or_else(|| marks_of(listed.id, &[], &Presence::default()));
    Ok(detail_of(desk, &listed, marks, settings.blur_above, catalog.base_url()))
}

pub(super) async fn marks(app: &App, request: DiscoverModelIds) -> Result<Vec<ModelMarks>> {
    if request.models.len() > MAX_MARKED {
        return Err(Error::invalid(format!("At most {MAX_MARKED} models can be named at once")));
    }
    let desk = app.desk();
    let known = request.models.into_iter().filter_map(|model| Some((model, desk.versions(model)?)));
    marks_now(app, known.collect()).await
}

/// Kinds and base models as Civitai calls them today; where it cannot be asked, those that are known here.
pub(super) async fn words(app: &App, _: Empty) -> Result<CatalogueWords> {
    refuse_if_switched_off(&settings(app).await?)?;
    let desk = app.desk();
    if let Some(words) = desk.words() {
        return Ok(words);
    }
    match app.catalog().words().await {
        Ok(words) if !words.kinds.is_empty() => {
            let words = CatalogueWords { kinds: kept(words.kinds), base_models: kept(words.base_models) };
            desk.keep_words(&words);
            Ok(words)
        }
        answer => {
            if let Err(error) = answer {
                tracing::info!(%error, "Civitai's words could not be had");
            }
            let facets = app.store().read(|tx| tx.facets(&LibraryQuery::default())).await?;
            let kinds = ModelKind::NAMED.iter().map(|kind| kind.as_str().to_owned()).collect();
            let base_models = facets.base_models.into_iter().map(|base| base.value).collect();
            Ok(CatalogueWords { kinds, base_models })
        }
    }
}

fn kept(words: Vec<String>) -> Vec<String> {
    let is_word = |word: &String| word.chars().count() <= MAX_WORD && !word.contains(char::is_control);
    words.into_iter().filter(is_word).take(MAX_WORDS).collect()
}

/// In the order of `models`.
async fn marks_now(app: &App, models: Vec<(ModelId, Vec<MarkedVersion>)>) -> Result<Vec<ModelMarks>> {
    if models.is_empty() {
        return Ok(Vec::new());
    }
    let read = move |tx: &crate::store::ReadTx<'_>| {
        let all = || models.iter().flat_map(|(_, versions)| versions);
        let versions: Vec<VersionId> = all().map(|version| version.id).collect();
        let contents: Vec<Sha256> = all().flat_map(|version| version.files.iter().map(|file| file.sha256)).collect();
        let presence = tx.presence(&versions, &contents)?;
        Ok(models.iter().map(|(model, versions)| marks_of(*model, versions, &presence)).collect())
    };
    app.store().read(read).await
}

async fn settings(app: &App) -> Result<Settings> {
    app.store().read(|tx| tx.settings()).await
}

fn refuse_if_switched_off(settings: &Settings) -> Result<()> {
    if settings.look_up {
        return Ok(());
    }
    Err(Error::invalid("Asking Civitai is switched off").hint("Switch on look-up in the settings"))
}

fn not_there(error: CatalogError, what: &str, number: i64) -> Error {
    if error.kind == CatalogErrorKind::NotFound {
        return Error::not_found(format!("Civitai shows no {what} {number}"))
            .hint("Check the number; it may also have been removed there");
    }
    refused(error)
}

/// Nobody asks again by itself here, so the words for what does are not the ones.
fn refused(error: CatalogError) -> Error {
    let hint = match error.kind {
        CatalogErrorKind::Offline => "Check your connection, then try again",
        CatalogErrorKind::RateLimited(_) => "Civitai asks to wait a while; then try again",
        CatalogErrorKind::Server(..) | CatalogErrorKind::NotJson => {
            "Civitai has trouble at the moment; try again in a while"
        }
        CatalogErrorKind::Unauthorised => "Sign in under Settings, Account, or with `modeldock account login`",
        CatalogErrorKind::Refused(_) => "Change what is looked for, then try again",
        CatalogErrorKind::NotFound => "It may have been removed there",
    };
    Error::new(error.code(), error.message).hint(hint)
}
