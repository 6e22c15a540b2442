//! Walks a root's folders and says what lies in them. Nothing is read here but directory entries.
//!
//! Links are followed, because users spread models over drives with links and every UI follows them; a file that is
//! also reachable directly is the same file, which [`Discovered::via_link`] and its identity let the scan see. A folder
//! linked into itself ends the walk of that branch. A problem with one entry is an item of the list, never the end.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::fingerprint::{FileIdentity, Fingerprint};
use crate::error::{Code, Error};
use crate::jobs::{Cancelled, JobControl};
use crate::roots::{ModelKind, ScanPlan, is_model_name};
use crate::sidecar::may_be_beside;

/// No model library is nested deeper.
pub(crate) const MAX_DEPTH: usize = 64;

/// One folder is entered through at most this many different links: they can otherwise multiply a tree without limit.
pub(crate) const MAX_LINKS_TO_A_FOLDER: u32 = 4;

/// A model file, or something in a model file's place.
#[derive(Debug, Clone)]
pub(super) struct Discovered {
    /// Absolute.
    pub(super) path: PathBuf,
    /// By its folder.
    pub(super) kind: ModelKind,
    /// Reached through a symlink or junction below the folder the walk began in.
    pub(super) via_link: bool,
    /// A preview picture beside it that its UI would show.
    pub(super) local_preview: Option<PathBuf>,
    /// What it is, or why that cannot be told.
    pub(super) fingerprint: Result<Fingerprint, Error>,
}

/// Everything one root's walk found.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// In the order of their paths.
    pub(super) files: Vec<Discovered>,
    /// Folders that could not be listed to the end: what was known below them may still be there.
    pub(super) blind: Vec<(PathBuf, Error)>,
    /// Folders with something in them that may lie beside a model. Behind links nothing is noted: it is noted where it is.
    pub(super) beside: BTreeSet<PathBuf>,
}

/// Looks through the folders of `plan`. `on_file` hears of every file found.
pub(super) fn walk(plan: &ScanPlan, control: &JobControl, mut on_file: impl FnMut()) -> Result<Walked, Cancelled> {
    let mut walked = Walked::default();
    let mut visits: HashMap<FileIdentity, u32> = HashMap::new();
    for base in plan.bases() {
        match std::fs::symlink_metadata(base) {
            Ok(_) => {}
            Err(source) if source.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => {
                walked.blind.push((base.clone(), Error::io("read", base, &source)));
                continue;
            }
        }
        walk_base(base, plan, control, &mut visits, &mut walked, &mut on_file)?;
    }
    walked.files.sort_by(|a, b| a.path.cmp(&b.path));
    walked.files.dedup_by(|a, b| a.path == b.path);
    attach_previews(&mut walked.files);
    Ok(walked)
}

fn walk_base(
    base: &Path,
    plan: &ScanPlan,
    control: &JobControl,
    visits: &mut HashMap<FileIdentity, u32>,
    walked: &mut Walked,
    on_file: &mut impl FnMut(),
) -> Result<(), Cancelled> {
    // The depth of the link that the walk is inside of, if it is.
    let mut link_depth: Option<usize> = None;
    // A walk of one folder may begin behind a link of the layout's own folder.
    let begins_behind_link = plan.top_of(base).is_some_and(|top| is_behind_link(top, base));
    if plan.top_of(base).is_some_and(|top| is_hidden_away(top, base)) {
        return Ok(());
    }
    let mut entries = WalkDir::new(base).follow_links(true).max_depth(MAX_DEPTH).into_iter();
    while let Some(entry) = entries.next() {
        control.checkpoint()?;
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                note_walk_error(&error, base, plan, walked, on_file);
                continue;
            }
        };
        if link_depth.is_some_and(|depth| entry.depth() <= depth) {
            link_depth = None;
        }
        let path = entry.path();
        if entry.file_type().is_dir() {
            if entry.depth() > 0 && is_skipped_folder(path) {
                entries.skip_current_dir();
                continue;
            }
            if entry.depth() > 0 && entry.path_is_symlink() && link_depth.is_none() {
                link_depth = Some(entry.depth());
            }
            // A folder's own path is one, and is entered however many links lead there: it is the one people know.
            if (begins_behind_link || link_depth.is_some())
                && let Some(identity) = identity_of(path)
            {
                let visits = visits.entry(identity).or_default();
                *visits += 1;
                if *visits > MAX_LINKS_TO_A_FOLDER {
                    tracing::warn!(path = %path.display(), "folder is linked from too many places; not entered again");
                    entries.skip_current_dir();
                }
            }
            continue;
        }
        if !is_model_name(path) || !entry.file_type().is_file() {
            let is_here = link_depth.is_none() && !begins_behind_link && !entry.path_is_symlink();
            if is_here && entry.file_type().is_file() && entry.file_name().to_str().is_some_and(may_be_beside) {
                walked.beside.extend(path.parent().map(Path::to_owned));
            }
            continue;
        }
        let fingerprint = Fingerprint::of_path(path).map_err(|source| Error::io("read", path, &source));
        on_file();
        walked.files.push(Discovered {
            kind: plan.kind_of(path),
            via_link: begins_behind_link || link_depth.is_some() || entry.path_is_symlink(),
            local_preview: None,
            fingerprint,
            path: path.to_owned(),
        });
    }
    Ok(())
}

