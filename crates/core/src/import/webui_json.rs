//! `cache.json`: the hashes of SD.Next, and of A1111 before version 1.8.

use std::collections::HashMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::clue::Moment;
use super::json::{Object, Scalar};

/// Most titles kept of one section.
const MAX_TITLES: usize = 200_000;

/// The sections that matter. The others, such as every LoRA's metadata, are skipped while parsing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CacheJson {
    #[serde(deserialize_with = "section")]
    pub(super) hashes: HashMap<String, CachedHash>,
    #[serde(rename = "hashes-addnet", deserialize_with = "section")]
    pub(super) addnet: HashMap<String, CachedHash>,
}

/// One entry, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CachedHash {
    pub(super) modified: Moment,
    /// Digits.
    pub(super) sha256: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct EntryJson {
    mtime: Scalar,
    sha256: Scalar,
}

/// The complete entries of a section.
fn section<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HashMap<String, CachedHash>, D::Error> {
    struct SectionVisitor;

    impl<'de> Visitor<'de> for SectionVisitor {
        type Value = HashMap<String, CachedHash>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a section of hashes")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut entries = HashMap::new();
            while let Some((title, Object(entry))) = map.next_entry::<String, Object<EntryJson>>()? {
                if entries.len() == MAX_TITLES {
                    return Err(serde::de::Error::custom(format_args!("it has more than {MAX_TITLES} entries")));
                }
                let modified = entry.mtime.float().and_then(Moment::seconds);
                if let (Some(modified), Scalar::Text(sha256)) = (modified, entry.sha256) {
                    entries.insert(title, CachedHash { modified, sha256 });
                }
            }
            Ok(entries)
        }
    }

    deserializer.deserialize_map(SectionVisitor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_complete_entries_of_the_two_sections_are_kept() {
        let json = r#"{
            "hashes": {
                "checkpoint/a.safetensors": {"mtime": 1700000000.25, "sha256": "aa"},
                "lora/b": {"mtime": 1700000000, "sha256": null},
                "lora/c": {"sha256": "cc"},
                "lora/d": "dd",
                "lora/e": null
            },
            "safetensors-metadata": {"lora/b": {"mtime": 1, "value": {"ss_tag_frequency": {"x": [1, 2]}}}},
            "hashes-addnet": {"lora/b": {"mtime": 1700000000, "sha256": "bb"}},
            "extra": [[[]]]
        }"#;
        let cache: CacheJson = serde_json::from_str(json).unwrap();
        assert_eq!(cache.hashes.keys().collect::<Vec<_>>(), ["checkpoint/a.safetensors"]);
        assert_eq!(cache.addnet["lora/b"].sha256, "bb");
        assert!(cache.addnet["lora/b"].modified.fits(1_700_000_000_000_000_000));
    }

    #[test]
    fn more_titles_than_anybody_has_are_refused() {
        let entries: Vec<String> =
            (0..=MAX_TITLES).map(|at| format!("\"{at}\":{{\"mtime\":1,\"sha256\":\"a\"}}")).collect();
        let json = format!("{{\"hashes\":{{{}}}}}", entries.join(","));
        let error = serde_json::from_str::<CacheJson>(&json).unwrap_err();
        assert!(error.to_string().contains("more than 200000 entries"), "{error}");
    }
}
