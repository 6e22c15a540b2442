//! From the wish to the row in the library.

use modeldock_core::download::{DownloadState, PauseReason};
use modeldock_core::library::{ItemState, Provenance};
use serde_json::json;

use super::bench::{Bench, SIZE};
use crate::support::{library, only, scan};

#[tokio::test(flavor = "multi_thread")]
async fn a_download_is_in_the_library_with_all_it_is_and_is_not_read_again() {
    let bench = Bench::new(4).await;
    let id = bench.ask().await;
    let state = bench.run(id).await;
    let DownloadState::Done { file: Some(file), verified: true, was_there: false } = state else { panic!("{state:?}") };
    bench.assert_safe("a plain download");
    let item = only(&bench.app).await;
    assert_eq!((item.id, item.state), (file, ItemState::Matched));
    assert_eq!(item.provenance, Some(Provenance::Measured));
    // Known, so neither read nor asked about.
    bench.simulator.reset_counts();
    scan(&bench.app).await.assert_read(0);
    assert_eq!(bench.simulator.requests().len(), 0);
    assert_eq!(bench.loadable().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_question_to_civitai_serves_every_connection() {
    let bench = Bench::new(4).await;
    let id = bench.ask().await;
    bench.simulator.reset_counts();
    assert!(matches!(bench.run(id).await, DownloadState::Done { .. }));
    assert_eq!(bench.simulator.count("download"), 1);
    let sent: u64 =
        bench.simulator.requests().iter().filter(|request| request.endpoint == "storage").map(|one| one.sent).sum();
    assert_eq!(sent, SIZE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_already_is_not_fetched_and_another_file_of_that_name_stays() {
    let bench = Bench::new(1).await;
    let first = bench.ask().await;
    assert!(matches!(bench.run(first).await, DownloadState::Done { was_there: false, .. }));
    bench.simulator.reset_counts();
    let second = bench.ask().await;
    assert!(matches!(bench.run(second).await, DownloadState::Done { was_there: true, .. }));
    assert_eq!(bench.simulator.count("storage") + bench.simulator.count("download"), 0);
    // Now the user has something else under this name.
    let path = bench.loadable().remove(0);
    std::fs::write(&path, "the user's own").unwrap();
    let third = bench.ask().await;
    assert!(matches!(bench.run(third).await, DownloadState::Done { was_there: false, .. }));
    assert_eq!(std::fs::read(&path).unwrap(), b"the user's own");
    let names: Vec<String> =
        bench.loadable().iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.iter().any(|name| name.ends_with(" (2).safetensors")), "{names:?}");
    assert_eq!(library(&bench.app).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_download_goes_on_where_it_was_and_a_cancelled_one_leaves_nothing() {
    let bench = Bench::new(1).await;
    let id = bench.ask().await;
    let slow = civitai_simulator::Action::Throttle { bytes_per_second: 4_000_000 };
    bench.fault(civitai_simulator::Fault::new(slow).on_endpoint("storage"));
    let running = tokio::spawn({
        let app = bench.app.clone();
        async move { app.download_until_done(vec![id]).await }
    });
    while bench.download(id).await.received.0 < 4_500_000 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    bench.app.call("downloads_pause", json!({ "ids": [id] })).await.unwrap();
    running.await.unwrap().unwrap();
    let held = bench.download(id).await;
    assert!(held.received.0 >= 4_500_000, "{held:?}");
    bench.simulator.faults().clear();
    bench.simulator.reset_counts();
    bench.app.call("downloads_resume", json!({ "ids": [id] })).await.unwrap();
    assert!(matches!(bench.run(id).await, DownloadState::Done { verified: true, .. }));
    let sent: u64 =
        bench.simulator.requests().iter().filter(|request| request.endpoint == "storage").map(|one| one.sent).sum();
    assert_eq!(sent, SIZE - held.received.0);
    bench.assert_safe("held and gone on with");

    let other = Bench::new(1).await;
    let id = other.ask().await;
    other.fault(civitai_simulator::Fault::new(civitai_simulator::Action::Drop).on_endpoint("storage").after(1));
    assert!(matches!(other.run(id).await, DownloadState::Queued { retry_at: Some(_), .. }));
    other.app.call("downloads_cancel", json!({ "ids": [id] })).await.unwrap();
    other.run(id).await;
    let left: Vec<_> = std::fs::read_dir(other.models()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bytes_are_tried_once_more_then_told_and_kept_aside() {
    let bench = Bench::new(4).await;
    let id = bench.ask().await;
    let damage = civitai_simulator::Action::Corrupt { offset: 1000, bytes: 1 };
    bench.fault(civitai_simulator::Fault::new(damage).on_endpoint("storage"));
    let state = bench.run(id).await;
    let DownloadState::Failed { problem } = state else { panic!("{state:?}") };
    assert_eq!(problem.code, modeldock_core::Code::WrongContent);
    assert_eq!(bench.simulator.count("download"), 2, "one clean try more");
    assert!(bench.loadable().is_empty());
    assert_eq!((bench.left(".bad"), bench.left("")), (1, 1));
    assert!(problem.hint.unwrap().contains(".bad"));
    bench.simulator.faults().clear();
    assert!(matches!(bench.retry(id).await, DownloadState::Done { verified: true, .. }));
    bench.assert_safe("after wrong bytes");
}

/// A file system of sixteen megabytes over the model folder; `None` where this user may not mount.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    #[expect(clippy::print_stderr, reason = "a skipped test must be loud")]
    fn mount(at: std::path::PathBuf) -> Option<Self> {
        let mounted =
            std::process::Command::new("mount").args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"]).arg(&at).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        eprintln!("SKIPPED: a full disk could not be simulated, because mounting a tmpfs is not permitted here");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_holds_a_download_with_words_until_there_is_room() {
    let bench = Bench::new(2).await;
    let Some(disk) = SmallDisk::mount(bench.models()) else { return };
    let filler = disk.0.join("filler");
    std::fs::write(&filler, vec![1; 9 << 20]).unwrap();
    let id = bench.ask().await;
    let state = bench.run(id).await;
    let DownloadState::Paused { why: PauseReason::DiskFull { needed, problem } } = state else { panic!("{state:?}") };
    assert_eq!((needed.0, problem.code), (SIZE, modeldock_core::Code::DiskFull));
    assert!(problem.hint.unwrap().contains("goes on by itself"));
    assert!(bench.loadable().is_empty());
    // Nobody has to say that there is room again.
    let running = tokio::spawn({
        let app = bench.app.clone();
        async move { app.download_until_done(vec![id]).await }
    });
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert!(matches!(bench.download(id).await.state, DownloadState::Paused { .. }));
    std::fs::remove_file(&filler).unwrap();
    running.await.unwrap().unwrap();
    assert!(matches!(bench.download(id).await.state, DownloadState::Done { verified: true, .. }));
    bench.assert_safe("a full disk");
}
