//! Asks Civitai what contents are, in as few requests as it allows, and remembers the answers.
//!
//! Two steps: hashes to version ids (10,000 a request), then the versions nobody has described yet (100 a request). The
//! second cannot replace the first, because its answer does not repeat the hash that was asked and leaves out archived
//! models' files. Only an absence from a complete answer, or a real 404, is remembered as "not found"; every failure
//! leaves the content pending with a time to ask again.

mod fallback;
mod schedule;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use futures_util::StreamExt as _;

use crate::catalog::{
    Catalog, CatalogError, CatalogErrorKind, IDS_PER_REQUEST, ModelVersion, VERSIONS_PER_REQUEST, VersionFile,
};
use crate::error::{Error, Result};
use crate::event::Event;
use crate::hash::Sha256;
use crate::jobs::JobControl;
use crate::library::MatchedBy;
use crate::roots::ModelKind;
use crate::store::{Described, Outcome, Store, Unresolved, Which};
use crate::units::{RootId, UnixMillis, VersionId};

/// What Civitai said about a version is asked for again after this long, when its files are asked about anyway, and
/// after this long if the user asks, in seconds.
const DESCRIPTION_IS_FRESH: i64 = 7 * 24 * 3600;
const JUST_ASKED: i64 = 60;

/// Contents that take questions of their own: asked about at once, and committed at once.
const SINGLES_AT_ONCE: usize = 4;
const SINGLES_PER_COMMIT: usize = 64;

/// What came of one pass.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ResolveSummary {
    pub(crate) asked: u32,
    pub(crate) matched: u32,
    pub(crate) not_found: u32,
    pub(crate) pending: u32,
    /// Why something is still pending; the first reason if there were several.
    pub(crate) problem: Option<Error>,
}

/// One content's answer, told after it has been stored.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) sha256: Sha256,
    pub(crate) outcome: Outcome,
}

/// What Civitai said about a content that took questions of its own; `None` if it does not know it.
type Single = Result<Option<Outcome>, CatalogError>;

/// Asks and remembers.
#[derive(Clone)]
pub(crate) struct Resolver {
    store: Store,
    catalog: Arc<dyn Catalog>,
}

/// One pass's running notes.
struct Pass {
    summary: ResolveSummary,
    random: u32,
}

impl Resolver {
    pub(crate) fn new(store: Store, catalog: Arc<dyn Catalog>) -> Self {
        Self { store, catalog }
    }

    /// Whom it asks.
    pub(crate) fn catalog(&self) -> &Arc<dyn Catalog> {
        &self.catalog
    }

    /// Asks about every content that `which` names. `on_answers` hears of each batch after it was stored.
    pub(crate) async fn run(
        &self,
        which: Which,
        roots: Option<Vec<RootId>>,
        control: &JobControl,
        mut on_answers: impl FnMut(&[Answer]) + Send,
    ) -> Result<ResolveSummary> {
        let now = UnixMillis::now();
        let fresh_after = now.plus_seconds(match which {
            Which::Due { .. } => -DESCRIPTION_IS_FRESH,
            // Somebody wants to know now.
            Which::Files(_) => -JUST_ASKED,
        });
        let wanted = self.store.read(move |tx| tx.unresolved(&which, roots.as_deref())).await?;
        let mut pass = Pass { summary: ResolveSummary::default(), random: seed() };
        let mut unreachable: Option<CatalogError> = None;
        let mut patience = Patience::default();
        for chunk in wanted.chunks(IDS_PER_REQUEST) {
            if control.is_cancelled() {
                break;
            }
            pass.summary.asked += count(chunk.len());
            let (answers, others) = match &unreachable {
                Some(error) => (pass.all_pending(chunk, error), Vec::new()),
                None => {
                    let asked = tokio::select! {
                        () = control.cancelled() => break,
                        asked = self.ask(chunk, fresh_after, &mut pass) => asked?,
                    };
                    match asked {
                        Ok(asked) => asked,
                        Err(error) => {
                            let answers = pass.all_pending(chunk, &error);
                            unreachable = Some(error);
                            (answers, Vec::new())
                        }
                    }
                }
            };
            self.remember(&answers).await?;
            pass.count(&answers);
            on_answers(&answers);
            for part in others.chunks(SINGLES_PER_COMMIT) {
                let answers = tokio::select! {
                    () = control.cancelled() => return Ok(pass.summary),
                    answers = self.ask_one_by_one(part, &mut patience, &mut pass) => answers?,
                };
                self.remember(&answers).await?;
                pass.count(&answers);
                on_answers(&answers);
            }
        }
        Ok(pass.summary)
    }

