//! Decides what is written beside a model. Pure: [`look`](super::look()) has seen what is there,
//! [`carry_out`](super::carry_out()) will act.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::action::{LeftAlone, PreviewWanted, SidecarAction};
use super::extend::extend;
use super::info::SidecarKind;
use super::look::{Beside, Existing};
use super::media::Media;
use super::{a1111, names, parse};
use crate::catalog::ModelVersion;
use crate::paths::{display, name_of};
use crate::roots::{Layout, ModelKind};

/// What is known of one model file.
#[derive(Debug, Clone, Copy)]
pub struct ModelFacts<'a> {
    /// Where it is, as its UI sees it.
    pub path: &'a Path,
    /// What it is.
    pub kind: &'a ModelKind,
    /// The UI of its root.
    pub layout: Layout,
    /// What Civitai says of it.
    pub version: &'a ModelVersion,
    /// HTML from the author: hostile.
    pub model_description: Option<&'a str>,
}

/// What to write beside models.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct SidecarChoice {
    /// Description and activation text, where A1111 reads them.
    pub a1111_json: bool,
    /// A preview picture.
    pub preview: bool,
    /// Civitai's whole answer, which many tools read.
    pub civitai_info: bool,
}

impl SidecarChoice {
    /// What the UI of a root makes use of.
    pub const fn default_of(layout: Layout) -> Self {
        match layout {
            Layout::A1111 | Layout::Forge => Self { a1111_json: true, preview: true, civitai_info: false },
            // SD.Next reads only the description from that file, and asks Civitai itself no more once it is there.
            Layout::SdNext | Layout::ComfyUi | Layout::SwarmUi | Layout::Fooocus => {
                Self { a1111_json: false, preview: true, civitai_info: false }
            }
            // InvokeAI's folder is its own; Stability Matrix writes files of its own; a folder has nobody to read them.
            Layout::InvokeAi | Layout::StabilityMatrix | Layout::Plain => {
                Self { a1111_json: false, preview: false, civitai_info: false }
            }
        }
    }
}

/// What to do for one model: an action, or a reason for none, for everything chosen.
pub fn plan(facts: &ModelFacts<'_>, choice: SidecarChoice, beside: &Beside) -> Vec<SidecarAction> {
    let chosen = [
        (choice.a1111_json, SidecarKind::A1111Json, "json"),
        (choice.civitai_info, SidecarKind::CivitaiInfo, "civitai.info"),
        (choice.preview, SidecarKind::Preview, "preview.png"),
    ];
    let mut actions = Vec::new();
    for (is_chosen, kind, ending) in chosen {
        let Some(path) = names::beside(facts.path, ending).filter(|_| is_chosen) else { continue };
        actions.push(decide(facts, beside, kind, &path).unwrap_or_else(|why| SidecarAction::LeaveAlone {
            path,
            kind,
            why,
        }));
    }
    actions
}

fn decide(facts: &ModelFacts<'_>, beside: &Beside, kind: SidecarKind, path: &Path) -> Result<SidecarAction, LeftAlone> {
    if facts.layout == Layout::InvokeAi {
        return Err(LeftAlone::Managed);
    }
    if !beside.shared_with.is_empty() {
        return Err(LeftAlone::Shared { with: beside.shared_with.iter().map(|path| name_of(path)).collect() });
    }
    if kind != SidecarKind::Preview && names::is_too_long(path) {
        return Err(LeftAlone::NameTooLong);
    }
    match kind {
        SidecarKind::A1111Json => a1111_json(facts, &beside.a1111_json, path),
        SidecarKind::CivitaiInfo => civitai_info(facts, beside, path),
        SidecarKind::Preview => preview(facts, beside),
        SidecarKind::SdNextJson
        | SidecarKind::LoraManager
        | SidecarKind::StabilityMatrix
        | SidecarKind::SwarmUi
        | SidecarKind::Rgthree
        | SidecarKind::Description => Err(LeftAlone::OtherPrograms),
    }
}

