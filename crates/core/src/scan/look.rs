//! One look at the disk: walk, compare with the store, bring the store up to date, and say what has to be read.
//!
//! A look may be narrowed to the folders that something happened in. One that finds nothing where there was something is
//! widened to the whole root, because only there an unmounted drive can be told from a deletion.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::beside::Surroundings;
use super::compare::{Comparison, Found, Place, Reading, RealDisk, Sight, compare};
use super::kin::{kin, target_of};
use super::report::ScanEvent;
use super::run::{Scan, Stop};
use super::walk::walk;
use super::{Fingerprint, Scope};
use crate::error::Error;
use crate::event::Event;
use crate::jobs::Progress;
use crate::roots::{Layout, ScanPlan, model_folders};
use crate::store::{FileRow, NewFile, RootRow};
use crate::units::{FileId, RootId, UnixMillis};

/// How long a vanished file is remembered, in seconds: it may come back from a trash or a backup.
const REMEMBER_GONE: i64 = 30 * 24 * 3600;

/// Single files that are looked at together.
const KIN_AT_ONCE: usize = 200;

/// Links to links are followed so far.
const MOST_LINKS: usize = 8;

/// A file whose content has to be found out.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) path: PathBuf,
    pub(super) print: Fingerprint,
    /// Every row its content belongs to.
    pub(super) rows: Vec<FileId>,
    pub(super) root: PathBuf,
    pub(super) layout: Layout,
    /// Its AutoV1 was looked up before, in vain.
    pub(super) was_asked: bool,
    /// One of its names was seen to be written to.
    pub(super) is_written: bool,
}

/// What a look found out.
#[derive(Debug, Default)]
pub(super) struct Looked {
    /// Files nobody can say anything about yet.
    pub(super) unknown: Vec<Pending>,
    /// Files whose hash is only believed.
    pub(super) believed: Vec<Pending>,
    /// Files whose hash was kept over a rename.
    pub(super) recheck: Vec<Pending>,
}

impl Scan {
    /// Looks, and stores what can be told without reading.
    pub(super) fn look(&self, scope: &Scope, counts: bool) -> Result<Looked, Stop> {
        let all = self.store.read_blocking(|tx| tx.roots())?;
        let (roots, folders, written) = match scope {
            Scope::All => (all.clone(), None, HashSet::new()),
            Scope::Roots(ids) => {
                (all.iter().filter(|root| ids.contains(&root.id)).cloned().collect::<Vec<_>>(), None, HashSet::new())
            }
            Scope::Folders { root, folders, written } => {
                let root = all.iter().filter(|known| known.id == *root).cloned().collect();
                (root, Some(folders.clone()), written.iter().cloned().collect())
            }
        };
        let rows = self.store.read_blocking(|tx| tx.file_rows())?;
        let mut sight = Sight { folders, written, counts, ..Sight::default() };
        let (mut found, mut beside) = self.walk_roots(&roots, &rows, &mut sight)?;
        if sight.folders.is_some() && found.is_empty() {
            sight = Sight { written: sight.written, counts, ..Sight::default() };
            (found, beside) = self.walk_roots(&roots, &rows, &mut sight)?;
        }
        // A link may lead to a link.
        for _ in 0..MOST_LINKS {
            if !self.look_at_kin(&all, &rows, &mut sight, &mut found)? {
                break;
            }
        }
        let comparison = compare(&found, &rows, &sight, &RealDisk);
        let looked = self.apply(&found, &rows, &all, &sight, &comparison)?;
        self.keep_orphans(&rows, beside)?;
        Ok(looked)
    }

    /// Looks at the other names of what changed, and says whether there were any. One that is not there is left to the look that its own folder gets: only
    /// there a deletion can be told from an unplugged drive.
    fn look_at_kin(
        &self,
        roots: &[RootRow],
        rows: &[FileRow],
        sight: &mut Sight,
        found: &mut Vec<Found>,
    ) -> Result<bool, Stop> {
        let kin = kin(found, rows, sight, target_of);
        let before = found.len();
        for root in roots {
            let paths: Vec<PathBuf> =
                kin.iter().filter(|row| row.root == root.id).map(|row| row.path.clone()).collect();
            if paths.is_empty() || why_away(root).is_some() {
                continue;
            }
            let plan = ScanPlan::new(model_folders(root.layout, &root.path));
            // A plan compares its folders with one another.
            for some in paths.chunks(KIN_AT_ONCE) {
                for file in walk(&plan.clone().narrowed(some), &self.control, || ())?.files {
                    if some.contains(&file.path) && sight.also.insert(file.path.clone()) {
                        found.push(Found { root: root.id, file });
                    }
                }
            }
        }
        Ok(found.len() > before)
    }

