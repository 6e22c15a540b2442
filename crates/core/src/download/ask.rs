//! From what a person names to a place on a disk: which file of which version goes where, before anything is fetched.
//!
//! The same steps make the dry run and the download, so that what is shown is what is done.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::name::{self, Fallback, SafeExtension};
use super::place::{self, Candidate, Company, PathFacts, RootFolders};
use super::settle::free_name;
use super::source::{VaultPart, Wanted};
use super::space::Room;
use super::state::AskedBy;
use crate::catalog::{Catalog, CatalogErrorKind, ModelVersion, VersionFile};
use crate::error::{Code, Error, Result};
use crate::hash::Sha256;
use crate::paths::display;
use crate::roots::{ModelFolder, ModelKind, model_folders};
use crate::store::{Group, NewDownload, RootRow, Store};
use crate::units::{ByteCount, CivitaiFileId, DownloadId, FileId, ModelId, RootId, UnixMillis, VersionId};
use crate::vault::VaultItem;

/// What is to be downloaded, and to where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DownloadRequest {
    /// A version's number, the address of a page at Civitai, or an AIR.
    pub what: String,
    /// Which of its files; the one its page offers first if none is named.
    #[ts(optional = nullable)]
    #[serde(default)]
    pub file: Option<CivitaiFileId>,
    /// Which root; the one with most of its like if none is named.
    #[ts(optional = nullable)]
    #[serde(default)]
    pub root: Option<RootId>,
}

/// What a download would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct DownloadPlan {
    /// For people: the model's and the version's name.
    pub title: String,
    /// The model.
    pub model_id: ModelId,
    /// The version.
    pub version_id: VersionId,
    /// All files of the version.
    pub files: Vec<OfferedFile>,
    /// The chosen one.
    pub file: CivitaiFileId,
    /// What sort of file it is placed as.
    pub kind: ModelKind,
    /// The family it is made for, in Civitai's spelling.
    pub base_model: Option<String>,
    /// The root it goes to.
    pub root: RootId,
    /// Where it will be.
    pub path: String,
    /// About how large it is.
    pub size: ByteCount,
    /// What is free there, if that can be told.
    pub free: Option<ByteCount>,
    /// The same content in the library already, in whatever root.
    pub there: Option<FileId>,
    /// The same download, on its way already.
    pub underway: Option<DownloadId>,
    /// Whether what comes can be compared with what Civitai measured.
    pub can_be_verified: bool,
    /// Whether it must be paid for at the moment.
    pub early_access: bool,
}

/// A file of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ts_rs::TS)]
pub struct OfferedFile {
    /// Civitai's id.
    pub id: CivitaiFileId,
    /// As Civitai calls it: a stranger's text.
    pub name: String,
    /// About how large it is.
    pub size: ByteCount,
    /// `Model`, `VAE`, … in Civitai's spelling.
    pub file_type: String,
    /// Whether the page offers it first.
    pub primary: bool,
}

/// A plan with what the queue needs of it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) plan: DownloadPlan,
    pub(crate) new: NewDownload,
}

/// Makes plans. For several at once, as the library is when the first is made.
pub(crate) struct Planner {
    store: Store,
    catalog: Arc<dyn Catalog>,
    groups: OnceCell<Vec<Group>>,
}

/// What a file is, as far as its place depends on it.
#[derive(Clone, Copy)]
struct Subject<'a> {
    model: Option<ModelId>,
    kind: &'a ModelKind,
    base_model: Option<&'a str>,
    name: &'a str,
}

/// A root with its folders, as the disk has them now.
struct Place {
    row: RootRow,
    folders: Vec<ModelFolder>,
    online: bool,
}

impl Planner {
    /// With this library and this catalogue.
    pub(crate) fn new(store: Store, catalog: Arc<dyn Catalog>) -> Self {
        Self { store, catalog, groups: OnceCell::new() }
    }

