//! `model-versions/{id}` and `model-versions/by-hash/{hash}`.

use axum::http::StatusCode;

use super::Shared;
use super::exchange::{Call, Reply};
use super::render::{self, Road};
use crate::catalogue::{Catalogue, Version};

/// All browsing levels: PG, PG13, R, X, XXX.
const ALL_LEVELS: u32 = 31;

/// `GET model-versions/{id}`.
pub(super) fn by_id(shared: &Shared, catalogue: &Catalogue, call: &Call, id: &str) -> Reply {
    let id = match number(id) {
        Ok(0) => return Reply::bad_request("Missing modelVersionId"),
        Ok(id) if id > i32::MAX as u64 => {
            return Reply::error(StatusCode::INTERNAL_SERVER_ERROR, "Failed to fetch model version details");
        }
        Ok(id) => id,
        Err(reply) => return reply,
    };
    // Unlike by-hash this hides unrated versions: level 0 shares no bit with any browsing level. It asks for the version's status only.
    let version =
        catalogue.version(id).filter(|version| version.spec.published && version.spec.nsfw_level & ALL_LEVELS != 0);
    details(shared, catalogue, call, version, Road::ById)
}

/// `GET model-versions/by-hash/{hash}`.
pub(super) fn by_hash(shared: &Shared, catalogue: &Catalogue, call: &Call, hash: &str) -> Reply {
    if hash.is_empty() {
        return Reply::bad_request("Missing hash");
    }
    let version = catalogue.version_by_hash(hash);
    details(shared, catalogue, call, version, Road::ByHash)
}

fn details(shared: &Shared, catalogue: &Catalogue, call: &Call, version: Option<&Version>, road: Road) -> Reply {
    let Some(version) = version else {
        return Reply::not_found("Model not found");
    };
    match render::version(shared, catalogue, version, road, &call.self_url()) {
        Some(value) => Reply::ok(&value),
        None => Reply::not_found("Missing model file"),
    }
}

/// A number in a path, as zod coerces it.
pub(super) fn number(text: &str) -> Result<u64, Reply> {
    text.parse().map_err(|_| super::exchange::invalid("Invalid input: expected number, received NaN", "id"))
}
