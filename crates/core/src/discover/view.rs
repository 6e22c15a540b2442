//! What is shown of the catalogue: short, sanitised, and without a single address to fetch from.

use serde::{Deserialize, Serialize};

use super::desk::Desk;
use super::listed::{Access, Listed, ListedFile, ListedVersion, ScanWord, Terms};
use super::marks::ModelMarks;
use crate::catalog::Preview;
use crate::library::sanitise;
use crate::roots::ModelKind;
use crate::units::{ByteCount, CivitaiFileId, ModelId, VersionId};
use crate::vault::is_model_file;

/// Longest name, word and date, in characters.
const MAX_TEXT: usize = 200;

/// Most of each in one answer: authors list whole vocabularies.
const MAX_VERSIONS: usize = 200;
const MAX_FILES: usize = 60;
const MAX_PICTURES: usize = 20;
const MAX_WORDS: usize = 200;

/// A page of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DiscoverPage {
    /// In Civitai's order.
    pub models: Vec<DiscoverModel>,
    /// Where the next page begins; nothing after the last.
    pub next: Option<String>,
    /// How many were left out because all of them is above the content level of the settings.
    pub above_level: u32,
}

/// A model in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DiscoverModel {
    /// Civitai's id.
    pub id: ModelId,
    /// Its name.
    pub name: String,
    /// What sort of model it is.
    pub kind: ModelKind,
    /// The author's name.
    pub creator: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// How often it was downloaded; authors may hide it.
    #[ts(type = "number | null")]
    pub downloads: Option<u64>,
    /// Thumbs up.
    #[ts(type = "number | null")]
    pub likes: Option<u64>,
    /// `Archived`, `TakenDown`.
    pub mode: Option<String>,
    /// The picture it is known by: the first within the content level, else the first.
    pub cover: Option<DiscoverPicture>,
    /// The version its page shows first.
    pub newest: Option<VersionId>,
    /// The family that one is made for.
    pub base_model: Option<String>,
    /// Who may download that one.
    pub access: Access,
    /// `urn:air:…` of that one.
    pub air: Option<String>,
    /// How many versions it has.
    pub versions: u32,
    /// What of it is here, as of now.
    pub marks: ModelMarks,
}

/// A model's page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DiscoverDetail {
    /// As in a list.
    pub model: DiscoverModel,
    /// HTML from the author, sanitised.
    pub description: Option<String>,
    /// What its author permits.
    pub terms: Terms,
    /// Its page at Civitai.
    pub url: String,
    /// Newest first.
    pub versions: Vec<DiscoverVersion>,
}

/// A version of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DiscoverVersion {
    /// Civitai's id.
    pub id: VersionId,
    /// The version's own name.
    pub name: String,
    /// The family it is made for, in Civitai's spelling.
    pub base_model: Option<String>,
    /// ISO 8601, as Civitai says it.
    pub published_at: Option<String>,
    /// What to write in a prompt.
    pub trained_words: Vec<String>,
    /// HTML from the author, sanitised.
    pub description: Option<String>,
    /// Who may download it at the moment.
    pub access: Access,
    /// `urn:air:…`.
    pub air: Option<String>,
    /// Empty for archived models.
    pub files: Vec<DiscoverFile>,
    /// Pictures and videos, in the author's order.
    pub pictures: Vec<DiscoverPicture>,
}

/// A file of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DiscoverFile {
    /// Civitai's id.
    pub id: CivitaiFileId,
    /// As Civitai calls it: a stranger's text.
    pub name: String,
    /// `Model`, `VAE`, … in Civitai's spelling.
    pub file_type: String,
    /// About how large it is.
    pub size: ByteCount,
    /// `SafeTensor`, `PickleTensor`, `GGUF`, …
    pub format: Option<String>,
    /// `fp16`, `bf16`, …
    pub precision: Option<String>,
    /// `full`, `pruned`.
    pub extent: Option<String>,
    /// `Q8_0`, … of a quantised file.
    pub quant: Option<String>,
    /// The one to take unless there is a reason for another.
    pub preferred: bool,
    /// Whether it is a format that can run code when it is loaded.
    pub is_pickle: bool,
    /// What Civitai's search for code in it found.
    pub pickle_scan: ScanWord,
    /// What Civitai's search for viruses found.
    pub virus_scan: ScanWord,
    /// What Civitai measured; without it nothing can be compared.
    pub sha256: Option<String>,
}

