//! The application's whole interface: one table of commands that every shell calls.
//!
//! A command is declared once, in [`commands!`] below: its name, what it takes, what it gives, which data it reads and
//! which it makes stale. Tauri's single `rpc` command, `POST /rpc/{name}` and the TypeScript bindings derive from the
//! table; a shell that needed more than [`dispatch`] would mean the seam is in the wrong place.

mod account;
mod app;
mod bindings;
mod care;
mod discover;
mod downloads;
mod files;
mod jobs;
mod library;
mod link;
mod marks;
mod remote;
mod roots;
mod settings;
mod sidecars;
mod vault;

pub use account::SignIn;
pub use app::AppInfo;
pub use bindings::write_bindings;
pub use care::{CareRequest, CopiesGroup, CopiesTrash, OrphanIds};
pub use discover::{DiscoverFind, DiscoverFound, DiscoverModelIds, DiscoverModelRequest};
pub use downloads::{DownloadAdded, DownloadIds, DownloadLimit, DownloadOrder};
pub use files::{ActivityRequest, FileIds, FileMove, FileRename};
pub use jobs::{IdentifyRequest, IdentifyResponse, JobRequest, ScanRequest, ScanStarted};
pub use library::ItemRequest;
pub(crate) use library::list as library_page;
pub use link::LinkRequest;
pub use marks::{MarkReport, MarkRequest, ViewName};
pub use remote::{LinkAnswer, LinkLeave, LinkPair};
pub use roots::{DetectRequest, RootAdd, RootRemove};
pub use sidecars::{RootSet, SidecarReport, SidecarsRequest};
pub(crate) use vault::sync as sync_vault;
pub use vault::{VaultChange, VaultChangeReport, VaultDownload, VaultDownloadReport};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::account::AccountInfo;
use crate::app::App;
use crate::care::{CarePage, CareSummary};
use crate::discover::{CatalogueWords, DiscoverDetail, DiscoverPage, DiscoverSearch, ModelMarks};
use crate::download::{Download, DownloadPlan, DownloadRequest};
use crate::error::{Error, Result};
use crate::files::Activity;
use crate::jobs::JobSnapshot;
use crate::library::{Facets, ItemDetail, LibraryItem, LibraryPage, LibraryQuery, View};
use crate::link::LinkInfo;
use crate::roots::{DetectedRoot, RootInfo};
use crate::settings::Settings;
use crate::vault::VaultView;

/// A request or response with nothing in it; `{}` and `null` are both read as it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(type = "Record<string, never>")]
pub struct Empty {}

impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Null => Ok(Self {}),
            Value::Object(fields) if fields.is_empty() => Ok(Self {}),
            _ => Err(serde::de::Error::custom("this command takes nothing")),
        }
    }
}

/// A kind of data a client may hold a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Tag {
    /// Items, facets and details.
    Library,
    /// Model roots.
    Roots,
    /// Settings.
    Settings,
    /// Running and finished jobs.
    Jobs,
    /// Downloads.
    Downloads,
    /// The vault.
    Vault,
    /// Who is signed in.
    Account,
    /// Searches that were kept.
    Views,
    /// What was done to files.
    Activity,
    /// The link with the website.
    Link,
}

