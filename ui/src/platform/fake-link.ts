/** The fake engine's link with the website. Nobody is there unless a test or a scene says so. */
import type { Event as EngineEvent } from "../bindings/Event";
import type { LinkAnswer } from "../bindings/LinkAnswer";
import type { LinkAsk } from "../bindings/LinkAsk";
import type { LinkInfo } from "../bindings/LinkInfo";
import type { LinkPair } from "../bindings/LinkPair";
import type { LinkSite } from "../bindings/LinkSite";
import type { LinkSiteInfo } from "../bindings/LinkSiteInfo";
import type { Settings } from "../bindings/Settings";
import type { FakeFiles } from "./fake-files";
import { CommandError } from "./types";

/** The code that every site of this engine takes. */
export const goodCode = "4f09ac";

const minute = 60_000;

function siteOf(site: LinkSite, part: Partial<LinkSiteInfo> = {}): LinkSiteInfo {
  return { site, url: `https://link.civitai.${site}`, state: "not_paired", problem: null, since: null, next_try: null, paired_at: null, ...part };
}

export function sitesOf(part: Partial<Record<LinkSite, Partial<LinkSiteInfo>>> = {}): LinkSiteInfo[] {
  return [siteOf("com", part.com), siteOf("red", part.red)];
}

/** One in each state there is. */
export function everySite(now: number): Record<"connected" | "waiting" | "connecting" | "offline" | "removed", Partial<LinkSiteInfo>> {
  const paired_at = now - 3 * 24 * 60 * minute;
  return {
    connected: { state: "connected", since: now - 2 * minute, paired_at },
    waiting: { state: "waiting", since: now - 20 * minute, paired_at },
    connecting: { state: "connecting", since: now, paired_at },
    offline: {
      state: "offline",
      since: now - 7 * minute,
      next_try: now + 4 * minute,
      paired_at,
      problem: { code: "offline", message: "The relay at `https://link.civitai.com` cannot be reached", hint: "Check the network", retryable: true },
    },
    removed: { problem: { code: "forbidden", message: "civitai.com has removed this computer", hint: "Pair again with a new code, if that was not meant", retryable: false } },
  };
}

export function askOf(id: string, part: Partial<LinkAsk> = {}): LinkAsk {
  return { site: "com", id, what: "remove", title: "Ink and Wash Landscapes", copies: 2, bytes: 436 * 1024 ** 2, asked_at: Date.now() - 2 * minute, ...part };
}

interface World {
  settings: Settings;
  files: FakeFiles;
}

export class FakeLink {
  sites: LinkSiteInfo[];
  requests: LinkAsk[];
  /** What a request is about, by its id: these rows go into the trash. */
  readonly about = new Map<string, number[]>();
  readonly #world: World;
  readonly #emit: (event: EngineEvent) => void;

  constructor(world: World, link: { sites?: LinkSiteInfo[]; requests?: LinkAsk[] }, emit: (event: EngineEvent) => void) {
    this.#world = world;
    this.sites = link.sites ?? sitesOf();
    this.requests = link.requests ?? [];
    this.#emit = emit;
  }

  show(): LinkInfo {
    return { sites: this.sites, requests: this.requests, remove: this.#world.settings.link_remove };
  }

  pair({ site, code }: LinkPair): LinkInfo {
    const digits = code.replaceAll(/\s/g, "").toLowerCase();
    if (!/^[0-9a-f]{6}$/.test(digits)) {
      throw new CommandError({ code: "invalid_request", message: "A code is six characters from 0 to 9 and a to f", hint: null, retryable: false });
    }
    if (digits !== goodCode) {
      throw new CommandError({ code: "invalid_request", message: `civitai.${site} does not know this code`, hint: "Look at it again, or have the site show a new one", retryable: false });
    }
    return this.stand(site, { state: "waiting", problem: null, since: Date.now(), paired_at: Date.now() });
  }

  leave(site: LinkSite): LinkInfo {
    this.requests = this.requests.filter((ask) => ask.site !== site);
    return this.stand(site, siteOf(site));
  }

  answer({ site, id, allow }: LinkAnswer): LinkInfo {
    const ask = this.requests.find((each) => each.site === site && each.id === id);
    if (!ask) throw new CommandError({ code: "not_found", message: `The site asks for nothing with the id \`${id}\``, hint: null, retryable: false });
    const answered = allow === "session" ? this.requests.filter((each) => each.site === site) : [ask];
    this.requests = this.requests.filter((each) => !answered.includes(each));
    if (allow !== "deny") {
      for (const each of answered) {
        const ids = this.about.get(each.id);
        if (ids) Object.assign(this.#world.files.trash(ids), { asked_by: "site", title: each.title });
      }
    }
    return this.#changed();
  }

  /** As if the site asked. */
  ask(ask: LinkAsk): void {
    this.requests = [...this.requests, ask];
    this.#changed();
  }

  /** As if a link now stood so. */
  stand(site: LinkSite, part: Partial<LinkSiteInfo>): LinkInfo {
    this.sites = this.sites.map((each) => (each.site === site ? { ...each, ...part } : each));
    return this.#changed();
  }

  #changed(): LinkInfo {
    queueMicrotask(() => this.#emit({ event: "link_changed" }));
    return this.show();
  }
}
