//! The only model inside an archive, hashed as if it had been unpacked.
//!
//! Some versions at Civitai are archives, some people keep the archive they downloaded: either way one of the two hashes
//! is known there. Nothing is unpacked to the disk, and an archive that would unpack to far more than it should is left.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use sha2::Digest as _;

use super::Sha256;
use crate::error::{Error, Result};
use crate::roots::is_model_name;

/// More entries than any archive of a model has.
const MAX_ENTRIES: usize = 10_000;

/// Weights hardly shrink: what unpacks to more than this many times its size is not a model.
const MAX_RATIO: u64 = 200;

/// The SHA-256 of the single model in a `.zip`. `None` if it is none, or holds none or several.
pub(crate) fn only_model(path: &Path) -> Result<Option<Sha256>> {
    let is_zip = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    if !is_zip {
        return Ok(None);
    }
    let file = super::open_regular(path).map_err(|source| Error::io("read", path, &source))?;
    Ok(model_in(file))
}

fn model_in(file: File) -> Option<Sha256> {
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).ok()?;
    if archive.len() > MAX_ENTRIES {
        return None;
    }
    let is_model = |at: &usize| match archive.name_for_index(*at) {
        // An archive in an archive is not looked into.
        Some(Ok(name)) => is_model_name(Path::new(&*name)) && !name.to_ascii_lowercase().ends_with(".zip"),
        _ => false,
    };
    let models: Vec<usize> = (0..archive.len()).filter(is_model).take(2).collect();
    let [only] = models[..] else { return None };
    let entry = archive.by_index(only).ok()?;
    let (packed, size) = (entry.compressed_size(), entry.size());
    if size > packed.saturating_mul(MAX_RATIO) {
        return None;
    }
    let mut sha256 = sha2::Sha256::new();
    let mut unpacked = entry.take(size.saturating_add(1));
    let mut block = vec![0; 256 * 1024];
    let mut read = 0_u64;
    loop {
        match unpacked.read(&mut block) {
            Ok(0) => break,
            Ok(length) => {
                sha256.update(&block[..length]);
                read += length as u64;
            }
            Err(source) if source.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
    (read == size).then(|| Sha256::new(sha256.finalize().into()))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn zip_of(entries: &[(&str, &[u8])]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let mut zip = zip::ZipWriter::new(File::create(dir.path().join("a.zip")).unwrap());
        for (name, bytes) in entries {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        dir
    }

    fn only(entries: &[(&str, &[u8])]) -> Option<Sha256> {
        only_model(&zip_of(entries).path().join("a.zip")).unwrap()
    }

    #[test]
    fn the_single_model_of_an_archive_has_its_own_hash() {
        let expected = Sha256::new(sha2::Sha256::digest(b"weights").into());
        assert_eq!(only(&[("readme.txt", b"hi"), ("sub/a.safetensors", b"weights")]), Some(expected));
        assert_eq!(only(&[("a.pt", b"weights"), ("b.pt", b"others")]), None);
        assert_eq!(only(&[("readme.txt", b"hi")]), None);
    }

    #[test]
    fn an_archive_that_unpacks_to_far_too_much_is_left() {
        assert_eq!(only(&[("bomb.ckpt", &vec![0; 64 << 20])]), None);
    }

    #[test]
    fn what_is_no_archive_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.zip");
        for bytes in [&b""[..], b"PK\x03\x04", b"not a zip at all"] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(only_model(&path).unwrap(), None);
        }
        assert!(only_model(Path::new("/no/such.zip")).is_err());
    }
}
