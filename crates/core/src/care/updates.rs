//! Which versions are newer than what is here. Pure.
//!
//! Newer is what was published later, for the same base model: a version for SDXL does not replace one for SD 1.5, and
//! is told apart. A version without a date, here or at Civitai, is compared with nothing.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use crate::roots::ModelKind;
use crate::units::{ByteCount, FileId, ModelId, VersionId};
use crate::vault::is_model_of;

/// A file here, and which version it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Local {
    pub(crate) file: FileId,
    pub(crate) model: ModelId,
    pub(crate) version: VersionId,
    pub(crate) base_model: Option<String>,
    pub(crate) published_at: Option<String>,
    /// What the model is.
    pub(crate) kind: ModelKind,
    /// What the file is, where that was told.
    pub(crate) file_kind: Option<ModelKind>,
}

/// A version that Civitai lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) version: VersionId,
    pub(crate) name: String,
    pub(crate) base_model: Option<String>,
    pub(crate) published_at: Option<String>,
    pub(crate) early_access: bool,
    pub(crate) size: ByteCount,
}

/// A newer version, and the file that it is newer than.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Newer {
    pub(super) file: FileId,
    pub(super) listed: Listed,
    pub(super) same_base: bool,
    /// When it was published.
    pub(super) at: Timestamp,
    /// How many versions for its base model are newer, this one included.
    pub(super) count: u32,
}

/// The newest version for each base model that is newer than what is here; those for the same base model first, and of
/// those the one that was published last.
pub(super) fn newer(local: &[Local], listed: &HashMap<ModelId, Vec<Listed>>) -> Vec<Newer> {
    let mut by_model: BTreeMap<ModelId, Vec<&Local>> = BTreeMap::new();
    // Having a checkpoint's VAE is not having the checkpoint.
    for file in local.iter().filter(|file| is_model_of(&file.kind, file.file_kind.as_ref())) {
        by_model.entry(file.model).or_default().push(file);
    }
    let mut found: Vec<Newer> = by_model
        .iter()
        .flat_map(|(model, files)| of_model(files, listed.get(model).map_or(&[], Vec::as_slice)))
        .collect();
    found.sort_by(|a, b| {
        b.same_base.cmp(&a.same_base).then(b.at.cmp(&a.at)).then(a.listed.version.cmp(&b.listed.version))
    });
    found
}

fn of_model(files: &[&Local], listed: &[Listed]) -> Vec<Newer> {
    let here: HashSet<VersionId> = files.iter().map(|file| file.version).collect();
    let mut by_base: BTreeMap<Option<&str>, Newer> = BTreeMap::new();
    for version in listed.iter().filter(|version| !here.contains(&version.version)) {
        let base = version.base_model.as_deref();
        let of_base = files.iter().copied().filter(|file| file.base_model.as_deref() == base);
        let (same_base, newest) = match newest_of(of_base) {
            Compared::With(file, at) => (true, Some((file, at))),
            Compared::Nothing => match newest_of(files.iter().copied()) {
                Compared::With(file, at) => (false, Some((file, at))),
                Compared::Nothing | Compared::Undated => (false, None),
            },
            Compared::Undated => (true, None),
        };
        let (Some((file, before)), Some(at)) = (newest, moment(version.published_at.as_deref())) else { continue };
        if at <= before {
            continue;
        }
        let one = Newer { file: file.file, listed: version.clone(), same_base, at, count: 1 };
        match by_base.get_mut(&base) {
            None => {
                by_base.insert(base, one);
            }
            Some(best) => {
                let count = best.count.saturating_add(1);
                if (one.at, one.listed.version).cmp(&(best.at, best.listed.version)) == Ordering::Greater {
                    *best = one;
                }
                best.count = count;
            }
        }
    }
    by_base.into_values().collect()
}

/// The newest of some files.
enum Compared<'a> {
    /// This one, of this moment.
    With(&'a Local, Timestamp),
    /// There are none.
    Nothing,
    /// One of them has no date, and could be the newest.
    Undated,
}

