/** The page in a browser, served by `modeldock serve`: same origin, a cookie says who is asking. */
import type { Event as EngineEvent } from "../bindings/Event";
import { text } from "../text";
import { copyText } from "./clipboard";
import { backoff, ConnectionState } from "./connection";
import { CommandError, isWireError } from "./types";
import type { CommandName, Platform, PreviewIndex, Request, Response as Answer } from "./types";

export class HttpPlatform implements Platform {
  readonly capabilities = { pickFolder: false, reveal: false, dropPaths: false, notify: false, startAtLogin: false };
  readonly #connection = new ConnectionState();

  async call<K extends CommandName>(name: K, request: Request<K>): Promise<Answer<K>> {
    let response: Response;
    try {
      response = await fetch(`/rpc/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(request),
        credentials: "same-origin",
      });
    } catch {
      throw new CommandError({ code: "offline", ...text.errors.unreachable, retryable: true });
    }
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body as Answer<K>;
    throw new CommandError(isWireError(body) ? body : failureOf(response.status));
  }

  subscribe(handler: (event: EngineEvent) => void): () => void {
    let ended = false;
    let socket: WebSocket | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let attempt = 0;
    let mayHaveMissed = false;

    const open = () => {
      if (ended) return;
      const mine = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
      socket = mine;
      mine.onopen = () => {
        if (ended) return;
        attempt = 0;
        this.#connection.set("open");
        if (mayHaveMissed) handler({ event: "resync" });
        mayHaveMissed = true;
      };
      mine.onmessage = (message: MessageEvent<unknown>) => {
        if (ended || typeof message.data !== "string") return;
        const event = parseEvent(message.data);
        if (event) handler(event);
      };
      mine.onclose = () => {
        if (ended) return;
        mayHaveMissed = true;
        this.#connection.set("lost");
        timer = setTimeout(open, backoff(attempt++));
      };
    };
    open();

    return () => {
      ended = true;
      clearTimeout(timer);
      socket?.close();
    };
  }

  connection() {
    return this.#connection.current();
  }

  onConnection(listener: () => void) {
    return this.#connection.listen(listener);
  }

  previewUrl(fileId: number, which: PreviewIndex, key: string): string {
    return `/preview/${fileId}/${which}?v=${encodeURIComponent(key)}`;
  }

  cataloguePictureUrl(key: string, which: "thumb" | "whole"): string {
    return `/preview/catalogue/${key}/${which}`;
  }

  onFileDrag(): () => void {
    return () => undefined;
  }

  pickFolder(): Promise<string | null> {
    return Promise.resolve(null);
  }

  reveal(): Promise<void> {
    return Promise.resolve();
  }

  openExternal(url: string): Promise<void> {
    window.open(url, "_blank", "noopener,noreferrer");
    return Promise.resolve();
  }

  copyText(value: string): Promise<void> {
    return copyText(value);
  }

  startsAtLogin(): Promise<boolean> {
    return Promise.resolve(false);
  }

  setStartAtLogin(): Promise<void> {
    return Promise.resolve();
  }
}

function parseEvent(data: string): EngineEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && "event" in value ? (value as EngineEvent) : null;
  } catch {
    // A message this version cannot read is a hint missed, and hints may be missed.
    return null;
  }
}

function failureOf(status: number) {
  if (status === 401 || status === 403) {
    return { code: "unauthorised" as const, ...text.errors.signedOut, retryable: false };
  }
  return { code: "server" as const, ...text.errors.oddAnswer(status), retryable: status >= 500 };
}
