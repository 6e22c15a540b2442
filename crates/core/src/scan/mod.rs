//! Finds out what is on disk, reads what must be read, and has it identified.
//!
//! The disk is the truth: a scan compares it with the store and repairs the store. What happens to each path is decided
//! in [`compare`] from values alone; this module moves the files through: walk, compare, hash, resolve. Whatever is
//! finished is committed at once, so that a crash costs only what was being read.

mod beginnings;
mod beside;
mod commit;
mod compare;
mod failure;
mod fingerprint;
mod identify;
mod kin;
mod look;
mod report;
mod run;
mod walk;

pub(crate) use beside::names_by_folder;
pub use fingerprint::{FileIdentity, Fingerprint};
pub use report::{ScanEvent, ScanObserver, ScanOutcome, ScanSummary};
pub(crate) use run::{RENAMED_LATELY, Scan, ScanOptions, Writes};
pub(crate) use walk::{MAX_DEPTH, MAX_LINKS_TO_A_FOLDER, is_skipped_folder};

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::jobs::JobControl;
use crate::roots::ScanPlan;
use crate::units::RootId;

/// Where to look.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everywhere.
    #[default]
    All,
    /// In these roots.
    Roots(Vec<RootId>),
    /// In these folders of one root.
    Folders {
        /// Which root.
        root: RootId,
        /// Below these.
        folders: Vec<PathBuf>,
        /// Files that were seen to be written to: no hash of theirs holds, whatever their times say.
        written: Vec<PathBuf>,
    },
}

/// How much is read.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ScanDepth {
    /// As little as possible: files are recognised by other tools' measurements and by samples wherever that works, and
    /// the scan ends once every file is known.
    Quick,
    /// What is unknown, and then what is only believed.
    #[default]
    Usual,
    /// Files that were renamed as well: a rename keeps a file's hash without a read, and an edit that restores
    /// everything but the change time would look the same.
    Thorough,
}

/// How many model files, and how many bytes of them, lie in these folders. Names and sizes only, nothing is read.
pub(crate) fn count(plan: &ScanPlan) -> (u32, u64) {
    let walked = walk::walk(plan, &JobControl::default(), || ()).unwrap_or_default();
    let sizes = walked.files.iter().filter_map(|file| file.fingerprint.as_ref().ok()).map(|print| print.size);
    (u32::try_from(walked.files.len()).unwrap_or(u32::MAX), sizes.sum())
}
