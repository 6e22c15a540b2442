//! `modeldock link` and `modeldock unlink`: says what a file is, where Civitai does not know it.

use modeldock_core::library::LibraryItem;
use modeldock_core::{Error, Result};
use serde_json::json;

use super::show::find;
use crate::args;
use crate::context::{Context, call};
use crate::exit::Exit;
use crate::output::{Results, printable};

pub(crate) async fn link(context: &Context, options: args::Link) -> Result<Exit> {
    let (file, reference) = match options {
        args::Link { command: Some(command), .. } => return super::remote::run(context, command).await,
        args::Link { file, reference, .. } => (file.unwrap_or_default(), reference.unwrap_or_default()),
    };
    let app = context.open_asking().await?;
    let id = find(&app, &file).await?;
    // A file that was not read yet is read first, which may take a while: Ctrl-C must end it.
    let item: LibraryItem = tokio::select! {
        item = call(&app, "item_link", json!({ "id": id, "reference": reference })) => item?,
        signal = super::scan::interrupted() => {
            signal?;
            return Err(Error::new(modeldock_core::Code::Cancelled, "Stopped before the file was linked"));
        }
    };
    tell(context, &item)
}

pub(crate) async fn unlink(context: &Context, options: args::Unlink) -> Result<Exit> {
    let app = context.open_asking().await?;
    let id = find(&app, &options.file).await?;
    tell(context, &call(&app, "item_unlink", json!({ "id": id })).await?)
}

fn tell(context: &Context, item: &LibraryItem) -> Result<Exit> {
    let mut results = Results::new();
    if context.json() {
        results.json(item)?;
    } else {
        let what = match (&item.model_name, &item.version_name) {
            (Some(model), Some(version)) => format!("{model} {version}"),
            _ => super::list::state_word(item.state).to_owned(),
        };
        results.line(format!("{}: {}", printable(&item.path), printable(&what)))?;
    }
    results.flush()?;
    Ok(Exit::Done)
}
