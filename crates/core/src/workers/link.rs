//! Keeps the links with Civitai's sites, in the process that owns the data folder; and says how they stand in any.

use std::sync::Arc;
use std::time::Duration;

use crate::app::{App, Role};
use crate::error::{Error, Result};
use crate::link::{
    Answers, Asked, LinkAsk, LinkInfo, LinkSite, LinkSiteInfo, LinkState, LinkWish, LockFiles, Pairing, Plan, Room,
    Work, Worker, switched_off,
};
use crate::units::{ByteCount, UnixMillis};

/// How often it is looked whether another process that kept them has ended.
const TRY_EVERY: Duration = Duration::from_secs(1);

impl App {
    /// Keeps the links for as long as the engine lives.
    pub(crate) async fn keep_linked(&self) {
        let _lock = loop {
            match self.lock_link() {
                Ok(Some(lock)) => break lock,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the links cannot be kept; it is tried again"),
            }
            tokio::select! {
                () = self.stopped().cancelled() => return,
                () = tokio::time::sleep(TRY_EVERY) => {}
            }
        };
        let app = self.clone();
        let lock_files: LockFiles = Arc::new(move || app.lock_files());
        let work = Work {
            store: self.store().clone(),
            catalog: self.catalog(),
            events: self.events().clone(),
            shared: self.link_shared(),
            lock_files,
            stop: self.stopped().clone(),
        };
        let [com, red] = LinkSite::ALL.map(|site| Worker {
            store: self.store().clone(),
            service: self.link_service(),
            keys: self.link_keys().clone(),
            shared: self.link_shared(),
            answers: Answers::new(self.store().clone(), site, self.running_downloads()),
            events: self.events().clone(),
            site,
            stop: self.stopped().clone(),
        });
        self.link_shared().set_kept(true);
        tokio::join!(work.run(), com.run(), red.run());
        self.link_shared().set_kept(false);
    }

    /// Pairs with a site, by a code as a person typed it.
    pub(crate) async fn pair_link(&self, site: LinkSite, code: &str) -> Result<()> {
        let code = crate::link::read_code(code)?;
        let settings = self.store().read(|tx| tx.settings()).await?;
        if !settings.look_up {
            return Err(switched_off());
        }
        self.with_pairing(site, async |pairing| pairing.pair(&code).await).await
    }

    /// Ends the link with a site.
    pub(crate) async fn leave_link(&self, site: LinkSite) -> Result<()> {
        self.with_pairing(site, async |pairing| pairing.leave().await).await
    }

    async fn with_pairing<T>(&self, site: LinkSite, act: impl AsyncFnOnce(Pairing<'_>) -> T) -> T {
        let (shared, service) = (self.link_shared(), self.link_service());
        let keys = self.link_keys();
        act(Pairing { store: self.store(), service: &*service, keys, shared: &shared, site }).await
    }

    /// How each link stands, and what waits for a person.
    pub(crate) async fn link_info(&self) -> Result<LinkInfo> {
        let urls = LinkSite::ALL.map(|site| (site, self.link_keys().url(site).to_owned()));
        let read = move |tx: &crate::store::ReadTx<'_>| {
            let mut sites = Vec::new();
            for (site, url) in urls {
                sites.push((site, Plan::read(tx, site, &url)?, tx.link_room(site)?.filter(|room| room.url == url)));
            }
            let asks = tx.asked_and_open()?.into_iter().filter(Asked::waits_for_word).filter_map(ask).collect();
            Ok((sites, asks, tx.settings()?.link_remove))
        };
        let (sites, requests, remove) = self.store().read(read).await?;
        let app = self.clone();
        // A lock that is held is tried for a moment.
        let elsewhere = tokio::task::spawn_blocking(move || app.is_linked_elsewhere()).await.unwrap_or(false);
        let is_kept = self.link_shared().is_kept() || elsewhere;
        let sites = sites.into_iter().map(|(site, plan, room)| self.site_info(site, &plan, room, is_kept)).collect();
        Ok(LinkInfo { sites, requests, remove })
    }

