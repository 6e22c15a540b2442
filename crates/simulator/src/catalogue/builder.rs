//! Puts a catalogue together and hands out numbers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;

use super::{
    Catalogue, File, FileSpec, Generated, Hashes, Id, Image, Inner, Model, ModelSpec, Version, VersionSpec, hex,
};
use crate::weights::Noise;

/// Numbers given to one model with one version and one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// The model.
    pub model: Id,
    /// Its version.
    pub version: Id,
    /// Its file.
    pub file: Id,
}

/// A catalogue in the making. Numbers ascend in the order of the calls.
#[derive(Clone, Debug, Default)]
pub struct CatalogueBuilder {
    models: BTreeMap<Id, Model>,
    versions: BTreeMap<Id, Version>,
    files: BTreeMap<Id, File>,
}

impl CatalogueBuilder {
    pub(super) fn from_parts(
        models: BTreeMap<Id, Model>,
        versions: BTreeMap<Id, Version>,
        files: BTreeMap<Id, File>,
    ) -> Self {
        Self { models, versions, files }
    }

    /// Registers a model and returns its number.
    pub fn model(&mut self, spec: ModelSpec) -> Id {
        let id = next(&self.models, 100_101, 37);
        let model = Model { id, spec, versions: Vec::new() };
        self.models.insert(id, model);
        id
    }

    /// Registers a version as the newest of `model`.
    ///
    /// # Panics
    /// When `model` is not a number this builder gave out.
    pub fn version(&mut self, model: Id, spec: VersionSpec) -> Id {
        let id = next(&self.versions, 200_203, 41);
        let images = spec
            .previews
            .iter()
            .enumerate()
            .map(|(position, preview)| Image {
                id: id * 100 + position as u64,
                uuid: uuid(id * 100 + position as u64),
                spec: preview.clone(),
            })
            .collect();
        self.models.get_mut(&model).expect("the model was registered with this builder").versions.insert(0, id);
        let version = Version { id, model_id: model, spec, files: Vec::new(), images };
        self.versions.insert(id, version);
        id
    }

    /// Adds a file to a version and hashes it.
    ///
    /// # Panics
    /// When `version` is not a number this builder gave out.
    pub fn file(&mut self, version: Id, spec: FileSpec) -> Id {
        let id = next(&self.files, 300_307, 43);
        self.versions.get_mut(&version).expect("the version was registered with this builder").files.push(id);
        let (size, hashes) = match &spec.generated {
            Some(content) => (content.size(), content.hashes()),
            None => (spec.bytes.len() as u64, Hashes::of(&spec.bytes)),
        };
        let file = File { id, version_id: version, size, hashes, spec };
        self.files.insert(id, file);
        id
    }

    /// Lists a file without having its bytes: for libraries larger than memory. It can be looked up and not downloaded.
    ///
    /// # Panics
    /// When `version` is not a number this builder gave out.
    pub fn listed_file(&mut self, version: Id, name: &str, size: u64, hashes: Hashes) -> Id {
        let id = self.file(version, FileSpec::new(name, Vec::new()));
        if let Some(file) = self.files.get_mut(&id) {
            (file.size, file.hashes) = (size, hashes);
        }
        id
    }

    /// Changes what is said about a file: its type, or hashes that are wrong at Civitai. Does nothing when there is no
    /// such file.
    pub fn edit_file(&mut self, id: Id, edit: impl FnOnce(&mut File)) {
        if let Some(file) = self.files.get_mut(&id) {
            edit(file);
        }
    }

    /// Registers one file as a model of its own, with one version for SDXL: the short way for tests.
    pub fn add_file(&mut self, name: &str, bytes: impl Into<Bytes>, model: ModelSpec) -> Added {
        self.add(FileSpec::new(name, bytes), model)
    }

    /// The same with a file that is made while it is sent.
    pub fn add_generated(&mut self, name: &str, content: Generated, model: ModelSpec) -> Added {
        self.add(FileSpec::generated(name, content), model)
    }

    fn add(&mut self, file: FileSpec, model: ModelSpec) -> Added {
        let model = self.model(model);
        let version = self.version(model, VersionSpec::new("v1.0", "SDXL 1.0"));
        let file = self.file(version, file);
        Added { model, version, file }
    }

    /// Changes what is said about a model. Does nothing when there is no such model.
    pub fn edit_model(&mut self, id: Id, edit: impl FnOnce(&mut ModelSpec)) {
        if let Some(model) = self.models.get_mut(&id) {
            edit(&mut model.spec);
        }
    }

    /// Changes what is said about a version, except its previews. Does nothing when there is no such version.
    pub fn edit_version(&mut self, id: Id, edit: impl FnOnce(&mut VersionSpec)) {
        if let Some(version) = self.versions.get_mut(&id) {
            edit(&mut version.spec);
        }
    }

    /// Ends the building and makes the indexes.
    pub fn build(self) -> Catalogue {
        let mut by_hash: HashMap<String, Vec<Id>> = HashMap::new();
        for file in self.files.values() {
            for hash in file.hashes.all() {
                by_hash.entry(hash.to_owned()).or_default().push(file.id);
            }
        }
        let mut by_uuid = HashMap::new();
        for version in self.versions.values() {
            for (position, image) in version.images.iter().enumerate() {
                by_uuid.insert(image.uuid.clone(), (version.id, position));
            }
        }
        Catalogue(Arc::new(Inner { models: self.models, versions: self.versions, files: self.files, by_hash, by_uuid }))
    }
}

/// The number after the last one. Steps differ per kind so that a mixed-up number never points at something else.
fn next<T>(taken: &BTreeMap<Id, T>, first: Id, step: Id) -> Id {
    taken.last_key_value().map_or(first, |(last, _)| last + step)
}

fn uuid(id: Id) -> String {
    let mut noise = Noise::new(id);
    let mut bytes = [0_u8; 16];
    bytes[..8].copy_from_slice(&noise.next_u64().to_be_bytes());
    bytes[8..].copy_from_slice(&noise.next_u64().to_be_bytes());
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = hex(&bytes);
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}
