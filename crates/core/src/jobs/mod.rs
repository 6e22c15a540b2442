//! Long work one can watch, pause and cancel.

mod control;
mod progress;
mod running;

pub use control::{Cancelled, JobControl};
pub use progress::{JobSnapshot, JobState, Progress, ScanPhase, Speedometer};
pub use running::RunningScan;
