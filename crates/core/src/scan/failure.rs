//! What a read that failed says about the rows it was for. Pure.
//!
//! A read takes time, and meanwhile a file may get another name, lose one, or make room for another file, and a look may
//! have brought the rows up to date. So a failure is stored with a row only if the row is still what was to be read, and
//! only if no other name may lead to the file. Where nobody will tell of the change that made it fail, because the
//! change time is all that changed or because it happened to another name, the scan looks again by itself.

use std::path::Path;

use super::fingerprint::Fingerprint;
use crate::store::FileRow;

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The failure is the row's.
    Problem,
    /// It says nothing about the row, and nobody else will: its path is looked at again.
    Again,
    /// It says nothing about the row, and whoever changed the row has seen to the rest.
    Nothing,
}

/// A read that gave no hash, or one of another file than was wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure<'a> {
    /// Where it was read.
    pub(super) path: &'a Path,
    /// What was to be read.
    pub(super) wanted: &'a Fingerprint,
    /// What is there now.
    pub(super) now: Option<&'a Fingerprint>,
}

impl Failure<'_> {
    /// For one of its rows. `may_repeat` is whether another try is still worth it.
    pub(super) fn verdict(&self, row: &FileRow, may_repeat: bool) -> Verdict {
        if row.gone {
            return Verdict::Nothing;
        }
        if row.fingerprint.as_ref() != Some(self.wanted) {
            // A look has been here. It has had the file read if it is unknown, but not if it is only in doubt.
            return if row.recheck && may_repeat { Verdict::Again } else { Verdict::Nothing };
        }
        let is_as_wanted = self.now == Some(self.wanted);
        let is_repeated = if row.path == self.path {
            // Contents that change are told of. Links to the file are made and removed in silence, as far as it goes.
            !is_as_wanted && self.now.is_some_and(|now| now.is_renamed_from(self.wanted))
        } else {
            !is_as_wanted
        };
        if is_repeated && may_repeat { Verdict::Again } else { Verdict::Problem }
    }
}

#[cfg(test)]
mod tests {
    use super::super::compare::tests::{print, row};
    use super::*;

    const PATH: &str = "/r/a.pt";

    fn verdict(row: &FileRow, now: Option<Fingerprint>) -> Verdict {
        let wanted = print(1, 7);
        Failure { path: Path::new(PATH), wanted: &wanted, now: now.as_ref() }.verdict(row, true)
    }

    #[test]
    fn a_file_that_cannot_be_read_cannot_be_read_under_any_name() {
        for path in [PATH, "/r/b.pt"] {
            assert_eq!(verdict(&row(1, path, print(1, 7)), Some(print(1, 7))), Verdict::Problem);
        }
    }

    #[test]
    fn a_name_that_is_gone_says_nothing_about_the_others() {
        assert_eq!(verdict(&row(1, PATH, print(1, 7)), None), Verdict::Problem);
        assert_eq!(verdict(&row(2, "/r/b.pt", print(1, 7)), None), Verdict::Again);
        assert_eq!(verdict(&row(2, "/r/b.pt", print(1, 7)), Some(print(2, 7))), Verdict::Again);
    }

    #[test]
    fn a_link_made_or_removed_during_a_read_is_a_reason_to_read_again() {
        assert_eq!(verdict(&row(1, PATH, print(1, 7)), Some(print(1, 8))), Verdict::Again);
        let written = Fingerprint { modified: 6, ..print(1, 8) };
        assert_eq!(verdict(&row(1, PATH, print(1, 7)), Some(written)), Verdict::Problem);
    }

    #[test]
    fn a_late_failure_leaves_alone_what_a_look_has_brought_up_to_date() {
        assert_eq!(verdict(&row(1, PATH, print(1, 8)), Some(print(1, 8))), Verdict::Nothing);
        assert_eq!(verdict(&row(1, "/r/renamed.pt", print(1, 8)), None), Verdict::Nothing);
        let mut gone = row(1, PATH, print(1, 7));
        gone.gone = true;
        assert_eq!(verdict(&gone, None), Verdict::Nothing);
    }

    #[test]
    fn a_doubt_goes_with_a_file_that_is_renamed_before_it_is_read_again() {
        let mut renamed = row(1, "/r/renamed.pt", print(1, 8));
        renamed.recheck = true;
        assert_eq!(verdict(&renamed, None), Verdict::Again);
    }

    #[test]
    fn tries_end() {
        let wanted = print(1, 7);
        let failure = Failure { path: Path::new(PATH), wanted: &wanted, now: None };
        assert_eq!(failure.verdict(&row(2, "/r/b.pt", print(1, 7)), false), Verdict::Problem);
    }
}
