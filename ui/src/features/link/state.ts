/** How a link is told: a dot, a word, a sentence. Pure. */
import type { LinkAsk } from "../../bindings/LinkAsk";
import type { LinkInfo } from "../../bindings/LinkInfo";
import type { LinkSiteInfo } from "../../bindings/LinkSiteInfo";
import type { LinkState } from "../../bindings/LinkState";
import { text } from "../../text";
import type { Tone } from "../library/item";

const words = text.link;

// That nobody has the site open is no fault, and must not look like one.
export const tones: Record<LinkState, Tone> = {
  not_paired: "faint",
  connecting: "probable",
  waiting: "known",
  connected: "good",
  offline: "warn",
};

export function isPaired({ state }: LinkSiteInfo): boolean {
  return state !== "not_paired";
}

/** What there is to say of it beside its word and its problem. */
export function sentences({ state, since, next_try, paired_at }: LinkSiteInfo, now: number): string[] {
  const paired = paired_at === null || state === "not_paired" ? [] : [words.pairedAt(paired_at, now)];
  if (state !== "offline") return [words.hint(state), ...paired];
  const lost = since === null ? [] : [words.lost(since, now)];
  return [...lost, next_try === null ? words.tried : words.nextTry(next_try, now), ...paired];
}

export interface Pill {
  state: LinkState;
  /** How each site stands. */
  whole: string;
  asks: number;
}

// With two links, the one that is less well.
const worst: readonly LinkState[] = ["offline", "connecting", "connected", "waiting", "not_paired"];

/** Nothing where nothing is paired and nobody asks. */
export function pillOf(info: LinkInfo | undefined): Pill | null {
  const paired = info?.sites.filter(isPaired) ?? [];
  const asks = info?.requests.length ?? 0;
  if (paired.length === 0 && asks === 0) return null;
  const state = worst.find((each) => paired.some((site) => site.state === each)) ?? "not_paired";
  return { state, asks, whole: paired.map((site) => words.pill.of(site.site, site.state)).join(", ") };
}

/** A request's own id is the site's: two sites may use the same. */
export function keyOf({ site, id }: LinkAsk): string {
  return `${site} ${id}`;
}
