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
use crate::store::{FileRow, Keep, Known};
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
    pub(super) put: Vec<(usize, Keep)>,
    /// Paths whose content is known from another path to the same file.
    pub(super) adopted: Vec<(Place, Known)>,
    /// Files nobody can say anything about without reading them.
    pub(super) read: Vec<Reading>,
    /// Files whose hash is only believed: taken over from another tool, or concluded from a small part.
    pub(super) verify: Vec<Reading>,
    /// Files whose hash was kept over a rename.
    pub(super) recheck: Vec<Reading>,
    /// What each path is only another way to, where that is not what the store says already.
    pub(super) aliases: Vec<(Place, Option<Place>)>,
    /// Rows whose files are no longer there.
    pub(super) gone: Vec<FileId>,
    /// Rows of which that cannot be told.
    pub(super) away: Vec<FileId>,
}

impl Comparison {
    /// Whether the store is as the disk is, whatever may have to be read.
    pub(super) fn changes_nothing(&self) -> bool {
        let Self { moved, put, adopted, aliases, gone, away, read: _, verify: _, recheck: _ } = self;
        moved.is_empty()
            && put.is_empty()
            && adopted.is_empty()
            && aliases.is_empty()
            && gone.is_empty()
            && away.is_empty()
    }
}

/// A file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reading {
    /// The path to read.
    pub(super) at: usize,
    /// Every path its content belongs to.
    pub(super) members: Vec<usize>,
    /// Rows it belongs to as well, of paths that were not looked at this time: hard links in other folders.
    pub(super) elsewhere: Vec<FileId>,
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

/// What a walk could see, and what is known of it beforehand.
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Roots that were looked through.
    pub(super) roots: HashSet<RootId>,
    /// Only these folders of them; `None` means all.
    pub(super) folders: Option<Vec<PathBuf>>,
    /// Folders of theirs that were not.
    pub(super) blind: Vec<PathBuf>,
    /// Paths that were seen to be written to: no hash of theirs holds, whatever their times say.
    pub(super) written: HashSet<PathBuf>,
    /// Single paths that were looked at besides, in whichever root.
    pub(super) also: HashSet<PathBuf>,
    /// Whether what is walked over is counted as found.
    pub(super) counts: bool,
}

impl Sight {
    /// Whether a row's file would have been found, were it not for blind spots.
    pub(super) fn covers(&self, row: &FileRow) -> bool {
        let is_below = |folders: &Vec<PathBuf>| folders.iter().any(|folder| row.path.starts_with(folder));
        self.roots.contains(&row.root) && self.folders.as_ref().is_none_or(is_below) || self.also.contains(&row.path)
    }

    fn is_blind(&self, path: &Path) -> bool {
        self.blind.iter().any(|folder| path.starts_with(folder))
    }
}

