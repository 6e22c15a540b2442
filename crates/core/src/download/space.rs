//! Whether there is room for a download. Pure but for the question to the system.

use std::io;
use std::path::Path;

/// What stays free for everything else, in bytes: a disk filled to the brim breaks other programs.
const SPARE: u64 = 512 * 1024 * 1024;

/// Of a small disk, only this part of it.
const SPARE_PART: u64 = 20;

/// The room on a disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) free: u64,
    pub(crate) size: u64,
}

impl Room {
    /// On the disk of the nearest folder of `path` that exists.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let place = path.ancestors().find(|place| place.exists()).unwrap_or(path);
        Ok(Self { free: fs4::available_space(place)?, size: fs4::total_space(place)? })
    }

    /// How many bytes must be free for so many more; `None` if they are.
    pub(crate) fn lacks(self, more: u64) -> Option<u64> {
        let needed = more.saturating_add(SPARE.min(self.size / SPARE_PART));
        (more > 0 && self.free < needed).then_some(needed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_stays_free_on_every_disk() {
        let large = Room { free: 1 << 30, size: 1 << 40 };
        assert_eq!(large.lacks(1 << 29), None);
        assert_eq!(large.lacks((1 << 29) + 1), Some((1 << 30) + 1));
        let small = Room { free: 10, size: 100 };
        assert_eq!((small.lacks(5), small.lacks(6)), (None, Some(11)));
        assert_eq!(Room { free: 0, size: 100 }.lacks(0), None);
        assert_eq!(large.lacks(u64::MAX), Some(u64::MAX));
    }

    #[test]
    fn a_folder_that_is_not_there_yet_lies_where_it_will() {
        let dir = tempfile::tempdir().unwrap();
        let there = Room::at(dir.path()).unwrap();
        assert_eq!(Room::at(&dir.path().join("a/b/c")).unwrap().size, there.size);
    }
}
