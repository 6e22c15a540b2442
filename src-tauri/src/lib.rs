//! Modeldock's desktop app: what needs a window, around the engine in `modeldock-core`.
//!
//! The page in the window speaks to the engine through one command, `rpc`, and hears of changes through one channel.
//! Around that stand the window itself ([`window`]), the tray ([`tray`]), preview pictures ([`preview`]), links to models
//! ([`links`]) and the few things only a desktop can do ([`native`]). The page is treated as a stranger: it may call what
//! `capabilities/main.json` lists, and each command checks what it is given.
//!
//! Everything is generic over Tauri's runtime, so that tests run it without a display.

mod engine;
pub mod links;
mod login;
pub mod native;
pub mod options;
pub mod preview;
mod rpc;
pub mod tray;
pub mod window;

use std::process::ExitCode;

use modeldock_core::{App, Error};
use tauri::{AppHandle, Builder, Context, Manager as _, RunEvent, Runtime};
use url::Url;

use crate::login::StartAtLogin;
use crate::native::CivitaiServer;
use crate::options::Options;

/// Runs the app until it is quit.
pub fn run(options: Options) -> ExitCode {
    start_log();
    if !engine::display_present() {
        return engine::fail("There is no display to open a window on", "Use `modeldock serve` and a browser instead");
    }
    let builder = shell(Builder::default())
        .plugin(engine::single_instance(&options))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(window::remembered(&options))
        .setup(move |app| {
            start(app.handle(), &options);
            Ok(())
        })
        .build(context());
    match builder {
        Ok(app) => {
            let code = app.run_return(|app, event| on_run_event(app, &event));
            ExitCode::from(u8::try_from(code).unwrap_or(1))
        }
        Err(error) => engine::fail(&format!("Could not start the desktop app: {error}"), "Use `modeldock` instead"),
    }
}

/// What Tauri made of `tauri.conf.json`, the capabilities and the page.
#[expect(clippy::exit, reason = "in what the macro writes, should a resource be broken")]
pub fn context<R: Runtime>() -> Context<R> {
    tauri::generate_context!()
}

/// Adds everything that does not depend on an engine: commands, the preview scheme, plugins, window behaviour.
pub fn shell<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder
        .plugin(tauri_plugin_dialog::init())
        // Its script would open every link of the page by itself, past the check in [`native`].
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .manage(rpc::EventStreams::default())
        .register_asynchronous_uri_scheme_protocol(preview::SCHEME, preview::handle)
        // The same list stands in build.rs, which puts each under the access control list.
        .invoke_handler(tauri::generate_handler![
            rpc::rpc,
            rpc::subscribe,
            native::pick_folder,
            native::reveal,
            native::open_external,
            native::quit,
            login::start_at_login,
            login::set_start_at_login,
        ])
        .on_window_event(window::on_event)
}

/// Makes the engine reachable for commands, previews and the tray.
pub fn attach<R: Runtime>(app: &AppHandle<R>, engine: App, civitai_url: Url) {
    app.manage(engine);
    app.manage(CivitaiServer(civitai_url));
}

fn start<R: Runtime>(app: &AppHandle<R>, options: &Options) {
    let engine = match engine::open(options) {
        Ok(engine) => engine,
        Err(error) => return refuse(app, &error),
    };
    attach(app, engine, options.civitai_url.clone());
    app.manage(StartAtLogin::of(options));
    links::listen(app);
    if options.instance().is_none() {
        links::register(app);
    }
    quit_on_signal(app);
    if let Err(error) = tray::start(app) {
        tracing::warn!(%error, "no tray icon");
    }
    match &options.link {
        Some(link) => links::open(app, link),
        None if options.hidden => window::start_hidden(app),
        None => window::open_main(app),
    }
}

/// Without an engine there is nothing to show: says why, on the terminal and on the screen, and ends.
fn refuse<R: Runtime>(app: &AppHandle<R>, error: &Error) {
    engine::report(&error.message, error.hint.as_deref());
    window::tell(app, "Modeldock cannot start", error, |app| app.exit(1));
}

fn on_run_event<R: Runtime>(app: &AppHandle<R>, event: &RunEvent) {
    match event {
        // The last window has gone; the tray stays. Quit comes with a code.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        RunEvent::Exit => {
            if let Some(engine) = app.try_state::<App>() {
                tauri::async_runtime::block_on(engine.shutdown());
            }
        }
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => window::open_main(app),
        _ => {}
    }
}

/// A session that ends, or Ctrl+C in a terminal, is a quit like any other: nothing is left half done.
#[cfg(unix)]
fn quit_on_signal<R: Runtime>(app: &AppHandle<R>) {
    use tokio::signal::unix::{SignalKind, signal};

    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
        else {
            return tracing::warn!("cannot listen for signals");
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        app.exit(0);
    });
}

/// Windows ends a desktop program by closing its window.
#[cfg(not(unix))]
fn quit_on_signal<R: Runtime>(_: &AppHandle<R>) {}

fn start_log() {
    use tracing_subscriber::EnvFilter;

    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,modeldock_core=info,modeldock_desktop=info"));
    // An error means that a log was started before, which is as good.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
