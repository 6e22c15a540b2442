//! "Are these the same bytes as last time?", answered without reading them.
//!
//! Size and modification time alone are not enough: tools restore the time after an edit (`touch -r`, some sync tools,
//! header rewriters). The change time, which no program can set, catches those; the file's identity catches a different
//! file moved into the place. Identities are given again after a deletion, and the time of birth catches that.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;
use std::time::Duration;

/// Which file on which volume, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FileIdentity {
    /// Device number, or volume serial number on Windows.
    pub volume: u64,
    /// Inode, or file index on Windows.
    pub index: u64,
}

/// What one look at a file's directory entry tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// Which file.
    pub identity: FileIdentity,
    /// Bytes.
    pub size: u64,
    /// Modification time, nanoseconds since 1970 UTC.
    pub modified: i64,
    /// Change time of the inode, nanoseconds since 1970 UTC; the creation time on Windows, which has no other.
    pub changed: i64,
    /// When the file was made, nanoseconds since 1970 UTC; `None` where the file system does not keep it.
    pub born: Option<i64>,
}

impl Fingerprint {
    /// Of the file a path leads to, links followed.
    pub fn of_path(path: &Path) -> io::Result<Self> {
        Self::of_metadata(&std::fs::metadata(path)?, path)
    }

    /// Of an open file; `path` is where it was opened.
    pub fn of_handle(file: &File, path: &Path) -> io::Result<Self> {
        Self::of_metadata(&file.metadata()?, path)
    }

    /// From what was already asked of the system.
    #[cfg(unix)]
    pub fn of_metadata(metadata: &Metadata, _path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        let nanoseconds = |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Ok(Self {
            identity: FileIdentity { volume: metadata.dev(), index: metadata.ino() },
            size: metadata.size(),
            modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
            changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
            born: metadata.created().ok().map(|time| match time.duration_since(std::time::UNIX_EPOCH) {
                Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
                Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanos| -nanos),
            }),
        })
    }

    /// From what was already asked of the system.
    #[cfg(windows)]
    pub fn of_metadata(metadata: &Metadata, path: &Path) -> io::Result<Self> {
        use std::os::windows::fs::MetadataExt;
        // Windows counts 100 ns since 1601.
        let nanoseconds =
            |time: u64| i64::try_from(i128::from(time) * 100 - 11_644_473_600_000_000_000).unwrap_or(i64::MAX);
        let identity = match file_id::get_file_id(path)? {
            file_id::FileId::Inode { device_id, inode_number } => {
                FileIdentity { volume: device_id, index: inode_number }
            }
            file_id::FileId::LowRes { volume_serial_number, file_index } => {
                FileIdentity { volume: u64::from(volume_serial_number), index: file_index }
            }
            file_id::FileId::HighRes { volume_serial_number, file_id } => {
                #[expect(clippy::cast_possible_truncation, reason = "the two halves are folded on purpose")]
                let index = (file_id >> 64) as u64 ^ file_id as u64;
                FileIdentity { volume: volume_serial_number, index }
            }
        };
        Ok(Self {
            identity,
            size: metadata.file_size(),
            modified: nanoseconds(metadata.last_write_time()),
            changed: nanoseconds(metadata.creation_time()),
            born: Some(nanoseconds(metadata.creation_time())),
        })
    }

    /// Whether this can be the file `earlier` was, renamed: everything but the change time, which a rename sets.
    ///
    /// Without the time of birth, two files of one size out of one archive are told apart by nothing once the second
    /// gets the deleted first one's inode, which ext4 does at once.
    pub fn is_renamed_from(&self, earlier: &Self) -> bool {
        self.identity == earlier.identity
            && self.size == earlier.size
            && self.modified == earlier.modified
            && self.born == earlier.born
    }

    /// How long until another write would certainly carry another time stamp. `now` in nanoseconds since 1970 UTC.
    pub fn settles_in(&self, now: i64) -> Duration {
        // Linux stamps with a tick of up to 10 ms. Whole seconds in both times hint at a file system that keeps no
        // fractions; the coarsest in use (FAT) counts in steps of two seconds.
        const FINE: i64 = 20_000_000;
        const COARSE: i64 = 2_000_000_000;
        let coarse = self.modified % 1_000_000_000 == 0 && self.changed % 1_000_000_000 == 0;
        let granularity = if coarse { COARSE } else { FINE };
        let last_change = self.modified.max(self.changed);
        let age = now.saturating_sub(last_change);
        // A time stamp in the future says nothing about when the next write would be stamped.
        if (0..granularity).contains(&age) {
            Duration::from_nanos(u64::try_from(granularity - age).unwrap_or(0))
        } else {
            Duration::ZERO
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fingerprint(modified: i64, changed: i64) -> Fingerprint {
        Fingerprint { identity: FileIdentity { volume: 1, index: 2 }, size: 3, modified, changed, born: None }
    }

    #[test]
    fn only_a_fresh_change_is_waited_for() {
        let now = 1_700_000_000_123_456_789;
        assert_eq!(fingerprint(now - 1_000_000, now - 1_000_000).settles_in(now), Duration::from_millis(19));
        assert_eq!(fingerprint(now - 60_000_000, now - 60_000_000).settles_in(now), Duration::ZERO);
        assert_eq!(fingerprint(now + 5, now + 5).settles_in(now), Duration::ZERO);
    }

    #[test]
    fn whole_seconds_mean_a_coarse_clock() {
        let second = 1_700_000_000_000_000_000;
        assert_eq!(fingerprint(second, second).settles_in(second + 500_000_000), Duration::from_millis(1500));
    }

    #[cfg(unix)]
    #[test]
    fn a_same_size_edit_with_restored_time_is_another_fingerprint() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.safetensors");
        std::fs::write(&path, b"one").unwrap();
        let before = Fingerprint::of_path(&path).unwrap();
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        std::fs::write(&path, b"two").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let after = Fingerprint::of_path(&path).unwrap();
        assert_eq!((after.size, after.modified), (before.size, before.modified));
        assert_ne!(after, before);
    }
}
