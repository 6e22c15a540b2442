//! What a scan tells while it runs. Each event is a fact: it is told after it has been stored.

use serde::Serialize;

use crate::error::Error;

/// One thing a scan did or met. On the wire an object with the field `event`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ScanEvent {
    /// It began.
    Started {
        /// The roots it looks through.
        roots: Vec<String>,
    },
    /// A root could not be reached; what is known of its files stays.
    RootAway {
        /// The root.
        path: String,
        /// Why, and what to do.
        problem: Error,
    },
    /// Something could not be read; the scan goes on.
    Problem {
        /// File or folder.
        path: String,
        /// Why, and what to do.
        problem: Error,
    },
    /// Something that might have helped could not be used; nothing is lost by it.
    Remark {
        /// File or folder.
        path: String,
        /// Why, and what to do.
        problem: Error,
    },
    /// A file was read in full and its hash stored.
    Hashed {
        /// Absolute.
        path: String,
        /// Bytes.
        size: u64,
        /// Upper case.
        sha256: String,
    },
    /// What a file is was found out without reading it in full.
    Identified {
        /// Absolute.
        path: String,
        /// Bytes.
        size: u64,
        /// Upper case; believed, not measured.
        sha256: String,
        /// How.
        provenance: crate::library::Provenance,
        /// Whose measurement it is, if it was imported.
        source: Option<crate::import::Tool>,
    },
    /// A file was read in full and is not what was believed.
    Corrected {
        /// Absolute.
        path: String,
        /// What was believed, upper case.
        believed: String,
        /// What it is, upper case.
        sha256: String,
    },
    /// A known file was found under another name; nothing was read.
    Moved {
        /// Where it was.
        from: String,
        /// Where it is.
        path: String,
    },
    /// A file is no longer there.
    Gone {
        /// Where it was.
        path: String,
    },
    /// Civitai's answer about one content.
    Resolved {
        /// Upper case.
        sha256: String,
        /// `matched`, `not_found` or `pending`.
        state: &'static str,
        /// Civitai's version.
        version_id: Option<i64>,
        /// Why it is pending, and what to do.
        problem: Option<Error>,
    },
    /// How it ended. Always the last event.
    Summary(ScanSummary),
}

/// How a scan ended.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct ScanSummary {
    /// Files in the roots that were looked through.
    pub files: u32,
    /// Files that were read.
    pub hashed: u32,
    /// Bytes that were read for that.
    pub bytes_hashed: u64,
    /// Bytes that were read to find out what files probably are.
    pub bytes_sampled: u64,
    /// Files that Civitai knows.
    pub matched: u32,
    /// Those of them that have not been read in full yet.
    pub probable: u32,
    /// Files that Civitai does not know.
    pub not_found: u32,
    /// Files that are not read, not asked about or not answered yet.
    pub pending: u32,
    /// Files that cannot be read.
    pub failed: u32,
    /// How long it took.
    pub seconds: f64,
    /// Whether the user ended it early.
    pub cancelled: bool,
}

/// A scan's counts, and what it could not do although it went on.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanOutcome {
    /// The counts.
    pub summary: ScanSummary,
    /// What kept it from finishing.
    pub problem: Option<Error>,
}

/// Hears of everything a scan does. Called from the scan's own thread: be quick.
pub trait ScanObserver: Send + Sync {
    /// One event.
    fn on_event(&self, event: ScanEvent);
}

impl<F: Fn(ScanEvent) + Send + Sync> ScanObserver for F {
    fn on_event(&self, event: ScanEvent) {
        self(event);
    }
}
