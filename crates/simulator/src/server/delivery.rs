//! How an answer travels: at which pace, how far, and what then becomes of the connection.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;

use super::content::Made;
use super::exchange::Reply;
use super::listener::Gate;
use crate::counts::Entry;
use crate::faults::Action;

/// Bytes handed over at once. The record of what was sent is as fine as this.
const PIECE: u64 = 64 << 10;

/// What happens to the connection once a scripted number of bytes is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Close,
    Reset,
    Stall,
}

/// The delivery of one answer.
pub(super) struct Delivery {
    gate: Gate,
    entry: Entry,
    bytes_per_second: Option<u64>,
    ending: Option<(u64, Ending)>,
    /// Announce no length.
    chunked: bool,
    /// Header lines as they are.
    lines: Vec<Bytes>,
    /// Bytes beyond what is announced.
    surplus: u64,
}

impl Delivery {
    /// On this connection, as `actions` say.
    pub(super) fn new(gate: Gate, entry: Entry, pace: Option<u64>, actions: &[Action]) -> Self {
        let mut delivery =
            Self { gate, entry, bytes_per_second: pace, ending: None, chunked: false, lines: Vec::new(), surplus: 0 };
        for action in actions {
            match action {
                Action::Throttle { bytes_per_second } => delivery.bytes_per_second = Some(*bytes_per_second),
                Action::CutAfter { bytes } => delivery.ending = Some((*bytes, Ending::Close)),
                Action::ResetAfter { bytes } => delivery.ending = Some((*bytes, Ending::Reset)),
                Action::StallAfter { bytes } => delivery.ending = Some((*bytes, Ending::Stall)),
                Action::Unterminated { bytes } => {
                    delivery.ending = Some((*bytes, Ending::Close));
                    delivery.chunked = true;
                }
                Action::LongerBody { bytes } => delivery.surplus = *bytes,
                Action::RawHeader { line } => delivery.lines.push(line.clone().into()),
                Action::HeaderBomb { headers, bytes } => {
                    let value = "x".repeat(usize::try_from(*bytes).unwrap_or(0));
                    delivery.lines.extend((0..*headers).map(|number| format!("x-bomb-{number}: {value}").into()));
                }
                _ => {}
            }
        }
        delivery
    }

    /// Closes the connection without any answer.
    pub(super) fn none(self) -> Response {
        self.gate.close();
        plain(Reply::empty(StatusCode::OK))
    }

    /// Sends it.
    pub(super) fn send(self, mut reply: Reply) -> Response {
        if !self.lines.is_empty() || self.surplus > 0 {
            return self.send_raw(reply);
        }
        let content = match reply.made.take() {
            Some(made) => Content::Made(*made),
            None => Content::Held(std::mem::take(&mut reply.body)),
        };
        let full = content.len();
        // What is small and goes well needs no stream.
        if let (Content::Held(bytes), None, None) = (&content, self.bytes_per_second, self.ending)
            && full <= PIECE
        {
            self.entry.sent(full);
            return plain(Reply { body: bytes.clone(), ..reply });
        }
        let (kept, ending) = self.ending.map_or((full, None), |(bytes, ending)| (bytes.min(full), Some(ending)));
        let is_chunked = self.chunked;
        let flow = Flow { content, left: kept, ending, delivery: self };
        let mut response = Response::new(Body::from_stream(stream::unfold(flow, Flow::next)));
        *response.status_mut() = reply.status;
        *response.headers_mut() = *reply.headers;
        if !is_chunked {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(full));
        }
        response
    }

    /// Writes the answer by hand, below the HTTP library, and closes.
    fn send_raw(self, mut reply: Reply) -> Response {
        if let Some(made) = reply.made.take() {
            reply.body = made.hold();
        }
        let mut bytes = format!("HTTP/1.1 {}\r\n", reply.status).into_bytes();
        let own: [&HeaderName; 3] = [&CONTENT_LENGTH, &TRANSFER_ENCODING, &CONNECTION];
        let headers = reply.headers.iter().filter(|(name, _)| !own.contains(name));
        for (name, value) in headers {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        for line in &self.lines {
            bytes.extend([line, &b"\r\n"[..]].concat());
        }
        bytes.extend(format!("content-length: {}\r\nconnection: close\r\n\r\n", reply.body.len()).bytes());
        bytes.extend_from_slice(&reply.body);
        bytes.resize(bytes.len() + usize::try_from(self.surplus).unwrap_or(0), b'+');
        self.entry.sent(reply.body.len() as u64 + self.surplus);
        self.gate.send_instead(bytes.into());
        plain(Reply::empty(StatusCode::OK))
    }
}

/// An answer nothing is wrong with.
pub(super) fn plain(reply: Reply) -> Response {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = reply.status;
    *response.headers_mut() = *reply.headers;
    response
}

/// A body, in memory or not.
enum Content {
    Held(Bytes),
    Made(Made),
}

impl Content {
    fn len(&self) -> u64 {
        match self {
            Self::Held(bytes) => bytes.len() as u64,
            Self::Made(made) => made.len(),
        }
    }

    fn take(&mut self, most: u64) -> Bytes {
        match self {
            Self::Held(bytes) => bytes.split_to(usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len())),
            Self::Made(made) => made.take(most),
        }
    }
}

/// A body under way.
struct Flow {
    content: Content,
    /// Bytes until the end, scripted or natural.
    left: u64,
    ending: Option<Ending>,
    delivery: Delivery,
}

impl Flow {
    async fn next(mut self) -> Option<(io::Result<Bytes>, Self)> {
        if self.left == 0 {
            return self.end().await.map(|error| (Err(error), self));
        }
        let most = match self.delivery.bytes_per_second {
            // A tenth of a second per piece keeps progress smooth.
            Some(pace) if pace >= 10 => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                pace / 10
            }
            Some(pace) => {
                tokio::time::sleep(Duration::from_millis(1000 / pace.max(1))).await;
                1
            }
            None => PIECE,
        };
        let piece = self.content.take(most.min(self.left));
        self.left -= piece.len() as u64;
        self.delivery.entry.sent(piece.len() as u64);
        Some((Ok(piece), self))
    }

    /// `None` for an end as announced.
    async fn end(&self) -> Option<io::Error> {
        let ending = self.ending?;
        if ending == Ending::Stall {
            return std::future::pending().await;
        }
        // Gives the connection time to send what it has before it breaks.
        tokio::time::sleep(Duration::from_millis(30)).await;
        match ending {
            Ending::Reset => self.delivery.gate.reset(),
            Ending::Close | Ending::Stall => self.delivery.gate.close(),
        }
        Some(io::Error::other("cut by a scripted fault"))
    }
}
