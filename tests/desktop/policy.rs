//! What the page may do at most, read from the files that grant it. A change here is a change of the app's security.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn package_root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn configuration() -> Value {
    json(&package_root().join("tauri.conf.json"))
}

fn capabilities() -> Vec<Value> {
    fs::read_dir(package_root().join("src-tauri/capabilities"))
        .unwrap()
        .map(|entry| json(&entry.unwrap().path()))
        .collect()
}

#[test]
fn one_capability_grants_our_own_commands_to_one_window() {
    let capabilities = capabilities();
    assert_eq!(capabilities.len(), 1, "one window, one capability");
    let capability = &capabilities[0];
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    assert!(capability.get("remote").is_none(), "no page from elsewhere may call anything");
    assert!(capability.get("webviews").is_none());

    let granted: BTreeSet<&str> =
        capability["permissions"].as_array().unwrap().iter().map(|permission| permission.as_str().unwrap()).collect();
    let own = [
        "allow-rpc",
        "allow-subscribe",
        "allow-pick-folder",
        "allow-reveal",
        "allow-start-at-login",
        "allow-set-start-at-login",
        "allow-open-external",
        "allow-quit",
    ];
    // Where files lie that are dropped onto the page is told by an event of the window. Hearing is all that is granted.
    let hearing = ["core:event:allow-listen", "core:event:allow-unlisten"];
    let wanted: BTreeSet<&str> = own.into_iter().chain(hearing).collect();
    assert_eq!(granted, wanted, "plugins' commands stay closed: native.rs wraps what is needed");
}

#[test]
fn no_wildcard_and_no_file_system_or_shell() {
    for capability in capabilities() {
        let text = capability.to_string();
        for forbidden in ["*", "fs:", "shell:", "http:", "opener:", "remote"] {
            assert!(!text.contains(forbidden), "`{forbidden}` in {text}");
        }
    }
}

#[test]
fn the_configuration_uses_that_capability_and_hardens_the_page() {
    let app = &configuration()["app"];
    assert_eq!(app["security"]["capabilities"], serde_json::json!(["main"]));
    assert_eq!(app["security"]["freezePrototype"], true);
    assert_eq!(app["withGlobalTauri"], false);
    assert_eq!(app["windows"], serde_json::json!([]), "window.rs makes the window, with its navigation guard");
    for absent in ["assetProtocol", "dangerousDisableAssetCspModification", "dangerousRemoteDomainIpcAccess", "devCsp"]
    {
        assert!(app["security"].get(absent).is_none(), "{absent}");
    }
}

#[test]
fn the_content_security_policy_names_no_stranger() {
    let configuration = configuration();
    let policy = configuration["app"]["security"]["csp"].as_object().unwrap();
    for (directive, sources) in policy {
        for source in sources.as_str().unwrap().split_whitespace() {
            assert!(!source.contains('*') && !source.contains("unsafe"), "{directive} {source}");
            // Windows reaches our own schemes at these names; no server can have them.
            let own = ["http://ipc.localhost", "http://preview.localhost"].contains(&source);
            assert!(own || !source.contains("//"), "{directive} {source}");
            assert!(!["http:", "https:", "ws:", "wss:"].contains(&source), "{directive} {source}");
        }
    }
    for closed in ["object-src", "frame-src", "base-uri", "form-action"] {
        assert_eq!(policy[closed], "'none'", "{closed}");
    }
    for own in ["default-src", "script-src"] {
        assert_eq!(policy[own], "'self'", "{own}");
    }
}
