/** The words of Downloads. */
import type { AskedBy } from "../../bindings/AskedBy";
import type { DownloadState } from "../../bindings/DownloadState";
import type { Hours } from "../../bindings/Hours";
import type { VaultPart } from "../../bindings/VaultPart";
import { ago, bytes, count, duration, plural, speed, when } from "../format";

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

const downloadsOf = (amount: number) => plural(amount, "download", "downloads");

const states: Record<Exclude<DownloadState["state"], "done" | "paused">, string> = {
  queued: "Waiting",
  resolving: "Asking Civitai",
  running: "Downloading",
  verifying: "Verifying",
  placing: "Moving into place",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const downloads = {
  title: "Downloads",
  queue: "Queue",
  history: "History",
  state: (state: keyof typeof states) => states[state],
  paused: "Paused",
  outOfHours: "Outside the hours",
  diskFull: "No room",
  verified: "Verified",
  notVerified: "Not verified",
  wasThere: "Was here already",
  notVerifiedHint: "Civitai knows no hash for this file, so nothing could be compared.",
  wasThereHint: "The same content was in the library; nothing was fetched.",
  needed: (amount: number) => `${bytes(amount)} must be free before it goes on.`,
  hours: (hours: Hours | null) => (hours === null ? "Goes on by itself." : `Goes on by itself at ${clock(hours.from)}.`),
  nextTry: (at: number, now: number) => (at <= now ? "Next try soon." : `Next try ${when(at, now)}.`),
  of: (received: number, total: number | null) =>
    total === null ? bytes(received) : received >= total ? bytes(total) : `${bytes(received)} of ${bytes(total)}`,
  speed: (rate: number) => speed(rate),
  left: (seconds: number) => `${duration(seconds)} left`,
  ended: (at: number, now: number) => ago(at, now),
  from: { user: null, vault: "from the vault", site: "from Civitai’s site" } satisfies Record<AskedBy, string | null>,
  part: { model: null, details: "details", images: "images" } satisfies Record<VaultPart, string | null>,
  progressOf: (title: string) => `Progress of ${title}`,
  summary: (amount: number, received: number, total: number, rate: number) =>
    [`${count(amount)} to go`, `${bytes(received)} of ${bytes(total)}`, rate > 0 ? speed(rate) : ""].filter(Boolean).join(", "),
  pause: (title: string) => `Pause ${title}`,
  resume: (title: string) => `Resume ${title}`,
  cancel: (title: string) => `Cancel ${title}`,
  retry: (title: string) => `Try ${title} again`,
  remove: (title: string) => `Take ${title} off the list`,
  up: (title: string) => `Move ${title} up`,
  down: (title: string) => `Move ${title} down`,
  moved: (title: string, position: number, all: number) => `${title}, now ${position} of ${all}`,
  limited: (rate: number) => `at most ${speed(rate)}`,
  limit: {
    label: (title: string) => `Speed limit of ${title}`,
    none: "As in Settings",
    rate: (rate: number) => speed(rate),
    other: "Another speed…",
    hint: "For this download alone. The limit for all downloads together stays as it is in Settings.",
    unit: "MiB per second",
    set: "Set limit",
  },
  putBack: (title: string) => `${title} is back in its place`,
  drag: "Drag to another place in the queue",
  show: "Show in library",
  showOne: (title: string) => `Show in library: ${title}`,
  pauseAll: "Pause all",
  resumeAll: "Resume all",
  retryAll: "Retry failed",
  cancelAll: "Cancel all",
  clear: "Clear finished",
  clearHint: "Takes ended downloads off the list. Files stay.",
  cancelTitle: (amount: number, title: string) => (amount === 1 ? `Cancel “${title}”?` : `Cancel ${downloadsOf(amount)}?`),
  cancelBody: (received: number) =>
    received > 0 ? `${bytes(received)} that arrived so far are removed. Files that are finished stay.` : "Nothing has arrived yet. Files that are finished stay.",
  cancelConfirm: "Cancel and remove",
  keep: "Keep downloading",
  empty: {
    title: "Nothing to download",
    hint: "Paste a link to a model’s page at Civitai above. It goes into the folder where your UI looks for it.",
  },
  add: {
    label: "Paste a Civitai link, version number or AIR",
    placeholder: "Civitai link, version number or AIR",
    look: "Look up",
    looking: "Asking Civitai…",
    plan: "What would be downloaded",
    files: "File",
    folder: "Folder",
    away: "away",
    takesNone: "takes no downloads",
    first: "offered first",
    goesTo: "Goes to",
    size: "Size",
    about: (size: number, free: number | null) => (free === null ? `About ${bytes(size)}` : `About ${bytes(size)}, ${bytes(free)} free there`),
    tooFull: "There is not enough room for it there. It would wait until there is.",
    there: "The same content is in your library already.",
    showThere: "Show it",
    underway: "This download is on its way already.",
    unverifiable: "Civitai knows no hash for this file. What arrives cannot be compared with it.",
    earlyAccess: "In early access: Civitai wants it paid for at the moment, and refuses it to everyone else.",
    download: "Download",
    added: (title: string) => `${title} was put into the queue`,
    wasThere: (title: string) => `${title} is on its way already`,
    signIn: "Sign in",
  },
};
