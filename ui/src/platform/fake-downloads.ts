/** The fake engine's queue of downloads. It moves only when [`FakeDownloads.tick`] is called, so that a test decides. */
import type { Download } from "../bindings/Download";
import type { DownloadAdded } from "../bindings/DownloadAdded";
import type { DownloadOrder } from "../bindings/DownloadOrder";
import type { DownloadPlan } from "../bindings/DownloadPlan";
import type { DownloadRequest } from "../bindings/DownloadRequest";
import type { DownloadState } from "../bindings/DownloadState";
import type { Event as EngineEvent } from "../bindings/Event";
import type { RootInfo } from "../bindings/RootInfo";
import type { Wanted } from "../bindings/Wanted";
import type { WireError } from "../bindings/WireError";
import { CommandError } from "./types";

const gib = 1024 ** 3;
const mib = 1024 ** 2;
const minute = 60_000;

const queued: DownloadState = { state: "queued", retry_at: null, problem: null };

function refuse(code: WireError["code"], message: string, hint: string | null): CommandError {
  return new CommandError({ code, message, hint, retryable: false });
}

export function isOver(download: Download): boolean {
  return download.state.state === "done" || download.state.state === "failed" || download.state.state === "cancelled";
}

type Made = Partial<Download> & Pick<Download, "id" | "title" | "state">;

export function makeDownload(made: Made, now: number): Download {
  const slug = made.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_");
  const over = ["done", "failed", "cancelled"].includes(made.state.state);
  return {
    wanted: { of: "file", version: 2_600_000 + made.id, file: 3_100_000 + made.id },
    model_id: 830_000 + made.id,
    version_id: 2_600_000 + made.id,
    kind: "LORA",
    base_model: "SDXL 1.0",
    root: 1,
    path: `/home/sam/ComfyUI/models/loras/${slug}.safetensors`,
    asked_by: "user",
    received: 0,
    total: 218 * mib,
    speed: null,
    seconds_left: null,
    limit: null,
    added_at: now - 20 * minute,
    finished_at: over ? now - made.id * minute : null,
    ...made,
  };
}

/** One in each state there is. */
export function everyDownload(now: number): Download[] {
  const make = (made: Made) => makeDownload(made, now);
  const checkpoint = { kind: "Checkpoint", base_model: "Flux.1 D", total: 22.2 * gib };
  return [
    make({ id: 1, title: "Harbour Light XL v4", ...checkpoint, path: "/home/sam/ComfyUI/models/checkpoints/harbour_light_xl_v4.safetensors", state: { state: "running" }, received: 9.41 * gib, speed: 84.3 * mib, seconds_left: 155 }),
    make({ id: 2, title: "Wet Plate Portraits v1.2", state: { state: "verifying" }, received: 218 * mib, asked_by: "vault" }),
    make({ id: 3, title: "Tin Toy Robots v3", state: queued, base_model: "Pony", asked_by: "site" }),
    make({ id: 4, title: "Linocut Birds v2", state: { state: "queued", retry_at: now + 4 * minute, problem: { code: "offline", message: "Civitai cannot be reached", hint: "Check the network. It is tried again by itself", retryable: true } }, received: 61 * mib }),
    make({ id: 5, title: "Salt Flats v1", limit: 5 * mib, state: { state: "paused", why: { reason: "user" } }, received: 122 * mib, asked_by: "vault" }),
    make({ id: 6, title: "Grand Interiors Base v2", ...checkpoint, root: 2, path: "/home/sam/stable-diffusion-webui/models/Stable-diffusion/grand_interiors_base_v2.safetensors", received: 4.1 * gib, state: { state: "paused", why: { reason: "disk_full", needed: 18.4 * gib, problem: { code: "disk_full", message: "No room left on the drive of `/home/sam/stable-diffusion-webui`", hint: "Free some space, or choose a folder on another drive", retryable: true } } } }),
    make({ id: 7, title: "Moss and Lichen Macro v1", state: { state: "paused", why: { reason: "hours" } } }),
    make({ id: 8, title: "Woodblock Sea v2.1", received: 218 * mib, state: { state: "done", file: 18, verified: true, was_there: false } }),
    make({ id: 9, title: "Old Chalk Embedding", kind: "TextualInversion", base_model: "SD 1.5", total: 98_304, received: 98_304, state: { state: "done", file: 5, verified: false, was_there: false } }),
    make({ id: 10, title: "Ink and Wash Landscapes v1", received: 218 * mib, state: { state: "done", file: 1, verified: true, was_there: true } }),
    make({ id: 11, title: "Members Only Style v1", state: { state: "failed", problem: { code: "forbidden", message: "Civitai refuses `Members Only Style v1`: it is in early access", hint: "Buy access on the model's page, or wait until it is free, then try again", retryable: false } } }),
    make({ id: 12, title: "Desert Modern v0.9", state: { state: "cancelled" } }),
  ];
}

/** A vault that was asked for as a whole. */
export function manyDownloads(now: number, amount: number): Download[] {
  const waiting = Array.from({ length: amount }, (_, index) => makeDownload({ id: 100 + index, title: `Salt Flats No. ${index + 1}`, state: queued, asked_by: "vault" }, now));
  return [...everyDownload(now), ...waiting];
}

export class FakeDownloads {
  list: Download[];
  readonly #roots: () => readonly RootInfo[];
  readonly #emit: (event: EngineEvent) => void;

  constructor(list: Download[], roots: () => readonly RootInfo[], emit: (event: EngineEvent) => void) {
    this.list = list;
    this.#roots = roots;
    this.#emit = emit;
  }

