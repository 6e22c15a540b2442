//! What each command is answered with. Nothing is done here that takes time: what does is written down, and done by
//! [`super::work`] and the queue of downloads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::asked::{Asked, LinkDeed, LinkStatus, NewAsked};
use super::command::{Command, CommandId, Wish};
use super::list::{self, Listed};
use super::relay::{LARGEST_MESSAGE, LinkSite};
use super::reply::{self, Progress};
use super::resource::{Resource, ResourceKind};
use crate::download::{AskedBy, DownloadState, RunningDownloads};
use crate::error::Result;
use crate::store::{DownloadRow, ReadTx, Store, WriteTx};
use crate::units::{DownloadId, UnixMillis};

/// Unfinished adds of one site.
const MOST_ADDS: u32 = 200;

/// Removals that a site may ask for within a minute.
const MOST_REMOVALS: usize = 5;
const MINUTE: Duration = Duration::from_secs(60);

/// What a message's frame takes beside what is in it, generously.
const FRAME: usize = 1000;

/// Something to tell the site.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) value: Value,
    /// What it says of something that is written down.
    pub(crate) of: Option<(i64, LinkStatus)>,
    /// Whether it is the whole list.
    pub(crate) is_list: bool,
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self { value, of: None, is_list: false }
    }
}

/// What answers a site. Clones share it.
#[derive(Clone)]
pub(crate) struct Answers {
    store: Store,
    site: LinkSite,
    running: Arc<RunningDownloads>,
    removals: Arc<Mutex<VecDeque<Instant>>>,
}

impl Answers {
    pub(crate) fn new(store: Store, site: LinkSite, running: Arc<RunningDownloads>) -> Self {
        Self { store, site, running, removals: Arc::default() }
    }

    /// The answer to a command, in every case. `budget`: the largest list.
    pub(crate) async fn answer(self, command: Command, budget: usize) -> Reply {
        match self.try_answer(&command, budget).await {
            Ok(reply) => reply,
            Err(error) => {
                tracing::warn!(%error, "a command of the website could not be carried out");
                reply::refused(&command, reply::why(&error), UnixMillis::now()).into()
            }
        }
    }

    async fn try_answer(&self, command: &Command, budget: usize) -> Result<Reply> {
        let now = UnixMillis::now();
        match &command.wish {
            Err(why) => Ok(reply::refused(command, why, now).into()),
            Ok(Wish::List { kinds }) => {
                let resources = self.resources(kinds.clone(), budget).await?;
                let value = reply::done(command, ("resources", Value::Array(resources)), now);
                Ok(Reply { value, of: None, is_list: kinds.is_none() })
            }
            Ok(Wish::Activities { quantity }) => self.activities(command, *quantity).await,
            Ok(Wish::Clear) => {
                let site = self.site;
                self.store.write(move |tx| tx.hide_asked(site)).await?;
                self.activities(command, usize::MAX).await
            }
            Ok(Wish::Cancel { activity }) => self.cancel(command, activity).await,
            Ok(Wish::Add(resource)) => self.write_down(command, LinkDeed::Add, resource).await,
            Ok(Wish::Remove(resource)) => self.write_down(command, LinkDeed::Remove, resource).await,
        }
    }

    /// What is installed, or on its way on behalf of this site.
    pub(crate) async fn resources(&self, kinds: Option<Vec<ResourceKind>>, budget: usize) -> Result<Vec<Value>> {
        let site = self.site;
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let fitted = self.store.read(move |tx| {
            let mut all = tx.listed(home.as_deref())?;
            for asked in tx.asked_and_open()?.into_iter().filter(|asked| asked.new.site == site) {
                all.extend(coming(tx, &asked)?);
            }
            let mut all = list::one_each(all);
            all.retain(|one| reply::is_wanted(kinds.as_deref(), one.kind));
            Ok(list::fit(all, budget.saturating_sub(FRAME)))
        });
        fitted.await
    }

    async fn activities(&self, command: &Command, quantity: usize) -> Result<Reply> {
        let (site, running) = (self.site, Arc::clone(&self.running));
        let told = self.store.read(move |tx| {
            let all = tx.asked_lately(site, quantity)?;
            all.iter().map(|asked| Ok(reply::of(asked, progress_of(tx, asked, &running)?))).collect::<Result<Vec<_>>>()
        });
        Ok(reply::activities(command, told.await?, LARGEST_MESSAGE - FRAME, UnixMillis::now()).into())
    }

