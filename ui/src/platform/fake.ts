/**
 * An engine made of memory, for tests and for looking at the page with `?fake`. Deterministic: the same options give
 * the same library. Never part of a build: `./index` imports it only while developing.
 */
import type { AccountInfo } from "../bindings/AccountInfo";
import type { Activity } from "../bindings/Activity";
import type { DetectedRoot } from "../bindings/DetectedRoot";
import type { Download } from "../bindings/Download";
import type { Event as EngineEvent } from "../bindings/Event";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import type { LibraryItem } from "../bindings/LibraryItem";
import type { LibraryQuery } from "../bindings/LibraryQuery";
import type { LinkAsk } from "../bindings/LinkAsk";
import type { LinkSiteInfo } from "../bindings/LinkSiteInfo";
import type { RootInfo } from "../bindings/RootInfo";
import type { Settings } from "../bindings/Settings";
import type { VaultView } from "../bindings/VaultView";
import type { View } from "../bindings/View";
import type { WireError } from "../bindings/WireError";
import { ConnectionState } from "./connection";
import { FakeCare } from "./fake-care";
import { FakeDiscover } from "./fake-discover";
import { FakeDownloads } from "./fake-downloads";
import { FakeFiles } from "./fake-files";
import { detailOf, facetsOf, makeItems, matches, order, picture } from "./fake-library";
import { FakeLink } from "./fake-link";
import { FakeMarks } from "./fake-marks";
import { checkPlaces, rootOf } from "./fake-roots";
import { FakeVault, makeVault, noVault } from "./fake-vault";
import { CommandError } from "./types";
import type { Capabilities, CommandName, FileDrag, Platform, PreviewIndex, Request, Response } from "./types";

export const fakeNow = Date.UTC(2026, 10, 23, 12);

export interface FakeOptions {
  items?: number;
  roots?: number;
  job?: Partial<JobSnapshot> | null;
  settings?: Partial<Settings>;
  capabilities?: Partial<Capabilities>;
  /** Milliseconds every answer takes. */
  delay?: number;
  /** Commands that never answer. */
  hang?: readonly CommandName[];
  fail?: Partial<Record<CommandName, WireError>>;
  detected?: readonly DetectedRoot[];
  lost?: boolean;
  readOnly?: boolean;
  account?: Partial<AccountInfo>;
  downloads?: Download[];
  /** `full`: a vault of which some is here. Else what is different from none. */
  vault?: "full" | Partial<VaultView>;
  /** So many more in a full vault. */
  vaultMore?: number;
  views?: View[];
  activity?: Activity[];
  /** `full`: something of everything wants looking after. Else nothing does. */
  care?: "full" | "none";
  /** How it stands with the website, and what it asks. */
  link?: { sites?: LinkSiteInfo[]; requests?: LinkAsk[] };
}

const rootPaths = ["/home/sam/ComfyUI", "/home/sam/stable-diffusion-webui", "/mnt/nas/models", "/home/sam/invokeai"];

export const fakeDetected: DetectedRoot[] = [
  { path: "/home/sam/ComfyUI", layout: "comfy_ui", name: "ComfyUI", files: 902, bytes: 214e9, added: false },
  { path: "/home/sam/stable-diffusion-webui", layout: "a1111", name: "stable-diffusion-webui", files: 318, bytes: 96e9, added: false },
  { path: "/home/sam/SwarmUI", layout: "swarm_ui", name: "SwarmUI", files: 41, bytes: 61e9, added: false },
];

export const signedIn: AccountInfo = {
  signed_in: true,
  username: "ada_paints",
  tier: "founder",
  is_member: true,
  key_hint: "…a1f7",
  kept_in: "keyring",
  problem: null,
};

const signedOut: AccountInfo = {
  signed_in: false,
  username: null,
  tier: null,
  is_member: false,
  key_hint: null,
  kept_in: null,
  problem: null,
};

const baseJob: JobSnapshot = {
  id: 1,
  state: "running",
  phase: "hashing",
  files_found: 1284,
  files_to_hash: 1284,
  files_hashed: 412,
  bytes_to_hash: 3.1 * 1024 ** 4,
  bytes_hashed: 1.9 * 1024 ** 4,
  bytes_per_second: 3.4 * 1024 ** 3,
  seconds_left: 370,
  current: "/home/sam/ComfyUI/models/loras/inkwash_v21.safetensors",
  started_at: fakeNow - 600_000,
  ended_at: null,
  error: null,
};

