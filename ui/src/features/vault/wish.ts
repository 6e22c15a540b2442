/** What is to be brought down from the vault, and the requests that come to it. Pure. */
import type { VaultDownload } from "../../bindings/VaultDownload";
import type { VaultEntry } from "../../bindings/VaultEntry";
import type { VaultPart } from "../../bindings/VaultPart";
import { isMissing } from "./filter";

export const parts = ["model", "details", "images"] as const satisfies readonly VaultPart[];

export interface Wish {
  parts: readonly VaultPart[];
  /** One of an item's model files; `null`: its main one. */
  file: number | null;
  /** `null`: for each the best one. */
  root: number | null;
}

/** Those whose model a wish would fetch: of several only what is missing, of one whatever is asked for. */
export function modelsOf(entries: readonly VaultEntry[], isUnderway: (entry: VaultEntry) => boolean): VaultEntry[] {
  return entries.length === 1 ? [...entries] : entries.filter((entry) => isMissing(entry) && !isUnderway(entry));
}

export function requestsFor(entries: readonly VaultEntry[], wish: Wish, isUnderway: (entry: VaultEntry) => boolean): VaultDownload[] {
  const root = wish.root === null ? {} : { root: wish.root };
  const ids = (some: readonly VaultEntry[]) => some.map((entry) => entry.item.id);
  const others = wish.parts.filter((part) => part !== "model");
  const models = wish.parts.includes("model") ? modelsOf(entries, isUnderway) : [];
  const file = wish.file === null || entries.length > 1 || models.length === 0 ? {} : { file: wish.file };
  if (models.length === entries.length) return [{ items: ids(entries), parts: ["model", ...others], ...file, ...root }];
  return [
    ...(models.length > 0 ? [{ items: ids(models), parts: ["model" as const], ...root }] : []),
    ...(others.length > 0 ? [{ items: ids(entries), parts: others, ...root }] : []),
  ];
}

/** About how large a part of them is; 0 where Civitai does not say. */
export function sizeOf(part: VaultPart, entries: readonly VaultEntry[], file: number | null = null): number {
  return entries.reduce((sum, { item }) => {
    if (part === "details") return sum + item.details_size;
    if (part === "images") return sum + item.images_size;
    return sum + (item.files.find((each) => each.id === file)?.size ?? item.files[0]?.size ?? item.model_size);
  }, 0);
}
