//! What of an unfinished file was written, noted faster than a database could.
//!
//! The database says what has reached the disk, which is known every two seconds. After a kill (not a power cut) what was
//! merely written is still there, because the system keeps it: so it is noted every [`NOTE_EVERY`] bytes in a small file,
//! without waiting for the disk, and believed as long as the system has not been started anew. A note that is lost or
//! torn costs a few MiB that are fetched again; the whole file's hash is compared in any case.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::extents::Extents;
use super::file_at;
use crate::scan::FileIdentity;

/// How many bytes may be written before they are noted.
pub(crate) const NOTE_EVERY: u64 = 1024 * 1024;

/// Two notes take turns, so that a torn one leaves the one before.
const SLOT: usize = 4096;

/// The length and the checksum before a note's text.
const HEAD: usize = 8;

#[derive(Serialize, Deserialize)]
struct Note {
    turn: u64,
    boot: String,
    volume: u64,
    index: u64,
    parts: Extents,
}

/// The notes of one unfinished file.
#[derive(Debug)]
pub(crate) struct Ledger {
    file: File,
    boot: String,
    identity: FileIdentity,
    turn: u64,
}

impl Ledger {
    /// For the file with this identity; what was noted of another is forgotten with the first note.
    pub(crate) fn open(path: &Path, identity: FileIdentity) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        let turn = last_note(&file).map_or(0, |note| note.turn);
        Ok(Self { file, boot: boot(), identity, turn })
    }

    /// What was noted of this file since the system was started.
    pub(crate) fn read(&self) -> Extents {
        let of_this = |note: &Note| {
            !self.boot.is_empty()
                && note.boot == self.boot
                && (note.volume, note.index) == (self.identity.volume, self.identity.index)
        };
        last_note(&self.file).filter(of_this).map(|note| note.parts).unwrap_or_default()
    }

    /// Notes these parts.
    pub(crate) fn note(&mut self, parts: &Extents) -> io::Result<()> {
        self.turn += 1;
        let note = Note {
            turn: self.turn,
            boot: self.boot.clone(),
            volume: self.identity.volume,
            index: self.identity.index,
            parts: parts.clone(),
        };
        let text = serde_json::to_vec(&note).map_err(io::Error::other)?;
        if text.len() > SLOT - HEAD {
            // More parts than fit were never given out at once; the note before stays.
            return Ok(());
        }
        let mut slot = Vec::with_capacity(HEAD + text.len());
        slot.extend_from_slice(&u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
        slot.extend_from_slice(&crc32fast::hash(&text).to_le_bytes());
        slot.extend_from_slice(&text);
        file_at::write_all(&self.file, &slot, (self.turn % 2) * SLOT as u64)
    }
}

fn last_note(file: &File) -> Option<Note> {
    [0, SLOT as u64].into_iter().filter_map(|at| note_at(file, at)).max_by_key(|note| note.turn)
}

fn note_at(file: &File, at: u64) -> Option<Note> {
    let mut slot = vec![0; SLOT];
    let read = file_at::read_most(file, &mut slot, at).ok()?;
    let slot = &slot[..read];
    let length = u32::from_le_bytes(slot.get(..4)?.try_into().ok()?);
    let checksum = u32::from_le_bytes(slot.get(4..HEAD)?.try_into().ok()?);
    let text = slot.get(HEAD..HEAD.checked_add(usize::try_from(length).ok()?)?)?;
    (crc32fast::hash(text) == checksum).then(|| serde_json::from_slice(text).ok()).flatten()
}

/// A text that is another after every start of the system; empty where there is none, and nothing is believed then.
fn boot() -> String {
    let id = if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
    } else {
        Ok(String::new())
    };
    id.map(|id| id.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extents(end: u64) -> Extents {
        let mut extents = Extents::default();
        extents.add(0, end);
        extents
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_torn_note_leaves_the_one_before_and_another_file_is_not_believed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("partials/7");
        let identity = FileIdentity { volume: 1, index: 2 };
        let mut ledger = Ledger::open(&path, identity).unwrap();
        assert_eq!(ledger.read(), Extents::default());
        for end in [10, 20, 30] {
            ledger.note(&extents(end)).unwrap();
        }
        assert_eq!(Ledger::open(&path, identity).unwrap().read(), extents(30));
        let other = FileIdentity { index: 3, ..identity };
        assert_eq!(Ledger::open(&path, other).unwrap().read(), Extents::default());
        // The third note stands in the second slot.
        file_at::write_all(&File::options().write(true).open(&path).unwrap(), b"torn", SLOT as u64 + 20).unwrap();
        let mut ledger = Ledger::open(&path, identity).unwrap();
        assert_eq!(ledger.read(), extents(20));
        ledger.note(&extents(25)).unwrap();
        assert_eq!(Ledger::open(&path, identity).unwrap().read(), extents(25));
        std::fs::write(&path, b"garbage").unwrap();
        assert_eq!(Ledger::open(&path, identity).unwrap().read(), Extents::default());
    }
}
