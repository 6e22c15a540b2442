//! The vault as Civitai sends it, as what the engine keeps.
//!
//! Every text is cut to a length nobody writes by hand: what is kept is shown in lists, and a stranger wrote it.

use modeldock_core::roots::ModelKind;
use modeldock_core::units::{ByteCount, CivitaiFileId, ModelId, UnixMillis, VaultItemId, VersionId};
use modeldock_core::vault::{VaultFile, VaultInfo, VaultItem, VaultStatus};

use super::{id, moment};
use crate::wire;

/// Characters of a name, of what the user wrote, and files of one item.
const LONGEST_NAME: usize = 500;
const LONGEST_NOTES: usize = 10_000;
const MOST_FILES: usize = 100;

/// The vault as a whole. Without its two sizes it says nothing.
pub(crate) fn info(vault: &wire::Vault) -> Option<VaultInfo> {
    Some(VaultInfo {
        owner: id(vault.user_id),
        used: bytes(vault.used_storage_kb?),
        storage: bytes(vault.storage_kb?),
        updated_at: vault.updated_at.as_deref().and_then(millis),
    })
}

/// An item, if it has its ids.
pub(crate) fn item(item: wire::VaultItem) -> Option<VaultItem> {
    let size = |kb: Option<f64>| bytes(kb.unwrap_or_default());
    let short = |text: String| clip(&text, LONGEST_NAME);
    Some(VaultItem {
        id: VaultItemId(id(item.id)?),
        version_id: VersionId(id(item.model_version_id)?),
        model_id: id(item.model_id).map(ModelId),
        model_name: item.model_name.map(short).unwrap_or_default(),
        version_name: item.version_name.map(short).unwrap_or_default(),
        creator: item.creator_name.map(short),
        kind: item.kind.map(short).as_deref().map_or_else(ModelKind::unknown, ModelKind::from),
        base_model: item.base_model.map(short),
        category: item.category.map(short),
        status: match item.status.as_deref() {
            Some("Pending") => VaultStatus::Pending,
            Some("Stored") => VaultStatus::Stored,
            Some("Failed") => VaultStatus::Failed,
            _ => VaultStatus::Unknown,
        },
        failure: item.meta.and_then(|meta| meta.latest_error).map(short),
        files: item.files.into_iter().take(MOST_FILES).filter_map(file).collect(),
        model_size: size(item.model_size_kb),
        details_size: size(item.details_size_kb),
        images_size: size(item.images_size_kb),
        notes: item.notes.map(|notes| clip(&notes, LONGEST_NOTES)),
        added_at: item.added_at.as_deref().and_then(millis),
        refreshed_at: item.refreshed_at.as_deref().and_then(millis),
    })
}

fn file(file: wire::VaultFile) -> Option<VaultFile> {
    Some(VaultFile {
        id: CivitaiFileId(id(file.id)?),
        name: clip(&file.display_name.unwrap_or_default(), LONGEST_NAME),
        size: bytes(file.size_kb.unwrap_or_default()),
    })
}

fn clip(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of a float saturates at both ends")]
fn bytes(kb: f64) -> ByteCount {
    // A JavaScript number holds no more exactly, and a sum of a few of them must not overflow.
    const MOST: u64 = 1 << 53;
    ByteCount(((kb * 1024.0).round() as u64).min(MOST))
}

fn millis(text: &str) -> Option<UnixMillis> {
    let since = moment(text)?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(UnixMillis)
}
