//! What a user can do with the vault at the moment, and what there is to do about it.

use serde::{Deserialize, Serialize};

use super::item::VaultInfo;

/// What stands between a user and the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum VaultState {
    /// No key, or one that Civitai does not accept.
    NoKey,
    /// There is no vault: it comes with a membership.
    NoMembership,
    /// The membership has ended; what is in the vault is still there.
    Lapsed,
    /// More is in it than fits.
    OverQuota,
    /// Nothing.
    Ready,
}

/// How a vault stands, with how full it is where there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: VaultState,
    pub(crate) info: Option<VaultInfo>,
}

impl Standing {
    pub(crate) fn of(info: Option<VaultInfo>) -> Self {
        Self { state: VaultState::of(info.as_ref()), info }
    }
}

impl VaultState {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::NoKey, Self::NoMembership, Self::Lapsed, Self::OverQuota, Self::Ready];

    /// As Civitai describes the vault; `None` where it says that there is none.
    pub fn of(info: Option<&VaultInfo>) -> Self {
        match info {
            None => Self::NoMembership,
            Some(info) if info.storage.0 == 0 => Self::Lapsed,
            Some(info) if info.used > info.storage => Self::OverQuota,
            Some(_) => Self::Ready,
        }
    }

    /// For people: what it means, and what to do. Nothing where all is well.
    pub const fn advice(self) -> Option<&'static str> {
        match self {
            Self::NoKey => Some(
                "The vault needs your key for Civitai. Sign in under Settings, Account, or with `modeldock account login`",
            ),
            Self::NoMembership => Some("This account has no vault. A vault comes with a membership at Civitai"),
            Self::Lapsed => Some(
                "The membership behind this vault has ended. Download what you want to keep: after 30 days Civitai \
                 stops downloads from a vault above its limit, and after 60 days it may erase it",
            ),
            Self::OverQuota => Some(
                "More is in this vault than your membership allows. Remove something: after 30 days Civitai stops \
                 downloads from a vault above its limit, and after 60 days it may erase it",
            ),
            Self::Ready => None,
        }
    }

    /// As the database spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::NoKey => "no_key",
            Self::NoMembership => "no_membership",
            Self::Lapsed => "lapsed",
            Self::OverQuota => "over_quota",
            Self::Ready => "ready",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ByteCount;

    #[test]
    fn the_state_follows_from_room_and_use() {
        let info = |used, storage| VaultInfo {
            owner: None,
            used: ByteCount(used),
            storage: ByteCount(storage),
            updated_at: None,
        };
        assert_eq!(VaultState::of(None), VaultState::NoMembership);
        assert_eq!(VaultState::of(Some(&info(5, 0))), VaultState::Lapsed);
        assert_eq!(VaultState::of(Some(&info(6, 5))), VaultState::OverQuota);
        assert_eq!(VaultState::of(Some(&info(5, 5))), VaultState::Ready);
        for state in VaultState::ALL {
            assert_eq!(state.advice().is_none(), state == VaultState::Ready, "{state:?}");
        }
    }
}