    /// The plan for a file of a version.
    pub(crate) async fn plan(
        &self,
        version: &ModelVersion,
        file: Option<CivitaiFileId>,
        root: Option<RootId>,
        asked_by: AskedBy,
    ) -> Result<Draft> {
        let chosen = choose(version, file)?.clone();
        let kind = place::place_kind(&chosen.file_type, &version.kind, version.base_model.as_deref(), &chosen.name);
        let extension = SafeExtension::of(&chosen.name).ok_or_else(|| {
            Error::invalid(format!("`{}` is no file that Modeldock downloads", clipped(&chosen.name)))
                .hint("Only model files and archives of them are: choose another file of this version")
        })?;
        let fallback = Fallback::Version { model: Some(version.model_id), version: version.id };
        let name = name::safe_name(&chosen.name, extension, fallback);
        let places = self.places().await?;
        let subject = Subject {
            model: Some(version.model_id),
            kind: &kind,
            base_model: version.base_model.as_deref(),
            name: name.as_str(),
        };
        let place = self.pick(&places, root, subject).await?;
        let (creator, tag) = self.credits(version.model_id, place).await?;
        let facts = PathFacts {
            base_model: version.base_model.as_deref(),
            creator: creator.as_deref(),
            model: Some(&version.model_name),
            version: Some(&version.name),
            kind: &kind,
            tag: tag.as_deref(),
        };
        let planned = place::plan_path(&place.folders(), &place.row.places, &kind, &facts, name)?;
        let folder = planned.folder;
        let wanted = Wanted::File { version: version.id, file: chosen.id };
        let root = place.row.id;
        let (name, there, underway) =
            self.at_the_place(&folder, planned.name.as_str(), chosen.sha256, wanted, root).await?;
        let free = {
            let folder = folder.clone();
            tokio::task::spawn_blocking(move || Room::at(&folder).ok()).await.ok().flatten()
        };
        let title = title_of(version);
        let plan = DownloadPlan {
            title: title.clone(),
            model_id: version.model_id,
            version_id: version.id,
            files: version.files.iter().map(offered).collect(),
            file: chosen.id,
            kind: kind.clone(),
            base_model: version.base_model.clone(),
            root,
            path: display(&folder.join(&name)).0,
            size: size_of(&chosen),
            free: free.map(|room| ByteCount(room.free)),
            there,
            underway,
            can_be_verified: chosen.sha256.is_some(),
            early_access: version.early_access,
        };
        let new = NewDownload {
            wanted,
            title,
            model: Some(version.model_id),
            version: Some(version.id),
            file: Some(chosen.id),
            kind,
            base_model: version.base_model.clone(),
            root,
            folder,
            name,
            asked_by,
            size_kb: Some(chosen.size_kb),
            sha256: chosen.sha256,
        };
        Ok(Draft { plan, new })
    }

