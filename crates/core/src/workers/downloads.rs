//! Runs the downloads of this data folder, in whichever process has the lock for it.

use std::time::Duration;

use crate::app::App;
use crate::download::{self, DownloadOptions, DownloadSample, DownloadState, Queue};
use crate::error::{Code, Result};
use crate::event::Event;
use crate::store::DownloadRow;
use crate::units::DownloadId;

/// How often it is looked whether the process that runs them has ended.
const TRY_EVERY: Duration = Duration::from_secs(1);

impl App {
    /// Runs the queue for as long as the engine lives, or as soon as nobody else does.
    pub(crate) async fn keep_downloading(&self) {
        loop {
            match self.run_queue(None, DownloadOptions::default()).await {
                Ok(()) => {}
                Err(error) if error.code == Code::Busy => {}
                Err(error) => tracing::warn!(%error, "the downloads stopped; they are tried again"),
            }
            tokio::select! {
                () = self.stopped().cancelled() => return,
                () = tokio::time::sleep(TRY_EVERY) => {}
            }
        }
    }

    /// Waits until these downloads have come to rest, and runs them itself while nobody else does.
    ///
    /// # Errors
    ///
    /// If the queue itself cannot be run; what becomes of a download is its state.
    pub async fn download_until_done(&self, ids: Vec<DownloadId>) -> Result<()> {
        self.download_until_done_with(ids, DownloadOptions::default()).await
    }

    /// As [`Self::download_until_done`], with another patience.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn download_until_done_with(&self, ids: Vec<DownloadId>, options: DownloadOptions) -> Result<()> {
        loop {
            match self.run_queue(Some(ids.clone()), options).await {
                Err(error) if error.code == Code::Busy => {}
                ended => return ended,
            }
            let wanted = ids.clone();
            let at_rest = self.store().read(move |tx| {
                let rows = tx.downloads()?;
                Ok(wanted.iter().all(|id| {
                    rows.iter().find(|row| row.id == *id).is_none_or(|row| {
                        let held = matches!(row.state, DownloadState::Paused { why: download::PauseReason::User });
                        row.state.stage().is_final() || held
                    })
                }))
            });
            if at_rest.await? {
                return Ok(());
            }
            self.events().publish(Event::Resync);
            tokio::select! {
                () = self.stopped().cancelled() => return Ok(()),
                () = tokio::time::sleep(TRY_EVERY) => {}
            }
        }
    }

    async fn run_queue(&self, only: Option<Vec<DownloadId>>, options: DownloadOptions) -> Result<()> {
        let _lock = self.lock_downloads()?.ok_or_else(download::runs_elsewhere)?;
        let queue = Queue {
            store: self.store().clone(),
            downloads: self.downloads(),
            partials: self.paths().partials_dir(),
            events: self.events().clone(),
            running: self.running_downloads(),
            stop: self.stopped().clone(),
            only,
            options,
        };
        let is_all = queue.only.is_none();
        queue.run().await?;
        // Where no owner does it by itself.
        if !is_all && let Err(error) = self.write_sidecars(Vec::new(), false).await {
            tracing::warn!(%error, "what is known could not be written beside a new model");
        }
        Ok(())
    }

    /// How far a running download is, if it runs in this process.
    pub(crate) fn download_sample(&self, id: DownloadId) -> Option<DownloadSample> {
        self.running_downloads().sample(id)
    }

    /// Removes what cancelled downloads left, if nobody runs the queue, who would.
    pub(crate) async fn tidy_cancelled(&self) -> Result<()> {
        let Some(_lock) = self.lock_downloads()? else { return Ok(()) };
        let rows = self.store().read(|tx| tx.downloads()).await?;
        download::tidy_up(self.store(), &self.paths().partials_dir(), &rows, |_| false).await
    }

    /// Removes what ended downloads left on the disk.
    pub(crate) async fn tidy_downloads(&self, rows: Vec<DownloadRow>) {
        let partials = self.paths().partials_dir();
        let tidied = tokio::task::spawn_blocking(move || {
            for row in rows {
                download::tidy(&row, row.part.as_ref(), &partials);
            }
        });
        if let Err(source) = tidied.await {
            tracing::error!(%source, "tidying up after downloads ended early");
        }
    }
}
