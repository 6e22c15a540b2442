//! The classification as one table.

use serde_json::json;

use super::*;

fn classify(status: u16, json: Option<Value>, html: bool, retry_after: Option<u64>, may_miss: bool) -> Failure {
    let url = Url::parse("https://civitai.com/api/v1/models/5?token=canary").unwrap();
    let retry_after = retry_after.map(Duration::from_secs);
    Failure::refused(&Refusal { url: &url, status, retry_after, json, html, may_miss, had_token: false })
}

#[test]
fn every_status_has_its_kind() {
    use CatalogErrorKind::{NotFound, NotJson, RateLimited, Refused, Server, Unauthorised};
    let error = || Some(json!({"error": "No model with id 5"}));
    let two = Some(Duration::from_secs(2));
    let table = [
        // status, body, html, Retry-After, kind, again
        (404, error(), false, None, NotFound, Again::Never),
        (404, None, true, None, NotJson, Again::Never),
        (404, None, false, None, NotJson, Again::Never),
        (404, Some(json!({"message": "no Route matched"})), false, None, NotJson, Again::Never),
        (404, Some(json!("not found")), false, None, NotJson, Again::Never),
        (401, error(), false, None, Unauthorised, Again::Never),
        (403, error(), false, None, Unauthorised, Again::Never),
        (401, None, true, None, Server(401, None), Again::Never),
        (403, None, true, None, Server(403, None), Again::Never),
        (429, error(), false, None, RateLimited(None), Again::TooMany(None)),
        (429, None, true, Some(2), RateLimited(two), Again::TooMany(two)),
        (500, error(), false, None, Server(500, None), Again::Never),
        (501, None, true, None, Server(501, None), Again::Never),
        (502, None, true, None, Server(502, None), Again::Overloaded(None)),
        (503, error(), false, Some(2), Server(503, two), Again::Overloaded(two)),
        (504, None, true, None, Server(504, None), Again::Overloaded(None)),
        (520, None, true, None, Server(520, None), Again::Overloaded(None)),
        (524, None, true, None, Server(524, None), Again::Overloaded(None)),
        (525, None, true, None, Server(525, None), Again::Never),
        (400, error(), false, None, Refused(400), Again::Never),
        (405, error(), false, None, Refused(405), Again::Never),
        (410, error(), false, None, Refused(410), Again::Never),
        (413, None, true, None, Refused(413), Again::Never),
        (408, None, true, None, Server(408, None), Again::Never),
    ];
    for (status, body, html, retry_after, kind, again) in table {
        let failure = classify(status, body, html, retry_after, true);
        assert_eq!(failure.error.kind, kind, "{status}: {}", failure.error.message);
        assert_eq!(failure.again, again, "{status}");
        assert!(!failure.error.message.contains("canary"), "{}", failure.error.message);
        assert!(!failure.error.message.contains('\n'));
    }
}

#[test]
fn an_endpoint_that_never_misses_never_says_not_found() {
    let failure = classify(404, Some(json!({"error": "Model not found"})), false, None, false);
    assert_eq!(failure.error.kind, CatalogErrorKind::NotJson);
}

#[test]
fn the_code_of_a_refusal_survives_in_both_spellings() {
    let object =
        json!({"message": "An unexpected error occurred", "error": {"code": "BAD_REQUEST", "name": "TRPCError"}});
    let text = json!({"message": "x", "error": r#"{"code":"NOT_FOUND","name":"TRPCError"}"#});
    assert_eq!(classify(500, Some(object), false, None, false).code.as_deref(), Some("BAD_REQUEST"));
    assert_eq!(classify(500, Some(text), false, None, false).code.as_deref(), Some("NOT_FOUND"));
    for other in [
        json!({"error": "BAD_REQUEST"}),
        json!({"error": {"code": "BAD_REQUEST"}}),
        json!({"error": {"name": "ZodError"}}),
    ] {
        assert_eq!(classify(500, Some(other), false, None, false).code, None);
    }
}

#[test]
fn what_the_server_says_becomes_one_short_line() {
    let long = "x".repeat(500);
    assert_eq!(server_words(&json!({"error": "a\r\n b\u{0}c"})).as_deref(), Some("a b c"));
    assert_eq!(server_words(&json!({"error": {"message": "[zod]"}})).as_deref(), Some("[zod]"));
    assert_eq!(server_words(&json!({"error": long})).map(|words| words.len()), Some(120));
    assert_eq!(server_words(&json!([1, 2])), None);
    assert_eq!(server_words(&json!({"error": ""})), None);
}
