//! Civitai Link: what the website may see and do here, once somebody pairs this computer with it.

mod relay;

pub use relay::{FromRelay, LARGEST_MESSAGE, LinkError, LinkService, LinkSite, LinkSocket, ToRelay};
