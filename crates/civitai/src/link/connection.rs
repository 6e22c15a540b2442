//! One open connection: frames in, events out, and the pings in between.
//!
//! Whatever is half done when [`LinkSocket::next`] is dropped is kept here, not in its future: a ping that has been heard
//! and not answered, an answer that is not flushed. That is what makes it safe to wait for the relay beside other things.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{SinkExt as _, StreamExt as _};
use modeldock_core::link::{FromRelay, LARGEST_MESSAGE, LinkError, LinkSocket, ToRelay};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as WsError, Message};

use super::engine_io::{self, Opened};
use super::{socket_io, speech};
use crate::failure::io_reason;

/// The longest message taken from a relay, in bytes: more than one takes itself.
const LONGEST_INCOMING: usize = 1 << 20;
/// The largest message, its frame, and what is still waiting to be written.
const WRITE_BUFFER: usize = 2 << 20;
/// How long the relay may take to take a message.
const SEND: Duration = Duration::from_secs(20);
/// How long a good-bye may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// A connection over any stream.
pub(super) struct Connection<S> {
    url: Arc<str>,
    socket: WebSocketStream<S>,
    opened: Opened,
    /// When the relay was last heard.
    heard: Instant,
    pong_due: bool,
    unflushed: bool,
    /// The relay takes nothing any more. What it already said is still read.
    is_deaf: bool,
    /// The number of the next `join`, and of the one that waits for its answer.
    next_id: u64,
    asked: Option<u64>,
    /// How it ended.
    over: Option<LinkError>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Greets over a stream that has just become a WebSocket. Takes as long as the relay lets it: the caller sets a limit.
    pub(super) async fn start(url: Arc<str>, stream: S) -> Result<Self, LinkError> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(LONGEST_INCOMING))
            .max_frame_size(Some(LONGEST_INCOMING))
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BUFFER);
        let mut connection = Self {
            url,
            socket: WebSocketStream::from_raw_socket(stream, Role::Client, Some(config)).await,
            // Until the relay says better.
            opened: Opened { patience: Duration::from_secs(60), longest: None },
            heard: Instant::now(),
            pong_due: false,
            unflushed: false,
            is_deaf: false,
            next_id: 0,
            asked: None,
            over: None,
        };
        connection.greet().await?;
        Ok(connection)
    }

    async fn greet(&mut self) -> Result<(), LinkError> {
        let text = self.text().await?;
        let Ok(engine_io::Packet::Open(opened)) = engine_io::read(&text) else {
            return Err(self.protocol("it does not begin with a greeting"));
        };
        self.opened = opened;
        self.write(engine_io::message(socket_io::CONNECT)).await?;
        loop {
            match self.packet().await? {
                socket_io::Packet::Connected => return Ok(()),
                socket_io::Packet::NotConnected(reason) => {
                    let why = format!("it lets nobody in: {}", speech::plain(&reason));
                    return Err(self.closed(why.trim_end_matches([':', ' '])));
                }
                socket_io::Packet::Disconnected => return Err(self.closed("the relay closed it")),
                // Events may not come before the namespace is open.
                socket_io::Packet::Event { .. } | socket_io::Packet::Answer { .. } | socket_io::Packet::Skipped(_) => {}
            }
        }
    }

    /// The next packet of Socket.IO. Answers pings.
    async fn packet(&mut self) -> Result<socket_io::Packet, LinkError> {
        loop {
            let text = self.text().await?;
            match engine_io::read(&text).map_err(|why| self.protocol(why))? {
                engine_io::Packet::Message(message) => {
                    return socket_io::read(message).map_err(|why| self.protocol(why));
                }
                engine_io::Packet::Ping => self.pong_due = true,
                engine_io::Packet::Nothing => {}
                engine_io::Packet::Close => return Err(self.closed("the relay closed it")),
                engine_io::Packet::Open(_) => return Err(self.protocol("it greets twice")),
            }
        }
    }

    /// The next text message.
    async fn text(&mut self) -> Result<String, LinkError> {
        loop {
            let deadline = self.heard + self.opened.patience;
            let received = timeout_at(deadline, poll_fn(|context| self.poll_message(context))).await;
            let message = match received {
                Ok(Ok(message)) => message,
                Ok(Err(error)) => return Err(self.broken(&error)),
                Err(_) => return Err(self.closed("the relay went silent")),
            };
            self.heard = Instant::now();
            match message {
                Message::Text(text) => return Ok(text.as_str().to_owned()),
                Message::Binary(_) => return Err(self.protocol("it sent binary data")),
                Message::Close(_) => return Err(self.closed("the relay closed it")),
                // The library answers these itself.
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
    }

    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, WsError>> {
        if !self.is_deaf {
            self.is_deaf = self.poll_outgoing(context).is_err();
        }
        self.socket.poll_next_unpin(context).map(|message| message.unwrap_or(Err(WsError::ConnectionClosed)))
    }

    /// Sends what is due, as far as the relay takes it.
    fn poll_outgoing(&mut self, context: &mut Context<'_>) -> Result<(), WsError> {
        if self.pong_due
            && let Poll::Ready(ready) = self.socket.poll_ready_unpin(context)
        {
            ready?;
            self.pong_due = false;
            self.unflushed = true;
            self.socket.start_send_unpin(Message::text(engine_io::PONG))?;
        }
        if self.unflushed
            && let Poll::Ready(flushed) = self.socket.poll_flush_unpin(context)
        {
            flushed?;
            self.unflushed = false;
        }
        Ok(())
    }

    async fn write(&mut self, packet: String) -> Result<(), LinkError> {
        // Also if nobody waits for the end of this.
        self.unflushed = true;
        match timeout(SEND, self.socket.send(Message::text(packet))).await {
            Ok(Ok(())) => {
                self.unflushed = false;
                Ok(())
            }
            Ok(Err(error)) => Err(self.broken(&error)),
            Err(_) => Err(self.closed("the relay did not take a message in time")),
        }
    }

    fn still_open(&self) -> Result<(), LinkError> {
        self.over.clone().map_or(Ok(()), Err)
    }

    fn ended(&mut self, error: LinkError) -> LinkError {
        self.over = Some(error.clone());
        error
    }

    fn closed(&mut self, why: &str) -> LinkError {
        self.ended(LinkError::Closed { url: self.url.to_string(), why: why.to_owned() })
    }

    fn protocol(&mut self, why: &str) -> LinkError {
        self.ended(LinkError::Protocol { url: self.url.to_string(), why: why.to_owned() })
    }

    fn broken(&mut self, error: &WsError) -> LinkError {
        use tokio_tungstenite::tungstenite::error::ProtocolError;
        match error {
            WsError::Io(io) => self.closed(io_reason(io.kind()).unwrap_or("the connection failed")),
            WsError::ConnectionClosed
            | WsError::AlreadyClosed
            | WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => self.closed("the relay hung up"),
            WsError::Capacity(_) => self.protocol("it sent a message of more than 1 MiB"),
            WsError::WriteBufferFull(_) => self.closed("the relay did not take a message in time"),
            _ => self.protocol("it sent something other than WebSocket frames"),
        }
    }
}

#[async_trait]
impl<S: AsyncRead + AsyncWrite + Unpin + Send> LinkSocket for Connection<S> {
    async fn send(&mut self, message: ToRelay<'_>) -> Result<(), LinkError> {
        self.still_open()?;
        let packet = engine_io::message(&speech::put(message, self.next_id));
        match message {
            ToRelay::Join(_) => {
                self.asked = Some(self.next_id);
                self.next_id += 1;
            }
            ToRelay::Status(_) => {
                let frame = engine_io::message(&socket_io::event("commandStatus", Some(""), None)).len();
                let is_larger = packet.len() - frame > LARGEST_MESSAGE;
                if is_larger || self.opened.longest.is_some_and(|longest| packet.len() > longest) {
                    return Err(LinkError::TooLarge { url: self.url.to_string(), bytes: packet.len() });
                }
            }
            ToRelay::Identify | ToRelay::Leave => {}
        }
        self.write(packet).await
    }

    async fn next(&mut self) -> Result<FromRelay, LinkError> {
        self.still_open()?;
        Ok(match self.packet().await? {
            socket_io::Packet::Event { name, arguments } => speech::heard(&name, arguments),
            socket_io::Packet::Answer { id, arguments } if self.asked == Some(id) => match speech::joined(&arguments) {
                Some(joined) => {
                    self.asked = None;
                    joined
                }
                None => speech::unknown("unreadable answer"),
            },
            socket_io::Packet::Answer { .. } => speech::unknown("answer to nothing"),
            socket_io::Packet::Connected => speech::unknown("second welcome"),
            socket_io::Packet::Skipped(what) => speech::unknown(what),
            socket_io::Packet::NotConnected(_) | socket_io::Packet::Disconnected => {
                return Err(self.closed("the relay closed it"));
            }
        })
    }

    async fn close(&mut self) {
        if self.over.is_some() {
            return;
        }
        // Whoever leaves does not wait to be let go: that it did not arrive is no trouble of theirs.
        let farewell = async {
            self.socket.send(Message::text(engine_io::message(socket_io::DISCONNECT))).await?;
            self.socket.close(None).await
        };
        let _ = timeout(FAREWELL, farewell).await;
        self.closed("it was closed here");
    }
}

#[cfg(test)]
mod tests;
