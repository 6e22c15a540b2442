/** The words of Care. */
import type { CareList } from "../../bindings/CareList";
import type { Damage } from "../../bindings/Damage";
import type { Held } from "../../bindings/Held";
import type { Proof } from "../../bindings/Proof";
import type { Risk } from "../../bindings/Risk";
import type { SidecarKind } from "../../bindings/SidecarKind";
import type { UpdateChecks } from "../../bindings/UpdateChecks";
import { ago, bytes, count, day, plural } from "../format";
import { files, names, upperFirst } from "./names";

const models = (amount: number) => plural(amount, "model", "models");

const lists: Record<CareList, { name: string; lead: string; empty: string; emptyHint: string }> = {
  duplicates: {
    name: "Duplicates",
    lead: "The same bytes in several files, every one of them read in full. Links to one file are one file.",
    empty: "No file is here twice",
    emptyHint: "Only files that were read in full are compared.",
  },
  updates: {
    name: "Updates",
    lead: "Newer versions of models that are here. The old file stays.",
    empty: "No newer version is known",
    emptyHint: "Civitai is asked when you check.",
  },
  damaged: {
    name: "Damaged",
    lead: "Files that were cut off, or are not what they were.",
    empty: "Every file is what it should be",
    emptyHint: "As far as its header and Civitai tell.",
  },
  misplaced: {
    name: "Wrong folder",
    lead: "Models in a folder for another kind, where their UI does not find them.",
    empty: "Every model is where its UI looks",
    emptyHint: "As far as Civitai knows what it is.",
  },
  unsafe: {
    name: "Unsafe",
    lead: "Files that are loaded as pickles, which can run code, and for which no scan vouches.",
    empty: "No pickle without a clean scan",
    emptyHint: "A safetensors file cannot run code. What was not read in full yet is not judged.",
  },
  orphans: {
    name: "Left behind",
    lead: "Previews and sidecars whose model is gone. Only files that are known to be such.",
    empty: "Nothing was left behind",
    emptyHint: "Your own pictures and notes are never listed.",
  },
  missing: {
    name: "Missing",
    lead: "Models that are not on disk.",
    empty: "Everything is on disk",
    emptyHint: "A model that is deleted outside Modeldock is remembered for 30 days.",
  },
};

const signs: Record<Damage, (size: number, promised: number | null) => string> = {
  too_short: (size, promised) => (promised === null ? "Cut off" : `Cut off: ${bytes(promised - size)} of ${bytes(promised)} are missing`),
  too_long: (size, promised) => (promised === null ? "Too long" : `${bytes(size - promised)} follow where its header says it ends`),
  no_header: () => "Called safetensors, but does not begin like one",
  header_altered: () => "The header was changed since the upload; the weights are Civitai’s",
  not_as_recorded: () => "Not what another tool recorded, and Civitai does not know it",
};

const risks: Record<Risk, string> = {
  virus: "Civitai’s virus scanner found something in it",
  code: "Civitai found code in it that does not belong there",
  scan_failed: "Civitai’s scan of it failed",
  not_scanned: "Civitai does not say that it scanned it",
  unknown: "A pickle that Civitai does not have",
};

const held: Record<Held, string> = {
  linked: "Stays: other paths lead to it",
  managed: "Stays: InvokeAI keeps a database about it",
};

const sidecars: Record<SidecarKind, string> = {
  civitai_info: "Civitai’s answer, as .civitai.info",
  a1111_json: "A1111’s notes",
  sd_next_json: "SD.Next’s notes",
  lora_manager: "LoRA Manager’s notes",
  stability_matrix: "Stability Matrix’s notes",
  swarm_ui: "SwarmUI’s notes",
  rgthree: "rgthree’s notes",
  description: "Description",
  preview: "Preview",
};

const proofs: Record<Proof, string> = {
  content: "known by what is in it",
  name: "known by its name",
  model: "was beside a model you had",
  sidecar: "beside a sidecar of its name",
};

