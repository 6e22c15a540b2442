/** Every word the page shows. Plain, short, no blame; a sentence with parts is a function of them. */
import type { Correction } from "../bindings/Correction";
import type { ItemState } from "../bindings/ItemState";
import type { Layout } from "../bindings/Layout";
import type { MatchedBy } from "../bindings/MatchedBy";
import type { Provenance } from "../bindings/Provenance";
import type { SidecarKind } from "../bindings/SidecarKind";
import type { ScanPhase } from "../bindings/ScanPhase";
import type { SidecarChoice } from "../bindings/SidecarChoice";
import type { Sort } from "../bindings/Sort";
import type { Theme } from "../bindings/Theme";
import type { Tool } from "../bindings/Tool";
import type { Watching } from "../bindings/Watching";
import { ago, bytes, count, day, duration, plural, speed, when } from "./format";

const files = (amount: number) => plural(amount, "file", "files");

const layouts: Record<Layout, string> = {
  a1111: "A1111",
  forge: "Forge",
  sd_next: "SD.Next",
  comfy_ui: "ComfyUI",
  swarm_ui: "SwarmUI",
  invoke_ai: "InvokeAI",
  fooocus: "Fooocus",
  stability_matrix: "Stability Matrix",
  plain: "Folder",
};

const states: Record<ItemState, string> = {
  matched: "Known",
  probable: "Probable",
  not_found: "Not known",
  pending: "Waiting",
  failed: "Unreadable",
};

const statesLong: Record<ItemState, string> = {
  matched: "Known to Civitai",
  probable: "Probably known",
  not_found: "Not known to Civitai",
  pending: "Waiting",
  failed: "Cannot be read",
};

const provenances: Record<Provenance, string> = {
  measured: "Read in full",
  imported: "Taken from another tool",
  quick: "Guessed from a small sample",
  claimed: "Claimed by Civitai",
};

const tools: Record<Tool, string> = {
  a1111: "A1111",
  forge: "Forge",
  sd_next: "SD.Next",
  fooocus: "Fooocus",
  lora_manager: "LoRA Manager",
  stability_matrix: "Stability Matrix",
  civitai_helper: "Civitai Helper",
  browser_plus: "Civitai Browser+",
  rgthree: "rgthree",
  invoke_ai: "InvokeAI",
  comfy_ui: "ComfyUI",
  kohya: "the kohya header",
  modelspec: "the modelspec header",
};

const toolOr = (tool: Tool | null) => (tool === null ? "another tool" : tools[tool]);

const upperFirst = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

const matches: Record<MatchedBy, string> = {
  sha256: "SHA-256 of the whole file",
  blake3: "BLAKE3 of the whole file",
  tensors: "Hash of its weights",
  embedded: "Hash in its header",
  archive_member: "The model in the archive",
  link: "Your link",
};

const sidecarKinds: Record<SidecarKind, string> = {
  civitai_info: "Civitai Helper",
  a1111_json: "A1111 and Forge",
  sd_next_json: "SD.Next",
  lora_manager: "LoRA Manager",
  stability_matrix: "Stability Matrix",
  swarm_ui: "SwarmUI",
  rgthree: "rgthree",
  description: "Description",
  preview: "Preview",
};

const sorts: Record<Sort, string> = {
  newest: "Newest",
  name: "Name",
  size: "Size",
  added: "Last added",
};

const themes: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

const phases: Record<ScanPhase, string> = {
  walking: "Looking through folders",
  identifying: "Recognising files",
  hashing: "Reading files",
  resolving: "Asking Civitai",
  verifying: "Verifying",
  finished: "Finishing",
};

const kinds: Record<string, string> = {
  LORA: "LoRA",
  LoCon: "LyCORIS",
  TextualInversion: "Embedding",
  VAEApprox: "VAE preview",
  Controlnet: "ControlNet",
  DiffusionModel: "Diffusion model",
  TextEncoder: "Text encoder",
  CLIPVision: "CLIP vision",
  IPAdapter: "IP-Adapter",
  StyleModel: "Style model",
  MotionModule: "Motion module",
  ModelPatch: "Model patch",
  AudioEncoder: "Audio encoder",
  AestheticGradient: "Aesthetic gradient",
  VisionLanguage: "Vision language",
  ComfyWorkflows: "ComfyUI workflows",
};

