//! Keeps a key in the keyring of the system: Secret Service, Keychain or Credential Manager.
//!
//! The kernel's own keyring of Linux is never used: it is gone at the next start. Every call opens the keyring anew, so
//! one that was not there when Modeldock started is found as soon as it is.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error as Cause};

use super::secret::Secret;
use crate::error::{Code, Error, Result};

/// What the entries belong to.
const SERVICE: &str = "Modeldock";

/// How the keyring is reached.
pub(super) type Open = fn() -> keyring_core::Result<Arc<CredentialStore>>;

/// The keyring of the system.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keyring {
    open: Open,
}

impl Keyring {
    #[cfg(test)]
    pub(super) fn new(open: Open) -> Self {
        Self { open }
    }

    /// The one of this system.
    pub(crate) fn of_the_system() -> Self {
        Self { open: open_system }
    }

    /// Puts a key in, and reads it back: there are keyrings that take what they do not keep. `wanted` is asked last: a
    /// person may have stopped waiting, and then it must not turn up there.
    pub(super) fn store(self, origin: &str, key: &Secret, wanted: impl FnOnce() -> bool) -> Result<()> {
        let entry = self.entry(origin)?;
        entry.set_password(key.expose()).map_err(|cause| unusable(&cause))?;
        if !wanted() {
            return self.remove(origin);
        }
        if self.load(origin)?.as_ref() == Some(key) {
            return Ok(());
        }
        // What it kept is of no use; that it may not let it go either is told by the error below.
        let _ = entry.delete_credential();
        Err(Error::new(Code::Io, "The keyring of the system did not keep the key"))
    }

    /// The key for this service, if there is one.
    pub(super) fn load(self, origin: &str) -> Result<Option<Secret>> {
        match self.entry(origin)?.get_password() {
            Ok(text) => {
                let text = zeroize::Zeroizing::new(text);
                Secret::new(&text).map(Some).map_err(|_| damaged())
            }
            Err(Cause::NoEntry) => Ok(None),
            Err(Cause::BadEncoding(bytes)) => {
                drop(zeroize::Zeroizing::new(bytes));
                Err(damaged())
            }
            Err(cause) => Err(unusable(&cause)),
        }
    }

    /// Removes the key for this service, and makes sure that it is gone.
    pub(super) fn remove(self, origin: &str) -> Result<()> {
        let entry = self.entry(origin)?;
        match entry.delete_credential() {
            Ok(()) | Err(Cause::NoEntry) => {}
            Err(cause) => return Err(unusable(&cause)),
        }
        match entry.get_password() {
            Err(Cause::NoEntry) => Ok(()),
            Ok(text) => {
                drop(zeroize::Zeroizing::new(text));
                Err(Error::new(Code::Io, "The keyring of the system still holds the key")
                    .hint("Remove the entry `Modeldock` in the program that shows your keyring"))
            }
            Err(cause) => Err(unusable(&cause)),
        }
    }

    fn entry(self, origin: &str) -> Result<Entry> {
        let store = (self.open)().map_err(|cause| unusable(&cause))?;
        store.build(SERVICE, origin, None).map_err(|cause| unusable(&cause))
    }
}

fn damaged() -> Error {
    Error::new(Code::Io, "What the keyring of the system holds for Modeldock is not a key")
        .hint("Sign in again; that replaces it")
}

/// The cause is for the log alone: it speaks of buses and object paths.
fn unusable(cause: &Cause) -> Error {
    let text = match cause {
        Cause::NoStorageAccess(_) => "The keyring of the system is locked",
        // An ambiguous entry is shown with what it holds, so no cause is printed but of these two kinds.
        Cause::PlatformFailure(source) => {
            tracing::debug!(%source, "the keyring cannot be used");
            "The keyring of the system cannot be used"
        }
        _ => "The keyring of the system cannot be used",
    };
    Error::new(Code::Io, text).hint("Unlock it, then try again")
}

#[cfg(all(unix, not(target_os = "macos")))]
fn open_system() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open_system() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open_system() -> keyring_core::Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    /// A keyring in memory.
    fn in_memory() -> Keyring {
        static STORE: LazyLock<Arc<CredentialStore>> =
            LazyLock::new(|| keyring_core::mock::Store::new().expect("it needs nothing"));
        Keyring::new(|| Ok(STORE.clone()))
    }

    #[test]
    fn a_key_is_kept_by_service_and_gone_when_removed() {
        let keyring = in_memory();
        let key = Secret::new("kept-by-service").unwrap();
        keyring.store("https://one.example", &key, || true).unwrap();
        assert_eq!(keyring.load("https://one.example").unwrap(), Some(key));
        assert_eq!(keyring.load("https://two.example").unwrap(), None);
        keyring.remove("https://one.example").unwrap();
        assert_eq!(keyring.load("https://one.example").unwrap(), None);
        keyring.remove("https://one.example").unwrap();
    }

    #[test]
    fn a_key_that_nobody_waits_for_any_more_does_not_stay() {
        let keyring = in_memory();
        let key = Secret::new("too-late").unwrap();
        keyring.store("https://late.example", &key, || false).unwrap();
        assert_eq!(keyring.load("https://late.example").unwrap(), None);
    }

    #[test]
    fn no_cause_is_told_to_people() {
        let keyring = Keyring::new(|| Err(Cause::PlatformFailure("org.freedesktop.canary".into())));
        let error = keyring.load("https://one.example").unwrap_err();
        assert!(!error.message.contains("canary"), "{error}");
        assert_eq!(unusable(&Cause::NoStorageAccess("canary".into())).message, "The keyring of the system is locked");
    }
}
