//! What is known of a file that is loaded as a pickle. Pure.
//!
//! Civitai scans what is uploaded to it, so its scan speaks only for a file with exactly those bytes, and only once they
//! were compared here. What nobody has read or asked about yet is not told: nothing is known of it.

use std::path::Path;

use super::finding::{Risk, Safer};
use crate::catalog::VersionFile;
use crate::library::MatchedBy;
use crate::store::PickleRow;
use crate::units::ByteCount;
use crate::vault::is_model_file;

/// What Civitai's scans of a file ended with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scans {
    pub(super) pickle: Option<String>,
    pub(super) message: Option<String>,
    pub(super) virus: Option<String>,
}

impl Scans {
    pub(super) fn of(file: &VersionFile) -> Self {
        Self { pickle: file.pickle_scan.clone(), message: file.pickle_message.clone(), virus: file.virus_scan.clone() }
    }

    /// Nothing is known of either.
    pub(super) fn is_untold(&self) -> bool {
        self.pickle.is_none() && self.virus.is_none()
    }

    fn risk(&self) -> Option<Risk> {
        let is =
            |result: &Option<String>, word: &str| result.as_deref().is_some_and(|told| told.eq_ignore_ascii_case(word));
        if is(&self.virus, "Danger") {
            Some(Risk::Virus)
        } else if is(&self.pickle, "Danger") {
            Some(Risk::Code)
        } else if is(&self.pickle, "Error") || is(&self.virus, "Error") {
            Some(Risk::ScanFailed)
        } else if is(&self.pickle, "Success") && (self.virus.is_none() || is(&self.virus, "Success")) {
            None
        } else {
            Some(Risk::NotScanned)
        }
    }
}

/// The file at Civitai that a pickle is, byte for byte or as far as is believed.
pub(super) fn file_of(row: &PickleRow) -> Option<&VersionFile> {
    let by_id = || row.files.iter().find(|file| Some(file.id) == row.file);
    row.files.iter().find(|file| file.sha256 == Some(row.sha256)).or_else(by_id)
}

/// What is known of it; `None`: nothing that is worth a word.
pub(super) fn risk_of(row: &PickleRow, scans: &Scans) -> Option<(Risk, Option<String>)> {
    if row.not_found {
        return row.measured.then_some((Risk::Unknown, None));
    }
    match row.matched_by? {
        MatchedBy::Sha256 | MatchedBy::Blake3 => {
            let risk = scans.risk()?;
            let message = matches!(risk, Risk::Code).then(|| scans.message.clone()).flatten();
            // A scan that found nothing yet may be of another file until this one has been read.
            (row.measured || matches!(risk, Risk::Virus | Risk::Code)).then_some((risk, message))
        }
        // Civitai has the tensors, or a file that the user or a header says it is: not these bytes.
        MatchedBy::Tensors | MatchedBy::Embedded | MatchedBy::Link => row.measured.then_some((Risk::Unknown, None)),
        MatchedBy::ArchiveMember => None,
    }
}

/// A file of the same version that holds the model and no pickle.
pub(super) fn safer_of(row: &PickleRow) -> Option<Safer> {
    let is_safe = |file: &&VersionFile| {
        let ending = Path::new(&file.name).extension();
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case("safetensors") || ending.eq_ignore_ascii_case("sft"))
            && Some(file.id) != row.file
            && is_model_file(&row.model_kind, &file.file_type)
    };
    let file = row.files.iter().filter(is_safe).max_by_key(|file| file.primary)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a size is neither negative nor so large"
    )]
    let size = (file.size_kb * 1024.0).round().max(0.0) as u64;
    let name = file.name.chars().filter(|character| !character.is_control()).take(200).collect();
    Some(Safer { version_id: row.version?, file_id: file.id, name, size: ByteCount(size), here: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::Sha256;
    use crate::roots::ModelKind;
    use crate::units::{CivitaiFileId, FileId, VersionId};

    fn row(matched_by: Option<MatchedBy>, measured: bool) -> PickleRow {
        PickleRow {
            id: FileId(1),
            size: 1,
            sha256: Sha256::new([1; 32]),
            measured,
            not_found: matched_by.is_none(),
            matched_by,
            version: Some(VersionId(2)),
            file: Some(CivitaiFileId(3)),
            files: Vec::new(),
            model_kind: ModelKind::Checkpoint,
        }
    }

    fn scans(pickle: &str, virus: &str) -> Scans {
        let told = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        Scans { pickle: told(pickle), message: told("os.system"), virus: told(virus) }
    }

    #[test]
    fn what_is_said_follows_from_what_civitai_said() {
        let exact = row(Some(MatchedBy::Sha256), true);
        let table = [
            ("Success", "Success", None),
            ("Success", "", None),
            ("Danger", "Success", Some(Risk::Code)),
            ("Success", "Danger", Some(Risk::Virus)),
            ("danger", "Danger", Some(Risk::Virus)),
            ("Error", "Success", Some(Risk::ScanFailed)),
            ("Success", "Pending", Some(Risk::NotScanned)),
            ("Pending", "Pending", Some(Risk::NotScanned)),
            ("", "", Some(Risk::NotScanned)),
            ("Splendid", "Success", Some(Risk::NotScanned)),
        ];
        for (pickle, virus, risk) in table {
            let told = risk_of(&exact, &scans(pickle, virus));
            assert_eq!(told.as_ref().map(|(risk, _)| *risk), risk, "{pickle} {virus}");
            let has_message = told.is_some_and(|(_, message)| message.is_some());
            assert_eq!(has_message, risk == Some(Risk::Code), "{pickle} {virus}");
        }
    }

    #[test]
    fn a_scan_speaks_only_for_the_very_bytes() {
        let fine = scans("Success", "Success");
        for by in [MatchedBy::Tensors, MatchedBy::Embedded, MatchedBy::Link] {
            assert_eq!(risk_of(&row(Some(by), true), &fine), Some((Risk::Unknown, None)));
            assert_eq!(risk_of(&row(Some(by), false), &fine), None);
        }
        assert_eq!(risk_of(&row(None, true), &Scans::default()), Some((Risk::Unknown, None)));
        assert_eq!(risk_of(&row(None, false), &Scans::default()), None, "nobody has read it");
        let believed = row(Some(MatchedBy::Sha256), false);
        assert_eq!(risk_of(&believed, &scans("Pending", "")), None);
        assert!(risk_of(&believed, &scans("Danger", "")).is_some(), "a warning need not wait");
    }
}
