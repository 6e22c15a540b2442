//! Compares what a walk found with what the store knows, and decides what to do. Pure but for [`Disk`]'s two questions.
//!
//! Three facts decide. The same path with the same fingerprint is the same content. The same file (by identity, size,
//! modification time and birth) under a new path, with its old path gone, was renamed; the change time is left out of
//! that because a rename sets it. The same file under several present paths is one content, read once; paths that end in
//! one place once all links are followed are one row, whichever roots they were found from.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::fingerprint::{FileIdentity, Fingerprint};
use super::walk::Discovered;
use crate::hash::Sha256;
use crate::store::FileRow;
use crate::units::{FileId, RootId};

/// A path that was found, and the root it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) root: RootId,
    pub(super) file: Discovered,
}

impl Found {
    fn fingerprint(&self) -> Option<Fingerprint> {
        self.file.fingerprint.as_ref().ok().copied()
    }
}

/// What to do. Numbers are positions in the list of found paths.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// A known row whose file has this path now.
    pub(super) moved: Vec<(FileId, usize)>,
    /// Rows to add or bring up to date, and whether the hash in the row still holds.
    pub(super) put: Vec<(usize, bool)>,
    /// Paths whose content is known from another path to the same file.
    pub(super) adopted: Vec<(usize, Sha256)>,
    /// Files to read: the path to read, and every path its content belongs to.
    pub(super) read: Vec<(usize, Vec<usize>)>,
    /// What each path is only another way to, where that is not what the store says already.
    pub(super) aliases: Vec<(Place, Option<Place>)>,
    /// Rows whose files are no longer there.
    pub(super) gone: Vec<FileId>,
    /// Rows of which that cannot be told.
    pub(super) away: Vec<FileId>,
}

/// A path: one that was found, or one that is known from a root that was not looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A position in the list of found paths.
    Found(usize),
    /// A row.
    Row(FileId),
}

/// What is asked of the disk while comparing, and seldom.
pub(super) trait Disk {
    /// Whether there is anything at a known path outside the roots that were looked through.
    fn exists(&self, path: &Path) -> bool;
    /// Where a path ends once all links in it are followed.
    fn end_of(&self, path: &Path) -> Option<PathBuf>;
}

/// The real one.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn exists(&self, path: &Path) -> bool {
        path.symlink_metadata().is_ok()
    }

    fn end_of(&self, path: &Path) -> Option<PathBuf> {
        path.canonicalize().ok()
    }
}

/// Where a walk could not see everything.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Roots that were looked through.
    pub(super) roots: HashSet<RootId>,
    /// Folders of theirs that were not.
    pub(super) blind: Vec<PathBuf>,
}

/// Decides.
pub(super) fn compare(found: &[Found], rows: &[FileRow], sight: &Sight, disk: &impl Disk) -> Comparison {
    let mut comparison = Comparison::default();
    let by_path: HashMap<&Path, usize> = rows.iter().enumerate().map(|(at, row)| (row.path.as_path(), at)).collect();
    let found_paths: HashSet<&Path> = found.iter().map(|found| found.file.path.as_path()).collect();
    let own_row: Vec<Option<&FileRow>> =
        found.iter().map(|found| by_path.get(found.file.path.as_path()).map(|at| &rows[*at])).collect();

    let moved = find_moves(found, rows, &own_row, |row: &FileRow| {
        let seen = sight.roots.contains(&row.root) && !is_blind(&row.path, &sight.blind);
        if seen { found_paths.contains(row.path.as_path()) } else { disk.exists(&row.path) }
    });
    comparison.moved = moved.iter().map(|(at, row)| (row.id, *at)).collect();
    comparison.moved.sort_unstable_by_key(|(_, at)| *at);

    // A row's hash holds for a found path if the row is that path's and nothing has changed, or if it was moved there.
    let known = |at: usize| -> Option<Sha256> {
        if let Some(row) = moved.get(&at) {
            return row.sha256;
        }
        let row = own_row[at]?;
        let unchanged = row.fingerprint.is_some() && row.fingerprint == found[at].fingerprint();
        row.sha256.filter(|_| unchanged)
    };
    for (at, found) in found.iter().enumerate() {
        let holds = known(at).is_some();
        if moved.contains_key(&at) || needs_put(found, own_row[at], holds) {
            comparison.put.push((at, holds));
        }
    }
    let before = Before { rows, own_row: &own_row, moved: &moved };
    decide_contents(found, &before, sight, disk, known, &mut comparison);

    let moved_rows: HashSet<FileId> = comparison.moved.iter().map(|(id, _)| *id).collect();
    let unseen = rows
        .iter()
        .filter(|row| !row.gone && sight.roots.contains(&row.root))
        .filter(|row| !found_paths.contains(row.path.as_path()) && !moved_rows.contains(&row.id));
    for row in unseen {
        if !is_blind(&row.path, &sight.blind) {
            comparison.gone.push(row.id);
        } else if !row.away {
            comparison.away.push(row.id);
        }
    }
    comparison
}

