//! Puts versions into the vault or takes them out: "let it be in" made of a toggle that cannot say that.
//!
//! Looked at before, toggled only where needed and only once, looked at again. What is told afterwards is what the vault
//! then showed, not what a reply said or failed to say. A toggle whose reply got lost is looked after at once, since it
//! may mean that the server is gone; then nothing more is sent.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::item::VaultItem;
use super::reason::{self, Known};
use super::service::{HOLDINGS_PER_REQUEST, ToggleError, Toggled, VaultService};
use super::state::Standing;
use super::told;
use crate::catalog::{CatalogError, CatalogErrorKind};
use crate::error::{Code, Error};
use crate::units::{ByteCount, VersionId};

/// Where a version is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultSide {
    /// In the vault.
    In,
    /// Not in the vault.
    Out,
}

/// What became of one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultOutcome {
    /// It is where it was to be, and was not before.
    Changed,
    /// It was there already; nothing was sent.
    AlreadySo,
    /// It is not where it was to be.
    NotChanged,
    /// Civitai was told, and nobody knows what came of it.
    Unknown,
}

/// One version, for those who carry the change out.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) version: VersionId,
    /// For people.
    pub(crate) title: String,
    /// What its model files take up, where that is known.
    pub(crate) size: Option<ByteCount>,
}

/// What came of a change.
#[derive(Debug, Default)]
pub(crate) struct Changed {
    /// Each version of the wish once.
    pub(crate) outcomes: HashMap<VersionId, (VaultOutcome, Option<Error>)>,
    /// What the vault was last seen to hold of each.
    pub(crate) seen: HashMap<VersionId, Option<VaultItem>>,
    /// The vault as a whole afterwards, if something changed and it could be asked about.
    pub(crate) vault: Option<Standing>,
}

/// Carries out one change of several versions.
pub(crate) async fn change(service: &dyn VaultService, wishes: &[Wish], to: VaultSide) -> Changed {
    let mut change = Change { service, to, changed: Changed::default() };
    let versions: Vec<VersionId> = wishes.iter().map(|wish| wish.version).collect();
    if let Err(error) = change.look(&versions).await {
        let problem = told(error);
        let outcomes = wishes.iter().map(|wish| (wish.version, not_changed(problem.clone())));
        return Changed { outcomes: outcomes.collect(), ..change.changed };
    }
    let sent = change.send(wishes).await;
    change.settle(wishes, sent).await;
    change.changed
}

/// What came of one toggle.
enum Sent {
    /// Civitai confirmed it, whichever way it went.
    Confirmed(Toggled),
    /// Civitai did not: it refused, or the vault was looked at since.
    Failed(ToggleError),
    /// Civitai did not, and does not answer any more.
    Lost(CatalogError),
    /// It was not sent because of what came of another.
    Held(CatalogError),
}

struct Change<'a> {
    service: &'a dyn VaultService,
    to: VaultSide,
    changed: Changed,
}

