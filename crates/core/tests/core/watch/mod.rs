//! The watcher on a real disk with real events. Everything is waited for; nothing is taken for granted after a time.

mod chance;
mod files;
mod folders;
mod hung;
mod library;
mod links;
mod losses;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use modeldock_core::units::RootId;
use modeldock_core::watch::{Hint, Method, WatchOptions, WatchRoot, Watcher, Why};
use tempfile::TempDir;

/// Far more than anything here takes on a busy machine.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// The system's limits are everybody's: a test that changes them runs alone, even among several runs of the tests.
pub(crate) fn limits() -> fs::File {
    let path = std::env::temp_dir().join("modeldock-test-inotify-limits.lock");
    fs::File::options().create(true).append(true).open(path).unwrap()
}

/// A folder that is being watched, and what was hinted so far.
pub(super) struct Watched {
    pub(super) dir: TempDir,
    pub(super) watcher: Watcher,
    pub(super) hints: Receiver<Hint>,
    pub(super) heard: Vec<Hint>,
    pub(super) _limits: Option<fs::File>,
}

pub(super) fn impatient() -> WatchOptions {
    WatchOptions {
        debounce: Duration::from_millis(50),
        settle_local: Duration::from_millis(700),
        settle_finished: Duration::from_millis(100),
        presence: Duration::from_millis(50),
        rebuild_first: Duration::from_millis(100),
        rebuild_longest: Duration::from_secs(1),
        poll: Duration::from_millis(100),
        ..WatchOptions::default()
    }
}

pub(super) fn root(id: i64, path: &Path) -> WatchRoot {
    WatchRoot { id: RootId(id), path: path.to_owned(), folders: vec![path.to_owned()] }
}

impl Watched {
    pub(super) fn new() -> Self {
        Self::with(impatient(), |_| ())
    }

    /// `before` fills the folder `models`, which is then watched.
    pub(super) fn with(options: WatchOptions, before: impl FnOnce(&Path)) -> Self {
        let limits = limits();
        limits.lock_shared().unwrap();
        Self { _limits: Some(limits), ..Self::alone(options, before) }
    }

    pub(super) fn alone(options: WatchOptions, before: impl FnOnce(&Path)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let models = dir.path().join("models");
        fs::create_dir(&models).unwrap();
        before(&models);
        let (sender, hints) = channel();
        let on_hint = move |hint| {
            // The test has ended.
            let _ = sender.send(hint);
        };
        let watcher = Watcher::start(vec![root(1, &models)], options, on_hint);
        let mut started = Self { dir, watcher, hints, heard: Vec::new(), _limits: None };
        started.wait_for("the start", |hint| why(hint) == Some(Why::Start));
        started
    }

    pub(super) fn models(&self) -> PathBuf {
        self.dir.path().join("models")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.models().join(name)
    }

    pub(super) fn outside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The next hint like this. Whatever comes before is heard as well.
    pub(super) fn wait_for(&mut self, what: &str, is_it: impl Fn(&Hint) -> bool) -> Hint {
        let end = Instant::now() + LONG;
        loop {
            let hint = self.hints.recv_timeout(end.saturating_duration_since(Instant::now()));
            let hint = hint.unwrap_or_else(|_| panic!("no hint about {what}; heard {:?}", self.heard));
            self.heard.push(hint.clone());
            if is_it(&hint) {
                return hint;
            }
        }
    }

    pub(super) fn wait_for_look(&mut self, folder: &Path) -> Hint {
        self.wait_for(&folder.display().to_string(), |hint| folders(hint).contains(&folder.to_owned()))
    }

    pub(super) fn wait_for_written(&mut self, file: &Path) -> Hint {
        self.wait_for(&file.display().to_string(), |hint| written(hint).contains(&file.to_owned()))
    }

    pub(super) fn method(&self) -> (Method, Option<String>) {
        let (_, method, why) = self.watcher.methods().remove(0);
        (method, why)
    }
}

pub(super) fn folders(hint: &Hint) -> &[PathBuf] {
    if let Hint::Look { folders, .. } = hint { folders } else { &[] }
}

pub(super) fn written(hint: &Hint) -> &[PathBuf] {
    if let Hint::Look { written, .. } = hint { written } else { &[] }
}

pub(super) fn why(hint: &Hint) -> Option<Why> {
    if let Hint::LookAtAll { why, .. } = hint { Some(*why) } else { None }
}
