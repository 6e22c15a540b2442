//! Looks at the first bytes of files that were read before those were kept, and of what came as a download.
//!
//! A scan does so for a bounded number of files, so that the first one after an update is not kept from its work; the
//! next one goes on.

use super::Fingerprint;
use super::run::{Scan, Stop};
use crate::event::Event;
use crate::hash::Shape;

/// Files that are opened in one scan. Each is opened once in its life.
const MOST_BEGINNINGS: u32 = 5_000;

impl Scan {
    /// Looks, and keeps what is seen.
    pub(super) fn look_at_beginnings(&self) -> Result<(), Stop> {
        let unseen = self.store.read_blocking(|tx| tx.contents_without_shape(MOST_BEGINNINGS))?;
        let mut seen = Vec::new();
        for (sha256, row) in unseen {
            self.control.checkpoint()?;
            let is_it =
                || row.fingerprint.is_some_and(|print| Fingerprint::of_path(&row.path).is_ok_and(|now| now == print));
            if let Some(shape) = Shape::of_path(&row.path).filter(|_| is_it()) {
                seen.push((sha256, shape));
            }
        }
        if !seen.is_empty() {
            self.store.write_blocking(|tx| {
                tx.publish(Event::LibraryChanged);
                seen.iter().try_for_each(|(sha256, shape)| tx.put_shape(*sha256, *shape))
            })?;
        }
        Ok(())
    }
}
