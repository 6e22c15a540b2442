/** Which copies of the engine's data an event or a command makes stale. Pure; [`./live`] acts on it. */
import { commandTags } from "../bindings/commands";
import type { Tag } from "../bindings/commands";
import type { Download } from "../bindings/Download";
import type { DownloadSample } from "../bindings/DownloadSample";
import type { Event as EngineEvent } from "../bindings/Event";
import type { JobSnapshot } from "../bindings/JobSnapshot";
import type { CommandName } from "../platform";

/** `all` after a gap in the stream: anything may have changed. */
export type Stale = "all" | readonly Tag[];

export function staleAfterEvent(event: EngineEvent): Stale {
  switch (event.event) {
    case "library_changed":
      return ["library"];
    case "roots_changed":
      return ["roots"];
    case "vault_changed":
      return ["vault"];
    case "settings_changed":
      return ["settings"];
    case "jobs_changed":
      return ["jobs"];
    case "account_changed":
      return ["account"];
    case "downloads_changed":
      return ["downloads"];
    case "activity_changed":
      return ["activity"];
    case "link_changed":
      return ["link"];
    case "progress":
    case "download_progress":
      return [];
    case "resync":
      return "all";
  }
}

export function staleAfterCommand(name: CommandName): readonly Tag[] {
  return commandTags[name].stales;
}

function isCommandName(value: unknown): value is CommandName {
  return typeof value === "string" && value in commandTags;
}

/** Whether the copy under a query key, whose first part is the command, is stale. */
export function isStale(key: readonly unknown[], stale: Stale): boolean {
  const [name] = key;
  if (!isCommandName(name)) return false;
  return stale === "all" || commandTags[name].reads.some((tag) => stale.includes(tag));
}

/** Puts a newer snapshot where the older one of the same job was. */
export function withSnapshot(jobs: readonly JobSnapshot[] | undefined, job: JobSnapshot): JobSnapshot[] {
  const others = (jobs ?? []).filter((other) => other.id !== job.id);
  return [job, ...others];
}

/** Puts the newest figures into the rows they are of. The same list where no row has one, so that nothing is drawn. */
export function withSamples(downloads: Download[] | undefined, samples: readonly DownloadSample[]): Download[] | undefined {
  const byId = new Map(samples.map((sample) => [sample.id, sample]));
  if (downloads?.some((download) => byId.has(download.id)) !== true) return downloads;
  return downloads.map((download) => ({ ...download, ...byId.get(download.id) }));
}

/** Puts newer rows where the older ones were; one that is not on the list yet comes last. */
export function withDownloads(downloads: readonly Download[] | undefined, newer: readonly Download[]): Download[] {
  const byId = new Map(newer.map((download) => [download.id, download]));
  const known = (downloads ?? []).map((download) => byId.get(download.id) ?? download);
  return [...known, ...newer.filter((download) => !known.some((each) => each.id === download.id))];
}

/** Moves one before another, or to the end. */
export function withOrder(downloads: readonly Download[], id: number, before: number | null): Download[] {
  const moved = downloads.find((download) => download.id === id);
  if (!moved) return [...downloads];
  const others = downloads.filter((download) => download.id !== id);
  const at = others.findIndex((download) => download.id === before);
  return at === -1 ? [...others, moved] : [...others.slice(0, at), moved, ...others.slice(at)];
}

/** Puts them back into an earlier order; what came since stays at the end. */
export function inOrder(downloads: readonly Download[], ids: readonly number[]): Download[] {
  const place = new Map(ids.map((id, index) => [id, index]));
  const of = ({ id }: Download) => place.get(id) ?? ids.length;
  return [...downloads].sort((a, b) => of(a) - of(b));
}
