//! Reads other programs' text files: ordinary files only, of a size that can be meant.

use std::io::{self, BufReader, Read, Take};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::error::{Code, Error, Result};
use crate::hash::open_regular;

/// The largest cache of a whole installation, in bytes.
pub(super) const MAX_CACHE: u64 = 64 * 1024 * 1024;

/// The largest file that describes one model, in bytes. Some carry every tag of a training set.
pub(super) const MAX_SIDECAR: u64 = 16 * 1024 * 1024;

/// A reader over the file, which ends at `most` however much it grows. `None` if there is no such file.
pub(super) fn open(path: &Path, most: u64) -> Result<Option<BufReader<Take<std::fs::File>>>> {
    let fail = |source: &io::Error| Error::io("read the hashes in", path, source);
    let file = match open_regular(path) {
        Ok(file) => file,
        // A folder that is a file is a file that is not there.
        Err(source) if matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(source) => return Err(fail(&source)),
    };
    if file.metadata().map_err(|source| fail(&source))?.len() > most {
        let message = format!("`{}` is larger than {} MiB; its hashes are not used", path.display(), most >> 20);
        return Err(unused(message));
    }
    Ok(Some(BufReader::new(file.take(most))))
}

/// The file's JSON, read as it is parsed: what `T` does not keep is never in memory.
pub(super) fn json<T: DeserializeOwned>(path: &Path, most: u64) -> Result<Option<T>> {
    let Some(mut reader) = open(path, most)? else { return Ok(None) };
    let unread =
        |what: &dyn std::fmt::Display| unused(format!("Could not read the hashes in `{}`: {what}", path.display()));
    skip_byte_order_mark(&mut reader).map_err(|source| unread(&source))?;
    serde_json::from_reader(reader).map(Some).map_err(|source| unread(&source))
}

/// Some Windows programs begin a text with one; JSON has no place for it.
fn skip_byte_order_mark(reader: &mut impl io::BufRead) -> io::Result<()> {
    if reader.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
        reader.consume(3);
    }
    Ok(())
}

/// Nothing is lost by a cache that cannot be read but time.
pub(super) fn unused(message: String) -> Error {
    Error::new(Code::Io, message).hint("Modeldock reads those model files itself instead; nothing is lost")
}
