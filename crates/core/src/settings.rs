//! What the user may choose. Stored field by field, so that an older Modeldock keeps what a newer one wrote.

use serde::{Deserialize, Serialize};

use crate::download::Hours;
use crate::link::LinkRemove;
use crate::units::ByteCount;

/// The user's choices, with their defaults filled in. A request to replace them names all of them: one that left
/// some out would reset what it did not mention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the settings")]
pub struct Settings {
    /// Ask Civitai what files are. Off: nothing leaves this computer.
    pub look_up: bool,
    /// Fetch preview pictures from Civitai.
    pub remote_previews: bool,
    /// Previews above this content level are blurred: 1 PG, 2 PG-13, 4 R, 8 X, 16 XXX.
    pub blur_above: u32,
    /// Appearance.
    pub theme: Theme,
    /// How many files are read at once; 0 means one per core.
    pub hash_threads: u32,
    /// How many downloads run at once.
    pub downloads_at_once: u32,
    /// How many connections one download has.
    pub download_connections: u32,
    /// How many connections all downloads have together.
    pub download_connections_total: u32,
    /// How many bytes a second all downloads take together; 0 means as many as come.
    pub download_limit: ByteCount,
    /// When downloads may run; always if there are no hours.
    pub download_hours: Option<Hours>,
    /// Download by itself whatever is new in the vault.
    pub vault_in_sync: bool,
    /// The desktop app says when downloads are finished, and what needs a person.
    pub notifications: bool,
    /// What becomes of the website's wish to remove something.
    pub link_remove: LinkRemove,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            look_up: true,
            remote_previews: true,
            blur_above: 2,
            theme: Theme::System,
            hash_threads: 0,
            downloads_at_once: 2,
            download_connections: 4,
            download_connections_total: 8,
            download_limit: ByteCount(0),
            download_hours: None,
            vault_in_sync: false,
            notifications: true,
            link_remove: LinkRemove::Ask,
        }
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the operating system says.
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_names_no_choices_does_not_reset_them() {
        assert!(serde_json::from_str::<Settings>("{}").is_err());
    }
}
