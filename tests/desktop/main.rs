//! The desktop shell without a display: commands through Tauri's real access control, on its mock runtime.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod links;
mod policy;
mod shell;
mod stranger_paths;
