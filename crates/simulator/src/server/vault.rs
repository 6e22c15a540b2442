//! `vault/…`: the user's vault, as odd as the real one.
//!
//! Every failure behind the checks of the query is a 500 that names an error code and has lost its message: the real
//! endpoints write a tRPC error as JSON, and its message is not among the fields that are written.

mod download;
mod parts;
mod query;

use axum::http::StatusCode;
use serde_json::{Value, json};

pub(super) use download::answer as download;
pub(super) use parts::object;

use super::exchange::{Call, Reply};
use super::render::size_kb;
use super::{Shared, download as downloads, storage};
use crate::catalogue::{Catalogue, File, Id, Vault, VaultItem, VaultStatus, Version, download_file_name, now};
use parts::Part;
use query::Query;

/// `GET vault/get`. Makes the vault of a member who has none yet.
pub(super) fn get(shared: &Shared, catalogue: &Catalogue) -> Reply {
    let mut vault = super::lock(&shared.vault);
    if !open(shared, &mut vault) {
        return Reply::ok(&json!({ "vault": null }));
    }
    Reply::ok(&json!({ "vault": {
        "userId": user(shared),
        "storageKb": vault.storage_kb,
        "meta": {},
        "updatedAt": vault.updated_at,
        "usedStorageKb": used_kb(catalogue, &vault),
    } }))
}

/// `GET vault/all`: by pages only, and an empty one for people without a vault.
pub(super) fn all(shared: &Shared, catalogue: &Catalogue, call: &Call) -> Reply {
    let Some(query) = Query::parse(call) else {
        return Reply::json(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({ "message": "An unexpected error occurred", "error": { "name": "ZodError" } }),
        );
    };
    let vault = super::lock(&shared.vault).clone();
    let items = if vault.opened { query.select(catalogue, &vault) } else { Vec::new() };
    let page: Vec<Value> = items
        .iter()
        .skip((query.page - 1).saturating_mul(query.limit))
        .take(query.limit)
        .filter_map(|item| {
            let mut value = item_value(shared, catalogue, item)?;
            let version = catalogue.version(item.version)?;
            let cover = parts::cover(version).map(|_| parts::signed(shared, catalogue, version, Part::Cover));
            value["coverImageUrl"] = json!(cover);
            Some(value)
        })
        .collect();
    Reply::ok(&json!({
        "items": page,
        "totalItems": items.len(),
        "currentPage": query.page,
        "pageSize": query.limit,
        "totalPages": items.len().div_ceil(query.limit),
    }))
}

/// `GET vault/check-vault`: in the order of the question; without a question, an empty list.
pub(super) fn check(shared: &Shared, catalogue: &Catalogue, call: &Call) -> Reply {
    let Some(asked) = call.param("modelVersionIds") else {
        return Reply::ok(&json!([]));
    };
    let Ok(ids) = asked.split(',').map(|id| id.trim().parse::<Id>()).collect::<Result<Vec<_>, _>>() else {
        return Reply::bad_request("Could not parse provided model versions array.");
    };
    let vault = super::lock(&shared.vault).clone();
    let rows: Vec<Value> = ids
        .into_iter()
        .map(|id| {
            let item = vault.holding(id).and_then(|item| item_value(shared, catalogue, item));
            json!({ "modelVersionId": id, "vaultItem": item })
        })
        .collect();
    Reply::ok(&Value::Array(rows))
}

/// `POST vault/toggle-version`: reads the query and never the body.
pub(super) fn toggle(shared: &Shared, catalogue: &Catalogue, call: &Call) -> Reply {
    let Some(id) = call.param("modelVersionId").and_then(|id| id.parse::<Id>().ok()) else {
        return Reply::bad_request("Could not parse provided model version");
    };
    let mut vault = super::lock(&shared.vault);
    if !open(shared, &mut vault) {
        return refused("BAD_REQUEST");
    }
    let Some(version) = catalogue.version(id) else {
        return refused("NOT_FOUND");
    };
    // The check of access comes first, whichever way it goes: so what is deleted from the site cannot be taken out.
    if !catalogue.is_published(version) || !may_have(shared, version) {
        return refused("UNAUTHORIZED");
    }
    if vault.holding(id).is_some() {
        vault.take(id);
        vault.touch();
        return Reply::ok(&json!({ "success": true }));
    }
    let room = to_kb(vault.storage_kb) - used_kb(catalogue, &vault);
    if version.spec.usage_control != "Download" || Sizes::of(catalogue, version).sum() > room {
        return refused("BAD_REQUEST");
    }
    let item = vault.put(id);
    (item.status, item.added_at) = (VaultStatus::Pending, now());
    // Called the vault's number, it is the item's.
    let answer = json!({ "success": true, "vaultId": item.id });
    vault.touch();
    Reply::ok(&answer)
}

