/** The fake engine's Civitai: a catalogue that is searched, paged and opened without asking anybody. */
import type { CatalogueWords } from "../bindings/CatalogueWords";
import type { DiscoverDetail } from "../bindings/DiscoverDetail";
import type { DiscoverFile } from "../bindings/DiscoverFile";
import type { DiscoverFound } from "../bindings/DiscoverFound";
import type { DiscoverModel } from "../bindings/DiscoverModel";
import type { DiscoverPage } from "../bindings/DiscoverPage";
import type { DiscoverSearch } from "../bindings/DiscoverSearch";
import type { DiscoverVersion } from "../bindings/DiscoverVersion";
import type { ModelMarks } from "../bindings/ModelMarks";
import { CommandError } from "./types";

const names = [
  "Harbour Light", "Ink and Wash", "Copper Plate", "Salt Flats", "Paper Garden", "Night Tram", "Tin Toys", "Moss Macro", "Woodblock Sea", "Grand Interiors",
  "Quiet Portraits", "Desert Modern", "Glass Botany", "Winter Wool", "Linocut Birds", "Velvet Noir", "Clay Figures", "Rain on Neon",
];
const kinds = ["LORA", "Checkpoint", "TextualInversion", "LoCon"];
const bases = ["SDXL 1.0", "Flux.1 D", "Pony", "SD 1.5"];
const gib = 1024 ** 3;
const mib = 1024 ** 2;

/** Enough for two pages and a bit. */
const amount = 90;
const usual = 40;

export const unmarked = (model: number): ModelMarks => ({ model, standing: "absent", underway: false, in_vault: false, versions: [] });

function file(id: number, over: Partial<DiscoverFile>): DiscoverFile {
  return {
    id, name: `model_${id}.safetensors`, file_type: "Model", size: 218 * mib, format: "SafeTensor", precision: "fp16", extent: null, quant: null,
    preferred: false, is_pickle: false, pickle_scan: "clean", virus_scan: "clean", sha256: id.toString(16).toUpperCase().padStart(64, "0"), ...over,
  };
}

function versionOf(model: number, index: number): DiscoverVersion {
  const id = model * 10 + index;
  const checkpoint = kinds[model % 4] === "Checkpoint";
  const files = [file(id * 10, { preferred: true, size: checkpoint ? 6.46 * gib : 218 * mib })];
  if (checkpoint) {
    files.push(file(id * 10 + 1, { name: `model_${id}.ckpt`, format: "PickleTensor", is_pickle: true, extent: "full", size: 12.9 * gib }));
    files.push(file(id * 10 + 2, { name: `model_${id}.vae.safetensors`, file_type: "VAE", size: 319 * mib }));
  }
  return {
    id,
    name: `v${3 - index}.0`,
    base_model: bases[model % 4] ?? null,
    published_at: `2026-0${9 - index}-14T09:00:00.000Z`,
    trained_words: index === 0 ? ["ink wash", "wet paper"] : [],
    description: index === 0 ? "<p>Trained anew on larger scans.</p>" : null,
    access: model % 9 === 4 && index === 0 ? { to: "early_access", until: "2026-12-24T00:00:00Z" } : model % 17 === 6 ? { to: "paid" } : { to: "open" },
    air: `urn:air:sdxl:lora:civitai:${model}@${id}`,
    files,
    pictures: [0, 1, 2, 3].map((number) => ({
      key: `${model}-${index}-${number}`, video: number === 3, width: 832, height: 1216, nsfw_level: number === 2 ? 8 : 1, prompt: number === 0 ? "harbour at dusk, ink wash" : null,
    })),
  };
}

export class FakeDiscover {
  readonly models: DiscoverModel[];
  readonly marks = new Map<number, ModelMarks>();

