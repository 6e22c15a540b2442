/** The words of Settings. */
import type { SidecarChoice } from "../../bindings/SidecarChoice";
import type { Theme } from "../../bindings/Theme";
import type { Watching } from "../../bindings/Watching";
import { ago, bytes } from "../format";
import { files } from "./names";

const themes: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

export const settings = {
  title: "Settings",
  sections: "Sections",
  saved: "Saved",
  saveFailed: "The setting was not saved",
  folders: {
    title: "Folders",
    lead: "Installations and folders whose models are in the library.",
    none: "No folders yet.",
    files: (amount: number, size: number) => `${files(amount)}, ${bytes(size)}`,
    online: "Here",
    away: "Away",
    awayHint: "The folder cannot be reached. Its models stay in the library.",
    scanned: (at: number, now: number) => `looked through ${ago(at, now)}`,
    notScanned: "not looked through yet",
    watching: {
      events: "Changes are noticed at once",
      polling: "Looked at again and again",
      off: null,
    } satisfies Record<Watching, string | null>,
    write: {
      title: "Written beside models",
      none: "nothing",
      label: (name: string) => `Written beside the models in ${name}`,
      lead: "Off unless you turn it on. What is there already stays as it is.",
      choices: {
        a1111_json: "A1111’s .json: description and activation text",
        preview: "A preview picture where there is none",
        civitai_info: ".civitai.info for other tools",
      } satisfies Record<keyof SidecarChoice, string>,
      short: { a1111_json: ".json", preview: "preview", civitai_info: ".civitai.info" } satisfies Record<keyof SidecarChoice, string>,
      invokeAi: "Nothing is written beside these models: InvokeAI looks after its folder itself.",
    },
    scan: "Scan",
    scanOne: (name: string) => `Scan ${name}`,
    remove: "Remove",
    removeOne: (name: string) => `Remove ${name}`,
    removeTitle: (name: string) => `Remove “${name}” from the library?`,
    removeBody: (amount: number, size: number) =>
      `${files(amount)} (${bytes(size)}) leave the library. Nothing on disk is changed or deleted.`,
    removeConfirm: "Remove from library",
    detected: "Also found on this computer",
    add: "Add",
    addOne: (name: string) => `Add ${name}`,
    addFolder: "Add a folder",
    added: (name: string) => `${name} was added; looking through it now`,
    removed: (name: string) => `${name} was removed from the library`,
  },
  lookUp: {
    title: "Look-up and privacy",
    lookUp: "Look models up at Civitai",
    lookUpHint: (host: string) => `Sends file hashes to ${host}, never names or folders. Off: nothing leaves this computer.`,
    previews: "Fetch preview pictures",
    previewsHint: "From Civitai. Off: only pictures that lie beside your files are shown.",
    blur: "Blur previews above",
    blurHint: "Blurred previews can still be shown one by one.",
  },
  reading: {
    title: "Reading",
    threads: "Files read at once",
    threadsHint: "Fewer is kinder to a rotating disk or a network drive.",
    auto: "One per core",
    amount: (amount: number) => String(amount),
  },
  appearance: { title: "Appearance", theme: "Theme", themes: (theme: Theme) => themes[theme] },
  about: {
    title: "About",
    version: "Version",
    data: "Data folder",
    server: "Look-up server",
    role: "This process",
    owner: "Scans and looks up",
    guest: "Only looks; another Modeldock does the work",
    notices: "Notes from the last start",
    noNotices: "None",
  },
};