/// Hidden folders and other programs' own: no UI loads models from them.
pub(crate) fn is_skipped_folder(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        name.as_encoded_bytes().starts_with(b".") || name == "__pycache__" || name == "node_modules" || name == "venv"
    })
}

/// Whether a folder below `top` is reached through a link.
fn is_behind_link(top: &Path, folder: &Path) -> bool {
    match (folder.strip_prefix(top), top.canonicalize(), folder.canonicalize()) {
        (Ok(rest), Ok(top), Ok(folder)) => top.join(rest) != folder,
        _ => false,
    }
}

/// Whether a folder below `top` lies in one that is skipped.
fn is_hidden_away(top: &Path, folder: &Path) -> bool {
    folder.ancestors().take_while(|ancestor| *ancestor != top).any(is_skipped_folder)
}

fn identity_of(folder: &Path) -> Option<FileIdentity> {
    Fingerprint::of_path(folder).ok().map(|fingerprint| fingerprint.identity)
}

/// A dangling link in a model's place is a row of its own; anything else that fails leaves a blind spot.
fn note_walk_error(
    error: &walkdir::Error,
    base: &Path,
    plan: &ScanPlan,
    walked: &mut Walked,
    on_file: &mut impl FnMut(),
) {
    let path = error.path().unwrap_or(base).to_owned();
    if error.loop_ancestor().is_some() {
        tracing::info!(path = %path.display(), "folder is linked into itself; not followed");
        return;
    }
    let Some(source) = error.io_error() else { return };
    let is_link = std::fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.file_type().is_symlink());
    if !is_link && source.kind() == std::io::ErrorKind::NotFound {
        // It went away between two looks: gone is gone.
        return;
    }
    if !is_model_name(&path) {
        walked.blind.push((path.clone(), Error::io("read", &path, source)));
        return;
    }
    let error = if is_link {
        let target =
            std::fs::read_link(&path).map_or_else(|_| "nothing".to_owned(), |target| target.display().to_string());
        Error::new(Code::Io, format!("`{}` is a link to `{target}`, which cannot be reached", path.display()))
            .hint("The drive it points to may be unplugged, or the file was moved")
    } else {
        Error::io("read", &path, source)
    };
    on_file();
    walked.files.push(Discovered {
        kind: plan.kind_of(&path),
        via_link: is_link,
        local_preview: None,
        fingerprint: Err(error),
        path,
    });
}

/// The endings of a preview picture, in the order in which A1111 looks for them, then what other tools write.
const PREVIEW_ENDINGS: &[&str] = &[
    "png",
    "jpg",
    "jpeg",
    "webp",
    "gif",
    "preview.png",
    "preview.jpg",
    "preview.jpeg",
    "preview.webp",
    "preview.gif",
    "mp4",
    "webm",
    "preview.mp4",
    "preview.webm",
    "thumb.jpg",
];

