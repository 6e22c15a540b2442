//! What the user says a file is, where Civitai does not know it by any hash.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ItemRequest;
use crate::app::App;
use crate::catalog::{CatalogError, CatalogErrorKind, ModelVersion};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::hash::{Hashes, ReadError, Sha256, hash_file};
use crate::jobs::JobControl;
use crate::library::{LibraryItem, MatchedBy};
use crate::scan::Fingerprint;
use crate::store::{FileRow, Known, NewContent, Outcome};
use crate::units::{FileId, UnixMillis, VersionId};

/// Which file is which model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    /// The file.
    pub id: FileId,
    /// The address of a model's page at Civitai, the number of a version, or an AIR.
    pub reference: String,
}

pub(super) async fn link(app: &App, request: LinkRequest) -> Result<LibraryItem> {
    let settings = app.store().read(|tx| tx.settings()).await?;
    if !settings.look_up {
        return Err(Error::invalid("Asking Civitai is switched off").hint("Switch on look-up in the settings"));
    }
    let version = find_version(app, &request.reference).await?;
    let row = row_of(app, request.id).await?;
    let sha256 = measured(app, &row).await?;
    let outcome = Outcome::Matched {
        version: version.id,
        file: version.files.iter().find(|file| file.sha256 == Some(sha256)).map(|file| file.id),
        kind: Some(version.kind.clone()),
        by: MatchedBy::Link,
        retry_at: UnixMillis::now().plus_seconds(30 * 24 * 3600),
    };
    app.store()
        .write(move |tx| {
            let now = UnixMillis::now();
            tx.put_version(&version, now)?;
            tx.put_link(sha256, version.id, now)?;
            tx.put_outcome(sha256, &outcome, now)?;
            tx.publish(Event::LibraryChanged);
            Ok(())
        })
        .await?;
    item_of(app, request.id).await
}

pub(super) async fn unlink(app: &App, request: ItemRequest) -> Result<LibraryItem> {
    let row = row_of(app, request.id).await?;
    let removed = match row.known {
        Some(known) => {
            let forget = move |tx: &mut crate::store::WriteTx<'_>| {
                tx.publish(Event::LibraryChanged);
                tx.remove_link(known.sha256)
            };
            app.store().write(forget).await?
        }
        None => false,
    };
    if !removed {
        return Err(Error::not_found(format!("`{}` is not linked to a model", row.path.display())));
    }
    // What Civitai says of the file itself is asked for again; that it cannot be asked now is not this command's failure.
    let settings = app.store().read(|tx| tx.settings()).await?;
    if settings.look_up {
        app.resolve(crate::store::Which::Files(vec![row.id])).await?;
    }
    item_of(app, request.id).await
}

/// The version that a text names: its number, a page of it or of its model, an AIR.
pub(super) async fn find_version(app: &App, text: &str) -> Result<ModelVersion> {
    let unknown = || {
        Error::invalid("That names no model at Civitai")
            .hint("Paste the address of the model's page, an AIR such as urn:air:sdxl:lora:civitai:123@456, or the number of a version")
    };
    let catalog = app.catalog();
    let reference = catalog.reference(text).ok_or_else(unknown)?;
    let version = match (reference.version, reference.model) {
        (Some(version), _) => version,
        (None, Some(model)) => {
            let newest = catalog.model(model).await.map_err(|error| not_there(error, "model", model.0))?.newest_version;
            newest.ok_or_else(|| {
                Error::not_found(format!("Model {} has no version that can be seen", model.0))
                    .hint("Open the version's page at Civitai and paste its address")
            })?
        }
        (None, None) => return Err(unknown()),
    };
    let VersionId(number) = version;
    let found = catalog.version(version).await.map_err(|error| not_there(error, "version", number))?;
    match reference.model.filter(|model| *model != found.model_id) {
        Some(model) => Err(Error::invalid(format!("Version {number} is not one of model {}", model.0))
            .hint("Paste the address from the version's own page")),
        None => Ok(found),
    }
}

fn not_there(error: CatalogError, what: &str, number: i64) -> Error {
    if error.kind == CatalogErrorKind::NotFound {
        return Error::not_found(format!("Civitai shows no {what} {number}"))
            .hint("Check the number; it may also have been removed there");
    }
    error.into()
}

async fn row_of(app: &App, id: FileId) -> Result<FileRow> {
    let row = app
        .store()
        .read(move |tx| match tx.library_item(id)? {
            Some(item) => tx.file_row(item.id),
            None => Ok(None),
        })
        .await?;
    row.ok_or_else(|| Error::not_found(format!("There is no file number {} in the library", id.0)))
}

async fn item_of(app: &App, id: FileId) -> Result<LibraryItem> {
    let item = app.store().read(move |tx| tx.library_item(id)).await?;
    item.ok_or_else(|| Error::not_found(format!("There is no file number {} in the library", id.0)))
}

/// What the file contains. A link is kept with the content, so that copies share it and a rename keeps it: a file that
/// was not read yet is read now.
async fn measured(app: &App, row: &FileRow) -> Result<Sha256> {
    if let Some(known) = row.known.filter(Known::is_measured) {
        return Ok(known.sha256);
    }
    let path = row.path.clone();
    let read = tokio::task::spawn_blocking(move || read_whole(&path)).await;
    let (hashes, print) =
        read.unwrap_or_else(|source| Err(Error::new(Code::Internal, format!("A task ended early: {source}"))))?;
    let (id, sha256) = (row.id, hashes.sha256);
    let stored = app
        .store()
        .write(move |tx| {
            tx.put_content(&NewContent { hashes: &hashes, size: print.size, shape: None })?;
            tx.set_hash(id, &print, &Known::measured(sha256), UnixMillis::now())
        })
        .await?;
    if stored {
        return Ok(sha256);
    }
    Err(Error::new(Code::Io, format!("`{}` has changed since it was last looked at", row.path.display()))
        .hint("Scan, then link it again"))
}

fn read_whole(path: &Path) -> Result<(Hashes, Fingerprint)> {
    hash_file(path, &JobControl::default(), |_| ()).map_err(|error: ReadError| {
        error.into_error(path).unwrap_or_else(|| Error::new(Code::Cancelled, "Stopped before the file was read"))
    })
}
