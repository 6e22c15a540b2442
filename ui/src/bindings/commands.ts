// Generated from the command table in crates/core/src/api. Do not edit by hand.
import type { AccountInfo } from "./AccountInfo";
import type { Activity } from "./Activity";
import type { ActivityRequest } from "./ActivityRequest";
import type { AppInfo } from "./AppInfo";
import type { CarePage } from "./CarePage";
import type { CareRequest } from "./CareRequest";
import type { CareSummary } from "./CareSummary";
import type { CatalogueWords } from "./CatalogueWords";
import type { CopiesTrash } from "./CopiesTrash";
import type { DetectRequest } from "./DetectRequest";
import type { DetectedRoot } from "./DetectedRoot";
import type { DiscoverDetail } from "./DiscoverDetail";
import type { DiscoverFind } from "./DiscoverFind";
import type { DiscoverFound } from "./DiscoverFound";
import type { DiscoverModelIds } from "./DiscoverModelIds";
import type { DiscoverModelRequest } from "./DiscoverModelRequest";
import type { DiscoverPage } from "./DiscoverPage";
import type { DiscoverSearch } from "./DiscoverSearch";
import type { Download } from "./Download";
import type { DownloadAdded } from "./DownloadAdded";
import type { DownloadIds } from "./DownloadIds";
import type { DownloadLimit } from "./DownloadLimit";
import type { DownloadOrder } from "./DownloadOrder";
import type { DownloadPlan } from "./DownloadPlan";
import type { DownloadRequest } from "./DownloadRequest";
import type { Empty } from "./Empty";
import type { Facets } from "./Facets";
import type { FileIds } from "./FileIds";
import type { FileMove } from "./FileMove";
import type { FileRename } from "./FileRename";
import type { IdentifyRequest } from "./IdentifyRequest";
import type { IdentifyResponse } from "./IdentifyResponse";
import type { ItemDetail } from "./ItemDetail";
import type { ItemRequest } from "./ItemRequest";
import type { JobRequest } from "./JobRequest";
import type { JobSnapshot } from "./JobSnapshot";
import type { LibraryItem } from "./LibraryItem";
import type { LibraryPage } from "./LibraryPage";
import type { LibraryQuery } from "./LibraryQuery";
import type { LinkAnswer } from "./LinkAnswer";
import type { LinkInfo } from "./LinkInfo";
import type { LinkLeave } from "./LinkLeave";
import type { LinkPair } from "./LinkPair";
import type { LinkRequest } from "./LinkRequest";
import type { MarkReport } from "./MarkReport";
import type { MarkRequest } from "./MarkRequest";
import type { ModelMarks } from "./ModelMarks";
import type { OrphanIds } from "./OrphanIds";
import type { RootAdd } from "./RootAdd";
import type { RootInfo } from "./RootInfo";
import type { RootRemove } from "./RootRemove";
import type { RootSet } from "./RootSet";
import type { ScanRequest } from "./ScanRequest";
import type { ScanStarted } from "./ScanStarted";
import type { Settings } from "./Settings";
import type { SidecarReport } from "./SidecarReport";
import type { SidecarsRequest } from "./SidecarsRequest";
import type { SignIn } from "./SignIn";
import type { VaultChange } from "./VaultChange";
import type { VaultChangeReport } from "./VaultChangeReport";
import type { VaultDownload } from "./VaultDownload";
import type { VaultDownloadReport } from "./VaultDownloadReport";
import type { VaultView } from "./VaultView";
import type { View } from "./View";
import type { ViewName } from "./ViewName";

