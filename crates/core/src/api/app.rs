//! What this program is and where it keeps things.

use serde::{Deserialize, Serialize};

use super::Empty;
use crate::app::{App, Role};
use crate::error::Result;

/// For the About box, bug reports and the first run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct AppInfo {
    /// Modeldock's version.
    pub version: String,
    /// Where the database is.
    pub data_dir: String,
    /// Where files are looked up.
    pub civitai_url: String,
    /// Whether this process runs the workers (an owner) or only looks (a guest).
    pub owner: bool,
    /// Whether nothing can be changed from here: a server that only shows the library.
    pub read_only: bool,
    /// What the engine had to do about its database at the start, for people; empty if nothing.
    pub notices: Vec<String>,
}

#[expect(clippy::unused_async, reason = "every command has the same shape")]
pub(super) async fn info(app: &App, _: Empty) -> Result<AppInfo> {
    Ok(AppInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data_dir: app.paths().data_dir().display().to_string(),
        civitai_url: app.catalog().base_url().to_owned(),
        owner: app.role() == Role::Owner,
        read_only: false,
        notices: app.notices().to_vec(),
    })
}
