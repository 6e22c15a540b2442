//! Copies of one content: which one stays, which could go, and whether they still are copies at the moment they go.
//!
//! The names of one file are one file: throwing one away frees nothing and breaks the others, so a file that other paths
//! lead to is never offered. Those inside the library are known; that there are names outside of it, the disk says.

use std::cmp::Reverse;
use std::path::Path;

use super::finding::{CopyOfMany, Duplicates, Held};
use super::folder::fits;
use crate::error::{Code, Error, Result};
use crate::hash::Sha256;
use crate::library::LibraryItem;
use crate::scan::Fingerprint;
use crate::store::{CopyRow, FileRow, Known, ReadTx, SameRow};
use crate::units::{ByteCount, FileId};

/// What could be freed of a content, as far as the library knows.
pub(super) fn reclaimable(row: &SameRow) -> u64 {
    let free = row.copies.saturating_sub(row.held);
    row.size.saturating_mul(u64::from(if row.held == 0 { free.saturating_sub(1) } else { free }))
}

/// Contents with their copies, as the disk has them now. Blocks.
pub(super) fn look(tx: &ReadTx<'_>, contents: &[SameRow]) -> Result<Vec<Duplicates>> {
    let groups = contents.iter().map(|row| Ok((*row, tx.copies_of(row.sha256)?)));
    let groups: Vec<(SameRow, Vec<CopyRow>)> = groups.collect::<Result<_>>()?;
    let ids: Vec<FileId> = groups.iter().flat_map(|(_, copies)| copies.iter().map(|copy| copy.id)).collect();
    let mut items = tx.items_of(&ids)?;
    let mut found = Vec::new();
    for (content, rows) in groups {
        let mut copies = Vec::new();
        for row in rows {
            let Some(item) = items.remove(&row.id) else { continue };
            let linked = row.linked || tx.file_row(row.id)?.is_some_and(|file| has_other_names(&file.path));
            copies.push((item, Standing { held: held(&row, linked), folder: row.folder }));
        }
        found.extend(arrange(content.sha256, content.size, copies));
    }
    Ok(found)
}

/// How a copy stands among the others.
struct Standing {
    held: Option<Held>,
    /// What its folder is for.
    folder: crate::roots::ModelKind,
}

fn held(row: &CopyRow, linked: bool) -> Option<Held> {
    if row.managed { Some(Held::Managed) } else { linked.then_some(Held::Linked) }
}

fn arrange(sha256: Sha256, size: u64, copies: Vec<(LibraryItem, Standing)>) -> Option<Duplicates> {
    let best = copies.iter().max_by_key(|(item, standing)| {
        let folder = &standing.folder;
        (
            standing.held.is_some(),
            // Where a UI finds it, rather than anywhere.
            !folder.is_unknown() && fits(folder, &item.kind),
            item.has_local_preview,
            Reverse(item.added_at),
            Reverse(item.path.clone()),
        )
    });
    let keep = best?.0.id;
    let free = copies.iter().filter(|(item, standing)| standing.held.is_none() && item.id != keep).count();
    Some(Duplicates {
        sha256: sha256.to_string(),
        size: ByteCount(size),
        bytes: ByteCount(size.saturating_mul(free as u64)),
        keep,
        copies: copies.into_iter().map(|(item, standing)| CopyOfMany { item, held: standing.held }).collect(),
    })
}

/// Whether other names, wherever they are, lead to the same bytes, or this is itself only a name for others.
#[cfg(unix)]
fn has_other_names(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink() || metadata.nlink() > 1)
}

#[cfg(not(unix))]
fn has_other_names(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink())
}

/// The rows of files that may go because one that stays has the same bytes. Looks at the disk: what is only remembered to
/// be so is not enough to throw anything away.
pub(super) fn check(tx: &ReadTx<'_>, keep: FileId, trash: &[FileId]) -> Result<Vec<FileRow>> {
    let row = |id: FileId| {
        let unknown = || Error::not_found(format!("There is no file number {} in the library", id.0));
        tx.file_row(id)?.ok_or_else(unknown)
    };
    if trash.is_empty() || trash.contains(&keep) {
        return Err(Error::invalid("One copy stays, and at least one other goes"));
    }
    let keep = row(keep)?;
    let kept = seen(&keep)?;
    let copies = tx.copies_of(kept.0)?;
    let mut going = Vec::new();
    for id in trash {
        let other = row(*id)?;
        let (sha256, print) = seen(&other)?;
        if sha256 != kept.0 || print.size != kept.1.size {
            let message = format!("`{}` is no copy of `{}`", other.path.display(), keep.path.display());
            return Err(Error::invalid(message));
        }
        if print.identity == kept.1.identity {
            let message = format!("`{}` and `{}` are one file", other.path.display(), keep.path.display());
            return Err(Error::invalid(message).hint("Throwing one of its names away would free nothing"));
        }
        let copy = copies.iter().find(|copy| copy.id == *id);
        let is_managed = copy.is_none_or(|copy| copy.managed);
        if is_managed {
            return Err(Error::invalid(format!("`{}` is left where it is", other.path.display()))
                .hint("InvokeAI keeps a database about its files. Delete the model there"));
        }
        if copy.is_some_and(|copy| copy.linked) || has_other_names(&other.path) {
            return Err(Error::invalid(format!("Other paths lead to `{}`", other.path.display()))
                .hint("Throwing it away would break them, or free nothing. Keep this copy instead"));
        }
        going.push(other);
    }
    Ok(going)
}

/// What a file contains, if the file on disk still is the one that was read.
fn seen(row: &FileRow) -> Result<(Sha256, Fingerprint)> {
    let changed = || {
        Error::new(Code::Io, format!("`{}` is not known to be what was read", row.path.display()))
            .hint("Scan, then look at the duplicates again")
    };
    if row.gone || row.away || row.recheck || row.alias_of.is_some() {
        return Err(changed());
    }
    let known = row.known.as_ref().filter(|known| Known::is_measured(known)).ok_or_else(changed)?;
    let now = Fingerprint::of_path(&row.path).map_err(|source| Error::io("look at", &row.path, &source))?;
    if row.fingerprint == Some(now) { Ok((known.sha256, now)) } else { Err(changed()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_stays_and_the_rest_can_go() {
        let row = |copies, held| SameRow { sha256: Sha256::new([0; 32]), size: 10, copies, held };
        assert_eq!(reclaimable(&row(3, 0)), 20);
        assert_eq!(reclaimable(&row(3, 1)), 20);
        assert_eq!(reclaimable(&row(3, 2)), 10);
        assert_eq!(reclaimable(&row(3, 3)), 0);
    }
}
