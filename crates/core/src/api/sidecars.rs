//! Files beside models: what is written there, and writing it.

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::download::PlaceRules;
use crate::error::{Error, Result};
use crate::event::Event;
use crate::roots::{Layout, RootInfo};
use crate::sidecar::{Outcome, SidecarChoice, SidecarStep};
use crate::units::{FileId, RootId};

/// A root, and what the user chooses for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RootSet {
    /// Which.
    pub id: RootId,
    /// What may be written beside its models; as before if it is left out.
    #[ts(optional = nullable)]
    #[serde(default)]
    pub sidecars: Option<SidecarChoice>,
    /// Where downloads go in it; as before if it is left out.
    #[ts(optional = nullable)]
    #[serde(default)]
    pub places: Option<PlaceRules>,
}

/// For which files.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(default, deny_unknown_fields)]
#[ts(optional_fields = nullable)]
pub struct SidecarsRequest {
    /// Only files of these roots; empty means all.
    pub roots: Vec<RootId>,
    /// Only say what would be written.
    pub dry_run: bool,
}

/// What was done, or would be, beside one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct SidecarReport {
    /// The model.
    pub file: FileId,
    /// Its path.
    pub path: String,
    /// What was decided.
    pub step: SidecarStep,
    /// What became of it; nothing in a dry run.
    pub outcome: Option<Outcome>,
    /// Why it could not be done.
    pub problem: Option<Error>,
}

pub(super) async fn set_root(app: &App, request: RootSet) -> Result<RootInfo> {
    let id = request.id;
    if request.sidecars.is_none() && request.places.is_none() {
        return Err(Error::invalid("Nothing is chosen for the folder"));
    }
    let not_there = move || {
        Error::not_found(format!("There is no model folder number {}", id.0)).hint("`modeldock roots list` shows them")
    };
    app.store()
        .write(move |tx| {
            let root = tx.roots()?.into_iter().find(|root| root.id == id).ok_or_else(not_there)?;
            let writes = request.sidecars.is_some_and(|sidecars| sidecars != SidecarChoice::default());
            if root.layout == Layout::InvokeAi && writes {
                return Err(Error::invalid("InvokeAI looks after its folder itself: nothing may be written there")
                    .hint("What Civitai says about these models is shown by Modeldock"));
            }
            if let Some(sidecars) = request.sidecars {
                tx.set_sidecars(id, sidecars)?;
            }
            if let Some(places) = &request.places {
                places.check(&root.path)?;
                tx.set_places(id, places)?;
            }
            tx.publish(Event::RootsChanged);
            Ok(())
        })
        .await?;
    let roots = super::roots::list(app, super::Empty {}).await?;
    roots.into_iter().find(|root| root.id == id).ok_or_else(not_there)
}

pub(super) async fn write(app: &App, request: SidecarsRequest) -> Result<Vec<SidecarReport>> {
    app.write_sidecars(request.roots, request.dry_run).await
}
