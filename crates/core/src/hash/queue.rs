//! Which file is read next: what nobody has identified yet before what is only verified, then the smallest, so that
//! most of a library is known soonest.
//!
//! One heap per volume, because the best file of all is no use while its disk has a reader already.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::path::PathBuf;

use super::device::Device;

/// How much somebody waits for a file's hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nobody knows what it is.
    Unknown,
    /// It is known, and read to make sure.
    Unverified,
}

/// A file to read, and whatever the one who asks wants back with it.
#[derive(Debug, Clone)]
pub struct HashTask<T> {
    /// Where it is.
    pub path: PathBuf,
    /// Bytes, as far as known.
    pub size: u64,
    /// The volume it is on, as in [`crate::scan::FileIdentity`].
    pub volume: u64,
    /// Whether it goes first.
    pub urgency: Urgency,
    /// Not looked at.
    pub tag: T,
}

impl<T> HashTask<T> {
    fn rank(&self) -> (Urgency, u64, &PathBuf) {
        (self.urgency, self.size, &self.path)
    }
}

/// Files in waiting.
pub(super) struct Queue<T> {
    volumes: Vec<Volume<T>>,
}

struct Volume<T> {
    number: u64,
    readers: usize,
    reading: usize,
    tasks: BinaryHeap<Ranked<T>>,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self { volumes: Vec::new() }
    }

    /// Adds a file; `device` is what its volume lies on.
    pub(super) fn push(&mut self, task: HashTask<T>, device: Device) {
        let at = self.volumes.iter().position(|volume| volume.number == task.volume).unwrap_or_else(|| {
            let (number, readers) = (task.volume, device.readers());
            self.volumes.push(Volume { number, readers, reading: 0, tasks: BinaryHeap::new() });
            self.volumes.len() - 1
        });
        self.volumes[at].tasks.push(Ranked(task));
    }

    /// The best file on a volume that can take another reader, which it then has until [`Self::release`].
    pub(super) fn pop(&mut self) -> Option<HashTask<T>> {
        let free = self.volumes.iter_mut().filter(|volume| volume.reading < volume.readers);
        let best = free
            .filter(|volume| !volume.tasks.is_empty())
            .min_by(|a, b| a.tasks.peek().map(|task| task.0.rank()).cmp(&b.tasks.peek().map(|task| task.0.rank())))?;
        best.reading += 1;
        best.tasks.pop().map(|task| task.0)
    }

    /// A file of this volume is no longer read.
    pub(super) fn release(&mut self, volume: u64) {
        if let Some(volume) = self.volumes.iter_mut().find(|known| known.number == volume) {
            volume.reading = volume.reading.saturating_sub(1);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.volumes.iter().map(|volume| volume.tasks.len()).sum()
    }
}

/// Orders a heap, which gives its greatest, by lowest rank.
struct Ranked<T>(HashTask<T>);

impl<T> PartialEq for Ranked<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T> Eq for Ranked<T> {}

impl<T> PartialOrd for Ranked<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Ranked<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.rank().cmp(&self.0.rank())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(path: &str, size: u64, volume: u64, urgency: Urgency) -> HashTask<()> {
        HashTask { path: path.into(), size, volume, urgency, tag: () }
    }

    fn next(queue: &mut Queue<()>) -> Option<String> {
        queue.pop().map(|task| task.path.to_string_lossy().into_owned())
    }

    #[test]
    fn the_unknown_come_first_then_the_smallest_then_by_path() {
        let mut queue = Queue::new();
        queue.push(task("verify", 1, 1, Urgency::Unverified), Device::Flash);
        queue.push(task("large", 9, 1, Urgency::Unknown), Device::Flash);
        queue.push(task("b", 2, 2, Urgency::Unknown), Device::Unknown);
        queue.push(task("a", 2, 1, Urgency::Unknown), Device::Flash);
        assert_eq!(queue.len(), 4);
        let order: Vec<_> = std::iter::from_fn(|| next(&mut queue)).collect();
        assert_eq!(order, ["a", "b", "large", "verify"]);
    }

    #[test]
    fn a_rotating_disk_has_one_reader_and_keeps_nobody_else_waiting() {
        let mut queue = Queue::new();
        queue.push(task("disk 1", 1, 1, Urgency::Unknown), Device::Rotating);
        queue.push(task("disk 2", 2, 1, Urgency::Unknown), Device::Rotating);
        queue.push(task("flash", 3, 2, Urgency::Unverified), Device::Flash);
        assert_eq!(next(&mut queue).as_deref(), Some("disk 1"));
        assert_eq!(next(&mut queue).as_deref(), Some("flash"));
        assert_eq!(next(&mut queue), None);
        queue.release(1);
        assert_eq!(next(&mut queue).as_deref(), Some("disk 2"));
    }

    #[test]
    fn a_server_has_two_readers() {
        let mut queue = Queue::new();
        for name in ["a", "b", "c"] {
            queue.push(task(name, 1, 1, Urgency::Unknown), Device::Remote);
        }
        assert_eq!([next(&mut queue), next(&mut queue), next(&mut queue)].iter().flatten().count(), 2);
    }
}
