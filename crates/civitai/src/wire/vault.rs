//! The vault as it comes (API contract, section 1.10).

use serde::Deserialize;
use serde_json::Value;

use super::lenient::{integer, list, nested, real, text};

/// The vault as a whole.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Vault {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) user_id: Option<i64>,
    #[serde(default, deserialize_with = "real")]
    pub(crate) storage_kb: Option<f64>,
    #[serde(default, deserialize_with = "real")]
    pub(crate) used_storage_kb: Option<f64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) updated_at: Option<String>,
}

/// A page, without its items.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VaultPage {
    #[serde(default)]
    pub(crate) items: Value,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) total_items: Option<i64>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) total_pages: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VaultItem {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) id: Option<i64>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) model_version_id: Option<i64>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) model_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) model_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) version_name: Option<String>,
    /// Empty where the owner is Civitai itself.
    #[serde(default, deserialize_with = "text")]
    pub(crate) creator_name: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) base_model: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) category: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) status: Option<String>,
    #[serde(default, deserialize_with = "nested")]
    pub(crate) meta: Option<Meta>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) files: Vec<VaultFile>,
    #[serde(default, deserialize_with = "real")]
    pub(crate) model_size_kb: Option<f64>,
    #[serde(default, deserialize_with = "real")]
    pub(crate) details_size_kb: Option<f64>,
    #[serde(default, deserialize_with = "real")]
    pub(crate) images_size_kb: Option<f64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) notes: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) added_at: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) refreshed_at: Option<String>,
}

/// How copying went.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meta {
    #[serde(default, deserialize_with = "text")]
    pub(crate) latest_error: Option<String>,
}

/// A file in the vault. Its `url` leads into Civitai's own storage and is of no use outside.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VaultFile {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) id: Option<i64>,
    #[serde(default, rename = "sizeKB", alias = "sizeKb", deserialize_with = "real")]
    pub(crate) size_kb: Option<f64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) display_name: Option<String>,
}

/// One row of `check-vault`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VaultRow {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) model_version_id: Option<i64>,
    #[serde(default)]
    pub(crate) vault_item: Value,
}

/// The answer to a toggle. What it calls the vault's id is the item's; it is missing where the item was removed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Toggled {
    #[serde(default)]
    pub(crate) success: Option<bool>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) vault_id: Option<i64>,
}
