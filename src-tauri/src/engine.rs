//! Starting the engine: which data folder, which server, who else is there, and what to say when it cannot be.

use std::process::ExitCode;
use std::sync::Arc;

use modeldock_civitai::{Client, ClientConfig};
use modeldock_core::{App, Code, Error, Paths, Role};
use tauri::Runtime;
use tauri::plugin::TauriPlugin;

use crate::links;
use crate::options::{Options, link_among};
use crate::window;

/// Opens the data folder as its owner and starts the workers. The app never runs as a guest: a tray that cannot scan
/// would only look alive.
pub(crate) fn open(options: &Options) -> Result<App, Error> {
    let paths = Paths::resolve(options.data_dir.clone())?;
    let config = ClientConfig::at(options.civitai_url.as_str()).links(options.link_urls.clone());
    let client = Client::new(config).map_err(|error| {
        Error::invalid(error.to_string()).hint("Check `--civitai-url` and the variable MODELDOCK_CIVITAI_URL")
    })?;
    // The engine remembers the runtime it is opened in.
    let opened = tauri::async_runtime::block_on(async { App::open(paths, Role::Owner, Arc::new(client)) });
    let engine = opened.map_err(|error| match error.code {
        // Another desktop app would have been raised instead: see [`single_instance`].
        Code::Busy => error.hint("Let the `modeldock` command that is running finish, or stop it, then start again"),
        _ => error,
    })?;
    engine.start_workers();
    Ok(engine)
}

/// Makes a second start raise the first one's window and end.
///
/// The plugin knows one name for each app. A data folder of its own makes an app of its own, so on Linux the folder
/// enters the name; elsewhere the plugin cannot tell them apart, and the lock on the data folder alone guards it.
pub(crate) fn single_instance<R: Runtime>(options: &Options) -> TauriPlugin<R> {
    if !cfg!(target_os = "linux") && options.data_dir.is_some() {
        return tauri::plugin::Builder::new("several-instances").build();
    }
    let builder = tauri_plugin_single_instance::Builder::new().callback(|app, arguments, _| {
        match link_among(arguments.iter().skip(1)) {
            Some(link) => links::open(app, link),
            // A start at login beside a running app is no wish to see it.
            None if arguments.iter().any(|argument| argument == "--hidden") => {}
            None => window::open_main(app),
        }
    });
    match options.instance() {
        None => builder.build(),
        Some(own) => builder.dbus_id(format!("app.modeldock.desktop.d{own}")).build(),
    }
}

/// GTK ends the process with a panic when there is no display; everything else brings one.
pub(crate) fn display_present() -> bool {
    let given = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || given("DISPLAY") || given("WAYLAND_DISPLAY")
}

/// Says on the terminal why there will be no window.
pub(crate) fn fail(message: &str, hint: &str) -> ExitCode {
    report(message, Some(hint));
    ExitCode::FAILURE
}

/// An error in the form the command line has.
#[expect(clippy::print_stderr, reason = "a program that cannot start tells so where it was started")]
pub(crate) fn report(message: &str, hint: Option<&str>) {
    eprintln!("error: {message}");
    if let Some(hint) = hint {
        eprintln!("hint: {hint}");
    }
}
