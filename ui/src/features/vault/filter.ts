/** Which of the vault is shown, and what it comes to. Pure. */
import type { Download } from "../../bindings/Download";
import type { VaultEntry } from "../../bindings/VaultEntry";
import { text } from "../../text";
import { visible } from "../../text/visible";
import { isOver } from "../downloads/state";

export type Side = "all" | "missing" | "here";

export function titleOf({ item }: VaultEntry): string {
  return visible([item.model_name, item.version_name].filter(Boolean).join(" "));
}

export function isMissing(entry: VaultEntry): boolean {
  return entry.files.length === 0;
}

export function shownOf(entries: readonly VaultEntry[], side: Side, search: string): VaultEntry[] {
  const parts = search.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter((entry) => {
    if (side !== "all" && isMissing(entry) !== (side === "missing")) return false;
    const { item } = entry;
    const said = [titleOf(entry), item.creator, text.kind(item.kind), item.base_model, item.category, item.notes].join(" ").toLowerCase();
    return parts.every((part) => said.includes(part));
  });
}

/** What downloading these would bring: their model files. */
export function modelBytes(entries: readonly VaultEntry[]): number {
  return entries.reduce((sum, { item }) => sum + item.model_size, 0);
}

/** What these take up in the vault. */
export function vaultBytes(entries: readonly VaultEntry[]): number {
  return entries.reduce((sum, { item }) => sum + item.model_size + item.details_size + item.images_size, 0);
}

/** The items and versions whose model is on its way; details and images alone do not make it any less missing. */
export function underwayOf(downloads: readonly Download[]): (entry: VaultEntry) => boolean {
  const live = downloads.filter((download) => !isOver(download) && (download.wanted.of === "file" || download.wanted.part === "model"));
  const versions = new Set(live.map((download) => download.version_id));
  const items = new Set(live.map(({ wanted }) => (wanted.of === "vault" ? wanted.item : null)));
  return ({ item }) => versions.has(item.version_id) || items.has(item.id);
}
