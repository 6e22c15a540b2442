//! Models as lists and their pages have them (API contract, sections 1.6 and 1.7).

use serde::Deserialize;
use serde_json::Value;

use super::lenient::{flag, integer, list, maybe_flag, maybe_texts, nested, text, texts};
use super::model::Creator;
use super::version::{File, Image, PaidAccess};

/// The answer to a list.
#[derive(Debug, Deserialize)]
pub(crate) struct ModelPage {
    /// `None` where it is no list at all: then it is no answer.
    #[serde(default)]
    pub(crate) items: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "nested")]
    pub(crate) metadata: Option<PageMetadata>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PageMetadata {
    /// A text, or a bare number in searches. There are no totals.
    #[serde(default, deserialize_with = "text")]
    pub(crate) next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedModel {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) description: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub(crate) nsfw: bool,
    #[serde(default)]
    pub(crate) nsfw_level: Value,
    /// Absent where the owner is Civitai itself.
    #[serde(default, deserialize_with = "nested")]
    pub(crate) creator: Option<Creator>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) tags: Vec<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) mode: Option<String>,
    #[serde(default, deserialize_with = "nested")]
    pub(crate) stats: Option<Stats>,
    #[serde(default, deserialize_with = "maybe_flag")]
    pub(crate) allow_no_credit: Option<bool>,
    /// A list, or the text of a Postgres array.
    #[serde(default, deserialize_with = "maybe_texts")]
    pub(crate) allow_commercial_use: Option<Vec<String>>,
    #[serde(default, deserialize_with = "maybe_flag")]
    pub(crate) allow_derivatives: Option<bool>,
    #[serde(default, deserialize_with = "maybe_flag")]
    pub(crate) allow_different_license: Option<bool>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) model_versions: Vec<ListedVersion>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stats {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) download_count: Option<i64>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) thumbs_up_count: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedVersion {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) base_model: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) published_at: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) trained_words: Vec<String>,
    /// Only on a model's page.
    #[serde(default, deserialize_with = "text")]
    pub(crate) description: Option<String>,
    #[serde(default, deserialize_with = "nested")]
    pub(crate) paid_access: Option<PaidAccess>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) availability: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) early_access_deadline: Option<String>,
    /// What older servers call the deadline.
    #[serde(default, deserialize_with = "text")]
    pub(crate) early_access_ends_at: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) files: Vec<ListedFile>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) images: Vec<Image>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedFile {
    #[serde(flatten)]
    pub(crate) file: File,
    #[serde(default, deserialize_with = "nested")]
    pub(crate) metadata: Option<FileMetadata>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) pickle_scan_result: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) virus_scan_result: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FileMetadata {
    #[serde(default, deserialize_with = "text")]
    pub(crate) format: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) size: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) fp: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) quant_type: Option<String>,
}
