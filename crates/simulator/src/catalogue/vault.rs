//! A user's vault: copies of versions that outlive their deletion from the site.
//!
//! An item names its version and copies nothing: the catalogue keeps what is deleted, it merely stops showing it.

use super::{Catalogue, Id, known};

/// Where the background job that copies an item stands. The model file can be downloaded whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VaultStatus {
    /// Not copied yet.
    Pending,
    /// Copied.
    Stored,
    /// Could not be copied.
    Failed,
}

impl VaultStatus {
    /// The word on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Stored => "Stored",
            Self::Failed => "Failed",
        }
    }
}

/// Something in the vault.
#[derive(Clone, Debug)]
pub struct VaultItem {
    /// Its own number, which has nothing to do with the version's.
    pub id: Id,
    /// The version it is a copy of.
    pub version: Id,
    /// How far copying it is.
    pub status: VaultStatus,
    /// ISO 8601 UTC with milliseconds.
    pub added_at: String,
    /// What the user wrote about it.
    pub notes: Option<String>,
    /// How often copying failed, and what was said the last time.
    pub failures: (u32, Option<String>),
}

/// A vault.
#[derive(Clone, Debug)]
pub struct Vault {
    /// Whether there is one: a membership makes it at the first look, and it outlives the membership.
    pub opened: bool,
    /// Its size, KiB; 0 once a membership has lapsed.
    pub storage_kb: u64,
    /// When it last changed, ISO 8601 UTC.
    pub updated_at: String,
    /// The number the next item gets. None is given twice, as in a database.
    pub next_id: Id,
    /// What is in it, oldest first.
    pub items: Vec<VaultItem>,
}

/// Number of the first item, and the step to the next: different from all other kinds of numbers.
const FIRST: Id = 9_876;
const STEP: Id = 7;

/// Size of a demo vault, KiB: the demo's models are small, and a full bar shows more than an empty one.
const DEMO_KB: u64 = 24 * 1024;

impl Vault {
    /// An empty one of this size.
    pub fn new(storage_kb: u64) -> Self {
        Self { opened: false, storage_kb, updated_at: now(), next_id: FIRST, items: Vec::new() }
    }

    /// The vault that the demo's user has in `catalogue`: some of it on disk in the sample installations and some not,
    /// one item still waiting, one failed, one deleted from the site, one of several files, one without permission.
    /// Versions that `catalogue` lacks are left out, so another catalogue has an empty vault.
    pub fn demo(catalogue: &Catalogue) -> Self {
        let mut vault = Self::new(DEMO_KB);
        for name in [
            known::OUTDATED,
            known::LARGE_CHECKPOINT,
            "harborlight_v2.safetensors",
            "velvetNoir_v09.safetensors",
            "slow_dolly_wan_high.safetensors",
            "graphite_flux_bf16.safetensors",
            known::DOWNLOADS_DISABLED,
            known::UNPUBLISHED,
            "analog35_grain_soft.safetensors",
            "steady_hands.safetensors",
            known::LATEST,
            "porcelainPortrait_v2.safetensors",
        ] {
            let Some(file) = catalogue.file_named(name) else { continue };
            let item = vault.put(file.version_id);
            match name {
                "porcelainPortrait_v2.safetensors" => item.status = VaultStatus::Pending,
                "steady_hands.safetensors" => {
                    item.status = VaultStatus::Failed;
                    item.failures = (3, Some("Failed to fetch images".to_owned()));
                }
                known::OUTDATED => item.notes = Some("The one the first series was made with".to_owned()),
                _ => {}
            }
        }
        vault.opened = !vault.items.is_empty();
        vault
    }

    /// One that holds every version of `catalogue`, with room for more: for tests of scale.
    pub fn of(catalogue: &Catalogue) -> Self {
        let mut vault = Self::new(1 << 40);
        for version in catalogue.versions() {
            vault.put(version.id);
        }
        vault.opened = true;
        vault
    }

    /// Puts a version in, stored at once, and hands out the item.
    ///
    /// # Panics
    /// Never: the item was just added.
    pub fn put(&mut self, version: Id) -> &mut VaultItem {
        let id = self.next_id;
        self.next_id += STEP;
        // A second apart, so that the order by time is the order of adding.
        let added =
            jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_secs(1_750_000_000 + (id - FIRST).cast_signed());
        self.items.push(VaultItem {
            id,
            version,
            status: VaultStatus::Stored,
            added_at: iso(added),
            notes: None,
            failures: (0, None),
        });
        self.items.last_mut().expect("an item was just added")
    }

    /// The item that holds a version.
    pub fn holding(&self, version: Id) -> Option<&VaultItem> {
        self.items.iter().find(|item| item.version == version)
    }

    /// Takes a version out. Does nothing when it is not in.
    pub fn take(&mut self, version: Id) {
        self.items.retain(|item| item.version != version);
    }

    /// Notes that it has changed just now.
    pub(crate) fn touch(&mut self) {
        self.updated_at = now();
    }
}

pub(crate) fn now() -> String {
    iso(jiff::Timestamp::now())
}

fn iso(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}
