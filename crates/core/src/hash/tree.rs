//! BLAKE3 whose state can be kept.
//!
//! The library's hasher cannot be taken apart, but its tree can be built from outside: every MiB is hashed as a subtree
//! of its own, and what has to be kept between two of them is one chaining value for each 1 bit of their number. A MiB
//! is large enough for the vector code to be as quick as in one piece.

use blake3::hazmat::{ChainingValue, HasherExt as _, Mode, merge_subtrees_non_root, merge_subtrees_root};

use super::state::{Input, Output};

/// Bytes of a subtree: a power of two of BLAKE3's chunks.
pub(super) const SUBTREE: u64 = 1 << 20;

/// A BLAKE3 under way.
#[derive(Clone)]
pub(super) struct Tree {
    /// The complete subtrees, as large as possible, from left to right.
    stack: Vec<ChainingValue>,
    /// How many MiB they cover together.
    complete: u64,
    /// The subtree under way. A full one stays here until more comes: only then is it known not to be the root.
    current: blake3::Hasher,
}

impl Tree {
    pub(super) fn new() -> Self {
        Self { stack: Vec::new(), complete: 0, current: blake3::Hasher::new() }
    }

    /// Bytes taken so far.
    pub(super) fn length(&self) -> u64 {
        self.complete * SUBTREE + self.current.count()
    }

    pub(super) fn update(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            if self.current.count() == SUBTREE {
                self.complete_current();
            }
            let room = SUBTREE - self.current.count();
            let (taken, rest) = data.split_at(usize::try_from(room).map_or(data.len(), |room| room.min(data.len())));
            self.current.update(taken);
            data = rest;
        }
    }

    /// Puts the full subtree on the stack. More bytes must follow.
    fn complete_current(&mut self) {
        let mut value = self.current.finalize_non_root();
        self.complete += 1;
        for _ in 0..self.complete.trailing_zeros() {
            let left = self.stack.pop().expect("the stack has an entry for each 1 bit of the count before");
            value = merge_subtrees_non_root(&left, &value, Mode::Hash);
        }
        self.stack.push(value);
        self.begin_next();
    }

    fn begin_next(&mut self) {
        self.current = blake3::Hasher::new();
        self.current.set_input_offset(self.complete * SUBTREE);
    }

    /// The hash; `None` if it was restored and nothing followed, which the saving side rules out.
    pub(super) fn finish(mut self) -> Option<blake3::Hash> {
        let Some(left) = self.stack.pop() else { return Some(self.current.finalize()) };
        if self.current.count() == 0 {
            return None;
        }
        let mut right = self.current.finalize_non_root();
        let mut left = left;
        while let Some(next) = self.stack.pop() {
            right = merge_subtrees_non_root(&left, &right, Mode::Hash);
            left = next;
        }
        Some(merge_subtrees_root(&left, &right, Mode::Hash))
    }

    /// Appends the state; only where a whole number of subtrees was taken and more bytes follow.
    pub(super) fn save(&self, output: &mut Output) {
        let mut kept = self.clone();
        if kept.current.count() == SUBTREE {
            kept.complete_current();
        }
        debug_assert_eq!(kept.current.count(), 0, "a subtree is not kept in parts");
        output.number(kept.complete);
        kept.stack.iter().for_each(|value| output.bytes(value));
    }

    pub(super) fn restore(input: &mut Input<'_>) -> Option<Self> {
        let complete = input.number()?;
        // Above this, lengths no longer fit 64 bits.
        if complete > u64::MAX / SUBTREE / 2 {
            return None;
        }
        let stack = (0..complete.count_ones()).map(|_| input.array()).collect::<Option<Vec<ChainingValue>>>()?;
        let mut tree = Self { stack, complete, current: blake3::Hasher::new() };
        tree.begin_next();
        Some(tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_the_librarys_at_every_number_of_subtrees() {
        let mib = 1_usize << 20;
        let data: Vec<u8> = (0..251_u8).cycle().take(9 * mib + 1).collect();
        for mebibytes in 0..=9 {
            for length in [(mebibytes * mib).saturating_sub(1), mebibytes * mib, mebibytes * mib + 1] {
                let mut tree = Tree::new();
                data[..length].chunks(300_001).for_each(|part| tree.update(part));
                assert_eq!(tree.length(), length as u64);
                assert_eq!(tree.finish(), Some(blake3::hash(&data[..length])), "{length}");
            }
        }
    }

    #[test]
    fn a_kept_tree_goes_on_from_every_subtree() {
        let mib = 1_usize << 20;
        let data: Vec<u8> = (0..253_u8).cycle().take(8 * mib).collect();
        for mebibytes in 0..8 {
            let mut first = Tree::new();
            first.update(&data[..mebibytes * mib]);
            let mut output = Output::default();
            first.save(&mut output);
            let bytes = output.into_bytes();
            let mut input = Input::new(&bytes);
            let mut second = Tree::restore(&mut input).unwrap();
            assert!(input.is_empty());
            second.update(&data[mebibytes * mib..]);
            assert_eq!(second.finish(), Some(blake3::hash(&data)), "{mebibytes}");
        }
    }
}
