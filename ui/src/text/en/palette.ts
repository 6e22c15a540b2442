/** The words of the command palette and of the list of shortcuts. */
import type { Theme } from "../../bindings/Theme";
import { count } from "../format";

const themes: Record<Theme, string> = { system: "as the system", light: "light", dark: "dark" };

export const palette = {
  title: "Commands",
  open: "Commands",
  field: "Type a command, a model’s name or a Civitai link",
  placeholder: "Command, model, Civitai link…",
  results: "Commands and models",
  recent: "Recent",
  places: "Go to",
  actions: "Actions",
  models: "Models",
  civitai: "From Civitai",
  found: (amount: number) => (amount === 0 ? "Nothing found" : amount === 1 ? "1 result" : `${count(amount)} results`),
  nothing: (typed: string) => `Nothing matches “${typed}”`,
  nothingHint: "Try part of a model’s name, a creator, a trigger word, or paste a link to a model’s page at Civitai.",
  searching: "Searching models…",
  more: (amount: number, typed: string) => `Show all ${count(amount)} models for “${typed}” in the library`,
  download: (what: string) => `See what downloading ${what} would do`,
  working: "Working…",
  account: "Civitai account",
  scan: "Scan all folders now",
  scanPause: "Pause the scan",
  scanResume: "Resume the scan",
  scanStarted: "The scan began",
  scanPaused: "The scan is paused",
  scanResumed: "The scan goes on",
  downloadsPause: "Pause all downloads",
  downloadsResume: "Resume all downloads",
  downloadsPaused: "Downloads are paused",
  downloadsResumed: "Downloads go on",
  vault: "Read the vault anew",
  vaultRead: "The vault was read",
  theme: (theme: Theme) => `Theme: ${themes[theme]}`,
  themeSet: (theme: Theme) => `The theme is ${themes[theme]} now`,
  shortcuts: "Keyboard shortcuts",
  /** Other words people look for these by. */
  also: {
    scan: "refresh rescan update look through",
    downloads: "hold stop continue queue",
    vault: "sync refresh civitai",
    theme: "appearance dark light night mode colour",
    account: "sign in key api login",
    shortcuts: "keys help",
  },
  keys: { move: "move", run: "run", close: "close" },
};

export const shortcuts = {
  title: "Keyboard shortcuts",
  body: "None of them acts while you type in a field, except the one for commands.",
  groups: { anywhere: "Anywhere", places: "Places", list: "In a list of models", viewer: "Looking at a preview" },
  then: "then",
  or: "or",
  names: {
    palette: "Commands",
    shortcuts: "This list",
    search: "Search the library",
    place: (place: string) => `Go to ${place}`,
    move: "From model to model",
    ends: "First and last",
    open: "Open details",
    leave: "Close details",
    shots: "Next and previous preview",
    zoom: "Larger and smaller",
    fit: "Whole picture",
    shut: "Close the preview",
  },
};
