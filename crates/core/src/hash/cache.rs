//! Keeps a long read from pushing everything else out of the page cache.
//!
//! Reading a terabyte of models once would evict what the user's image generator has loaded. So the pages of a large
//! file are given back behind the reading position, but only where they came from us: a model that lies in the cache
//! already was put there by somebody who will want it again. The system tells that for single pages, by a read that is
//! refused when it would have to wait. Sixteen of them over the file are enough: programs load models whole. They are
//! at other places each time, because a look brings the page in. Where a file system cannot tell (FUSE, some network
//! ones), only files that would take a quarter of the memory are given back.

use std::fs::File;

/// Smaller files push out too little to matter, in bytes.
#[cfg(target_os = "linux")]
const MIN_SIZE: u64 = 64 << 20;

/// Pages are given back this many bytes at a time.
#[cfg(target_os = "linux")]
const STEP: u64 = 8 << 20;

/// What is done about one file's pages.
#[derive(Debug)]
pub(super) struct PageCache {
    /// Everything before this was given back; `None` leaves the pages alone.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux is asked to give pages back"))]
    given_back: Option<u64>,
}

#[cfg(target_os = "linux")]
impl PageCache {
    /// For a file of `size` bytes that is going to be read from `position` on.
    pub(super) fn of(file: &File, size: u64, position: u64) -> Self {
        use rustix::fs::{Advice, fadvise};
        let is_large = size >= MIN_SIZE;
        let is_ours = is_large && {
            // Otherwise every look would make the system read ahead.
            let _ = fadvise(file, 0, None, Advice::Random);
            is_cached(file, size).map_or_else(|| memory().is_some_and(|memory| size > memory / 4), |cached| !cached)
        };
        // Advice that is not taken costs speed at most.
        let _ = fadvise(file, 0, None, Advice::Sequential);
        Self { given_back: is_ours.then_some(position) }
    }

    /// Reading has come as far as `position`.
    pub(super) fn passed(&mut self, file: &File, position: u64) {
        let Some(given_back) = &mut self.given_back else { return };
        if position >= *given_back + STEP {
            let length = std::num::NonZeroU64::new(position - *given_back);
            let _ = rustix::fs::fadvise(file, *given_back, length, rustix::fs::Advice::DontNeed);
            *given_back = position;
        }
    }

    /// Reading is over.
    pub(super) fn end(&mut self, file: &File) {
        if let Some(given_back) = self.given_back.take() {
            let _ = rustix::fs::fadvise(file, given_back, None, rustix::fs::Advice::DontNeed);
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl PageCache {
    pub(super) fn of(_: &File, _: u64, _: u64) -> Self {
        Self { given_back: None }
    }

    pub(super) fn passed(&mut self, _: &File, _: u64) {}

    pub(super) fn end(&mut self, _: &File) {}
}

/// Whether a quarter of sixteen places lies in the page cache, so that stray pages do not count; `None` if the file
/// system cannot tell.
#[cfg(target_os = "linux")]
fn is_cached(file: &File, size: u64) -> Option<bool> {
    use std::hash::{BuildHasher as _, Hasher as _};

    use rustix::io::{Errno, ReadWriteFlags, preadv2};
    let distance = size / 16;
    let chance = std::hash::RandomState::new().build_hasher().finish() % distance.max(1);
    let mut cached = 0;
    for place in 0..16 {
        let mut byte = [0];
        let buffer = &mut [std::io::IoSliceMut::new(&mut byte)];
        match preadv2(file, buffer, distance * place + chance, ReadWriteFlags::NOWAIT) {
            Ok(_) => cached += 1,
            Err(Errno::AGAIN) => {}
            Err(_) => return None,
        }
    }
    Some(cached >= 4)
}

/// Bytes of memory this machine has.
#[cfg(target_os = "linux")]
fn memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let kibibytes: u64 = text.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn what_lay_in_the_cache_before_is_left_there() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &vec![1; 65 << 20]).unwrap();
        // A file system that cannot tell leaves a file of this size alone just as well.
        assert_eq!(PageCache::of(&file, 65 << 20, 0).given_back, None);
    }

    #[test]
    fn what_we_brought_in_is_given_back_behind_us() {
        let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
        let mut file = File::create_new(dir.path().join("large.ckpt")).unwrap();
        std::io::Write::write_all(&mut file, &vec![1; 65 << 20]).unwrap();
        file.sync_all().unwrap();
        let file = File::open(dir.path().join("large.ckpt")).unwrap();
        if is_cached(&file, 65 << 20).is_none() {
            return; // This file system cannot tell.
        }
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
        let mut cache = PageCache::of(&file, 65 << 20, 0);
        assert_eq!(cache.given_back, Some(0));
        std::io::copy(&mut &file, &mut std::io::sink()).unwrap();
        cache.passed(&file, STEP - 1);
        assert_eq!(cache.given_back, Some(0));
        cache.passed(&file, 65 << 20);
        cache.end(&file);
        assert_eq!(is_cached(&file, 65 << 20), Some(false));
    }

    #[test]
    fn this_machine_has_memory() {
        assert!(memory().unwrap() > 1 << 20);
    }
}
