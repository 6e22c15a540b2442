//! Parameters of `vault/all`, of which only some work over REST.

use std::cmp::Reverse;

use super::super::exchange::Call;
use super::Sizes;
use crate::catalogue::{Catalogue, Vault, VaultItem};

/// A parsed list query.
pub(super) struct Query {
    pub(super) limit: usize,
    pub(super) page: usize,
    text: Option<String>,
    types: Vec<String>,
    categories: Vec<String>,
    base_models: Vec<String>,
    sort: String,
}

impl Query {
    /// `None` where the real schema fails, which is a 500: a filter given once is no list, and a date in a URL is no
    /// date.
    pub(super) fn parse(call: &Call) -> Option<Self> {
        let number = |name: &str, default: usize| call.param(name).map_or(Some(default), |value| value.parse().ok());
        let list = |name: &str| {
            let values: Vec<String> = call.params(name).map(str::to_owned).collect();
            (values.len() != 1).then_some(values)
        };
        if call.query.iter().any(|(name, _)| name.starts_with("date")) {
            return None;
        }
        let query = Self {
            limit: number("limit", 60)?,
            page: number("page", 1)?,
            text: call.param("query").filter(|text| !text.is_empty()).map(str::to_lowercase),
            types: list("types")?,
            categories: list("categories")?,
            base_models: list("baseModels")?,
            sort: call.param("sort").unwrap_or("Recently Added").to_owned(),
        };
        let is_known =
            ["Recently Added", "Recently Created", "Model Name", "Model Size"].contains(&query.sort.as_str());
        ((1..=200).contains(&query.limit) && query.page >= 1 && is_known).then_some(query)
    }

    /// All items that match, in order.
    pub(super) fn select<'a>(&self, catalogue: &Catalogue, vault: &'a Vault) -> Vec<&'a VaultItem> {
        let mut items: Vec<&VaultItem> = vault.items.iter().filter(|item| self.matches(catalogue, item)).collect();
        let name = |item: &VaultItem| {
            catalogue.version(item.version).map(|version| catalogue.model_of(version).spec.name.to_lowercase())
        };
        match self.sort.as_str() {
            "Recently Created" => items.sort_by_key(|item| {
                let created = catalogue.version(item.version).and_then(|version| version.spec.published_at.clone());
                Reverse((created, item.id))
            }),
            "Model Name" => items.sort_by_key(|item| (name(item), item.id)),
            "Model Size" => items.sort_by(|a, b| {
                let size = |item: &VaultItem| {
                    catalogue.version(item.version).map_or(0.0, |version| Sizes::of(catalogue, version).model)
                };
                size(b).total_cmp(&size(a)).then(a.id.cmp(&b.id))
            }),
            _ => items.sort_by_key(|item| Reverse((item.added_at.clone(), item.id))),
        }
        items
    }

    fn matches(&self, catalogue: &Catalogue, item: &VaultItem) -> bool {
        let Some(version) = catalogue.version(item.version) else {
            return false;
        };
        let model = &catalogue.model_of(version).spec;
        let fits = |wanted: &[String], value: &str| wanted.is_empty() || wanted.iter().any(|wish| wish == value);
        let text_fits = self.text.as_deref().is_none_or(|text| {
            [&model.name, &version.spec.name, &model.creator].iter().any(|field| field.to_lowercase().contains(text))
        });
        text_fits
            && fits(&self.types, &model.kind)
            && fits(&self.base_models, &version.spec.base_model)
            && fits(&self.categories, model.tags.first().map_or("", String::as_str))
    }
}