    /// One batch: the answers, and what has to be asked about one by one. The outer error is ours, the inner one
    /// Civitai's.
    async fn ask(
        &self,
        chunk: &[Unresolved],
        fresh_after: UnixMillis,
        pass: &mut Pass,
    ) -> Result<Result<(Vec<Answer>, Vec<Unresolved>), CatalogError>> {
        // What the user said needs no looking up by hash.
        let hashes: Vec<Sha256> =
            chunk.iter().filter(|wanted| wanted.link.is_none()).map(|wanted| wanted.sha256).collect();
        let matches = match hashes.as_slice() {
            [] => Vec::new(),
            hashes => match self.catalog.ids_by_hash(hashes).await {
                Ok(matches) => matches,
                Err(error) => return Ok(Err(error)),
            },
        };
        // One content may be in several versions.
        let mut candidates: BTreeMap<Sha256, Vec<VersionId>> = BTreeMap::new();
        for found in matches {
            candidates.entry(found.sha256).or_default().push(found.version_id);
        }
        let undescribed = self.describe(&candidates, fresh_after).await?;

        let ids: Vec<VersionId> = candidates.values().flatten().copied().collect();
        let described: HashMap<VersionId, Described> = self
            .store
            .read(move |tx| {
                let described = |id| Ok(tx.described(id)?.map(|described| (id, described)));
                ids.into_iter().filter_map(|id| described(id).transpose()).collect()
            })
            .await?;
        let now = UnixMillis::now();
        let mut answers = Vec::with_capacity(chunk.len());
        let mut others = Vec::new();
        for wanted in chunk {
            let outcome = match candidates.get(&wanted.sha256) {
                None if wanted.link.is_some() || is_asked_otherwise(wanted) => {
                    others.push(*wanted);
                    continue;
                }
                None => not_found(wanted, now),
                Some(versions) => match versions.iter().find_map(|version| undescribed.get(version)) {
                    Some(error) => pass.pending(wanted, error, now),
                    None => {
                        let version = original(versions, &described);
                        let described = described.get(&version);
                        let is_it = |file: &&VersionFile| file.sha256 == Some(wanted.sha256);
                        let file = described.and_then(|described| described.files.iter().find(is_it));
                        matched(version, file, described.map(|described| &described.kind), MatchedBy::Sha256, now)
                    }
                },
            };
            answers.push(Answer { sha256: wanted.sha256, outcome });
        }
        Ok(Ok((answers, others)))
    }

    /// Contents that each take questions of their own, a few at a time.
    async fn ask_one_by_one(
        &self,
        part: &[Unresolved],
        patience: &mut Patience,
        pass: &mut Pass,
    ) -> Result<Vec<Answer>> {
        let shared = &tokio::sync::Mutex::new(patience);
        let asked: Vec<(Unresolved, Result<Single>)> = futures_util::stream::iter(part.iter().copied())
            .map(|wanted| async move { (wanted, self.ask_about_one(&wanted, shared).await) })
            .buffer_unordered(SINGLES_AT_ONCE)
            .collect()
            .await;
        let now = UnixMillis::now();
        asked
            .into_iter()
            .map(|(wanted, asked)| {
                let outcome = match asked? {
                    Ok(Some(outcome)) => outcome,
                    Ok(None) => not_found(&wanted, now),
                    Err(error) => pass.pending(&wanted, &error, now),
                };
                Ok(Answer { sha256: wanted.sha256, outcome })
            })
            .collect()
    }

    /// A content that the user linked, or that Civitai does not know by its SHA-256. `None`: it is not known at all.
    async fn ask_about_one(&self, wanted: &Unresolved, patience: &SharedPatience<'_>) -> Result<Single> {
        let now = UnixMillis::now();
        if let Some(link) = wanted.link {
            let version = match ask_patiently(patience, self.catalog.version(link)).await {
                Ok(version) => version,
                Err(error) if error.kind == CatalogErrorKind::NotFound => return Ok(Ok(None)),
                Err(error) => return Ok(Err(error)),
            };
            let kind = version.kind.clone();
            self.keep(vec![version]).await?;
            return Ok(Ok(Some(matched(link, None, Some(&kind), MatchedBy::Link, now))));
        }
        let found = match self.ask_otherwise(wanted.sha256, patience).await? {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        };
        let outcome = matched(found.version.id, Some(&found.file), Some(&found.version.kind), found.by, now);
        self.keep(vec![found.version]).await?;
        Ok(Ok(Some(outcome)))
    }

