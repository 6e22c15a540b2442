//! What the two sample installations hold: catalogue files under the names that people give them.

/// A1111: folder, name on disk, name in the catalogue.
pub(super) const A1111: &[(&str, &str, &str)] = &[
    ("models/Stable-diffusion", "meridianXL_v3.safetensors", "meridianXL_v3.safetensors"),
    ("models/Stable-diffusion", "Meridian XL v4 (full).safetensors", "meridianXL_v4_full.safetensors"),
    ("models/Stable-diffusion/sd15", "harborlight-v1.ckpt", "harborlight-v1.ckpt"),
    ("models/Stable-diffusion/sd15", "harborlight_v2.safetensors", "harborlight_v2.safetensors"),
    ("models/Stable-diffusion/sd15", "sable_inpaint.safetensors", "sable_inpaint.safetensors"),
    ("models/Stable-diffusion", "lumenPony.safetensors", "lumenPony_v6.safetensors"),
    ("models/Lora", "porcelain_portrait.safetensors", "porcelainPortrait_v1.safetensors"),
    ("models/Lora/style", "ink wash v1.safetensors", "inkwash_v10.safetensors"),
    ("models/Lora/style", "paper_diorama.safetensors", "paper_diorama.safetensors"),
    ("models/Lora/style", "woodblock.v1.safetensors", "woodblock_weather_locon.safetensors"),
    ("models/Lora/style", "velvetNoir_v09.safetensors", "velvetNoir_v09.safetensors"),
    ("models/Lora/concept", "brutalist-interiors-pony.safetensors", "brutalist-interiors-pony.safetensors"),
    ("models/Lora/concept", "Tidepool.safetensors", "tide_pool_macro-v3.safetensors"),
    ("models/Lora/odd", "archive.safetensors", "winter_archive.safetensors"),
    ("models/Lora/odd", "removed_gallery.safetensors", "removed_gallery.safetensors"),
    ("models/Lora/odd", "fresh_ink.safetensors", "fresh_ink.safetensors"),
    ("models/Lora/odd", "paper_boats.safetensors", "paper_boats_old.safetensors"),
    ("models/Lora/odd", "sketch.safetensors", "withdrawn_sketch.safetensors"),
    ("models/VAE", "clearwater.vae.safetensors", "clearwater.vae.safetensors"),
    ("models/ESRGAN", "4x_Fernleaf.pth", "4x_Fernleaf.pth"),
    ("models/ControlNet", "scribble_guide.safetensors", "scribble_guide_sd15.safetensors"),
    ("models/hypernetworks", "dry_brush.pt", "dry_brush.pt"),
    ("embeddings", "steady_hands.safetensors", "steady_hands.safetensors"),
    ("embeddings", "murky-neg.pt", "murky-neg.pt"),
];

/// `ComfyUI`: the same columns. The first four repeat what the other tree has.
pub(super) const COMFYUI: &[(&str, &str, &str)] = &[
    ("models/checkpoints", "meridian_xl_v3.safetensors", "meridianXL_v3.safetensors"),
    ("models/loras", "inkwash_v10.safetensors", "inkwash_v10.safetensors"),
    ("models/loras/style", "diorama.safetensors", "paper_diorama.safetensors"),
    ("models/embeddings", "steady_hands.safetensors", "steady_hands.safetensors"),
    ("models/checkpoints", "aurora_il.safetensors", "aurora_il_v2.safetensors"),
    ("models/loras", "neon_alley.safetensors", "neon_alley_rain_flux.safetensors"),
    ("models/loras", "analog35_grain.safetensors", "analog35_grain.safetensors"),
    ("models/loras", "inkwash21.safetensors", "inkwash_v21.safetensors"),
    ("models/loras/style", "stained_glass.safetensors", "stained_glass_il.safetensors"),
    ("models/loras/style", "gouache_dora.safetensors", "gouache_storybook_dora.safetensors"),
    ("models/loras/wan", "slow_dolly_high.safetensors", "slow_dolly_wan_high.safetensors"),
    ("models/loras", "resonance_adapter.safetensors", "resonance_adapter.safetensors"),
    ("models/loras", "gilded.safetensors", "gilded_frames.safetensors"),
    ("models/vae", "clearwater_xl.safetensors", "clearwater_xl_vae.safetensors"),
    ("models/diffusion_models", "graphite_flux_bf16.safetensors", "graphite_flux_bf16.safetensors"),
    ("models/diffusion_models", "graphite-flux-Q8_0.gguf", "graphite_flux_q8.gguf"),
    ("models/diffusion_models", "courier.safetensors", "courier_wan13.safetensors"),
    ("models/text_encoders", "clip_l_longform.safetensors", "clip_l_longform.safetensors"),
    ("models/upscale_models", "Fernleaf 4x.pth", "4x_Fernleaf.pth"),
    ("models/controlnet", "scribble.safetensors", "scribble_guide_sd15.safetensors"),
    ("models/animatediff_models", "drift_motion_v2.ckpt", "drift_motion_v2.ckpt"),
];

/// The extra folder that `extra_model_paths.yaml` names.
pub(super) const EXTRA: &[(&str, &str, &str)] = &[
    ("loras", "copper_etching_xl.safetensors", "copper_etching_xl.safetensors"),
    ("loras", "field notes.safetensors", "field_notes_botanica.safetensors"),
];

/// Files by which tools recognise the installations. One harmless comment each: nothing here is ever run.
pub(super) const A1111_MARKERS: &[&str] = &["webui.py", "launch.py", "modules/sd_models.py", "modules/shared.py"];
pub(super) const COMFYUI_MARKERS: &[&str] = &["main.py", "folder_paths.py", "nodes.py", "comfy/sd.py"];
