//! LoRAs of every common architecture.

use super::{Shelf, version};
use crate::catalogue::{FileSpec, PreviewKind, PreviewSpec};
use crate::weights::{Lora, LoraFormat, Noise, Training};

struct Row {
    title: &'static str,
    kind: &'static str,
    creator: &'static str,
    base: &'static str,
    format: LoraFormat,
    words: &'static [&'static str],
    tags: &'static [&'static str],
    /// Name, publication date, file, rank, layers; oldest first.
    versions: &'static [(&'static str, &'static str, &'static str, usize, usize)],
    level: u32,
    modelspec: bool,
}

const PLAIN: Row = Row {
    title: "",
    kind: "LORA",
    creator: "studio_vellum",
    base: "SDXL 1.0",
    format: LoraFormat::Sdxl,
    words: &[],
    tags: &[],
    versions: &[],
    level: 1,
    modelspec: false,
};

const ROWS: &[Row] = &[
    Row {
        title: "Ink and Wash Landscapes",
        creator: "ada_paints",
        words: &["inkwash", "sumi-e brushwork", "misty mountains"],
        tags: &["style", "landscape", "ink", "traditional media"],
        versions: &[
            ("v1.0", "2024-11-04T09:12:00.000Z", "inkwash_v10.safetensors", 8, 8),
            ("v2.1", "2025-03-18T16:40:21.512Z", "inkwash_v21.safetensors", 8, 9),
            ("v2.3", "2025-09-02T07:30:00.000Z", "inkwash_v23.safetensors", 8, 10),
        ],
        modelspec: true,
        ..PLAIN
    },
    Row {
        title: "Neon Alley Rain",
        creator: "night_tram",
        base: "Flux.1 D",
        format: LoraFormat::Flux,
        words: &["neonalley", "wet asphalt"],
        tags: &["style", "cyberpunk", "city", "night"],
        versions: &[("v1.0", "2025-02-11T20:01:00.000Z", "neon_alley_rain_flux.safetensors", 8, 12)],
        ..PLAIN
    },
    Row {
        title: "Porcelain Portrait",
        creator: "kilnhouse",
        base: "SD 1.5",
        format: LoraFormat::Sd1,
        words: &["porcelain skin", "glazed"],
        tags: &["style", "portrait", "ceramic"],
        versions: &[
            ("v1", "2023-08-20T11:00:00.000Z", "porcelainPortrait_v1.safetensors", 8, 10),
            ("v2", "2024-01-15T11:00:00.000Z", "porcelainPortrait_v2.safetensors", 16, 8),
        ],
        ..PLAIN
    },
    Row {
        title: "Brutalist Interiors",
        creator: "concrete_poem",
        base: "Pony",
        words: &["brutalist interior", "board-formed concrete"],
        tags: &["concept", "architecture", "interior"],
        versions: &[("v1.2", "2024-07-07T18:22:10.000Z", "brutalist-interiors-pony.safetensors", 8, 9)],
        level: 3,
        ..PLAIN
    },
    Row {
        title: "Field Notes Botanica",
        creator: "ada_paints",
        words: &["field notes", "botanical plate"],
        tags: &["style", "botanical", "illustration"],
        versions: &[("v1.0", "2025-05-22T08:05:00.000Z", "field_notes_botanica.safetensors", 4, 12)],
        modelspec: true,
        ..PLAIN
    },
    Row {
        title: "Analog 35 Grain",
        creator: "night_tram",
        base: "Flux.1 D",
        format: LoraFormat::Flux,
        words: &["analog35"],
        tags: &["style", "photography", "film"],
        versions: &[
            ("v1", "2025-01-09T13:00:00.000Z", "analog35_grain.safetensors", 16, 8),
            ("v2 soft", "2025-08-30T13:00:00.000Z", "analog35_grain_soft.safetensors", 16, 9),
        ],
        ..PLAIN
    },
    Row {
        title: "Paper Diorama",
        creator: "foldwork",
        base: "SD 1.5",
        format: LoraFormat::Sd1,
        words: &["paper diorama", "layered cardstock"],
        tags: &["style", "papercraft"],
        versions: &[("v1.0", "2023-12-01T10:10:10.000Z", "paper_diorama.safetensors", 16, 12)],
        ..PLAIN
    },
    Row {
        title: "Velvet Noir",
        creator: "concrete_poem",
        base: "Pony",
        words: &["velvet noir", "low key lighting"],
        tags: &["style", "noir", "lighting"],
        versions: &[("v0.9", "2024-10-31T23:59:59.000Z", "velvetNoir_v09.safetensors", 8, 10)],
        level: 7,
        ..PLAIN
    },
    Row {
        title: "Stained Glass Windows",
        creator: "leadlight",
        base: "Illustrious",
        words: &["stained glass"],
        tags: &["style", "glass", "anime"],
        versions: &[("v1.0", "2025-04-04T04:04:04.040Z", "stained_glass_il.safetensors", 8, 8)],
        ..PLAIN
    },
    Row {
        title: "Tide Pool Macro",
        creator: "saltmarsh",
        base: "Illustrious",
        words: &["tidepool", "macro shot"],
        tags: &["concept", "nature", "macro"],
        versions: &[("v3", "2025-07-19T15:45:00.000Z", "tide_pool_macro-v3.safetensors", 8, 11)],
        ..PLAIN
    },
    Row {
        title: "Slow Dolly Motion",
        creator: "reel_to_reel",
        base: "Wan Video 14B t2v",
        format: LoraFormat::Wan,
        words: &["slow dolly in"],
        tags: &["motion", "video", "camera"],
        versions: &[("v1.0 high noise", "2025-10-10T10:00:00.000Z", "slow_dolly_wan_high.safetensors", 16, 8)],
        ..PLAIN
    },
    Row {
        title: "Woodblock Weather",
        kind: "LoCon",
        creator: "leadlight",
        base: "SD 1.5",
        format: LoraFormat::LoCon,
        words: &["woodblock print", "driving rain"],
        tags: &["style", "printmaking"],
        versions: &[("v1.0", "2023-06-14T06:00:00.000Z", "woodblock_weather_locon.safetensors", 8, 10)],
        ..PLAIN
    },
    Row {
        title: "Gouache Storybook",
        kind: "DoRA",
        creator: "ada_paints",
        base: "Illustrious",
        format: LoraFormat::Dora,
        words: &["gouache", "storybook page"],
        tags: &["style", "illustration", "children"],
        versions: &[("v2.0", "2025-06-06T12:00:00.000Z", "gouache_storybook_dora.safetensors", 8, 8)],
        modelspec: true,
        ..PLAIN
    },
    Row {
        title: "Copper Etching",
        creator: "leadlight",
        words: &["copperplate etching", "crosshatching"],
        tags: &["style", "etching", "monochrome"],
        versions: &[("v1.0", "2024-04-27T09:00:00.000Z", "copper_etching_xl.safetensors", 16, 9)],
        modelspec: true,
        ..PLAIN
    },
];

