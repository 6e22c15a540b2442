//! The folders of a root that the system watches for it.
//!
//! Folders are watched one by one on Linux, not by `notify`'s recursive mode: that mode watches every folder of a
//! Python environment inside an installation, and forgets a folder that is reached by two links as soon as one of them
//! goes. Here a folder is watched once under its real name, and remembers under which names a scan sees it. macOS and
//! Windows watch whole trees by themselves; there only the tops are watched, and the rest of the bookkeeping is shared.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};

use crate::disk::{FileSystem, MountTable};
use crate::paths::without_dots;
use crate::roots::is_model_name;
use crate::scan::{FileIdentity, Fingerprint, MAX_DEPTH, MAX_LINKS_TO_A_FOLDER, is_skipped_folder};

/// Whether the system watches everything below a folder with it.
const WATCHES_TREES: bool = cfg!(any(target_os = "macos", windows));

/// Why a folder could not be watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// The user has as many watches as the system allows.
    Limit,
    /// More of its folders than deserve a thread each lie where no events come from.
    Elsewhere,
    /// Something else, for people.
    Failed(String),
}

/// What was seen on the way, by the names a scan uses.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) folders: Vec<PathBuf>,
    /// In a model's place.
    pub(super) models: Vec<PathBuf>,
    /// Folders that lie where no events come from. They have not been touched.
    pub(super) foreign: Vec<(PathBuf, FileSystem)>,
}

/// Watched folders. Dropping it ends the watching.
pub(super) struct Tree {
    watcher: RecommendedWatcher,
    mounts: MountTable,
    most_watches: usize,
    /// By real name: the names under which a scan sees the folder.
    seen_as: HashMap<PathBuf, Vec<PathBuf>>,
    /// And back, with which folder it was: another one may take its place under the same name.
    real_names: BTreeMap<PathBuf, (PathBuf, FileIdentity)>,
}

impl Tree {
    /// Watches nothing yet. `on_event` hears of everything, on a thread of the watcher's own, and must not block.
    pub(super) fn new(
        mounts: MountTable,
        most_watches: usize,
        on_event: impl FnMut(notify::Result<notify::Event>) + Send + 'static,
    ) -> Result<Self, Refused> {
        let watcher = notify::recommended_watcher(on_event).map_err(|error| match error.kind {
            // EMFILE: not open files but inotify instances, of which a user has 128.
            notify::ErrorKind::Io(source) if source.raw_os_error() == Some(24) => Refused::Limit,
            notify::ErrorKind::MaxFilesWatch => Refused::Limit,
            kind => Refused::Failed(notify::Error::new(kind).to_string()),
        })?;
        Ok(Self { watcher, mounts, most_watches, seen_as: HashMap::new(), real_names: BTreeMap::new() })
    }

    /// How many folders are watched.
    pub(super) fn len(&self) -> usize {
        self.seen_as.len()
    }

    /// Whether a folder is watched under this name.
    pub(super) fn knows(&self, folder: &Path) -> bool {
        self.real_names.contains_key(folder)
    }

