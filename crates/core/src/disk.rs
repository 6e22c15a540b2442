//! What sort of file system a path lies on, as far as it matters to those who watch and read it.
//!
//! The mount table is asked before the path itself is touched: `statfs` on a mount whose server has gone does not come
//! back, and the table alone already says that it is a network mount.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Who else may write to a file system, and whether the system hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileSystem {
    /// Every write goes through this machine's kernel.
    Local,
    /// Others write to it behind this machine's back: NFS, SMB, 9p (WSL's Windows drives), shared folders of virtual
    /// machines, cluster file systems.
    Network,
    /// A program of this machine answers for it, and may be a network client: sshfs, rclone, ntfs-3g, virtiofs.
    Fuse,
    /// It could not be told.
    Unknown,
}

impl FileSystem {
    /// Of a path that exists, links followed. May take as long as the file system takes to answer, except where the
    /// mount table already says that it is a network's.
    pub fn of(path: &Path) -> Self {
        Self::among(&MountTable::read().unwrap_or_default(), path)
    }

    /// The same by a table that was read before.
    pub fn among(mounts: &MountTable, path: &Path) -> Self {
        match mounts.of(path) {
            Some(known @ (Self::Network | Self::Fuse)) => known,
            Some(Self::Local | Self::Unknown) | None => ask(path),
        }
    }

    /// Whether events about changes can be relied upon.
    pub fn tells_changes(self) -> bool {
        matches!(self, Self::Local | Self::Unknown)
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn ask(path: &Path) -> FileSystem {
    #[expect(
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "magic numbers are 32 bits of either sign"
    )]
    let magic = rustix::fs::statfs(path).map(|answer| answer.f_type as u32);
    magic.map_or(FileSystem::Unknown, of_magic)
}

#[cfg(target_vendor = "apple")]
fn ask(path: &Path) -> FileSystem {
    const MNT_LOCAL: u32 = 0x1000;
    let Ok(answer) = rustix::fs::statfs(path) else { return FileSystem::Unknown };
    let name: String = answer.f_fstypename.iter().map(|byte| char::from(byte.unsigned_abs())).collect();
    if name.contains("fuse") {
        FileSystem::Fuse
    } else if answer.f_flags & MNT_LOCAL == 0 {
        FileSystem::Network
    } else {
        FileSystem::Local
    }
}

#[cfg(windows)]
fn ask(path: &Path) -> FileSystem {
    use std::path::{Component, Prefix};
    // Resolving turns the letter of a mapped drive into the server behind it.
    let Ok(resolved) = std::fs::canonicalize(path) else { return FileSystem::Unknown };
    match resolved.components().next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::UNC(..) | Prefix::VerbatimUNC(..) => FileSystem::Network,
            Prefix::Verbatim(_) | Prefix::VerbatimDisk(_) | Prefix::DeviceNS(_) | Prefix::Disk(_) => FileSystem::Local,
        },
        _ => FileSystem::Unknown,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple", windows)))]
fn ask(_: &Path) -> FileSystem {
    FileSystem::Unknown
}

/// By the number `statfs` gives (linux/magic.h, and the sources of those not in it).
#[cfg(any(target_os = "linux", target_os = "android"))]
fn of_magic(magic: u32) -> FileSystem {
    match magic {
        0x0000_6969 // NFS
        | 0x0000_517B // SMB
        | 0xFF53_4D42 // CIFS
        | 0xFE53_4D42 // SMB2
        | 0x0000_564C // NCP
        | 0x7375_7245 // Coda
        | 0x5346_414F // AFS
        | 0x6B41_4653 // kAFS
        | 0x0102_1997 // 9p
        | 0x00C3_6400 // Ceph
        | 0x0116_1970 // GFS2
        | 0x7461_636F // OCFS2
        | 0x0BD0_0BD0 // Lustre
        | 0x4750_4653 // GPFS
        | 0x786F_4256 // VirtualBox
        | 0x7C7C_6673 // Parallels
        | 0xBACB_ACBC // VMware
        | 0x2003_0528 // OrangeFS
        | 0x1983_0326 // BeeGFS
        | 0x5346_4846 // WSL 1
        | 0x0000_0187 // autofs: touching it is what mounts it
        => FileSystem::Network,
        0x6573_5546 => FileSystem::Fuse,
        _ => FileSystem::Local,
    }
}

/// By the name the mount table gives.
fn of_name(name: &str) -> FileSystem {
    match name {
        "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" | "ncpfs" | "coda" | "afs" | "9p" | "ceph" | "gfs2" | "ocfs2"
        | "lustre" | "gpfs" | "vboxsf" | "prl_fs" | "vmhgfs" | "orangefs" | "pvfs2" | "beegfs" | "drvfs" | "wslfs"
        | "autofs" => FileSystem::Network,
        "fuse" | "fuseblk" | "virtiofs" => FileSystem::Fuse,
        name if name.starts_with("fuse.") => FileSystem::Fuse,
        _ => FileSystem::Local,
    }
}

