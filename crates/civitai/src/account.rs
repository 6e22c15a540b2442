//! Who the key belongs to, and the lists of words Civitai uses.

use serde::Deserialize;

use crate::wire::lenient;

/// The owner of the key. The e-mail address is not kept: Modeldock has no use for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// Civitai's id of the user.
    pub id: i64,
    /// The public name.
    pub username: String,
    /// `free`, `founder`, `bronze`, …; absent for people without a membership.
    #[serde(default, deserialize_with = "lenient::text")]
    pub tier: Option<String>,
    /// `active`, `muted`, `banned`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// Whether there is a membership.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_member: bool,
}

/// The words in use, in Civitai's spelling. Any list may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Enums {
    /// Kinds of models.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub model_type: Vec<String>,
    /// Kinds of files.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub model_file_type: Vec<String>,
    /// Base models that new uploads may name.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub active_base_model: Vec<String>,
    /// All base models.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub base_model: Vec<String>,
    /// `Standard`, `Inpainting`, …
    #[serde(default, deserialize_with = "lenient::texts")]
    pub base_model_type: Vec<String>,
}
