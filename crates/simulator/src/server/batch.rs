//! The two batch lookups. Answers have one element per matching file, in no useful order, without an echo of the question.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Shared;
use super::exchange::{Call, Reply};
use super::render::{self, Road};
use crate::catalogue::{Catalogue, File, Version};
use crate::weights::Noise;

/// Origin of download URLs in the full batch: the server reads a header that does not exist.
const BROKEN_ORIGIN: &str = "https://undefined";

/// `POST model-versions/by-hash`.
pub(super) fn versions(shared: &Shared, catalogue: &Catalogue, call: &Call) -> Reply {
    let hashes = match hashes(call, 100) {
        Ok(hashes) => hashes,
        Err(reply) => return reply,
    };
    let values: Vec<Value> = matches(catalogue, &hashes)
        .into_iter()
        .map(|(_, version)| {
            // `null` for a version without a primary file, as on the wire.
            render::version(shared, catalogue, version, Road::ByHash, BROKEN_ORIGIN).unwrap_or_default()
        })
        .collect();
    Reply::ok(&Value::Array(values))
}

/// `POST model-versions/by-hash/ids`.
pub(super) fn ids(catalogue: &Catalogue, call: &Call) -> Reply {
    let hashes = match hashes(call, 10_000) {
        Ok(hashes) => hashes,
        Err(reply) => return reply,
    };
    let values: Vec<Value> = matches(catalogue, &hashes)
        .into_iter()
        .map(|(file, version)| {
            json!({
                "modelVersionId": version.id,
                "modelId": version.model_id,
                "hash": file.hashes.sha256,
            })
        })
        .collect();
    Reply::ok(&Value::Array(values))
}

/// Published files whose SHA-256 is asked for, in an order that is not that of the question but always the same.
fn matches<'a>(catalogue: &'a Catalogue, hashes: &[String]) -> Vec<(&'a File, &'a Version)> {
    let asked: HashSet<&String> = hashes.iter().collect();
    let mut found: Vec<(&File, &Version)> = asked
        .into_iter()
        .flat_map(|hash| {
            catalogue
                .files_by_hash(hash)
                // A BLAKE3 has 64 digits too; it passes the length check and matches nothing here.
                .filter(move |file| file.hashes.sha256 == *hash)
        })
        .filter_map(|file| Some((file, catalogue.version(file.version_id)?)))
        .filter(|(_, version)| catalogue.is_published(version))
        .collect();
    found.sort_by_key(|(file, _)| Noise::new(file.id).next_u64());
    found
}

/// Reads the body as zod does. One bad hash spoils the batch.
fn hashes(call: &Call, most: usize) -> Result<Vec<String>, Reply> {
    let is_json = call
        .header("content-type")
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
    if !is_json {
        // Next.js parses no other type: the handler sees a string, or nothing.
        return Err(refuse(&[not_an_array("string")]));
    }
    let body: Value = if call.body.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(&call.body).map_err(|_| {
            let text = "text/plain; charset=utf-8";
            Reply::bytes(axum::http::StatusCode::BAD_REQUEST, text, "Invalid JSON")
        })?
    };
    let Value::Array(items) = body else {
        return Err(refuse(&[not_an_array(kind(&body))]));
    };
    let mut issues = Vec::new();
    if items.len() > most {
        issues.push(json!({
            "origin": "array", "code": "too_big", "maximum": most, "inclusive": true, "path": [], "message": "Too many hashes",
        }));
    }
    let mut hashes = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        match item {
            Value::String(hash) if hash.chars().count() == 64 => hashes.push(hash.to_uppercase()),
            Value::String(_) => issues.push(json!({
                "code": "custom", "path": [position], "message": "Invalid hash",
            })),
            other => issues.push(json!({
                "expected": "string", "code": "invalid_type", "path": [position],
                "message": format!("Invalid input: expected string, received {}", kind(other)),
            })),
        }
    }
    if issues.is_empty() { Ok(hashes) } else { Err(refuse(&issues)) }
}

fn not_an_array(received: &str) -> Value {
    json!({
        "expected": "array", "code": "invalid_type", "path": [],
        "message": format!("Invalid input: expected array, received {received}"),
    })
}

fn refuse(issues: &[Value]) -> Reply {
    // zod 4's message is its issue list, printed with two spaces.
    let message = serde_json::to_string_pretty(issues).unwrap_or_default();
    Reply::bad_request(&format!("Request must include an array of SHA256 Hashes. {message}"))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
