//! Keeps a key in a file of its own, encrypted, where the system has no keyring.
//!
//! `account.key` (another key's file has another name) is encrypted with what is in `account.seal` together with the number of this machine. That protects
//! against whoever sees the folder elsewhere (a backup, a folder in sync, a screenshot), not against whoever can read
//! this user's files here: a program that needs no password from anybody cannot keep a secret from its own user.

use std::path::{Path, PathBuf};

use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::files;
use super::secret::Secret;
use crate::error::{Code, Error, Result};

/// How `account.key` begins.
const HEAD: &[u8] = b"modeldock account 1\n";
const NONCE: usize = 24;
const SEAL: usize = 32;

/// Domain of the key derivation: another use of the same bytes would give another key.
const CONTEXT: &str = "modeldock 2026-11-25 account.key";

/// The files of one data folder.
#[derive(Debug, Clone)]
pub(super) struct Sealed {
    folder: PathBuf,
    name: &'static str,
    machine: Vec<u8>,
}

/// What was in the file.
#[derive(Debug)]
pub(super) struct Unsealed {
    pub(super) key: Secret,
    /// What is to be said about it.
    pub(super) remark: Option<Error>,
}

impl Sealed {
    /// In this folder, on this machine.
    pub(super) fn new(folder: &Path, name: &'static str) -> Self {
        Self { folder: folder.to_owned(), name, machine: machine_id() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.key", self.name))
    }

    fn seal_path(&self) -> PathBuf {
        self.folder.join(format!("{}.seal", self.name))
    }

    /// Puts a key for this service in the place of whatever was there.
    pub(super) fn store(&self, origin: &str, key: &Secret) -> Result<()> {
        // One that is there stays: then the old key remains readable until the new one has its place.
        let seal = match self.seal() {
            Ok(Some((seal, _))) => seal,
            Ok(None) | Err(_) => {
                let mut seal = Zeroizing::new([0; SEAL]);
                random(&mut *seal)?;
                files::write(&self.seal_path(), &*seal)?;
                seal
            }
        };
        let mut nonce = [0; NONCE];
        random(&mut nonce)?;
        let payload = Payload { msg: key.expose().as_bytes(), aad: &associated(origin) };
        let sealed = self.cipher(&seal).encrypt(&XNonce::from(nonce), payload).map_err(|_| {
            Error::new(Code::Internal, format!("The key could not be encrypted for `{}`", self.path().display()))
        })?;
        files::write(&self.path(), &[HEAD, &nonce, &sealed].concat())
    }

    /// The key for this service, if there is one.
    pub(super) fn load(&self, origin: &str) -> Result<Option<Unsealed>> {
        let path = self.path();
        let Some(file) = files::read(&path)? else { return Ok(None) };
        let unusable = |why: &str| {
            Error::new(Code::Io, format!("`{}` {why}", path.display())).hint("Sign in again; that replaces it")
        };
        let Some((nonce, sealed)) = file.bytes.strip_prefix(HEAD).and_then(|rest| rest.split_first_chunk::<NONCE>())
        else {
            return Err(unusable("is damaged, so the key in it cannot be used"));
        };
        let Some((seal, seal_was_open)) = self.seal()? else {
            return Err(unusable(&format!("cannot be read without `{}.seal`, which is gone", self.name)));
        };
        let payload = Payload { msg: sealed, aad: &associated(origin) };
        let text = self
            .cipher(&seal)
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| unusable("is damaged, or from another computer or for another address of Civitai"))?;
        let key = std::str::from_utf8(&text).ok().and_then(|text| Secret::new(text).ok());
        let key = key.ok_or_else(|| unusable("does not hold a key"))?;
        let remark = (file.was_open || seal_was_open).then(|| {
            Error::new(Code::Io, format!("Others could read `{}`; from now on only you can", path.display()))
                .hint("If other people use this computer, make a new key at Civitai and delete the old one there")
        });
        Ok(Some(Unsealed { key, remark }))
    }

    /// Removes both files, and makes sure that they are gone.
    pub(super) fn remove(&self) -> Result<()> {
        files::remove_unfinished(&self.folder);
        files::remove(&self.path())?;
        files::remove(&self.seal_path())
    }

    fn seal(&self) -> Result<Option<(Zeroizing<[u8; SEAL]>, bool)>> {
        let path = self.seal_path();
        let Some(file) = files::read(&path)? else { return Ok(None) };
        let seal = <[u8; SEAL]>::try_from(file.bytes.as_slice()).map_err(|_| {
            let (path, name) = (path.display(), self.name);
            Error::new(Code::Io, format!("`{path}` is damaged, so the key in `{name}.key` cannot be used"))
                .hint("Sign in again; that replaces it")
        })?;
        Ok(Some((Zeroizing::new(seal), file.was_open)))
    }

    fn cipher(&self, seal: &[u8; SEAL]) -> XChaCha20Poly1305 {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(seal).update(&self.machine);
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(hasher.finalize().into());
        XChaCha20Poly1305::new(&Key::from(*key))
    }
}

/// What is authenticated beside the key: a file for one service is none for another.
fn associated(origin: &str) -> Vec<u8> {
    [HEAD, origin.as_bytes()].concat()
}

fn random(bytes: &mut [u8]) -> Result<()> {
    getrandom::fill(bytes)
        .map_err(|source| Error::new(Code::Internal, format!("The system gives no random numbers: {source}")))
}

/// What tells this machine from others, where that is a file. Empty where not: then `account.seal` alone protects.
fn machine_id() -> Vec<u8> {
    let places = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
    let id = places.iter().find_map(|place| {
        let id = std::fs::read_to_string(place).ok()?.trim().to_owned();
        (!id.is_empty() && id.len() < 1024).then_some(id)
    });
    id.unwrap_or_default().into_bytes()
}

#[cfg(test)]
mod tests;
