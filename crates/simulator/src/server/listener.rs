//! Connections that can be broken from outside: by going off line, or by a fault on one request.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Breaks one connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<AtomicBool>);

impl Gate {
    /// Makes the next read or write on the connection fail, which closes it.
    pub(super) fn close(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A listener whose connections carry a [`Gate`].
pub(super) struct Gated {
    inner: TcpListener,
    offline: Arc<AtomicBool>,
}

impl Gated {
    /// Takes over a bound, non-blocking socket. Must be called inside a runtime.
    pub(super) fn new(socket: std::net::TcpListener, offline: Arc<AtomicBool>) -> io::Result<Self> {
        let inner = TcpListener::from_std(socket)?;
        Ok(Self { inner, offline })
    }
}

impl Listener for Gated {
    type Io = GatedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (inner, address) = Listener::accept(&mut self.inner).await;
            if self.offline.load(Ordering::SeqCst) {
                continue;
            }
            let stream = GatedStream { inner, gate: Gate::default(), offline: Arc::clone(&self.offline) };
            return (stream, address);
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.inner.local_addr()
    }
}

impl Connected<IncomingStream<'_, Gated>> for Gate {
    fn connect_info(stream: IncomingStream<'_, Gated>) -> Self {
        stream.io().gate.clone()
    }
}

/// A connection with a [`Gate`].
pub(super) struct GatedStream {
    inner: TcpStream,
    gate: Gate,
    offline: Arc<AtomicBool>,
}

impl GatedStream {
    fn check(&self) -> io::Result<()> {
        if self.gate.0.load(Ordering::SeqCst) || self.offline.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for GatedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_read(context, buffer);
        if result.is_ready() {
            // Only after waking: an idle connection notices at the next request, like a real one whose peer vanished.
            self.check()?;
        }
        result
    }
}

impl AsyncWrite for GatedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.inner).poll_write(context, buffer)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
