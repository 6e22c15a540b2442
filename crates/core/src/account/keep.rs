//! Where a key is kept: the keyring of the system if there is one, else a file.
//!
//! A keyring is another program that may ask its user for a password, or hang: it is called on a thread of its own,
//! waited for only so long, and not called again while an earlier call still hangs.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::keyring::Keyring;
use super::sealed::Sealed;
use super::secret::Secret;
use crate::error::{Code, Error, Result};

/// Where the key in use comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum KeptIn {
    /// The keyring of the system.
    Keyring,
    /// An encrypted file in the data folder.
    File,
    /// The variable `MODELDOCK_CIVITAI_TOKEN`, for this run.
    Environment,
}

/// How long a keyring may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// While nobody waits but a program.
    pub(crate) reading: Duration,
    /// While a person does, who may have to type the keyring's password.
    pub(crate) changing: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { reading: Duration::from_secs(10), changing: Duration::from_secs(60) }
    }
}

/// The places of one data folder.
#[derive(Debug, Clone)]
pub(crate) struct Keep {
    origin: String,
    keyring: Keyring,
    sealed: Sealed,
    patience: Patience,
    /// Whether a call to the keyring has not come back yet.
    calling: Arc<AtomicBool>,
}

/// A key that was kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) key: Secret,
    pub(crate) place: KeptIn,
    pub(crate) remark: Option<Error>,
}

impl Keep {
    pub(super) fn new(folder: &Path, origin: &str, keyring: Keyring, patience: Patience) -> Self {
        Self::named(folder, "account", origin, keyring, patience)
    }

    /// As [`Self::new`], for a key of another purpose: its file has a name of its own, and `origin` must be its own as well.
    pub(crate) fn named(folder: &Path, name: &'static str, origin: &str, keyring: Keyring, patience: Patience) -> Self {
        let (origin, sealed) = (origin.to_owned(), Sealed::new(folder, name));
        Self { origin, keyring, sealed, patience, calling: Arc::default() }
    }

    /// Keeps a key in the best place there is, and says which.
    pub(crate) async fn store(&self, key: &Secret) -> Result<KeptIn> {
        let (keyring, origin, secret) = (self.keyring, self.origin.clone(), key.clone());
        let stored = self.call(self.patience.changing, move |wanted| keyring.store(&origin, &secret, wanted)).await;
        match stored {
            Ok(()) => Ok(KeptIn::Keyring),
            Err(error) => {
                tracing::debug!(%error, "the key goes into a file");
                let (sealed, origin, key) = (self.sealed.clone(), self.origin.clone(), key.clone());
                blocking(move || sealed.store(&origin, &key)).await?;
                Ok(KeptIn::File)
            }
        }
    }

    /// The key that is kept there, or, if it is not known where, in any place.
    pub(crate) async fn load(&self, place: Option<KeptIn>) -> Result<Option<Kept>> {
        let from_file = || {
            let (sealed, origin) = (self.sealed.clone(), self.origin.clone());
            blocking(move || sealed.load(&origin))
        };
        let of_file = |kept: super::sealed::Unsealed| Kept { key: kept.key, place: KeptIn::File, remark: kept.remark };
        match place {
            Some(KeptIn::File) => Ok(from_file().await?.map(of_file)),
            Some(KeptIn::Keyring) => self.load_from_keyring().await,
            // A variable is not a place that a note could name; whoever wrote that is answered as if nothing was there.
            Some(KeptIn::Environment) => Ok(None),
            None => match self.load_from_keyring().await {
                Ok(Some(kept)) => Ok(Some(kept)),
                Ok(None) => Ok(from_file().await?.map(of_file)),
                Err(error) => from_file().await?.map(of_file).map(Some).ok_or(error),
            },
        }
    }

    async fn load_from_keyring(&self) -> Result<Option<Kept>> {
        let (keyring, origin) = (self.keyring, self.origin.clone());
        let key = self.call(self.patience.reading, move |_| keyring.load(&origin)).await?;
        Ok(key.map(|key| Kept { key, place: KeptIn::Keyring, remark: None }))
    }

    /// Removes the file.
    pub(crate) async fn remove_file(&self) -> Result<()> {
        let sealed = self.sealed.clone();
        blocking(move || sealed.remove()).await
    }

    /// Removes what the keyring holds for these services. `must`: a person knows that there is something.
    pub(crate) async fn remove_from_keyring(&self, origins: Vec<String>, must: bool) -> Result<()> {
        let keyring = self.keyring;
        let limit = if must { self.patience.changing } else { self.patience.reading };
        self.call(limit, move |_| origins.iter().try_for_each(|origin| keyring.remove(origin))).await
    }

    /// Calls the keyring. The call is told whether anybody still waits for it.
    async fn call<T, F>(&self, limit: Duration, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&dyn Fn() -> bool) -> Result<T> + Send + 'static,
    {
        let hangs = || {
            Error::new(Code::Io, "The keyring of the system does not answer")
                .hint("It may be waiting for its password; unlock it, then try again")
        };
        if self.calling.swap(true, Ordering::SeqCst) {
            return Err(hangs());
        }
        let (tell, told) = oneshot::channel();
        let back = Back(Arc::clone(&self.calling));
        // Not one of the runtime's threads: the program's end would wait for those.
        let started = std::thread::Builder::new().name("keyring".to_owned()).spawn(move || {
            let result = work(&|| !tell.is_closed());
            drop(back);
            // Nobody may be waiting any more.
            let _ = tell.send(result);
        });
        started.map_err(|source| Error::new(Code::Internal, format!("Could not start a thread: {source}")))?;
        match tokio::time::timeout(limit, told).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(Error::new(Code::Internal, "The keyring of the system cannot be used")),
            Err(_) => Err(hangs()),
        }
    }
}

/// Notes that a call has come back, however it ended.
struct Back(Arc<AtomicBool>);

impl Drop for Back {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.unwrap_or_else(|source| Err(Error::new(Code::Internal, format!("A task ended early: {source}"))))
}

#[cfg(test)]
mod tests;
