//! What is done to model files: another name, another folder, the trash; and how it is undone.
//!
//! ```text
//! models ─► plan (which files, to where) ─► journal: begun ─► step by step ─► journal: done, library rows
//!                                                 └─ after a crash: put back what was done
//! ```
//!
//! A model travels with everything that is beside it: previews, sidecars, configuration. Nothing ever takes another file's
//! place, and nothing is deleted: what is thrown away lies in the system's trash, or in a trash folder of Modeldock's own
//! where a drive has none.
//!
//! Whether a move between drives should be done here is questionable: it is a copy, takes minutes and can fail half-way.
//! It is refused with the reason instead of doing it less carefully than a download does it.

mod act;
mod beside;
mod journal;
mod plan;
mod trash_bin;
mod undo;

pub(crate) use act::carry_out;
pub(crate) use journal::Entry;
pub use journal::{Activity, ActivityState, What};
pub(crate) use plan::{Plan, moves, refuse_managed, renames, trashes, trashes_alone};
pub(crate) use undo::{mend, undo};
