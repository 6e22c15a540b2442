//! Where the reading of large files stood, so that an interruption costs seconds and not the whole file.
//!
//! One small file per model file that is being read, with two places written in turn: whatever happens to one record,
//! the one before it is still there. A record is believed only if its checksum, its version, the wanted kinds and every
//! part of the fingerprint agree. Nothing is synced: after a power cut the worst is that a file is read from the start.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::state::Input;
use super::{Digester, Kinds};
use crate::scan::Fingerprint;

#[cfg(test)]
#[cfg(unix)]
mod tests;

/// Smaller files are read again within a second or so, in bytes.
const MIN_SIZE: u64 = 256 << 20;

/// A record is written after this many bytes. Together with a lost record and a block under way, less than 64 MiB are
/// read again.
const EVERY: u64 = 24 << 20;

/// Room for one record; a state takes less than 2 KiB.
const PLACE: u64 = 16 * 1024;

/// Changes whenever the bytes of a record change their meaning.
const RECORD_VERSION: u8 = 1;

/// The folder of records.
#[derive(Debug)]
pub struct Checkpoints {
    dir: PathBuf,
    min_size: u64,
    every: u64,
}

impl Checkpoints {
    /// Kept in this folder, which is made when it is needed.
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, min_size: MIN_SIZE, every: EVERY }
    }

    /// Removes records nobody came back for.
    pub fn forget_older_than(&self, days: u64) {
        let Some(limit) = SystemTime::now().checked_sub(Duration::from_secs(days * 24 * 3600)) else { return };
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let is_old = entry.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|time| time < limit);
            if is_old {
                remove(&entry.path());
            }
        }
    }

    /// Where the records of this file are kept.
    fn place_of(&self, path: &Path) -> PathBuf {
        let key = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
        self.dir.join(&key[..32])
    }

    /// Whether files of this size have records.
    pub(super) fn cover(&self, size: u64) -> bool {
        size >= self.min_size
    }

    /// The records of a file, and how far a believable one of them is.
    pub(super) fn open(&self, path: &Path, fingerprint: &Fingerprint, kinds: Kinds) -> (Checkpoint, Option<Digester>) {
        let place = self.place_of(path);
        let mut checkpoint = Checkpoint {
            place,
            fingerprint: encode(fingerprint),
            every: self.every,
            file: None,
            next: 0,
            saved_at: 0,
            gave_up: false,
        };
        let mut best: Option<Digester> = None;
        for number in 0..2 {
            let found =
                read_record(&checkpoint.place, number).ok().and_then(|record| checkpoint.believe(&record, kinds));
            if let Some(found) = found
                && best.as_ref().is_none_or(|best| best.position() < found.position())
            {
                checkpoint.next = 1 - number;
                checkpoint.saved_at = found.position();
                best = Some(found);
            }
        }
        if best.is_none() {
            remove(&checkpoint.place);
        }
        (checkpoint, best)
    }
}

/// The records of one file that is being read.
#[derive(Debug)]
pub(super) struct Checkpoint {
    place: PathBuf,
    fingerprint: Vec<u8>,
    every: u64,
    file: Option<File>,
    /// Which of the two places is written next.
    next: u64,
    saved_at: u64,
    gave_up: bool,
}

impl Checkpoint {
    /// Writes a record if it is time for one. A file without records is still read, so failures are only logged.
    pub(super) fn passed(&mut self, digester: &Digester) {
        if self.gave_up || digester.position() < self.saved_at + self.every {
            return;
        }
        let Some(state) = digester.save() else { return };
        match self.write(&state) {
            Ok(()) => {
                self.saved_at = digester.position();
                self.next = 1 - self.next;
            }
            Err(error) => {
                tracing::warn!(%error, place = %self.place.display(), "an interruption will cost this file's progress");
                self.gave_up = true;
            }
        }
    }

    fn write(&mut self, state: &[u8]) -> io::Result<()> {
        let payload = [[RECORD_VERSION].as_slice(), &self.fingerprint, state].concat();
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        let checksum = blake3::hash(&payload);
        let record = [length.to_le_bytes().as_slice(), checksum.as_bytes(), &payload].concat();
        debug_assert!(record.len() as u64 <= PLACE);
        if self.file.is_none() {
            if let Some(dir) = self.place.parent() {
                fs::create_dir_all(dir)?;
            }
            self.file = Some(File::options().write(true).create(true).truncate(false).open(&self.place)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        file.seek(SeekFrom::Start(self.next * PLACE))?;
        file.write_all(&record)
    }

    /// The state in a record, if it is of this file as it is now and of these kinds.
    fn believe(&self, record: &[u8], kinds: Kinds) -> Option<Digester> {
        let mut input = Input::new(record);
        let length = u32::from_le_bytes(input.array()?);
        let checksum = blake3::Hash::from_bytes(input.array()?);
        let payload = input.slice(usize::try_from(length).ok()?)?;
        if blake3::hash(payload) != checksum {
            return None;
        }
        let mut input = Input::new(payload);
        let is_same = input.byte()? == RECORD_VERSION && input.slice(self.fingerprint.len())? == self.fingerprint;
        Digester::restore(input.rest()).filter(|digester| is_same && digester.kinds() == kinds)
    }

    /// The file is finished, or no longer what it was.
    pub(super) fn remove(self) {
        drop(self.file);
        remove(&self.place);
    }
}

fn read_record(place: &Path, number: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(place)?;
    file.seek(SeekFrom::Start(number * PLACE))?;
    let mut record = Vec::new();
    file.take(PLACE).read_to_end(&mut record)?;
    Ok(record)
}

fn remove(place: &Path) {
    if let Err(error) = fs::remove_file(place)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(%error, place = %place.display(), "a record of a read could not be removed");
    }
}

/// Every part of it: any difference means other bytes.
fn encode(fingerprint: &Fingerprint) -> Vec<u8> {
    let Fingerprint { identity, size, modified, changed, born } = *fingerprint;
    [
        identity.volume.to_le_bytes(),
        identity.index.to_le_bytes(),
        size.to_le_bytes(),
        modified.to_le_bytes(),
        changed.to_le_bytes(),
        u64::from(born.is_some()).to_le_bytes(),
        born.unwrap_or(0).to_le_bytes(),
    ]
    .concat()
}
