/** What waits for a person, out of what every place knows anyway. Pure. */
import type { AccountInfo } from "../../bindings/AccountInfo";
import type { Download } from "../../bindings/Download";
import type { Facets } from "../../bindings/Facets";
import type { JobSnapshot } from "../../bindings/JobSnapshot";
import type { LinkInfo } from "../../bindings/LinkInfo";
import type { LinkSite } from "../../bindings/LinkSite";
import type { RootInfo } from "../../bindings/RootInfo";
import type { Settings } from "../../bindings/Settings";
import type { VaultView } from "../../bindings/VaultView";
import type { WireError } from "../../bindings/WireError";
import { text } from "../../text";
import { visible } from "../../text/visible";
import type { Filter } from "../library/filter";
import type { Place } from "../rail/places";

const words = text.needs;

/** Where an entry leads. */
export type Leads = { to: "place"; place: Place | "settings/account" | "settings/link" } | { to: "library"; filter: Partial<Filter> } | { to: "scan" } | { to: "ask"; site: LinkSite };

export interface Need {
  id: string;
  tone: "bad" | "warn" | "calm";
  title: string;
  hint: string | null;
  label: string;
  leads: Leads;
}

export interface Known {
  facets: Facets | undefined;
  roots: readonly RootInfo[] | undefined;
  downloads: readonly Download[] | undefined;
  account: AccountInfo | undefined;
  vault: VaultView | undefined;
  job: JobSnapshot | null;
  settings: Settings | undefined;
  link: LinkInfo | undefined;
}

/** What cannot go on without somebody, the worst first. */
export function needsOf({ facets, roots = [], downloads = [], account, vault, job, link }: Known): Need[] {
  const needs: Need[] = link === undefined ? [] : linkNeeds(link);
  if (account?.problem != null) {
    const { code, message, hint } = account.problem;
    const title = code === "unauthorised" ? words.key : message;
    needs.push({ id: "key", tone: "bad", title, hint, label: words.keyDo, leads: { to: "place", place: "settings/account" } });
  }
  if (job?.state === "failed" && job.error !== null) {
    needs.push({ id: "scan", tone: "bad", title: words.scan, hint: joined(job.error), label: words.scanDo, leads: { to: "scan" } });
  }
  const unread = inState(facets, "failed");
  if (unread > 0) {
    needs.push({ id: "unread", tone: "bad", title: words.unread(unread), hint: words.unreadHint, label: words.show, leads: { to: "library", filter: { states: ["failed"] } } });
  }
  // One failure is told whole; of several, the first stands for them.
  const failed = downloads.flatMap(({ state }) => (state.state === "failed" ? [state.problem] : []));
  if (failed[0] !== undefined) {
    needs.push({ id: "failed", tone: "bad", title: words.failed(failed.length), hint: joined(failed[0]), label: words.failedDo, leads: { to: "place", place: "downloads" } });
  }
  const full = downloads.flatMap(({ state }) => (state.state === "paused" && state.why.reason === "disk_full" ? [state.why.problem] : []));
  if (full[0] !== undefined) {
    needs.push({ id: "full", tone: "warn", title: words.full(full.length), hint: joined(full[0]), label: words.failedDo, leads: { to: "place", place: "downloads" } });
  }
  for (const root of roots.filter((each) => !each.online)) {
    needs.push({ id: `root-${root.id}`, tone: "warn", title: words.away(root.name), hint: words.awayHint(root.path), label: words.awayDo, leads: { to: "place", place: "settings" } });
  }
  if ((vault?.state === "over_quota" || vault?.state === "lapsed") && vault.advice !== null) {
    needs.push({ id: "vault", tone: "warn", title: words.vault, hint: vault.advice, label: words.vaultDo, leads: { to: "place", place: "vault" } });
  }
  return needs;
}

/** What each site asks, together: who does not want to decide is not shown a hundred entries. */
function linkNeeds({ sites, requests }: LinkInfo): Need[] {
  return sites.flatMap(({ site, state, problem }) => {
    const needs: Need[] = [];
    const asks = requests.filter((ask) => ask.site === site);
    if (asks[0] !== undefined) {
      const [copies, bytes] = [asks.reduce((sum, ask) => sum + ask.copies, 0), asks.reduce((sum, ask) => sum + ask.bytes, 0)];
      needs.push({ id: `ask-${site}`, tone: "warn", title: words.asks(site, asks.length, visible(asks[0].title)), hint: words.asksHint(copies, bytes), label: words.asksDo, leads: { to: "ask", site } });
    }
    if (state === "not_paired" && problem !== null) {
      needs.push({ id: `unpaired-${site}`, tone: "warn", title: words.unpaired(site), hint: joined(problem), label: words.unpairedDo, leads: { to: "place", place: "settings/link" } });
    }
    return needs;
  });
}

/** Good to know, but it goes on without anybody. */
export function waitingOf({ facets, settings }: Known): Need[] {
  const waiting: Need[] = [];
  const pending = inState(facets, "pending");
  if (pending > 0) {
    const hint = settings?.look_up === false ? words.pendingOff : words.pendingHint;
    waiting.push({ id: "pending", tone: "calm", title: words.pending(pending), hint, label: words.show, leads: { to: "library", filter: { states: ["pending"] } } });
  }
  const missing = facets?.missing ?? 0;
  if (missing > 0) {
    waiting.push({ id: "missing", tone: "calm", title: words.missing(missing), hint: words.missingHint, label: words.show, leads: { to: "library", filter: { missing: true } } });
  }
  return waiting;
}

function inState(facets: Facets | undefined, state: string): number {
  return facets?.states.find((each) => each.value === state)?.count ?? 0;
}

function joined({ message, hint }: WireError): string {
  return hint === null ? message : `${message}. ${hint}`;
}
