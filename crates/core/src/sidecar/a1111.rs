//! What A1111's user metadata says about a model, from what Civitai says.
//!
//! `notes`, `negative text` and `preferred weight` are never written: they are the user's judgement, and nothing at
//! Civitai states them. Neither is an `sd version` of `Unknown`: A1111 takes it as an answer and no longer looks at the
//! model itself, which often tells.

use serde_json::Value;

use super::html::plain_text;
use super::lenient::clean;
use super::plan::ModelFacts;
use crate::roots::{Layout, ModelKind};

/// Longest activation text, in characters.
const MAX_ACTIVATION: usize = 8 * 1024;

/// The keys and values, in the order in which A1111's editor has them.
pub(super) fn members(facts: &ModelFacts<'_>) -> Vec<(&'static str, Value)> {
    let mut members = Vec::new();
    let mut add = |key, value: Option<String>| members.extend(value.map(|value| (key, Value::from(value))));
    add("description", description(facts));
    if is_lora(facts.kind) {
        let base_model = facts.version.base_model.as_deref().unwrap_or_default();
        add("sd version", sd_version(base_model, facts.layout).map(str::to_owned));
        add("activation text", activation_text(&facts.version.trained_words));
    }
    members
}

/// The kinds for which A1111's editor has more than a description.
fn is_lora(kind: &ModelKind) -> bool {
    matches!(kind, ModelKind::Lora | ModelKind::Locon | ModelKind::Dora)
}

/// About the model, then about the version.
fn description(facts: &ModelFacts<'_>) -> Option<String> {
    let model = facts.model_description.and_then(plain_text);
    let version = facts.version.description.as_deref().and_then(plain_text);
    match (model, version) {
        (Some(model), Some(version)) if model != version => Some(format!("{model}\n\n{version}")),
        (one, other) => one.or(other),
    }
}

fn activation_text(words: &[String]) -> Option<String> {
    // Authors often end a word with the comma that would follow it.
    let words: Vec<String> = words
        .iter()
        .filter_map(|word| clean(&word.replace(['\n', '\r', '\t'], " "), MAX_ACTIVATION))
        .map(|word| word.trim_end_matches([',', ' ']).to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    clean(&words.join(", "), MAX_ACTIVATION)
}

/// The name A1111's list has for a base model, in Civitai's spelling of it.
fn sd_version(base_model: &str, layout: Layout) -> Option<&'static str> {
    const SDXL_MERGES: &[&str] = &["Pony", "Illustrious", "NoobAI"];
    if base_model.starts_with("SD 1.") {
        Some("SD1")
    } else if base_model.starts_with("SD 2.") {
        Some("SD2")
    } else if base_model.starts_with("SDXL ") || SDXL_MERGES.contains(&base_model) {
        Some("SDXL")
    } else if base_model.starts_with("Flux.1 ") && layout == Layout::Forge {
        Some("Flux")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_models_become_a1111s_versions() {
        let table = [
            ("SD 1.5", Some("SD1")),
            ("SD 1.5 LCM", Some("SD1")),
            ("SD 2.1 768", Some("SD2")),
            ("SDXL 1.0", Some("SDXL")),
            ("SDXL Turbo", Some("SDXL")),
            ("Pony", Some("SDXL")),
            ("Pony V7", None),
            ("Illustrious", Some("SDXL")),
            ("SD 3.5", None),
            ("Flux.1 D", None),
            ("Wan Video", None),
            ("", None),
        ];
        for (base_model, version) in table {
            assert_eq!(sd_version(base_model, Layout::A1111), version, "{base_model}");
        }
        assert_eq!(sd_version("Flux.1 Krea", Layout::Forge), Some("Flux"));
        assert_eq!(sd_version("Flux.2 D", Layout::Forge), None);
    }

    #[test]
    fn words_become_one_prompt() {
        let words = ["ohwx woman,", " ", "<lora:x:1>", "a,\tb\n", "\0"].map(str::to_owned);
        assert_eq!(activation_text(&words).as_deref(), Some("ohwx woman, <lora:x:1>, a, b"));
        assert_eq!(activation_text(&[]), None);
    }
}
