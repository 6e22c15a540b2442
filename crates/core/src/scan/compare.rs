//! Compares what a walk found with what the store knows, and decides what to do. Pure but for one question.
//!
//! Three facts decide. The same path with the same fingerprint is the same content. The same file (by identity, size and
//! modification time) under a new path, with its old path gone, was renamed; the change time is left out of that because
//! a rename sets it. The same file under several present paths is one content, read once.

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
    pub(super) aliases: Vec<(usize, Option<usize>)>,
    /// Rows whose files are no longer there.
    pub(super) gone: Vec<FileId>,
}

/// Where a walk could not see everything.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Roots that were looked through.
    pub(super) roots: HashSet<RootId>,
    /// Folders of theirs that were not.
    pub(super) blind: Vec<PathBuf>,
}

/// Decides. `exists` is asked about a known path outside the roots that were looked through, rarely.
pub(super) fn compare(found: &[Found], rows: &[FileRow], sight: &Sight, exists: impl Fn(&Path) -> bool) -> Comparison {
    let mut comparison = Comparison::default();
    let by_path: HashMap<&Path, usize> = rows.iter().enumerate().map(|(at, row)| (row.path.as_path(), at)).collect();
    let found_paths: HashSet<&Path> = found.iter().map(|found| found.file.path.as_path()).collect();
    let own_row: Vec<Option<&FileRow>> =
        found.iter().map(|found| by_path.get(found.file.path.as_path()).map(|at| &rows[*at])).collect();

    let moved = find_moves(found, rows, &own_row, |row: &FileRow| {
        let seen = sight.roots.contains(&row.root) && !is_blind(&row.path, &sight.blind);
        if seen { found_paths.contains(row.path.as_path()) } else { exists(&row.path) }
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
    decide_contents(found, &own_row, &moved, known, &mut comparison);

    let moved_rows: HashSet<FileId> = comparison.moved.iter().map(|(id, _)| *id).collect();
    comparison.gone = rows
        .iter()
        .filter(|row| !row.gone && sight.roots.contains(&row.root))
        .filter(|row| !found_paths.contains(row.path.as_path()) && !moved_rows.contains(&row.id))
        .filter(|row| !is_blind(&row.path, &sight.blind))
        .map(|row| row.id)
        .collect();
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
        || row.root != found.root
        || row.kind != found.file.kind
        || row.fingerprint != found.fingerprint()
        || row.local_preview != found.file.local_preview
        || row.has_problem
        || found.file.fingerprint.is_err()
        || (row.sha256.is_some() && !hash_holds)
}

/// Groups the paths by file: one read, one primary path, the linked ones aliases of it.
fn decide_contents(
    found: &[Found],
    own_row: &[Option<&FileRow>],
    moved: &HashMap<usize, &FileRow>,
    known: impl Fn(usize) -> Option<Sha256>,
    comparison: &mut Comparison,
) {
    let mut groups: HashMap<FileIdentity, Vec<usize>> = HashMap::new();
    for (at, found) in found.iter().enumerate() {
        match found.fingerprint() {
            Some(print) => groups.entry(print.identity).or_default().push(at),
            None => set_alias(at, None, own_row, moved, comparison),
        }
    }
    let mut groups: Vec<Vec<usize>> = groups.into_values().collect();
    groups.sort_unstable();
    for mut members in groups {
        members.sort_by_key(|at| (found[*at].file.via_link, *at));
        let primary = members[0];
        match members.iter().find_map(|at| known(*at)) {
            Some(sha256) => {
                let adopting = members.iter().filter(|at| known(**at).is_none());
                comparison.adopted.extend(adopting.map(|at| (*at, sha256)));
            }
            None => comparison.read.push((primary, members.clone())),
        }
        for at in members {
            let alias_of = (found[at].file.via_link && at != primary).then_some(primary);
            set_alias(at, alias_of, own_row, moved, comparison);
        }
    }
}

fn set_alias(
    at: usize,
    of: Option<usize>,
    own_row: &[Option<&FileRow>],
    moved: &HashMap<usize, &FileRow>,
    comparison: &mut Comparison,
) {
    let id_of = |at: usize| moved.get(&at).copied().or(own_row[at]).map(|row| row.id);
    let stored = moved.get(&at).copied().or(own_row[at]).and_then(|row| row.alias_of);
    let is_stored = match of {
        None => stored.is_none(),
        Some(of) => stored.is_some() && stored == id_of(of),
    };
    if !is_stored {
        comparison.aliases.push((at, of));
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
        Fingerprint { identity: FileIdentity { volume: 1, index }, size: 10, modified: 5, changed }
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
            sha256: Some(Sha256::new([id as u8; 32])),
            has_problem: false,
            gone: false,
        }
    }

    fn sight() -> Sight {
        Sight { roots: HashSet::from([ROOT]), blind: Vec::new() }
    }

    fn decide(found: &[Found], rows: &[FileRow]) -> Comparison {
        compare(found, rows, &sight(), |_| panic!("only paths outside the roots are asked about"))
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
        let comparison = decide(&paths, &[row(1, "/r/real.pt", print(1, 7))]);
        assert_eq!(comparison.adopted, [(0, Sha256::new([1; 32]))]);
        assert_eq!(comparison.aliases, [(0, Some(1))]);
        assert!(comparison.read.is_empty());
    }

    #[test]
    fn two_links_to_a_file_outside_are_one_file() {
        let paths = [found("/r/a.pt", print(1, 7), true), found("/r/b.pt", print(1, 7), true)];
        let comparison = decide(&paths, &[]);
        assert_eq!(comparison.read, [(0, vec![0, 1])]);
        assert_eq!(comparison.aliases, [(1, Some(0))]);
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
        let comparison = compare(&[], &rows, &sight, |_| true);
        assert_eq!(comparison.gone, [FileId(2)]);
    }

    #[test]
    fn rows_of_roots_that_were_not_looked_through_are_left_alone() {
        let sight = Sight::default();
        let comparison = compare(&[], &[row(1, "/r/a.pt", print(1, 7))], &sight, |_| true);
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
