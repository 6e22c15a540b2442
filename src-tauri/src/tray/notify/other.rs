//! Windows and macOS, by way of `notify-rust`.

use tauri::{AppHandle, Manager as _, Runtime};

use crate::tray::news::Notice;

/// The desktop.
pub(super) struct Desktop<R: Runtime> {
    app: AppHandle<R>,
}

impl<R: Runtime> Desktop<R> {
    pub(super) fn new(app: AppHandle<R>) -> Self {
        let desktop = Self { app };
        #[cfg(target_os = "macos")]
        if let Some(identifier) = desktop.identifier()
            && let Err(error) = notify_rust::set_application(identifier)
        {
            tracing::info!(%error, "notifications come under another name");
        }
        desktop
    }

    /// Under which the system knows the app, if it has been installed.
    fn identifier(&self) -> Option<&str> {
        (!cfg!(debug_assertions)).then(|| self.app.config().identifier.as_str())
    }

    pub(super) fn show(&mut self, notice: &Notice) -> Result<(), notify_rust::error::Error> {
        let mut notification = notify_rust::Notification::new();
        notification.appname("Modeldock").summary(&notice.summary).body(&notice.body);
        #[cfg(windows)]
        if let Some(identifier) = self.identifier() {
            notification.app_id(identifier);
        }
        notification.show().map(drop)
    }
}
