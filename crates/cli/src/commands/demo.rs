//! `modeldock demo`: the whole job against a simulated Civitai, on sample installations in a temporary folder.
//!
//! Nothing of the user's is read or written, and nothing leaves the computer. The sample lives as long as the demo.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use civitai_simulator::{Catalogue, Config, Simulator, sample};
use modeldock_civitai::Token;
use modeldock_core::api::VaultDownloadReport;
use modeldock_core::library::{LibraryPage, LibraryQuery};
use modeldock_core::roots::{DetectedRoot, RootInfo};
use modeldock_core::scan::ScanEvent;
use modeldock_core::units::DownloadId;
use modeldock_core::vault::VaultView;
use modeldock_core::{App, Code, Error, Paths, Result, Role};
use serde_json::json;

use super::list::state_word;
use super::scan;
use crate::args;
use crate::context::{Context, call, client_at};
use crate::exit::Exit;
use crate::output::{self, Results, printable};
use crate::serve::{Access, Server};

pub(crate) async fn run(context: &Context, options: args::Demo) -> Result<Exit> {
    let folder = DemoFolder::make(context.data_dir())?;
    let quiet = context.json();
    let step = |text: String| {
        if !quiet {
            output::note(&text);
        }
    };
    step(format!("Making a sample A1111 and ComfyUI in {}", folder.path().display()));
    let catalogue = Catalogue::standard();
    let installs = folder.path().join("installs");
    let trees = {
        let (installs, catalogue) = (installs.clone(), catalogue.clone());
        blocking(move || {
            sample::write_trees(&installs, &catalogue).map_err(|source| Error::io("write", &installs, &source))
        })
        .await?
    };
    let simulator = Simulator::start(Config::default(), catalogue).await.map_err(|source| {
        Error::new(Code::Internal, format!("The simulated Civitai did not start: {}", output::plain_words(&source)))
    })?;
    // One author lets nobody download; whoever tries the demo shall not wonder what went wrong.
    let offered = simulator.catalogue();
    simulator.edit_vault(|vault| {
        vault.items.retain(|item| offered.version(item.version).is_none_or(|one| one.spec.usage_control == "Download"));
    });
    step(format!("A simulated Civitai answers at {}", simulator.base_url()));

    let key = Token::new(simulator.token()).map_err(|error| Error::new(Code::Internal, error.to_string()))?;
    let links = [simulator.base_url(), simulator.base_url()].map(str::to_owned);
    let client = Arc::new(client_at(simulator.base_url(), &links)?.with_token(Some(key)));
    let app = App::open(Paths::new(folder.path().join("data")), Role::Owner, client)?;
    let found: Vec<DetectedRoot> = call(&app, "roots_detect", json!({ "within": [installs] })).await?;
    for root in &found {
        step(format!("Found {} at {}: {}", root.layout, root.path, output::count(root.files, "model file")));
        let _: RootInfo = call(&app, "roots_add", json!({ "path": root.path, "layout": root.layout })).await?;
    }
    debug_assert!(found.iter().any(|root| Path::new(&root.path) == trees.a1111));

    let running = app.scan(Vec::new(), Arc::new(|_: ScanEvent| ()))?;
    let outcome = scan::watch(&running, !quiet).await?;
    print_library(context, &app, &outcome.summary).await?;
    if let Some(problem) = outcome.problem {
        return Err(problem);
    }
    if outcome.summary.cancelled {
        return Ok(Exit::Interrupted);
    }
    let vault: VaultView = call(&app, "vault_sync", json!({})).await?;
    let missing = vault.items.iter().filter(|entry| entry.files.is_empty()).count() as u64;
    let items = output::count(vault.items.len() as u64, "item");
    step(format!("The vault of the simulated account holds {items}, {missing} of them not here"));
    if options.exit {
        return download_missing(context, &app).await;
    }
    match desktop_program().filter(|_| !options.browser) {
        Some(program) => show_window(&program, app, &folder, &simulator).await,
        None => show_browser(context, app).await,
    }
}

/// Brings down what is in the vault and not here, to where each UI looks for it.
async fn download_missing(context: &Context, app: &App) -> Result<Exit> {
    let reports: Vec<VaultDownloadReport> = call(app, "vault_download", json!({})).await?;
    for problem in reports.iter().filter_map(|report| report.problem.as_ref()) {
        output::warning(problem);
    }
    let ids: Vec<DownloadId> = reports.iter().filter_map(|report| report.download).collect();
    let exit = super::downloads::follow(context, app, ids).await?;
    app.shutdown().await;
    Ok(exit)
}