/// Which found path is a known row's file under a new name.
fn find_moves<'r>(
    found: &[Found],
    rows: &'r [FileRow],
    own_row: &[Option<&FileRow>],
    still_there: impl Fn(&FileRow) -> bool,
) -> HashMap<usize, &'r FileRow> {
    let mut by_identity: HashMap<FileIdentity, Vec<&FileRow>> = HashMap::new();
    for row in rows.iter().filter(|row| row.sha256.is_some() && row.alias_of.is_none()) {
        if let Some(print) = row.fingerprint {
            by_identity.entry(print.identity).or_default().push(row);
        }
    }
    let mut taken = HashSet::new();
    let mut moved = HashMap::new();
    for (at, found) in found.iter().enumerate() {
        let Some(print) = found.fingerprint() else { continue };
        if found.file.via_link || own_row[at].is_some_and(|row| row.fingerprint == Some(print)) {
            continue;
        }
        let from = by_identity.get(&print.identity).into_iter().flatten().find(|row| {
            row.path != found.file.path
                && row.fingerprint.is_some_and(|earlier| print.is_renamed_from(&earlier))
                && !taken.contains(&row.id)
                && !still_there(row)
        });
        if let Some(row) = from {
            taken.insert(row.id);
            moved.insert(at, *row);
        }
    }
    moved
}

fn needs_put(found: &Found, row: Option<&FileRow>, hash_holds: bool) -> bool {
    let Some(row) = row else { return true };
    row.gone
        || row.away
        || row.root != found.root
        || row.kind != found.file.kind
        || row.fingerprint != found.fingerprint()
        || row.local_preview != found.file.local_preview
        || row.has_problem
        || found.file.fingerprint.is_err()
        || (row.sha256.is_some() && !hash_holds)
}

/// What the store knew of the found paths.
struct Before<'a> {
    rows: &'a [FileRow],
    own_row: &'a [Option<&'a FileRow>],
    moved: &'a HashMap<usize, &'a FileRow>,
}

impl Before<'_> {
    fn row_of(&self, at: usize) -> Option<&FileRow> {
        self.moved.get(&at).copied().or(self.own_row[at])
    }

    /// What the store says the place is only another way to.
    fn alias_of(&self, place: Place) -> Option<FileId> {
        match place {
            Place::Found(at) => self.row_of(at)?.alias_of,
            // Rows that are another way to something already are left as they are.
            Place::Row(_) => None,
        }
    }

    fn id_of(&self, place: Place) -> Option<FileId> {
        match place {
            Place::Found(at) => self.row_of(at).map(|row| row.id),
            Place::Row(id) => Some(id),
        }
    }
}

/// Groups the paths by file: one read, one primary path for each place they end in, the others aliases of it.
fn decide_contents(
    found: &[Found],
    before: &Before<'_>,
    sight: &Sight,
    disk: &impl Disk,
    known: impl Fn(usize) -> Option<Sha256>,
    comparison: &mut Comparison,
) {
    let mut groups: HashMap<FileIdentity, Vec<usize>> = HashMap::new();
    for (at, found) in found.iter().enumerate() {
        match found.fingerprint() {
            Some(print) => groups.entry(print.identity).or_default().push(at),
            None => set_alias(Place::Found(at), None, before, comparison),
        }
    }
    // A root that is not looked through this time may hold the very file that is found here through a link.
    let mut elsewhere: HashMap<FileIdentity, Vec<&FileRow>> = HashMap::new();
    for row in before.rows.iter().filter(|row| !row.gone && row.alias_of.is_none() && !sight.roots.contains(&row.root))
    {
        if let Some(print) = row.fingerprint.filter(|print| groups.contains_key(&print.identity)) {
            elsewhere.entry(print.identity).or_default().push(row);
        }
    }
    let mut groups: Vec<(FileIdentity, Vec<usize>)> = groups.into_iter().collect();
    groups.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
    for (identity, mut members) in groups {
        members.sort_by_key(|at| (found[*at].file.via_link, *at));
        let print = found[members[0]].fingerprint();
        let outside: Vec<&FileRow> = elsewhere
            .remove(&identity)
            .into_iter()
            .flatten()
            .filter(|row| row.fingerprint == print && !members.iter().any(|at| found[*at].file.path == row.path))
            .filter(|row| !before.moved.values().any(|moved| moved.id == row.id) && disk.exists(&row.path))
            .collect();

        let content = members.iter().find_map(|at| known(*at)).or_else(|| outside.iter().find_map(|row| row.sha256));
        match content {
            Some(sha256) => {
                let adopting = members.iter().filter(|at| known(**at).is_none());
                comparison.adopted.extend(adopting.map(|at| (*at, sha256)));
            }
            None => comparison.read.push((members[0], members.clone())),
        }
        decide_aliases(found, &members, &outside, before, disk, comparison);
    }
}

