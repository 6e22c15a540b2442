//! Random things happen to a watched folder, and in the end the library is what an independent look at the disk says.
//!
//! Nothing here starts a scan: what the watcher does not notice, or takes for something else, stays wrong and fails the
//! test. The queue of file events is made so short that the kernel drops most of a burst.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use civitai_simulator::Catalogue;
use modeldock_core::hash::Sha256;
use modeldock_core::library::{LibraryItem, Provenance};
use modeldock_core::scan::ScanEvent;
use modeldock_core::watch::{Hint, WatchOptions};
use modeldock_core::{App, WatchObserver};
use serde_json::json;
use sha2::Digest as _;

use crate::support::{World, add, library, noise, rounds_or};
use crate::watch::limits;

/// Numbers that look random and are the same for one seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// What happens to the folder, one thing after another.
struct Chaos {
    root: PathBuf,
    dice: Dice,
    done: Vec<String>,
    heard: Arc<Heard>,
}

impl Chaos {
    fn path(&mut self) -> PathBuf {
        let folder = ["", "loras", "loras/new", "checkpoints"][self.dice.roll(4)];
        let name = format!("{}.safetensors", ["a", "b", "c", "d", "e", "f"][self.dice.roll(6)]);
        self.root.join(folder).join(name)
    }

    /// Of few lengths, so that a change often leaves the length as it was.
    fn content(&mut self) -> Vec<u8> {
        let length = [700, 1400, 2100][self.dice.roll(3)];
        noise(self.dice.0, length)
    }

    fn note(&mut self, what: &str, path: &Path, other: &Path) {
        let short =
            |path: &Path| path.strip_prefix(&self.root).unwrap_or(path).with_extension("").display().to_string();
        let done = format!("{what}: {} ({})", short(path), short(other));
        self.heard.note(done.clone());
        self.done.push(done);
    }

    /// One step. Failures are part of it: what is not there cannot be renamed.
    fn step(&mut self) {
        let (path, other) = (self.path(), self.path());
        let content = self.content();
        let _ = std::fs::create_dir_all(path.parent().unwrap());
        let what = match self.dice.roll(16) {
            0 | 1 => {
                let _ = std::fs::write(&path, content);
                "write"
            }
            2 => {
                if let Ok(mut file) = File::create(&path) {
                    for piece in content.chunks(300) {
                        let _ = file.write_all(piece);
                        std::thread::sleep(Duration::from_millis(3));
                    }
                }
                "write slowly"
            }
            3 => {
                let part = path.with_extension("safetensors.part");
                let _ = std::fs::write(&part, content);
                let _ = std::fs::rename(part, &path);
                "download"
            }
            4 | 5 => {
                let _ = std::fs::create_dir_all(other.parent().unwrap());
                let _ = std::fs::rename(&path, &other);
                "rename"
            }
            6 => {
                edit_in_secret(&path);
                "edit in secret"
            }
            7 => {
                edit_in_secret(&path);
                let _ = std::fs::rename(&path, &other);
                "edit in secret and rename"
            }
            8 => {
                let _ = std::fs::rename(&path, &other);
                edit_in_secret(&other);
                "rename and edit in secret"
            }
            9 => {
                if let Ok(file) = File::options().write(true).open(&path) {
                    let _ = file.set_len(self.dice.roll(2000) as u64);
                }
                "truncate"
            }
            10 => {
                let _ = std::fs::hard_link(&path, &other);
                "hard link"
            }
            11 => {
                // Only to files: what a link to a link is called is not what is tested here.
                if path.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
                    let _ = std::os::unix::fs::symlink(&path, &other);
                }
                "link"
            }
            12 | 13 => {
                let _ = std::fs::remove_file(&path);
                "delete"
            }
            14 => {
                if let Ok(file) = File::options().write(true).open(&path) {
                    let _ = file.set_modified(std::time::SystemTime::now() - Duration::from_secs(3600));
                }
                "set the time back"
            }
            _ => {
                let (from, to) = (self.root.join("loras"), self.root.join("checkpoints/loras"));
                if self.dice.roll(2) == 0 {
                    let _ = std::fs::rename(from, to);
                } else {
                    let _ = std::fs::rename(to, from);
                }
                "rename a folder"
            }
        };
        self.note(what, &path, &other);
    }

    /// Every regular file with its content's hash, and every link with the file it leads to.
    fn truth(&self) -> BTreeMap<PathBuf, String> {
        let mut truth = BTreeMap::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = path.symlink_metadata().unwrap();
                if metadata.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "safetensors") {
                    let hash =
                        std::fs::read(&path).map(|bytes| Sha256::new(sha2::Sha256::digest(bytes).into()).to_string());
                    truth.insert(path, hash.unwrap_or_else(|_| "unreadable".to_owned()));
                }
            }
        }
        truth
    }
}

