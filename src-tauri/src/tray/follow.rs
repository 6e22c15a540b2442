//! Keeps the tray true, and notices what is news.
//!
//! Facts are asked for anew, so that a missed event costs nothing; progress only updates numbers. However fast events come,
//! the tray is looked after a few times a second: a tray redraws its whole menu for every change.

use std::time::{Duration, Instant};

use modeldock_core::roots::RootInfo;
use modeldock_core::settings::Settings;
use modeldock_core::{App, Error, Event};
use serde_json::json;
use tauri::{AppHandle, Manager as _, Runtime};

use super::facts::Facts;
use super::news::{News, Notice};
use super::notify::Notifier;
use crate::window;

/// At most three times a second.
const PACE: Duration = Duration::from_millis(330);

/// Follows the engine until the app ends.
pub(super) async fn follow<R: Runtime>(app: AppHandle<R>) {
    let engine = App::clone(&app.state::<App>());
    let mut events = engine.subscribe();
    let mut follower =
        Follower { notifier: Notifier::start(app.clone()), app, engine, facts: Facts::default(), news: None };
    let (mut is_old, mut is_changed) = (true, true);
    let mut next = Instant::now();
    loop {
        let now = Instant::now();
        if is_changed && now >= next {
            if is_old {
                // If they cannot be had, the old ones are asked for again with the next event.
                is_old = !follower.ask().await;
            }
            is_changed = false;
            super::show(&follower.app, &follower.facts);
            next = Instant::now() + PACE;
        }
        follower.tell_what_is_due().await;
        let wake = [is_changed.then_some(next), follower.due()].into_iter().flatten().min();
        tokio::select! {
            event = events.next() => match event.as_deref() {
                Some(Event::Progress { job }) => {
                    is_old |= !follower.facts.job_moved(job);
                    is_changed = true;
                }
                Some(Event::DownloadProgress { downloads }) => {
                    follower.facts.downloads_moved(downloads);
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
                    | Event::ActivityChanged
                    | Event::VaultChanged
                    | Event::LinkChanged,
                ) => {}
                None => return,
            },
            () = sleep_until(wake) => {}
        }
    }
}

async fn sleep_until(wake: Option<Instant>) {
    match wake {
        Some(wake) => tokio::time::sleep_until(wake.into()).await,
        None => std::future::pending().await,
    }
}

struct Follower<R: Runtime> {
    app: AppHandle<R>,
    engine: App,
    facts: Facts,
    /// From the first facts on.
    news: Option<News>,
    notifier: Notifier,
}

impl<R: Runtime> Follower<R> {
    /// Asks for the facts, and looks for news in them. `false` if they cannot be had.
    async fn ask(&mut self) -> bool {
        match ask(&self.engine).await {
            Ok(facts) => self.facts = facts,
            Err(error) => {
                tracing::warn!(%error, "the tray does not know what is going on");
                return false;
            }
        }
        if let Some(news) = &mut self.news {
            let notice = news.look(&self.facts, Instant::now(), window::is_watched(&self.app));
            self.tell(notice.into_iter().collect()).await;
            return true;
        }
        match awaits_first_scan(&self.engine).await {
            Ok(awaits) => self.news = Some(News::at_start(&self.facts, awaits)),
            Err(error) => tracing::warn!(%error, "the tray does not know the folders"),
        }
        self.news.is_some()
    }

    fn due(&self) -> Option<Instant> {
        self.news.as_ref().and_then(News::due)
    }

    async fn tell_what_is_due(&mut self) {
        let now = Instant::now();
        let Some(news) = self.news.as_mut().filter(|news| news.due().is_some_and(|due| due <= now)) else { return };
        let notices = news.tell(now, window::is_watched(&self.app));
        self.tell(notices).await;
    }

    async fn tell(&self, notices: Vec<Notice>) {
        if notices.is_empty() {
            return;
        }
        // If it cannot be known whether they are wanted, they are not.
        match call::<Settings>(&self.engine, "settings_get").await {
            Ok(settings) if settings.notifications => notices.into_iter().for_each(|notice| self.notifier.show(notice)),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "nothing is notified"),
        }
    }
}

/// The facts as they are now.
pub(super) async fn ask(engine: &App) -> Result<Facts, Error> {
    Ok(Facts { jobs: call(engine, "jobs_list").await?, downloads: call(engine, "downloads_list").await? })
}

async fn awaits_first_scan(engine: &App) -> Result<bool, Error> {
    let roots: Vec<RootInfo> = call(engine, "roots_list").await?;
    Ok(roots.iter().all(|root| root.scanned_at.is_none()))
}

async fn call<T: serde::de::DeserializeOwned>(engine: &App, command: &str) -> Result<T, Error> {
    let answer = engine.call(command, json!({})).await?;
    serde_json::from_value(answer)
        .map_err(|error| Error::invalid(format!("`{command}` answered something else: {error}")))
}
