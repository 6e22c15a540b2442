/**
 * What the page asks of the shell it runs in. Three shells answer: the desktop window, `modeldock serve` and, while
 * developing, an engine made of memory. Ask `capabilities`, never which shell it is.
 */
import type { Commands } from "../bindings/commands";
import type { Event as EngineEvent } from "../bindings/Event";
import type { WireError } from "../bindings/WireError";

export type CommandName = keyof Commands;
export type Request<K extends CommandName> = Commands[K]["request"];
export type Response<K extends CommandName> = Commands[K]["response"];

/** How the stream of events stands. */
export type Connection = "connecting" | "open" | "lost";

export interface Capabilities {
  /** The shell can ask for a folder on this computer. */
  pickFolder: boolean;
  /** The shell can show a file in the file manager. */
  reveal: boolean;
  /** The shell tells where files lie that are dragged onto the page. */
  dropPaths: boolean;
  /** The shell stays in the tray and notifies from there. */
  notify: boolean;
  /** The shell can start with the user's session. */
  startAtLogin: boolean;
}

/** Files and folders that are dragged over the page from outside: where they lie. */
export type FileDrag = { type: "enter" | "drop"; paths: string[] } | { type: "leave" };

/** `thumb` is a small cover, for lists. */
export type PreviewIndex = "cover" | "thumb" | number;

export interface Platform {
  readonly capabilities: Capabilities;
  /** Rejects with [`CommandError`], whatever went wrong. */
  call<K extends CommandName>(name: K, request: Request<K>): Promise<Response<K>>;
  /** Ends at once when the returned function is called, even before the stream is up. */
  subscribe(handler: (event: EngineEvent) => void): () => void;
  connection(): Connection;
  onConnection(listener: () => void): () => void;
  /** `key` changes when the picture does, so that it may be cached for ever. */
  previewUrl(fileId: number, which: PreviewIndex, key: string): string;
  /** A picture the engine showed in the catalogue, by the key it gave. */
  cataloguePictureUrl(key: string, which: "thumb" | "whole"): string;
  /** Only with `dropPaths`: otherwise the page's own events are all there is. */
  onFileDrag(handler: (drag: FileDrag) => void): () => void;
  /** `null` when nothing was picked. */
  pickFolder(): Promise<string | null>;
  reveal(fileId: number): Promise<void>;
  openExternal(url: string): Promise<void>;
  copyText(text: string): Promise<void>;
  /** Only with `startAtLogin`. The system is asked each time: it may be changed there as well. */
  startsAtLogin(): Promise<boolean>;
  setStartAtLogin(on: boolean): Promise<void>;
}

/** A failure as the engine tells it: what failed, on what, and what to do next. */
export class CommandError extends Error {
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(wire.message);
    this.name = "CommandError";
    this.wire = wire;
  }
}

export function isWireError(value: unknown): value is WireError {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    "message" in value &&
    typeof value.code === "string" &&
    typeof value.message === "string"
  );
}