/// One row of the command table.
#[derive(Debug, Clone, Copy)]
pub struct Command {
    /// As called.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// The data whose copies this answer is.
    pub reads: &'static [Tag],
    /// The data whose copies are stale afterwards, where no event will say so.
    pub stales: &'static [Tag],
    /// Whether it changes anything: a read-only server refuses those.
    pub changes: bool,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident: $module:ident::$function:ident($request:ty) -> $response:ty
        { reads: [$($reads:ident),*], stales: [$($stales:ident),*], changes: $changes:literal })*) => {
        /// Every command, in the order of the documentation.
        pub const COMMANDS: &[Command] = &[$(Command {
            name: stringify!($name),
            doc: concat!($($doc),*).trim_ascii(),
            reads: &[$(Tag::$reads),*],
            stales: &[$(Tag::$stales),*],
            changes: $changes,
        },)*];

        /// Calls a command by name. The request is checked in full before anything happens.
        pub async fn dispatch(app: &App, name: &str, request: Value) -> Result<Value> {
            match name {
                $(stringify!($name) => {
                    let request: $request = parse(name, request)?;
                    let response: $response = $module::$function(app, request).await?;
                    to_value(name, &response)
                })*
                _ => Err(Error::not_found(format!("There is no command `{}`", clip(name)))
                    .hint("docs/reference.md lists the commands")),
            }
        }

        /// Every type a client may meet, so that one export writes them all.
        #[derive(ts_rs::TS)]
        #[expect(dead_code, reason = "only its type matters")]
        pub(crate) struct Everything {
            $($name: ($request, $response),)*
            event: crate::event::Event,
            error: Error,
        }

        /// `(request, response)` of every command, as TypeScript.
        pub(crate) fn command_types(config: &ts_rs::Config) -> Vec<(String, String)> {
            use ts_rs::TS;
            vec![$((<$request>::name(config), <$response>::name(config)),)*]
        }
    };
}

