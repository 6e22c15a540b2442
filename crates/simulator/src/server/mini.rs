//! `model-versions/mini/{id}`: the cheap question before a download.

use serde_json::{Value, json};

use super::Shared;
use super::exchange::{Call, Reply, invalid};
use super::render::{download_path, size_kb};
use super::versions::number;
use crate::catalogue::{Catalogue, air};

/// `GET model-versions/mini/{id}`.
pub(super) fn answer(shared: &Shared, catalogue: &Catalogue, call: &Call, id: &str) -> Reply {
    let id = match number(id) {
        Ok(id) => id,
        Err(reply) => return reply,
    };
    if call.param("epoch").is_some() {
        // The schema wants a number and query strings are text: no value passes.
        return invalid("Invalid input: expected number, received string", "epoch");
    }
    let Some(version) = catalogue.version(id).filter(|version| catalogue.is_published(version)) else {
        return Reply::not_found("Model not found");
    };
    let model = catalogue.model_of(version);
    let asked = match call.param("modelFileId").map(str::parse::<u64>) {
        Some(Err(_)) => {
            return invalid("Invalid input: expected number, received NaN", "modelFileId");
        }
        Some(Ok(id)) => Some(id),
        None => None,
    };
    let primary = catalogue.primary_file(version);
    let file = match asked {
        Some(file) => match catalogue.files_of(version).find(|candidate| candidate.id == file) {
            Some(file) => file,
            None => {
                return Reply::not_found(&format!("Model file {file} not found in version {id}"));
            }
        },
        None => match primary {
            Some(primary) => primary,
            None => return Reply::not_found("Missing model file"),
        },
    };
    let mut name = air(model, version, primary.map(|file| file.spec.kind.as_str()));
    let mut url = format!("{}{}", shared.base_url, download_path(version, file, true));
    if let Some(file) = asked {
        name = format!("{name}+{file}");
        url = format!("{url}?fileId={file}");
    }
    let gated = version.spec.paid_access.is_some();
    let mut value = json!({
        "air": name,
        "versionName": version.spec.name,
        "modelName": model.spec.name,
        "userId": super::models::user_id(&model.spec.creator),
        "baseModel": version.spec.base_model,
        "availability": if gated { "EarlyAccess" } else { "Public" },
        "publishedAt": version.spec.published_at,
        "size": size_kb(file),
        "fileType": file.spec.kind,
        "fileName": file.spec.name,
        "hashes": file.hashes,
        "downloadUrls": [url],
        "canGenerate": model.spec.mode.is_none(),
        "isFeatured": false,
        "requireAuth": version.spec.require_auth,
        "checkPermission": gated,
        "additionalResourceCharge": false,
        "minor": model.spec.minor,
        "sfwOnly": false,
        "fees": [],
        "payoutEnabled": true,
    });
    if let Some(format) = &file.spec.format {
        value["format"] = json!(format);
    }
    if let Some(access) = &version.spec.paid_access {
        value["earlyAccessEndsAt"] = access.ends_at.as_ref().map_or(Value::Null, |end| json!(end));
        value["freeTrialLimit"] = json!(10);
    }
    Reply::ok(&value)
}
