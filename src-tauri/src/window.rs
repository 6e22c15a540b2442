//! The one window: made on demand, closed to the tray, and never showing anything but our own page.
//!
//! Closing it destroys it: the page's memory, a hundred megabytes and more, is not kept for a tool that is looked at
//! once a day. Opening it again takes about a second.

use std::fs::OpenOptions;

use modeldock_core::catalog::Reference;
use modeldock_core::units::FileId;
use modeldock_core::{App, Error, Paths};
use tauri::plugin::TauriPlugin;
use tauri::webview::{NewWindowResponse, PageLoadEvent, PermissionResponse};
use tauri::{
    AppHandle, CloseRequestApi, Manager as _, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};
use tauri_plugin_dialog::{DialogExt as _, MessageDialogButtons, MessageDialogKind};
use tauri_plugin_window_state::StateFlags;
use url::Url;

use crate::native::is_same_site;
use crate::options::Options;
use crate::rpc::EventStreams;
use crate::tray;

/// The window's label, by which the capability names it.
pub const MAIN: &str = "main";

/// In the data folder: where the window was.
const REMEMBERED: &str = "window.json";

/// In the data folder once the user knows what closing does without a tray.
const MINIMISE_TOLD: &str = "told-that-closing-minimises";

/// A place of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The library.
    Library,
    /// A file in the library, with its details.
    File(FileId),
    /// The downloads.
    Downloads,
    /// The settings.
    Settings,
    /// What would be downloaded of a model.
    Plan(Reference),
}

impl Place {
    /// In the page's address. Made of nothing but words and numbers, so it can stand in a script.
    fn fragment(self) -> String {
        match self {
            Self::Library => "#/library".to_owned(),
            Self::File(file) => format!("#/library/{}", file.0),
            Self::Settings => "#/settings".to_owned(),
            Self::Plan(Reference { version: Some(version), .. }) => format!("#/downloads/plan/{}", version.0),
            Self::Plan(Reference { model: Some(model), .. }) => {
                format!("#/downloads/plan/https%3A%2F%2Fcivitai.com%2Fmodels%2F{}", model.0)
            }
            Self::Downloads | Self::Plan(Reference { model: None, version: None }) => "#/downloads".to_owned(),
        }
    }
}

/// Keeps the window's size, place and whether it is maximised, in the data folder; written when the app ends.
///
/// Whether it is visible is not kept: a hidden start is asked for, never remembered.
pub(crate) fn remembered<R: Runtime>(options: &Options) -> TauriPlugin<R> {
    let flags = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED | StateFlags::FULLSCREEN;
    let mut builder = tauri_plugin_window_state::Builder::new().with_state_flags(flags);
    // The plugin joins the name to its own folder, so that a whole path stands for itself.
    let path = Paths::resolve(options.data_dir.clone()).ok().map(|paths| paths.data_dir().join(REMEMBERED));
    if let Some(path) = path.filter(|path| path.is_absolute()).and_then(|path| path.into_os_string().into_string().ok())
    {
        builder = builder.with_filename(path);
    }
    builder.build()
}

/// Brings the window to the front, or makes it.
pub(crate) fn open_main<R: Runtime>(app: &AppHandle<R>) {
    let result = match app.get_webview_window(MAIN) {
        Some(window) => raise(&window),
        None => build_main(app).map(drop),
    };
    if let Err(error) = result {
        tracing::error!(%error, "could not open the window");
    }
}

/// As [`open_main`], showing this place.
pub(crate) fn open_at<R: Runtime>(app: &AppHandle<R>, place: Place) {
    let result = match app.get_webview_window(MAIN) {
        // As if the user had followed a link: the page keeps everything else, and Back leads back.
        Some(window) => window.eval(format!("location.hash = '{}'", place.fragment())).and_then(|()| raise(&window)),
        None => build(app, WebviewUrl::App(place.fragment().into())).map(drop),
    };
    if let Err(error) = result {
        tracing::error!(%error, "could not open the window");
    }
}

/// Whether the user looks at the window at the moment.
pub(crate) fn is_watched<R: Runtime>(app: &AppHandle<R>) -> bool {
    app.get_webview_window(MAIN).is_some_and(|window| window.is_focused().unwrap_or(false))
}

