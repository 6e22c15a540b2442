//! Which ecosystem a base model belongs to, in the spelling of AIRs (API contract, section 4).
//!
//! Families are named by prefix, so that next month's `SDXL Something` is right without an update. Any other name
//! becomes itself without spaces and dots, which is how nearly all of Civitai's own keys come about.

/// The ecosystem of `base_model`, such as `sdxl` for `Pony`.
pub(crate) fn ecosystem(base_model: &str) -> String {
    let name = base_model.trim().to_lowercase();
    let exact = EXACT.iter().find(|(known, _)| name == *known);
    let known = exact.or_else(|| FAMILIES.iter().find(|(prefix, _)| name.starts_with(prefix)));
    match known {
        Some((_, ecosystem)) => (*ecosystem).to_owned(),
        None => name.chars().filter(|c| !matches!(c, ' ' | '.')).map(|c| if allowed(c) { c } else { '_' }).collect(),
    }
}

const EXACT: &[(&str, &str)] = &[
    ("", "other"),
    ("upscaler", "other"),
    ("pony v7", "auraflow"),
    ("sd 3.5 medium", "sd3_5m"),
    ("sdxl distilled", "sdxldistilled"),
    ("flux.1 krea", "fluxkrea"),
    ("flux.1 kontext", "flux1kontext"),
    ("hunyuan 1", "hydit1"),
    ("hunyuan video", "hyv1"),
    ("ideogram 4.0", "ideogram"),
    ("stable cascade", "scascade"),
    ("wan video 1.3b t2v", "wanvideo1_3b_t2v"),
    ("wan video 14b t2v", "wanvideo14b_t2v"),
    ("wan video 14b i2v 480p", "wanvideo14b_i2v_480p"),
    ("wan video 14b i2v 720p", "wanvideo14b_i2v_720p"),
    ("wan video 2.2 ti2v-5b", "wanvideo-22-ti2v-5b"),
    ("wan video 2.2 i2v-a14b", "wanvideo-22-i2v-a14b"),
    ("wan video 2.2 t2v-a14b", "wanvideo-22-t2v-a14b"),
    ("wan video 2.5 t2v", "wanvideo-25-t2v"),
    ("wan video 2.5 i2v", "wanvideo-25-i2v"),
];

const FAMILIES: &[(&str, &str)] = &[
    ("sd 1.", "sd1"),
    ("sd 2.", "sd2"),
    ("sd 3", "sd3"),
    ("sdxl", "sdxl"),
    ("pony", "sdxl"),
    ("illustrious", "sdxl"),
    ("noobai", "sdxl"),
    ("flux.1", "flux1"),
    ("flux.2", "flux2"),
    ("svd", "svd"),
];

/// The characters an AIR's parts are made of. Civitai's own fallback leaves others in, which no parser reads back.
fn allowed(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_models_belong_to_their_roots_ecosystem() {
        for (base_model, expected) in [
            ("SD 1.5", "sd1"),
            ("SD 1.4", "sd1"),
            ("SD 1.5 LCM", "sd1"),
            ("SD 2.1 768", "sd2"),
            ("SDXL 1.0", "sdxl"),
            ("Pony", "sdxl"),
            ("Illustrious", "sdxl"),
            ("NoobAI", "sdxl"),
            ("SD 3", "sd3"),
            ("SD 3.5 Large", "sd3"),
            ("SD 3.5 Medium", "sd3_5m"),
            ("Flux.1 D", "flux1"),
            ("Flux.1 S", "flux1"),
            ("Flux.2 D", "flux2"),
            ("Flux.2 Klein 9B", "flux2"),
            ("Pony V7", "auraflow"),
            ("Upscaler", "other"),
            ("Boogu", "boogu"),
            ("SDXL Lightning", "sdxl"),
            ("Qwen 2.1", "qwen21"),
            ("Wan Video 2.2 T2V-A14B", "wanvideo-22-t2v-a14b"),
            ("Holo 9: x", "holo9_x"),
        ] {
            assert_eq!(ecosystem(base_model), expected, "{base_model}");
        }
    }
}
