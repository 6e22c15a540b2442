//! Whose key Modeldock shows to Civitai: taking it, keeping it, showing whose it is, forgetting it.
//!
//! The key itself travels one way only: from the person to a place that keeps it, and to the client. Nothing that can be
//! asked of the engine gives it back, so no page, log or answer can hold it.

mod files;
mod held;
mod keep;
mod keyring;
mod sealed;
mod secret;
mod signed_in;
mod state;

pub(crate) use held::Account;
pub use keep::KeptIn;
pub(crate) use keep::{Keep, Patience};
pub(crate) use keyring::Keyring;
pub use secret::{Secret, SecretError};
pub use state::AccountInfo;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::catalog::CatalogError;

/// The variable that gives a key for one run: it wins over a kept one and is never kept itself.
///
/// It stays in this process's environment, because taking it out is `unsafe` while threads run and a reader of the
/// environment could be among them. Programs that are started must be started without it.
pub const KEY_VARIABLE: &str = "MODELDOCK_CIVITAI_TOKEN";

/// A service that knows people by a key.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Asks with this key from now on, or without one. All clones of a client share it.
    fn use_key(&self, key: Option<Secret>);

    /// Whether there is a key. It may be a wrong one.
    fn has_key(&self) -> bool;

    /// Whose the key in use is. The only way to find out whether it is valid: look-ups ignore wrong ones.
    async fn profile(&self) -> Result<Profile, CatalogError>;

    /// Whose this key is, without using it for anything else.
    async fn profile_of(&self, key: Secret) -> Result<Profile, CatalogError>;
}

/// What a service says of the owner of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The public name.
    pub username: String,
    /// `founder`, `bronze`, …; `None` or `free` without a membership.
    pub tier: Option<String>,
    /// Whether there is a membership.
    pub is_member: bool,
}