    /// The plan for a part of something in the vault.
    ///
    /// What is still on the site is looked up there, because the vault knows no hashes; what was deleted there comes as
    /// it is, and is said not to be verified.
    pub(crate) async fn plan_vault(
        &self,
        item: &VaultItem,
        part: VaultPart,
        file: Option<CivitaiFileId>,
        root: Option<RootId>,
        asked_by: AskedBy,
    ) -> Result<(NewDownload, Option<ModelVersion>)> {
        let version = match self.catalog.version(item.version_id).await {
            Ok(version) => Some(version),
            Err(error) if error.kind == CatalogErrorKind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        let chosen = match file {
            Some(id) => item.files.iter().find(|file| file.id == id),
            None => item.files.first(),
        };
        let named = chosen.map_or_else(|| item.title(), |file| file.name.clone());
        let measured = version.as_ref().and_then(|version| {
            let id = chosen?.id;
            version.files.iter().find(|file| file.id == id).cloned()
        });
        let file_type = measured.as_ref().map_or("Model", |file| file.file_type.as_str());
        let kind = place::place_kind(file_type, &item.kind, item.base_model.as_deref(), &named);
        let fallback = Fallback::Vault { item: item.id };
        let extension = SafeExtension::of(&named).unwrap_or(SafeExtension::SAFETENSORS);
        let model_name = name::safe_name(&named, extension, fallback);
        let name = match part {
            VaultPart::Model => model_name,
            VaultPart::Details => {
                name::safe_name(&format!("{}.details.pdf", model_name.stem()), SafeExtension::PDF, fallback)
            }
            VaultPart::Images => {
                name::safe_name(&format!("{}.images.zip", model_name.stem()), SafeExtension::ZIP, fallback)
            }
        };
        let places = self.places().await?;
        let subject =
            Subject { model: item.model_id, kind: &kind, base_model: item.base_model.as_deref(), name: name.as_str() };
        // Everything of one item lies together, wherever its model goes.
        let place = self.pick(&places, root, subject).await?;
        let facts = PathFacts {
            base_model: item.base_model.as_deref(),
            creator: item.creator.as_deref(),
            model: Some(&item.model_name),
            version: Some(&item.version_name),
            kind: &kind,
            tag: item.category.as_deref(),
        };
        let planned = place::plan_path(&place.folders(), &place.row.places, &kind, &facts, name)?;
        let wanted = item.wanted(part, chosen.map(|file| file.id).filter(|_| part == VaultPart::Model));
        let (folder, root) = (planned.folder, place.row.id);
        let measured = measured.filter(|_| part == VaultPart::Model);
        let sha256 = measured.as_ref().and_then(|file| file.sha256);
        let (name, _, _) = self.at_the_place(&folder, planned.name.as_str(), sha256, wanted, root).await?;
        let new = NewDownload {
            wanted,
            title: clipped(&item.title()),
            model: item.model_id,
            version: Some(item.version_id),
            file: measured.as_ref().map(|file| file.id),
            kind,
            base_model: item.base_model.clone(),
            root,
            folder,
            name,
            asked_by,
            size_kb: measured.as_ref().map(|file| file.size_kb),
            sha256,
        };
        Ok((new, version))
    }

    async fn places(&self) -> Result<Vec<Place>> {
        let roots = self.store.read(|tx| tx.roots()).await?;
        let read = move || {
            let place =
                |row: RootRow| Place { folders: model_folders(row.layout, &row.path), online: row.path.is_dir(), row };
            Ok(roots.into_iter().map(place).collect())
        };
        super::run::blocking(read).await
    }

    /// The root that was named, or the best one.
    async fn pick<'a>(&self, places: &'a [Place], root: Option<RootId>, subject: Subject<'_>) -> Result<&'a Place> {
        if places.is_empty() {
            return Err(Error::invalid("There is no folder to download to").hint("Add the folder of your UI first"));
        }
        if let Some(id) = root {
            return named(places, id);
        }
        let groups = self.groups.get_or_try_init(|| self.store.read(|tx| tx.groups())).await?;
        let candidates: Vec<Candidate<'_>> = places
            .iter()
            .map(|place| Candidate {
                id: place.row.id,
                online: place.online,
                folders: place.folders(),
                company: company(groups, place.row.id, subject),
            })
            .collect();
        let best = place::recommend(&candidates, subject.kind, subject.name);
        places.iter().find(|place| Some(place.row.id) == best).ok_or_else(|| {
            let label = if subject.kind.is_unknown() { "files of this kind" } else { subject.kind.label() };
            Error::invalid(format!("None of your folders loads: {label}"))
                .hint("Name a folder to put it in, or add a plain folder for everything else")
        })
    }

    /// Who made a model and its first tag, where the root's template has a place for them.
    async fn credits(&self, model: ModelId, place: &Place) -> Result<(Option<String>, Option<String>)> {
        let template = place.row.places.template.as_str();
        if !template.contains("{creator}") && !template.contains("{tag}") {
            return Ok((None, None));
        }
        let model = self.catalog.model(model).await?;
        let kept = model.clone();
        self.store.write(move |tx| tx.put_model(&kept, UnixMillis::now())).await?;
        Ok((model.creator, model.tags.into_iter().next()))
    }

    /// The name it gets among the other downloads, and whether the same is there or on its way.
    async fn at_the_place(
        &self,
        folder: &Path,
        name: &str,
        sha256: Option<Sha256>,
        wanted: Wanted,
        root: RootId,
    ) -> Result<(String, Option<FileId>, Option<DownloadId>)> {
        let (folder, name) = (folder.to_owned(), name.to_owned());
        self.store
            .read(move |tx| {
                let underway = tx.download_of(&wanted, root)?;
                let claimed = tx.claimed_names(&folder)?;
                let name = if underway.is_some() { name } else { free_name(&name, &claimed) };
                let there = match sha256 {
                    Some(sha256) => tx.files_with(sha256)?.into_iter().find(|file| !file.gone).map(|file| file.id),
                    None => None,
                };
                Ok((name, there, underway))
            })
            .await
    }
}

impl Place {
    fn folders(&self) -> RootFolders<'_> {
        RootFolders {
            layout: self.row.layout,
            root: &self.row.path,
            folders: &self.folders,
            exists: &|path| path.is_dir(),
        }
    }
}

