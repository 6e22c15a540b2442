use std::path::{Path, PathBuf};

use super::*;
use crate::hash::{Checkpoints, Kinds, Urgency, hash_file};

struct World {
    dir: tempfile::TempDir,
    control: JobControl,
    progress: Arc<Progress>,
}

impl World {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), control: JobControl::default(), progress: Arc::default() }
    }

    fn pool(&self, threads: usize, kinds: Kinds) -> HashPool<usize> {
        let read = ReadOptions { kinds, checkpoints: None };
        HashPool::start(PoolOptions { threads, read, low_priority: false }, &self.control, &self.progress)
    }

    /// A file of this size, with or without tensors in it.
    fn write(&self, name: usize, size: usize, has_tensors: bool) -> PathBuf {
        let path = self.dir.path().join(format!("{name}"));
        let seed = u8::try_from(name % 251).unwrap();
        let data = (0..251_u8).cycle().skip(usize::from(seed)).step_by(7).take(size);
        let header: &[u8] = if has_tensors { b"\x02\0\0\0\0\0\0\0{}" } else { b"" };
        std::fs::write(&path, [header, data.collect::<Vec<u8>>().as_slice()].concat()).unwrap();
        path
    }
}

fn task(path: &Path, tag: usize) -> HashTask<usize> {
    let size = std::fs::metadata(path).map_or(1000, |metadata| metadata.len());
    HashTask { path: path.to_owned(), size, volume: 0, urgency: Urgency::Unknown, tag }
}

fn expected(path: &Path) -> crate::hash::Hashes {
    hash_file(path, &JobControl::default(), |_| ()).unwrap().0
}

#[test]
fn files_added_while_others_are_read_all_get_their_own_hashes() {
    for threads in 1..=4 {
        let world = World::new();
        let pool = world.pool(threads, Kinds::ALL);
        let paths: Vec<PathBuf> =
            (0..60).map(|number| world.write(number, number * number * 331, number % 3 == 0)).collect();
        let feed = pool.feed();
        let mut results: Vec<HashResult<usize>> = Vec::new();
        for (burst, paths) in paths.chunks(7).enumerate() {
            feed.add(paths.iter().enumerate().map(|(at, path)| task(path, burst * 7 + at))).unwrap();
            results.extend(pool.results.recv());
        }
        pool.close();
        results.extend(&pool.results);
        pool.finish();
        results.sort_by_key(|result| result.task.tag);
        assert_eq!(results.len(), paths.len());
        for (result, path) in results.iter().zip(&paths) {
            assert_eq!(result.task.path, *path);
            let (digests, fingerprint) = result.outcome.as_ref().unwrap();
            assert_eq!(digests.complete(), Some(expected(path)), "{}", path.display());
            assert_eq!(result.bytes_read, fingerprint.size);
        }
        let total: u64 = results.iter().map(|result| result.task.size).sum();
        assert_eq!((world.progress.bytes_hashed(), world.progress.files().2), (total, 60));
    }
}

/// A thread's work without the thread, so that it can be looked at between two blocks.
fn worker(pool: &HashPool<usize>) -> Worker<usize> {
    let sender = pool.shared.lock().sender.clone().unwrap();
    Worker { shared: Arc::clone(&pool.shared), sender, held: Vec::new() }
}

#[test]
fn a_file_with_a_single_stream_gets_another_beside_it_and_no_other_does() {
    for (kinds, has_tensors, pairs) in [
        (Kinds::SHA256, true, true),
        (Kinds::ALL, false, true),
        (Kinds::ALL, true, false),
        (Kinds::BLAKE3, false, false),
    ] {
        let world = World::new();
        let pool = world.pool(1, kinds);
        let mut worker = worker(&pool);
        worker.begin(task(&world.write(0, 1 << 20, has_tensors), 0));
        worker.advance();
        worker.balance();
        assert_eq!(worker.held.len(), 1, "there is no other");
        pool.shared.lock().queue.push(task(&world.write(1, 1 << 20, has_tensors), 1), Device::Unknown);
        worker.balance();
        let gains = modeldock_sha256::Engine::detected().gains_from_two();
        assert_eq!(worker.held.len() == 2, pairs && gains, "{kinds}, tensors: {has_tensors}");
    }
}

#[test]
fn a_second_file_is_left_to_idle_threads_and_given_up_to_one() {
    let world = World::new();
    let pool = world.pool(2, Kinds::SHA256);
    let (mut first, mut second) = (worker(&pool), worker(&pool));
    first.shared.lock().started = 2;
    first.shared.lock().busy = 1;
    first.begin(task(&world.write(0, 1 << 20, false), 0));
    first.advance();
    pool.shared.lock().queue.push(task(&world.write(1, 1 << 20, false), 1), Device::Unknown);
    first.balance();
    assert_eq!(first.held.len(), 1, "the other thread is on its way to it");

    first.shared.lock().busy = 2;
    first.balance();
    if first.held.len() < 2 {
        return; // This processor gains nothing from two.
    }
    first.advance();
    first.shared.lock().busy = 1;
    first.shared.lock().waiting = 1;
    pool.close();
    assert!(!pool.shared.lock().is_over(), "a thread without a file has to wait while another has two");
    first.balance();
    assert_eq!(first.held.len(), 1);
    first.shared.lock().waiting = 0;
    let Work::GoOn(active) = second.next() else { panic!("nothing was given up") };
    assert!(active.bytes_read > 0);
    second.held.push(active);
    while !first.held.is_empty() || !second.held.is_empty() {
        first.advance();
        second.advance();
    }
    drop((first, second));
    assert_eq!(pool.results.iter().filter(|result| result.outcome.is_ok()).count(), 2);
}

