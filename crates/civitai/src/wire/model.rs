//! A model: its page (API contract, section 1.7), and the little that travels inside a version.

use serde::Deserialize;

use super::lenient::{integer, list, nested, text, texts};
use super::version::Version;

/// What a version says about its model.
#[derive(Debug, Deserialize)]
pub(crate) struct ModelOfVersion {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) mode: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Model {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) description: Option<String>,
    /// Absent where the owner is Civitai itself.
    #[serde(default, deserialize_with = "nested")]
    pub(crate) creator: Option<Creator>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) tags: Vec<String>,
    /// The page's own order: its first one is what the page shows first.
    #[serde(default, rename = "modelVersions", deserialize_with = "list")]
    pub(crate) versions: Vec<Version>,
}

/// A list of models.
#[derive(Debug, Deserialize)]
pub(crate) struct Models {
    #[serde(default, deserialize_with = "list")]
    pub(crate) items: Vec<Model>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Creator {
    #[serde(default, deserialize_with = "text")]
    pub(crate) username: Option<String>,
}
