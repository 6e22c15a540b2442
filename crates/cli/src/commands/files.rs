//! `modeldock rename`, `move`, `trash`, `activity` and `undo`: what is done to model files.

use modeldock_core::files::{Activity, ActivityState, What};
use modeldock_core::{App, Error, Result};
use serde_json::json;

use super::show::find;
use crate::args;
use crate::context::{Context, call, find_root};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

pub(crate) async fn rename(context: &Context, options: args::Rename) -> Result<Exit> {
    let app = context.open()?;
    let id = find(&app, &options.file).await?;
    tell(context, &call(&app, "file_rename", json!({ "id": id, "name": options.name })).await?)
}

pub(crate) async fn move_to(context: &Context, options: args::Move) -> Result<Exit> {
    let app = context.open()?;
    let ids = all(&app, &options.files).await?;
    let root = find_root(&app, &options.to).await?.id;
    tell(context, &call(&app, "files_move", json!({ "ids": ids, "root": root, "folder": options.folder })).await?)
}

pub(crate) async fn trash(context: &Context, options: args::Trash) -> Result<Exit> {
    let app = context.open()?;
    let ids = all(&app, &options.files).await?;
    tell(context, &call(&app, "files_trash", json!({ "ids": ids })).await?)
}

pub(crate) async fn activity(context: &Context) -> Result<Exit> {
    let app = context.open()?;
    let activities: Vec<Activity> = call(&app, "activity_list", json!({})).await?;
    let mut results = Results::new();
    for activity in &activities {
        if context.json() {
            results.json(activity)?;
        } else {
            let at = activity.at.to_local_text();
            results.line(format!("{:>4}  {at}  {}", activity.id.0, printable(&words(activity))))?;
        }
    }
    if activities.is_empty() && !context.json() {
        output::note("Nothing was done to files yet");
    }
    results.flush()?;
    Ok(Exit::Done)
}

pub(crate) async fn undo(context: &Context, options: args::Undo) -> Result<Exit> {
    let app = context.open()?;
    let id = match options.number {
        Some(number) => number,
        None => {
            let activities: Vec<Activity> = call(&app, "activity_list", json!({})).await?;
            let last = activities.iter().find(|activity| activity.can_undo);
            last.map(|activity| activity.id.0).ok_or_else(|| Error::not_found("There is nothing to undo"))?
        }
    };
    tell(context, &call(&app, "activity_undo", json!({ "id": id })).await?)
}

async fn all(app: &App, files: &[String]) -> Result<Vec<modeldock_core::units::FileId>> {
    let mut ids = Vec::new();
    for file in files {
        ids.push(find(app, file).await?);
    }
    Ok(ids)
}

pub(super) fn tell(context: &Context, activity: &Activity) -> Result<Exit> {
    let mut results = Results::new();
    if context.json() {
        results.json(activity)?;
    } else {
        results.line(printable(&words(activity)))?;
    }
    results.flush()?;
    let Some(problem) = &activity.problem else { return Ok(Exit::Done) };
    output::error(problem);
    Ok(Exit::InPart)
}

/// What was done, in a line.
fn words(activity: &Activity) -> String {
    let what = match activity.what {
        What::Rename => "Renamed",
        What::Move => "Moved",
        What::Trash => "Put into the trash:",
    };
    let size = output::bytes(activity.bytes.0);
    let to = activity.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
    let state = match activity.state {
        ActivityState::Begun => ", under way",
        ActivityState::Done => "",
        ActivityState::Undoing => ", being undone",
        ActivityState::Undone => ", undone",
        ActivityState::Failed => ", failed",
    };
    format!("{what} {} ({size}){to}{state}", activity.title)
}
