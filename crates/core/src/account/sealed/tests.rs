//! What a sealed file gives back, and what it never does.

use std::path::Path;

use super::*;

const ORIGIN: &str = "https://civitai.com";
const KEY: &str = "canary-0123456789abcdef";

fn machine(name: &str, folder: &Path) -> Sealed {
    Sealed { folder: folder.to_owned(), name: "account", machine: name.as_bytes().to_vec() }
}

fn kept() -> (tempfile::TempDir, Sealed, Secret) {
    let dir = tempfile::tempdir().unwrap();
    let sealed = machine("this", dir.path());
    let key = Secret::new(KEY).unwrap();
    sealed.store(ORIGIN, &key).unwrap();
    (dir, sealed, key)
}

#[test]
fn a_key_comes_back_and_a_new_one_takes_its_place() {
    let (_dir, sealed, key) = kept();
    assert_eq!(sealed.load(ORIGIN).unwrap().unwrap().key, key);
    let other = Secret::new("another").unwrap();
    sealed.store(ORIGIN, &other).unwrap();
    assert_eq!(sealed.load(ORIGIN).unwrap().unwrap().key, other);
    sealed.remove().unwrap();
    assert!(sealed.load(ORIGIN).unwrap().is_none());
    sealed.remove().unwrap();
}

#[test]
fn nothing_of_the_key_is_in_the_folder() {
    let (dir, sealed, _) = kept();
    std::fs::write(dir.path().join(".account-left"), b"by a writer that was killed").unwrap();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("canary"));
    }
    sealed.remove().unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_same_key_never_looks_the_same() {
    let (_dir, sealed, key) = kept();
    let first = std::fs::read(sealed.path()).unwrap();
    sealed.store(ORIGIN, &key).unwrap();
    assert_ne!(std::fs::read(sealed.path()).unwrap(), first);
}

#[test]
fn a_copy_is_useless_on_another_machine_and_for_another_service() {
    let (dir, sealed, _) = kept();
    let elsewhere = machine("that", dir.path()).load(ORIGIN).unwrap_err();
    assert!(elsewhere.message.contains("another computer"), "{elsewhere}");
    assert!(sealed.load("https://civitai.red").is_err());
    std::fs::remove_file(dir.path().join("account.seal")).unwrap();
    assert!(sealed.load(ORIGIN).unwrap_err().message.contains("account.seal"));
}

#[test]
fn damage_is_told_whatever_it_is_and_signing_in_again_heals_it() {
    let (_dir, sealed, key) = kept();
    let (key_file, seal_file) = (sealed.path(), sealed.seal_path());
    let good = std::fs::read(&key_file).unwrap();
    for path in [&key_file, &seal_file] {
        let original = std::fs::read(path).unwrap();
        let mut damaged = vec![
            Vec::new(),
            b"x".to_vec(),
            b"not written by Modeldock at all".to_vec(),
            vec![0; 10 << 20],
            [&original[..], &b"more"[..]].concat(),
            HEAD.to_vec(),
        ];
        damaged.extend((1..original.len()).map(|length| original[..length].to_vec()));
        damaged.extend((0..original.len()).map(|at| {
            let mut bytes = original.clone();
            bytes[at] ^= 1;
            bytes
        }));
        for bytes in damaged {
            std::fs::write(path, &bytes).unwrap();
            let error = sealed.load(ORIGIN).unwrap_err();
            assert_eq!(error.code, Code::Io);
            assert!(error.message.contains("account.") && error.hint.is_some(), "{error}");
            assert!(!error.message.contains("canary"));
        }
        sealed.store(ORIGIN, &key).unwrap();
        assert_eq!(sealed.load(ORIGIN).unwrap().unwrap().key, key, "signing in heals `{}`", path.display());
    }
    assert_ne!(std::fs::read(&key_file).unwrap(), good);
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn only_the_owner_may_read_the_files_and_a_file_that_others_could_read_is_closed() {
        let (_dir, sealed, key) = kept();
        let files = [sealed.path(), sealed.seal_path()];
        assert_eq!(files.each_ref().map(|path| mode(path)), [0o600, 0o600]);
        for path in &files {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
            let unsealed = sealed.load(ORIGIN).unwrap().unwrap();
            assert_eq!((unsealed.key, mode(path)), (key.clone(), 0o600));
            assert!(unsealed.remark.unwrap().message.contains("Others could read"));
            assert!(sealed.load(ORIGIN).unwrap().unwrap().remark.is_none(), "told once");
        }
    }

    #[test]
    fn a_pipe_or_a_folder_in_its_place_is_told_and_holds_nothing_up() {
        let (_dir, sealed, _) = kept();
        std::fs::remove_file(sealed.path()).unwrap();
        let made = std::process::Command::new("mkfifo").arg(sealed.path()).status().unwrap();
        assert!(made.success());
        assert!(sealed.load(ORIGIN).unwrap_err().message.contains("not a regular file"));
        std::fs::remove_file(sealed.path()).unwrap();
        std::fs::create_dir(sealed.path()).unwrap();
        assert!(sealed.load(ORIGIN).unwrap_err().message.contains("not a regular file"));
    }

    #[test]
    fn a_link_planted_in_its_place_is_replaced_and_not_followed() {
        let (dir, sealed, key) = kept();
        let target = dir.path().join("elsewhere");
        std::fs::write(&target, b"untouched").unwrap();
        std::fs::remove_file(sealed.path()).unwrap();
        std::os::unix::fs::symlink(&target, sealed.path()).unwrap();
        sealed.store(ORIGIN, &key).unwrap();
        assert!(sealed.path().symlink_metadata().unwrap().is_file());
        assert_eq!(std::fs::read(target).unwrap(), b"untouched");
    }
}
