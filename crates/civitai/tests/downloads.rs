//! Downloads against the simulated Civitai and its storage, and against servers of raw bytes where that is not odd enough.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod downloads {
    mod bench;
    mod bodies;
    mod open;
    mod redirects;
    mod resolve;
    mod secrets;
}
mod support;
