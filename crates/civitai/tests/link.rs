//! Civitai Link against the simulated relay, against a relay of another make, and against servers of raw bytes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod link {
    mod bench;
    mod ends;
    mod handshake;
    mod hostile;
    mod rooms;
    mod stranger;
}
mod support;
