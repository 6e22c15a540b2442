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

mod name;
mod place;
mod source;
mod state;

pub use name::{
    Fallback, FileName, MAX_FOLDER, MAX_NAME, SafeExtension, collides, free_name, numbered, safe_folder, safe_name,
};
pub use place::{
    Candidate, PathFacts, PlaceRules, Planned, RootFolders, Template, folder_for, is_inside, place_kind, plan_path,
    recommend,
};
pub use source::{
    Body, Downloads, Opened, SignedAddress, Span, TransferError, TransferErrorKind, Validator, VaultPart, Wanted,
};
pub use state::{AskedBy, Download, DownloadState, PauseReason, Stage};
