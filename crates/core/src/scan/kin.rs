//! Which rows a look must see besides the folders it was told of, because a file they lead to changed in those. Pure but
//! for the question where a link leads.
//!
//! The system tells of a change only in the folder of the name it was made through. A file's other names (hard links),
//! and links to it, lie anywhere and nothing is said there, so they are looked at with it: one by one, not with their
//! folders, which may be a whole library.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::compare::{Found, Sight};
use super::fingerprint::{FileIdentity, Fingerprint};
use crate::paths::without_dots;
use crate::store::FileRow;
use crate::units::FileId;

/// Rows that were not looked at and may no longer be as the disk is. `leads_to` is asked about what could not be reached.
pub(super) fn kin<'r>(
    found: &[Found],
    rows: &'r [FileRow],
    sight: &Sight,
    leads_to: impl Fn(&Path) -> Option<PathBuf>,
) -> Vec<&'r FileRow> {
    let unseen: Vec<&FileRow> = rows.iter().filter(|row| !row.gone && !sight.covers(row)).collect();
    // A look at everything has no more to see, and is not made slower.
    if unseen.is_empty() {
        return unseen;
    }
    let print_of = |found: &Found| -> Option<Fingerprint> { found.file.fingerprint.as_ref().ok().copied() };
    let by_path: HashMap<&Path, Option<Fingerprint>> =
        found.iter().map(|found| (found.file.path.as_path(), print_of(found))).collect();
    // What the files that were found are now: a row that says the same is as the disk is.
    let now: HashMap<FileIdentity, Fingerprint> =
        by_path.values().flatten().map(|print| (print.identity, *print)).collect();
    // What was here before and is here no longer, or not as it was.
    let mut left: HashSet<FileIdentity> = HashSet::new();
    let mut changed: HashSet<FileId> = HashSet::new();
    for row in rows.iter().filter(|row| !row.gone && sight.covers(row)) {
        if by_path.get(row.path.as_path()) != Some(&row.fingerprint) {
            changed.insert(row.id);
            left.extend(row.fingerprint.map(|print| print.identity));
        }
    }
    let is_kin = |row: &&FileRow| {
        let of_link = row.alias_of.is_some_and(|of| changed.contains(&of));
        // That the file is found as it was by another name says nothing of this one: it may have led there through the
        // name that is gone.
        let of_name = row.fingerprint.is_some_and(|print| {
            left.contains(&print.identity) || now.get(&print.identity).is_some_and(|now| *now != print)
        });
        // It led nowhere when it was last looked at.
        let is_mended = || {
            let is_lost = row.has_problem && row.fingerprint.is_none();
            let target = is_lost.then(|| leads_to(&row.path)).flatten();
            target.is_some_and(|target| by_path.get(target.as_path()).is_some_and(Option::is_some))
        };
        of_link || of_name || is_mended()
    };
    // Roots overlap: a path may have been found as another root's.
    let was_found = |row: &&FileRow| by_path.contains_key(row.path.as_path());
    unseen.into_iter().filter(|row| !was_found(row)).filter(is_kin).collect()
}

/// Where a link leads, by what it says: its target may be on a drive that does not answer, and is not touched.
pub(super) fn target_of(link: &Path) -> Option<PathBuf> {
    let target = std::fs::read_link(link).ok()?;
    Some(without_dots(&link.parent()?.join(target)))
}

#[cfg(test)]
mod tests {
    use super::super::compare::tests::{found, print, row, sight};
    use super::*;

    fn ids(found: &[Found], rows: &[FileRow]) -> Vec<i64> {
        let sight = Sight { folders: Some(vec!["/r/loras".into()]), ..sight() };
        kin(found, rows, &sight, |_| Some("/r/loras/a.pt".into())).iter().map(|row| row.id.0).collect()
    }

    #[test]
    fn another_name_of_a_changed_file_is_looked_at_wherever_it_lies() {
        let rows = [
            row(1, "/r/loras/a.pt", print(1, 7)),
            row(2, "/r/checkpoints/a.pt", print(1, 7)),
            row(3, "/r/checkpoints/b.pt", print(2, 7)),
        ];
        assert_eq!(ids(&[found("/r/loras/a.pt", print(1, 8), false)], &rows), [2]);
        assert_eq!(ids(&[found("/r/loras/a.pt", print(1, 7), false)], &rows), Vec::<i64>::new());
    }

    #[test]
    fn a_name_that_is_new_here_brings_the_others_into_doubt() {
        let rows = [row(2, "/r/checkpoints/a.pt", print(1, 7))];
        assert_eq!(ids(&[found("/r/loras/a.pt", print(1, 8), false)], &rows), [2]);
    }

    #[test]
    fn a_name_that_is_gone_or_replaced_brings_the_others_into_doubt() {
        let rows = [row(1, "/r/loras/a.pt", print(1, 7)), row(2, "/r/checkpoints/a.pt", print(1, 7))];
        assert_eq!(ids(&[], &rows), [2]);
        assert_eq!(ids(&[found("/r/loras/a.pt", print(3, 7), false)], &rows), [2]);
    }

    #[test]
    fn a_link_is_looked_at_when_what_it_leads_to_is_gone() {
        let mut link = row(2, "/r/checkpoints/link.pt", print(9, 1));
        link.alias_of = Some(FileId(1));
        let rows = [row(1, "/r/loras/a.pt", print(1, 7)), link];
        assert_eq!(ids(&[], &rows), [2]);
        assert_eq!(ids(&[found("/r/loras/a.pt", print(1, 7), false)], &rows), Vec::<i64>::new());
    }

    #[test]
    fn a_link_through_a_link_is_looked_at_when_the_one_in_the_middle_is_gone() {
        let mut middle = row(2, "/r/loras/middle.pt", print(1, 7));
        let mut link = row(3, "/r/checkpoints/link.pt", print(1, 7));
        (middle.alias_of, link.alias_of) = (Some(FileId(1)), Some(FileId(1)));
        let rows = [row(1, "/r/a.pt", print(1, 7)), middle, link];
        // The file is still there, and another link leads to it.
        assert_eq!(ids(&[found("/r/loras/renamed.pt", print(1, 7), true)], &rows), [1, 3]);
    }

    #[test]
    fn a_link_that_led_nowhere_is_looked_at_when_its_target_is_there() {
        let mut link = row(2, "/r/checkpoints/link.pt", print(9, 1));
        (link.fingerprint, link.known, link.has_problem) = (None, None, true);
        assert_eq!(ids(&[found("/r/loras/b.pt", print(1, 7), false)], &[link.clone()]), Vec::<i64>::new());
        assert_eq!(ids(&[found("/r/loras/a.pt", print(1, 7), false)], &[link]), [2]);
    }

    #[test]
    fn what_is_gone_has_no_say() {
        let mut gone = row(2, "/r/checkpoints/a.pt", print(1, 7));
        gone.gone = true;
        assert_eq!(ids(&[found("/r/loras/a.pt", print(1, 8), false)], &[gone]), Vec::<i64>::new());
    }
}
