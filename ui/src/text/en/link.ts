/** The words of Civitai Link, the website's "send to my computer". */
import type { LinkRemove } from "../../bindings/LinkRemove";
import type { LinkSite } from "../../bindings/LinkSite";
import type { LinkState } from "../../bindings/LinkState";
import type { LinkWord } from "../../bindings/LinkWord";
import { ago, bytes, count, duration } from "../format";
import { files, sites } from "./names";

const states: Record<LinkState, string> = {
  not_paired: "Not paired",
  connecting: "Connecting",
  waiting: "Waiting for the site",
  connected: "Connected",
  offline: "Offline",
};

const short: Record<LinkState, string> = { ...states, waiting: "Waiting" };

const hints: Record<Exclude<LinkState, "offline">, string> = {
  not_paired: "The site cannot send anything to this computer.",
  connecting: "Asking the site.",
  waiting: "Nobody has the site open, and that is fine: it connects by itself as soon as you open it.",
  connected: "The site is open in a browser. What you send from there arrives here.",
};

export const link = {
  title: "Civitai Link",
  lead: "The “send to computer” of Civitai’s site: pair this computer with it, and what you choose there is downloaded here. The site sees the names and hashes of your models. Everything else works without it.",
  site: (site: LinkSite) => sites[site],
  address: (site: LinkSite) => `https://${sites[site]}`,
  state: (state: LinkState) => states[state],
  hint: (state: Exclude<LinkState, "offline">) => hints[state],
  pairedAt: (at: number, now: number) => `Paired ${ago(at, now)}.`,
  lost: (since: number, now: number) => (now - since < 45_000 ? "Out of reach for a moment." : `Out of reach for ${duration((now - since) / 1000)}.`),
  nextTry: (at: number, now: number) => (at - now < 60_000 ? "Tried again by itself within a minute." : `Tried again by itself in ${duration((at - now) / 1000)}.`),
  tried: "Tried again by itself.",
  red: "Use civitai.red too",
  pair: "Pair…",
  pairOne: (site: LinkSite) => `Pair with ${sites[site]}`,
  leave: "Leave",
  leaveOne: (site: LinkSite) => `Leave ${sites[site]}`,
  leaveTitle: (site: LinkSite) => `Leave ${sites[site]}?`,
  leaveBody: "The site cannot send anything to this computer any more. Everything it has sent stays. Pairing again takes a new code.",
  stay: "Stay paired",
  left: (site: LinkSite) => `This computer has left ${sites[site]}`,
  paired: (site: LinkSite) => `This computer is paired with ${sites[site]}`,
  code: {
    label: (site: LinkSite) => `Code from ${sites[site]}`,
    hint: "Six characters, from 0 to 9 and a to f. Spaces and capitals do not matter.",
    submit: "Pair",
    asking: "Asking the site…",
    open: (site: LinkSite) => `Open ${sites[site]}`,
  },
  where: {
    title: "Where the site shows the code",
    /** What each picture shows, and what to do there. */
    steps: (site: LinkSite) => [
      {
        picture: `The top of ${sites[site]}: a link sign at the right is marked, and below it a window with the button “Get Started”.`,
        words: `Sign in at ${sites[site]} and click the link sign at the top. Choose “Get Started”, or + where a computer is listed already.`,
      },
      {
        picture: "The site’s set-up, at the line “ComfyUI on another machine”: the button “Use a pairing code” is marked.",
        words: "Leave ComfyUI chosen and go on; nothing has to be installed for it. At “ComfyUI on another machine”, choose “Use a pairing code”.",
      },
      {
        picture: "The site’s set-up, a step further: a code of six characters is marked.",
        words: "Type these six characters into the field above.",
      },
    ],
    again: "Was this computer paired before? Then “Reconnect”, behind the same link sign, shows a new code.",
    drawn: { start: "Get Started", machine: "ComfyUI on another machine", use: "Use a pairing code", pair: "Pair with this code", code: "4f09ac" },
  },
  removal: {
    label: "When the site asks to remove a model",
    hint: "Nothing is removed before you say so, and then it goes into the trash. When you are asked, you can also allow it for this session. Never: it is refused.",
    options: [
      { value: "ask", label: "Ask each time" },
      { value: "never", label: "Never" },
    ] satisfies { value: LinkRemove; label: string }[],
  },
  pill: {
    words: (state: LinkState) => `Link: ${short[state].toLowerCase()}`,
    asks: (amount: number) => `${count(amount)} to decide`,
    of: (site: LinkSite, state: LinkState) => `${sites[site]}: ${states[state]}`,
  },
  ask: {
    title: (site: LinkSite, name: string) => `${sites[site]} asks to remove “${name}”`,
    body: (amount: number, size: number) =>
      `${files(amount)}, ${bytes(size)}, would go into the trash, with what lies beside ${amount === 1 ? "it" : "them"}. Activity can bring ${amount === 1 ? "it" : "them"} back.`,
    asked: (at: number, now: number) => `Asked ${ago(at, now)}.`,
    more: (amount: number) => `${count(amount)} more ${amount === 1 ? "waits" : "wait"}.`,
    later: "Decide later",
    laterHint: "Closing this decides nothing: it waits under Needs you, and after ten minutes the site is told no.",
    once: "Move to trash",
    session: "Allow for this session",
    sessionHint: "Allowed for this session: whatever it asks to remove until Modeldock is closed goes into the trash without a question.",
    deny: "Don’t allow",
    answering: "Telling the site…",
    answered: { once: "Allowed. It goes into the trash", session: "Allowed for this session", deny: "Not allowed. Nothing was removed" } satisfies Record<LinkWord, string>,
    readOnly: "This page may only look. It is answered where Modeldock runs.",
  },
};