    /// Gets and stores what Civitai says about versions that are not in the store, or there for too long. Returns those it could not say
    /// anything about for now; those it never will are simply left undescribed.
    async fn describe(
        &self,
        candidates: &BTreeMap<Sha256, Vec<VersionId>>,
        fresh_after: UnixMillis,
    ) -> Result<HashMap<VersionId, CatalogError>> {
        // One hash brings every version that holds it; a version with several of the files needs only one of them.
        let mut covered = HashSet::new();
        let mut wanted: Vec<(Sha256, Vec<VersionId>)> = Vec::new();
        let all: Vec<VersionId> = candidates.values().flatten().copied().collect();
        let known: HashSet<VersionId> = self
            .store
            .read(move |tx| {
                let is_fresh = |described: &Described| described.fetched_at >= fresh_after;
                let known = |id| Ok(tx.described(id)?.filter(is_fresh).map(|_| id));
                all.into_iter().filter_map(|id| known(id).transpose()).collect()
            })
            .await?;
        for (sha256, versions) in candidates {
            let missing: Vec<VersionId> =
                versions.iter().filter(|id| !known.contains(id)).filter(|id| covered.insert(**id)).copied().collect();
            if !missing.is_empty() {
                wanted.push((*sha256, missing));
            }
        }

        let mut failed = HashMap::new();
        let mut patience = Patience::default();
        // What one question brought is stored while the next one is asked.
        let mut keeping = None;
        for chunk in wanted.chunks(VERSIONS_PER_REQUEST) {
            let hashes: Vec<Sha256> = chunk.iter().map(|(sha256, _)| *sha256).collect();
            let mut missing: HashSet<VersionId> = chunk.iter().flat_map(|(_, versions)| versions).copied().collect();
            let kept = async {
                match keeping.take() {
                    Some(keeping) => keeping.await,
                    None => Ok(()),
                }
            };
            let (answer, kept) = tokio::join!(patience.ask(self.catalog.versions_by_hash(&hashes)), kept);
            kept?;
            match answer {
                Ok(mut described) => {
                    described.retain(|version| missing.remove(&version.id));
                    for id in missing {
                        match patience.ask(self.catalog.version(id)).await {
                            Ok(version) => described.push(version),
                            Err(error) if error.kind == CatalogErrorKind::NotFound => {}
                            Err(error) => {
                                failed.insert(id, error);
                            }
                        }
                    }
                    keeping = Some(self.keep(described));
                }
                Err(error) => failed.extend(missing.into_iter().map(|id| (id, error.clone()))),
            }
        }
        match keeping {
            Some(keeping) => keeping.await.map(|()| failed),
            None => Ok(failed),
        }
    }

    async fn keep(&self, versions: Vec<ModelVersion>) -> Result<()> {
        let now = UnixMillis::now();
        self.store
            .write(move |tx| {
                versions.iter().try_for_each(|version| tx.put_version(version, now))?;
                Ok(())
            })
            .await
    }

    async fn remember(&self, answers: &[Answer]) -> Result<()> {
        let answers = answers.to_vec();
        let now = UnixMillis::now();
        self.store
            .write(move |tx| {
                answers.iter().try_for_each(|answer| tx.put_outcome(answer.sha256, &answer.outcome, now))?;
                tx.publish(Event::LibraryChanged);
                Ok(())
            })
            .await
    }
}

/// How long a server in trouble is asked on. Ten thousand files are a hundred questions; a refused one is not followed
/// by ninety-nine more.
#[derive(Default)]
struct Patience {
    failures: u32,
    over: Option<CatalogError>,
}

impl Patience {
    /// Failures in a row that may be about the question: one batch that Civitai cannot answer must not keep it from
    /// being asked for the others.
    const FAILURES: u32 = 3;

    /// Asks, or gives the failure that ended the asking.
    async fn ask<T>(&mut self, question: impl Future<Output = Result<T, CatalogError>>) -> Result<T, CatalogError> {
        self.check()?;
        let answer = question.await;
        self.learn(&answer);
        answer
    }

    /// The failure that ended the asking, if it has ended.
    fn check(&self) -> Result<(), CatalogError> {
        self.over.as_ref().map_or(Ok(()), |error| Err(error.clone()))
    }

    fn learn<T>(&mut self, answer: &Result<T, CatalogError>) {
        match answer {
            Err(error) if error.kind != CatalogErrorKind::NotFound => {
                self.failures += 1;
                if is_about_the_server(error.kind) || self.failures == Self::FAILURES {
                    self.over = Some(error.clone());
                }
            }
            Ok(_) | Err(_) => self.failures = 0,
        }
    }
}

/// The patience of several questions at once.
type SharedPatience<'a> = tokio::sync::Mutex<&'a mut Patience>;

