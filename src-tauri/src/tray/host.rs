//! Whether the desktop shows tray icons at all. Windows and macOS always do; a Linux desktop may not.
//!
//! A Linux tray host owns a name on the session bus and says that something displays the icons. Old X11 trays (`XEmbed`)
//! do neither and count as none: the window is then minimised instead of closed, which loses nothing.

/// Asked anew each time, because panels come and go, and extensions are switched on and off.
#[cfg(not(target_os = "linux"))]
pub(crate) fn host_present() -> bool {
    true
}

/// Asked anew each time, because panels come and go, and extensions are switched on and off.
#[cfg(target_os = "linux")]
pub(crate) fn host_present() -> bool {
    match ask() {
        Ok(present) => present,
        Err(error) => {
            tracing::debug!(%error, "no tray host");
            false
        }
    }
}

#[cfg(target_os = "linux")]
fn ask() -> zbus::Result<bool> {
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";
    let bus = zbus::blocking::Connection::session()?;
    let watcher: zbus::blocking::Proxy<'_> = zbus::blocking::proxy::Builder::new(&bus)
        .destination(WATCHER)?
        .path("/StatusNotifierWatcher")?
        .interface(WATCHER)?
        // One question; following its changes would only log a warning where there is no tray.
        .cache_properties(zbus::proxy::CacheProperties::No)
        .build()?;
    watcher.get_property("IsStatusNotifierHostRegistered")
}