export const en = {
  app: { name: "Modeldock" },

  kind: (kind: string) => kinds[kind] ?? (kind === "" ? "Unknown" : kind),
  layout: (layout: Layout) => layouts[layout],
  state: (state: ItemState) => states[state],
  stateLong: (state: ItemState) => statesLong[state],
  provenance: (provenance: Provenance, tool: Tool | null = null) =>
    provenance === "imported" ? `Taken from ${toolOr(tool)}` : provenances[provenance],
  tool: (tool: Tool) => tools[tool],
  matchedBy: (by: MatchedBy) => matches[by],

  places: { label: "Places", library: "Library", settings: "Settings", folders: "Folders", away: "away", skip: "Skip to the list" },

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

  connection: { lost: "Connection lost. What you see may be out of date; trying again." },

  library: {
    title: "Library",
    searchLabel: "Search the library",
    searchPlaceholder: (all: number) =>
      all > 0 ? `Search ${plural(all, "model", "models")}, trigger words, creators` : "Search models, trigger words, creators",
    searchShort: "Search",
    clearSearch: "Clear the search",
    sort: (sort: Sort) => sorts[sort],
    sortLabel: (sort: Sort) => `Sort: ${sorts[sort]}`,
    reverse: "Reverse order",
    view: "View",
    grid: "Grid",
    list: "List",
    filters: "Filters",
    moreKinds: "More kinds",
    kindMenu: "Kind",
    baseModel: "Base model",
    stateMenu: "State",
    folderMenu: "Folder",
    duplicates: "Duplicates",
    missing: "Missing",
    clear: "Clear filters",
    inFolder: (name: string) => `In ${name}`,
    removeFilter: (name: string) => `Remove the filter “${name}”`,
    shown: (amount: number, size: number) => `${plural(amount, "model", "models")}, ${bytes(size)}`,
    results: "Models",
    missingWord: "Missing",
    noName: "Base model unknown",
    hidden: "Blurred",
    columns: {
      name: "Name",
      kind: "Kind",
      base: "Base model",
      state: "State",
      size: "Size",
      modified: "Changed",
      folder: "Folder",
    },
    copiesShort: (amount: number) => `${amount} copies`,
    empty: {
      title: "No model files here yet",
      hint: "The folders hold nothing Modeldock recognises. Look through them again, or add another folder.",
      scanning: "Looking through your folders",
      scanningHint: "Files appear here as they are found. You can already search and open them.",
      scan: "Look again",
      folders: "Folders",
    },
    nothing: {
      title: "Nothing matches",
      hint: (search: string) =>
        search === "" ? "No model has all of these filters." : `No model matches “${search}” with these filters.`,
      clear: "Clear search and filters",
    },
  },

  inspector: {
    label: "Details",
    close: "Close details",
    back: "Back",
    subtitle: (version: string | null, base: string | null) =>
      [version, base === null ? null : version === null ? base : `for ${base}`].filter(Boolean).join(" "),
    by: (creator: string) => `by ${creator}`,
    previews: "Previews",
    preview: (position: number, of: number) => `Preview ${position} of ${of}`,
    previewOf: (name: string) => `Preview of ${name}`,
    localPreview: "Picture beside the file",
    show: "Show",
    blurred: (level: string) => `Rated ${level}, blurred by your setting`,
    prompt: "Prompt",
    reveal: "Reveal",
    openCivitai: "Open at Civitai",
    identify: "Ask again",
    identifying: "Asking…",
    identified: { matched: "Civitai knows this file", not_found: "Civitai does not know this file", pending: "No answer yet; it will be asked again" },
    lookUpOff: "Look-up is off in Settings",
    linking: {
      open: "Link to a model…",
      change: "Change link…",
      remove: "Remove link",
      removing: "Removing…",
      removed: "The link was removed",
      title: "Link to a model",
      body: (file: string) => `Say which model at Civitai ${file} is. The file itself is not changed.`,
      field: "Model at Civitai",
      placeholder: "https://civitai.com/models/…",
      hint: "The address of its page, the number of a version, or an AIR.",
      busy: "Reading the file if needed…",
      confirm: "Link",
      linked: (name: string) => `Linked to ${name}`,
    },
    words: "Trigger words",
    copyAll: "Copy all",
    copyWord: (word: string) => `Copy “${word}”`,
    allWords: "all trigger words",
    facts: "File",
    where: "On disk",
    thisFile: "This file",
    link: "Link to this file",
    copy: "Same content",
    openCopy: "Show this copy",
    missingCopy: "not on disk",
    about: "About the model",
    aboutVersion: "About this version",
    more: "Show all",
    less: "Show less",
    tags: "Tags",
    header: "Metadata in the file",
    headerCount: (tensors: number, entries: number) =>
      `${plural(tensors, "tensor", "tensors")}, ${plural(entries, "entry", "entries")}`,
    truncated: (expected: number, actual: number) =>
      `The header promises ${bytes(expected)}, the file has ${bytes(actual)}. It is probably cut short.`,
    fact: {
      state: "State",
      name: "Name",
      folder: "Folder",
      size: "Size",
      changed: "Changed",
      published: "Published",
      air: "AIR",
      hashFrom: "Hash",
      foundBy: "Found by",
    },
    atTop: "top of the folder",
    state: {
      verified: (at: number, now: number) => `Verified, read in full ${ago(at, now)}`,
      verifiedUndated: "Verified, read in full",
      readInFull: (at: number, now: number) => `Read in full ${ago(at, now)}.`,
      blake3Hint: "Civitai lists this content by its BLAKE3 hash.",
      known: "Known to Civitai",
      altered: "Header altered since upload",
      alteredHint: "The weights are those that were uploaded; a tool wrote into the file’s header afterwards.",
      archive: "Known by the model inside",
      archiveHint: "Civitai does not list this archive, but it lists the one model in it.",
      linked: "Linked by you",
      linkedHint: "You chose this model; the file’s content does not prove it.",
      embedded: "Probable: named by its own header",
      embeddedHint: "The header claims whose weights these are. Nothing confirms the claim so far.",
      probable: "Probably known to Civitai",
      notRead: "Not read in full yet.",
      probableBy: (provenance: Provenance, tool: Tool | null) => {
        switch (provenance) {
          case "imported":
            return `Probable: hash from ${toolOr(tool)}`;
          case "quick":
            return "Probable: recognised by a small sample";
          case "claimed":
            return "Probable: hash claimed by Civitai";
          case "measured":
            return "Probably known to Civitai";
        }
      },
      takenOver: (provenance: Exclude<Provenance, "measured">, at: number | null, now: number) => {
        const done = provenance === "quick" ? "Sampled" : "Taken over";
        return at === null ? "Not read in full yet." : `${done} ${ago(at, now)}; not read in full yet.`;
      },
      probablyBy: (by: MatchedBy): string[] => {
        switch (by) {
          case "tensors":
            return ["Found by the hash of its weights: its header seems altered since the upload."];
          case "archive_member":
            return ["Found by the one model in the archive."];
          case "blake3":
            return ["Found by its BLAKE3 hash."];
          case "sha256":
          case "embedded":
          case "link":
            return [];
        }
      },
      unknownHash: (provenance: Exclude<Provenance, "measured">, tool: Tool | null) => {
        const whose = provenance === "imported" ? `the hash from ${toolOr(tool)}` : "the hash it is believed to have";
        return `Civitai does not know ${whose}. Reading the file in full will settle it.`;
      },
      notFound: (at: number | null, now: number) =>
        at === null ? "Not known to Civitai" : `Not known to Civitai, asked ${ago(at, now)}`,
      toRead: "Waiting to be read",
      toReadHint: "The next scan reads it in full and works out its hashes.",
      toAsk: "Waiting for Civitai",
      next: (at: number, now: number) => (at <= now ? "Next try soon." : `Next try ${when(at, now)}.`),
      failed: "This file cannot be read",
      missing: "Not on disk",
      missingHint: "Its drive may be away, or the file was moved or deleted. What is known about it stays here.",
    },
    note: {
      corrected: "Taken for another file before",
      correctedBody: ({ provenance, source, sha256, at }: Correction, now: number) => {
        const hash = `\`${sha256.slice(0, 10)}\``;
        const believed = {
          imported: `${upperFirst(toolOr(source))} gave its hash as ${hash}`,
          quick: `A small sample made it look like ${hash}`,
          claimed: `Civitai claimed its hash to be ${hash}`,
          measured: `An earlier reading gave its hash as ${hash}`,
        }[provenance];
        return `${believed}. Reading it in full ${ago(at, now)} showed otherwise.`;
      },
      removed: (at: number, now: number) => `No longer at Civitai (noticed ${ago(at, now)})`,
      removedBody: "What it said is kept.",
    },
    beside: {
      title: "Beside the file",
      kind: (kind: SidecarKind) => sidecarKinds[kind],
      shared: (others: readonly string[]) =>
        `Shared with ${others.length === 1 ? (others[0] ?? "") : plural(others.length, "other model", "other models")}`,
      activation: "Activation text",
      negative: "Negative text",
      weight: "Weight",
      figure: (weight: number) => String(Number(weight.toFixed(2))),
      notes: "Notes",
    },
    history: {
      title: "History",
      span: (first: number, last: number, now: number) =>
        day(first, now) === day(last, now) ? day(first, now) : `${day(first, now)} to ${day(last, now)}`,
      exactly: (first: string, last: string) => `First said ${first}, last said ${last}`,
      listed: (amount: number, previews: number) => `${files(amount)}, ${plural(previews, "preview", "previews")}`,
    },
  },

  firstRun: {
    title: "See what you have",
    lead: "Modeldock lists every Stable Diffusion model on this computer and tells you what each one is. Nothing is moved, renamed or deleted.",
    found: "Found on this computer",
    looking: "Looking for installations",
    none: "No installation was found in the usual places. Add the folder your models are in.",
    summary: (amount: number, size: number) => `${files(amount)}, ${bytes(size)}`,
    add: "Add a folder",
    pathLabel: "Folder path",
    pathPlaceholder: "/data/models",
    addPath: "Add",
    yours: "Added by you",
    remove: (path: string) => `Take ${path} off the list`,
    readTitle: "What is read",
    readBody: "Each model file once, in full, to work out its hashes. Later only what is new or changed.",
    sentTitle: "What is sent",
    sentOn: (host: string) => `Only the hashes, to ${host}. No file names, no folders, no account.`,
    sentOff: "Nothing. You can turn look-up on later in Settings.",
    lookUp: "Look models up at Civitai",
    start: "Start",
    starting: "Starting…",
    startNone: "Tick or add a folder first",
    detectFailed: "Looking for installations failed",
  },

  scan: {
    label: "Scan",
    phase: (phase: ScanPhase) => phases[phase],
    paused: "Paused",
    named: "All are named already; pause or stop any time",
    found: (amount: number) => `${files(amount)} found`,
    filesOf: (done: number, all: number) => `${count(done)} of ${files(all)}`,
    bytesOf: (done: number, all: number) => `${bytes(done)} of ${bytes(all)}`,
    speed: (rate: number) => speed(rate),
    left: (seconds: number) => `${duration(seconds)} left`,
    pause: "Pause",
    resume: "Resume",
    cancel: "Cancel",
    now: "Scan now",
    again: "Try again",
    progress: "Scan progress",
    done: (found: number, read: number, at: number, now: number) =>
      `${files(found)} looked through ${ago(at, now)}${read > 0 ? `, ${count(read)} read` : ", nothing new"}`,
    cancelled: (read: number) => `Scan cancelled. ${read > 0 ? `${files(read)} read so far stay known.` : "Nothing is lost."}`,
    failed: "The scan stopped",
    problem: "One thing to know",
    idle: (at: number, now: number) => `Last looked through ${ago(at, now)}`,
    never: "Not looked through yet",
    dismiss: "Dismiss",
  },

  settings: {
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
  },

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
