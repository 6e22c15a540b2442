//! A drive whose server has gone: whoever asks it anything does not come back.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use modeldock_core::watch::{Method, WatchOptions, Watcher};

use super::{LONG, Watched, impatient, root};

/// A FUSE mount that nobody answers for.
struct HungMount {
    place: PathBuf,
    holder: Child,
}

impl HungMount {
    /// `None` without the right to mount.
    fn at(place: &Path) -> Option<Self> {
        fs::create_dir(place).unwrap();
        let script =
            "exec 3<>/dev/fuse && mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 hung \"$0\" && exec cat";
        let mut holder = Command::new("sh")
            .args(["-c", script])
            .arg(place)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + LONG;
        while !is_mounted(place) {
            if holder.try_wait().unwrap().is_some() {
                return None;
            }
            assert!(Instant::now() < end);
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Self { place: place.to_owned(), holder })
    }
}

fn is_mounted(place: &Path) -> bool {
    fs::read_to_string("/proc/self/mountinfo").unwrap().contains(&format!(" {} ", place.display()))
}

impl Drop for HungMount {
    /// Whoever waits for the drive gets an error now.
    fn drop(&mut self) {
        self.holder.kill().unwrap();
        self.holder.wait().unwrap();
        assert!(Command::new("umount").arg("-l").arg(&self.place).status().unwrap().success());
    }
}

#[test]
fn a_drive_that_does_not_answer_holds_nobody_else_and_not_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let Some(hung) = HungMount::at(&dir.path().join("nas")) else {
        eprintln!("no right to mount: a drive that does not answer was not tested");
        return;
    };
    let mut watched = Watched::with(impatient(), |models| {
        fs::create_dir(models.join("lora")).unwrap();
        symlink(&hung.place, models.join("linked")).unwrap();
        symlink(hung.place.join("lora"), models.join("lora/deeper")).unwrap();
        symlink(hung.place.join("x.safetensors"), models.join("x.safetensors")).unwrap();
    });
    assert_eq!(watched.method().0, Method::Polling);
    watched.watcher.set_roots(vec![root(1, &watched.models()), root(2, &hung.place)]);
    let path = watched.path("lora/a.pt");
    fs::write(&path, "x").unwrap();
    watched.wait_for_written(&path);
    symlink(hung.place.join("lora"), watched.path("another")).unwrap();
    fs::write(watched.path("b.pt"), "x").unwrap();
    watched.wait_for_written(&watched.path("b.pt"));
    let methods: Vec<Method> = watched.watcher.methods().into_iter().map(|(_, method, _)| method).collect();
    assert_eq!(methods, [Method::Polling, Method::Polling]);

    let Watched { watcher, hints, .. } = watched;
    let started = Instant::now();
    drop(watcher);
    assert!(started.elapsed() < LONG / 2);
    // The threads that wait for the drive are left behind, and end with it.
    drop(hung);
    let mut rest = hints.recv_timeout(LONG);
    while rest.is_ok() {
        rest = hints.recv_timeout(LONG);
    }
    assert_eq!(rest, Err(RecvTimeoutError::Disconnected));
}

#[test]
fn links_to_many_places_on_a_drive_do_not_make_a_thread_each() {
    let dir = tempfile::tempdir().unwrap();
    let Some(hung) = HungMount::at(&dir.path().join("nas")) else {
        eprintln!("no right to mount: a drive that does not answer was not tested");
        return;
    };
    let models = dir.path().join("models");
    fs::create_dir(&models).unwrap();
    let link = |at: usize| symlink(hung.place.join(at.to_string()), models.join(format!("link-{at}"))).unwrap();
    (0..10).for_each(link);
    let watcher = Watcher::start(vec![root(1, &models)], impatient(), |_| ());
    let polled = |words: &str| {
        let end = Instant::now() + LONG;
        while !watcher.methods()[0].2.as_ref().is_some_and(|why| why.contains(words)) {
            assert!(Instant::now() < end, "{:?}", watcher.methods());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    polled("may not tell about changes");
    (10..30).for_each(link);
    polled("Too many of its folders are links to other drives");
}

#[test]
fn people_are_told_that_a_drive_does_not_answer() {
    let dir = tempfile::tempdir().unwrap();
    let Some(hung) = HungMount::at(&dir.path().join("nas")) else {
        eprintln!("no right to mount: a drive that does not answer was not tested");
        return;
    };
    let (sender, _hints) = channel();
    let clock = super::losses::TestClock::new();
    let options = WatchOptions { clock: clock.clone(), ..impatient() };
    let watcher = Watcher::start(vec![root(1, &hung.place)], options, move |hint| {
        let _ = sender.send(hint);
    });
    let end = Instant::now() + LONG;
    loop {
        let (_, _, why) = watcher.methods().remove(0);
        if why.is_some_and(|why| why.contains("has not answered")) {
            break;
        }
        assert!(Instant::now() < end);
        clock.advance(Duration::from_secs(1));
        std::thread::sleep(Duration::from_millis(20));
    }
}