  plan({ what, file, root }: DownloadRequest): DownloadPlan {
    const version = Number([...what.matchAll(/\d+/g)].at(-1)?.[0] ?? Number.NaN);
    if (Number.isNaN(version)) {
      throw refuse("invalid_request", `\`${what}\` names no model`, "Paste the address of a model's page, an AIR such as `urn:air:sdxl:lora:civitai:123@456`, or the number of a version");
    }
    if (version === 404) throw refuse("not_found", "Civitai has no version 404", "Look at the model's page; its author may have taken it away");
    const online = this.#roots().filter((each) => each.online);
    const target = online.find((each) => each.id === root) ?? online[0];
    if (!target) throw refuse("not_found", "There is no folder that downloads can go to", "Add a folder in Settings, or reconnect its drive");
    const files = [
      { id: version * 10 + 1, name: "northern_lights_xl_v2.safetensors", size: 6.46 * gib, file_type: "Model", primary: true },
      { id: version * 10 + 2, name: "northern_lights_xl_v2_fp8.safetensors", size: 3.31 * gib, file_type: "Pruned Model", primary: false },
      { id: version * 10 + 3, name: "northern_lights_vae.safetensors", size: 320 * mib, file_type: "VAE", primary: false },
    ];
    const chosen = files.find((each) => each.id === file) ?? files[0];
    if (!chosen) throw refuse("not_found", "The version has no files", null);
    return {
      title: "Northern Lights XL v2",
      model_id: 830_500,
      version_id: version,
      files,
      file: chosen.id,
      kind: chosen.file_type === "VAE" ? "VAE" : "Checkpoint",
      base_model: "SDXL 1.0",
      root: target.id,
      path: `${target.path}/models/checkpoints/${chosen.name}`,
      size: chosen.size,
      free: target.id === 2 ? 2.1 * gib : 412 * gib,
      there: version === 1001 ? 3 : null,
      underway: this.list.find((each) => each.version_id === version && !isOver(each))?.id ?? null,
      can_be_verified: version !== 1002,
      early_access: version === 1003,
    };
  }

  add(request: DownloadRequest): DownloadAdded {
    const plan = this.plan(request);
    const there = this.list.find((each) => each.id === plan.underway);
    if (there) return { download: there, was_there: true };
    const { title, model_id, version_id, kind, base_model, root, path, size } = plan;
    const wanted: Wanted = { of: "file", version: version_id, file: plan.file };
    return { download: this.push({ title, model_id, version_id, kind, base_model, root, path, total: size, wanted }), was_there: false };
  }

  push(made: Omit<Made, "id" | "state">): Download {
    const id = Math.max(0, ...this.list.map((each) => each.id)) + 1;
    const download = makeDownload({ ...made, id, state: queued }, Date.now());
    this.list = [...this.list, download];
    this.changed();
    return download;
  }

  pause(ids: readonly number[]) {
    return this.#step(ids, (each) => !isOver(each) && each.state.state !== "placing", { state: "paused", why: { reason: "user" } });
  }

  resume(ids: readonly number[]) {
    return this.#step(ids, (each) => each.state.state === "paused", queued);
  }

  cancel(ids: readonly number[]) {
    return this.#step(ids, (each) => !isOver(each) && each.state.state !== "placing", { state: "cancelled" });
  }

  retry(ids: readonly number[]) {
    return this.#step(ids, (each) => each.state.state !== "done", queued);
  }

  clear(ids: readonly number[]): Download[] {
    this.list = this.list.filter((each) => !isOver(each) || (ids.length > 0 && !ids.includes(each.id)));
    this.changed();
    return this.list;
  }

  order({ id, before }: DownloadOrder): Download[] {
    const moved = this.#one(id);
    const others = this.list.filter((each) => each.id !== id);
    const at = before === null ? -1 : others.findIndex((each) => each.id === before);
    others.splice(at === -1 ? others.length : at, 0, moved);
    this.list = others;
    this.changed();
    return this.list;
  }

  limit(id: number, limit: number | null): Download {
    return Object.assign(this.#one(id), { limit });
  }

  /** Lets `seconds` go by for what runs. */
  tick(seconds: number): void {
    const moving = this.list.filter((each) => each.state.state === "running" && each.speed !== null);
    for (const each of moving) {
      const total = each.total ?? 0;
      each.received = Math.min(total, each.received + (each.speed ?? 0) * seconds);
      each.seconds_left = Math.round((total - each.received) / (each.speed ?? 1));
    }
    if (moving.length === 0) return;
    const downloads = moving.map(({ id, received, total, speed, seconds_left }) => ({ id, received, total, speed: speed ?? 0, seconds_left }));
    this.#emit({ event: "download_progress", downloads });
  }

  changed(): void {
    queueMicrotask(() => this.#emit({ event: "downloads_changed" }));
  }

  #step(ids: readonly number[], may: (download: Download) => boolean, state: DownloadState): Download[] {
    const rows = ids.map((id) => this.#one(id));
    for (const row of rows.filter(may)) {
      const finished_at = state.state === "cancelled" ? Date.now() : null;
      Object.assign(row, { state, speed: null, seconds_left: null, finished_at });
      if (state.state === "cancelled") row.received = 0;
    }
    this.changed();
    return rows;
  }

  #one(id: number): Download {
    const download = this.list.find((each) => each.id === id);
    if (!download) throw refuse("not_found", `There is no download number ${id}`, null);
    return download;
  }
}
