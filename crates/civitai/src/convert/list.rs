//! Lists and model pages, as what the engine shows. Pure: the time is an argument.

use std::time::SystemTime;

use modeldock_core::discover::{ListPage, Listed, ListedFile, ListedVersion, ScanWord, Terms};
use modeldock_core::roots::ModelKind;
use modeldock_core::units::{ModelId, VersionId};
use serde::Deserialize as _;

use super::{access, file, id, nsfw_level, preview};
use crate::air::Air;
use crate::wire;

/// Most models of one page that are looked at: no page that was asked for has more.
const MOST_MODELS: usize = 200;

/// Most versions of one model, and most files and pictures of one version, that are looked at.
const MOST_VERSIONS: usize = 400;
const MOST_PARTS: usize = 100;

/// A page. One odd model costs that model. `None` if it is no page.
pub(crate) fn page(page: wire::ModelPage, now: SystemTime) -> Option<ListPage> {
    let models = page.items?.into_iter().take(MOST_MODELS).filter_map(|item| {
        let id = item.get("id").cloned();
        let model = wire::ListedModel::deserialize(item).ok().and_then(|model| listed(model, now));
        if model.is_none() {
            tracing::warn!(?id, "skipping a model of Civitai's list that cannot be read");
        }
        model
    });
    Some(ListPage { models: models.collect(), next: page.metadata.and_then(|metadata| metadata.next_cursor) })
}

/// A model with its versions.
pub(crate) fn listed(model: wire::ListedModel, now: SystemTime) -> Option<Listed> {
    let number = ModelId(id(model.id)?);
    let kind = model.kind.as_deref().map_or_else(ModelKind::unknown, ModelKind::from);
    let count = |number: Option<i64>| number.and_then(|number| u64::try_from(number).ok());
    let (downloads, likes) = match model.stats {
        Some(stats) => (count(stats.download_count), count(stats.thumbs_up_count)),
        None => (None, None),
    };
    let versions = model.model_versions.into_iter().take(MOST_VERSIONS);
    Some(Listed {
        id: number,
        name: model.name.unwrap_or_default(),
        description: model.description,
        nsfw: model.nsfw,
        nsfw_level: nsfw_level(&model.nsfw_level),
        creator: model.creator.and_then(|creator| creator.username),
        tags: model.tags.iter().map(|tag| tag.to_lowercase()).collect(),
        downloads,
        likes,
        terms: Terms {
            without_credit: model.allow_no_credit,
            commercial: model.allow_commercial_use,
            derivatives: model.allow_derivatives,
            other_terms: model.allow_different_license,
        },
        mode: model.mode,
        versions: versions.filter_map(|version| listed_version(version, number, &kind, now)).collect(),
        kind,
    })
}

fn listed_version(
    version: wire::ListedVersion,
    model: ModelId,
    kind: &ModelKind,
    now: SystemTime,
) -> Option<ListedVersion> {
    let number = VersionId(id(version.id)?);
    let access = access(
        version.paid_access.as_ref(),
        version.availability.as_deref(),
        version.early_access_deadline.as_deref().or(version.early_access_ends_at.as_deref()),
        now,
    );
    let files: Vec<ListedFile> = version.files.into_iter().take(MOST_PARTS).filter_map(listed_file).collect();
    let primary = files.iter().find(|file| file.file.primary).map(|file| file.file.file_type.as_str());
    let air = version.base_model.as_deref().map(|base| Air::of_version(model, number, base, kind, primary).to_string());
    Some(ListedVersion {
        id: number,
        name: version.name.unwrap_or_default(),
        base_model: version.base_model,
        published_at: version.published_at,
        trained_words: version.trained_words,
        description: version.description,
        access,
        air,
        files,
        previews: version.images.into_iter().take(MOST_PARTS).filter_map(preview).collect(),
    })
}

fn listed_file(listed: wire::ListedFile) -> Option<ListedFile> {
    let metadata = listed.metadata.unwrap_or_default();
    Some(ListedFile {
        file: file(listed.file)?,
        format: metadata.format,
        precision: metadata.fp,
        extent: metadata.size,
        quant: metadata.quant_type,
        pickle_scan: scan(listed.pickle_scan_result.as_deref()),
        virus_scan: scan(listed.virus_scan_result.as_deref()),
    })
}

fn scan(word: Option<&str>) -> ScanWord {
    match word {
        Some("Success") => ScanWord::Clean,
        Some("Pending") => ScanWord::Pending,
        Some("Danger") => ScanWord::Danger,
        Some("Error") => ScanWord::Failed,
        _ => ScanWord::Unknown,
    }
}
