/** The fake engine by the page's address: `?fake=first-run`, `?fake=scan&items=20000`, `?fake=downloads&moving`, … */
import type { LibraryQuery } from "../bindings/LibraryQuery";
import type { Settings } from "../bindings/Settings";
import type { View } from "../bindings/View";
import type { WireError } from "../bindings/WireError";
import { FakePlatform, signedIn } from "./fake";
import type { FakeOptions } from "./fake";
import type { FileDrag } from "./types";
import { makeHostile } from "./fake-hostile";
import { everyDownload, manyDownloads } from "./fake-downloads";
import { everyActivity } from "./fake-files";
import { askOf, everySite, sitesOf } from "./fake-link";

const offline: WireError = {
  code: "database",
  message: "Could not read the library at `/home/sam/.local/share/modeldock/library.db`",
  hint: "Another program may hold it. Close it, then try again",
  retryable: false,
};

const full: WireError = {
  code: "disk_full",
  message: "Could not write the library at `/home/sam/.local/share/modeldock/library.db`: the disk is full",
  hint: "Free some room, then try again",
  retryable: true,
};

const taken: WireError = {
  code: "invalid_request",
  message: "There is a file called `harbour_light_xl.safetensors` already",
  hint: "Choose another name",
  retryable: false,
};

const unreachable: WireError = {
  code: "offline",
  message: "Civitai cannot be reached",
  hint: "Check the network. It is tried again by itself",
  retryable: true,
};

const refused: WireError = {
  code: "unauthorised",
  message: "Civitai does not accept the key any more",
  hint: "It may have been deleted there. Make a new one and sign in again",
  retryable: false,
};

const quotaAdvice =
  "More is in this vault than your membership allows. Remove something: after 30 days Civitai stops downloads from a vault above its limit, and after 60 days it may erase it";

const all: LibraryQuery = {
  search: "", kinds: [], base_models: [], roots: [], states: [], duplicates: false, missing: false, tags: [], favourites: false,
  sort: "newest", reverse: false, offset: 0, limit: 0,
};

const views: View[] = [
  { name: "Best portraits", query: { ...all, search: "portrait", favourites: true, sort: "rating" } },
  { name: "Large checkpoints", query: { ...all, kinds: ["Checkpoint"], sort: "size" } },
  { name: "To sort", query: { ...all, tags: ["To sort"] } },
];

export function fakeFromAddress(search: string): FakePlatform {
  const asked = new URLSearchParams(search);
  const items = Number(asked.get("items") ?? 1284);
  const theme = asked.get("theme");
  const settings: Partial<Settings> = theme === "light" || theme === "dark" ? { theme } : {};
  const links = everySite(Date.now());
  const scenes: Record<string, FakeOptions> = {
    "first-run": { roots: 0 },
    "first-run-none": { roots: 0, detected: [], capabilities: { pickFolder: false } },
    scan: { job: {} },
    walking: { job: { phase: "walking", files_found: 311 } },
    recognising: { job: { phase: "identifying", files_found: 1284, files_hashed: 0, bytes_hashed: 0 } },
    verifying: { job: { phase: "verifying" } },
    paused: { job: { state: "paused" } },
    done: { job: { state: "done", phase: "finished", ended_at: Date.now() - 120_000 } },
    "done-problem": {
      job: {
        state: "done",
        phase: "finished",
        ended_at: Date.now() - 120_000,
        error: {
          code: "io",
          message: "Could not read 3 files below `/mnt/nas/models/loras`",
          hint: "The drive may be unplugged. Reconnect it and scan again",
          retryable: true,
        },
      },
    },
    failed: { job: { state: "failed", phase: "finished", ended_at: Date.now(), error: offline } },
    loading: { hang: ["library_list", "library_facets", "roots_detect"] },
    error: { fail: { library_list: offline } },
    unreachable: { fail: { roots_list: offline } },
    empty: { items: 0, roots: 2, downloads: [] },
    lost: { lost: true },
    downloads: { downloads: everyDownload(Date.now()), settings: { download_hours: { from: 22 * 60, to: 6 * 60 } } },
    "downloads-many": { downloads: manyDownloads(Date.now(), 1000) },
    "downloads-none": { downloads: [] },
    "downloads-loading": { hang: ["downloads_list", "vault_show"] },
    "downloads-error": { fail: { downloads_list: offline, vault_show: offline } },
    vault: {},
    "vault-large": { vaultMore: 1000 },
    "vault-over": { vault: { state: "over_quota", advice: quotaAdvice, info: { owner: null, used: 118e9, storage: 107e9, updated_at: null }, synced_at: Date.now() - 60_000 } },
    "vault-none": { vault: { state: "ready", info: { owner: null, used: 0, storage: 107e9, updated_at: null }, synced_at: Date.now() - 60_000 } },
    "vault-unread": { vault: { state: null, problem: unreachable } },
    "signed-out": { account: { ...signedIn, signed_in: false, username: null, tier: null, is_member: false, key_hint: null, kept_in: null }, vault: {} },
    "key-refused": { account: { ...signedIn, signed_in: false, problem: refused }, vault: {}, downloads: everyDownload(Date.now()) },
    "activity-none": { activity: [] },
    "activity-loading": { hang: ["activity_list"] },
    "activity-error": { fail: { activity_list: offline } },
    "care-none": { care: "none" },
    "care-loading": { hang: ["care_list"] },
    "care-error": { fail: { care_show: offline } },
    "link-connected": { link: { sites: sitesOf({ com: links.connected }) } },
    "link-waiting": { link: { sites: sitesOf({ com: links.waiting, red: links.connecting }) } },
    "link-offline": { link: { sites: sitesOf({ com: links.offline }) } },
    "link-removed": { link: { sites: sitesOf({ com: links.removed }) } },
    "link-asks": {
      link: {
        sites: sitesOf({ com: links.connected, red: links.waiting }),
        requests: [askOf("1"), askOf("2", { title: "Neon Alley Rain", copies: 1, bytes: 218 * 1024 ** 2 }), askOf("3", { site: "red", title: "Velvet Noir", copies: 1, bytes: 6.46 * 1024 ** 3 })],
      },
    },
    "link-error": { fail: { link_show: offline } },
    "link-unreachable": { fail: { link_pair: unreachable } },
    refused: { fail: { library_mark: full, file_rename: taken, view_put: full } },
    browser: { capabilities: { pickFolder: false, reveal: false, dropPaths: false, notify: false, startAtLogin: false } },
  };
  const scene = scenes[asked.get("fake") ?? ""] ?? {};
  const usual: FakeOptions = { items, roots: 4, delay: 15, account: signedIn, vault: "full", downloads: everyDownload(Date.now()).slice(0, 3), activity: everyActivity(Date.now()), views, care: "full" };
  const platform = new FakePlatform({ ...usual, ...scene, settings: { ...settings, ...scene.settings } });
  if (asked.get("fake") === "hostile") makeHostile(platform.items);
  // For looking at what a window shows while something is dragged over it.
  window.addEventListener("fake-drag", (event) => event instanceof CustomEvent && platform.drag(event.detail as FileDrag));
  if (asked.has("moving")) setInterval(() => platform.downloads.tick(0.2), 200);
  return platform;
}
