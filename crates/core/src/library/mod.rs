//! The library: what the user has, as one searches and looks at it.

mod facets;
mod index;
mod item;
mod marks;
mod sanitise;

pub(crate) use index::{Index, IndexBuilder, IndexRow, Search};
pub use item::*;
pub(crate) use marks::tag_key;
pub use marks::{BEST_RATING, Marks, MarksChange, View};
pub use sanitise::sanitise;
pub(crate) use sanitise::within_limits;
