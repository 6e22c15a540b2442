//! Where the key goes, and where pictures may come from. Each of these fails when its guard is taken out.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use modeldock_civitai::{Client, ClientConfig, ClientConfigError, Token};
use modeldock_core::account::{Accounts, Secret};
use modeldock_core::catalog::{Catalog, CatalogErrorKind};
use modeldock_core::units::VersionId;
use support::{CANARY, Server, answer, html, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn picture() -> Vec<u8> {
    answer(200, "image/png", "", PNG)
}

fn redirect(to: &str) -> Vec<u8> {
    answer(307, "text/plain", &format!("Location: {to}\r\n"), "")
}

#[tokio::test]
async fn the_key_is_sent_to_the_configured_origin_as_a_header_only() {
    let server = Server::start(vec![json(200, r#"{"id": 5, "modelId": 4}"#)]).await;
    let (client, _) = server.client();
    client.version(VersionId(5)).await.unwrap();
    let request = &server.seen()[0];
    assert!(request.to_lowercase().contains(&format!("authorization: bearer {CANARY}\r\n")), "{request}");
    assert_eq!(request.matches(CANARY).count(), 1);
    assert!(!request.lines().next().unwrap().contains('?'));

    client.with_token(None).version(VersionId(5)).await.unwrap();
    assert!(!server.seen()[1].to_lowercase().contains("authorization"));
}

#[tokio::test]
async fn a_key_that_is_changed_is_changed_for_every_clone() {
    let server = Server::start(vec![json(200, r#"{"id": 5, "modelId": 4}"#)]).await;
    let client = Client::new(ClientConfig::at(server.url())).unwrap();
    let clone = client.clone();
    let sent = async || {
        clone.version(VersionId(5)).await.unwrap();
        server.seen().last().unwrap().contains(CANARY)
    };
    assert!(!clone.has_key() && !sent().await);
    client.use_key(Secret::new(CANARY).ok());
    assert!(clone.has_key() && sent().await);
    client.use_key(Secret::new("another").ok());
    assert!(clone.has_key() && !sent().await);
    client.use_key(None);
    assert!(!clone.has_key() && !sent().await);
}

#[tokio::test]
async fn a_key_that_is_only_tried_is_not_used_for_anything_else() {
    let me = json(200, r#"{"id": 7, "username": "ada\u0007paints", "tier": "founder", "isMember": true}"#);
    let server = Server::start(vec![me, json(200, r#"{"id": 5, "modelId": 4}"#)]).await;
    let client = Client::new(ClientConfig::at(server.url())).unwrap();
    let profile = client.profile_of(Secret::new(CANARY).unwrap()).await.unwrap();
    assert_eq!(
        (profile.username.as_str(), profile.tier.as_deref(), profile.is_member),
        ("adapaints", Some("founder"), true)
    );
    assert!(!client.has_key());
    client.version(VersionId(5)).await.unwrap();
    let sent: Vec<_> = server.seen().iter().map(|request| request.contains(CANARY)).collect();
    assert_eq!(sent, [true, false]);
    assert_eq!(client.profile().await.unwrap_err().kind, CatalogErrorKind::Unauthorised);
    assert_eq!(server.seen().len(), 2, "without a key there is nothing to ask");
}

#[tokio::test]
async fn no_redirect_of_the_api_is_followed() {
    let other = Server::start(vec![json(200, r#"{"id": 5, "modelId": 4}"#)]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("Location: {}/api/v1/model-versions/5\r\n", other.url());
        let server = Server::start(vec![answer(status, "text/plain", &location, "")]).await;
        let (client, _) = server.client();
        assert_eq!(client.version(VersionId(5)).await.unwrap_err().kind, CatalogErrorKind::NotJson);
    }
    assert_eq!(other.seen(), [""; 0]);
}

#[tokio::test]
async fn pictures_are_fetched_without_the_key() {
    let storage = Server::start(vec![picture()]).await;
    let server = Server::start(vec![redirect(&format!("{}/signed?X-Amz=1", storage.url())), picture()]).await;
    let (client, _) = server.client();
    let bytes = client.preview(&format!("{}/1.png", server.url()), 100).await.unwrap().bytes;
    assert_eq!(bytes, PNG);
    assert_eq!(client.preview(&format!("{}/2.png", storage.url()), 100).await.unwrap().bytes, PNG);
    assert_eq!((server.seen().len(), storage.seen().len()), (1, 2));
    for request in server.seen().iter().chain(&storage.seen()) {
        assert!(!request.contains(CANARY), "{request}");
        assert!(!request.to_lowercase().contains("\r\nreferer"), "{request}");
    }
}

#[tokio::test]
async fn pictures_come_from_nowhere_else() {
    let server = Server::start(vec![picture()]).await;
    let (client, _) = server.client();
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    for address in [
        "file:///etc/passwd".to_owned(),
        "data:image/png;base64,AAAA".to_owned(),
        "https://image.civitai.com.evil.example/1.png".to_owned(),
        "http://image.civitai.com/1.png".to_owned(),
        "https://169.254.169.254/latest".to_owned(),
        format!("http://{CANARY}@127.0.0.1:{port}/1.png"),
        format!("http://localhost:{port}/1.png"),
        format!("http://127.0.0.2:{port}/1.png"),
        "not a url".to_owned(),
    ] {
        let error = client.preview(&address, 100).await.unwrap_err();
        assert!(matches!(error.kind, CatalogErrorKind::Refused(400 | 403)), "{address}: {error:?}");
        assert!(!error.message.contains(CANARY), "{}", error.message);
    }
    assert_eq!(server.seen(), [""; 0]);
}

#[tokio::test]
async fn every_hop_of_a_redirect_is_checked() {
    let public = Client::new(ClientConfig::at("https://civitai.com")).unwrap();
    let local = Server::start(vec![picture()]).await;
    let error = public.preview(&format!("{}/1.png", local.url()), 100).await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::Refused(403));

    let port = local.url().rsplit(':').next().unwrap().to_owned();
    for target in
        ["file:///etc/passwd", "https://evil.example/x", &format!("http://localhost:{port}/x"), "http://10.0.0.1/x"]
    {
        let server = Server::start(vec![redirect(target)]).await;
        let (client, _) = server.client();
        let error = client.preview(&format!("{}/1.png", server.url()), 100).await.unwrap_err();
        assert_eq!(error.kind, CatalogErrorKind::Refused(403), "{target}");
    }
    assert_eq!(local.seen(), [""; 0]);
}

#[tokio::test]
async fn redirects_end_after_five_hops() {
    let server = Server::start(vec![redirect("/again")]).await;
    let (client, _) = server.client();
    let error = client.preview(&format!("{}/1.png", server.url()), 100).await.unwrap_err();
    assert_eq!(error.kind, CatalogErrorKind::NotJson);
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn pictures_are_pictures_and_not_too_large() {
    let missing = answer(404, "application/xml", "", "<Error/>");
    let server = Server::start(vec![picture(), picture(), html(200), json(200, "{}"), html(404), missing]).await;
    let (client, _) = server.client();
    let url = format!("{}/1.png", server.url());
    assert_eq!(client.preview(&url, 8).await.unwrap().bytes.len(), 8);
    let mut kinds = Vec::new();
    for _ in 0..5 {
        kinds.push(client.preview(&url, 7).await.unwrap_err().kind);
    }
    let not_json = CatalogErrorKind::NotJson;
    assert_eq!(kinds, [CatalogErrorKind::Refused(413), not_json, not_json, not_json, CatalogErrorKind::NotFound]);
}

#[tokio::test]
async fn the_key_is_in_no_text() {
    let echo = json(400, &format!(r#"{{"error":"bad header: Bearer {CANARY}"}}"#));
    let server = Server::start(vec![echo]).await;
    let (client, _) = server.client();
    let error = client.version(VersionId(5)).await.unwrap_err();
    assert!(error.message.ends_with("(400): bad header: Bearer [key]"), "{}", error.message);
    let config = ClientConfig::at(server.url()).token(Token::new(CANARY).ok());
    let texts = format!("{client:?} {config:?} {:?} {error:?} {error}", Token::new(CANARY));
    assert!(!texts.contains(CANARY), "{texts}");
    let mistyped = ClientConfig::at(format!("https://me:{CANARY}@civitai.com/?token={CANARY}"));
    let refused = Client::new(mistyped.clone()).unwrap_err();
    assert_eq!(refused, ClientConfigError::UserInfo);
    assert!(!format!("{mistyped:?} {refused} {refused:?}").contains(CANARY));
}