/// Finds each model's own preview by listing every folder once, instead of asking for a dozen names per model.
fn attach_previews(files: &mut [Discovered]) {
    let mut listed: Option<(PathBuf, HashSet<std::ffi::OsString>)> = None;
    for file in files {
        let (Some(folder), Some(stem)) = (file.path.parent(), file.path.file_stem()) else { continue };
        if listed.as_ref().is_none_or(|(listed, _)| listed != folder) {
            let names = std::fs::read_dir(folder).map_or_else(
                |_| HashSet::new(),
                |entries| entries.filter_map(Result::ok).map(|entry| entry.file_name()).collect(),
            );
            listed = Some((folder.to_owned(), names));
        }
        let Some((_, names)) = &listed else { continue };
        file.local_preview = PREVIEW_ENDINGS.iter().find_map(|ending| {
            let mut name = stem.to_owned();
            name.push(".");
            name.push(ending);
            names.contains(&name).then(|| folder.join(name))
        });
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::roots::ModelFolder;

    fn walk_dir(root: &Path) -> Walked {
        let plan = ScanPlan::new(vec![ModelFolder { path: root.to_owned(), kind: ModelKind::Lora }]);
        walk(&plan, &JobControl::default(), || ()).unwrap()
    }

    fn names(walked: &Walked, root: &Path) -> Vec<String> {
        walked.files.iter().map(|file| file.path.strip_prefix(root).unwrap().display().to_string()).collect()
    }

    #[test]
    fn a_link_loop_ends() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("a")).unwrap();
        std::fs::write(dir.path().join("a/x.pt"), "x").unwrap();
        symlink(dir.path(), dir.path().join("a/loop")).unwrap();
        symlink(dir.path().join("self"), dir.path().join("self")).unwrap();
        let walked = walk_dir(dir.path());
        assert!(names(&walked, dir.path()).contains(&"a/x.pt".to_owned()));
    }

    #[test]
    fn links_that_multiply_a_tree_are_bounded() {
        let dir = tempfile::tempdir().unwrap();
        for at in 0..12 {
            let folder = dir.path().join(format!("{at:02}"));
            std::fs::create_dir(&folder).unwrap();
            std::fs::write(folder.join("x.pt"), "x").unwrap();
        }
        for at in 0..11 {
            for link in ["l", "m", "n"] {
                let next = dir.path().join(format!("{:02}", at + 1));
                symlink(next, dir.path().join(format!("{at:02}/{link}"))).unwrap();
            }
        }
        assert!(walk_dir(dir.path()).files.len() <= 12 * 5);
    }

    #[test]
    fn a_dangling_link_is_a_row_and_a_dangling_folder_link_a_blind_spot() {
        let dir = tempfile::tempdir().unwrap();
        symlink("/nowhere/x.safetensors", dir.path().join("x.safetensors")).unwrap();
        symlink("/nowhere/folder", dir.path().join("folder")).unwrap();
        let walked = walk_dir(dir.path());
        assert_eq!(names(&walked, dir.path()), ["x.safetensors"]);
        assert!(walked.files[0].fingerprint.is_err());
        assert_eq!(walked.blind[0].0, dir.path().join("folder"));
    }

    #[test]
    fn a_file_behind_a_link_is_marked_and_keeps_its_identity() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("real")).unwrap();
        std::fs::write(dir.path().join("real/x.pt"), "x").unwrap();
        symlink(dir.path().join("real"), dir.path().join("linked")).unwrap();
        let walked = walk_dir(dir.path());
        assert_eq!(names(&walked, dir.path()), ["linked/x.pt", "real/x.pt"]);
        assert_eq!(walked.files.iter().map(|file| file.via_link).collect::<Vec<_>>(), [true, false]);
        let identity = |at: usize| walked.files[at].fingerprint.as_ref().unwrap().identity;
        assert_eq!(identity(0), identity(1));
    }

    #[test]
    fn the_users_own_preview_is_found() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["v1.5.safetensors", "v1.5.preview.png", "v1.5.webp", "other.pt", "other.png.txt"] {
            std::fs::write(dir.path().join(name), "x").unwrap();
        }
        let walked = walk_dir(dir.path());
        assert_eq!(walked.files[0].local_preview, None);
        assert_eq!(walked.files[1].local_preview, Some(dir.path().join("v1.5.webp")));
    }
}
