//! What Civitai sent, as what the engine keeps. Pure: the time is an argument.
//!
//! An answer without its ids is none; everything else has a value that says "unknown". `early_access` looks at dates,
//! because cached replies keep a gate that opened long ago.

pub(crate) mod list;
pub(crate) mod vault;

use std::time::SystemTime;

use modeldock_core::catalog::{HashMatch, ListedVersion, Model, ModelVersion, Preview, VersionFile};
use modeldock_core::discover::Access;
use modeldock_core::hash::AutoV3;
use modeldock_core::roots::ModelKind;
use modeldock_core::units::{CivitaiFileId, ModelId, VersionId};
use serde_json::Value;

use crate::air::Air;
use crate::wire::{self, lenient};

/// Longest words about a scan that are kept, in characters: a list of imports can be any length.
const MAX_MESSAGE: usize = 500;

/// A row of `by-hash/ids`, if it is complete.
pub(crate) fn hash_match(row: &wire::IdsRow) -> Option<HashMatch> {
    Some(HashMatch {
        sha256: row.hash.as_deref()?.trim().parse().ok()?,
        version_id: VersionId(id(row.model_version_id)?),
        model_id: id(row.model_id).map(ModelId),
    })
}

/// A version. `raw` is the JSON it was read from.
pub(crate) fn version(version: wire::Version, raw: &str, now: SystemTime) -> Option<ModelVersion> {
    let ends = version.early_access_ends_at.as_deref();
    let access = access(version.paid_access.as_ref(), version.availability.as_deref(), ends, now);
    let (model_name, kind, mode, inner_id) = match version.model {
        Some(model) => (model.name, model.kind, model.mode, model.id),
        None => (None, None, None, None),
    };
    let version_id = VersionId(id(version.id)?);
    let model_id = ModelId(id(version.model_id).or(id(inner_id))?);
    let kind = kind.as_deref().map_or_else(ModelKind::unknown, ModelKind::from);
    let files: Vec<VersionFile> = version.files.into_iter().filter_map(file).collect();
    let air = air(version.air, model_id, version_id, version.base_model.as_deref(), &kind, &files);
    Some(ModelVersion {
        id: version_id,
        model_id,
        name: version.name.unwrap_or_default(),
        model_name: model_name.unwrap_or_default(),
        kind,
        base_model: version.base_model,
        trained_words: version.trained_words,
        description: version.description,
        air,
        published_at: version.published_at,
        nsfw_level: nsfw_level(&version.nsfw_level),
        early_access: access != Access::Open,
        mode: mode.or(version.mode),
        files,
        previews: version.images.into_iter().filter_map(preview).collect(),
        raw: raw.to_owned(),
    })
}

/// A model's page.
pub(crate) fn model(model: wire::Model, now: SystemTime) -> Option<Model> {
    Some(Model {
        id: ModelId(id(model.id)?),
        name: model.name.unwrap_or_default(),
        description: model.description,
        creator: model.creator.and_then(|creator| creator.username),
        tags: model.tags.iter().map(|tag| tag.to_lowercase()).collect(),
        newest_version: model.versions.iter().find_map(|version| id(version.id)).map(VersionId),
        versions: model.versions.into_iter().filter_map(|version| listed(version, now)).collect(),
    })
}

fn listed(version: wire::Version, now: SystemTime) -> Option<ListedVersion> {
    let ends = version.early_access_ends_at.as_deref();
    let access = access(version.paid_access.as_ref(), version.availability.as_deref(), ends, now);
    Some(ListedVersion {
        early_access: access != Access::Open,
        id: VersionId(id(version.id)?),
        name: version.name.unwrap_or_default(),
        base_model: version.base_model,
        published_at: version.published_at,
        files: version.files.into_iter().filter_map(file).collect(),
    })
}

/// Ids count from 1. A 0 or less is a placeholder somewhere.
fn id(number: Option<i64>) -> Option<i64> {
    number.filter(|&number| number > 0)
}

