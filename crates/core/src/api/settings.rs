//! The user's choices.

use super::Empty;
use crate::app::App;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::settings::Settings;

pub(super) async fn get(app: &App, _: Empty) -> Result<Settings> {
    app.store().read(|tx| tx.settings()).await
}

pub(super) async fn set(app: &App, settings: Settings) -> Result<Settings> {
    if settings.hash_threads > 64 {
        return Err(Error::invalid("`hash_threads` is at most 64"));
    }
    if !settings.blur_above.is_power_of_two() || settings.blur_above > 32 {
        return Err(Error::invalid("`blur_above` is one of 1, 2, 4, 8, 16, 32"));
    }
    for (name, value, most) in [
        ("downloads_at_once", settings.downloads_at_once, 16),
        ("download_connections", settings.download_connections, 16),
        ("download_connections_total", settings.download_connections_total, 64),
    ] {
        if !(1..=most).contains(&value) {
            return Err(Error::invalid(format!("`{name}` is from 1 to {most}")));
        }
    }
    if let Some(hours) = settings.download_hours {
        hours.check()?;
    }
    app.store()
        .write(move |tx| {
            tx.set_settings(&settings)?;
            tx.publish(Event::SettingsChanged);
            Ok(settings)
        })
        .await
}