/// Paths that end in one place are one row: the path without links if it is among them. Hard links end in different
/// places and stay apart, as they are to their owner.
fn decide_aliases(
    found: &[Found],
    members: &[usize],
    outside: &[&FileRow],
    before: &Before<'_>,
    disk: &impl Disk,
    comparison: &mut Comparison,
) {
    if let ([at], []) = (members, outside) {
        return set_alias(Place::Found(*at), None, before, comparison);
    }
    let inside = members.iter().map(|at| (Place::Found(*at), found[*at].file.path.as_path(), found[*at].file.via_link));
    let outside = outside.iter().map(|row| (Place::Row(row.id), row.path.as_path(), false));
    let mut ways: Vec<_> = inside
        .chain(outside)
        .map(|(place, path, via_link)| {
            let end = disk.end_of(path).unwrap_or_else(|| path.to_owned());
            ((via_link, end != path), place, end)
        })
        .collect();
    ways.sort_by_key(|(detour, ..)| *detour);
    let mut primaries: HashMap<PathBuf, Place> = HashMap::new();
    for (_, place, end) in ways {
        let primary = *primaries.entry(end).or_insert(place);
        set_alias(place, (primary != place).then_some(primary), before, comparison);
    }
}

fn set_alias(place: Place, of: Option<Place>, before: &Before<'_>, comparison: &mut Comparison) {
    let stored = before.alias_of(place);
    let is_stored = match of {
        None => stored.is_none(),
        Some(of) => stored.is_some() && stored == before.id_of(of),
    };
    if !is_stored {
        comparison.aliases.push((place, of));
    }
}

