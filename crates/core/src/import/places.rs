//! Where tools keep their caches when not beside the models.

use std::path::{Path, PathBuf};

/// This user's folders, as far as tools keep hashes there.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct UserPlaces {
    /// Where programs keep a folder each: `~/.config`, `%LOCALAPPDATA%`, `~/Library/Application Support`.
    pub config_dirs: Vec<PathBuf>,
    /// Where A1111 and Forge were told to keep their caches.
    pub webui_cache_dirs: Vec<PathBuf>,
}

impl UserPlaces {
    /// The user Modeldock runs for.
    pub fn of_this_user() -> Self {
        let mut config_dirs = Vec::new();
        if let Some(dirs) = directories::BaseDirs::new() {
            // Only Windows tells them apart, where Python's platformdirs takes the local one.
            config_dirs.extend([dirs.config_local_dir(), dirs.config_dir()].map(Path::to_owned));
        }
        config_dirs.dedup();
        let webui_cache_dirs = std::env::var_os("SD_WEBUI_CACHE_DIR")
            .filter(|dir| !dir.is_empty())
            .map(PathBuf::from)
            .filter(|dir| dir.is_absolute())
            .into_iter()
            .collect();
        Self { config_dirs, webui_cache_dirs }
    }
}
