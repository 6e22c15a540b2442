//! What sort of model a file is, in Civitai's spelling.
//!
//! The list is open: Civitai adds kinds every few months, and a kind nobody here has heard of must survive a round
//! trip. `DiffusionModel` is a file type at Civitai, not a model type; it stands here because folders tell it apart.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! model_kinds {
    ($($(#[$doc:meta])* $variant:ident = $wire:literal, $label:literal;)*) => {
        /// What sort of model a file is.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ModelKind {
            $($(#[$doc])* $variant,)*
            /// A kind this version has no name for, in Civitai's spelling. Empty where nothing is known.
            Other(String),
        }

        impl ModelKind {
            /// Every kind with a name.
            pub const NAMED: &'static [Self] = &[$(Self::$variant,)*];

            /// Civitai's spelling.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Other(other) => other,
                }
            }

            /// For people: `LoRA`, `Embedding`, …
            pub fn label(&self) -> &str {
                match self {
                    $(Self::$variant => $label,)*
                    Self::Other(other) if other.is_empty() => "Unknown",
                    Self::Other(other) => other,
                }
            }
        }

        impl From<&str> for ModelKind {
            fn from(text: &str) -> Self {
                $(if text.eq_ignore_ascii_case($wire) {
                    return Self::$variant;
                })*
                Self::Other(text.to_owned())
            }
        }
    };
}

model_kinds! {
    /// A full model: diffusion model, text encoder and VAE in one file.
    Checkpoint = "Checkpoint", "Checkpoint";
    /// A low-rank adaptation.
    Lora = "LORA", "LoRA";
    /// `LyCORIS`: a LoRA with convolution layers.
    Locon = "LoCon", "LyCORIS";
    /// A weight-decomposed LoRA.
    Dora = "DoRA", "DoRA";
    /// An embedding.
    TextualInversion = "TextualInversion", "Embedding";
    /// A hypernetwork.
    Hypernetwork = "Hypernetwork", "Hypernetwork";
    /// A variational autoencoder.
    Vae = "VAE", "VAE";
    /// A small approximate VAE for previews (TAESD).
    VaeApprox = "VAEApprox", "VAE preview";
    /// ControlNet, T2I-Adapter.
    Controlnet = "Controlnet", "ControlNet";
    /// ESRGAN and the like.
    Upscaler = "Upscaler", "Upscaler";
    /// The denoiser alone: UNet or diffusion transformer.
    DiffusionModel = "DiffusionModel", "Diffusion model";
    /// Civitai's model type for a denoiser alone.
    Unet = "UNet", "UNet";
    /// CLIP, T5 and other text encoders.
    TextEncoder = "TextEncoder", "Text encoder";
    /// CLIP as a model of its own.
    Clip = "CLIP", "CLIP";
    /// CLIP vision and other image encoders.
    ClipVision = "CLIPVision", "CLIP vision";
    /// IP-Adapter.
    IpAdapter = "IPAdapter", "IP-Adapter";
    /// Redux and other style models.
    StyleModel = "StyleModel", "Style model";
    /// `AnimateDiff` motion modules.
    MotionModule = "MotionModule", "Motion module";
    /// YOLO detectors for `ADetailer`.
    Detection = "Detection", "Detection";
    /// Segment Anything.
    Sam = "SAM", "SAM";
    /// GLIGEN.
    Gligen = "GLIGEN", "GLIGEN";
    /// `PhotoMaker`.
    PhotoMaker = "PhotoMaker", "PhotoMaker";
    /// Patches that a UI applies over a model.
    ModelPatch = "ModelPatch", "Model patch";
    /// Audio encoders.
    AudioEncoder = "AudioEncoder", "Audio encoder";
    /// An aesthetic gradient.
    AestheticGradient = "AestheticGradient", "Aesthetic gradient";
    /// Vision-language models.
    VisionLanguage = "VisionLanguage", "Vision language";
    /// Language models.
    Llm = "LLM", "LLM";
    /// Wildcards for prompts.
    Wildcards = "Wildcards", "Wildcards";
    /// Poses.
    Poses = "Poses", "Poses";
    /// Workflows.
    Workflows = "Workflows", "Workflows";
    /// Workflows for `ComfyUI`.
    ComfyWorkflows = "ComfyWorkflows", "ComfyUI workflows";
}

impl ModelKind {
    /// Nothing is known about the file's kind.
    pub fn unknown() -> Self {
        Self::Other(String::new())
    }

    /// Whether [`Self::unknown`].
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Other(other) if other.is_empty())
    }

    /// The type part of an AIR, by Civitai's table (API contract, section 4).
    pub fn air_type(&self) -> &'static str {
        match self {
            Self::AestheticGradient => "ag",
            Self::Checkpoint => "checkpoint",
            Self::Hypernetwork => "hypernet",
            Self::TextualInversion => "embedding",
            Self::MotionModule => "motion",
            Self::Upscaler => "upscaler",
            Self::Vae => "vae",
            Self::Lora => "lora",
            Self::Dora => "dora",
            Self::Locon => "lycoris",
            Self::Controlnet => "controlnet",
            Self::TextEncoder => "text_encoders",
            Self::Unet => "unet",
            Self::ClipVision => "clipvision",
            Self::Clip => "clip",
            Self::VisionLanguage => "visionlanguage",
            Self::DiffusionModel => "diffusionmodel",
            _ => "unknown",
        }
    }
}

impl fmt::Display for ModelKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ModelKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ModelKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::from(text.as_str()))
    }
}

impl ts_rs::TS for ModelKind {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;
    fn name(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }
    fn inline(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_kinds_survive_a_round_trip() {
        let kind: ModelKind = serde_json::from_str("\"HoloModel\"").unwrap();
        assert_eq!(kind, ModelKind::Other("HoloModel".to_owned()));
        assert_eq!(serde_json::to_string(&kind).unwrap(), "\"HoloModel\"");
    }

    #[test]
    fn every_named_kind_round_trips() {
        for kind in ModelKind::NAMED {
            assert_eq!(&ModelKind::from(kind.as_str()), kind);
        }
    }
}
