//! Model roots: installations and folders that hold models, and what each of their subfolders is for.
//!
//! One file per convention. Each turns an installation, with its own configuration files read, into a list of
//! [`ModelFolder`]s; nothing else in Modeldock knows how a UI names its folders. Configuration is a stranger's text: it
//! is read with a size limit, and a broken one costs its extra folders, never the installation.

mod a1111;
mod comfyui;
mod config;
mod detect;
mod fooocus;
mod invokeai;
mod kind;
mod layout;
mod plan;
mod sdnext;
mod stability_matrix;
mod swarmui;

use std::path::{Path, PathBuf};

pub use detect::{find, layout_of, usual_places};
pub use kind::ModelKind;
pub use layout::{DetectedRoot, Layout, ModelFolder, RootInfo, Watching};
pub(crate) use plan::MODEL_EXTENSIONS;
pub use plan::{ScanPlan, is_model_name};

/// The folders a UI loads models from, in an installation at `root`. They need not exist.
pub fn model_folders(layout: Layout, root: &Path) -> Vec<ModelFolder> {
    match layout {
        Layout::A1111 => a1111::folders(root),
        Layout::Forge => a1111::forge_folders(root),
        Layout::SdNext => sdnext::folders(root),
        Layout::ComfyUi => comfyui::folders(root),
        Layout::SwarmUi => swarmui::folders(root),
        Layout::InvokeAi => invokeai::folders(root),
        Layout::Fooocus => fooocus::folders(root),
        Layout::StabilityMatrix => stability_matrix::folders(root),
        Layout::Plain => vec![ModelFolder { path: root.to_owned(), kind: ModelKind::unknown() }],
    }
}

/// Where an installation of A1111 or Forge keeps its caches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WebuiCaches {
    /// Its data folder: the installation, unless it was told otherwise.
    pub(crate) data: PathBuf,
    /// Instead of `cache/` in the data folder.
    pub(crate) moved: Option<PathBuf>,
}

/// As the installation's scripts say.
pub(crate) fn webui_caches(root: &Path) -> WebuiCaches {
    a1111::caches(root)
}

/// Where an installation of `InvokeAI` keeps its things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvokeAiPlaces {
    /// Relative paths in the database start here.
    pub(crate) models: PathBuf,
    /// Its database.
    pub(crate) database: PathBuf,
}

/// As the installation's configuration says.
pub(crate) fn invokeai_places(root: &Path) -> InvokeAiPlaces {
    invokeai::places(root)
}

/// `root/…` for every row of a table.
fn table(root: &Path, rows: &[(&str, ModelKind)]) -> Vec<ModelFolder> {
    rows.iter().map(|(folder, kind)| ModelFolder { path: root.join(folder), kind: kind.clone() }).collect()
}
