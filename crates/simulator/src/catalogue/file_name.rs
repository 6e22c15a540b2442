//! The file name Civitai shows and delivers, which it computes from model and version for everything but LoRAs.

use super::{FileSpec, ModelSpec, VersionSpec};

/// Name under which a file is offered for download.
pub fn download_file_name(model: &ModelSpec, version: &VersionSpec, file: &FileSpec) -> String {
    let model_part = camel(&model.name);
    if model_part.is_empty() || matches!(model.kind.as_str(), "LORA" | "LoCon") {
        return file.name.clone();
    }
    let version_part = camel(&version.name.replacen(&model.name, "", 1));
    let extension = file.name.rsplit('.').next().unwrap_or_default();
    match file.kind.as_str() {
        "Training Data" => format!("{model_part}_{version_part}_trainingData.zip"),
        "VAE" => file.name.clone(),
        _ if model.kind == "TextualInversion" => match version.trained_words.first() {
            Some(word) => format!("{}.{extension}", word.replace(['<', '>', '/', '\\'], "")),
            None => file.name.clone(),
        },
        _ => format!("{model_part}_{version_part}.{extension}"),
    }
}

/// Words joined in camel case, about 20 characters of them; words all in capitals stay so.
fn camel(text: &str) -> String {
    let mut out = String::new();
    let clean = text.replace('\'', "");
    for word in clean.split(|c: char| !c.is_ascii_alphanumeric()) {
        if out.len() + word.len() > 20 {
            break;
        }
        if out.is_empty() {
            out.push_str(&word.to_ascii_lowercase());
        } else if word.chars().all(|c| !c.is_ascii_lowercase()) {
            out.push_str(word);
        } else {
            out.push_str(&word[..1].to_ascii_uppercase());
            out.push_str(&word[1..].to_ascii_lowercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_named_after_model_and_version() {
        let model = ModelSpec::new("WAI-illustrious-SDXL", "Checkpoint");
        let version = VersionSpec::new("v16.0", "Illustrious");
        let file = FileSpec::new("upload.safetensors", Vec::new());
        assert_eq!(download_file_name(&model, &version, &file), "waiIllustriousSDXL_v160.safetensors");
    }
}