/// Other bytes, the same length, the same modification time.
fn edit_in_secret(path: &Path) {
    let Ok(metadata) = path.metadata() else { return };
    let Ok(mut bytes) = std::fs::read(path) else { return };
    let Some(last) = bytes.last_mut() else { return };
    *last = last.wrapping_add(1);
    let Ok(mut file) = File::options().write(true).open(path) else { return };
    let _ = file.write_all(&bytes);
    let _ = file.set_modified(metadata.modified().unwrap());
}

/// What the library says, in the same words as [`Chaos::truth`].
fn told(items: &BTreeMap<PathBuf, LibraryItem>) -> BTreeMap<PathBuf, String> {
    let mut told = BTreeMap::new();
    for (path, item) in items {
        let hash = match (&item.sha256, item.provenance) {
            (Some(sha256), Some(Provenance::Measured)) => sha256.clone(),
            _ if item.problem.is_some() => "unreadable".to_owned(),
            _ => "not read yet".to_owned(),
        };
        for also in &item.also_at {
            told.insert(PathBuf::from(also), hash.clone());
        }
        told.insert(path.clone(), hash);
    }
    told
}

fn differences(truth: &BTreeMap<PathBuf, String>, told: &BTreeMap<PathBuf, String>) -> Vec<String> {
    let paths: std::collections::BTreeSet<&PathBuf> = truth.keys().chain(told.keys()).collect();
    let differs = |path: &&&PathBuf| truth.get(**path) != told.get(**path);
    let line = |path: &PathBuf| format!("{}: is {:?}, told {:?}", path.display(), truth.get(path), told.get(path));
    paths.iter().filter(differs).map(|path| line(path)).collect()
}

/// Watches quickly, so that a thousand sequences take minutes.
fn hasty() -> WatchOptions {
    WatchOptions {
        debounce: Duration::from_millis(20),
        longest_burst: Duration::from_millis(300),
        rebuild_first: Duration::from_millis(50),
        rebuild_longest: Duration::from_millis(500),
        settle_local: Duration::from_millis(60),
        settle_finished: Duration::from_millis(30),
        settle_incomplete: Duration::from_millis(60),
        ..WatchOptions::default()
    }
}

/// The last things that were heard, for when the library and the disk differ.
#[derive(Default)]
struct Heard(Mutex<VecDeque<(Instant, String)>>);

impl Heard {
    const MOST: usize = 120;

    fn note(&self, what: String) {
        let mut heard = self.0.lock().unwrap();
        if heard.len() == Self::MOST {
            heard.pop_front();
        }
        heard.push_back((Instant::now(), what));
    }

    /// With how long ago each was.
    fn lines(&self) -> Vec<String> {
        let line = |(at, what): &(Instant, String)| format!("{:>8.3} s ago: {what}", at.elapsed().as_secs_f64());
        self.0.lock().unwrap().iter().map(line).collect()
    }
}

