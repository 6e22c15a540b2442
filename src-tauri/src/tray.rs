//! The tray icon: what is going on at a glance, and the few things one does without opening the window.
//!
//! On Linux a tray shows no tooltip, so the same words also stand in the menu's first line.

use std::sync::{Mutex, PoisonError};

use modeldock_core::units::DownloadId;
use modeldock_core::{App, Code, Error};
use serde_json::json;
use tauri::image::Image;
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _, Runtime};

use crate::window::{self, Place};

mod facts;
mod follow;
mod hold;
mod host;
mod look;
mod news;
mod notify;
mod tally;
mod words;

pub(crate) use host::host_present;

use facts::Facts;
use hold::{Hold, Targets};
use look::{Look, Recent, TrayState};

const OPEN: &str = "open";
const SYNC: &str = "sync";
const PAUSE: &str = "pause";
const RECENT: &str = "recent-";
const SETTINGS: &str = "settings";
const QUIT: &str = "quit";

/// As many as one command takes.
const MOST_DOWNLOADS_AT_ONCE: usize = 10_000;

/// The icon with the parts of it that change.
struct Tray<R: Runtime> {
    icon: TrayIcon<R>,
    status: MenuItem<R>,
    pause: MenuItem<R>,
    recent: Submenu<R>,
    shown: Mutex<Look>,
    /// What Pause held and nothing has let go of since.
    held: Mutex<Targets>,
}

/// Puts the icon up and keeps it true until the app ends.
pub(crate) fn start<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let look = Look::idle();
    let status = MenuItem::new(app, as_is(&look.text), false, None::<&str>)?;
    let pause = MenuItem::with_id(app, PAUSE, look.hold.label(), look.hold.is_possible(), None::<&str>)?;
    let recent = Submenu::new(app, "Finished downloads", false)?;
    let menu = Menu::with_items(
        app,
        &[
            &MenuItem::with_id(app, OPEN, "Open Modeldock", true, None::<&str>)?,
            &PredefinedMenuItem::separator(app)?,
            &status,
            &MenuItem::with_id(app, SYNC, "Sync now", true, None::<&str>)?,
            &pause,
            &recent,
            &PredefinedMenuItem::separator(app)?,
            &MenuItem::with_id(app, SETTINGS, "Settings", true, None::<&str>)?,
            &MenuItem::with_id(app, QUIT, "Quit", true, None::<&str>)?,
        ],
    )?;
    let icon = TrayIconBuilder::with_id("main")
        .icon(picture(look.state))
        .tooltip(look.tooltip())
        .menu(&menu)
        // Where the platform tells the buttons apart, the left one opens the window.
        .show_menu_on_left_click(false)
        .on_menu_event(on_menu)
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                window::open_main(icon.app_handle());
            }
        })
        .build(app)?;
    app.manage(Tray { icon, status, pause, recent, shown: Mutex::new(look), held: Mutex::default() });
    tauri::async_runtime::spawn(follow::follow(app.clone()));
    Ok(())
}

/// Changes what differs; a tray redraws the whole menu for each change.
fn show<R: Runtime>(app: &AppHandle<R>, facts: &Facts) {
    let Some(tray) = app.try_state::<Tray<R>>() else { return };
    let look = Look::of(facts, &tray.held.lock().unwrap_or_else(PoisonError::into_inner));
    let before = {
        let mut shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if *shown == look {
            return;
        }
        std::mem::replace(&mut *shown, look.clone())
    };
    if let Err(error) = apply(app, &tray, &before, &look) {
        tracing::warn!(%error, "could not update the tray");
    }
}

fn apply<R: Runtime>(app: &AppHandle<R>, tray: &Tray<R>, before: &Look, look: &Look) -> tauri::Result<()> {
    if look.state != before.state {
        tray.icon.set_icon(Some(picture(look.state)))?;
    }
    if look.text != before.text {
        tray.status.set_text(as_is(&look.text))?;
        tray.icon.set_tooltip(Some(look.tooltip()))?;
    }
    if look.hold.label() != before.hold.label() {
        tray.pause.set_text(look.hold.label())?;
    }
    if look.hold.is_possible() != before.hold.is_possible() {
        tray.pause.set_enabled(look.hold.is_possible())?;
    }
    if look.recent != before.recent {
        list(app, &tray.recent, &look.recent)?;
    }
    Ok(())
}

