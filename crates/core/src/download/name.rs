//! Makes any name a server gives into the name of one file, or one folder, that every system takes.
//!
//! There is one set of rules, the strictest of all systems together, whatever this computer runs: models lie on drives
//! that are carried from Linux to Windows and shared with Macs, and a name that is harmless here must not be a device
//! there. The rules run until none of them finds anything to do, so a name that has been made safe stays as it is.

mod characters;
mod collide;
mod extension;
mod reserved;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use icu_normalizer::DecomposingNormalizerBorrowed;
use unicode_segmentation::UnicodeSegmentation;

use crate::units::{ModelId, VaultItemId, VersionId};

pub use collide::{collides, free_name, numbered};
pub use extension::SafeExtension;

/// Longest name of a file, its ending included, in bytes of UTF-8. File systems take 255; what lies beside a model needs
/// room for endings of its own. UTF-16 never has more units than UTF-8 has bytes.
pub const MAX_NAME: usize = 200;

/// Longest name of a folder, in bytes of UTF-8. macOS takes paths of 1,024 bytes, and a template has eight folders.
pub const MAX_FOLDER: usize = 80;

/// No name that means something is longer, in characters; the rest is not even looked at.
const MAX_READ: usize = 4096;

/// Rules make work for each other only a few times: each shortens the name, or replaces what it found for good.
const MAX_ROUNDS: usize = 16;

/// The name of one file: a single path component on every system. Only [`safe_name`] and [`numbered`] make one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName {
    stem: String,
    extension: SafeExtension,
    whole: String,
}

impl FileName {
    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.whole
    }

    /// Without its ending: what the names of the files beside it begin with.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// Its ending.
    pub fn extension(&self) -> SafeExtension {
        self.extension
    }

    fn new(stem: String, extension: SafeExtension) -> Self {
        let whole = format!("{stem}.{extension}");
        Self { stem, extension, whole }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.whole)
    }
}

impl AsRef<str> for FileName {
    fn as_ref(&self) -> &str {
        &self.whole
    }
}

impl AsRef<std::path::Path> for FileName {
    fn as_ref(&self) -> &std::path::Path {
        self.whole.as_ref()
    }
}

/// What a file is called when nothing is left of its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// `model-123-version-456`.
    Version {
        /// The model, where it is known.
        model: Option<ModelId>,
        /// The version.
        version: VersionId,
    },
    /// `vault-123`.
    Vault {
        /// The item.
        item: VaultItemId,
    },
}

impl Fallback {
    fn stem(self) -> String {
        match self {
            Self::Version { model: Some(model), version } => format!("model-{}-version-{}", model.0, version.0),
            Self::Version { model: None, version } => format!("version-{}", version.0),
            Self::Vault { item } => format!("vault-{}", item.0),
        }
    }
}

/// The name a file gets: what is left of the last part of `untrusted`, and this ending, whatever ending it had.
///
/// A name that already is a good one, with this ending in lower case, is returned byte for byte.
///
/// ```
/// use modeldock_core::download::{Fallback, SafeExtension, safe_name};
/// use modeldock_core::units::VersionId;
///
/// let fallback = Fallback::Version { model: None, version: VersionId(456) };
/// let name = |untrusted| safe_name(untrusted, SafeExtension::SAFETENSORS, fallback).to_string();
/// assert_eq!(name("v1.5.fp16.safetensors"), "v1.5.fp16.safetensors");
/// assert_eq!(name("..\\..\\Startup\\run.exe"), "run_exe.safetensors");
/// assert_eq!(name("CON.safetensors"), "_CON.safetensors");
/// assert_eq!(name("../.."), "version-456.safetensors");
/// ```
pub fn safe_name(untrusted: &str, extension: SafeExtension, fallback: Fallback) -> FileName {
    let last = untrusted.rsplit(['/', '\\']).next().unwrap_or(untrusted);
    let cleaned = characters::clean(&bounded(last));
    let stem = extension::without(trim_end(&cleaned));
    let stem = settle(stem, MAX_NAME - extension.as_str().len() - 1, file_rules).unwrap_or_else(|| fallback.stem());
    FileName::new(stem, extension)
}

/// The name a folder gets, of a part of a path that somebody else chose; `None` if nothing is left of it.
///
/// Separators are replaced here, not taken as such: `A/B` is how one creator, or one model, is called.
pub fn safe_folder(untrusted: &str) -> Option<String> {
    settle(&characters::clean(&bounded(untrusted)), MAX_FOLDER, folder_rules)
}

/// A name that is far too long to be one, without its middle: people know it by its beginning, its ending is at the end.
fn bounded(name: &str) -> Cow<'_, str> {
    let Some((end, _)) = name.char_indices().nth(MAX_READ) else { return Cow::Borrowed(name) };
    match name.rsplit_once('.') {
        Some((_, ending)) if ending.len() <= 16 => Cow::Owned(format!("{}.{ending}", &name[..end])),
        _ => Cow::Borrowed(&name[..end]),
    }
}

/// Applies the rules until they change nothing. `None` if nothing is left, or if they never came to an end.
fn settle(name: &str, limit: usize, rules: fn(&str) -> String) -> Option<String> {
    let mut name = name.to_owned();
    for _ in 0..MAX_ROUNDS {
        let next = rules(cut(&name, limit));
        if next == name {
            return (!name.is_empty()).then_some(name);
        }
        name = next;
    }
    None
}

fn file_rules(stem: &str) -> String {
    let stem = trim_end(trim_start(stem));
    let stem = reserved::without_short_form(stem);
    let stem = reserved::without_active_ending(&stem);
    reserved::without_device(&stem)
}

fn folder_rules(name: &str) -> String {
    let name = trim_end(trim_start(name));
    let name = reserved::without_short_form(name);
    let name = reserved::without_shell_class(&name);
    reserved::without_device(&reserved::without_shell_file(&name))
}

/// A dot hides a file, a dash makes it an option of a command, a tilde somebody's home or a backup.
fn trim_start(name: &str) -> &str {
    name.trim_start_matches(|c: char| matches!(c, '.' | '-' | '~') || c.is_whitespace())
}

/// Windows drops dots and spaces at the end without a word: `.. ` would be `..`.
fn trim_end(name: &str) -> &str {
    name.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// The longest beginning that fits, with no visible character cut in two.
fn cut(name: &str, limit: usize) -> &str {
    if name.is_ascii() {
        return &name[..name.len().min(limit)];
    }
    let decomposer = DecomposingNormalizerBorrowed::new_nfd();
    let mut taken = 0;
    let mut cost = 0;
    for grapheme in name.graphemes(true) {
        // HFS+ keeps names decomposed and counts UTF-16 units, of which a few Greek letters have more than bytes.
        cost += grapheme.len().max(decomposer.normalize(grapheme).encode_utf16().count());
        if cost > limit {
            break;
        }
        taken += grapheme.len();
    }
    &name[..taken]
}
