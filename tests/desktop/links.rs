//! Which links may leave the app, and where the window may go.

use modeldock_desktop::native::external_url;
use modeldock_desktop::window::is_own_page;
use url::Url;

fn server(text: &str) -> Url {
    text.parse().unwrap()
}

#[test]
fn pages_of_civitai_open() {
    let server = server("https://civitai.com");
    for link in [
        "https://civitai.com/models/257749?modelVersionId=290640#files",
        "https://civitai.red/models/1",
        "https://civitai.green/",
        "https://education.civitai.com/guide",
        "HTTPS://CIVITAI.COM/models/1",
        "https://civitai.com:443/models/1",
    ] {
        assert!(external_url(link, &server).is_ok(), "{link} was refused");
    }
}

#[test]
fn everything_else_is_refused() {
    let server = server("https://civitai.com");
    for link in [
        "",
        "civitai.com",
        "//civitai.com",
        "file:///etc/passwd",
        "file://civitai.com/etc/passwd",
        "smb://civitai.com/share",
        "\\\\civitai.com\\share",
        "ms-msdt:/id PCWDiagnostic",
        "javascript:alert(1)",
        "javascript://civitai.com/%0aalert(1)",
        "data:text/html,<script>alert(1)</script>",
        "blob:https://civitai.com/1",
        "view-source:https://civitai.com",
        "ftp://civitai.com/",
        "http://civitai.com/models/1",
        "https://example.com/",
        "https://example.com/?https://civitai.com",
        "https://civitai.com.example.com/",
        "https://notcivitai.com/",
        "https://civitai.com./",
        "https://.civitai.com/",
        "https://civitai.community/",
        "https://civitai.com:8443/",
        "https://civitai.com@example.com/",
        "https://user@civitai.com/",
        "https://user:password@civitai.com/",
        "https://example.com\\@civitai.com/",
        "https://civitai.com\\.example.com/",
        "https://civitai.com%2eexample.com/",
        "https://cıvitai.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        " https://civitai.com/",
        "https://civitai.com/\n",
        "java\tscript:alert(1)",
        "--help",
        "tauri://localhost/",
        "preview://localhost/1/cover",
    ] {
        let answer = external_url(link, &server);
        assert!(answer.is_err(), "{link:?} would be opened as {}", answer.unwrap());
    }
}

#[test]
fn the_configured_server_opens_at_its_exact_origin() {
    let server = server("http://127.0.0.1:4000");
    assert!(external_url("http://127.0.0.1:4000/models/1", &server).is_ok());
    for link in
        ["http://127.0.0.1:4001/", "https://127.0.0.1:4000/", "http://localhost:4000/", "http://me@127.0.0.1:4000/"]
    {
        assert!(external_url(link, &server).is_err(), "{link}");
    }
}

#[test]
fn a_server_without_an_origin_opens_nothing_more() {
    assert!(external_url("file:///etc/passwd", &server("file:///")).is_err());
}

#[test]
fn the_window_stays_on_its_own_page() {
    let own = |text: &str| is_own_page(&text.parse().unwrap(), None);
    assert!(own("tauri://localhost"));
    assert!(own("tauri://localhost/index.html#/library"));
    assert_eq!(own("http://tauri.localhost/"), cfg!(windows));
    for page in [
        "tauri://localhost.example.com/",
        "tauri://example.com/",
        "tauri://localhost:1/",
        "tauri://me@localhost/",
        "https://tauri.localhost/",
        "http://tauri.localhost.example.com/",
        "http://localhost:5173/",
        "https://civitai.com/",
        "file:///etc/passwd",
        "preview://localhost/1/cover",
        "about:blank",
        "data:text/html,x",
        "javascript:alert(1)",
    ] {
        assert!(!own(page), "{page}");
    }
}

#[test]
fn a_development_build_may_show_its_server_and_nothing_beside_it() {
    let development = server("http://localhost:5173");
    assert!(is_own_page(&server("http://localhost:5173/library"), Some(&development)));
    assert!(!is_own_page(&server("http://localhost:5174/"), Some(&development)));
    assert!(!is_own_page(&server("blob:http://localhost:5173/1"), Some(&development)));
    assert!(!is_own_page(&server("http://localhost.example.com:5173/"), Some(&development)));
}
