use std::sync::Mutex;

use super::*;
use crate::hash::Sha256;
use crate::scan::FileIdentity;

struct Begun {
    dir: tempfile::TempDir,
    landing: Arc<Landing>,
    sink: Sink,
    durable: Arc<Mutex<Extents>>,
}

fn begin(total: u64, there: Extents, content: &[u8]) -> Begun {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(".a.part");
    let file = Arc::new(File::options().read(true).write(true).create_new(true).open(&path).unwrap());
    there.each(|start, end| {
        let (start, end) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
        file_at::write_all(&file, &content[start..end], start as u64).unwrap();
    });
    let landing = Arc::new(Landing::new(there, Some(total)));
    let durable = Arc::new(Mutex::new(Extents::default()));
    let on_durable = {
        let durable = Arc::clone(&durable);
        move |parts: &Extents| {
            *durable.lock().unwrap() = parts.clone();
            Ok(())
        }
    };
    let ledger = Ledger::open(&dir.path().join("ledger"), FileIdentity { volume: 1, index: 1 }).unwrap();
    let sink = Sink::start(Target { file, path, ledger }, Arc::clone(&landing), Box::new(on_durable)).unwrap();
    Begun { dir, landing, sink, durable }
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at * 31 % 251).unwrap()).collect()
}

fn sha256_of(bytes: &[u8]) -> Sha256 {
    let mut digester = Digester::new(Kinds::SHA256, bytes.len() as u64);
    digester.update(bytes);
    digester.finish().sha256.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_in_any_order_give_the_hash_of_the_whole() {
    let content = content(1_000_003);
    let begun = begin(content.len() as u64, Extents::default(), &content);
    let mut parts: Vec<usize> = (0..content.len()).step_by(70_001).collect();
    parts.reverse();
    for start in parts {
        let end = (start + 70_001).min(content.len());
        begun.sink.put(start as u64, Bytes::copy_from_slice(&content[start..end])).await.unwrap();
    }
    let digests = begun.sink.finish().await.unwrap().unwrap();
    assert_eq!(digests.sha256, Some(sha256_of(&content)));
    assert!(digests.complete().is_some());
    assert_eq!(std::fs::read(begun.dir.path().join(".a.part")).unwrap(), content);
    assert!(begun.durable.lock().unwrap().is_whole(content.len() as u64));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_before_is_read_again() {
    let content = content(300_000);
    let mut there = Extents::default();
    there.add(0, 100_000);
    there.add(200_000, 300_000);
    let begun = begin(content.len() as u64, there, &content);
    begun.sink.put(100_000, Bytes::copy_from_slice(&content[100_000..200_000])).await.unwrap();
    assert_eq!(begun.sink.finish().await.unwrap().unwrap().sha256, Some(sha256_of(&content)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_come_has_no_hash_and_what_came_is_kept() {
    let content = content(300_000);
    let begun = begin(content.len() as u64, Extents::default(), &content);
    begun.sink.put(0, Bytes::copy_from_slice(&content[..150_000])).await.unwrap();
    assert_eq!(begun.sink.finish().await.unwrap(), None);
    assert_eq!(begun.landing.parts().front(), 150_000);
    assert_eq!(begun.durable.lock().unwrap().front(), 150_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_to_everyone() {
    let dir = tempfile::tempdir().unwrap();
    let path = Path::new("/dev/full");
    if !path.exists() {
        return;
    }
    let file = Arc::new(File::options().read(true).write(true).open(path).unwrap());
    let landing = Arc::new(Landing::new(Extents::default(), Some(1 << 20)));
    let ledger = Ledger::open(&dir.path().join("ledger"), FileIdentity { volume: 1, index: 1 }).unwrap();
    let target = Target { file, path: path.to_owned(), ledger };
    let sink = Sink::start(target, landing, Box::new(|_| Ok(()))).unwrap();
    // The first one is taken before anybody knows.
    let mut refused = None;
    for at in 0..64 {
        refused = sink.put(at, Bytes::from_static(b"x")).await.err();
        if refused.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(refused.unwrap().code, Code::DiskFull);
    assert_eq!(sink.finish().await.unwrap_err().code, Code::DiskFull);
}
