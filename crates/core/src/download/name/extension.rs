//! Which endings a downloaded file may have.
//!
//! A list of what is allowed, because nobody can list what is dangerous. Configuration files (`.yaml`) are not on it: a
//! UI may make Python objects of what they say.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::roots::MODEL_EXTENSIONS;

/// What is no model but may be downloaded: archives of models, and the parts of a vault item.
const OTHERS: &[&str] = &["zip", "pdf"];

/// An ending that no system runs, opens as a page, or reads as its own configuration. In lower case, without the dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct SafeExtension(&'static str);

impl SafeExtension {
    /// `safetensors`.
    pub const SAFETENSORS: Self = Self("safetensors");
    /// `zip`: the pictures of a vault item, among others.
    pub const ZIP: Self = Self("zip");
    /// `pdf`: the page of a vault item.
    pub const PDF: Self = Self("pdf");

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        MODEL_EXTENSIONS.iter().chain(OTHERS).map(|ending| Self(ending))
    }

    /// Of this spelling, in any case; `None` if it is not allowed.
    pub fn parse(ending: &str) -> Option<Self> {
        Self::all().find(|known| known.0.eq_ignore_ascii_case(ending))
    }

    /// The one a name ends in; `None` if it has none, or none that is allowed.
    pub fn of(name: &str) -> Option<Self> {
        let (_, ending) = name.trim_end().rsplit_once('.')?;
        Self::parse(ending)
    }

    /// Without the dot.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for SafeExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de> Deserialize<'de> for SafeExtension {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not an ending of a model file")))
    }
}

/// The name without its ending, if that is an allowed one; any other is a part of the name.
pub(super) fn without(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if SafeExtension::parse(ending).is_some() => stem,
        _ => name,
    }
}
