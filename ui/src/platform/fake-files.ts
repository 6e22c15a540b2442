/** What the fake engine does to files, and undoes. Rows change as the engine's would; there is no disk. */
import type { Activity } from "../bindings/Activity";
import type { Event as EngineEvent } from "../bindings/Event";
import type { FileMove } from "../bindings/FileMove";
import type { FileRename } from "../bindings/FileRename";
import type { LibraryItem } from "../bindings/LibraryItem";
import type { RootInfo } from "../bindings/RootInfo";
import { CommandError } from "./types";

const mostIds = 10_000;
/** Previews and sidecars travel with a model. */
const beside = 42_000;

function refuse(message: string, hint: string | null = null, code: "invalid_request" | "not_found" | "io" = "invalid_request"): CommandError {
  return new CommandError({ code, message, hint, retryable: false });
}

interface World {
  items: LibraryItem[];
  roots: RootInfo[];
}

export class FakeFiles {
  done: Activity[];
  readonly #world: World;
  readonly #emit: (event: EngineEvent) => void;
  readonly #undo = new Map<number, () => void>();

  constructor(world: World, done: readonly Activity[], emit: (event: EngineEvent) => void) {
    this.#world = world;
    this.done = [...done];
    this.#emit = emit;
  }

  rename({ id, name }: FileRename): Activity {
    const [item] = this.#models([id]);
    if (!item) throw refuse("One model has one name");
    const ending = /\.[^.]+$/.exec(item.file_name)?.[0] ?? "";
    const typed = name.trim();
    const to = typed.toLowerCase().endsWith(ending.toLowerCase()) ? typed : `${typed}${ending}`;
    if (to === ending || /[/\\:*?"<>|]/.test(to)) throw refuse(`\`${to}\` cannot be a model's name`, "Leave out characters that some systems do not take");
    if (to === item.file_name) throw refuse(`\`${item.path}\` has that name already`);
    const path = `${item.root}/${item.folder}/${to}`;
    if (this.#world.items.some((each) => each.path === path)) throw refuse(`There is a file called \`${to}\` already`, "Choose another name");
    return this.#keep("rename", [item], path, [{ item, change: { file_name: to, path } }]);
  }

  move({ ids, root: rootId, folder }: FileMove): Activity {
    const models = this.#models(ids);
    const root = this.#world.roots.find((each) => each.id === rootId);
    if (!root) throw refuse(`There is no folder number ${rootId}`, null, "not_found");
    const inside = folder?.replace(/^\/+|\/+$/g, "");
    if (inside?.split("/").some((part) => part.startsWith("."))) throw refuse("That is no folder below the root", "Name it like `loras/characters`");
    if (inside !== undefined && inside !== "" && !inside.startsWith("models")) {
      throw refuse(`No models are looked for in \`${root.path}/${inside}\``, "Name a folder below `models`");
    }
    const steps = models.flatMap((item) => {
      const into = inside ?? item.folder;
      if (item.root_id === root.id && item.folder === into) return [];
      if (item.path.startsWith("/mnt/") !== root.path.startsWith("/mnt/")) {
        throw refuse(`\`${root.path}/${into}\` lies on another drive than \`${item.path}\``, "Move it with your file manager; Modeldock recognises it there");
      }
      const path = `${root.path}/${into}/${item.file_name}`;
      return [{ item, change: { root: root.path, root_id: root.id, folder: into, path } }];
    });
    const [first] = steps;
    if (!first) throw refuse("Everything lies in that folder already");
    return this.#keep("move", steps.map((step) => step.item), first.change.path, steps);
  }

  trash(ids: readonly number[]): Activity {
    const models = this.#models(ids);
    const gone = new Set(models);
    const activity = this.#keep("trash", models, null, []);
    this.#world.items = this.#world.items.filter((item) => !gone.has(item));
    this.#undo.set(activity.id, () => {
      this.#world.items = [...this.#world.items, ...models].sort((a, b) => a.id - b.id);
    });
    return activity;
  }

  /** Files that are no models. */
  trashOther(title: string, from: string, bytes: number, back: () => void): Activity {
    const activity = Object.assign(this.#keep("trash", [], null, []), { title, from, bytes });
    this.#undo.set(activity.id, back);
    return activity;
  }

  undo(id: number): Activity {
    const activity = this.done.find((each) => each.id === id);
    if (!activity) throw refuse(`There is nothing with number ${id}`, null, "not_found");
    if (!activity.can_undo) throw refuse("That cannot be undone any more");
    this.#undo.get(id)?.();
    this.#changed();
    return Object.assign(activity, { state: "undone", can_undo: false });
  }

  #models(ids: readonly number[]): LibraryItem[] {
    if (ids.length === 0 || ids.length > mostIds) throw refuse(`1 to ${mostIds} files can be named at once`);
    const byId = new Map(this.#world.items.map((item) => [item.id, item]));
    return [...new Set(ids)].map((id) => {
      const item = byId.get(id);
      if (!item) throw refuse(`There is no file number ${id} in the library`, null, "not_found");
      if (item.missing) throw refuse(`\`${item.path}\` is not on the disk at the moment`, null, "not_found");
      return item;
    });
  }

  #keep(what: Activity["what"], models: readonly LibraryItem[], to: string | null, steps: readonly { item: LibraryItem; change: Partial<LibraryItem> }[]): Activity {
    const [first] = models;
    const activity: Activity = {
      id: Math.max(0, ...this.done.map((each) => each.id)) + 1,
      at: Date.now(),
      what,
      state: "done",
      asked_by: "user",
      title: models.length === 1 ? (first?.file_name ?? "") : `${models.length} models`,
      models: models.length,
      bytes: models.reduce((sum, item) => sum + item.size + beside, 0),
      from: first?.path ?? "",
      to,
      problem: null,
      can_undo: true,
    };
    const before = steps.map(({ item, change }) => ({ item, was: { ...item }, change }));
    for (const { item, change } of before) Object.assign(item, change);
    this.#undo.set(activity.id, () => {
      for (const { item, was } of before) Object.assign(item, was);
    });
    this.done = [activity, ...this.done];
    this.#changed();
    return activity;
  }

  #changed(): void {
    queueMicrotask(() => {
      this.#emit({ event: "library_changed" });
      this.#emit({ event: "activity_changed" });
    });
  }
}

