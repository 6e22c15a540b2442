//! The program as one types it: the real binary, a home folder of its own, a simulated Civitai over real HTTP.
//!
//! What a person or a script can see is asserted: standard output, standard error, exit codes, and what is left on disk.
//! Signals, pipes and file modes are those of Unix.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::disallowed_types,
    reason = "these tests are the browser; the program's own HTTP is in crates/civitai"
)]

mod support;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod tracer;

mod account;
mod care;
mod demo;
mod discover;
mod download;
mod errors;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod faults;
mod files;
mod hash;
mod keyring;
mod know;
mod list;
#[cfg(target_os = "linux")]
mod power_cuts;
mod remote;
mod scan;
mod secrecy;
mod serve;
mod vault;
