//! Counts what each choice of a filter would show.
//!
//! Every facet is counted with all filters but its own, so that a choice says what adding it would bring. A file that
//! fails two filters counts nowhere; one that fails a single one counts for that facet alone: one pass is enough.

use std::collections::{BTreeMap, HashMap};

use super::index::{Entry, Index, Passes, Words};
use super::{FacetCount, Facets, ItemState};
use crate::roots::ModelKind;
use crate::units::RootId;

/// The order in which states are shown.
const STATES: [ItemState; 5] =
    [ItemState::Matched, ItemState::Probable, ItemState::NotFound, ItemState::Pending, ItemState::Failed];

/// One count for each word, or each state.
pub(super) struct FacetCounter<'i> {
    index: &'i Index,
    kinds: Vec<u32>,
    bases: Vec<u32>,
    roots: HashMap<RootId, u32>,
    states: [u32; STATES.len()],
    duplicates: u32,
    missing: u32,
    tags: Vec<u32>,
    favourites: u32,
}

impl<'i> FacetCounter<'i> {
    pub(super) fn new(index: &'i Index) -> Self {
        Self {
            index,
            kinds: vec![0; index.kinds.len()],
            bases: vec![0; index.bases.len()],
            roots: HashMap::new(),
            states: [0; STATES.len()],
            duplicates: 0,
            missing: 0,
            tags: vec![0; index.tags.len()],
            favourites: 0,
        }
    }

    pub(super) fn add(&mut self, entry: &Entry, passes: Passes) {
        let failed = passes.iter().filter(|passed| !**passed).count();
        let counts_for = |facet: usize| failed == 0 || (failed == 1 && !passes[facet]);
        if counts_for(0) {
            self.kinds[entry.kind as usize] += 1;
        }
        if counts_for(1) {
            self.bases[entry.base as usize] += 1;
        }
        if counts_for(2) {
            *self.roots.entry(entry.root).or_default() += 1;
        }
        if counts_for(3)
            && let Some(at) = STATES.iter().position(|state| *state == entry.state)
        {
            self.states[at] += 1;
        }
        self.duplicates += u32::from(counts_for(4) && entry.duplicate);
        self.missing += u32::from(counts_for(5) && entry.missing);
        if counts_for(6) {
            for tag in &entry.tags {
                self.tags[*tag as usize] += 1;
            }
        }
        self.favourites += u32::from(counts_for(7) && entry.favourite);
    }

    pub(super) fn finish(self, all: u32, roots: &[(RootId, String)]) -> Facets {
        let label = |value: &str| ModelKind::from(value).label().to_owned();
        let same = |value: &str| value.to_owned();
        Facets {
            all,
            kinds: most_first(&self.index.kinds, &self.kinds, label),
            base_models: {
                let mut known = most_first(&self.index.bases, &self.bases, same);
                // "Not known" is no choice.
                known.retain(|choice| !choice.value.is_empty());
                known
            },
            roots: roots
                .iter()
                .map(|(id, name)| FacetCount {
                    value: id.0.to_string(),
                    label: name.clone(),
                    count: self.roots.get(id).copied().unwrap_or(0),
                })
                .collect(),
            states: STATES
                .into_iter()
                .zip(self.states)
                .filter(|(_, count)| *count > 0)
                .map(|(state, count)| FacetCount {
                    value: state.as_str().to_owned(),
                    label: state.as_str().to_owned(),
                    count,
                })
                .collect(),
            duplicates: self.duplicates,
            missing: self.missing,
            tags: most_first(&self.index.tags, &self.tags, same),
            favourites: self.favourites,
        }
    }
}

/// Those that occur, most first.
fn most_first(words: &Words, counts: &[u32], label: impl Fn(&str) -> String) -> Vec<FacetCount> {
    let counted = words.iter().zip(counts).filter(|(_, count)| **count > 0);
    let sorted: BTreeMap<_, _> = counted.map(|(word, count)| ((std::cmp::Reverse(*count), word), *count)).collect();
    sorted
        .into_iter()
        .map(|((_, word), count)| FacetCount { value: word.to_owned(), label: label(word), count })
        .collect()
}
