//! What one file beside a model says, in the same words whichever program wrote it.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::units::{ModelId, VersionId};

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum SidecarKind {
    /// `<base>.civitai.info`: Civitai's answer about the version, as Civitai Helper and many others keep it.
    CivitaiInfo,
    /// `<base>.json` of A1111 and Forge, which other tools also add to.
    A1111Json,
    /// `<base>.json` of SD.Next: Civitai's answer about the whole model.
    SdNextJson,
    /// `<base>.metadata.json` of LoRA Manager.
    LoraManager,
    /// `<base>.cm-info.json` of Stability Matrix.
    StabilityMatrix,
    /// `<base>.swarm.json` of SwarmUI.
    SwarmUi,
    /// `<file>.rgthree-info.json` of rgthree's nodes.
    Rgthree,
    /// `<base>.txt`, `<base>.description.txt`: a description as plain text.
    Description,
    /// A picture or video.
    Preview,
}

/// One file beside a model, and what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct SidecarInfo {
    /// Whose file it is.
    pub kind: SidecarKind,
    /// Absolute. Characters that are not Unicode are shown as `�`.
    pub path: String,
    /// File names of other models that this file is beside just as much.
    pub shared_with: Vec<String>,
    /// Sanitised HTML.
    pub description: Option<String>,
    /// What the user noted.
    pub notes: Option<String>,
    /// What a UI adds to the prompt.
    pub activation_text: Option<String>,
    /// What a UI adds to the negative prompt.
    pub negative_text: Option<String>,
    /// The strength a UI applies it with.
    pub preferred_weight: Option<f64>,
    /// What to write in a prompt, as the author lists it.
    pub trained_words: Vec<String>,
    /// The model's name.
    pub model_name: Option<String>,
    /// The version's name.
    pub version_name: Option<String>,
    /// In the writer's spelling.
    pub base_model: Option<String>,
    /// The writer's tags.
    pub tags: Vec<String>,
    /// Civitai's model, as the file claims.
    pub model_id: Option<ModelId>,
    /// Civitai's version, as the file claims.
    pub version_id: Option<VersionId>,
    /// Why it says nothing, where it should.
    pub problem: Option<Error>,
}

impl SidecarInfo {
    /// A file that says nothing yet.
    pub(super) fn new(kind: SidecarKind, path: &Path) -> Self {
        Self {
            kind,
            path: crate::paths::display(path).0,
            shared_with: Vec::new(),
            description: None,
            notes: None,
            activation_text: None,
            negative_text: None,
            preferred_weight: None,
            trained_words: Vec::new(),
            model_name: None,
            version_name: None,
            base_model: None,
            tags: Vec::new(),
            model_id: None,
            version_id: None,
            problem: None,
        }
    }
}
