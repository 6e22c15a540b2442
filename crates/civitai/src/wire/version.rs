//! A model version as it comes from the version and by-hash endpoints (API contract, sections 1.1 to 1.4).

use serde::Deserialize;
use serde_json::Value;

use super::ModelOfVersion;
use super::lenient::{flag, integer, list, nested, real, text, texts};

/// One row of `by-hash/ids`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IdsRow {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) model_version_id: Option<i64>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) model_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) hash: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Version {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) id: Option<i64>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) model_id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "nested")]
    pub(crate) model: Option<ModelOfVersion>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) base_model: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    pub(crate) trained_words: Vec<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) air: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) published_at: Option<String>,
    #[serde(default)]
    pub(crate) nsfw_level: Value,
    #[serde(default, deserialize_with = "nested")]
    pub(crate) paid_access: Option<PaidAccess>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) availability: Option<String>,
    /// Older servers say it this way; lists call it a deadline.
    #[serde(default, alias = "earlyAccessDeadline", deserialize_with = "text")]
    pub(crate) early_access_ends_at: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) mode: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) files: Vec<File>,
    #[serde(default, deserialize_with = "list")]
    pub(crate) images: Vec<Image>,
}

/// The gate before a version that must be paid for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaidAccess {
    #[serde(default, deserialize_with = "flag")]
    pub(crate) permanent: bool,
    #[serde(default, deserialize_with = "text")]
    pub(crate) ends_at: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct File {
    #[serde(default, deserialize_with = "integer")]
    pub(crate) id: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, rename = "sizeKB", alias = "sizeKb", deserialize_with = "real")]
    pub(crate) size_kb: Option<f64>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(crate) kind: Option<String>,
    /// Lists leave it out where it is false.
    #[serde(default, deserialize_with = "flag")]
    pub(crate) primary: bool,
    #[serde(default, deserialize_with = "nested")]
    pub(crate) hashes: Option<Hashes>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) pickle_scan_result: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) pickle_scan_message: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) virus_scan_result: Option<String>,
}

/// Hashes by kind. Copies of the API in the wild spell some keys differently, so the case of keys is ignored.
#[derive(Debug, Default)]
pub(crate) struct Hashes(Vec<(String, String)>);

impl Hashes {
    /// The hash of this kind, if it is one. Torn and mistyped ones are none.
    pub(crate) fn get<T: std::str::FromStr>(&self, kind: &str) -> Option<T> {
        let (_, hash) = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(kind))?;
        hash.trim().parse().ok()
    }
}

impl<'de> Deserialize<'de> for Hashes {
    fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let Value::Object(object) = Value::deserialize(source)? else {
            return Ok(Self::default());
        };
        let texts = object.into_iter().filter_map(|(key, value)| match value {
            Value::String(text) => Some((key, text)),
            _ => None,
        });
        Ok(Self(texts.collect()))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Image {
    #[serde(default, deserialize_with = "text")]
    pub(crate) url: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub(crate) media: Option<String>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) width: Option<i64>,
    #[serde(default, deserialize_with = "integer")]
    pub(crate) height: Option<i64>,
    #[serde(default)]
    pub(crate) nsfw_level: Value,
    /// How it was made. Holds itself once more, as `meta.meta`, on some paths.
    #[serde(default)]
    pub(crate) meta: Value,
}
