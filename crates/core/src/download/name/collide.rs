//! When two names are one, and what to call a file whose name is taken.
//!
//! Names are compared as the most forgetful of all file systems compares them. Where this one is more exact, a file gets
//! a number it did not need; the other way round, it would be told that somebody else's file is in its way.

use std::collections::HashSet;

use icu_normalizer::DecomposingNormalizerBorrowed;
use unicase::UniCase;

use super::{FileName, MAX_NAME, characters, cut, file_rules, settle};

/// What is left of a name that has to make room for its number.
const NAMELESS: &str = "model";

/// Whether some file system holds both to be the same name: one that ignores case (NTFS, APFS, ext4 with `casefold`),
/// how letters are composed (APFS, HFS+), or what is invisible (HFS+).
pub fn collides(a: &str, b: &str) -> bool {
    key(a) == key(b)
}

/// `name (2).safetensors`, as long as any other name at most. What has no room for its number is cut before it.
#[must_use]
pub fn numbered(name: &FileName, number: u32) -> FileName {
    let suffix = format!(" ({number})");
    let limit = MAX_NAME - name.extension.as_str().len() - 1 - suffix.len();
    let stem = settle(cut(&name.stem, limit), limit, file_rules).unwrap_or_else(|| NAMELESS.to_owned());
    FileName::new(format!("{stem}{suffix}"), name.extension)
}

/// The name itself, or the first numbered one that collides with none of those that are taken.
#[must_use]
pub fn free_name(name: &FileName, taken: impl IntoIterator<Item = impl AsRef<str>>) -> FileName {
    let taken: HashSet<String> = taken.into_iter().map(|name| key(name.as_ref())).collect();
    let is_free = |name: &FileName| !taken.contains(&key(name.as_str()));
    if is_free(name) {
        return name.clone();
    }
    // There are more numbers than names that can be taken, so one of them is free.
    let mut number = 2;
    loop {
        let candidate = numbered(name, number);
        if is_free(&candidate) || number == u32::MAX {
            return candidate;
        }
        number += 1;
    }
}

/// Equal for names that some file system holds to be the same.
fn key(name: &str) -> String {
    let decomposer = DecomposingNormalizerBorrowed::new_nfd();
    let visible: String = name.chars().filter(|c| !characters::is_ignorable(*c)).collect();
    // Upper case first: `ı` and `ſ` have one, and folding alone would keep them apart from `i` and `s`.
    let folded = UniCase::unicode(decomposer.normalize(&visible).to_uppercase()).to_folded_case();
    decomposer.normalize(&folded).into_owned()
}