/// At the start with `--hidden`: nothing to see, unless there is no tray to open the window from.
pub(crate) fn start_hidden<R: Runtime>(app: &AppHandle<R>) {
    if tray::host_present() {
        return;
    }
    let result = build_main(app).and_then(|window| window.minimize());
    if let Err(error) = result {
        tracing::error!(%error, "could not open the window");
    }
}

fn raise<R: Runtime>(window: &WebviewWindow<R>) -> tauri::Result<()> {
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

/// Makes the window. Public for tests, where a mock app has no event loop to wait for.
pub fn build_main<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<WebviewWindow<R>> {
    build(app, WebviewUrl::default())
}

fn build<R: Runtime>(app: &AppHandle<R>, url: WebviewUrl) -> tauri::Result<WebviewWindow<R>> {
    let development_server = if tauri::is_dev() { app.config().build.dev_url.clone() } else { None };
    WebviewWindowBuilder::new(app, MAIN, url)
        .title("Modeldock")
        .inner_size(1280.0, 800.0)
        .min_inner_size(900.0, 600.0)
        // Shown once the page is there, so that no white rectangle flashes up.
        .visible(false)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Finished
                && let Err(error) = window.show()
            {
                tracing::error!(%error, "could not show the window");
            }
        })
        .on_navigation(move |url| {
            let own = is_own_page(url, development_server.as_ref());
            if !own {
                tracing::warn!(%url, "refused to leave our own page");
            }
            own
        })
        .on_new_window(|url, _| {
            tracing::warn!(%url, "refused to open another window");
            NewWindowResponse::Deny
        })
        .on_download(|_, _| false)
        .on_permission_request(|_, _| PermissionResponse::Deny)
        .build()
}

/// Whether the window may show this: the page inside the app, or the development server's in a development build.
///
/// Exact origins, not prefixes: `tauri://localhost.example.com` is not ours.
pub fn is_own_page(url: &Url, development_server: Option<&Url>) -> bool {
    if development_server.is_some_and(|server| is_same_site(url, server)) {
        return true;
    }
    let bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    bare && match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // How WebView2 calls it.
        "http" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    }
}

/// What happens to the window.
pub(crate) fn on_event<R: Runtime>(window: &tauri::Window<R>, event: &WindowEvent) {
    if window.label() != MAIN {
        return;
    }
    match event {
        WindowEvent::CloseRequested { api, .. } => close(window, api),
        WindowEvent::Destroyed => window.state::<EventStreams>().end(MAIN),
        _ => {}
    }
}

/// With a tray the window goes; without one it is minimised, as nothing else could bring it back.
fn close<R: Runtime>(window: &tauri::Window<R>, api: &CloseRequestApi) {
    if tray::host_present() {
        return;
    }
    if window.is_minimized().unwrap_or(false) {
        // Closed from the taskbar: there is nothing left to minimise, and no tray to quit from.
        window.app_handle().exit(0);
        return;
    }
    api.prevent_close();
    if let Err(error) = window.minimize() {
        tracing::warn!(%error, "could not minimise the window");
    }
    if first_minimise(window.state::<App>().paths()) {
        let app = window.app_handle().clone();
        window
            .dialog()
            .message(
                "This desktop has no tray, so closing the window minimises it and Modeldock goes on working. \
                 To end it, choose Quit here, or close it in the taskbar while it is minimised.",
            )
            .title("Modeldock is still running")
            .buttons(MessageDialogButtons::OkCancelCustom("Keep running".into(), "Quit".into()))
            .show(move |keep_running| {
                if !keep_running {
                    app.exit(0);
                }
            });
    }
}

/// Whether this is the first time, over all starts: the marker in the data folder cannot be made twice.
fn first_minimise(paths: &Paths) -> bool {
    OpenOptions::new().write(true).create_new(true).open(paths.data_dir().join(MINIMISE_TOLD)).is_ok()
}

/// Tells the user about a failure in the operating system's own way, then goes on with `then`.
pub(crate) fn tell<R: Runtime>(
    app: &AppHandle<R>,
    title: &str,
    error: &Error,
    then: impl FnOnce(&AppHandle<R>) + Send + 'static,
) {
    let text = match &error.hint {
        Some(hint) => format!("{}\n\n{hint}", error.message),
        None => error.message.clone(),
    };
    let handle = app.clone();
    app.dialog().message(text).title(title).kind(MessageDialogKind::Error).show(move |_| then(&handle));
}