/// Asks as [`Patience::ask`] does, with others under way.
async fn ask_patiently<T>(
    patience: &SharedPatience<'_>,
    question: impl Future<Output = Result<T, CatalogError>>,
) -> Result<T, CatalogError> {
    patience.lock().await.check()?;
    let answer = question.await;
    patience.lock().await.learn(&answer);
    answer
}

/// Whether the next question would fail the same way, whatever it is.
fn is_about_the_server(kind: CatalogErrorKind) -> bool {
    match kind {
        CatalogErrorKind::Offline | CatalogErrorKind::RateLimited(_) | CatalogErrorKind::Unauthorised => true,
        CatalogErrorKind::Server(status, retry_after) => status != 500 || retry_after.is_some(),
        CatalogErrorKind::NotFound | CatalogErrorKind::NotJson | CatalogErrorKind::Refused(_) => false,
    }
}

impl Pass {
    fn pending(&mut self, wanted: &Unresolved, error: &CatalogError, now: UnixMillis) -> Outcome {
        self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let attempts = if wanted.not_found { 1 } else { wanted.attempts + 1 };
        let problem = Error::from(error.clone());
        self.summary.problem.get_or_insert_with(|| problem.clone());
        let retry_at = schedule::after_failure(now, attempts, error.retry_after(), self.random >> 8);
        Outcome::Pending { retry_at, attempts, problem }
    }

    fn all_pending(&mut self, chunk: &[Unresolved], error: &CatalogError) -> Vec<Answer> {
        let now = UnixMillis::now();
        chunk.iter().map(|wanted| Answer { sha256: wanted.sha256, outcome: self.pending(wanted, error, now) }).collect()
    }

    fn count(&mut self, answers: &[Answer]) {
        for answer in answers {
            match answer.outcome {
                Outcome::Matched { .. } => self.summary.matched += 1,
                Outcome::NotFound { .. } => self.summary.not_found += 1,
                Outcome::Pending { .. } => self.summary.pending += 1,
            }
        }
    }
}

/// Where a content comes from, if several versions hold it: the first one published, as Civitai's own look-up decides.
/// Dates are ISO 8601 in UTC, so their text orders them; a version without one counts as last.
fn original(versions: &[VersionId], described: &HashMap<VersionId, Described>) -> VersionId {
    let published = |id: &VersionId| described.get(id).and_then(|described| described.published_at.clone());
    let key = |id: &VersionId| (published(id).is_none(), published(id), *id);
    versions.iter().copied().min_by_key(key).unwrap_or_default()
}

fn not_found(wanted: &Unresolved, now: UnixMillis) -> Outcome {
    let attempts = if wanted.not_found { wanted.attempts + 1 } else { 1 };
    Outcome::NotFound { retry_at: schedule::after_not_found(now, attempts), attempts }
}

/// Whether a content that its SHA-256 does not find is asked about by its other hashes: only what was read in full has
/// any, and not at every try.
fn is_asked_otherwise(wanted: &Unresolved) -> bool {
    wanted.measured && schedule::is_asked_otherwise(wanted.not_found, wanted.attempts)
}

/// Which file of the version it is, and so what kind of model. The file's type counts before the model's: the VAE that
/// comes with a checkpoint is a VAE.
fn matched(
    version: VersionId,
    file: Option<&VersionFile>,
    model_kind: Option<&ModelKind>,
    by: MatchedBy,
    now: UnixMillis,
) -> Outcome {
    let told = file.and_then(|file| kind_of_file_type(&file.file_type));
    let kind = model_kind.and(told.or_else(|| model_kind.cloned()));
    Outcome::Matched { version, file: file.map(|file| file.id), kind, by, retry_at: schedule::after_match(now) }
}

/// What a file is whose type Civitai spells like this; nothing where the type says no more than the model's.
pub(crate) fn kind_of_file_type(file_type: &str) -> Option<ModelKind> {
    Some(match file_type {
        "VAE" => ModelKind::Vae,
        "Text Encoder" => ModelKind::TextEncoder,
        "Vision Encoder" | "CLIPVision" => ModelKind::ClipVision,
        "Diffusion Model" => ModelKind::DiffusionModel,
        "UNet" => ModelKind::Unet,
        "ControlNet" => ModelKind::Controlnet,
        "Upscaler" => ModelKind::Upscaler,
        "Negative" => ModelKind::TextualInversion,
        "Enhancement LoRA" => ModelKind::Lora,
        _ => return None,
    })
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Spreading retries needs no secrecy, only that two computers differ.
fn seed() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of it will do")]
    let seed = RandomState::new().hash_one(UnixMillis::now()) as u32;
    seed
}