/// Lists the finished downloads anew.
fn list<R: Runtime>(app: &AppHandle<R>, menu: &Submenu<R>, recent: &[Recent]) -> tauri::Result<()> {
    while menu.remove_at(0)?.is_some() {}
    for (place, recent) in recent.iter().enumerate() {
        menu.append(&MenuItem::with_id(app, format!("{RECENT}{place}"), as_is(&recent.title), true, None::<&str>)?)?;
    }
    menu.set_enabled(!recent.is_empty())
}

/// In a menu's text, a single `&` marks the key to press.
fn as_is(text: &str) -> String {
    text.replace('&', "&&")
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is Tauri's")]
fn on_menu<R: Runtime>(app: &AppHandle<R>, event: MenuEvent) {
    match event.id().as_ref() {
        OPEN => window::open_main(app),
        SYNC => run(app, |engine| async move { engine.call("scan_start", json!({})).await.map(drop) }),
        PAUSE => pause_or_resume(app),
        SETTINGS => window::open_at(app, Place::Settings),
        QUIT => app.exit(0),
        other => {
            if let Some(number) = other.strip_prefix(RECENT).and_then(|number| number.parse().ok()) {
                open_recent(app, number);
            }
        }
    }
}

fn open_recent<R: Runtime>(app: &AppHandle<R>, number: usize) {
    let recent = {
        let tray = app.state::<Tray<R>>();
        let shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.recent.get(number).cloned()
    };
    if let Some(recent) = recent {
        // What is in no folder of the library is at least in the list of downloads.
        window::open_at(app, recent.file.map_or(Place::Downloads, Place::File));
    }
}

/// Does what the menu says, to what is so now: since it was drawn, a download may have ended or begun.
fn pause_or_resume<R: Runtime>(app: &AppHandle<R>) {
    let said = app.state::<Tray<R>>().shown.lock().unwrap_or_else(PoisonError::into_inner).hold.clone();
    let handle = app.clone();
    run(app, move |engine| async move {
        let facts = follow::ask(&engine).await?;
        let tray = handle.state::<Tray<R>>();
        let held = tray.held.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (said, Hold::of(&facts, &held)) {
            (Hold::Pause(_), Hold::Pause(targets)) => {
                // Known before the first of them is held: the tray is drawn anew meanwhile.
                tray.held.lock().unwrap_or_else(PoisonError::into_inner).add(targets.clone());
                act(&engine, "job_pause", "downloads_pause", &targets).await
            }
            (Hold::Resume(_), Hold::Resume(targets)) => {
                tray.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&targets);
                act(&engine, "job_resume", "downloads_resume", &targets).await
            }
            // It is so by itself by now.
            _ => Ok(()),
        }
    });
}

async fn act(engine: &App, to_job: &str, to_downloads: &str, targets: &Targets) -> Result<(), Error> {
    if let Some(job) = targets.job {
        match engine.call(to_job, json!({ "id": job })).await {
            Ok(_) => {}
            Err(error) if error.code == Code::NotFound => tracing::debug!(%error, "a scan ended meanwhile"),
            Err(error) => return Err(error),
        }
    }
    let downloads: Vec<DownloadId> = targets.downloads.iter().copied().collect();
    for ids in downloads.chunks(MOST_DOWNLOADS_AT_ONCE) {
        engine.call(to_downloads, json!({ "ids": ids })).await?;
    }
    Ok(())
}

/// Runs a wish of the user's; a failure is told, as there may be no window to show it.
fn run<R: Runtime, F>(app: &AppHandle<R>, wish: impl FnOnce(App) -> F)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let app = app.clone();
    let wish = wish(App::clone(&app.state::<App>()));
    tauri::async_runtime::spawn(async move {
        if let Err(error) = wish.await {
            tracing::warn!(%error, "a tray command failed");
            window::tell(&app, "Modeldock", &error, |_| {});
        }
    });
}

fn picture(state: TrayState) -> Image<'static> {
    match state {
        TrayState::Idle => tauri::include_image!("icons/tray-idle.png"),
        TrayState::Busy => tauri::include_image!("icons/tray-busy.png"),
        TrayState::Paused => tauri::include_image!("icons/tray-paused.png"),
        TrayState::Attention => tauri::include_image!("icons/tray-error.png"),
    }
}
