//! Over the session bus, as freedesktop.org's Desktop Notifications Specification says.
//!
//! Said with zbus, which the tray speaks already, over one connection that is kept: GNOME takes a notification away when
//! the connection that sent it closes, and clicks come back over it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tauri::{AppHandle, Runtime};
use zbus::blocking::{Connection, MessageIterator};
use zbus::zvariant::Value;

use crate::tray::news::Notice;
use crate::window::{self, Place};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// The specification's name for a click on the notification itself.
const CLICK: &str = "default";

/// As in the menu's entry of the app, which gives the notification its name and icon.
const DESKTOP_ENTRY: &str = "Modeldock";

/// What a click on each shown notification opens.
type Places = Arc<Mutex<HashMap<u32, Place>>>;

/// The desktop, once there was something to say to it.
pub(super) struct Desktop<R: Runtime> {
    app: AppHandle<R>,
    bus: Option<Connection>,
    places: Places,
}

impl<R: Runtime> Desktop<R> {
    pub(super) fn new(app: AppHandle<R>) -> Self {
        Self { app, bus: None, places: Places::default() }
    }

    pub(super) fn show(&mut self, notice: &Notice) -> zbus::Result<()> {
        let bus = match &self.bus {
            Some(bus) => bus.clone(),
            None => self.connect()?,
        };
        let shown = self.send(&bus, notice);
        if shown.is_err() {
            // The bus may have been restarted; the daemon, if that is what is missing, is looked for anew as well.
            self.bus = None;
        }
        shown
    }

    fn connect(&mut self) -> zbus::Result<Connection> {
        let bus = Connection::session()?;
        let signals = zbus::MatchRule::builder()
            .msg_type(zbus::message::Type::Signal)
            .sender(NAME)?
            .path(PATH)?
            .interface(NAME)?
            .build();
        let signals = MessageIterator::for_match_rule(signals, &bus, None)?;
        let (app, places) = (self.app.clone(), Arc::clone(&self.places));
        std::thread::Builder::new().name("notification clicks".to_owned()).spawn(move || {
            // Ends with the connection.
            for signal in signals.flatten() {
                if let Some(place) = clicked(&signal, &places) {
                    window::open_at(&app, place);
                }
            }
        })?;
        self.bus = Some(bus.clone());
        Ok(bus)
    }

    fn send(&self, bus: &Connection, notice: &Notice) -> zbus::Result<()> {
        let abilities = bus.call_method(Some(NAME), PATH, Some(NAME), "GetCapabilities", &())?;
        let abilities: Vec<String> = abilities.body().deserialize()?;
        let can = |ability: &str| abilities.iter().any(|known| known == ability);
        let body = if can("body-markup") { escape(&notice.body) } else { notice.body.clone() };
        let actions = if can("actions") { vec![CLICK, "Open"] } else { Vec::new() };
        let hints = HashMap::from([("desktop-entry", Value::from(DESKTOP_ENTRY))]);
        let replaces = 0_u32;
        let as_long_as_usual = -1_i32;
        let request =
            ("Modeldock", replaces, "modeldock-desktop", &notice.summary, body, actions, hints, as_long_as_usual);
        // Held until the answer is in: a click may be as quick.
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = bus.call_method(Some(NAME), PATH, Some(NAME), "Notify", &request)?;
        places.insert(answer.body().deserialize()?, notice.place);
        Ok(())
    }
}

/// What a signal asks to open, if it is a click on one of ours.
fn clicked(signal: &zbus::Message, places: &Places) -> Option<Place> {
    let mut places = places.lock().unwrap_or_else(PoisonError::into_inner);
    match signal.header().member()?.as_str() {
        "ActionInvoked" => {
            let (id, action): (u32, String) = signal.body().deserialize().ok()?;
            places.get(&id).copied().filter(|_| action == CLICK)
        }
        "NotificationClosed" => {
            let (id, _reason): (u32, u32) = signal.body().deserialize().ok()?;
            places.remove(&id);
            None
        }
        _ => None,
    }
}

/// A model's name is text, whatever stands in it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use modeldock_core::units::FileId;

    use super::*;

    fn signal<B: serde::Serialize + zbus::zvariant::DynamicType>(member: &str, body: &B) -> zbus::Message {
        zbus::Message::signal(PATH, NAME, member).unwrap().build(body).unwrap()
    }

    #[test]
    fn a_click_opens_what_the_notification_was_about_until_it_is_closed() {
        let places = Places::default();
        places.lock().unwrap().insert(4, Place::File(FileId(7)));
        let click = |id: u32, action: &str| clicked(&signal("ActionInvoked", &(id, action)), &places);
        assert_eq!(click(4, CLICK), Some(Place::File(FileId(7))));
        assert_eq!(click(4, "snooze"), None);
        assert_eq!(click(5, CLICK), None, "another app's");
        assert_eq!(clicked(&signal("ActionInvoked", &7_u32), &places), None, "not what the specification says");
        assert_eq!(clicked(&signal("NotificationClosed", &(4_u32, 1_u32)), &places), None);
        assert_eq!(click(4, CLICK), None);
    }

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(escape("<b>A & B</b>"), "&lt;b&gt;A &amp; B&lt;/b&gt;");
    }
}
