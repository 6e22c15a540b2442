//! Names of the catalogue's special files, so that a test can say which case it means.

/// A LoRA of an archived model: found by hash, but without files and download URL.
pub const ARCHIVED: &str = "winter_archive.safetensors";
/// A LoRA of a model taken down: found, but without images.
pub const TAKEN_DOWN: &str = "removed_gallery.safetensors";
/// An unrated version: found by hash, 404 by number.
pub const UNRATED: &str = "fresh_ink.safetensors";
/// Paid early access that has not ended.
pub const EARLY_ACCESS: &str = "gilded_frames.safetensors";
/// A version with nothing but training data: `null` in the by-hash batch.
pub const NO_PRIMARY: &str = "mosaic_trainer_dataset.zip";
/// Uploaded twice, to two models; this name is the first upload's.
pub const DUPLICATED: &str = "inkwash_v21.safetensors";
/// The second upload of [`DUPLICATED`].
pub const DUPLICATE: &str = "ink_wash_reupload.safetensors";
/// Usable for generation only: download refused even with a token.
pub const DOWNLOADS_DISABLED: &str = "generation_only_mist.safetensors";
/// Counts hidden by the creator: `null`.
pub const HIDDEN_STATS: &str = "quiet_statistics.safetensors";
/// A model type, file type and fields no client knows yet.
pub const UNKNOWN_TYPE: &str = "resonance_adapter.safetensors";
/// Replaced by a later upload: found by hash, listed by number only.
pub const REPLACED: &str = "paper_boats_old.safetensors";
/// A model that was withdrawn: unknown to every public call.
pub const UNPUBLISHED: &str = "withdrawn_sketch.safetensors";
/// Depicts a real person: not in lists, not downloadable.
pub const REAL_PERSON: &str = "anonymous_likeness.safetensors";
/// A checkpoint of more than 2 MiB, so with an AutoV1 hash.
pub const LARGE_CHECKPOINT: &str = "meridianXL_v4_full.safetensors";
/// A LoRA with three versions; this is the oldest one's file.
pub const OUTDATED: &str = "inkwash_v10.safetensors";
/// The newest version's file of the model of [`OUTDATED`].
pub const LATEST: &str = "inkwash_v23.safetensors";
