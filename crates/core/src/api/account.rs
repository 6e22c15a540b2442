//! Who is signed in to Civitai. The key comes in here and never goes out.

use serde::Deserialize;

use super::Empty;
use crate::account::{AccountInfo, Secret};
use crate::app::App;
use crate::error::Result;

/// A key to sign in with.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// As Civitai's account settings show it.
    #[ts(type = "string")]
    pub key: Secret,
}

pub(super) async fn show(app: &App, _: Empty) -> Result<AccountInfo> {
    Ok(app.account().show().await)
}

pub(super) async fn sign_in(app: &App, request: SignIn) -> Result<AccountInfo> {
    app.account().sign_in(request.key).await
}

pub(super) async fn sign_out(app: &App, _: Empty) -> Result<AccountInfo> {
    app.account().sign_out().await
}
