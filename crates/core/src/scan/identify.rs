//! Finds out what files probably are without reading them in full.
//!
//! A terabyte takes an hour to read; what other tools measured is there in seconds, and 64 KiB of a file (its AutoV1)
//! tell Civitai's files apart well enough to name a candidate. Nothing found here is more than a belief: it is shown as
//! such, and the file is read in full afterwards. Whatever Civitai says about a candidate must fit the file on disk, its
//! exact size first of all, or it is no candidate.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use futures_util::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::ScanDepth;
use super::look::Pending;
use super::report::ScanEvent;
use super::run::{Scan, Stop};
use crate::catalog::{CatalogError, CatalogErrorKind, ModelVersion, VersionFile};
use crate::error::Result;
use crate::event::Event;
use crate::hash::{AnyHash, AutoV3, sample};
use crate::import::{Clue, ClueHash, FileFacts, Imports, SeenFile, Strength, Tool, UserPlaces};
use crate::jobs::{Progress, ScanPhase};
use crate::library::Provenance;
use crate::roots::Layout;
use crate::store::{Fit, Known};
use crate::units::UnixMillis;

/// What a disk of unknown speed is taken to give, in bytes a second: a SATA disk's rate.
const ASSUMED_SPEED: u64 = 300_000_000;

/// Reading everything may take this long before samples are taken instead, in seconds.
const WORTH_WAITING: u64 = 120;

/// A single file of this size is sampled all the same: whoever just downloaded it is looking. In bytes.
const LARGE: u64 = 2 * 1024 * 1024 * 1024;

/// Questions under way at once. One file is one question here, and a library has thousands.
const AT_ONCE: usize = 6;

/// Samples that are taken before they can be asked about.
const SAMPLED_AHEAD: usize = 256;

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

/// A file, and a hash of it that only Civitai can make something of.
struct Candidate {
    pending: Pending,
    hash: AnyHash,
    /// Who measured it; `None` if it was taken from the file itself.
    tool: Option<Tool>,
}

/// What Civitai said about hashes.
type Answers = HashMap<AnyHash, Result<ModelVersion, CatalogError>>;

impl Scan {
    /// Finds out what can be found out about these files.
    pub(super) fn identify(&self, unknown: Vec<Pending>, depth: ScanDepth) -> Result<Identified, Stop> {
        if unknown.is_empty() {
            return Ok(Identified::default());
        }
        self.progress.enter(ScanPhase::Identifying);
        let (mut identified, candidates) = self.take_over(unknown)?;
        // Each of these takes a question of its own: reading a small library is quicker, and kinder.
        let waiting = identified.unknown.iter().chain(candidates.iter().map(|candidate| &candidate.pending));
        if self.options.look_up && (depth == ScanDepth::Quick || is_worth_asking(waiting)) {
            self.look_up_candidates(candidates, &mut identified)?;
            self.sample(&mut identified)?;
        } else {
            identified.unknown.extend(candidates.into_iter().map(|candidate| candidate.pending));
        }
        Ok(identified)
    }

