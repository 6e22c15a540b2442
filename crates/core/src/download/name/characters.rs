//! Which characters a name may have.
//!
//! What cannot be seen is removed, what a system forbids becomes `_`. Unicode's own tables say what is invisible, so a
//! bidirectional override that somebody finds next year is in them already.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// What at least one system does not take in a name, or takes for something else.
const FORBIDDEN: &[char] = &['<', '>', ':', '"', '/', '\\', '|', '?', '*'];

/// What becomes of a character.
enum Fate {
    Kept,
    Replaced,
    Removed,
}

/// Composed (NFC), without invisible characters, and with `_` for what no name may have.
pub(super) fn clean(name: &str) -> String {
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    // Composed before as well: `<` followed by a combining stroke is one harmless character.
    let composed = nfc.normalize(name);
    let mut cleaned = String::with_capacity(composed.len());
    for c in composed.chars() {
        match fate(c) {
            Fate::Kept => cleaned.push(c),
            Fate::Replaced => cleaned.push('_'),
            Fate::Removed => {}
        }
    }
    // And after: what was removed may have kept two characters apart that belong together.
    nfc.normalize(&cleaned).into_owned()
}

fn fate(c: char) -> Fate {
    if FORBIDDEN.contains(&c) || c.is_control() {
        return Fate::Replaced;
    }
    if c.is_ascii() {
        return Fate::Kept;
    }
    if is_ignorable(c) {
        return Fate::Removed;
    }
    match CodePointMapData::<GeneralCategory>::new().get(c) {
        GeneralCategory::Format | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => Fate::Removed,
        // Windows' Linux subsystem and Samba keep `:` and its like there; APFS refuses what has no meaning yet.
        GeneralCategory::PrivateUse | GeneralCategory::Unassigned => Fate::Replaced,
        _ => Fate::Kept,
    }
}

/// Whether it shows nothing: zero-width and bidirectional controls, variation selectors, fillers, tags.
pub(super) fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}
