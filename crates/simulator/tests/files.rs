//! The catalogue's files are what they claim, and the sample trees match their own list.

use std::collections::HashSet;
use std::error::Error;
use std::fs;

use civitai_simulator::catalogue::{Hashes, known};
use civitai_simulator::sample::{self, Expected};
use civitai_simulator::{Catalogue, ModelSpec};
use safetensors::SafeTensors;

type Outcome = Result<(), Box<dyn Error>>;

#[test]
fn every_safetensors_file_is_readable_and_its_embedded_hash_true() -> Outcome {
    let catalogue = Catalogue::standard();
    let mut embedded = 0;
    for file in catalogue.files().filter(|file| file.spec.name.ends_with(".safetensors")) {
        let tensors = SafeTensors::deserialize(&file.spec.bytes)?;
        assert!(!tensors.is_empty(), "{}", file.spec.name);
        let (_, header) = SafeTensors::read_metadata(&file.spec.bytes)?;
        let hash = header.metadata().as_ref().and_then(|metadata| metadata.get("sshs_model_hash").cloned());
        if let Some(hash) = hash {
            assert_eq!(file.hashes.auto_v3.as_deref(), Some(&*hash[..12].to_uppercase()), "{}", file.spec.name);
            embedded += 1;
        }
    }
    assert!(embedded >= 14, "{embedded}");
    Ok(())
}

#[test]
fn torch_and_gguf_files_have_their_signatures() -> Outcome {
    let catalogue = Catalogue::standard();
    let bytes = |name: &str| catalogue.file_named(name).expect("in the catalogue").spec.bytes.clone();
    for name in ["harborlight-v1.ckpt", "murky-neg.pt", "4x_Fernleaf.pth"] {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes(name)))?;
        assert!(archive.by_name("archive/data/0").is_ok(), "{name}");
        let mut pickle = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_name("archive/data.pkl")?, &mut pickle)?;
        assert_eq!((pickle[..2].to_vec(), pickle.last()), (vec![0x80, 2], Some(&b'.')));
    }
    assert!(bytes("graphite_flux_q8.gguf").starts_with(b"GGUF\x03\0\0\0"));
    Ok(())
}

/// Pins the content: a change here changes every hash a test or a screenshot may rely on.
#[test]
fn the_catalogue_is_the_same_on_every_machine() {
    let catalogue = Catalogue::standard();
    let all: String = catalogue.files().map(|file| file.hashes.sha256.as_str()).collect();
    assert_eq!(Hashes::of(all.as_bytes()).auto_v2, "B4CB483522");
    let large = catalogue.files().filter(|file| file.hashes.auto_v1.is_some()).count();
    assert!(large >= 3, "{large} files have an AutoV1");
    let (one, two) = (Catalogue::bulk(20, 5), Catalogue::bulk(20, 5));
    assert!(one.files().zip(two.files()).all(|(a, b)| a.hashes == b.hashes));
    let distinct: HashSet<&str> = one.files().map(|file| file.hashes.sha256.as_str()).collect();
    assert_eq!(distinct.len(), 20);
}

#[test]
fn a_registered_file_is_found_by_its_hash() {
    let mut builder = Catalogue::standard().into_builder();
    let added = builder.add_file("mine.safetensors", vec![3_u8; 99], ModelSpec::new("Mine", "LORA"));
    let catalogue = builder.build();
    let hash = Hashes::of(&[3; 99]).sha256;
    assert_eq!(catalogue.version_by_hash(&hash).map(|version| version.id), Some(added.version));
    assert!(catalogue.file_named(known::LATEST).is_some());
}

#[test]
fn sample_trees_hold_what_their_list_says() -> Outcome {
    let folder = tempfile::tempdir()?;
    let catalogue = Catalogue::standard();
    let trees = sample::write_trees(folder.path(), &catalogue)?;
    for file in &trees.written {
        let bytes = fs::read(&file.path)?;
        if let Some(sha256) = &file.sha256 {
            assert_eq!(&Hashes::of(&bytes).sha256, sha256, "{}", file.path.display());
        }
        if let Expected::Known { version_id, .. } = &file.expected {
            let found = catalogue.version_by_hash(file.sha256.as_deref().unwrap_or_default());
            assert_eq!(found.map(|version| version.id), Some(*version_id));
        }
    }
    let on_disk = count(folder.path())?;
    assert_eq!(on_disk, trees.written.len(), "nothing unlisted");
    let unknown = trees.models().filter(|file| file.expected == Expected::Unknown).count();
    assert_eq!(unknown, 4, "three trainings and a withdrawn model");
    let hashes: Vec<&String> = trees.models().filter_map(|file| file.sha256.as_ref()).collect();
    let distinct: HashSet<&&String> = hashes.iter().collect();
    assert_eq!(hashes.len() - distinct.len(), 6, "copies across the trees");
    assert!(trees.a1111.join("webui.py").is_file() && trees.comfyui.join("folder_paths.py").is_file());
    assert_eq!(trees.written.iter().filter(|file| file.symlink).count(), usize::from(cfg!(unix)));
    // Writing again over an existing tree works.
    sample::write_trees(folder.path(), &catalogue)?;
    Ok(())
}

fn count(folder: &std::path::Path) -> std::io::Result<usize> {
    let mut files = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        files += if entry.file_type()?.is_dir() { count(&entry.path())? } else { 1 };
    }
    Ok(files)
}

#[test]
fn bulk_files_can_be_written_to_a_folder() -> Outcome {
    let folder = tempfile::tempdir()?;
    let catalogue = Catalogue::bulk(50, 1);
    let paths = sample::write_files(folder.path(), &catalogue)?;
    assert_eq!(paths.len(), 50);
    for (path, file) in paths.iter().zip(catalogue.files()) {
        assert_eq!(Hashes::of(&fs::read(path)?), file.hashes);
    }
    Ok(())
}
