//! What was shown lately, in memory: which versions a model has, where a picture is, and which search is under way.
//!
//! The page names models and pictures by what it was shown, never by an address: so nothing it sends can make the engine
//! fetch from anywhere. What is forgotten here is shown as if it were not known, until it is looked for again.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use super::listed::{CatalogueWords, Listed};
use super::marks::MarkedVersion;
use crate::units::ModelId;

/// Most models remembered: more than anybody scrolls through.
const MODELS: usize = 4_000;

/// Most pictures remembered.
const PICTURES: usize = 40_000;

/// Most searches under way at once; further ones cannot be ended early, which harms nobody.
const SEARCHES: usize = 64;

/// The memory of one engine.
#[derive(Default)]
pub(crate) struct Desk {
    models: Mutex<Latest<ModelId, Vec<MarkedVersion>>>,
    pictures: Mutex<Latest<String, String>>,
    searches: Mutex<HashMap<String, CancellationToken>>,
    words: Mutex<Option<CatalogueWords>>,
}

impl Desk {
    /// Remembers which versions a model has, and where their pictures are.
    pub(crate) fn remember(&self, model: &Listed) {
        held(&self.models).put(model.id, MarkedVersion::all_of(model), MODELS);
    }

    /// The versions of a model that was shown.
    pub(crate) fn versions(&self, model: ModelId) -> Option<Vec<MarkedVersion>> {
        held(&self.models).get(&model).cloned()
    }

    /// Remembers where a picture is; says what the page calls it.
    pub(crate) fn picture(&self, url: &str) -> String {
        let key = crate::preview::key_of_address(url);
        held(&self.pictures).put(key.clone(), url.to_owned(), PICTURES);
        key
    }

    /// Where a picture is that was shown.
    pub(crate) fn picture_at(&self, key: &str) -> Option<String> {
        held(&self.pictures).get(key).cloned()
    }

    /// Begins a search: whichever had the same ticket ends.
    pub(crate) fn begin(&self, ticket: Option<&str>) -> CancellationToken {
        let token = CancellationToken::new();
        let Some(ticket) = ticket else { return token };
        let mut searches = held(&self.searches);
        if let Some(before) = searches.remove(ticket) {
            before.cancel();
        }
        if searches.len() < SEARCHES {
            searches.insert(ticket.to_owned(), token.clone());
        }
        token
    }

    /// A search has ended; one that took its place stays.
    pub(crate) fn end(&self, ticket: Option<&str>, token: &CancellationToken) {
        let Some(ticket) = ticket else { return };
        if !token.is_cancelled() {
            held(&self.searches).remove(ticket);
        }
    }

    /// Civitai's words, once they are known.
    pub(crate) fn words(&self) -> Option<CatalogueWords> {
        held(&self.words).clone()
    }

    /// Remembers Civitai's words.
    pub(crate) fn keep_words(&self, words: &CatalogueWords) {
        *held(&self.words) = Some(words.clone());
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The latest of something; the oldest go first.
struct Latest<K, V> {
    by_key: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K, V> Default for Latest<K, V> {
    fn default() -> Self {
        Self { by_key: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Eq + Hash, V> Latest<K, V> {
    fn put(&mut self, key: K, value: V, most: usize) {
        if self.by_key.insert(key.clone(), value).is_none() {
            self.order.push_back(key);
        }
        while self.order.len() > most {
            if let Some(oldest) = self.order.pop_front() {
                self.by_key.remove(&oldest);
            }
        }
    }

    fn get<Q: ?Sized + Eq + Hash>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.by_key.get(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut latest = Latest::default();
        for number in 0..10 {
            latest.put(number, number * 2, 4);
        }
        latest.put(7, 99, 4);
        assert_eq!((latest.get(&5), latest.get(&6), latest.get(&7)), (None, Some(&12), Some(&99)));
        assert_eq!(latest.order.len(), 4);
    }

    #[test]
    fn a_later_search_ends_the_one_before_and_no_other() {
        let desk = Desk::default();
        let (first, other, silent) = (desk.begin(Some("a")), desk.begin(Some("b")), desk.begin(None));
        let second = desk.begin(Some("a"));
        assert!(first.is_cancelled() && !second.is_cancelled() && !other.is_cancelled() && !silent.is_cancelled());
        // The one that was ended must not take the later one's place away.
        desk.end(Some("a"), &first);
        desk.begin(Some("a"));
        assert!(second.is_cancelled());
    }
}
