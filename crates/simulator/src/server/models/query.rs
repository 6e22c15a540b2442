//! Parameters of `models`: filters, order, and the two ways of paging.

use std::collections::HashSet;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::account::MODEL_TYPES;
use super::super::exchange::{Call, Reply};
use super::level;
use crate::catalogue::{Catalogue, Id, Model};

/// `sort` of a list.
const SORTS: [&str; 8] = [
    "Highest Rated",
    "Most Downloaded",
    "Most Liked",
    "Most Discussed",
    "Most Collected",
    "Most Images",
    "Newest",
    "Oldest",
];

/// `period` of a list. What it covers is not documented: it is checked, and everything counts as recent.
const PERIODS: [&str; 5] = ["AllTime", "Year", "Month", "Week", "Day"];

/// A parsed list query.
pub(super) struct Query {
    pub(super) limit: usize,
    pub(super) page_number: Option<usize>,
    pub(super) nsfw: bool,
    cursor: Option<String>,
    text: Option<String>,
    ids: Option<HashSet<Id>>,
    version_ids: Option<HashSet<Id>>,
    tag: Option<String>,
    username: Option<String>,
    types: Vec<String>,
    base_models: Vec<String>,
    sort: String,
}

/// One page of models and where the next one starts.
pub(super) struct Page<'a> {
    pub(super) models: Vec<&'a Model>,
    pub(super) next_cursor: Option<String>,
}

impl Query {
    pub(super) fn parse(call: &Call) -> Result<Self, Reply> {
        let limit = match call.param("limit").map(str::parse::<usize>) {
            None => 100,
            Some(Ok(limit)) if limit <= 100 => limit,
            Some(Ok(_)) => return Err(zod("Too big: expected number to be <=100", "limit")),
            Some(Err(_)) => {
                return Err(zod("Invalid input: expected number, received NaN", "limit"));
            }
        };
        let page_number = match call.param("page").map(str::parse::<usize>) {
            None => None,
            Some(Ok(page)) if page >= 1 => Some(page),
            Some(_) => return Err(zod("Too small: expected number to be >=1", "page")),
        };
        let text = call.param("query").filter(|text| !text.is_empty());
        if text.is_some() && page_number.is_some() {
            return Err(Reply::bad_request("Cannot use page param with query search. Use cursor-based pagination."));
        }
        if page_number.unwrap_or(0) * limit > 1000 {
            return Err(Reply::error(
                StatusCode::TOO_MANY_REQUESTS,
                "You've requested too many pages, please use cursors instead",
            ));
        }
        let types: Vec<String> = call.params("types").map(str::to_owned).collect();
        // A comma list is one unknown enum value: the parameter has to be repeated.
        if types.iter().any(|kind| !MODEL_TYPES.contains(&kind.as_str())) {
            return Err(zod("Invalid option: expected one of \"Checkpoint\"|\"TextualInversion\"|…", "types"));
        }
        if call.param("sort").is_some_and(|sort| !SORTS.contains(&sort)) {
            return Err(zod("Invalid option: expected one of \"Highest Rated\"|\"Most Downloaded\"|…", "sort"));
        }
        if call.param("period").is_some_and(|period| !PERIODS.contains(&period)) {
            return Err(zod("Invalid option: expected one of \"AllTime\"|\"Year\"|…", "period"));
        }
        let nsfw = match call.param("nsfw") {
            Some("true" | "1") => true,
            None | Some("false" | "0") => false,
            Some(_) => return Err(zod("Invalid input: expected boolean", "nsfw")),
        };
        Ok(Self {
            limit,
            page_number,
            nsfw,
            cursor: call.param("cursor").map(str::to_owned),
            text: text.map(str::to_lowercase),
            ids: numbers(call, "ids")?,
            version_ids: numbers(call, "modelVersionIds")?,
            tag: call.param("tag").map(str::to_lowercase),
            username: call.param("username").map(str::to_lowercase),
            types,
            base_models: call.params("baseModels").map(str::to_owned).collect(),
            sort: call.param("sort").unwrap_or("Highest Rated").to_owned(),
        })
    }

