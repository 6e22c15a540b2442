//! The library over HTTP: the page, the command table at `POST /rpc/{name}`, events at `/ws`, previews.
//!
//! Everything a browser tab of a stranger could try is refused in [`guard`] before a handler runs; the handlers here
//! only translate.

mod assets;
mod guard;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use modeldock_core::units::FileId;
use modeldock_core::{App, Code, Error, Result};
use serde_json::{Map, Value};

use crate::output::plain_words;
pub(crate) use assets::has_page;
use guard::Guard;

/// The largest command, in bytes.
const MAX_REQUEST: usize = 2 * 1024 * 1024;

/// The server, bound to its port.
pub(crate) struct Server {
    listener: tokio::net::TcpListener,
    guard: Arc<Guard>,
    app: App,
}

impl Server {
    /// Takes the port. Nothing is answered before [`Self::run`].
    pub(crate) async fn bind(listen: SocketAddr, app: App) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(|source| {
            let error = Error::new(Code::Io, format!("Could not listen on {listen}: {}", plain_words(&source)));
            error.hint(match source.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    "Ports below 1024 are the system's; `--listen 127.0.0.1:0` picks a free one"
                }
                std::io::ErrorKind::AddrNotAvailable => {
                    "This computer has no such address; `--listen 127.0.0.1:0` always works"
                }
                _ => "Another program may use that port; `--listen 127.0.0.1:0` picks a free one",
            })
        })?;
        let address = listener.local_addr().map_err(|source| {
            Error::new(Code::Io, format!("Could not listen on {listen}: {}", plain_words(&source)))
        })?;
        Ok(Self { listener, guard: Arc::new(Guard::new(address)?), app })
    }

    /// The link that lets one in.
    pub(crate) fn url(&self) -> String {
        self.guard.link()
    }

    /// Answers until `stop` resolves.
    pub(crate) async fn run(self, stop: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
        let router = Router::new()
            .route("/rpc/{name}", post(rpc))
            .route("/ws", get(events))
            .route("/preview/{file}/{which}", get(preview))
            .fallback(assets::page)
            .layer(axum::extract::DefaultBodyLimit::max(MAX_REQUEST))
            .layer(middleware::from_fn_with_state(Arc::clone(&self.guard), guard::check))
            .with_state(self.app);
        let (stopped, mut stopping) = tokio::sync::watch::channel(false);
        let stop = async move {
            // A failing signal handler must not leave a server that cannot be stopped.
            let _ = stop.await;
            let _ = stopped.send(true);
        };
        let server = axum::serve(self.listener, router).with_graceful_shutdown(stop);
        let failed =
            |source: std::io::Error| Error::new(Code::Io, format!("The server ended: {}", plain_words(&source)));
        tokio::select! {
            ended = async { server.await } => ended.map_err(failed),
            // Open WebSockets would hold a graceful end for ever.
            () = async {
                let _ = stopping.wait_for(|stopped| *stopped).await;
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
            } => Ok(()),
        }
    }
}

async fn rpc(State(app): State<App>, Path(name): Path<String>, body: Result<Bytes, BytesRejection>) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => {
            let error = Error::invalid("The request is too large or was cut off").hint("A request may have 2 MiB");
            return no_store((rejection.status(), Json(error)).into_response());
        }
    };
    // Many commands take nothing, and of others everything can be left out; nothing may then be sent.
    let request = if body.is_empty() { Ok(Value::Object(Map::new())) } else { serde_json::from_slice(&body) };
    let answer = match request {
        Ok(request) => app.call(&name, request).await,
        Err(source) => Err(Error::invalid(format!("The request is not JSON: {source}"))),
    };
    match answer {
        Ok(answer) => no_store(Json(answer).into_response()),
        Err(error) => no_store(refuse(&error)),
    }
}

fn refuse(error: &Error) -> Response {
    let status = match error.code {
        Code::InvalidRequest => StatusCode::BAD_REQUEST,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Busy => StatusCode::CONFLICT,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Offline | Code::Server | Code::Unauthorised | Code::Forbidden | Code::WrongContent => {
            StatusCode::BAD_GATEWAY
        }
        Code::Io | Code::Cancelled | Code::NewerDatabase | Code::Database | Code::Internal => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    (status, Json(error)).into_response()
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn preview(State(app): State<App>, Path((file, which)): Path<(i64, String)>) -> Response {
    match app.preview(FileId(file), &which).await {
        Ok(found) => {
            let headers = [
                (header::CONTENT_TYPE, found.content_type),
                // The address carries the content's hash, so what it shows never changes.
                (header::CACHE_CONTROL, "private, max-age=86400"),
            ];
            (headers, found.bytes).into_response()
        }
        Err(error) => no_store(refuse(&error)),
    }
}

async fn events(State(app): State<App>, upgrade: WebSocketUpgrade) -> Response {
    // The page sends nothing; what comes in is only read to notice that it is gone.
    upgrade.max_message_size(4096).on_upgrade(move |socket| send_events(app, socket))
}

async fn send_events(app: App, mut socket: WebSocket) {
    let mut events = app.subscribe();
    loop {
        tokio::select! {
            event = events.next() => {
                let Some(event) = event else { return };
                let Ok(text) = serde_json::to_string(&*event) else { continue };
                if socket.send(Message::Text(text.into())).await.is_err() {
                    return;
                }
            }
            received = socket.recv() => match received {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return,
            },
        }
    }
}
