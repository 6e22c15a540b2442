//! `models` and `models/{id}`.

mod query;

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::Shared;
use super::exchange::{Call, Reply, invalid};
use super::render;
use super::versions::number;
use crate::catalogue::{Catalogue, CommercialUse, Mode, Model, Version};
use crate::weights::Noise;
use query::{Page, Query};

/// `GET models/{id}`: all levels, all published versions, images without `id`, nothing null.
pub(super) fn one(shared: &Shared, catalogue: &Catalogue, id: &str) -> Reply {
    let id = match number(id) {
        Ok(id) if id > i32::MAX as u64 => {
            return invalid("Too big: expected number to be <=2147483647", "id");
        }
        Ok(0) => return Reply::not_found("No model with id 0"),
        Ok(id) => id,
        Err(reply) => return reply,
    };
    let Some(model) = catalogue.model(id).filter(|model| model.spec.published) else {
        return Reply::not_found(&format!("No model with id {id}"));
    };
    let mut value = model_value(catalogue, model);
    value["modelVersions"] = published(catalogue, model)
        .enumerate()
        .map(|(index, version)| {
            let mut value = version_value(shared, catalogue, version, index, &shared.base_url, 31);
            value["status"] = json!("Published");
            value["createdAt"] = json!(render::created_at(version));
            value["covered"] = json!(true);
            for image in value["images"].as_array_mut().into_iter().flatten() {
                image.as_object_mut().map(|image| image.remove("id"));
            }
            if let Value::Object(fields) = &mut value {
                fields.remove("supportsGeneration");
                fields.retain(|_, field| !field.is_null() && field.as_array().is_none_or(|items| !items.is_empty()));
            }
            value
        })
        .collect();
    Reply::ok(&value)
}

/// `GET models`.
pub(super) fn list(shared: &Shared, catalogue: &Catalogue, call: &Call, signed_in: bool) -> Reply {
    // Presence alone counts: `favorites=false` is refused as well.
    if !signed_in && (call.param("favorites").is_some() || call.param("hidden").is_some()) {
        return Reply::error(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    let query = match Query::parse(call) {
        Ok(query) => query,
        Err(reply) => return reply,
    };
    let found = query.select(catalogue);
    let page = match query.page(&found) {
        Ok(page) => page,
        Err(reply) => return reply,
    };
    let Page { models, next_cursor } = page;
    let levels = if query.nsfw { 31 } else { 1 };
    let origin = call.self_url();
    let items: Vec<Value> = models
        .into_iter()
        .map(|model| {
            let mut value = model_value(catalogue, model);
            value["modelVersions"] = published(catalogue, model)
                .enumerate()
                .map(|(index, version)| version_value(shared, catalogue, version, index, &origin, levels))
                .collect();
            value
        })
        .collect();
    let mut metadata = Map::new();
    if let Some(number) = query.page_number {
        metadata.insert("currentPage".to_owned(), json!(number));
        metadata.insert("pageSize".to_owned(), json!(query.limit));
    }
    if let Some(cursor) = next_cursor {
        let next = query::next_page(call, query.page_number, &cursor);
        metadata.insert("nextCursor".to_owned(), json!(cursor));
        metadata.insert("nextPage".to_owned(), json!(format!("{origin}/api/v1/models?{next}")));
    }
    Reply::ok(&json!({ "items": items, "metadata": metadata }))
}

fn published<'a>(catalogue: &'a Catalogue, model: &'a Model) -> impl Iterator<Item = &'a Version> {
    model.versions.iter().filter_map(|id| catalogue.version(*id)).filter(|version| version.spec.published)
}

/// Union of the versions' levels.
fn level(catalogue: &Catalogue, model: &Model) -> u32 {
    published(catalogue, model).fold(0, |levels, version| levels | version.spec.nsfw_level)
}

fn model_value(catalogue: &Catalogue, model: &Model) -> Value {
    let spec = &model.spec;
    let mut value = json!({
        "id": model.id,
        "name": spec.name,
        "description": spec.description,
        "type": spec.kind,
        "nsfw": spec.nsfw,
        "nsfwLevel": level(catalogue, model),
        "minor": spec.minor,
        "sfwOnly": false,
        "poi": spec.poi,
        "allowNoCredit": true,
        "allowCommercialUse": match &spec.commercial_use {
            CommercialUse::List(uses) => json!(uses),
            CommercialUse::Literal(text) => json!(text),
        },
        "allowDerivatives": true,
        "allowDifferentLicense": true,
        "availability": "Public",
        "supportsGeneration": spec.mode.is_none(),
        "userId": user_id(&spec.creator),
        "cosmetic": null,
        "stats": {
            "downloadCount": spec.stats.downloads,
            "thumbsUpCount": spec.stats.thumbs_up,
            "thumbsDownCount": spec.stats.thumbs_down,
            "commentCount": spec.stats.comments,
            "tippedAmountCount": spec.stats.tipped,
        },
        "creator": { "username": spec.creator, "image": null },
        "tags": spec.tags,
    });
    if let Some(mode) = spec.mode {
        value["mode"] = json!(mode.name());
    }
    render::merge(&mut value, &spec.extra);
    value
}

fn version_value(
    shared: &Shared,
    catalogue: &Catalogue,
    version: &Version,
    index: usize,
    origin: &str,
    levels: u32,
) -> Value {
    let spec = &version.spec;
    let mode = catalogue.model_of(version).spec.mode;
    let archived = mode == Some(Mode::Archived);
    let primary = catalogue.primary_file(version).map(|file| file.id);
    let files: Vec<Value> = catalogue
        .files_of(version)
        .filter(|file| !archived && !file.spec.replaced)
        .map(|file| {
            let is_primary = primary == Some(file.id);
            let mut value = render::file_value(catalogue, version, file, is_primary, origin);
            // Here the key is present only on the primary file.
            if is_primary {
                value["primary"] = json!(true);
            }
            value
        })
        .collect();
    let images: Vec<Value> = version
        .images
        .iter()
        .filter(|image| mode != Some(Mode::TakenDown) && image.spec.nsfw_level & levels != 0)
        .map(|image| {
            let mut value = render::image_value(shared, image);
            value["id"] = json!(image.id);
            value
        })
        .collect();
    let mut value = json!({
        "id": version.id,
        "index": index,
        "name": spec.name,
        "baseModel": spec.base_model,
        "baseModelType": spec.base_model_type,
        "publishedAt": spec.published_at,
        "trainedWords": spec.trained_words,
        "supportsGeneration": mode.is_none(),
        "availability": if spec.paid_access.is_some() { "EarlyAccess" } else { "Public" },
        "paidAccess": render::paid_access(version),
        "stats": render::version_stats(spec.stats),
        "files": files,
        "images": images,
    });
    if let Some(end) = spec.paid_access.as_ref().and_then(|access| access.ends_at.as_ref()) {
        value["earlyAccessDeadline"] = json!(end);
    }
    if !archived {
        value["downloadUrl"] = json!(format!("{origin}/api/download/models/{}", version.id));
    }
    render::merge(&mut value, &spec.extra);
    value
}

/// A user number that follows from the name.
pub(super) fn user_id(name: &str) -> u64 {
    10_000 + Noise::named(name).next_u64() % 900_000
}
