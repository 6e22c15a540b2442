//! Reads the whole vault, page by page.
//!
//! There are pages only, and no cursor: what is put in or taken out meanwhile moves everything behind it by one, so an
//! item shows twice or not at all. The newest come first, so whatever is put in shows on the first page, and whatever is
//! taken out shows in the total. A reading counts as whole only if neither has changed from its beginning to its end.

use std::collections::{BTreeMap, HashSet};

use super::item::VaultItem;
use super::service::{VaultPage, VaultService};
use super::told;
use crate::error::{Code, Error};
use crate::units::VaultItemId;

/// How often a vault that changes while it is read is read from its beginning.
const TRIES: u32 = 3;

/// Most pages of one reading: with 200 items each, more than anybody has.
const MAX_PAGES: u32 = 500;

/// What was read.
#[derive(Debug)]
pub(super) struct Reading {
    /// Every item that was seen, once.
    pub(super) items: Vec<VaultItem>,
    /// Why it may not be everything; nothing if it is.
    pub(super) problem: Option<Error>,
}

/// Reads until the vault holds still for the length of a reading.
pub(super) async fn read(service: &dyn VaultService) -> Reading {
    let mut seen: BTreeMap<VaultItemId, VaultItem> = BTreeMap::new();
    let mut problem = None;
    for _ in 0..TRIES {
        match read_once(service).await {
            Ok((once, Steady::Yes)) => return once,
            Ok((once, Steady::No)) => {
                seen.extend(once.items.into_iter().map(|item| (item.id, item)));
                problem = once.problem;
            }
            Err((items, error)) => {
                seen.extend(items.into_iter().map(|item| (item.id, item)));
                problem = Some(told(error));
                break;
            }
        }
    }
    Reading { items: seen.into_values().collect(), problem }
}

type Broken = (Vec<VaultItem>, crate::catalog::CatalogError);

/// Whether reading once more would bring the same.
enum Steady {
    Yes,
    No,
}

async fn read_once(service: &dyn VaultService) -> Result<(Reading, Steady), Broken> {
    let mut pass = Pass::default();
    let mut number = 1;
    let first = loop {
        let page = match service.vault_page(number).await {
            Ok(page) => page,
            Err(error) => return Err((pass.items, error)),
        };
        let (has_items, before) = (!page.items.is_empty(), pass.items.len());
        let mut is_last = page.is_empty() || page.pages.is_some_and(|pages| number >= pages);
        let ids = pass.take(page);
        if has_items && pass.items.len() == before {
            // Nothing new on it: everything has moved by a page, or the server sends one page for all.
            (is_last, pass.moved) = (true, true);
        }
        let first = pass.first.get_or_insert(ids).clone();
        if is_last {
            break first;
        }
        if number == MAX_PAGES {
            pass.odd = Some("it has more pages than Modeldock reads");
            break first;
        }
        number += 1;
    };
    if number > 1 && pass.odd.is_none() && !pass.moved {
        match service.vault_page(1).await {
            Ok(page) if page.ids() != first => pass.moved = true,
            Ok(page) => pass.note_total(page.total),
            Err(error) => return Err((pass.items, error)),
        }
    }
    Ok(pass.end())
}

impl VaultPage {
    fn is_empty(&self) -> bool {
        self.items.is_empty() && self.unreadable == 0
    }

    fn ids(&self) -> Vec<VaultItemId> {
        self.items.iter().map(|item| item.id).collect()
    }
}

/// One reading under way.
#[derive(Default)]
struct Pass {
    items: Vec<VaultItem>,
    seen: HashSet<VaultItemId>,
    first: Option<Vec<VaultItemId>>,
    rows: u32,
    unreadable: u32,
    total: Option<u32>,
    moved: bool,
    odd: Option<&'static str>,
}

impl Pass {
    /// Takes a page in and gives its ids.
    fn take(&mut self, page: VaultPage) -> Vec<VaultItemId> {
        self.note_total(page.total);
        let ids = page.ids();
        let rows = u32::try_from(page.items.len()).unwrap_or(u32::MAX).saturating_add(page.unreadable);
        self.rows = self.rows.saturating_add(rows);
        self.unreadable = self.unreadable.saturating_add(page.unreadable);
        for item in page.items {
            if self.seen.insert(item.id) {
                self.items.push(item);
            }
        }
        ids
    }

    fn note_total(&mut self, total: Option<u32>) {
        self.moved |= self.total.is_some() && total != self.total;
        self.total = total.or(self.total);
    }

    fn end(self) -> (Reading, Steady) {
        let is_short = self.total.is_some_and(|total| total != self.rows);
        let is_steady = self.odd.is_some() || !(self.moved || is_short);
        let problem = match self.odd {
            Some(odd) => Some(Error::new(Code::Server, format!("The vault was read in part: {odd}"))),
            None if self.moved || is_short => Some(
                Error::new(Code::Server, "The vault kept changing while it was read, so the list may lack something")
                    .hint("Refresh it once nothing else changes the vault"),
            ),
            None if self.unreadable > 0 => Some(Error::new(
                Code::Server,
                format!("Of the vault's items, {} could not be read; the rest is shown", self.unreadable),
            )),
            None => None,
        };
        (Reading { items: self.items, problem }, if is_steady { Steady::Yes } else { Steady::No })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;

    use super::super::item::VaultInfo;
    use super::super::service::{ToggleError, Toggled, VaultHolding};
    use super::*;
    use crate::catalog::{CatalogError, CatalogErrorKind};
    use crate::units::VersionId;

    /// Has two more items on every page, for ever. The simulator cannot: its vaults end.
    struct Endless(AtomicU32);

    fn refused() -> CatalogError {
        CatalogError { kind: CatalogErrorKind::Refused(400), message: String::new() }
    }

    #[async_trait]
    impl VaultService for Endless {
        async fn vault(&self) -> Result<Option<VaultInfo>, CatalogError> {
            Err(refused())
        }

        async fn vault_page(&self, page: u32) -> Result<VaultPage, CatalogError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            let item = |id: u32| {
                let fields = serde_json::json!({
                    "id": id, "version_id": id, "model_name": "", "version_name": "", "kind": "LORA", "status": "stored",
                    "files": [], "model_size": 0, "details_size": 0, "images_size": 0,
                });
                serde_json::from_value(fields).unwrap()
            };
            Ok(VaultPage { items: vec![item(2 * page), item(2 * page + 1)], ..VaultPage::default() })
        }

        async fn vault_holds(&self, _: &[VersionId]) -> Result<Vec<VaultHolding>, CatalogError> {
            Err(refused())
        }

        async fn vault_toggle(&self, _: VersionId) -> Result<Toggled, ToggleError> {
            Err(ToggleError { error: refused(), refusal: None })
        }
    }

    #[tokio::test]
    async fn an_endless_vault_ends() {
        let endless = Endless(AtomicU32::new(0));
        let reading = read(&endless).await;
        assert_eq!((reading.items.len(), endless.0.load(Ordering::SeqCst)), (1000, MAX_PAGES));
        assert!(reading.problem.is_some());
    }
}
