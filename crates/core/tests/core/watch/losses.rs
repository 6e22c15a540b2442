//! What happens when the system does not tell everything, and whether it is made good.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use modeldock_core::units::RootId;
use modeldock_core::watch::{Clock, Hint, Method, Now, WatchOptions, Why};

use super::super::support::rounds;
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
}

impl Drop for Limit {
    fn drop(&mut self) {
        fs::write(&self.name, &self.before).unwrap();
    }
}

#[test]
fn without_enough_watches_a_root_is_polled_and_the_others_keep_their_events() {
    let limit = Limit::set("max_user_watches", "40");
    let options = WatchOptions { most_watches: if limit.is_some() { usize::MAX } else { 40 }, ..impatient() };
    let mut watched = Watched::alone(options, |models| {
        for number in 0..60 {
            fs::create_dir(models.join(format!("{number}"))).unwrap();
        }
    });
    let (method, why) = watched.method();
    assert_eq!(method, Method::Polling);
    assert!(why.unwrap().contains("The system will not watch more folders"));
    let small = watched.outside("small");
    fs::create_dir(&small).unwrap();
    watched.watcher.set_roots(vec![root(1, &watched.models()), root(2, &small)]);
    watched.wait_for("the small root", |hint| matches!(hint, Hint::LookAtAll { roots, .. } if *roots == [RootId(2)]));
    let methods: Vec<Method> = watched.watcher.methods().into_iter().map(|(_, method, _)| method).collect();
    assert_eq!(methods, [Method::Polling, Method::Events]);

    for path in [watched.path("7/a.pt"), small.join("b.pt")] {
        fs::write(&path, "x").unwrap();
        watched.wait_for_look(path.parent().unwrap());
    }
    fs::write(watched.path("7/a.pt"), "longer").unwrap();
    watched.wait_for_written(&watched.path("7/a.pt"));
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

/// What somebody knows who only ever looks where hints say.
struct Library {
    root: PathBuf,
    files: BTreeMap<PathBuf, String>,
}

impl Library {
    fn look(&mut self, hint: &Hint) {
        match hint {
            Hint::LookAtAll { .. } => self.files = Self::on_disk(&self.root),
            Hint::Look { folders, written, .. } => {
                let looked: BTreeSet<&Path> = folders.iter().map(PathBuf::as_path).collect();
                let disk = Self::on_disk(&self.root);
                let is_looked = |path: &Path| {
                    looked.contains(path.parent().unwrap())
                        || looked.iter().any(|folder| path.starts_with(folder) && !folder.exists())
                };
                self.files.retain(|path, _| !is_looked(path));
                for (path, content) in disk {
                    // Contents are read again only where they are in doubt, or the file was not known.
                    if is_looked(&path) && (written.contains(&path) || !self.files.contains_key(&path)) {
                        self.files.insert(path, content);
                    }
                }
            }
        }
    }

    fn on_disk(root: &Path) -> BTreeMap<PathBuf, String> {
        let files = walkdir::WalkDir::new(root).into_iter().filter_map(Result::ok);
        files
            .filter(|entry| {
                entry.file_type().is_file() && entry.path().extension().is_some_and(|ending| ending == "pt")
            })
            .filter_map(|entry| Some((entry.path().to_owned(), fs::read_to_string(entry.path()).ok()?)))
            .collect()
    }

    /// Looks where hints say until it knows what is there. `false` if it never does.
    fn catches_up(&mut self, watched: &mut Watched, most: Duration) -> bool {
        let end = Instant::now() + most;
        loop {
            if self.files == Self::on_disk(&self.root) {
                return true;
            }
            match watched.hints.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(hint) => self.look(&hint),
                Err(_) => return self.files == Self::on_disk(&self.root),
            }
        }
    }
}

