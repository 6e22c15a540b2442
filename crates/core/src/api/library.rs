//! Looking at the library.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::hash::{Sha256, safetensors};
use crate::library::{Facets, ItemDetail, LibraryPage, LibraryQuery, PreviewInfo, sanitise};
use crate::store::{ModelPage, VersionPage};
use crate::units::{FileId, ModelId, UnixMillis};

/// A model's page is asked for again after this long, in seconds.
const PAGE_IS_FRESH: i64 = 7 * 24 * 3600;

/// One file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ItemRequest {
    /// Which.
    pub id: FileId,
}

/// Most values one filter may name: more than anybody has, fewer than one SQL statement takes.
const MAX_VALUES: usize = 1000;

pub(super) fn check(query: &LibraryQuery) -> Result<()> {
    let lengths = [query.kinds.len(), query.base_models.len(), query.roots.len(), query.states.len(), query.tags.len()];
    if lengths.iter().any(|length| *length > MAX_VALUES) {
        return Err(Error::invalid(format!("A filter may name at most {MAX_VALUES} values")));
    }
    Ok(())
}

pub(crate) async fn list(app: &App, query: LibraryQuery) -> Result<LibraryPage> {
    check(&query)?;
    app.store().read(move |tx| tx.library_page(&query)).await
}

pub(super) async fn facets(app: &App, query: LibraryQuery) -> Result<Facets> {
    check(&query)?;
    app.store().read(move |tx| tx.facets(&query)).await
}

pub(super) async fn item(app: &App, request: ItemRequest) -> Result<ItemDetail> {
    let base_url = app.catalog().base_url().trim_end_matches('/').to_owned();
    let (mut detail, page, look_up) = app
        .store()
        .read(move |tx| {
            let item = tx
                .library_item(request.id)?
                .ok_or_else(|| Error::not_found(format!("There is no file number {} in the library", request.id.0)))?;
            let hashes = match item.sha256.as_deref().map(str::parse::<Sha256>) {
                Some(Ok(sha256)) => tx.hashes(sha256)?,
                _ => None,
            };
            let note = match item.sha256.as_deref().map(str::parse::<Sha256>) {
                Some(Ok(sha256)) => tx.marks(sha256)?.note,
                _ => String::new(),
            };
            let version = item.version_id.map(|id| tx.version_page(id)).transpose()?.flatten();
            let model = version.as_ref().map(|page| tx.model_page(page.model_id)).transpose()?.flatten();
            let copies = tx.copies(item.id)?;
            let wanted = version.as_ref().map(|page| (page.model_id, model.as_ref().map(|page| page.fetched_at)));
            let civitai_url = item
                .model_id
                .zip(item.version_id)
                .map(|(model, version)| format!("{base_url}/models/{}?modelVersionId={}", model.0, version.0));
            let mut detail = ItemDetail {
                hashes,
                previews: Vec::new(),
                version_description: None,
                model_description: None,
                tags: Vec::new(),
                civitai_url,
                published_at: None,
                header: None,
                answers: item.version_id.map(|id| tx.answers(id)).transpose()?.unwrap_or_default(),
                sidecars: Vec::new(),
                note,
                copies,
                item,
            };
            add_pages(&mut detail, version, model);
            Ok((detail, wanted, tx.settings()?.look_up))
        })
        .await?;

    let path = app.file_path(detail.item.id).await?;
    let beside = tokio::task::spawn_blocking(move || {
        // A file without a readable header simply has nothing to show there; why it is unreadable is in its row.
        (safetensors::read_file(&path).ok().flatten(), crate::sidecar::read_beside(&path))
    });
    (detail.header, detail.sidecars) = beside.await.unwrap_or_default();

    if let Some((model, fetched_at)) = page.filter(|_| look_up) {
        refresh_model(app, model, fetched_at);
    }
    Ok(detail)
}

fn add_pages(detail: &mut ItemDetail, version: Option<VersionPage>, model: Option<ModelPage>) {
    if let Some(version) = version {
        detail.version_description = version.description.as_deref().and_then(sanitise);
        detail.published_at = version.published_at;
        detail.previews = (0..)
            .zip(version.previews)
            .map(|(index, preview)| PreviewInfo {
                index,
                video: preview.media == "video",
                width: preview.width,
                height: preview.height,
                nsfw_level: preview.nsfw_level,
                prompt: preview.prompt,
            })
            .collect();
    }
    if let Some(model) = model {
        detail.model_description = model.description.as_deref().and_then(sanitise);
        detail.tags = model.tags;
    }
}

/// Asks for a model's page in the background when somebody looks at the model; an event says when it is there.
fn refresh_model(app: &App, id: ModelId, fetched_at: Option<UnixMillis>) {
    let now = UnixMillis::now();
    if fetched_at.is_some_and(|at| at.plus_seconds(PAGE_IS_FRESH) > now) || !app.claim_model_page(id, now) {
        return;
    }
    let app = app.clone();
    tokio::spawn(async move {
        let kept = match app.catalog().model(id).await {
            Ok(model) => {
                app.store()
                    .write(move |tx| {
                        tx.put_model(&model, UnixMillis::now())?;
                        tx.publish(Event::LibraryChanged);
                        Ok(())
                    })
                    .await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = kept {
            tracing::info!(%error, model = id.0, "the model's page could not be had");
        }
    });
}
