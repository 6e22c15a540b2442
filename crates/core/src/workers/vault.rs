//! Brings down what is in the vault: when somebody asks for it, and by itself where the user wants that.

use std::time::Duration;

use crate::api::{Empty, VaultDownload, VaultDownloadReport, sync_vault};
use crate::app::App;
use crate::download::{AskedBy, Planner, VaultPart};
use crate::error::{Code, Error, Result};
use crate::event::{Event, Subscription};
use crate::store::Added;
use crate::units::UnixMillis;
use crate::vault::{self, VaultEntry};

/// How often the vault is read by itself.
const SYNC_EVERY: Duration = Duration::from_secs(60 * 60);

/// Most items one request names.
const MOST_ITEMS: usize = 10_000;

impl App {
    /// Queues parts of items. One that cannot be placed is reported and keeps no other from coming.
    pub(crate) async fn download_from_vault(
        &self,
        request: VaultDownload,
        asked_by: AskedBy,
    ) -> Result<Vec<VaultDownloadReport>> {
        if request.items.len() > MOST_ITEMS {
            return Err(Error::invalid(format!("At most {MOST_ITEMS} items can be named at once")));
        }
        let view = vault::view(self.store()).await?;
        let is_wanted = |entry: &VaultEntry| match request.items.as_slice() {
            [] => entry.files.is_empty(),
            items => items.contains(&entry.item.id),
        };
        if let Some(unknown) = request.items.iter().find(|id| !view.items.iter().any(|entry| entry.item.id == **id)) {
            return Err(Error::not_found(format!("There is no item number {} in the vault", unknown.0))
                .hint("`modeldock vault sync` reads it anew"));
        }
        let parts = if request.parts.is_empty() { vec![VaultPart::Model] } else { request.parts.clone() };
        let planner = Planner::new(self.store().clone(), self.catalog());
        let mut reports = Vec::new();
        for entry in view.items.iter().filter(|entry| is_wanted(entry)) {
            for part in &parts {
                let added = self.queue_from_vault(&planner, entry, *part, &request, asked_by).await;
                let lost = added.as_ref().is_err_and(|error| matches!(error.code, Code::Offline | Code::Unauthorised));
                let (download, was_there, problem) = match added {
                    Ok(Added::New(id)) => (Some(id), false, None),
                    Ok(Added::There(id)) => (Some(id), true, None),
                    Err(problem) => (None, false, Some(problem)),
                };
                let (item, title) = (entry.item.id, entry.item.title());
                reports.push(VaultDownloadReport { item, part: *part, title, download, was_there, problem });
                if lost {
                    // The next one would fail just so.
                    return Ok(reports);
                }
            }
        }
        Ok(reports)
    }

    async fn queue_from_vault(
        &self,
        planner: &Planner,
        entry: &VaultEntry,
        part: VaultPart,
        request: &VaultDownload,
        asked_by: AskedBy,
    ) -> Result<Added> {
        let (new, version) = planner.plan_vault(&entry.item, part, request.file, request.root, asked_by).await?;
        self.store()
            .write(move |tx| {
                let now = UnixMillis::now();
                if let Some(version) = &version {
                    tx.put_version(version, now)?;
                }
                tx.add_download(&new, now)
            })
            .await
    }

    /// Reads the vault now and then, and brings down what is new in it, where the user wants that.
    pub(crate) async fn keep_vault_in_sync(&self) {
        let mut events = self.subscribe();
        let mut last: Option<tokio::time::Instant> = None;
        loop {
            let settings = self.store().read(|tx| tx.settings()).await.unwrap_or_default();
            let is_due = last.is_none_or(|last| last.elapsed() >= SYNC_EVERY);
            if !settings.vault_in_sync {
                // A switch that is put on means now.
                last = None;
            } else if settings.look_up && self.has_key() && is_due {
                last = Some(tokio::time::Instant::now());
                if let Err(error) = self.bring_down_the_vault().await {
                    tracing::warn!(%error, "the vault could not be brought down; it is tried again");
                }
            }
            tokio::select! {
                () = self.stopped().cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(60)) => {}
                () = choice_changed(&mut events) => {}
            }
        }
    }

    async fn bring_down_the_vault(&self) -> Result<()> {
        sync_vault(self, Empty {}).await?;
        let request = VaultDownload { items: Vec::new(), parts: Vec::new(), file: None, root: None };
        for report in self.download_from_vault(request, AskedBy::Vault).await? {
            if let Some(problem) = report.problem {
                tracing::warn!(item = report.item.0, %problem, "something in the vault could not be brought down");
            }
        }
        Ok(())
    }
}

/// Resolves when the user chose something, or signed in or out.
async fn choice_changed(events: &mut Subscription) {
    loop {
        match events.next().await.as_deref() {
            Some(Event::SettingsChanged | Event::AccountChanged) => return,
            Some(_) => {}
            // The engine ends; its token says so.
            None => std::future::pending().await,
        }
    }
}
