//! What wants looking after: copies that take room, versions that are outdated, files that are damaged, in the wrong
//! folder or a risk, and what was left behind.
//!
//! ```text
//! store (candidates, in one pass) ─► duplicates, updates, folder, risk (pure) ─► lists ─► pages with what can be done
//! ```
//!
//! Nothing is done here but to throw away what is checked once more before: [`sweep`]. Everything else is what the library
//! can do anyway: trash, move, download.
//!
//! Whether a count may say more than the user would agree to is questionable; it says less. A hash that nobody here has
//! measured makes no duplicate, a kind that two folders could take is in none of them wrong, and a scan that Civitai has
//! not told of is not told to have failed.

mod check;
mod duplicates;
mod finding;
mod folder;
mod lists;
mod risk;
mod sweep;
mod updates;

pub(crate) use check::check_updates;
pub use finding::*;
pub(crate) use lists::{page, summary};
pub(crate) use sweep::{Sweep, look_again, trash_copies, trash_orphans};
pub(crate) use updates::{Listed, Local};