impl Change<'_> {
    fn is_so(&self, version: VersionId) -> bool {
        let is_in = self.changed.seen.get(&version).is_some_and(Option::is_some);
        is_in == (self.to == VaultSide::In)
    }

    /// Looks at what the vault holds of these.
    async fn look(&mut self, versions: &[VersionId]) -> Result<(), CatalogError> {
        for chunk in versions.chunks(HOLDINGS_PER_REQUEST) {
            let holdings = self.service.vault_holds(chunk).await?;
            self.changed.seen.extend(holdings.into_iter().map(|holding| (holding.version, holding.item)));
        }
        Ok(())
    }

    /// Toggles what is not where it should be, each once.
    async fn send(&mut self, wishes: &[Wish]) -> HashMap<VersionId, Sent> {
        let mut sent = HashMap::new();
        let mut over: Option<CatalogError> = None;
        let mut asked = HashSet::new();
        for version in wishes.iter().map(|wish| wish.version) {
            // Named twice, a version would go in and out again.
            if !asked.insert(version) {
                continue;
            }
            if self.is_so(version) {
                self.changed.outcomes.insert(version, (VaultOutcome::AlreadySo, None));
                continue;
            }
            if let Some(error) = &over {
                sent.insert(version, Sent::Held(error.clone()));
                continue;
            }
            let outcome = match self.service.vault_toggle(version).await {
                Ok(toggled) => Sent::Confirmed(toggled),
                Err(failed) if failed.refusal.is_some() => Sent::Failed(failed),
                Err(failed) => {
                    let is_ended =
                        matches!(failed.error.kind, CatalogErrorKind::RateLimited(_) | CatalogErrorKind::Unauthorised);
                    match self.look(&[version]).await {
                        Ok(()) if is_ended => {
                            over = Some(failed.error.clone());
                            Sent::Failed(failed)
                        }
                        Ok(()) => Sent::Failed(failed),
                        Err(_) if is_ended => {
                            // A refusal of the key or of the pace is one of the toggle as well: it did nothing.
                            over = Some(failed.error.clone());
                            Sent::Failed(failed)
                        }
                        Err(error) => {
                            over = Some(error);
                            Sent::Lost(failed.error)
                        }
                    }
                }
            };
            sent.insert(version, outcome);
        }
        sent
    }

    /// Looks again, and says what is so.
    async fn settle(&mut self, wishes: &[Wish], sent: HashMap<VersionId, Sent>) {
        let touched: Vec<VersionId> = sent
            .iter()
            .filter(|(_, sent)| matches!(sent, Sent::Confirmed(_) | Sent::Failed(_)))
            .map(|(version, _)| *version)
            .collect();
        let looked = self.look(&touched).await;
        if !touched.is_empty() {
            self.changed.vault = self.service.vault().await.ok().map(Standing::of);
        }
        let wishes: HashMap<VersionId, &Wish> = wishes.iter().map(|wish| (wish.version, wish)).collect();
        for (version, sent) in sent {
            let Some(wish) = wishes.get(&version) else { continue };
            let outcome = self.outcome(wish, sent, looked.as_ref().err());
            self.changed.outcomes.insert(version, outcome);
        }
    }

    fn outcome(&mut self, wish: &Wish, sent: Sent, blind: Option<&CatalogError>) -> (VaultOutcome, Option<Error>) {
        match (sent, blind) {
            (Sent::Held(error), _) => not_changed(told(error)),
            (Sent::Lost(error), _) => {
                // What was seen before says nothing any more.
                self.changed.seen.remove(&wish.version);
                let message =
                    format!("Whether `{}` was changed in the vault is not known: {}", wish.title, error.message);
                let problem = Error::new(error.code(), message).hint("Refresh the vault before you try again");
                (VaultOutcome::Unknown, Some(problem))
            }
            (Sent::Confirmed(toggled), Some(_)) => {
                // The reply itself says what is so; only the item's details are still to come, with the next reading.
                self.changed.seen.remove(&wish.version);
                let is_so = matches!(toggled, Toggled::In(_)) == (self.to == VaultSide::In);
                if is_so { (VaultOutcome::Changed, None) } else { not_changed(self.crossed(wish)) }
            }
            // A failed one was looked after when it failed, so what was seen counts even if nothing could be seen since.
            (Sent::Failed(_), _) | (Sent::Confirmed(_), None) if self.is_so(wish.version) => {
                (VaultOutcome::Changed, None)
            }
            (Sent::Confirmed(_), None) => not_changed(self.crossed(wish)),
            (Sent::Failed(failed), _) => not_changed(self.failure(wish, failed)),
        }
    }

    /// Somebody else toggled at the same moment. Toggling back could cross with them once more.
    fn crossed(&self, wish: &Wish) -> Error {
        let place = if self.to == VaultSide::In { "not in the vault" } else { "still in the vault" };
        let message = format!("`{}` is {place}: it was changed elsewhere at the same moment", wish.title);
        Error::new(Code::Server, message).hint("Refresh the vault, then try again")
    }

    fn failure(&self, wish: &Wish, failed: ToggleError) -> Error {
        match failed.refusal {
            Some(refusal) => {
                let known = Known { to: self.to, refusal, vault: self.changed.vault, size: wish.size };
                reason::likely(&wish.title, &known)
            }
            None => {
                let place = if self.to == VaultSide::In { "not in the vault" } else { "still in the vault" };
                let problem = told(failed.error);
                Error { message: format!("`{}` is {place}: {}", wish.title, problem.message), ..problem }
            }
        }
    }
}

fn not_changed(problem: Error) -> (VaultOutcome, Option<Error>) {
    (VaultOutcome::NotChanged, Some(problem))
}
