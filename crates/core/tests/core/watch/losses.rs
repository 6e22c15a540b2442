//! What happens when the system does not tell everything, and whether it is made good.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use modeldock_core::units::RootId;
use modeldock_core::watch::{Clock, Hint, Method, Now, WatchOptions, Why};

use super::library::Library;
use super::{LONG, Watched, impatient, limits, root, why};

/// Gives a limit of the system another value for as long as it lives. `None` without the right to.
struct Limit {
    name: PathBuf,
    before: String,
    _alone: fs::File,
}

impl Limit {
    fn set(name: &str, value: &str) -> Option<Self> {
        let alone = limits();
        alone.lock().unwrap();
        let name = Path::new("/proc/sys/fs/inotify").join(name);
        let before = fs::read_to_string(&name).ok()?;
        fs::write(&name, value).ok()?;
        Some(Self { name, before, _alone: alone })
    }

    /// Should another program have set it meanwhile.
    fn set_again(&self, value: &str) {
        fs::write(&self.name, value).unwrap();
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        fs::write(&self.name, &self.before).unwrap();
    }
}

#[test]
fn a_root_with_too_many_folders_is_polled_and_the_others_keep_their_events() {
    let mut watched = Watched::with(WatchOptions { most_watches: 40, ..impatient() }, sixty_folders);
    let small = watched.outside("small");
    fs::create_dir(&small).unwrap();
    watched.watcher.set_roots(vec![root(1, &watched.models()), root(2, &small)]);
    watched.wait_for("the small root", |hint| matches!(hint, Hint::LookAtAll { roots, .. } if *roots == [RootId(2)]));
    let methods: Vec<Method> = watched.watcher.methods().into_iter().map(|(_, method, _)| method).collect();
    assert_eq!(methods, [Method::Polling, Method::Events]);
    fs::write(small.join("b.pt"), "x").unwrap();
    watched.wait_for_written(&small.join("b.pt"));
    is_polled(&mut watched);
}

#[test]
fn a_root_that_the_system_will_not_watch_is_polled() {
    let Some(_limit) = Limit::set("max_user_watches", "40") else {
        eprintln!("no right to change the system's limit: only the watcher's own was tested");
        return;
    };
    is_polled(&mut Watched::alone(impatient(), sixty_folders));
}

fn sixty_folders(models: &Path) {
    (0..60).for_each(|number| fs::create_dir(models.join(number.to_string())).unwrap());
}

fn is_polled(watched: &mut Watched) {
    let (method, why) = watched.method();
    assert_eq!(method, Method::Polling);
    assert!(why.unwrap().contains("The system will not watch more folders"));
    let path = watched.path("7/a.pt");
    fs::write(&path, "x").unwrap();
    watched.wait_for_look(&watched.path("7"));
    fs::write(&path, "longer").unwrap();
    watched.wait_for_written(&path);
    fs::remove_dir_all(watched.path("8")).unwrap();
    watched.wait_for_look(&watched.path("8"));
}

/// A clock that can be set.
#[derive(Debug)]
pub(super) struct TestClock {
    started: Instant,
    ahead: Mutex<(Duration, Duration)>,
}

impl TestClock {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { started: Instant::now(), ahead: Mutex::default() })
    }

    /// Lets time pass for a machine that is awake.
    pub(super) fn advance(&self, by: Duration) {
        let mut ahead = self.ahead.lock().unwrap();
        *ahead = (ahead.0 + by, ahead.1 + by);
    }

    /// Lets time pass for a machine that is not.
    fn sleep(&self, time: Duration) {
        self.ahead.lock().unwrap().1 += time;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Now {
        let (awake, total) = *self.ahead.lock().unwrap();
        Now { awake: self.started.elapsed() + awake, total: self.started.elapsed() + total }
    }
}

#[test]
fn everything_is_looked_at_after_a_sleep_and_when_it_is_time() {
    let clock = TestClock::new();
    let schedule_local = Duration::from_secs(30);
    let options = WatchOptions { schedule_local, clock: clock.clone(), ..impatient() };
    let mut watched = Watched::with(options, |_| ());
    clock.sleep(Duration::from_secs(3600));
    watched.wait_for("the sleep", |hint| why(hint) == Some(Why::WokeUp));
    fs::write(watched.path("a.pt"), "x").unwrap();
    watched.wait_for_written(&watched.path("a.pt"));
    // Not further, or it looks like a machine that slept.
    clock.advance(Duration::from_secs(40));
    watched.wait_for("the schedule", |hint| why(hint) == Some(Why::Schedule));
}

#[test]
fn nothing_is_hinted_after_the_end() {
    let Watched { dir, watcher, hints, .. } = Watched::new();
    drop(watcher);
    fs::write(dir.path().join("models/a.pt"), "x").unwrap();
    // The sender goes with the last thread.
    assert_eq!(hints.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected));
}

/// A watcher with a queue so short that events get lost, and 2,000 new folders with a file each, as fast as can be.
fn flood(options: &WatchOptions) -> (Watched, Library) {
    let watched = Watched::alone(options.clone(), |_| ());
    for number in 0..2000 {
        let folder = watched.path(&number.to_string());
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.pt"), "x").unwrap();
    }
    let library = Library::new(watched.models());
    (watched, library)
}

/// Floods until something was lost: a reader that happens to be fast enough loses nothing.
fn losses_are_made_good(options: &WatchOptions, before_each: impl Fn()) {
    for _ in 0..20 {
        before_each();
        let (mut watched, mut library) = flood(options);
        let mut lost = false;
        while let Ok(hint) = watched.hints.recv_timeout(Duration::from_secs(1)) {
            library.look(&hint);
            lost |= matches!(hint, Hint::LookAtAll { why: Why::Overflow, lost_events: true, .. });
        }
        assert!(library.catches_up(&mut watched, LONG));
        // And what was made meanwhile is watched, if with a queue as short.
        fs::write(watched.path("1234/later.pt"), "x").unwrap();
        assert!(library.catches_up(&mut watched, LONG));
        if lost {
            return;
        }
    }
    panic!("nothing was ever lost");
}

#[test]
fn what_the_system_loses_is_told_and_made_good() {
    let Some(limit) = Limit::set("max_queued_events", "16") else {
        eprintln!("no right to shorten the system's queue: only the watcher's own was tested");
        return;
    };
    losses_are_made_good(&impatient(), || limit.set_again("16"));
}

#[test]
fn what_the_watcher_itself_loses_is_told_and_made_good() {
    losses_are_made_good(&WatchOptions { queue: 16, ..impatient() }, || ());
}

/// The tests above are worth something only if they fail without what they test.
#[cfg(feature = "sabotage")]
#[test]
fn a_watcher_that_ignores_losses_is_found_out() {
    // Or "too many changes" would save it.
    let options = WatchOptions { ignore_overflow: true, too_many: usize::MAX, queue: 16, ..impatient() };
    let is_found_out = (0..20).any(|_| {
        let (mut watched, mut library) = flood(&options);
        !library.catches_up(&mut watched, Duration::from_secs(5))
    });
    assert!(is_found_out);
}
