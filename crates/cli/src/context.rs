//! What every command needs: where the library is, whom to ask, how to speak.

use std::sync::Arc;

use modeldock_civitai::{Client, ClientConfig, DEFAULT_BASE_URL, LinkUrls};
use modeldock_core::roots::RootInfo;
use modeldock_core::units::RootId;
use modeldock_core::{App, Error, Paths, Result, expand_home};
use serde::de::DeserializeOwned;

use crate::args::Global;

/// The global options, resolved as they are needed.
pub(crate) struct Context {
    global: Global,
}

impl Context {
    pub(crate) fn new(global: Global) -> Self {
        Self { global }
    }

    /// Whether results are JSON.
    pub(crate) fn json(&self) -> bool {
        self.global.json
    }

    /// The data folder, if one was named.
    pub(crate) fn data_dir(&self) -> Option<std::path::PathBuf> {
        self.global.data_dir.clone()
    }

    /// The look-up client.
    pub(crate) fn client(&self) -> Result<Client> {
        let named = self.global.civitai_url.clone().or_else(|| variable("MODELDOCK_CIVITAI_URL"));
        let mut links = self.global.link_url.clone();
        if links.is_empty() {
            links.extend(variable("MODELDOCK_LINK_URL"));
        }
        client_at(named.as_deref().unwrap_or(DEFAULT_BASE_URL), &links)
    }

    /// The library; as its owner if nobody else is.
    pub(crate) fn open(&self) -> Result<App> {
        let app = App::open_any(Paths::resolve(self.data_dir())?, Arc::new(self.client()?))?;
        app.notices().iter().for_each(|notice| crate::output::note(notice));
        Ok(app)
    }

    /// As [`Self::open`], for what asks Civitai: with the user's key. Everything else must not wait for a keyring.
    pub(crate) async fn open_asking(&self) -> Result<App> {
        let app = self.open()?;
        app.load_key().await;
        Ok(app)
    }
}

/// What a variable of the environment says. An empty one is how scripts and service files say that it is not set.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    Some(value.to_string_lossy().into_owned())
}

/// A client for the server at `url`, and for the relays that `links` name.
pub(crate) fn client_at(url: &str, links: &[String]) -> Result<Client> {
    let links = LinkUrls::named(links).map_err(|error| {
        let example = LinkUrls::default().com;
        Error::invalid(error.to_string())
            .hint(format!("An address looks like {example}; check --link-url and the variable MODELDOCK_LINK_URL"))
    })?;
    Client::new(ClientConfig::at(url).links(links)).map_err(|error| {
        Error::invalid(format!("`{url}` cannot be asked: {error}")).hint(format!(
            "An address looks like {DEFAULT_BASE_URL}; check --civitai-url and the variable MODELDOCK_CIVITAI_URL"
        ))
    })
}

/// Calls a command of the table and reads its answer.
pub(crate) async fn call<T: DeserializeOwned>(app: &App, name: &str, request: serde_json::Value) -> Result<T> {
    let answer = app.call(name, request).await?;
    serde_json::from_value(answer).map_err(|source| {
        Error::new(modeldock_core::Code::Internal, format!("The answer of `{name}` cannot be read: {source}"))
    })
}

/// The root that a person names by its number or its path.
pub(crate) async fn find_root(app: &App, named: &str) -> Result<RootInfo> {
    let roots: Vec<RootInfo> = call(app, "roots_list", serde_json::json!({})).await?;
    let path = absolute(std::path::Path::new(named))?;
    roots
        .into_iter()
        .find(|root| named.parse() == Ok(root.id.0) || std::path::Path::new(&root.path) == path)
        .ok_or_else(|| {
            Error::not_found(format!("`{named}` is not a folder of the library"))
                .hint("`modeldock roots list` shows the folders and their numbers")
        })
}

/// The roots that a person names.
pub(crate) async fn find_roots(app: &App, named: &[String]) -> Result<Vec<RootId>> {
    let mut roots = Vec::with_capacity(named.len());
    for name in named {
        roots.push(find_root(app, name).await?.id);
    }
    Ok(roots)
}

/// The path a person means, from the current folder.
pub(crate) fn absolute(path: &std::path::Path) -> Result<std::path::PathBuf> {
    if path.as_os_str().is_empty() {
        return Err(Error::invalid("An empty name is no file or folder")
            .hint("A variable in the command may be empty; `.` means the current folder"));
    }
    let path = match path.to_str() {
        Some(text) => expand_home(text),
        None => path.to_owned(),
    };
    let absolute = std::path::absolute(&path).map_err(|source| Error::io("use", &path, &source))?;
    Ok(absolute.components().collect())
}