async fn print_library(context: &Context, app: &App, summary: &modeldock_core::scan::ScanSummary) -> Result<()> {
    let query = LibraryQuery { sort: modeldock_core::library::Sort::Name, limit: 1000, ..LibraryQuery::default() };
    let page: LibraryPage = call(app, "library_list", serde_json::to_value(query).unwrap_or_default()).await?;
    let mut results = Results::new();
    for item in &page.items {
        if context.json() {
            results.json(item)?;
            continue;
        }
        let name = match (&item.model_name, &item.version_name) {
            (Some(model), Some(version)) => format!("{model} {version}"),
            _ => item.file_name.clone(),
        };
        // Folders that a configuration adds lie outside their root; those are shown in full.
        let root = Path::new(&item.root);
        let path = Path::new(&item.path).strip_prefix(root.parent().unwrap_or(root)).unwrap_or(Path::new(&item.path));
        results.line(format!(
            "{:<9}  {:<15}  {:<44}  {}",
            state_word(item.state),
            printable(item.kind.label()),
            printable(&name),
            printable(&path.display().to_string()),
        ))?;
    }
    if context.json() {
        results.json(&ScanEvent::Summary(summary.clone()))?;
    } else {
        scan::tell_summary(&mut results, summary)?;
    }
    results.flush()
}

/// The desktop app, if it lies beside this program and there is a display for it.
fn desktop_program() -> Option<PathBuf> {
    let given = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let has_display = !cfg!(target_os = "linux") || given("DISPLAY") || given("WAYLAND_DISPLAY");
    let name = format!("modeldock-desktop{}", std::env::consts::EXE_SUFFIX);
    let program = std::env::current_exe().ok()?.with_file_name(name);
    (has_display && program.is_file()).then_some(program)
}

async fn show_window(program: &Path, app: App, folder: &DemoFolder, simulator: &Simulator) -> Result<Exit> {
    app.shutdown().await;
    // The window's process becomes the owner of the data folder.
    drop(app);
    output::note("Opening the library in its window; quit it from the tray or with Ctrl-C here");
    let mut child = tokio::process::Command::new(program)
        .arg("--data-dir")
        .arg(folder.path().join("data"))
        .arg("--civitai-url")
        .arg(simulator.base_url())
        .arg("--link-url")
        .arg(format!("{0},{0}", simulator.base_url()))
        // It shows a simulator: the user's key has no business there.
        .env(modeldock_core::account::KEY_VARIABLE, simulator.token())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|source| Error::io("start", program, &source))?;
    tokio::select! {
        status = child.wait() => match status {
            Ok(status) if status.success() => Ok(Exit::Done),
            Ok(status) => Err(Error::new(Code::Internal, format!("The window ended with {status}"))
                .hint("`modeldock demo --browser` shows the library in a browser instead")),
            Err(source) => Err(Error::io("wait for", program, &source)),
        },
        signal = scan::interrupted() => {
            signal?;
            Ok(Exit::Done)
        }
    }
}

async fn show_browser(context: &Context, app: App) -> Result<Exit> {
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::bind(listen, Access::default(), app.clone()).await?;
    let mut results = Results::new();
    if context.json() {
        results.json(&json!({ "event": "listening", "url": server.url() }))?;
    } else {
        results.line(format!("Look at the library at {}", server.url()))?;
        output::note("Ctrl-C ends the demo and removes its files");
    }
    results.flush()?;
    drop(results);
    server.run(scan::interrupted()).await?;
    app.shutdown().await;
    Ok(Exit::Done)
}

/// Where the sample lives: a temporary folder that goes with the demo, or a named one that stays.
enum DemoFolder {
    Temporary(tempfile::TempDir),
    Named(PathBuf),
}

impl DemoFolder {
    fn make(named: Option<PathBuf>) -> Result<Self> {
        match named {
            None => tempfile::Builder::new()
                .prefix("modeldock-demo-")
                .tempdir()
                .map(Self::Temporary)
                .map_err(|source| Error::io("make a folder in", &std::env::temp_dir(), &source)),
            Some(dir) => {
                // Sample files must never end up among somebody's own.
                let holds_more = std::fs::read_dir(&dir).is_ok_and(|entries| {
                    entries
                        .filter_map(std::result::Result::ok)
                        .any(|entry| entry.file_name() != "installs" && entry.file_name() != "data")
                });
                if holds_more {
                    return Err(Error::invalid(format!("`{}` is not empty", dir.display()))
                        .hint("Name a new folder for the demo, or leave --data-dir out"));
                }
                std::fs::create_dir_all(&dir).map_err(|source| {
                    Error::io("create the folder", &dir, &source)
                        .hint("Name a new folder for the demo, or leave --data-dir out")
                })?;
                let dir = std::path::absolute(&dir).map_err(|source| Error::io("use", &dir, &source))?;
                Ok(Self::Named(dir))
            }
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Temporary(dir) => dir.path(),
            Self::Named(dir) => dir,
        }
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|source| Err(Error::new(Code::Internal, format!("A task ended early: {source}"))))
}