fn file(file: wire::File) -> Option<VersionFile> {
    let hashes = file.hashes.unwrap_or_default();
    Some(VersionFile {
        id: CivitaiFileId(id(file.id)?),
        name: file.name.unwrap_or_default(),
        size_kb: file.size_kb.filter(|size| *size >= 0.0).unwrap_or_default(),
        // What Civitai itself takes a file for that says nothing.
        file_type: file.kind.unwrap_or_else(|| "Model".to_owned()),
        primary: file.primary,
        sha256: hashes.get("SHA256"),
        blake3: hashes.get("BLAKE3"),
        crc32: hashes.get("CRC32"),
        autov1: hashes.get("AutoV1"),
        autov2: hashes.get("AutoV2"),
        // Repackers write it into files that have nothing in common.
        autov3: hashes.get("AutoV3").filter(|hash| *hash != AutoV3::OF_NOTHING),
        pickle_scan: file.pickle_scan_result,
        pickle_message: file.pickle_scan_message.map(|message| message.chars().take(MAX_MESSAGE).collect()),
        virus_scan: file.virus_scan_result,
    })
}

fn preview(image: wire::Image) -> Option<Preview> {
    let url = image.url?;
    let prompt = ["/prompt", "/meta/prompt"].into_iter().find_map(|path| image.meta.pointer(path)?.as_str());
    Some(Preview {
        media: image.media.unwrap_or_else(|| media_of(&url).to_owned()),
        width: pixels(image.width),
        height: pixels(image.height),
        nsfw_level: nsfw_level(&image.nsfw_level),
        prompt: prompt.map(str::to_owned).filter(|prompt| !prompt.trim().is_empty()),
        url,
    })
}

fn media_of(url: &str) -> &'static str {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    if [".mp4", ".webm", ".mov"].iter().any(|ending| path.ends_with(ending)) { "video" } else { "image" }
}

fn pixels(number: Option<i64>) -> Option<u32> {
    number.and_then(|number| u32::try_from(number).ok()).filter(|&number| number > 0)
}

/// The bit mask, also from the words older endpoints use. 0 where nothing is known.
fn nsfw_level(value: &Value) -> u32 {
    match value.as_str() {
        Some("None") => 1,
        Some("Soft") => 2,
        Some("Mature") => 4,
        Some("X") => 8,
        _ => lenient::integer_of(value).and_then(|level| u32::try_from(level).ok()).unwrap_or_default(),
    }
}

/// Who may download a version now. `ends` is how older servers and lists say it.
fn access(paid: Option<&wire::PaidAccess>, availability: Option<&str>, ends: Option<&str>, now: SystemTime) -> Access {
    let until = |end: Option<jiff::Timestamp>| match end {
        Some(end) if SystemTime::from(end) <= now => Access::Open,
        // A gate without a readable end is closed.
        end => Access::EarlyAccess { until: end.map(|end| end.to_string()) },
    };
    if let Some(paid) = paid {
        return if paid.permanent { Access::Paid } else { until(paid.ends_at.as_deref().and_then(timestamp)) };
    }
    let end = ends.and_then(timestamp);
    match availability {
        Some("EarlyAccess") => until(end),
        _ => end.map_or(Access::Open, |end| until(Some(end))),
    }
}

/// A moment as the API writes it: with a zone, or without where the database wrote it, which means UTC.
fn moment(text: &str) -> Option<SystemTime> {
    timestamp(text).map(SystemTime::from)
}

/// As [`moment`], for what is written again.
fn timestamp(text: &str) -> Option<jiff::Timestamp> {
    let text = text.trim();
    text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

/// What the server says, if it is about this version; else built from the ids.
fn air(
    said: Option<String>,
    model: ModelId,
    version: VersionId,
    base_model: Option<&str>,
    kind: &ModelKind,
    files: &[VersionFile],
) -> Option<String> {
    let about_this = |air: &Air| air.model == model && air.version == Some(version);
    if let Some(said) = said.filter(|said| said.parse().is_ok_and(|air| about_this(&air))) {
        return Some(said);
    }
    let primary = files.iter().find(|file| file.primary).map(|file| file.file_type.as_str());
    Some(Air::of_version(model, version, base_model?, kind, primary).to_string())
}

#[cfg(test)]
mod tests;
