//! Long work one can watch, pause and cancel.

mod control;
mod progress;

pub use control::{Cancelled, JobControl};
pub use progress::{JobSnapshot, JobState, Progress, ScanPhase, Speedometer};
