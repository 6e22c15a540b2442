//! Reads a small file that may be anything: huge, a pipe, a folder, a link to elsewhere.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use super::action::LeftAlone;
use crate::error::{Code, Error};

/// No program's sidecar comes near this, in bytes.
pub(super) const MAX_SIDECAR: u64 = 8 * 1024 * 1024;

/// Whether a link may stand in the file's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    /// To read: users link shared notes and pictures on purpose.
    Follow,
    /// To write: what is behind it may belong to something else altogether.
    Refuse,
}

/// Why there are no bytes.
#[derive(Debug)]
pub(super) enum Unread {
    /// Nothing has this name.
    Missing,
    /// A link, where none may be.
    Link,
    /// A folder, pipe, socket or device.
    NotAFile,
    /// More than [`MAX_SIDECAR`].
    TooLarge,
    /// The system refuses.
    Io(io::Error),
}

impl Unread {
    /// For people.
    pub(super) fn into_error(self, path: &Path) -> Error {
        let say = |text: &str| Error::new(Code::Io, format!("`{}` {text}", path.display()));
        match self {
            Self::Missing => Error::io("read", path, &io::ErrorKind::NotFound.into()),
            Self::Link => say("is a link"),
            Self::NotAFile => say("is not a regular file"),
            Self::TooLarge => say("is too large to be read"),
            Self::Io(source) => Error::io("read", path, &source),
        }
    }

    /// As a reason not to write.
    pub(super) fn into_reason(self, path: &Path) -> LeftAlone {
        match self {
            Self::Link => LeftAlone::Link,
            Self::Missing => LeftAlone::Changed,
            Self::NotAFile | Self::TooLarge | Self::Io(_) => {
                LeftAlone::NotUsable { problem: self.into_error(path).message }
            }
        }
    }
}

/// The whole file, with what the system says of it.
pub(super) fn read_whole(path: &Path, links: Links) -> Result<(Vec<u8>, Metadata), Unread> {
    let unread = |source: io::Error| match source.kind() {
        // A name too long for the disk cannot be there.
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename => Unread::Missing,
        _ => Unread::Io(source),
    };
    // Asked before opening: opening a device can do something.
    let place = match links {
        Links::Follow => std::fs::metadata(path).map_err(unread)?,
        Links::Refuse => std::fs::symlink_metadata(path).map_err(unread)?,
    };
    if place.is_symlink() {
        return Err(Unread::Link);
    }
    if !place.is_file() {
        return Err(Unread::NotAFile);
    }
    let file = open(path, links).map_err(unread)?;
    let metadata = file.metadata().map_err(unread)?;
    if !metadata.is_file() {
        return Err(Unread::NotAFile);
    }
    if metadata.len() > MAX_SIDECAR {
        return Err(Unread::TooLarge);
    }
    let mut bytes = Vec::new();
    file.take(MAX_SIDECAR + 1).read_to_end(&mut bytes).map_err(unread)?;
    if bytes.len() as u64 > MAX_SIDECAR {
        return Err(Unread::TooLarge);
    }
    Ok((bytes, metadata))
}

#[cfg(unix)]
fn open(path: &Path, links: Links) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    // A pipe or a link can take the file's place after it was looked at; opening a pipe would block for ever.
    let flags = match links {
        Links::Follow => OFlags::NONBLOCK,
        Links::Refuse => OFlags::NONBLOCK | OFlags::NOFOLLOW,
    };
    File::options().read(true).custom_flags(flags.bits().cast_signed()).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path, _: Links) -> io::Result<File> {
    File::open(path)
}

/// Bytes as text: UTF-8 or UTF-16 by its mark, else UTF-8 with `�` for what is not.
pub(super) fn decode(bytes: &[u8]) -> String {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_encodings_that_editors_save() {
        assert_eq!(decode("\u{feff}grün".as_bytes()), "grün");
        assert_eq!(decode(b"\xff\xfeg\0r\0\xfc\0n\0"), "grün");
        assert_eq!(decode(b"\xfe\xff\0g\0r\0\xfc\0n"), "grün");
        assert_eq!(decode(b"gr\xfcn"), "gr\u{fffd}n");
        assert_eq!(decode(b"\xff\xfeg"), "");
    }

    #[test]
    fn one_byte_too_many_is_too_large() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        let file = File::create(&path).unwrap();
        file.set_len(MAX_SIDECAR).unwrap();
        assert_eq!(read_whole(&path, Links::Follow).unwrap().0.len() as u64, MAX_SIDECAR);
        file.set_len(MAX_SIDECAR + 1).unwrap();
        assert!(matches!(read_whole(&path, Links::Follow), Err(Unread::TooLarge)));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_a_file_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let pipe = dir.path().join("pipe");
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/etc/hostname", &link).unwrap();
        assert!(matches!(read_whole(&pipe, Links::Follow), Err(Unread::NotAFile)));
        assert!(matches!(read_whole(dir.path(), Links::Refuse), Err(Unread::NotAFile)));
        assert!(matches!(read_whole(&link, Links::Refuse), Err(Unread::Link)));
        assert!(matches!(read_whole(&dir.path().join("none"), Links::Refuse), Err(Unread::Missing)));
        // Past the first look as well, should it take the place afterwards.
        assert!(open(&pipe, Links::Refuse).is_ok_and(|file| !file.metadata().unwrap().is_file()));
        assert!(open(&link, Links::Refuse).is_err());
    }
}
