//! Connections that can be broken from outside: by going off line, or by a fault on one request.
//!
//! Bytes that no HTTP library would write are swapped in here, below it, so that the requests before and after them are
//! served like any other.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::lock;

/// Reaches into one connection from outside.
#[derive(Clone, Debug, Default)]
pub(super) struct Gate(Arc<State>);

#[derive(Debug, Default)]
struct State {
    closed: AtomicBool,
    reset: AtomicBool,
    /// Sent instead of whatever the HTTP library writes next; then the connection ends.
    instead: Mutex<Option<Bytes>>,
}

impl Gate {
    /// Makes the next read or write on the connection fail, which closes it: what was sent arrives, then comes a FIN.
    pub(super) fn close(&self) {
        self.0.closed.store(true, Ordering::SeqCst);
    }

    /// Like [`Self::close`], but with an RST.
    pub(super) fn reset(&self) {
        self.0.reset.store(true, Ordering::SeqCst);
        self.close();
    }

    /// Sends these bytes instead of the answer that is being written, and closes. For what no HTTP library writes.
    pub(super) fn send_instead(&self, bytes: Bytes) {
        *lock(&self.0.instead) = Some(bytes);
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
        if self.gate.0.closed.load(Ordering::SeqCst) || self.offline.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }

    /// Writes what is to be sent instead. `None` if there is no such thing.
    fn poll_instead(&mut self, context: &mut Context<'_>) -> Option<Poll<io::Result<usize>>> {
        let mut instead = lock(&self.gate.0.instead);
        let bytes = instead.as_mut()?;
        while !bytes.is_empty() {
            match Pin::new(&mut self.inner).poll_write(context, bytes) {
                Poll::Ready(Ok(count)) => bytes.advance(count),
                other => return Some(other),
            }
        }
        self.gate.close();
        Some(Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())))
    }
}

impl Drop for GatedStream {
    fn drop(&mut self) {
        if self.gate.0.reset.load(Ordering::SeqCst) {
            // Without it the connection would end with a FIN, which is another fault.
            let _ = self.inner.set_zero_linger();
        }
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
        if let Some(result) = self.poll_instead(context) {
            return result;
        }
        Pin::new(&mut self.inner).poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        if let Some(result) = self.poll_instead(context) {
            return result;
        }
        Pin::new(&mut self.inner).poll_write_vectored(context, buffers)
    }

    // Without this the library copies every body into one buffer with its head.
    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
