//! The user's vault at Civitai: what is in it, what of it is here, and putting things in and out.
//!
//! ```text
//! Civitai ─ page by page, until it holds still ─► items ─ one transaction ─► the store ─► shown, also off line
//! library ─ by version, by hash ─► which files here are an item's        none ─► missing here
//! "be in" ─ look ─► toggle once, if needed ─► look again ─► what is really so
//! ```
//!
//! What was read last stays readable without a connection, and only a whole reading makes an item disappear.

mod change;
mod item;
mod local;
mod read;
mod reason;
mod service;
mod state;
mod view;

use crate::catalog::{CatalogError, CatalogErrorKind};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::store::{Store, VaultRecord};
use crate::units::UnixMillis;

pub(crate) use change::{Changed, Wish, change};
pub use change::{VaultOutcome, VaultSide};
pub use item::{VaultFile, VaultInfo, VaultItem, VaultStatus};
pub(crate) use local::{is_model_file, is_model_of};
pub use service::{HOLDINGS_PER_REQUEST, Refusal, ToggleError, Toggled, VaultHolding, VaultPage, VaultService};
pub(crate) use state::Standing;
pub use state::VaultState;
pub(crate) use view::view;
pub use view::{VaultEntry, VaultView};

/// Reads the vault and keeps what was read. That it could not be read is kept as well, beside what is known of it.
pub(crate) async fn sync(store: &Store, service: &dyn VaultService) -> Result<()> {
    let record = match service.vault().await {
        Err(error) => {
            let state = (error.kind == CatalogErrorKind::Unauthorised).then_some(VaultState::NoKey);
            VaultRecord { state, info: None, items: Vec::new(), problem: Some(told(error)) }
        }
        Ok(None) => VaultRecord { state: Some(VaultState::NoMembership), info: None, items: Vec::new(), problem: None },
        Ok(Some(info)) => {
            let reading = read::read(service).await;
            let state = Some(VaultState::of(Some(&info)));
            VaultRecord { state, info: Some(info), items: reading.items, problem: reading.problem }
        }
    };
    store
        .write(move |tx| {
            tx.put_vault(&record, UnixMillis::now())?;
            tx.publish(Event::VaultChanged);
            Ok(())
        })
        .await
}

/// A failed question about the vault, for people. Nothing here asks again by itself.
fn told(error: CatalogError) -> Error {
    let hint = match error.kind {
        CatalogErrorKind::Offline => Some("Check your connection, then try again"),
        CatalogErrorKind::Unauthorised => Some("Sign in under Settings, Account, or with `modeldock account login`"),
        CatalogErrorKind::RateLimited(_) => Some("Civitai asks to wait; try again later"),
        CatalogErrorKind::Server(..) | CatalogErrorKind::NotJson => {
            Some("Civitai has trouble at the moment; try again later")
        }
        CatalogErrorKind::NotFound | CatalogErrorKind::Refused(_) => None,
    };
    let code = match error.kind {
        CatalogErrorKind::NotFound => Code::Server,
        _ => error.code(),
    };
    let converted = Error::new(code, error.message);
    match hint {
        Some(hint) => converted.hint(hint),
        None => converted,
    }
}
