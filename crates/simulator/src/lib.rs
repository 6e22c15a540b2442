//! A stand-in for Civitai: its site API, signed storage, image host and Link relay, with a catalogue of real small model files and scripted faults.
//!
//! It follows the server as documented and observed, quirks included, and shares no code with the client it is there to test: hashes,
//! names and JSON are made independently, so that an error on one side cannot hide behind the same error on the other.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use civitai_simulator::{Catalogue, Config, Fault, Simulator};
//!
//! let simulator = Simulator::start(Config::default(), Catalogue::standard()).await?;
//! simulator.faults().push(Fault::status(503).header("retry-after", "1").on_endpoint("by-hash/ids").times(2));
//! // … point the client at simulator.base_url() with simulator.token() …
//! assert_eq!(simulator.count("by-hash/ids"), 3);
//! # Ok(())
//! # }
//! ```

pub mod catalogue;
mod counts;
mod faults;
mod picture;
mod relay;
pub mod sample;
mod server;
pub mod weights;

pub use catalogue::{
    Catalogue, CatalogueBuilder, FileSpec, Generated, Hashes, Mode, ModelSpec, PreviewSpec, Vault, VaultItem,
    VaultStatus, VersionSpec,
};
pub use counts::Recorded;
pub use faults::{Action, Fault, Faults};
pub use relay::{LinkRoom, Relay, RoomId, RoomView, Said, Site, SiteView};
pub use server::{Config, Simulator};