export class FakePlatform implements Platform {
  readonly capabilities: Capabilities;
  /** What was asked, in order. */
  readonly calls: { name: CommandName; request: unknown }[] = [];
  readonly copied: string[] = [];
  readonly revealed: number[] = [];
  readonly opened: string[] = [];
  picked: string | null = "/data/models";
  atLogin = false;
  atLoginFails: WireError | null = null;
  items: LibraryItem[];
  roots: RootInfo[];
  jobs: JobSnapshot[];
  settings: Settings;
  account: AccountInfo;
  readonly discover = new FakeDiscover();
  downloads: FakeDownloads;
  vault: FakeVault;
  marks: FakeMarks;
  files: FakeFiles;
  care: FakeCare;
  remote: FakeLink;
  fail: Partial<Record<CommandName, WireError>>;
  /** What a command waits for before it is carried out. */
  holding: (name: CommandName) => Promise<void> | null = () => null;
  readonly link = new ConnectionState();
  readonly #options: FakeOptions;
  readonly #drags = new Set<(drag: FileDrag) => void>();
  readonly #handlers = new Set<(event: EngineEvent) => void>();

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.capabilities = { pickFolder: true, reveal: true, dropPaths: true, notify: true, startAtLogin: true, ...options.capabilities };
    this.roots = rootPaths.slice(0, options.roots ?? 3).map((path, index) => rootOf(path, index));
    this.items = this.roots.length === 0 ? [] : makeItems(options.items ?? 60, this.roots);
    this.#count();
    this.jobs = options.job ? [{ ...baseJob, ...options.job }] : [];
    this.settings = {
      look_up: true,
      remote_previews: true,
      blur_above: 2,
      theme: "system",
      hash_threads: 0,
      downloads_at_once: 2,
      download_connections: 4,
      download_connections_total: 8,
      download_limit: 0,
      download_hours: null,
      vault_in_sync: false,
      notifications: true,
      link_remove: "ask",
      ...options.settings,
    };
    this.account = { ...signedOut, ...options.account };
    const emit = (event: EngineEvent) => this.emit(event);
    this.downloads = new FakeDownloads(options.downloads ?? [], () => this.roots, emit);
    const vault = options.vault === "full" ? makeVault(this.items, Date.now(), options.vaultMore) : { ...noVault, ...options.vault };
    this.vault = new FakeVault(vault, this.downloads, emit);
    this.marks = new FakeMarks(options.views ?? []);
    this.files = new FakeFiles(this, options.activity ?? [], emit);
    this.care = new FakeCare(this, options.care === "full", emit);
    this.remote = new FakeLink(this, options.link ?? {}, emit);
    this.fail = options.fail ?? {};
    this.link.set(options.lost === true ? "lost" : "open");
  }

  emit(event: EngineEvent): void {
    for (const handler of this.#handlers) handler(event);
  }

  async call<K extends CommandName>(name: K, request: Request<K>): Promise<Response<K>> {
    this.calls.push({ name, request });
    if (this.#options.hang?.includes(name) === true) return new Promise<never>(() => undefined);
    if (this.#options.delay) await new Promise((done) => setTimeout(done, this.#options.delay));
    await this.holding(name);
    const failure = this.fail[name];
    if (failure) throw new CommandError(failure);
    const answer = this.#answers[name] as (request: Request<K>) => Response<K>;
    return structuredClone(answer(structuredClone(request)));
  }

  readonly #answers: { [K in CommandName]: (request: Request<K>) => Response<K> } = {
    app_info: () => ({
      version: "0.1.0",
      data_dir: "/home/sam/.local/share/modeldock",
      civitai_url: "https://civitai.com",
      owner: true,
      read_only: this.#options.readOnly ?? false,
      notices: [],
    }),
    roots_detect: () =>
      (this.#options.detected ?? fakeDetected).map((root) => ({
        ...root,
        added: this.roots.some((known) => known.path === root.path),
      })),
    roots_list: () => this.roots,
    roots_add: ({ path }) => {
      const found = fakeDetected.find((root) => root.path === path);
      const root = {
        ...rootOf(path, this.roots.length),
        layout: found?.layout ?? ("plain" as const),
        name: path.split("/").pop() ?? path,
        online: true,
        scanned_at: null,
      };
      this.roots = [...this.roots, root];
      queueMicrotask(() => this.emit({ event: "roots_changed" }));
      return root;
    },
    roots_remove: ({ id }) => {
      this.roots = this.roots.filter((root) => root.id !== id);
      this.items = this.items.filter((item) => item.root_id !== id);
      return {};
    },
    roots_set: ({ id, sidecars, places }) => {
      const root = this.roots.find((each) => each.id === id);
      if (!root) throw new CommandError({ code: "not_found", message: `No folder with the number ${id}`, hint: null, retryable: false });
      if (places) checkPlaces(places, root.path);
      root.sidecars = sidecars ?? root.sidecars;
      root.places = places ?? root.places;
      return root;
    },
    sidecars_write: () => [],
    item_link: ({ id, reference }) => {
      const item = this.#item(id);
      const numbers = [...reference.matchAll(/\d+/g)].map((found) => Number(found[0]));
      const version = numbers.at(-1);
      if (version === undefined) {
        throw new CommandError({
          code: "invalid_request",
          message: `\`${reference}\` names no model`,
          hint: "Paste the address of the model's page, an AIR such as `urn:air:sdxl:lora:civitai:123@456`, or the number of a version",
          retryable: false,
        });
      }
      const sha256 = item.sha256 ?? "0".repeat(64);
      const said = { model_id: numbers.at(-2) ?? 1, version_id: version, model_name: "Velvet Noir", version_name: "v2" };
      return Object.assign(item, { state: "matched", matched_by: "link", provenance: "measured", sha256, ...said });
    },
    item_unlink: ({ id }) => {
      const nothing = { model_id: null, version_id: null, model_name: null, version_name: null };
      return Object.assign(this.#item(id), { state: "not_found", matched_by: null, checked_at: Date.now(), ...nothing });
    },
    library_list: (query) => this.#list(query),
    library_facets: (query) => facetsOf(this.items, query, this.roots),
    library_item: ({ id }) => detailOf(this.#item(id), this.items, this.marks.note(this.#item(id))),
    library_mark: (request) => {
      const report = this.marks.mark(request, this.items);
      queueMicrotask(() => this.emit({ event: "library_changed" }));
      return report;
    },
    views_list: () => this.marks.views,
    view_put: (view) => this.marks.put(view),
    view_remove: ({ name }) => this.marks.remove(name),
    file_rename: (request) => this.files.rename(request),
    files_move: (request) => this.files.move(request),
    files_trash: ({ ids }) => this.files.trash(ids),
    activity_list: () => this.files.done,
    activity_undo: ({ id }) => this.files.undo(id),
    care_show: () => this.care.show(),
    care_list: (request) => this.care.list(request),
    care_check_updates: () => this.care.check(),
    care_trash_copies: (request) => this.care.trashCopies(request),
    care_trash_orphans: ({ ids }) => this.care.trashOrphans(ids),
    scan_start: () => {
      const job: JobSnapshot = { ...baseJob, id: this.jobs.length + 1, phase: "walking", files_hashed: 0, bytes_hashed: 0 };
      this.jobs = [job];
      if (this.items.length === 0) this.items = makeItems(this.#options.items ?? 60, this.roots);
      this.#count();
      queueMicrotask(() => this.emit({ event: "library_changed" }));
      return { job: job.id };
    },
    identify: ({ files }) => {
      const asked = this.items.filter((item) => files.includes(item.id));
      for (const item of asked) Object.assign(item, { state: "not_found", problem: null, retry_at: null, checked_at: Date.now() });
      return { asked: asked.length, matched: 0, not_found: asked.length, pending: 0 };
    },
    jobs_list: () => this.jobs,
    job_pause: ({ id }) => this.#job(id, { state: "paused" }),
    job_resume: ({ id }) => this.#job(id, { state: "running" }),
    job_cancel: ({ id }) => this.#job(id, { state: "cancelled", phase: "finished", ended_at: Date.now() }),
    discover_search: (search) => this.discover.search(search),
    discover_find: ({ what }) => this.discover.find(what),
    discover_model: ({ id }) => this.discover.detail(id),
    discover_marks: ({ models }) => this.discover.marksFor(models),
    discover_words: () => this.discover.words(),
    download_plan: (request) => this.downloads.plan(request),
    download_add: (request) => this.downloads.add(request),
    downloads_list: () => this.downloads.list,
    downloads_pause: ({ ids }) => this.downloads.pause(ids),
    downloads_resume: ({ ids }) => this.downloads.resume(ids),
    downloads_cancel: ({ ids }) => this.downloads.cancel(ids),
    downloads_retry: ({ ids }) => this.downloads.retry(ids),
    downloads_clear: ({ ids }) => this.downloads.clear(ids),
    download_order: (request) => this.downloads.order(request),
    download_limit: ({ id, limit }) => this.downloads.limit(id, limit),
    vault_show: () => this.vault.view,
    vault_sync: () => this.vault.sync(),
    vault_download: (request) => this.vault.download(request),
    vault_change: (request) => this.vault.change(request, this.items),
    link_show: () => this.remote.show(),
    link_pair: (request) => this.remote.pair(request),
    link_leave: ({ site }) => this.remote.leave(site),
    link_answer: (request) => this.remote.answer(request),
    settings_get: () => this.settings,
    settings_set: (settings) => {
      this.settings = settings;
      return settings;
    },
    account_show: () => this.account,
    account_sign_in: ({ key }) => {
      if (key.trim() === "") throw new CommandError({ code: "invalid_request", message: "The key is empty", hint: null, retryable: false });
      if (key === "wrong") throw new CommandError({ code: "unauthorised", message: "Civitai does not accept this key", hint: "Copy it again, or make a new one in Civitai's account settings", retryable: false });
      this.account = signedIn;
      this.vault.view = makeVault(this.items, Date.now());
      queueMicrotask(() => this.emit({ event: "account_changed" }));
      return this.account;
    },
    account_sign_out: () => {
      this.account = signedOut;
      this.vault.view = noVault;
      queueMicrotask(() => this.emit({ event: "account_changed" }));
      return this.account;
    },
  };

  #list(query: LibraryQuery) {
    const found = this.items.filter((item) => matches(item, query)).sort(order(query));
    const limit = query.limit === 0 ? 200 : query.limit;
    return {
      items: found.slice(query.offset, query.offset + limit),
      total: found.length,
      total_bytes: found.reduce((sum, item) => sum + item.size, 0),
    };
  }

  #item(id: number): LibraryItem {
    const item = this.items.find((each) => each.id === id);
    if (!item) throw new CommandError({ code: "not_found", message: `No file with the number ${id}`, hint: null, retryable: false });
    return item;
  }

  #job(id: number, change: Partial<JobSnapshot>): JobSnapshot {
    const job = this.jobs.find((each) => each.id === id);
    if (!job) throw new CommandError({ code: "not_found", message: `No job ${id}`, hint: null, retryable: false });
    Object.assign(job, change);
    return job;
  }

  #count(): void {
    for (const root of this.roots) {
      const mine = this.items.filter((item) => item.root_id === root.id);
      root.files = mine.length;
      root.bytes = mine.reduce((sum, item) => sum + item.size, 0);
    }
  }

  subscribe(handler: (event: EngineEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => {
      this.#handlers.delete(handler);
    };
  }

  connection() {
    return this.link.current();
  }

  onConnection(listener: () => void) {
    return this.link.listen(listener);
  }

  previewUrl(fileId: number, which: PreviewIndex): string {
    return picture(fileId, typeof which === "number" ? which : 0);
  }

  cataloguePictureUrl(key: string): string {
    const [model = "0", , number = "0"] = key.split("-");
    return picture(Number(model), Number(number));
  }

  onFileDrag(handler: (drag: FileDrag) => void): () => void {
    this.#drags.add(handler);
    return () => {
      this.#drags.delete(handler);
    };
  }

  /** As if something were dragged over the window from outside. */
  drag(drag: FileDrag): void {
    for (const handler of this.#drags) handler(drag);
  }

  pickFolder(): Promise<string | null> {
    return Promise.resolve(this.picked);
  }

  reveal(fileId: number): Promise<void> {
    this.revealed.push(fileId);
    return Promise.resolve();
  }

  openExternal(url: string): Promise<void> {
    this.opened.push(url);
    return Promise.resolve();
  }

  copyText(value: string): Promise<void> {
    this.copied.push(value);
    return Promise.resolve();
  }

  startsAtLogin(): Promise<boolean> {
    return Promise.resolve(this.atLogin);
  }

  setStartAtLogin(on: boolean): Promise<void> {
    if (this.atLoginFails !== null) return Promise.reject(new CommandError(this.atLoginFails));
    this.atLogin = on;
    return Promise.resolve();
  }
}
