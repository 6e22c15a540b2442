//! Commands reach the engine, errors reach the page as they are, and nothing else is open to it.

use std::sync::Arc;

use modeldock_civitai::{Client, ClientConfig};
use modeldock_core::{App, Paths, Role};
use serde_json::{Value, json};
use tauri::WebviewWindow;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, get_ipc_response, mock_builder};
use tauri::webview::InvokeRequest;

/// Nothing listens here, so that no test depends on the network.
const NOWHERE: &str = "http://127.0.0.1:9";

const OWN_PAGE: &str = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };

struct Desktop {
    app: tauri::App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    _data: tempfile::TempDir,
}

impl Desktop {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let paths = Paths::new(data.path().to_owned());
        let catalog = Arc::new(Client::new(ClientConfig::at(NOWHERE)).unwrap());
        let engine = tauri::async_runtime::block_on(async { App::open(paths, Role::Owner, catalog) }).unwrap();
        let app = modeldock_desktop::shell(mock_builder()).build(modeldock_desktop::context()).unwrap();
        modeldock_desktop::attach(app.handle(), engine, NOWHERE.parse().unwrap());
        let window = modeldock_desktop::window::build_main(app.handle()).unwrap();
        Self { app, window, _data: data }
    }

    fn call(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        invoke(&self.window, OWN_PAGE, command, arguments)
    }
}

fn invoke(window: &WebviewWindow<MockRuntime>, page: &str, command: &str, arguments: Value) -> Result<Value, Value> {
    let request = InvokeRequest {
        cmd: command.into(),
        callback: CallbackFn(0),
        error: CallbackFn(1),
        url: page.parse().unwrap(),
        body: InvokeBody::Json(arguments),
        headers: tauri::http::HeaderMap::default(),
        invoke_key: INVOKE_KEY.to_owned(),
    };
    get_ipc_response(window, request).map(|body| body.deserialize().unwrap())
}

#[test]
fn rpc_reaches_the_engine() {
    let desktop = Desktop::start();
    let info = desktop.call("rpc", json!({ "name": "app_info", "request": {} })).unwrap();
    assert_eq!(info["owner"], true);
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_error_arrives_with_code_message_hint_and_retryable() {
    let desktop = Desktop::start();
    let error = desktop.call("rpc", json!({ "name": "no_such_command", "request": {} })).unwrap_err();
    assert_eq!(error["code"], "not_found");
    assert!(error["message"].as_str().unwrap().contains("no_such_command"));
    assert!(error.as_object().unwrap().contains_key("hint"));
    assert_eq!(error["retryable"], false);
}

#[test]
fn a_request_of_the_wrong_shape_is_the_callers_mistake() {
    let desktop = Desktop::start();
    let error = desktop.call("rpc", json!({ "name": "library_item", "request": { "id": "../../etc" } })).unwrap_err();
    assert_eq!(error["code"], "invalid_request");
}

#[test]
fn only_rows_of_the_library_can_be_revealed() {
    let desktop = Desktop::start();
    let error = desktop.call("reveal", json!({ "fileId": 4711 })).unwrap_err();
    assert_eq!(error["code"], "not_found");
    // A path is not an id, whatever it points at.
    assert!(desktop.call("reveal", json!({ "fileId": "/etc/passwd" })).is_err());
    assert!(desktop.call("reveal", json!({ "path": "/etc/passwd" })).is_err());
}

#[test]
fn a_link_to_elsewhere_is_refused_as_a_wire_error() {
    let desktop = Desktop::start();
    let error = desktop.call("open_external", json!({ "url": "file:///etc/passwd" })).unwrap_err();
    assert_eq!(error["code"], "invalid_request");
}

#[test]
fn a_page_from_elsewhere_may_call_nothing() {
    let desktop = Desktop::start();
    for page in ["https://civitai.com", "http://localhost:5173", "https://tauri.localhost.example.com", "data:,x"] {
        let answer = invoke(&desktop.window, page, "rpc", json!({ "name": "app_info", "request": {} }));
        assert!(answer.is_err(), "{page} reached the engine");
    }
}

#[test]
fn another_window_may_call_nothing() {
    let desktop = Desktop::start();
    let other = tauri::WebviewWindowBuilder::new(&desktop.app, "other", tauri::WebviewUrl::default()).build().unwrap();
    let answer = invoke(&other, OWN_PAGE, "rpc", json!({ "name": "app_info", "request": {} }));
    assert!(answer.is_err());
}

#[test]
fn the_plugins_own_commands_are_closed_to_the_page() {
    let desktop = Desktop::start();
    for command in [
        "plugin:opener|open_url",
        "plugin:opener|open_path",
        "plugin:opener|reveal_item_in_dir",
        "plugin:dialog|open",
        "plugin:dialog|message",
        // It may hear what is dropped onto it, and say nothing that others hear.
        "plugin:event|emit",
        "plugin:event|emit_to",
        "plugin:window|close",
        "plugin:webview|create_webview_window",
        "plugin:path|resolve",
    ] {
        let error = desktop.call(command, json!({ "url": "https://civitai.com", "path": "/" })).unwrap_err();
        assert!(error.to_string().contains("not allowed"), "{command}: {error}");
    }
}
