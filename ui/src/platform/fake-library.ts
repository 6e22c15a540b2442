/** The fake engine's models, made from numbers: names, states, pictures. */
import type { FacetCount } from "../bindings/FacetCount";
import type { Facets } from "../bindings/Facets";
import type { ItemDetail } from "../bindings/ItemDetail";
import type { ItemState } from "../bindings/ItemState";
import type { LibraryItem } from "../bindings/LibraryItem";
import type { LibraryQuery } from "../bindings/LibraryQuery";
import type { PastAnswer } from "../bindings/PastAnswer";
import type { RootInfo } from "../bindings/RootInfo";
import type { SidecarInfo } from "../bindings/SidecarInfo";
import type { Tool } from "../bindings/Tool";
import { madeMarks } from "./fake-marks";

import { hostileDescription, isHostile } from "./fake-hostile";

const names = [
  "Ink and Wash Landscapes", "Neon Alley Rain", "Porcelain Portrait", "Brutalist Interiors", "Field Notes Botanica",
  "Analog 35 Grain", "Paper Diorama", "Velvet Noir", "Coral Reef Macro", "Gouache Storybook", "Isometric Cabins",
  "Chalk Study", "Ceramic Glaze", "Desert Modern", "Night Market", "Blueprint Lines", "Cloud Atlas", "Woodblock Sea",
];
const kinds = ["LORA", "LORA", "Checkpoint", "LORA", "TextualInversion", "LORA", "LoCon", "VAE", "LORA", "Controlnet", "Upscaler"];
const kindLabels: Record<string, string> = {
  LORA: "LoRA", TextualInversion: "Embedding", LoCon: "LyCORIS", Controlnet: "ControlNet",
};
const folders: Record<string, string> = {
  Checkpoint: "models/checkpoints", LORA: "models/loras", LoCon: "models/loras/lycoris", TextualInversion: "models/embeddings",
  VAE: "models/vae", Controlnet: "models/controlnet", Upscaler: "models/upscale_models",
};
const bases = ["SDXL 1.0", "Flux.1 D", "SD 1.5", "Pony", "Illustrious"];
const creators = ["ada_paints", "lumen", "northlight", "kiln", "moss"];
const stateCycle: ItemState[] = ["matched", "matched", "probable", "matched", "not_found", "matched", "matched", "pending", "matched", "matched", "matched", "failed"];
const tools: Tool[] = [
  "lora_manager", "civitai_helper", "a1111", "forge", "sd_next", "fooocus", "stability_matrix", "browser_plus", "rgthree",
  "invoke_ai", "comfy_ui", "kohya", "modelspec",
];
const baseTime = Date.UTC(2026, 10, 21, 9, 30);

const dayLong = 86_400_000;

/** Each way in which something may be known, once, among the first. */
const variants: Record<number, Partial<LibraryItem>> = {
  6: { matched_by: "tensors" },
  9: { matched_by: "link" },
  10: { matched_by: "archive_member" },
  12: { matched_by: "blake3" },
  14: { matched_by: "embedded", provenance: "measured" },
  15: { corrected: { provenance: "imported", source: "lora_manager", sha256: hex(9_015, 64), at: baseTime - dayLong } },
  18: { removed_at: baseTime - 3 * dayLong },
  21: { state: "probable", provenance: "claimed" },
  22: { corrected: { provenance: "quick", source: null, sha256: hex(9_022, 64), at: baseTime - 2 * dayLong }, removed_at: baseTime - dayLong },
  31: { problem: null, retry_at: null, provenance: "imported", hash_source: "civitai_helper", checked_at: baseTime, hashed_at: baseTime },
};

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;

function hex(seed: number, length: number): string {
  let out = "";
  let state = seed * 2654435761 + 97;
  while (out.length < length) {
    state = (Math.imul(state ^ (state >>> 13), 1274126177) + 0x9e3779b9) >>> 0;
    out += state.toString(16).padStart(8, "0");
  }
  return out.slice(0, length).toUpperCase();
}

export function makeItems(amount: number, roots: readonly RootInfo[]): LibraryItem[] {
  return Array.from({ length: amount }, (_, index) => makeItem(index, at(roots, index % 9 === 8 ? 2 : index % 3 === 1 ? 1 : 0)));
}