fn is_blind(path: &Path, blind: &[PathBuf]) -> bool {
    blind.iter().any(|folder| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::roots::ModelKind;

    const ROOT: RootId = RootId(1);

    fn print(index: u64, changed: i64) -> Fingerprint {
        Fingerprint { identity: FileIdentity { volume: 1, index }, size: 10, modified: 5, changed, born: Some(1) }
    }

    fn found(path: &str, print: Fingerprint, via_link: bool) -> Found {
        let file = Discovered {
            path: path.into(),
            kind: ModelKind::Lora,
            via_link,
            local_preview: None,
            fingerprint: Ok(print),
        };
        Found { root: ROOT, file }
    }

    fn row(id: i64, path: &str, print: Fingerprint) -> FileRow {
        FileRow {
            id: FileId(id),
            root: ROOT,
            path: path.into(),
            kind: ModelKind::Lora,
            fingerprint: Some(print),
            alias_of: None,
            local_preview: None,
            sha256: Some(Sha256::new([u8::try_from(id).unwrap(); 32])),
            has_problem: false,
            gone: false,
            away: false,
        }
    }

    fn sight() -> Sight {
        Sight { roots: HashSet::from([ROOT]), blind: Vec::new() }
    }

    /// Where each `link` leads; everything else is where it seems.
    struct Links(&'static [(&'static str, &'static str)]);

    impl Disk for Links {
        fn exists(&self, _: &Path) -> bool {
            true
        }

        fn end_of(&self, path: &Path) -> Option<PathBuf> {
            let link = self.0.iter().find(|(link, _)| Path::new(link) == path);
            Some(link.map_or(path, |(_, target)| Path::new(target)).to_owned())
        }
    }

    fn decide(found: &[Found], rows: &[FileRow]) -> Comparison {
        compare(found, rows, &sight(), &Links(&[]))
    }

    #[test]
    fn nothing_changed_means_nothing_to_do() {
        let comparison = decide(&[found("/r/a.pt", print(1, 7), false)], &[row(1, "/r/a.pt", print(1, 7))]);
        assert_eq!(comparison, Comparison::default());
    }

    #[test]
    fn a_new_file_is_read() {
        let comparison = decide(&[found("/r/a.pt", print(1, 7), false)], &[]);
        assert_eq!(comparison.put, [(0, false)]);
        assert_eq!(comparison.read, [(0, vec![0])]);
    }

    #[test]
    fn a_changed_change_time_alone_means_another_read() {
        let comparison = decide(&[found("/r/a.pt", print(1, 8), false)], &[row(1, "/r/a.pt", print(1, 7))]);
        assert_eq!(comparison.put, [(0, false)]);
        assert_eq!(comparison.read, [(0, vec![0])]);
    }

    #[test]
    fn a_renamed_file_keeps_its_hashes() {
        let comparison = decide(&[found("/r/sub/b.pt", print(1, 8), false)], &[row(1, "/r/a.pt", print(1, 7))]);
        assert_eq!(comparison.moved, [(FileId(1), 0)]);
        assert_eq!(comparison.put, [(0, true)]);
        assert!(comparison.read.is_empty() && comparison.gone.is_empty());
    }

    #[test]
    fn a_hard_link_is_not_a_move_and_is_read_once() {
        let paths = [found("/r/a.pt", print(1, 8), false), found("/r/b.pt", print(1, 8), false)];
        let comparison = decide(&paths, &[row(1, "/r/a.pt", print(1, 7))]);
        assert!(comparison.moved.is_empty());
        assert_eq!(comparison.read, [(0, vec![0, 1])]);
        assert!(comparison.aliases.is_empty(), "hard links are two files to their owner");
    }

    #[test]
    fn a_symlink_to_a_known_file_adopts_its_hash_and_is_an_alias() {
        let paths = [found("/r/link.pt", print(1, 7), true), found("/r/real.pt", print(1, 7), false)];
        let disk = Links(&[("/r/link.pt", "/r/real.pt")]);
        let comparison = compare(&paths, &[row(1, "/r/real.pt", print(1, 7))], &sight(), &disk);
        assert_eq!(comparison.adopted, [(0, Sha256::new([1; 32]))]);
        assert_eq!(comparison.aliases, [(Place::Found(0), Some(Place::Found(1)))]);
        assert!(comparison.read.is_empty());
    }

    #[test]
    fn two_links_to_a_file_outside_are_one_file() {
        let paths = [found("/r/a.pt", print(1, 7), true), found("/r/b.pt", print(1, 7), true)];
        let disk = Links(&[("/r/a.pt", "/elsewhere/x.pt"), ("/r/b.pt", "/elsewhere/x.pt")]);
        let comparison = compare(&paths, &[], &sight(), &disk);
        assert_eq!(comparison.read, [(0, vec![0, 1])]);
        assert_eq!(comparison.aliases, [(Place::Found(1), Some(Place::Found(0)))]);
    }

    #[test]
    fn a_link_to_a_file_of_a_root_that_was_not_looked_through_is_an_alias_of_its_row() {
        let mut elsewhere = row(7, "/other/real.pt", print(1, 7));
        elsewhere.root = RootId(2);
        let disk = Links(&[("/r/link.pt", "/other/real.pt")]);
        let comparison = compare(&[found("/r/link.pt", print(1, 7), true)], &[elsewhere], &sight(), &disk);
        assert_eq!(comparison.adopted, [(0, Sha256::new([7; 32]))]);
        assert_eq!(comparison.aliases, [(Place::Found(0), Some(Place::Row(FileId(7))))]);
    }

    #[test]
    fn a_file_of_the_same_inode_that_was_born_later_is_another_file() {
        let newborn = Fingerprint { born: Some(2), ..print(1, 8) };
        let comparison = decide(&[found("/r/b.pt", newborn, false)], &[row(1, "/r/a.pt", print(1, 7))]);
        assert!(comparison.moved.is_empty());
        assert_eq!((comparison.read, comparison.gone), (vec![(0, vec![0])], vec![FileId(1)]));
    }

    #[test]
    fn two_files_that_swapped_names_keep_their_own_hashes() {
        let paths = [found("/r/a.pt", print(2, 8), false), found("/r/b.pt", print(1, 8), false)];
        let comparison = decide(&paths, &[row(1, "/r/a.pt", print(1, 7)), row(2, "/r/b.pt", print(2, 7))]);
        // Both old paths are still there, so nothing can be told apart from a copy over: both are read again.
        assert!(comparison.moved.is_empty());
        assert_eq!(comparison.read.len(), 2);
    }

    #[test]
    fn what_lies_in_a_folder_that_could_not_be_listed_is_not_gone() {
        let mut sight = sight();
        sight.blind.push("/r/locked".into());
        let rows = [row(1, "/r/locked/a.pt", print(1, 7)), row(2, "/r/b.pt", print(2, 7))];
        let comparison = compare(&[], &rows, &sight, &Links(&[]));
        assert_eq!((comparison.gone, comparison.away), (vec![FileId(2)], vec![FileId(1)]));
    }

    #[test]
    fn rows_of_roots_that_were_not_looked_through_are_left_alone() {
        let sight = Sight::default();
        let comparison = compare(&[], &[row(1, "/r/a.pt", print(1, 7))], &sight, &Links(&[]));
        assert!(comparison.gone.is_empty());
    }

    #[test]
    fn a_path_that_cannot_be_looked_at_is_put_with_its_problem() {
        let mut broken = found("/r/a.pt", print(1, 7), true);
        broken.file.fingerprint = Err(Error::invalid("dangling"));
        let comparison = decide(&[broken], &[]);
        assert_eq!(comparison.put, [(0, false)]);
        assert!(comparison.read.is_empty());
    }
}
