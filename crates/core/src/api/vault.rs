//! The vault: looking at it, reading it anew, and putting things in and out.

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::app::App;
use crate::download::{AskedBy, VaultPart};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::units::{CivitaiFileId, DownloadId, FileId, RootId, VaultItemId, VersionId};
use crate::vault::{self, Changed, VaultOutcome, VaultSide, VaultView, Wish};

/// Most versions and files one change may name.
const MAX_WISHES: usize = 1000;

/// What is to be in the vault, or out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct VaultChange {
    /// These versions.
    #[serde(default)]
    pub versions: Vec<VersionId>,
    /// The versions that these files of the library are.
    #[serde(default)]
    pub files: Vec<FileId>,
    /// Where they are to be.
    pub to: VaultSide,
}

/// What became of one version or file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct VaultChangeReport {
    /// The version; nothing where a file is not known to be one.
    pub version: Option<VersionId>,
    /// The file, where one was named.
    pub file: Option<FileId>,
    /// For people: the model's and the version's name, or the file's.
    pub title: String,
    /// What became of it.
    pub outcome: VaultOutcome,
    /// Why it is not where it was to be.
    pub problem: Option<Error>,
}

/// What to download from the vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct VaultDownload {
    /// These items; everything that is missing here if none are named.
    #[serde(default)]
    pub items: Vec<VaultItemId>,
    /// These parts of each; the model file if none are named.
    #[serde(default)]
    pub parts: Vec<VaultPart>,
    /// Which of an item's model files; the main one if none is named.
    #[serde(default)]
    pub file: Option<CivitaiFileId>,
    /// The root they go to; for each the one with most of its like if none is named.
    #[serde(default)]
    pub root: Option<RootId>,
}

/// What came of asking for one part of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct VaultDownloadReport {
    /// The item.
    pub item: VaultItemId,
    /// Which part of it.
    pub part: VaultPart,
    /// For people: the model's and the version's name.
    pub title: String,
    /// The download; nothing if there is none.
    pub download: Option<DownloadId>,
    /// The same one was on its way already.
    pub was_there: bool,
    /// Why there is none.
    pub problem: Option<Error>,
}

pub(super) async fn download(app: &App, request: VaultDownload) -> Result<Vec<VaultDownloadReport>> {
    app.download_from_vault(request, AskedBy::User).await
}

pub(super) async fn show(app: &App, _: Empty) -> Result<VaultView> {
    vault::view(app.store()).await
}

pub(crate) async fn sync(app: &App, _: Empty) -> Result<VaultView> {
    refuse_if_switched_off(app).await?;
    let turn = app.vault_turn().await;
    vault::sync(app.store(), &*app.vault()).await?;
    drop(turn);
    let view = vault::view(app.store()).await?;
    if view.problem.as_ref().is_some_and(|problem| problem.code == Code::Unauthorised) {
        app.account().doubt().await;
    }
    Ok(view)
}

pub(super) async fn change(app: &App, request: VaultChange) -> Result<Vec<VaultChangeReport>> {
    if request.versions.len().saturating_add(request.files.len()) > MAX_WISHES {
        return Err(Error::invalid(format!("At most {MAX_WISHES} versions and files can be named at once")));
    }
    if request.versions.is_empty() && request.files.is_empty() {
        return Err(Error::invalid("Nothing is named that could be put in or taken out"));
    }
    if let Some(version) = request.versions.iter().find(|version| version.0 <= 0) {
        return Err(Error::invalid(format!("There is no version {}", version.0)));
    }
    refuse_if_switched_off(app).await?;
    let to = request.to;
    let subjects = subjects(app, request).await?;
    let wishes: Vec<Wish> = subjects.iter().filter_map(|subject| subject.wish.clone()).collect();
    let turn = app.vault_turn().await;
    let changed = vault::change(&*app.vault(), &wishes, to).await;
    let reports = subjects.into_iter().map(|subject| subject.report(&changed)).collect();
    keep(app, changed).await?;
    drop(turn);
    Ok(reports)
}

/// What was named, and what it is.
struct Subject {
    file: Option<FileId>,
    title: String,
    /// `None`: a file that is no version, as far as is known.
    wish: Option<Wish>,
}

impl Subject {
    fn report(self, changed: &Changed) -> VaultChangeReport {
        let found = self.wish.as_ref().and_then(|wish| changed.outcomes.get(&wish.version).cloned());
        let (outcome, problem) = found.unwrap_or_else(|| {
            let problem = Error::invalid(format!("`{}` is not known to be a model of Civitai's", self.title))
                .hint("Only what Civitai has can be in the vault; scan the folder, or link the file to its model");
            (VaultOutcome::NotChanged, Some(problem))
        });
        let version = self.wish.map(|wish| wish.version);
        VaultChangeReport { version, file: self.file, title: self.title, outcome, problem }
    }
}

async fn subjects(app: &App, request: VaultChange) -> Result<Vec<Subject>> {
    let read = move |tx: &crate::store::ReadTx<'_>| {
        let wish = |version| -> Result<Wish> {
            let (title, size) = tx.version_in_words(version)?;
            Ok(Wish { version, title, size })
        };
        let mut subjects = Vec::new();
        for version in request.versions {
            let wish = wish(version)?;
            subjects.push(Subject { file: None, title: wish.title.clone(), wish: Some(wish) });
        }
        for id in request.files {
            let item = tx
                .library_item(id)?
                .ok_or_else(|| Error::not_found(format!("There is no file number {} in the library", id.0)))?;
            let wish = item.version_id.map(wish).transpose()?;
            let title = wish.as_ref().map_or(item.file_name, |wish| wish.title.clone());
            subjects.push(Subject { file: Some(id), title, wish });
        }
        Ok(subjects)
    };
    app.store().read(read).await
}

/// Keeps what the vault was seen to hold, whether or not that is what was wished for.
async fn keep(app: &App, changed: Changed) -> Result<()> {
    if changed.seen.is_empty() {
        return Ok(());
    }
    app.store()
        .write(move |tx| {
            for (version, item) in &changed.seen {
                tx.put_vault_holding(*version, item.as_ref())?;
            }
            if let Some(now) = changed.vault {
                tx.put_vault_standing(now)?;
            }
            tx.publish(Event::VaultChanged);
            Ok(())
        })
        .await
}

async fn refuse_if_switched_off(app: &App) -> Result<()> {
    let settings = app.store().read(|tx| tx.settings()).await?;
    if settings.look_up {
        return Ok(());
    }
    Err(Error::invalid("Asking Civitai is switched off").hint("Switch on look-up in the settings"))
}
