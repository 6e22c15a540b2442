//! The engine of Modeldock.
//!
//! Modeldock tells people which model files they have. The engine finds the folders ([`roots`]), looks through them and
//! reads what is new ([`scan`], [`hash`]), has Civitai say what each content is ([`catalog`]), remembers the answers
//! ([`store`]) and shows them as one [`library`]. It has no face of its own and knows no network library: a shell opens
//! an [`App`] with a [`catalog::Catalog`] and calls the command table in [`api`].
//!
//! ```
//! use modeldock_core::{App, Paths, Role};
//! # use std::sync::Arc;
//! # use modeldock_core::account::*;
//! # use modeldock_core::catalog::*;
//! # use modeldock_core::download::*;
//! # struct Nowhere;
//! # #[async_trait::async_trait]
//! # impl Catalog for Nowhere {
//! #     fn base_url(&self) -> &str { "https://civitai.com" }
//! #     fn reference(&self, _: &str) -> Option<Reference> { None }
//! #     async fn ids_by_hash(&self, _: &[modeldock_core::hash::Sha256]) -> Result<Vec<HashMatch>, CatalogError> { Ok(vec![]) }
//! #     async fn versions_by_hash(&self, _: &[modeldock_core::hash::Sha256]) -> Result<Vec<ModelVersion>, CatalogError> { Ok(vec![]) }
//! #     async fn version_by_hash(&self, _: &str) -> Result<ModelVersion, CatalogError> { unreachable!() }
//! #     async fn version(&self, _: modeldock_core::units::VersionId) -> Result<ModelVersion, CatalogError> { unreachable!() }
//! #     async fn model(&self, _: modeldock_core::units::ModelId) -> Result<Model, CatalogError> { unreachable!() }
//! #     async fn list(&self, _: &modeldock_core::discover::ListQuery) -> Result<modeldock_core::discover::ListPage, CatalogError> { unreachable!() }
//! #     async fn listed(&self, _: modeldock_core::units::ModelId) -> Result<modeldock_core::discover::Listed, CatalogError> { unreachable!() }
//! #     async fn words(&self) -> Result<modeldock_core::discover::CatalogueWords, CatalogError> { unreachable!() }
//! #     async fn models(&self, _: &[modeldock_core::units::ModelId]) -> Result<Vec<Model>, CatalogError> { Ok(vec![]) }
//! #     async fn preview(&self, _: &str, _: usize) -> Result<PreviewBytes, CatalogError> { unreachable!() }
//! # }
//! # #[async_trait::async_trait]
//! # impl Downloads for Nowhere {
//! #     async fn resolve(&self, _: &Wanted) -> Result<SignedAddress, TransferError> { unreachable!() }
//! #     async fn open(&self, _: &SignedAddress, _: Span, _: Option<&Validator>) -> Result<Opened, TransferError> { unreachable!() }
//! # }
//! # #[async_trait::async_trait]
//! # impl modeldock_core::vault::VaultService for Nowhere {
//! #     async fn vault(&self) -> Result<Option<modeldock_core::vault::VaultInfo>, CatalogError> { Ok(None) }
//! #     async fn vault_page(&self, _: u32) -> Result<modeldock_core::vault::VaultPage, CatalogError> { unreachable!() }
//! #     async fn vault_holds(&self, _: &[modeldock_core::units::VersionId]) -> Result<Vec<modeldock_core::vault::VaultHolding>, CatalogError> { unreachable!() }
//! #     async fn vault_toggle(&self, _: modeldock_core::units::VersionId) -> Result<modeldock_core::vault::Toggled, modeldock_core::vault::ToggleError> { unreachable!() }
//! # }
//! # #[async_trait::async_trait]
//! # impl Accounts for Nowhere {
//! #     fn use_key(&self, _: Option<Secret>) {}
//! #     fn has_key(&self) -> bool { false }
//! #     async fn profile(&self) -> Result<Profile, CatalogError> { unreachable!() }
//! #     async fn profile_of(&self, _: Secret) -> Result<Profile, CatalogError> { unreachable!() }
//! # }
//! # #[async_trait::async_trait]
//! # impl modeldock_core::link::LinkService for Nowhere {
//! #     fn link_url(&self, _: modeldock_core::link::LinkSite) -> &str { "https://link.civitai.com" }
//! #     async fn connect_link(&self, _: modeldock_core::link::LinkSite) -> Result<Box<dyn modeldock_core::link::LinkSocket>, modeldock_core::link::LinkError> { unreachable!() }
//! # }
//! # #[tokio::main]
//! # async fn main() -> modeldock_core::Result<()> {
//! # let dir = tempfile::tempdir().unwrap();
//! # let (data_dir, models, civitai) = (dir.path().join("data"), dir.path().to_owned(), Arc::new(Nowhere));
//! let app = App::open(Paths::new(data_dir), Role::Owner, civitai)?;
//! app.call("roots_add", serde_json::json!({ "path": models })).await?;
//! let end = app.scan(Default::default(), Arc::new(|event| println!("{event:?}")))?.wait().await?;
//! assert_eq!(end.summary.files, 0);
//! # Ok(())
//! # }
//! ```
//!
//! | noun | type |
//! |-|-|
//! | an installation or folder with models | [`roots::RootInfo`], [`roots::Layout`] |
//! | what a file contains | [`hash::Hashes`] |
//! | what another tool says it contains | [`import::Clue`] |
//! | "the same bytes as last time?" | [`scan::Fingerprint`] |
//! | "look there again" | [`watch::Watcher`], [`watch::Hint`] |
//! | what Civitai says | [`catalog::ModelVersion`] |
//! | a model of the catalogue, and what of it is here | [`discover::DiscoverModel`], [`discover::ModelMarks`] |
//! | whose key Civitai is shown | [`account::AccountInfo`], [`account::Secret`] |
//! | a file on its way here | [`download::Download`], [`download::DownloadState`] |
//! | a name that every system takes | [`download::FileName`], [`download::SafeExtension`] |
//! | where a file goes | [`download::Planned`], [`download::PlaceRules`] |
//! | a version kept at Civitai for its user | [`vault::VaultItem`], [`vault::VaultState`] |
//! | what wants looking after | [`care::CareSummary`], [`care::Finding`] |
//! | a row people look at | [`library::LibraryItem`], [`library::ItemState`] |
//! | what lies beside a file | [`sidecar::SidecarInfo`], [`sidecar::SidecarAction`] |
//! | work one can watch | [`jobs::JobSnapshot`] |
//! | what happened | [`Event`] |
//! | what went wrong | [`Error`], [`Code`] |

pub mod account;
pub mod api;
mod app;
pub mod care;
pub mod catalog;
pub mod discover;
pub mod disk;
pub mod download;
mod durable;
mod error;
mod event;
pub mod files;
pub mod hash;
pub mod import;
pub mod jobs;
pub mod library;
pub mod link;
mod paths;
mod preview;
mod resolve;
pub mod roots;
mod sabotage;
pub mod scan;
pub mod settings;
pub mod sidecar;
pub mod store;
pub mod units;
pub mod vault;
pub mod watch;
mod workers;

pub use app::{App, Role};
pub use error::{Code, Error, Result};
pub use event::{Event, EventBus, Subscription};
pub use jobs::RunningScan;
pub use paths::{Paths, display, expand_home};
pub use preview::PreviewFile;
pub use scan::ScanOutcome;
pub use workers::{LinkActivity, WatchObserver};
