//! `modeldock scan`: looks through the folders and says what it found.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use modeldock_core::jobs::{JobSnapshot, JobState, ScanPhase};
use modeldock_core::roots::RootInfo;
use modeldock_core::scan::{ScanDepth, ScanEvent, ScanObserver, ScanSummary};
use modeldock_core::{App, Code, Error, Result, RunningScan};

use crate::args;
use crate::context::{Context, call, find_roots};
use crate::exit::Exit;
use crate::output::{self, Results};

pub(crate) async fn run(context: &Context, options: args::Scan) -> Result<Exit> {
    let app = context.open_asking().await?;
    let roots = find_roots(&app, &options.roots).await?;
    let telling = Arc::new(Telling { json: context.json(), ..Telling::default() });
    let depth = match (options.quick, options.thorough) {
        (true, _) => ScanDepth::Quick,
        (false, true) => ScanDepth::Thorough,
        (false, false) => ScanDepth::Usual,
    };
    let running = app.scan_at(depth, roots, Arc::clone(&telling) as Arc<dyn ScanObserver>)?;
    let outcome = watch(&running, !context.json()).await?;

    if let Some(problem) = &outcome.problem {
        output::error(problem);
    }
    if !context.json() {
        let mut results = Results::new();
        tell_summary(&mut results, &outcome.summary)?;
        results.flush()?;
        explain_pending(&app, &outcome.summary, &telling).await;
        let roots: Vec<RootInfo> = call(&app, "roots_list", serde_json::json!({})).await?;
        if roots.is_empty() {
            output::note(super::roots::NO_ROOTS);
        }
    }
    Ok(if outcome.summary.cancelled {
        Exit::Interrupted
    } else if outcome.problem.is_some() {
        Exit::Failed
    } else if telling.met_problems() {
        Exit::InPart
    } else {
        Exit::Done
    })
}

/// Shows a scan's progress on a terminal until it ends; Ctrl-C ends it early and keeps what is finished.
pub(crate) async fn watch(running: &RunningScan, show: bool) -> Result<modeldock_core::ScanOutcome> {
    let bar = if show { ProgressBar::new(0) } else { ProgressBar::hidden() };
    let mut ticks = tokio::time::interval(Duration::from_millis(200));
    // One listener for the whole time: one made anew at every tick would miss what comes in between.
    let mut interrupt = std::pin::pin!(interrupted());
    let mut is_stopping = false;
    loop {
        tokio::select! {
            outcome = running.wait() => {
                bar.finish_and_clear();
                return outcome;
            }
            _ = ticks.tick() => draw(&bar, &running.progress()),
            signal = &mut interrupt => {
                signal?;
                if is_stopping {
                    // A read from a drive that does not answer cannot be stopped, only left behind.
                    return Err(Error::new(Code::Cancelled, "Stopped without waiting for the files being read"));
                }
                is_stopping = true;
                running.control().cancel();
                if show {
                    bar.println("Stopping; what is finished is kept. Ctrl-C again stops at once");
                }
                interrupt.set(interrupted());
            }
        }
    }
}

/// Resolves at Ctrl-C or when the system asks the program to end.
pub(crate) async fn interrupted() -> Result<()> {
    let failed = |source: std::io::Error| {
        Error::new(Code::Internal, format!("Signals cannot be received: {}", output::plain_words(&source)))
    };
    #[cfg(unix)]
    {
        let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.map_err(failed),
            _ = end.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(failed)
}

fn draw(bar: &ProgressBar, job: &JobSnapshot) {
    let style = |template: &str| {
        ProgressStyle::with_template(template).expect("the templates below are valid").progress_chars("=> ")
    };
    match job.phase {
        ScanPhase::Walking | ScanPhase::Identifying | ScanPhase::Resolving | ScanPhase::Finished => {
            bar.set_style(style("{msg}"));
            bar.set_message(match job.phase {
                ScanPhase::Walking => {
                    format!("Looking through folders: {} so far", output::count(job.files_found, "file"))
                }
                ScanPhase::Identifying => "Recognising files".to_owned(),
                _ => "Asking Civitai".to_owned(),
            });
        }
        ScanPhase::Hashing | ScanPhase::Verifying => {
            let word = if job.phase == ScanPhase::Verifying { "Verifying" } else { "Reading" };
            bar.set_style(style(&format!("{word} [{{bar:30}}] {{bytes}} of {{total_bytes}}  {{msg}}")));
            bar.set_length(job.bytes_to_hash.0);
            bar.set_position(job.bytes_hashed.0);
            let paused = if job.state == JobState::Paused { ", paused" } else { "" };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a speed for people")]
            let speed = output::bytes(job.bytes_per_second as u64);
            let left = job.seconds_left.map_or_else(String::new, |seconds| {
                format!(", {} left", indicatif::HumanDuration(Duration::from_secs_f64(seconds.clamp(0.0, 1e9))))
            });
            let files = format!("{} of {} files", job.files_hashed, job.files_to_hash);
            bar.set_message(format!("{files}, {speed}/s{left}{paused}"));
        }
    }
}

pub(crate) fn tell_summary(results: &mut Results, summary: &ScanSummary) -> Result<()> {
    let read = if summary.hashed == 0 {
        "nothing had to be read".to_owned()
    } else {
        format!("{} read ({})", output::count(summary.hashed, "file"), output::bytes(summary.bytes_hashed))
    };
    results.line(format!(
        "{} in the library, {read}, {:.1} s",
        output::count(summary.files, "file"),
        summary.seconds
    ))?;
    let probable = match summary.probable {
        0 => String::new(),
        probable => format!(" ({probable} of them probable, not read in full yet)"),
    };
    let mut states =
        vec![format!("{} matched{probable}", summary.matched), format!("{} not known to Civitai", summary.not_found)];
    if summary.pending > 0 {
        states.push(format!("{} pending", summary.pending));
    }
    if summary.failed > 0 {
        states.push(format!("{} not readable", summary.failed));
    }
    results.line(states.join(", "))
}

/// Says why files are still pending, once, in words.
async fn explain_pending(app: &App, summary: &ScanSummary, telling: &Telling) {
    let looks_up = app
        .call("settings_get", serde_json::json!({}))
        .await
        .is_ok_and(|settings| settings.get("look_up").and_then(serde_json::Value::as_bool).unwrap_or(true));
    if summary.pending > 0 && !looks_up {
        output::note("Asking Civitai is switched off in the settings");
    } else if let Some(problem) = telling.first_unanswered() {
        output::warning(&problem);
    }
}

/// Passes the scan's events on: as JSON lines, or the problems among them as warnings.
#[derive(Default)]
struct Telling {
    json: bool,
    met: Mutex<Met>,
}

#[derive(Default)]
struct Met {
    problems: bool,
    unanswered: Option<Error>,
}

impl Telling {
    fn met_problems(&self) -> bool {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).problems
    }

    fn first_unanswered(&self) -> Option<Error> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).unanswered.clone()
    }
}

impl ScanObserver for Telling {
    fn on_event(&self, event: ScanEvent) {
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        match &event {
            ScanEvent::Problem { problem, .. } | ScanEvent::RootAway { problem, .. } => {
                met.problems = true;
                if !self.json {
                    output::warning(problem);
                }
            }
            ScanEvent::Resolved { problem: Some(problem), .. } => {
                met.unanswered.get_or_insert_with(|| problem.clone());
            }
            _ => {}
        }
        if self.json {
            let mut results = Results::new();
            // A failing standard output cannot stop the scan from here; the next command will say so.
            let _ = results.json(&event).and_then(|()| results.flush());
        }
    }
}
