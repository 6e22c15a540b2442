//! Contract tests of the engine: the bindings, and whole scans against a simulated Civitai over real HTTP.
//!
//! Links, permissions, signals and full disks are made the Unix way, so all but the bindings are tested there.
#![cfg_attr(
    unix,
    expect(clippy::disallowed_types, reason = "what happens to a database is done to it behind the engine's back")
)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bindings;
#[cfg(unix)]
mod care;
#[cfg(unix)]
mod commands;
#[cfg(unix)]
mod databases;
#[cfg(unix)]
mod discover;
#[cfg(unix)]
mod disk_full;
#[cfg(unix)]
mod downloads;
#[cfg(unix)]
mod guests;
mod identify;
#[cfg(unix)]
mod import;
#[cfg(unix)]
mod kill;
#[cfg(unix)]
mod library;
#[cfg(unix)]
mod link;
#[cfg(unix)]
mod links;
mod marks;
mod model;
#[cfg(unix)]
mod resilience;
#[cfg(unix)]
mod roots_away;
#[cfg(unix)]
mod scan;
mod sidecars;
#[cfg(unix)]
mod support;
#[cfg(unix)]
mod vault;
#[cfg(unix)]
mod watch;
