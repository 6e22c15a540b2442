//! Why Civitai may have refused a change: its message gets lost, so the likely reason is worked out from the rest.
//!
//! What is worked out is told as likely and never as what Civitai said.

use super::change::VaultSide;
use super::item::VaultInfo;
use super::service::Refusal;
use super::state::{Standing, VaultState};
use crate::error::{Code, Error};
use crate::units::ByteCount;

/// What is known about a refused change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// Where the version was to go.
    pub(super) to: VaultSide,
    /// The code that came.
    pub(super) refusal: Refusal,
    /// The vault as it stands now, if it could be asked about.
    pub(super) vault: Option<Standing>,
    /// What the version's files take up, where that is known.
    pub(super) size: Option<ByteCount>,
}

/// In words.
pub(super) fn likely(title: &str, known: &Known) -> Error {
    let refused = |why: &str| {
        let what = match known.to {
            VaultSide::In => format!("Civitai did not take `{title}` into the vault and does not say why"),
            VaultSide::Out => format!("Civitai did not take `{title}` out of the vault and does not say why"),
        };
        Error::new(Code::Forbidden, format!("{what}. Most likely {why}"))
    };
    if known.to == VaultSide::Out {
        return refused("it was deleted from the site: such an item can only be removed on the vault's own page there")
            .hint("Open your vault at Civitai and remove it there");
    }
    if let Some(vault) = &known.vault {
        match vault.state {
            VaultState::NoMembership => {
                return refused("this account has no membership").hint("A vault comes with a membership at Civitai");
            }
            VaultState::Lapsed => {
                return refused("the membership has ended").hint("Renew it at Civitai, then try again");
            }
            VaultState::NoKey | VaultState::OverQuota | VaultState::Ready => {}
        }
        if let Some(info) = &vault.info
            && let Some(why) = no_room(info, known.size)
        {
            return refused(&why).hint("Remove something from the vault, then try again");
        }
    }
    match known.refusal {
        Refusal::NotFound => refused("the version is no longer on the site"),
        Refusal::NoAccess => refused("it is no longer published, or in early access that you have not bought"),
        Refusal::BadRequest | Refusal::Other => refused("its author does not allow downloads, or withdrew it"),
    }
    .hint("Look at the model's page at Civitai")
}

fn no_room(info: &VaultInfo, size: Option<ByteCount>) -> Option<String> {
    let (room, used, storage) = (info.room(), amount(info.used), amount(info.storage));
    match size {
        _ if room.0 == 0 => Some(format!("the vault is full: {used} of {storage} are used")),
        Some(size) if size > room => {
            Some(format!("it does not fit: it needs {}, and {} of {storage} are left", amount(size), amount(room)))
        }
        Some(_) | None => None,
    }
}

/// `1.4 GiB`.
fn amount(bytes: ByteCount) -> String {
    const STEP: f64 = 1024.0;
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut amount = bytes.0 as f64;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if amount < STEP {
            break;
        }
        amount /= STEP;
        unit = next;
    }
    if unit == "B" { format!("{amount} B") } else { format!("{amount:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    fn of(used: u64, storage: u64) -> Standing {
        let (used, storage) = (ByteCount(used), ByteCount(storage));
        Standing::of(Some(VaultInfo { owner: None, used, storage, updated_at: None }))
    }

    fn why(vault: Option<Standing>, size: Option<u64>, refusal: Refusal) -> String {
        let known = Known { to: VaultSide::In, refusal, vault, size: size.map(ByteCount) };
        let error = likely("Ink v1", &known);
        assert!(error.hint.is_some() && error.message.contains("Most likely"), "{error:?}");
        error.message
    }

    #[test]
    fn quota_and_membership_are_compared_before_anything_is_guessed() {
        let bad = Refusal::BadRequest;
        assert!(why(Some(Standing::of(None)), None, bad).contains("no membership"));
        assert!(why(Some(of(5, 0)), None, bad).contains("has ended"));
        assert!(why(Some(of(GIB, GIB)), None, bad).contains("full: 1.0 GiB of 1.0 GiB"));
        let tight = why(Some(of(GIB, 3 * GIB)), Some(2 * GIB + 1), bad);
        assert!(tight.contains("needs 2.0 GiB") && tight.contains("2.0 GiB of 3.0 GiB are left"), "{tight}");
        assert!(why(Some(of(GIB, 3 * GIB)), Some(GIB), bad).contains("does not allow downloads"));
        assert!(why(None, None, Refusal::NoAccess).contains("early access"));
        assert!(why(None, None, Refusal::NotFound).contains("no longer on the site"));
    }

    #[test]
    fn an_item_that_cannot_be_removed_sends_people_to_the_page_that_can() {
        let known = Known { to: VaultSide::Out, refusal: Refusal::NoAccess, vault: None, size: None };
        let error = likely("Ink v1", &known);
        assert!(error.message.contains("deleted from the site"), "{error:?}");
        assert!(error.hint.is_some_and(|hint| hint.contains("remove it there")));
    }
}
