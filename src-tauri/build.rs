//! Prepares what Tauri compiles in: the capabilities, the permissions of our own commands, and the page.

use std::path::Path;

/// Every command of the shell. Naming them here puts them under the access control list: one that no capability allows
/// cannot be called, not even from our own page. `src/lib.rs` registers the same list.
const COMMANDS: &[&str] =
    &["rpc", "subscribe", "pick_folder", "reveal", "open_external", "quit", "start_at_login", "set_start_at_login"];

fn main() {
    // tauri-codegen panics when the folder is missing; who works on Rust alone has not built the page.
    let page = Path::new("ui/dist");
    if let Err(error) = std::fs::create_dir_all(page) {
        println!("cargo::warning=could not make {}: {error}", page.display());
    }
    // The page is compiled in by a macro, whose reading of files cargo does not see.
    println!("cargo::rerun-if-changed={}", page.display());
    println!("cargo::rerun-if-changed=icons");

    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(tauri_build::AppManifest::new().commands(COMMANDS));
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities beside this file are valid");
}
