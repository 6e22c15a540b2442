//! A body that is made while it is sent, so that files larger than memory can be served.

use bytes::Bytes;

use crate::catalogue::Generated;

/// The most that a fault which needs the whole body may hold, bytes.
const HELD: u64 = 64 << 20;

/// A part of generated content.
#[derive(Debug)]
pub(super) struct Made {
    content: Generated,
    at: u64,
    end: u64,
    /// Damaged bytes, as places in the content.
    damage: Vec<(u64, u64)>,
}

impl Made {
    /// Bytes `start..end`.
    pub(super) fn new(content: Generated, start: u64, end: u64) -> Self {
        Self { content, at: start, end, damage: Vec::new() }
    }

    /// Bytes that are left.
    pub(super) fn len(&self) -> u64 {
        self.end - self.at
    }

    /// Keeps only the first `bytes`.
    pub(super) fn truncate(&mut self, bytes: u64) {
        self.end = self.end.min(self.at.saturating_add(bytes));
    }

    /// Flips bits in `bytes` bytes from `offset` of this part on.
    pub(super) fn damage(&mut self, offset: u64, bytes: u64) {
        let from = self.at.saturating_add(offset);
        self.damage.push((from, from.saturating_add(bytes)));
    }

    /// The next bytes, at most `most` and often fewer; none at the end.
    pub(super) fn take(&mut self, most: u64) -> Bytes {
        let mut piece = self.content.piece(self.at, most.min(self.len()));
        let (from, to) = (self.at, self.at + piece.len() as u64);
        self.at = to;
        if self.damage.iter().any(|(start, end)| *start < to && from < *end) {
            let mut bytes = piece.to_vec();
            for (place, byte) in (from..to).zip(&mut bytes) {
                if self.damage.iter().any(|(start, end)| (*start..*end).contains(&place)) {
                    *byte ^= 0x55;
                }
            }
            piece = bytes.into();
        }
        piece
    }

    /// Everything at once, up to a limit.
    pub(super) fn hold(mut self) -> Bytes {
        self.truncate(HELD);
        let mut bytes = Vec::new();
        loop {
            let piece = self.take(HELD);
            if piece.is_empty() {
                return bytes.into();
            }
            bytes.extend_from_slice(&piece);
        }
    }
}
