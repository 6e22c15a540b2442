//! The tray icon: what is going on at a glance, and the few things one does without opening the window.
//!
//! On Linux a tray shows no tooltip, so the same words also stand in the menu's first line.

use std::sync::{Mutex, PoisonError};

use modeldock_core::jobs::JobSnapshot;
use modeldock_core::{App, Error, Event};
use serde_json::{Value, json};
use tauri::image::Image;
use tauri::menu::{Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager as _, Runtime};

use crate::window;

mod host;
mod look;

pub(crate) use host::host_present;
pub use look::{Look, TrayState};

const OPEN: &str = "open";
const SYNC: &str = "sync";
const PAUSE: &str = "pause";
const QUIT: &str = "quit";

/// The icon with the parts of it that change.
struct Tray<R: Runtime> {
    icon: TrayIcon<R>,
    status: MenuItem<R>,
    pause: MenuItem<R>,
    shown: Mutex<Look>,
}

/// Puts the icon up and keeps it true until the app ends.
pub(crate) fn start<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let look = Look::idle();
    let status = MenuItem::new(app, &look.text, false, None::<&str>)?;
    let pause = MenuItem::with_id(app, PAUSE, look.pause_label(), false, None::<&str>)?;
    let menu = Menu::with_items(
        app,
        &[
            &MenuItem::with_id(app, OPEN, "Open Modeldock", true, None::<&str>)?,
            &PredefinedMenuItem::separator(app)?,
            &status,
            &MenuItem::with_id(app, SYNC, "Sync now", true, None::<&str>)?,
            &pause,
            &PredefinedMenuItem::separator(app)?,
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
    app.manage(Tray { icon, status, pause, shown: Mutex::new(look) });
    tauri::async_runtime::spawn(watch(app.clone()));
    Ok(())
}

/// Follows the engine. Facts are asked for anew, so that a missed event costs nothing.
async fn watch<R: Runtime>(app: AppHandle<R>) {
    let engine = App::clone(&app.state::<App>());
    let mut events = engine.subscribe();
    refresh(&app, &engine).await;
    while let Some(event) = events.next().await {
        match &*event {
            Event::Progress { job } => show(&app, &Look::of(std::slice::from_ref(job))),
            Event::JobsChanged | Event::Resync => refresh(&app, &engine).await,
            Event::LibraryChanged
            | Event::RootsChanged
            | Event::SettingsChanged
            | Event::AccountChanged
            | Event::VaultChanged
            | Event::DownloadsChanged
            | Event::DownloadProgress { .. } => {}
        }
    }
}

async fn refresh<R: Runtime>(app: &AppHandle<R>, engine: &App) {
    let jobs = engine.call("jobs_list", json!({})).await.and_then(|jobs| {
        serde_json::from_value::<Vec<JobSnapshot>>(jobs)
            .map_err(|error| Error::invalid(format!("`jobs_list` answered something else: {error}")))
    });
    match jobs {
        Ok(jobs) => show(app, &Look::of(&jobs)),
        Err(error) => tracing::warn!(%error, "the tray does not know the jobs"),
    }
}

/// Changes what differs; a tray redraws the whole menu for each change, and progress comes five times a second.
fn show<R: Runtime>(app: &AppHandle<R>, look: &Look) {
    let Some(tray) = app.try_state::<Tray<R>>() else { return };
    let before = {
        let mut shown = tray.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if *shown == *look {
            return;
        }
        std::mem::replace(&mut *shown, look.clone())
    };
    if let Err(error) = apply(&tray, &before, look) {
        tracing::warn!(%error, "could not update the tray");
    }
}

fn apply<R: Runtime>(tray: &Tray<R>, before: &Look, look: &Look) -> tauri::Result<()> {
    if look.state != before.state {
        tray.icon.set_icon(Some(picture(look.state)))?;
    }
    if look.text != before.text {
        tray.status.set_text(&look.text)?;
        tray.icon.set_tooltip(Some(look.tooltip()))?;
    }
    if look.pause_label() != before.pause_label() {
        tray.pause.set_text(look.pause_label())?;
    }
    if look.job.is_some() != before.job.is_some() {
        tray.pause.set_enabled(look.job.is_some())?;
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the signature is Tauri's")]
fn on_menu<R: Runtime>(app: &AppHandle<R>, event: MenuEvent) {
    match event.id().as_ref() {
        OPEN => window::open_main(app),
        SYNC => call(app, "scan_start", json!({})),
        PAUSE => pause_or_resume(app),
        QUIT => app.exit(0),
        _ => {}
    }
}

fn pause_or_resume<R: Runtime>(app: &AppHandle<R>) {
    let look = app.state::<Tray<R>>().shown.lock().unwrap_or_else(PoisonError::into_inner).clone();
    // Disabled without a job; a click may still have been on its way when the job ended.
    let Some(job) = look.job else { return };
    let command = if look.state == TrayState::Paused { "job_resume" } else { "job_pause" };
    call(app, command, json!({ "id": job }));
}

/// Calls the engine; a failure is told, as there may be no window to show it.
fn call<R: Runtime>(app: &AppHandle<R>, command: &'static str, request: Value) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let engine = App::clone(&app.state::<App>());
        if let Err(error) = engine.call(command, request).await {
            tracing::warn!(command, %error, "a tray command failed");
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
