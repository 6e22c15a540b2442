//! The user's vault over HTTP.
//!
//! The toggle is the one request of this crate that changes something at Civitai and cannot be repeated: it goes out
//! once, over a connection of its own, and whatever comes back is handed on.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use modeldock_core::catalog::CatalogError;
use modeldock_core::units::{VaultItemId, VersionId};
use modeldock_core::vault::{
    HOLDINGS_PER_REQUEST, Refusal, ToggleError, Toggled, VaultHolding, VaultInfo, VaultItem, VaultPage, VaultService,
};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::client::Client;
use crate::convert::vault as convert;
use crate::failure::Failure;
use crate::transport::Ask;
use crate::wire;

/// Items a page may hold (API contract, section 1.10).
const PAGE: &str = "200";

#[async_trait]
impl VaultService for Client {
    async fn vault(&self) -> Result<Option<VaultInfo>, CatalogError> {
        self.vault_as_a_whole().await.map_err(|failure| failure.error)
    }

    async fn vault_page(&self, page: u32) -> Result<VaultPage, CatalogError> {
        self.page_of_vault(page).await.map_err(|failure| failure.error)
    }

    async fn vault_holds(&self, versions: &[VersionId]) -> Result<Vec<VaultHolding>, CatalogError> {
        self.holdings(versions).await.map_err(|failure| failure.error)
    }

    async fn vault_toggle(&self, version: VersionId) -> Result<Toggled, ToggleError> {
        self.toggle(version)
            .await
            .map_err(|failure| ToggleError { refusal: failure.code.as_deref().map(refusal), error: failure.error })
    }
}

impl Client {
    async fn vault_as_a_whole(&self) -> Result<Option<VaultInfo>, Failure> {
        self.transport.require_token()?;
        let ask = self.get(&["vault", "get"], false);
        let raw = self.transport.json(&ask).await?;
        let answer: Value = serde_json::from_str(raw.get()).unwrap_or_default();
        match answer.get("vault") {
            Some(Value::Null) => Ok(None),
            Some(vault) => {
                let vault = object(vault).and_then(|vault| convert::info(&vault));
                vault.map(Some).ok_or_else(|| Failure::odd(&ask.url, "unexpected data"))
            }
            None => Err(Failure::odd(&ask.url, "unexpected data")),
        }
    }

    async fn page_of_vault(&self, page: u32) -> Result<VaultPage, Failure> {
        self.transport.require_token()?;
        let mut ask = self.get(&["vault", "all"], false);
        // No filter is sent: given once they make the server fail, and what is wanted is everything.
        let number = page.max(1).to_string();
        let pairs = [("limit", PAGE), ("page", number.as_str()), ("sort", "Recently Added")];
        ask.url.query_pairs_mut().extend_pairs(pairs);
        let raw = self.transport.json(&ask).await?;
        let unexpected = || Failure::odd(&ask.url, "unexpected data");
        let answer: wire::VaultPage = wire::read(&raw).ok_or_else(unexpected)?;
        let Value::Array(elements) = &answer.items else {
            return Err(unexpected());
        };
        let items: Vec<VaultItem> = elements.iter().filter_map(item).collect();
        let unreadable = elements.len() - items.len();
        if unreadable > 0 {
            tracing::warn!(unreadable, "skipping items of the vault without ids");
        }
        let count = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
        Ok(VaultPage {
            items,
            unreadable: u32::try_from(unreadable).unwrap_or(u32::MAX),
            total: count(answer.total_items),
            pages: count(answer.total_pages),
        })
    }

    async fn holdings(&self, versions: &[VersionId]) -> Result<Vec<VaultHolding>, Failure> {
        if versions.len() > HOLDINGS_PER_REQUEST {
            let message = format!("At most {HOLDINGS_PER_REQUEST} versions fit one request, not {}", versions.len());
            return Err(Failure::unsent(413, message));
        }
        self.transport.require_token()?;
        // Asked about nothing, the server does not complain either.
        if versions.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = versions.iter().map(|version| version.0.to_string()).collect();
        let mut ask = self.get(&["vault", "check-vault"], false);
        ask.url.query_pairs_mut().append_pair("modelVersionIds", &ids.join(","));
        let raw = self.transport.json(&ask).await?;
        holdings_in(&raw, versions, &ask)
    }

    async fn toggle(&self, version: VersionId) -> Result<Toggled, Failure> {
        self.transport.require_token()?;
        let mut ask = self.get(&["vault", "toggle-version"], false);
        // The server reads the query alone.
        ask.url.query_pairs_mut().append_pair("modelVersionId", &version.0.to_string());
        let raw = self.transport.post_once(&ask).await?;
        match wire::read::<wire::Toggled>(&raw) {
            Some(wire::Toggled { success: Some(true), vault_id: None }) => Ok(Toggled::Out),
            Some(wire::Toggled { success: Some(true), vault_id: Some(item) }) => Ok(Toggled::In(VaultItemId(item))),
            _ => Err(Failure::odd(&ask.url, "unexpected data")),
        }
    }
}

/// One holding for each version asked about. A version left out, or an item that cannot be read, makes the answer no
/// answer: taken for "not in the vault" it would have the version toggled out.
fn holdings_in(raw: &RawValue, versions: &[VersionId], ask: &Ask) -> Result<Vec<VaultHolding>, Failure> {
    let odd = || Failure::odd(&ask.url, "unexpected data");
    let mut found: HashMap<VersionId, Option<VaultItem>> = HashMap::new();
    for row in wire::elements(raw).ok_or_else(odd)? {
        let row: wire::VaultRow = wire::read(row).ok_or_else(odd)?;
        let version = VersionId(row.model_version_id.ok_or_else(odd)?);
        let held = match &row.vault_item {
            Value::Null => None,
            held => Some(item(held).filter(|item| item.version_id == version).ok_or_else(odd)?),
        };
        found.insert(version, held);
    }
    let asked: HashSet<VersionId> = versions.iter().copied().collect();
    let rows = asked.into_iter().map(|version| {
        let item = found.remove(&version).ok_or_else(odd)?;
        Ok(VaultHolding { version, item })
    });
    rows.collect()
}

fn item(value: &Value) -> Option<VaultItem> {
    object(value).and_then(convert::item)
}

/// Reads an object; serde would take an array for its fields in their order.
fn object<T: serde::de::DeserializeOwned>(value: &Value) -> Option<T> {
    if value.is_object() { T::deserialize(value).ok() } else { None }
}

/// tRPC's word for a refusal.
fn refusal(code: &str) -> Refusal {
    match code {
        "NOT_FOUND" => Refusal::NotFound,
        "UNAUTHORIZED" | "FORBIDDEN" => Refusal::NoAccess,
        "BAD_REQUEST" => Refusal::BadRequest,
        _ => Refusal::Other,
    }
}