commands! {
    /// What this is: version, data folder, look-up server.
    app_info: app::info(Empty) -> AppInfo { reads: [Settings], stales: [], changes: false }
    /// The installations that can be found on this computer, the added ones included.
    roots_detect: roots::detect(DetectRequest) -> Vec<DetectedRoot> { reads: [Roots], stales: [], changes: false }
    /// The model roots in the library.
    roots_list: roots::list(Empty) -> Vec<RootInfo> { reads: [Roots, Library], stales: [], changes: false }
    /// Adds a folder; its layout is recognised unless given.
    roots_add: roots::add(RootAdd) -> RootInfo { reads: [], stales: [Roots], changes: true }
    /// Forgets a folder. Nothing on disk is touched.
    roots_remove: roots::remove(RootRemove) -> Empty { reads: [], stales: [Roots, Library], changes: true }
    /// Chooses what may be written beside a folder's models, and where downloads go in it.
    roots_set: sidecars::set_root(RootSet) -> RootInfo { reads: [], stales: [Roots], changes: true }
    /// Writes beside models what their UIs read there, or says what would be written.
    sidecars_write: sidecars::write(SidecarsRequest) -> Vec<SidecarReport> { reads: [], stales: [Library], changes: true }
    /// A part of the library.
    library_list: library::list(LibraryQuery) -> LibraryPage { reads: [Library], stales: [], changes: false }
    /// How many items each choice would show.
    library_facets: library::facets(LibraryQuery) -> Facets { reads: [Library], stales: [], changes: false }
    /// Everything about one file.
    library_item: library::item(ItemRequest) -> ItemDetail { reads: [Library], stales: [], changes: false }
    /// Says what a file is, where Civitai does not know it: by a page's address, a version's number or an AIR.
    item_link: link::link(LinkRequest) -> LibraryItem { reads: [], stales: [Library], changes: true }
    /// Forgets what was said, and asks Civitai.
    item_unlink: link::unlink(ItemRequest) -> LibraryItem { reads: [], stales: [Library], changes: true }
    /// Notes something of files: favourite, rating, note, tags.
    library_mark: marks::mark(MarkRequest) -> MarkReport { reads: [], stales: [Library], changes: true }
    /// Searches that were kept.
    views_list: marks::views(Empty) -> Vec<View> { reads: [Views], stales: [], changes: false }
    /// Keeps a search under a name, in place of the one that had it.
    view_put: marks::put_view(View) -> Vec<View> { reads: [], stales: [Views], changes: true }
    /// Forgets a search.
    view_remove: marks::remove_view(ViewName) -> Vec<View> { reads: [], stales: [Views], changes: true }
    /// Gives a model another name, with everything beside it.
    file_rename: files::rename(FileRename) -> Activity { reads: [], stales: [Library, Activity], changes: true }
    /// Puts models into another folder of the same drive, with everything beside them.
    files_move: files::move_to(FileMove) -> Activity { reads: [], stales: [Library, Activity], changes: true }
    /// Puts models into the trash, with everything beside them.
    files_trash: files::trash(FileIds) -> Activity { reads: [], stales: [Library, Activity], changes: true }
    /// What was done to files, newest first.
    activity_list: files::list(Empty) -> Vec<Activity> { reads: [Activity], stales: [], changes: false }
    /// Undoes something that was done to files.
    activity_undo: files::undo(ActivityRequest) -> Activity { reads: [], stales: [Library, Activity], changes: true }
    /// How many things want looking after, list by list.
    care_show: care::show(Empty) -> CareSummary { reads: [Library, Roots], stales: [], changes: false }
    /// A part of one such list, with what can be done about each.
    care_list: care::list(CareRequest) -> CarePage { reads: [Library, Roots, Downloads], stales: [], changes: false }
    /// Asks Civitai which versions there are of the models here.
    care_check_updates: care::check_updates(Empty) -> CareSummary { reads: [], stales: [Library], changes: true }
    /// Puts copies into the trash, once it is certain that the one that stays has the same bytes.
    care_trash_copies: care::trash_copies(CopiesTrash) -> Activity { reads: [], stales: [Library, Activity], changes: true }
    /// Puts sidecars and previews into the trash whose model is gone.
    care_trash_orphans: care::trash_orphans(OrphanIds) -> Activity { reads: [], stales: [Library, Activity], changes: true }
    /// Looks through the roots for new, changed and gone files, reads what must be read, and asks Civitai.
    scan_start: jobs::scan(ScanRequest) -> ScanStarted { reads: [], stales: [Jobs], changes: true }
    /// Asks Civitai again about files, whatever it said before.
    identify: jobs::identify(IdentifyRequest) -> IdentifyResponse { reads: [], stales: [Library], changes: true }
    /// Running jobs, and the last one that ended.
    jobs_list: jobs::list(Empty) -> Vec<JobSnapshot> { reads: [Jobs], stales: [], changes: false }
    /// Holds a job.
    job_pause: jobs::pause(JobRequest) -> JobSnapshot { reads: [], stales: [Jobs], changes: true }
    /// Lets a held job go on.
    job_resume: jobs::resume(JobRequest) -> JobSnapshot { reads: [], stales: [Jobs], changes: true }
    /// Ends a job; what it finished stays.
    job_cancel: jobs::cancel(JobRequest) -> JobSnapshot { reads: [], stales: [Jobs], changes: true }
    /// A page of Civitai's catalogue, and what of it is here.
    discover_search: discover::search(DiscoverSearch) -> DiscoverPage { reads: [], stales: [], changes: false }
    /// Which model of the catalogue a page's address, an AIR or a version's number means.
    discover_find: discover::find(DiscoverFind) -> DiscoverFound { reads: [], stales: [], changes: false }
    /// A model's page at Civitai: its versions with their files and pictures.
    discover_model: discover::model(DiscoverModelRequest) -> DiscoverDetail { reads: [], stales: [], changes: false }
    /// What of models that were shown is here, on its way, or in the vault. Nobody is asked.
    discover_marks: discover::marks(DiscoverModelIds) -> Vec<ModelMarks> { reads: [Library, Downloads, Vault], stales: [], changes: false }
    /// The kinds and base models that the catalogue can be filtered by.
    discover_words: discover::words(Empty) -> CatalogueWords { reads: [], stales: [], changes: false }
    /// What a download would do: which file, to where, whether it is there already. Nothing is fetched.
    download_plan: downloads::plan(DownloadRequest) -> DownloadPlan { reads: [], stales: [], changes: false }
    /// Puts a download at the end of the queue.
    download_add: downloads::add(DownloadRequest) -> DownloadAdded { reads: [], stales: [Downloads], changes: true }
    /// All downloads, in the order in which they run.
    downloads_list: downloads::list(Empty) -> Vec<Download> { reads: [Downloads], stales: [], changes: false }
    /// Holds downloads until they are let go on.
    downloads_pause: downloads::pause(DownloadIds) -> Vec<Download> { reads: [], stales: [Downloads], changes: true }
    /// Lets held downloads go on.
    downloads_resume: downloads::resume(DownloadIds) -> Vec<Download> { reads: [], stales: [Downloads], changes: true }
    /// Stops downloads and removes what came of them.
    downloads_cancel: downloads::cancel(DownloadIds) -> Vec<Download> { reads: [], stales: [Downloads], changes: true }
    /// Tries again now what failed, was cancelled, or waits for another try.
    downloads_retry: downloads::retry(DownloadIds) -> Vec<Download> { reads: [], stales: [Downloads], changes: true }
    /// Takes ended downloads off the list; all of them if none are named. Files stay.
    downloads_clear: downloads::clear(DownloadIds) -> Vec<Download> { reads: [], stales: [Downloads], changes: true }
    /// Moves a download to another place in the queue.
    download_order: downloads::order(DownloadOrder) -> Vec<Download> { reads: [], stales: [Downloads], changes: true }
    /// Limits how fast one download is.
    download_limit: downloads::limit(DownloadLimit) -> Download { reads: [], stales: [Downloads], changes: true }
    /// What is in the vault, as last read, and which files here are of it.
    vault_show: vault::show(Empty) -> VaultView { reads: [Vault, Library], stales: [], changes: false }
    /// Reads the vault anew.
    vault_sync: vault::sync(Empty) -> VaultView { reads: [], stales: [Vault], changes: true }
    /// Downloads what is in the vault, or all of it that is missing here.
    vault_download: vault::download(VaultDownload) -> Vec<VaultDownloadReport> { reads: [], stales: [Downloads], changes: true }
    /// Puts versions into the vault or takes them out, and says what is so afterwards.
    vault_change: vault::change(VaultChange) -> Vec<VaultChangeReport> { reads: [], stales: [Vault], changes: true }
    /// How the link with each of Civitai's sites stands, and what they ask to be allowed.
    link_show: remote::show(Empty) -> LinkInfo { reads: [Link, Settings], stales: [], changes: false }
    /// Pairs with a site, by the code that it shows.
    link_pair: remote::pair(LinkPair) -> LinkInfo { reads: [], stales: [Link], changes: true }
    /// Ends the link with a site, and forgets its key.
    link_leave: remote::leave(LinkLeave) -> LinkInfo { reads: [], stales: [Link], changes: true }
    /// Allows or refuses what a site asks for.
    link_answer: remote::answer(LinkAnswer) -> LinkInfo { reads: [], stales: [Link], changes: true }
    /// The user's choices.
    settings_get: settings::get(Empty) -> Settings { reads: [Settings], stales: [], changes: false }
    /// Replaces them.
    settings_set: settings::set(Settings) -> Settings { reads: [], stales: [Settings], changes: true }
    /// Who is signed in to Civitai, and where the key is kept.
    account_show: account::show(Empty) -> AccountInfo { reads: [Account], stales: [], changes: false }
    /// Takes a key, if Civitai accepts it, and keeps it.
    account_sign_in: account::sign_in(SignIn) -> AccountInfo { reads: [], stales: [Account], changes: true }
    /// Forgets the key, wherever it is kept.
    account_sign_out: account::sign_out(Empty) -> AccountInfo { reads: [], stales: [Account], changes: true }
}

fn parse<T: serde::de::DeserializeOwned>(name: &str, request: Value) -> Result<T> {
    let fields = match request {
        Value::Object(fields) => fields,
        // Nothing is an object without fields.
        Value::Null => serde_json::Map::new(),
        // Serde would take a list as the fields in their order, which nobody means.
        _ => return Err(Error::invalid(format!("`{name}` takes an object"))),
    };
    serde_json::from_value(Value::Object(fields)).map_err(|source| {
        // It may quote the request, which may be long.
        let why: String = source.to_string().chars().take(300).collect();
        Error::invalid(format!("`{name}` cannot be called like this: {why}"))
    })
}

fn to_value<T: Serialize>(name: &str, response: &T) -> Result<Value> {
    serde_json::to_value(response).map_err(|source| {
        Error::new(crate::error::Code::Internal, format!("The answer of `{name}` cannot be written as JSON: {source}"))
    })
}

/// Untrusted text for a message: short, without control characters.
fn clip(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(60).collect()
}
