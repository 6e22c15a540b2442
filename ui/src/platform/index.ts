/** Chooses the shell. Each is loaded only where it is used. */
import { HttpPlatform } from "./http";
import type { Platform } from "./types";

export { CommandError, isWireError } from "./types";
export type { Capabilities, CommandName, Connection, FileDrag, Platform, PreviewIndex, Request, Response } from "./types";

export async function choosePlatform(): Promise<Platform> {
  if ("__TAURI_INTERNALS__" in window) {
    const { TauriPlatform } = await import("./tauri");
    return new TauriPlatform();
  }
  if (import.meta.env.DEV && new URLSearchParams(location.search).has("fake")) {
    const { fakeFromAddress } = await import("./fake-scenes");
    return fakeFromAddress(location.search);
  }
  return new HttpPlatform();
}
