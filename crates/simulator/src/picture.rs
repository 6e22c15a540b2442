//! Paints previews: soft overlapping radial gradients in harmonious colours, a different composition per seed.
//!
//! Pictures are functions of seed and size, so resized variants are painted anew instead of being scaled.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _, ImageFormat, Rgb, RgbImage};

use crate::weights::Noise;

/// Width and height of every original, pixels.
pub(crate) const ORIGINAL: (u32, u32) = (512, 640);

/// A two-second MP4, made for this crate from nothing but a gradient filter:
/// `ffmpeg -f lavfi -i "gradients=s=288x360:c0=0x1b2a49:c1=0x6b4fa0:c2=0x4fb0a5:c3=0xd98a6a:n=4:speed=0.02:seed=7:d=2:r=12" -an
/// -c:v libx264 -pix_fmt yuv420p -preset veryslow -crf 34 -movflags +faststart -map_metadata -1 -fflags +bitexact -flags:v +bitexact
/// drift.mp4`
pub(crate) const VIDEO: &[u8] = include_bytes!("../assets/drift.mp4");

/// Width and height of [`VIDEO`], pixels.
pub(crate) const VIDEO_SIZE: (u32, u32) = (288, 360);

struct Glow {
    x: f32,
    y: f32,
    radius: f32,
    colour: [f32; 3],
}

/// A composition, before it is painted at some size.
struct Scene {
    top: [f32; 3],
    bottom: [f32; 3],
    glows: Vec<Glow>,
}

impl Scene {
    fn new(seed: u64) -> Self {
        // The high bits choose the palette and the low 16 the layout: versions of one model share colours.
        let mut palette = Noise::new(seed >> 16);
        let mut layout = Noise::new(seed ^ 0x5eed);
        let hue = palette.unit();
        let spread = 0.05 + 0.1 * palette.unit();
        let sign = if palette.unit() < 0.5 { -1.0 } else { 1.0 };
        let glows = (0_u8..4)
            .map(|index| {
                let step = f32::from(index);
                Glow {
                    x: 0.1 + 0.8 * layout.unit(),
                    y: 0.05 + 0.85 * layout.unit(),
                    radius: 0.65 + 0.5 * layout.unit(),
                    colour: hsl(
                        hue + sign * spread * step + 0.04 * layout.unit(),
                        0.34 + 0.2 * layout.unit(),
                        [0.64, 0.5, 0.42, 0.34][usize::from(index)],
                    ),
                }
            })
            .collect();
        Self {
            top: hsl(hue + sign * spread * 1.5, 0.34, 0.3),
            bottom: hsl(hue + sign * spread * 3.0, 0.4, 0.22),
            glows,
        }
    }

    fn at(&self, x: f32, y: f32) -> [u8; 3] {
        let mut colour = mix(self.top, self.bottom, y);
        // The brightest glow is first and has to end on top.
        for glow in self.glows.iter().rev() {
            let (dx, dy) = (x - glow.x, (y - glow.y) * 1.25);
            let reach = (1.0 - (dx * dx + dy * dy) / (glow.radius * glow.radius)).max(0.0);
            colour = mix(colour, glow.colour, reach * reach * 0.95);
        }
        colour.map(to_byte)
    }
}

fn mix(a: [f32; 3], b: [f32; 3], share: f32) -> [f32; 3] {
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * share)
}

fn hsl(hue: f32, saturation: f32, lightness: f32) -> [f32; 3] {
    let amplitude = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|shift: f32| {
        let k = (shift + hue.rem_euclid(1.0) * 12.0).rem_euclid(12.0);
        lightness - amplitude * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=255 first")]
fn to_byte(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}

#[expect(clippy::cast_precision_loss, reason = "picture sides are far below 2^23")]
fn paint(seed: u64, width: u32, height: u32) -> RgbImage {
    let scene = Scene::new(seed);
    RgbImage::from_fn(width, height, |x, y| Rgb(scene.at(x as f32 / width as f32, y as f32 / height as f32)))
}

/// The picture as JPEG, `width` pixels wide.
pub(crate) fn jpeg(seed: u64, width: u32) -> Vec<u8> {
    let (width, height) = fit(width);
    let picture = paint(seed, width, height);
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 88)
        .write_image(&picture, width, height, ExtendedColorType::Rgb8)
        .expect("a Vec takes every write, and RGB8 suits JPEG");
    bytes
}

/// The picture as PNG at its original size.
pub(crate) fn png(seed: u64) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    paint(seed, ORIGINAL.0, ORIGINAL.1)
        .write_to(&mut bytes, ImageFormat::Png)
        .expect("a Vec takes every write, and RGB8 suits PNG");
    bytes.into_inner()
}

