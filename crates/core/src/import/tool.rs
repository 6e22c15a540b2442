//! The tools whose measurements are taken over.

use serde::{Deserialize, Serialize};

/// Whose measurement a hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// AUTOMATIC1111's stable-diffusion-webui.
    A1111,
    /// Forge and its descendants.
    Forge,
    /// SD.Next.
    SdNext,
    /// Fooocus.
    Fooocus,
    /// `ComfyUI` LoRA Manager.
    LoraManager,
    /// Stability Matrix.
    StabilityMatrix,
    /// Civitai Helper, and whatever else writes `.civitai.info`.
    CivitaiHelper,
    /// Civitai Browser+.
    BrowserPlus,
    /// rgthree-comfy.
    Rgthree,
    /// `InvokeAI`.
    InvokeAi,
    /// `ComfyUI`'s own asset database.
    ComfyUi,
    /// The file's own header, as kohya's trainer wrote it.
    Kohya,
    /// The file's own header, as the modelspec convention has it.
    Modelspec,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 13] = [
        Self::A1111,
        Self::Forge,
        Self::SdNext,
        Self::Fooocus,
        Self::LoraManager,
        Self::StabilityMatrix,
        Self::CivitaiHelper,
        Self::BrowserPlus,
        Self::Rgthree,
        Self::InvokeAi,
        Self::ComfyUi,
        Self::Kohya,
        Self::Modelspec,
    ];

    /// As in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A1111 => "a1111",
            Self::Forge => "forge",
            Self::SdNext => "sd_next",
            Self::Fooocus => "fooocus",
            Self::LoraManager => "lora_manager",
            Self::StabilityMatrix => "stability_matrix",
            Self::CivitaiHelper => "civitai_helper",
            Self::BrowserPlus => "browser_plus",
            Self::Rgthree => "rgthree",
            Self::InvokeAi => "invoke_ai",
            Self::ComfyUi => "comfy_ui",
            Self::Kohya => "kohya",
            Self::Modelspec => "modelspec",
        }
    }

    /// The inverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == text)
    }

    /// The tool's own name.
    pub const fn label(self) -> &'static str {
        match self {
            Self::A1111 => "A1111",
            Self::Forge => "Forge",
            Self::SdNext => "SD.Next",
            Self::Fooocus => "Fooocus",
            Self::LoraManager => "LoRA Manager",
            Self::StabilityMatrix => "Stability Matrix",
            Self::CivitaiHelper => "Civitai Helper",
            Self::BrowserPlus => "Browser+",
            Self::Rgthree => "rgthree",
            Self::InvokeAi => "InvokeAI",
            Self::ComfyUi => "ComfyUI",
            Self::Kohya => "kohya's trainer",
            Self::Modelspec => "the file's header",
        }
    }
}
