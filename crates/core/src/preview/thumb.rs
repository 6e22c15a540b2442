//! Small pictures for lists: made once, kept on disk, off the threads that answer.
//!
//! A list of twenty thousand models shows covers of several megapixels each; scaled here, a page of them is a few hundred
//! kilobytes and decodes in no time. What cannot be scaled safely (a picture of 20,000 pixels a side, something that only
//! looks like one) has no small picture, and the page sees it nowhere.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageReader, Limits};

use super::{PreviewFile, keep, none};
use crate::error::Result;

/// Neither side is longer, in pixels: twice what a card shows.
const LONGEST_SIDE: u32 = 640;

/// Of a JPEG, out of 100.
const QUALITY: u8 = 84;

/// No picture with a longer side is decoded, in pixels.
const LARGEST_SIDE: u32 = 16_384;

/// Decoding one takes no more memory, in bytes.
const MOST_MEMORY: u64 = 256 * 1024 * 1024;

/// All kept pictures together take no more room on disk than this, in bytes; the oldest go first.
pub(super) const MOST_KEPT: u64 = 2 * 1024 * 1024 * 1024;

/// After so many new ones it is looked whether there are too many.
pub(super) const LOOK_EVERY: u32 = 500;

/// Whether drawing it takes no more memory than [`MOST_MEMORY`], by the size it says it has. True of what is no picture,
/// and of kinds whose size is not known here: a viewer has bounds of its own for those.
pub(super) fn is_bounded(picture: &PreviewFile) -> bool {
    if !picture.content_type.starts_with("image/") {
        return true;
    }
    let reader = ImageReader::new(Cursor::new(&picture.bytes)).with_guessed_format();
    let Some((width, height)) = reader.ok().and_then(|reader| reader.into_dimensions().ok()) else { return true };
    width.max(height) <= LARGEST_SIDE && u64::from(width) * u64::from(height) * 4 <= MOST_MEMORY
}

/// A small one of this picture. `None` if it is no picture that can be scaled: a video, or too large to be decoded.
pub(super) fn scaled(picture: &PreviewFile) -> Option<PreviewFile> {
    if !picture.content_type.starts_with("image/") {
        return None;
    }
    let mut reader = ImageReader::new(Cursor::new(&picture.bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    let decoded = reader.decode().ok()?;
    let is_small = decoded.width().max(decoded.height()) <= LONGEST_SIDE;
    let small = if is_small { decoded } else { decoded.thumbnail(LONGEST_SIDE, LONGEST_SIDE) };
    encoded(&small)
}

/// As JPEG, or as PNG where something shines through.
fn encoded(picture: &DynamicImage) -> Option<PreviewFile> {
    let is_clear = picture.color().has_alpha() && picture.to_rgba8().pixels().any(|pixel| pixel.0[3] < 255);
    let mut bytes = Vec::new();
    if is_clear {
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).ok()?;
        return Some(PreviewFile { bytes, content_type: "image/png" });
    }
    picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, QUALITY)).ok()?;
    Some(PreviewFile { bytes, content_type: "image/jpeg" })
}

/// Keeps one for the next time.
pub(super) fn keep_scaled(path: &Path, small: &PreviewFile) {
    if let Err(error) = keep(path, &small.bytes) {
        tracing::warn!(%error, "a small picture could not be kept");
    }
}

/// Removes the oldest pictures of a folder until the rest has room. Returns how many went.
pub(super) fn prune(folder: &Path, most: u64) -> Result<u32> {
    let mut all: Vec<(SystemTime, u64, PathBuf)> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(std::result::Result::ok)
        .filter_map(|entry| {
            let metadata = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
            Some((metadata.modified().ok()?, metadata.len(), entry.into_path()))
        })
        .collect();
    let mut room: u64 = all.iter().map(|(_, length, _)| length).sum();
    if room <= most {
        return Ok(0);
    }
    all.sort();
    let mut gone = 0;
    for (_, length, path) in all {
        // Some room for the next ones.
        if room <= most / 10 * 9 {
            break;
        }
        if std::fs::remove_file(&path).is_ok() {
            room = room.saturating_sub(length);
            gone += 1;
        }
    }
    if gone == 0 { Err(none()) } else { Ok(gone) }
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn png(picture: &DynamicImage) -> PreviewFile {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
        PreviewFile { bytes, content_type: "image/png" }
    }

    #[test]
    fn a_large_picture_gets_small_and_keeps_its_shape() {
        let large = DynamicImage::ImageRgb8(RgbImage::from_pixel(1664, 2432, Rgb([200, 100, 50])));
        let small = scaled(&png(&large)).unwrap();
        assert_eq!(small.content_type, "image/jpeg");
        let small = image::load_from_memory(&small.bytes).unwrap();
        assert_eq!((small.width(), small.height()), (438, 640));
    }

    #[test]
    fn what_shines_through_still_does() {
        let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(900, 900, Rgba([200, 100, 50, 10])));
        assert_eq!(scaled(&png(&clear)).unwrap().content_type, "image/png");
    }

    #[test]
    fn what_cannot_be_decoded_safely_has_none() {
        let wide = DynamicImage::ImageLuma8(image::GrayImage::new(20_000, 1));
        assert!(scaled(&png(&wide)).is_none());
        let video = PreviewFile { bytes: vec![0; 100], content_type: "video/mp4" };
        let broken = PreviewFile { bytes: b"\x89PNG\r\n\x1a\n then nothing".to_vec(), content_type: "image/png" };
        // A header that promises 16,000 pixels squared: a gigabyte once decoded.
        let mut bomb = png(&DynamicImage::ImageLuma8(image::GrayImage::new(1, 1)));
        bomb.bytes[16..24].copy_from_slice(&[0, 0, 0x3e, 0x80, 0, 0, 0x3e, 0x80]);
        for bad in [video, broken, bomb] {
            assert!(scaled(&bad).is_none(), "{}", bad.content_type);
        }
    }

    #[test]
    fn what_would_fill_memory_once_drawn_is_not_bounded() {
        let sized = |width: u32, height: u32| {
            let mut picture = png(&DynamicImage::ImageLuma8(image::GrayImage::new(1, 1)));
            picture.bytes[16..20].copy_from_slice(&width.to_be_bytes());
            picture.bytes[20..24].copy_from_slice(&height.to_be_bytes());
            // The header's own check.
            let sum = crc32(&picture.bytes[12..29]);
            picture.bytes[29..33].copy_from_slice(&sum.to_be_bytes());
            picture
        };
        assert!(is_bounded(&sized(8192, 8192)));
        for (width, height) in [(20_000, 20_000), (20_000, 1), (1, 20_000), (16_384, 16_384), (8193, 8193)] {
            assert!(!is_bounded(&sized(width, height)), "{width} x {height}");
        }
        assert!(is_bounded(&PreviewFile { bytes: vec![0; 100], content_type: "video/mp4" }));
    }

    /// As PNG has it, bit by bit.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
        })
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let dir = tempfile::tempdir().unwrap();
        for number in 0..10_u64 {
            let path = dir.path().join(format!("{number}/p"));
            std::fs::create_dir(path.parent().unwrap()).unwrap();
            std::fs::write(&path, [0; 100]).unwrap();
            let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(number);
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        }
        assert_eq!(prune(dir.path(), 1000).unwrap(), 0);
        assert_eq!(prune(dir.path(), 500).unwrap(), 6);
        assert!(!dir.path().join("5/p").exists() && dir.path().join("6/p").exists());
    }
}
