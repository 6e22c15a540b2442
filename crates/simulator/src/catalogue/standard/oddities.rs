//! One model for every special case of the reference. Their files are named in [`super::known`].

use serde_json::json;

use super::{Shelf, known, model, version};
use crate::catalogue::{
    CommercialUse, FileSpec, Id, Mode, ModelSpec, PaidAccess, PreviewKind, PreviewSpec, VersionSpec,
};
use crate::weights::{Lora, LoraFormat, Noise};

/// Adds all of them.
pub(super) fn add(shelf: &mut Shelf) {
    one(shelf, "Winter Archive", known::ARCHIVED, |model, _| {
        model.mode = Some(Mode::Archived);
    });
    one(shelf, "Removed Gallery", known::TAKEN_DOWN, |model, _| {
        model.mode = Some(Mode::TakenDown);
    });
    one(shelf, "Fresh Ink", known::UNRATED, |_, version| {
        version.nsfw_level = 0;
        version.previews.clear();
    });
    one(shelf, "Gilded Frames", known::EARLY_ACCESS, |_, version| {
        version.paid_access =
            Some(PaidAccess { permanent: false, ends_at: Some("2099-12-31T00:00:00.000Z".to_owned()) });
    });
    one(shelf, "Generation Only Mist", known::DOWNLOADS_DISABLED, |_, version| {
        "Generation".clone_into(&mut version.usage_control);
    });
    one(shelf, "Quiet Statistics", known::HIDDEN_STATS, |model, version| {
        model.stats.downloads = None;
        model.stats.tipped = None;
        version.stats.downloads = None;
        model.commercial_use = CommercialUse::Literal("{Image,RentCivit}".to_owned());
        // A second video, so that a client meets one outside the motion models too.
        version.previews.push(PreviewSpec { kind: PreviewKind::Video, ..PreviewSpec::new(77) });
    });
    one(shelf, "Withdrawn Sketch", known::UNPUBLISHED, |model, version| {
        model.published = false;
        version.published = false;
    });
    one(shelf, "Anonymous Likeness", known::REAL_PERSON, |model, _| model.poi = true);
    one(shelf, "Resonance Adapter", known::UNKNOWN_TYPE, |model, version| {
        "LatentAdapter".clone_into(&mut model.kind);
        model.extra.insert("resonance".to_owned(), json!({ "score": 0.82, "bands": [1, 2, 3] }));
        "Lattice 1".clone_into(&mut version.base_model);
        version.base_model_type = None;
        version.extra.insert("latticeRevision".to_owned(), json!("b7"));
    });
    duplicate(shelf);
    no_primary(shelf);
    replaced(shelf);
}

/// A model with one version and one LoRA, adjusted by `edit`.
fn one(shelf: &mut Shelf, title: &str, file: &str, edit: impl FnOnce(&mut ModelSpec, &mut VersionSpec)) -> Id {
    let mut model = model(title, "LORA", "odd_sock", &["style"]);
    let mut version = version(title, "v1.0", "SDXL 1.0", "2025-08-01T00:00:00.000Z");
    version.trained_words = vec![title.to_lowercase()];
    edit(&mut model, &mut version);
    let mut spec = FileSpec::new(file, lora(title));
    if model.kind == "LatentAdapter" {
        "Latent Adapter".clone_into(&mut spec.kind);
    }
    let model = shelf.0.model(model);
    let version = shelf.0.version(model, version);
    shelf.0.file(version, spec);
    version
}

fn lora(title: &str) -> Vec<u8> {
    let seed = Noise::named(title).next_u64();
    Lora { dim: 4, ..Lora::new(LoraFormat::Sdxl, seed) }.write()
}

/// The bytes of another model's file, published earlier under a higher number: date wins over number.
fn duplicate(shelf: &mut Shelf) {
    let original = shelf
        .0
        .clone()
        .build()
        .file_named(known::DUPLICATED)
        .expect("the LoRAs are added before the oddities")
        .spec
        .bytes
        .clone();
    let model = shelf.model("Ink Wash (re-upload)", "LORA", "odd_sock", &["style", "ink"]);
    let spec = version("Ink Wash (re-upload)", "v1.0", "SDXL 1.0", "2025-01-01T00:00:00.000Z");
    let version = shelf.0.version(model, spec);
    shelf.0.file(version, FileSpec::new(known::DUPLICATE, original));
}

fn no_primary(shelf: &mut Shelf) {
    let model = shelf.model("Mosaic Trainer", "LORA", "odd_sock", &["dataset"]);
    let spec = version("Mosaic Trainer", "dataset", "SDXL 1.0", "2025-02-02T00:00:00.000Z");
    let version = shelf.0.version(model, spec);
    let bytes = crate::weights::torch_state("images", "000.png", 6_000, 41);
    let file = FileSpec { kind: "Training Data".to_owned(), ..FileSpec::new(known::NO_PRIMARY, bytes) };
    shelf.0.file(version, file);
}

fn replaced(shelf: &mut Shelf) {
    let version = one(shelf, "Paper Boats", "paper_boats.safetensors", |_, _| {});
    let old = FileSpec { replaced: true, ..FileSpec::new(known::REPLACED, lora("Paper Boats, first upload")) };
    shelf.0.file(version, old);
}