/** One of everything that a list of what was done may show. */
export function everyActivity(now: number): Activity[] {
  const base: Activity = {
    id: 0, at: now, what: "trash", state: "done", asked_by: "user", title: "", models: 1, bytes: 228e6, from: "", to: null, problem: null, can_undo: true,
  };
  const loras = "/home/sam/ComfyUI/models/loras";
  const list: Activity[] = [
    { ...base, id: 9, at: now - 4 * 60_000, title: "12 models", models: 12, bytes: 9.8e9, from: `${loras}/night_market_v1.safetensors` },
    {
      ...base, id: 8, at: now - 50 * 60_000, what: "rename", title: "neon_alley_rain_v2.safetensors",
      from: `${loras}/neon_alley_rain_v2.safetensors`, to: `${loras}/neon_alley.safetensors`,
    },
    {
      ...base, id: 7, at: now - 3 * 3_600_000, what: "move", title: "3 models", models: 3, bytes: 21e9, asked_by: "site",
      from: "/home/sam/ComfyUI/models/checkpoints/brutalist_interiors_v1.safetensors",
      to: "/home/sam/stable-diffusion-webui/models/Stable-diffusion/brutalist_interiors_v1.safetensors",
      problem: { code: "io", message: `Could not move \`${loras}/velvet_noir_v2.safetensors\`: permission denied`, hint: "Check who may write there", retryable: false },
    },
    { ...base, id: 6, at: now - 26 * 3_600_000, title: "chalk_study_v3.safetensors", state: "undone", can_undo: false, from: `${loras}/chalk_study_v3.safetensors` },
    {
      ...base, id: 5, at: now - 50 * 3_600_000, what: "move", title: "ceramic_glaze_v1.safetensors", state: "failed", can_undo: false,
      from: `${loras}/ceramic_glaze_v1.safetensors`, to: `${loras}/lycoris/ceramic_glaze_v1.safetensors`,
      problem: { code: "cancelled", message: "It was interrupted, and what was done was put back", hint: null, retryable: false },
    },
    { ...base, id: 4, at: now - 12_000, what: "move", title: "woodblock_sea_v1.safetensors", state: "undoing", can_undo: false, from: `${loras}/woodblock_sea_v1.safetensors`, to: `${loras}/prints/woodblock_sea_v1.safetensors` },
  ];
  return list.sort((a, b) => b.at - a.at);
}