    /// Walks every root that is there.
    fn walk_roots(
        &self,
        roots: &[RootRow],
        rows: &[FileRow],
        sight: &mut Sight,
    ) -> Result<(Vec<Found>, Vec<Surroundings>), Stop> {
        let mut found: Vec<Found> = Vec::new();
        let mut beside = Vec::new();
        let mut taken = HashSet::new();
        for root in roots {
            if let Some(problem) = why_away(root) {
                self.root_is_away(root, problem)?;
                continue;
            }
            let plan = ScanPlan::new(model_folders(root.layout, &root.path));
            let plan = match &sight.folders {
                Some(folders) => plan.narrowed(folders),
                None => plan,
            };
            let mut walked =
                walk(&plan, &self.control, || Progress::add(&self.progress.files_found, u64::from(sight.counts)))?;
            if sight.folders.is_none() {
                let known = rows.iter().filter(|row| row.root == root.id && !row.gone).count();
                if walked.files.is_empty() && known > 0 {
                    self.root_is_away(root, now_empty(&root.path, known))?;
                    continue;
                }
                // A UI's extra folders often lie on another drive than the UI.
                for base in plan.bases().iter().filter(|base| !base.starts_with(&root.path)) {
                    let is_of_base = |row: &&FileRow| row.root == root.id && !row.gone && row.path.starts_with(base);
                    let known = rows.iter().filter(is_of_base).count();
                    let seen = walked.files.iter().any(|file| file.path.starts_with(base));
                    if known > 0 && !seen && !walked.blind.iter().any(|(blind, _)| blind == base) {
                        walked.blind.push((base.clone(), now_empty(base, known)));
                    }
                }
            }
            for (path, problem) in walked.blind {
                self.tell(ScanEvent::Problem { path: path.display().to_string(), problem });
                sight.blind.push(path);
            }
            sight.roots.insert(root.id);
            // InvokeAI looks after everything in its folder itself.
            if root.layout != Layout::InvokeAi {
                let looked_at = plan.bases().to_vec();
                beside.push(Surroundings { root: root.id, looked_at, folders: walked.beside });
            }
            for file in walked.files {
                // Roots may overlap (ComfyUI pointed at A1111's folders): the root that was added first has the file.
                if taken.insert(file.path.clone()) {
                    found.push(Found { root: root.id, file });
                }
            }
        }
        Ok((found, beside))
    }

    fn root_is_away(&self, root: &RootRow, problem: Error) -> Result<(), Stop> {
        self.store.write_blocking(|tx| {
            tx.set_root_state(root.id, false, None)?;
            tx.publish(Event::RootsChanged);
            tx.publish(Event::LibraryChanged);
            Ok(())
        })?;
        self.tell(ScanEvent::RootAway { path: root.path.display().to_string(), problem });
        Ok(())
    }

