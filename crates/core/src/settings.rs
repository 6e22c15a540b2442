//! What the user may choose. Stored field by field, so that an older Modeldock keeps what a newer one wrote.

use serde::{Deserialize, Serialize};

/// The user's choices, with their defaults filled in. A request to replace them names all of them: one that left
/// some out would reset what it did not mention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
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
}

impl Default for Settings {
    fn default() -> Self {
        Self { look_up: true, remote_previews: true, blur_above: 2, theme: Theme::System, hash_threads: 0 }
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
