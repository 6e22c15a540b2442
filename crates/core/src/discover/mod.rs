//! The catalogue as somebody looks through it: searched, opened, and compared with what is here.
//!
//! ```text
//! what is looked for ─ query ─► Catalog::list ─► Listed ─ view ─► what is shown     (Civitai is asked)
//!                                                  └─ desk ─► marks ◄─ library, queue, vault   (nothing is asked)
//! ```
//!
//! The two halves are commands of their own: what is here changes with every file that arrives, and that must not have
//! Civitai asked again for what it has already said. The [`Desk`] is what joins them: it remembers what was shown.

mod desk;
mod listed;
mod marks;
mod query;
mod view;

pub(crate) use desk::Desk;
pub use listed::{Access, CatalogueWords, ListPage, ListQuery, Listed, ListedFile, ListedVersion, ScanWord, Terms};
pub use marks::{FileMark, ModelMarks, Standing, VersionMarks};
pub(crate) use marks::{MarkedVersion, Presence, Underway, marks_of};
pub use query::{CatalogueSort, Content, DiscoverSearch, PAGE_LIMIT, Period};
pub(crate) use query::{checked, is_within};
pub use view::{DiscoverDetail, DiscoverFile, DiscoverModel, DiscoverPage, DiscoverPicture, DiscoverVersion};
pub(crate) use view::{detail_of, shown};
