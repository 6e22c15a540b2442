//! A typed client of Civitai's Site API, and the only crate of Modeldock that speaks HTTP to the outside.
//!
//! The engine sees [`Client`] only through [`modeldock_core::catalog::Civitai`]. Everything that comes back is treated
//! as a stranger's: sizes are capped, fields may be missing or odd, addresses in replies are never trusted with the key.

#![expect(clippy::disallowed_types, reason = "this is where HTTP belongs")]

mod account;
pub mod air;
mod body;
mod catalog;
mod client;
mod config;
mod convert;
mod download;
mod ecosystem;
mod failure;
mod link;
mod list;
mod origin;
mod pace;
mod preview;
mod reference;
mod retry;
mod retry_after;
mod token;
mod transport;
mod vault;
mod wire;

pub use account::{Account, Enums};
pub use client::Client;
pub use config::{ClientConfig, ClientConfigError, DEFAULT_BASE_URL};
pub use link::LinkUrls;
pub use pace::{Pace, WallClock};
pub use token::{Token, TokenError};
