//! What each program's file says. Bytes in, values out.

use serde_json::Value;

use super::file::decode;
use super::html::safe_html;
use super::info::{SidecarInfo, SidecarKind};
use super::lenient::Fields;
use crate::error::{Code, Error};
use crate::library::sanitise;
use crate::units::{ModelId, VersionId};

/// Fills in what the bytes say.
pub(super) fn parse(mut info: SidecarInfo, bytes: &[u8]) -> SidecarInfo {
    let text = decode(bytes);
    if info.kind == SidecarKind::Description {
        info.description = safe_html(&text);
        return info;
    }
    // Serde refuses deep nesting itself.
    let value: Value = match serde_json::from_str(&text) {
        Ok(value @ Value::Object(_)) => value,
        Ok(_) => {
            info.problem = Some(Error::new(Code::Io, format!("`{}` is not a JSON object", info.path)));
            return info;
        }
        Err(source) => {
            info.problem = Some(Error::new(Code::Io, format!("`{}` is not valid JSON: {source}", info.path)));
            return info;
        }
    };
    let fields = Fields::of(&value);
    match info.kind {
        SidecarKind::A1111Json if is_civitai_model(&value) => sd_next(&mut info, fields),
        SidecarKind::A1111Json => a1111(&mut info, fields),
        SidecarKind::SdNextJson => sd_next(&mut info, fields),
        SidecarKind::CivitaiInfo => version(&mut info, fields),
        SidecarKind::LoraManager => lora_manager(&mut info, fields),
        SidecarKind::StabilityMatrix => stability_matrix(&mut info, fields),
        SidecarKind::SwarmUi => swarm_ui(&mut info, fields),
        SidecarKind::Rgthree => rgthree(&mut info, fields),
        // Neither holds JSON.
        SidecarKind::Description | SidecarKind::Preview => {}
    }
    info
}

/// Whether it is Civitai's answer about a model, which SD.Next keeps under the name that A1111 uses for its own.
pub(super) fn is_civitai_model(value: &Value) -> bool {
    value.get("modelVersions").is_some_and(Value::is_array)
}

/// A1111 and Forge, and what Browser+ and Link Desktop put into the same file.
fn a1111(info: &mut SidecarInfo, fields: Fields<'_>) {
    info.description = fields.raw("description").and_then(safe_html);
    info.notes = fields.text("notes");
    info.activation_text = fields.text("activation text");
    info.negative_text = fields.text("negative text");
    // The editor's slider: zero is "as the UI is set".
    info.preferred_weight = fields.number("preferred weight").filter(|weight| *weight != 0.0);
    info.base_model = fields.line("sd version").filter(|version| version != "Unknown");
    info.model_id = fields.id("modelId").map(ModelId);
    info.version_id = fields.id("modelVersionId").map(VersionId);
}

fn sd_next(info: &mut SidecarInfo, fields: Fields<'_>) {
    info.kind = SidecarKind::SdNextJson;
    info.description = fields.raw("description").and_then(sanitise);
    info.model_name = fields.line("name");
    info.model_id = fields.id("id").map(ModelId);
    info.tags = fields.words("tags");
}

/// Civitai's answer about a version.
fn version(info: &mut SidecarInfo, fields: Fields<'_>) {
    let model = fields.object("model");
    info.version_id = fields.id("id").map(VersionId);
    info.model_id = fields.id("modelId").map(ModelId);
    info.version_name = fields.line("name");
    info.model_name = model.line("name");
    info.base_model = fields.line("baseModel");
    info.trained_words = fields.words("trainedWords");
    info.tags = model.words("tags");
    info.description = both(model.raw("description"), fields.raw("description"));
}

fn lora_manager(info: &mut SidecarInfo, fields: Fields<'_>) {
    version(info, fields.object("civitai"));
    info.model_name = fields.line("model_name").or(info.model_name.take());
    info.base_model = fields.line("base_model").filter(|base| base != "Unknown").or(info.base_model.take());
    info.notes = fields.text("notes");
    let words = fields.words("trainedWords");
    if !words.is_empty() {
        info.trained_words = words;
    }
    let tags = fields.words("tags");
    if !tags.is_empty() {
        info.tags = tags;
    }
    if let Some(description) = fields.raw("modelDescription").and_then(sanitise) {
        info.description = both(Some(&description), fields.object("civitai").raw("description"));
    }
    // JSON within JSON.
    let tips: Value = fields.raw("usage_tips").and_then(|tips| serde_json::from_str(tips).ok()).unwrap_or_default();
    info.preferred_weight = Fields::of(&tips).number("strength");
}

