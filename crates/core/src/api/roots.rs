//! Model roots: find, add, list, forget.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::roots::{self, DetectedRoot, Layout, RootInfo, Watching};
use crate::units::RootId;
use crate::watch::Method;

/// Where to look for installations.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct DetectRequest {
    /// Only below these folders; empty means the usual places of this computer.
    pub within: Vec<String>,
}

/// A folder to add.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct RootAdd {
    /// Absolute, or starting with `~`.
    pub path: String,
    /// Which convention it follows; recognised where it is not given.
    #[serde(default)]
    pub layout: Option<Layout>,
}

/// A root to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RootRemove {
    /// Which.
    pub id: RootId,
}

pub(super) async fn detect(app: &App, request: DetectRequest) -> Result<Vec<DetectedRoot>> {
    let known = app.store().read(|tx| tx.roots()).await?;
    blocking(move || {
        let within = match request.within.as_slice() {
            [] => roots::usual_places(),
            named => named.iter().map(|path| crate::paths::expand_home(path)).collect(),
        };
        let mut found = roots::find(&within);
        let added = |path: &std::path::Path| known.iter().any(|root| same_folder(&root.path, path));
        // What is in the library is shown even if it lies somewhere unusual.
        found.retain(|(path, _)| !known.iter().any(|root| root.path == *path));
        let mut all: Vec<(PathBuf, Layout)> = found;
        all.extend(
            known
                .iter()
                .filter(|root| request.within.is_empty() || all_within(&within, &root.path))
                .map(|root| (root.path.clone(), root.layout)),
        );
        all.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(all
            .into_iter()
            .map(|(path, layout)| {
                let (files, bytes) = crate::scan::count(&roots::ScanPlan::new(roots::model_folders(layout, &path)));
                DetectedRoot {
                    name: crate::paths::name_of(&path),
                    added: added(&path),
                    path: path.display().to_string(),
                    layout,
                    files,
                    bytes: crate::units::ByteCount(bytes),
                }
            })
            .collect())
    })
    .await
}

pub(super) async fn list(app: &App, _: Empty) -> Result<Vec<RootInfo>> {
    let mut roots = app.store().read(|tx| tx.root_infos()).await?;
    let methods = app.watcher().map(|watcher| watcher.methods()).unwrap_or_default();
    for (id, method, note) in methods {
        if let Some(root) = roots.iter_mut().find(|root| root.id == id) {
            root.watching = match method {
                Method::Events => Watching::Events,
                Method::Polling => Watching::Polling,
                Method::Unwatched => Watching::Off,
            };
            root.watching_note = note;
        }
    }
    Ok(roots)
}

pub(super) async fn add(app: &App, request: RootAdd) -> Result<RootInfo> {
    let known = app.store().read(|tx| tx.roots()).await?;
    let (path, layout) = blocking(move || {
        let path = checked_folder(&request.path)?;
        if let Some(same) = known.iter().find(|root| same_folder(&root.path, &path)) {
            return Ok((same.path.clone(), request.layout.unwrap_or(same.layout)));
        }
        let layout = request.layout.or_else(|| roots::layout_of(&path)).unwrap_or(Layout::Plain);
        for root in &known {
            let plan = roots::ScanPlan::new(roots::model_folders(root.layout, &root.path));
            if plan.bases().iter().any(|base| path.starts_with(base)) {
                let message = format!("`{}` is already part of `{}`", path.display(), root.path.display());
                return Err(Error::invalid(message).hint("Nothing needs to be added: its files are in the library"));
            }
        }
        Ok((path, layout))
    })
    .await?;
    app.store()
        .write(move |tx| {
            let id = tx.add_root(&path, layout, crate::units::UnixMillis::now())?;
            tx.set_root_state(id, true, None)?;
            tx.publish(Event::RootsChanged);
            let infos = tx.root_infos()?;
            infos
                .into_iter()
                .find(|info| info.id == id)
                .ok_or_else(|| Error::new(Code::Internal, "The folder was added and is not there"))
        })
        .await
}

pub(super) async fn remove(app: &App, request: RootRemove) -> Result<Empty> {
    app.store()
        .write(move |tx| {
            if !tx.remove_root(request.id)? {
                return Err(Error::not_found(format!("There is no model folder number {}", request.id.0))
                    .hint("`modeldock roots list` shows them"));
            }
            tx.publish(Event::RootsChanged);
            tx.publish(Event::LibraryChanged);
            Ok(Empty {})
        })
        .await
}

/// The folder the user means: absolute, there, and a folder.
fn checked_folder(text: &str) -> Result<PathBuf> {
    let typed = crate::paths::expand_home(text.trim());
    if text.trim().is_empty() || text.contains('\0') {
        return Err(Error::invalid("A folder must be named"));
    }
    if !typed.is_absolute() {
        return Err(Error::invalid(format!("`{}` is not an absolute path", typed.display()))
            .hint("Write the whole path, from the root or with ~"));
    }
    let path = std::path::absolute(&typed).map_err(|source| Error::io("use", &typed, &source))?;
    // A trailing separator and `..` would make one folder two.
    let path: PathBuf = path.components().collect();
    let metadata = std::fs::metadata(&path).map_err(|source| Error::io("read folder", &path, &source))?;
    if !metadata.is_dir() {
        return Err(Error::invalid(format!("`{}` is not a folder", path.display())));
    }
    if path.parent().is_none() {
        return Err(Error::invalid("A whole disk cannot be added").hint("Name the folder the models are in"));
    }
    std::fs::read_dir(&path).map_err(|source| Error::io("read folder", &path, &source))?;
    Ok(path)
}

fn same_folder(a: &std::path::Path, b: &std::path::Path) -> bool {
    a == b || matches!((a.canonicalize(), b.canonicalize()), (Ok(a), Ok(b)) if a == b)
}

fn all_within(places: &[PathBuf], path: &std::path::Path) -> bool {
    places.iter().any(|place| path.starts_with(place))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|source| Err(Error::new(Code::Internal, format!("A task ended early: {source}"))))
}
