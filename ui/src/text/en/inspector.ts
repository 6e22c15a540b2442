/** The words of the inspector. */
import type { Correction } from "../../bindings/Correction";
import type { MatchedBy } from "../../bindings/MatchedBy";
import type { Provenance } from "../../bindings/Provenance";
import type { SidecarKind } from "../../bindings/SidecarKind";
import type { Tool } from "../../bindings/Tool";
import { ago, bytes, count, day, plural, when } from "../format";
import { files, toolOr, upperFirst } from "./names";

const sidecarKinds: Record<SidecarKind, string> = {
  civitai_info: "Civitai Helper",
  a1111_json: "A1111 and Forge",
  sd_next_json: "SD.Next",
  lora_manager: "LoRA Manager",
  stability_matrix: "Stability Matrix",
  swarm_ui: "SwarmUI",
  rgthree: "rgthree",
  description: "Description",
  preview: "Preview",
};

export const inspector = {
  label: "Details",
  close: "Close details",
  back: "Back",
  subtitle: (version: string | null, base: string | null) =>
    [version, base === null ? null : version === null ? base : `for ${base}`].filter(Boolean).join(" "),
  by: (creator: string) => `by ${creator}`,
  previews: "Previews",
  preview: (position: number, of: number) => `Preview ${position} of ${of}`,
  videoAt: (position: number, of: number) => `Preview ${position} of ${of}, a video`,
  enlarge: "Enlarge the preview",
  viewer: {
    smaller: "Smaller",
    larger: "Larger",
    zoom: (factor: number) => `${Math.round(factor * 100)} %`,
    close: "Close the preview",
    previous: "Previous preview",
    next: "Next preview",
    moved: "Enlarged preview; the arrows move about in it",
    broken: "This preview cannot be shown",
  },
  previewOf: (name: string) => `Preview of ${name}`,
  localPreview: "Picture beside the file",
  show: "Show",
  blurred: (level: string) => `Rated ${level}, blurred by your setting`,
  prompt: "Prompt",
  reveal: "Reveal",
  openCivitai: "Open at Civitai",
  identify: "Ask again",
  identifying: "Asking…",
  identified: { matched: "Civitai knows this file", not_found: "Civitai does not know this file", pending: "No answer yet; it will be asked again" },
  lookUpOff: "Look-up is off in Settings",
  linking: {
    open: "Link to a model…",
    change: "Change link…",
    remove: "Remove link",
    removing: "Removing…",
    removed: "The link was removed",
    title: "Link to a model",
    body: (file: string) => `Say which model at Civitai ${file} is. The file itself is not changed.`,
    field: "Model at Civitai",
    placeholder: "https://civitai.com/models/…",
    hint: "The address of its page, the number of a version, or an AIR.",
    busy: "Reading the file if needed…",
    confirm: "Link",
    linked: (name: string) => `Linked to ${name}`,
  },
  words: "Trigger words",
  copyAll: "Copy all",
  copyWord: (word: string) => `Copy “${word}”`,
  allWords: "all trigger words",
  allOf: (amount: number) => `Show all ${count(amount)}`,
  lora: {
    title: "In a prompt",
    copy: (tag: string) => `Copy ${tag}`,
    weight: "Weight in the prompt",
  },
  facts: "File",
  where: "On disk",
  thisFile: "This file",
  link: "Link to this file",
  copy: "Same content",
  openCopy: "Show this copy",
  missingCopy: "not on disk",
  about: "About the model",
  aboutVersion: "About this version",
  more: "Show all",
  less: "Show less",
  cutShort: "The rest is too long to show here. The model’s page at Civitai has all of it.",
  tags: "Tags at Civitai",
  header: "Metadata in the file",
  headerCount: (tensors: number, entries: number) =>
    `${plural(tensors, "tensor", "tensors")}, ${plural(entries, "entry", "entries")}`,
  metadata: {
    search: "Search the metadata",
    found: (amount: number) => `${plural(amount, "entry", "entries")} found`,
    more: (amount: number) => `${plural(amount, "other", "others")}; search to see them`,
    fold: (key: string) => `Fold ${key}`,
    unfold: (key: string) => `Unfold ${key}`,
    less: "Fold",
    whole: (size: string) => `Show all (${size})`,
    tooLong: "The rest is too long to show here. Copy it to read it elsewhere.",
    inside: (amount: number) => `(${count(amount)})`,
    showMore: (some: number, all: number) => `Show ${count(some)} more of ${count(all)}`,
  },
  truncated: (expected: number, actual: number) =>
    `The header promises ${bytes(expected)}, the file has ${bytes(actual)}. It is probably cut short.`,
  fact: {
    state: "State",
    name: "Name",
    folder: "Folder",
    size: "Size",
    changed: "Changed",
    published: "Published",
    air: "AIR",
    hashFrom: "Hash",
    foundBy: "Found by",
  },
  atTop: "top of the folder",
  state: {
    verified: (at: number, now: number) => `Verified, read in full ${ago(at, now)}`,
    verifiedUndated: "Verified, read in full",
    readInFull: (at: number, now: number) => `Read in full ${ago(at, now)}.`,
    blake3Hint: "Civitai lists this content by its BLAKE3 hash.",
    known: "Known to Civitai",
    altered: "Header altered since upload",
    alteredHint: "The weights are those that were uploaded; a tool wrote into the file’s header afterwards.",
    archive: "Known by the model inside",
    archiveHint: "Civitai does not list this archive, but it lists the one model in it.",
    linked: "Linked by you",
    linkedHint: "You chose this model; the file’s content does not prove it.",
    embedded: "Probable: named by its own header",
    embeddedHint: "The header claims whose weights these are. Nothing confirms the claim so far.",
    probable: "Probably known to Civitai",
    notRead: "Not read in full yet.",
    probableBy: (provenance: Provenance, tool: Tool | null) => {
      switch (provenance) {
        case "imported":
          return `Probable: hash from ${toolOr(tool)}`;
        case "quick":
          return "Probable: recognised by a small sample";
        case "claimed":
          return "Probable: hash claimed by Civitai";
        case "measured":
          return "Probably known to Civitai";
      }
    },
    takenOver: (provenance: Exclude<Provenance, "measured">, at: number | null, now: number) => {
      const done = provenance === "quick" ? "Sampled" : "Taken over";
      return at === null ? "Not read in full yet." : `${done} ${ago(at, now)}; not read in full yet.`;
    },
    probablyBy: (by: MatchedBy): string[] => {
      switch (by) {
        case "tensors":
          return ["Found by the hash of its weights: its header seems altered since the upload."];
        case "archive_member":
          return ["Found by the one model in the archive."];
        case "blake3":
          return ["Found by its BLAKE3 hash."];
        case "sha256":
        case "embedded":
        case "link":
          return [];
      }
    },
    unknownHash: (provenance: Exclude<Provenance, "measured">, tool: Tool | null) => {
      const whose = provenance === "imported" ? `the hash from ${toolOr(tool)}` : "the hash it is believed to have";
      return `Civitai does not know ${whose}. Reading the file in full will settle it.`;
    },
    notFound: (at: number | null, now: number) =>
      at === null ? "Not known to Civitai" : `Not known to Civitai, asked ${ago(at, now)}`,
    toRead: "Waiting to be read",
    toReadHint: "The next scan reads it in full and works out its hashes.",
    toAsk: "Waiting for Civitai",
    next: (at: number, now: number) => (at <= now ? "Next try soon." : `Next try ${when(at, now)}.`),
    failed: "This file cannot be read",
    missing: "Not on disk",
    missingHint: "Its drive may be away, or the file was moved or deleted. What is known about it stays here.",
  },
  note: {
    corrected: "Taken for another file before",
    correctedBody: ({ provenance, source, sha256, at }: Correction, now: number) => {
      const hash = `\`${sha256.slice(0, 10)}\``;
      const believed = {
        imported: `${upperFirst(toolOr(source))} gave its hash as ${hash}`,
        quick: `A small sample made it look like ${hash}`,
        claimed: `Civitai claimed its hash to be ${hash}`,
        measured: `An earlier reading gave its hash as ${hash}`,
      }[provenance];
      return `${believed}. Reading it in full ${ago(at, now)} showed otherwise.`;
    },
    removed: (at: number, now: number) => `No longer at Civitai (noticed ${ago(at, now)})`,
    removedBody: "What it said is kept.",
  },
  beside: {
    title: "Beside the file",
    kind: (kind: SidecarKind) => sidecarKinds[kind],
    shared: (others: readonly string[]) =>
      `Shared with ${others.length === 1 ? (others[0] ?? "") : plural(others.length, "other model", "other models")}`,
    activation: "Activation text",
    negative: "Negative text",
    weight: "Weight",
    figure: (weight: number) => String(Number(weight.toFixed(2))),
    notes: "Notes",
  },
  history: {
    title: "History",
    span: (first: number, last: number, now: number) =>
      day(first, now) === day(last, now) ? day(first, now) : `${day(first, now)} to ${day(last, now)}`,
    exactly: (first: string, last: string) => `First said ${first}, last said ${last}`,
    listed: (amount: number, previews: number) => `${files(amount)}, ${plural(previews, "preview", "previews")}`,
  },
};
