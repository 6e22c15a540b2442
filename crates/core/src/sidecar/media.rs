//! Which picture or video it is, and what a preview of it may be called.
//!
//! The bytes decide. A JPEG saved as `.png` is shown by some UIs and breaks others, and a video under a picture's name
//! is shown by none.

use crate::preview::media_type;
use crate::roots::Layout;

/// A picture or video that some UI shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Media {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
    /// GIF.
    Gif,
    /// MPEG-4 video.
    Mp4,
    /// `WebM` video.
    Webm,
}

/// What MPEG-4 videos call themselves. Others with the same beginning are pictures (HEIC, AVIF) or `QuickTime`.
const MP4_BRANDS: &[&[u8]] = &[
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41", b"mp42", b"mp71",
    b"avc1", b"dash", b"cmfc", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"f4v ",
];

impl Media {
    /// By the first bytes. `None` for anything else.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match media_type(bytes)? {
            "image/png" => Some(Self::Png),
            "image/jpeg" => Some(Self::Jpeg),
            "image/webp" => Some(Self::Webp),
            "image/gif" => Some(Self::Gif),
            "video/mp4" => bytes.get(8..12).is_some_and(|brand| MP4_BRANDS.contains(&brand)).then_some(Self::Mp4),
            // Matroska begins alike and says which it is within its first element.
            "video/webm" => {
                bytes[..bytes.len().min(64)].windows(4).any(|window| window == b"webm").then_some(Self::Webm)
            }
            _ => None,
        }
    }

    /// Whether it moves and has sound.
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Mp4 | Self::Webm)
    }

    /// What a file of it ends in. `jpg`, because an older SwarmUI does not look for `.preview.jpeg`.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
            Self::Mp4 => "mp4",
            Self::Webm => "webm",
        }
    }

    /// What a UI shows of a model's preview, by the names each looks for.
    pub const fn shown_by(layout: Layout) -> &'static [Self] {
        match layout {
            Layout::A1111 | Layout::Forge | Layout::Fooocus | Layout::StabilityMatrix | Layout::Plain => {
                &[Self::Png, Self::Jpeg, Self::Webp, Self::Gif]
            }
            Layout::SdNext => &[Self::Png, Self::Jpeg, Self::Webp],
            // ComfyUI itself shows pictures; LoRA Manager, which lives in it, also `.preview.mp4` but not `.preview.webm`.
            Layout::ComfyUi => &[Self::Png, Self::Jpeg, Self::Webp, Self::Gif, Self::Mp4],
            Layout::SwarmUi => &[Self::Png, Self::Jpeg],
            Layout::InvokeAi => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_what_it_is() {
        let webm =
            b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm";
        let matroska =
            b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x88matroska";
        let table: &[(&[u8], Option<Media>)] = &[
            (b"\x89PNG\r\n\x1a\n....", Some(Media::Png)),
            (b"\xff\xd8\xff\xe0....", Some(Media::Jpeg)),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(Media::Webp)),
            (b"GIF87a", Some(Media::Gif)),
            (b"GIF89a", Some(Media::Gif)),
            (b"\0\0\0\x20ftypisom\0\0", Some(Media::Mp4)),
            (b"\0\0\0\x20ftypmp42\0\0", Some(Media::Mp4)),
            (webm, Some(Media::Webm)),
            (matroska, None),
            (b"\0\0\0\x20ftypavif\0\0", None),
            (b"\0\0\0\x20ftypheic\0\0", None),
            (b"\0\0\0\x20ftypqt  \0\0", None),
            (b"\0\0\0\x20ftyp", None),
            (b"RIFF\x10\0\0\0WAVE", None),
            (b"<svg onload='alert(1)'>", None),
            (b"<!doctype html>", None),
            (b"MZ\x90\0", None),
            (b"", None),
        ];
        for (bytes, media) in table {
            assert_eq!(Media::of(bytes), *media, "{}", bytes.escape_ascii());
        }
    }
}
