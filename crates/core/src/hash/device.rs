//! How many files are worth reading at once from one device.
//!
//! A rotating disk is quickest with one reader: two halve its throughput by seeking. A flash disk wants as many as
//! there are. A server on the network hides its latency from two and gains nothing from more. What cannot be told is
//! treated as flash; so are the disks of virtual machines, which claim to rotate whatever they are made of, and file
//! systems over several devices.

use std::path::Path;

/// What a volume lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux is asked what a volume lies on"))]
pub(super) enum Device {
    Flash,
    Rotating,
    Remote,
    Unknown,
}

impl Device {
    /// The device of the volume this path is on. Asks the system; a server that hangs makes it wait.
    #[cfg(target_os = "linux")]
    pub(super) fn of(path: &Path, volume: u64) -> Self {
        let format = rustix::fs::statfs(path).ok().map(|stat| i128::from(stat.f_type) & 0xffff_ffff);
        match format {
            Some(format) if REMOTE.contains(&format) => Self::Remote,
            _ => Self::of_block_device(Path::new("/sys"), volume),
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn of(_: &Path, _: u64) -> Self {
        Self::Unknown
    }

    /// As the kernel says below `sys`.
    #[cfg(target_os = "linux")]
    fn of_block_device(sys: &Path, volume: u64) -> Self {
        let name = format!("dev/block/{}:{}", rustix::fs::major(volume), rustix::fs::minor(volume));
        let Ok(device) = sys.join(name).canonicalize() else { return Self::Unknown };
        let is_virtual = device.components().any(|part| {
            let part = part.as_os_str().to_string_lossy();
            part.starts_with("virtio") || part.starts_with("vbd-")
        });
        if is_virtual {
            return Self::Unknown;
        }
        // A partition has no queue; its disk is the folder above.
        let queue = [Some(device.as_path()), device.parent()]
            .into_iter()
            .flatten()
            .find_map(|device| std::fs::read_to_string(device.join("queue/rotational")).ok());
        match queue.as_deref().map(str::trim) {
            Some("0") => Self::Flash,
            Some("1") => Self::Rotating,
            _ => Self::Unknown,
        }
    }

    /// How many of its files may be open at once.
    pub(super) fn readers(self) -> usize {
        match self {
            Self::Flash | Self::Unknown => usize::MAX,
            Self::Rotating => 1,
            Self::Remote => 2,
        }
    }
}

/// File systems behind a network or another process, by the number `statfs` gives them: AFS, Ceph, CIFS, FUSE, Lustre,
/// NFS, 9P, SMB, SMB2.
#[cfg(target_os = "linux")]
const REMOTE: [i128; 9] =
    [0x5346_414f, 0x00c3_6400, 0xff53_4d42, 0x6573_5546, 0x0bd0_0bd0, 0x6969, 0x0102_1997, 0x517b, 0xfe53_4d42];

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    /// A `/sys` with one disk and its first partition, at 8:0 and 8:1.
    fn sys(disk: &str, rotational: &str) -> tempfile::TempDir {
        let sys = tempfile::tempdir().unwrap();
        let disk = sys.path().join("devices").join(disk);
        std::fs::create_dir_all(disk.join("sda1")).unwrap();
        std::fs::create_dir_all(disk.join("queue")).unwrap();
        std::fs::write(disk.join("queue/rotational"), rotational).unwrap();
        let links = sys.path().join("dev/block");
        std::fs::create_dir_all(&links).unwrap();
        std::os::unix::fs::symlink(&disk, links.join("8:0")).unwrap();
        std::os::unix::fs::symlink(disk.join("sda1"), links.join("8:1")).unwrap();
        sys
    }

    #[test]
    fn a_partition_is_what_its_disk_is() {
        for (rotational, device) in [("1\n", Device::Rotating), ("0\n", Device::Flash), ("?", Device::Unknown)] {
            let sys = sys("pci0000:00/ata1/block/sda", rotational);
            assert_eq!(Device::of_block_device(sys.path(), rustix::fs::makedev(8, 0)), device);
            assert_eq!(Device::of_block_device(sys.path(), rustix::fs::makedev(8, 1)), device);
        }
    }

    #[test]
    fn a_virtual_disk_that_claims_to_rotate_is_not_believed() {
        let sys = sys("pci0000:00/virtio1/block/vda", "1\n");
        assert_eq!(Device::of_block_device(sys.path(), rustix::fs::makedev(8, 1)), Device::Unknown);
    }

    #[test]
    fn a_volume_without_a_block_device_is_unknown() {
        let sys = sys("pci0000:00/ata1/block/sda", "1\n");
        assert_eq!(Device::of_block_device(sys.path(), rustix::fs::makedev(0, 42)), Device::Unknown);
    }
}
