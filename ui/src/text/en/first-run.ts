/** The words of the first run. */
import { bytes } from "../format";
import { files } from "./names";

export const firstRun = {
  title: "See what you have",
  lead: "Modeldock lists every Stable Diffusion model on this computer and tells you what each one is. Nothing is moved, renamed or deleted.",
  readOnly: "No folders yet",
  readOnlyHint: "This page may only look. Folders are added where Modeldock runs without `--read-only`.",
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
  account: "Have a Civitai account?",
  accountHint:
    "Nothing here needs one. With a key you can download what Civitai gives to its users only; paired by a code, the site can send models to this computer. Both are in Settings, whenever you like.",
  accountNext: "Take me there after the start",
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
};
