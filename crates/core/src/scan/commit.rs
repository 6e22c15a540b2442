//! Stores what was read, and tells of it.
//!
//! Whatever failed is judged row by row ([`super::failure`]): one read is for every name of a file, and between the look
//! that asked for it and its end any of them may have changed.

use std::path::PathBuf;

use super::Fingerprint;
use super::failure::{Failure, Verdict};
use super::report::ScanEvent;
use super::run::{Reading, Scan, Wanted};
use crate::event::Event;
use crate::hash::{HashResult, ReadError, Sha256, Shape, Urgency};
use crate::store::{Known, NewContent, WriteTx};
use crate::units::{FileId, RootId, UnixMillis};

/// Files that keep changing without anybody telling are read again this often in one scan.
const MOST_REPEATS: u8 = 3;

/// What came of one file.
#[derive(Default)]
struct Stored {
    /// A hash that was believed and is not true, and the one that is.
    corrected: Option<(Sha256, Sha256)>,
    /// Why nothing could be stored of a read that gave hashes.
    failed: Option<ReadError>,
    /// Whether that is stored with a row.
    is_failure: bool,
    /// What is to be looked at again.
    again: Vec<(FileId, RootId, PathBuf)>,
}

impl Scan {
    /// Stores finished files. If the database cannot take them (a full disk), they are kept for the next attempt.
    pub(super) fn commit(&self, finished: &mut Vec<HashResult<Wanted>>, reading: &mut Reading) {
        if finished.is_empty() {
            return;
        }
        // Before the database is held: a disk may take its time.
        let now: Vec<Option<Fingerprint>> = finished.iter().map(what_is_there).collect();
        let shapes: Vec<Option<Shape>> = finished.iter().map(what_it_is).collect();
        let unknown = finished.iter().filter(|result| result.task.urgency == Urgency::Unknown).count();
        let stored = self.store.write_blocking(|tx| {
            let results = finished.iter().zip(now.iter().zip(&shapes));
            let stored = results
                .map(|(result, (now, shape))| store(tx, result, now.as_ref(), *shape, reading))
                .collect::<Result<_, _>>();
            tx.publish(Event::LibraryChanged);
            stored
        });
        let stored: Vec<Stored> = match stored {
            Ok(stored) => stored,
            Err(error) => {
                tracing::warn!(%error, files = finished.len(), "finished files could not be stored yet");
                reading.problem = Some(error);
                return;
            }
        };
        reading.problem = None;
        reading.unknown_left = reading.unknown_left.saturating_sub(unknown);
        for (result, stored) in finished.drain(..).zip(stored) {
            self.tell_read(result, stored, reading);
        }
    }

    fn tell_read(&self, result: HashResult<Wanted>, stored: Stored, reading: &mut Reading) {
        if reading.underway.get(&result.task.path) == Some(&result.task.tag) {
            reading.underway.remove(&result.task.path);
        }
        for (row, root, path) in stored.again {
            *reading.repeated.entry(row).or_default() += 1;
            reading.repeat.entry(root).or_default().push(path);
        }
        let path = result.task.path.display().to_string();
        match (stored.failed, result.outcome) {
            (None, Ok((digests, print))) => {
                let sha256 = digests.sha256.map(|sha256| sha256.to_string()).unwrap_or_default();
                reading.files += 1;
                reading.bytes += result.bytes_read;
                self.tell(ScanEvent::Hashed { path: path.clone(), size: print.size, sha256 });
            }
            (Some(error), _) | (None, Err(error)) => {
                if let Some(problem) = error.into_error(&result.task.path).filter(|_| stored.is_failure) {
                    self.tell(ScanEvent::Problem { path: path.clone(), problem });
                }
            }
        }
        if let Some((believed, sha256)) = stored.corrected {
            self.tell(ScanEvent::Corrected { path, believed: believed.to_string(), sha256: sha256.to_string() });
        }
    }
}

/// What a path leads to once it has been read.
fn what_is_there(result: &HashResult<Wanted>) -> Option<Fingerprint> {
    match &result.outcome {
        Ok((_, print)) => Some(*print),
        Err(ReadError::Cancelled) => None,
        Err(ReadError::Changing | ReadError::Unreadable(_)) => Fingerprint::of_path(&result.task.path).ok(),
    }
}

/// What the first bytes of what was read say. Said only of the file that was read.
fn what_it_is(result: &HashResult<Wanted>) -> Option<Shape> {
    let (_, print) = result.outcome.as_ref().ok()?;
    let shape = Shape::of_path(&result.task.path)?;
    Fingerprint::of_path(&result.task.path).is_ok_and(|now| now == *print).then_some(shape)
}

fn store(
    tx: &mut WriteTx<'_>,
    result: &HashResult<Wanted>,
    now: Option<&Fingerprint>,
    shape: Option<Shape>,
    reading: &Reading,
) -> crate::error::Result<Stored> {
    let HashResult { task, outcome, .. } = result;
    let mut stored = Stored::default();
    let mut left = task.tag.rows.clone();
    if let Ok((digests, print)) = outcome {
        let hashes = digests.complete().expect("all six were asked for");
        tx.put_content(&NewContent { hashes: &hashes, size: print.size, shape })?;
        let before = match task.tag.rows.first().filter(|_| task.urgency == Urgency::Unverified) {
            Some(row) => tx.file_row(*row)?.and_then(|row| row.known),
            None => None,
        };
        left.clear();
        for row in &task.tag.rows {
            if !tx.set_hash(*row, print, &Known::measured(hashes.sha256), UnixMillis::now())? {
                left.push(*row);
            }
        }
        if left.len() < task.tag.rows.len() {
            let believed = before.filter(|known| known.sha256 != hashes.sha256);
            stored.corrected = believed.map(|known| (known.sha256, hashes.sha256));
            if let Some((believed, truth)) = stored.corrected {
                tx.carry_marks(believed, truth)?;
            }
        } else {
            // It was read whole, but is no longer the file that the walk saw.
            stored.failed = Some(ReadError::Changing);
        }
    }
    let error = outcome.as_ref().err().cloned().unwrap_or(ReadError::Changing);
    let Some(problem) = error.into_error(&task.path) else { return Ok(stored) };
    let failure = Failure { path: &task.path, wanted: &task.tag.print, now };
    for id in left {
        let Some(row) = tx.file_row(id)? else { continue };
        let may_repeat = reading.repeated.get(&id).is_none_or(|times| *times < MOST_REPEATS);
        match failure.verdict(&row, may_repeat) {
            Verdict::Problem => {
                tx.set_problem(id, &problem)?;
                stored.is_failure = true;
            }
            Verdict::Again => stored.again.push((id, row.root, row.path)),
            Verdict::Nothing => {}
        }
    }
    Ok(stored)
}
