//! What tools noted by a file's path.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::clue::{Clue, FileFacts, Recorded};
use crate::error::{Error, Result};

/// Everything that was noted, by the path it was noted for.
#[derive(Debug, Default)]
pub(super) struct ByPath(HashMap<PathBuf, Vec<Recorded>>);

impl ByPath {
    pub(super) fn add(&mut self, path: PathBuf, recorded: Recorded) {
        self.0.entry(path).or_default().push(recorded);
    }

    /// What fits the file, whether it was noted under the path it was found by or under the one its links lead to.
    pub(super) fn clues(&self, file: &FileFacts<'_>) -> Vec<Clue> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let noted = self.0.get(file.path).or_else(|| {
            // It exists: the scan has just seen it. If it is gone meanwhile, there is nothing to say about it.
            self.0.get(&std::fs::canonicalize(file.path).ok()?)
        });
        noted.into_iter().flatten().filter_map(|recorded| recorded.for_file(file)).collect()
    }
}

/// The rows of a database; a problem with it costs its rows.
pub(super) fn rows_or_problem<T>(
    answer: Result<Option<Vec<T>>>,
    source: &Path,
    on_problem: &mut dyn FnMut(&Path, Error),
) -> Vec<T> {
    match answer {
        Ok(rows) => rows.unwrap_or_default(),
        Err(error) => {
            on_problem(source, error);
            Vec::new()
        }
    }
}
