//! Which place is taken, and what becomes of a keyring that is not there or hangs.
//!
//! The keyring here is the library's own in memory, or one that fails or hangs: the real one is in the command line's
//! tests.

use std::sync::{LazyLock, Mutex};

use keyring_core::CredentialStore;

use super::*;

const ORIGIN: &str = "https://civitai.com";

fn key() -> Secret {
    Secret::new("canary-0123456789abcdef").unwrap()
}

fn soon() -> Patience {
    Patience { reading: Duration::from_millis(50), changing: Duration::from_millis(50) }
}

fn keep(folder: &Path, origin: &str, keyring: Keyring) -> Keep {
    Keep::new(folder, origin, keyring, Patience::default())
}

fn in_memory() -> Keyring {
    static STORE: LazyLock<Arc<CredentialStore>> = LazyLock::new(|| keyring_core::mock::Store::new().unwrap());
    Keyring::new(|| Ok(STORE.clone()))
}

fn not_there() -> Keyring {
    Keyring::new(|| Err(keyring_core::Error::NoDefaultStore))
}

#[tokio::test]
async fn the_keyring_is_taken_where_there_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let keep = keep(dir.path(), "https://taken.example", in_memory());
    assert_eq!(keep.store(&key()).await.unwrap(), KeptIn::Keyring);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    for place in [Some(KeptIn::Keyring), None] {
        let kept = keep.load(place).await.unwrap().unwrap();
        assert_eq!((kept.key, kept.place), (key(), KeptIn::Keyring));
    }
    assert!(keep.load(Some(KeptIn::File)).await.unwrap().is_none());
    keep.remove_from_keyring(vec!["https://taken.example".to_owned()], true).await.unwrap();
    assert!(keep.load(None).await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_is_taken_where_there_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let keep = keep(dir.path(), ORIGIN, not_there());
    assert!(keep.load(None).await.is_err());
    assert_eq!(keep.store(&key()).await.unwrap(), KeptIn::File);
    for place in [Some(KeptIn::File), None] {
        let kept = keep.load(place).await.unwrap().unwrap();
        assert_eq!((kept.key, kept.place), (key(), KeptIn::File));
    }
    assert!(keep.load(Some(KeptIn::Keyring)).await.is_err());
    keep.remove_file().await.unwrap();
    assert!(keep.load(Some(KeptIn::File)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_keyring_that_hangs_is_left_alone_and_called_once() {
    static CALLS: Mutex<u32> = Mutex::new(0);
    static HANGS: AtomicBool = AtomicBool::new(true);
    let keyring = Keyring::new(|| {
        *CALLS.lock().unwrap() += 1;
        while HANGS.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        Err(keyring_core::Error::NoDefaultStore)
    });
    let dir = tempfile::tempdir().unwrap();
    let keep = Keep::new(dir.path(), ORIGIN, keyring, soon());
    assert!(keep.load(Some(KeptIn::Keyring)).await.unwrap_err().message.contains("does not answer"));
    assert!(keep.load(Some(KeptIn::Keyring)).await.unwrap_err().message.contains("does not answer"));
    assert_eq!(keep.store(&key()).await.unwrap(), KeptIn::File);
    assert_eq!(*CALLS.lock().unwrap(), 1);
    // When it has come back, it is asked again.
    HANGS.store(false, Ordering::SeqCst);
    while keep.calling.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    let error = keep.load(Some(KeptIn::Keyring)).await.unwrap_err();
    assert!(error.message.contains("cannot be used"), "{error}");
    assert_eq!(*CALLS.lock().unwrap(), 2);
}
