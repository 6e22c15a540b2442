//! Reads one file for its hashes, and makes sure that what was read is one file at one moment.
//!
//! The fingerprint is taken before, on the open handle, and again afterwards; if any of them differ the file was
//! written to meanwhile and the hashes are thrown away. A file whose last change is so recent that another write could
//! carry the same time stamp is waited for: without that, a stored hash could outlive its content.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use super::digest::Digester;
use super::{Hashes, Kinds};
use crate::error::{Code, Error};
use crate::jobs::{Cancelled, JobControl};
use crate::scan::Fingerprint;

/// One read. Large enough for a disk to be quick, small enough to stay in a core's second-level cache.
const BLOCK: usize = 512 * 1024;

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

/// Hashes a file. `on_bytes` hears of every block.
pub fn hash_file(
    path: &Path,
    control: &JobControl,
    mut on_bytes: impl FnMut(u64),
) -> Result<(Hashes, Fingerprint), ReadError> {
    let unreadable = |source: &std::io::Error| ReadError::Unreadable(Error::io("read", path, source));

    let before = Fingerprint::of_path(path).map_err(|source| unreadable(&source))?;
    wait_until_settled(&before, control)?;
    let mut file = open(path).map_err(|source| unreadable(&source))?;
    let opened = Fingerprint::of_handle(&file, path).map_err(|source| unreadable(&source))?;
    if opened != before {
        return Err(ReadError::Changing);
    }

    let mut digester = Digester::new(Kinds::ALL, opened.size);
    let mut block = vec![0; BLOCK];
    loop {
        control.checkpoint()?;
        let length = match file.read(&mut block) {
            Ok(0) => break,
            Ok(length) => length,
            Err(source) if source.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(source) => return Err(unreadable(&source)),
        };
        digester.update(&block[..length]);
        on_bytes(length as u64);
        if digester.position() > opened.size {
            return Err(ReadError::Changing);
        }
    }

    let closed = Fingerprint::of_handle(&file, path).map_err(|source| unreadable(&source))?;
    let after = Fingerprint::of_path(path).map_err(|source| unreadable(&source))?;
    if digester.position() != opened.size || closed != opened || after != opened {
        return Err(ReadError::Changing);
    }
    let digests = digester.finish().complete().expect("all six were asked for");
    Ok((digests, opened))
}

fn open(path: &Path) -> std::io::Result<File> {
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
