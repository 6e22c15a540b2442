//! The engine's questions, asked over HTTP.
//!
//! Answers are compared with the question where they can be: a version with another id, or a row for a hash that was
//! not asked about, would name a user's file wrongly and for good.

use std::collections::HashSet;

use async_trait::async_trait;
use modeldock_core::catalog::{
    Catalog, CatalogError, HashMatch, IDS_PER_REQUEST, MODELS_PER_REQUEST, Model, ModelVersion, PreviewBytes,
    Reference, VERSIONS_PER_REQUEST,
};
use modeldock_core::discover::{CatalogueWords, ListPage, ListQuery, Listed};
use modeldock_core::hash::Sha256;
use modeldock_core::units::{ModelId, VersionId};
use serde_json::value::RawValue;

use crate::client::Client;
use crate::convert;
use crate::failure::Failure;
use crate::preview;
use crate::transport::Ask;
use crate::wire;

#[async_trait]
impl Catalog for Client {
    fn base_url(&self) -> &str {
        &self.transport.base_text
    }

    fn reference(&self, text: &str) -> Option<Reference> {
        crate::reference::read(&self.transport.base, text)
    }

    async fn ids_by_hash(&self, hashes: &[Sha256]) -> Result<Vec<HashMatch>, CatalogError> {
        self.rows(hashes).await.map_err(|failure| failure.error)
    }

    async fn versions_by_hash(&self, hashes: &[Sha256]) -> Result<Vec<ModelVersion>, CatalogError> {
        self.batch(hashes).await.map_err(|failure| failure.error)
    }

    async fn version_by_hash(&self, hash: &str) -> Result<ModelVersion, CatalogError> {
        self.version_with_hash(hash).await.map_err(|failure| failure.error)
    }

    async fn version(&self, id: VersionId) -> Result<ModelVersion, CatalogError> {
        self.version_with_id(id).await.map_err(|failure| failure.error)
    }

    async fn model(&self, id: ModelId) -> Result<Model, CatalogError> {
        self.model_with_id(id).await.map_err(|failure| failure.error)
    }

    async fn list(&self, query: &ListQuery) -> Result<ListPage, CatalogError> {
        self.page(query).await.map_err(|failure| failure.error)
    }

    async fn listed(&self, id: ModelId) -> Result<Listed, CatalogError> {
        self.page_of_model(id).await.map_err(|failure| failure.error)
    }

    async fn words(&self) -> Result<CatalogueWords, CatalogError> {
        self.list_words().await.map_err(|failure| failure.error)
    }

    async fn models(&self, ids: &[ModelId]) -> Result<Vec<Model>, CatalogError> {
        self.models_with_ids(ids).await.map_err(|failure| failure.error)
    }

    async fn preview(&self, url: &str, limit: usize) -> Result<PreviewBytes, CatalogError> {
        preview::fetch(&self.transport, url, limit).await.map_err(|failure| failure.error)
    }
}

impl Client {
    async fn rows(&self, hashes: &[Sha256]) -> Result<Vec<HashMatch>, Failure> {
        within(hashes, IDS_PER_REQUEST)?;
        if hashes.is_empty() {
            return Ok(Vec::new());
        }
        let ask = self.post(&["model-versions", "by-hash", "ids"], &hashes)?;
        let raw = self.transport.json(&ask).await?;
        let asked: HashSet<Sha256> = hashes.iter().copied().collect();
        let rows = array(&raw, &ask)?;
        let matches = rows.into_iter().filter_map(|row| {
            let found = wire::read(row).and_then(|row| convert::hash_match(&row));
            let found = found.filter(|found| asked.contains(&found.sha256));
            if found.is_none() {
                tracing::warn!(row = %shortened(row), "skipping a row of Civitai's answer that fits no question");
            }
            found
        });
        Ok(matches.collect())
    }