/// A picture or video, by the name the engine hands it out under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct DiscoverPicture {
    /// For the preview address.
    pub key: String,
    /// A video.
    pub video: bool,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// One level of the bit mask.
    pub nsfw_level: u32,
    /// The prompt it was made with, if the author shows it.
    pub prompt: Option<String>,
}

/// A model for a list; its pictures can be had from now on.
pub(crate) fn shown(desk: &Desk, model: &Listed, marks: ModelMarks, blur_above: u32) -> DiscoverModel {
    let newest = model.versions.first();
    let cover = model.versions.iter().find_map(|version| cover_of(&version.previews, blur_above));
    let fallback = || model.versions.iter().find_map(|version| version.previews.first());
    DiscoverModel {
        id: model.id,
        name: clipped(&model.name),
        kind: model.kind.clone(),
        creator: model.creator.as_deref().map(clipped),
        tags: model.tags.iter().take(MAX_WORDS).map(|tag| clipped(tag)).collect(),
        downloads: model.downloads,
        likes: model.likes,
        mode: model.mode.as_deref().map(clipped),
        cover: cover.or_else(fallback).map(|preview| picture(desk, preview)),
        newest: newest.map(|version| version.id),
        base_model: newest.and_then(|version| version.base_model.as_deref()).map(clipped),
        access: newest.map_or(Access::Open, |version| version.access.clone()),
        air: newest.and_then(|version| version.air.clone()),
        versions: u32::try_from(model.versions.len()).unwrap_or(u32::MAX),
        marks,
    }
}

/// A model's page; its pictures can be had from now on.
pub(crate) fn detail_of(
    desk: &Desk,
    model: &Listed,
    marks: ModelMarks,
    blur_above: u32,
    base_url: &str,
) -> DiscoverDetail {
    DiscoverDetail {
        description: model.description.as_deref().and_then(sanitise),
        terms: Terms {
            commercial: model
                .terms
                .commercial
                .as_ref()
                .map(|uses| uses.iter().take(MAX_WORDS).map(|word| clipped(word)).collect()),
            ..model.terms.clone()
        },
        url: format!("{}/models/{}", base_url.trim_end_matches('/'), model.id.0),
        versions: model.versions.iter().take(MAX_VERSIONS).map(|one| version(desk, &model.kind, one)).collect(),
        model: shown(desk, model, marks, blur_above),
    }
}

/// A still picture first: a video is many times as large, and a list shows dozens.
fn cover_of(previews: &[Preview], blur_above: u32) -> Option<&Preview> {
    let within = |preview: &&Preview| preview.nsfw_level <= blur_above || blur_above >= 16;
    let still = previews.iter().filter(within).find(|preview| preview.media == "image");
    still.or_else(|| previews.iter().find(within))
}

fn version(desk: &Desk, kind: &ModelKind, version: &ListedVersion) -> DiscoverVersion {
    let preferred = preferred(kind, &version.files);
    DiscoverVersion {
        id: version.id,
        name: clipped(&version.name),
        base_model: version.base_model.as_deref().map(clipped),
        published_at: version.published_at.as_deref().map(clipped),
        trained_words: version.trained_words.iter().take(MAX_WORDS).map(|word| long(word)).collect(),
        description: version.description.as_deref().and_then(sanitise),
        access: version.access.clone(),
        air: version.air.clone(),
        files: version.files.iter().take(MAX_FILES).map(|one| file(one, Some(one.file.id) == preferred)).collect(),
        pictures: version.previews.iter().take(MAX_PICTURES).map(|preview| picture(desk, preview)).collect(),
    }
}

fn file(listed: &ListedFile, preferred: bool) -> DiscoverFile {
    let file = &listed.file;
    DiscoverFile {
        id: file.id,
        name: clipped(&file.name),
        file_type: clipped(&file.file_type),
        size: crate::download::size_of(file),
        format: listed.format.as_deref().map(clipped),
        precision: listed.precision.as_deref().map(clipped),
        extent: listed.extent.as_deref().map(clipped),
        quant: listed.quant.as_deref().map(clipped),
        preferred,
        is_pickle: is_pickle(listed),
        pickle_scan: listed.pickle_scan,
        virus_scan: listed.virus_scan,
        sha256: file.sha256.map(|sha256| sha256.to_string()),
    }
}

