//! The classification as one table.

use serde_json::json;

use super::TransferErrorKind::{Forbidden, Gone, Odd, RateLimited, Server, Unauthorised};
use super::*;

fn classified(status: u16, kind: ContentType, json: Option<Value>, retry_after: Option<u64>) -> TransferError {
    let url = Url::parse("https://civitai.com/api/download/models/5?fileId=canary").unwrap();
    let retry_after = retry_after.map(Duration::from_secs);
    classify(&Answer { url: &url, status, kind, json, retry_after, is_private: false, had_token: true })
}

#[test]
fn every_documented_answer_has_its_kind() {
    let error = |text: &str| json!({ "error": text });
    let both = |error: &str, message: &str| json!({ "error": error, "message": message });
    let table = [
        (403, error("Forbidden"), Forbidden),
        (429, error("We've noticed an unusual amount of downloading from your account."), RateLimited(None)),
        (400, error("✖ Invalid input"), Forbidden),
        (404, error("File not found"), Gone),
        (404, error("Vault item not found"), Gone),
        (410, error("Model archived, not available for download"), Gone),
        (403, both("Early Access", "This asset is in Early Access."), Forbidden),
        (403, error("You do not have access to download this file"), Forbidden),
        (401, both("Unauthorized", "The creator requires you to be logged in to download it"), Unauthorised),
        (401, both("Unauthorized", "The creator of this asset has disabled downloads on this file"), Forbidden),
        (401, error("Unauthorized"), Unauthorised),
        (403, both("insufficient_scope", "Token does not have VaultRead scope"), Unauthorised),
        (403, error("You cannot download items from your vault at this time."), Forbidden),
        (503, error("You do not have permission to download this model."), Forbidden),
        (503, error("This model does not allow downloads."), Forbidden),
        (503, error("Server busy, please retry shortly."), Server(None)),
        (500, error("We cannot serve vault downloads at this time."), Server(None)),
        (502, error("x"), Server(None)),
        (524, error("x"), Server(None)),
        (408, error("x"), Server(None)),
        (425, error("x"), Server(None)),
        (405, error("Method not allowed"), Forbidden),
        (451, error("x"), Forbidden),
        (404, json!({ "message": "no Route matched" }), Odd),
        (404, json!("not found"), Odd),
        (200, error("x"), Odd),
        (204, json!(null), Odd),
        (304, json!(null), Odd),
        (300, json!(null), Odd),
        (101, json!(null), Odd),
    ];
    for (status, body, kind) in table {
        let error = classified(status, ContentType::Json, Some(body), None);
        assert_eq!(error.kind, kind, "{status}: {}", error.message);
        assert!(!error.message.contains("canary") && !error.message.contains('\n'), "{}", error.message);
    }
}

#[test]
fn a_web_page_is_never_an_answer_about_a_file() {
    for (status, kind) in [
        (200, Odd),
        (404, Odd),
        (410, Odd),
        (400, Odd),
        (401, Server(None)),
        (403, Server(None)),
        (429, RateLimited(None)),
        (503, Server(None)),
        (520, Server(None)),
    ] {
        let error = classified(status, ContentType::Html, None, None);
        assert_eq!(error.kind, kind, "{status}: {}", error.message);
    }
    assert_eq!(classified(404, ContentType::Other, None, None).kind, Odd);
    assert_eq!(classified(200, ContentType::Other, None, None).kind, Odd);
}

#[test]
fn how_long_to_wait_is_passed_on() {
    let two = Some(Duration::from_secs(2));
    assert_eq!(classified(429, ContentType::Json, None, Some(2)).kind, RateLimited(two));
    assert_eq!(classified(503, ContentType::Json, None, Some(2)).kind, Server(two));
}

#[test]
fn the_end_of_early_access_is_told() {
    let body = json!({ "error": "Early Access", "deadline": "2026-12-01T10:00:00.000Z", "message": "…" });
    let error = classified(403, ContentType::Json, Some(body), None);
    assert!(error.message.contains("until 2026-12-01 10:00 UTC"), "{}", error.message);
    let body = json!({ "error": "Early Access", "deadline": "<script>" });
    assert!(!classified(403, ContentType::Json, Some(body), None).message.contains('<'));
}

#[test]
fn a_file_whose_storage_could_not_be_asked_is_not_gone() {
    let url = Url::parse("https://civitai.com/api/download/models/5").unwrap();
    let json = Some(json!({ "error": "File not found" }));
    let answer = Answer {
        url: &url,
        status: 404,
        kind: ContentType::Json,
        json,
        retry_after: None,
        is_private: true,
        had_token: true,
    };
    assert_eq!(classify(&answer).kind, Server(None));
}

#[test]
fn the_words_of_the_server_are_one_short_line() {
    let body = json!({ "error": format!("a\r\n\u{1b}[31mb{}", "x".repeat(5000)) });
    let message = classified(403, ContentType::Json, Some(body), None).message;
    assert!(message.len() < 250 && !message.contains(['\n', '\r', '\u{1b}']), "{message:?}");
}