    /// Writes down what takes time. What is there under this id already is only told.
    async fn write_down(&self, command: &Command, deed: LinkDeed, resource: &Resource) -> Result<Reply> {
        let (site, running) = (self.site, Arc::clone(&self.running));
        let new = NewAsked {
            site,
            id: command.id.clone(),
            deed,
            resource: resource.clone(),
            created_at: command.created_at.clone(),
        };
        let removals = Arc::clone(&self.removals);
        let written = self.store.write(move |tx| {
            if let Some(there) = tx.asked(site, &new.id)? {
                let progress = progress_of(tx, &there, &running)?;
                tx.set_asked_told(there.number, there.status)?;
                return Ok(Ok((there, progress)));
            }
            let refusal = match deed {
                LinkDeed::Add if tx.open_adds(site)? >= MOST_ADDS => Some("Too many downloads wait on this computer"),
                LinkDeed::Remove if !may_remove(&removals) => Some("Too many removals within a minute"),
                LinkDeed::Add | LinkDeed::Remove => None,
            };
            match refusal {
                Some(refusal) => Ok(Err(refusal)),
                None => {
                    let added = tx.add_asked(&new, UnixMillis::now())?;
                    tx.set_asked_told(added.number, added.status)?;
                    Ok(Ok((added, None)))
                }
            }
        });
        Ok(match written.await? {
            Ok((asked, progress)) => Self::told(&asked, progress),
            Err(refusal) => reply::refused(command, refusal, UnixMillis::now()).into(),
        })
    }

    async fn cancel(&self, command: &Command, activity: &CommandId) -> Result<Reply> {
        let (site, activity) = (self.site, activity.clone());
        let cancelled = self.store.write(move |tx| cancel(tx, site, &activity)).await?;
        let now = UnixMillis::now();
        Ok(match cancelled {
            Ok(()) => reply::success(command, now).into(),
            Err(why) => reply::refused(command, why, now).into(),
        })
    }

    /// What stands otherwise than the site was told.
    pub(crate) async fn untold(&self) -> Result<Vec<Reply>> {
        /// At once, so that a long list of them holds nothing up.
        const MOST: u32 = 50;
        let (site, running) = (self.site, Arc::clone(&self.running));
        let untold = self.store.read(move |tx| {
            let all = tx.asked_and_untold(site, MOST)?;
            let told = all.into_iter().map(|asked| {
                let progress = progress_of(tx, &asked, &running)?;
                Ok(Self::told(&asked, progress))
            });
            told.collect::<Result<Vec<_>>>()
        });
        untold.await
    }

    /// How far the site's downloads are that run.
    pub(crate) async fn progressing(&self) -> Result<Vec<Reply>> {
        let (site, running) = (self.site, Arc::clone(&self.running));
        let moving = self.store.read(move |tx| {
            let is_moving = |asked: &Asked| {
                asked.new.site == site && asked.status == LinkStatus::Processing && asked.new.deed == LinkDeed::Add
            };
            let mut told = Vec::new();
            for asked in tx.asked_and_open()?.into_iter().filter(is_moving) {
                let progress = progress_of(tx, &asked, &running)?;
                told.push(Self::told(&asked, progress));
            }
            Ok(told)
        });
        moving.await
    }

    fn told(asked: &Asked, progress: Option<Progress>) -> Reply {
        Reply { value: reply::of(asked, progress), of: Some((asked.number, asked.status)), is_list: false }
    }

    /// The list as it is told unasked.
    pub(crate) fn list(resources: &Value) -> Reply {
        let mut bytes = [0; 16];
        // Nobody answers it, so an id that is not unique is no harm.
        let _ = getrandom::fill(&mut bytes);
        let id = format!("modeldock-{:032x}", u128::from_le_bytes(bytes));
        Reply { value: reply::list(&id, resources, UnixMillis::now()), of: None, is_list: true }
    }
}

/// Whether one more removal is within what a minute may bring, counting it.
fn may_remove(removals: &Mutex<VecDeque<Instant>>) -> bool {
    let mut removals = removals.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    while removals.front().is_some_and(|at| now.duration_since(*at) >= MINUTE) {
        removals.pop_front();
    }
    let may = removals.len() < MOST_REMOVALS;
    if may {
        removals.push_back(now);
    }
    may
}

