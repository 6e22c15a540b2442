//! Which bytes of a file are there: a sorted set of parts that do not touch. Pure.
//!
//! Connections fetch parts side by side, so what is there is rarely just a beginning. The set stays short (parts are given
//! out from the front), which is why it is a vector and not a tree.

use serde::{Deserialize, Serialize};

/// A set of `start..end` byte ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Extents(Vec<(u64, u64)>);

/// More parts than this are no download of ours: the text they were read from is damaged.
const MOST_PARTS: usize = 4096;

impl Extents {
    /// Adds `start..end`.
    pub(crate) fn add(&mut self, start: u64, end: u64) {
        if start >= end {
            return;
        }
        let parts = &mut self.0;
        // Everything that overlaps or touches becomes one part.
        let first = parts.partition_point(|part| part.1 < start);
        let last = parts.partition_point(|part| part.0 <= end);
        let merged = parts[first..last].iter().fold((start, end), |(a, b), part| (a.min(part.0), b.max(part.1)));
        parts.splice(first..last, [merged]);
    }

    /// Takes `start..end` away.
    pub(crate) fn remove(&mut self, start: u64, end: u64) {
        let parts = std::mem::take(&mut self.0);
        for (a, b) in parts {
            self.add(a, b.min(start));
            self.add(a.max(end), b);
        }
    }

    /// How far it reaches from byte 0 without a gap.
    pub(crate) fn front(&self) -> u64 {
        self.0.first().filter(|part| part.0 == 0).map_or(0, |part| part.1)
    }

    /// How many bytes are in it.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.iter().map(|part| part.1 - part.0).sum()
    }

    /// Whether all of `0..total` is in it.
    pub(crate) fn is_whole(&self, total: u64) -> bool {
        self.front() >= total
    }

    /// Nothing beyond `total`.
    pub(crate) fn within(mut self, total: u64) -> Self {
        self.remove(total, u64::MAX);
        self
    }

    /// The first gap of `0..total` at or behind `from`, at most `most` bytes long.
    pub(crate) fn gap(&self, from: u64, total: u64, most: u64) -> Option<(u64, u64)> {
        let mut start = from;
        for &(a, b) in &self.0 {
            if start < a {
                break;
            }
            start = start.max(b);
        }
        let next = self.0.iter().map(|part| part.0).find(|begin| *begin > start).unwrap_or(total).min(total);
        (start < next).then(|| (start, next.min(start.saturating_add(most))))
    }

    /// Calls with every part, in order.
    pub(crate) fn each(&self, mut with: impl FnMut(u64, u64)) {
        for (start, end) in &self.0 {
            with(*start, *end);
        }
    }

    /// The parts, in order.
    #[cfg(test)]
    pub(crate) fn parts(&self) -> &[(u64, u64)] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Extents {
    /// Whatever was written is put in order; it may come from a damaged file.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = Vec::<(u64, u64)>::deserialize(deserializer)?;
        if parts.len() > MOST_PARTS {
            return Err(serde::de::Error::custom("too many parts"));
        }
        let mut extents = Self::default();
        for (start, end) in parts {
            extents.add(start, end);
        }
        Ok(extents)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_that_touch_become_one() {
        let mut extents = Extents::default();
        for (start, end) in [(10, 20), (30, 40), (0, 5), (20, 30), (7, 7), (5, 10)] {
            extents.add(start, end);
        }
        assert_eq!(extents.parts(), [(0, 40)]);
        extents.remove(10, 15);
        assert_eq!((extents.front(), extents.bytes()), (10, 35));
        assert_eq!(extents.gap(0, 40, 100), Some((10, 15)));
        assert_eq!(extents.gap(0, 50, 2), Some((10, 12)));
        assert_eq!(extents.gap(15, 50, 100), Some((40, 50)));
        assert_eq!(extents.gap(15, 40, 100), None);
    }

    proptest! {
        /// Against a row of booleans.
        #[test]
        fn a_set_behaves_like_its_bytes(steps in prop::collection::vec((any::<bool>(), 0_u64..64, 0_u64..64), 0..40)) {
            let (mut extents, mut bytes) = (Extents::default(), [false; 64]);
            for (adds, start, end) in steps {
                if adds { extents.add(start, end) } else { extents.remove(start, end.max(start)) }
                for at in start..end.max(start) {
                    bytes[usize::try_from(at).unwrap()] = adds;
                }
                let of = |value: bool| bytes.iter().filter(|byte| **byte == value).count() as u64;
                prop_assert_eq!(extents.bytes(), of(true));
                prop_assert_eq!(extents.front(), bytes.iter().take_while(|byte| **byte).count() as u64);
                prop_assert!(extents.parts().windows(2).all(|pair| pair[0].1 < pair[1].0));
                let mut filled = extents.clone();
                while let Some((a, b)) = filled.gap(0, 64, 5) {
                    prop_assert!(b - a <= 5 && bytes[usize::try_from(a).unwrap()..usize::try_from(b).unwrap()].iter().all(|byte| !byte));
                    filled.add(a, b);
                }
                prop_assert!(filled.is_whole(64));
                let text = serde_json::to_string(&extents).unwrap();
                prop_assert_eq!(serde_json::from_str::<Extents>(&text).unwrap(), extents.clone());
                prop_assert_eq!(&extents.clone().within(64), &extents);
            }
        }
    }
}