/// Decides.
pub(super) fn compare(found: &[Found], rows: &[FileRow], sight: &Sight, disk: &impl Disk) -> Comparison {
    let mut comparison = Comparison::default();
    let by_path: HashMap<&Path, usize> = rows.iter().enumerate().map(|(at, row)| (row.path.as_path(), at)).collect();
    let found_paths: HashSet<&Path> = found.iter().map(|found| found.file.path.as_path()).collect();
    let own_row: Vec<Option<&FileRow>> =
        found.iter().map(|found| by_path.get(found.file.path.as_path()).map(|at| &rows[*at])).collect();

    let moved = find_moves(found, rows, &own_row, sight, |row: &FileRow| {
        let seen = sight.covers(row) && !sight.is_blind(&row.path);
        if seen { found_paths.contains(row.path.as_path()) } else { disk.exists(&row.path) }
    });
    comparison.moved = moved.iter().map(|(at, row)| (row.id, *at)).collect();
    comparison.moved.sort_unstable_by_key(|(_, at)| *at);

    let before = Before { rows, found, own_row: &own_row, moved: &moved, written: &sight.written };
    for (at, found) in found.iter().enumerate() {
        let holds = before.known(at).is_some();
        if moved.contains_key(&at) || needs_put(found, own_row[at], holds) {
            let keep = match (holds, before.was_renamed(at)) {
                (false, _) => Keep::Nothing,
                (true, false) => Keep::Hash,
                (true, true) => Keep::ToRecheck,
            };
            comparison.put.push((at, keep));
        }
    }
    decide_contents(&before, sight, disk, &mut comparison);

    let moved_rows: HashSet<FileId> = comparison.moved.iter().map(|(id, _)| *id).collect();
    let unseen = rows
        .iter()
        .filter(|row| !row.gone && sight.covers(row))
        .filter(|row| !found_paths.contains(row.path.as_path()) && !moved_rows.contains(&row.id));
    for row in unseen {
        if !sight.is_blind(&row.path) {
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
    sight: &Sight,
    still_there: impl Fn(&FileRow) -> bool,
) -> HashMap<usize, &'r FileRow> {
    let mut by_identity: HashMap<FileIdentity, Vec<&FileRow>> = HashMap::new();
    for row in rows.iter().filter(|row| row.known.is_some() && row.alias_of.is_none()) {
        if let Some(print) = row.fingerprint {
            by_identity.entry(print.identity).or_default().push(row);
        }
    }
    let mut taken = HashSet::new();
    let mut moved = HashMap::new();
    for (at, found) in found.iter().enumerate() {
        let Some(print) = found.fingerprint() else { continue };
        let is_written = sight.written.contains(&found.file.path);
        if is_written || found.file.via_link || own_row[at].is_some_and(|row| row.fingerprint == Some(print)) {
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
        || (row.known.is_some() && !hash_holds)
}

/// What the store knew of the found paths.
struct Before<'a> {
    rows: &'a [FileRow],
    found: &'a [Found],
    own_row: &'a [Option<&'a FileRow>],
    moved: &'a HashMap<usize, &'a FileRow>,
    written: &'a HashSet<PathBuf>,
}

impl Before<'_> {
    /// A row's hash holds for a found path if the row is that path's and nothing has changed, or if it was moved there.
    fn known(&self, at: usize) -> Option<Known> {
        if let Some(row) = self.moved.get(&at) {
            return row.known;
        }
        let row = self.own_row[at]?;
        let print = self.found[at].fingerprint();
        let same_times = |(a, b): (Fingerprint, Fingerprint)| (a.size, a.modified) == (b.size, b.modified);
        let unchanged = row.fingerprint.is_some() && row.fingerprint == print
            || crate::sabotage::is_on("trust_mtime") && row.fingerprint.zip(print).is_some_and(same_times);
        row.known.filter(|_| unchanged && !self.written.contains(&self.found[at].file.path))
    }

    /// A rename sets the change time, and so would an edit that restores everything else: the hash is kept, and read
    /// again one day. Renaming a folder leaves its files' times alone, and nothing has to be read again.
    fn was_renamed(&self, at: usize) -> bool {
        self.moved.get(&at).is_some_and(|row| row.fingerprint != self.found[at].fingerprint())
    }

    /// Whether the hash of a path has yet to be read again.
    fn is_doubtful(&self, at: usize) -> bool {
        self.row_of(at).is_some_and(|row| row.recheck) || self.was_renamed(at)
    }

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
fn decide_contents(before: &Before<'_>, sight: &Sight, disk: &impl Disk, comparison: &mut Comparison) {
    let found = before.found;
    let mut groups: HashMap<FileIdentity, Vec<usize>> = HashMap::new();
    for (at, found) in found.iter().enumerate() {
        match found.fingerprint() {
            Some(print) => groups.entry(print.identity).or_default().push(at),
            None => set_alias(Place::Found(at), None, before, comparison),
        }
    }
    // A root that is not looked through this time may hold the very file that is found here through a link.
    let mut elsewhere: HashMap<FileIdentity, Vec<&FileRow>> = HashMap::new();
    for row in before.rows.iter().filter(|row| !row.gone && !sight.covers(row)) {
        if let Some(print) = row.fingerprint.filter(|print| groups.contains_key(&print.identity)) {
            elsewhere.entry(print.identity).or_default().push(row);
        }
    }
    let mut groups: Vec<(FileIdentity, Vec<usize>)> = groups.into_iter().collect();
    groups.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
    for (identity, mut members) in groups {
        members.sort_by_key(|at| (found[*at].file.via_link, *at));
        let print = found[members[0]].fingerprint();
        let (outside, links): (Vec<&FileRow>, Vec<&FileRow>) = elsewhere
            .remove(&identity)
            .into_iter()
            .flatten()
            .filter(|row| row.fingerprint == print && !members.iter().any(|at| found[*at].file.path == row.path))
            .filter(|row| !before.moved.values().any(|moved| moved.id == row.id) && disk.exists(&row.path))
            .partition(|row| row.alias_of.is_none());

        decide_reading(&members, &outside, &links, before, comparison);
        decide_aliases(found, &members, &outside, before, disk, comparison);
    }
}

/// Whether one file has to be read, and what its paths are given without. `links` are rows of links elsewhere that lead
/// to it: they have no say, and learn what is read.
fn decide_reading(
    members: &[usize],
    outside: &[&FileRow],
    links: &[&FileRow],
    before: &Before<'_>,
    comparison: &mut Comparison,
) {
    let unknown_outside = outside.iter().filter(|row| row.known.is_none());
    // Those with a hash as well: it may only have been adopted, and what is read is true of all names.
    let elsewhere: Vec<FileId> = outside.iter().chain(links).map(|row| row.id).collect();
    let reading = || Reading { at: members[0], members: members.to_vec(), elsewhere: elsewhere.clone() };
    // Written through one name is written for all of them.
    let is_written = members.iter().any(|at| before.written.contains(&before.found[*at].file.path));
    let inside = members.iter().filter_map(|at| before.known(*at));
    let all: Vec<Known> = inside.chain(outside.iter().filter_map(|row| row.known)).collect();
    let best = all.iter().find(|known| known.is_measured()).or(all.first()).copied();
    // One file has one hash: which of two is the older one cannot be told.
    let is_disputed = |best: &Known| all.iter().any(|known| known.is_measured() && known.sha256 != best.sha256);
    let Some(known) = best.filter(|best| !is_written && !is_disputed(best)) else {
        comparison.read.push(reading());
        return;
    };
    let adopting = members.iter().filter(|at| before.known(**at) != Some(known));
    comparison.adopted.extend(adopting.map(|at| (Place::Found(*at), known)));
    comparison.adopted.extend(unknown_outside.map(|row| (Place::Row(row.id), known)));
    // A doubt about one name is a doubt about all of them: the others may only have adopted what is doubted.
    let is_doubtful = outside.iter().any(|row| row.recheck) || members.iter().any(|at| before.is_doubtful(*at));
    let list = match (known.is_measured(), is_doubtful) {
        (true, false) => return,
        (true, true) => &mut comparison.recheck,
        (false, _) => &mut comparison.verify,
    };
    list.push(reading());
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

#[cfg(test)]
pub(super) mod tests;