fn stability_matrix(info: &mut SidecarInfo, fields: Fields<'_>) {
    info.model_id = fields.id("ModelId").map(ModelId);
    info.version_id = fields.id("VersionId").map(VersionId);
    info.model_name = fields.line("ModelName");
    info.version_name = fields.line("VersionName");
    info.base_model = fields.line("BaseModel");
    info.trained_words = fields.words("TrainedWords");
    info.tags = fields.words("Tags");
    info.description = both(fields.raw("ModelDescription"), fields.raw("VersionDescription"));
}

fn swarm_ui(info: &mut SidecarInfo, fields: Fields<'_>) {
    info.model_name = fields.line("modelspec.title");
    info.description = fields.raw("modelspec.description").and_then(safe_html);
    info.notes = fields.text("modelspec.usage_hint");
    info.base_model = fields.line("modelspec.architecture");
    info.trained_words = fields.words("modelspec.trigger_phrase");
    info.tags = fields
        .text("modelspec.tags")
        .map(|tags| tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect())
        .unwrap_or_default();
}

fn rgthree(info: &mut SidecarInfo, fields: Fields<'_>) {
    let raw = fields.object("raw").object("civitai");
    version(info, raw);
    // rgthree's name is Civitai's for model and version in one.
    info.model_name = info.model_name.take().or_else(|| fields.line("name"));
    info.base_model = fields.line("baseModel").or(info.base_model.take());
    info.notes = fields.text("userNote");
    let words = fields.words("trainedWords");
    if !words.is_empty() {
        info.trained_words = words;
    }
}

