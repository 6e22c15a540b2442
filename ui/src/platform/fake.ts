/**
 * An engine made of memory, for tests and for looking at the page with `?fake`. Deterministic: the same options give
 * the same library. Never part of a build: `./index` imports it only while developing.
 */
import type { AccountInfo } from "../bindings/AccountInfo";
import type { DetectedRoot } from "../bindings/DetectedRoot";
import type { Event as EngineEvent } from "../bindings/Event";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import type { LibraryItem } from "../bindings/LibraryItem";
import type { LibraryQuery } from "../bindings/LibraryQuery";
import type { RootInfo } from "../bindings/RootInfo";
import type { Settings } from "../bindings/Settings";
import type { WireError } from "../bindings/WireError";
import { ConnectionState } from "./connection";
import { detailOf, facetsOf, makeItems, matches, order, picture } from "./fake-library";
import { CommandError } from "./types";
import type { Capabilities, CommandName, Platform, PreviewIndex, Request, Response } from "./types";

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
}

const rootPaths = ["/home/sam/ComfyUI", "/home/sam/stable-diffusion-webui", "/mnt/nas/models", "/home/sam/invokeai"];
const layouts = ["comfy_ui", "a1111", "plain", "invoke_ai"] as const;

export const fakeDetected: DetectedRoot[] = [
  { path: "/home/sam/ComfyUI", layout: "comfy_ui", name: "ComfyUI", files: 902, bytes: 214e9, added: false },
  { path: "/home/sam/stable-diffusion-webui", layout: "a1111", name: "stable-diffusion-webui", files: 318, bytes: 96e9, added: false },
  { path: "/home/sam/SwarmUI", layout: "swarm_ui", name: "SwarmUI", files: 41, bytes: 61e9, added: false },
];

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
  items: LibraryItem[];
  roots: RootInfo[];
  jobs: JobSnapshot[];
  settings: Settings;
  account = signedOut;
  fail: Partial<Record<CommandName, WireError>>;
  readonly link = new ConnectionState();
  readonly #options: FakeOptions;
  readonly #handlers = new Set<(event: EngineEvent) => void>();

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.capabilities = { pickFolder: true, reveal: true, ...options.capabilities };
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
      ...options.settings,
    };
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
    roots_set: ({ id, sidecars }) => {
      const root = this.roots.find((each) => each.id === id);
      if (!root) throw new CommandError({ code: "not_found", message: `No folder with the number ${id}`, hint: null, retryable: false });
      root.sidecars = sidecars;
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
    library_item: ({ id }) => detailOf(this.#item(id), this.items),
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
    settings_get: () => this.settings,
    settings_set: (settings) => {
      this.settings = settings;
      return settings;
    },
    account_show: () => this.account,
    account_sign_in: ({ key }) => {
      if (key.trim() === "") throw new CommandError({ code: "invalid_request", message: "The key is empty", hint: null, retryable: false });
      this.account = { ...signedOut, signed_in: true, username: "ada_paints", tier: "founder", is_member: true, kept_in: "keyring" };
      queueMicrotask(() => this.emit({ event: "account_changed" }));
      return this.account;
    },
    account_sign_out: () => {
      this.account = signedOut;
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
    return picture(fileId, which === "cover" ? 0 : which);
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
}

function rootOf(path: string, index: number): RootInfo {
  const away = path.startsWith("/mnt/nas");
  return {
    id: index + 1,
    path,
    layout: layouts[index] ?? "plain",
    name: away ? "NAS archive" : (path.split("/").pop() ?? path),
    online: !away,
    files: 0,
    bytes: 0,
    scanned_at: Date.now() - 300_000,
    watching: away ? "off" : index === 1 ? "polling" : "events",
    watching_note: !away && index === 1 ? "The system's limit of watched folders is reached" : null,
    sidecars: { a1111_json: false, preview: false, civitai_info: false },
  };
}

const offline: WireError = {
  code: "database",
  message: "Could not read the library at `/home/sam/.local/share/modeldock/library.db`",
  hint: "Another program may hold it. Close it, then try again",
  retryable: false,
};

/** `?fake=first-run`, `?fake=scan&items=20000`, … */
export function fakeFromAddress(search: string): FakePlatform {
  const asked = new URLSearchParams(search);
  const items = Number(asked.get("items") ?? 1284);
  const theme = asked.get("theme");
  const settings: Partial<Settings> = theme === "light" || theme === "dark" ? { theme } : {};
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
    empty: { items: 0 },
    lost: { lost: true },
    browser: { capabilities: { pickFolder: false, reveal: false } },
  };
  const scene = scenes[asked.get("fake") ?? ""] ?? {};
  return new FakePlatform({ items, roots: 4, delay: 15, ...scene, settings: { ...settings, ...scene.settings } });
}