#[test]
fn what_cannot_be_read_disturbs_no_other_file_and_still_counts_as_done() {
    let world = World::new();
    let pool = world.pool(2, Kinds::SHA256);
    let good: Vec<PathBuf> = (0..6).map(|number| world.write(number, 900_000, false)).collect();
    let missing = world.dir.path().join("missing");
    let bad = [&missing, &world.dir.path().to_path_buf()].map(|path| task(path, 99));
    let promised: u64 = good.iter().map(|path| task(path, 0).size).chain(bad.iter().map(|task| task.size)).sum();
    pool.add(bad).unwrap();
    pool.add(good.iter().enumerate().map(|(at, path)| task(path, at))).unwrap();
    pool.close();
    let mut failed = 0;
    for HashResult { task, outcome, .. } in &pool.results {
        match outcome {
            Ok((digests, _)) => assert_eq!(digests.sha256, Some(expected(&task.path).sha256)),
            Err(_) => failed += 1,
        }
    }
    assert_eq!((failed, world.progress.bytes_hashed(), world.progress.files().2), (2, promised, 8));
}

#[test]
fn a_file_that_grows_does_not_disturb_the_one_beside_it() {
    let world = World::new();
    let (growing, still) = (world.write(1, 3_000_000, false), world.write(2, 3_000_000, false));
    let pool = world.pool(1, Kinds::SHA256);
    world.control.pause();
    pool.add([task(&growing, 1), task(&still, 2)]).unwrap();
    while world.progress.current().is_none() {
        std::thread::yield_now();
    }
    std::io::Write::write_all(&mut std::fs::File::options().append(true).open(&growing).unwrap(), b"more").unwrap();
    world.control.resume();
    pool.close();
    let outcomes: Vec<_> = pool.results.iter().map(|result| (result.task.tag, result.outcome)).collect();
    let beside = outcomes.iter().find(|(tag, _)| *tag == 2).unwrap();
    assert_eq!(beside.1.as_ref().unwrap().0.sha256, Some(expected(&still).sha256));
    let (_, grown) = outcomes.iter().find(|(tag, _)| *tag == 1).unwrap();
    // Whether the growing was met in the middle or over before the read began, no mixture is ever told.
    match grown {
        Ok((digests, _)) => assert_eq!(digests.sha256, Some(expected(&growing).sha256)),
        Err(error) => assert_eq!(*error, ReadError::Changing),
    }
}

#[test]
fn a_dropped_pool_stops_reading() {
    let world = World::new();
    let endless = world.dir.path().join("endless");
    std::fs::File::create(&endless).unwrap().set_len(1 << 42).unwrap();
    let pool = world.pool(2, Kinds::SHA256);
    pool.add([task(&endless, 0), task(&endless, 1), task(&endless, 2)]).unwrap();
    while world.progress.bytes_hashed() == 0 {
        std::thread::yield_now();
    }
    drop(pool);
    assert!(world.control.is_cancelled());
}

#[test]
fn a_cancelled_pool_that_waits_for_files_ends() {
    let world = World::new();
    let pool = world.pool(2, Kinds::SHA256);
    pool.add([task(&world.write(1, 10, false), 1)]).unwrap();
    assert!(pool.results.recv().is_ok());
    world.control.cancel();
    assert!(pool.results.recv().is_err(), "nobody closed it, and yet nothing more can come");
    pool.add([task(&world.write(2, 10, false), 2)]).unwrap();
}

#[test]
fn a_file_left_half_read_goes_on_and_is_counted_once() {
    let world = World::new();
    let large = world.dir.path().join("large");
    let size = 300_u64 << 20;
    std::fs::File::create(&large).unwrap().set_len(size).unwrap();
    let checkpoints = Arc::new(Checkpoints::new(world.dir.path().join("partials")));
    let start = |control: &JobControl, progress: &Arc<Progress>| {
        let read = ReadOptions { kinds: Kinds::ALL, checkpoints: Some(Arc::clone(&checkpoints)) };
        let pool = HashPool::start(PoolOptions { threads: 2, read, low_priority: true }, control, progress);
        pool.add([task(&large, 0)]).unwrap();
        pool.close();
        pool
    };
    let pool = start(&world.control, &world.progress);
    while world.progress.bytes_hashed() < 100 << 20 {
        std::thread::yield_now();
    }
    world.control.cancel();
    let first = pool.results.recv().unwrap();
    assert_eq!(first.outcome.unwrap_err(), ReadError::Cancelled);
    assert_eq!(world.progress.bytes_hashed(), size, "what was promised counts as done");
    drop(pool);

    let again = World::new();
    let pool = start(&again.control, &again.progress);
    let second = pool.results.recv().unwrap();
    assert_eq!(second.outcome.unwrap().0.complete(), Some(expected(&large)));
    assert!(second.bytes_read < size, "{}", second.bytes_read);
    assert!(first.bytes_read + second.bytes_read <= size + (64 << 20));
    assert_eq!(again.progress.bytes_hashed(), size);
}
