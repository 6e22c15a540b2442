//! The library: what the user has, as one searches and looks at it.

mod item;
mod sanitise;

pub use item::*;
pub use sanitise::sanitise;
pub(crate) use sanitise::within_limits;