fn newest_of<'a>(files: impl Iterator<Item = &'a Local>) -> Compared<'a> {
    let mut newest = Compared::Nothing;
    for file in files {
        let Some(at) = moment(file.published_at.as_deref()) else { return Compared::Undated };
        if !matches!(newest, Compared::With(_, before) if before >= at) {
            newest = Compared::With(file, at);
        }
    }
    newest
}

/// A moment as the API writes it: with a zone, or without where the database wrote it, which means UTC.
fn moment(text: Option<&str>) -> Option<Timestamp> {
    let text = text?.trim();
    text.parse().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(version: i64, base: &str, year: i64) -> Local {
        Local {
            file: FileId(version),
            model: ModelId(1),
            version: VersionId(version),
            base_model: Some(base.to_owned()),
            published_at: Some(format!("{year}-01-01T00:00:00.000Z")),
            kind: ModelKind::Checkpoint,
            file_kind: None,
        }
    }

    fn listed(version: i64, base: &str, year: i64) -> Listed {
        Listed {
            version: VersionId(version),
            name: format!("v{version}"),
            base_model: Some(base.to_owned()),
            published_at: Some(format!("{year}-01-01T00:00:00Z")),
            early_access: false,
            size: ByteCount(1),
        }
    }

    /// Version, same base, file, count.
    fn told(local: &[Local], versions: Vec<Listed>) -> Vec<(i64, bool, i64, u32)> {
        newer(local, &HashMap::from([(ModelId(1), versions)]))
            .into_iter()
            .map(|one| (one.listed.version.0, one.same_base, one.file.0, one.count))
            .collect()
    }

    #[test]
    fn the_newest_of_a_base_model_is_told_once_and_another_base_apart() {
        let versions = vec![
            listed(1, "SD 1.5", 2023),
            listed(2, "SD 1.5", 2024),
            listed(3, "SD 1.5", 2025),
            listed(4, "SDXL 1.0", 2026),
        ];
        assert_eq!(told(&[local(1, "SD 1.5", 2023)], versions.clone()), [(3, true, 1, 2), (4, false, 1, 1)]);
        assert_eq!(told(&[local(1, "SD 1.5", 2023), local(3, "SD 1.5", 2025)], versions.clone()), [(4, false, 3, 1)]);
        // Each base model is compared with what is here for it.
        assert_eq!(told(&[local(4, "SDXL 1.0", 2026), local(2, "SD 1.5", 2024)], versions), [(3, true, 2, 1)]);
    }

    #[test]
    fn what_is_not_newer_or_has_no_date_is_not_told() {
        let undated = Listed { published_at: None, ..listed(9, "Pony", 2030) };
        assert_eq!(
            told(&[local(1, "Pony", 2025)], vec![listed(2, "Pony", 2025), listed(3, "Pony", 2024), undated]),
            []
        );
        let here = Local { published_at: None, ..local(1, "Pony", 2020) };
        assert_eq!(told(&[here], vec![listed(2, "Pony", 2025)]), []);
        assert_eq!(told(&[], vec![listed(2, "Pony", 2025)]), []);
        assert_eq!(told(&[local(1, "Pony", 2020)], vec![listed(2, "SDXL 1.0", 2019)]), [], "older, for another base");
    }

    #[test]
    fn a_checkpoints_vae_is_not_the_checkpoint() {
        let vae = Local { file_kind: Some(ModelKind::Vae), ..local(1, "SD 1.5", 2023) };
        assert_eq!(told(&[vae], vec![listed(2, "SD 1.5", 2025)]), []);
    }

    #[test]
    fn a_date_without_a_zone_is_in_utc() {
        let plain = Listed { published_at: Some("2025-01-01T00:00:00.5".to_owned()), ..listed(2, "Pony", 2025) };
        assert_eq!(told(&[local(1, "Pony", 2025)], vec![plain]), [(2, true, 1, 1)]);
    }
}
