//! What a vault keeps beside the model: its pictures as a zip archive, its page as a PDF, and its cover.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::super::storage::signed_object;
use super::super::{Shared, images, lock};
use crate::catalogue::{Catalogue, File, FileSpec, Hashes, Image, PreviewKind, Version};

/// A part of what is kept of a version.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Images,
    Details,
    Cover,
}

impl Part {
    const ALL: [Self; 3] = [Self::Images, Self::Details, Self::Cover];

    fn ending(self) -> &'static str {
        match self {
            Self::Images => "images.zip",
            Self::Details => "details.pdf",
            Self::Cover => "cover.jpeg",
        }
    }
}

/// A signed URL of a part. It is made only once somebody comes for it.
pub(super) fn signed(shared: &Shared, catalogue: &Catalogue, version: &Version, part: Part) -> String {
    signed_object(shared, &format!("vault-{}-{}", version.id, part.ending()), &name(catalogue, version, part))
}

/// The part that is stored under this name.
pub(in super::super) fn object(shared: &Shared, catalogue: &Catalogue, object: &str) -> Option<File> {
    let (version, ending) = object.strip_prefix("vault-")?.split_once('-')?;
    let version = catalogue.version(version.parse().ok()?)?;
    let part = Part::ALL.into_iter().find(|part| part.ending() == ending)?;
    let kept = lock(&shared.vault_parts).get(object).cloned();
    if kept.is_some() {
        return kept;
    }
    let bytes = match part {
        Part::Images => archive(shared, version),
        Part::Details => page(catalogue, version),
        Part::Cover => images::original(shared, cover(version)?).to_vec(),
    };
    let file = File {
        // Storage finds it by its object's name.
        id: 0,
        version_id: version.id,
        size: bytes.len() as u64,
        hashes: Hashes::of(&bytes),
        spec: FileSpec::new(name(catalogue, version, part), bytes),
    };
    lock(&shared.vault_parts).insert(object.to_owned(), file.clone());
    Some(file)
}

/// The picture that stands for a version.
pub(super) fn cover(version: &Version) -> Option<&Image> {
    version.images.iter().find(|image| image.spec.kind == PreviewKind::Jpeg)
}

fn name(catalogue: &Catalogue, version: &Version, part: Part) -> String {
    format!("{}-{}-{}", plain(&catalogue.model_of(version).spec.name), plain(&version.spec.name), part.ending())
}

/// Letters and digits, with dashes for the rest.
fn plain(text: &str) -> String {
    let dashed: String = text.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    dashed.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

fn archive(shared: &Shared, version: &Version) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    for image in &version.images {
        let extension = if image.spec.kind == PreviewKind::Video { "mp4" } else { "jpeg" };
        zip.start_file(format!("{}.{extension}", image.id), options)
            .and_then(|()| Ok(zip.write_all(&images::original(shared, image))?))
            .expect("a Vec takes every write");
    }
    zip.finish().expect("a Vec takes every write").into_inner()
}

/// One page with what the site says, in a font every reader has.
fn page(catalogue: &Catalogue, version: &Version) -> Vec<u8> {
    let model = &catalogue.model_of(version).spec;
    let lines = [
        format!("{} - {}", model.name, version.spec.name),
        format!("{} for {} by {}", model.kind, version.spec.base_model, model.creator),
        format!("Trigger words: {}", version.spec.trained_words.join(", ")),
    ];
    let mut shown = String::new();
    for line in lines {
        let safe: String = line.chars().filter(|c| c.is_ascii() && !c.is_ascii_control()).collect();
        let safe = safe.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
        // Writing into a text cannot fail, here and below.
        let _ = write!(shown, "({safe}) Tj 0 -20 Td ");
    }
    let stream = format!("BT /F1 14 Tf 72 760 Td {shown}ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut pdf = String::from("%PDF-1.4\n");
    let mut places = String::from("0000000000 65535 f \n");
    for (number, object) in objects.iter().enumerate() {
        let _ = writeln!(places, "{:010} 00000 n ", pdf.len());
        let _ = write!(pdf, "{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    let _ = write!(pdf, "xref\n0 {size}\n{places}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    pdf.into_bytes()
}
