//! What the website calls a model file: its kind in the site's spelling, its hash, and the names people know it by.
//!
//! Of what a command says only the kind and the hash are ever acted on. Names are kept for people to read; the address
//! and the path that come along are not kept at all: where a file comes from and goes to is decided here.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::hash::Sha256;
use crate::roots::ModelKind;

/// Characters of a name that are kept.
const LONGEST_NAME: usize = 200;

/// Characters of a picture's address that are kept.
const LONGEST_ADDRESS: usize = 500;

/// The kinds of the site's own table, in its spelling (Link protocol, section 3).
const KINDS: [&str; 24] = [
    "LoCon",
    "LORA",
    "Checkpoint",
    "CheckpointConfig",
    "TextualInversion",
    "MotionModule",
    "Hypernetwork",
    "AestheticGradient",
    "VAE",
    "TextEncoder",
    "UNet",
    "CLIPVision",
    "Upscaler",
    "Controlnet",
    "Poses",
    "Other",
    "Wildcards",
    "Workflows",
    "ComfyWorkflows",
    "DoRA",
    "Detection",
    "VisionLanguage",
    "CLIP",
    "LLM",
];

/// The kinds that the site offers to send.
const SENT: [&str; 8] =
    ["Checkpoint", "LORA", "LoCon", "DoRA", "TextualInversion", "Hypernetwork", "Controlnet", "Upscaler"];

/// One of the site's kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ResourceKind(&'static str);

impl ResourceKind {
    const OTHER: Self = Self("Other");

    /// In the site's exact spelling; `None` if it knows no such kind.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        KINDS.iter().find(|kind| **kind == text).map(|kind| Self(kind))
    }

    /// What the site calls a file of this kind.
    pub(crate) fn of(kind: &ModelKind) -> Self {
        let text = match kind {
            ModelKind::DiffusionModel => "UNet",
            ModelKind::VaeApprox => "VAE",
            other => other.as_str(),
        };
        Self::parse(text).unwrap_or(Self::OTHER)
    }

    /// Whether the site offers to send such files.
    pub(crate) fn is_sent(self) -> bool {
        SENT.contains(&self.0)
    }

    /// Whether it is never downloaded: a UI may make Python objects of what a configuration says.
    pub(crate) fn is_configuration(self) -> bool {
        self.0 == "CheckpointConfig"
    }

    /// In the site's spelling.
    pub(crate) const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A file that a command is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) kind: ResourceKind,
    pub(crate) hash: Sha256,
    name: Option<String>,
    model: Option<String>,
    version: Option<String>,
    picture: Option<String>,
}

impl Resource {
    /// Reads one as the site sends it, or as [`Self::to_json`] wrote it. An error is what the site is told.
    pub(crate) fn read(value: &Value) -> Result<Self, &'static str> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let hash = text("hash").and_then(sha256).ok_or("The resource has no SHA-256 of 64 digits")?;
        let kind = text("type").and_then(ResourceKind::parse).ok_or("Modeldock does not know this type of resource")?;
        let name = |name| text(name).map(|name| shown(name, LONGEST_NAME)).filter(|name| !name.is_empty());
        Ok(Self {
            kind,
            hash,
            name: name("name"),
            model: name("modelName"),
            version: name("modelVersionName"),
            picture: text("previewImage").filter(|address| is_address(address)).map(str::to_owned),
        })
    }

    /// As the site wants it back.
    pub(crate) fn to_json(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), self.kind.as_str().into());
        fields.insert("hash".to_owned(), lower(self.hash).into());
        let texts = [
            ("name", &self.name),
            ("modelName", &self.model),
            ("modelVersionName", &self.version),
            ("previewImage", &self.picture),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                fields.insert(name.to_owned(), json!(text));
            }
        }
        Value::Object(fields)
    }

    /// For people: the model's and the version's name as the site says them, else the hash's beginning.
    pub(crate) fn title(&self) -> String {
        match (self.model.as_ref().or(self.name.as_ref()), &self.version) {
            (Some(model), Some(version)) => format!("{model} · {version}"),
            (Some(model), None) => model.clone(),
            (None, _) => lower(self.hash)[..10].to_owned(),
        }
    }
}

/// The site compares hashes in lower case.
pub(crate) fn lower(hash: Sha256) -> String {
    hash.to_string().to_ascii_lowercase()
}

fn sha256(text: &str) -> Option<Sha256> {
    // The length first: a wrong text may be a whole document.
    if text.len() == 64 { text.parse().ok() } else { None }
}

/// Whether a text is an address that may be given back: short, encrypted, and nothing but an address.
fn is_address(text: &str) -> bool {
    text.len() <= LONGEST_ADDRESS && text.starts_with("https://") && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A stranger's text: short, on one line, in the order in which it is read.
pub(crate) fn shown(text: &str, longest: usize) -> String {
    let is_harmful = |c: char| {
        c.is_control() || matches!(u32::from(c), 0x61C | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF)
    };
    let kept: String = text.chars().filter(|c| !is_harmful(*c)).take(longest).collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_has_a_name_here_has_one_there() {
        for kind in ModelKind::NAMED {
            let text = ResourceKind::of(kind).as_str();
            assert!(KINDS.contains(&text), "{kind}");
        }
        let of = |kind| ResourceKind::of(&kind).as_str();
        assert_eq!((of(ModelKind::Lora), of(ModelKind::Controlnet)), ("LORA", "Controlnet"));
        assert_eq!((of(ModelKind::unknown()), of(ModelKind::Sam)), ("Other", "Other"));
        assert_eq!(ResourceKind::parse("lora"), None, "the site's own spelling only");
    }

    #[test]
    fn a_resource_comes_back_in_lower_case_without_address_or_path() {
        let hash = "ABCDEF0123456789".repeat(4);
        let sent = json!({
            "type": "LORA", "hash": hash, "name": "../../.bashrc", "modelName": "A\u{202e}b\n", "url": "file:///etc/passwd",
            "path": "/etc", "previewImage": "javascript:alert(1)", "more": { "deep": [[[]]] },
        });
        let resource = Resource::read(&sent).unwrap();
        let back = resource.to_json();
        let expected = json!({
            "type": "LORA", "hash": hash.to_lowercase(), "name": "../../.bashrc", "modelName": "Ab",
        });
        assert_eq!(back, expected);
        assert_eq!(Resource::read(&back).unwrap(), resource);
    }

    #[test]
    fn what_is_no_resource_is_refused_in_words() {
        let good = json!({ "type": "LORA", "hash": "a".repeat(64) });
        assert!(Resource::read(&good).is_ok());
        for (field, value) in [
            ("hash", json!("a".repeat(63))),
            ("hash", json!("g".repeat(64))),
            ("hash", json!(["a"])),
            ("hash", json!("é".repeat(32))),
            ("type", json!("Malware")),
            ("type", json!(null)),
        ] {
            let mut wrong = good.clone();
            wrong[field] = value;
            assert!(Resource::read(&wrong).is_err(), "{wrong}");
        }
        assert!(Resource::read(&Value::Null).is_err() && Resource::read(&json!([1])).is_err());
    }

    #[test]
    fn names_are_shortened() {
        let sent = json!({ "type": "VAE", "hash": "a".repeat(64), "modelName": "é".repeat(10_000) });
        assert_eq!(Resource::read(&sent).unwrap().title().chars().count(), LONGEST_NAME);
    }
}
