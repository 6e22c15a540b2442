//! What a thread that watches does with what it learns: hold back what is being written, gather the rest, tell.
//!
//! Shared by roots watched by events and folders that are polled, so that both are as patient.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::debounce::Gathering;
use super::options::{Moment, WatchOptions};
use super::settle::{Seen, Settling, Touch};
use super::{Hint, Why};
use crate::hash::safetensors;
use crate::scan::Fingerprint;
use crate::units::RootId;

/// Files that were renamed away a moment ago, in case the new name turns up. More of them are a moved folder.
const MOST_MOVED: usize = 1000;

type Sink = Box<dyn Fn(Hint) + Send>;

/// Passes hints on, one at a time, until it is closed.
#[derive(Clone)]
pub(super) struct Teller {
    sink: Arc<Mutex<Sink>>,
    closed: Arc<AtomicBool>,
}

impl Teller {
    /// To this listener.
    pub(super) fn new(on_hint: impl Fn(Hint) + Send + 'static) -> Self {
        Self { sink: Arc::new(Mutex::new(Box::new(on_hint))), closed: Arc::default() }
    }

    /// Another one to the same listener that is closed on its own.
    pub(super) fn another(&self) -> Self {
        Self { sink: Arc::clone(&self.sink), closed: Arc::default() }
    }

    /// Nothing is told after this but what is being told right now.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    fn tell(&self, hint: Hint) {
        let sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        if !self.closed.load(Ordering::Acquire) {
            tracing::debug!(?hint, "watch");
            sink(hint);
        }
    }
}

/// The files of one thread that are being written. Others may look at the list while the thread waits for a disk.
pub(super) type SharedSettling = Arc<Mutex<Settling>>;

/// One thread's share of a root.
pub(super) struct Part {
    pub(super) gathering: Gathering,
    pub(super) settling: SharedSettling,
    moved_away: HashMap<PathBuf, bool>,
    too_many_is: Why,
    teller: Teller,
}

impl Part {
    /// Of this root, on a network drive or not.
    pub(super) fn new(root: RootId, options: &WatchOptions, network: bool, too_many_is: Why, teller: Teller) -> Self {
        Self {
            gathering: Gathering::new(root, options, too_many_is),
            settling: Arc::new(Mutex::new(Settling::new(options, network))),
            moved_away: HashMap::new(),
            too_many_is,
            teller,
        }
    }

    fn settling<T>(&self, work: impl FnOnce(&mut Settling) -> T) -> T {
        work(&mut self.settling.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Something happened to a model file: it is told about once it has settled.
    pub(super) fn touch(&mut self, path: &Path, touch: Touch, now: Moment) {
        if !self.settling(|settling| settling.touch(path, touch, now)) {
            self.gathering.everything(self.too_many_is, true, now);
        }
    }

    /// A model file is not there any more by this name.
    pub(super) fn vanished(&mut self, path: &Path, now: Moment) {
        if let Some(written) = self.settling(|settling| settling.forget(path)) {
            if self.moved_away.len() >= MOST_MOVED {
                self.moved_away.clear();
            }
            self.moved_away.insert(path.to_owned(), written);
        }
        self.folder_of(path, now);
    }

    /// A model file got this name. What was written to it under a name nobody watches was not heard of.
    pub(super) fn renamed(&mut self, earlier: &[PathBuf], to: &Path, was_watched: bool) {
        let written = earlier.iter().any(|from| self.moved_away.get(from) == Some(&true));
        if written || !was_watched {
            self.settling(|settling| settling.mark_written(to));
        }
    }

    /// A folder is not there any more, and with it those below it. All are told by name: by the time somebody looks,
    /// another folder may be in the place of the topmost, and only their own names show that they are gone.
    pub(super) fn folder_vanished(&mut self, folder: &Path, below: &[PathBuf], now: Moment) {
        self.settling(|settling| settling.forget_below(folder));
        self.gathering.folder(folder, now);
        for folder in below {
            self.gathering.folder(folder, now);
        }
        self.folder_of(folder, now);
    }

    /// Something beside it changed, or it itself without its contents.
    pub(super) fn folder_of(&mut self, path: &Path, now: Moment) {
        if let Some(folder) = path.parent() {
            self.gathering.folder(folder, now);
        }
    }

    /// Whether a file is held back.
    pub(super) fn holds(&self, path: &Path) -> bool {
        self.settling(|settling| settling.holds(path))
    }

    /// Looks at the files that want to be looked at. Touches the disk. Returns those that turned out to be folders.
    pub(super) fn look(&mut self, now: Moment) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for path in self.settling(|settling| settling.due(now)) {
            let seen = match std::fs::metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {
                    folders.push(path.clone());
                    Seen::Nothing
                }
                Ok(metadata) if metadata.is_file() => {
                    Fingerprint::of_metadata(&metadata, &path).map_or(Seen::Nothing, Seen::File)
                }
                _ => Seen::Nothing,
            };
            // Read before the list is locked, and only when the wait may be over: a header is up to 100 MB.
            let may_be_over = self.settling(|settling| settling.is_unchanged(&path, seen));
            let whole = !may_be_over || is_whole(&path);
            let Some(settled) = self.settling(|settling| settling.looked(&path, seen, now, whole)) else { continue };
            self.folder_of(&settled.path, now);
            if settled.written && matches!(seen, Seen::File(_)) {
                self.gathering.written(settled.path, now);
            }
        }
        folders
    }