export const care = {
  title: "Care",
  lead: "What wants looking after. What is moved or thrown away here comes back with Undo.",
  lists: "Lists",
  list: (list: CareList) => lists[list],
  amount: (amount: number) => (amount === 0 ? "None" : count(amount)),
  bytes: (list: CareList, amount: number, size: number) => {
    if (amount === 0 || (size === 0 && list !== "duplicates")) return null;
    return list === "duplicates" ? `${bytes(size)} to free` : bytes(size);
  },
  allGood: "Everything is in order",
  allGoodHint: "Every list is empty. New findings show here after the next scan.",
  more: (left: number) => `Show more (${count(left)} left)`,
  first: (amount: number) => `These are the first ${count(amount)}. The others follow once these are taken care of.`,
  show: "Show in library",
  showOne: (title: string) => `Show in library: ${title}`,
  trash: "Trash…",
  trashOne: (title: string) => `Trash…: ${title}`,
  download: "Download",
  downloadOne: (title: string) => `Download: ${title}`,
  again: "Download again",
  againOne: (title: string) => `Download again: ${title}`,
  onItsWay: "On its way",
  queued: (amount: number) => `${plural(amount, "download", "downloads")} put into the queue`,
  asking: (done: number, all: number) => `Asking Civitai: ${count(done)} of ${count(all)}…`,
  notQueued: (amount: number) => `${plural(amount, "download", "downloads")} could not be put into the queue`,
  kindIn: (kind: string, folder: string) => `${names.kind(kind)} in a folder for ${names.kind(folder)}`,

  frees: (size: number) => (size === 0 ? "Nothing to free" : `Frees ${bytes(size)}`),
  copies: (amount: number, size: number) => `${count(amount)} copies, ${bytes(size)} each`,
  keepWhich: (title: string) => `Which copy of ${title} to keep`,
  keep: "Keep",
  goes: "Goes",
  held: (why: Held) => held[why],
  trashOthers: (amount: number) => (amount === 1 ? "Trash the other" : `Trash ${count(amount)} others`),
  trashOthersOf: (amount: number, title: string) => `${amount === 1 ? "Trash the other" : `Trash ${count(amount)} others`}: ${title}`,
  trashAllCopies: (amount: number, size: number) => `Trash all others (${count(amount)}, ${bytes(size)})`,
  copiesTitle: (amount: number) => `Move ${plural(amount, "copy", "copies")} to the trash?`,
  copiesBody: (amount: number, size: number, contents: number) =>
    `${bytes(size)}, with the previews and other files beside ${amount === 1 ? "it" : "them"}. ${contents === 1 ? "The copy you keep" : "One copy of each"} stays, and is checked once more before. The room is free once the trash is emptied.`,
  otherRoots: "A UI whose copy goes no longer finds the model, unless it looks in the folder of the one that stays.",
  toTrash: (amount: number) => (amount === 1 ? "Move to trash" : `Move ${count(amount)} to trash`),

  check: "Check for updates",
  checking: "Asking Civitai…",
  checkedNow: (amount: number) => (amount === 0 ? "No newer version for the same base model" : `${models(amount)} ${amount === 1 ? "has" : "have"} a newer version`),
  checked: ({ models: all, checked, oldest }: UpdateChecks, now: number) => {
    if (all === 0) return "No model here is known to Civitai";
    if (oldest === null || checked === 0) return `Not checked yet: ${models(all)}`;
    if (checked < all) return `${count(checked)} of ${models(all)} checked`;
    return `${models(all)} checked ${ago(oldest, now)}`;
  },
  after: (version: string | null, at: string | null, now: number) => {
    const published = at === null ? null : Date.parse(at);
    const told = published === null || Number.isNaN(published) ? null : `published ${day(published, now)}`;
    return [told, version === null ? null : `you have ${version}`].filter(Boolean).map((part, index) => (index === 0 ? upperFirst(part ?? "") : part)).join("; ");
  },
  newer: (amount: number) => (amount > 1 ? `${count(amount)} newer versions` : null),
  sameBase: "For the same base model",
  otherBase: "For another base model",
  otherBaseHint: "Not updates of what you have: made for another base model.",
  anyBase: "unknown base model",
  early: "Early access: must be paid for at the moment",
  downloadAll: (amount: number, size: number) => `Download all (${count(amount)}, ${bytes(size)})`,
  downloadAllTitle: (amount: number) => `Download ${plural(amount, "newer version", "newer versions")}?`,
  downloadAllBody: (size: number) => `${bytes(size)}, each to the folder where its UI looks. The files you have stay.`,

  sign: (sign: Damage, size: number, promised: number | null) => signs[sign](size, promised),
  againHint: "What is downloaded lies beside this file; trash this one once it is there.",

  moveTo: "To",
  move: "Move there",
  moveOne: (title: string) => `Move there: ${title}`,
  moveAll: (amount: number) => `Move all (${count(amount)})`,
  moveTitle: (amount: number) => `Move ${models(amount)} to the right folder?`,
  moveBody: (size: number) => `${bytes(size)}, with everything beside them, each to where its UI looks for such models.`,
  moveConfirm: (amount: number) => `Move ${models(amount)}`,

  risk: (risk: Risk) => risks[risk],
  safer: (name: string, size: number) => `The same version as safetensors: ${name}, ${bytes(size)}`,
  saferHere: (name: string) => `The safetensors file of this version is here already: ${name}`,
  saferShow: "Show it",
  saferOne: (title: string) => `Get safetensors: ${title}`,
  downloadSafer: "Get safetensors",

  sidecar: (kind: SidecarKind) => sidecars[kind],
  proof: (proof: Proof) => proofs[proof],
  trashFiles: (amount: number, size: number) => `Trash all shown (${count(amount)}, ${bytes(size)})`,
  filesTitle: (amount: number, name: string) => `Move ${amount === 1 ? `“${name}”` : files(amount)} to the trash?`,
  filesBody: (size: number) => `${bytes(size)}. Each is looked at once more before: one that has its model again stays.`,

  away: "Its drive or folder cannot be reached",
  awayDo: "Folders",
  gone: (at: number, now: number) => `Gone since ${day(at, now)}`,
};
