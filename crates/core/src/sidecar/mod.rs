//! What lies beside a model file: the notes, descriptions and pictures of every program that ever looked after it.
//!
//! Nearly every UI keeps what it knows about a model in small files next to it, and each has its own names for them.
//! [`read_beside`] reads them all, so that nothing a user once wrote is hidden by a change of program. In the other
//! direction, what Civitai says can be written where the UI of that root looks for it:
//!
//! ```text
//! look(model) ─► Beside ─┐
//! ModelFacts ────────────┼─► plan (pure) ─► SidecarAction… ─► carry_out ─► Outcome
//! SidecarChoice ─────────┘        └─ PreviewWanted ─ with(bytes) ─┘
//! ```
//!
//! One rule stands above all others: these files belong to the user. A new file never takes the place of one that is
//! there, an existing JSON file only ever gains keys that it does not have, and what cannot be understood is left as it
//! is and said so. A key that exists is the user's, whatever its value: an empty text may be one that was cleared on
//! purpose, and nothing in the file tells it apart from one that was never filled.
//!
//! All names derive from the model's without its **last** ending, so `v1.5.safetensors` has `v1.5.json`; and
//! `foo.safetensors` and `foo.gguf` have every sidecar in common. Which of the two such a file speaks of cannot be
//! known: reading names the others ([`SidecarInfo::shared_with`]), and planning writes nothing
//! ([`LeftAlone::Shared`]).

mod a1111;
mod action;
mod carry_out;
mod extend;
mod file;
mod html;
mod info;
mod lenient;
mod look;
mod media;
mod names;
mod orphans;
mod parse;
mod plan;
mod read;

#[cfg(test)]
mod tests;

pub use action::{LeftAlone, Outcome, PreviewWanted, SidecarAction, SidecarStep};
pub use carry_out::carry_out;
pub use info::{SidecarInfo, SidecarKind};
pub use look::{Beside, Existing, look};
pub use media::Media;
pub(crate) use names::travelling;
pub use orphans::Proof;
pub(crate) use orphans::{Orphan, look_in, may_be_beside};
pub use plan::{ModelFacts, SidecarChoice, plan};
pub use read::read_beside;
