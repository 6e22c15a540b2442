//! The `versions` and `models` tables: what Civitai's pages say.

use rusqlite::{OptionalExtension, params};

use super::{Explain, ReadTx, WriteTx};
use crate::catalog::{Model, ModelVersion, Preview, VersionFile};
use crate::error::Result;
use crate::roots::ModelKind;
use crate::units::{ModelId, UnixMillis, VersionId};

/// A version's page as the inspector wants it.
#[derive(Debug, Clone)]
pub(crate) struct VersionPage {
    pub(crate) model_id: ModelId,
    pub(crate) description: Option<String>,
    pub(crate) published_at: Option<String>,
    pub(crate) previews: Vec<Preview>,
}

/// A version as a match sees it.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    pub(crate) kind: ModelKind,
    pub(crate) files: Vec<VersionFile>,
    pub(crate) published_at: Option<String>,
    pub(crate) fetched_at: UnixMillis,
}

/// A model's page as the inspector wants it.
#[derive(Debug, Clone)]
pub(crate) struct ModelPage {
    pub(crate) description: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) fetched_at: UnixMillis,
}

impl ReadTx<'_> {
    /// What a version's page says.
    pub(crate) fn version_page(&self, id: VersionId) -> Result<Option<VersionPage>> {
        let sql = "SELECT model_id, description, published_at, previews FROM cache.versions WHERE id = ?1";
        self.connection
            .query_row(sql, [id.0], |row| {
                Ok(VersionPage {
                    model_id: ModelId(row.get(0)?),
                    description: row.get(1)?,
                    published_at: row.get(2)?,
                    previews: serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default(),
                })
            })
            .optional()
            .explain()
    }

    /// What a match needs to know of a version, if it has been described.
    pub(crate) fn described(&self, id: VersionId) -> Result<Option<Described>> {
        let sql = "SELECT kind, files, published_at, fetched_at FROM cache.versions WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        statement
            .query_row([id.0], |row| {
                let files = serde_json::from_str(row.get_ref(1)?.as_str()?).unwrap_or_default();
                Ok(Described {
                    kind: ModelKind::from(row.get_ref(0)?.as_str()?),
                    files,
                    published_at: row.get(2)?,
                    fetched_at: UnixMillis(row.get(3)?),
                })
            })
            .optional()
            .explain()
    }

    /// The files and previews a version had when it was last described.
    fn version_lists(&self, id: VersionId) -> Result<Option<(Vec<VersionFile>, Vec<Preview>)>> {
        let sql = "SELECT files, previews FROM cache.versions WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).explain()?;
        statement
            .query_row([id.0], |row| {
                let files = serde_json::from_str(row.get_ref(0)?.as_str()?).unwrap_or_default();
                let previews = serde_json::from_str(row.get_ref(1)?.as_str()?).unwrap_or_default();
                Ok((files, previews))
            })
            .optional()
            .explain()
    }

    /// What a model's page says.
    pub(crate) fn model_page(&self, id: ModelId) -> Result<Option<ModelPage>> {
        let sql = "SELECT description, tags, fetched_at FROM cache.models WHERE id = ?1";
        self.connection
            .query_row(sql, [id.0], |row| {
                Ok(ModelPage {
                    description: row.get(0)?,
                    tags: serde_json::from_str(row.get_ref(1)?.as_str()?).unwrap_or_default(),
                    fetched_at: UnixMillis(row.get(2)?),
                })
            })
            .optional()
            .explain()
    }
}

impl WriteTx<'_> {
    /// Keeps what Civitai says about a version. An archived model comes without files, one that was taken down without
    /// pictures: what was known of them stays.
    pub(crate) fn put_version(&mut self, version: &ModelVersion, now: UnixMillis) -> Result<()> {
        let before = self.version_lists(version.id)?.unwrap_or_default();
        let files = if version.files.is_empty() { &before.0 } else { &version.files };
        let previews = if version.previews.is_empty() { &before.1 } else { &version.previews };
        let search = [
            Some(version.model_name.as_str()),
            Some(version.name.as_str()),
            version.base_model.as_deref(),
            version.air.as_deref(),
        ];
        let search: Vec<&str> =
            search.into_iter().flatten().chain(version.trained_words.iter().map(String::as_str)).collect();
        let sql =
            "INSERT OR REPLACE INTO cache.versions (id, model_id, name, model_name, kind, base_model, trained_words,
                air, nsfw_level, published_at, description, files, previews, preview_count, preview_is_video, search,
                fetched_at, cover_level)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
        let values = params![
            version.id.0,
            version.model_id.0,
            version.name,
            version.model_name,
            version.kind.as_str(),
            version.base_model,
            json(&version.trained_words),
            version.air,
            version.nsfw_level,
            version.published_at,
            version.description,
            json(files),
            json(previews),
            i64::try_from(previews.len()).unwrap_or(i64::MAX),
            previews.first().is_some_and(|preview| preview.media == "video"),
            search.join(" ").to_lowercase(),
            now.0,
            previews.first().map_or(version.nsfw_level, |cover| cover.nsfw_level),
        ];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        self.put_answer(version.id, &version.raw, now)
    }

    /// Keeps what a model's page says, with the versions it lists.
    pub(crate) fn put_model(&mut self, model: &Model, now: UnixMillis) -> Result<()> {
        let search: Vec<&str> = model.creator.iter().chain(&model.tags).map(String::as_str).collect();
        let sql = "INSERT OR REPLACE INTO cache.models (id, creator, description, tags, search, fetched_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let values = params![
            model.id.0,
            model.creator,
            model.description,
            json(&model.tags),
            search.join(" ").to_lowercase(),
            now.0,
        ];
        self.connection.prepare_cached(sql).and_then(|mut sql| sql.execute(values)).explain()?;
        self.put_model_versions(model, now)
    }
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("lists of text and numbers write as JSON")
}