function makeItem(index: number, root: RootInfo): LibraryItem {
  const cycled = at(stateCycle, index);
  const imported = cycled === "matched" && index % 5 === 3;
  const state = imported ? "probable" : cycled;
  const known = state === "matched" || state === "probable";
  const kind = at(kinds, index);
  const round = Math.floor(index / names.length);
  const name = round === 0 ? at(names, index) : `${at(names, index)} ${round + 1}`;
  const fileName = `${name.toLowerCase().replaceAll(" ", "_")}_v${(index % 3) + 1}.safetensors`;
  const folder = folders[kind] ?? "models";
  const duplicate = index % 17 === 0;
  const read = state !== "failed" && state !== "pending";
  const away = !root.online;
  return {
    id: index + 1,
    path: `${root.path}/${folder}/${fileName}`,
    path_bytes: null,
    also_at: duplicate ? [`/home/sam/shared/${fileName}`] : [],
    root: root.path,
    root_id: root.id,
    file_name: fileName,
    folder,
    kind,
    size: Math.round((kind === "Checkpoint" ? 6.46e9 : 80e6) * (1 + ((index * 37) % 41) / 16)),
    modified_at: baseTime - index * 5_400_000,
    added_at: baseTime - (index % 50) * 3_600_000,
    sha256: read || state === "pending" ? hex(index + 1, 64) : null,
    state,
    provenance: imported ? "imported" : state === "probable" ? "quick" : read ? "measured" : null,
    hash_source: imported ? at(tools, Math.floor(index / 5)) : null,
    corrected: null,
    matched_by: known ? "sha256" : null,
    removed_at: null,
    model_id: known ? 827_000 + index : null,
    version_id: known ? 2_514_000 + index : null,
    file_id: known ? 99_000 + index : null,
    model_name: known ? name : null,
    version_name: known ? `v${(index % 3) + 1}.${index % 4}` : null,
    creator: known ? at(creators, index) : null,
    base_model: known ? at(bases, index) : null,
    trained_words: known && kind !== "VAE" && kind !== "Checkpoint" ? ["inkwash", "sumi-e brushwork", "misty mountains"].slice(0, 1 + (index % 3 || 2)) : [],
    air: known ? `urn:air:sdxl:lora:civitai:${827_000 + index}@${2_514_000 + index}` : null,
    cover_level: index % 13 === 5 ? 12 : 1,
    preview_count: known ? 4 : 0,
    preview_is_video: false,
    has_local_preview: false,
    copies: duplicate ? 2 : 1,
    missing: away,
    problem:
      state === "failed"
        ? { code: "io", message: `Could not read \`${fileName}\`: permission denied`, hint: "Check who may read the file, then scan again", retryable: false }
        : state === "pending" && index % 2 === 1
          ? { code: "rate_limited", message: "Civitai asked to wait", hint: "Nothing to do; it is asked again by itself", retryable: true }
          : null,
    retry_at: state === "pending" ? Date.now() + 240_000 : null,
    checked_at: state === "not_found" ? baseTime : null,
    hashed_at: read ? baseTime : null,
    ...(state === "failed" ? { favourite: false, rating: 0, tags: [], has_note: false } : madeMarks(index)),
    ...variants[index],
  };
}

export function matches(item: LibraryItem, query: LibraryQuery, except: keyof LibraryQuery | null = null): boolean {
  const text = [item.model_name, item.path, item.creator, item.base_model, ...item.trained_words, ...item.tags].join(" ").toLowerCase();
  const words = query.search.toLowerCase().split(/\s+/).filter(Boolean);
  const any = <T>(name: keyof LibraryQuery, list: readonly T[], value: T | null) =>
    except === name || list.length === 0 || (value !== null && list.includes(value));
  return (
    words.every((word) => text.includes(word) || item.sha256?.toLowerCase().startsWith(word) === true) &&
    any("kinds", query.kinds, item.kind) &&
    any("base_models", query.base_models, item.base_model) &&
    any("roots", query.roots, item.root_id) &&
    any("states", query.states, item.state) &&
    (except === "tags" || query.tags.length === 0 || query.tags.some((tag) => item.tags.includes(tag))) &&
    (except === "favourites" || !query.favourites || item.favourite) &&
    (except === "duplicates" || !query.duplicates || item.copies > 1) &&
    (except === "missing" || !query.missing || item.missing)
  );
}

