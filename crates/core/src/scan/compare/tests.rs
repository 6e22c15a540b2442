use super::*;
use crate::error::Error;
use crate::hash::Sha256;
use crate::library::Provenance;
use crate::roots::ModelKind;

const ROOT: RootId = RootId(1);

pub(in crate::scan) fn print(index: u64, changed: i64) -> Fingerprint {
    Fingerprint { identity: FileIdentity { volume: 1, index }, size: 10, modified: 5, changed, born: Some(1) }
}

pub(in crate::scan) fn found(path: &str, print: Fingerprint, via_link: bool) -> Found {
    let file =
        Discovered { path: path.into(), kind: ModelKind::Lora, via_link, local_preview: None, fingerprint: Ok(print) };
    Found { root: ROOT, file }
}

pub(in crate::scan) fn row(id: i64, path: &str, print: Fingerprint) -> FileRow {
    FileRow {
        id: FileId(id),
        root: ROOT,
        path: path.into(),
        kind: ModelKind::Lora,
        fingerprint: Some(print),
        alias_of: None,
        local_preview: None,
        known: Some(Known::measured(Sha256::new([u8::try_from(id).unwrap(); 32]))),
        recheck: false,
        quick_at: None,
        has_problem: false,
        gone: false,
        away: false,
    }
}