/** What each command takes and gives. */
export interface Commands {
  /** What this is: version, data folder, look-up server. */
  app_info: { request: Empty; response: AppInfo };
  /** The installations that can be found on this computer, the added ones included. */
  roots_detect: { request: DetectRequest; response: Array<DetectedRoot> };
  /** The model roots in the library. */
  roots_list: { request: Empty; response: Array<RootInfo> };
  /** Adds a folder; its layout is recognised unless given. */
  roots_add: { request: RootAdd; response: RootInfo };
  /** Forgets a folder. Nothing on disk is touched. */
  roots_remove: { request: RootRemove; response: Empty };
  /** Chooses what may be written beside a folder's models, and where downloads go in it. */
  roots_set: { request: RootSet; response: RootInfo };
  /** Writes beside models what their UIs read there, or says what would be written. */
  sidecars_write: { request: SidecarsRequest; response: Array<SidecarReport> };
  /** A part of the library. */
  library_list: { request: LibraryQuery; response: LibraryPage };
  /** How many items each choice would show. */
  library_facets: { request: LibraryQuery; response: Facets };
  /** Everything about one file. */
  library_item: { request: ItemRequest; response: ItemDetail };
  /** Says what a file is, where Civitai does not know it: by a page's address, a version's number or an AIR. */
  item_link: { request: LinkRequest; response: LibraryItem };
  /** Forgets what was said, and asks Civitai. */
  item_unlink: { request: ItemRequest; response: LibraryItem };
  /** Notes something of files: favourite, rating, note, tags. */
  library_mark: { request: MarkRequest; response: MarkReport };
  /** Searches that were kept. */
  views_list: { request: Empty; response: Array<View> };
  /** Keeps a search under a name, in place of the one that had it. */
  view_put: { request: View; response: Array<View> };
  /** Forgets a search. */
  view_remove: { request: ViewName; response: Array<View> };
  /** Gives a model another name, with everything beside it. */
  file_rename: { request: FileRename; response: Activity };
  /** Puts models into another folder of the same drive, with everything beside them. */
  files_move: { request: FileMove; response: Activity };
  /** Puts models into the trash, with everything beside them. */
  files_trash: { request: FileIds; response: Activity };
  /** What was done to files, newest first. */
  activity_list: { request: Empty; response: Array<Activity> };
  /** Undoes something that was done to files. */
  activity_undo: { request: ActivityRequest; response: Activity };
  /** How many things want looking after, list by list. */
  care_show: { request: Empty; response: CareSummary };
  /** A part of one such list, with what can be done about each. */
  care_list: { request: CareRequest; response: CarePage };
  /** Asks Civitai which versions there are of the models here. */
  care_check_updates: { request: Empty; response: CareSummary };
  /** Puts copies into the trash, once it is certain that the one that stays has the same bytes. */
  care_trash_copies: { request: CopiesTrash; response: Activity };
  /** Puts sidecars and previews into the trash whose model is gone. */
  care_trash_orphans: { request: OrphanIds; response: Activity };
  /** Looks through the roots for new, changed and gone files, reads what must be read, and asks Civitai. */
  scan_start: { request: ScanRequest; response: ScanStarted };
  /** Asks Civitai again about files, whatever it said before. */
  identify: { request: IdentifyRequest; response: IdentifyResponse };
  /** Running jobs, and the last one that ended. */
  jobs_list: { request: Empty; response: Array<JobSnapshot> };
  /** Holds a job. */
  job_pause: { request: JobRequest; response: JobSnapshot };
  /** Lets a held job go on. */
  job_resume: { request: JobRequest; response: JobSnapshot };
  /** Ends a job; what it finished stays. */
  job_cancel: { request: JobRequest; response: JobSnapshot };
  /** A page of Civitai's catalogue, and what of it is here. */
  discover_search: { request: DiscoverSearch; response: DiscoverPage };
  /** Which model of the catalogue a page's address, an AIR or a version's number means. */
  discover_find: { request: DiscoverFind; response: DiscoverFound };
  /** A model's page at Civitai: its versions with their files and pictures. */
  discover_model: { request: DiscoverModelRequest; response: DiscoverDetail };
  /** What of models that were shown is here, on its way, or in the vault. Nobody is asked. */
  discover_marks: { request: DiscoverModelIds; response: Array<ModelMarks> };
  /** The kinds and base models that the catalogue can be filtered by. */
  discover_words: { request: Empty; response: CatalogueWords };
  /** What a download would do: which file, to where, whether it is there already. Nothing is fetched. */
  download_plan: { request: DownloadRequest; response: DownloadPlan };
  /** Puts a download at the end of the queue. */
  download_add: { request: DownloadRequest; response: DownloadAdded };
  /** All downloads, in the order in which they run. */
  downloads_list: { request: Empty; response: Array<Download> };
  /** Holds downloads until they are let go on. */
  downloads_pause: { request: DownloadIds; response: Array<Download> };
  /** Lets held downloads go on. */
  downloads_resume: { request: DownloadIds; response: Array<Download> };
  /** Stops downloads and removes what came of them. */
  downloads_cancel: { request: DownloadIds; response: Array<Download> };
  /** Tries again now what failed, was cancelled, or waits for another try. */
  downloads_retry: { request: DownloadIds; response: Array<Download> };
  /** Takes ended downloads off the list; all of them if none are named. Files stay. */
  downloads_clear: { request: DownloadIds; response: Array<Download> };
  /** Moves a download to another place in the queue. */
  download_order: { request: DownloadOrder; response: Array<Download> };
  /** Limits how fast one download is. */
  download_limit: { request: DownloadLimit; response: Download };
  /** What is in the vault, as last read, and which files here are of it. */
  vault_show: { request: Empty; response: VaultView };
  /** Reads the vault anew. */
  vault_sync: { request: Empty; response: VaultView };
  /** Downloads what is in the vault, or all of it that is missing here. */
  vault_download: { request: VaultDownload; response: Array<VaultDownloadReport> };
  /** Puts versions into the vault or takes them out, and says what is so afterwards. */
  vault_change: { request: VaultChange; response: Array<VaultChangeReport> };
  /** How the link with each of Civitai's sites stands, and what they ask to be allowed. */
  link_show: { request: Empty; response: LinkInfo };
  /** Pairs with a site, by the code that it shows. */
  link_pair: { request: LinkPair; response: LinkInfo };
  /** Ends the link with a site, and forgets its key. */
  link_leave: { request: LinkLeave; response: LinkInfo };
  /** Allows or refuses what a site asks for. */
  link_answer: { request: LinkAnswer; response: LinkInfo };
  /** The user's choices. */
  settings_get: { request: Empty; response: Settings };
  /** Replaces them. */
  settings_set: { request: Settings; response: Settings };
  /** Who is signed in to Civitai, and where the key is kept. */
  account_show: { request: Empty; response: AccountInfo };
  /** Takes a key, if Civitai accepts it, and keeps it. */
  account_sign_in: { request: SignIn; response: AccountInfo };
  /** Forgets the key, wherever it is kept. */
  account_sign_out: { request: Empty; response: AccountInfo };
}

