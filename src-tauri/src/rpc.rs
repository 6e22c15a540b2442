//! The engine's command table and its events, as seen by the page. Two commands carry the whole application.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use modeldock_core::{App, Error, Event};
use serde_json::Value;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::Channel;
use tauri::{Runtime, State, Webview};

/// Calls a command of the table. The page is not trusted: the engine checks name and request.
#[tauri::command]
pub(crate) async fn rpc(engine: State<'_, App>, name: String, request: Value) -> Result<Value, Error> {
    engine.call(&name, request).await
}

/// Sends every event to the page until its window goes or it subscribes anew, as it does after a reload.
#[tauri::command]
#[expect(clippy::needless_pass_by_value, reason = "Tauri hands over commands' arguments")]
pub(crate) fn subscribe<R: Runtime>(
    webview: Webview<R>,
    engine: State<'_, App>,
    streams: State<'_, EventStreams>,
    channel: Channel<Event>,
) {
    let mut events = engine.subscribe();
    let task = tauri::async_runtime::spawn(async move {
        while let Some(event) = events.next().await {
            if channel.send(Event::clone(&event)).is_err() {
                break;
            }
        }
    });
    streams.replace(webview.label(), task);
}

/// The running event streams, one for each window.
#[derive(Debug, Default)]
pub(crate) struct EventStreams(Mutex<HashMap<String, JoinHandle<()>>>);

impl EventStreams {
    fn replace(&self, window: &str, task: JoinHandle<()>) {
        let previous = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(window.to_owned(), task);
        if let Some(previous) = previous {
            previous.abort();
        }
    }

    /// Ends the stream of a window that is gone.
    pub(crate) fn end(&self, window: &str) {
        if let Some(task) = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(window) {
            task.abort();
        }
    }

    /// How many windows listen.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reloaded_page_does_not_leave_its_old_stream_running() {
        let streams = EventStreams::default();
        let forever = || tauri::async_runtime::spawn(std::future::pending::<()>());
        let (first, second) = (forever(), forever());
        streams.replace("main", first);
        streams.replace("main", second);
        assert_eq!(streams.len(), 1);
        streams.end("main");
        assert_eq!(streams.len(), 0);
    }
}
