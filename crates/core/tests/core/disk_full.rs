//! A full disk under the data folder.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use modeldock_core::library::ItemState;
use modeldock_core::{Code, Paths};

use crate::support::{World, add, library, open_owner, scan, sha256sum};

/// A file system of twelve megabytes. `None` where this user may not mount.
struct SmallDisk(PathBuf);

impl SmallDisk {
    #[expect(clippy::print_stderr, reason = "a skipped test must be loud")]
    fn mount(at: &Path) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"]).arg(at).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!("SKIPPED: a full disk could not be simulated, because mounting a tmpfs is not permitted here");
        None
    }

    /// Leaves `spare` bytes.
    fn fill(&self, spare: usize) {
        let mut file = File::create(self.0.join("filler")).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(spare as u64) & !4095).unwrap();
    }

    fn free(&self) {
        // Emptied first: a process that another test starts may hold the file open for a blink.
        File::create(self.0.join("filler")).unwrap();
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_the_scan_with_words_and_the_next_one_completes() {
    let world = World::bulk(300).await;
    let Some(disk) = SmallDisk::mount(&world.dir.path().join("small")) else { return };
    let model = world.models().join("bulk_00000.safetensors");
    let (hash, modified) = (sha256sum(&model), std::fs::metadata(&model).unwrap().modified().unwrap());
    // From no room at all to room for a part of the work, and for the reading but not the answers.
    for spare in [0, 8 << 10, 40 << 10, 100 << 10, 200 << 10, 300 << 10, 400 << 10, 1 << 20] {
        let paths = Paths::new(disk.0.join(format!("data-{spare}")));
        let app = open_owner(paths.clone(), world.client()).await.unwrap();
        add(&app, &world.models()).await;
        disk.fill(spare);
        let scanned = scan(&app).await;
        let problem =
            scanned.problem.as_ref().unwrap_or_else(|| panic!("{spare} B were enough: {:?}", scanned.summary));
        println!("{spare}: {problem:?} {:?}", scanned.summary);
        assert_eq!(problem.code, Code::DiskFull, "{spare} B: {problem:?}");
        assert!(problem.hint.is_some());
        // What can be read of the database still can.
        let stored = library(&app).await.values().filter(|item| item.sha256.is_some()).count();
        assert_eq!(stored, scanned.summary.hashed as usize, "what was told is what is stored");

        disk.free();
        let scanned = scan(&app).await;
        assert_eq!(scanned.problem, None, "{spare} B");
        scanned.assert_read(300 - stored);
        assert_eq!(scanned.summary.matched, 300);
        assert!(library(&app).await.values().all(|item| item.state == ItemState::Matched));
        app.shutdown().await;
        drop(app);
        let again = open_owner(paths.clone(), world.client()).await.unwrap();
        assert!(again.notices().is_empty(), "{:?}", again.notices());
        drop(again);
        std::fs::remove_dir_all(paths.data_dir()).unwrap();
    }
    assert_eq!((sha256sum(&model), std::fs::metadata(&model).unwrap().modified().unwrap()), (hash, modified));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_on_a_full_disk_opens_or_says_why_not() {
    let world = World::bulk(20).await;
    let Some(disk) = SmallDisk::mount(&world.dir.path().join("small")) else { return };
    let paths = Paths::new(disk.0.join("data"));
    // Brand new.
    disk.fill(0);
    match open_owner(paths.clone(), world.client()).await {
        Ok(_) => {}
        Err(error) => assert!(matches!(error.code, Code::DiskFull) && error.hint.is_some(), "{error:?}"),
    }
    disk.free();
    let app = open_owner(paths.clone(), world.client()).await.unwrap();
    assert!(app.notices().is_empty(), "a first start on a full disk is no damage: {:?}", app.notices());
    add(&app, &world.models()).await;
    scan(&app).await;
    drop(app);
    // With a library in it.
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    disk.fill(0);
    match open_owner(paths.clone(), world.client()).await {
        Ok(app) => assert_eq!(library(&app).await.len(), 20),
        Err(error) => assert!(matches!(error.code, Code::DiskFull) && error.hint.is_some(), "{error:?}"),
    }
    disk.free();
    let app = open_owner(paths, world.client()).await.unwrap();
    assert!(app.notices().is_empty(), "{:?}", app.notices());
    scan(&app).await.assert_read(0);
}