/// About the model, then about the version.
fn both(model: Option<&str>, version: Option<&str>) -> Option<String> {
    match (model.and_then(sanitise), version.and_then(sanitise)) {
        (Some(model), Some(version)) => Some(format!("{model}<hr>{version}")),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(kind: SidecarKind, text: &str) -> SidecarInfo {
        parse(SidecarInfo::new(kind, Path::new("/m/x")), text.as_bytes())
    }

    #[test]
    fn a1111_and_those_who_add_to_its_file() {
        let info = read(
            SidecarKind::A1111Json,
            r#"{"description": "<p>Hi <script>x</script></p>", "sd version": "SDXL", "activation text": "ohwx, woman",
                "preferred weight": "0.8", "negative text": "bad\u0000", "notes": "mine\r\n2", "modelId": 7,
                "sha256": "AB", "unpackList": []}"#,
        );
        assert_eq!(info.description.as_deref(), Some("<p>Hi </p>"));
        assert_eq!(info.base_model.as_deref(), Some("SDXL"));
        assert_eq!(info.activation_text.as_deref(), Some("ohwx, woman"));
        assert_eq!(info.preferred_weight, Some(0.8));
        assert_eq!(info.negative_text.as_deref(), Some("bad"));
        assert_eq!(info.notes.as_deref(), Some("mine\n2"));
        assert_eq!(info.model_id, Some(ModelId(7)));
        let info = read(SidecarKind::A1111Json, r#"{"preferred weight": 0, "sd version": "Unknown", "notes": ["x"]}"#);
        assert_eq!((info.preferred_weight, info.base_model, info.notes, info.problem), (None, None, None, None));
    }

    #[test]
    fn sd_next_keeps_the_whole_model_under_the_same_name() {
        let info = read(SidecarKind::A1111Json, r#"{"id": 5, "name": "M", "tags": ["a"], "modelVersions": []}"#);
        assert_eq!((info.kind, info.model_id), (SidecarKind::SdNextJson, Some(ModelId(5))));
        assert_eq!((info.model_name.as_deref(), info.tags), (Some("M"), vec!["a".to_owned()]));
    }

    #[test]
    fn civitais_answer_and_a_skeleton_of_it() {
        let info = read(
            SidecarKind::CivitaiInfo,
            r#"{"id": 9, "modelId": "5", "name": "v2", "baseModel": "Pony", "trainedWords": ["a", null, "b"],
                "description": "<p>v</p>", "model": {"name": "M", "description": "<p>m</p>", "tags": ["t"]}}"#,
        );
        assert_eq!((info.version_id, info.model_id), (Some(VersionId(9)), Some(ModelId(5))));
        assert_eq!((info.model_name.as_deref(), info.version_name.as_deref()), (Some("M"), Some("v2")));
        assert_eq!(info.description.as_deref(), Some("<p>m</p><hr><p>v</p>"));
        assert_eq!((info.trained_words, info.tags), (vec!["a".to_owned(), "b".to_owned()], vec!["t".to_owned()]));
        let info = read(
            SidecarKind::CivitaiInfo,
            r#"{"id": "", "modelId": "", "name": "", "trainedWords": [], "skeleton_file": true}"#,
        );
        assert_eq!((info.version_id, info.version_name, info.problem), (None, None, None));
    }

    #[test]
    fn lora_manager() {
        let info = read(
            SidecarKind::LoraManager,
            r#"{"model_name": "Mine", "base_model": "Illustrious", "notes": "n", "tags": ["x"], "modelDescription": "<p>m</p>",
                "usage_tips": "{\"strength\": 0.65}", "civitai": {"id": 9, "modelId": 5, "name": "v1",
                "trainedWords": ["w"], "description": "<p>v</p>", "model": {"name": "Theirs"}}}"#,
        );
        assert_eq!((info.model_name.as_deref(), info.version_name.as_deref()), (Some("Mine"), Some("v1")));
        assert_eq!(info.preferred_weight, Some(0.65));
        assert_eq!(info.description.as_deref(), Some("<p>m</p><hr><p>v</p>"));
        assert_eq!((info.trained_words, info.version_id), (vec!["w".to_owned()], Some(VersionId(9))));
        let info = read(SidecarKind::LoraManager, r#"{"civitai": null, "usage_tips": "{}", "base_model": "Unknown"}"#);
        assert_eq!((info.preferred_weight, info.base_model), (None, None));
    }

    #[test]
    fn stability_matrix_swarm_and_rgthree() {
        let info = read(
            SidecarKind::StabilityMatrix,
            r#"{"ModelId": 5, "VersionId": 9, "ModelName": "M", "VersionName": "v", "BaseModel": "SD 1.5",
                "TrainedWords": null, "Tags": ["t"], "ModelDescription": "<b>d</b>", "VersionDescription": ""}"#,
        );
        assert_eq!((info.model_id, info.version_id), (Some(ModelId(5)), Some(VersionId(9))));
        assert_eq!(info.description.as_deref(), Some("<b>d</b>"));
        let info = read(
            SidecarKind::SwarmUi,
            r#"{"modelspec.title": "T", "modelspec.tags": "a, b,", "modelspec.trigger_phrase": "w"}"#,
        );
        assert_eq!((info.tags, info.trained_words), (vec!["a".to_owned(), "b".to_owned()], vec!["w".to_owned()]));
        let info = read(
            SidecarKind::Rgthree,
            r#"{"name": "M - v", "baseModel": "SDXL", "trainedWords": [{"word": "w", "count": 3}], "userNote": "n",
                "raw": {"civitai": {"id": 9, "modelId": 5}}}"#,
        );
        assert_eq!((info.model_name.as_deref(), info.notes.as_deref()), (Some("M - v"), Some("n")));
        assert_eq!((info.trained_words, info.model_id), (vec!["w".to_owned()], Some(ModelId(5))));
    }

    #[test]
    fn what_is_no_json_is_a_problem_and_no_more() {
        let deep = "[".repeat(100_000);
        for text in ["", "[]", "null", "{", "\0\0", "{\"a\": NaN}", &deep] {
            let info = read(SidecarKind::LoraManager, text);
            assert!(info.problem.is_some(), "{}", &text[..text.len().min(20)]);
        }
        let info =
            parse(SidecarInfo::new(SidecarKind::A1111Json, Path::new("x")), b"\xef\xbb\xbf{\"notes\": \"gr\xfcn\"}");
        assert_eq!((info.notes.as_deref(), info.problem), (Some("gr\u{fffd}n"), None));
    }
}
