//! `/api/download/vault/{id}`: what is in the vault can be downloaded, also when it is gone from the site.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};

use super::super::Shared;
use super::super::exchange::{Call, Reply, invalid};
use super::super::storage::signed_url;
use super::parts::{self, Part};
use super::{files, may_have, open, to_kb, used_kb};
use crate::catalogue::{Catalogue, File, Id, Vault};

/// How long a vault above its limit can be downloaded from, in hours.
const GRACE_HOURS: i64 = 30 * 24;

/// Answers in the order in which the real endpoint checks. Denials are 503, which elsewhere means "later".
pub(in super::super) fn answer(shared: &Shared, catalogue: &Catalogue, call: &Call, id: &str) -> Reply {
    let Ok(id) = id.parse::<Id>() else {
        return invalid("Invalid input: expected number, received NaN", "vaultItemId");
    };
    let part = call.param("type").unwrap_or("model");
    if !["model", "images", "details"].contains(&part) {
        return invalid("Invalid option: expected one of \"model\"|\"details\"|\"images\"", "type");
    }
    let wanted = match call.param("fileId").map(str::parse::<Id>) {
        None => None,
        Some(Ok(file)) => Some(file),
        Some(Err(_)) => return invalid("Invalid input: expected number, received NaN", "fileId"),
    };
    let mut vault = super::super::lock(&shared.vault);
    if !open(shared, &mut vault) {
        return Reply::not_found("Vault not found");
    }
    if is_closed(catalogue, &vault) {
        return Reply::error(StatusCode::FORBIDDEN, "You cannot download items from your vault at this time.");
    }
    let item = vault.items.iter().find(|item| item.id == id).cloned();
    drop(vault);
    let Some(version) = item.and_then(|item| catalogue.version(item.version)) else {
        return Reply::not_found("Vault item not found");
    };
    if !may_have(shared, version) {
        let text = "You do not have permission to download this model.";
        return Reply::error(StatusCode::SERVICE_UNAVAILABLE, text);
    }
    if version.spec.usage_control != "Download" {
        return Reply::error(StatusCode::SERVICE_UNAVAILABLE, "This model does not allow downloads.");
    }
    let url = match part {
        "model" => {
            let is_wanted = |file: &File| wanted.is_none_or(|wanted| wanted == file.id);
            let Some(file) = files(catalogue, version).into_iter().find(is_wanted) else {
                return Reply::not_found("File not found");
            };
            signed_url(shared, catalogue, version, &file)
        }
        "images" => parts::signed(shared, catalogue, version, Part::Images),
        _ => parts::signed(shared, catalogue, version, Part::Details),
    };
    Reply::empty(StatusCode::TEMPORARY_REDIRECT).with(LOCATION, &url).with(CACHE_CONTROL, "no-store, max-age=0")
}

/// Whether the vault has been above its limit for too long, or holds nothing.
fn is_closed(catalogue: &Catalogue, vault: &Vault) -> bool {
    let used = used_kb(catalogue, vault);
    let is_old = vault
        .updated_at
        .parse::<jiff::Timestamp>()
        .is_ok_and(|updated| jiff::Timestamp::now().duration_since(updated).as_hours() > GRACE_HOURS);
    vault.items.is_empty() || (used > to_kb(vault.storage_kb) && is_old)
}
