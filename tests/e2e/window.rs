//! The real app in a real window, driven as a user would: first start, scan, search, filter, details; and the walls
//! around the page, tried from inside it. Then what belongs to a desktop: links from outside, and the start at login.
//!
//! `tests/e2e/window.sh` brings the display, the bus, the sample installations and the stand-in for Civitai. The steps
//! build on each other's data folder, so they are one test, and the tests run in the order of their names.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/desktop.rs"]
mod desktop;

use std::path::Path;
use std::time::Duration;

use desktop::Desktop;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a display: run by make test (tests/e2e/window.sh)"]
async fn first_start_scan_search_filter_and_details() {
    let desktop = Desktop::start().await;

    desktop.see("See what you have").await;
    desktop.find("checkbox", "ComfyUI").await;
    desktop.picture("1-first-run").await;
    desktop.click("button", "^Start$").await;

    desktop.see_within("looked through", Duration::from_secs(90)).await;
    desktop.wait("the sample models", async || desktop.shown().await > 40).await;
    let all = desktop.shown().await;
    desktop.picture("2-library").await;

    desktop.type_into("searchbox", "Search the library", "porcelain").await;
    desktop.wait("fewer models", async || (1..all).contains(&desktop.shown().await)).await;
    desktop.picture("3-search").await;
    desktop.type_into("searchbox", "Search the library", "").await;
    desktop.wait("all models again", async || desktop.shown().await == all).await;

    desktop.click("button", "^LoRA").await;
    desktop.wait("LoRAs only", async || (1..all).contains(&desktop.shown().await)).await;
    desktop.picture("4-facet").await;

    // Menus and dialogs bring styles of their own, which the content security policy must not have to allow.
    desktop.click("button", "^Base model").await;
    desktop.find("menu|listbox|dialog", ".").await;
    desktop.press_escape().await;
    desktop.no_violations().await;

    desktop.type_into("searchbox", "Search the library", "porcelain").await;
    desktop.wait("the LoRA", async || desktop.shown().await == 1).await;
    desktop.click("option|row|gridcell|button", "porcelain").await;
    desktop.find("complementary|region|dialog", "^Details$").await;
    desktop.see("Verified, read in full").await;
    desktop.see("urn:air:").await;
    desktop.picture("5-details").await;
    desktop.no_violations().await;
    desktop.end().await;

    let again = Desktop::start().await;
    again.wait("the library without a first start", async || again.shown().await == all).await;
    again.picture("6-second-start").await;
    again.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a display: run by make test (tests/e2e/window.sh)"]
async fn the_page_can_neither_leave_nor_reach_out() {
    let desktop = Desktop::start().await;
    let page = desktop.script("return location.href").await;

    desktop.script("location.href = 'https://example.com/'").await;
    desktop
        .script(
            "document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://example.com/' }))",
        )
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(desktop.script("return location.href").await, page, "the window left its page");
    assert_eq!(desktop.script("return window.open('https://civitai.com/') === null").await, json!(true));

    let outcome = desktop.settle("fetch('https://example.com/')").await;
    assert_eq!(outcome["ok"], false, "fetch reached out: {outcome}");
    desktop
        .script(
            "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))",
        )
        .await;
    desktop.script("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(desktop.script("return window.ran ?? null").await, json!(null), "injected script ran");

    for (call, what) in [
        ("'plugin:opener|open_path', { path: '/etc/passwd' }", "not allowed"),
        ("'plugin:window|create', { options: { label: 'x' } }", "not allowed"),
        ("'open_external', { url: 'file:///etc/passwd' }", "invalid_request"),
        ("'open_external', { url: 'https://example.com/' }", "invalid_request"),
        ("'reveal', { fileId: 999999999 }", "not_found"),
        ("'rpc', { name: 'no_such_command', request: {} }", "not_found"),
    ] {
        let outcome = desktop.settle(&format!("window.__TAURI_INTERNALS__.invoke({call})")).await;
        assert_eq!(outcome["ok"], false, "{call} was answered: {outcome}");
        assert!(outcome.to_string().contains(what), "{call}: {outcome}");
    }
    desktop.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a display: run by make test (tests/e2e/window.sh)"]
async fn links_open_their_plan_in_the_window_that_is_there() {
    let desktop = Desktop::start().await;
    let version = desktop::variable("MODELDOCK_E2E_VERSION");
    desktop::start_again(&format!("modeldock://download?what={version}")).await;
    desktop.find("region", "^What would be downloaded$").await;
    desktop.find("button", "^Download$").await;
    assert!(desktop.script("return location.hash").await.as_str().unwrap().ends_with(&format!("/plan/{version}")));
    desktop.picture("7-link").await;
    desktop.no_violations().await;
    desktop.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a display: run by make test (tests/e2e/window.sh)"]
async fn marks_the_trash_and_back_and_another_theme() {
    let desktop = Desktop::start().await;
    desktop.wait("the library", async || desktop.shown().await > 40).await;
    let all = desktop.shown().await;
    desktop.type_into("searchbox", "Search the library", "porcelain").await;
    desktop.wait("the LoRA", async || desktop.shown().await == 1).await;
    desktop.click("option", "porcelain").await;
    desktop.type_into("combobox", "^Add a tag$", "for the window\u{e007}").await;
    desktop.find("button", "^Remove the tag for the window$").await;
    let path = desktop
        .settle("window.__TAURI_INTERNALS__.invoke('rpc', { name: 'library_list', request: { search: 'for the window' } }).then((page) => page.items[0].path)")
        .await;
    let path = std::path::PathBuf::from(path["value"].as_str().unwrap());
    let bytes = std::fs::read(&path).unwrap();

    desktop.click("button", "^Actions for").await;
    desktop.click("menuitem", "^Move to trash").await;
    desktop.click("button", "^Move to trash$").await;
    desktop.wait("it has gone", async || !path.exists()).await;
    desktop.find("button", "^Undo").await;
    desktop.picture("8-trash").await;
    desktop.click("button", "^Undo").await;
    desktop.see("Undone").await;
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    desktop.type_into("searchbox", "Search the library", "for the window").await;
    desktop.wait("it is found by its tag again", async || desktop.shown().await == 1).await;
    desktop.type_into("searchbox", "Search the library", "").await;
    desktop.wait("all models again", async || desktop.shown().await == all).await;

    desktop.script("location.hash = '#/settings'").await;
    for (theme, scheme) in [("Light", "light"), ("Dark", "dark")] {
        desktop.click("radio", &format!("^{theme}$")).await;
        desktop
            .wait("the theme", async || {
                desktop.script("return document.documentElement.dataset.theme").await == json!(scheme)
            })
            .await;
        desktop.picture(&format!("9-settings-{scheme}")).await;
    }
    desktop.no_violations().await;
    desktop.end().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a display: run by make test (tests/e2e/window.sh)"]
async fn starting_at_login_is_an_entry_in_the_systems_own_list() {
    let list = Path::new(&desktop::variable("MODELDOCK_E2E_HOME")).join(".config/autostart");
    let entries = || std::fs::read_dir(&list).map_or(0, Iterator::count);
    let desktop = Desktop::start().await;
    desktop.script("location.hash = '#/settings'").await;
    desktop.click("switch", "^Start at login$").await;
    desktop.wait("the entry", async || entries() == 1).await;
    let entry = std::fs::read_dir(&list).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&entry).unwrap();
    let program = env!("CARGO_BIN_EXE_modeldock-desktop");
    let data = desktop::variable("MODELDOCK_E2E_DATA");
    let line = format!(r#"Exec="{program}" "--hidden" "--data-dir" "{data}" "--civitai-url" "#);
    assert!(text.lines().any(|entry| entry.starts_with(&line)), "{text}");
    desktop.click("switch", "^Start at login$").await;
    desktop.wait("no entry", async || entries() == 0).await;
    desktop.end().await;
}
