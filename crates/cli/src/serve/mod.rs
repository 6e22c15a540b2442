//! The library over HTTP: the page, the command table at `POST /rpc/{name}`, events at `/ws`, previews.
//!
//! Everything a browser tab of a stranger could try is refused in [`guard`] before a handler runs; the handlers here
//! only translate.

mod assets;
mod guard;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use axum_server::tls_rustls::RustlsConfig;
use modeldock_core::api::COMMANDS;
use modeldock_core::units::FileId;
use modeldock_core::{App, Code, Error, Result};
use serde_json::{Map, Value};

use crate::output::plain_words;
pub(crate) use assets::has_page;
use guard::Guard;

/// The largest command, in bytes.
const MAX_REQUEST: usize = 2 * 1024 * 1024;

/// Who may do what, and over what.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// Names and addresses, besides the one it listens on, by which browsers reach this computer.
    pub(crate) hosts: Vec<String>,
    /// Whether commands that change something are refused.
    pub(crate) read_only: bool,
    /// Encrypts, if given.
    pub(crate) tls: Option<Tls>,
}

/// Files in PEM.
#[derive(Debug)]
pub(crate) struct Tls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// How long requests may take to end once the server is to stop.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The server, bound to its port.
pub(crate) struct Server {
    listener: std::net::TcpListener,
    tls: Option<RustlsConfig>,
    guard: Arc<Guard>,
    served: Served,
}

/// What the handlers need.
#[derive(Clone)]
struct Served {
    app: App,
    read_only: bool,
}

impl Server {
    /// Takes the port. Nothing is answered before [`Self::run`].
    pub(crate) async fn bind(listen: SocketAddr, access: Access, app: App) -> Result<Self> {
        let tls = match &access.tls {
            Some(tls) => Some(read_tls(tls).await?),
            None => None,
        };
        let listener = std::net::TcpListener::bind(listen).map_err(|source| {
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
        let failed = |source: std::io::Error| {
            Error::new(Code::Io, format!("Could not listen on {listen}: {}", plain_words(&source)))
        };
        // The runtime waits for it, not the thread.
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let guard = Arc::new(Guard::new(address, &access.hosts, tls.is_some())?);
        Ok(Self { listener, tls, guard, served: Served { app, read_only: access.read_only } })
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
            .route("/preview/catalogue/{key}/{which}", get(catalogue_picture))
            .fallback(assets::page)
            .layer(axum::extract::DefaultBodyLimit::max(MAX_REQUEST))
            .layer(middleware::from_fn_with_state(Arc::clone(&self.guard), guard::check))
            .with_state(self.served)
            .into_make_service();
        let handle = axum_server::Handle::new();
        tokio::spawn({
            let handle = handle.clone();
            async move {
                // A failing signal handler must not leave a server that cannot be stopped. Open WebSockets would hold a
                // graceful end for ever.
                let _ = stop.await;
                handle.graceful_shutdown(Some(LAST_WORDS));
            }
        });
        let failed =
            |source: std::io::Error| Error::new(Code::Io, format!("The server ended: {}", plain_words(&source)));
        let ended = match self.tls {
            Some(tls) => {
                let server = axum_server::from_tcp_rustls(self.listener, tls).map_err(failed)?;
                server.handle(handle).serve(router).await
            }
            None => axum_server::from_tcp(self.listener).map_err(failed)?.handle(handle).serve(router).await,
        };
        ended.map_err(failed)
    }
}

async fn read_tls(tls: &Tls) -> Result<RustlsConfig> {
    // Whoever was first has installed it; there is only one that this program is built with.
    let _ = rustls::crypto::ring::default_provider().install_default();
    for path in [&tls.certificate, &tls.key] {
        std::fs::metadata(path).map_err(|source| Error::io("read", path, &source))?;
    }
    RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await.map_err(|source| {
        let message = format!(
            "`{}` and `{}` are no certificate and its key: {}",
            tls.certificate.display(),
            tls.key.display(),
            plain_words(&source)
        );
        Error::new(Code::InvalidRequest, message)
            .hint("Both are text files in PEM, as every tool for certificates writes")
    })
}

async fn rpc(State(served): State<Served>, Path(name): Path<String>, body: Result<Bytes, BytesRejection>) -> Response {
    if served.read_only && COMMANDS.iter().any(|command| command.name == name && command.changes) {
        let error = Error::new(Code::Forbidden, "This server only shows the library")
            .hint("Start `modeldock serve` without --read-only to change something");
        return no_store((StatusCode::FORBIDDEN, Json(error)).into_response());
    }
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
        Ok(request) => served.app.call(&name, request).await,
        Err(source) => Err(Error::invalid(format!("The request is not JSON: {source}"))),
    };
    match answer {
        Ok(mut answer) => {
            // The page offers nothing that would be refused.
            if let Some(read_only) = answer.get_mut("read_only").filter(|_| name == "app_info") {
                *read_only = served.read_only.into();
            }
            no_store(Json(answer).into_response())
        }
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

async fn preview(State(Served { app, .. }): State<Served>, Path((file, which)): Path<(i64, String)>) -> Response {
    picture(app.preview(FileId(file), &which).await)
}

async fn catalogue_picture(
    State(Served { app, .. }): State<Served>,
    Path((key, which)): Path<(String, String)>,
) -> Response {
    picture(app.catalogue_picture(&key, &which).await)
}

fn picture(found: Result<modeldock_core::PreviewFile>) -> Response {
    match found {
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

async fn events(State(Served { app, .. }): State<Served>, upgrade: WebSocketUpgrade) -> Response {
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
