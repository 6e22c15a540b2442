//! The lists, counted and in parts. Each is found whole and cut afterwards, so that a count and its list never differ.

use std::collections::HashMap;

use super::duplicates::{self, reclaimable};
use super::finding::{
    Again, CareCount, CareList, CarePage, CareSummary, Damage, Damaged, Finding, LeftBehind, Misplaced, Missing, Risk,
    Safer, Unsafe, Update, UpdateChecks,
};
use super::folder::fits;
use super::risk::{Scans, file_of, risk_of, safer_of};
use super::updates::{Newer, newer};
use crate::error::Result;
use crate::library::LibraryItem;
use crate::paths::display;
use crate::store::{DamagedRow, GoneRow, PickleRow, PlacedRow, ReadTx, SameRow};
use crate::units::{ByteCount, CivitaiFileId, DownloadId, FileId, RootId, VersionId};

/// Findings of one page, if the request does not say.
const USUAL_LIMIT: u32 = 100;

/// Most findings of one page.
const MOST: u32 = 500;

/// How long every list is.
pub(crate) fn summary(tx: &ReadTx<'_>) -> Result<CareSummary> {
    let newer = updates(tx)?;
    let checked = tx.models_checked()?;
    let other_base = newer.iter().filter(|one| !one.same_base).count();
    let mut lists = Vec::new();
    for list in CareList::ALL {
        let (count, bytes) = match list {
            CareList::Duplicates => sum(&same(tx)?, reclaimable),
            CareList::Updates => {
                let same_base: Vec<&Newer> = newer.iter().filter(|one| one.same_base).collect();
                sum(&same_base, |one| one.listed.size.0)
            }
            CareList::Damaged => sum(&tx.damaged()?, |row| row.size),
            CareList::Misplaced => sum(&misplaced(tx)?, |row| row.size),
            CareList::Unsafe => sum(&risky(tx)?, |(row, _, _)| row.size),
            CareList::Orphans => tx.count_orphans()?,
            CareList::Missing => sum(&tx.not_here()?, |row| row.size),
        };
        lists.push(CareCount { list, count, bytes: ByteCount(bytes) });
    }
    let updates = UpdateChecks {
        models: checked.models,
        checked: checked.asked,
        oldest: checked.oldest,
        other_base: u32::try_from(other_base).unwrap_or(u32::MAX),
    };
    Ok(CareSummary { lists, updates })
}

/// A part of one list. Blocks: copies are looked at on disk.
pub(crate) fn page(tx: &ReadTx<'_>, list: CareList, offset: u32, limit: u32) -> Result<CarePage> {
    let cut = Cut { offset, limit: if limit == 0 { USUAL_LIMIT } else { limit.min(MOST) } };
    match list {
        CareList::Duplicates => {
            let all = same(tx)?;
            let findings = duplicates::look(tx, cut.of(&all))?.into_iter().map(Finding::Duplicates);
            Ok(told(findings.collect(), sum(&all, reclaimable)))
        }
        CareList::Updates => {
            let all = updates(tx)?;
            let underway: HashMap<VersionId, DownloadId> = tx
                .downloads()?
                .into_iter()
                .filter(|row| !row.state.stage().is_over())
                .filter_map(|row| Some((row.new.version?, row.id)))
                .collect();
            let make = |one: &Newer, item| Finding::Updates(update(one, item, &underway));
            let findings = with_items(tx, cut.of(&all), |one| one.file, make)?;
            Ok(told(findings, sum(&all, |one| one.listed.size.0)))
        }
        CareList::Damaged => {
            let all = tx.damaged()?;
            let make = |row: &DamagedRow, item| Finding::Damaged(damaged(row, item));
            Ok(told(with_items(tx, cut.of(&all), |row| row.id, make)?, sum(&all, |row| row.size)))
        }
        CareList::Misplaced => {
            let all = misplaced(tx)?;
            let make = |row: &PlacedRow, item| {
                Finding::Misplaced(Misplaced { item, folder_kind: row.folder.clone(), to: None, problem: None })
            };
            Ok(told(with_items(tx, cut.of(&all), |row| row.id, make)?, sum(&all, |row| row.size)))
        }
        CareList::Unsafe => {
            let all = risky(tx)?;
            let mut safer: HashMap<FileId, Option<Safer>> = HashMap::new();
            for (row, _, _) in cut.of(&all) {
                let mut file = safer_of(row);
                if let Some(file) = &mut file {
                    file.here = here(tx, row, file.file_id)?;
                }
                safer.insert(row.id, file);
            }
            let make = |(row, risk, message): &Risky, item| {
                let safer = safer.get(&row.id).cloned().flatten();
                Finding::Unsafe(Unsafe { item, risk: *risk, message: message.clone(), safer })
            };
            let findings = with_items(tx, cut.of(&all), |(row, _, _)| row.id, make)?;
            Ok(told(findings, sum(&all, |(row, _, _)| row.size)))
        }
        CareList::Orphans => {
            let findings = tx.orphans(cut.offset, cut.limit)?.into_iter().map(|row| {
                Finding::Orphans(LeftBehind {
                    id: row.id,
                    path: display(&row.orphan.path).0,
                    kind: row.orphan.kind,
                    proof: row.orphan.proof,
                    size: ByteCount(row.orphan.size),
                })
            });
            Ok(told(findings.collect(), tx.count_orphans()?))
        }
        CareList::Missing => {
            let all = tx.not_here()?;
            let make = |row: &GoneRow, item| Finding::Missing(missing(row, item));
            Ok(told(with_items(tx, cut.of(&all), |row| row.id, make)?, sum(&all, |row| row.size)))
        }
    }
}