/// Numbers by chance that are the same at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Does something to files and folders, as people and their tools do.
fn do_something(root: &Path, chance: &mut Chance) {
    let folder = |chance: &mut Chance| match chance.below(4) {
        0 => root.to_owned(),
        1 => root.join(format!("f{}", chance.below(4))),
        _ => root.join(format!("f{}/g{}", chance.below(4), chance.below(3))),
    };
    let (here, there) = (folder(chance), folder(chance));
    let file = here.join(format!("{}.pt", chance.below(6)));
    let other = there.join(format!("{}.pt", chance.below(6)));
    // Most of it fails when something is not there, as it does for people.
    let _ = match chance.below(10) {
        0..=2 => fs::write(&file, chance.below(1_000_000).to_string()),
        3 => fs::create_dir_all(&here),
        4 => fs::remove_file(&file),
        5 => fs::rename(&file, &other),
        6 => fs::rename(&here, &there),
        7 if here != root => fs::remove_dir_all(&here),
        8 => fs::write(file.with_extension("part"), chance.below(1_000_000).to_string())
            .and_then(|()| fs::rename(file.with_extension("part"), &file)),
        _ => fs::hard_link(&file, &other),
    };
}

#[test]
fn whoever_looks_where_hints_say_knows_in_the_end_what_is_there() {
    for seed in 0..rounds(6) {
        let mut watched = Watched::new();
        let mut chance = Chance(seed);
        let mut library = Library { root: watched.models(), files: BTreeMap::new() };
        for step in 0..150 {
            do_something(&watched.models(), &mut chance);
            if step % 40 == 0 {
                std::thread::sleep(Duration::from_millis(chance.below(400)));
            }
            while let Ok(hint) = watched.hints.try_recv() {
                library.look(&hint);
            }
        }
        assert!(library.catches_up(&mut watched, LONG), "seed {seed}: {:#?}", library.files);
    }
}

#[test]
fn five_thousand_files_at_once_are_all_found() {
    let mut watched = Watched::with(impatient(), |models| {
        for number in 0..10 {
            fs::create_dir(models.join(format!("{number}"))).unwrap();
        }
    });
    for number in 0..5000 {
        fs::write(watched.path(&format!("{}/{number}.pt", number % 10)), "x").unwrap();
    }
    let mut library = Library { root: watched.models(), files: BTreeMap::new() };
    assert!(library.catches_up(&mut watched, LONG));
    assert_eq!(library.files.len(), 5000);
}

/// A watcher with a queue so short that events get lost. Without the right to shorten the system's queue, the watcher's
/// own is shortened, which loses events in the same way.
fn forgetful(options: WatchOptions) -> (Watched, Library, Option<Limit>) {
    let limit = Limit::set("max_queued_events", "16");
    let queue = if limit.is_some() { options.queue } else { 16 };
    let watched = Watched::alone(WatchOptions { queue, ..options }, |_| ());
    let library = Library { root: watched.models(), files: BTreeMap::new() };
    (watched, library, limit)
}

/// 2,000 new folders with a file each, as fast as can be.
fn flood(watched: &Watched, round: usize) {
    for number in 0..2000 {
        let folder = watched.path(&format!("{round}-{number}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.pt"), "x").unwrap();
    }
}

#[test]
fn lost_events_are_told_and_made_good() {
    let (mut watched, mut library, _limit) = forgetful(impatient());
    let mut lost = false;
    // A reader that happens to be fast enough loses nothing.
    for round in 0..50 {
        flood(&watched, round);
        while let Ok(hint) = watched.hints.recv_timeout(Duration::from_secs(1)) {
            library.look(&hint);
            lost |= matches!(hint, Hint::LookAtAll { why: Why::Overflow, lost_events: true, .. });
        }
        assert!(library.catches_up(&mut watched, LONG));
        if lost {
            break;
        }
    }
    assert!(lost);
    // And what was made meanwhile is watched, if with a queue as short.
    fs::write(watched.path("0-1234/later.pt"), "x").unwrap();
    assert!(library.catches_up(&mut watched, LONG));
}

/// The test above is worth something only if it fails without what it tests.
#[cfg(feature = "sabotage")]
#[test]
fn a_watcher_that_ignores_lost_events_is_found_out() {
    // Or "too many changes" would save it.
    let too_many = usize::MAX;
    let (mut watched, mut library, _limit) = forgetful(WatchOptions { ignore_overflow: true, too_many, ..impatient() });
    let is_found_out = (0..50).any(|round| {
        flood(&watched, round);
        !library.catches_up(&mut watched, Duration::from_secs(5))
    });
    assert!(is_found_out);
}