/// Stops what a command began. An error is for the site.
fn cancel(tx: &mut WriteTx<'_>, site: LinkSite, activity: &CommandId) -> Result<std::result::Result<(), &'static str>> {
    let now = UnixMillis::now();
    let Some(asked) = tx.asked(site, activity)? else { return Ok(Err("There is no such activity")) };
    match (asked.status, asked.new.deed) {
        (LinkStatus::Canceled, _) => return Ok(Ok(())),
        (LinkStatus::Success | LinkStatus::Error, _) => return Ok(Err("It has ended already")),
        (LinkStatus::Processing, LinkDeed::Remove) => return Ok(Err("It cannot be stopped any more")),
        (LinkStatus::Pending | LinkStatus::Processing, _) => {}
    }
    if let Some(id) = asked.download
        && is_its_own(tx, &asked, id)?
        && !tx.step_download(id, &DownloadState::Cancelled, now)?
    {
        return Ok(Err("It cannot be stopped any more"));
    }
    tx.step_asked(asked.number, LinkStatus::Canceled, None, now)?;
    Ok(Ok(()))
}

/// Whether a download is there for this alone. One that a person here, or another command, wants as well goes on.
fn is_its_own(tx: &ReadTx<'_>, asked: &Asked, id: DownloadId) -> Result<bool> {
    let is_the_sites = tx.download(id)?.is_some_and(|row| row.new.asked_by == AskedBy::Site);
    let open = tx.asked_and_open()?;
    Ok(is_the_sites && !open.iter().any(|other| other.number != asked.number && other.download == Some(id)))
}

/// How far an add is; `None` where it is no download, or not begun.
fn progress_of(tx: &ReadTx<'_>, asked: &Asked, running: &RunningDownloads) -> Result<Option<Progress>> {
    if asked.status != LinkStatus::Processing {
        return Ok(None);
    }
    let Some(id) = asked.download else { return Ok(None) };
    let Some(row) = tx.download(id)? else { return Ok(None) };
    let sample = running.sample(id).filter(|_| row.state.stage().is_active());
    Ok(Some(match sample {
        Some(sample) => Progress {
            received: sample.received.0,
            total: sample.total.map(|total| total.0).or(row.total),
            speed: sample.speed.0,
            seconds_left: sample.seconds_left,
        },
        None => Progress { received: row.received, total: row.total, ..Progress::default() },
    }))
}

/// What an add will bring.
fn coming(tx: &ReadTx<'_>, asked: &Asked) -> Result<Option<Listed>> {
    let row: Option<DownloadRow> = asked.download.map(|id| tx.download(id)).transpose()?.flatten();
    Ok(row.map(|row| Listed {
        hash: asked.new.resource.hash,
        kind: asked.new.resource.kind,
        name: row.new.name,
        path: None,
        has_preview: false,
        is_downloading: true,
        added_at: row.added_at,
    }))
}

/// A path below a root as the site may know it: with `/`, and only where no part of it is the user's own name.
pub(crate) fn below(path: &std::path::Path, root: &std::path::Path, home: Option<&std::path::Path>) -> Option<String> {
    if home.is_some_and(|home| home != root && home.starts_with(root)) {
        return None;
    }
    let parts = path.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let text = parts.collect::<Vec<_>>().join("/");
    (!text.is_empty() && !text.contains(char::is_control)).then_some(text)
}

/// Whether a list that comes after the last one is worth telling.
pub(crate) fn differs(resources: &Value, last: Option<&[u8; 32]>) -> ([u8; 32], bool) {
    let digest: [u8; 32] = blake3::hash(resources.to_string().as_bytes()).into();
    (digest, last != Some(&digest))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_path_is_told_without_its_root_and_never_with_the_users_name() {
        let below = |path, root, home: Option<&str>| below(Path::new(path), Path::new(root), home.map(Path::new));
        let home = Some("/home/sam");
        assert_eq!(below("/home/sam/ui/loras/a.pt", "/home/sam/ui", home).as_deref(), Some("loras/a.pt"));
        assert_eq!(below("/mnt/models/a.pt", "/mnt/models", home).as_deref(), Some("a.pt"));
        assert_eq!(below("/home/sam/loras/a.pt", "/home", home), None);
        assert_eq!(below("/elsewhere/a.pt", "/mnt/models", home), None);
        assert_eq!(below("/home/sam/a.pt", "/home/sam", None).as_deref(), Some("a.pt"));
    }
}
