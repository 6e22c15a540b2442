//! What a caller says about a model, version, file or preview; numbers and hashes are added by the builder.
//!
//! Types of models, files and base models are text and not enums: the real lists grow without notice, and the simulator must be able to
//! serve values no client has seen.

use bytes::Bytes;
use serde_json::{Map, Value};

use super::Generated;

/// Download and reaction counts.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stats {
    /// Downloads; `None` when the creator hides them.
    pub downloads: Option<u64>,
    /// Thumbs up.
    pub thumbs_up: u64,
    /// Thumbs down.
    pub thumbs_down: u64,
    /// Comments, shown on models only.
    pub comments: u64,
    /// Buzz tipped, shown on models only; `None` when hidden.
    pub tipped: Option<u64>,
}

/// `mode` of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Kept as a page: no files, no download.
    Archived,
    /// Removed by moderators: no images.
    TakenDown,
}

impl Mode {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Archived => "Archived",
            Self::TakenDown => "TakenDown",
        }
    }
}

/// `allowCommercialUse`, of which two spellings are in circulation.
#[derive(Clone, Debug)]
pub enum CommercialUse {
    /// `["Image","RentCivit"]`.
    List(Vec<String>),
    /// `"{Image,RentCivit}"`: a Postgres array literal that leaks.
    Literal(String),
}

/// A model.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent marks, as on the wire")]
pub struct ModelSpec {
    /// Title.
    pub name: String,
    /// `ModelType`, for example `LORA`.
    pub kind: String,
    /// Creator's user name.
    pub creator: String,
    /// HTML.
    pub description: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The creator's own mature mark.
    pub nsfw: bool,
    /// Depicts a real person: hidden from lists, not downloadable.
    pub poi: bool,
    /// Depicts a minor.
    pub minor: bool,
    /// Archived or taken down.
    pub mode: Option<Mode>,
    /// Visible at all.
    pub published: bool,
    /// What users may do with it.
    pub commercial_use: CommercialUse,
    /// Counts.
    pub stats: Stats,
    /// Fields the reference does not list, merged into every rendering.
    pub extra: Map<String, Value>,
}

impl ModelSpec {
    /// A published model of a type such as `LORA` or `Checkpoint`.
    pub fn new(name: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: kind.into(),
            creator: "studio_vellum".to_owned(),
            description: None,
            tags: Vec::new(),
            nsfw: false,
            poi: false,
            minor: false,
            mode: None,
            published: true,
            commercial_use: CommercialUse::List(vec!["Image".to_owned(), "RentCivit".to_owned()]),
            stats: Stats { downloads: Some(0), tipped: Some(0), ..Stats::default() },
            extra: Map::new(),
        }
    }
}

/// Early access: downloads need a purchase until it ends.
#[derive(Clone, Debug)]
pub struct PaidAccess {
    /// Never ends.
    pub permanent: bool,
    /// End, ISO 8601 UTC.
    pub ends_at: Option<String>,
}

/// A version.
#[derive(Clone, Debug)]
pub struct VersionSpec {
    /// Name, for example `v2.1`.
    pub name: String,
    /// Base model, for example `SDXL 1.0`.
    pub base_model: String,
    /// `Standard`, `Inpainting`…
    pub base_model_type: Option<String>,
    /// Bit mask: PG 1, PG13 2, R 4, X 8, XXX 16, Blocked 32; 0 is unrated.
    pub nsfw_level: u32,
    /// ISO 8601 UTC with milliseconds.
    pub published_at: Option<String>,
    /// Visible at all.
    pub published: bool,
    /// Trigger words.
    pub trained_words: Vec<String>,
    /// HTML.
    pub description: Option<String>,
    /// `Download`, `Generation`…
    pub usage_control: String,
    /// Early access.
    pub paid_access: Option<PaidAccess>,
    /// Needs a login even where anonymous downloads are on.
    pub require_auth: bool,
    /// Counts.
    pub stats: Stats,
    /// Files of other versions shown with this one (a VAE, usually).
    pub linked_files: Vec<u64>,
    /// Previews in gallery order.
    pub previews: Vec<PreviewSpec>,
    /// Fields the reference does not list, merged into every rendering.
    pub extra: Map<String, Value>,
}

