//! The ways in which an answer goes wrong.
//!
//! Each is one wrong thing about an otherwise right answer, so that a test which passes has shown what it claims.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", rename_all_fields = "snake_case")]
pub enum Action {
    /// Answer this instead of asking the handler.
    Status {
        /// HTTP status.
        status: u16,
        /// Headers to send, for example `retry-after`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// Body; without one, `{"error":"Simulated fault"}`.
        #[serde(default)]
        body: Option<String>,
    },
    /// Wait before answering.
    Delay {
        /// Milliseconds.
        millis: u64,
    },
    /// Send the body at this pace.
    Throttle {
        /// Bytes per second.
        bytes_per_second: u64,
    },
    /// Announce the whole body, send this much of it, and close the connection (FIN).
    CutAfter {
        /// Body bytes sent before the cut.
        bytes: u64,
    },
    /// Close the connection without any answer.
    Drop,
    /// Do the work, then close the connection without any answer.
    LoseReply,
    /// Answer 200 with the whole file to a range request.
    IgnoreRange,
    /// Change every 64-digit hash in a JSON answer to another one.
    WrongHash,
    /// Flip bits in the body; its length stays.
    Corrupt {
        /// Offset of the damage in the body that is sent.
        offset: u64,
        /// Damaged bytes.
        bytes: u64,
    },
    /// A 200 with an HTML page, as a captive portal or a challenge page gives.
    Html,
    /// A 200 with no body.
    EmptyBody,
    /// The right answer, its second half missing, with a length that fits.
    Truncated,
    /// The JSON value `null`.
    NullBody,
    /// A JSON string of this size.
    LargeBody {
        /// Bytes.
        bytes: u64,
    },
    /// Set a response header, or remove it when there is no value.
    Header {
        /// Header name.
        name: String,
        /// New value.
        value: Option<String>,
    },
    /// Announce the whole body, send this much of it, and reset the connection (RST).
    ResetAfter {
        /// Body bytes sent before the reset.
        bytes: u64,
    },
    /// Announce the whole body, send this much of it, and then nothing, with the connection open.
    StallAfter {
        /// Body bytes sent before the silence.
        bytes: u64,
    },
    /// Send this much of the body in chunks, announce no length, and close without the last chunk.
    Unterminated {
        /// Body bytes sent before the end.
        bytes: u64,
    },
    /// Send more bytes than `Content-Length` announces. Bodies up to 64 MiB.
    LongerBody {
        /// Bytes too many.
        bytes: u64,
    },
    /// Give the object this tag, in answers and when `If-Range` is compared. Its bytes stay.
    Etag {
        /// `ETag` as sent, quotes included; none without.
        #[serde(default)]
        value: Option<String>,
    },
    /// Say another part in `Content-Range` than the one that is sent. Numbers are added to the true ones.
    ShiftRange {
        /// To the first byte.
        #[serde(default)]
        start: i64,
        /// To the last byte.
        #[serde(default)]
        end: i64,
        /// To the length of the whole.
        #[serde(default)]
        total: i64,
    },
    /// Answer a range request with `multipart/byteranges`, even for one part. Bodies up to 64 MiB.
    Multipart,
    /// Answer 416 to every range request.
    Unsatisfiable {
        /// Whether `Content-Range: bytes */N` says how long the object is.
        total: bool,
    },
    /// Compress the body, and say so in `Content-Encoding`. Bodies up to 64 MiB.
    Gzip,
    /// Instead of the body, so many zeros as gzip: about a thousandth of that on the wire.
    GzipBomb {
        /// Bytes after decompression.
        bytes: u64,
    },
    /// Storage redirects to itself so many times before it delivers; a number beyond any patience is a loop.
    RedirectChain {
        /// Redirects before the object.
        hops: u32,
    },
    /// Answer, and let every signed URL given out so far expire.
    Expire,
    /// Send many, or long, header lines.
    HeaderBomb {
        /// Lines.
        headers: u32,
        /// Bytes of each value.
        bytes: u32,
    },
    /// End a connection to the relay of Civitai Link at this packet, without a word. Pings and pongs do not count.
    CutLink {
        /// A packet from the client, else to it. The first to it is the greeting.
        from_client: bool,
        /// Which packet, counted from 1.
        nth: u64,
        /// Whether it still arrives.
        deliver: bool,
    },
    /// Send this header line as it is, whatever characters it holds, beside all others. Bodies up to 64 MiB.
    RawHeader {
        /// `Name: value`, without an end of line.
        line: String,
    },
}
