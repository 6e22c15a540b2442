/** What wants looking after in the fake engine: made of its own rows, so that what is done to them shows on the lists. */
import type { Activity } from "../bindings/Activity";
import type { CareList } from "../bindings/CareList";
import type { CarePage } from "../bindings/CarePage";
import type { CareRequest } from "../bindings/CareRequest";
import type { CareSummary } from "../bindings/CareSummary";
import type { CopiesTrash } from "../bindings/CopiesTrash";
import type { Download } from "../bindings/Download";
import type { Event as EngineEvent } from "../bindings/Event";
import type { Finding } from "../bindings/Finding";
import type { LeftBehind } from "../bindings/LeftBehind";
import type { LibraryItem } from "../bindings/LibraryItem";
import { isOver } from "./fake-downloads";
import type { FakeFiles } from "./fake-files";
import { CommandError } from "./types";

const lists: readonly CareList[] = ["duplicates", "updates", "damaged", "misplaced", "unsafe", "orphans", "missing"];
const mib = 1024 ** 2;

interface World {
  items: LibraryItem[];
  files: FakeFiles;
  downloads: { list: Download[] };
}

export class FakeCare {
  orphans: LeftBehind[] = [];
  /** When Civitai was asked for newer versions. */
  checkedAt: number | null;
  readonly #world: World;
  readonly #full: boolean;
  readonly #emit: (event: EngineEvent) => void;

  /** `full`: something on every list. */
  constructor(world: World, full: boolean, emit: (event: EngineEvent) => void) {
    this.#world = world;
    this.#full = full;
    this.#emit = emit;
    this.checkedAt = full ? Date.now() - 3 * 3_600_000 : null;
    if (full) this.orphans = makeOrphans();
  }

