//! Asks Civitai which versions of the models here there are.
//!
//! Only when somebody wants to know, one request at a time, and never twice within minutes: what was asked so far is
//! kept, so that an interrupted check goes on where it was.

use crate::catalog::{Catalog, MODELS_PER_REQUEST};
use crate::error::Result;
use crate::event::Event;
use crate::store::Store;
use crate::units::UnixMillis;

/// A model that was asked about this lately is not asked about again, in seconds. Civitai's own answers are as old.
const JUST_ASKED: i64 = 600;

/// Most models of one check: 200 requests, and more than anybody has.
const MOST_MODELS: u32 = 20_000;

/// Models of one request. A quarter of what Civitai takes: every model brings all its versions with their pictures.
const AT_ONCE: usize = MODELS_PER_REQUEST / 4;

/// Asks, and keeps every answer at once. Stops at the first failure, with what was kept before.
pub(crate) async fn check_updates(store: &Store, catalog: &dyn Catalog) -> Result<()> {
    let since = UnixMillis::now().plus_seconds(-JUST_ASKED);
    let wanted = store.read(move |tx| tx.models_to_check(since, MOST_MODELS)).await?;
    for some in wanted.chunks(AT_ONCE) {
        let models = catalog.models(some).await?;
        let asked = some.to_vec();
        store
            .write(move |tx| {
                let now = UnixMillis::now();
                for model in &models {
                    tx.put_model(model, now)?;
                }
                // One that is not listed may be hidden from lists: what was known of its versions stays.
                for id in asked {
                    tx.put_model_check(id, now)?;
                }
                tx.publish(Event::LibraryChanged);
                Ok(())
            })
            .await?;
    }
    Ok(())
}