/// Whether the user has a vault, after making one for a member.
fn open(shared: &Shared, vault: &mut Vault) -> bool {
    vault.opened |= shared.config.tier.is_some();
    vault.opened
}

/// Whether early access is over, or bought.
fn may_have(shared: &Shared, version: &Version) -> bool {
    let is_gated = version.spec.paid_access.as_ref().is_some_and(downloads::is_active);
    !is_gated || shared.config.purchased.contains(&version.id)
}

fn refused(code: &str) -> Reply {
    let body = json!({ "message": "An unexpected error occurred", "error": { "code": code, "name": "TRPCError" } });
    Reply::json(StatusCode::INTERNAL_SERVER_ERROR, &body)
}

fn user(shared: &Shared) -> u64 {
    super::models::user_id(&shared.config.username)
}

/// What an item takes up, KiB.
struct Sizes {
    model: f64,
    details: f64,
    images: f64,
}

impl Sizes {
    fn of(catalogue: &Catalogue, version: &Version) -> Self {
        let pictures = u32::try_from(version.images.len()).unwrap_or(u32::MAX);
        // The page and the pictures are counted before they are made, by what such things usually take.
        Self {
            model: files(catalogue, version).iter().map(size_kb).sum(),
            details: 24.0,
            images: 90.5 * f64::from(pictures),
        }
    }

    fn sum(&self) -> f64 {
        self.model + self.details + self.images
    }
}

fn used_kb(catalogue: &Catalogue, vault: &Vault) -> f64 {
    let versions = vault.items.iter().filter_map(|item| catalogue.version(item.version));
    versions.map(|version| Sizes::of(catalogue, version).sum()).sum()
}

#[expect(clippy::cast_precision_loss, reason = "no vault comes near 2^52 KiB")]
fn to_kb(number: u64) -> f64 {
    number as f64
}

/// The main file, then what belongs to it.
fn files(catalogue: &Catalogue, version: &Version) -> Vec<File> {
    let side = |file: &&File| matches!(file.spec.kind.as_str(), "Negative" | "Config");
    let main = catalogue.primary_file(version);
    main.into_iter().chain(catalogue.files_of(version).filter(side)).cloned().collect()
}

/// An item as every endpoint but `all` shows it.
fn item_value(shared: &Shared, catalogue: &Catalogue, item: &VaultItem) -> Option<Value> {
    let version = catalogue.version(item.version)?;
    let model = catalogue.model_of(version);
    let sizes = Sizes::of(catalogue, version);
    let files: Vec<Value> = files(catalogue, version)
        .iter()
        .map(|file| {
            json!({
                "id": file.id,
                "sizeKB": size_kb(file),
                // Where it lies, which is of no use without a signature.
                "url": format!("{}{}", shared.storage_url, storage::object_path(&file.id.to_string(), &file.spec.name)),
                "displayName": download_file_name(&model.spec, &version.spec, &file.spec),
            })
        })
        .collect();
    let mut meta = json!({ "failures": item.failures.0 });
    if let Some(error) = &item.failures.1 {
        meta["latestError"] = json!(error);
    }
    Some(json!({
        "id": item.id,
        "vaultId": user(shared),
        "status": item.status.name(),
        "files": files,
        "modelVersionId": item.version,
        "modelId": model.id,
        "modelName": model.spec.name,
        "versionName": version.spec.name,
        "creatorId": super::models::user_id(&model.spec.creator),
        "creatorName": model.spec.creator,
        "type": model.spec.kind,
        "baseModel": version.spec.base_model,
        "category": model.spec.tags.first().cloned().unwrap_or_default(),
        "createdAt": super::render::created_at(version),
        "addedAt": item.added_at,
        "refreshedAt": null,
        "modelSizeKb": sizes.model,
        "detailsSizeKb": sizes.details,
        "imagesSizeKb": sizes.images,
        "notes": item.notes,
        "meta": meta,
    }))
}
