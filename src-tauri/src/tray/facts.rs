//! What the tray knows of the engine: lists as they were asked for, and numbers that came since. Pure.

use modeldock_core::download::{Download, DownloadSample};
use modeldock_core::jobs::{JobSnapshot, JobState};

/// Jobs and downloads at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Facts {
    /// As `jobs_list` gives them.
    pub(super) jobs: Vec<JobSnapshot>,
    /// As `downloads_list` gives them.
    pub(super) downloads: Vec<Download>,
}

impl Facts {
    /// Takes over how far a job is. `false` if it is not known to run: the list has to be asked for.
    pub(super) fn job_moved(&mut self, job: &JobSnapshot) -> bool {
        match self.jobs.iter_mut().find(|known| known.id == job.id) {
            Some(known) if matches!(known.state, JobState::Running | JobState::Paused) => known.clone_from(job),
            // A sample that was taken just before the end came after it.
            Some(_) => {}
            None => return false,
        }
        true
    }

    /// Takes over how far downloads are; what is not known to be at work is left to the list, which is on its way.
    pub(super) fn downloads_moved(&mut self, samples: &[DownloadSample]) {
        for sample in samples {
            let known = self.downloads.iter_mut().find(|download| download.id == sample.id);
            if let Some(known) = known.filter(|known| known.state.stage().is_active()) {
                known.received = sample.received;
                known.total = sample.total.or(known.total);
                known.speed = Some(sample.speed);
                known.seconds_left = sample.seconds_left;
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use modeldock_core::download::{AskedBy, DownloadState, PauseReason, Wanted};
    use modeldock_core::jobs::ScanPhase;
    use modeldock_core::roots::ModelKind;
    use modeldock_core::units::{ByteCount, CivitaiFileId, DownloadId, FileId, JobId, RootId, UnixMillis, VersionId};

    use super::*;

    pub(crate) fn job(id: u64, state: JobState) -> JobSnapshot {
        JobSnapshot {
            id: JobId(id),
            state,
            phase: ScanPhase::Hashing,
            files_found: 10,
            files_to_hash: 10,
            files_hashed: 4,
            bytes_to_hash: ByteCount(1000),
            bytes_hashed: ByteCount(427),
            bytes_per_second: 1.0,
            seconds_left: Some(341.0),
            current: None,
            started_at: UnixMillis(0),
            ended_at: None,
            error: None,
        }
    }

    pub(crate) fn download(id: i64, state: DownloadState) -> Download {
        Download {
            id: DownloadId(id),
            wanted: Wanted::File { version: VersionId(id), file: CivitaiFileId(id) },
            title: format!("Model {id}"),
            model_id: None,
            version_id: Some(VersionId(id)),
            kind: ModelKind::from("LORA"),
            base_model: None,
            root: RootId(1),
            path: format!("/models/loras/model-{id}.safetensors"),
            asked_by: AskedBy::User,
            finished_at: state.stage().is_final().then_some(UnixMillis(id)),
            state,
            received: ByteCount(0),
            total: None,
            speed: None,
            seconds_left: None,
            limit: None,
            added_at: UnixMillis(0),
        }
    }

    pub(crate) fn done(file: i64) -> DownloadState {
        DownloadState::Done { file: Some(FileId(file)), verified: true, was_there: false }
    }

    pub(crate) fn held() -> DownloadState {
        DownloadState::Paused { why: PauseReason::User }
    }

    fn sample(id: i64) -> DownloadSample {
        DownloadSample {
            id: DownloadId(id),
            received: ByteCount(50),
            total: Some(ByteCount(100)),
            speed: ByteCount(10),
            seconds_left: Some(5),
        }
    }

    #[test]
    fn numbers_are_taken_over_only_for_what_is_at_work() {
        let mut facts = Facts {
            jobs: vec![],
            downloads: vec![download(1, DownloadState::Running), download(2, done(1)), download(3, held())],
        };
        facts.downloads_moved(&[sample(1), sample(2), sample(3), sample(4)]);
        let received: Vec<u64> = facts.downloads.iter().map(|download| download.received.0).collect();
        assert_eq!(received, [50, 0, 0]);
        assert_eq!(facts.downloads[0].total, Some(ByteCount(100)));
    }

    #[test]
    fn a_late_sample_does_not_start_an_ended_job_again() {
        let mut facts = Facts { jobs: vec![job(1, JobState::Done)], downloads: vec![] };
        assert!(facts.job_moved(&job(1, JobState::Running)));
        assert_eq!(facts.jobs[0].state, JobState::Done);
        assert!(!facts.job_moved(&job(2, JobState::Running)), "an unknown job means that the list is old");
    }
}