fn named(places: &[Place], id: RootId) -> Result<&Place> {
    let place = places.iter().find(|place| place.row.id == id);
    let place = place.ok_or_else(|| Error::not_found(format!("There is no folder number {}", id.0)))?;
    if !place.online {
        let message = format!("`{}` cannot be reached", place.row.path.display());
        return Err(
            Error::new(Code::Io, message).hint("The drive may be unplugged. Reconnect it, or choose another folder")
        );
    }
    Ok(place)
}

/// What of the library in this root goes with a file.
fn company(groups: &[Group], root: RootId, subject: Subject<'_>) -> Company {
    let mut company = Company::default();
    for group in groups.iter().filter(|group| group.root == root) {
        if subject.model.is_some() && group.model == subject.model {
            company.of_model = company.of_model.saturating_add(group.files);
        }
        if group.kind == *subject.kind
            && subject.base_model.is_some()
            && group.base_model.as_deref() == subject.base_model
        {
            company.of_base = company.of_base.saturating_add(group.files);
        }
    }
    company
}

/// The file that was named, or the one the page offers first.
fn choose(version: &ModelVersion, file: Option<CivitaiFileId>) -> Result<&VersionFile> {
    let nothing = || {
        let gone = version.mode.as_deref() == Some("Archived");
        let message = format!("{} has no files to download", title_of(version));
        Error::not_found(message).hint(if gone { "Its author has archived it" } else { "Choose another version" })
    };
    match file {
        Some(id) => version.files.iter().find(|file| file.id == id).ok_or_else(|| {
            Error::not_found(format!("{} has no file number {}", title_of(version), id.0))
                .hint("Leave the file out to see which ones there are")
        }),
        None => {
            let primary = version.files.iter().find(|file| file.primary);
            primary.or(version.files.first()).ok_or_else(nothing)
        }
    }
}

fn offered(file: &VersionFile) -> OfferedFile {
    OfferedFile {
        id: file.id,
        name: clipped(&file.name),
        size: size_of(file),
        file_type: clipped(&file.file_type),
        primary: file.primary,
    }
}

/// About how large a file is, as far as Civitai tells.
pub(crate) fn size_of(file: &VersionFile) -> ByteCount {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size for people, checked to be one")]
    let bytes = if file.size_kb.is_finite() && file.size_kb > 0.0 { (file.size_kb * 1024.0).round() as u64 } else { 0 };
    ByteCount(bytes)
}

/// The model's and the version's name.
pub(crate) fn title_of(version: &ModelVersion) -> String {
    clipped(&format!("{} · {}", version.model_name, version.name))
}

/// A stranger's text for people: short, without control characters.
fn clipped(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(200).collect()
}
