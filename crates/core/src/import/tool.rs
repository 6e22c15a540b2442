//! The tools whose hashes can be used, by name. What each keeps where is told in its own file.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whose measurement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// AUTOMATIC1111's stable-diffusion-webui.
    A1111,
    /// Forge.
    Forge,
    /// SD.Next.
    SdNext,
    /// Fooocus.
    Fooocus,
    /// LoRA Manager for `ComfyUI`.
    LoraManager,
    /// Stability Matrix.
    StabilityMatrix,
    /// Civitai Helper, and everything that writes its `.civitai.info`.
    CivitaiHelper,
    /// Civitai Browser+.
    BrowserPlus,
    /// rgthree-comfy.
    Rgthree,
    /// `InvokeAI`.
    InvokeAi,
    /// `ComfyUI`.
    ComfyUi,
    /// kohya's trainers, in the file's own header.
    Kohya,
    /// The modelspec standard, in the file's own header.
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

    /// As written on the command line and in the database.
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

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::A1111 => "A1111",
            Self::Forge => "Forge",
            Self::SdNext => "SD.Next",
            Self::Fooocus => "Fooocus",
            Self::LoraManager => "LoRA Manager",
            Self::StabilityMatrix => "Stability Matrix",
            Self::CivitaiHelper => "Civitai Helper",
            Self::BrowserPlus => "Civitai Browser+",
            Self::Rgthree => "rgthree",
            Self::InvokeAi => "InvokeAI",
            Self::ComfyUi => "ComfyUI",
            Self::Kohya => "kohya header",
            Self::Modelspec => "modelspec header",
        }
    }

    /// The inverse of [`Self::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == text)
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_survive_their_names() {
        for tool in Tool::ALL {
            assert_eq!(Tool::parse(tool.as_str()), Some(tool));
            assert_eq!(serde_json::to_value(tool).unwrap(), tool.as_str());
        }
        assert_eq!(Tool::parse("A1111"), None);
    }
}