    /// Takes over what other tools measured; what only Civitai can make something of is returned beside it.
    fn take_over(&self, unknown: Vec<Pending>) -> Result<(Identified, Vec<Candidate>), Stop> {
        let imports = self.imports(&unknown)?;
        let (mut beliefs, mut candidates, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for pending in unknown {
            self.control.checkpoint()?;
            let facts =
                FileFacts { path: &pending.path, size: pending.print.size, modified_ns: pending.print.modified };
            match imports.clues(&facts).iter().find_map(reading_of) {
                Some(Reading::Belief(known)) => beliefs.push(Belief { pending, known }),
                Some(Reading::Candidate(hash, tool)) => candidates.push(Candidate { pending, hash, tool: Some(tool) }),
                None => rest.push(pending),
            }
        }
        self.believe(&beliefs, &[], &[])?;
        let mut identified = Identified { unknown: rest, believed: Vec::new() };
        if self.options.look_up && !beliefs.is_empty() {
            // One question for ten thousand of them; a failure leaves them pending, as it does anything.
            self.runtime.block_on(self.ask(false))?;
            self.give_up_contradicted(&mut beliefs, &mut identified)?;
        }
        identified.believed.extend(beliefs.into_iter().map(|belief| belief.pending));
        Ok((identified, candidates))
    }

    /// The caches of the installations these files belong to.
    fn imports(&self, unknown: &[Pending]) -> Result<Imports, Stop> {
        let rows = self.store.read_blocking(|tx| tx.file_rows())?;
        let seen: Vec<SeenFile<'_>> = rows
            .iter()
            .filter(|row| !row.gone)
            .map(|row| SeenFile { path: &row.path, identity: row.fingerprint.map(|print| print.identity) })
            .collect();
        let roots: HashSet<(PathBuf, Layout)> =
            unknown.iter().map(|pending| (pending.root.clone(), pending.layout)).collect();
        let roots: Vec<(PathBuf, Layout)> = roots.into_iter().collect();
        let mut on_problem = |path: &std::path::Path, problem| {
            self.tell(ScanEvent::Remark { path: path.display().to_string(), problem });
        };
        Ok(Imports::read(&roots, &UserPlaces::of_this_user(), &seen, &mut on_problem))
    }

    /// A hash whose file has another size at Civitai is not this file's. One that Civitai does not know may be right all
    /// the same, but says nothing: the file is read as if nothing were known about it.
    fn give_up_contradicted(&self, beliefs: &mut Vec<Belief>, identified: &mut Identified) -> Result<(), Stop> {
        let mut kept = Vec::new();
        self.store.write_blocking(|tx| {
            for belief in beliefs.drain(..) {
                let Some(first) = belief.pending.rows.first() else { continue };
                match tx.fit_of(*first)? {
                    Fit::Fits => kept.push(belief),
                    Fit::NotKnown => identified.unknown.push(belief.pending),
                    Fit::Contradicted => {
                        belief.pending.rows.iter().try_for_each(|row| tx.drop_claim(*row))?;
                        identified.unknown.push(belief.pending);
                    }
                }
            }
            tx.publish(Event::LibraryChanged);
            Ok(())
        })?;
        *beliefs = kept;
        Ok(())
    }

    /// Asks Civitai about files by their AutoV1. Samples are taken while the first ones are asked about already.
    fn sample(&self, identified: &mut Identified) -> Result<(), Stop> {
        let unknown = std::mem::take(&mut identified.unknown);
        let (sender, questions) = mpsc::channel(SAMPLED_AHEAD);
        let (sampled, answers) = std::thread::scope(|scope| {
            let sampler = scope.spawn(move || self.take_samples(unknown, &sender));
            let questions = futures_util::stream::unfold(questions, |mut questions| async move {
                questions.recv().await.map(|question| (question, questions))
            });
            let answers = self.runtime.block_on(self.candidates(questions));
            (sampler.join(), answers)
        });
        let (candidates, rest) = sampled.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        identified.unknown = rest;
        self.judge(candidates, answers?, identified)
    }

    /// Takes the files' samples and passes each on once. The files that have none are returned beside those that do.
    fn take_samples(
        &self,
        unknown: Vec<Pending>,
        questions: &mpsc::Sender<AnyHash>,
    ) -> Result<(Vec<Candidate>, Vec<Pending>), Stop> {
        let (mut candidates, mut rest, mut asked) = (Vec::new(), Vec::new(), HashSet::new());
        for pending in unknown {
            self.control.checkpoint()?;
            if pending.was_asked {
                rest.push(pending);
                continue;
            }
            // A file that cannot be sampled cannot be read either, and reading it says why.
            let sample = sample::of_file(&pending.path, &pending.print).ok().flatten();
            Progress::add(&self.progress.bytes_sampled, sample.as_ref().map_or(0, |sample| sample.bytes_read));
            match sample.filter(|sample| sample.is_whole) {
                Some(sample) => {
                    let hash = AnyHash::AutoV1(sample.autov1);
                    // Copies share one question. Nobody hears it any more once Civitai has failed.
                    if asked.insert(hash) {
                        let _ = questions.blocking_send(hash);
                    }
                    candidates.push(Candidate { pending, hash, tool: None });
                }
                None => rest.push(pending),
            }
        }
        Ok((candidates, rest))
    }

    /// Asks Civitai which files have these hashes, and believes the answers that fit.
    fn look_up_candidates(&self, candidates: Vec<Candidate>, identified: &mut Identified) -> Result<(), Stop> {
        if candidates.is_empty() {
            return Ok(());
        }
        // Copies share one question.
        let mut questions: Vec<AnyHash> = candidates.iter().map(|candidate| candidate.hash).collect();
        questions.sort_unstable();
        questions.dedup();
        let answers = self.runtime.block_on(self.candidates(futures_util::stream::iter(questions)))?;
        self.judge(candidates, answers, identified)
    }

    /// Believes the answers that fit.
    fn judge(&self, candidates: Vec<Candidate>, answers: Answers, identified: &mut Identified) -> Result<(), Stop> {
        let (mut beliefs, mut misses) = (Vec::new(), Vec::new());
        for Candidate { pending, hash, tool } in candidates {
            let is_it = |file: &&VersionFile| file.has(&hash) && file.is_of_size(pending.print.size);
            let found = match answers.get(&hash) {
                Some(Ok(version)) => version.files.iter().find(is_it).and_then(|file| file.sha256),
                Some(Err(error)) if error.kind == CatalogErrorKind::NotFound => None,
                // Nobody answered: the file may be asked about another time.
                Some(Err(_)) | None => {
                    identified.unknown.push(pending);
                    continue;
                }
            };
            let provenance = if tool.is_some() { Provenance::Imported } else { Provenance::Quick };
            match found {
                Some(sha256) => beliefs.push(Belief { pending, known: Known { sha256, provenance, source: tool } }),
                None if tool.is_none() => misses.push(pending),
                None => identified.unknown.push(pending),
            }
        }
        let versions: Vec<ModelVersion> = answers.into_values().filter_map(std::result::Result::ok).collect();
        self.believe(&beliefs, &misses, &versions)?;
        identified.believed.extend(beliefs.into_iter().map(|belief| belief.pending));
        identified.unknown.extend(misses);
        Ok(())
    }

    /// The versions that Civitai names for these hashes, a few questions at a time. The first failure that is about the
    /// server ends the asking.
    async fn candidates(&self, questions: impl Stream<Item = AnyHash>) -> Result<Answers, Stop> {
        let catalog = self.resolver.catalog();
        let answers = questions
            .map(|hash| {
                let catalog = std::sync::Arc::clone(catalog);
                // Tasks, so that answers are read on all cores; they end with this.
                AbortOnDropHandle::new(tokio::spawn(
                    async move { (hash, catalog.version_by_hash(&hash.to_string()).await) },
                ))
            })
            .buffer_unordered(AT_ONCE);
        let mut answers = std::pin::pin!(answers);
        let mut heard = HashMap::new();
        loop {
            let answer = tokio::select! {
                () = self.control.cancelled() => return Err(Stop::Cancelled),
                answer = answers.next() => answer,
            };
            let Some(answer) = answer else { return Ok(heard) };
            let Ok((hash, answer)) = answer else { continue };
            let is_over = answer.as_ref().is_err_and(|error| error.kind != CatalogErrorKind::NotFound);
            heard.insert(hash, answer);
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

/// What a clue is good for.
enum Reading {
    /// It is a SHA-256, and was compared with the file on disk.
    Belief(Known),
    /// Civitai has to say what it is a hash of, and whether that has this file's size.
    Candidate(AnyHash, Tool),
}

fn reading_of(clue: &Clue) -> Option<Reading> {
    Some(match clue.hash {
        ClueHash::Sha256(sha256) if clue.strength != Strength::Unchecked => {
            Reading::Belief(Known { sha256, provenance: Provenance::Imported, source: Some(clue.tool) })
        }
        ClueHash::Sha256(sha256) => Reading::Candidate(AnyHash::Sha256(sha256), clue.tool),
        ClueHash::Blake3(hash) => Reading::Candidate(AnyHash::Blake3(hash), clue.tool),
        ClueHash::Tensors(hash) => {
            Reading::Candidate(AnyHash::AutoV3(AutoV3::from_slice(&hash[..AutoV3::BYTES])?), clue.tool)
        }
        ClueHash::AutoV3(hash) => Reading::Candidate(AnyHash::AutoV3(hash), clue.tool),
        ClueHash::AutoV2(hash) => Reading::Candidate(AnyHash::AutoV2(hash), clue.tool),
    })
}

/// Whether reading all of it would take too long to wait for names.
fn is_worth_asking<'a>(waiting: impl Iterator<Item = &'a Pending>) -> bool {
    let (mut bytes, mut largest) = (0, 0);
    for pending in waiting {
        bytes += pending.print.size;
        largest = largest.max(pending.print.size);
    }
    bytes / ASSUMED_SPEED >= WORTH_WAITING || largest >= LARGE
}
