/** The fake engine's vault: some of it is in the library, some is missing here. */
import type { Event as EngineEvent } from "../bindings/Event";
import type { LibraryItem } from "../bindings/LibraryItem";
import type { VaultChange } from "../bindings/VaultChange";
import type { VaultChangeReport } from "../bindings/VaultChangeReport";
import type { VaultDownload } from "../bindings/VaultDownload";
import type { VaultDownloadReport } from "../bindings/VaultDownloadReport";
import type { VaultEntry } from "../bindings/VaultEntry";
import type { VaultItem } from "../bindings/VaultItem";
import type { VaultView } from "../bindings/VaultView";
import type { FakeDownloads } from "./fake-downloads";

const gib = 1024 ** 3;

const names = [
  "Harbour Light XL", "Wet Plate Portraits", "Tin Toy Robots", "Linocut Birds", "Salt Flats", "Moss and Lichen Macro",
  "Grand Interiors Base", "Copper Etching", "Rain on Glass", "Lantern Festival", "Winter Orchard", "Signal Box",
];
const kinds = ["Checkpoint", "LORA", "LORA", "TextualInversion", "LORA", "LoCon"];
const bases = ["SDXL 1.0", "Flux.1 D", "Pony", "SD 1.5"];
const creators = ["ada_paints", "lumen", "northlight", "kiln"];

const severalFiles = [
  { id: 7_601, name: "harbour_light_xl.safetensors", size: 6.46 * gib },
  { id: 7_602, name: "harbour_light_xl_fp8.safetensors", size: 3.31 * gib },
];

export const noVault: VaultView = { state: "no_key", advice: null, info: null, items: [], synced_at: null, problem: null };

function entry(made: Partial<VaultItem> & Pick<VaultItem, "id" | "version_id" | "model_name">, files: number[]): VaultEntry {
  const kind = made.kind ?? kinds[made.id % kinds.length] ?? "LORA";
  const size = kind === "Checkpoint" ? 6.46 * gib : (0.08 + (made.id % 5) * 0.05) * gib;
  return {
    item: {
      model_id: 830_000 + made.id,
      version_name: `v${1 + (made.id % 4)}`,
      creator: creators[made.id % creators.length] ?? null,
      kind,
      base_model: bases[made.id % bases.length] ?? null,
      category: "style",
      status: "stored",
      failure: null,
      files: [{ id: 7_000 + made.id, name: `${made.model_name}.safetensors`, size }],
      model_size: size,
      details_size: 40_000,
      images_size: 2_400_000,
      notes: null,
      added_at: Date.UTC(2026, 9, 1) + made.id * 3_600_000,
      refreshed_at: null,
      ...made,
    },
    files,
  };
}

/** `more`: so many others, all of them missing. */
export function makeVault(items: readonly LibraryItem[], now: number, more = 0): VaultView {
  const here = items
    .filter((item) => item.version_id !== null && item.state === "matched" && !item.missing)
    .slice(0, 14)
    .map((item, index) =>
      entry(
        {
          id: 500 + index,
          version_id: item.version_id ?? 0,
          model_id: item.model_id,
          model_name: item.model_name ?? item.file_name,
          version_name: item.version_name ?? "",
          creator: item.creator,
          kind: item.kind,
          base_model: item.base_model,
        },
        [item.id],
      ),
    );
  const missing = names.map((name, index) =>
    entry(
      {
        id: 601 + index,
        version_id: 2_600_001 + index,
        model_name: name,
        ...(index === 0 ? { kind: "Checkpoint", files: severalFiles } : {}),
        ...(index === 2 ? { status: "pending" as const } : {}),
        ...(index === 5 ? { status: "failed" as const, failure: "The author deleted the file before it was copied" } : {}),
      },
      [],
    ),
  );
  const others = Array.from({ length: more }, (_, index) =>
    entry({ id: 2_000 + index, version_id: 2_700_000 + index, model_name: `${names[index % names.length] ?? ""} No. ${index + 1}` }, []),
  );
  const entries = [...missing.slice(0, 5), ...here, ...missing.slice(5), ...others];
  const used = entries.reduce((sum, { item }) => sum + item.model_size + item.details_size + item.images_size, 0);
  return {
    state: "ready",
    advice: null,
    info: { owner: null, used, storage: 100 * gib, updated_at: now - 3_600_000 },
    items: entries,
    synced_at: now - 12 * 60_000,
    problem: null,
  };
}

export class FakeVault {
  view: VaultView;
  /** Civitai does not answer. */
  unreachable = false;
  readonly #downloads: FakeDownloads;
  readonly #emit: (event: EngineEvent) => void;

  constructor(view: VaultView, downloads: FakeDownloads, emit: (event: EngineEvent) => void) {
    this.view = view;
    this.#downloads = downloads;
    this.#emit = emit;
  }

  sync(): VaultView {
    this.view = { ...this.view, synced_at: Date.now(), problem: null };
    this.#changed();
    return this.view;
  }

  download({ items, parts, file, root }: VaultDownload): VaultDownloadReport[] {
    const asked = this.view.items.filter((each) => (items.length > 0 ? items.includes(each.item.id) : each.files.length === 0));
    const reports: VaultDownloadReport[] = [];
    for (const { item } of asked) {
      for (const part of parts.length > 0 ? parts : (["model"] as const)) {
        const title = `${item.model_name} ${item.version_name}`;
        const report = { item: item.id, part, title, was_there: false };
        if (this.unreachable) {
          reports.push({ ...report, download: null, problem: { code: "offline", message: "Civitai cannot be reached", hint: "Check the network, then try again", retryable: true } });
          return reports;
        }
        if (item.status === "failed") {
          reports.push({ ...report, download: null, problem: { code: "not_found", message: `\`${title}\` cannot be downloaded: Civitai has no copy of it`, hint: item.failure, retryable: false } });
          continue;
        }
        const { version_id, model_id, kind, base_model } = item;
        const total = { model: item.files.find((each) => each.id === file)?.size ?? item.model_size, details: item.details_size, images: item.images_size }[part];
        const wanted = { of: "vault" as const, item: item.id, part, file: part === "model" ? (file ?? null) : null };
        const added = this.#downloads.push({ title, version_id, model_id, kind, base_model, total, wanted, root: root ?? 1 });
        reports.push({ ...report, download: added.id, problem: null });
      }
    }
    return reports;
  }

  change({ versions, files, to }: VaultChange, items: readonly LibraryItem[]): VaultChangeReport[] {
    const subjects = [
      ...versions.map((version) => ({ version, file: null, item: undefined as LibraryItem | undefined })),
      ...items.filter((item) => files.includes(item.id)).map((item) => ({ version: item.version_id, file: item.id, item })),
    ];
    return subjects.map(({ version, file, item }) => {
      const known = this.view.items.find((each) => each.item.version_id === version);
      const title = known?.item.model_name ?? item?.model_name ?? `Version ${version ?? 0}`;
      const already = (known !== undefined) === (to === "in");
      if (!already && to === "out") {
        this.view = { ...this.view, items: this.view.items.filter((each) => each !== known) };
      } else if (!already && item && version !== null) {
        const added = entry({ id: 900 + item.id, version_id: version, model_name: title, version_name: item.version_name ?? "", kind: item.kind, status: "pending" }, [item.id]);
        this.view = { ...this.view, items: [added, ...this.view.items] };
      }
      this.#changed();
      return { version, file, title, outcome: already ? "already_so" : "changed", problem: null };
    });
  }

  #changed(): void {
    queueMicrotask(() => this.#emit({ event: "vault_changed" }));
  }
}