    /// All models that match, in order.
    pub(super) fn select<'a>(&self, catalogue: &'a Catalogue) -> Vec<&'a Model> {
        let mut found: Vec<&Model> = catalogue
            .models()
            .filter(|model| model.spec.published && !model.spec.poi)
            .filter(|model| self.nsfw || level(catalogue, model) & 1 != 0)
            .filter(|model| self.matches(catalogue, model))
            .collect();
        found.sort_by_key(|model| std::cmp::Reverse((self.rank(model), model.id)));
        if self.sort == "Oldest" {
            found.reverse();
        }
        found
    }

    fn matches(&self, catalogue: &Catalogue, model: &Model) -> bool {
        let spec = &model.spec;
        let text_fits = self.text.as_deref().is_none_or(|text| {
            spec.name.to_lowercase().contains(text)
                || spec.tags.iter().any(|tag| tag.contains(text))
                || spec.creator.contains(text)
        });
        let base_fits = self.base_models.is_empty()
            || model
                .versions
                .iter()
                .filter_map(|id| catalogue.version(*id))
                .any(|version| self.base_models.contains(&version.spec.base_model));
        text_fits
            && base_fits
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&model.id))
            && self.version_ids.as_ref().is_none_or(|ids| model.versions.iter().any(|id| ids.contains(id)))
            && self.tag.as_ref().is_none_or(|tag| spec.tags.contains(tag))
            && self.username.as_deref().is_none_or(|name| name == spec.creator)
            && (self.types.is_empty() || self.types.contains(&spec.kind))
    }

    fn rank(&self, model: &Model) -> u64 {
        match self.sort.as_str() {
            "Most Downloaded" => model.spec.stats.downloads.unwrap_or(0),
            "Most Discussed" => model.spec.stats.comments,
            // Numbers ascend with time.
            "Newest" | "Oldest" => model.id,
            _ => model.spec.stats.thumbs_up,
        }
    }

    /// Cuts one page out of `found`.
    pub(super) fn page<'a>(&self, found: &[&'a Model]) -> Result<Page<'a>, Reply> {
        let start = match (&self.cursor, self.page_number) {
            (Some(cursor), _) if self.text.is_some() => cursor.parse().map_err(|_| zod("Invalid cursor", "cursor"))?,
            (Some(cursor), _) => Self::position(found, cursor)?,
            (None, Some(page)) => (page - 1) * self.limit,
            (None, None) => 0,
        };
        let models: Vec<&Model> = found.iter().skip(start).take(self.limit).copied().collect();
        let next_cursor = found.get(start + models.len()).filter(|_| !models.is_empty()).map(|next| match self.text {
            Some(_) => (start + models.len()).to_string(),
            None => format!("{}|{}|{}", self.rank(next), next.spec.stats.thumbs_up, next.id),
        });
        Ok(Page { models, next_cursor })
    }

    /// Where the model named by a cursor stands.
    fn position(found: &[&Model], cursor: &str) -> Result<usize, Reply> {
        let values: Vec<&str> = cursor.split('|').collect();
        let [_, _, id] = values[..] else {
            let text = format!("Invalid cursor: expected 3 value(s) for this sort, received {}", values.len());
            return Err(Reply::json(StatusCode::BAD_REQUEST, &json!({ "message": text })));
        };
        Ok(found.iter().position(|model| model.id.to_string() == id).unwrap_or(found.len()))
    }
}

/// The query of the next page: this one's, moved on.
pub(super) fn next_page(call: &Call, page: Option<usize>, cursor: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in &call.query {
        if !matches!(name.as_str(), "page" | "cursor" | "token") {
            query.append_pair(name, value);
        }
    }
    match page {
        Some(page) => query.append_pair("page", &(page + 1).to_string()),
        None => query.append_pair("cursor", cursor),
    };
    query.finish()
}

fn numbers(call: &Call, name: &str) -> Result<Option<HashSet<Id>>, Reply> {
    let values: Vec<&str> = call.params(name).flat_map(|value| value.split(',')).collect();
    if values.is_empty() {
        return Ok(None);
    }
    values
        .into_iter()
        .map(|value| value.trim().parse())
        .collect::<Result<_, _>>()
        .map(Some)
        .map_err(|_| zod("Invalid input: expected number, received NaN", name))
}

/// A 400 whose `error` is an object, as this endpoint alone has it.
fn zod(message: &str, field: &str) -> Reply {
    let issues: Value = json!([{ "code": "invalid_type", "path": [field], "message": message }]);
    let text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": { "name": "ZodError", "message": text } }))
}
