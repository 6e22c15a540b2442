//! Downloads that are never wrong: from Civitai to the folder where a UI finds the file.
//!
//! ```text
//! what the user names ─ ask ─► Draft ─ place, name ─► Plan ─► a row in the queue
//! row ─ resolve ─► signed address ─ open × connections ─► .part ─ digest behind the front ─► equal?
//!       no ─► kept aside, tried once more, then told     yes ─► sync, rename without replace, sync the folder, row
//! ```
//!
//! One rule stands above all others: a name that a UI would load appears only when every byte behind it has been compared
//! with what Civitai measured, or the library says that it could not be.

mod ask;
mod extents;
mod file_at;
mod hours;
mod landing;
mod ledger;
mod limit;
mod name;
mod part;
mod place;
mod queue;
mod retry;
mod run;
mod settle;
mod sink;
mod source;
mod space;
mod state;
mod transfer;

pub use ask::{DownloadPlan, DownloadRequest, OfferedFile};
pub use hours::Hours;
pub use name::{
    Fallback, FileName, MAX_FOLDER, MAX_NAME, SafeExtension, collides, free_name, numbered, safe_folder, safe_name,
};
pub use place::{
    Candidate, Company, PathFacts, PlaceRules, Planned, RootFolders, Template, folder_for, is_inside, place_kind,
    plan_path, recommend,
};
pub use source::{
    Body, Downloads, Opened, SignedAddress, Span, TransferError, TransferErrorKind, Validator, VaultPart, Wanted,
};
pub use state::{AskedBy, Download, DownloadSample, DownloadState, PauseReason, Stage};

pub(crate) use ask::{Planner, size_of};
pub(crate) use extents::Extents;
pub use queue::DownloadOptions;
pub(crate) use queue::{Queue, Running as RunningDownloads, runs_elsewhere, tidy_up};
pub(crate) use run::tidy;