fn a1111_json(facts: &ModelFacts<'_>, existing: &Existing, path: &Path) -> Result<SidecarAction, LeftAlone> {
    let members = a1111::members(facts);
    if members.is_empty() {
        return Err(LeftAlone::NothingKnown);
    }
    let unusable = |problem: String| LeftAlone::NotUsable { problem };
    let kind = SidecarKind::A1111Json;
    match existing {
        Existing::Absent => {
            let (text, _) = extend("{}", &members).map_err(unusable)?;
            Ok(create(facts.path, path, kind, text.into_bytes()))
        }
        Existing::Unusable(why) => Err(why.clone()),
        Existing::Bytes(before) => {
            // Adding UTF-8 to another encoding would make it neither.
            let text = std::str::from_utf8(before).map_err(|_| unusable("it is not UTF-8 text".to_owned()))?;
            let (after, adds) = extend(text, &members).map_err(unusable)?;
            if adds.is_empty() {
                return Err(LeftAlone::NothingToAdd);
            }
            // SD.Next writes this file anew whenever it likes, and reads none of the keys.
            let value: Option<Value> = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok();
            if value.is_some_and(|value| parse::is_civitai_model(&value)) {
                return Err(LeftAlone::OtherPrograms);
            }
            let (before, after) = (before.clone(), after.into_bytes());
            Ok(SidecarAction::Extend { model: facts.path.to_owned(), path: path.to_owned(), kind, adds, before, after })
        }
    }
}

fn civitai_info(facts: &ModelFacts<'_>, beside: &Beside, path: &Path) -> Result<SidecarAction, LeftAlone> {
    if beside.civitai_info {
        return Err(LeftAlone::AlreadyThere);
    }
    // Civitai's answer as it came; should it ever have extensions itself, they stay and the mark is left out.
    let mark = json!({ "modeldock": { "version": env!("CARGO_PKG_VERSION") } });
    let (text, _) = extend(&facts.version.raw, &[("extensions", mark)]).map_err(|_| LeftAlone::NothingKnown)?;
    Ok(create(facts.path, path, SidecarKind::CivitaiInfo, text.into_bytes()))
}

fn preview(facts: &ModelFacts<'_>, beside: &Beside) -> Result<SidecarAction, LeftAlone> {
    if let Some(there) = &beside.preview {
        return Err(LeftAlone::HasPreview { path: display(there).0 });
    }
    let accepts = Media::shown_by(facts.layout);
    let shows = |video: bool| accepts.iter().any(|media| media.is_video() == video);
    // The longest name that any of them could need.
    let too_long = |media: &Media| {
        names::beside(facts.path, &format!("preview.{}", media.extension()))
            .is_none_or(|path| names::is_too_long(&path))
    };
    let of_kind = |wanted: &str| -> Vec<usize> {
        let previews = facts.version.previews.iter().enumerate();
        previews.filter(|(_, preview)| preview.media == wanted).map(|(at, _)| at).collect()
    };
    let (pictures, videos) = (of_kind("image"), of_kind("video"));
    if pictures.is_empty() && videos.is_empty() {
        return Err(LeftAlone::NothingKnown);
    }
    let mut candidates = if shows(false) { pictures } else { Vec::new() };
    if shows(true) {
        candidates.extend(videos);
    }
    if candidates.is_empty() {
        return Err(LeftAlone::NotShown);
    }
    if accepts.iter().all(too_long) {
        return Err(LeftAlone::NameTooLong);
    }
    Ok(SidecarAction::PreviewWanted(PreviewWanted { model: facts.path.to_owned(), candidates, accepts }))
}

fn create(model: &Path, path: &Path, kind: SidecarKind, contents: Vec<u8>) -> SidecarAction {
    let unless: Vec<PathBuf> = Vec::new();
    SidecarAction::Create { model: model.to_owned(), path: path.to_owned(), kind, contents, unless }
}
