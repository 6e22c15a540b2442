//! What the page cannot do without a window: pick a folder, show a file, open a link, quit.
//!
//! Each is narrower than the plugin behind it, and the plugins' own commands stay closed to the page: a file is shown by
//! its row in the library, never by a path, and a link opens only if it leads to Civitai.

use modeldock_core::units::FileId;
use modeldock_core::{App, Code, Error};
use tauri::{AppHandle, Runtime, State, Window};
use tauri_plugin_dialog::DialogExt as _;
use tauri_plugin_opener::OpenerExt as _;
use tokio::sync::oneshot;
use url::{Host, Url};

/// Civitai's sites; their subdomains are its sites too.
const CIVITAI_DOMAINS: [&str; 3] = ["civitai.com", "civitai.red", "civitai.green"];

/// The configured look-up server: links may lead there too.
#[derive(Debug, Clone)]
pub struct CivitaiServer(
    /// Only its origin matters.
    pub Url,
);

/// Lets the user choose a folder. Null if they change their mind.
#[tauri::command]
pub(crate) async fn pick_folder<R: Runtime>(window: Window<R>) -> Result<Option<String>, Error> {
    let (chosen, choice) = oneshot::channel();
    let dialog = window.dialog().file().set_title("Add a model folder");
    dialog.pick_folder(move |folder| {
        // The receiver is gone if the window was closed meanwhile.
        let _ = chosen.send(folder);
    });
    let Ok(Some(folder)) = choice.await else { return Ok(None) };
    let path = folder
        .into_path()
        .map_err(|error| Error::new(Code::Internal, format!("The folder dialog gave something else: {error}")))?;
    match path.into_os_string().into_string() {
        Ok(path) => Ok(Some(path)),
        Err(path) => Err(Error::invalid(format!("The name of `{}` is not valid Unicode", path.display()))
            .hint("Add the folder above it instead")),
    }
}

/// Shows a file of the library in the file manager.
#[tauri::command]
pub(crate) async fn reveal<R: Runtime>(
    app: AppHandle<R>,
    engine: State<'_, App>,
    file_id: FileId,
) -> Result<(), Error> {
    let path = engine.file_path(file_id).await?;
    if !path.is_absolute() {
        return Err(Error::not_found(format!("There is no file with the id {} on disk", file_id.0)));
    }
    let shown = path.clone();
    let result = tauri::async_runtime::spawn_blocking(move || app.opener().reveal_item_in_dir(&path)).await;
    let problem = match result {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    };
    Err(Error::new(Code::Io, format!("Could not show `{}` in the file manager: {problem}", shown.display())))
}

/// Opens a page of Civitai in the browser.
#[tauri::command]
pub(crate) async fn open_external<R: Runtime>(
    app: AppHandle<R>,
    server: State<'_, CivitaiServer>,
    url: String,
) -> Result<(), Error> {
    let url = external_url(&url, &server.0)?;
    let text = String::from(url);
    let result = tauri::async_runtime::spawn_blocking(move || app.opener().open_url(text, None::<&str>)).await;
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Error::new(Code::Io, format!("Could not open the browser: {error}"))),
        Err(error) => Err(Error::new(Code::Internal, format!("Could not open the browser: {error}"))),
    }
}

/// Ends the app as the tray's Quit does; the only way where there is no tray.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands over commands' arguments")]
pub(crate) fn quit<R: Runtime>(app: AppHandle<R>) {
    app.exit(0);
}

/// A link, normalised, if it may be opened: https to Civitai, or the configured server's own origin.
///
/// What is opened is the parsed URL written anew, so that the browser cannot read the text differently from this check.
pub fn external_url(text: &str, server: &Url) -> Result<Url, Error> {
    let refused = || Error::invalid("Only pages of Civitai can be opened from here");
    if text.chars().any(|character| character.is_control() || character.is_whitespace() || character == '\\') {
        return Err(refused());
    }
    let url = Url::parse(text).map_err(|_| refused())?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused());
    }
    if is_same_site(&url, server) || is_civitai(&url) { Ok(url) } else { Err(refused()) }
}

/// Whether a page is of a server. The scheme is compared too, as `blob:https://civitai.com/1` has Civitai's origin.
pub(crate) fn is_same_site(url: &Url, server: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.scheme() == server.scheme() && url.origin() == server.origin()
}

fn is_civitai(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    url.scheme() == "https"
        && url.port().is_none()
        && CIVITAI_DOMAINS.iter().any(|domain| {
            host == *domain
                || host
                    .strip_suffix(domain)
                    .and_then(|rest| rest.strip_suffix('.'))
                    .is_some_and(|subdomain| subdomain.split('.').all(|label| !label.is_empty()))
        })
}
