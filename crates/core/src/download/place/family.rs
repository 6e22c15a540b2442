//! What a base model's name tells of a file that is called a checkpoint: everything in one file, or the denoiser alone?
//!
//! Civitai calls both a checkpoint. Only families that people publish without text encoder and VAE are listed, and where
//! both are usual (Stable Diffusion 3.5, LTXV, Hunyuan 1, `AuraFlow`, SVD), the checkpoint that Civitai speaks of is
//! believed. The names of the tensors in the file's header settle it, but they come with the file: whoever has the
//! header should ask it instead.

/// How the names of such families begin, in Civitai's spelling.
const BARE: &[&str] = &[
    "Anima",
    "Chroma",
    "Flux.1",
    "Flux.2",
    "HiDream",
    "Hunyuan Video",
    "Krea 2",
    "Qwen",
    "Wan Image",
    "Wan Video",
    "Z-Image",
    "ZImage",
];

/// How authors say that a file of such a family holds everything all the same.
const WHOLE: &[&str] = &["allinone", "withvae", "bakedvae", "withclip", "fullcheckpoint"];

/// Whether files of this family are the denoiser alone, as a rule.
pub(super) fn is_bare(base_model: &str) -> bool {
    BARE.iter().any(|family| {
        let start = base_model.get(..family.len()).filter(|start| start.eq_ignore_ascii_case(family));
        // `Animagine` is none of `Anima`'s.
        start.is_some() && !base_model[family.len()..].starts_with(char::is_lowercase)
    })
}

/// Whether the file's name says that text encoder and VAE are in it.
pub(super) fn says_whole(file_name: &str) -> bool {
    let letters: String = file_name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    // `AIO` counts as a word of its own or in capitals: Civitai runs the words of a title together (`fluxDevAIO_v10`).
    let mut words = file_name.split(|c: char| !c.is_ascii_alphanumeric());
    WHOLE.iter().any(|hint| letters.contains(hint))
        || file_name.contains("AIO")
        || words.any(|word| word.eq_ignore_ascii_case("aio"))
}
