//! Versions, files and images as Civitai's JSON. The endpoints differ in small ways, which are the parameters here.

use serde_json::{Map, Value, json};

use super::Shared;
use super::route::IMAGE_ACCOUNT;
use crate::catalogue::{Catalogue, File, Image, Mode, PreviewKind, Stats, Version, air, download_file_name};
use crate::picture;

/// Which road a version takes to the client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Road {
    /// `model-versions/{id}`: raw SQL, so replaced files are listed and nested timestamps have no `Z`.
    ById,
    /// by-hash, single and batch.
    ByHash,
}

/// A version in full. `None` when it has no primary file, which callers turn into 404 or `null`.
pub(super) fn version(
    shared: &Shared,
    catalogue: &Catalogue,
    version: &Version,
    road: Road,
    origin: &str,
) -> Option<Value> {
    let primary = catalogue.primary_file(version)?;
    let model = catalogue.model_of(version);
    let spec = &version.spec;
    let archived = model.spec.mode == Some(Mode::Archived);
    let mut model_value = json!({
        "name": model.spec.name,
        "type": model.spec.kind,
        "nsfw": model.spec.nsfw,
        "poi": model.spec.poi,
    });
    if let Some(mode) = model.spec.mode {
        model_value["mode"] = json!(mode.name());
    }
    let files: Vec<Value> = catalogue
        .files_of(version)
        .filter(|file| road == Road::ById || !file.spec.replaced)
        .filter(|_| !archived)
        .map(|file| {
            let mut value = file_value(catalogue, version, file, primary.id == file.id, origin);
            value["primary"] = json!(primary.id == file.id);
            if road == Road::ById {
                value["scannedAt"] = json!(scanned_at(version).trim_end_matches(".000Z"));
            }
            value
        })
        .collect();
    let images: Vec<Value> = version
        .images
        .iter()
        .take(10)
        .filter(|_| model.spec.mode != Some(Mode::TakenDown))
        .map(|image| full_image(shared, version, image))
        .collect();
    let created = created_at(version);
    let mut value = json!({
        "id": version.id,
        "modelId": version.model_id,
        "name": spec.name,
        "nsfwLevel": spec.nsfw_level,
        "createdAt": created,
        "updatedAt": created,
        "status": if spec.published { "Published" } else { "Unpublished" },
        "publishedAt": spec.published_at,
        "trainedWords": spec.trained_words,
        "trainingStatus": null,
        "trainingDetails": null,
        "baseModel": spec.base_model,
        "baseModelType": spec.base_model_type,
        "description": spec.description,
        "uploadType": "Created",
        "usageControl": spec.usage_control,
        "licensingFee": null,
        "paidAccess": paid_access(version),
        "air": air(model, version, Some(&primary.spec.kind)),
        "stats": { "downloadCount": spec.stats.downloads, "thumbsUpCount": spec.stats.thumbs_up },
        "model": model_value,
        "files": files,
        "images": images,
    });
    if !archived {
        value["downloadUrl"] = json!(format!("{origin}/api/download/models/{}", version.id));
    }
    merge(&mut value, &spec.extra);
    Some(value)
}

/// A file, without the `primary` key: its rule differs per endpoint.
pub(super) fn file_value(catalogue: &Catalogue, version: &Version, file: &File, primary: bool, origin: &str) -> Value {
    let model = catalogue.model_of(version);
    let pickle = match file.spec.format.as_deref() {
        Some("SafeTensor" | "GGUF") => "No Pickle imports",
        _ => {
            "**Detected Pickle imports (3)**\n```\ntorch._utils._rebuild_tensor_v2\ntorch.FloatStorage\ncollections.OrderedDict\n```"
        }
    };
    json!({
        "id": file.id,
        "sizeKB": size_kb(file),
        "name": download_file_name(&model.spec, &version.spec, &file.spec),
        "type": file.spec.kind,
        "pickleScanResult": "Success",
        "pickleScanMessage": pickle,
        "virusScanResult": "Success",
        "virusScanMessage": null,
        "scannedAt": scanned_at(version),
        "metadata": metadata(file),
        "hashes": file.hashes,
        "downloadUrl": format!("{origin}{}", download_path(version, file, primary)),
    })
}

/// Size in KiB, with decimals. Files here are small enough for the float to be exact.
#[expect(clippy::cast_precision_loss, reason = "file sizes are far below 2^52")]
pub(super) fn size_kb(file: &File) -> f64 {
    file.size as f64 / 1024.0
}

