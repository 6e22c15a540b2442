//! `modeldock watch`: notices changes in the model folders and prints what it sees and does, until Ctrl-C.

use std::sync::Arc;

use modeldock_core::scan::ScanEvent;
use modeldock_core::watch::{Hint, WatchOptions, Why};
use modeldock_core::{Code, Error, Result, Role, WatchObserver, display};
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::output::{self, Results, printable};

pub(crate) async fn run(context: &Context) -> Result<Exit> {
    let app = context.open()?;
    if app.role() == Role::Guest {
        return Err(Error::new(Code::Busy, "Another Modeldock watches these folders already")
            .hint("Its window shows what happens; quit it from the tray to watch from here"));
    }
    let roots = app.call("roots_list", json!({})).await?;
    if roots.as_array().is_none_or(Vec::is_empty) {
        output::note(super::roots::NO_ROOTS);
    } else if !context.json() {
        output::note("Watching. Ctrl-C stops.");
    }
    app.start_workers_with(WatchOptions::default(), Arc::new(Printer { json: context.json() }));
    super::scan::interrupted().await?;
    app.shutdown().await;
    Ok(Exit::Done)
}

struct Printer {
    json: bool,
}

impl Printer {
    fn print(&self, event: &impl serde::Serialize, words: impl FnOnce() -> Option<String>) {
        let mut results = Results::new();
        let printed = if self.json { results.json(event) } else { words().map_or(Ok(()), |line| results.line(line)) };
        // Standard output is gone only when the reader is; the program ends with it.
        let _ = printed.and_then(|()| results.flush());
    }
}

impl WatchObserver for Printer {
    fn on_hint(&self, hint: &Hint) {
        let paths =
            |paths: &[std::path::PathBuf]| -> Vec<String> { paths.iter().map(|path| display(path).0).collect() };
        match hint {
            Hint::Look { root, folders, written } => {
                let event = json!({
                    "event": "changed", "root": root, "folders": paths(folders), "written": paths(written),
                });
                self.print(&event, || None);
            }
            Hint::LookAtAll { roots, why, lost_events } => {
                let event = json!({
                    "event": "look_at_all", "roots": roots, "why": word(*why), "lost_events": lost_events,
                });
                self.print(&event, || None);
            }
        }
    }

    fn on_scan(&self, event: ScanEvent) {
        self.print(&event, || match &event {
            ScanEvent::Hashed { path, size, .. } => {
                Some(format!("read       {}  {}", printable(path), output::bytes(*size)))
            }
            ScanEvent::Identified { path, .. } => Some(format!("recognised {}", printable(path))),
            ScanEvent::Corrected { path, .. } => Some(format!("corrected  {}", printable(path))),
            ScanEvent::Moved { from, path } => Some(format!("moved      {} to {}", printable(from), printable(path))),
            ScanEvent::Gone { path } => Some(format!("gone       {}", printable(path))),
            ScanEvent::Problem { path, problem } | ScanEvent::RootAway { path, problem } => {
                Some(format!("problem    {}: {}", printable(path), printable(&problem.message)))
            }
            ScanEvent::Started { .. }
            | ScanEvent::Remark { .. }
            | ScanEvent::Resolved { .. }
            | ScanEvent::Summary(_) => None,
        });
    }
}

/// Why everything is looked at, for scripts.
fn word(why: Why) -> &'static str {
    match why {
        Why::Start => "start",
        Why::Overflow => "overflow",
        Why::Error => "error",
        Why::TooMany => "too_many",
        Why::WokeUp => "woke_up",
        Why::Schedule => "schedule",
        Why::RootAppeared => "root_appeared",
        Why::Polled => "polled",
    }
}
