//! `/api/download/models/{id}`: decides who may have which file and sends them to storage.

use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use serde_json::json;

use super::Shared;
use super::account::{FILE_FORMATS, FILE_TYPES};
use super::exchange::{Call, Reply, invalid};
use super::storage::signed_url;
use crate::catalogue::{Catalogue, File, Mode, PaidAccess, Version};

/// Answers in the order in which the real endpoint checks.
pub(super) fn answer(shared: &Shared, catalogue: &Catalogue, call: &Call, id: &str, signed_in: bool) -> Reply {
    let browser = is_browser(&call.headers);
    let Ok(id) = id.parse::<u64>() else {
        return plain(browser, Reply::bad_request("Missing modelVersionId"));
    };
    if let Some(reply) = bad_option(call) {
        return plain(browser, reply);
    }
    let version = catalogue
        .version(id)
        .filter(|version| catalogue.is_published(version) && !catalogue.model_of(version).spec.poi);
    let chosen = version.and_then(|version| Some((version, choose(catalogue, version, call)?)));
    let Some((version, file)) = chosen else {
        return plain(browser, Reply::not_found("File not found"));
    };
    if catalogue.model_of(version).spec.mode == Some(Mode::Archived) {
        let text = "Model archived, not available for download";
        return plain(browser, Reply::error(StatusCode::GONE, text));
    }
    if version.spec.usage_control != "Download" {
        let text = "The creator of this asset has disabled downloads on this file";
        return refuse(browser, call, text);
    }
    let needs_login = version.spec.require_auth || !shared.config.anonymous_downloads;
    if needs_login && !signed_in {
        let text = "The creator of this asset requires you to be logged in to download it";
        return refuse(browser, call, text);
    }
    if let Some(access) = version.spec.paid_access.as_ref().filter(|access| is_active(access))
        && !(signed_in && shared.config.purchased.contains(&version.id))
    {
        return early_access(browser, version, access);
    }
    Reply::empty(StatusCode::TEMPORARY_REDIRECT)
        .with(LOCATION, &signed_url(shared, catalogue, version, file))
        .with(CACHE_CONTROL, "no-store, max-age=0")
}

/// The file the query asks for, or the primary one.
fn choose<'a>(catalogue: &'a Catalogue, version: &'a Version, call: &Call) -> Option<&'a File> {
    if let Some(id) = call.param("fileId") {
        let id: u64 = id.parse().ok()?;
        return catalogue.files_of(version).find(|file| file.id == id);
    }
    let wishes = ["type", "format", "size", "fp", "quantType"];
    if wishes.iter().all(|wish| call.param(wish).is_none()) {
        return catalogue.primary_file(version);
    }
    let fits = |name: &str, value: Option<&str>| call.param(name).is_none_or(|wish| value == Some(wish));
    catalogue
        .files_of(version)
        .filter(|file| !file.spec.replaced)
        .filter(|file| {
            fits("type", Some(&file.spec.kind))
                && fits("format", file.spec.format.as_deref())
                && fits("size", file.spec.size.as_deref())
                && fits("fp", file.spec.fp.as_deref())
                && fits("quantType", file.spec.quant_type.as_deref())
        })
        .max_by_key(|file| (file.spec.preference(), std::cmp::Reverse(file.id)))
}

/// A 400 when an option is not one of its enum's values.
fn bad_option(call: &Call) -> Option<Reply> {
    let unknown = |name: &str, known: &[&str]| {
        call.param(name).filter(|value| !known.contains(value)).map(|_| invalid("Invalid option", name))
    };
    if call.param("fileId").is_some_and(|id| id.parse::<u64>().is_err()) {
        return Some(invalid("Invalid input: expected number, received NaN", "fileId"));
    }
    // The unknown file type of the catalogue stands for one the schema has learnt since.
    let types: Vec<&str> = FILE_TYPES.iter().copied().chain(["Latent Adapter"]).collect();
    unknown("type", &types).or_else(|| unknown("format", FILE_FORMATS)).or_else(|| unknown("size", &["full", "pruned"]))
}

pub(super) fn is_active(access: &PaidAccess) -> bool {
    // Both sides are ISO 8601 in UTC, which sorts as text.
    let now = jiff::Timestamp::now().to_string();
    access.permanent || access.ends_at.as_deref().is_some_and(|end| end > now.as_str())
}

/// Whether Civitai takes the caller for a browser, and answers with pages instead of JSON.
fn is_browser(headers: &HeaderMap) -> bool {
    let agent =
        headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    ["mozilla", "chrome", "safari", "firefox", "opera", "edge"].iter().any(|name| agent.contains(name))
}

/// Errors as text for browsers.
fn plain(browser: bool, reply: Reply) -> Reply {
    if !browser {
        return reply;
    }
    let text = serde_json::from_slice::<serde_json::Value>(&reply.body)
        .ok()
        .and_then(|value| value["error"].as_str().map(str::to_owned))
        .unwrap_or_default();
    Reply::bytes(reply.status, "text/plain; charset=utf-8", text)
}

fn refuse(browser: bool, call: &Call, message: &str) -> Reply {
    if browser {
        let page = format!("{}/login?reason=download-auth&returnUrl=%2F", call.self_url());
        return Reply::empty(StatusCode::TEMPORARY_REDIRECT).with(LOCATION, &page);
    }
    let body = json!({ "error": "Unauthorized", "message": message });
    Reply::json(StatusCode::UNAUTHORIZED, &body)
}

fn early_access(browser: bool, version: &Version, access: &PaidAccess) -> Reply {
    if browser {
        let page = format!("/models/{}?modelVersionId={}", version.model_id, version.id);
        return Reply::empty(StatusCode::TEMPORARY_REDIRECT).with(LOCATION, &page);
    }
    let mut body = json!({
        "error": "Early Access",
        "message": "This asset is in Early Access. You can use Buzz access it now!",
    });
    if let Some(end) = &access.ends_at {
        body["deadline"] = json!(end);
    }
    Reply::json(StatusCode::FORBIDDEN, &body)
}