impl VersionSpec {
    /// A published, safe-for-work version without previews.
    pub fn new(name: impl Into<String>, base_model: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            base_model: base_model.into(),
            base_model_type: Some("Standard".to_owned()),
            nsfw_level: 1,
            published_at: Some("2025-06-01T12:00:00.000Z".to_owned()),
            published: true,
            trained_words: Vec::new(),
            description: None,
            usage_control: "Download".to_owned(),
            paid_access: None,
            require_auth: false,
            stats: Stats { downloads: Some(0), ..Stats::default() },
            linked_files: Vec::new(),
            previews: Vec::new(),
            extra: Map::new(),
        }
    }
}

/// A file.
#[derive(Clone, Debug)]
pub struct FileSpec {
    /// Name as uploaded. Civitai often shows a computed one instead, see [`super::download_file_name`].
    pub name: String,
    /// Content.
    pub bytes: Bytes,
    /// Content that is made while it is sent, instead of [`Self::bytes`]: for files larger than memory.
    pub generated: Option<Generated>,
    /// `ModelFileType`, for example `Model`, `Pruned Model`, `VAE`.
    pub kind: String,
    /// `SafeTensor`, `PickleTensor`, `GGUF`…
    pub format: Option<String>,
    /// `full` or `pruned`.
    pub size: Option<String>,
    /// `fp16`, `bf16`…
    pub fp: Option<String>,
    /// `Q8_0`…
    pub quant_type: Option<String>,
    /// Replaced by a newer upload: still listed by version, no longer by hash.
    pub replaced: bool,
}

impl FileSpec {
    /// A file of type `Model` whose format follows from the extension.
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        let name = name.into();
        let format = match name.rsplit('.').next() {
            Some("safetensors" | "sft") => "SafeTensor",
            Some("ckpt" | "pt" | "pth" | "bin") => "PickleTensor",
            Some("gguf") => "GGUF",
            _ => "Other",
        };
        Self {
            name,
            bytes: bytes.into(),
            generated: None,
            kind: "Model".to_owned(),
            format: Some(format.to_owned()),
            size: None,
            fp: None,
            quant_type: None,
            replaced: false,
        }
    }

    /// A file whose content is made while it is sent.
    pub fn generated(name: impl Into<String>, content: Generated) -> Self {
        Self { generated: Some(content), ..Self::new(name, Bytes::new()) }
    }

    /// Score by which Civitai chooses among several files, with its default preferences.
    pub(crate) fn preference(&self) -> u32 {
        u32::from(self.format.as_deref() == Some("SafeTensor")) * 1000
            + u32::from(self.size.as_deref() == Some("pruned")) * 100
            + u32::from(self.fp.as_deref() == Some("fp16")) * 10
            + u32::from(self.quant_type.as_deref() == Some("Q4_K_M")) * 5
    }
}

/// Picture or video.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviewKind {
    /// A JPEG original.
    Jpeg,
    /// A PNG original. Its URL still ends in `.jpeg`, as on Civitai.
    Png,
    /// A short MP4.
    Video,
}

/// A preview.
#[derive(Clone, Debug)]
pub struct PreviewSpec {
    /// Picture or video.
    pub kind: PreviewKind,
    /// One bit of the mask described at [`VersionSpec::nsfw_level`].
    pub nsfw_level: u32,
    /// Chooses colours and composition.
    pub seed: u64,
    /// Prompt recorded in the image's generation data.
    pub prompt: Option<String>,
}

impl PreviewSpec {
    /// A safe-for-work JPEG.
    pub fn new(seed: u64) -> Self {
        Self { kind: PreviewKind::Jpeg, nsfw_level: 1, seed, prompt: None }
    }
}
