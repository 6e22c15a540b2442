//! What the website shows as installed here: one entry a content, small enough to be sent whole. Pure.
//!
//! The relay takes no larger message, and the site replaces its list by the one that comes, so that a list in parts would
//! show the last part alone. What does not fit is left out in this order: first every `path`; then kinds that the site does
//! not send, the oldest in the library first; then the others, the oldest first. It depends on the library alone, so that
//! the site's list does not change while that does not.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value};

use super::reply::length;
use super::resource::{ResourceKind, lower, shown};
use crate::hash::Sha256;
use crate::units::UnixMillis;

/// Characters of a file's name.
const LONGEST_NAME: usize = 255;

/// Characters of a path; a longer one is left out.
const LONGEST_PATH: usize = 1000;

/// Something that is here, or on its way here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) hash: Sha256,
    pub(crate) kind: ResourceKind,
    /// The file's name.
    pub(crate) name: String,
    /// Below its root, with `/`.
    pub(crate) path: Option<String>,
    pub(crate) has_preview: bool,
    pub(crate) is_downloading: bool,
    pub(crate) added_at: UnixMillis,
}

impl Listed {
    fn to_json(&self, with_path: bool) -> Value {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), self.kind.as_str().into());
        fields.insert("hash".to_owned(), lower(self.hash).into());
        fields.insert("name".to_owned(), shown(&self.name, LONGEST_NAME).into());
        if let Some(path) = self.path.as_ref().filter(|path| with_path && path.len() <= LONGEST_PATH) {
            fields.insert("path".to_owned(), path.as_str().into());
        }
        // The site's own clients send a text.
        fields.insert("hasPreview".to_owned(), if self.has_preview { "true" } else { "false" }.into());
        if self.is_downloading {
            fields.insert("downloading".to_owned(), true.into());
        }
        Value::Object(fields)
    }
}

/// One entry a content. Of several copies the one whose path comes first; what is here is not on its way.
pub(crate) fn one_each(all: impl IntoIterator<Item = Listed>) -> Vec<Listed> {
    let mut kept: BTreeMap<Sha256, Listed> = BTreeMap::new();
    for one in all {
        match kept.entry(one.hash) {
            Entry::Vacant(place) => {
                place.insert(one);
            }
            Entry::Occupied(mut place) => {
                let rank = |one: &Listed| (one.is_downloading, one.path.clone(), one.name.clone());
                let added_at = one.added_at.min(place.get().added_at);
                let first = if rank(&one) < rank(place.get()) { one } else { place.get().clone() };
                place.insert(Listed { added_at, ..first });
            }
        }
    }
    kept.into_values().collect()
}

/// The entries that fit into `budget` bytes, by name.
pub(crate) fn fit(mut all: Vec<Listed>, budget: usize) -> Vec<Value> {
    let by_name = |one: &Listed| (one.name.to_lowercase(), one.hash);
    all.sort_by_cached_key(by_name);
    for with_path in [true, false] {
        let entries: Vec<Value> = all.iter().map(|one| one.to_json(with_path)).collect();
        if entries.iter().map(|entry| length(entry) + 1).sum::<usize>() <= budget {
            return entries;
        }
    }
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| {
        let one = &all[*at];
        (!one.is_downloading, !one.kind.is_sent(), std::cmp::Reverse(one.added_at), one.hash)
    });
    let mut left = budget;
    let mut kept: Vec<(usize, Value)> = Vec::new();
    for at in order {
        let entry = all[at].to_json(false);
        let bytes = length(&entry) + 1;
        if bytes > left {
            break;
        }
        left -= bytes;
        kept.push((at, entry));
    }
    kept.sort_by_key(|(at, _)| *at);
    kept.into_iter().map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(number: u32) -> Sha256 {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        Sha256::new(bytes)
    }

    fn listed(number: u32) -> Listed {
        Listed {
            hash: hash(number),
            kind: ResourceKind::parse(if number.is_multiple_of(4) { "VAE" } else { "LORA" }).unwrap(),
            name: format!("model_{number:05}.safetensors"),
            path: Some(format!("loras/somewhere/model_{number:05}.safetensors")),
            has_preview: number.is_multiple_of(2),
            is_downloading: false,
            added_at: UnixMillis(i64::from(number)),
        }
    }

    fn bytes(entries: &[Value]) -> usize {
        length(&Value::Array(entries.to_vec()))
    }

    #[test]
    fn a_few_are_sent_as_they_are() {
        let entries = fit(vec![listed(2), listed(1)], 900_000);
        let expected = serde_json::json!([
            { "type": "LORA", "hash": lower(hash(1)), "name": "model_00001.safetensors",
              "path": "loras/somewhere/model_00001.safetensors", "hasPreview": "false" },
            { "type": "LORA", "hash": lower(hash(2)), "name": "model_00002.safetensors",
              "path": "loras/somewhere/model_00002.safetensors", "hasPreview": "true" },
        ]);
        assert_eq!(Value::Array(entries), expected);
    }

    #[test]
    fn copies_are_one_entry_and_what_is_here_is_not_on_its_way() {
        let copy = Listed { path: Some("a/first.safetensors".to_owned()), added_at: UnixMillis(500), ..listed(7) };
        let coming = Listed { is_downloading: true, path: None, ..listed(7) };
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let all = [listed(7), copy.clone(), coming.clone()];
            let one = one_each(order.map(|at| all[at].clone()));
            assert_eq!(one, [Listed { added_at: UnixMillis(7), ..copy.clone() }]);
        }
    }

    #[test]
    fn first_the_paths_go_then_what_is_not_sent_then_the_oldest() {
        let all: Vec<Listed> = (0..1000).map(listed).collect();
        let whole = bytes(&fit(all.clone(), usize::MAX));
        // The brackets are the message's.
        let without = fit(all.clone(), whole - 3);
        assert_eq!(without.len(), 1000);
        assert!(without.iter().all(|entry| entry.get("path").is_none()));
        let fewer = fit(all.clone(), bytes(&without) - 3);
        let oldest_vae = lower(hash(0));
        assert_eq!(fewer.len(), 999);
        assert!(fewer.iter().all(|entry| entry["hash"] != oldest_vae));
        let half = fit(all, bytes(&without) / 2);
        assert!(half.iter().all(|entry| entry["type"] == "LORA"));
        assert_eq!(half.last().unwrap()["name"], "model_00999.safetensors");
        assert!(bytes(&half) <= bytes(&without) / 2);
    }

    #[test]
    fn twenty_thousand_fit_and_stay_the_same_in_whatever_order_they_come() {
        let mut all: Vec<Listed> = (0..20_000).map(listed).collect();
        let first = fit(one_each(all.clone()), 899_000);
        assert!(bytes(&first) <= 899_000 && first.len() > 5000, "{}", first.len());
        all.reverse();
        assert_eq!(fit(one_each(all.clone()), 899_000), first);
        // What comes takes the place of the oldest, and of nothing else.
        let new = Listed { kind: ResourceKind::parse("LORA").unwrap(), ..listed(20_001) };
        all.push(new);
        let second = fit(one_each(all), 899_000);
        let gone = first.iter().filter(|entry| !second.contains(entry)).count();
        assert!(gone <= 2, "{gone}");
    }

    #[test]
    fn what_is_coming_is_kept_before_everything() {
        let mut all: Vec<Listed> = (10..5000).map(listed).collect();
        all.push(Listed { is_downloading: true, ..listed(1) });
        let entries = fit(all, 10_000);
        assert!(entries.iter().any(|entry| entry["downloading"] == true));
    }
}
