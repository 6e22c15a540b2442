//! Runs the simulator for demos and for tests in other languages, and writes model trees to try an app on.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;

use civitai_simulator::{Catalogue, Config, Generated, ModelSpec, Simulator, sample};
use clap::Parser;
use serde_json::json;

/// Stands in for Civitai.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Address of the site
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Address of storage and images, a second origin
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    storage_listen: SocketAddr,
    /// The one valid API key
    #[arg(long, default_value = "demo-token")]
    token: String,
    /// Let files be downloaded without a key
    #[arg(long)]
    anonymous_downloads: bool,
    /// Pace of downloads, so that progress can be watched
    #[arg(long, value_name = "BYTES_PER_SECOND")]
    storage_speed: Option<u64>,
    /// Serve this many tiny models instead of the built-in catalogue
    #[arg(long, value_name = "COUNT")]
    bulk: Option<usize>,
    /// Seed of `--bulk` and `--made`
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Serve one more model, whose file `made.safetensors` has this many bytes and is made while it is sent
    #[arg(long, value_name = "BYTES")]
    made: Option<u64>,
    /// Write every file of the catalogue into this folder first
    #[arg(long, value_name = "FOLDER")]
    write_to: Option<PathBuf>,
    /// Write an A1111 and a ComfyUI tree into this folder first
    #[arg(long, value_name = "FOLDER")]
    write_sample_tree: Option<PathBuf>,
    /// Write what was asked for and end, without serving
    #[arg(long)]
    no_serve: bool,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let mut catalogue = match arguments.bulk {
        Some(count) => Catalogue::bulk(count, arguments.seed),
        None => Catalogue::standard(),
    };
    if let Some(size) = arguments.made {
        let mut builder = catalogue.into_builder();
        let content = Generated::new(arguments.seed, size);
        let added = builder.add_generated("made.safetensors", content, ModelSpec::new("Made", "Checkpoint"));
        catalogue = builder.build();
        say(&json!({ "event": "made", "model": added.model, "version": added.version, "file": added.file }))?;
    }
    if let Some(folder) = &arguments.write_to {
        let files = sample::write_files(folder, &catalogue)?.len();
        say(&json!({ "event": "files_written", "folder": folder, "files": files }))?;
    }
    if let Some(folder) = &arguments.write_sample_tree {
        let trees = sample::write_trees(folder, &catalogue)?;
        say(&json!({
            "event": "trees_written",
            "a1111": trees.a1111,
            "comfyui": trees.comfyui,
            "extra": trees.extra,
            "files": trees.written,
        }))?;
    }
    if arguments.no_serve {
        return Ok(());
    }
    let config = Config {
        listen: arguments.listen,
        storage_listen: arguments.storage_listen,
        token: arguments.token,
        anonymous_downloads: arguments.anonymous_downloads,
        storage_bytes_per_second: arguments.storage_speed,
        ..Config::default()
    };
    let simulator = Simulator::start(config, catalogue).await?;
    say(&json!({
        "event": "listening",
        "url": simulator.base_url(),
        "storage_url": simulator.storage_url(),
    }))?;
    tokio::signal::ctrl_c().await
}

/// One event per line. Flushed, because the reader is usually a script waiting for it.
fn say(event: &serde_json::Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{event}")?;
    out.flush()
}
