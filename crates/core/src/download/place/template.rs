//! Subfolders by a template of the user's: `{base_model}/{creator}`.
//!
//! A template is checked once, when it is set, and can from then on only name folders below the one it is applied to:
//! separators are the template's own, and whatever fills a field becomes a part of one folder name.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::download::name::safe_folder;
use crate::error::{Error, Result};
use crate::roots::ModelKind;

/// Most folders below each other.
const MAX_SEGMENTS: usize = 8;

/// Longest template, in characters.
const MAX_LENGTH: usize = 400;

/// What no folder name may have, and what only a careless template has.
const FORBIDDEN: &[char] = &['\\', ':', '*', '?', '"', '<', '>', '|', '}'];

/// What the fields of a template stand for.
#[derive(Debug, Clone, Copy)]
pub struct PathFacts<'a> {
    /// The family, in Civitai's spelling.
    pub base_model: Option<&'a str>,
    /// Who made it.
    pub creator: Option<&'a str>,
    /// The model's name.
    pub model: Option<&'a str>,
    /// The version's name.
    pub version: Option<&'a str>,
    /// The kind it is placed as.
    pub kind: &'a ModelKind,
    /// The model's first tag.
    pub tag: Option<&'a str>,
}

/// A checked template. The default is empty: no subfolders.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    text: String,
    segments: Vec<Vec<Part>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Field(Field),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    BaseModel,
    Creator,
    Model,
    Version,
    Kind,
    Tag,
}

impl Field {
    const ALL: [(&'static str, Self); 6] = [
        ("base_model", Self::BaseModel),
        ("creator", Self::Creator),
        ("model", Self::Model),
        ("version", Self::Version),
        ("kind", Self::Kind),
        ("tag", Self::Tag),
    ];

    fn value<'a>(self, facts: &PathFacts<'a>) -> Option<&'a str> {
        match self {
            Self::BaseModel => facts.base_model,
            Self::Creator => facts.creator,
            Self::Model => facts.model,
            Self::Version => facts.version,
            Self::Kind => (!facts.kind.is_unknown()).then(|| facts.kind.label()),
            Self::Tag => facts.tag,
        }
    }
}

impl Template {
    /// Reads a template: text and `{fields}`, with `/` between folders. The error names the character that is wrong.
    pub fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let refuse = |at: usize, why: &str| {
            Err(Error::invalid(format!("The subfolder template cannot be used: character {}: {why}", at + 1))
                .hint("An example is {base_model}/{creator}"))
        };
        if let Some((at, _)) = text.chars().enumerate().nth(MAX_LENGTH) {
            return refuse(at, "it is too long");
        }
        let mut segments = Vec::new();
        let mut start = 0;
        for segment in text.split('/') {
            if segments.len() == MAX_SEGMENTS {
                return refuse(start, "there are more than 8 folders below each other");
            }
            let parts = match parse_segment(segment) {
                Ok(parts) => parts,
                Err((at, why)) => return refuse(start + at, &why),
            };
            // With its fields filled in, it has to be a name that nothing needs to be changed in.
            let sample: String = parts.iter().map(|part| part.text(|_| "x")).collect();
            match safe_folder(&sample) {
                _ if segment.is_empty() => return refuse(start, "a folder's name is missing at a `/`"),
                Some(name) if name == sample => {}
                _ => return refuse(start, &format!("`{segment}` is no folder name that every system takes")),
            }
            segments.push(parts);
            start += segment.chars().count() + 1;
        }
        Ok(Self { text: text.to_owned(), segments })
    }

    /// As the user wrote it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The subfolder for a file, relative; empty if there is none. A folder one of whose fields has no value is left out.
    pub fn render(&self, facts: &PathFacts<'_>) -> PathBuf {
        self.segments.iter().filter_map(|parts| render_segment(parts, facts)).collect()
    }
}

fn render_segment(parts: &[Part], facts: &PathFacts<'_>) -> Option<String> {
    let mut name = String::new();
    for part in parts {
        match part {
            Part::Literal(text) => name.push_str(text),
            Part::Field(field) => name.push_str(&safe_folder(field.value(facts)?)?),
        }
    }
    // Once more for the whole: harmless parts can make a device together, and too long a name.
    safe_folder(&name)
}

/// What is wrong, and at which character of the segment.
type Problem = (usize, String);

fn parse_segment(segment: &str) -> std::result::Result<Vec<Part>, Problem> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut characters = segment.chars().enumerate();
    while let Some((at, c)) = characters.next() {
        if c == '{' {
            let name: Vec<char> = characters.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').collect();
            let name: String = name.into_iter().collect();
            // The closing brace is what `take_while` swallowed; without one, the name reaches to the end.
            let closed = segment.chars().nth(at + 1 + name.chars().count()) == Some('}');
            let field = Field::ALL.iter().find(|(known, _)| closed && *known == name);
            let Some((_, field)) = field else {
                let known = Field::ALL.map(|(known, _)| format!("{{{known}}}")).join(" ");
                return Err((at, format!("here only these can stand: {known}")));
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            parts.push(Part::Field(*field));
        } else if FORBIDDEN.contains(&c) || c.is_control() {
            return Err((at, format!("`{}` cannot be in a folder's name", c.escape_debug())));
        } else {
            literal.push(c);
        }
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Ok(parts)
}

impl Part {
    fn text<'a>(&'a self, field: impl Fn(Field) -> &'a str) -> &'a str {
        match self {
            Self::Literal(text) => text,
            Self::Field(of) => field(*of),
        }
    }
}

impl TryFrom<String> for Template {
    type Error = Error;
    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.text
    }
}

impl ts_rs::TS for Template {
    type WithoutGenerics = Self;
    type OptionInnerType = Self;
    fn name(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }
    fn inline(_: &ts_rs::Config) -> String {
        "string".to_owned()
    }
}
