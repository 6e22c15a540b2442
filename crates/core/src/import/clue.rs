//! What a tool says about a file, and how far that can be believed.
//!
//! Every source, however different, ends as a [`Recorded`]: a hash with whatever the tool noted beside it. One function
//! compares that with the file on disk, so that no source can forget a check or be more generous than another.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tool::Tool;
use crate::hash::{AutoV2, AutoV3, Blake3, Sha256};
use crate::units::{ModelId, VersionId};

/// A hash of one of the kinds that tools keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClueHash {
    /// Whole file.
    Sha256(Sha256),
    /// Whole file.
    Blake3(Blake3),
    /// SHA-256 of the tensors behind a safetensors header; its first 6 bytes are the AutoV3.
    Tensors([u8; 32]),
    /// The first 12 digits of the same.
    AutoV3(AutoV3),
    /// The first 10 digits of the whole file's SHA-256.
    AutoV2(AutoV2),
}

/// The SHA-256 of nothing. Repackers write it where they hashed nothing; it identifies no model.
const SHA256_OF_NOTHING: [u8; 32] = [
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41,
    0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
];

impl ClueHash {
    /// From digits of any case; `None` if they are not 64, or the hash of nothing.
    pub(super) fn sha256(digits: &str) -> Option<Self> {
        let sha256: Sha256 = digits.parse().ok()?;
        (*sha256.as_bytes() != SHA256_OF_NOTHING).then_some(Self::Sha256(sha256))
    }

    /// The same digits, measured over the tensors alone.
    pub(super) fn tensors(digits: &str) -> Option<Self> {
        match Self::sha256(digits)? {
            Self::Sha256(sha256) => Some(Self::Tensors(*sha256.as_bytes())),
            _ => None,
        }
    }

    /// From digits of any case.
    pub(super) fn blake3(digits: &str) -> Option<Self> {
        digits.parse().ok().map(Self::Blake3)
    }

    /// From digits of any case; `None` for the hash of nothing.
    pub(super) fn autov3(digits: &str) -> Option<Self> {
        digits.parse().ok().filter(|hash| *hash != AutoV3::OF_NOTHING).map(Self::AutoV3)
    }

    /// From digits of any case; `None` for the hash of nothing.
    pub(super) fn autov2(digits: &str) -> Option<Self> {
        let hash: AutoV2 = digits.parse().ok()?;
        (!SHA256_OF_NOTHING.starts_with(hash.as_bytes())).then_some(Self::AutoV2(hash))
    }

    /// The more of the file it speaks for and the longer it is, the better.
    fn rank(&self) -> u8 {
        match self {
            Self::Sha256(_) => 0,
            Self::Blake3(_) => 1,
            Self::Tensors(_) => 2,
            Self::AutoV3(_) => 3,
            Self::AutoV2(_) => 4,
        }
    }
}

/// How well a clue is tied to the file that lies on disk now. Best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Strength {
    /// Path, modification time and size are those that were hashed.
    Exact,
    /// The tool's own key and the modification time are.
    Dated,
    /// Only the size could be compared.
    Sized,
    /// Nothing could be compared.
    Unchecked,
}

/// One hash that another tool has for a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Clue {
    /// Whose measurement it is.
    pub tool: Tool,
    /// What was measured.
    pub hash: ClueHash,
    /// How well it is tied to the file on disk.
    pub strength: Strength,
    /// What Civitai says the size of the file with this hash is, in KiB; the file on disk has this size.
    pub expected_size_kb: Option<f64>,
    /// The version the tool recorded.
    pub version_id: Option<VersionId>,
    /// The model the tool recorded.
    pub model_id: Option<ModelId>,
    /// Where it was read, for messages.
    pub source: PathBuf,
}

/// The facts about one file on disk that clues are checked against.
#[derive(Debug, Clone, Copy)]
pub struct FileFacts<'a> {
    /// Absolute, as the scan found it.
    pub path: &'a Path,
    /// Bytes.
    pub size: u64,
    /// Modification time, nanoseconds since 1970 UTC.
    pub modified_ns: i64,
}

/// A modification time as a tool wrote it down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    ns: i64,
    /// How much the writing down may have lost, in nanoseconds.
    within: u64,
}

/// What a float of seconds or milliseconds may have lost, and a little more: a rewrite takes longer than a millisecond.
const FLOAT_TOLERANCE: u64 = 999_999;

impl Moment {
    /// Whole nanoseconds.
    pub(super) fn exactly(ns: i64) -> Self {
        Self { ns, within: 0 }
    }

    /// A float of seconds, as Python's `getmtime` gives it.
    pub(super) fn seconds(seconds: f64) -> Option<Self> {
        Self::of_float(seconds * 1e9)
    }

    /// The same in milliseconds.
    pub(super) fn milliseconds(milliseconds: f64) -> Option<Self> {
        Self::of_float(milliseconds * 1e6)
    }

    fn of_float(ns: f64) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "a float too large is cut to a time no file has")]
        ns.is_finite().then_some(Self { ns: ns.round() as i64, within: FLOAT_TOLERANCE })
    }

    pub(super) fn fits(self, modified_ns: i64) -> bool {
        self.ns.abs_diff(modified_ns) <= self.within
    }
}