/// The size of a variant. Never larger than the original, as on the real image host.
pub(crate) fn fit(width: u32) -> (u32, u32) {
    let width = width.clamp(1, ORIGINAL.0);
    (width, (width * ORIGINAL.1 / ORIGINAL.0).max(1))
}

/// The blurhash of a picture, 4 by 3 components, as Civitai stores it in `images[].hash`.
pub(crate) fn blurhash(seed: u64) -> String {
    const WIDTH: u8 = 8;
    const HEIGHT: u8 = 10;
    // The transform keeps the lowest frequencies only, so a thumbnail of a smooth picture is as good as the picture.
    let picture = paint(seed, u32::from(WIDTH), u32::from(HEIGHT));
    let light: Vec<[f32; 3]> = picture.pixels().map(|pixel| pixel.0.map(linear)).collect();
    let positions = || (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
    let mut factors = Vec::with_capacity(12);
    for j in 0_u8..3 {
        for i in 0_u8..4 {
            let mut sum = [0.0_f32; 3];
            for ((x, y), pixel) in positions().zip(&light) {
                let basis = wave(i, x, WIDTH) * wave(j, y, HEIGHT);
                for (sum, value) in sum.iter_mut().zip(pixel) {
                    *sum += basis * value;
                }
            }
            let normal = if i + j == 0 { 1.0 } else { 2.0 };
            let scale = normal / (f32::from(WIDTH) * f32::from(HEIGHT));
            factors.push(sum.map(|value| value * scale));
        }
    }
    encode(&factors)
}

fn wave(component: u8, position: u8, length: u8) -> f32 {
    (std::f32::consts::PI * f32::from(component) * f32::from(position) / f32::from(length)).cos()
}

fn linear(byte: u8) -> f32 {
    let value = f32::from(byte) / 255.0;
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn gamma(value: f32) -> u32 {
    let value = value.clamp(0.0, 1.0);
    let encoded = if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
    u32::from(to_byte(encoded))
}

fn encode(factors: &[[f32; 3]]) -> String {
    let (average, rest) = factors.split_first().expect("there are twelve factors");
    let largest = rest.iter().flatten().fold(0.0_f32, |most, value| most.max(value.abs()));
    let step = quantise(largest * 166.0 - 0.5, 82);
    let scale = (f32::from(step) + 1.0) / 166.0;
    let mut text = String::new();
    base83(3 + 2 * 9, 1, &mut text);
    base83(u32::from(step), 1, &mut text);
    base83((gamma(average[0]) << 16) | (gamma(average[1]) << 8) | gamma(average[2]), 4, &mut text);
    for factor in rest {
        let [r, g, b] = factor.map(|value| {
            let ratio = value / scale;
            u32::from(quantise(ratio.signum() * ratio.abs().sqrt() * 9.0 + 9.5, 18))
        });
        base83(r * 361 + g * 19 + b, 2, &mut text);
    }
    text
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=most first")]
fn quantise(value: f32, most: u8) -> u8 {
    value.floor().clamp(0.0, f32::from(most)) as u8
}

fn base83(value: u32, digits: u32, out: &mut String) {
    const ALPHABET: &[u8; 83] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
    for place in (0..digits).rev() {
        let digit = value / 83_u32.pow(place) % 83;
        out.push(char::from(ALPHABET[digit as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_the_same_every_time() {
        assert_eq!(jpeg(5, 96), jpeg(5, 96));
        assert_ne!(jpeg(5, 96), jpeg(6, 96));
        assert_eq!(fit(450), (450, 562));
        assert_eq!(fit(4000), ORIGINAL);
    }

    #[test]
    fn a_blurhash_has_the_length_its_components_need() {
        let hash = blurhash(42);
        assert_eq!(hash.len(), 4 + 2 * 12);
        assert_ne!(hash, blurhash(43 << 20));
    }
}
