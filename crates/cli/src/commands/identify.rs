//! `modeldock identify`: asks Civitai what files are, now.
//!
//! A file of the library is asked about by its stored hash and the answer is stored; any other file is read and asked
//! about without entering the library.

use std::path::{Path, PathBuf};

use modeldock_civitai::Client;
use modeldock_core::api::IdentifyResponse;
use modeldock_core::catalog::{Catalog as _, CatalogErrorKind};
use modeldock_core::hash::hash_file;
use modeldock_core::jobs::JobControl;
use modeldock_core::library::{ItemDetail, ItemState};
use modeldock_core::units::FileId;
use modeldock_core::{Code, Error, Result, display};
use serde::Serialize;
use serde_json::json;

use super::list::state_word;
use crate::args;
use crate::context::{Context, absolute, call};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

/// One file's answer.
#[derive(Serialize)]
struct Line {
    path: String,
    sha256: Option<String>,
    state: ItemState,
    model_id: Option<i64>,
    version_id: Option<i64>,
    model_name: Option<String>,
    version_name: Option<String>,
    base_model: Option<String>,
    trained_words: Vec<String>,
    air: Option<String>,
}

pub(crate) async fn run(context: &Context, options: args::Identify) -> Result<Exit> {
    let app = context.open_asking().await?;
    let mut results = Results::new();
    if options.files.is_empty() {
        let answer: IdentifyResponse = call(&app, "identify", json!({})).await?;
        if context.json() {
            results.json(&answer)?;
        } else {
            let asked = output::count(answer.asked, "content");
            results.line(format!(
                "{asked} asked about: {} matched, {} not known to Civitai, {} not answered",
                answer.matched, answer.not_found, answer.pending
            ))?;
        }
        results.flush()?;
        return Ok(Exit::Done);
    }

    let client = context.client()?;
    let mut failed = 0;
    for file in &options.files {
        let path = absolute(file)?;
        let known = app.find_file(&path).await?;
        let line = match known {
            Some(id) => in_library(&app, id).await,
            None => elsewhere(&client, path).await,
        };
        match line {
            Ok(line) if context.json() => results.json(&line)?,
            Ok(line) => {
                let name = line.model_name.zip(line.version_name).map(|(model, version)| format!("{model} {version}"));
                let name = name.unwrap_or_default();
                results.line(format!(
                    "{:<9}  {}  {}",
                    state_word(line.state),
                    printable(&line.path),
                    printable(&name)
                ))?;
            }
            Err(error) => {
                failed += 1;
                output::error(&error);
            }
        }
        results.flush()?;
    }
    Ok(match failed {
        0 => Exit::Done,
        all if all == options.files.len() => Exit::Failed,
        _ => Exit::InPart,
    })
}

async fn in_library(app: &modeldock_core::App, id: FileId) -> Result<Line> {
    let _: IdentifyResponse = call(app, "identify", json!({ "files": [id] })).await?;
    let ItemDetail { item, .. } = call(app, "library_item", json!({ "id": id })).await?;
    Ok(Line {
        path: item.path,
        sha256: item.sha256,
        state: item.state,
        model_id: item.model_id.map(|id| id.0),
        version_id: item.version_id.map(|id| id.0),
        model_name: item.model_name,
        version_name: item.version_name,
        base_model: item.base_model,
        trained_words: item.trained_words,
        air: item.air,
    })
}

async fn elsewhere(client: &Client, path: PathBuf) -> Result<Line> {
    let (shown, hashes) = tokio::task::spawn_blocking(move || read(&path))
        .await
        .map_err(|source| Error::new(Code::Internal, format!("Hashing ended early: {source}")))??;
    let line = |state| Line {
        path: shown.clone(),
        sha256: Some(hashes.clone()),
        state,
        model_id: None,
        version_id: None,
        model_name: None,
        version_name: None,
        base_model: None,
        trained_words: Vec::new(),
        air: None,
    };
    match client.version_by_hash(&hashes).await {
        Ok(version) => Ok(Line {
            model_id: Some(version.model_id.0),
            version_id: Some(version.id.0),
            model_name: Some(version.model_name),
            version_name: Some(version.name),
            base_model: version.base_model,
            trained_words: version.trained_words,
            air: version.air,
            ..line(ItemState::Matched)
        }),
        Err(error) if error.kind == CatalogErrorKind::NotFound => Ok(line(ItemState::NotFound)),
        Err(error) => Err(error.into()),
    }
}

fn read(path: &Path) -> Result<(String, String)> {
    let (hashes, _) = hash_file(path, &JobControl::default(), |_| ())
        .map_err(|error| error.into_error(path).unwrap_or_else(|| Error::new(Code::Cancelled, "Stopped")))?;
    Ok((display(path).0, hashes.sha256.to_string()))
}
