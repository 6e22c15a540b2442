//! The built-in catalogue: about forty invented models that look like a real collection, plus one of every oddity.
//!
//! Titles, creators and words are made up. Everything follows from the titles, so the catalogue is the same on every run; changing a
//! title changes the weights, hashes and colours of that model and of no other.

mod checkpoints;
pub mod known;
mod loras;
mod oddities;
mod parts;

use super::{Catalogue, CatalogueBuilder, Id, ModelSpec, PreviewKind, PreviewSpec, Stats, VersionSpec};
use crate::weights::Noise;

/// Builds the whole catalogue.
pub(super) fn build() -> Catalogue {
    let mut shelf = Shelf(Catalogue::builder());
    loras::add(&mut shelf);
    let vae = parts::add(&mut shelf);
    checkpoints::add(&mut shelf, vae);
    oddities::add(&mut shelf);
    shelf.0.build()
}

/// The builder, with the habits of this catalogue.
struct Shelf(CatalogueBuilder);

impl Shelf {
    /// Registers a model with counts that fit its title.
    fn model(&mut self, title: &str, kind: &str, creator: &str, tags: &[&str]) -> Id {
        let spec = model(title, kind, creator, tags);
        self.0.model(spec)
    }
}

/// A model spec with description, tags and plausible counts.
fn model(title: &str, kind: &str, creator: &str, tags: &[&str]) -> ModelSpec {
    let mut noise = Noise::named(title);
    let downloads = 400 + noise.below(90_000);
    let tag_list = tags.join(", ");
    ModelSpec {
        creator: creator.to_owned(),
        description: Some(format!(
            "<h2>{title}</h2><p>A study in <strong>{tag_list}</strong>. Start at weight <code>0.7</code> and lower it when colours \
             burn.</p><ul><li>Steps: 24–32</li><li>CFG: 4–6</li></ul><p>See the <a href=\"https://example.org/guide\" \
             target=\"_blank\" rel=\"ugc\">guide</a>.</p>"
        )),
        tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
        stats: Stats {
            downloads: Some(downloads),
            thumbs_up: downloads / 14,
            thumbs_down: downloads / 900,
            comments: downloads / 450,
            tipped: Some(downloads / 30),
        },
        ..ModelSpec::new(title, kind)
    }
}

/// A version spec with previews in the colours of `title`.
fn version(title: &str, name: &str, base_model: &str, published_at: &str) -> VersionSpec {
    let mut noise = Noise::named(&format!("{title} {name}"));
    let downloads = 100 + noise.below(30_000);
    VersionSpec {
        published_at: Some(published_at.to_owned()),
        description: Some(format!("<p>{name}: cleaner captions, fewer artefacts.</p>")),
        stats: Stats {
            downloads: Some(downloads),
            thumbs_up: downloads / 15,
            thumbs_down: downloads / 950,
            ..Stats::default()
        },
        previews: previews(title, name, 2 + usize::from(noise.below(3) > 0) + usize::from(noise.below(3) > 1)),
        ..VersionSpec::new(name, base_model)
    }
}

/// `count` safe pictures; the second one is a PNG.
fn previews(title: &str, name: &str, count: usize) -> Vec<PreviewSpec> {
    // One palette per title, so that the versions of a model look related.
    let palette = Noise::named(title).next_u64() & !0xffff;
    let base = Noise::named(name).below(0xff00);
    (0..count)
        .map(|position| PreviewSpec {
            kind: if position == 1 { PreviewKind::Png } else { PreviewKind::Jpeg },
            prompt: (position != 2).then(|| format!("{}, soft light, detailed", title.to_lowercase())),
            ..PreviewSpec::new(palette | (base + position as u64))
        })
        .collect()
}
