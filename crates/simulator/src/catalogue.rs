//! What the simulated Civitai hosts: models, their versions, their files with true bytes and true hashes.
//!
//! A catalogue is immutable and cheap to clone; [`Catalogue::into_builder`] makes an edited copy, which is how a test publishes a new version
//! while the server runs.

mod air;
mod builder;
mod bulk;
mod file_name;
mod generated;
mod hashes;
mod spec;
mod standard;
mod vault;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

pub use air::air;
pub use builder::{Added, CatalogueBuilder};
pub use file_name::download_file_name;
pub use generated::Generated;
pub use hashes::Hashes;
pub(crate) use hashes::hex;
pub use spec::{CommercialUse, FileSpec, Mode, ModelSpec, PaidAccess, PreviewKind, PreviewSpec, Stats, VersionSpec};
pub use standard::known;
pub(crate) use vault::now;
pub use vault::{Vault, VaultItem, VaultStatus};

/// Number of a model, version, file, image or user, as Civitai hands them out.
pub type Id = u64;

/// A model with its number.
#[derive(Clone, Debug)]
pub struct Model {
    /// `modelId`.
    pub id: Id,
    /// What it is.
    pub spec: ModelSpec,
    /// Its versions, newest first, as Civitai's `index` orders them.
    pub versions: Vec<Id>,
}

/// A version of a model.
#[derive(Clone, Debug)]
pub struct Version {
    /// `modelVersionId`.
    pub id: Id,
    /// The model it belongs to.
    pub model_id: Id,
    /// What it is.
    pub spec: VersionSpec,
    /// Files of its own, in upload order. Files of other versions are in `spec.linked_files`.
    pub files: Vec<Id>,
    /// Previews, in gallery order.
    pub images: Vec<Image>,
}

/// A file of a version.
#[derive(Clone, Debug)]
pub struct File {
    /// `fileId`.
    pub id: Id,
    /// The version it was uploaded to.
    pub version_id: Id,
    /// What it is, bytes included.
    pub spec: FileSpec,
    /// Its length in bytes.
    pub size: u64,
    /// All its hashes.
    pub hashes: Hashes,
}

/// A preview picture or video.
#[derive(Clone, Debug)]
pub struct Image {
    /// Image number, the base name of its URL.
    pub id: Id,
    /// Key of the image on the image host.
    pub uuid: String,
    /// What it shows.
    pub spec: PreviewSpec,
}

#[derive(Clone, Debug, Default)]
struct Inner {
    models: BTreeMap<Id, Model>,
    versions: BTreeMap<Id, Version>,
    files: BTreeMap<Id, File>,
    /// Upper-case hash of any type to the files that have it.
    by_hash: HashMap<String, Vec<Id>>,
    /// Image key to version and position.
    by_uuid: HashMap<String, (Id, usize)>,
}

/// Everything the simulated Civitai knows.
#[derive(Clone, Debug, Default)]
pub struct Catalogue(Arc<Inner>);

impl Catalogue {
    /// An empty catalogue to fill.
    pub fn builder() -> CatalogueBuilder {
        CatalogueBuilder::default()
    }

    /// The built-in catalogue: 36 models with every oddity the reference describes. The same on every run.
    pub fn standard() -> Self {
        static STANDARD: OnceLock<Catalogue> = OnceLock::new();
        STANDARD.get_or_init(standard::build).clone()
    }

    /// `count` models of one version and one tiny distinct LoRA each (about 2 KiB), for tests of scale.
    pub fn bulk(count: usize, seed: u64) -> Self {
        bulk::build(count, seed)
    }

    /// Takes the catalogue apart for editing. Numbers stay.
    pub fn into_builder(self) -> CatalogueBuilder {
        CatalogueBuilder::from_parts(self.0.models.clone(), self.0.versions.clone(), self.0.files.clone())
    }

    /// All models by number.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.0.models.values()
    }

    /// All versions by number.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.0.versions.values()
    }

    /// All files by number.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.0.files.values()
    }

    /// One model.
    pub fn model(&self, id: Id) -> Option<&Model> {
        self.0.models.get(&id)
    }

    /// One version.
    pub fn version(&self, id: Id) -> Option<&Version> {
        self.0.versions.get(&id)
    }

    /// One file.
    pub fn file(&self, id: Id) -> Option<&File> {
        self.0.files.get(&id)
    }

    /// The first file uploaded under this name.
    pub fn file_named(&self, name: &str) -> Option<&File> {
        self.files().find(|file| file.spec.name == name)
    }

    /// The model a version belongs to.
    pub fn model_of(&self, version: &Version) -> &Model {
        self.0.models.get(&version.model_id).expect("the builder only adds versions to models it has")
    }

    /// Files having this hash, whatever its type. Case is ignored.
    pub fn files_by_hash(&self, hash: &str) -> impl Iterator<Item = &File> {
        self.0.by_hash.get(&hash.to_ascii_uppercase()).into_iter().flatten().filter_map(|id| self.0.files.get(id))
    }

    /// The picture behind an image key.
    pub fn image(&self, uuid: &str) -> Option<&Image> {
        let (version, position) = self.0.by_uuid.get(uuid)?;
        self.0.versions.get(version)?.images.get(*position)
    }

    /// Whether model and version are both published.
    pub fn is_published(&self, version: &Version) -> bool {
        version.spec.published && self.model_of(version).spec.published
    }

    /// The version that `GET by-hash` answers: of the published ones, the oldest by publication, then by number.
    pub fn version_by_hash(&self, hash: &str) -> Option<&Version> {
        self.files_by_hash(hash)
            .filter_map(|file| self.version(file.version_id))
            .filter(|version| self.is_published(version))
            .min_by_key(|version| (version.spec.published_at.clone(), version.id))
    }

    /// Files shown for a version: its own, then those linked from other versions.
    pub(crate) fn files_of<'a>(&'a self, version: &Version) -> impl Iterator<Item = &'a File> + use<'a> {
        let ids = [&version.files[..], &version.spec.linked_files].concat();
        ids.into_iter().filter_map(move |id| self.file(id))
    }

    /// The file a bare download delivers, and which carries `primary: true`. `None` when the version has only side files.
    pub fn primary_file<'a>(&'a self, version: &Version) -> Option<&'a File> {
        let kind = self.model_of(version).spec.kind.as_str();
        self.files_of(version)
            .filter(|file| !file.spec.replaced)
            .filter(|file| is_main_weight(kind, &file.spec.kind))
            .max_by_key(|file| (file.spec.preference(), std::cmp::Reverse(file.id)))
    }
}

/// Whether a file of this type can be a version's main file.
fn is_main_weight(model_kind: &str, file_kind: &str) -> bool {
    match file_kind {
        "Training Data" | "Config" | "Archive" | "Negative" | "Enhancement LoRA" | "Other" => false,
        "VAE" => model_kind == "VAE",
        "Text Encoder" => matches!(model_kind, "TextEncoder" | "CLIP"),
        _ => true,
    }
}