    /// Real names of watched folders.
    pub(super) fn real_folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.seen_as.keys()
    }

    /// The names under which a scan sees what an event calls `real`.
    pub(super) fn names_of(&self, real: &Path) -> Vec<PathBuf> {
        let mut names = self.seen_as.get(real).cloned().unwrap_or_default();
        if let (Some(folder), Some(name)) = (real.parent(), real.file_name()) {
            for seen_as in self.seen_as.get(folder).into_iter().flatten() {
                let path = seen_as.join(name);
                if !names.contains(&path) {
                    names.push(path);
                }
            }
        }
        names
    }

    /// What is mounted where has changed.
    pub(super) fn set_mounts(&mut self, mounts: MountTable) {
        self.mounts = mounts;
    }

    /// Watches a folder and everything below it that a scan would walk, links followed. Harmless for what is watched
    /// already, is not there or is not a folder; only what is new is reported as found.
    pub(super) fn add(&mut self, top: &Path, found: &mut Found) -> Result<(), Refused> {
        let is_link = std::fs::symlink_metadata(top).is_ok_and(|metadata| metadata.is_symlink());
        let real = match top.parent().and_then(|folder| self.real_names.get(folder)) {
            Some((folder, _)) if is_link => self.resolve(top, folder, found),
            _ => std::fs::canonicalize(top).ok(),
        };
        let mut ahead: Vec<(PathBuf, PathBuf, usize)> =
            real.map(|real| (top.to_owned(), real, 0)).into_iter().collect();
        while let Some((folder, real, depth)) = ahead.pop() {
            // Watched before it is listed: what comes in between is then seen twice and not missed.
            if !self.enter(&folder, &real, found)? {
                continue;
            }
            found.folders.push(folder.clone());
            // A folder that cannot be listed is the scan's to complain about.
            let Ok(entries) = std::fs::read_dir(&real) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let path = folder.join(entry.file_name());
                // The type comes with the name on Linux: no file is asked after.
                let Ok(kind) = entry.file_type() else { continue };
                let may_enter = depth < MAX_DEPTH && !is_skipped_folder(&path);
                if kind.is_symlink() {
                    let real = if may_enter { self.resolve(&path, &real, found) } else { None };
                    ahead.extend(real.map(|real| (path, real, depth + 1)));
                } else if kind.is_dir() {
                    let real = real.join(entry.file_name());
                    match self.mounts.mounted_at(&real) {
                        _ if !may_enter => {}
                        Some(kind) if !kind.tells_changes() => found.foreign.push((path, kind)),
                        _ => ahead.push((path, real, depth + 1)),
                    }
                } else if is_model_name(&path) {
                    found.models.push(path);
                }
            }
        }
        Ok(())
    }

    /// Where a link leads if it leads to a folder that is to be entered.
    fn resolve(&self, link: &Path, real_folder: &Path, found: &mut Found) -> Option<PathBuf> {
        // The table first: resolving a link into a drive whose server is gone would never return.
        let target = without_dots(&real_folder.join(std::fs::read_link(real_folder.join(link.file_name()?)).ok()?));
        if let Some(kind) = self.mounts.of(&target).filter(|kind| !kind.tells_changes()) {
            // It may be a link to a single file there; then only that file is ever listed.
            if !is_model_name(link) {
                found.foreign.push((link.to_owned(), kind));
            }
            return None;
        }
        let real = std::fs::canonicalize(&target).ok()?;
        if !std::fs::metadata(&real).ok()?.is_dir() {
            if is_model_name(link) {
                found.models.push(link.to_owned());
            }
            return None;
        }
        let kind = FileSystem::among(&self.mounts, &real);
        if !kind.tells_changes() {
            found.foreign.push((link.to_owned(), kind));
            return None;
        }
        let is_loop =
            link.ancestors().skip(1).any(|above| self.real_names.get(above).is_some_and(|(name, _)| *name == real));
        let entered = self.seen_as.get(&real).map_or(0, Vec::len);
        (!is_loop && entered <= MAX_LINKS_TO_A_FOLDER as usize).then_some(real)
    }

    /// Whether the folder is one to be listed: it is watched now and was not before.
    fn enter(&mut self, folder: &Path, real: &Path, found: &mut Found) -> Result<bool, Refused> {
        let Some(identity) = identity_of_folder(real) else { return Ok(false) };
        match self.real_names.get(folder) {
            Some((known, known_identity)) if known == real && *known_identity == identity => return Ok(false),
            // Another folder has taken its place, and need not have what was below it.
            Some(_) => found.folders.extend(self.remove(folder)),
            None => {}
        }
        let is_covered = WATCHES_TREES && real.ancestors().any(|above| self.seen_as.contains_key(above));
        if !is_covered && !self.seen_as.contains_key(real) {
            if self.seen_as.len() >= self.most_watches {
                return Err(Refused::Limit);
            }
            let mode = if WATCHES_TREES { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            match self.watcher.watch(real, mode).map_err(|error| error.kind) {
                Ok(()) => {}
                Err(notify::ErrorKind::PathNotFound | notify::ErrorKind::WatchNotFound) => return Ok(false),
                Err(notify::ErrorKind::MaxFilesWatch) => return Err(Refused::Limit),
                Err(notify::ErrorKind::Io(source)) => match source.kind() {
                    // The scan complains about a folder that is closed to it; the others are watched all the same.
                    std::io::ErrorKind::NotFound
                    | std::io::ErrorKind::NotADirectory
                    | std::io::ErrorKind::PermissionDenied => return Ok(false),
                    _ => return Err(Refused::Failed(source.to_string())),
                },
                Err(kind) => return Err(Refused::Failed(notify::Error::new(kind).to_string())),
            }
        }
        self.real_names.insert(folder.to_owned(), (real.to_owned(), identity));
        self.seen_as.entry(real.to_owned()).or_default().push(folder.to_owned());
        Ok(true)
    }

    /// Forgets a folder and everything below it, under this name. Returns all that was forgotten.
    pub(super) fn remove(&mut self, folder: &Path) -> Vec<PathBuf> {
        // Paths are ordered by their parts, so everything below a folder follows it directly.
        let below = self.real_names.range(folder.to_owned()..).take_while(|(name, _)| name.starts_with(folder));
        let below: Vec<(PathBuf, PathBuf)> = below.map(|(name, (real, _))| (name.clone(), real.clone())).collect();
        for (name, real) in &below {
            self.real_names.remove(name);
            let Some(names) = self.seen_as.get_mut(real) else { continue };
            names.retain(|other| other != name);
            if names.is_empty() {
                self.seen_as.remove(real);
                // It fails where the system has ended the watch already, with the folder.
                let _ = self.watcher.unwatch(real);
            }
        }
        below.into_iter().map(|(name, _)| name).collect()
    }
}

fn identity_of_folder(real: &Path) -> Option<FileIdentity> {
    let metadata = std::fs::metadata(real).ok().filter(std::fs::Metadata::is_dir)?;
    Fingerprint::of_metadata(&metadata, real).ok().map(|print| print.identity)
}