/// Adds every row.
pub(super) fn add(shelf: &mut Shelf) {
    for row in ROWS {
        let model = shelf.model(row.title, row.kind, row.creator, row.tags);
        for &(name, date, file, dim, layers) in row.versions {
            let mut spec = version(row.title, name, row.base, date);
            spec.trained_words = row.words.iter().map(|&word| word.to_owned()).collect();
            spec.nsfw_level = row.level;
            // A version's level is the union of its images', so the highest bit must be on one of them.
            if let Some(last) = spec.previews.last_mut() {
                last.nsfw_level = 1 << row.level.ilog2();
            }
            if row.format == LoraFormat::Wan {
                let video = PreviewSpec { kind: PreviewKind::Video, ..PreviewSpec::new(9) };
                spec.previews.insert(0, video);
            }
            let version = shelf.0.version(model, spec);
            let file = FileSpec { fp: Some("fp16".to_owned()), ..FileSpec::new(file, lora(row, file, dim, layers)) };
            shelf.0.file(version, file);
        }
    }
}

fn lora(row: &Row, file: &str, dim: usize, layers: usize) -> Vec<u8> {
    let base_model_version = match row.format {
        LoraFormat::Sd1 | LoraFormat::LoCon => "sd_v1",
        LoraFormat::Sdxl | LoraFormat::Dora => "sdxl_base_v1-0",
        LoraFormat::Flux => "flux1",
        LoraFormat::Wan => "wan2.1",
    };
    let mut noise = Noise::named(file);
    let tags = row
        .words
        .iter()
        .chain(row.tags)
        .map(|&tag| (tag.to_owned(), 4 + u32::try_from(noise.below(60)).expect("below 60")))
        .collect();
    let training = Training {
        output_name: file.trim_end_matches(".safetensors").to_owned(),
        base_model_version: base_model_version.to_owned(),
        tags,
        started_at: 1_690_000_000 + noise.below(60_000_000),
    };
    Lora {
        dim,
        layers,
        training: Some(training),
        modelspec_title: row.modelspec.then(|| row.title.to_owned()),
        ..Lora::new(row.format, noise.next_u64())
    }
    .write()
}