/** The data a page may hold a copy of. */
export type Tag = "library" | "roots" | "settings" | "jobs" | "downloads" | "vault" | "account" | "views" | "activity" | "link";

/** Which copies a command's answer is, and which it makes stale. */
export const commandTags: { [name in keyof Commands]: { reads: Tag[]; stales: Tag[] } } = {
  app_info: { reads: ["settings"], stales: [] },
  roots_detect: { reads: ["roots"], stales: [] },
  roots_list: { reads: ["roots", "library"], stales: [] },
  roots_add: { reads: [], stales: ["roots"] },
  roots_remove: { reads: [], stales: ["roots", "library"] },
  roots_set: { reads: [], stales: ["roots"] },
  sidecars_write: { reads: [], stales: ["library"] },
  library_list: { reads: ["library"], stales: [] },
  library_facets: { reads: ["library"], stales: [] },
  library_item: { reads: ["library"], stales: [] },
  item_link: { reads: [], stales: ["library"] },
  item_unlink: { reads: [], stales: ["library"] },
  library_mark: { reads: [], stales: ["library"] },
  views_list: { reads: ["views"], stales: [] },
  view_put: { reads: [], stales: ["views"] },
  view_remove: { reads: [], stales: ["views"] },
  file_rename: { reads: [], stales: ["library", "activity"] },
  files_move: { reads: [], stales: ["library", "activity"] },
  files_trash: { reads: [], stales: ["library", "activity"] },
  activity_list: { reads: ["activity"], stales: [] },
  activity_undo: { reads: [], stales: ["library", "activity"] },
  care_show: { reads: ["library", "roots"], stales: [] },
  care_list: { reads: ["library", "roots", "downloads"], stales: [] },
  care_check_updates: { reads: [], stales: ["library"] },
  care_trash_copies: { reads: [], stales: ["library", "activity"] },
  care_trash_orphans: { reads: [], stales: ["library", "activity"] },
  scan_start: { reads: [], stales: ["jobs"] },
  identify: { reads: [], stales: ["library"] },
  jobs_list: { reads: ["jobs"], stales: [] },
  job_pause: { reads: [], stales: ["jobs"] },
  job_resume: { reads: [], stales: ["jobs"] },
  job_cancel: { reads: [], stales: ["jobs"] },
  discover_search: { reads: [], stales: [] },
  discover_find: { reads: [], stales: [] },
  discover_model: { reads: [], stales: [] },
  discover_marks: { reads: ["library", "downloads", "vault"], stales: [] },
  discover_words: { reads: [], stales: [] },
  download_plan: { reads: [], stales: [] },
  download_add: { reads: [], stales: ["downloads"] },
  downloads_list: { reads: ["downloads"], stales: [] },
  downloads_pause: { reads: [], stales: ["downloads"] },
  downloads_resume: { reads: [], stales: ["downloads"] },
  downloads_cancel: { reads: [], stales: ["downloads"] },
  downloads_retry: { reads: [], stales: ["downloads"] },
  downloads_clear: { reads: [], stales: ["downloads"] },
  download_order: { reads: [], stales: ["downloads"] },
  download_limit: { reads: [], stales: ["downloads"] },
  vault_show: { reads: ["vault", "library"], stales: [] },
  vault_sync: { reads: [], stales: ["vault"] },
  vault_download: { reads: [], stales: ["downloads"] },
  vault_change: { reads: [], stales: ["vault"] },
  link_show: { reads: ["link", "settings"], stales: [] },
  link_pair: { reads: [], stales: ["link"] },
  link_leave: { reads: [], stales: ["link"] },
  link_answer: { reads: [], stales: ["link"] },
  settings_get: { reads: ["settings"], stales: [] },
  settings_set: { reads: [], stales: ["settings"] },
  account_show: { reads: ["account"], stales: [] },
  account_sign_in: { reads: [], stales: ["account"] },
  account_sign_out: { reads: [], stales: ["account"] },
};
