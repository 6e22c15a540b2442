/** Every word the page shows, by place. Plain, short, no blame; a sentence with parts is a function of them. */
import { account } from "./en/account";
import { activity } from "./en/activity";
import { care } from "./en/care";
import { discover } from "./en/discover";
import { downloads } from "./en/downloads";
import { drop } from "./en/drop";
import { fileActions } from "./en/file-actions";
import { firstRun } from "./en/first-run";
import { inspector } from "./en/inspector";
import { library } from "./en/library";
import { link } from "./en/link";
import { marks } from "./en/marks";
import { names } from "./en/names";
import { needs } from "./en/needs";
import { palette, shortcuts } from "./en/palette";
import { scan } from "./en/scan";
import { selection } from "./en/selection";
import { settings } from "./en/settings";
import { vault } from "./en/vault";
import { views } from "./en/views";
import { day } from "./format";

export const en = {
  app: { name: "Modeldock" },

  ...names,

  places: { label: "Places", library: "Library", vault: "Vault", downloads: "Downloads", discover: "Discover", care: "Care", activity: "Activity", settings: "Settings", needs: "Needs you", more: "More", folders: "Folders", away: "away", skip: "Skip to the list" },

  common: {
    retry: "Try again",
    close: "Close",
    cancel: "Cancel",
    copy: (what: string) => `Copy ${what}`,
    copied: "Copied",
    copiedWhat: (what: string) => `Copied ${what}`,
    copyFailed: "The clipboard refused. Select the text and copy it by hand.",
    loading: "Loading",
  },

  errors: {
    unreachable: {
      message: "Modeldock does not answer",
      hint: "It may have been closed, or the network is away. Start it again, then try again.",
    },
    signedOut: {
      message: "This browser is not signed in",
      hint: "Open the address that `modeldock serve` printed when it started.",
    },
    oddAnswer: (status: number) => ({
      message: `Modeldock answered with status ${status}`,
      hint: "Try again. If it stays, the log in the data folder says more.",
    }),
    internal: { message: "Something went wrong inside Modeldock", hint: "The log in the data folder says more." },
    crashed: {
      message: "This page stopped",
      hint: "Nothing on disk was touched. Reload the page to go on.",
      reload: "Reload",
    },
    libraryTitle: "The library could not be read",
  },

  readOnly: { mark: "Read only", hint: "This page may look at everything and change nothing" },

  connection: { lost: "Connection lost. What you see may be out of date; trying again." },

  library,
  discover,
  downloads,
  activity,
  care,
  vault,
  account,
  link,
  inspector,
  marks,
  fileActions,
  selection,
  views,
  firstRun,
  scan,
  settings,

  palette,
  shortcuts,
  drop,
  needs,

  /** Civitai's content levels. */
  level: (level: number) =>
    level >= 16 ? "XXX" : level >= 8 ? "X" : level >= 4 ? "R" : level >= 2 ? "PG-13" : "PG",
  levels: [
    { value: 1, label: "PG" },
    { value: 2, label: "PG-13" },
    { value: 4, label: "R" },
    { value: 8, label: "X" },
    { value: 16, label: "Never blur" },
  ],

  published: (iso: string, now: number) => {
    const at = Date.parse(iso);
    return Number.isNaN(at) ? iso : day(at, now);
  },
};
