//! Reads one file for its hashes, and makes sure that what was read is one file at one moment.
//!
//! The fingerprint is taken before, on the open handle, and again afterwards; if any of them differ the file was
//! written to meanwhile and the hashes are thrown away. A file whose last change is so recent that another write could
//! carry the same time stamp is waited for: without that, a stored hash could outlive its content.
//!
//! A read is a value that advances by one block at a time, so that one thread can hold two ([`super::pool`]).

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::cache::PageCache;
use super::checkpoint::{Checkpoint, Checkpoints};
use super::digest::{Digester, update_pair};
use super::{Digests, Hashes, Kinds};
use crate::error::{Code, Error};
use crate::jobs::{Cancelled, JobControl};
use crate::scan::Fingerprint;

/// One read. Large enough for the vector code and the system, small enough for two to stay in a core's second-level
/// cache beside what the copying brings in: for SHA-256 alone 128 KiB cost a fifth more time, 1 MiB a third. A part of
/// [`super::tree::SUBTREE`], so that every subtree ends with a block.
const BLOCK: usize = 64 * 1024;

/// Why there are no hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadError {
    /// The user stopped it.
    Cancelled,
    /// The file changed while it was read: it is not finished yet.
    Changing,
    /// It cannot be read.
    Unreadable(Error),
}

impl From<Cancelled> for ReadError {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// How to read.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// What for.
    pub kinds: Kinds,
    /// Where to note how far large files are; `None` reads them from the start after an interruption.
    pub checkpoints: Option<Arc<Checkpoints>>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { kinds: Kinds::ALL, checkpoints: None }
    }
}

/// All six hashes of a file. `on_bytes` hears of every block.
pub fn hash_file(
    path: &Path,
    control: &JobControl,
    on_bytes: impl FnMut(u64),
) -> Result<(Hashes, Fingerprint), ReadError> {
    let (digests, fingerprint) = digest_file(path, &ReadOptions::default(), control, on_bytes)?;
    Ok((digests.complete().expect("all six were asked for"), fingerprint))
}

/// Hashes of a file. `on_bytes` hears of every block that was really read.
pub fn digest_file(
    path: &Path,
    options: &ReadOptions,
    control: &JobControl,
    mut on_bytes: impl FnMut(u64),
) -> Result<(Digests, Fingerprint), ReadError> {
    let mut reading = Reading::open(path, options, control)?;
    loop {
        match reading.fill(control)? {
            0 => return reading.finish(),
            bytes => {
                reading.digest();
                on_bytes(bytes);
            }
        }
    }
}

/// A file that is being read.
pub(super) struct Reading {
    path: PathBuf,
    file: File,
    opened: Fingerprint,
    digester: Digester,
    block: Vec<u8>,
    filled: usize,
    resumed_at: u64,
    cache: PageCache,
    checkpoint: Option<Checkpoint>,
}

impl Reading {
    /// Opens it, and goes to where it was left last time.
    pub(super) fn open(path: &Path, options: &ReadOptions, control: &JobControl) -> Result<Self, ReadError> {
        let unreadable = |source: &std::io::Error| unreadable(path, source);
        let before = Fingerprint::of_path(path).map_err(|source| unreadable(&source))?;
        wait_until_settled(&before, control)?;
        let mut file = open_regular(path).map_err(|source| unreadable(&source))?;
        let opened = Fingerprint::of_handle(&file, path).map_err(|source| unreadable(&source))?;
        if opened != before {
            return Err(ReadError::Changing);
        }
        let checkpoints = options.checkpoints.as_ref().filter(|checkpoints| checkpoints.cover(opened.size));
        let (checkpoint, begun) = checkpoints.map(|checkpoints| checkpoints.open(path, &opened, options.kinds)).unzip();
        let digester = begun.flatten().unwrap_or_else(|| Digester::new(options.kinds, opened.size));
        let resumed_at = digester.position();
        if resumed_at > 0 {
            file.seek(SeekFrom::Start(resumed_at)).map_err(|source| unreadable(&source))?;
        }
        // One byte more than the file has: a read that fills it shows that the file grew.
        let block = usize::try_from(opened.size + 1).unwrap_or(BLOCK).min(BLOCK);
        Ok(Self {
            path: path.to_owned(),
            opened,
            digester,
            block: vec![0; block],
            filled: 0,
            resumed_at,
            cache: PageCache::of(&file, opened.size, resumed_at),
            checkpoint,
            file,
        })
    }

    /// Where it began; what lies before was read an earlier time.
    pub(super) fn resumed_at(&self) -> u64 {
        self.resumed_at
    }

    /// Whether another file's digest could run beside its own for little more.
    pub(super) fn has_single_stream(&self) -> bool {
        self.digester.has_single_stream()
    }

    /// Reads the next block, whole unless the file ends, and says how long it is: 0 at the end.
    pub(super) fn fill(&mut self, control: &JobControl) -> Result<u64, ReadError> {
        control.checkpoint()?;
        self.filled = 0;
        while self.filled < self.block.len() {
            match self.file.read(&mut self.block[self.filled..]) {
                Ok(0) => break,
                Ok(length) => self.filled += length,
                Err(source) if source.kind() == std::io::ErrorKind::Interrupted => {}
                Err(source) => return Err(unreadable(&self.path, &source)),
            }
        }
        if self.digester.position() + self.filled as u64 > self.opened.size {
            return Err(self.changing());
        }
        Ok(self.filled as u64)
    }

