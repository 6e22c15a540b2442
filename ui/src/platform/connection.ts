/** The state of an event stream, and how long to wait before the next try. */
import type { Connection } from "./types";

export class ConnectionState {
  #state: Connection = "connecting";
  readonly #listeners = new Set<() => void>();

  current(): Connection {
    return this.#state;
  }

  set(state: Connection): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

/** 0.25 s, doubling, at most 10 s. */
export function backoff(attempt: number): number {
  return Math.min(10_000, 250 * 2 ** Math.min(attempt, 10));
}