    fn site_info(&self, site: LinkSite, plan: &Plan, room: Option<Room>, is_kept: bool) -> LinkSiteInfo {
        let shared = self.link_shared();
        let own = shared.standing(site);
        // What the database says is from the last run until this one has said something itself.
        let kept_elsewhere = || room.as_ref().filter(|_| !shared.is_kept()).map(|room| room.standing.clone());
        let standing = own.or_else(kept_elsewhere);
        let (mut state, mut problem) = match (plan, &standing) {
            (Plan::Nothing(problem), _) => (LinkState::NotPaired, problem.clone()),
            (Plan::Rest, _) => (LinkState::Offline, Some(switched_off())),
            // It was paired this moment, and whoever keeps it has not noticed yet.
            (Plan::Link { .. }, Some(standing)) if standing.state != LinkState::NotPaired => {
                (standing.state, standing.problem.clone())
            }
            (Plan::Link { .. }, _) => (LinkState::Connecting, None),
        };
        if matches!(plan, Plan::Link { .. }) && !is_kept {
            state = LinkState::Offline;
            problem = Some(nobody_listens());
        }
        let standing = standing.filter(|standing| standing.state == state);
        LinkSiteInfo {
            site,
            url: self.link_keys().url(site).to_owned(),
            state,
            problem,
            since: standing.as_ref().map(|standing| standing.since),
            next_try: standing
                .and_then(|standing| standing.next_try)
                .filter(|_| state == LinkState::Offline && is_kept),
            paired_at: room.filter(|room| room.kept_in.is_some()).map(|room| room.paired_at),
        }
    }

    /// Whether another process keeps the links.
    fn is_linked_elsewhere(&self) -> bool {
        self.role() == Role::Guest && self.lock_link().is_ok_and(|lock| lock.is_none())
    }

    /// What the sites asked for, the newest first, for a program that follows it.
    ///
    /// # Errors
    ///
    /// If the database cannot be read.
    pub async fn link_activities(&self) -> Result<Vec<LinkActivity>> {
        let all = self.store().read(|tx| {
            let mut all = Vec::new();
            for site in LinkSite::ALL {
                all.extend(tx.asked_lately(site, MOST_ACTIVITIES)?);
            }
            Ok(all)
        });
        Ok(all.await?.into_iter().map(LinkActivity::from).collect())
    }
}

/// Activities of one site that are told.
const MOST_ACTIVITIES: usize = 200;

/// Something that a site asked for, for programs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LinkActivity {
    /// Who asked.
    pub site: LinkSite,
    /// The site's own id of it.
    pub id: String,
    /// What for.
    pub deed: crate::link::LinkDeed,
    /// For people.
    pub title: String,
    /// How it stands.
    pub status: crate::link::LinkStatus,
    /// Why it is not done, as the site is told.
    pub error: Option<String>,
    /// The download that it is.
    pub download: Option<crate::units::DownloadId>,
    /// When it came.
    pub asked_at: UnixMillis,
}

impl From<Asked> for LinkActivity {
    fn from(asked: Asked) -> Self {
        Self {
            site: asked.new.site,
            id: asked.new.id.to_string(),
            deed: asked.new.deed,
            title: asked.shown.map_or_else(|| asked.new.resource.title(), |shown| shown.title),
            status: asked.status,
            error: asked.error,
            download: asked.download,
            asked_at: asked.since,
        }
    }
}

fn ask(asked: Asked) -> Option<LinkAsk> {
    let shown = asked.shown?;
    Some(LinkAsk {
        site: asked.new.site,
        id: asked.new.id.to_string(),
        what: LinkWish::Remove,
        title: shown.title,
        copies: shown.copies,
        bytes: ByteCount(shown.bytes),
        asked_at: asked.since,
    })
}

fn nobody_listens() -> Error {
    Error::new(crate::error::Code::Offline, "Nothing that could be sent arrives while Modeldock is closed")
        .hint("Open Modeldock, or leave `modeldock link run` running")
}
