//! Shows notifications in the desktop's own way, on a thread of its own: a desktop may take its time to answer.
//!
//! Where there is nobody to show them (no notification daemon, no session bus), that is logged once and nothing else happens.

use std::sync::mpsc;

use tauri::{AppHandle, Runtime};

use super::news::Notice;

#[cfg(target_os = "linux")]
#[path = "notify/linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "notify/other.rs"]
mod system;

/// Takes notices to the desktop. The thread ends with it.
pub(super) struct Notifier(Option<mpsc::Sender<Notice>>);

impl Notifier {
    pub(super) fn start<R: Runtime>(app: AppHandle<R>) -> Self {
        let (sender, notices) = mpsc::channel::<Notice>();
        let started = std::thread::Builder::new().name("notifications".to_owned()).spawn(move || {
            let mut desktop = system::Desktop::new(app);
            let mut is_told = false;
            for notice in notices {
                match desktop.show(&notice) {
                    Ok(()) => tracing::debug!(summary = notice.summary, "notified"),
                    Err(error) if is_told => tracing::debug!(%error, "not notified"),
                    Err(error) => {
                        is_told = true;
                        tracing::info!(%error, "this desktop shows no notifications");
                    }
                }
            }
        });
        match started {
            Ok(_) => Self(Some(sender)),
            Err(error) => {
                tracing::warn!(%error, "there will be no notifications");
                Self(None)
            }
        }
    }

    pub(super) fn show(&self, notice: Notice) {
        if let Some(sender) = &self.0 {
            // Its thread ends only with this end of the channel.
            let _ = sender.send(notice);
        }
    }
}