  constructor() {
    this.models = Array.from({ length: amount }, (_, index) => {
      const id = 500 + index;
      const versions = [0, 1, 2].slice(0, 1 + (id % 3)).map((each) => versionOf(id, each));
      const [newest] = versions;
      return {
        id,
        name: `${names[index % names.length] ?? ""}${index >= names.length ? ` ${Math.floor(index / names.length) + 1}` : ""}`,
        kind: kinds[id % 4] ?? "LORA",
        creator: ["studio_vellum", "night_tram", null][index % 3] ?? null,
        tags: ["style", "ink"],
        downloads: index === 5 ? null : Math.round(1_270_000 / (index + 1)),
        likes: 79_272 - index,
        mode: index === 11 ? "Archived" : null,
        cover: index === 8 ? null : (newest?.pictures[0] ?? null),
        newest: newest?.id ?? null,
        base_model: newest?.base_model ?? null,
        access: newest?.access ?? { to: "open" },
        air: newest?.air ?? null,
        versions: versions.length,
        marks: unmarked(id),
      };
    });
    const version = (model: number, index: number) => ({ id: model * 10 + index, here: [] as number[], files: [], underway: [], in_vault: false });
    this.marks.set(500, { ...unmarked(500), standing: "newest", versions: [{ ...version(500, 0), here: [3], files: [{ file: 50_000, here: 3 }] }] });
    this.marks.set(502, { ...unmarked(502), standing: "other", versions: [{ ...version(502, 1), here: [4] }] });
    this.marks.set(503, { ...unmarked(503), underway: true, versions: [{ ...version(503, 0), underway: [{ download: 1, file: 50_300 }] }] });
    this.marks.set(505, { ...unmarked(505), in_vault: true, versions: [{ ...version(505, 0), in_vault: true }] });
  }

  search(search: DiscoverSearch): DiscoverPage {
    const says = (text: string | null | undefined, words: string) => (text ?? "").toLowerCase().includes(words.toLowerCase());
    const all = this.models.filter(
      (model) =>
        (says(model.name, search.text) || says(model.creator, search.text)) &&
        (search.kinds.length === 0 || search.kinds.includes(model.kind)) &&
        (search.base_models.length === 0 || search.base_models.includes(model.base_model ?? "")) &&
        (search.tag == null || model.tags.includes(search.tag)) &&
        (search.creator == null || model.creator === search.creator),
    );
    const start = search.cursor == null ? 0 : Number(search.cursor);
    const end = start + (search.limit === 0 ? usual : search.limit);
    const models = all.slice(start, end).map((model) => ({ ...model, marks: this.#marksOf(model.id) }));
    // The last of every page is above the content level.
    const within = search.content === "all" ? models : models.filter((model) => model.id % usual !== 39);
    return { models: within, next: end < all.length ? String(end) : null, above_level: models.length - within.length };
  }

  find(what: string): DiscoverFound {
    const [first, second] = [...what.matchAll(/\d+/g)].map((found) => Number(found[0]));
    if (first === undefined) throw refuse("invalid_request", "That names no model at Civitai", "Paste the address of the model's page");
    if (/^\d+$/.test(what)) return { model: Math.floor(first / 10), version: first };
    return { model: first, version: second ?? null };
  }

  detail(id: number): DiscoverDetail {
    const model = this.models.find((each) => each.id === id);
    if (!model) throw refuse("not_found", `Civitai shows no model ${id}`, "Check the number; it may also have been removed there");
    const versions = Array.from({ length: model.versions }, (_, index) => versionOf(id, index));
    return {
      model: { ...model, marks: this.#marksOf(id) },
      description: "<p>Made from <b>four hundred</b> scans. See <a href=\"https://example.com/x\">the notes</a>.</p>",
      terms: { without_credit: false, commercial: ["Image", "RentCivit"], derivatives: true, other_terms: false },
      url: `https://civitai.com/models/${id}`,
      versions: model.mode === "Archived" ? versions.map((version) => ({ ...version, files: [] })) : versions,
    };
  }

  marksFor(ids: readonly number[]): ModelMarks[] {
    return ids.map((id) => this.#marksOf(id));
  }

  words(): CatalogueWords {
    return { kinds: [...kinds, "Upscaler", "VAE"], base_models: [...bases, "Illustrious"] };
  }

  #marksOf(id: number): ModelMarks {
    return this.marks.get(id) ?? unmarked(id);
  }
}

function refuse(code: "invalid_request" | "not_found", message: string, hint: string): CommandError {
  return new CommandError({ code, message, hint, retryable: false });
}
