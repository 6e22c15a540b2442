//! `modeldock mark`: notes something of files.

use modeldock_core::Result;
use modeldock_core::api::{MarkReport, MarkRequest};
use modeldock_core::library::{ItemDetail, MarksChange};
use modeldock_core::{Error, units::FileId};
use serde_json::json;

use super::show::find;
use crate::args;
use crate::context::{Context, call};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

pub(crate) async fn run(context: &Context, options: args::Mark) -> Result<Exit> {
    let favourite = match (options.favourite, options.no_favourite) {
        (false, false) => None,
        (favourite, _) => Some(favourite),
    };
    let change = MarksChange {
        favourite,
        rating: options.rating,
        note: options.note,
        add_note: options.add_note,
        add_tags: options.tag,
        remove_tags: options.untag,
    };
    if change == MarksChange::default() {
        return Err(Error::invalid("There is nothing to note")
            .hint("Say what: --favourite, --rating, --note, --add-note or --tag"));
    }
    let app = context.open()?;
    let mut ids = Vec::new();
    for file in &options.files {
        ids.push(find(&app, file).await?);
    }
    let report: MarkReport = call(&app, "library_mark", json!(MarkRequest { ids: ids.clone(), change })).await?;
    let mut results = Results::new();
    for id in ids {
        tell(context, &mut results, &call(&app, "library_item", json!({ "id": id })).await?, &report.unread)?;
    }
    results.flush()?;
    Ok(match report.unread.len() {
        0 => Exit::Done,
        _ if report.marked == 0 => Exit::Failed,
        _ => Exit::InPart,
    })
}

fn tell(context: &Context, results: &mut Results, detail: &ItemDetail, unread: &[FileId]) -> Result<()> {
    let item = &detail.item;
    if unread.contains(&item.id) {
        let message = format!("`{}` has not been read yet", printable(&item.path));
        output::error(&Error::invalid(message).hint("`modeldock scan` reads it; then something can be noted of it"));
        return Ok(());
    }
    if context.json() {
        return results.json(detail);
    }
    let favourite = item.favourite.then(|| "favourite".to_owned());
    let rating = (item.rating > 0).then(|| format!("{} of 5", item.rating));
    let note = item.has_note.then(|| "note".to_owned());
    let marks: Vec<String> = [favourite, rating, note].into_iter().flatten().chain(item.tags.iter().cloned()).collect();
    let marks = if marks.is_empty() { "nothing noted".to_owned() } else { marks.join(", ") };
    results.line(format!("{}: {}", printable(&item.path), printable(&marks)))
}
