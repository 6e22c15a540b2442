use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use super::*;
use crate::hash::read::{ReadError, ReadOptions, digest_file};
use crate::hash::{Digests, Hashes};
use crate::jobs::JobControl;

const MIB: u64 = 1 << 20;
/// The file, the distance of records and what an interruption may cost: a twelfth of the real ones, but for one test.
const SIZE: u64 = 25 * MIB + 12_345;
const SMALL_EVERY: u64 = 2 * MIB;
const AT_MOST: u64 = 5 * MIB;

struct World {
    dir: tempfile::TempDir,
    file: PathBuf,
    options: ReadOptions,
}

impl World {
    fn new() -> Self {
        let small = |dir| Checkpoints { dir, min_size: 20 * MIB, every: SMALL_EVERY };
        Self::with(SIZE, small)
    }

    /// With one safetensors file that differs in every few MiB.
    fn with(size: u64, checkpoints: impl FnOnce(PathBuf) -> Checkpoints) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("large.safetensors");
        let content = File::create(&file).unwrap();
        content.set_len(size).unwrap();
        content.write_all_at(b"\x02\0\0\0\0\0\0\0{}", 0).unwrap();
        (0..size / MIB).for_each(|part| content.write_all_at(&part.to_le_bytes(), 10 + part * MIB).unwrap());
        let checkpoints = Arc::new(checkpoints(dir.path().join("partials")));
        Self { dir, file, options: ReadOptions { kinds: Kinds::ALL, checkpoints: Some(checkpoints) } }
    }

    /// Reads until `stop` bytes were read, and says how many that really were.
    fn read_until(&self, stop: u64) -> (Option<Digests>, u64) {
        let control = JobControl::default();
        let mut read = 0;
        let outcome = digest_file(&self.file, &self.options, &control, |bytes| {
            read += bytes;
            if read >= stop {
                control.cancel();
            }
        });
        match outcome {
            Ok((digests, _)) => (Some(digests), read),
            Err(ReadError::Cancelled) => (None, read),
            Err(error) => panic!("{error:?}"),
        }
    }

    fn finish(&self) -> (Option<Digests>, u64) {
        self.read_until(u64::MAX)
    }

    /// Read in one go, without records.
    fn oracle(&self) -> Hashes {
        let (hashes, _) = crate::hash::hash_file(&self.file, &JobControl::default(), |_| ()).unwrap();
        hashes
    }

    fn records(&self) -> Vec<PathBuf> {
        fs::read_dir(self.dir.path().join("partials"))
            .map(|entries| entries.map(|entry| entry.unwrap().path()).collect())
            .unwrap_or_default()
    }

    /// Changes one byte, counted from the beginning of each of these records' payloads.
    fn spoil(&self, places: &[u64], at: u64) {
        let record = File::options().read(true).write(true).open(&self.records()[0]).unwrap();
        for place in places {
            let mut byte = [0];
            record.read_exact_at(&mut byte, place * PLACE + 36 + at).unwrap();
            record.write_all_at(&[byte[0] ^ 1], place * PLACE + 36 + at).unwrap();
        }
    }

    /// Reads it whole, and expects that nothing read earlier was believed.
    fn assert_starts_anew(&self) {
        let expected = self.oracle();
        let (digests, read) = self.finish();
        assert_eq!(digests.unwrap().complete(), Some(expected));
        assert_eq!(read, SIZE);
        assert!(self.records().is_empty());
    }
}

#[test]
fn interruptions_of_a_large_file_cost_at_most_64_mib_each_and_change_nothing() {
    let size = 300 * MIB + 12_345;
    let world = World::with(size, Checkpoints::new);
    let expected = world.oracle();
    let mut read_before = 0;
    // The second is too soon after the first for another record.
    for stop in [100, 20, 90] {
        let (digests, read) = world.read_until(stop * MIB);
        assert_eq!(digests, None);
        read_before += read;
    }
    assert_eq!(world.records().len(), 1);
    let (digests, read) = world.finish();
    assert_eq!(digests.unwrap().complete(), Some(expected));
    assert!(read < size - 100 * MIB, "{read}");
    assert!(read_before + read <= size + 3 * 64 * MIB, "{read_before} and {read}");
    assert!(world.records().is_empty(), "a finished file needs no record");
}

