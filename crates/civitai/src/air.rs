//! AIR, Civitai's name for a resource: `urn:air:{ecosystem}:{type}:civitai:{model}@{version}`.
//!
//! Only Civitai's own are read: numbers for ids, and nothing behind them that is not understood. Names from other
//! sources (`huggingface`, `oci`) identify no version and are refused instead of half read.

use std::fmt;
use std::str::FromStr;

use modeldock_core::roots::ModelKind;
use modeldock_core::units::{CivitaiFileId, ModelId, VersionId};

use crate::ecosystem::ecosystem;

/// The name of a model, a version or a file at Civitai.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Air {
    /// `sdxl`, `flux1`, …
    pub ecosystem: Option<String>,
    /// `checkpoint`, `lora`, `lycoris`, …
    pub kind: Option<String>,
    /// The model.
    pub model: ModelId,
    /// One of its versions.
    pub version: Option<VersionId>,
    /// One of the version's files.
    pub file: Option<CivitaiFileId>,
    /// `safetensor`, …
    pub format: Option<String>,
}

/// A text that is not an AIR of Civitai.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an AIR of Civitai, such as `urn:air:sdxl:lora:civitai:123@456`")]
pub struct ParseAirError(String);

impl Air {
    /// The name of a version. `primary_file_type` decides where a checkpoint holds a diffusion model alone.
    pub fn of_version(
        model: ModelId,
        version: VersionId,
        base_model: &str,
        kind: &ModelKind,
        primary_file_type: Option<&str>,
    ) -> Self {
        let kind = match primary_file_type {
            Some("Diffusion Model") => "diffusionmodel",
            Some("UNet") => "unet",
            _ => kind.air_type(),
        };
        Self {
            ecosystem: Some(ecosystem(base_model)),
            kind: Some(kind.to_owned()),
            model,
            version: Some(version),
            file: None,
            format: None,
        }
    }
}

impl fmt::Display for Air {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("urn:air:")?;
        for part in [&self.ecosystem, &self.kind].into_iter().flatten() {
            write!(f, "{part}:")?;
        }
        write!(f, "civitai:{}", self.model.0)?;
        if let Some(version) = self.version {
            write!(f, "@{}", version.0)?;
        }
        if let Some(file) = self.file {
            write!(f, "+{}", file.0)?;
        }
        if let Some(format) = &self.format {
            write!(f, ".{format}")?;
        }
        Ok(())
    }
}

impl FromStr for Air {
    type Err = ParseAirError;

    fn from_str(text: &str) -> Result<Self, ParseAirError> {
        parse(text.trim()).ok_or_else(|| ParseAirError(text.chars().take(120).collect()))
    }
}

fn parse(text: &str) -> Option<Air> {
    let text = without_prefix(without_prefix(text, "urn:"), "air:");
    let parts: Vec<&str> = text.split(':').collect();
    let (ecosystem, kind, source, id) = match parts[..] {
        [source, id] => (None, None, source, id),
        [ecosystem, source, id] => (Some(ecosystem), None, source, id),
        [ecosystem, kind, source, id] => (Some(ecosystem), Some(kind), source, id),
        _ => return None,
    };
    if !source.eq_ignore_ascii_case("civitai") || ![ecosystem, kind].into_iter().flatten().all(is_word) {
        return None;
    }
    let (model, rest) = number(id)?;
    let (version, rest) = marked_number(rest, '@')?;
    let (file, rest) = marked_number(rest, '+')?;
    let format = match rest.strip_prefix('.') {
        Some(format) if is_word(format) => Some(format.to_owned()),
        None if rest.is_empty() => None,
        _ => return None,
    };
    Some(Air {
        ecosystem: ecosystem.map(str::to_lowercase),
        kind: kind.map(str::to_lowercase),
        model: ModelId(model),
        version: version.map(VersionId),
        file: file.map(CivitaiFileId),
        format,
    })
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> &'a str {
    match text.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => &text[prefix.len()..],
        _ => text,
    }
}

/// The id at the start of `text`, and what follows.
fn number(text: &str) -> Option<(i64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].parse().ok().filter(|&number: &i64| number > 0)?;
    Some((number, &text[end..]))
}

/// The id behind `mark`, if `text` starts with it. `None` if the mark is there without an id.
fn marked_number(text: &str, mark: char) -> Option<(Option<i64>, &str)> {
    match text.strip_prefix(mark) {
        Some(rest) => number(rest).map(|(number, rest)| (Some(number), rest)),
        None => Some((None, text)),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_survive_a_round_trip() {
        for text in [
            "urn:air:sdxl:checkpoint:civitai:827184@2514310",
            "urn:air:sdxl:checkpoint:civitai:827184@2514310+2402203",
            "urn:air:flux1:lora:civitai:12345@67890.safetensor",
            "urn:air:sd1:lora:civitai:12345",
            "urn:air:sd1:civitai:12345@1",
            "urn:air:civitai:12345@1",
        ] {
            assert_eq!(text.parse::<Air>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_short_and_shouted_forms_are_read() {
        let full: Air = "urn:air:sdxl:lora:civitai:1@2".parse().unwrap();
        for text in [
            "air:sdxl:lora:civitai:1@2",
            "sdxl:lora:civitai:1@2",
            "URN:AIR:SDXL:LORA:CivitAI:1@2",
            " sdxl:lora:civitai:1@2 ",
        ] {
            assert_eq!(text.parse::<Air>().unwrap(), full, "{text}");
        }
    }

    #[test]
    fn names_that_are_not_civitais_are_refused() {
        for text in [
            "",
            "civitai",
            "foo:bar",
            "urn:air:other:other:civitai-r2:civitai-worker-assets@sam_vit_b_01ec64.pth",
            "urn:air:flux2:text_encoders:huggingface:Comfy-Org/x@main/split_files/y.safetensors",
            "urn:air:oci:image:ghcr:civitai/training-toolkit@sha256:abc",
            "urn:air:sdxl:lora:civitai:0@1",
            "urn:air:sdxl:lora:civitai:-1@1",
            "urn:air:sdxl:lora:civitai:1@",
            "urn:air:sdxl:lora:civitai:1@2@3",
            "urn:air:sdxl:lora:civitai:1@2.safe tensor",
            "urn:air:sdxl:lora:civitai:1@99999999999999999999",
            "urn:air:sd xl:lora:civitai:1@2",
            "urn:air::lora:civitai:1@2",
            "é",
        ] {
            assert!(text.parse::<Air>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_bare_diffusion_model_is_named_by_its_file() {
        let name = |base: &str, kind: ModelKind, file: Option<&str>| {
            Air::of_version(ModelId(1), VersionId(2), base, &kind, file).to_string()
        };
        assert_eq!(
            name("Boogu", ModelKind::Checkpoint, Some("Diffusion Model")),
            "urn:air:boogu:diffusionmodel:civitai:1@2"
        );
        assert_eq!(name("Pony", ModelKind::Locon, Some("Model")), "urn:air:sdxl:lycoris:civitai:1@2");
        assert_eq!(name("SD 1.5", ModelKind::Wildcards, None), "urn:air:sd1:unknown:civitai:1@2");
    }
}
