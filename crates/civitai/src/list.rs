//! The catalogue, page by page.
//!
//! Only cursors are used: a page by number cannot be combined with words, and ends at the thousandth model (API contract,
//! section 1.6). Flags are left out where they are off, because Civitai takes any text for "yes", `false` included.

use modeldock_core::discover::{CatalogueWords, ListPage, ListQuery, Listed, PAGE_LIMIT, Period};
use modeldock_core::units::ModelId;

use crate::client::Client;
use crate::convert;
use crate::failure::Failure;
use crate::transport::Ask;
use crate::wire;

impl Client {
    /// A page. Authors may write books into descriptions: where the answer is too long, a shorter page is asked for.
    pub(crate) async fn page(&self, query: &ListQuery) -> Result<ListPage, Failure> {
        let mut limit = query.limit.clamp(1, PAGE_LIMIT);
        loop {
            match self.page_of(query, limit).await {
                Err(failure) if failure.too_long && limit > 1 => limit /= 2,
                answer => return answer,
            }
        }
    }

    async fn page_of(&self, query: &ListQuery, limit: u32) -> Result<ListPage, Failure> {
        let ask = self.list_ask(query, limit);
        let raw = self.transport.json(&ask).await?;
        let page = wire::read(&raw).and_then(|page| convert::list::page(page, self.transport.pace.now()));
        page.ok_or_else(|| Failure::odd(&ask.url, "unexpected data"))
    }

    /// One model with its versions.
    pub(crate) async fn page_of_model(&self, id: ModelId) -> Result<Listed, Failure> {
        let ask = self.get(&["models", &id.0.to_string()], true);
        let raw = self.transport.json(&ask).await?;
        match wire::read(&raw).and_then(|model| convert::list::listed(model, self.transport.pace.now())) {
            Some(model) if model.id == id => Ok(model),
            Some(_) => Err(Failure::odd(&ask.url, "another model")),
            None => Err(Failure::odd(&ask.url, "unexpected data")),
        }
    }

    /// The words that lists can be filtered by.
    pub(crate) async fn list_words(&self) -> Result<CatalogueWords, Failure> {
        let enums = self.known_words().await?;
        let base_models = if enums.active_base_model.is_empty() { enums.base_model } else { enums.active_base_model };
        Ok(CatalogueWords { kinds: enums.model_type, base_models })
    }

    fn list_ask(&self, query: &ListQuery, limit: u32) -> Ask {
        let mut ask = self.get(&["models"], false);
        let mut pairs = ask.url.query_pairs_mut();
        pairs.append_pair("limit", &limit.to_string());
        pairs.append_pair("sort", query.sort.as_str());
        if query.period != Period::AllTime {
            pairs.append_pair("period", query.period.as_str());
        }
        if query.mature {
            pairs.append_pair("nsfw", "true");
        }
        // Each on its own: a list between commas is refused, or one long name.
        for kind in &query.kinds {
            pairs.append_pair("types", kind);
        }
        for base in &query.base_models {
            pairs.append_pair("baseModels", base);
        }
        let texts =
            [("query", &query.text), ("tag", &query.tag), ("username", &query.creator), ("cursor", &query.cursor)];
        for (name, text) in texts {
            if let Some(text) = text {
                pairs.append_pair(name, text);
            }
        }
        drop(pairs);
        ask
    }
}