/// A part of a list.
#[derive(Clone, Copy)]
struct Cut {
    offset: u32,
    limit: u32,
}

impl Cut {
    fn of<T>(self, all: &[T]) -> &[T] {
        let from = usize::try_from(self.offset).unwrap_or(usize::MAX).min(all.len());
        let to = from.saturating_add(usize::try_from(self.limit).unwrap_or(usize::MAX)).min(all.len());
        &all[from..to]
    }
}

fn told(findings: Vec<Finding>, (total, bytes): (u32, u64)) -> CarePage {
    CarePage { findings, total, total_bytes: ByteCount(bytes) }
}

fn sum<T>(all: &[T], bytes: impl Fn(&T) -> u64) -> (u32, u64) {
    let total = all.iter().map(bytes).fold(0_u64, u64::saturating_add);
    (u32::try_from(all.len()).unwrap_or(u32::MAX), total)
}

fn with_items<T>(
    tx: &ReadTx<'_>,
    rows: &[T],
    id: impl Fn(&T) -> FileId,
    make: impl Fn(&T, LibraryItem) -> Finding,
) -> Result<Vec<Finding>> {
    // A file may be on a list twice: once for each base model.
    let ids: Vec<FileId> = rows.iter().map(&id).collect();
    let items = tx.items_of(&ids)?;
    Ok(rows.iter().filter_map(|row| Some(make(row, items.get(&id(row))?.clone()))).collect())
}

/// The most to be freed first.
fn same(tx: &ReadTx<'_>) -> Result<Vec<SameRow>> {
    let mut rows = tx.same_contents()?;
    rows.sort_by_key(|row| (std::cmp::Reverse(reclaimable(row)), row.sha256));
    Ok(rows)
}

fn updates(tx: &ReadTx<'_>) -> Result<Vec<Newer>> {
    Ok(newer(&tx.local_versions()?, &tx.listed_versions()?))
}

fn update(one: &Newer, item: LibraryItem, underway: &HashMap<VersionId, DownloadId>) -> Update {
    Update {
        item,
        version_id: one.listed.version,
        version_name: one.listed.name.clone(),
        base_model: one.listed.base_model.clone(),
        same_base: one.same_base,
        published_at: one.listed.published_at.clone(),
        early_access: one.listed.early_access,
        size: one.listed.size,
        newer: one.count,
        underway: underway.get(&one.listed.version).copied(),
    }
}

fn again(version: Option<VersionId>, file: Option<CivitaiFileId>) -> Option<Again> {
    version.map(|version_id| Again { version_id, file_id: file })
}

fn damaged(row: &DamagedRow, item: LibraryItem) -> Damaged {
    let sign = match row.promised {
        Some(promised) if promised > row.size => Damage::TooShort,
        Some(_) => Damage::TooLong,
        None if !row.has_form => Damage::NoHeader,
        None if row.is_altered => Damage::HeaderAltered,
        None => Damage::NotAsRecorded,
    };
    Damaged { item, sign, promised: row.promised.map(ByteCount), again: again(row.version, row.file) }
}

fn missing(row: &GoneRow, item: LibraryItem) -> Missing {
    let item = LibraryItem { missing: true, ..item };
    // What may come back with its drive is not fetched anew.
    let again = if row.gone_at.is_some() { again(row.version, row.file) } else { None };
    Missing { item, gone_at: row.gone_at, again }
}

/// Files in a folder for another kind, unless the user chose that folder for theirs.
fn misplaced(tx: &ReadTx<'_>) -> Result<Vec<PlacedRow>> {
    let rules: HashMap<RootId, _> = tx.roots()?.into_iter().map(|root| (root.id, root)).collect();
    let is_chosen = |row: &PlacedRow| {
        let root = rules.get(&row.root);
        let folder = root.and_then(|root| root.places.folder_of(&row.kind, &root.path).ok().flatten());
        folder.is_some_and(|folder| row.path.starts_with(folder))
    };
    let mut rows = tx.placed_otherwise()?;
    // No UI loads an archive from anywhere.
    let is_archive = |row: &PlacedRow| row.path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"));
    rows.retain(|row| !fits(&row.folder, &row.kind) && !is_chosen(row) && !is_archive(row));
    Ok(rows)
}

type Risky = (PickleRow, Risk, Option<String>);

/// Pickles that something is to be said of, the worst first.
fn risky(tx: &ReadTx<'_>) -> Result<Vec<Risky>> {
    let mut found: Vec<Risky> = Vec::new();
    for row in tx.pickles()? {
        let mut scans = file_of(&row).map(Scans::of).unwrap_or_default();
        if let (true, Some(version), Some(file)) = (scans.is_untold(), row.version, file_of(&row)) {
            let [pickle, message, virus] = tx.scans_in_answer(version, file.id)?;
            scans = Scans { pickle, message, virus };
        }
        if let Some((risk, message)) = risk_of(&row, &scans) {
            found.push((row, risk, message));
        }
    }
    found.sort_by_key(|(_, risk, _)| *risk);
    Ok(found)
}

/// The file of the library that a file of this version is.
fn here(tx: &ReadTx<'_>, row: &PickleRow, file: CivitaiFileId) -> Result<Option<FileId>> {
    let sha256 = row.files.iter().find(|one| one.id == file).and_then(|file| file.sha256);
    let Some(sha256) = sha256 else { return Ok(None) };
    Ok(tx.files_with(sha256)?.into_iter().find(|file| !file.gone && !file.away).map(|file| file.id))
}
