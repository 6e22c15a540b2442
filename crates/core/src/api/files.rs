//! What is done to model files, and what was done.

use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::app::App;
use crate::care;
use crate::download::{Fallback, PathFacts, RootFolders, SafeExtension, plan_path, safe_name};
use crate::error::{Error, Result};
use crate::files::{self, Activity, Plan};
use crate::library::LibraryItem;
use crate::paths::name_of;
use crate::roots::{Layout, ScanPlan, model_folders};
use crate::store::{FileRow, RootRow};
use crate::units::{ActionId, FileId, RootId, VersionId};

/// Most files one command names.
pub(super) const MOST_IDS: usize = 10_000;

/// Things that were done and are listed.
const MOST_LISTED: u32 = 500;

/// Another name for a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct FileRename {
    /// Which.
    pub id: FileId,
    /// Its new name, with or without the ending, which stays as it is.
    pub name: String,
}

/// Models, and the folder they go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct FileMove {
    /// Which.
    pub ids: Vec<FileId>,
    /// The root they go to.
    pub root: RootId,
    /// The folder in it, with `/`; where its UI looks for such models if none is named.
    #[ts(optional = nullable)]
    #[serde(default)]
    pub folder: Option<String>,
}

/// Some models.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct FileIds {
    /// Which.
    pub ids: Vec<FileId>,
}

/// Something that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ActivityRequest {
    /// Which.
    pub id: ActionId,
}

pub(super) async fn rename(app: &App, request: FileRename) -> Result<Activity> {
    let models = rows(app, vec![request.id]).await?;
    act(app, move || match models.as_slice() {
        [model] => files::renames(model, request.name.trim()),
        _ => Err(Error::invalid("One model has one name")),
    })
    .await
}

pub(super) async fn move_to(app: &App, request: FileMove) -> Result<Activity> {
    let models = rows(app, request.ids.clone()).await?;
    let root = app.store().read(move |tx| Ok(tx.roots()?.into_iter().find(|root| root.id == request.root))).await?;
    let root = root.ok_or_else(|| Error::not_found(format!("There is no folder number {}", request.root.0)))?;
    let inside = request.folder.as_deref().map(inside).transpose()?;
    let ids = request.ids;
    let items = app.store().read(move |tx| ids.into_iter().map(|id| tx.library_item(id)).collect::<Result<Vec<_>>>());
    let items: Vec<LibraryItem> = items.await?.into_iter().flatten().collect();
    act(app, move || {
        files::moves(&models, |model| match &inside {
            Some(inside) => looked_into(&root, root.path.join(inside)),
            None => usual_folder(&root, model, items.iter().find(|item| item.id == model.id)),
        })
    })
    .await
}

pub(super) async fn trash(app: &App, request: FileIds) -> Result<Activity> {
    let models = rows(app, request.ids).await?;
    act(app, move || files::trashes(&models)).await
}

pub(super) async fn list(app: &App, _: Empty) -> Result<Vec<Activity>> {
    let entries = app.store().read(|tx| tx.actions(MOST_LISTED)).await?;
    Ok(entries.into_iter().map(files::Entry::told).collect())
}

pub(super) async fn undo(app: &App, request: ActivityRequest) -> Result<Activity> {
    let (store, lock) = (app.store().clone(), app.lock_files()?);
    let undone = blocking(move || {
        let _lock = lock;
        let entry = files::undo(&store, request.id)?;
        care::look_again(&store, &entry);
        Ok(entry)
    });
    undone.await.map(files::Entry::told)
}

/// Plans and does it, where waiting for a disk is allowed.
pub(super) async fn act(app: &App, plan: impl FnOnce() -> Result<Plan> + Send + 'static) -> Result<Activity> {
    let (store, lock) = (app.store().clone(), app.lock_files()?);
    let done = blocking(move || {
        let _lock = lock;
        let entry = files::carry_out(&store, plan()?, "user")?;
        care::look_again(&store, &entry);
        Ok(entry)
    });
    done.await.map(files::Entry::told)
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|source| {
        Err(Error::new(crate::error::Code::Internal, format!("A task ended early: {source}"))
            .hint("This is a defect of Modeldock; please report it"))
    })
}

async fn rows(app: &App, ids: Vec<FileId>) -> Result<Vec<FileRow>> {
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(Error::invalid(format!("1 to {MOST_IDS} files can be named at once")));
    }
    app.store()
        .read(move |tx| {
            let roots = tx.roots()?;
            let mut ids = ids;
            ids.sort_unstable();
            ids.dedup();
            let model = |id: FileId| {
                let unknown = || Error::not_found(format!("There is no file number {} in the library", id.0));
                tx.file_row(id)?.filter(|row| roots.iter().any(|root| root.id == row.root)).ok_or_else(unknown)
            };
            let models = ids.into_iter().map(model).collect::<Result<Vec<_>>>()?;
            files::refuse_managed(&models, &roots)?;
            Ok(models)
        })
        .await
}

/// A folder below a root, as typed.
fn inside(folder: &str) -> Result<PathBuf> {
    let path = Path::new(folder.trim_matches('/'));
    let is_plain = |component: Component<'_>| match component {
        // A hidden folder is one that no scan looks into.
        Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
        _ => false,
    };
    if folder.len() > 1000
        || folder.contains(|character: char| character.is_control())
        || !path.components().all(is_plain)
    {
        return Err(Error::invalid("That is no folder below the root").hint("Name it like `loras/characters`"));
    }
    Ok(path.to_owned())
}

/// What is moved stays in the library: the folder must be one that the UI looks into.
fn looked_into(root: &RootRow, folder: PathBuf) -> Result<PathBuf> {
    if root.layout == Layout::InvokeAi {
        return Err(Error::invalid(format!("InvokeAI manages the models in `{}` itself", root.path.display()))
            .hint("Add the model from where it is in InvokeAI's Model Manager"));
    }
    let plan = ScanPlan::new(model_folders(root.layout, &root.path));
    if plan.bases().iter().any(|base| folder.starts_with(base)) {
        return Ok(folder);
    }
    let below = |base: &PathBuf| base.strip_prefix(&root.path).ok().map(|base| base.display().to_string());
    let example = plan.bases().iter().filter_map(below).min_by_key(String::len).unwrap_or_else(|| "models".to_owned());
    Err(Error::invalid(format!("No models are looked for in `{}`", folder.display()))
        .hint(format!("Name a folder below `{example}`")))
}

/// Where this root's UI looks for such a model.
pub(super) fn usual_folder(root: &RootRow, model: &FileRow, item: Option<&LibraryItem>) -> Result<PathBuf> {
    let folders = model_folders(root.layout, &root.path);
    let folders =
        RootFolders { layout: root.layout, root: &root.path, folders: &folders, exists: &|path| path.is_dir() };
    let kind = item.map_or(&model.kind, |item| &item.kind);
    let facts = PathFacts {
        base_model: item.and_then(|item| item.base_model.as_deref()),
        creator: item.and_then(|item| item.creator.as_deref()),
        model: item.and_then(|item| item.model_name.as_deref()),
        version: item.and_then(|item| item.version_name.as_deref()),
        kind,
        tag: None,
    };
    let name = name_of(&model.path);
    let extension = SafeExtension::of(&name).unwrap_or(SafeExtension::SAFETENSORS);
    let name = safe_name(&name, extension, Fallback::Version { model: None, version: VersionId(0) });
    Ok(plan_path(&folders, &root.places, kind, &facts, name)?.folder)
}
