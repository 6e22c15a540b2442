//! Which endpoint a path belongs to.

use super::serve::Origin;

/// An endpoint with what its path says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    VersionsByHash,
    VersionIdsByHash,
    VersionByHash(&'a str),
    MiniVersion(&'a str),
    Version(&'a str),
    Models,
    Model(&'a str),
    Enums,
    Me,
    /// How large the vault is.
    Vault,
    /// What is in the vault.
    VaultItems,
    /// Which versions are in the vault.
    VaultCheck,
    /// Puts a version into the vault, or takes it out.
    VaultToggle,
    Download(&'a str),
    VaultDownload(&'a str),
    /// The relay of Civitai Link.
    Link,
    /// An HTML page of the site.
    Page,
    /// `/__sim/…`: the simulator's own remote control.
    Control(&'a str),
    /// A signed object: file number.
    Object(&'a str),
    /// A picture or video: key, transformation, file name.
    Image(&'a str, &'a str, &'a str),
    Unknown,
}

/// Account part of image URLs.
pub(super) const IMAGE_ACCOUNT: &str = "xG1nkqKTMzGDvpLrqFT7WA";
/// Bucket part of storage URLs.
pub(super) const BUCKET: &str = "civitai-delivery-worker-prod";

impl<'a> Route<'a> {
    /// Tells the endpoint from the path, which starts with `/`.
    pub(super) fn of(origin: Origin, path: &'a str) -> Self {
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        if let Some(what) = path.strip_prefix("/__sim/") {
            return Self::Control(what);
        }
        match (origin, &parts[..]) {
            (Origin::Storage, &[bucket, "model", file, _name]) if bucket == BUCKET => Self::Object(file),
            (Origin::Storage, &[account, uuid, transform, name]) if account == IMAGE_ACCOUNT => {
                Self::Image(uuid, transform, name)
            }
            (Origin::Storage, _) => Self::Unknown,
            (Origin::Site, parts) => Self::of_site(parts),
        }
    }

    fn of_site(parts: &[&'a str]) -> Self {
        match *parts {
            ["api", "v1", "model-versions", "by-hash"] => Self::VersionsByHash,
            ["api", "v1", "model-versions", "by-hash", "ids"] => Self::VersionIdsByHash,
            ["api", "v1", "model-versions", "by-hash", hash] => Self::VersionByHash(hash),
            ["api", "v1", "model-versions", "mini", id] => Self::MiniVersion(id),
            ["api", "v1", "model-versions", id] => Self::Version(id),
            ["api", "v1", "models"] => Self::Models,
            ["api", "v1", "models", id] => Self::Model(id),
            ["api", "v1", "enums"] => Self::Enums,
            ["api", "v1", "me"] => Self::Me,
            ["api", "v1", "vault", "get"] => Self::Vault,
            ["api", "v1", "vault", "all"] => Self::VaultItems,
            ["api", "v1", "vault", "check-vault"] => Self::VaultCheck,
            ["api", "v1", "vault", "toggle-version"] => Self::VaultToggle,
            ["api", "download", "models", id] => Self::Download(id),
            ["api", "download", "vault", id] => Self::VaultDownload(id),
            ["api", "socketio", ""] => Self::Link,
            ["" | "login"] | ["models", ..] => Self::Page,
            _ => Self::Unknown,
        }
    }

    /// Name for counts and faults.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::VersionsByHash => "by-hash",
            Self::VersionIdsByHash => "by-hash/ids",
            Self::VersionByHash(_) => "by-hash/{hash}",
            Self::MiniVersion(_) => "model-versions/mini/{id}",
            Self::Version(_) => "model-versions/{id}",
            Self::Models => "models",
            Self::Model(_) => "models/{id}",
            Self::Enums => "enums",
            Self::Me => "me",
            Self::Vault => "vault/get",
            Self::VaultItems => "vault/all",
            Self::VaultCheck => "vault/check-vault",
            Self::VaultToggle => "vault/toggle-version",
            Self::Download(_) => "download",
            Self::VaultDownload(_) => "download/vault",
            Self::Link => "link",
            Self::Page => "page",
            Self::Control(_) => "control",
            Self::Object(_) => "storage",
            Self::Image(..) => "images",
            Self::Unknown => "other",
        }
    }
}