impl WatchObserver for Heard {
    fn on_hint(&self, hint: &Hint) {
        self.note(format!("{hint:?}"));
    }

    fn on_scan(&self, event: ScanEvent) {
        self.note(format!("{event:?}"));
    }
}

async fn watched(world: &World, heard: &Arc<Heard>) -> App {
    let app = world.open().await;
    let mut settings = app.call("settings_get", json!({})).await.unwrap();
    settings["look_up"] = json!(false);
    app.call("settings_set", settings).await.unwrap();
    add(&app, &world.models()).await;
    app.start_workers_with(hasty(), Arc::clone(heard) as Arc<dyn WatchObserver>);
    app
}

/// Keeps what there is for a look at it by hand, in the folder that `MODELDOCK_TEST_KEEP` names.
fn keep(world: &World, seed: u64) {
    if let Some(folder) = std::env::var_os("MODELDOCK_TEST_KEEP") {
        let to = Path::new(&folder).join(seed.to_string());
        let copied = std::process::Command::new("cp").arg("-a").args([world.dir.path(), &to]).status();
        assert!(copied.unwrap().success());
    }
}

/// One after another in one folder, each followed by a comparison.
async fn sequences(seed: u64, count: u64) {
    let world = World::with(Catalogue::default()).await;
    let heard = Arc::new(Heard::default());
    let app = watched(&world, &heard).await;
    let mut chaos = Chaos { root: world.models(), dice: Dice(seed), done: Vec::new(), heard: Arc::clone(&heard) };
    // The folder is never empty: an empty one would be taken for an unplugged drive.
    world.write("always there.safetensors", noise(seed, 100));
    for sequence in 0..count {
        chaos.done.clear();
        for _ in 0..5 + chaos.dice.roll(30) {
            chaos.step();
            if chaos.dice.roll(4) == 0 {
                tokio::time::sleep(Duration::from_millis(chaos.dice.roll(30) as u64)).await;
            }
        }
        let truth = chaos.truth();
        let started = Instant::now();
        loop {
            let told = told(&library(&app).await);
            if told == truth && !app.is_scanning() {
                break;
            }
            if started.elapsed() > Duration::from_secs(60) {
                keep(&world, seed);
                let (lines, differences) = (heard.lines().join("\n"), differences(&truth, &told));
                panic!("seed {seed}, sequence {sequence}: {:#?}\n{differences:#?}\n{lines}", chaos.done);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    app.shutdown().await;
}

/// How many events the kernel keeps for a reader that is behind. For the whole system, so it is put back, and nobody else
/// changes or relies on it meanwhile.
struct ShortQueue {
    before: String,
    _alone: File,
}

impl ShortQueue {
    const PATH: &str = "/proc/sys/fs/inotify/max_queued_events";

    fn of(length: usize) -> Self {
        let alone = limits();
        alone.lock().unwrap();
        let before = std::fs::read_to_string(Self::PATH).unwrap();
        // Only root may; anybody else runs the same sequences with the queue as long as it is.
        let _ = std::fs::write(Self::PATH, length.to_string());
        Self { before, _alone: alone }
    }
}

impl Drop for ShortQueue {
    fn drop(&mut self) {
        let _ = std::fs::write(Self::PATH, self.before.trim());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_a_watched_folder_the_library_ends_as_the_disk_is() {
    let as_it_is = limits();
    as_it_is.lock_shared().unwrap();
    let count = rounds_or(100, 5000) / 4;
    let all: Vec<_> = (1..=4).map(|seed| tokio::spawn(sequences(seed, count))).collect();
    for done in all {
        done.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_the_kernel_dropped_are_made_up_for() {
    let queue = ShortQueue::of(4);
    let count = rounds_or(100, 5000) / 4;
    let all: Vec<_> = (11..=14).map(|seed| tokio::spawn(sequences(seed, count))).collect();
    for done in all {
        done.await.unwrap();
    }
    drop(queue);
}
