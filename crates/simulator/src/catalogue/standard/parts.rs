//! VAEs, embeddings, upscalers, ControlNets, text encoders, and other parts.

use super::{Shelf, version};
use crate::catalogue::{FileSpec, Id};
use crate::weights;

/// Adds the parts. Returns the VAE file that the checkpoints link to.
pub(super) fn add(shelf: &mut Shelf) -> Id {
    let vae = simple(
        shelf,
        ["Clearwater VAE", "VAE", "saltmarsh", "SD 1.5", "v1.0"],
        "2023-05-01T00:00:00.000Z",
        typed("clearwater.vae.safetensors", weights::vae(96, 11), "VAE"),
    );
    simple(
        shelf,
        ["Clearwater XL VAE", "VAE", "saltmarsh", "SDXL 1.0", "fp16 fix"],
        "2023-09-09T00:00:00.000Z",
        typed("clearwater_xl_vae.safetensors", weights::vae(160, 12), "VAE"),
    );
    embeddings(shelf);
    guides(shelf);
    networks(shelf);
    vae
}

fn embeddings(shelf: &mut Shelf) {
    let hands = shelf.model("Steady Hands", "TextualInversion", "kilnhouse", &["negative", "hands"]);
    let mut spec = version("Steady Hands", "v1", "SD 1.5", "2023-04-02T10:00:00.000Z");
    spec.trained_words = vec!["steady_hands".to_owned()];
    let hands = shelf.0.version(hands, spec);
    shelf.0.file(hands, FileSpec::new("steady_hands.safetensors", weights::embedding(8, 13)));
    let murky = shelf.model("Murky Negative", "TextualInversion", "foldwork", &["negative"]);
    let mut spec = version("Murky Negative", "v2", "SD 1.5", "2023-03-03T03:00:00.000Z");
    spec.trained_words = vec!["murky-neg".to_owned()];
    let murky = shelf.0.version(murky, spec);
    shelf.0.file(murky, FileSpec::new("murky-neg.pt", weights::torch_embedding("murky-neg", 10, 14)));
}

/// Upscaler, ControlNet, text encoder.
fn guides(shelf: &mut Shelf) {
    simple(
        shelf,
        ["4x Fernleaf", "Upscaler", "saltmarsh", "Upscaler", "4x"],
        "2023-11-11T11:11:11.000Z",
        FileSpec::new("4x_Fernleaf.pth", weights::torch_state("params_ema", "conv_first.weight", 40_000, 15)),
    );
    simple(
        shelf,
        ["Scribble Guide", "Controlnet", "foldwork", "SD 1.5", "v1.1"],
        "2023-07-01T00:00:00.000Z",
        typed("scribble_guide_sd15.safetensors", weights::controlnet(192, 16), "ControlNet"),
    );
    simple(
        shelf,
        ["CLIP-L Longform", "TextEncoder", "night_tram", "Flux.1 D", "v1.0"],
        "2025-01-20T00:00:00.000Z",
        typed("clip_l_longform.safetensors", weights::text_encoder(128, 17), "Text Encoder"),
    );
}

/// Hypernetwork, motion module, bare diffusion model.
fn networks(shelf: &mut Shelf) {
    simple(
        shelf,
        ["Dry Brush", "Hypernetwork", "kilnhouse", "SD 1.5", "v1"],
        "2023-01-17T00:00:00.000Z",
        FileSpec::new("dry_brush.pt", weights::torch_state("768", "linear.0.weight", 20_000, 18)),
    );
    simple(
        shelf,
        ["Drift Motion", "MotionModule", "reel_to_reel", "SD 1.5", "v2"],
        "2023-10-05T00:00:00.000Z",
        FileSpec::new(
            "drift_motion_v2.ckpt",
            weights::torch_state("state_dict", "down_blocks.0.motion_modules.0.pos_encoder.pe", 30_000, 19),
        ),
    );
    simple(
        shelf,
        ["Courier", "UNet", "reel_to_reel", "Wan Video 1.3B t2v", "bf16"],
        "2025-08-08T00:00:00.000Z",
        typed("courier_wan13.safetensors", weights::diffusion_model(256, 20), "UNet"),
    );
}

fn typed(name: &str, bytes: Vec<u8>, kind: &str) -> FileSpec {
    FileSpec { kind: kind.to_owned(), ..FileSpec::new(name, bytes) }
}

/// One model, one version, one file. `words` are title, type, creator, base model, version name.
fn simple(shelf: &mut Shelf, words: [&str; 5], date: &str, file: FileSpec) -> Id {
    let [title, kind, creator, base, name] = words;
    let model = shelf.model(title, kind, creator, &["tool"]);
    let version = shelf.0.version(model, version(title, name, base, date));
    shelf.0.file(version, file)
}
