//! Which UI a folder belongs to, and so which subfolder holds which kind of model.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::ModelKind;
use crate::units::{ByteCount, RootId};

/// The convention a root follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// AUTOMATIC1111's stable-diffusion-webui.
    A1111,
    /// Forge and its descendants.
    Forge,
    /// SD.Next.
    SdNext,
    /// `ComfyUI`.
    ComfyUi,
    /// `SwarmUI`.
    SwarmUi,
    /// `InvokeAI`: its files are read, never moved or changed.
    InvokeAi,
    /// Fooocus.
    Fooocus,
    /// Stability Matrix's shared models.
    StabilityMatrix,
    /// A folder with models in it and no convention.
    Plain,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 9] = [
        Self::A1111,
        Self::Forge,
        Self::SdNext,
        Self::ComfyUi,
        Self::SwarmUi,
        Self::InvokeAi,
        Self::Fooocus,
        Self::StabilityMatrix,
        Self::Plain,
    ];

    /// As written on the command line and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A1111 => "a1111",
            Self::Forge => "forge",
            Self::SdNext => "sd_next",
            Self::ComfyUi => "comfy_ui",
            Self::SwarmUi => "swarm_ui",
            Self::InvokeAi => "invoke_ai",
            Self::Fooocus => "fooocus",
            Self::StabilityMatrix => "stability_matrix",
            Self::Plain => "plain",
        }
    }

    /// The program's own name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::A1111 => "A1111",
            Self::Forge => "Forge",
            Self::SdNext => "SD.Next",
            Self::ComfyUi => "ComfyUI",
            Self::SwarmUi => "SwarmUI",
            Self::InvokeAi => "InvokeAI",
            Self::Fooocus => "Fooocus",
            Self::StabilityMatrix => "Stability Matrix",
            Self::Plain => "Folder",
        }
    }

    /// The inverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.as_str() == text)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// A folder that holds models of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFolder {
    /// Absolute.
    pub path: PathBuf,
    /// What the UI loads from it. Unknown for a plain folder.
    pub kind: ModelKind,
}

/// An installation found on this computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct DetectedRoot {
    /// Absolute.
    pub path: String,
    /// Which UI it is.
    pub layout: Layout,
    /// For people: the folder's name.
    pub name: String,
    /// Model files in it, counted by name only.
    pub files: u32,
    /// Their bytes.
    pub bytes: ByteCount,
    /// Already in the library.
    pub added: bool,
}

/// A watched installation or folder, with what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct RootInfo {
    /// The row.
    pub id: RootId,
    /// Absolute.
    pub path: String,
    /// Which convention it follows.
    pub layout: Layout,
    /// For people: the folder's name.
    pub name: String,
    /// Whether it can be reached at the moment.
    pub online: bool,
    /// Files in the library.
    pub files: u32,
    /// Their bytes.
    pub bytes: ByteCount,
    /// When it was last looked through to the end.
    pub scanned_at: Option<crate::units::UnixMillis>,
    /// How changes in it are noticed at the moment.
    pub watching: Watching,
    /// Why not better, for people.
    pub watching_note: Option<String>,
    /// What may be written beside its models.
    pub sidecars: crate::sidecar::SidecarChoice,
    /// Where downloads go in it.
    pub places: crate::download::PlaceRules,
}

/// How changes in a root are noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Watching {
    /// The system tells of them at once.
    Events,
    /// At least a part of it is looked at again and again.
    Polling,
    /// Not at all, or by another process.
    Off,
}
