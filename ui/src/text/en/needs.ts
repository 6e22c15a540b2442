/** The words of what waits for a person. */
import type { LinkSite } from "../../bindings/LinkSite";
import { bytes, count, plural } from "../format";
import { files, sites } from "./names";

const verb = (amount: number, one: string, many: string) => (amount === 1 ? one : many);

export const needs = {
  title: "Needs you",
  lead: "What cannot go on without you, and what to do about it.",
  count: (amount: number) => `${count(amount)} need you`,
  waiting: "Goes on by itself",
  empty: { title: "Nothing needs you", hint: "Files that cannot be read, folders that are away, failed downloads and a refused key would be listed here." },
  unread: (amount: number) => `${files(amount)} could not be read`,
  unreadHint: "Open one to see why. Often its drive, or the right to read it, is missing.",
  show: "Show them",
  away: (name: string) => `The folder ${name} cannot be reached`,
  awayHint: (path: string) => `\`${path}\`. Reconnect its drive. Its models stay in the library.`,
  awayDo: "Folders",
  failed: (amount: number) => `${plural(amount, "download", "downloads")} failed`,
  failedDo: "Downloads",
  full: (amount: number) => `${plural(amount, "download", "downloads")} ${verb(amount, "waits", "wait")} for room on the drive`,
  key: "Civitai does not accept your key",
  keyDo: "Account",
  vault: "The vault wants something",
  vaultDo: "Vault",
  asks: (site: LinkSite, amount: number, name: string) => `${sites[site]} asks to remove ${amount === 1 ? `“${name}”` : plural(amount, "model", "models")}`,
  asksHint: (copies: number, size: number) => `${files(copies)}, ${bytes(size)}. Nothing is removed before you say so.`,
  asksDo: "Decide…",
  unpaired: (site: LinkSite) => `This computer is not paired with ${sites[site]} any more`,
  unpairedDo: "Civitai Link",
  scan: "The last scan did not go through",
  scanDo: "Scan again",
  missing: (amount: number) => `${files(amount)} ${verb(amount, "is", "are")} not on disk`,
  missingHint: "Moved or deleted outside Modeldock. What is known about them stays.",
  pending: (amount: number) => `${files(amount)} ${verb(amount, "waits", "wait")} to be read or for Civitai`,
  pendingHint: "The next scan reads them, and Civitai is asked again by itself.",
  pendingOff: "Look-up is off, so Civitai is not asked.",
  partial: "Some of this could not be looked at",
};
