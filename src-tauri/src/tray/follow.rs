//! Keeps the tray true.
//!
//! Facts are asked for anew, so that a missed event costs nothing; progress only updates numbers. However fast events come,
//! the tray is looked after a few times a second: a tray redraws its whole menu for every change.

use std::time::{Duration, Instant};

use modeldock_core::{App, Error, Event};
use serde_json::json;
use tauri::{AppHandle, Manager as _, Runtime};

use super::facts::Facts;

/// At most three times a second.
const PACE: Duration = Duration::from_millis(330);

/// Follows the engine until the app ends.
pub(super) async fn follow<R: Runtime>(app: AppHandle<R>) {
    let engine = App::clone(&app.state::<App>());
    let mut events = engine.subscribe();
    let mut facts = Facts::default();
    let (mut is_old, mut is_changed) = (true, true);
    let mut next = Instant::now();
    loop {
        let now = Instant::now();
        if is_changed && now >= next {
            if is_old {
                // If they cannot be had, the old ones are asked for again with the next event.
                match ask(&engine).await {
                    Ok(now) => (facts, is_old) = (now, false),
                    Err(error) => tracing::warn!(%error, "the tray does not know what is going on"),
                }
            }
            is_changed = false;
            super::show(&app, &facts);
            next = Instant::now() + PACE;
        }
        tokio::select! {
            event = events.next() => match event.as_deref() {
                Some(Event::Progress { job }) => {
                    is_old |= !facts.job_moved(job);
                    is_changed = true;
                }
                Some(Event::DownloadProgress { downloads }) => {
                    facts.downloads_moved(downloads);
                    is_changed = true;
                }
                Some(Event::JobsChanged | Event::DownloadsChanged | Event::Resync) => {
                    (is_old, is_changed) = (true, true);
                }
                Some(
                    Event::LibraryChanged
                    | Event::RootsChanged
                    | Event::SettingsChanged
                    | Event::AccountChanged
                    | Event::VaultChanged,
                ) => {}
                None => return,
            },
            () = sleep_until(is_changed.then_some(next)) => {}
        }
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake.into()).await,
        None => std::future::pending().await,
    }
}

/// The facts as they are now.
pub(super) async fn ask(engine: &App) -> Result<Facts, Error> {
    Ok(Facts { jobs: call(engine, "jobs_list").await?, downloads: call(engine, "downloads_list").await? })
}

async fn call<T: serde::de::DeserializeOwned>(engine: &App, command: &str) -> Result<T, Error> {
    let answer = engine.call(command, json!({})).await?;
    serde_json::from_value(answer)
        .map_err(|error| Error::invalid(format!("`{command}` answered something else: {error}")))
}