pub(in crate::scan) fn sight() -> Sight {
    Sight { roots: HashSet::from([ROOT]), ..Sight::default() }
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

fn reading(at: usize, members: &[usize]) -> Reading {
    Reading { at, members: members.to_vec(), elsewhere: Vec::new() }
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
    assert_eq!(comparison.put, [(0, Keep::Nothing)]);
    assert_eq!(comparison.read, [reading(0, &[0])]);
}

#[test]
fn a_changed_change_time_alone_means_another_read() {
    let comparison = decide(&[found("/r/a.pt", print(1, 8), false)], &[row(1, "/r/a.pt", print(1, 7))]);
    assert_eq!(comparison.put, [(0, Keep::Nothing)]);
    assert_eq!(comparison.read, [reading(0, &[0])]);
}

#[test]
fn a_renamed_file_keeps_its_hashes() {
    let comparison = decide(&[found("/r/sub/b.pt", print(1, 8), false)], &[row(1, "/r/a.pt", print(1, 7))]);
    assert_eq!(comparison.moved, [(FileId(1), 0)]);
    assert_eq!(comparison.put, [(0, Keep::ToRecheck)]);
    assert!(comparison.read.is_empty() && comparison.gone.is_empty());
    assert_eq!(comparison.recheck, [reading(0, &[0])], "an edit with everything restored would look the same");
}

#[test]
fn a_hard_link_is_not_a_move_and_is_read_once() {
    let paths = [found("/r/a.pt", print(1, 8), false), found("/r/b.pt", print(1, 8), false)];
    let comparison = decide(&paths, &[row(1, "/r/a.pt", print(1, 7))]);
    assert!(comparison.moved.is_empty());
    assert_eq!(comparison.read, [reading(0, &[0, 1])]);
    assert!(comparison.aliases.is_empty(), "hard links are two files to their owner");
}

#[test]
fn a_symlink_to_a_known_file_adopts_its_hash_and_is_an_alias() {
    let paths = [found("/r/link.pt", print(1, 7), true), found("/r/real.pt", print(1, 7), false)];
    let disk = Links(&[("/r/link.pt", "/r/real.pt")]);
    let comparison = compare(&paths, &[row(1, "/r/real.pt", print(1, 7))], &sight(), &disk);
    assert_eq!(comparison.adopted, [(Place::Found(0), Known::measured(Sha256::new([1; 32])))]);
    assert_eq!(comparison.aliases, [(Place::Found(0), Some(Place::Found(1)))]);
    assert!(comparison.read.is_empty());
}

#[test]
fn two_links_to_a_file_outside_are_one_file() {
    let paths = [found("/r/a.pt", print(1, 7), true), found("/r/b.pt", print(1, 7), true)];
    let disk = Links(&[("/r/a.pt", "/elsewhere/x.pt"), ("/r/b.pt", "/elsewhere/x.pt")]);
    let comparison = compare(&paths, &[], &sight(), &disk);
    assert_eq!(comparison.read, [reading(0, &[0, 1])]);
    assert_eq!(comparison.aliases, [(Place::Found(1), Some(Place::Found(0)))]);
}

#[test]
fn a_link_to_a_file_of_a_root_that_was_not_looked_through_is_an_alias_of_its_row() {
    let mut elsewhere = row(7, "/other/real.pt", print(1, 7));
    elsewhere.root = RootId(2);
    let disk = Links(&[("/r/link.pt", "/other/real.pt")]);
    let comparison = compare(&[found("/r/link.pt", print(1, 7), true)], &[elsewhere], &sight(), &disk);
    assert_eq!(comparison.adopted, [(Place::Found(0), Known::measured(Sha256::new([7; 32])))]);
    assert_eq!(comparison.aliases, [(Place::Found(0), Some(Place::Row(FileId(7))))]);
}

#[test]
fn a_file_of_the_same_inode_that_was_born_later_is_another_file() {
    let newborn = Fingerprint { born: Some(2), ..print(1, 8) };
    let comparison = decide(&[found("/r/b.pt", newborn, false)], &[row(1, "/r/a.pt", print(1, 7))]);
    assert!(comparison.moved.is_empty());
    assert_eq!((comparison.read, comparison.gone), (vec![reading(0, &[0])], vec![FileId(1)]));
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
    assert_eq!(comparison.put, [(0, Keep::Nothing)]);
    assert!(comparison.read.is_empty());
}

#[test]
fn a_file_in_a_renamed_folder_keeps_its_hash_for_good() {
    let comparison = decide(&[found("/r/new/a.pt", print(1, 7), false)], &[row(1, "/r/old/a.pt", print(1, 7))]);
    assert_eq!(comparison.put, [(0, Keep::Hash)]);
    assert!(comparison.read.is_empty() && comparison.recheck.is_empty());
}

#[test]
fn a_file_seen_to_be_written_to_is_read_whatever_its_times_say() {
    let sight = Sight { written: HashSet::from(["/r/a.pt".into(), "/r/c.pt".into()]), ..sight() };
    let paths = [found("/r/a.pt", print(1, 7), false), found("/r/c.pt", print(2, 8), false)];
    let rows = [row(1, "/r/a.pt", print(1, 7)), row(2, "/r/b.pt", print(2, 7))];
    let comparison = compare(&paths, &rows, &sight, &Links(&[]));
    assert_eq!(comparison.read, [reading(0, &[0]), reading(1, &[1])]);
    assert!(comparison.moved.is_empty());
}

#[test]
fn a_look_at_one_folder_judges_no_other() {
    let sight = Sight { folders: Some(vec!["/r/loras".into()]), ..sight() };
    let rows = [row(1, "/r/loras/a.pt", print(1, 7)), row(2, "/r/checkpoints/b.pt", print(2, 7))];
    let comparison = compare(&[], &rows, &sight, &Links(&[]));
    assert_eq!(comparison.gone, [FileId(1)]);
}

#[test]
fn what_another_tool_measured_is_believed_and_read_one_day() {
    let mut imported = row(1, "/r/a.pt", print(1, 7));
    imported.known = imported.known.map(|known| Known { provenance: Provenance::Imported, ..known });
    let comparison = decide(&[found("/r/a.pt", print(1, 7), false)], &[imported]);
    assert_eq!(comparison.verify, [reading(0, &[0])]);
    assert!(comparison.read.is_empty() && comparison.put.is_empty());
}

#[test]
fn a_link_that_adopted_a_doubtful_hash_does_not_settle_the_doubt() {
    let mut renamed = row(1, "/r/real.pt", print(1, 7));
    renamed.recheck = true;
    let mut link = row(2, "/r/link.pt", print(1, 7));
    (link.known, link.alias_of) = (renamed.known, Some(FileId(1)));
    let paths = [found("/r/link.pt", print(1, 7), true), found("/r/real.pt", print(1, 7), false)];
    let disk = Links(&[("/r/link.pt", "/r/real.pt")]);
    let comparison = compare(&paths, &[renamed, link], &sight(), &disk);
    assert_eq!(comparison.recheck, [reading(1, &[1, 0])]);
}

#[test]
fn a_hard_link_in_a_folder_that_was_not_looked_at_is_read_with_the_file() {
    let sight = Sight { folders: Some(vec!["/r/loras".into()]), ..sight() };
    let mut elsewhere = row(2, "/r/checkpoints/b.pt", print(1, 7));
    elsewhere.known = None;
    let paths = [found("/r/loras/a.pt", print(1, 7), false)];
    let comparison = compare(&paths, &[elsewhere.clone()], &sight, &Links(&[]));
    assert_eq!(comparison.read, [Reading { at: 0, members: vec![0], elsewhere: vec![FileId(2)] }]);
    let rows = [row(1, "/r/loras/a.pt", print(1, 7)), elsewhere];
    let comparison = compare(&paths, &rows, &sight, &Links(&[]));
    assert_eq!(comparison.adopted, [(Place::Row(FileId(2)), Known::measured(Sha256::new([1; 32])))]);
}

#[test]
fn every_name_of_a_file_whose_hash_is_doubted_is_read_with_it() {
    let sight = Sight { folders: Some(vec!["/r/loras".into()]), ..sight() };
    let mut renamed = row(1, "/r/loras/a.pt", print(1, 7));
    renamed.recheck = true;
    let mut adopted = row(2, "/r/checkpoints/b.pt", print(1, 7));
    adopted.known = renamed.known;
    let paths = [found("/r/loras/a.pt", print(1, 7), false)];
    let comparison = compare(&paths, &[renamed, adopted], &sight, &Links(&[]));
    assert_eq!(comparison.recheck, [Reading { at: 0, members: vec![0], elsewhere: vec![FileId(2)] }]);
}

#[test]
fn a_link_in_a_folder_that_was_not_looked_at_learns_what_was_read_of_its_file() {
    let mut link = row(2, "/r/checkpoints/link.pt", print(1, 8));
    link.alias_of = Some(FileId(1));
    let rows = [row(1, "/r/loras/a.pt", print(1, 8)), link];
    let written = HashSet::from([PathBuf::from("/r/loras/a.pt")]);
    let sight = Sight { folders: Some(vec!["/r/loras".into()]), written, ..sight() };
    let comparison = compare(&[found("/r/loras/a.pt", print(1, 8), false)], &rows, &sight, &Links(&[]));
    assert_eq!(comparison.read, [Reading { at: 0, members: vec![0], elsewhere: vec![FileId(2)] }]);
}

#[test]
fn a_file_whose_names_disagree_about_its_hash_is_read() {
    let paths = [found("/r/a.pt", print(1, 7), false), found("/r/link.pt", print(1, 7), true)];
    let mut link = row(2, "/r/link.pt", print(1, 7));
    link.alias_of = Some(FileId(1));
    let comparison = decide(&paths, &[row(1, "/r/a.pt", print(1, 7)), link.clone()]);
    assert!(comparison.adopted.is_empty());
    assert_eq!(comparison.read, [reading(0, &[0, 1])]);
    // A hash that was only believed gives way to one that was measured.
    link.known = Some(Known { provenance: Provenance::Imported, ..link.known.unwrap() });
    let comparison = decide(&paths, &[row(1, "/r/a.pt", print(1, 7)), link]);
    assert_eq!(comparison.adopted, [(Place::Found(1), Known::measured(Sha256::new([1; 32])))]);
    assert!(comparison.read.is_empty());
}