fn picture(desk: &Desk, preview: &Preview) -> DiscoverPicture {
    DiscoverPicture {
        key: desk.picture(&preview.url),
        video: preview.media == "video",
        width: preview.width,
        height: preview.height,
        nsfw_level: preview.nsfw_level,
        prompt: preview.prompt.as_deref().map(long),
    }
}

/// A model file before what belongs to it, one that runs no code before one that may, the page's own first before others.
fn preferred(kind: &ModelKind, files: &[ListedFile]) -> Option<CivitaiFileId> {
    let rank = |file: &&ListedFile| {
        let harmful = file.pickle_scan == ScanWord::Danger || file.virus_scan == ScanWord::Danger;
        (!harmful, is_model_file(kind, &file.file.file_type), !is_pickle(file), file.file.primary)
    };
    // Of equals the first.
    files.iter().rev().max_by_key(rank).map(|file| file.file.id)
}

/// By what Civitai says of it, and where it says nothing, by the name.
fn is_pickle(file: &ListedFile) -> bool {
    if let Some(format) = &file.format {
        return format == "PickleTensor";
    }
    let name = file.file.name.to_ascii_lowercase();
    [".ckpt", ".pt", ".pth", ".bin"].iter().any(|ending| name.ends_with(ending))
}

/// A stranger's text for people: short, without control characters.
fn clipped(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(MAX_TEXT).collect()
}

/// As [`clipped`], for a prompt.
fn long(text: &str) -> String {
    text.chars().filter(|character| !character.is_control() || *character == '\n').take(MAX_TEXT * 20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::VersionFile;

    fn listed(id: i64, file_type: &str, format: Option<&str>, primary: bool) -> ListedFile {
        ListedFile {
            file: VersionFile {
                id: CivitaiFileId(id),
                name: format!("{id}.ckpt"),
                size_kb: 1.0,
                file_type: file_type.to_owned(),
                primary,
                sha256: None,
                blake3: None,
                crc32: None,
                autov1: None,
                autov2: None,
                autov3: None,
                pickle_scan: None,
                pickle_message: None,
                virus_scan: None,
            },
            format: format.map(str::to_owned),
            precision: None,
            extent: None,
            quant: None,
            pickle_scan: ScanWord::Unknown,
            virus_scan: ScanWord::Unknown,
        }
    }

    #[test]
    fn a_file_that_runs_no_code_is_preferred() {
        let pickle = listed(1, "Model", Some("PickleTensor"), true);
        let safe = listed(2, "Pruned Model", Some("SafeTensor"), false);
        let vae = listed(3, "VAE", Some("SafeTensor"), false);
        let kind = ModelKind::Checkpoint;
        let of = |files: &[&ListedFile]| {
            preferred(&kind, &files.iter().map(|file| (*file).clone()).collect::<Vec<_>>()).map(|id| id.0)
        };
        assert_eq!(of(&[&vae, &pickle, &safe]), Some(2));
        assert_eq!(of(&[&vae, &pickle]), Some(1), "a VAE is not the model");
        let first = listed(4, "Model", Some("SafeTensor"), false);
        let offered = listed(5, "Model", Some("SafeTensor"), true);
        assert_eq!((of(&[&first, &offered]), of(&[&first, &safe])), (Some(5), Some(4)));
        let harmful = ListedFile { virus_scan: ScanWord::Danger, ..offered };
        assert_eq!(of(&[&harmful, &pickle]), Some(1));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn pickles_are_told_by_their_names_where_nothing_is_said() {
        assert!(is_pickle(&listed(1, "Model", None, true)));
        assert!(!is_pickle(&listed(1, "Model", Some("SafeTensor"), true)), "what Civitai says counts");
    }

    #[test]
    fn the_cover_is_a_still_picture_within_the_level() {
        let preview = |media: &str, nsfw_level| Preview {
            url: format!("{media}{nsfw_level}"),
            media: media.to_owned(),
            width: None,
            height: None,
            nsfw_level,
            prompt: None,
        };
        let all = [preview("video", 1), preview("image", 8), preview("image", 2)];
        let cover = |blur_above| cover_of(&all, blur_above).map(|preview| preview.url.clone());
        assert_eq!(cover(2).as_deref(), Some("image2"));
        assert_eq!(cover(1).as_deref(), Some("video1"));
        assert_eq!(cover(16).as_deref(), Some("image8"));
    }
}