    /// Brings the store up to date with the walk, in one transaction, and says what has to be read.
    fn apply(
        &self,
        found: &[Found],
        rows: &[FileRow],
        roots: &[RootRow],
        sight: &Sight,
        comparison: &Comparison,
    ) -> Result<Looked, Stop> {
        let now = UnixMillis::now();
        let root_of: HashMap<RootId, &RootRow> = roots.iter().map(|root| (root.id, root)).collect();
        let nothing_changed = comparison.changes_nothing();
        // Only what changed needs its row's number.
        let by_path: HashMap<&Path, &FileRow> = if comparison == &Comparison::default() {
            HashMap::new()
        } else {
            rows.iter().map(|row| (row.path.as_path(), row)).collect()
        };
        let looked = self.store.write_blocking(|tx| {
            for (id, at) in &comparison.moved {
                tx.move_file(*id, &new_file(&found[*at], &root_of))?;
            }
            let mut ids: HashMap<usize, FileId> = HashMap::new();
            for (at, keep) in &comparison.put {
                ids.insert(*at, tx.put_file(&new_file(&found[*at], &root_of), *keep, now)?);
            }
            let id_of = |at: usize| -> Option<FileId> {
                ids.get(&at).copied().or_else(|| by_path.get(found[at].file.path.as_path()).map(|row| row.id))
            };
            let row_of = |place: Place| match place {
                Place::Found(at) => id_of(at),
                Place::Row(id) => Some(id),
            };
            let print_of = |place: Place| match place {
                Place::Found(at) => found[at].file.fingerprint.as_ref().ok().copied(),
                Place::Row(id) => rows.iter().find(|row| row.id == id).and_then(|row| row.fingerprint),
            };
            for (place, known) in &comparison.adopted {
                if let (Some(id), Some(print)) = (row_of(*place), print_of(*place)) {
                    tx.set_hash(id, &print, known, now)?;
                }
            }
            for (place, of) in &comparison.aliases {
                if let Some(id) = row_of(*place) {
                    tx.set_alias(id, of.and_then(row_of))?;
                }
            }
            for id in &comparison.gone {
                tx.set_gone(*id, now)?;
            }
            for id in &comparison.away {
                tx.set_away(*id)?;
            }
            tx.forget_gone(now.plus_seconds(-REMEMBER_GONE))?;
            // Only a look at all of a root says when it was last looked through.
            let looked_through = sight.folders.is_none().then_some(now);
            for root in &sight.roots {
                tx.set_root_state(*root, true, looked_through)?;
            }
            // The user may have removed a root while it was looked through.
            let roots_left: HashSet<RootId> = tx.roots()?.into_iter().map(|root| root.id).collect();
            if roots.iter().any(|root| !roots_left.contains(&root.id)) {
                tx.set_orphans_gone(now)?;
            }
            tx.publish(Event::RootsChanged);
            if !nothing_changed {
                tx.publish(Event::LibraryChanged);
            }
            let pending = |reading: &Reading| -> Option<Pending> {
                let Found { root, file } = &found[reading.at];
                let root = root_of.get(root).filter(|root| roots_left.contains(&root.id))?;
                let own_row = by_path.get(file.path.as_path());
                Some(Pending {
                    path: file.path.clone(),
                    print: *file.fingerprint.as_ref().ok()?,
                    rows: reading
                        .members
                        .iter()
                        .filter_map(|at| id_of(*at))
                        .chain(reading.elsewhere.iter().copied())
                        .collect(),
                    is_written: reading.members.iter().any(|at| sight.written.contains(&found[*at].file.path)),
                    root: root.path.clone(),
                    layout: root.layout,
                    was_asked: own_row.is_some_and(|row| {
                        row.quick_at.is_some() && row.fingerprint.as_ref() == file.fingerprint.as_ref().ok()
                    }),
                })
            };
            let all = |readings: &[Reading]| readings.iter().filter_map(pending).collect();
            Ok(Looked {
                unknown: all(&comparison.read),
                believed: all(&comparison.verify),
                recheck: all(&comparison.recheck),
            })
        })?;
        self.tell_changes(found, rows, comparison);
        Ok(looked)
    }

    fn tell_changes(&self, found: &[Found], rows: &[FileRow], comparison: &Comparison) {
        let path_of = |id: FileId| {
            rows.iter().find(|row| row.id == id).map(|row| row.path.display().to_string()).unwrap_or_default()
        };
        for (id, at) in &comparison.moved {
            let path = found[*at].file.path.display().to_string();
            self.tell(ScanEvent::Moved { from: path_of(*id), path });
        }
        for id in &comparison.gone {
            self.tell(ScanEvent::Gone { path: path_of(*id) });
        }
        for found in found {
            if let Err(problem) = &found.file.fingerprint {
                let path = found.file.path.display().to_string();
                self.tell(ScanEvent::Problem { path, problem: problem.clone() });
            }
        }
    }
}

fn new_file<'a>(found: &'a Found, roots: &HashMap<RootId, &'a RootRow>) -> NewFile<'a> {
    let Found { root, file } = found;
    NewFile {
        root: *root,
        root_path: roots.get(root).map_or(Path::new(""), |root| &root.path),
        path: &file.path,
        kind: &file.kind,
        fingerprint: file.fingerprint.as_ref().ok().copied(),
        local_preview: file.local_preview.as_deref(),
        problem: file.fingerprint.as_ref().err(),
    }
}

fn why_away(root: &RootRow) -> Option<Error> {
    let source = std::fs::read_dir(&root.path).err()?;
    let error = Error::io("read model folder", &root.path, &source);
    Some(match source.kind() {
        std::io::ErrorKind::PermissionDenied => error,
        _ => error.hint("The drive may be unplugged. Reconnect it, or remove the folder from Modeldock"),
    })
}

/// An unmounted drive leaves an empty folder, and looks like everything having been deleted.
fn now_empty(path: &Path, known: usize) -> Error {
    Error::new(crate::error::Code::Io, format!("`{}` held {known} model files and now holds none", path.display()))
        .hint("If its drive is not mounted, mount it; if the files are really gone, remove the folder from Modeldock")
}