/// What is mounted where. Reading it touches none of the mounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MountTable {
    /// By mount point: the mount's number, which a new mount at the same place does not share, and what it is.
    mounts: HashMap<PathBuf, (u64, FileSystem)>,
}

impl MountTable {
    /// As it is now; `None` on systems that keep none.
    pub fn read() -> Option<Self> {
        if cfg!(target_os = "linux") {
            std::fs::read("/proc/self/mountinfo").ok().map(|text| Self::parse(&text))
        } else {
            None
        }
    }

    /// Lines of `36 35 98:0 /root /mount/point options [optional fields] - type source options` (proc(5)).
    fn parse(text: &[u8]) -> Self {
        let mut mounts = HashMap::new();
        for line in text.split(|byte| *byte == b'\n') {
            let mut fields = line.split(|byte| *byte == b' ');
            let number = fields.next().and_then(|field| std::str::from_utf8(field).ok()?.parse().ok());
            let point = fields.nth(3);
            let name = fields.skip_while(|field| *field != b"-").nth(1);
            if let (Some(number), Some(point), Some(name)) = (number, point, name) {
                // The last one at a place is the one on top.
                mounts.insert(unescape(point), (number, of_name(&String::from_utf8_lossy(name))));
            }
        }
        Self { mounts }
    }

    /// What the path lies on if no link is in it; nothing is touched.
    pub fn of(&self, path: &Path) -> Option<FileSystem> {
        path.ancestors().find_map(|place| self.mounts.get(place)).map(|(_, kind)| *kind)
    }

    /// What is mounted at exactly this place.
    pub fn mounted_at(&self, path: &Path) -> Option<FileSystem> {
        self.mounts.get(path).map(|(_, kind)| *kind)
    }

    /// Places where something was mounted or unmounted since `earlier`.
    pub fn changed_since<'a>(&'a self, earlier: &'a Self) -> impl Iterator<Item = &'a Path> {
        let here = self.mounts.iter().filter(|(place, mount)| earlier.mounts.get(*place) != Some(*mount));
        let gone = earlier.mounts.keys().filter(|place| !self.mounts.contains_key(*place));
        here.map(|(place, _)| place.as_path()).chain(gone.map(PathBuf::as_path))
    }
}

/// The table writes spaces, tabs, newlines and backslashes as three octal digits.
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, tail @ ..] = rest {
        let octal = match tail {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] if *first == b'\\' => {
                Some((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'))
            }
            _ => None,
        };
        bytes.push(octal.unwrap_or(*first));
        rest = if octal.is_some() { &tail[3..] } else { tail };
    }
    path_of(&bytes)
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:30 / /mnt/nas\\040one rw - nfs4 server:/models rw
31 22 0:31 / /mnt/c rw,noatime - 9p C:\\134 rw
32 30 0:32 / /mnt/nas\\040one/inner rw master:2 propagate_from:3 - fuse.sshfs host: rw
garbage
";

    #[test]
    fn a_path_lies_on_the_deepest_mount_above_it() {
        let table = MountTable::parse(TABLE.as_bytes());
        let of = |path: &str| table.of(Path::new(path)).unwrap();
        assert_eq!(of("/home/models"), FileSystem::Local);
        assert_eq!(of("/mnt/nas one/loras"), FileSystem::Network);
        assert_eq!(of("/mnt/nas one/inner/x"), FileSystem::Fuse);
        assert_eq!(of("/mnt/c/models"), FileSystem::Network);
        assert_eq!(of("/mnt/cc"), FileSystem::Local);
        assert_eq!(table.mounted_at(Path::new("/mnt/c")), Some(FileSystem::Network));
        assert_eq!(table.mounted_at(Path::new("/mnt/c/models")), None);
    }

    #[test]
    fn a_mount_that_came_went_or_was_replaced_is_a_change() {
        let table = MountTable::parse(TABLE.as_bytes());
        let without = MountTable::parse(TABLE.lines().take(2).collect::<Vec<_>>().join("\n").as_bytes());
        let replaced = MountTable::parse(TABLE.replace("31 22", "99 22").as_bytes());
        assert_eq!(table.changed_since(&table).count(), 0);
        assert_eq!(table.changed_since(&without).count(), 2);
        assert_eq!(without.changed_since(&table).count(), 2);
        assert_eq!(replaced.changed_since(&table).collect::<Vec<_>>(), [Path::new("/mnt/c")]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_temporary_folder_is_local_and_what_is_not_there_is_unknown() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(FileSystem::of(dir.path()), FileSystem::Local);
        assert_eq!(FileSystem::of(&dir.path().join("nothing")), FileSystem::Unknown);
    }
}
