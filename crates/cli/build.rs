//! Makes the folder of the web page's build, so that Rust work needs no Node; without a build, `serve` says so.

fn main() {
    let dist = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    // If it cannot be made, embedding it fails right after with the path in the message.
    let _ = std::fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", dist.display());
}
