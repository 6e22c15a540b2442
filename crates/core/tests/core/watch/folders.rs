//! Folders that come, go, return, are linked, mounted over and replaced.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::{Duration, Instant};

use modeldock_core::watch::{Hint, Method, Why};

use super::{LONG, Watched, folders, impatient, why, written};

#[test]
fn a_folder_moved_in_is_hinted_with_everything_in_it_and_watched_from_then_on() {
    let mut watched = Watched::new();
    fs::create_dir_all(watched.outside("new/deep")).unwrap();
    fs::write(watched.outside("new/deep/a.pt"), "x").unwrap();
    fs::rename(watched.outside("new"), watched.path("new")).unwrap();
    watched.wait_for_look(&watched.path("new/deep"));
    let path = watched.path("new/deep/b.pt");
    fs::write(&path, "x").unwrap();
    watched.wait_for_written(&path);
    // Under its next name as well.
    fs::rename(watched.path("new"), watched.path("newer")).unwrap();
    watched.wait_for_look(&watched.path("newer/deep"));
    let path = watched.path("newer/deep/c.pt");
    fs::write(&path, "x").unwrap();
    watched.wait_for_written(&path);
}

#[test]
fn a_folder_named_like_an_unfinished_file_is_a_folder() {
    let mut watched = Watched::new();
    let unfinished = watched.path("new.incomplete");
    fs::create_dir(&unfinished).unwrap();
    fs::write(unfinished.join("a.pt"), "x").unwrap();
    watched.wait_for_look(&unfinished);
    fs::rename(&unfinished, watched.path("new")).unwrap();
    let hint = watched.wait_for_look(&unfinished);
    assert!(folders(&hint).contains(&watched.path("new")), "{hint:?}");
}

#[test]
fn folders_made_all_at_once_are_watched_to_the_bottom() {
    let mut watched = Watched::new();
    fs::create_dir_all(watched.path("1/2/3/4/5/6/7")).unwrap();
    let path = watched.path("1/2/3/4/5/6/7/a.pt");
    fs::write(&path, "x").unwrap();
    watched.wait_for_look(path.parent().unwrap());
    fs::write(&path, "yy").unwrap();
    watched.wait_for_written(&path);
}

#[test]
fn a_linked_folder_is_watched_under_each_of_its_names_for_as_long_as_it_has_one() {
    let mut watched = Watched::with(impatient(), |models| {
        let real = models.parent().unwrap().join("real");
        fs::create_dir_all(real.join("deep")).unwrap();
        symlink(&real, models.join("one")).unwrap();
    });
    symlink("../real", watched.path("two")).unwrap();
    watched.wait_for_look(&watched.path("two/deep"));
    fs::write(watched.outside("real/deep/a.pt"), "x").unwrap();
    watched.wait_for("both names", |hint| {
        let both = [watched_path(hint, "one/deep/a.pt"), watched_path(hint, "two/deep/a.pt")];
        both == [true, true]
    });
    fs::remove_file(watched.path("one")).unwrap();
    watched.wait_for_look(&watched.path("one"));
    fs::write(watched.outside("real/deep/b.pt"), "x").unwrap();
    let hint = watched.wait_for("the other name", |hint| watched_path(hint, "two/deep/b.pt"));
    assert!(!watched_path(&hint, "one/deep/b.pt"));
}

fn watched_path(hint: &Hint, end: &str) -> bool {
    written(hint).iter().any(|path| path.ends_with(end))
}

#[test]
fn what_is_deleted_is_a_reason_to_look_and_a_folder_made_anew_is_watched_anew() {
    let mut watched = Watched::with(impatient(), |models| {
        fs::create_dir_all(models.join("lora/deep")).unwrap();
        fs::write(models.join("a.pt"), "x").unwrap();
    });
    fs::remove_file(watched.path("a.pt")).unwrap();
    watched.wait_for_look(&watched.models());
    for round in 0..5 {
        fs::remove_dir_all(watched.path("lora")).unwrap();
        fs::create_dir_all(watched.path("lora/deep")).unwrap();
        let path = watched.path(&format!("lora/deep/{round}.pt"));
        fs::write(&path, "x").unwrap();
        watched.wait_for_look(&watched.path("lora/deep"));
        fs::write(&path, "again").unwrap();
        watched.wait_for_written(&path);
    }
}

#[test]
fn a_root_that_vanishes_and_returns_is_looked_at_and_watched_again() {
    let mut watched = Watched::with(impatient(), |models| fs::write(models.join("a.pt"), "x").unwrap());
    fs::rename(watched.models(), watched.outside("away")).unwrap();
    watched.wait_for_look(&watched.models());
    let end = Instant::now() + LONG;
    while watched.method().0 != Method::Unwatched {
        assert!(Instant::now() < end, "{:?}", watched.method());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(watched.method().1.unwrap().contains("cannot be found"));
    fs::rename(watched.outside("away"), watched.models()).unwrap();
    watched.wait_for("its return", |hint| why(hint) == Some(Why::RootAppeared));
    fs::write(watched.path("b.pt"), "x").unwrap();
    watched.wait_for_written(&watched.path("b.pt"));
}

#[test]
fn another_folder_in_the_place_of_the_root_is_looked_at_and_watched() {
    let mut watched = Watched::new();
    fs::create_dir(watched.outside("other")).unwrap();
    fs::rename(watched.models(), watched.outside("away")).unwrap();
    fs::rename(watched.outside("other"), watched.models()).unwrap();
    watched.wait_for("the other one", |hint| why(hint) == Some(Why::RootAppeared) || !folders(hint).is_empty());
    let path = watched.path("b.pt");
    let end = Instant::now() + LONG;
    // It is watched a moment after it is noticed.
    while !watched.heard.iter().any(|hint| written(hint).contains(&path)) {
        assert!(Instant::now() < end, "{:?}", watched.heard);
        fs::write(&path, "x").unwrap();
        watched.heard.extend(watched.hints.recv_timeout(Duration::from_millis(300)));
    }
}

#[test]
fn a_mount_over_a_watched_folder_and_its_end_are_noticed() {
    let mount = |arguments: &[&str], folder: &Path| {
        let status = std::process::Command::new(arguments[0]).args(&arguments[1..]).arg(folder).status();
        status.is_ok_and(|status| status.success())
    };
    let mut watched = Watched::with(impatient(), |models| fs::create_dir(models.join("drive")).unwrap());
    let drive = watched.path("drive");
    if !mount(&["mount", "-t", "tmpfs", "tmpfs"], &drive) {
        eprintln!("no right to mount: only another folder in a root's place was tested");
        return;
    }
    let heard = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        watched.wait_for("the mount", |hint| why(hint) == Some(Why::RootAppeared));
        fs::write(drive.join("a.pt"), "x").unwrap();
        watched.wait_for_written(&drive.join("a.pt"));
    }));
    assert!(mount(&["umount"], &drive));
    heard.unwrap();
    watched.wait_for("its end", |hint| why(hint) == Some(Why::RootAppeared));
    fs::write(drive.join("b.pt"), "x").unwrap();
    watched.wait_for_written(&drive.join("b.pt"));
}
