//! Finds out what files probably are without reading them in full.
//!
//! A terabyte takes an hour to read; what other tools measured is there in seconds, and 64 KiB of a file (its AutoV1)
//! tell Civitai's files apart well enough to name a candidate. Nothing found here is more than a belief: it is shown as
//! such, and the file is read in full afterwards. A candidate must have exactly this file's size at Civitai, or it is
//! no candidate.

use std::collections::HashMap;

use futures_util::StreamExt as _;

use super::ScanDepth;
use super::look::Pending;
use super::report::ScanEvent;
use super::run::{Scan, Stop};
use crate::catalog::{CatalogError, CatalogErrorKind, ModelVersion, VersionFile};
use crate::error::Result;
use crate::event::Event;
use crate::hash::{AutoV1, sample};
use crate::jobs::{Progress, ScanPhase};
use crate::library::Provenance;
use crate::store::Known;
use crate::units::UnixMillis;

/// What a disk of unknown speed is taken to give, in bytes a second: a SATA disk's rate.
const ASSUMED_SPEED: u64 = 300_000_000;

/// Reading everything may take this long before samples are taken instead, in seconds.
const WORTH_WAITING: u64 = 120;

/// A single file of this size is sampled all the same: whoever just downloaded it is looking. In bytes.
const LARGE: u64 = 2 * 1024 * 1024 * 1024;

/// Questions under way at once. One file is one question here, and a library has thousands.
const AT_ONCE: usize = 4;

/// How far Civitai's size in KiB may be from a file's: it is told with two decimals. In bytes.
const SIZE_TOLERANCE: f64 = 8.0;

/// The unknown files of a look, told apart.
#[derive(Debug, Default)]
pub(super) struct Identified {
    /// Still unknown: to be read first.
    pub(super) unknown: Vec<Pending>,
    /// Believed to be known now.
    pub(super) believed: Vec<Pending>,
}

/// A file and what it is believed to be.
struct Belief {
    pending: Pending,
    known: Known,
}

impl Scan {
    /// Finds out what can be found out about these files.
    pub(super) fn identify(&self, unknown: Vec<Pending>, depth: ScanDepth) -> Result<Identified, Stop> {
        let mut identified = Identified { unknown, believed: Vec::new() };
        if identified.unknown.is_empty() {
            return Ok(identified);
        }
        self.progress.enter(ScanPhase::Identifying);
        let sampling = depth == ScanDepth::Quick || is_worth_sampling(&identified.unknown);
        if self.options.look_up && sampling {
            self.sample(&mut identified)?;
        }
        Ok(identified)
    }

    /// Asks Civitai about files by their AutoV1.
    fn sample(&self, identified: &mut Identified) -> Result<(), Stop> {
        let mut asked: Vec<(AutoV1, Pending)> = Vec::new();
        let mut rest = Vec::new();
        for pending in identified.unknown.drain(..) {
            self.control.checkpoint()?;
            if pending.was_asked {
                rest.push(pending);
                continue;
            }
            // A file that cannot be sampled cannot be read either, and reading it says why.
            let sample = sample::of_file(&pending.path, &pending.print).ok().flatten();
            Progress::add(&self.progress.bytes_sampled, sample.as_ref().map_or(0, |sample| sample.bytes_read));
            match sample.filter(|sample| sample.is_whole) {
                Some(sample) => asked.push((sample.autov1, pending)),
                None => rest.push(pending),
            }
        }
        // Copies share one question.
        let mut questions: Vec<AutoV1> = asked.iter().map(|(autov1, _)| *autov1).collect();
        questions.sort_unstable();
        questions.dedup();
        let answers = self.runtime.block_on(self.candidates(questions))?;

        let mut beliefs = Vec::new();
        let mut misses = Vec::new();
        for (autov1, pending) in asked {
            let version = match answers.get(&autov1) {
                Some(Ok(version)) => version,
                Some(Err(error)) if error.kind == CatalogErrorKind::NotFound => {
                    misses.push(pending);
                    continue;
                }
                Some(Err(_)) | None => {
                    rest.push(pending);
                    continue;
                }
            };
            let fits = |file: &&VersionFile| file.autov1 == Some(autov1) && has_size(file, pending.print.size);
            match version.files.iter().find(fits).and_then(|file| file.sha256) {
                Some(sha256) => {
                    let known = Known { sha256, provenance: Provenance::Quick, source: None };
                    beliefs.push(Belief { pending, known });
                }
                None => misses.push(pending),
            }
        }
        let versions: Vec<ModelVersion> = answers.into_values().filter_map(std::result::Result::ok).collect();
        self.believe(&beliefs, &misses, &versions)?;
        identified.believed.extend(beliefs.into_iter().map(|belief| belief.pending));
        rest.extend(misses);
        identified.unknown = rest;
        Ok(())
    }

    /// The versions that Civitai names for these hashes, a few questions at a time. The first failure that is about the
    /// server ends the asking.
    async fn candidates(&self, questions: Vec<AutoV1>) -> Result<Answers, Stop> {
        let catalog = self.resolver.catalog();
        let mut answers = futures_util::stream::iter(questions)
            .map(|autov1| {
                let catalog = std::sync::Arc::clone(catalog);
                async move { (autov1, catalog.version_by_hash(&autov1.to_string()).await) }
            })
            .buffer_unordered(AT_ONCE);
        let mut heard = HashMap::new();
        loop {
            let answer = tokio::select! {
                () = self.control.cancelled() => return Err(Stop::Cancelled),
                answer = answers.next() => answer,
            };
            let Some((autov1, answer)) = answer else { return Ok(heard) };
            let is_over = answer.as_ref().is_err_and(|error| error.kind != CatalogErrorKind::NotFound);
            heard.insert(autov1, answer);
            if is_over {
                return Ok(heard);
            }
        }
    }

    /// Stores what files are believed to be, with what Civitai says about it, and tells.
    fn believe(&self, beliefs: &[Belief], misses: &[Pending], versions: &[ModelVersion]) -> Result<(), Stop> {
        let now = UnixMillis::now();
        self.store.write_blocking(|tx| {
            versions.iter().try_for_each(|version| tx.put_version(version, now))?;
            for Belief { pending, known } in beliefs {
                for row in &pending.rows {
                    tx.set_hash(*row, &pending.print, known, now)?;
                }
            }
            for row in misses.iter().flat_map(|pending| &pending.rows) {
                tx.set_quick_miss(*row, now)?;
            }
            tx.publish(Event::LibraryChanged);
            Ok(())
        })?;
        for Belief { pending, known } in beliefs {
            self.tell(ScanEvent::Identified {
                path: pending.path.display().to_string(),
                size: pending.print.size,
                sha256: known.sha256.to_string(),
                provenance: known.provenance,
                source: known.source,
            });
        }
        Ok(())
    }
}

type Answers = HashMap<AutoV1, Result<ModelVersion, CatalogError>>;

/// Whether reading all of it would take too long to wait for a name.
fn is_worth_sampling(unknown: &[Pending]) -> bool {
    let bytes: u64 = unknown.iter().map(|pending| pending.print.size).sum();
    bytes / ASSUMED_SPEED >= WORTH_WAITING || unknown.iter().any(|pending| pending.print.size >= LARGE)
}

/// Whether a file at Civitai has exactly this size.
fn has_size(file: &VersionFile, size: u64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "no file comes near the 8 PiB that a double counts exactly")]
    let difference = file.size_kb * 1024.0 - size as f64;
    difference.abs() < SIZE_TOLERANCE
}
