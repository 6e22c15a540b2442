//! Which names a watcher cares for. Pure: nothing is touched here.
//!
//! Names of unfinished downloads are told apart from merely unknown ones, because an unknown name may be a folder's and
//! is looked at once, while an unfinished file is somebody's to write and is not touched at all.

use std::path::Path;

use crate::roots::is_model_name;

/// Endings that download and copy tools give to what they have not finished: browsers, aria2, wget-like tools,
/// torrent clients, Hugging Face, cloud clients.
const UNFINISHED: &[&str] = &[
    "part",
    "partial",
    "crdownload",
    "tmp",
    "temp",
    "aria2",
    "aria2__temp",
    "incomplete",
    "!qb",
    "!ut",
    "bc!",
    "downloading",
    "download",
    "opdownload",
    "filepart",
    "swp",
    "lock",
];

/// Endings of what people and UIs keep beside a model: pictures, descriptions, settings.
const BESIDE: &[&str] = &[
    "png", "jpg", "jpeg", "webp", "gif", "avif", "jxl", "mp4", "webm", "json", "info", "yaml", "yml", "txt", "md",
    "html",
];

/// What a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interest {
    /// A model file.
    Model,
    /// A picture or description of one.
    Beside,
    /// A hidden or unfinished file: not to be touched.
    Unfinished,
    /// Nothing, unless it is a folder.
    Other,
}

impl Interest {
    /// By the last part of the path.
    pub(super) fn of(path: &Path) -> Self {
        let Some(name) = path.file_name() else { return Self::Other };
        let bytes = name.as_encoded_bytes();
        if bytes.starts_with(b".") || bytes.starts_with(b"~syncthing~") || bytes.ends_with(b"~") {
            return Self::Unfinished;
        }
        if is_model_name(path) {
            return Self::Model;
        }
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        // `model.safetensors.part3`, `.tmp1a2b`: numbered by tools that load or copy in pieces.
        let is_numbered = ["part", "tmp"].iter().any(|word| {
            ending
                .strip_prefix(word)
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
        });
        if is_numbered || UNFINISHED.contains(&ending.as_str()) {
            Self::Unfinished
        } else if BESIDE.contains(&ending.as_str()) {
            Self::Beside
        } else {
            Self::Other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_without_being_touched() {
        let judged = |name: &str| Interest::of(&Path::new("/models").join(name));
        for name in ["a.safetensors", "A.CKPT", "v1.5.pt"] {
            assert_eq!(judged(name), Interest::Model, "{name}");
        }
        for name in ["a.preview.png", "a.civitai.info", "a.json", "a.cm-info.json", "a.YAML", "a.txt"] {
            assert_eq!(judged(name), Interest::Beside, "{name}");
        }
        for name in [
            "a.safetensors.part",
            "a.safetensors.partial",
            "Unconfirmed 12.crdownload",
            "a.tmp",
            "a.safetensors.aria2",
            "a.safetensors.incomplete",
            "a.safetensors.!qB",
            "a.downloading",
            "a.safetensors.download",
            "a.opdownload",
            "~syncthing~a.safetensors.tmp",
            ".syncthing.a.safetensors.tmp",
            ".a.safetensors.x7Yz9Q",
            "a.safetensors.part3",
            "a.safetensors~",
            ".hidden",
        ] {
            assert_eq!(judged(name), Interest::Unfinished, "{name}");
        }
        for name in ["Lora", "v1.5", "particles.partition", "x.py"] {
            assert_eq!(judged(name), Interest::Other, "{name}");
        }
    }
}