export function order(query: LibraryQuery): (a: LibraryItem, b: LibraryItem) => number {
  const sign = query.reverse ? -1 : 1;
  const by = (a: LibraryItem, b: LibraryItem): number => {
    switch (query.sort) {
      case "newest":
        return b.modified_at - a.modified_at;
      case "added":
        return b.added_at - a.added_at;
      case "size":
        return b.size - a.size;
      case "rating":
        return b.rating - a.rating;
      case "name":
        return (a.model_name ?? a.file_name).localeCompare(b.model_name ?? b.file_name);
    }
  };
  return (a, b) => sign * by(a, b) || a.path.localeCompare(b.path);
}

export function facetsOf(items: readonly LibraryItem[], query: LibraryQuery, roots: readonly RootInfo[]): Facets {
  const counted = (except: keyof LibraryQuery, values: (item: LibraryItem) => readonly (string | null)[]): FacetCount[] => {
    const counts = new Map<string, number>();
    for (const item of items) {
      if (!matches(item, query, except)) continue;
      for (const of of values(item)) if (of !== null) counts.set(of, (counts.get(of) ?? 0) + 1);
    }
    return [...counts]
      .map(([name, count]) => ({ value: name, label: kindLabels[name] ?? name, count }))
      .sort((a, b) => b.count - a.count);
  };
  return {
    all: items.length,
    kinds: counted("kinds", (item) => [item.kind]),
    base_models: counted("base_models", (item) => [item.base_model]),
    roots: roots.map((root) => ({
      value: String(root.id),
      label: root.name,
      count: items.filter((item) => item.root_id === root.id && matches(item, query, "roots")).length,
    })),
    states: counted("states", (item) => [item.state]),
    duplicates: items.filter((item) => item.copies > 1 && matches(item, query, "duplicates")).length,
    missing: items.filter((item) => item.missing && matches(item, query, "missing")).length,
    tags: counted("tags", (item) => item.tags),
    favourites: items.filter((item) => item.favourite && matches(item, query, "favourites")).length,
  };
}

export function detailOf(item: LibraryItem, items: readonly LibraryItem[], note: string): ItemDetail {
  const known = item.model_id !== null;
  const sha = item.sha256;
  const other = items.find((each) => each.copies > 1 && each.id !== item.id);
  return {
    item,
    note,
    hashes:
      sha === null || item.provenance !== "measured"
        ? null
        : { sha256: sha, blake3: hex(item.id + 5, 64), crc32: hex(item.id + 6, 8), autov1: hex(item.id + 7, 8), autov2: sha.slice(0, 10), autov3: hex(item.id + 8, 12) },
    previews: known
      ? [0, 1, 2, 3].map((index) => ({
          index,
          video: false,
          width: 832,
          height: 1216,
          nsfw_level: index === 2 ? 8 : item.cover_level === 12 ? 4 : 1,
          prompt: index === 0 ? "sumi-e brushwork, misty mountains, a lone boat on a still lake, morning" : null,
        }))
      : [],
    version_description: known ? "<p>Trained longer on <strong>wet edges</strong>; works best at 0.7 with a low CFG.</p>" : null,
    model_description: known
      ? `<p>Landscapes in the manner of ink and wash, from <em>bone-dry</em> brush to heavy bleeding.</p><ul><li>Weight 0.6 to 0.8</li><li>Twenty steps are enough</li></ul><p>More at <a href="https://civitai.com/models/827184">the model's page</a>. <img src="https://tracker.invalid/p.gif" onerror="window.acted = true"><script>window.acted = true</script>${isHostile(item) ? hostileDescription : ""}${"Paper texture holds up to about two megapixels. ".repeat(8)}</p>`
      : null,
    tags: known ? ["style", "landscape", "ink", "traditional media"] : [],
    civitai_url: known ? `https://civitai.com/models/${item.model_id ?? 0}?modelVersionId=${item.version_id ?? 0}` : null,
    published_at: known ? "2026-03-04T10:00:00Z" : null,
    header:
      item.hashed_at === null
        ? null
        : {
            tensors: 792,
            expected_size: item.id % 12 === 5 ? item.size + 200e6 : item.size,
            metadata: [
              ["modelspec.architecture", "stable-diffusion-xl-v1-base/lora"],
              ["ss_base_model_version", "sdxl_base_v1-0"],
              ["ss_network_dim", "32"],
              ["ss_learning_rate", "0.0001"],
              ["ss_training_comment", "Trained on scans of my own sketchbooks. ".repeat(14)],
              ["ss_resolution", "(1024, 1024)"],
              ["ss_num_train_images", "627"],
              ["ss_tag_frequency", '{"10_inkwash": {"inkwash": 412, "mountain": 118, "mist": 97}}'],
            ],
          },
    copies: item.copies > 1 && other ? [{ id: other.id, path: other.path, missing: other.missing }] : [],
    answers: known ? answersOf(item) : [],
    sidecars: sidecarsOf(item),
  };
}

