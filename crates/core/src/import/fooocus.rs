//! Fooocus appends `{"/path": "0123456789"}` to `hash_cache.txt`: ten digits and nothing to check them by, so a hint.

use std::collections::HashMap;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::by_path::ByPath;
use super::clue::{ClueHash, Recorded};
use super::read;
use super::tool::Tool;
use crate::error::{Error, Result};

/// Most lines read.
const MAX_LINES: usize = 200_000;

/// Reads an installation's list.
pub(super) fn read(root: &Path, noted: &mut ByPath, on_problem: &mut dyn FnMut(&Path, Error)) {
    let list = root.join("hash_cache.txt");
    match lines_of(&list) {
        Ok(lines) => {
            let source: Arc<Path> = list.as_path().into();
            for (path, hash) in lines {
                noted.add(path, Recorded::new(Tool::Fooocus, hash, &source));
            }
        }
        Err(error) => on_problem(&list, error),
    }
}

fn lines_of(list: &Path) -> Result<HashMap<PathBuf, ClueHash>> {
    match read::open(list, read::MAX_CACHE)? {
        Some(reader) => lines(reader).map_err(|source| Error::io("read the hashes in", list, &source)),
        None => Ok(HashMap::new()),
    }
}

/// The last line for a path is the one that counts. A line that is none was cut off while it was written.
fn lines(reader: impl BufRead) -> std::io::Result<HashMap<PathBuf, ClueHash>> {
    let mut noted = HashMap::new();
    for line in reader.split(b'\n').take(MAX_LINES) {
        let Ok(entries) = serde_json::from_slice::<HashMap<String, String>>(&line?) else { continue };
        for (path, digits) in entries {
            if let Some(hash) = ClueHash::autov2(&digits) {
                noted.insert(PathBuf::from(path), hash);
            }
        }
    }
    Ok(noted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_for_a_path_counts_and_broken_lines_do_not() {
        let text =
            b"{\"/m/a.pt\": \"0123456789\"}\r\n{\"/m/b.pt\": \"e3b0c44298\"}\nnot json\n{\"/m/c.pt\": 7}\n\xff\xfe\n\
            {\"/m/a.pt\": \"abcdefabcd\"}\n{\"/m/d.pt\": \"01234";
        let noted = lines(&text[..]).unwrap();
        let expected = HashMap::from([(PathBuf::from("/m/a.pt"), ClueHash::autov2("ABCDEFABCD").unwrap())]);
        assert_eq!(noted, expected);
    }
}
