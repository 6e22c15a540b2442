//! `InvokeAI`: it manages its own files, in folders named by keys. They are read and shown, never moved or changed.

use std::path::Path;

use super::config::{path_from, read_yaml};
use super::{ModelFolder, ModelKind};

/// The models folder of an installation, and the old import folders.
pub(super) fn folders(root: &Path) -> Vec<ModelFolder> {
    let models = read_yaml(&root.join("invokeai.yaml"))
        .as_ref()
        .and_then(|config| config.get("models_dir"))
        .and_then(serde_yaml_ng::Value::as_str)
        .and_then(|text| path_from(text, root))
        .unwrap_or_else(|| root.join("models"));
    let mut folders = super::table(
        root,
        &[
            ("autoimport/main", ModelKind::Checkpoint),
            ("autoimport/lora", ModelKind::Lora),
            ("autoimport/embedding", ModelKind::TextualInversion),
            ("autoimport/controlnet", ModelKind::Controlnet),
        ],
    );
    folders.push(ModelFolder { path: models, kind: ModelKind::unknown() });
    folders
}
