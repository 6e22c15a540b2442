//! Much happens, by chance or at once, and hints lead to all of it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::super::support::rounds;
use super::library::Library;
use super::{LONG, Watched, impatient};

/// Numbers by chance that are the same at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Does something to files and folders, as people and their tools do.
fn do_something(root: &Path, chance: &mut Chance) {
    let folder = |chance: &mut Chance| match chance.below(4) {
        0 => root.to_owned(),
        1 => root.join(format!("f{}", chance.below(4))),
        _ => root.join(format!("f{}/g{}", chance.below(4), chance.below(3))),
    };
    let (here, there) = (folder(chance), folder(chance));
    let file = here.join(format!("{}.pt", chance.below(6)));
    let other = there.join(format!("{}.pt", chance.below(6)));
    // Most of it fails when something is not there, as it does for people.
    let _ = match chance.below(10) {
        0..=2 => fs::write(&file, chance.below(1_000_000).to_string()),
        3 => fs::create_dir_all(&here),
        4 => fs::remove_file(&file),
        5 => fs::rename(&file, &other),
        6 => fs::rename(&here, &there),
        7 if here != root => fs::remove_dir_all(&here),
        8 => fs::write(file.with_extension("part"), chance.below(1_000_000).to_string())
            .and_then(|()| fs::rename(file.with_extension("part"), &file)),
        _ => fs::hard_link(&file, &other),
    };
}

#[test]
fn whoever_looks_where_hints_say_knows_in_the_end_what_is_there() {
    for seed in 0..rounds(6) {
        let mut watched = Watched::new();
        let mut chance = Chance(seed);
        let mut library = Library::new(watched.models());
        for _ in 0..150 {
            do_something(&watched.models(), &mut chance);
            // Some changes are told before the next, some together.
            if chance.below(12) == 0 {
                std::thread::sleep(Duration::from_millis(chance.below(400)));
            }
            while let Ok(hint) = watched.hints.try_recv() {
                library.look(&hint);
            }
        }
        let is_told = library.catches_up(&mut watched, LONG);
        assert!(is_told, "seed {seed}: {:#?} but told {:#?}", library.truth(), library.told());
    }
}

#[test]
fn five_thousand_files_at_once_are_all_found() {
    let mut watched = Watched::with(impatient(), |models| {
        for number in 0..10 {
            fs::create_dir(models.join(format!("{number}"))).unwrap();
        }
    });
    for number in 0..5000 {
        fs::write(watched.path(&format!("{}/{number}.pt", number % 10)), "x").unwrap();
    }
    let mut library = Library::new(watched.models());
    assert!(library.catches_up(&mut watched, LONG));
    assert_eq!(library.files.len(), 5000);
}