    /// Digests the block.
    pub(super) fn digest(&mut self) {
        self.digester.update(&self.block[..self.filled]);
        self.passed();
    }

    /// Digests the blocks of two files together.
    pub(super) fn digest_pair(a: &mut Self, b: &mut Self) {
        update_pair(&mut a.digester, &a.block[..a.filled], &mut b.digester, &b.block[..b.filled]);
        a.passed();
        b.passed();
    }

    fn passed(&mut self) {
        self.cache.passed(&self.file, self.digester.position());
        if let Some(checkpoint) = &mut self.checkpoint {
            checkpoint.passed(&self.digester);
        }
    }

    /// The hashes, if the file is still what it was at the beginning.
    pub(super) fn finish(mut self) -> Result<(Digests, Fingerprint), ReadError> {
        self.cache.end(&self.file);
        let closed =
            Fingerprint::of_handle(&self.file, &self.path).map_err(|source| unreadable(&self.path, &source))?;
        let after = Fingerprint::of_path(&self.path).map_err(|source| unreadable(&self.path, &source))?;
        if self.digester.position() != self.opened.size || closed != self.opened || after != self.opened {
            return Err(self.changing());
        }
        if let Some(checkpoint) = self.checkpoint {
            checkpoint.remove();
        }
        Ok((self.digester.finish(), self.opened))
    }

    /// What was noted is of a file that is no more.
    fn changing(&mut self) -> ReadError {
        if let Some(checkpoint) = self.checkpoint.take() {
            checkpoint.remove();
        }
        ReadError::Changing
    }
}

fn unreadable(path: &Path, source: &std::io::Error) -> ReadError {
    ReadError::Unreadable(Error::io("read", path, source))
}

/// Opens a file that must be an ordinary one.
pub(crate) fn open_regular(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        // Opening a pipe that took the file's place would block for ever.
        use std::os::unix::fs::OpenOptionsExt;
        const O_NONBLOCK: i32 = if cfg!(any(target_os = "linux", target_os = "android")) { 0o4000 } else { 4 };
        options.custom_flags(O_NONBLOCK);
    }
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    Ok(file)
}

/// Waits out the granularity of the file system's clock, at most two seconds and nearly always not at all.
fn wait_until_settled(fingerprint: &Fingerprint, control: &JobControl) -> Result<(), Cancelled> {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX));
    let mut left = fingerprint.settles_in(now);
    while left > Duration::ZERO {
        control.checkpoint()?;
        let step = left.min(Duration::from_millis(50));
        std::thread::sleep(step);
        left -= step;
    }
    Ok(())
}

impl ReadError {
    /// As an error for people; `None` if the user stopped it.
    pub fn into_error(self, path: &Path) -> Option<Error> {
        match self {
            Self::Cancelled => None,
            Self::Changing => {
                let mut error = Error::new(Code::Io, format!("`{}` is still being written", path.display()))
                    .hint("It is read at the next scan, once it is finished");
                error.retryable = true;
                Some(error)
            }
            Self::Unreadable(error) => Some(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_that_grows_while_it_is_read_has_no_hashes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("growing.safetensors");
        std::fs::write(&path, vec![1; 2 * BLOCK]).unwrap();
        let mut writer = File::options().append(true).open(&path).unwrap();
        let result = hash_file(&path, &JobControl::default(), |_| writer.write_all(b"more").unwrap());
        assert_eq!(result, Err(ReadError::Changing));
    }

    #[test]
    fn a_file_replaced_while_it_is_read_has_no_hashes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("replaced.safetensors");
        std::fs::write(&path, vec![1; 2 * BLOCK]).unwrap();
        let other = dir.path().join("other");
        std::fs::write(&other, vec![2; 2 * BLOCK]).unwrap();
        let mut first = true;
        let result = hash_file(&path, &JobControl::default(), |_| {
            if std::mem::take(&mut first) {
                std::fs::rename(&other, &path).unwrap();
            }
        });
        assert_eq!(result, Err(ReadError::Changing));
    }

    #[test]
    fn a_cancelled_read_stops_at_the_next_block() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big.safetensors");
        std::fs::write(&path, vec![1; 4 * BLOCK]).unwrap();
        let control = JobControl::default();
        let mut blocks = 0;
        let result = hash_file(&path, &control, |_| {
            blocks += 1;
            control.cancel();
        });
        assert_eq!((result, blocks), (Err(ReadError::Cancelled), 1));
    }

    #[test]
    fn a_missing_file_is_named_in_the_error() {
        let error = hash_file(Path::new("/no/such.ckpt"), &JobControl::default(), |_| ()).unwrap_err();
        let ReadError::Unreadable(error) = error else { panic!("{error:?}") };
        assert!(error.message.contains("/no/such.ckpt"), "{}", error.message);
    }
}