const silent: Omit<SidecarInfo, "kind" | "path"> = {
  shared_with: [],
  description: null,
  notes: null,
  activation_text: null,
  negative_text: null,
  preferred_weight: null,
  trained_words: [],
  model_name: null,
  version_name: null,
  base_model: null,
  tags: [],
  model_id: null,
  version_id: null,
  problem: null,
};

function sidecarsOf(item: LibraryItem): SidecarInfo[] {
  const base = item.path.replace(/\.[^.]+$/, "");
  const json: SidecarInfo = {
    ...silent,
    kind: "a1111_json",
    path: `${base}.json`,
    activation_text: "inkwash, sumi-e brushwork",
    negative_text: "photo, harsh lines",
    preferred_weight: 0.7,
    notes: "Good with the paper LoRA.\nToo strong above 0.9.",
  };
  const shared: SidecarInfo = { ...silent, kind: "civitai_info", path: `${base}.civitai.info`, shared_with: [`${item.file_name}.zip`] };
  const broken: SidecarInfo = {
    ...silent,
    kind: "lora_manager",
    path: `${base}.metadata.json`,
    problem: { code: "io", message: "The file is not valid JSON", hint: "It is left as it is", retryable: false },
  };
  return [[json, shared], [], [broken], [json, broken], []][(item.id - 1) % 5] ?? [];
}

function answersOf(item: LibraryItem): PastAnswer[] {
  const version = item.version_name ?? "";
  const name = item.model_name ?? "";
  const newest = { first_at: baseTime - 20 * dayLong, last_at: baseTime, name: `${name} ${version}`, files: 1, previews: 4 };
  if (item.id % 3 !== 1) return [newest];
  return [
    newest,
    { first_at: baseTime - 90 * dayLong, last_at: baseTime - 21 * dayLong, name: `${name} ${version}`, files: 2, previews: 3 },
    { first_at: baseTime - 400 * dayLong, last_at: baseTime - 91 * dayLong, name: `${name} (test) ${version}`, files: 1, previews: 1 },
  ];
}

/** A landscape out of numbers, so that a look at the page shows pictures and not grey boxes. */
export function picture(id: number, index: number): string {
  const n = id * 7 + index * 31;
  const hue = (n * 47 + 190) % 360;
  const sunX = 18 + ((n * 29) % 64);
  const sunY = 22 + ((n * 13) % 26);
  const ridge = (base: number, step: number) =>
    Array.from({ length: 7 }, (_, x) => `${(x * 100) / 6} ${base - ((n * step + x * x * 17 + x * 29 * step) % 22)}`).join("L");
  const layer = (base: number, step: number, shift: number, light: number) =>
    `<path d="M0 125L${ridge(base, step)}L100 125Z" fill="hsl(${(hue + shift) % 360} 34% ${light}%)"/>`;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 125" width="400" height="500" preserveAspectRatio="xMidYMid slice">` +
    `<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="hsl(${hue} 46% 38%)"/><stop offset=".7" stop-color="hsl(${(hue + 50) % 360} 56% 74%)"/></linearGradient></defs>` +
    `<rect width="100" height="125" fill="url(#s)"/><circle cx="${sunX}" cy="${sunY}" r="${7 + (n % 7)}" fill="hsl(${(hue + 40) % 360} 80% 90%)"/>` +
    layer(72, 3, 20, 52) + layer(90, 5, 8, 38) + layer(108, 7, 350, 24) + layer(124, 11, 330, 14) + `</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
