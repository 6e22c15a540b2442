//! `modeldock link pair`, `status`, `leave` and `run`: the website's "Send to my computer" without a window.

use std::collections::{BTreeMap, BTreeSet};

use modeldock_core::link::{LinkAsk, LinkDeed, LinkInfo, LinkSite, LinkSiteInfo, LinkState, LinkStatus};
use modeldock_core::{App, Error, Event, LinkActivity, Result, Role, Subscription};
use serde::Serialize;
use serde_json::json;

use crate::args::{LinkCommand, SiteName};
use crate::context::{Context, call};
use crate::exit::Exit;
use crate::output::{self, Results, printable};

impl From<SiteName> for LinkSite {
    fn from(name: SiteName) -> Self {
        match name {
            SiteName::Com => Self::Com,
            SiteName::Red => Self::Red,
        }
    }
}

pub(crate) async fn run(context: &Context, command: LinkCommand) -> Result<Exit> {
    let app = context.open()?;
    match command {
        LinkCommand::Pair { code, site } => {
            let site = LinkSite::from(site);
            let info: LinkInfo = call(&app, "link_pair", json!({ "site": site, "code": code })).await?;
            tell(context, &info)?;
            if app.role() == Role::Owner && !context.json() {
                output::note("Open Modeldock, or leave `modeldock link run` running, to receive what is sent.");
            }
            Ok(Exit::Done)
        }
        LinkCommand::Status => {
            tell(context, &call(&app, "link_show", json!({})).await?)?;
            Ok(Exit::Done)
        }
        LinkCommand::Leave { site } => {
            let mut info: LinkInfo = call(&app, "link_show", json!({})).await?;
            let named = site.map(LinkSite::from);
            let is_meant = |one: &&LinkSiteInfo| named.map_or(one.paired_at.is_some(), |named| one.site == named);
            let meant: Vec<LinkSite> = info.sites.iter().filter(is_meant).map(|one| one.site).collect();
            for site in meant {
                info = call(&app, "link_leave", json!({ "site": site })).await?;
            }
            tell(context, &info)?;
            Ok(Exit::Done)
        }
        LinkCommand::Run => follow(context, &app).await,
    }
}

fn tell(context: &Context, info: &LinkInfo) -> Result<()> {
    let mut results = Results::new();
    if context.json() {
        results.json(info)?;
    } else {
        for site in &info.sites {
            results.line(in_words(site))?;
        }
        for ask in &info.requests {
            results.line(ask_in_words(ask))?;
        }
    }
    results.flush()
}

fn in_words(site: &LinkSiteInfo) -> String {
    let state = match site.state {
        LinkState::NotPaired => "not paired",
        LinkState::Connecting => "connecting",
        LinkState::Waiting => "linked; nobody has the site open",
        LinkState::Connected => "linked; the site is open",
        LinkState::Offline => "off line",
    };
    let problem = site.problem.as_ref().map(|problem| format!(": {}", printable(&problem.message)));
    format!("{}: {state}{}", site.site.name(), problem.unwrap_or_default())
}

fn ask_in_words(ask: &LinkAsk) -> String {
    let copies = output::count(ask.copies, "file");
    let (site, title, bytes) = (ask.site.name(), printable(&ask.title), output::bytes(ask.bytes.0));
    format!("{site} asks to remove {title} ({copies}, {bytes}); allow it in Modeldock's window or page")
}

fn activity_in_words(activity: &LinkActivity) -> String {
    let deed = match activity.deed {
        LinkDeed::Add => "add",
        LinkDeed::Remove => "remove",
    };
    let status = match activity.status {
        LinkStatus::Pending => "waits",
        LinkStatus::Processing => "begun",
        LinkStatus::Success => "done",
        LinkStatus::Error => "not done",
        LinkStatus::Canceled => "cancelled",
    };
    let error = activity.error.as_ref().map(|error| format!(": {}", printable(error)));
    let (site, title) = (activity.site.name(), printable(&activity.title));
    format!("{site}: {deed} {title}: {status}{}", error.unwrap_or_default())
}

/// What was printed already.
#[derive(Default)]
struct Printed {
    sites: BTreeMap<LinkSite, LinkSiteInfo>,
    activities: BTreeMap<(LinkSite, String), LinkStatus>,
    asks: BTreeSet<(LinkSite, String)>,
}

async fn follow(context: &Context, app: &App) -> Result<Exit> {
    let info: LinkInfo = call(app, "link_show", json!({})).await?;
    if info.sites.iter().all(|site| site.paired_at.is_none()) {
        return Err(Error::invalid("This computer is not paired with Civitai's website")
            .hint("`modeldock link pair CODE` pairs it, with a code that the site shows"));
    }
    let mut events = app.subscribe();
    app.start_workers();
    if app.role() == Role::Guest {
        output::note("Another Modeldock keeps the link; this shows what it does. Ctrl-C stops.");
    } else if !context.json() {
        output::note("Linked while this runs. Ctrl-C stops.");
    }
    let mut printed = Printed::default();
    // What happened before is no news.
    for activity in app.link_activities().await? {
        printed.activities.insert((activity.site, activity.id.clone()), activity.status);
    }
    tokio::select! {
        ended = print_as_it_comes(context, app, &mut printed, &mut events) => ended?,
        signal = super::scan::interrupted() => signal?,
    }
    app.shutdown().await;
    Ok(Exit::Done)
}

async fn print_as_it_comes(
    context: &Context,
    app: &App,
    printed: &mut Printed,
    events: &mut Subscription,
) -> Result<()> {
    loop {
        print_news(context, app, printed).await?;
        loop {
            match events.next().await.as_deref() {
                Some(Event::LinkChanged | Event::DownloadsChanged | Event::Resync) => break,
                Some(_) => {}
                None => return Ok(()),
            }
        }
    }
}

async fn print_news(context: &Context, app: &App, printed: &mut Printed) -> Result<()> {
    let info: LinkInfo = call(app, "link_show", json!({})).await?;
    let activities = app.link_activities().await?;
    let mut results = Results::new();
    for site in info.sites {
        let before = printed.sites.insert(site.site, site.clone());
        let is_news = match &before {
            Some(before) => (before.state, &before.problem) != (site.state, &site.problem),
            // That somebody never paired is no news.
            None => site.state != LinkState::NotPaired,
        };
        if is_news {
            print(context, &mut results, "state", &site, &in_words(&site))?;
        }
    }
    // The newest come first, and are told last.
    for activity in activities.into_iter().rev() {
        let key = (activity.site, activity.id.clone());
        if printed.activities.insert(key, activity.status) != Some(activity.status) {
            print(context, &mut results, "activity", &activity, &activity_in_words(&activity))?;
        }
    }
    for ask in &info.requests {
        if printed.asks.insert((ask.site, ask.id.clone())) {
            print(context, &mut results, "ask", ask, &ask_in_words(ask))?;
        }
    }
    results.flush()
}

fn print(context: &Context, results: &mut Results, event: &str, what: &impl Serialize, words: &str) -> Result<()> {
    /// With its name beside it.
    #[derive(Serialize)]
    struct Named<'a, T> {
        event: &'a str,
        #[serde(flatten)]
        what: &'a T,
    }
    if context.json() { results.json(&Named { event, what }) } else { results.line(words) }
}
