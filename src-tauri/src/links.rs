//! Links to models that are opened with this app: a click on `modeldock://…` in a browser, or a link given as an argument.
//!
//! Anybody can write such a link, so it only ever shows what would be downloaded, and nothing of its text survives: the
//! engine reads which model it means, and the page is handed the numbers.

use modeldock_core::catalog::Reference;
use modeldock_core::{App, Error};
use tauri::{AppHandle, Manager as _, Runtime};
use tauri_plugin_deep_link::DeepLinkExt as _;
use url::Url;

use crate::window::{self, Place};

/// The app's own scheme, as in `tauri.conf.json`.
const SCHEME: &str = "modeldock";

/// Longer than any link to a model, in bytes.
const LONGEST: usize = 2000;

/// A link of one's own scheme that names no model has this much of itself shown, in characters.
const SHOWN: usize = 120;

/// What a link wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// To see the window.
    Window,
    /// What is in this text: a page's address, an AIR or a number, for the engine to read.
    Model(String),
}

/// Reads a link as far as its own scheme goes.
///
/// `modeldock://download?what=` takes anything that names a model, percent-encoded; `modeldock://civitai.com/models/…`
/// is that page's address with another scheme; `modeldock://open` shows the window. Everything else is taken as it is.
pub fn wanted(text: &str) -> Wanted {
    let text = text.trim();
    let Some(url) = Url::parse(text).ok().filter(|url| url.scheme() == SCHEME) else {
        return Wanted::Model(text.to_owned());
    };
    match url.host_str().unwrap_or_default() {
        "" | "open" => Wanted::Window,
        "download" => {
            let what = url.query_pairs().find(|(key, _)| key == "what").map(|(_, value)| value.into_owned());
            what.map_or(Wanted::Window, Wanted::Model)
        }
        _ => Wanted::Model(format!("https{}", url.as_str().get(SCHEME.len()..).unwrap_or_default())),
    }
}

/// Shows what a link means: the plan of a download, or why there is none.
pub(crate) fn open<R: Runtime>(app: &AppHandle<R>, text: &str) {
    let what = match wanted(text) {
        Wanted::Window => return window::open_main(app),
        Wanted::Model(what) => what,
    };
    match app.try_state::<App>().and_then(|engine| read(&engine, &what)) {
        Some(reference) => window::open_at(app, Place::Plan(reference)),
        None => {
            window::open_main(app);
            let error = Error::invalid(format!("`{}` names no model at Civitai", shown(text)))
                .hint("Open the address of a model's page, or an AIR such as urn:air:sdxl:lora:civitai:123@456");
            window::tell(app, "Modeldock cannot open this link", &error, |_| ());
        }
    }
}

fn read(engine: &App, what: &str) -> Option<Reference> {
    (what.len() <= LONGEST).then(|| engine.reference(what)).flatten()
}

/// The beginning of a link, without what could disguise it.
fn shown(text: &str) -> String {
    let plain: String = text.chars().filter(char::is_ascii_graphic).take(SHOWN).collect();
    if plain.len() < text.len() { format!("{plain}…") } else { plain }
}

/// Listens for links that the system hands over while the app runs. Only macOS does; elsewhere a second start brings
/// them (`engine::single_instance`).
pub(crate) fn listen<R: Runtime>(app: &AppHandle<R>) {
    let handle = app.clone();
    app.deep_link().on_open_url(move |event| {
        for url in event.urls() {
            open(&handle, url.as_str());
        }
    });
}

/// Makes this program the one that opens such links, where no installer could: from an image or a folder of its own.
///
/// The registration names the executable, so a moved one registers itself again. A data folder given by hand is an app
/// beside the user's own and takes nothing over.
pub(crate) fn register<R: Runtime>(app: &AppHandle<R>) {
    let is_installed = std::env::current_exe().is_ok_and(|path| path.starts_with("/usr"));
    if cfg!(any(debug_assertions, target_os = "macos")) || is_installed {
        return;
    }
    let app = app.clone();
    // It runs programs of the desktop, which may take their time.
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(error) = app.deep_link().register_all() {
            tracing::warn!(%error, "could not register for modeldock:// links");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(text: &str) -> Wanted {
        Wanted::Model(text.to_owned())
    }

    #[test]
    fn a_links_own_scheme_is_taken_off() {
        assert_eq!(wanted("modeldock://open"), Wanted::Window);
        assert_eq!(wanted("modeldock:"), Wanted::Window);
        assert_eq!(
            wanted("modeldock://download?what=urn%3Aair%3Asdxl%3Alora%3Acivitai%3A1%402"),
            model("urn:air:sdxl:lora:civitai:1@2")
        );
        assert_eq!(
            wanted("modeldock://download/?what=https%3A%2F%2Fcivitai.com%2Fmodels%2F1%3FmodelVersionId%3D2"),
            model("https://civitai.com/models/1?modelVersionId=2")
        );
        assert_eq!(
            wanted("modeldock://civitai.com/models/1?modelVersionId=2"),
            model("https://civitai.com/models/1?modelVersionId=2")
        );
        assert_eq!(wanted("MODELDOCK://civitai.com/models/1"), model("https://civitai.com/models/1"));
    }

    #[test]
    fn anything_else_is_for_the_engine_to_read() {
        for text in ["https://civitai.com/models/1", "urn:air:sdxl:lora:civitai:1@2", "12", "nonsense", ""] {
            assert_eq!(wanted(text), model(text));
        }
        assert_eq!(wanted("modeldock://evil.example/models/1"), model("https://evil.example/models/1"));
    }

    #[test]
    fn what_is_shown_of_a_link_cannot_disguise_itself() {
        assert_eq!(shown("modeldock://x"), "modeldock://x");
        assert_eq!(shown("a\u{202e}b\nc"), "abc…");
        assert_eq!(shown(&"x".repeat(500)).chars().count(), SHOWN + 1);
    }
}