#[test]
fn an_interruption_anywhere_costs_little_and_changes_nothing() {
    let world = World::new();
    let expected = world.oracle();
    for stop in 1..=25 {
        world.read_until(stop * MIB);
        let (digests, read) = world.finish();
        assert_eq!(digests.unwrap().complete().as_ref(), Some(&expected));
        assert!(read + stop * MIB <= SIZE + AT_MOST, "stopped at {stop} MiB, then read {read}");
    }
}

#[test]
fn a_torn_record_is_not_believed_and_the_one_before_it_is() {
    let world = World::new();
    let expected = world.oracle();
    // Whichever of the two is the last one written.
    for torn in [0, 1] {
        world.read_until(9 * MIB);
        let records = File::options().write(true).open(&world.records()[0]).unwrap();
        records.write_all_at(&[0; 1000], torn * PLACE + 300).unwrap();
        let (digests, read) = world.finish();
        assert_eq!(digests.unwrap().complete().as_ref(), Some(&expected));
        assert!(read + 9 * MIB <= SIZE + AT_MOST, "{read}");
    }
}

#[test]
fn records_with_a_wrong_byte_anywhere_are_not_believed() {
    let world = World::new();
    let fingerprint = encode(&Fingerprint::of_path(&world.file).unwrap()).len() as u64;
    // The version, the fingerprint, the state's version, the kinds, the size, and the state of a digest.
    for at in [0, 5, 1 + fingerprint, 2 + fingerprint, 3 + fingerprint, 150 + fingerprint] {
        world.read_until(5 * MIB);
        world.spoil(&[0, 1], at);
        world.assert_starts_anew();
    }
}

#[test]
fn a_file_edited_under_its_old_time_and_size_starts_anew() {
    let world = World::new();
    world.read_until(9 * MIB);
    let modified = fs::metadata(&world.file).unwrap().modified().unwrap();
    // The clock of file times is no finer than this.
    std::thread::sleep(Duration::from_millis(20));
    let file = File::options().write(true).open(&world.file).unwrap();
    file.write_all_at(b"edited", 4 * MIB).unwrap();
    file.set_modified(modified).unwrap();
    world.assert_starts_anew();
}

#[test]
fn another_file_in_its_place_starts_anew() {
    let world = World::new();
    world.read_until(9 * MIB);
    let copy = world.dir.path().join("copy");
    fs::copy(&world.file, &copy).unwrap();
    fs::rename(&copy, &world.file).unwrap();
    world.assert_starts_anew();
}

#[test]
fn a_record_of_other_kinds_is_not_believed() {
    let mut world = World::new();
    world.options.kinds = Kinds::SHA256;
    world.read_until(9 * MIB);
    world.options.kinds = Kinds::ALL;
    world.assert_starts_anew();
}

#[test]
fn a_record_of_another_version_is_not_believed() {
    let world = World::new();
    world.read_until(5 * MIB);
    let record = File::options().read(true).write(true).open(&world.records()[0]).unwrap();
    for place in [0, PLACE] {
        let mut length = [0; 4];
        record.read_exact_at(&mut length, place).unwrap();
        let mut payload = vec![0; u32::from_le_bytes(length) as usize];
        record.read_exact_at(&mut payload, place + 36).unwrap();
        payload[0] = RECORD_VERSION + 1;
        record.write_all_at(&payload, place + 36).unwrap();
        record.write_all_at(blake3::hash(&payload).as_bytes(), place + 4).unwrap();
    }
    world.assert_starts_anew();
}

#[test]
fn a_folder_that_cannot_be_written_costs_only_the_records() {
    let mut world = World::new();
    let blocked = world.dir.path().join("blocked");
    fs::write(&blocked, b"").unwrap();
    world.options.checkpoints = Some(Arc::new(Checkpoints { dir: blocked, min_size: 0, every: SMALL_EVERY }));
    assert_eq!(world.read_until(9 * MIB).0, None);
    let (digests, read) = world.finish();
    assert_eq!((digests.unwrap().complete(), read), (Some(world.oracle()), SIZE));
}

#[test]
fn old_records_are_forgotten() {
    let world = World::new();
    world.read_until(5 * MIB);
    let checkpoints = world.options.checkpoints.as_ref().unwrap();
    checkpoints.forget_older_than(1);
    let records = world.records();
    assert_eq!(records.len(), 1);
    let old = SystemTime::now() - Duration::from_secs(25 * 3600);
    File::options().write(true).open(&records[0]).unwrap().set_modified(old).unwrap();
    checkpoints.forget_older_than(1);
    assert!(world.records().is_empty());
}
