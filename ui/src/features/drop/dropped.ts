/** What was dropped, and what may be promised of it while it is still held over the page. Pure. */
import { referenceAmong } from "../downloads/reference";

export type Dropped =
  | { of: "reference"; what: string }
  /** From a shell that tells where they lie. */
  | { of: "paths"; folders: string[]; models: string[]; others: string[] }
  /** From a browser: names are all there is. */
  | { of: "names"; names: string[] }
  | { of: "unknown" };

export type Over = { of: "link" } | { of: "files" } | { of: "folders"; amount: number } | { of: "models"; amount: number } | { of: "blind" };

const model = /\.(safetensors|sft|ckpt|pt|pt2|pth|bin|gguf|pkl|onnx|zip)$/i;
// Where nothing but a name is known, a few endings say that it is no folder.
const other = /\.(png|jpe?g|webp|gif|avif|mp4|webm|mov|txt|md|json|ya?ml|toml|csv|pdf|exe|msi|dmg|py|sh|bat|html?|info|7z|rar|gz)$/i;

export function isModel(path: string): boolean {
  return model.test(path);
}

export function fromPaths(paths: readonly string[]): Dropped {
  // Some systems hand over a link that is dragged out of a browser as if it were a file's path.
  const link = paths.map((path) => /https?:\/\/?\S+/i.exec(path)?.[0]).find((found) => found !== undefined);
  if (link !== undefined) {
    const what = referenceAmong(link.replace(/^(https?:)\/+/i, "$1//"));
    return what === null ? { of: "unknown" } : { of: "reference", what };
  }
  const models = paths.filter(isModel);
  const others = paths.filter((path) => !isModel(path) && other.test(path));
  return { of: "paths", models, others, folders: paths.filter((path) => !models.includes(path) && !others.includes(path)) };
}

/** The part of a browser's drag that is used here. */
export interface Transfer {
  types: readonly string[];
  files: ArrayLike<{ name: string }>;
  getData: (type: string) => string;
}

export function fromTransfer(transfer: Transfer): Dropped {
  const what = referenceAmong(transfer.getData("text/uri-list")) ?? referenceAmong(transfer.getData("text/plain"));
  if (what !== null) return { of: "reference", what };
  if (transfer.files.length > 0) return { of: "names", names: Array.from(transfer.files, ({ name }) => name) };
  return { of: "unknown" };
}

/** While it is held, a browser tells only of what kind it is. `null`: nothing for this page. */
export function overOf(types: readonly string[]): Over | null {
  if (types.includes("text/uri-list") || types.includes("text/x-moz-url")) return { of: "link" };
  if (types.includes("Files")) return { of: "blind" };
  return types.includes("text/plain") ? { of: "link" } : null;
}

export function overPaths(paths: readonly string[]): Over {
  const dropped = fromPaths(paths);
  if (dropped.of !== "paths") return { of: "link" };
  if (dropped.models.length === paths.length) return { of: "models", amount: paths.length };
  if (dropped.folders.length === paths.length) return { of: "folders", amount: paths.length };
  return { of: "files" };
}

/** Whether a path is a folder's own or below it, with either kind of slash. */
export function isIn(folder: string, path: string): boolean {
  const base = folder.replace(/[\\/]+$/, "");
  return path === base || (path.startsWith(base) && /^[\\/]/.test(path.slice(base.length)));
}

export function lastOf(path: string): string {
  return path.replace(/[\\/]+$/, "").split(/[\\/]/).pop() ?? path;
}

export function parentOf(path: string): string {
  return path.replace(/[\\/]+[^\\/]*[\\/]*$/, "") || path;
}