    /// Tells what is due.
    pub(super) fn tell(&mut self, now: Moment) {
        for hint in self.gathering.take(now) {
            self.teller.tell(hint);
        }
        if self.gathering.next().is_none() {
            self.moved_away.clear();
        }
    }

    /// When there is something to do.
    pub(super) fn next(&self) -> Option<Moment> {
        [self.gathering.next(), self.settling(|settling| settling.next())].into_iter().flatten().min()
    }
}

/// Whether a file is as long as it says itself. Only safetensors files say so; a damaged header says nothing.
fn is_whole(path: &Path) -> bool {
    let is_safetensors = path
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors") || ending.eq_ignore_ascii_case("sft"));
    let Some(size) = std::fs::metadata(path).ok().map(|metadata| metadata.len()).filter(|_| is_safetensors) else {
        return true;
    };
    let Ok(mut file) = File::open(path) else { return true };
    let mut first = [0; 9];
    if file.read_exact(&mut first).is_err() {
        // The length and the brace after it are written in one piece with the header, by every writer there is.
        return size == 0;
    }
    let [length @ .., brace] = first;
    match safetensors::plausible_header_len(length, u64::MAX) {
        Some(header) if matches!(brace, b'{' | b' ') => {
            if size < 8 + header {
                return false;
            }
            let promised = safetensors::read_file(path).ok().flatten().and_then(|header| header.expected_size);
            promised.is_none_or(|promised| size >= promised.0)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_shorter_than_its_header_promises_is_not_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        let json = br#"{"t":{"dtype":"F16","shape":[4],"data_offsets":[0,8]}}"#;
        let bytes = [&(json.len() as u64).to_le_bytes()[..], json, &[0; 8]].concat();
        for length in 1..bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            assert!(!is_whole(&path), "{length}");
        }
        std::fs::write(&path, &bytes).unwrap();
        assert!(is_whole(&path));
    }

    #[test]
    fn what_makes_no_promise_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        for (name, bytes) in [
            ("a.ckpt", &b"PK"[..]),
            ("b.safetensors", &[0xff; 64]),
            ("c.sft", b"<html>not a model</html>"),
            ("d.sft", b""),
        ] {
            std::fs::write(dir.path().join(name), bytes).unwrap();
            assert!(is_whole(&dir.path().join(name)), "{name}");
        }
        assert!(is_whole(Path::new("/nowhere/a.safetensors")));
    }
}
