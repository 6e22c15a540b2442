//! Somebody who knows of files only what hints lead to, and is compared with what is there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use modeldock_core::scan::Fingerprint;
use modeldock_core::watch::Hint;

use super::Watched;

/// What somebody knows who looks only where hints say, and reads only what is new, has changed or is in doubt.
pub(super) struct Library {
    root: PathBuf,
    pub(super) files: BTreeMap<PathBuf, (Fingerprint, String)>,
}

impl Library {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, files: BTreeMap::new() }
    }

    pub(super) fn look(&mut self, hint: &Hint) {
        let is_looked = |path: &Path| match hint {
            Hint::LookAtAll { .. } => true,
            Hint::Look { folders, .. } => folders.iter().any(|folder| path.parent() == Some(folder)),
        };
        let is_doubted = |path: &PathBuf| match hint {
            Hint::LookAtAll { lost_events, .. } => *lost_events,
            Hint::Look { written, .. } => written.contains(path),
        };
        let disk: BTreeMap<PathBuf, Fingerprint> =
            Self::on_disk(&self.root).filter(|(path, _)| is_looked(path)).collect();
        self.files.retain(|path, _| !is_looked(path) || disk.contains_key(path));
        for (path, print) in disk {
            let is_known = self.files.get(&path).is_some_and(|(known, _)| *known == print);
            let Some(content) = (!is_known || is_doubted(&path)).then(|| fs::read_to_string(&path).ok()).flatten()
            else {
                continue;
            };
            // One file under several names is written to under one of them, and read once.
            for (known, names_content) in self.files.values_mut() {
                if known.identity == print.identity {
                    names_content.clone_from(&content);
                }
            }
            self.files.insert(path, (print, content));
        }
    }

    fn on_disk(root: &Path) -> impl Iterator<Item = (PathBuf, Fingerprint)> {
        let entries = walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok);
        let models =
            entries.filter(|entry| entry.file_type().is_file() && entry.path().extension() == Some("pt".as_ref()));
        models.filter_map(|entry| Some((entry.path().to_owned(), Fingerprint::of_path(entry.path()).ok()?)))
    }

    /// What it should know.
    pub(super) fn truth(&self) -> BTreeMap<PathBuf, String> {
        Self::on_disk(&self.root).filter_map(|(path, _)| Some((path.clone(), fs::read_to_string(path).ok()?))).collect()
    }

    pub(super) fn told(&self) -> BTreeMap<PathBuf, String> {
        self.files.iter().map(|(path, (_, content))| (path.clone(), content.clone())).collect()
    }

    /// Looks where hints say until it knows what is there. `false` if it never does.
    pub(super) fn catches_up(&mut self, watched: &mut Watched, most: Duration) -> bool {
        let end = Instant::now() + most;
        loop {
            if self.told() == self.truth() {
                return true;
            }
            match watched.hints.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(hint) => self.look(&hint),
                Err(_) => return self.told() == self.truth(),
            }
        }
    }
}