    async fn batch(&self, hashes: &[Sha256]) -> Result<Vec<ModelVersion>, Failure> {
        within(hashes, VERSIONS_PER_REQUEST)?;
        let mut versions = Vec::new();
        let mut parts = vec![hashes];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match self.batch_part(part).await {
                Ok(found) => versions.extend(found),
                // Authors may write books into descriptions: fewer versions make a shorter answer.
                Err(failure) if failure.too_long && part.len() > 1 => {
                    let (front, back) = part.split_at(part.len() / 2);
                    parts.extend([back, front]);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(versions)
    }

    async fn batch_part(&self, hashes: &[Sha256]) -> Result<Vec<ModelVersion>, Failure> {
        let ask = self.post(&["model-versions", "by-hash"], &hashes)?;
        let raw = self.transport.json(&ask).await?;
        let elements = array(&raw, &ask)?;
        let versions = elements.into_iter().filter_map(|element| {
            let version = self.read_version(element);
            if version.is_none() {
                tracing::warn!(version = %shortened(element), "skipping a version of Civitai's answer without ids");
            }
            version
        });
        Ok(versions.collect())
    }

    async fn version_with_hash(&self, hash: &str) -> Result<ModelVersion, Failure> {
        // It becomes part of a path, where `..` or a slash would ask for something else.
        if hash.is_empty() || hash.len() > 128 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let shown: String = hash.chars().filter(|c| !c.is_control()).take(80).collect();
            return Err(Failure::unsent(400, format!("`{shown}` is not a hash")));
        }
        let ask = self.get(&["model-versions", "by-hash", &hash.to_ascii_uppercase()], true);
        self.one_version(&ask).await
    }

    async fn version_with_id(&self, id: VersionId) -> Result<ModelVersion, Failure> {
        let ask = self.get(&["model-versions", &id.0.to_string()], true);
        let version = self.one_version(&ask).await?;
        if version.id == id { Ok(version) } else { Err(Failure::odd(&ask.url, "another version")) }
    }

    async fn model_with_id(&self, id: ModelId) -> Result<Model, Failure> {
        let ask = self.get(&["models", &id.0.to_string()], true);
        let raw = self.transport.json(&ask).await?;
        let now = self.transport.pace.now();
        match wire::read(&raw).and_then(|model| convert::model(model, now)) {
            Some(model) if model.id == id => Ok(model),
            Some(_) => Err(Failure::odd(&ask.url, "another model")),
            None => Err(Failure::odd(&ask.url, "unexpected data")),
        }
    }

    async fn models_with_ids(&self, ids: &[ModelId]) -> Result<Vec<Model>, Failure> {
        if ids.len() > MODELS_PER_REQUEST {
            let message = format!("At most {MODELS_PER_REQUEST} models fit one request, not {}", ids.len());
            return Err(Failure::unsent(413, message));
        }
        let mut models = Vec::new();
        let mut parts = vec![ids];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match self.models_part(part).await {
                Ok(found) => models.extend(found),
                Err(failure) if failure.too_long && part.len() > 1 => {
                    let (front, back) = part.split_at(part.len() / 2);
                    parts.extend([back, front]);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(models)
    }

    async fn models_part(&self, ids: &[ModelId]) -> Result<Vec<Model>, Failure> {
        let mut ask = self.get(&["models"], false);
        let list: Vec<String> = ids.iter().map(|id| id.0.to_string()).collect();
        // Without `nsfw` every model for grown-ups is left out, and with it nobody's pictures are shown here.
        ask.url.query_pairs_mut().extend_pairs([
            ("ids", list.join(",").as_str()),
            ("nsfw", "true"),
            ("limit", &ids.len().to_string()),
        ]);
        let raw = self.transport.json(&ask).await?;
        let page: wire::Models = wire::read(&raw).ok_or_else(|| Failure::odd(&ask.url, "unexpected data"))?;
        let now = self.transport.pace.now();
        let asked: HashSet<ModelId> = ids.iter().copied().collect();
        let models = page.items.into_iter().filter_map(|model| convert::model(model, now));
        Ok(models.filter(|model| asked.contains(&model.id)).collect())
    }

    async fn one_version(&self, ask: &Ask) -> Result<ModelVersion, Failure> {
        let raw = self.transport.json(ask).await?;
        self.read_version(&raw).ok_or_else(|| Failure::odd(&ask.url, "unexpected data"))
    }

    fn read_version(&self, raw: &RawValue) -> Option<ModelVersion> {
        convert::version(wire::read(raw)?, raw.get(), self.transport.pace.now())
    }
}

fn within(hashes: &[Sha256], limit: usize) -> Result<(), Failure> {
    if hashes.len() <= limit {
        return Ok(());
    }
    Err(Failure::unsent(413, format!("At most {limit} hashes fit one request, not {}", hashes.len())))
}

fn array<'a>(raw: &'a RawValue, ask: &Ask) -> Result<Vec<&'a RawValue>, Failure> {
    wire::elements(raw).ok_or_else(|| Failure::odd(&ask.url, "unexpected data"))
}

/// The beginning of a JSON text, for logs.
fn shortened(raw: &RawValue) -> String {
    raw.get().chars().take(120).collect()
}