  show(): CareSummary {
    const counts = lists.map((list) => {
      const all = this.#all(list).filter((finding) => finding.list !== "updates" || finding.same_base);
      return { list, count: all.length, bytes: all.reduce((sum, finding) => sum + bytesOf(finding), 0) };
    });
    const models = new Set(this.#world.items.filter(({ model_id }) => model_id !== null).map(({ model_id }) => model_id)).size;
    const other = this.#all("updates").filter((finding) => finding.list === "updates" && !finding.same_base).length;
    return { lists: counts, updates: { models, checked: this.checkedAt === null ? 0 : models, oldest: this.checkedAt, other_base: other } };
  }

  list({ list, offset, limit }: CareRequest): CarePage {
    const all = this.#all(list);
    return {
      findings: all.slice(offset, offset + (limit === 0 ? 100 : limit)),
      total: all.length,
      total_bytes: all.reduce((sum, finding) => sum + bytesOf(finding), 0),
    };
  }

  check(): CareSummary {
    this.checkedAt = Date.now();
    queueMicrotask(() => this.#emit({ event: "library_changed" }));
    return this.show();
  }

  trashCopies({ groups }: CopiesTrash): Activity {
    return this.#world.files.trash(groups.flatMap(({ trash }) => trash));
  }

  trashOrphans(ids: readonly number[]): Activity {
    const going = this.orphans.filter(({ id }) => ids.includes(id));
    const [first] = going;
    if (!first || going.length < ids.length) {
      throw new CommandError({ code: "not_found", message: "There is no such file without its model", hint: null, retryable: false });
    }
    const before = this.orphans;
    this.orphans = before.filter((each) => !going.includes(each));
    const title = going.length === 1 ? (first.path.split("/").pop() ?? "") : `${going.length} files`;
    const bytes = going.reduce((sum, { size }) => sum + size, 0);
    return this.#world.files.trashOther(title, first.path, bytes, () => (this.orphans = before));
  }

  #all(list: CareList): Finding[] {
    if (!this.#full) return [];
    const { items } = this.#world;
    const here = items.filter((item) => !item.missing);
    const known = here.filter((item) => item.state === "matched" && item.version_id !== null);
    switch (list) {
      case "duplicates":
        return [3, 7, 11].flatMap((at, index): Finding[] => {
          const item = known[at];
          if (item === undefined) return [];
          // The copies are rows of their own, so that they can go.
          const copies = [item, ...here.filter((each) => each.file_name === item.file_name && each.id !== item.id), ...copiesOf(item, here, index)];
          const group = copies.filter((copy, position) => copies.findIndex((each) => each.id === copy.id) === position);
          if (group.length < 2) return [];
          const held = (position: number) => (index === 1 && position === 0 ? ("linked" as const) : null);
          const free = group.filter((_, position) => position > 0);
          return [{
            list: "duplicates", sha256: item.sha256 ?? `${index}`, size: item.size, bytes: free.length * item.size, keep: item.id,
            copies: group.map((copy, position) => ({ item: copy, held: held(position) })),
          }];
        });
      case "updates":
        return this.checkedAt === null ? [] : known.slice(0, 6).map((item, index) => this.#update(item, index));
      case "damaged":
        return [
          ...known.slice(12, 13).map((item): Finding => ({ list: "damaged", item, sign: "too_short", promised: item.size + 81 * mib, again: { version_id: item.version_id ?? 1, file_id: item.file_id } })),
          ...known.slice(13, 14).map((item): Finding => ({ list: "damaged", item, sign: "header_altered", promised: null, again: { version_id: item.version_id ?? 1, file_id: item.file_id } })),
          ...here.filter((item) => item.state === "not_found").slice(0, 1).map((item): Finding => ({ list: "damaged", item, sign: "no_header", promised: null, again: null })),
        ];
      case "misplaced":
        return known.filter((item) => item.kind === "LORA" && !item.folder.includes("loras-moved")).slice(5, 7).map((item, index): Finding => ({
          list: "misplaced", item, folder_kind: "Checkpoint",
          to: index === 0 ? `${item.root}/models/loras/${item.file_name}` : null,
          problem: index === 0 ? null : { code: "invalid_request", message: `\`${item.root}/models/loras\` lies on another drive than \`${item.path}\``, hint: "Modeldock moves within a drive only. Copy it with your file manager: it is recognised there at once", retryable: false },
        }));
      case "unsafe":
        return [
          ...known.slice(16, 17).map((item): Finding => ({
            list: "unsafe", item: asPickle(item), risk: "code", message: "**Detected Pickle imports (1)**\nposix.system",
            safer: { version_id: item.version_id ?? 1, file_id: 3_100_900, name: item.file_name, size: item.size, here: null },
          })),
          ...here.filter((item) => item.state === "not_found").slice(1, 3).map((item): Finding => ({ list: "unsafe", item: asPickle(item), risk: "unknown", message: null, safer: null })),
        ];
      case "orphans":
        return this.orphans.map((orphan) => ({ list: "orphans", ...orphan }));
      case "missing":
        return items.filter((item) => item.missing).slice(0, 3).map((item): Finding => ({ list: "missing", item, gone_at: null, again: null }));
    }
  }

  #update(item: LibraryItem, index: number): Finding {
    const version_id = (item.version_id ?? 0) + 50_000;
    const underway = this.#world.downloads.list.find((each) => each.version_id === version_id && !isOver(each));
    return {
      list: "updates", item, version_id, version_name: index % 2 === 0 ? "v3.0" : "v2.5", base_model: index < 4 ? item.base_model : "Flux.1 D", same_base: index < 4,
      published_at: new Date(Date.now() - (index + 2) * 86_400_000).toISOString(), early_access: index === 2, size: item.size, newer: 1 + (index % 3), underway: underway?.id ?? null,
    };
  }
}

function bytesOf(finding: Finding): number {
  if (finding.list === "duplicates") return finding.bytes;
  return finding.list === "updates" || finding.list === "orphans" ? finding.size : finding.item.size;
}

/** Rows that stand in for copies elsewhere: of the same size and content. */
function copiesOf(item: LibraryItem, here: readonly LibraryItem[], index: number): LibraryItem[] {
  const others = here.filter((each) => each.kind === item.kind && each.root_id !== item.root_id).slice(index, index + 1 + (index % 2));
  return others.map((each) => ({ ...item, id: each.id, root: each.root, root_id: each.root_id, path: `${each.root}/${each.folder}/${item.file_name}` }));
}

function asPickle(item: LibraryItem): LibraryItem {
  const renamed = (name: string) => name.replace(/\.safetensors$/, ".pt");
  return { ...item, file_name: renamed(item.file_name), path: renamed(item.path) };
}

function makeOrphans(): LeftBehind[] {
  const folder = "/home/sam/ComfyUI/models/loras";
  return [
    { id: 1, path: `${folder}/night_market_v1.civitai.info`, kind: "civitai_info", proof: "content", size: 18_400 },
    { id: 2, path: `${folder}/night_market_v1.png`, kind: "preview", proof: "sidecar", size: 1_482_000 },
    { id: 3, path: `${folder}/chalk_study_v3.preview.png`, kind: "preview", proof: "name", size: 912_300 },
    { id: 4, path: `${folder}/old/velvet_noir_v2.jpg`, kind: "preview", proof: "model", size: 342_000 },
  ];
}