/// Whether Civitai's size of a file, in KiB with a fraction, is this file's.
pub(super) fn size_fits(size: u64, size_kb: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "files of 8 PiB and more are not compared")]
    let kb = size as f64 / 1024.0;
    (kb - size_kb).abs() < 1.0
}

/// A hash as a tool wrote it down, with what it noted beside it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recorded {
    pub(super) tool: Tool,
    pub(super) hash: ClueHash,
    pub(super) size: Option<u64>,
    pub(super) modified: Option<Moment>,
    pub(super) expected_size_kb: Option<f64>,
    pub(super) version_id: Option<VersionId>,
    pub(super) model_id: Option<ModelId>,
    pub(super) source: Arc<Path>,
}

impl Recorded {
    /// With nothing beside the hash.
    pub(super) fn new(tool: Tool, hash: ClueHash, source: &Arc<Path>) -> Self {
        Self {
            tool,
            hash,
            size: None,
            modified: None,
            expected_size_kb: None,
            version_id: None,
            model_id: None,
            source: Arc::clone(source),
        }
    }

    /// The clue, unless anything that was noted speaks against it.
    pub(super) fn for_file(&self, file: &FileFacts<'_>) -> Option<Clue> {
        if self.size.is_some_and(|size| size != file.size)
            || self.modified.is_some_and(|moment| !moment.fits(file.modified_ns))
            || self.expected_size_kb.is_some_and(|size_kb| !size_fits(file.size, size_kb))
        {
            return None;
        }
        let strength = match (self.modified, self.size, self.expected_size_kb) {
            (Some(_), Some(_), _) => Strength::Exact,
            (Some(_), None, _) => Strength::Dated,
            (None, Some(_), _) | (None, None, Some(_)) => Strength::Sized,
            (None, None, None) => Strength::Unchecked,
        };
        Some(Clue {
            tool: self.tool,
            hash: self.hash,
            strength,
            expected_size_kb: self.expected_size_kb,
            version_id: self.version_id,
            model_id: self.model_id,
            source: self.source.to_path_buf(),
        })
    }
}

/// Best first, each thing a tool says once.
pub(super) fn in_order(mut clues: Vec<Clue>) -> Vec<Clue> {
    // Stable: among equals the order of the sources stays.
    clues.sort_by_key(|clue| (clue.strength, clue.hash.rank()));
    let mut said = std::collections::HashSet::new();
    clues.retain(|clue| said.insert((clue.tool, clue.hash)));
    clues
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(size: Option<u64>, modified: Option<Moment>, expected_size_kb: Option<f64>) -> Recorded {
        let hash = ClueHash::sha256(&"ab".repeat(32)).unwrap();
        let source: Arc<Path> = Path::new("/cache").into();
        Recorded { size, modified, expected_size_kb, ..Recorded::new(Tool::A1111, hash, &source) }
    }

    fn file() -> FileFacts<'static> {
        FileFacts { path: Path::new("/m/a.pt"), size: 2048, modified_ns: 1_700_000_000 }
    }

    #[test]
    fn a_clue_is_as_strong_as_what_was_noted_beside_it() {
        let now = Moment::exactly(file().modified_ns);
        for (recorded, strength) in [
            (recorded(Some(2048), Some(now), None), Strength::Exact),
            (recorded(None, Some(now), None), Strength::Dated),
            (recorded(Some(2048), None, None), Strength::Sized),
            (recorded(None, None, Some(2.5)), Strength::Sized),
            (recorded(None, None, None), Strength::Unchecked),
        ] {
            assert_eq!(recorded.for_file(&file()).map(|clue| clue.strength), Some(strength));
        }
    }

    #[test]
    fn anything_that_speaks_against_it_refutes_it() {
        let now = Moment::exactly(file().modified_ns);
        let then = Moment::exactly(file().modified_ns - 1);
        for recorded in [
            recorded(Some(2047), Some(now), None),
            recorded(Some(2048), Some(then), None),
            recorded(None, Some(then), None),
            recorded(Some(2047), None, None),
            recorded(Some(2048), Some(now), Some(3.0)),
            recorded(None, None, Some(f64::NAN)),
        ] {
            assert_eq!(recorded.for_file(&file()), None);
        }
    }

    #[test]
    fn a_float_of_seconds_may_lose_less_than_a_millisecond() {
        let ns = 1_700_000_000_123_456_789;
        let moment = Moment::seconds(1_700_000_000.123_456_8).unwrap();
        assert!(moment.fits(ns));
        assert!(!moment.fits(ns + 1_001_000) && !moment.fits(ns - 1_001_000));
        assert!(Moment::milliseconds(1_700_000_000_123.456_8).unwrap().fits(ns));
        assert_eq!(Moment::seconds(f64::NAN), None);
        assert_eq!(Moment::seconds(f64::INFINITY), None);
        assert!(!Moment::seconds(1e200).unwrap().fits(ns));
    }

    #[test]
    fn the_hash_of_nothing_is_no_clue() {
        let nothing = "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855";
        assert_eq!(ClueHash::sha256(nothing), None);
        assert_eq!(ClueHash::tensors(nothing), None);
        assert_eq!(ClueHash::autov3(&nothing[..12]), None);
        assert_eq!(ClueHash::autov2(&nothing[..10]), None);
        assert_eq!(ClueHash::sha256("0xab"), None);
    }
}
