/** The page in the desktop window. The only file that knows Tauri. */
import { Channel, invoke } from "@tauri-apps/api/core";
import { getCurrentWebview } from "@tauri-apps/api/webview";

import type { Event as EngineEvent } from "../bindings/Event";
import { text } from "../text";
import { copyText } from "./clipboard";
import { backoff, ConnectionState } from "./connection";
import { CommandError, isWireError } from "./types";
import type { CommandName, FileDrag, Platform, PreviewIndex, Request, Response as Answer } from "./types";

// WebView2 and Android's view only load http(s); Tauri maps the scheme to a host there.
const previewBase = /Windows|Android/.test(navigator.userAgent) ? "http://preview.localhost" : "preview://localhost";

export class TauriPlatform implements Platform {
  readonly capabilities = { pickFolder: true, reveal: true, dropPaths: true, notify: true, startAtLogin: true };
  readonly #connection = new ConnectionState();

  async call<K extends CommandName>(name: K, request: Request<K>): Promise<Answer<K>> {
    return native<Answer<K>>("rpc", { name, request });
  }

  subscribe(handler: (event: EngineEvent) => void): () => void {
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let attempt = 0;

    const open = () => {
      if (ended) return;
      const channel = new Channel<EngineEvent>();
      channel.onmessage = (event) => {
        if (!ended) handler(event);
      };
      native("subscribe", { channel }).then(
        () => {
          if (ended) return;
          this.#connection.set("open");
          if (attempt > 0) handler({ event: "resync" });
        },
        () => {
          if (ended) return;
          this.#connection.set("lost");
          timer = setTimeout(open, backoff(attempt++));
        },
      );
    };
    open();

    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }

  connection() {
    return this.#connection.current();
  }

  onConnection(listener: () => void) {
    return this.#connection.listen(listener);
  }

  previewUrl(fileId: number, which: PreviewIndex, key: string): string {
    return `${previewBase}/${fileId}/${which}?v=${encodeURIComponent(key)}`;
  }

  cataloguePictureUrl(key: string, which: "thumb" | "whole"): string {
    return `${previewBase}/catalogue/${key}/${which}?v=1`;
  }

  onFileDrag(handler: (drag: FileDrag) => void): () => void {
    let ended = false;
    let stop: (() => void) | undefined;
    const listening = getCurrentWebview().onDragDropEvent(({ payload }) => {
      if (ended || payload.type === "over") return;
      handler(payload.type === "leave" ? { type: "leave" } : { type: payload.type, paths: payload.paths });
    });
    listening.then(
      (unlisten) => {
        stop = unlisten;
        if (ended) unlisten();
      },
      // The window may not listen: everything that can be dropped can be added in another way as well.
      () => undefined,
    );
    return () => {
      ended = true;
      stop?.();
    };
  }

  pickFolder(): Promise<string | null> {
    return native<string | null>("pick_folder");
  }

  async reveal(fileId: number): Promise<void> {
    await native("reveal", { fileId });
  }

  async openExternal(url: string): Promise<void> {
    await native("open_external", { url });
  }

  copyText(value: string): Promise<void> {
    return copyText(value);
  }

  startsAtLogin(): Promise<boolean> {
    return native<boolean>("start_at_login");
  }

  async setStartAtLogin(on: boolean): Promise<void> {
    await native("set_start_at_login", { on });
  }
}

async function native<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    if (isWireError(error)) throw new CommandError(error);
    const message = typeof error === "string" ? error : text.errors.internal.message;
    throw new CommandError({ code: "internal", message, hint: text.errors.internal.hint, retryable: false });
  }
}
