//! `InvokeAI`: it manages its own files, in folders named by keys. They are read and shown, never moved or changed.

use std::path::Path;

use super::config::{path_from, read_yaml};
use super::{InvokeAiPlaces, ModelFolder, ModelKind};

/// The models folder of an installation, and the old import folders.
pub(super) fn folders(root: &Path) -> Vec<ModelFolder> {
    let mut folders = super::table(
        root,
        &[
            ("autoimport/main", ModelKind::Checkpoint),
            ("autoimport/lora", ModelKind::Lora),
            ("autoimport/embedding", ModelKind::TextualInversion),
            ("autoimport/controlnet", ModelKind::Controlnet),
        ],
    );
    folders.push(ModelFolder { path: places(root).models, kind: ModelKind::unknown() });
    folders
}

/// The models folder and the database, movable in `invokeai.yaml`.
pub(super) fn places(root: &Path) -> InvokeAiPlaces {
    let config = read_yaml(&root.join("invokeai.yaml"));
    let folder = |key: &str, usual: &str| {
        let configured = config.as_ref().and_then(|config| config.get(key)).and_then(serde_yaml_ng::Value::as_str);
        configured.and_then(|text| path_from(text, root)).unwrap_or_else(|| root.join(usual))
    };
    InvokeAiPlaces {
        models: folder("models_dir", "models"),
        database: folder("db_dir", "databases").join("invokeai.db"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_and_database_are_where_the_configuration_says() {
        let dir = tempfile::tempdir().unwrap();
        let usual = places(dir.path());
        assert_eq!(usual.models, dir.path().join("models"));
        assert_eq!(usual.database, dir.path().join("databases/invokeai.db"));
        std::fs::write(dir.path().join("invokeai.yaml"), "models_dir: /big/models\ndb_dir: db\n").unwrap();
        let moved = places(dir.path());
        assert_eq!(moved.models, Path::new("/big/models"));
        assert_eq!(moved.database, dir.path().join("db/invokeai.db"));
        assert!(folders(dir.path()).iter().any(|folder| folder.path == Path::new("/big/models")));
    }
}
