//! The catalogue's lists: what is asked, and what is made of answers, right ones and odd ones.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use modeldock_core::catalog::{Catalog, CatalogErrorKind};
use modeldock_core::discover::{Access, CatalogueSort, ListQuery, Period, ScanWord};
use modeldock_core::units::ModelId;
use support::{Server, answer, html, json};

fn query() -> ListQuery {
    ListQuery {
        text: None,
        kinds: Vec::new(),
        base_models: Vec::new(),
        tag: None,
        creator: None,
        sort: CatalogueSort::MostDownloaded,
        period: Period::AllTime,
        mature: false,
        limit: 40,
        cursor: None,
    }
}

/// The first line of every request.
fn lines(server: &Server) -> Vec<String> {
    server.seen().iter().map(|request| request.split("\r\n").next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_plain_list_asks_for_no_more_than_it_needs() {
    let server = Server::start(vec![json(200, r#"{"items": [], "metadata": {}}"#)]).await;
    let (client, _) = server.client();
    let page = client.list(&query()).await.unwrap();
    assert!(page.models.is_empty() && page.next.is_none());
    // No flag that is off: Civitai takes `nsfw=false` as said, but `archived=false` as yes, and `favorites=` as a 401.
    assert_eq!(lines(&server), ["GET /api/v1/models?limit=40&sort=Most+Downloaded HTTP/1.1"]);
    assert!(server.seen()[0].to_lowercase().contains("accept: application/json\r\n"));
}

#[tokio::test]
async fn every_filter_is_written_as_civitai_reads_it() {
    let server = Server::start(vec![json(200, r#"{"items": []}"#)]).await;
    let (client, _) = server.client();
    let asked = ListQuery {
        text: Some("ink & wash=1#ü".to_owned()),
        kinds: vec!["LORA".to_owned(), "LoCon".to_owned()],
        base_models: vec!["SDXL 1.0".to_owned(), "Flux.1 D".to_owned()],
        tag: Some("style".to_owned()),
        creator: Some("odd&sock".to_owned()),
        sort: CatalogueSort::Newest,
        period: Period::Week,
        mature: true,
        limit: 100,
        cursor: Some("75363|932023|257749".to_owned()),
    };
    client.list(&asked).await.unwrap();
    let expected = "GET /api/v1/models?limit=100&sort=Newest&period=Week&nsfw=true&types=LORA&types=LoCon\
        &baseModels=SDXL+1.0&baseModels=Flux.1+D&query=ink+%26+wash%3D1%23%C3%BC&tag=style&username=odd%26sock\
        &cursor=75363%7C932023%7C257749 HTTP/1.1";
    assert_eq!(lines(&server), [expected]);
}

#[tokio::test]
async fn a_limit_is_one_that_civitai_takes() {
    let server = Server::start(vec![json(200, r#"{"items": []}"#)]).await;
    let (client, _) = server.client();
    for limit in [0, 1000] {
        client.list(&ListQuery { limit, ..query() }).await.unwrap();
    }
    assert!(lines(&server)[0].contains("limit=1&") && lines(&server)[1].contains("limit=100&"), "{:?}", lines(&server));
}

#[tokio::test]
async fn an_odd_model_costs_that_model_and_an_odd_field_that_field() {
    let body = r#"{"items": [
        null, 7, "x", {"id": null}, {"id": 0, "name": "nobody"}, {"name": "no id"},
        {"id": 1, "name": 5, "description": null, "type": "LORA", "nsfw": "true", "nsfwLevel": "31", "creator": null,
         "tags": null, "stats": {"downloadCount": null, "thumbsUpCount": -3}, "allowCommercialUse": "{Image,RentCivit}",
         "allowNoCredit": 0, "allowDerivatives": null, "modelVersions": [
            null, {"id": "x"}, {"id": 9, "name": null, "baseModel": null, "trainedWords": "one", "files": [
                {"id": 4, "sizeKB": "12.5", "name": "a.ckpt", "metadata": null, "hashes": null, "pickleScanResult": "Danger"},
                {"id": 5, "name": "b", "metadata": {"format": "GGUF", "quantType": "Q8_0", "fp": null, "size": 3},
                 "virusScanResult": "Unheard", "pickleScanResult": "Pending", "primary": true}, {"id": null}, 3],
             "images": [{"url": null}, {"url": "https://image.civitai.com/x.mp4", "nsfwLevel": 4, "width": "9"}, null]}]},
        {"id": 2, "modelVersions": {}, "allowCommercialUse": []}],
        "metadata": {"nextCursor": 40, "nextPage": "https://evil.example/api/v1/models"}}"#;
    let server = Server::start(vec![json(200, body)]).await;
    let (client, _) = server.client();
    let page = client.list(&query()).await.unwrap();
    assert_eq!(page.next.as_deref(), Some("40"), "a cursor may be a bare number");
    let [first, second] = &page.models[..] else { panic!("{:?}", page.models) };
    assert_eq!((first.name.as_str(), first.nsfw, first.nsfw_level), ("5", true, 31));
    assert_eq!((first.downloads, first.likes, first.creator.as_ref()), (None, None, None));
    assert_eq!(first.terms.commercial, Some(vec!["Image".to_owned(), "RentCivit".to_owned()]));
    assert_eq!((first.terms.without_credit, first.terms.derivatives), (Some(false), None));
    assert_eq!(second.terms.commercial, Some(Vec::new()), "nothing is allowed, which is not the same as nothing said");
    let [version] = &first.versions[..] else { panic!("{:?}", first.versions) };
    assert_eq!((version.trained_words.len(), version.access.clone()), (1, Access::Open));
    let [pickle, gguf] = &version.files[..] else { panic!("{:?}", version.files) };
    assert_eq!(
        (pickle.pickle_scan, pickle.virus_scan, pickle.file.primary),
        (ScanWord::Danger, ScanWord::Unknown, false)
    );
    assert_eq!(
        (gguf.format.as_deref(), gguf.quant.as_deref(), gguf.precision.as_deref()),
        (Some("GGUF"), Some("Q8_0"), None)
    );
    assert_eq!((gguf.pickle_scan, gguf.file.primary), (ScanWord::Pending, true));
    assert_eq!((version.previews.len(), version.previews[0].media.as_str()), (1, "video"));
}

#[tokio::test]
async fn gates_are_read_in_every_spelling() {
    let model = |gate: &str| format!(r#"{{"items": [{{"id": 1, "modelVersions": [{{"id": 2, {gate}}}]}}]}}"#);
    let early = |until: Option<&str>| Access::EarlyAccess { until: until.map(str::to_owned) };
    for (gate, expected) in [
        (r#""paidAccess": null"#, Access::Open),
        (r#""paidAccess": {"permanent": true, "endsAt": null}"#, Access::Paid),
        (
            r#""paidAccess": {"permanent": false, "endsAt": "2099-01-02T03:04:05.000Z"}"#,
            early(Some("2099-01-02T03:04:05Z")),
        ),
        (r#""paidAccess": {"permanent": false, "endsAt": "2020-01-02T03:04:05.000Z"}"#, Access::Open),
        (r#""paidAccess": {"permanent": false, "endsAt": "<script>"}"#, early(None)),
        (r#""availability": "EarlyAccess""#, early(None)),
        (r#""availability": "EarlyAccess", "earlyAccessDeadline": "2020-01-01T00:00:00Z""#, Access::Open),
        (
            r#""earlyAccessDeadline": "2099-01-01T00:00:00", "earlyAccessEndsAt": "x""#,
            early(Some("2099-01-01T00:00:00Z")),
        ),
        (r#""earlyAccessEndsAt": "2099-01-01T00:00:00Z""#, early(Some("2099-01-01T00:00:00Z"))),
    ] {
        let server = Server::start(vec![json(200, &model(gate))]).await;
        let (client, _) = server.client();
        let page = client.list(&query()).await.unwrap();
        assert_eq!(page.models[0].versions[0].access, expected, "{gate}");
    }
}

#[tokio::test]
async fn what_is_no_list_is_said_to_be_none() {
    for body in ["[]", "null", "{}", r#"{"items": {}}"#, r#"{"items": "none"}"#, r#"{"items": null}"#, "{"] {
        let server = Server::start(vec![json(200, body)]).await;
        let (client, _) = server.client();
        let error = client.list(&query()).await.unwrap_err();
        assert_eq!(error.kind, CatalogErrorKind::NotJson, "{body}");
    }
    let zod = r#"{"error": {"name": "ZodError", "message": "[{\"code\":\"invalid_value\"}]"}}"#;
    let paging = r#"{"error": "You've requested too many pages, please use cursors instead"}"#;
    for (answer, expected, tries) in [
        (html(200), CatalogErrorKind::NotJson, 1),
        (html(403), CatalogErrorKind::Server(403, None), 1),
        (html(524), CatalogErrorKind::Server(524, None), 5),
        (json(400, zod), CatalogErrorKind::Refused(400), 1),
        (json(401, r#"{"error": "Unauthorized"}"#), CatalogErrorKind::Unauthorised, 1),
        (json(429, paging), CatalogErrorKind::RateLimited(None), 1),
        (json(404, r#"{"error": "Not found"}"#), CatalogErrorKind::NotJson, 1),
    ] {
        let server = Server::start(vec![answer]).await;
        let (client, _) = server.client();
        let error = client.list(&query()).await.unwrap_err();
        assert_eq!((error.kind, server.seen().len()), (expected, tries), "{error}");
        assert!(!error.message.contains("limit="), "the query is nobody's business: {error}");
    }
}

#[tokio::test]
async fn a_page_that_is_too_long_is_asked_for_in_smaller_ones() {
    let long = answer(200, "application/json", "", format!(r#"{{"items": [], "x": "{}"}}"#, "x".repeat(9 << 20)));
    let server = Server::start(vec![long.clone(), long.clone(), json(200, r#"{"items": [{"id": 3}]}"#)]).await;
    let (client, _) = server.client();
    let cursor = Some("1|2|3".to_owned());
    let page = client.list(&ListQuery { cursor, ..query() }).await.unwrap();
    assert_eq!(page.models[0].id, ModelId(3));
    let limits: Vec<bool> = lines(&server)
        .iter()
        .zip([40, 20, 10])
        .map(|(line, limit)| line.contains(&format!("limit={limit}&")))
        .collect();
    assert_eq!(limits, [true; 3]);
    assert!(lines(&server).iter().all(|line| line.contains("cursor=1%7C2%7C3")), "the same place");
    // It ends, even where nothing is short enough.
    let server = Server::start(vec![long]).await;
    let (client, _) = server.client();
    assert_eq!(client.list(&query()).await.unwrap_err().kind, CatalogErrorKind::NotJson);
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn a_models_page_is_about_that_model() {
    let server = Server::start(vec![json(200, r#"{"id": 4, "name": "Another", "modelVersions": []}"#)]).await;
    let (client, _) = server.client();
    assert_eq!(client.listed(ModelId(4)).await.unwrap().name, "Another");
    assert_eq!(client.listed(ModelId(5)).await.unwrap_err().kind, CatalogErrorKind::NotJson);
    let server = Server::start(vec![json(404, r#"{"error": "No model with id 5"}"#)]).await;
    let (client, _) = server.client();
    assert_eq!(client.listed(ModelId(5)).await.unwrap_err().kind, CatalogErrorKind::NotFound);
}