fn metadata(file: &File) -> Value {
    let mut metadata = Map::new();
    for (key, value) in [
        ("format", &file.spec.format),
        ("size", &file.spec.size),
        ("fp", &file.spec.fp),
        ("quantType", &file.spec.quant_type),
    ] {
        if let Some(value) = value {
            metadata.insert(key.to_owned(), json!(value));
        }
    }
    Value::Object(metadata)
}

/// Path and query under which a file of `version` can be downloaded.
pub(super) fn download_path(version: &Version, file: &File, primary: bool) -> String {
    let path = format!("/api/download/models/{}", version.id);
    if primary {
        return path;
    }
    let spec = &file.spec;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("type", &spec.kind);
    for (key, value) in
        [("format", &spec.format), ("size", &spec.size), ("fp", &spec.fp), ("quantType", &spec.quant_type)]
    {
        if let Some(value) = value {
            query.append_pair(key, value);
        }
    }
    // URLSearchParams and this serializer agree on `+` for the space in "Pruned Model".
    format!("{path}?{}", query.finish())
}

/// The parts of an image every endpoint shows. `id` is left out, as on the version endpoints.
pub(super) fn image_value(shared: &Shared, image: &Image) -> Value {
    let video = image.spec.kind == PreviewKind::Video;
    let (width, height) = if video { picture::VIDEO_SIZE } else { picture::ORIGINAL };
    json!({
        "url": image_url(shared, image),
        "nsfwLevel": image.spec.nsfw_level,
        "width": width,
        "height": height,
        "hash": (!video).then(|| picture::blurhash(image.spec.seed)),
        "type": if video { "video" } else { "image" },
        "minor": false,
        "poi": false,
        "hasMeta": image.spec.prompt.is_some(),
        "hasPositivePrompt": image.spec.prompt.is_some(),
        "onSite": false,
        "remixOfId": null,
    })
}

fn full_image(shared: &Shared, version: &Version, image: &Image) -> Value {
    let mut value = image_value(shared, image);
    let (width, height) = (value["width"].clone(), value["height"].clone());
    value["availability"] = json!("Public");
    value["metadata"] = json!({
        "hash": value["hash"], "width": width, "height": height, "size": 180_000 + image.id % 90_000,
    });
    value["meta"] = match &image.spec.prompt {
        Some(prompt) => json!({
            "prompt": prompt,
            "negativePrompt": "blurry, watermark",
            "seed": image.spec.seed % 4_294_967_296,
            "steps": 28,
            "cfgScale": 5,
            "sampler": "DPM++ 2M Karras",
            "Model": version.spec.base_model,
        }),
        None => Value::Null,
    };
    value
}

/// Where the original of an image is.
pub(super) fn image_url(shared: &Shared, image: &Image) -> String {
    let extension = if image.spec.kind == PreviewKind::Video { "mp4" } else { "jpeg" };
    format!("{}/{IMAGE_ACCOUNT}/{}/original=true/{}.{extension}", shared.storage_url, image.uuid, image.id)
}

/// `paidAccess`: an object while early access lasts, else null.
pub(super) fn paid_access(version: &Version) -> Value {
    version
        .spec
        .paid_access
        .as_ref()
        .map_or(Value::Null, |access| json!({ "permanent": access.permanent, "endsAt": access.ends_at }))
}

/// Creation date: the publication date, or a fixed one.
pub(super) fn created_at(version: &Version) -> &str {
    version.spec.published_at.as_deref().unwrap_or("2025-01-01T00:00:00.000Z")
}

fn scanned_at(version: &Version) -> String {
    // Files are scanned soon after publication; the same day at 23:05 will do.
    let day = created_at(version).get(..10).unwrap_or("2025-01-01");
    format!("{day}T23:05:11.000Z")
}

/// `stats` of a version in lists.
pub(super) fn version_stats(stats: Stats) -> Value {
    json!({
        "downloadCount": stats.downloads,
        "thumbsUpCount": stats.thumbs_up,
        "thumbsDownCount": stats.thumbs_down,
    })
}

/// Adds unknown fields.
pub(super) fn merge(value: &mut Value, extra: &Map<String, Value>) {
    if let Value::Object(object) = value {
        object.extend(extra.clone());
    }
}
